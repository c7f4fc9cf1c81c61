package html

import (
	"math"
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
	Class           string // "wide" or "narrow"
	ID              string
	Alt             string
	W, H            int
	Axis            float64 // y of the line
	Plot            float64 // height of the plot
	Left, Right     int     // x of the plot
	Bands           []band
	Silent          []band
	Bars            []bar
	Marks           []mark
	Ticks           []tick
	Above           string
	Below           string
	Flags           []callout
	Most, MostOther *label
	Empty           bool
	Crowded         bool // some marks found no room
	mostMarks       int
	fakeUnit        float64
	otherUnit       float64
	from, to        int64
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
	Class  string // severity
	Beware bool
	X, Y   float64
	Ring   bool
	Row    int // number of the message
	Title  string
}

type tick struct {
	X     float64
	Label string
	Major bool
}

// callout names what happened, above a mark, with a line down to it.
type callout struct {
	X, Y, Foot float64
	Text       string
	Anchor     string
	TX         float64
	Ring       bool
}

type label struct {
	X, Y   float64
	Text   string
	Anchor string
}

// Geometry in pixels of the wide drawing.
const (
	aboveHeight = 170 // at most; less where there is little to draw
	belowHeight = 110
	axisHeight  = 24
	topMargin   = 36
	binWidth    = 7
	flagHeight  = 17
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
		data["Zoom"] = p.zoomMonths()
		data["HasIncidents"] = len(p.Incidents()) > 0
		data["HasBeware"] = slices.ContainsFunc(p.Entries, view.Entry.Beware)
	}
	data["Beside"], data["MoreBeside"] = p.besideTimeline()
	return p.exec("timeline", data)
}

// zoomMonth is a month one can zoom to without a pointer.
type zoomMonth struct {
	Name     string
	From, To int64
}

func (p *page) zoomMonths() []zoomMonth {
	if len(p.Months) < 2 {
		return nil
	}
	var list []zoomMonth
	for _, m := range p.Months {
		list = append(list, zoomMonth{p.Month(m.Start), m.Start.Unix(), m.Start.AddDate(0, 1, 0).Unix() - 1})
	}
	return list
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

// draw draws what lies between two times. Heights follow what there is to draw, so that a quiet year looks quiet.
func (p *page) draw(id, class string, width int, from, to int64) *strip {
	s := &strip{
		Class: class, ID: id, W: width, Left: 8, Right: width - 8, Above: p.Say("timeline.above"), Below: p.Say("timeline.below"), from: from, to: to,
	}
	if id == "" && class == "wide" {
		p.roomForNames(s)
	}
	bins := p.bin(s)
	genuine, unnoticed, fakes, mostFakes, mostOthers := 0, 0, 0, 0, 0
	for _, b := range bins {
		fakes += b.fakes
		genuine += len(b.others) + len(b.marks)
		mostFakes, mostOthers = max(mostFakes, b.fakes), max(mostOthers, len(b.others))
		for _, i := range b.marks {
			if p.Entries[i].Flags&view.Unnoticed != 0 {
				unnoticed++
			}
		}
	}
	p.stack(s, bins)
	// A handful of mails must not look like a flood: a bar grows by at most 9 px a mail.
	s.fakeUnit = min(9, float64(belowHeight)/float64(max(1, mostFakes)))
	s.otherUnit = min(7, float64(aboveHeight-60)/float64(max(1, mostOthers)))
	above := max(64, float64(s.mostMarks)*min(markStep, float64(aboveHeight-12)/float64(max(1, s.mostMarks)))+14, float64(mostOthers)*s.otherUnit+14)
	if id == "" && class == "wide" {
		above = max(above, p.drawFlags(s, bins))
	}
	s.Axis = round(topMargin + above)
	for i := range s.Flags {
		s.Flags[i].Foot = s.Axis - 14
	}
	s.H = int(s.Axis + axisHeight + max(34, float64(mostFakes)*s.fakeUnit+18) + 14)
	s.Plot = float64(s.H - 8)
	p.drawBins(s, bins)
	p.drawBands(s)
	s.Ticks = p.ticks(s)
	s.Alt = p.Say("timeline.alt", "first", time.Unix(from, 0), "last", time.Unix(to, 0), "genuine", genuine, "unnoticed", unnoticed, "fakes", fakes)
	s.Empty = genuine+fakes == 0
	return s
}

// roomForNames ends the plot where the name of the last event still fits beside it: a name that turned back would cross
// the lines of those before it.
func (p *page) roomForNames(s *strip) {
	over := 0.0
	for _, e := range p.Entries {
		if !e.Notice() || e.Time < s.from || e.Time > s.to {
			continue
		}
		end := s.x(e.Time) + 8 + textWidth("00:00 "+p.Event(e.EventWord())+" ×2")
		over = max(over, end-float64(s.Right))
	}
	s.Right -= int(min(over, float64(s.Right)/3))
}

// maxFlags is how many events of an incident are named in its drawing; the story beneath tells all.
const maxFlags = 14

// drawFlags names the events of a short span: each at the lowest height where its name meets no other. It returns the
// height they take.
func (p *page) drawFlags(s *strip, bins []bin) float64 {
	type name struct {
		x     float64
		event finding.Event
		at    int64
		n     int
		ring  bool
	}
	var names []name
	for i, b := range bins {
		x := float64(s.Left+i*binWidth) + binWidth/2.0
		all := append(slices.Clone(b.marks), b.others...)
		slices.SortStableFunc(all, func(a, c int32) int { return int(p.Entries[a].Time - p.Entries[c].Time) })
		for _, n := range all {
			e := p.Entries[n]
			ring := e.Flags&view.Unnoticed != 0
			if k := len(names) - 1; k >= 0 && names[k].event == e.EventWord() && x-names[k].x < 3*binWidth {
				names[k].n++
				names[k].ring = names[k].ring || ring
				continue
			}
			names = append(names, name{x, e.EventWord(), e.Time, 1, ring})
		}
	}
	if len(names) > maxFlags {
		return 0
	}
	// From the right to the left: what comes later stands lower, so that a cluster reads from the top down in time.
	var rows []float64 // left edge of what stands in each row
	for _, n := range slices.Backward(names) {
		text := p.Clock(time.Unix(n.at, 0)) + " " + p.Event(n.event)
		if n.n > 1 {
			text += " ×" + strconv.Itoa(n.n)
		}
		w := textWidth(text) * paperText
		f := callout{X: round(n.x), TX: round(n.x + 5), Text: text, Anchor: "start", Ring: n.ring}
		if n.x+5+w > float64(s.W) {
			f.TX, f.Anchor = round(n.x-5), "end"
		}
		row := 0
		for row < len(rows) && n.x+5+w > rows[row]-8 {
			row++
		}
		// A name stands above all names to its right that its line would cross.
		if row == len(rows) {
			rows = append(rows, n.x)
		}
		for k := 0; k <= row; k++ {
			rows[k] = min(rows[k], n.x)
		}
		f.Y = float64(row)
		s.Flags = append(s.Flags, f)
	}
	stack := float64(s.mostMarks)*markStep + 20
	height := stack + float64(len(rows))*flagHeight
	for i := range s.Flags {
		s.Flags[i].Y = round(topMargin + height - stack - s.Flags[i].Y*flagHeight)
	}
	return height
}

// paperText is how much larger the text of a drawing is set on paper, by style.css: 12 px would be 5.5 pt there.
const paperText = 16.0 / 12

// textWidth estimates the width of 12 px text.
func textWidth(s string) float64 {
	w := 0.0
	for _, r := range s {
		w += 6.4
		if r >= 0x1100 {
			w += 5.8
		}
	}
	return w
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

// SilentHeight is the height of the shade over months without mail.
func (s *strip) SilentHeight() float64 { return s.Plot - 36 }

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
	fakes  int
	others []int32 // notices about orders and the like
	marks  []int32 // notices about the account
	drawn  []int32 // those of them that are drawn, the gravest last
	lanes  []int   // the height of each above the line, in marks
}

// markStep is the distance of marks that stand over one another.
const markStep = 15

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
		case e.AccountNotice(), e.Beware():
			b.marks = append(b.marks, int32(i))
		case e.Notice():
			b.others = append(b.others, int32(i))
		}
	}
	return bins
}

// stack finds a height for every mark where it meets no other. What went unnoticed or is grave finds one first; where a
// column has no room for all, the rest is not drawn. In a column the gravest stands on top.
func (p *page) stack(s *strip, bins []bin) {
	near := int(math.Ceil(markStep/float64(binWidth))) - 1 // columns in which a mark of the same height would touch
	taken := make([][maxStack]bool, len(bins)+2*near)
	free := func(i, lane int) bool {
		return !slices.ContainsFunc(taken[i:i+2*near+1], func(t [maxStack]bool) bool { return t[lane] })
	}
	place := func(i int) bool {
		for lane := range maxStack {
			if free(i, lane) {
				taken[i+near][lane] = true
				bins[i].lanes = append(bins[i].lanes, lane)
				s.mostMarks = max(s.mostMarks, lane+1)
				return true
			}
		}
		return false
	}
	for _, first := range []bool{true, false} {
		for i := range bins {
			drawn := bins[i].drawn
			for _, n := range bins[i].marks {
				e := p.Entries[n]
				grave := e.Flags&view.Unnoticed != 0 || e.Severity >= uint8(finding.High.Level())
				if grave == first && place(i) {
					drawn = append(drawn, n)
				}
			}
			bins[i].drawn = drawn
		}
	}
	for _, b := range bins {
		s.Crowded = s.Crowded || len(b.drawn) < len(b.marks)
		slices.Sort(b.lanes)
		slices.SortStableFunc(b.drawn, func(a, c int32) int { return int(p.Entries[a].Severity) - int(p.Entries[c].Severity) })
	}
}

func (p *page) drawBins(s *strip, bins []bin) {
	at := 0
	for i, b := range bins {
		if b.fakes > bins[at].fakes {
			at = i
		}
	}
	step := min(float64(markStep), (s.Axis-topMargin-12)/float64(max(1, s.mostMarks)))
	for i, b := range bins {
		x := float64(s.Left + i*binWidth)
		when := p.binTime(s, i)
		if n := len(b.others); n > 0 {
			h := round(float64(n) * s.otherUnit)
			s.Bars = append(s.Bars, bar{"other", x + 1, round(s.Axis - h - 1), binWidth - 1.5, h, when + " " + p.Say("timeline.count", "n", n)})
		}
		if b.fakes > 0 {
			h := round(max(2, float64(b.fakes)*s.fakeUnit))
			s.Bars = append(s.Bars, bar{"fake", x + 1, s.Axis + axisHeight, binWidth - 1.5, h, when + " " + p.Say("timeline.below") + " " + p.Say("timeline.count", "n", b.fakes)})
		}
		for k, lane := range b.lanes {
			n := b.drawn[k]
			e := p.Entries[n]
			y := s.Axis - 10 - float64(lane)*step
			title := p.Time(time.Unix(e.Time, 0)) + " " + p.Event(e.EventWord())
			if e.Flags&view.Unnoticed != 0 {
				title += " – " + p.Say("timeline.legend.unnoticed")
			}
			class := levelClass(e.Severity)
			if e.Beware() {
				title += " – " + p.Say("timeline.legend.beware")
			}
			s.Marks = append(s.Marks, mark{class, e.Beware(), x + binWidth/2.0, round(y), e.Flags&view.Unnoticed != 0, int(n), title})
		}
	}
	if most := bins[at].fakes; most > 1 {
		x := float64(s.Left+at*binWidth) + binWidth/2.0
		l := &label{X: x, Y: round(s.Axis + axisHeight + float64(most)*s.fakeUnit + 14), Text: p.Say("timeline.most", "n", most), Anchor: "middle"}
		switch {
		case x > float64(s.Right-30):
			l.X, l.Anchor = float64(s.Right), "end"
		case x < float64(s.Left+120):
			l.X, l.Anchor = max(x, float64(s.Left+100)), "start"
		}
		s.Most = l
	}
	s.MostOther = p.mostOther(s, bins)
}

// mostOther is the scale of the bars above the line: how many the highest stands for, written over it. Nil where marks stand
// around it, or where it is one.
func (p *page) mostOther(s *strip, bins []bin) *label {
	at := 0
	for i, b := range bins {
		if len(b.others) > len(bins[at].others) {
			at = i
		}
	}
	if len(bins) == 0 || len(bins[at].others) < 2 {
		return nil
	}
	for i := max(0, at-6); i < min(len(bins), at+7); i++ {
		if len(bins[i].drawn) > 0 {
			return nil
		}
	}
	n := len(bins[at].others)
	x := min(max(float64(s.Left+at*binWidth)+binWidth/2.0, float64(s.Left+30)), float64(s.Right-30))
	return &label{X: round(x), Y: round(s.Axis - float64(n)*s.otherUnit - 6), Text: p.Say("timeline.most", "n", n), Anchor: "middle"}
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
