package attention

import (
	"slices"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// maxMonths is how many silent months are named one by one.
const maxMonths = 24

// allClear says what was checked, over which time, and what could not be: an all-clear that hides its limits is worth
// nothing. What could not be checked is told as what to do about it.
func (c *conclusion) allClear() {
	genuine, unverifiable, unread, notices, fakes := 0, 0, 0, 0, 0
	for i := range c.Entries {
		e := &c.Entries[i]
		if c.foreign(e) {
			continue
		}
		switch v := c.verdict(e); {
		case v.FromAmazon():
			genuine++
			if account(c.event(e)) {
				notices++
				if !e.Flags.KnownRead() && !e.Flags.KnownUnread() {
					unread++
				}
			}
		case v == finding.Unverifiable:
			unverifiable++
		case v == finding.Impersonation:
			fakes++
		}
	}
	a := args{"n": genuine, "notices": notices, "fakes": fakes}
	id := AllClear
	if c.Span[0].IsZero() || c.Span[1].IsZero() {
		id += ".undated"
	} else {
		a["start"], a["end"] = stamp(c.Span[0]), stamp(c.Span[1])
	}
	if genuine == 0 {
		id += ".nothing"
	}
	var steps []finding.Text
	if months := c.silentMonths(); len(months) > maxMonths {
		steps = append(steps, finding.Text{ID: "limit.silent_months.many", Args: args{"n": len(months), "first": months[0], "last": months[len(months)-1]}})
	} else if len(months) > 0 {
		steps = append(steps, finding.Text{ID: "limit.silent_months", Args: args{"n": len(months), "months": months}})
	}
	if unread > 0 {
		steps = append(steps, finding.Text{ID: "limit.read_unknown", Args: args{"n": unread, "of": notices}})
	}
	if unverifiable > 0 {
		steps = append(steps, finding.Text{ID: "limit.unverifiable", Args: args{"n": unverifiable}})
	}
	market := c.homes()[""]
	steps = append(steps, c.outside(market))
	c.add(finding.Attention{
		ID: fact.StableID("a", AllClear), Severity: finding.Info, Kind: AllClear, Why: text(id, a), Do: slices.Concat(steps, do("clear", place{market: market})),
	}, nil)
}

// silentMonths are the months inside the span of the mailbox in which it holds no mail at all, "2006-01".
func (c *conclusion) silentMonths() []string {
	if c.Months == nil || c.Span[0].IsZero() || c.Span[1].IsZero() {
		return nil
	}
	var out []string
	first, last := c.Span[0].UTC(), c.Span[1].UTC()
	for y, m := first.Year(), int(first.Month()); y < last.Year() || y == last.Year() && m <= int(last.Month()); {
		if name := month(y, m); c.Months[name] == 0 {
			out = append(out, name)
		}
		if m++; m > 12 {
			y, m = y+1, 1
		}
	}
	return out
}

func month(y, m int) string {
	return string([]byte{
		byte('0' + y/1000%10), byte('0' + y/100%10), byte('0' + y/10%10), byte('0' + y%10), '-', byte('0' + m/10), byte('0' + m%10),
	})
}

// outside says where to look for what mail cannot tell: on the one site of what was audited, or on each brand's own.
func (c *conclusion) outside(market string) finding.Text {
	at, accounts := place{market: market}, 0
	if c.Brands != nil {
		for _, b := range c.Brands.All() {
			if b.Can(brand.Account) {
				accounts++
				at.brand = nil
				if !b.Can(brand.Shops) {
					at.brand = b
				}
			}
		}
	}
	if accounts > 1 || at.site() == "" {
		return finding.Text{ID: "limit.outside.brands"}
	}
	return finding.Text{ID: "limit.outside", Args: args{"site": at.site()}}
}
