package analyzer_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/limit"
)

// aboutAmazon is a header that makes any message one that full analysis looks at.
const aboutAmazon = "From: \"Amazon\" <no-reply@amaz0n.example>\nTo: haruka@example.com\nSubject: Amazon\nDate: Tue, 3 Feb 2026 12:05:04 +0000\nMIME-Version: 1.0\n"

// reached is a limit of limit.Limits, an input that reaches it where it is set to a small value, and what the stream says.
type reached struct {
	fields string // names of the limits that the case is about, by spaces
	why    string
	name   string // of the file
	data   []byte
	set    func(*limit.Limits)
	says   string // part of the reason of a problem record; "" where the limit is no loss, see shows
	shows  func(*testing.T, *finding.File)
}

func messages(n int) func(*testing.T, *finding.File) {
	return func(t *testing.T, f *finding.File) {
		t.Helper()
		if got := f.Summary().Messages; got != int64(n) {
			t.Errorf("%d messages, want %d", got, n)
		}
	}
}

func limitCases(t *testing.T) []reached {
	t.Helper()
	plain := aboutAmazon + "\nAmazon words and words\n"
	lines := func(n int) string { return strings.Repeat("0123456789abcdef0123456789abcdef\n", n) }
	parts := aboutAmazon + "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n\nAmazon\n", 20) + "--b--\n"
	deep := aboutAmazon
	for i := range 8 {
		deep += fmt.Sprintf("Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
	}
	links := aboutAmazon + "Content-Type: text/html\n\n" + strings.Repeat(`<a href="https://amazon.example/login">Amazon</a>`, 20)
	attached := func(kind string, data []byte) []byte {
		return []byte(aboutAmazon + "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nAmazon\n--b\nContent-Type: " + kind +
			"\nContent-Disposition: attachment\nContent-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString(data) + "\n--b--\n")
	}
	var picture bytes.Buffer
	noise := image.NewGray(image.Rect(0, 0, 200, 200)) // a plain one is too short to be looked at
	for i := range noise.Pix {
		noise.Pix[i] = byte(i * i >> 3)
	}
	if err := png.Encode(&picture, noise); err != nil {
		t.Fatal(err)
	}
	return []reached{
		{
			"Message", "a message longer than is held is read from its beginning", "a.eml", []byte(plain + lines(2000)),
			func(l *limit.Limits) { l.Message = 8 << 10 }, limit.NameMessage, nil,
		},
		{
			"OversizeText", "of a message longer than is held, some text is read", "a.eml", []byte(plain + lines(2000)),
			func(l *limit.Limits) { l.Message, l.OversizeText = 8<<10, 1<<10 }, limit.NameText, nil,
		},
		{
			"Header", "a header of one endless field ends", "a.eml", []byte(aboutAmazon + "X: " + strings.Repeat("x", 9000) + "\n\nAmazon\n"),
			func(l *limit.Limits) { l.Header = 4 << 10 }, "limit " + limit.NameHeader, nil,
		},
		{
			"HeaderFields", "a header of many fields ends", "a.eml", []byte(aboutAmazon + strings.Repeat("X: y\n", 100) + "\nAmazon\n"),
			func(l *limit.Limits) { l.HeaderFields = 50 }, "more header fields", nil,
		},
		{"Parts", "parts without end", "a.eml", []byte(parts), func(l *limit.Limits) { l.Parts = 5 }, limit.NameParts, nil},
		{"Depth", "parts in parts", "a.eml", []byte(deep + "\nAmazon\n"), func(l *limit.Limits) { l.Depth = 3 }, limit.NameDepth, nil},
		{"Text", "a long text", "a.eml", []byte(plain + lines(2000)), func(l *limit.Limits) { l.Text = 1 << 10 }, limit.NameText, nil},
		{"Work", "much to decode", "a.eml", []byte(plain + lines(2000)), func(l *limit.Limits) { l.Work = 4 << 10 }, limit.NameWork, nil},
		{"Links", "many links", "a.eml", []byte(links), func(l *limit.Limits) { l.Links = 5 }, limit.NameLinks, nil},
		{
			"Attachment", "a long document", "a.eml", attached("application/pdf", []byte("%PDF-1.4\n"+lines(100))),
			func(l *limit.Limits) { l.Attachment = 1 << 10 }, limit.NameAttachment, nil,
		},
		{
			"ImagePixels", "a large picture", "a.eml", attached("image/png", picture.Bytes()),
			func(l *limit.Limits) { l.ImagePixels = 100 }, limit.NameImagePixels, nil,
		},
		{
			"FromLine", "a From_ line longer than any writer's is text", "a.mbox",
			[]byte("From x@example.com Thu Jan  1 00:00:01 2026\n" + plain + "\nFrom " + strings.Repeat("x", 200) + "@example.com Thu Jan  1 00:00:01 2026\n" + plain),
			func(l *limit.Limits) { l.FromLine = 100 }, "", messages(1),
		},
		{
			"ArchiveMember", "a member longer than allowed", "a.zip", zipped(t, "a.mbox", "From x@example.com Thu Jan  1 00:00:01 2026\n"+plain+lines(2000)),
			func(l *limit.Limits) { l.ArchiveMember = 4 << 10 }, limit.NameArchiveMember, nil,
		},
		{
			"ArchiveRatio ArchiveRatioFloor", "an archive bomb", "a.zip", zipped(t, "a.mbox", "From x@example.com Thu Jan  1 00:00:01 2026\n"+plain+strings.Repeat("\n", 8<<20)),
			func(l *limit.Limits) { l.ArchiveRatio, l.ArchiveRatioFloor = 10, 1<<20 }, limit.NameArchiveRatio, nil,
		},
		{
			"ArchiveDepth", "archives in archives", "a.zip", zipped(t, "b.zip", string(zipped(t, "c.zip", string(zipped(t, "a.eml", plain))))),
			func(l *limit.Limits) { l.ArchiveDepth = 1 }, limit.NameArchiveDepth, nil,
		},
		{"ArchiveMembers", "members without end", "a.tar", tarred(t, plain, 9), func(l *limit.Limits) { l.ArchiveMembers = 5 }, limit.NameArchiveMembers, nil},
		{"TreeDepth", "folders in folders", "a/b/c/d/e/a.eml", []byte(plain), func(l *limit.Limits) { l.TreeDepth = 2 }, limit.NameTreeDepth, nil},
		{
			"InFlight", "messages larger than all room in flight pass one by one", "a.mbox",
			[]byte(strings.Repeat("From x@example.com Thu Jan  1 00:00:01 2026\n"+plain+"\n", 50)), func(l *limit.Limits) { l.InFlight = 1 }, "", messages(50),
		},
	}
}

func zipped(t *testing.T, name, data string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create(name)
	if err == nil {
		_, err = w.Write([]byte(data))
	}
	if err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func tarred(t *testing.T, message string, n int) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for i := range n {
		err := w.WriteHeader(&tar.Header{Name: fmt.Sprintf("%d.eml", i), Mode: 0o600, Size: int64(len(message))})
		if err == nil {
			_, err = w.Write([]byte(message))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestEveryLimitIsReached: each limit stops its piece of work and says so in a problem record, the scan goes on, and every
// byte is accounted for. Stuck ends the run instead and has a test of its own.
func TestEveryLimitIsReached(t *testing.T) {
	covered := []string{"Stuck"}
	for _, c := range limitCases(t) {
		covered = append(covered, strings.Fields(c.fields)...)
		t.Run(c.fields, func(t *testing.T) {
			lim := limit.Default()
			c.set(&lim)
			f := scanLimited(t, c.name, c.data, lim)
			if s := f.Summary(); s.Bytes != s.BytesAccounted {
				t.Errorf("%s: %d bytes read, %d accounted for", c.why, s.Bytes, s.BytesAccounted)
			}
			says := reasons(t, f)
			if !strings.Contains(says, c.says) {
				t.Errorf("%s: problems %q, want one that says %q", c.why, says, c.says)
			}
			if usual := reasons(t, scanLimited(t, c.name, c.data, limit.Default())); c.says != "" && strings.Contains(usual, c.says) {
				t.Errorf("%s: the limit is told where it is far: %q", c.why, usual)
			}
			if c.shows != nil {
				c.shows(t, f)
			}
		})
	}
	for i := range reflect.TypeFor[limit.Limits]().NumField() {
		if name := reflect.TypeFor[limit.Limits]().Field(i).Name; !slices.Contains(covered, name) {
			t.Errorf("no case reaches the limit %s", name)
		}
	}
}

// reasons are those of all problem records, a line each.
func reasons(t *testing.T, f *finding.File) string {
	t.Helper()
	var b strings.Builder
	if err := f.Problems(func(p *finding.Problem) error {
		fmt.Fprintln(&b, p.Reason)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func scanLimited(t *testing.T, name string, data []byte, lim limit.Limits) *finding.File {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	f, _, _ := scanWithin(t, lim, 2, dir)
	return f
}
