package statement

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// calendar counts the periods of one cadence. A period is a whole number: months since year 0, ISO weeks since the
// Unix epoch, or years.
type calendar struct {
	cadence string
	days    float64 // mean length of a period
	slack   float64 // how many days a statement may be late before it is missing
	ended   int     // how many periods without a statement, at the end, mean that the series has ended
}

func calendarOf(name string) calendar {
	switch name {
	case Weekly:
		return calendar{Weekly, 7, 3, 6}
	case Yearly:
		return calendar{Yearly, yearDays, 30, 2}
	}
	// Issuers move a closing day over a weekend or a holiday week (Golden Week, New Year): ten days.
	return calendar{Monthly, month, 10, 4}
}

// of is the period that a date lies in.
func (c calendar) of(t time.Time) int {
	switch c.cadence {
	case Weekly:
		day := int(time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC).Unix() / 86400)
		return int(math.Floor(float64(day+3) / 7)) // 1 January 1970 was a Thursday
	case Yearly:
		return t.Year()
	}
	return t.Year()*12 + int(t.Month()) - 1
}

// name writes a period: "2026-W05", "2026" or "2026-01".
func (c calendar) name(p int) string {
	switch c.cadence {
	case Weekly:
		y, w := time.Unix(int64(p)*7*86400, 0).UTC().ISOWeek() // the Thursday of the week
		return fmt.Sprintf("%04d-W%02d", y, w)
	case Yearly:
		return fmt.Sprintf("%04d", p)
	}
	return fmt.Sprintf("%04d-%02d", p/12, p%12+1)
}

// assign gives each statement its period. The first has that of its date; each later one moves on by as many periods
// as its date does, corrected where the gap in days says otherwise: from 31 January to 1 March is one month, from
// 1 to 31 May is one too. A period is never further than one from the date's own, and before it only at the month's end.
func (c calendar) assign(list []arrival) []int {
	out := make([]int, len(list))
	for k, a := range list {
		own := c.of(a.when)
		if k == 0 {
			out[k] = own
			continue
		}
		gap := a.day - list[k-1].day
		if c.cadence != Monthly {
			out[k] = max(out[k-1]+round(gap/c.days), own-1)
			if c.cadence == Yearly {
				out[k] = min(out[k], own+1)
			}
			continue
		}
		moved := own - c.of(list[k-1].when)
		step := moved
		switch {
		case gap <= float64(moved)*month-20:
			step--
		case gap >= float64(moved)*month+20:
			step++
		}
		ahead := 0
		if a.when.Day() >= 25 {
			ahead = 1
		}
		out[k] = min(max(out[k-1]+step, own-1), own+ahead)
		if out[k] <= out[k-1] && gap >= 20 && own > out[k-1] {
			out[k] = out[k-1] + 1
		}
	}
	return out
}

// due is the date at which a statement of a period is expected, from the last one that came.
func (c calendar) due(last arrival, lastPeriod, period int) time.Time {
	n := period - lastPeriod
	switch c.cadence {
	case Weekly:
		return last.when.AddDate(0, 0, 7*n)
	case Yearly:
		return addMonths(last.when, 12*n)
	}
	return addMonths(last.when, n)
}

// addMonths adds months and stays inside the month: one month after 31 January is 28 February.
func addMonths(t time.Time, n int) time.Time {
	first := time.Date(t.Year(), t.Month(), 1, t.Hour(), t.Minute(), t.Second(), 0, t.Location()).AddDate(0, n, 0)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(t.Day(), last)-1)
}

// read fills the periods of a series.
func (f *finder) read(s *Series, list []uint32, arrivals []arrival, fakes []uint32, cancelled []int64) {
	add := func(name, state string, at int32) {
		p := finding.Period{Period: name, State: state}
		if at >= 0 {
			p.Message = f.Entries[at].ID()
		}
		s.Periods = append(s.Periods, p)
		s.Messages = append(s.Messages, at)
	}
	c := calendarOf(s.Cadence)
	if s.Cadence == Irregular {
		// Without a cadence nothing can be missing: the months in which something came.
		byMonth := make(map[int][]uint32)
		for _, i := range list {
			p := c.of(f.Entries[i].When().In(f.Location))
			byMonth[p] = append(byMonth[p], i)
		}
		months := make([]int, 0, len(byMonth))
		for p := range byMonth {
			months = append(months, p)
		}
		slices.Sort(months)
		for _, p := range months {
			state, at := f.state(byMonth[p])
			add(c.name(p), state, int32(at))
		}
		return
	}
	periods := c.assign(arrivals)
	for k := 0; k < len(arrivals); {
		mails := slices.Clone(arrivals[k].mails)
		n := 1
		for ; k+n < len(arrivals) && periods[k+n] <= periods[k]; n++ {
			mails = append(mails, arrivals[k+n].mails...) // a second statement of the period: overlap
		}
		state, at := f.state(mails)
		add(c.name(periods[k]), state, int32(at))
		if k+n == len(arrivals) {
			f.trail(s, c, arrivals[k], periods[k], fakes, cancelled, add)
			return
		}
		for p := periods[k] + 1; p < periods[k+n]; p++ {
			state, at := f.gap(c, c.due(arrivals[k], periods[k], p), fakes)
			add(c.name(p), state, at)
		}
		k += n
	}
}

// gap is the state of a period between two statements in which none came.
func (f *finder) gap(c calendar, due time.Time, fakes []uint32) (string, int32) {
	half := int64(c.days * 86400 / 2)
	k, _ := slices.BinarySearchFunc(fakes, due.Unix()-half, func(i uint32, t int64) int { return cmp.Compare(f.Entries[i].Time, t) })
	if k < len(fakes) && f.Entries[fakes[k]].Time < due.Unix()+half {
		return Impersonated, int32(fakes[k])
	}
	if f.silent(due) {
		return Unknown, -1
	}
	return Missing, -1
}

// silent tells whether the mailbox holds no mail at all of the month in which a statement was due.
func (f *finder) silent(due time.Time) bool {
	return f.Months != nil && f.Months[due.UTC().Format("2006-01")] == 0
}

// trail is what comes after the last statement: missing, late or not due while the mailbox goes on, or the end of the
// series. With a single statement there is nothing to expect a second one by.
func (f *finder) trail(s *Series, c calendar, last arrival, lastPeriod int, fakes []uint32, cancelled []int64, add func(string, string, int32)) {
	if f.end.IsZero() || len(s.Periods) < 2 {
		return
	}
	if s.Event == finding.PrimeRenewal || s.Event == finding.SubscriptionCharged && s.Cadence == Yearly {
		if k, _ := slices.BinarySearch(cancelled, last.when.Unix()); k < len(cancelled) {
			add(c.name(lastPeriod+1), Ended, -1)
			return
		}
	}
	var states []finding.Period
	var at []int32
	over := 0
	for p := lastPeriod + 1; ; p++ {
		due := c.due(last, lastPeriod, p)
		grace := due.Add(time.Duration(c.slack * 24 * float64(time.Hour)))
		if grace.After(f.end) {
			state := NotDue
			if f.end.After(due) {
				state = Late
			}
			if f.end.Sub(due) > -time.Duration(c.days*24*float64(time.Hour)) {
				states, at = append(states, finding.Period{Period: c.name(p), State: state}), append(at, -1)
			}
			break
		}
		state, i := f.gap(c, due, fakes)
		states, at = append(states, finding.Period{Period: c.name(p), State: state}), append(at, i)
		if state != Unknown {
			over++
		}
		if len(states) > 600 { // fifty years of months: a clock, not a calendar
			break
		}
	}
	if over >= c.ended {
		add(c.name(lastPeriod+1), Ended, -1)
		return
	}
	for k := range states {
		add(states[k].Period, states[k].State, at[k])
	}
}

// state is that of a period in which statements came: the best of them, for one that was read is enough.
func (f *finder) state(mails []uint32) (string, uint32) {
	best, at := "", mails[0]
	for _, i := range mails {
		if s := stateOf(f.Entries[i].Flags); best == "" || slices.Index(order(), s) < slices.Index(order(), best) {
			best, at = s, i
		}
	}
	return best, at
}

func order() []string { return []string{Read, Unknown, Unread, Trash, Spam} }

func stateOf(flags fact.Flags) string {
	switch {
	case flags.Has(fact.InSpam):
		return Spam
	case flags.KnownRead():
		return Read
	case flags.Has(fact.InTrash):
		return Trash
	case flags.KnownUnread():
		return Unread
	}
	return Unknown
}
