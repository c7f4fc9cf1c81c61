package statement_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/statement"
)

// calendar is a mailbox with statements of one issuer, written by a seed, and what must be found in it. It knows when each
// statement was due and what became of it, and nothing of how periods are told.
type calendar struct {
	r       *rand.Rand
	zone    *time.Location
	start   time.Time // first day of the mailbox
	end     time.Time
	entries []fact.Entry
	holes   [][2]time.Time    // no mail of any kind
	want    map[string]string // "line/period" to state; "missing" may be told "impersonated" where a fake is expected
}

var tokyo = time.FixedZone("JST", 9*60*60)

func newCalendar(seed uint64) *calendar {
	r := rand.New(rand.NewPCG(seed, 15))
	start := time.Date(2016+r.IntN(8), time.Month(1+r.IntN(12)), 1+r.IntN(5), 0, 0, 0, 0, tokyo)
	return &calendar{r: r, zone: tokyo, start: start, want: make(map[string]string)}
}

func (c *calendar) mail(at time.Time, line uint32, event finding.Event, v finding.Verdict, flags fact.Flags) {
	c.entries = append(c.entries, fact.Entry{
		Content: c.r.Uint64(), Time: at.Unix(), Line: line, Event: fact.EventIndex(event), Verdict: fact.VerdictIndex(v),
		Flags: flags, Pos: uint32(len(c.entries)),
	})
}

func (c *calendar) came(at time.Time, line uint32) {
	c.mail(at, line, finding.StatementIssued, finding.Genuine, fact.SeenKnown|fact.Seen)
}

// hour is a time of that day, in the zone of the calendar: most statements come in the morning, some at night.
func (c *calendar) hour(day time.Time) time.Time {
	return day.Add(time.Duration(c.r.IntN(24*60)) * time.Minute)
}

// nth is day n of the month that is m months after the start, or its last one.
func (c *calendar) nth(m, n int) time.Time {
	first := time.Date(c.start.Year(), c.start.Month()+time.Month(m), 1, 0, 0, 0, 0, c.zone)
	return first.AddDate(0, 0, min(n, first.AddDate(0, 1, -1).Day())-1)
}

// working moves a day that lies on a weekend to the Monday behind it.
func working(t time.Time) time.Time {
	switch t.Weekday() {
	case time.Saturday:
		return t.AddDate(0, 0, 2)
	case time.Sunday:
		return t.AddDate(0, 0, 1)
	}
	return t
}

func (c *calendar) told(m int, line uint32, state string) {
	c.want[fmt.Sprintf("%d/%s", line, c.nth(m, 1).Format("2006-01"))] = state
}

// monthly writes n months of statements on a day, with some of them missing; day gives the day of each.
func (c *calendar) monthly(n int, line uint32, missing float64, day func(m int) time.Time) {
	run := 0
	for m := range n {
		// The first three and the last two are there: a cadence must be known, and what is due at the end is another kind.
		if m >= 3 && m < n-2 && run < 3 && c.r.Float64() < missing {
			run++
			c.told(m, line, "missing")
			continue
		}
		run = 0
		c.came(c.hour(day(m)), line)
		c.told(m, line, "read")
	}
	c.end = later(later(c.end, c.nth(n-1, 28)), c.entries[len(c.entries)-1].When().Add(time.Hour))
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// others are the hours of all mail: a newsletter every few days but in the holes.
func (c *calendar) others() map[int32]int32 {
	out := make(map[int32]int32)
	for t := c.start; !t.After(c.end); t = t.Add(time.Duration(20+c.r.IntN(100)) * time.Hour) {
		if !slices.ContainsFunc(c.holes, func(h [2]time.Time) bool { return t.After(h[0]) && t.Before(h[1]) }) {
			out[int32(t.Unix()/3600)]++
		}
	}
	for i := range c.entries {
		out[int32(c.entries[i].Time/3600)]++
	}
	out[int32(c.end.Unix()/3600)]++
	return out
}

// makers write one kind of calendar each.
func makers() []struct {
	name string
	make func(c *calendar)
} {
	n := func(c *calendar) int { return 14 + c.r.IntN(30) }
	day := func(c *calendar, d int) func(int) time.Time { return func(m int) time.Time { return c.nth(m, d) } }
	return []struct {
		name string
		make func(c *calendar)
	}{
		{"day N of the month", func(c *calendar) { c.monthly(n(c), 0, .1, day(c, 1+c.r.IntN(28))) }},
		{"last day of the month", func(c *calendar) { c.monthly(n(c), 0, .1, day(c, 31)) }},
		{"day 29 or 30, or the last of February", func(c *calendar) { c.monthly(n(c), 0, .1, day(c, 29+c.r.IntN(2))) }},
		{"moved behind weekends", func(c *calendar) {
			d := 1 + c.r.IntN(26)
			c.monthly(n(c), 0, .1, func(m int) time.Time { return working(c.nth(m, d)) })
		}},
		{"the first of the month, by the zone only", func(c *calendar) {
			k := n(c)
			for m := range k {
				if m == 6 {
					c.told(m, 0, "missing")
					continue
				}
				c.came(c.nth(m, 1).Add(time.Duration(c.r.IntN(9*60))*time.Minute), 0)
				c.told(m, 0, "read")
			}
			c.end = c.nth(k-1, 28)
		}},
		{"a closing day that moved", func(c *calendar) {
			a, b, at := 3+c.r.IntN(8), 16+c.r.IntN(9), 6+c.r.IntN(5)
			c.monthly(n(c), 0, 0, func(m int) time.Time {
				if m < at {
					return c.nth(m, a)
				}
				return c.nth(m, b)
			})
		}},
		{"a few days late now and then", func(c *calendar) {
			d := 1 + c.r.IntN(20)
			c.monthly(n(c), 0, .1, func(m int) time.Time { return c.nth(m, d).AddDate(0, 0, c.r.IntN(4)) })
		}},
		{"provisional, fixed and a reminder", func(c *calendar) {
			d, k := 2+c.r.IntN(15), n(c)
			c.monthly(k, 0, .1, day(c, d))
			for _, e := range slices.Clone(c.entries) {
				c.came(e.When().AddDate(0, 0, 3), 0)
			}
		}},
		{"the amount and the day of payment in one month", func(c *calendar) {
			d := 1 + c.r.IntN(8)
			c.monthly(n(c), 0, .1, day(c, d))
			for _, e := range slices.Clone(c.entries) {
				c.came(e.When().AddDate(0, 0, 13+c.r.IntN(3)), 0)
			}
		}},
		{"the amount and the day of payment across the month's end", func(c *calendar) {
			d := 22 + c.r.IntN(6)
			c.monthly(n(c), 0, .1, day(c, d))
			for _, e := range slices.Clone(c.entries) {
				c.came(working(e.When().AddDate(0, 0, 10+c.r.IntN(2))), 0)
			}
		}},
		{"across the month's end, one of two missing now and then", func(c *calendar) {
			k := n(c)
			for m := range k {
				one, two := true, true
				if m >= 4 && m < k-2 {
					switch c.r.IntN(6) {
					case 0:
						one = false
					case 1:
						two = false
					case 2:
						one, two = false, c.r.IntN(2) == 0
					}
				}
				if one {
					c.came(c.hour(c.nth(m, 25)), 0)
				}
				if two {
					c.came(c.hour(c.nth(m+1, 6)), 0)
				}
				if one || two {
					c.told(m, 0, "read")
				} else {
					c.told(m, 0, "missing")
				}
			}
			c.end = c.nth(k, 20)
		}},
		{"unread, spam and trash", func(c *calendar) {
			c.monthly(n(c), 0, 0, day(c, 1+c.r.IntN(28)))
			for i := range c.entries {
				at := c.entries[i].When().In(c.zone)
				key := "0/" + at.Format("2006-01")
				switch c.r.IntN(4) {
				case 0:
					c.entries[i].Flags, c.want[key] = fact.SeenKnown, "unread"
				case 1:
					c.entries[i].Flags, c.want[key] = fact.SeenKnown|fact.InSpam, "spam"
				case 2:
					c.entries[i].Flags, c.want[key] = fact.InTrash, "trash"
				}
			}
		}},
		{"the same statement twice within the day", func(c *calendar) {
			c.monthly(n(c), 0, .1, day(c, 1+c.r.IntN(28)))
			for _, e := range slices.Clone(c.entries) {
				c.came(e.When().Add(time.Hour), 0)
			}
		}},
		{"fakes in missing months", func(c *calendar) {
			d, k := 5+c.r.IntN(18), n(c)
			c.monthly(k, 0, .15, day(c, d))
			for m := range k {
				if key := "0/" + c.nth(m, 1).Format("2006-01"); c.want[key] == "missing" {
					c.mail(c.nth(m, d+2), 0, finding.StatementIssued, finding.Impersonation, 0)
					c.want[key] = "impersonated"
				}
			}
		}},
		{"forwarded copies in missing months", func(c *calendar) {
			d, k := 5+c.r.IntN(18), n(c)
			c.monthly(k, 0, .15, day(c, d))
			for m := range k {
				c.mail(c.nth(m, d+1), 0, finding.StatementIssued, finding.Unverifiable, fact.Forwarded)
			}
		}},
		{"lists of charges and advertising beside it", func(c *calendar) {
			k := n(c)
			c.monthly(k, 0, .15, day(c, 1+c.r.IntN(28)))
			for m := range k {
				for range c.r.IntN(6) {
					c.mail(c.nth(m, 1+c.r.IntN(28)), 0, finding.StatementChargeNotice, finding.Genuine, 0)
					c.mail(c.nth(m, 1+c.r.IntN(28)), 0, finding.Marketing, finding.Genuine, 0)
				}
			}
		}},
		{"two cards", func(c *calendar) {
			k := n(c)
			c.monthly(k, 11, .15, day(c, 12))
			c.monthly(k, 13, .15, day(c, 12+c.r.IntN(10)))
		}},
		{"a card whose number was replaced", func(c *calendar) {
			k := n(c)
			c.monthly(k, 11, 0, day(c, 12))
			at := 5 + c.r.IntN(k-8)
			for i := at; i < k; i++ {
				c.entries[i].Line = 13
			}
		}},
		{"a month without any mail", func(c *calendar) {
			d, k := 8+c.r.IntN(14), n(c)
			at := 4 + c.r.IntN(k-7)
			c.holes = append(c.holes, [2]time.Time{c.nth(at, d).AddDate(0, 0, -13), c.nth(at, d).AddDate(0, 0, 13)})
			for m := range k {
				if m == at {
					c.told(m, 0, "silent")
					continue
				}
				c.came(c.hour(c.nth(m, d)), 0)
				c.told(m, 0, "read")
			}
			c.end = c.nth(k-1, 28)
		}},
		{"stopped without a word", func(c *calendar) {
			k := n(c)
			c.monthly(k, 0, 0, day(c, 1+c.r.IntN(20)))
			for m := k; m < k+4; m++ {
				c.told(m, 0, "missing")
			}
			c.told(k+4, 0, "ended")
			c.end = c.nth(k+9, 1)
		}},
		{"cancelled and confirmed", func(c *calendar) {
			k := n(c)
			c.monthly(k, 0, 0, day(c, 1+c.r.IntN(20)))
			c.mail(c.entries[k-1].When().AddDate(0, 0, c.r.IntN(25)-10), 0, finding.SubscriptionChanged, finding.Genuine, fact.Ends)
			c.told(k, 0, "ended")
			c.end = c.nth(k+9, 1)
		}},
		{"due and not there yet", func(c *calendar) {
			k := n(c)
			c.monthly(k, 0, 0, day(c, 10))
			c.told(k, 0, "late")
			c.end = c.nth(k, 15)
		}},
		{"a date in the future", func(c *calendar) {
			c.monthly(n(c), 0, .1, day(c, 1+c.r.IntN(28)))
			c.came(c.end.AddDate(12, 0, 0), 0)
		}},
		{"three notices a month", func(c *calendar) {
			k := n(c)
			c.monthly(k, 0, 0, day(c, 2))
			for _, e := range slices.Clone(c.entries) {
				c.came(e.When().AddDate(0, 0, 8), 0)
				c.came(e.When().AddDate(0, 0, 16), 0)
			}
		}},
		{"every quarter", func(c *calendar) { c.every(3, 12) }},
		{"every half year", func(c *calendar) { c.every(6, 9) }},
		{"every year", func(c *calendar) {
			d := 1 + c.r.IntN(28)
			k := 7
			for y := range k {
				key := fmt.Sprintf("0/%d", c.nth(12*y, 1).Year())
				if y == 4 {
					c.want[key] = "missing"
					continue
				}
				c.came(c.hour(c.nth(12*y, d)), 0)
				c.want[key] = "read"
			}
			c.end = c.nth(12*(k-1)+1, 1)
		}},
	}
}

// every writes n statements, one every so many months, one of them missing.
func (c *calendar) every(months, n int) {
	d, gap := 1+c.r.IntN(28), 4+c.r.IntN(n-6)
	for k := range n {
		if k == gap {
			c.told(k*months, 0, "missing")
			continue
		}
		c.came(c.hour(working(c.nth(k*months, min(d, 24)))), 0)
		c.told(k*months, 0, "read")
	}
	c.end = c.nth((n-1)*months+1, 1)
}

// tally counts periods of calendars.
type tally struct{ right, wrong, false_, series int }

// judge compares what was found with what must be. Periods that are not due are left out.
func (c *calendar) judge(t *testing.T, name string, seed uint64, sum *tally) {
	months := make(map[string]int64)
	list := find(t, statement.Input{
		Entries: c.entries, Accounts: []fact.Account{{Address: "hanako@example.jp"}},
		Issuers: []statement.Issuer{{ID: "smbc-card", Cadence: statement.Monthly}},
		Span:    [2]time.Time{c.start, c.end}, Months: months, Arrivals: c.others(), AsOf: c.end, Location: c.zone,
	})
	got := make(map[string]string)
	lines := make(map[string]bool)
	for k := range c.want {
		line, _, _ := strings.Cut(k, "/")
		lines[line] = true
	}
	for _, s := range list {
		line := "0"
		for _, m := range s.Messages {
			if l := fmt.Sprint(c.entries[max(m, 0)].Line); m >= 0 && lines[l] {
				line = l
				break
			}
		}
		for _, p := range s.Periods {
			if p.State != statement.NotDue {
				got[line+"/"+p.Period] = p.State
			}
		}
	}
	if len(list) != len(lines) {
		sum.series++
		t.Logf("%s, seed %d: %d series", name, seed, len(list))
	}
	for k, w := range c.want {
		if got[k] == w {
			sum.right++
			continue
		}
		sum.wrong++
		if got[k] == statement.Missing {
			sum.false_++
		}
		t.Logf("%s, seed %d: %s is %q, not %q", name, seed, k, got[k], w)
	}
	for k, g := range got {
		if c.want[k] == "" {
			sum.wrong++
			if g == statement.Missing {
				sum.false_++
			}
			t.Logf("%s, seed %d: %s is %q and was never due", name, seed, k, g)
		}
	}
}

// TestCalendars reads many calendars of each kind. At least 99 of 100 periods must be right, and none that came, or that
// nothing can be said of, may be called missing.
func TestCalendars(t *testing.T) {
	seeds := uint64(20)
	if testing.Short() {
		seeds = 6
	}
	var all tally
	for _, kind := range makers() {
		var sum tally
		for seed := range seeds {
			c := newCalendar(seed)
			kind.make(c)
			c.judge(t, kind.name, seed, &sum)
		}
		t.Logf("%5d right %3d wrong %3d falsely missing: %s", sum.right, sum.wrong, sum.false_, kind.name)
		if 50*sum.wrong > sum.right {
			t.Errorf("%s: %d of %d periods are wrong", kind.name, sum.wrong, sum.right+sum.wrong)
		}
		all.right, all.wrong, all.false_, all.series = all.right+sum.right, all.wrong+sum.wrong, all.false_+sum.false_, all.series+sum.series
	}
	t.Logf("periods: %d right, %d wrong, %d falsely missing", all.right, all.wrong, all.false_)
	if 99*all.wrong > all.right || all.false_ > 0 || all.series > 0 {
		t.Errorf("%d periods right, %d wrong, %d falsely missing, %d wrong numbers of series", all.right, all.wrong, all.false_, all.series)
	}
}
