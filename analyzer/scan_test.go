package analyzer_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/mailaudit/mailaudit/analyzer"
	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/event"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/limit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func samples(t *testing.T) []string {
	t.Helper()
	dirs, err := filepath.Glob("../samples/*/input")
	if err != nil || len(dirs) < 6 {
		t.Fatalf("samples: %v, %v", dirs, err)
	}
	return dirs
}

// TestWorkersDoNotMatter: one worker and many write the same bytes, for each sample alone and for all as one case.
func TestWorkersDoNotMatter(t *testing.T) {
	dirs := samples(t)
	cases := [][]string{dirs}
	for _, d := range dirs {
		cases = append(cases, []string{d})
	}
	if testing.Short() {
		t.Log("with -short only all samples as one case")
		cases = cases[:1]
	}
	for _, paths := range cases {
		_, _, one := scanPaths(t, 1, paths...)
		numbers := []int{2, 4, 7}
		if len(paths) == 1 {
			numbers = numbers[1:2]
		}
		for _, workers := range numbers {
			if _, _, many := scanPaths(t, workers, paths...); !bytes.Equal(one, many) {
				t.Errorf("%v: %d workers write other bytes than one", paths, workers)
			}
		}
	}
}

// TestEveryByteIsAccountedFor holds the first promise to account on all samples, the hostile ones among them.
func TestEveryByteIsAccountedFor(t *testing.T) {
	for _, d := range samples(t) {
		f, r, _ := scanPaths(t, 2, d)
		if s := f.Summary(); s.Bytes != s.BytesAccounted || s.Bytes == 0 {
			t.Errorf("%s: %d bytes read, %d accounted for", d, s.Bytes, s.BytesAccounted)
		}
		if !r.Complete {
			t.Errorf("%s: not complete", d)
		}
	}
}

// TestCopies: a message in two places is one message with a copy, read if either was read.
func TestCopies(t *testing.T) {
	dir := t.TempDir()
	for name, data := range map[string]string{
		"Maildir/cur/1.host:2,":  gmailHop + gmailPass + notice,
		"Maildir/cur/2.host:2,S": gmailHop + gmailPass + notice,
		"Maildir/new/.keep":      "",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f, r, _ := scanPaths(t, 2, dir)
	if r.Summary.Messages != 2 || f.Len() != 1 {
		t.Fatalf("%d messages read, %d records", r.Summary.Messages, f.Len())
	}
	m, err := f.Message(0)
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Copies) != 1 || m.Copies[0].Path[0] == m.Location.Path[0] {
		t.Errorf("copies: %v beside %v", m.Copies, m.Location)
	}
	if m.Read == nil || m.Read.Seen == nil || !*m.Read.Seen {
		t.Errorf("read state: %+v, want seen", m.Read)
	}
}

// TestSameMessageIDIsNoCopy: an attacker can reuse the Message-ID of a genuine mail; only the content makes a copy.
func TestSameMessageIDIsNoCopy(t *testing.T) {
	dir := t.TempDir()
	for name, data := range map[string]string{"a.eml": gmailHop + gmailPass + notice, "b.eml": attackerHop + notice + "x\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if f, _, _ := scanPaths(t, 2, dir); f.Len() != 2 {
		t.Errorf("%d records, want 2", f.Len())
	}
}

// TestInterrupted: when the context ends, the scan concludes over what was read and says that it is not complete.
func TestInterrupted(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var out bytes.Buffer
	seen := int64(0)
	r, err := analyzer.Scan(ctx, analyzer.Config{
		Paths: samples(t), Dir: t.TempDir(), Workers: 2, Limits: limit.Default(), Brands: brand.Builtin(), Events: event.Builtin(),
		Version: "test", Now: time.Now,
		Progress: func(p analyzer.Progress) {
			if seen = p.Bytes; seen > 600_000 {
				stop()
			}
		},
	}, &out)
	if err != nil {
		t.Fatalf("Scan: %v", err)
	}
	f, err := finding.Open(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	if r.Complete || f.Summary().Complete {
		t.Error("the scan says that it is complete")
	}
	if f.Summary().Messages == 0 {
		t.Error("nothing was concluded over what was read")
	}
}

// TestNothingToScan: a folder without mail is an error of its own, not an empty report.
func TestNothingToScan(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "photo.png"), []byte("\x89PNG\r\n\x1a\n0000"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := analyzer.Scan(context.Background(), analyzer.Config{
		Paths: []string{dir}, Dir: t.TempDir(), Workers: 1, Limits: limit.Default(), Brands: brand.Builtin(), Events: event.Builtin(),
		Version: "test", Now: time.Now,
	}, io.Discard)
	if !errors.Is(err, analyzer.ErrNothing) {
		t.Errorf("got %v, want ErrNothing", err)
	}
}

// TestSpoolIsRemoved: nothing of the mail stays behind in the output folder, whether the scan ends well or not.
func TestSpoolIsRemoved(t *testing.T) {
	for _, w := range []io.Writer{io.Discard, fullDisk{}} {
		dir := t.TempDir()
		_, err := analyzer.Scan(context.Background(), analyzer.Config{
			Paths: []string{"../samples/takeover/input"}, Dir: dir, Workers: 2, Limits: limit.Default(), Brands: brand.Builtin(),
			Events: event.Builtin(), Version: "test", Now: time.Now,
		}, w)
		if _, full := w.(fullDisk); full != (err != nil) {
			t.Errorf("Scan to %T: %v", w, err)
		}
		left, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range left {
			t.Errorf("left behind: %s", f.Name())
		}
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// TestHugeHeader: a header of 5 MB is read up to its limit, reported, and the message beside it is still judged.
func TestHugeHeader(t *testing.T) {
	dir := t.TempDir()
	huge := "From: \"Amazon.co.jp\" <account-update@amazon.co.jp>\nSubject: Amazon\nX-Filler: " + strings.Repeat("a", 5<<20) + "\n\nAmazon\n"
	nobodys := "From: a@example.com\nX-Filler: " + strings.Repeat("a", 2<<20) + "\n\nhello\n" // no candidate, and still told
	for name, data := range map[string]string{"huge.eml": huge, "nobodys.eml": nobodys, "other.eml": gmailHop + gmailPass + notice} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f, _, _ := scanPaths(t, 2, dir)
	if f.Len() != 2 {
		t.Errorf("%d records, want both messages", f.Len())
	}
	if f.ProblemCount() != 2 {
		t.Errorf("the limit is reported %d times, want once for each huge header", f.ProblemCount())
	}
	if s := f.Summary(); s.Bytes != s.BytesAccounted {
		t.Errorf("%d bytes read, %d accounted for", s.Bytes, s.BytesAccounted)
	}
}

// TestLongFieldBeforeAllOthers: a field longer than a header may be hides who the message says it is from. It is lost, and
// said to be.
func TestLongFieldBeforeAllOthers(t *testing.T) {
	name := filepath.Join(t.TempDir(), "x.eml")
	if err := os.WriteFile(name, []byte("X-Filler: "+strings.Repeat("a", 3<<20)+"\n"+gmailHop+gmailPass+notice), 0o600); err != nil {
		t.Fatal(err)
	}
	f, r, _ := scanPaths(t, 2, name)
	if r.Summary.Messages != 1 || r.Summary.Lost != 1 {
		t.Errorf("%d messages, %d lost, %d records", r.Summary.Messages, r.Summary.Lost, f.Len())
	}
}

// TestManyCopies: of a message that lies in very many places the first thousand are named and the others counted.
func TestManyCopies(t *testing.T) {
	var box strings.Builder
	for range 1203 {
		box.WriteString("From 1@xxx Tue Feb 03 12:05:06 +0000 2026\n" + gmailHop + gmailPass + notice + "\n")
	}
	path := filepath.Join(t.TempDir(), "box.mbox")
	if err := os.WriteFile(path, []byte(box.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	f, r, _ := scanPaths(t, 2, path)
	m, err := f.Message(0)
	if err != nil {
		t.Fatal(err)
	}
	if r.Summary.Messages != 1203 || f.Len() != 1 || len(m.Copies) != 1000 || m.MoreCopies != 202 {
		t.Errorf("%d messages, %d records, %d copies and %d more", r.Summary.Messages, f.Len(), len(m.Copies), m.MoreCopies)
	}
}
