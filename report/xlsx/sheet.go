package xlsx

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"github.com/mailaudit/mailaudit/report/view"
)

// column is one column of a table sheet.
type column struct {
	title  string
	width  float64 // in digits of the workbook's font
	number bool    // its cells, and so its heading, stand at the right
}

// headRow is the row of a table's header: above it stand the sheet's title and the jump back to the summary.
const headRow = 3

// sheet is a streamed sheet that holds one table, and rolls over to a further sheet before the format's limit.
type sheet struct {
	b       *book
	section string
	columns []column
	name    string
	part    int
	stream  *excelize.StreamWriter
	row     int
	// second is written into the row between title and header.
	second []any
	// lines is how many lines each row has at least.
	lines int
	// times is set where the columns have times: the zone is told above them.
	times bool
	// before, where set, is called before each part is closed: conditional formats are lost after it.
	before func(s *sheet) error
}

// open starts the sheet of a section.
func (b *book) open(section string, columns ...column) (*sheet, error) {
	return b.start(&sheet{section: section, columns: columns})
}

// openTimed starts one with columns of times.
func (b *book) openTimed(section string, columns ...column) (*sheet, error) {
	return b.start(&sheet{section: section, columns: columns, times: true})
}

// start starts a sheet of which section and columns are set, and what else it has of its own.
func (b *book) start(s *sheet) (*sheet, error) {
	s.b = b
	return s, s.start(b.names[s.section])
}

func (s *sheet) start(name string) error {
	s.name, s.part, s.row = name, s.part+1, headRow
	f := s.b.file
	if err := s.b.pageSetup(name, s.width()); err != nil {
		return err
	}
	if err := f.SetSheetProps(name, &excelize.SheetPropsOptions{TabColorRGB: tabColor(s.section)}); err != nil {
		return err
	}
	stream, err := f.NewStreamWriter(name)
	if err != nil {
		return err
	}
	s.stream = stream
	for i, c := range s.columns {
		if err := stream.SetColWidth(i+1, i+1, c.width); err != nil {
			return err
		}
	}
	if err := stream.SetPanes(s.panes()); err != nil {
		return err
	}
	// The jump stands in the fourth column, or in the last of fewer: behind the table it would be on another page.
	back := min(4, len(s.columns))
	ref, err := excelize.CoordinatesToCellName(back, 1)
	if err != nil {
		return err
	}
	if err := f.SetCellHyperLink(name, ref, "'"+s.b.names["summary"]+"'!A1", "Location"); err != nil {
		return err
	}
	first := make([]any, back, back+2)
	first[0] = excelize.Cell{StyleID: s.b.style.title, Value: name}
	first[back-1] = excelize.Cell{StyleID: s.b.style.link, Value: s.b.Say("book.jump", "name", s.b.names["summary"])}
	if s.times {
		from, _ := s.b.Span()
		first = append(first, nil, excelize.Cell{StyleID: s.b.style.label, Value: s.b.Say("book.times", "zone", s.b.ZoneName(from))})
	}
	if err := stream.SetRow("A1", first); err != nil {
		return err
	}
	if s.second != nil {
		if err := stream.SetRow("A2", s.second, excelize.RowOpts{Height: height(s.linesOf(s.second))}); err != nil {
			return err
		}
	}
	header := make([]any, len(s.columns))
	for i, c := range s.columns {
		style := s.b.style.header
		if c.number {
			style = s.b.style.headerRight
		}
		header[i] = excelize.Cell{StyleID: style, Value: c.title}
	}
	return stream.SetRow(fmt.Sprintf("A%d", headRow), header, excelize.RowOpts{Height: 30})
}

// here is the first cell of the row that was written last, as a link names it.
func (s *sheet) here() string { return fmt.Sprintf("'%s'!A%d", s.name, s.row) }

// width is that of all columns.
func (s *sheet) width() float64 {
	w := 0.0
	for _, c := range s.columns {
		w += c.width
	}
	return w
}

// panes keep the header in sight, and on a sheet that is wider than a screen its first column, the time.
func (s *sheet) panes() *excelize.Panes {
	p := &excelize.Panes{Freeze: true, YSplit: headRow, TopLeftCell: fmt.Sprintf("A%d", headRow+1), ActivePane: "bottomLeft"}
	if s.width() > pageWidth {
		p.XSplit, p.TopLeftCell, p.ActivePane = 1, fmt.Sprintf("B%d", headRow+1), "bottomRight"
	}
	return p
}

// tabColor marks the sheets that say what somebody has to look at.
func tabColor(section string) *string {
	color := map[string]string{"unnoticed": amber, "impersonations": red}[section]
	if color == "" {
		return nil
	}
	return &color
}

// add writes one row: strings, excelize.Cells, or nil for empty.
func (s *sheet) add(cells ...any) error {
	if s.row >= s.b.rowLimit {
		if err := s.next(); err != nil {
			return err
		}
	}
	s.row++
	ref, err := excelize.CoordinatesToCellName(1, s.row)
	if err != nil {
		return err
	}
	return s.stream.SetRow(ref, cells, excelize.RowOpts{Height: height(max(s.lines, s.linesOf(cells)))})
}

// linesOf is how many lines the cells of a row take that show their text whole.
func (s *sheet) linesOf(cells []any) int {
	n := 1
	for i, c := range cells {
		if cell, ok := c.(excelize.Cell); ok && cell.StyleID == s.b.style.wrap {
			if text, ok := cell.Value.(string); ok {
				n = max(n, lines(text, s.columns[i].width))
			}
		}
	}
	return n
}

// maxLines is how many lines of a text a row shows; Excel allows a row 409 points, and a table is there to be scanned.
const maxLines = 12

// height is that of a row of n lines, in points: Excel works it out by itself, other programs do not. 0 leaves a row of one
// line to the program.
func height(n int) float64 {
	if n <= 1 {
		return 0
	}
	return float64(min(n, maxLines))*lineHeight + 2
}

// lineHeight is that of a line of 10.5 points in the taller of the fonts, 游ゴシック.
const lineHeight = 17

// lines estimates how many lines s takes in a column of width characters, East Asian characters counting two.
func lines(s string, width float64) int {
	n := 0
	for line := range strings.SplitSeq(s, "\n") {
		w := 0
		for _, r := range line {
			w++
			if r >= 0x1100 {
				w++
			}
		}
		n += 1 + int(float64(max(0, w-1))/width)
	}
	return n
}

// next goes on in a further sheet.
func (s *sheet) next() error {
	if err := s.finish(); err != nil {
		return err
	}
	name := s.b.Say("book.continued", "name", s.b.names[s.section], "n", s.part+1)
	if _, err := s.b.file.NewSheet(name); err != nil {
		return err
	}
	return s.start(name)
}

// span is rows of a sheet that are made beside it and put in when the package is written.
type span struct {
	first, count int
	rows         *stretch
}

// reserve leaves room for n rows at the end of the sheet, in as many parts as they take. Nothing is added after them.
func (s *sheet) reserve(n int) ([]span, error) {
	var spans []span
	for n > 0 {
		if s.row >= s.b.rowLimit {
			if err := s.next(); err != nil {
				return nil, err
			}
		}
		part, err := s.b.part(s.name)
		if err != nil {
			return nil, err
		}
		here := span{first: s.row + 1, count: min(n, s.b.rowLimit-s.row), rows: &stretch{}}
		s.b.insets[part] = here.rows
		spans = append(spans, here)
		s.row, n = s.row+here.count, n-here.count
	}
	return spans, nil
}

// part is the name of a sheet's part of the package: excelize names it by the sheet's number.
func (b *book) part(sheet string) (string, error) {
	for n, name := range b.file.GetSheetMap() {
		if name == sheet {
			return fmt.Sprintf("xl/worksheets/sheet%d.xml", n), nil
		}
	}
	return "", fmt.Errorf("no sheet %q", sheet)
}

// finish makes a table of the rows and closes the sheet.
func (s *sheet) finish() error {
	if s.row == headRow {
		if err := s.stream.SetRow(fmt.Sprintf("A%d", headRow+1), []any{s.b.cell(s.b.Say("book.nothing"))}); err != nil {
			return err
		}
		return s.stream.Flush()
	}
	if s.before != nil {
		if err := s.before(s); err != nil {
			return err
		}
	}
	last, err := excelize.CoordinatesToCellName(len(s.columns), s.row)
	if err != nil {
		return err
	}
	s.b.tables++
	stripes := false
	if err := s.stream.AddTable(&excelize.Table{
		Range: fmt.Sprintf("A%d:%s", headRow, last), Name: fmt.Sprintf("table_%d", s.b.tables), StyleName: "TableStyleLight1", ShowRowStripes: &stripes,
	}); err != nil {
		return err
	}
	return s.stream.Flush()
}

// How many characters of the widths of columns a page of A4 across bears: at full size, and at the least size that is read
// without a glass (10.5 points become 6.5).
const (
	fullWidth = 110
	pageWidth = 255
)

// pageSetup prepares a sheet for paper: A4 across, as many pages wide as keep it readable, header row and, where there are
// several pages to a row, the first column on each, page numbers. The pages of a row follow one another.
func (b *book) pageSetup(name string, width float64) error {
	landscape, a4, pages, many, over := "landscape", 9, int(math.Ceil(width/pageWidth)), 0, "overThenDown"
	fit := width > fullWidth // never larger than life
	layout := &excelize.PageLayoutOptions{Orientation: &landscape, Size: &a4, PageOrder: &over}
	if fit {
		layout.FitToWidth, layout.FitToHeight = &pages, &many
	}
	if err := b.file.SetPageLayout(name, layout); err != nil {
		return err
	}
	if err := b.file.SetSheetProps(name, &excelize.SheetPropsOptions{FitToPage: &fit}); err != nil {
		return err
	}
	side, top, edge := 0.4, 0.7, 0.3 // inches
	if err := b.file.SetPageMargins(name, &excelize.PageLayoutMarginsOptions{Left: &side, Right: &side, Top: &top, Bottom: &top, Header: &edge, Footer: &edge}); err != nil {
		return err
	}
	if err := b.file.SetHeaderFooter(name, &excelize.HeaderFooterOptions{OddHeader: "&L&A&Rmailaudit", OddFooter: "&C&P / &N"}); err != nil {
		return err
	}
	if name == b.names["summary"] {
		return nil
	}
	titles := fmt.Sprintf("'%s'!$%d:$%d", name, headRow, headRow)
	if pages > 1 {
		titles = fmt.Sprintf("'%s'!$A:$A,%s", name, titles)
	}
	return b.file.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: titles, Scope: name})
}

// maxText is how many characters (UTF-16 code units, in which Excel counts) a cell holds.
const maxText = 32_767

// cell is a text cell.
func (b *book) cell(s string) any { return b.styled(s, b.style.text) }

func (b *book) styled(s string, style int) any {
	if s == "" {
		return nil
	}
	return excelize.Cell{StyleID: style, Value: b.fit(s)}
}

// fit cuts text at what a cell holds, with a mark. Text of this length never comes by the columns of package view; it is
// the last guard.
func (b *book) fit(s string) string {
	if len(s) <= maxText {
		return s
	}
	mark := b.Say("book.cut")
	room, units := maxText-utf8.RuneCountInString(mark)*2, 0
	for i, r := range s {
		units++
		if r > 0xffff {
			units++
		}
		if units > room {
			return s[:i] + mark
		}
	}
	return s
}

// value is a cell of a Value of package view.
func (b *book) value(v view.Value) any {
	switch v.Kind {
	case view.TextValue:
		return b.cell(v.Text)
	case view.NumberValue:
		return excelize.Cell{StyleID: b.style.number, Value: v.N}
	case view.DecimalValue:
		if n, err := strconv.ParseFloat(v.Text, 64); err == nil {
			return excelize.Cell{StyleID: b.style.money, Value: n}
		}
		return b.cell(v.Text)
	case view.TimeValue, view.UTCValue:
		return b.timeCell(v.Time)
	}
	return nil
}

// timeCell is a date as a spreadsheet counts it: days since 30 December 1899 by the clock of t's zone. Before 1 March 1900
// spreadsheets disagree; such a time is text.
func (b *book) timeCell(t time.Time) any {
	_, offset := t.Zone()
	seconds := t.Unix() + int64(offset)
	const epoch = -2209161600 // 30 December 1899 in Unix seconds
	days := float64(seconds-epoch) / 86400
	if days < 61 || t.Year() > 9999 {
		return b.cell(strings.TrimSpace(t.Format("2006-01-02 15:04")))
	}
	return excelize.Cell{StyleID: b.style.time, Value: days}
}

func (b *book) number(n int64) any { return excelize.Cell{StyleID: b.style.number, Value: n} }
