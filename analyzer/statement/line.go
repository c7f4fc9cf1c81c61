package statement

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// lines are the keys of each issuer, account and event, which differ in their cards.
func lines(groups map[key][]uint32) map[key][]key {
	out := make(map[key][]key)
	for k := range groups {
		whole := k
		whole.line = 0
		out[whole] = append(out[whole], k)
	}
	return out
}

// joinUnnamed puts statements that name no card to those of the one card there is: some issuers name it in some of
// their mails only. With several cards they stay apart.
func (f *finder) joinUnnamed(groups map[key][]uint32) {
	for whole, list := range lines(groups) {
		named := slices.DeleteFunc(list, func(k key) bool { return k.line == 0 })
		if len(named) == 1 && len(groups[whole]) > 0 {
			groups[whole] = append(groups[whole], groups[named[0]]...)
			f.sort(groups[whole])
			delete(groups, named[0])
		} else if len(named) == 1 {
			groups[whole] = groups[named[0]]
			delete(groups, named[0])
		}
	}
}

// succession is how long after the last statement of a card those of the next one may begin for it to be the same
// contract under another number: two months and some days, for the first bill of a new card is often empty.
const succession = 70 * 24 * 60 * 60

// joinSuccessors joins cards that follow one another, a number that was replaced: without that the old one would be
// missing for good. Cards that were ever billed side by side are two.
func (f *finder) joinSuccessors(groups map[key][]uint32) {
	for whole, list := range lines(groups) {
		if len(list) < 2 || f.events[whole.event] == finding.SubscriptionCharged {
			continue
		}
		first := func(k key) int64 { return f.Entries[groups[k][0]].Time }
		last := func(k key) int64 { return f.Entries[groups[k][len(groups[k])-1]].Time }
		slices.SortFunc(list, func(a, b key) int { return cmp.Or(cmp.Compare(first(a), first(b)), a.compare(b)) })
		for at := 0; at < len(list); at++ {
			for next := at + 1; next < len(list); {
				a, b := list[at], list[next]
				// Another card that was billed on both sides of the change leaves two ways to read it, and no reason
				// against this one. Two that begin after it would be a guess.
				rivals := 0
				for _, o := range list[next+1:] {
					if d := first(o) - last(a); d > 0 && d <= succession {
						rivals++
					}
				}
				if d := first(b) - last(a); d <= 0 || d > succession || rivals > 0 {
					next++
					continue
				}
				groups[a] = append(slices.Clone(groups[a]), groups[b]...)
				delete(groups, b)
				list = slices.Delete(list, next, next+1)
			}
		}
		// A single one that is left is the issuer's: its id does not change with the number.
		if len(list) == 1 && list[0] != whole {
			groups[whole] = groups[list[0]]
			delete(groups, list[0])
		}
	}
}

// endsOf are the times at which a series was cancelled, of its account's endings, less what was joined again. several
// says that the issuer sends for several cards or services: an ending that names another one is not this one's, and one
// that names none is that of a card only where there is but one.
func (f *finder) endsOf(k key, ends map[uint32][]ending, several bool) []int64 {
	var out []int64
	event := f.events[k.event]
	line := k.line
	prime := event == finding.PrimeRenewal
	for _, e := range f.same(k.account, ends) {
		switch {
		case e.brand != k.brand:
		case e.event == finding.PrimeCancelled || e.begins:
			if !prime {
				continue
			}
			if e.begins {
				out = slices.DeleteFunc(out, func(t int64) bool { return t < e.time })
				continue
			}
			out = append(out, e.time)
		case prime || event == finding.AWSBilling || event == finding.StatementInvoice:
		case event == finding.SubscriptionCharged:
			// A service by its name; one that names none ends the only one there is.
			if e.line == line || !several && (e.line == 0 || line == 0) {
				out = append(out, e.time)
			}
		case !several || e.line == line:
			out = append(out, e.time)
		}
	}
	return out
}

// same are the endings of an account: a cancellation often names no marketplace.
func (f *finder) same(account uint32, ends map[uint32][]ending) []ending {
	if int(account) >= len(f.Accounts) {
		return ends[account]
	}
	var out []ending
	for a := range f.Accounts {
		if list := ends[uint32(a)]; len(list) > 0 && f.Accounts[account].Same(f.Accounts[a]) {
			out = append(out, list...)
		}
	}
	slices.SortStableFunc(out, func(a, b ending) int { return cmp.Compare(a.time, b.time) })
	return out
}

// details are those of a statement, nil where there are none.
func (f *finder) fact(i uint32) *fact.Fact {
	if f.Lookup == nil || f.failed != nil {
		return nil
	}
	x, err := f.Lookup(f.Entries[i].Pos)
	if err != nil {
		f.failed = fmt.Errorf("looking up statement %s: %w", f.Entries[i].ID(), err)
		return nil
	}
	return x
}

// card is what tells a series from others of its issuer: "*" and the last digits of the card that a statement is for, its
// name, the account of AWS, or the name of the subscription.
func (f *finder) card(i uint32) string {
	x := f.fact(i)
	if x == nil || x.Details == nil {
		return ""
	}
	switch d := x.Details; {
	case x.Event == finding.SubscriptionCharged:
		return d.Merchant
	case x.Event == finding.AWSBilling:
		return d.AWSAccount
	case d.CardEnd == "":
		return d.Card
	default:
		return "*" + d.CardEnd
	}
}

// shown is how many statements of a series are asked for the issuer's zone.
const shown = 5

// zone is the zone in which the months of a series are counted: the owner's, else that in which the issuer writes its
// dates. An issuer whose first statements don't agree, to an hour of summer time, shows none: UTC.
func (f *finder) zone(list []uint32) *time.Location {
	if f.Location != nil {
		return f.Location
	}
	east, known := 0, false
	for _, i := range list[:min(shown, len(list))] {
		x := f.fact(i)
		if x == nil || x.Date == nil || x.Date.Time.IsZero() {
			continue
		}
		_, offset := x.Date.Time.Zone()
		switch d := offset - east; {
		case !known:
			east, known = offset, true
		case d > 3600 || d < -3600:
			return time.UTC
		}
	}
	if !known || east == 0 {
		return time.UTC
	}
	return time.FixedZone("", east)
}
