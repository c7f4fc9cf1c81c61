package statement

import (
	"slices"
	"time"
)

const (
	// month is the mean month of the Gregorian calendar in days, yearDays its mean year.
	month    = 30.44
	yearDays = 365.25
	// leastLearned is how many statements are needed to learn a cadence.
	leastLearned = 3
	// sameStatement is how near two mails are that tell of one statement: the notice and its reminder, "fixed" after
	// "provisional" (確定 after 速報).
	sameStatement = 5
)

// arrival is one statement, which may have come in several mails.
type arrival struct {
	day   float64 // days since the Unix epoch in the zone of the calendar
	when  time.Time
	mails []uint32
}

// arrivals merges mails that tell of one statement. list is in the order of time.
func (f *finder) arrivals(list []uint32, zone *time.Location) []arrival {
	var out []arrival
	for _, i := range list {
		t := f.Entries[i].When().In(zone)
		_, offset := t.Zone()
		day := float64(t.Unix()+int64(offset)) / (24 * 60 * 60)
		if n := len(out); n > 0 && day-out[n-1].day <= sameStatement {
			out[n-1].mails = append(out[n-1].mails, i)
			continue
		}
		out = append(out, arrival{day: day, when: t, mails: []uint32{i}})
	}
	return out
}

// cadence learns how often statements come. The gaps between them are looked at, not their dates: a gap fits a month
// when it is 25 to 36 days, so that February, weekends and a changed closing day are no break, and a gap of two or three
// months fits a month with statements missing. ok is false where there are too few statements or no cadence fits; the
// cadence is then Irregular, or to be assumed where there are too few.
func cadence(list []arrival) (name string, ok bool) {
	if len(list) < leastLearned {
		return Irregular, false
	}
	if crowded(list) {
		return Irregular, true
	}
	for _, c := range []struct {
		name       string
		thin       float64 // what comes within so many days belongs to the same period: a notice of the due day
		low, high  float64 // a gap of exactly one period
		mean, near float64 // a gap of n periods is n*mean, give or take near
	}{
		{Weekly, 0, 5.5, 8.5, 7, 1.5},
		{Monthly, 20, 25, 36, month, 6},
		{Quarterly, 60, 80, 103, 3 * month, 14},
		{HalfYearly, 120, 165, 200, 6 * month, 18},
		{Yearly, 180, 345, 386, yearDays, 21},
	} {
		gaps := gapsOf(list, c.thin)
		if len(gaps) < leastLearned-1 {
			continue
		}
		one, fit := 0, 0
		for _, g := range gaps {
			if g >= c.low && g <= c.high {
				one++
			}
			if n := max(1, round(g/c.mean)); n <= 12 && g >= float64(n)*c.mean-c.near && g <= float64(n)*c.mean+c.near {
				fit++
			}
		}
		if c.name == Weekly && !sameWeekday(list) {
			continue
		}
		// Most gaps must be whole numbers of the cadence, and a good part of them exactly one.
		if 4*fit >= 3*len(gaps) && 3*one >= len(gaps) {
			return c.name, true
		}
	}
	// Where one of two notices a month is missing now and then, gaps fit no month: what is left of the pairs does.
	if p := pairs(list); len(p) < len(list) {
		if name, ok := cadence(p); ok && name == Monthly {
			return name, true
		}
	}
	return Irregular, true
}

// sameWeekday reports whether three of four statements came on one day of the week, or the days beside it. Notices of the
// 2nd, the 10th and the 18th are a week apart too.
func sameWeekday(list []arrival) bool {
	var on [7]int
	for _, a := range list {
		on[int(a.day)%7]++
	}
	for d := range on {
		if 4*(on[(d+6)%7]+on[d]+on[(d+1)%7]) >= 3*len(list) {
			return true
		}
	}
	return false
}

// crowded reports whether mail comes every few days, so that what sameStatement joins are not notices of one statement:
// most arrivals are of four mails and more.
func crowded(list []arrival) bool {
	n := 0
	for k := range list {
		if len(list[k].mails) >= 4 {
			n++
		}
	}
	return n >= leastLearned && 2*n > len(list)
}

// gapsOf are the gaps in days between statements, leaving out those that come within thin days of the last one counted.
func gapsOf(list []arrival, thin float64) []float64 {
	var gaps []float64
	last := list[0].day
	for _, a := range list[1:] {
		if g := a.day - last; g > thin {
			gaps = append(gaps, g)
			last = a.day
		}
	}
	return gaps
}

func round(v float64) int { return int(v + 0.5) }

const (
	// withinMonth is the longest way from the first to the second notice of one month, in days. Half a month has 15; a
	// weekend and a holiday are allowed for. What is further apart is a month.
	withinMonth = 20
	// wander is how far the second notice moves against the first, in days: weekends at both ends, and February.
	wander = 4
)

// pairs joins the notices of one month where an issuer sends two of them, the amount on the 25th and the day of payment on
// the 6th: a pair has one period, that of its first notice, also where a month ends between them. Other series stay as
// they are.
func pairs(list []arrival) []arrival {
	var short []float64
	for k := 1; k < len(list); k++ {
		if g := list[k].day - list[k-1].day; g < withinMonth {
			short = append(short, g)
		}
	}
	// Two notices a month make every gap short, two in most months most of them. A single one is a closing day that moved.
	if len(short) < 2 || 3*len(short) < len(list)-1 {
		return list
	}
	slices.Sort(short)
	// Of both ways around, from the first to the second and from there to the next first, the shorter one joins.
	low, high := short, short[len(short):]
	if least, most := short[0], short[len(short)-1]; most-least > wander {
		k, _ := slices.BinarySearch(short, (least+most)/2)
		low, high = short[:k], short[k:]
	}
	apart, reach := low[len(low)/2], float64(withinMonth)
	if len(high) > 0 {
		reach = (apart + high[len(high)/2]) / 2
	} else if apart < withinMonth-2*wander {
		reach = apart + wander
	}
	if first, last := list[0].day, list[len(list)-1].day; float64(len(list))*month > 2.4*(last-first+month) {
		reach = 25 // three a month
	}
	var out []arrival
	var firsts, seconds []float64 // days of the month
	for _, a := range list {
		if n := len(out); n > 0 && a.day-out[n-1].day <= reach {
			firsts = append(firsts, float64(out[n-1].when.Day()))
			seconds = append(seconds, float64(a.when.Day()))
			out[n-1].mails = append(slices.Clone(out[n-1].mails), a.mails...)
			continue
		}
		out = append(out, a)
	}
	if len(firsts) < 2 {
		return list
	}
	// A second notice that came alone belongs to the period that its first one would have had.
	slices.Sort(firsts)
	slices.Sort(seconds)
	first, second := firsts[len(firsts)/2], seconds[len(seconds)/2]
	for k := range out {
		day := float64(out[k].when.Day())
		if around(day, second) < around(day, first) && around(day, second) <= 5 {
			out[k].day -= apart
			out[k].when = out[k].when.Add(-time.Duration(apart * 24 * float64(time.Hour)))
		}
	}
	return out
}

// around is how far two days of the month are apart, going over the end of the month where that is shorter.
func around(a, b float64) float64 {
	d := max(a, b) - min(a, b)
	return min(d, month-d)
}
