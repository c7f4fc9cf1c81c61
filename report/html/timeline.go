package html

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/report/view"
)

// strip is one drawing of the timeline: genuine notices above the line, impersonations below. All of it is geometry; the
// look is in style.css. It is drawn twice, for wide and for narrow windows, because text in a picture that shrinks with
// the window cannot be read.
type strip struct {
	Class       string // "wide" or "narrow"
	ID          string
	Alt         string
	W, H        int
	Axis        float64 // y of the line
	Plot        float64 // height of the plot
	Left, Right int     // x of the plot
	Bands       []band
	Silent      []band
	Bars        []bar
	Marks       []mark
	Ticks       []tick
	Above       string
	Below       string
	Most        *label
	Empty       bool
	from, to    int64
}

type band struct {
	X, W   float64
	Label  string
	LabelX float64
	Anchor string // end of the text at LabelX: "start" or "end"
	LabelY float64
}

type bar struct {
	Class      string
	X, Y, W, H float64
	Title      string
}

type mark struct {
	Class string // severity
	X, Y  float64
	Ring  bool
	Row   int // number of the message
	Title string
}

type tick struct {
	X     float64
	Label string
	Major bool
}

type label struct {
	X, Y   float64
	Text   string
	Anchor string
}

// Geometry in pixels of the wide drawing.
const (
	aboveHeight = 170
	belowHeight = 110
	axisHeight  = 24
	topMargin   = 34
	binWidth    = 7
	// maxStack is how many marks are drawn over one another; the titles of a fuller bin say how many there are.
	maxStack = 16
)

// timeline draws the whole span.
func (p *page) timeline() error {
	first, last := p.Span()
	data := map[string]any{"None": first.IsZero()}
	if !first.IsZero() {
		pad := max(int64(last.Sub(first).Seconds())/60, 3600)
		from, to := first.Unix()-pad, last.Unix()+pad
		data["Strips"] = []*strip{p.draw("t", "wide", 1120, from, to), p.draw("t", "narrow", 360, from, to)}
		data["Months"] = p.monthRows()
		data["HasIncidents"] = len(p.Incidents()) > 0
	}
	return p.exec("timeline", data)
}

type monthRow struct {
	Month, Genuine, Fake, Other, Unnoticed string
	Silent                                 bool
}

func (p *page) monthRows() []monthRow {
	var rows []monthRow
	for _, m := range slices.Backward(p.Months) {
		n := func(v int) string { return p.Number(int64(v)) }
		rows = append(rows, monthRow{p.Month(m.Start), n(m.Genuine), n(m.Impersonation), n(m.Other), n(m.Unnoticed), m.Silent})
	}
	return rows
}

// incidentStrips draws the days of one incident with a little room around them.
func (p *page) incidentStrips(start, end time.Time) []*strip {
	pad := max(int64(end.Sub(start).Seconds())/6, 4*3600)
	from, to := start.Unix()-pad, end.Unix()+pad
	wide := p.draw("", "wide", 1120, from, to)
	if wide.Empty {
		return nil
	}
	return []*strip{wide, p.draw("", "narrow", 360, from, to)}
}

// draw draws what lies between two times.
func (p *page) draw(id, class string, width int, from, to int64) *strip {
	s := &strip{
		Class: class, ID: id, W: width, Left: 8, Right: width - 8, Axis: topMargin + aboveHeight, H: topMargin + aboveHeight + axisHeight + belowHeight + 8,
		Above: p.Say("timeline.above"), Below: p.Say("timeline.below"), from: from, to: to,
	}
	s.Plot = float64(s.H - 8)
	bins := p.bin(s)
	p.drawBins(s, bins)
	p.drawBands(s)
	s.Ticks = p.ticks(s)
	genuine, unnoticed, fakes := 0, 0, 0
	for _, b := range bins {
		fakes += b.fakes
		genuine += b.others + len(b.marks)
		for _, i := range b.marks {
			if p.Entries[i].Flags&view.Unnoticed != 0 {
				unnoticed++
			}
		}
	}
	s.Alt = p.Say("timeline.alt", "first", time.Unix(from, 0), "last", time.Unix(to, 0), "genuine", genuine, "unnoticed", unnoticed, "fakes", fakes)
	s.Empty = genuine+fakes == 0
	return s
}

// From and To are the drawing's span in Unix seconds.
func (s *strip) From() int64 { return s.from }

// To is the end of the span.
func (s *strip) To() int64 { return s.to }

// AxisEnd is the lower edge of the strip that holds the dates.
func (s *strip) AxisEnd() float64 { return s.Axis + axisHeight }

// TickY is the base line of the dates.
func (s *strip) TickY() float64 { return s.Axis + 16 }

// BelowY is the base line of the name of the lower half.
func (s *strip) BelowY() float64 { return float64(s.H) - 6 }

// BandHeight is the height of an incident's band: from its name to the lower edge.
func (s *strip) BandHeight(b band) float64 {
	if b.Label == "" {
		return s.Plot - 24
	}
	return s.Plot - b.LabelY
}

// Symbol is the shape of a mark's severity.
func (m mark) Symbol() string { return "g-" + m.Class[len("s-"):] }

// SX and SY are the corner of the symbol, 14 px wide.
func (m mark) SX() float64 { return round(m.X - 7) }

// SY is the upper edge of the symbol.
func (m mark) SY() float64 { return round(m.Y - 7) }

// x is the place of a time.
func (s *strip) x(t int64) float64 {
	return float64(s.Left) + float64(t-s.from)/float64(max(1, s.to-s.from))*float64(s.Right-s.Left)
}

// bin is what falls on one column of the drawing.
type bin struct {
	fakes, others int
	marks         []int32 // notices about the account
}

func (p *page) bin(s *strip) []bin {
	bins := make([]bin, (s.Right-s.Left)/binWidth+1)
	for i, e := range p.Entries {
		if e.Time < s.from || e.Time > s.to || e.Time == 0 {
			continue
		}
		b := &bins[min(len(bins)-1, int((s.x(e.Time)-float64(s.Left))/binWidth))]
		switch {
		case e.Fake():
			b.fakes++
		case e.AccountNotice():
			b.marks = append(b.marks, int32(i))
		case e.Notice():
			b.others++
		}
	}
	return bins
}

func (p *page) drawBins(s *strip, bins []bin) {
	mostFakes, mostOthers, mostMarks := 0, 0, 0
	at := 0
	for i, b := range bins {
		if b.fakes > mostFakes {
			mostFakes, at = b.fakes, i
		}
		mostOthers = max(mostOthers, b.others)
		mostMarks = max(mostMarks, min(len(b.marks), maxStack))
	}
	step := 11.0
	if mostMarks > 0 {
		step = min(step, float64(aboveHeight-12)/float64(mostMarks))
	}
	// A handful of mails must not look like a flood: a bar grows by at most 9 px a mail.
	fakeUnit := min(9, float64(belowHeight-16)/float64(max(1, mostFakes)))
	otherUnit := min(7, float64(aboveHeight-60)/float64(max(1, mostOthers)))
	for i, b := range bins {
		x := float64(s.Left + i*binWidth)
		when := p.binTime(s, i)
		if b.others > 0 {
			h := round(float64(b.others) * otherUnit)
			s.Bars = append(s.Bars, bar{"other", x + 1, round(s.Axis - h - 1), binWidth - 1.5, h, when + " " + p.Say("timeline.count", "n", b.others)})
		}
		if b.fakes > 0 {
			h := round(max(2, float64(b.fakes)*fakeUnit))
			s.Bars = append(s.Bars, bar{"fake", x + 1, s.Axis + axisHeight, binWidth - 1.5, h, when + " " + p.Say("timeline.below") + " " + p.Say("timeline.count", "n", b.fakes)})
		}
		slices.SortStableFunc(b.marks, func(a, c int32) int { return int(p.Entries[c].Severity) - int(p.Entries[a].Severity) })
		shown := b.marks[:min(len(b.marks), maxStack)]
		for k, n := range slices.Backward(shown) {
			e := p.Entries[n]
			y := s.Axis - 8 - float64(len(shown)-1-k)*step
			title := p.Time(time.Unix(e.Time, 0)) + " " + p.Event(e.EventWord())
			if e.Flags&view.Unnoticed != 0 {
				title += " – " + p.Say("timeline.legend.unnoticed")
			}
			s.Marks = append(s.Marks, mark{levelClass(e.Severity), x + binWidth/2.0, round(y), e.Flags&view.Unnoticed != 0, int(n), title})
		}
	}
	if mostFakes > 1 {
		l := &label{X: float64(s.Left+at*binWidth) - 4, Y: s.Axis + axisHeight + float64(mostFakes)*fakeUnit, Text: p.Say("timeline.count", "n", mostFakes), Anchor: "end"}
		if l.X < 80 {
			l.X, l.Anchor = l.X+binWidth+8, "start"
		}
		l.Y = round(max(l.Y, s.Axis+axisHeight+12))
		s.Most = l
	}
}

// binTime names the day, or the first day, a column stands for.
func (p *page) binTime(s *strip, i int) string {
	width := float64(s.to-s.from) / float64(s.Right-s.Left) * binWidth
	t := time.Unix(s.from+int64(float64(i)*width), 0)
	if width < 86400 {
		return p.Time(t)
	}
	return p.Date(t) + "–"
}

func levelClass(level uint8) string {
	for _, s := range finding.Severities() {
		if s.Level() == int(level) {
			return "s-" + string(s)
		}
	}
	return "s-info"
}

// drawBands draws incidents and months without mail. At most three incidents are named, the gravest first: more names
// would lie over one another.
func (p *page) drawBands(s *strip) {
	for n, i := range p.Incidents() {
		if i.Start == nil || i.End == nil || i.End.Unix() < s.from || i.Start.Unix() > s.to || n >= 200 {
			continue
		}
		x, end := s.x(max(i.Start.Unix(), s.from)), s.x(min(i.End.Unix(), s.to))
		w := max(6, end-x)
		b := band{X: round(x - 1), W: round(w + 2)}
		if s.ID != "" && len(s.Bands) < 3 {
			b.Label, b.LabelX, b.Anchor = p.Word("kind", i.Kind), round(x), "start"
			b.LabelY = float64(14 + 15*(len(s.Bands)%2))
			if x > float64(s.W)*0.6 {
				b.LabelX, b.Anchor = round(x+w), "end"
			}
		}
		s.Bands = append(s.Bands, b)
	}
	for _, m := range p.Months {
		if !m.Silent {
			continue
		}
		start, end := m.Start.Unix(), m.Start.AddDate(0, 1, 0).Unix()
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
	case span < time.Duration(room)*14*day:
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
		if x > float64(s.Right)-30 {
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
