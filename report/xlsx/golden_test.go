package xlsx

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/mailaudit/mailaudit/report/reporttest"
	"github.com/mailaudit/mailaudit/report/view"
)

var update = flag.Bool("update", false, "write the goldens anew")

// goldenRows is how many rows of the sheet of all messages a golden shows: each is as long as the others together.
const goldenRows = 5

// What the workbook of a fixed stream holds, in both languages: every cell with its style, widths, links, tables, panes,
// conditional formats, print set-up, what the chart is drawn from, and the document's properties. The file itself is no
// golden: nobody reads a diff of packed bytes.
func TestGoldens(t *testing.T) {
	for _, lang := range view.Langs() {
		name := filepath.Join("testdata", "night."+string(lang)+".txt")
		got := dump(t, workbook(t, reporttest.Night(), lang))
		if *update {
			if err := os.MkdirAll("testdata", 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatalf("%v (go test -update writes it)", err)
		}
		if d := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); d != "" {
			t.Errorf("%s differs (-want +got; go test -update accepts it):\n%s", name, d)
		}
	}
}

// dumper writes what a workbook holds as lines.
type dumper struct {
	t      *testing.T
	f      *excelize.File
	b      strings.Builder
	styles map[int]bool
}

func dump(t *testing.T, book []byte) string {
	t.Helper()
	d := &dumper{t: t, f: reopen(t, book), styles: map[int]bool{}}
	props, err := d.f.GetDocProps()
	d.check(err)
	d.line("properties: title %q subject %q creator %q keywords %q language %q created %s", props.Title, props.Subject, props.Creator, props.Keywords, props.Language, props.Created)
	for _, n := range d.f.GetDefinedName() {
		d.line("name %s of %s: %s", n.Name, n.Scope, n.RefersTo)
	}
	for _, name := range d.f.GetSheetList() {
		d.sheet(name)
	}
	d.charts(parts(t, book))
	d.styleList()
	return d.b.String()
}

func (d *dumper) line(format string, args ...any) { fmt.Fprintf(&d.b, format+"\n", args...) }

func (d *dumper) check(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *dumper) sheet(name string) {
	f := d.f
	d.line("\n== %s", name)
	props, err := f.GetSheetProps(name)
	d.check(err)
	layout, err := f.GetPageLayout(name)
	d.check(err)
	d.line("page: %s, paper %d, fit %v to %v pages across, scale %v, %s, tab %s", *layout.Orientation, *layout.Size, *props.FitToPage, show(layout.FitToWidth), show(layout.AdjustTo), show(layout.PageOrder), show(props.TabColorRGB))
	panes, err := f.GetPanes(name)
	d.check(err)
	if panes.Freeze {
		d.line("frozen: %d columns, %d rows", panes.XSplit, panes.YSplit)
	}
	tables, err := f.GetTables(name)
	d.check(err)
	for _, table := range tables {
		d.line("table %s: %s", table.Name, table.Range)
	}
	formats, err := f.GetConditionalFormats(name)
	d.check(err)
	for where, list := range formats {
		for _, c := range list {
			d.line("colour of %s: %s %s %q", where, c.Type, c.Criteria, c.Value)
		}
	}
	validations, err := f.GetDataValidations(name)
	d.check(err)
	if len(validations) > 0 {
		d.line("%d validations", len(validations))
	}
	merged, err := f.GetMergeCells(name)
	d.check(err)
	for _, m := range merged {
		d.line("merged: %s", m[0])
	}
	d.rows(name)
}

func show[T any](v *T) string {
	if v == nil {
		return "-"
	}
	return fmt.Sprint(*v)
}

// rows writes the cells as A1{style}=value, and the links behind them.
func (d *dumper) rows(name string) {
	f := d.f
	rows, err := f.GetRows(name, excelize.Options{RawCellValue: true})
	d.check(err)
	var widths []string
	most := 0
	for _, row := range rows {
		most = max(most, len(row))
	}
	for c := range most {
		col, err := excelize.ColumnNumberToName(c + 1)
		d.check(err)
		w, err := f.GetColWidth(name, col)
		d.check(err)
		widths = append(widths, fmt.Sprintf("%s %g", col, w))
	}
	d.line("widths: %s", strings.Join(widths, ", "))
	for r, row := range rows {
		if len(row) > 30 && r >= headRow+goldenRows {
			d.line("… %d more rows", len(rows)-r)
			return
		}
		var cells []string
		for c, value := range row {
			ref, err := excelize.CoordinatesToCellName(c+1, r+1)
			d.check(err)
			style, err := f.GetCellStyle(name, ref)
			d.check(err)
			if value == "" {
				continue
			}
			d.styles[style] = true
			cell := fmt.Sprintf("%s{%d}=%s", ref, style, strings.ReplaceAll(value, "\n", "⏎"))
			if link, to, err := f.GetCellHyperLink(name, ref); err == nil && link {
				cell += " → " + to
			}
			cells = append(cells, cell)
		}
		if len(cells) > 0 {
			height, err := f.GetRowHeight(name, r+1)
			d.check(err)
			d.line("%g pt: %s", height, strings.Join(cells, " | "))
		}
	}
}

var chartParts = regexp.MustCompile(`<(?:\w+:)?f>([^<]*)</|<(?:\w+:)?srgbClr val="(\w+)"`)

// charts writes what charts are drawn from and in which colours.
func (d *dumper) charts(parts map[string]string) {
	var names []string
	for name := range parts {
		if strings.HasPrefix(name, "xl/charts/") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		var list []string
		for _, m := range chartParts.FindAllStringSubmatch(parts[name], -1) {
			list = append(list, m[1]+m[2])
		}
		d.line("\n== %s: %s", name, strings.Join(list, " "))
	}
}

// styleList says what the numbers of styles mean.
func (d *dumper) styleList() {
	d.line("\n== styles")
	var ids []int
	for id := range d.styles {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		s, err := d.f.GetStyle(id)
		d.check(err)
		format := fmt.Sprint(s.NumFmt)
		if s.CustomNumFmt != nil {
			format = *s.CustomNumFmt
		}
		look := "no font"
		if s.Font != nil {
			look = fmt.Sprintf("%s %g #%s bold %v underline %q", s.Font.Family, s.Font.Size, s.Font.Color, s.Font.Bold, s.Font.Underline)
		}
		if a := s.Alignment; a != nil {
			look += fmt.Sprintf(", %s %s wrap %v indent %d", a.Horizontal, a.Vertical, a.WrapText, a.Indent)
		}
		d.line("{%d}: format %s, %s", id, format, look)
	}
}
