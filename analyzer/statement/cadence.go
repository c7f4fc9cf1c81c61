package statement

import "time"

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
func (f *finder) arrivals(list []uint32) []arrival {
	var out []arrival
	for _, i := range list {
		t := f.Entries[i].When().In(f.Location)
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
	for _, c := range []struct {
		name       string
		thin       float64 // what comes within so many days belongs to the same period: a notice of the due day
		low, high  float64 // a gap of exactly one period
		mean, near float64 // a gap of n periods is n*mean, give or take near
	}{
		{Weekly, 0, 5.5, 8.5, 7, 1.5},
		{Monthly, 20, 25, 36, month, 6},
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
		// Most gaps must be whole numbers of the cadence, and a good part of them exactly one.
		if 4*fit >= 3*len(gaps) && 3*one >= len(gaps) {
			return c.name, true
		}
	}
	return Irregular, true
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
