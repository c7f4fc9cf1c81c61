package html

import (
	"fmt"
	"strconv"
	"time"
)

// drawBands draws incidents and months without mail. At most three incidents are named, the gravest first: more names
// would lie over one another.
func (p *page) drawBands(s *strip) {
	for n, i := range p.Incidents() {
		if s.ID == "" {
			break // an incident's own drawing needs no band
		}
		if i.Start == nil || i.End == nil || i.End.Unix() < s.from || i.Start.Unix() > s.to || n >= 200 {
			continue
		}
		x, end := s.x(max(i.Start.Unix(), s.from)), s.x(min(i.End.Unix(), s.to))
		w := max(6, end-x)
		b := band{X: round(x - 1), W: round(w + 2)}
		if len(s.Bands) < 3 {
			b.Label, b.LabelX, b.Anchor = p.Word("kind", i.Kind), round(x), "start"
			b.LabelY = float64(14 + 15*(len(s.Bands)%2))
			if x > float64(s.W)*0.6 {
				b.LabelX, b.Anchor = round(x+w), "end"
			}
		}
		s.Bands = append(s.Bands, b)
	}
	// Silent months in a row are one stretch.
	for k := 0; k < len(p.Months); k++ {
		if !p.Months[k].Silent {
			continue
		}
		start := p.Months[k].Start.Unix()
		for k+1 < len(p.Months) && p.Months[k+1].Silent {
			k++
		}
		end := p.Months[k].Start.AddDate(0, 1, 0).Unix()
		if end <= s.from || start >= s.to {
			continue
		}
		x := s.x(max(start, s.from))
		b := band{X: round(x), W: round(s.x(min(end, s.to)) - x)}
		if b.W > 44 {
			b.Label, b.LabelX = p.Say("timeline.silent.short"), round(b.X+b.W/2)
		}
		s.Silent = append(s.Silent, b)
	}
}

// ticks marks years, months, days or hours, whatever the span has room for.
func (p *page) ticks(s *strip) []tick {
	room := max(2, (s.Right-s.Left)/52)
	from, to := time.Unix(s.from, 0).In(p.Zone), time.Unix(s.to, 0).In(p.Zone)
	span := to.Sub(from)
	day := 24 * time.Hour
	month := func(step int) []tick {
		return p.tickEvery(s, time.Date(from.Year(), 1, 1, 0, 0, 0, 0, p.Zone), to, func(t time.Time) time.Time { return t.AddDate(0, step, 0) }, func(t time.Time) (string, bool) {
			if t.Month() == time.January {
				return strconv.Itoa(t.Year()), true
			}
			return p.ShortMonth(t.Month()), false
		})
	}
	days := func(step int) []tick {
		return p.tickEvery(s, time.Date(from.Year(), from.Month(), from.Day(), 0, 0, 0, 0, p.Zone), to, func(t time.Time) time.Time { return t.AddDate(0, 0, step) }, func(t time.Time) (string, bool) {
			return p.ShortDate(t), true
		})
	}
	switch {
	case span < time.Duration(room)*6*time.Hour:
		step := 1
		for time.Duration(room*step)*time.Hour < span {
			step = map[int]int{1: 3, 3: 6}[step]
		}
		return p.tickEvery(s, time.Date(from.Year(), from.Month(), from.Day(), 0, 0, 0, 0, p.Zone), to, func(t time.Time) time.Time { return t.Add(time.Duration(step) * time.Hour) }, func(t time.Time) (string, bool) {
			if t.Hour() == 0 {
				return p.ShortDate(t), true
			}
			return p.Clock(t), false
		})
	case span < time.Duration(room)*7*day/2:
		step := 1
		for time.Duration(room*step)*day < span {
			step++
		}
		return days(step)
	case span < time.Duration(room)*183*day:
		for _, step := range []int{1, 2, 3, 6} {
			if span < time.Duration(room*step)*30*day {
				return month(step)
			}
		}
		return month(6)
	}
	years := int(span/(365*day))/room + 1
	return p.tickEvery(s, time.Date(from.Year()-from.Year()%years, 1, 1, 0, 0, 0, 0, p.Zone), to, func(t time.Time) time.Time { return t.AddDate(years, 0, 0) }, func(t time.Time) (string, bool) {
		return strconv.Itoa(t.Year()), true
	})
}

func (p *page) tickEvery(s *strip, at, to time.Time, next func(time.Time) time.Time, name func(time.Time) (string, bool)) []tick {
	var list []tick
	for ; !at.After(to) && len(list) < 400; at = next(at) {
		if at.Unix() < s.from {
			continue
		}
		text, major := name(at)
		x := round(s.x(at.Unix()))
		if x+4+textWidth(text) > float64(s.W) {
			text = ""
		}
		list = append(list, tick{x, text, major})
	}
	return list
}

// round keeps coordinates short.
func round(v float64) float64 {
	r, _ := strconv.ParseFloat(fmt.Sprintf("%.1f", v), 64)
	return r
}
