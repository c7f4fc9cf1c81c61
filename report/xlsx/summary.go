package xlsx

import (
	"fmt"
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/report/view"
)

// maxSummaryItems is how many attention items the summary sheet lists; more than that is no summary.
const maxSummaryItems = 200

// summary writes the first sheet: the answer, the counts, what needs attention, the jumps to the other sheets and the chart by month.
func (b *book) summary() error {
	name := b.names["summary"]
	if err := b.pageSetup(name, 0); err != nil {
		return err
	}
	f := b.file
	// By a scale of its own, not fitted to the page: programs pass over page breaks of sheets that are fitted.
	scale := uint(72)
	if err := f.SetPageLayout(name, &excelize.PageLayoutOptions{AdjustTo: &scale}); err != nil {
		return err
	}
	for i, w := range []float64{5, 20, 54, 44, 28} {
		c, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return err
		}
		if err := f.SetColWidth(name, c, c, w); err != nil {
			return err
		}
	}
	hide := false
	if err := f.SetSheetView(name, 0, &excelize.ViewOptions{ShowGridLines: &hide}); err != nil {
		return err
	}
	p := &plain{b: b, name: name}
	p.put(1, b.Say("title"), b.style.title)
	p.next()
	p.merged(b.Answer.Sentence, b.style.answer, 1.75)
	for _, l := range b.Answer.Lead {
		p.merged(l, b.style.lead, 1)
	}
	p.merged(b.Say("answer.scope"), b.style.note, 1)
	p.next()
	b.summaryCounts(p)
	b.summaryAttention(p)
	b.summaryContents(p)
	if len(b.Months) > 0 {
		p.heading(b.Say("book.chart"))
	}
	if p.err != nil {
		return p.err
	}
	return b.chart(name, p.at(1))
}

func (b *book) summaryCounts(p *plain) {
	p.heading(b.Say("terminal.counts"))
	row := func(label string, n int64, style int) {
		p.put(2, capital(label), style)
		p.set(3, excelize.Cell{StyleID: b.style.count, Value: n})
		p.next()
	}
	row(b.Say("figure.messages"), b.Summary().Messages, b.style.label)
	for _, v := range finding.Verdicts() {
		if n := b.Count(v); n > 0 {
			row(b.Verdict(v), int64(n), b.style.verdict(v, ""))
		}
	}
	unnoticed := int64(0)
	for _, e := range b.Entries {
		if e.Flags&view.Unnoticed != 0 {
			unnoticed++
		}
	}
	row(b.Say("figure.unnoticed"), unnoticed, b.style.amber)
	p.next()
}

// capital begins a label of its own like the others: some are the middle of a sentence elsewhere.
func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

func (b *book) summaryAttention(p *plain) {
	p.heading(b.Say("section.attention"))
	items := b.Attention()
	if len(items) == 0 {
		p.put(2, b.Say("section.attention.none"), b.style.text)
		p.next()
	}
	for i, a := range items {
		if i == maxSummaryItems {
			p.put(3, b.Say("terminal.more", "n", len(items)-i), b.style.note)
			p.next()
			break
		}
		p.set(1, b.number(int64(a.Rank)))
		p.put(2, b.ItemSeverity(a), b.style.severity(a.Severity))
		p.put(3, b.Text(a.Why), b.style.strong)
		p.merge(3, 4)
		if a.Incident != "" {
			p.link(5, b.Say("book.jump", "name", b.names["incidents"]), b.jump("incidents", "incident "+a.Incident))
		} else if a.Series != "" {
			p.link(5, b.Say("book.jump", "name", b.names["statements"]), b.jump("statements", "series "+a.Series))
		} else if view.OfLedger(a) && len(b.Ledger()) > 0 {
			p.link(5, b.Say("book.jump", "name", b.names["ledger"]), b.jump("ledger", ""))
		}
		p.height(float64(lines(b.Text(a.Why), 88)))
		p.next()
		if !view.Grouped(items, i) {
			b.summarySteps(p, a)
		}
	}
	p.next()
}

// jump is where a thing stands on a section's sheet, or the top of the sheet.
func (b *book) jump(section, thing string) string {
	if to := b.jumps[thing]; to != "" {
		return to
	}
	return "'" + b.names[section] + "'!A1"
}

// summarySteps writes what to do, a row for each step: one cell with all of them would be cut off at the height Excel
// allows a row, and could not be ticked off on paper.
func (b *book) summarySteps(p *plain, a *finding.Attention) {
	for n, step := range b.Texts(a.Do) {
		p.put(2, strconv.Itoa(n+1)+".", b.style.step)
		p.put(3, step, b.style.wrap)
		p.merge(3, 4)
		p.height(float64(lines(step, 96)))
		p.next()
	}
	p.next()
}

func (b *book) summaryContents(p *plain) {
	// Contents and chart stand on a page of their own: a chart must not be cut in two.
	if p.err == nil {
		p.err = b.file.InsertPageBreak(p.name, p.at(1))
	}
	p.heading(b.Say("book.contents"))
	for _, id := range b.sections()[1:] {
		p.link(2, b.names[id], b.jump(id, ""))
		p.next()
	}
	p.next()
}

// months writes how many mails came in each month; the chart of the summary is drawn from it.
func (b *book) months() error {
	s, err := b.open("months", b.col("month", 26), b.figures("genuine", 17), b.figures("impersonation", 17), b.figures("others", 17), b.figures("unnoticed", 17))
	if err != nil {
		return err
	}
	for _, m := range b.Months {
		name := b.monthName(m.Start)
		if m.Silent {
			name = b.Say("book.noted", "name", name, "note", b.Say("timeline.silent.short"))
		}
		if err := s.add(b.cell(name), b.number(int64(m.Genuine)), b.number(int64(m.Impersonation)), b.number(int64(m.Other)), b.number(int64(m.Unnoticed))); err != nil {
			return err
		}
	}
	return s.finish()
}

// monthName is short enough to stand below a column of the chart: 2026年2月, or Feb 2026.
func (b *book) monthName(t time.Time) string {
	if b.Lang == view.JA {
		return b.Month(t)
	}
	return b.ShortMonth(t.Month()) + " " + strconv.Itoa(t.Year())
}

// chart draws the months on the summary.
func (b *book) chart(name, at string) error {
	if len(b.Months) == 0 {
		return nil
	}
	first, last := headRow+1, headRow+len(b.Months)
	var list []excelize.ChartSeries
	for i, color := range []string{blue, red, "A0A0A0"} {
		col, err := excelize.ColumnNumberToName(2 + i)
		if err != nil {
			return err
		}
		ref := func(col string, from, to int) string {
			return fmt.Sprintf("'%s'!$%s$%d:$%s$%d", b.names["months"], col, from, col, to)
		}
		list = append(list, excelize.ChartSeries{
			Name: fmt.Sprintf("'%s'!$%s$%d", b.names["months"], col, headRow), Categories: ref("A", first, last), Values: ref(col, first, last), Fill: fill(color),
		})
	}
	gap, overlap := uint(30), 100
	return b.file.AddChart(name, at, &excelize.Chart{
		Type: excelize.ColStacked, Series: list, GapWidth: &gap, Overlap: &overlap,
		Legend:    excelize.ChartLegend{Position: "bottom"},
		Dimension: excelize.ChartDimension{Width: 860, Height: 260},
		XAxis:     excelize.ChartAxis{Font: excelize.Font{Color: ink, Size: 9}},
		YAxis:     excelize.ChartAxis{Font: excelize.Font{Color: ink, Size: 9}, MajorGridLines: true},
	})
}

// about writes how it was decided and what the words mean.
func (b *book) about() error {
	s, err := b.open("about", b.col("kind", 26), b.col("what", 30), b.col("details", 110))
	if err != nil {
		return err
	}
	add := func(kind, what, text string) {
		if err == nil {
			err = s.add(b.cell(kind), b.cell(what), b.styled(text, b.style.wrap))
		}
	}
	c := b.Config()
	add(b.Say("section.about"), "", b.Say("method.version", "version", c.Version, "digest", c.RulesDigest, "protocol", c.Protocol))
	add(b.Say("section.about"), "", b.Say("book.privacy"))
	add(b.Say("section.about"), "", b.Say("book.defang"))
	first, _ := b.Span()
	add(b.Say("section.about"), "", b.Say("book.times", "zone", b.ZoneName(first)))
	if b.Options.Redact {
		add(b.Say("section.about"), "", b.Say("masthead.redacted"))
	}
	for _, v := range finding.Verdicts() {
		add(b.Say("column.verdict"), b.Verdict(v), b.Say("verdict.long."+string(v)))
	}
	for _, t := range b.Profile().Trust {
		add(b.Say("method.trust"), view.Safe(t.Domain), b.TrustLine(t))
	}
	for _, o := range b.Profile().Owner {
		add(b.Say("method.owner"), view.Safe(o), "")
	}
	if labels := b.UnknownLabels(); labels != "" {
		add(b.Say("section.about"), "", labels)
	}
	for _, r := range b.Rules() {
		add(b.Say("method.rules"), view.Safe(r.ID), b.RuleText(r.ID))
	}
	for _, g := range b.Glossary() {
		add(b.Say("section.glossary"), g.Term, g.Text)
	}
	if err != nil {
		return err
	}
	return s.finish()
}

// plain is a sheet that is not streamed: the summary. It remembers the first error.
type plain struct {
	b    *book
	name string
	row  int
	err  error
}

func (p *plain) at(col int) string {
	ref, err := excelize.CoordinatesToCellName(col, p.row+1)
	if err != nil && p.err == nil {
		p.err = err
	}
	return ref
}

func (p *plain) next() { p.row++ }

func (p *plain) set(col int, v any) {
	c, ok := v.(excelize.Cell)
	if p.err != nil || !ok {
		return
	}
	ref := p.at(col)
	if p.err = p.b.file.SetCellValue(p.name, ref, c.Value); p.err == nil {
		p.err = p.b.file.SetCellStyle(p.name, ref, ref, c.StyleID)
	}
}

// put writes text; SetCellStr, unlike SetCellValue, never guesses a type.
func (p *plain) put(col int, s string, style int) {
	if p.err != nil || s == "" {
		return
	}
	ref := p.at(col)
	if p.err = p.b.file.SetCellStr(p.name, ref, p.b.fit(s)); p.err == nil {
		p.err = p.b.file.SetCellStyle(p.name, ref, ref, style)
	}
}

// link writes a jump to a cell of the workbook.
func (p *plain) link(col int, text, to string) {
	p.put(col, text, p.b.style.link)
	if p.err == nil {
		p.err = p.b.file.SetCellHyperLink(p.name, p.at(col), to, "Location")
	}
}

// merged writes text over columns A to D.
func (p *plain) merged(s string, style int, size float64) {
	if p.err != nil {
		return
	}
	p.put(1, s, style)
	if p.err == nil {
		p.err = p.b.file.MergeCell(p.name, p.at(1), p.at(4))
	}
	if p.err == nil {
		p.err = p.b.file.SetRowHeight(p.name, p.row+1, min(400, float64(lines(s, 120/size))*lineHeight*size+4))
	}
	p.next()
}

// merge joins the cells of the row from one column to another.
func (p *plain) merge(from, to int) {
	if p.err == nil {
		p.err = p.b.file.MergeCell(p.name, p.at(from), p.at(to))
	}
}

func (p *plain) heading(s string) {
	if p.err != nil {
		return
	}
	p.put(1, s, p.b.style.heading)
	p.height(1.4)
	if p.err == nil {
		p.err = p.b.file.SetCellStyle(p.name, p.at(1), p.at(5), p.b.style.heading)
	}
	p.next()
}

// height makes the row high enough for n lines: programs other than Excel do not do so by themselves.
func (p *plain) height(n float64) {
	if p.err == nil {
		p.err = p.b.file.SetRowHeight(p.name, p.row+1, min(400, n*lineHeight+2))
	}
}
