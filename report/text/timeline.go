package text

import (
	"strconv"
	"strings"

	"github.com/mailaudit/mailaudit/report/view"
)

// bar heights, from little to much.
var bars = []rune("▁▂▃▄▅▆▇█")

// none stands for a month without any.
const none = "·"

// timeline draws one character a month (or more months, where the width does not hold them): how much genuine mail, how
// many impersonations, and where something went unnoticed.
func (p *page) timeline() {
	if len(p.Months) < 2 {
		return
	}
	labels := []string{p.Word("column", "genuine"), p.Word("column", "impersonation"), p.Word("column", "unnoticed")}
	margin := 0
	for _, l := range labels {
		margin = max(margin, columns(l))
	}
	margin += 4
	per := 1
	for (len(p.Months)+per-1)/per > p.width-margin-1 {
		per = nextStep(per)
	}
	var groups []view.Month
	for i, m := range p.Months {
		if i%per == 0 {
			groups = append(groups, view.Month{Start: m.Start})
		}
		g := &groups[len(groups)-1]
		g.Genuine += m.Genuine
		g.Impersonation += m.Impersonation
		g.Unnoticed += m.Unnoticed
	}
	p.line("")
	p.block("", bold, p.Say("terminal.months", "n", per, "first", p.Months[0].Start, "last", p.Months[len(p.Months)-1].Start))
	p.line(strings.Repeat(" ", margin) + p.years(groups, per))
	draw := func(label, code string, count func(view.Month) int) {
		most := 0
		for _, g := range groups {
			most = max(most, count(g))
		}
		if most == 0 {
			return
		}
		var b strings.Builder
		for _, g := range groups {
			n := count(g)
			if n == 0 {
				b.WriteString(none)
				continue
			}
			b.WriteRune(bars[(n*len(bars)-1)/most])
		}
		p.line("  " + pad(label, margin-2) + p.style(code, b.String()))
	}
	draw(labels[0], green, func(m view.Month) int { return m.Genuine })
	draw(labels[1], red, func(m view.Month) int { return m.Impersonation })
	draw(labels[2], yellow, func(m view.Month) int { return m.Unnoticed })
}

// nextStep is the next number of months that people count in.
func nextStep(per int) int {
	for _, s := range []int{1, 2, 3, 6, 12, 24, 60, 120} {
		if s > per {
			return s
		}
	}
	return per * 2
}

// years writes each year above its January, as far as there is room. A first year that began before the months do gives
// way to the next one.
func (p *page) years(groups []view.Month, per int) string {
	line, from := "", 0
	if len(groups) > 5 && int(groups[0].Start.Month()) > per {
		for i := 1; i < 5; i++ {
			if groups[i].Start.Year() != groups[0].Start.Year() {
				from = i
				break
			}
		}
	}
	last := 0
	for i, g := range groups {
		if y := g.Start.Year(); y != last && i >= from {
			last = y
			if room := i - len(line); i == 0 || room > 0 || line == "" {
				line += strings.Repeat(" ", max(0, room)) + strconv.Itoa(y)
			}
		}
	}
	return line
}
