package xlsx

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/report/reporttest"
	"github.com/mailaudit/mailaudit/report/view"
)

func workbook(t *testing.T, s *reporttest.Stream, lang view.Lang) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(context.Background(), s.File(), &b, view.Options{Lang: lang, Zone: reporttest.Tokyo}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func reopen(t *testing.T, b []byte) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// parts gives every part of the package.
func parts(t *testing.T, b []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if out[f.Name] != "" {
			t.Errorf("part %s stands twice", f.Name)
		}
		out[f.Name] = string(text)
	}
	return out
}

// All sheets of the plan (but the one of Amazon's records, which this stream has none of) are there in both languages, with their table, filter, frozen header and jump.
func TestSheets(t *testing.T) {
	for _, lang := range view.Langs() {
		f := reopen(t, workbook(t, reporttest.Takeover(), lang))
		names := f.GetSheetList()
		if len(names) != 12 {
			t.Errorf("%s: sheets %q", lang, names)
		}
		for _, name := range names[1:] {
			tables, err := f.GetTables(name)
			if err != nil || len(tables) != 1 {
				t.Errorf("%s: sheet %s has %d tables, %v", lang, name, len(tables), err)
			}
			jump := "D1"
			if name == names[len(names)-1] {
				jump = "C1" // a table of three columns
			}
			if link, to, err := f.GetCellHyperLink(name, jump); !link || !strings.Contains(to, names[0]) || err != nil {
				t.Errorf("%s: sheet %s does not lead back: %v %q %v", lang, name, link, to, err)
			}
			if p, err := f.GetPanes(name); err != nil || !p.Freeze || p.YSplit != headRow {
				t.Errorf("%s: sheet %s: panes %+v, %v", lang, name, p, err)
			}
		}
		if props, err := f.GetDocProps(); err != nil || props.Creator != "mailaudit" || props.Language != string(lang) {
			t.Errorf("%s: properties %+v, %v", lang, props, err)
		}
		formats, err := f.GetConditionalFormats(names[6])
		if err != nil || len(formats) == 0 {
			t.Errorf("%s: the calendar has no colours: %v", lang, err)
		}
	}
}

// Times are numbers that a spreadsheet shows as the local clock, with UTC beside.
func TestTimes(t *testing.T) {
	f := reopen(t, workbook(t, reporttest.Takeover(), view.EN))
	rows, err := f.GetRows("Unnoticed")
	if err != nil {
		t.Fatal(err)
	}
	row := rows[headRow]
	if row[0] != "2026-02-03 04:05" || row[1] != "2026-02-02 19:05" {
		t.Errorf("the newest unnoticed notice is at %s, %s UTC", row[0], row[1])
	}
	if typ, err := f.GetCellType("Unnoticed", "A4"); err != nil || typ == excelize.CellTypeInlineString || typ == excelize.CellTypeSharedString {
		t.Errorf("a time is stored as text (%v, %v)", typ, err)
	}
}

func TestTimeCell(t *testing.T) {
	b := &book{}
	cases := []struct {
		name string
		at   time.Time
		want float64
	}{
		{"the first day spreadsheets agree on", time.Date(1900, 3, 1, 0, 0, 0, 0, time.UTC), 61},
		{"noon", time.Date(2026, 2, 3, 12, 0, 0, 0, time.UTC), 46056.5},
		{"the clock of the zone counts", time.Date(2026, 2, 3, 12, 0, 0, 0, reporttest.Tokyo), 46056.5},
	}
	for _, c := range cases {
		got, ok := b.timeCell(c.at).(excelize.Cell)
		if v, isNumber := got.Value.(float64); !ok || !isNumber || math.Abs(v-c.want) > 1e-9 {
			t.Errorf("%s: %v, want %v", c.name, got.Value, c.want)
		}
	}
	if got := b.timeCell(time.Date(1870, 1, 1, 0, 0, 0, 0, time.UTC)).(excelize.Cell); got.Value != "1870-01-01 00:00" {
		t.Errorf("a time before spreadsheets is text, got %v", got.Value)
	}
}

// Hostile mail makes no formula, no outside link and no broken part; what began like a formula is a text cell.
func TestHostileCells(t *testing.T) {
	b := workbook(t, reporttest.Hostile(), view.EN)
	for name, text := range parts(t, b) {
		d := xml.NewDecoder(strings.NewReader(text))
		for {
			tok, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("part %s is no XML: %v", name, err)
			}
			start, ok := tok.(xml.StartElement)
			if !ok {
				continue
			}
			switch start.Name.Local {
			case "f":
				if strings.HasPrefix(name, "xl/worksheets/") {
					t.Errorf("%s holds a formula", name)
				}
			case "Relationship":
				for _, a := range start.Attr {
					if a.Name.Local == "TargetMode" && a.Value == "External" {
						t.Errorf("%s leads outside", name)
					}
				}
			}
		}
		for _, bad := range []string{"\x1b", "\u202e", "\u200b"} {
			if strings.Contains(text, bad) {
				t.Errorf("%s holds %q", name, bad)
			}
		}
	}
	f := reopen(t, b)
	rows, err := f.GetRows("All messages")
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, row := range rows {
		for _, cell := range row {
			found = found || strings.HasPrefix(cell, "=HYPERLINK(")
			if n := len([]rune(cell)); n > maxText {
				t.Errorf("a cell of %d characters", n)
			}
		}
	}
	if !found {
		t.Error("the formula that mail wrote is not shown as text")
	}
}

// Beyond the limit of rows a sheet goes on in another.
func TestRollOver(t *testing.T) {
	r, err := view.Build(context.Background(), reporttest.Takeover().File(), view.Options{Lang: view.EN})
	if err != nil {
		t.Fatal(err)
	}
	b := &book{Report: r, ctx: context.Background(), rowLimit: headRow + 100}
	var out bytes.Buffer
	if err := b.writeTo(&out); err != nil {
		t.Fatal(err)
	}
	f := reopen(t, out.Bytes())
	total := 0
	for _, name := range f.GetSheetList() {
		if !strings.HasPrefix(name, "All messages") {
			continue
		}
		rows, err := f.GetRows(name)
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) > headRow+100 {
			t.Errorf("%s has %d rows", name, len(rows))
		}
		total += len(rows) - headRow
	}
	if total != r.Len() {
		t.Errorf("%d rows for %d messages", total, r.Len())
	}
}

func TestFit(t *testing.T) {
	c, err := view.Load()
	if err != nil {
		t.Fatal(err)
	}
	b := &book{Report: &view.Report{Printer: view.NewPrinter(c, view.JA, nil)}}
	long := b.fit(strings.Repeat("𠮷", 40_000))
	units := 0
	for _, r := range long {
		units++
		if r > 0xffff {
			units++
		}
	}
	if units > maxText || !strings.HasSuffix(long, b.Say("book.cut")) {
		t.Errorf("a long text has %d units and ends in %q", units, long[len(long)-60:])
	}
	if s := strings.Repeat("あ", 10_000); b.fit(s) != s {
		t.Error("a text that fits is kept")
	}
}

// onDisk opens a stream from a file, as a scan does.
func onDisk(b *testing.B, s *reporttest.Stream) *finding.File {
	b.Helper()
	name := filepath.Join(b.TempDir(), "findings.jsonl")
	if err := os.WriteFile(name, s.Bytes(), 0o600); err != nil {
		b.Fatal(err)
	}
	file, err := os.Open(name)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { file.Close() })
	info, err := file.Stat()
	if err != nil {
		b.Fatal(err)
	}
	f, err := finding.Open(file, info.Size())
	if err != nil {
		b.Fatal(err)
	}
	return f
}

// BenchmarkLong writes a workbook of 200,000 messages and reports the peak of the heap.
func BenchmarkLong(b *testing.B) {
	f := onDisk(b, reporttest.Large(200_000))
	for b.Loop() {
		var peak uint64
		stop := make(chan bool)
		done := make(chan bool)
		runtime.GC()
		var before runtime.MemStats
		runtime.ReadMemStats(&before)
		go func() {
			defer close(done)
			for {
				select {
				case <-stop:
					return
				case <-time.After(20 * time.Millisecond):
					var m runtime.MemStats
					runtime.ReadMemStats(&m)
					peak = max(peak, m.HeapInuse)
				}
			}
		}()
		if err := Write(context.Background(), f, io.Discard, view.Options{Lang: view.JA, Zone: reporttest.Tokyo}); err != nil {
			b.Fatal(err)
		}
		close(stop)
		<-done
		b.ReportMetric(float64(peak-before.HeapInuse)/(1<<20), "peak-MiB")
	}
}

// LibreOffice opens the workbook of an ordinary and of a hostile mailbox and gives the cells back as they were.
func TestLibreOffice(t *testing.T) {
	office, err := exec.LookPath("soffice")
	if err != nil || testing.Short() {
		t.Skip("no soffice in the PATH, or -short: the workbook is not opened in LibreOffice")
	}
	for name, s := range map[string]*reporttest.Stream{"takeover": reporttest.Takeover(), "hostile": reporttest.Hostile()} {
		dir := t.TempDir()
		book := filepath.Join(dir, name+".xlsx")
		if err := os.WriteFile(book, workbook(t, s, view.EN), 0o600); err != nil {
			t.Fatal(err)
		}
		// -1 writes every sheet to a file of its own.
		cmd := exec.Command(office, "--headless", "-env:UserInstallation=file://"+filepath.Join(dir, "profile"), "--convert-to", `csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1`, "--outdir", dir, book)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		b, err := os.ReadFile(filepath.Join(dir, name+"-All messages.csv"))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range s.Messages {
			if !strings.Contains(string(b), m.ID) {
				t.Errorf("%s: message %s is not in what LibreOffice read", name, m.ID)
			}
		}
		if strings.Contains(string(b), "#NAME?") || strings.Contains(string(b), "Err:") {
			t.Errorf("%s: LibreOffice computed something", name)
		}
	}
}
