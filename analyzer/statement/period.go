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

// calendar counts the periods of one cadence. A period is a whole number: ISO weeks since the Unix epoch, years, or months
// since year 0, of which a quarter takes three.
type calendar struct {
	cadence string
	days    float64 // mean length of a period
	months  int     // length of a period in months, 0 for weeks
	slack   float64 // how many days a statement may be late before it is missing
	ended   int     // how many periods without a statement mean that none will come: further ones are not counted
}

func calendarOf(name string) calendar {
	switch name {
	case Weekly:
		return calendar{Weekly, 7, 0, 3, 6}
	case Quarterly:
		return calendar{Quarterly, 3 * month, 3, 15, 3}
	case HalfYearly:
		return calendar{HalfYearly, 6 * month, 6, 20, 2}
	case Yearly:
		return calendar{Yearly, yearDays, 12, 30, 2}
	}
	// Issuers move a closing day over a weekend or a holiday week (Golden Week, New Year): ten days.
	return calendar{Monthly, month, 1, 10, 4}
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

// step is how many numbers a period takes.
func (c calendar) step() int {
	if c.cadence == Quarterly || c.cadence == HalfYearly {
		return c.months
	}
	return 1
}

// name writes a period: "2026-W05", "2026" or "2026-01", for a quarter or half a year the month of its statement.
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
		if step := c.step(); step > 1 {
			n := round(gap / c.days)
			if n == 0 {
				out[k] = out[k-1]
				continue
			}
			// The month of its date, unless that is one beside the month it was due in.
			out[k] = out[k-1] + n*step
			if d := own - out[k]; d < -1 || d > 1 {
				out[k] = max(own, out[k-1]+1)
			}
			continue
		}
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
	return addMonths(last.when, n) // of quarters too a number is a month
}

// addMonths adds months and stays inside the month: one month after 31 January is 28 February.
func addMonths(t time.Time, n int) time.Time {
	first := time.Date(t.Year(), t.Month(), 1, t.Hour(), t.Minute(), t.Second(), 0, t.Location()).AddDate(0, n, 0)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(t.Day(), last)-1)
}

// filling is one series while its periods are filled.
type filling struct {
	*finder
	*Series
	calendar
	fakes []uint32
	// ends are the times at which a cancellation was confirmed, in order; maybe those of one that may be of another card.
	ends, maybe []int64
}

func (f *filling) add(period int, state string, at int32) {
	p := finding.Period{Period: f.name(period), State: state}
	if at >= 0 {
		p.Message = f.Entries[at].ID()
	}
	f.Periods = append(f.Periods, p)
	f.Messages = append(f.Messages, at)
}

// read fills the periods of a series.
func (f *filling) read(list []uint32, arrivals []arrival, zone *time.Location) {
	if f.Cadence == Irregular {
		// Without a cadence nothing can be missing: the months in which something came.
		byMonth := make(map[int][]uint32)
		for _, i := range list {
			p := f.of(f.Entries[i].When().In(zone))
			byMonth[p] = append(byMonth[p], i)
		}
		months := make([]int, 0, len(byMonth))
		for p := range byMonth {
			months = append(months, p)
		}
		slices.Sort(months)
		for _, p := range months {
			state, at := f.state(byMonth[p])
			f.add(p, state, int32(at))
		}
		return
	}
	if f.Cadence == Monthly {
		arrivals = pairs(arrivals)
	}
	periods := f.assign(arrivals)
	for k := 0; k < len(arrivals); {
		mails := slices.Clone(arrivals[k].mails)
		n := 1
		for ; k+n < len(arrivals) && periods[k+n] <= periods[k]; n++ {
			mails = append(mails, arrivals[k+n].mails...) // a second statement of the period: overlap
		}
		state, at := f.state(mails)
		f.add(periods[k], state, int32(at))
		if k+n == len(arrivals) {
			f.trail(arrivals[k], periods[k])
			return
		}
		f.between(arrivals[k], periods[k], periods[k+n])
		k += n
	}
}

// between fills the periods after a statement up to that of the next one. Of a longer pause than a series ends by only the
// first periods are told: forty years on, the same issuer's next letter is another contract.
func (f *filling) between(last arrival, lastPeriod, next int) {
	without := 0
	for p := lastPeriod + f.step(); p+f.step()/2 < next; p += f.step() {
		due := f.due(last, lastPeriod, p)
		if f.endedBy(f.ends, last, due) || without >= f.ended && p+f.ended*f.step() < next {
			f.add(p, Ended, -1)
			return
		}
		state, at := f.gap(due)
		f.add(p, state, at)
		without++
	}
}

// gap is the state of a period in which no statement came.
func (f *filling) gap(due time.Time) (string, int32) {
	half := int64(f.days * 86400 / 2)
	k, _ := slices.BinarySearchFunc(f.fakes, due.Unix()-half, func(i uint32, t int64) int { return cmp.Compare(f.Entries[i].Time, t) })
	if k < len(f.fakes) && f.Entries[f.fakes[k]].Time < due.Unix()+half {
		return Impersonated, int32(f.fakes[k])
	}
	if f.silent(due) {
		return Silent, -1
	}
	return Missing, -1
}

// finalBill is for how long before the last statement a cancellation explains that no further one comes: a card that was
// given back still bills what was bought before, for two months.
const finalBill = 75 * 24 * time.Hour

// endedBy reports whether a cancellation was confirmed after the last statement, or not long before, and before the next
// one was due. For weeks and months "not long" is finalBill; a year's contract bills nothing after it was cancelled.
func (f *filling) endedBy(ends []int64, last arrival, due time.Time) bool {
	from := last.when
	if f.months < 12 {
		from = from.Add(-finalBill)
	}
	k, _ := slices.BinarySearch(ends, from.Unix())
	return k < len(ends) && ends[k] <= due.AddDate(0, 0, int(f.slack)).Unix()
}

// trail is what comes after the last statement: missing, late or not due while the mailbox goes on, and in the end that
// none comes any more. With a single statement there is nothing to expect a second one by.
func (f *filling) trail(last arrival, lastPeriod int) {
	if f.finder.end.IsZero() || len(f.Periods) < 2 {
		return
	}
	without := 0
	for p := lastPeriod + f.step(); ; p += f.step() {
		due := f.due(last, lastPeriod, p)
		if f.endedBy(f.ends, last, due) || f.endedBy(f.maybe, last, due) {
			f.add(p, Ended, -1)
			return
		}
		if due.Add(time.Duration(f.slack * 24 * float64(time.Hour))).After(f.finder.end) {
			state := NotDue
			if f.finder.end.After(due) {
				state = Late
			}
			if due.Sub(f.finder.end) < time.Duration(f.days*24*float64(time.Hour)) {
				f.add(p, state, -1)
			}
			return
		}
		if without >= f.ended {
			f.add(p, Ended, -1)
			f.Stopped = true
			return
		}
		state, at := f.gap(due)
		f.add(p, state, at)
		if state != Silent {
			without++
		}
		if len(f.Periods) > maxPeriods {
			return
		}
	}
}

// maxPeriods bounds a series: fifty years of weeks. What is longer is a clock, not a calendar.
const maxPeriods = 2600

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
