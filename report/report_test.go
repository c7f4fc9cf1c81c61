package report_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"flag"
	"html"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/report"
	"github.com/mailaudit/mailaudit/report/reporttest"
	"github.com/mailaudit/mailaudit/report/view"
)

var (
	update = flag.Bool("update", false, "write the goldens anew")
	show   = flag.String("show", "", "write every report of every stream to this folder, to be looked at")
)

func write(t testing.TB, format string, f *finding.File, opt report.Options) []byte {
	t.Helper()
	w, err := report.Open(format)
	if err != nil {
		t.Fatal(err)
	}
	if opt.Zone == nil {
		opt.Zone = reporttest.Tokyo
	}
	var b bytes.Buffer
	if err := w.Write(context.Background(), f, &b, opt); err != nil {
		t.Fatalf("%s: %v", format, err)
	}
	return b.Bytes()
}

func streams() map[string]*reporttest.Stream {
	return map[string]*reporttest.Stream{
		"takeover": reporttest.Takeover(), "calm": reporttest.Calm(), "empty": reporttest.Empty(), "hostile": reporttest.Hostile(), "private": reporttest.Private(),
	}
}

// TestShow writes reports for people to look at when asked to.
func TestShow(t *testing.T) {
	if *show == "" {
		t.Skip("no -show folder given")
	}
	all := streams()
	all["large"] = reporttest.Large(50_000)
	for name, s := range all {
		for _, lang := range view.Langs() {
			for _, format := range report.Formats() {
				if name == "large" && (lang == view.EN || format == "csv") {
					continue
				}
				b := write(t, format, s.File(), report.Options{Lang: lang, Redact: name == "private"})
				if err := os.WriteFile(filepath.Join(*show, name+"."+string(lang)+"."+format), b, 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// The text formats of the fixed streams are what they were. The page and the workbook are checked by their own packages:
// a golden of half a megabyte is read by nobody.
func TestGoldens(t *testing.T) {
	for name, s := range streams() {
		for _, lang := range view.Langs() {
			for _, width := range []int{60, 80, 140} {
				got := write(t, "text", s.File(), report.Options{Lang: lang, Width: width, Paths: []string{"mailaudit-report/report.html"}})
				golden(t, name+"."+string(lang)+"."+map[int]string{60: "60", 80: "80", 140: "140"}[width]+".txt", got)
			}
		}
	}
	golden(t, "calm.ja.csv", write(t, "csv", reporttest.Calm().File(), report.Options{Lang: view.JA}))
	golden(t, "private.en.jsonl", write(t, "jsonl", reporttest.Private().File(), report.Options{Lang: view.EN, Redact: true}))
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (go test -update writes it)", err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("%s differs (-want +got; go test -update accepts it):\n%s", name, d)
	}
}

// The same stream and options give the same bytes, in every format, masked or not.
func TestSameBytes(t *testing.T) {
	for _, format := range report.Formats() {
		for name, c := range map[string]struct {
			stream *reporttest.Stream
			opt    report.Options
		}{
			"takeover":        {reporttest.Takeover(), report.Options{Lang: view.JA}},
			"private, masked": {reporttest.Private(), report.Options{Lang: view.EN, Redact: true}},
		} {
			if !bytes.Equal(write(t, format, c.stream.File(), c.opt), write(t, format, c.stream.File(), c.opt)) {
				t.Errorf("%s of %s differs from run to run", format, name)
			}
		}
	}
}

// The stream comes out as it went in.
func TestJSONLIsACopy(t *testing.T) {
	s := reporttest.Takeover()
	if !bytes.Equal(write(t, "jsonl", s.File(), report.Options{}), s.Bytes()) {
		t.Error("jsonl is not the stream")
	}
}

// contents is what a reader of the report can see: the text of a page, the parts of a workbook.
func contents(t *testing.T, format string, b []byte) []byte {
	t.Helper()
	switch format {
	case "html":
		return []byte(html.UnescapeString(string(b)))
	case "xlsx":
		z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		var all bytes.Buffer
		for _, f := range z.File {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			part, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			all.WriteString(html.UnescapeString(string(part)))
		}
		return all.Bytes()
	}
	return b
}

// Nothing that --redact masks is left in any report, in any language, nor in a report made from the masked stream.
func TestNothingMaskedSurvives(t *testing.T) {
	private := reporttest.Private()
	for _, format := range report.Formats() {
		for _, lang := range view.Langs() {
			if bare := reporttest.Contains(contents(t, format, write(t, format, private.File(), report.Options{Lang: lang})), reporttest.Secrets()); format != "text" && format != "ics" && len(bare) == 0 {
				t.Errorf("%s.%s shows no secret even unmasked: the test tests nothing", format, lang)
			}
			got := write(t, format, private.File(), report.Options{Lang: lang, Redact: true})
			if left := reporttest.Contains(contents(t, format, got), reporttest.Secrets()); len(left) > 0 {
				t.Errorf("%s.%s still shows %q", format, lang, left)
			}
		}
	}
	masked := write(t, "jsonl", private.File(), report.Options{Redact: true})
	f, err := finding.Open(bytes.NewReader(masked), int64(len(masked)))
	if err != nil {
		t.Fatal(err)
	}
	if left := reporttest.Contains(contents(t, "html", write(t, "html", f, report.Options{})), reporttest.Secrets()); len(left) > 0 {
		t.Errorf("a page made from the masked stream shows %q", left)
	}
}

// What hostile mail says reaches no report with control, bidi or escape characters, except the stream, where JSON
// escapes them.
func TestHostileTextIsHarmless(t *testing.T) {
	s := reporttest.Hostile()
	for _, format := range report.Formats() {
		if format == "jsonl" {
			continue
		}
		for _, r := range string(contents(t, format, write(t, format, s.File(), report.Options{Lang: view.EN, Color: false}))) {
			if unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x200b || r == 0x200f || r == 0x2060 || r == 0xe0041 {
				t.Errorf("%s holds %U", format, r)
				break
			}
		}
	}
	page := string(write(t, "html", s.File(), report.Options{Lang: view.EN}))
	for _, live := range []string{"<script>window", "<img", "onload=", "onerror=", "onmouseover=", "javascript:window", `href="http`, `src=`, " style=", "@import", "url("} {
		body := page
		if live == "onload=" || live == "onerror=" || live == "onmouseover=" || live == " style=" || live == "src=" || live == "javascript:window" {
			body = tagsOnly(page)
		}
		if strings.Contains(body, live) {
			t.Errorf("the page holds %q", live)
		}
	}
}

// tagsOnly keeps what stands between < and >.
func tagsOnly(page string) string {
	var b strings.Builder
	in, quote := false, rune(0)
	for _, r := range page {
		switch {
		case !in && r == '<':
			in = true
		case in && quote == 0 && r == '>':
			in = false
			b.WriteByte('\n')
		case in && quote == 0 && r == '"':
			quote = r
		case in && r == quote:
			quote = 0
		case in && quote == 0:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func TestOpen(t *testing.T) {
	if _, err := report.Open("pdf"); err == nil || !strings.Contains(err.Error(), "html") {
		t.Errorf("an unknown format is refused and the known ones are named: %v", err)
	}
	w, err := report.Open("html")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(context.Background(), reporttest.Empty().File(), io.Discard, report.Options{Lang: "xx"}); err == nil {
		t.Error("a language without texts is refused")
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	for _, format := range report.Formats() {
		w, err := report.Open(format)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(ctx, reporttest.Takeover().File(), io.Discard, report.Options{}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s goes on after its context has ended: %v", format, err)
		}
	}
}

// full is a disk without room.
type full struct{ left int }

func (f *full) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errors.New("no space left")
	}
	return len(p), nil
}

// A report that could not be written whole says so.
func TestWriteErrors(t *testing.T) {
	for _, format := range report.Formats() {
		w, err := report.Open(format)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(context.Background(), reporttest.Takeover().File(), &full{left: 100}, report.Options{}); err == nil {
			t.Errorf("%s is silent about a full disk", format)
		}
	}
}
