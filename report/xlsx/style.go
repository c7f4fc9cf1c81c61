package xlsx

import (
	"github.com/xuri/excelize/v2"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// Colours, the same as on the page: blue for what is Amazon's, red for what poses as it, amber for what nobody noticed.
const (
	ink   = "1A1A1A"
	grey  = "6B6B6B"
	blue  = "0B5A8A"
	red   = "B3261E"
	amber = "8A5A00"
	rule  = "D0D0D0"
	shade = "F2F2F0"
)

// styles are ids of cell formats.
type styles struct {
	title, answer, lead, heading, label, text, wrap, number, money, time, link, note int
	strong, blue, red, amber, grey                                                   int
	header, headerRight, count, step                                                 int
}

// textFormat is Excel's "@": the cell stays text when edited.
const textFormat = 49

func (b *book) makeStyles() error {
	timeFormat := "yyyy-mm-dd hh:mm"
	if b.Lang == "ja" {
		timeFormat = "yyyy/mm/dd hh:mm"
	}
	family := "Calibri"
	if b.Lang == "ja" {
		family = "游ゴシック"
	}
	numberFormat, moneyFormat := "#,##0", "#,##0.##"
	top := &excelize.Alignment{Vertical: "top"}
	wrap := &excelize.Alignment{Vertical: "top", WrapText: true}
	font := func(size float64, color string, bold bool) *excelize.Font {
		return &excelize.Font{Family: family, Size: size, Color: color, Bold: bold}
	}
	var err error
	add := func(id *int, s excelize.Style) {
		if err == nil {
			*id, err = b.file.NewStyle(&s)
		}
	}
	s := &b.style
	add(&s.text, excelize.Style{Font: font(10.5, ink, false), Alignment: top, NumFmt: textFormat})
	add(&s.wrap, excelize.Style{Font: font(10.5, ink, false), Alignment: wrap, NumFmt: textFormat})
	add(&s.strong, excelize.Style{Font: font(10.5, ink, true), Alignment: wrap, NumFmt: textFormat})
	add(&s.blue, excelize.Style{Font: font(10.5, blue, true), Alignment: top, NumFmt: textFormat})
	add(&s.red, excelize.Style{Font: font(10.5, red, true), Alignment: top, NumFmt: textFormat})
	add(&s.amber, excelize.Style{Font: font(10.5, amber, true), Alignment: top, NumFmt: textFormat})
	add(&s.grey, excelize.Style{Font: font(10.5, grey, false), Alignment: top, NumFmt: textFormat})
	// The indent keeps a number off the text of the next column.
	right := &excelize.Alignment{Vertical: "top", Horizontal: "right", Indent: 1}
	add(&s.number, excelize.Style{Font: font(10.5, ink, false), Alignment: right, CustomNumFmt: &numberFormat})
	add(&s.money, excelize.Style{Font: font(10.5, ink, false), Alignment: right, CustomNumFmt: &moneyFormat})
	add(&s.count, excelize.Style{Font: font(10.5, ink, true), Alignment: &excelize.Alignment{Vertical: "top", Horizontal: "left"}, CustomNumFmt: &numberFormat})
	add(&s.step, excelize.Style{Font: font(10.5, grey, false), Alignment: &excelize.Alignment{Vertical: "top", Horizontal: "right"}, NumFmt: textFormat})
	add(&s.time, excelize.Style{Font: font(10.5, ink, false), Alignment: &excelize.Alignment{Vertical: "top", Horizontal: "left"}, CustomNumFmt: &timeFormat})
	add(&s.title, excelize.Style{Font: font(11, grey, true), NumFmt: textFormat})
	add(&s.answer, excelize.Style{Font: font(18, ink, true), Alignment: wrap, NumFmt: textFormat})
	add(&s.lead, excelize.Style{Font: font(11, ink, false), Alignment: wrap, NumFmt: textFormat})
	add(&s.heading, excelize.Style{Font: font(12, ink, true), Alignment: &excelize.Alignment{Vertical: "center"}, NumFmt: textFormat, Border: []excelize.Border{{Type: "top", Color: ink, Style: 2}}})
	add(&s.label, excelize.Style{Font: font(10.5, grey, false), Alignment: top, NumFmt: textFormat})
	add(&s.note, excelize.Style{Font: font(9.5, grey, false), Alignment: wrap, NumFmt: textFormat})
	add(&s.link, excelize.Style{Font: &excelize.Font{Family: family, Size: 10.5, Color: blue, Underline: "single"}, Alignment: top, NumFmt: textFormat})
	header := excelize.Style{
		Font: font(10.5, ink, true), Alignment: &excelize.Alignment{Vertical: "center", WrapText: true}, NumFmt: textFormat,
		Fill:   excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{shade}},
		Border: []excelize.Border{{Type: "top", Color: ink, Style: 2}, {Type: "bottom", Color: rule, Style: 1}},
	}
	add(&s.header, header)
	header.Alignment = &excelize.Alignment{Vertical: "center", WrapText: true, Horizontal: "right", Indent: 1}
	add(&s.headerRight, header)
	return err
}

// verdict is the style of a verdict's cell. What a genuine server carried but the brand did not write never has the
// genuine colour.
func (s styles) verdict(v finding.Verdict, risk string) int {
	if risk == "high" && v.FromAmazon() {
		return s.amber
	}
	switch v {
	case finding.Genuine, finding.LikelyGenuine, finding.GenuineRelay:
		return s.blue
	case finding.Impersonation, finding.Suspicious:
		return s.red
	}
	return s.grey
}

// severity is the style of a severity's cell.
func (s styles) severity(v finding.Severity) int {
	switch v {
	case finding.Critical, finding.High:
		return s.red
	case finding.MediumS:
		return s.amber
	}
	return s.grey
}
