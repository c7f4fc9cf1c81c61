package mailbox

import (
	"archive/tar"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/mailaudit/mailaudit/analyzer/mailbox/archive"
)

func gzipped(t testing.TB, s string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(s)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestStoredMessages: a message in a Maildir that is stored compressed is read with its flags, and one that can't be read is
// lost, not passed over.
func TestStoredMessages(t *testing.T) {
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	chunk := append([]byte{0xf0, byte(len(mailA) - 15)}, mailA...) // a block of lz4 that is one run of literals
	stored := append(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32([]byte(archive.DovecotLZ4Mark), 64<<10), uint32(len(chunk))), chunk...)
	dir := writeTree(t, map[string]string{
		"cur/1.a:2,S": gzipped(t, mailA), "cur/2.b:2,": string(z.EncodeAll([]byte(mailB), nil)), "cur/3.c:2,": mailB, "new/": "", "tmp/": "",
		"cur/4.cut:2,": gzipped(t, mailA)[:40], "cur/5.crypt:2,": "CRYPTED\x03\x07xxxx", "cur/6.nul:2,": strings.Repeat("\x00", 500),
		"cur/7.lz4:2,": "\x04\x22\x4d\x18abcd", "cur/8.lz4:2,S": string(stored),
	})
	var f found
	walkAll(t, dir, &f, limits())
	var got []string
	for _, x := range f.extents {
		got = append(got, string(x.Data))
	}
	if len(got) < 3 || got[0] != mailA || got[1] != mailB || got[2] != mailB || got[len(got)-1] != mailA {
		t.Errorf("messages %q", got)
	}
	if r := f.extents[0].Read; r == nil || r.Seen == nil || !*r.Seen {
		t.Error("the flags of a compressed message are lost")
	}
	for _, name := range []string{"4.cut", "5.crypt", "6.nul", "7.lz4"} {
		if !strings.Contains(f.reasons(), name) {
			t.Errorf("nothing is said of %s:\n%s", name, f.reasons())
		}
	}
	if n := strings.Count(f.reasons(), " true\n"); n != 4 {
		t.Errorf("%d lost problems, want 4:\n%s", n, f.reasons())
	}
}

// TestMovedMeanwhile: mail that is moved to another folder of the Maildir while it is read is read once, whether that folder
// had its turn or not, and loses nothing.
func TestMovedMeanwhile(t *testing.T) {
	for _, c := range []struct{ from, to, trigger string }{
		{"cur/2.b:2,", ".Later/cur/2.b:2,S", "forward"},
		{".Later/cur/2.b:2,", "cur/2.b:2,S", "back"},
		{".Later/cur/2.b:2,", "cur/2.b:2,S", "back, before its folder was listed"},
		{".Later/new/2.b", "cur/2.b:2,S", "back from new, before its folder was listed"},
	} {
		dir := writeTree(t, map[string]string{
			"cur/1.a:2,": mailA, "new/": "", "tmp/": "", ".Later/new/": "", ".Later/tmp/": "", ".Later/cur/1.x:2,": mailA, c.from: mailB,
		})
		var f found
		takes := 0
		f.take = func() {
			takes++
			if c.trigger == "back" && takes < 2 {
				return // the first folder is read
			}
			if err := os.Rename(filepath.Join(dir, c.from), filepath.Join(dir, c.to)); err != nil {
				t.Fatal(err)
			}
			f.take = nil
		}
		walkAll(t, dir, &f, limits())
		n := 0
		for _, x := range f.extents {
			if string(x.Data) == mailB {
				n++
			}
		}
		if n != 1 || f.reasons() != "" {
			t.Errorf("%s: read %d times:\n%s%s", c.trigger, n, f.places(), f.reasons())
		}
	}
}

// TestLinkOutOfMaildir: a link in a Maildir that leads elsewhere is named and not read; one to a file of the source is.
func TestLinkOutOfMaildir(t *testing.T) {
	other := writeTree(t, map[string]string{"secret": mailB})
	dir := writeTree(t, map[string]string{"cur/1.a:2,": mailA, "new/": "", "tmp/": "", "kept/2": mailA})
	for to, name := range map[string]string{filepath.Join(other, "secret"): "cur/3.c:2,", filepath.Join(dir, "kept/2"): "cur/4.d:2,"} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Skip(err)
		}
	}
	var f found
	walkAll(t, dir, &f, limits())
	skipped := ""
	for _, s := range f.skips {
		skipped += strings.Join(s.Path, "!") + " " + s.Reason + "\n"
	}
	if strings.Contains(f.places(), "3.c") || !strings.Contains(f.places(), "4.d") || !strings.Contains(skipped, "cur/3.c:2, symlink_out_of_source") {
		t.Errorf("read\n%sskipped\n%s", f.places(), skipped)
	}
}

// TestTarThatClaimsMuch: what the header of a tar says of a member's size is not counted as read.
func TestTarThatClaimsMuch(t *testing.T) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	if err := w.WriteHeader(&tar.Header{Name: "x.bin", Mode: 0o600, Size: 1 << 40, Typeflag: tar.TypeReg, Format: tar.FormatGNU}); err != nil {
		t.Fatal(err)
	}
	b.WriteString(strings.Repeat("\x01\x02\x03", 1000))
	dir := writeTree(t, map[string]string{"x.tar": b.String()})
	var f found
	c := walkAll(t, dir, &f, limits())
	if c.Bytes > int64(b.Len()) || !strings.Contains(f.reasons(), " true\n") {
		t.Errorf("%d bytes of %d read; problems:\n%s", c.Bytes, b.Len(), f.reasons())
	}
}

// TestSixteenBits: a mailbox and a message that PowerShell's ">" wrote are read, with a byte order mark and without.
func TestSixteenBits(t *testing.T) {
	wide := func(s string, big bool) string {
		var b strings.Builder
		for _, u := range utf16.Encode([]rune(s)) {
			if big {
				b.Write([]byte{byte(u >> 8), byte(u)})
			} else {
				b.Write([]byte{byte(u), byte(u >> 8)})
			}
		}
		return b.String()
	}
	mbox := "From a@example.com Thu Jan  1 00:00:01 2026\n" + mailA + "\nFrom a@example.com Thu Jan  1 00:00:01 2026\n" + mailB
	for name, c := range map[string]struct {
		data string
		n    int
	}{
		"le": {"\xff\xfe" + wide(mbox, false), 2}, "be": {"\xfe\xff" + wide(mbox, true), 2}, "none": {wide(mbox, false), 2},
		"one.eml": {"\xff\xfe" + wide(mailA, false), 1}, "text": {"\xff\xfe" + wide("a note", false), 0},
	} {
		var f found
		walkAll(t, writeTree(t, map[string]string{name: c.data}), &f, limits())
		if len(f.extents) != c.n {
			t.Errorf("%s: %d messages, want %d; %s", name, len(f.extents), c.n, f.reasons())
		}
	}
}

// TestLinesBeforeAMessage: a program's line above the header, and line ends that were converted twice, make no message less.
func TestLinesBeforeAMessage(t *testing.T) {
	for name, data := range map[string]string{
		"banner.eml": "Microsoft Mail Internet Headers Version 2.0\r\n" + mailA, "banner": "Microsoft Mail Internet Headers Version 2.0\n" + mailA,
		"other.eml": "Message source follows\n" + mailA, "crcrlf.eml": strings.ReplaceAll(mailA, "\n", "\r\r\n"),
	} {
		var f found
		walkAll(t, writeTree(t, map[string]string{name: data}), &f, limits())
		if len(f.extents) != 1 {
			t.Errorf("%s: %d messages", name, len(f.extents))
		}
	}
	var f found
	if walkAll(t, writeTree(t, map[string]string{"note.txt": "Hi\n" + mailA}), &f, limits()); len(f.extents) != 0 {
		t.Error("a note that quotes a header is read as a message")
	}
}

// TestReadEndsEarly: a file that gives fewer bytes than its size says is a problem, not an empty file.
func TestReadEndsEarly(t *testing.T) {
	name := filepath.Join(writeTree(t, map[string]string{"x": mailA}), "x")
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(name, 0); err != nil {
		t.Fatal(err)
	}
	x := &file{f: f, st: st, name: name}
	if b, err := x.peek(make([]byte, 100)); len(b) != 0 || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%d bytes, %v", len(b), err)
	}
}
