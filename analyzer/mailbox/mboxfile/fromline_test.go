package mboxfile

import (
	"os"
	"strings"
	"testing"
	"time"
)

func writeFile(name, data string) error { return os.WriteFile(name, []byte(data), 0o600) }

var lines = []struct {
	line   string
	style  Style // "" for none
	sender string
	time   string // RFC 3339, "" for none
}{
	{"From ann@example.com Thu Jan  1 00:00:01 2026", StyleAsctime, "ann@example.com", "2026-01-01T00:00:01Z"},
	{"From MAILER-DAEMON Fri Jul  8 12:08:34 2011", StyleAsctime, "MAILER-DAEMON", "2011-07-08T12:08:34Z"},
	{"From ann@example.com Thu Jan 1 09:00:01 JST 2026", StyleAsctime, "ann@example.com", "2026-01-01T00:00:01Z"},
	{"From ann@example.com Thu Jan  1 00:00:01 2026 -0800", StyleAsctime, "ann@example.com", "2026-01-01T08:00:01Z"},
	{"From ann@example.com Thu Jan  1 00:00 2026", StyleAsctime, "ann@example.com", "2026-01-01T00:00:00Z"},
	{`From "ann example"@example.com Thu Jan  1 00:00:01 2026`, StyleAsctime, `"ann example"@example.com`, "2026-01-01T00:00:01Z"},
	{"From ???@??? Thu Jan 01 00:00:01 2026", StyleAsctime, "???@???", "2026-01-01T00:00:01Z"},
	{"From x@example.com Thu Feb 31 00:00:00 2026", StyleAsctime, "x@example.com", ""},
	{"From 1545668983435175434@xxx Fri Sep 16 22:26:51 +0000 2016", StyleTakeout, "1545668983435175434@xxx", "2016-09-16T22:26:51Z"},
	{"From 1545668983435175434@xxx", StyleTakeout, "1545668983435175434@xxx", ""},
	{"From - Tue Jun 30 23:59:60 2015", StyleThunderbird, "-", "2015-07-01T00:00:00Z"},
	{"From -", StyleThunderbird, "-", ""},
	{"From - ", StyleThunderbird, "-", ""},
	{"From ", StyleBare, "", ""},
	{"From ann Thu Jan  1 00:00:01 2026 remote from host", StyleUUCP, "ann", "2026-01-01T00:00:01Z"},
	{"From ann@example.com Thu, 1 Jan 2026 09:00:01 +0900", StyleRFC2822, "ann@example.com", "2026-01-01T00:00:01Z"},
	{"From ann@example.com 2026-01-01T00:00:01Z", StyleISO, "ann@example.com", "2026-01-01T00:00:01Z"},
	{"From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001", StyleGit, "0123456789012345678901234567890123456789", "2001-09-17T00:00:00Z"},
	{"From -1234567890123456789", StyleGroups, "-1234567890123456789", ""},
	{"From ann@example.com", StyleUndated, "ann@example.com", ""},
	{"From here on we go", "", "", ""},
	{"From Russia with love", "", "", ""},
	{"From: ann@example.com", "", "", ""},
	{"From Amazon", "", "", ""},
	{"from ann@example.com Thu Jan  1 00:00:01 2026", "", "", ""},
	{"From ann@example.com Thu Jan  1 00:00:01 2026 and more", "", "", ""},
}

func TestParseLine(t *testing.T) {
	for _, c := range lines {
		l, ok := ParseLine([]byte(c.line))
		if ok != (c.style != "") || l.Style != c.style || l.Sender != c.sender {
			t.Errorf("%q: %v %q from %q, want %q from %q", c.line, ok, l.Style, l.Sender, c.style, c.sender)
		}
		got := ""
		if !l.Time.IsZero() {
			got = l.Time.Format(time.RFC3339)
		}
		if got != c.time {
			t.Errorf("%q: time %s, want %s", c.line, got, c.time)
		}
	}
}

func TestBody(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"nothing to undo: the same bytes", "A: b\n\ntext\n", "A: b\n\ntext\n"},
		{"mboxo and mboxrd: one mark less", "A: b\n\n>From x\n>>From y\n>>>From z\n", "A: b\r\n\r\nFrom x\r\n>From y\r\n>>From z\r\n"},
		{"an unquoted line stays, and nothing is lost behind it", "A: b\n\nx\nFrom here\n>From there\n", "A: b\r\n\r\nx\r\nFrom here\r\nFrom there\r\n"},
		{"blank lines at both ends stay", "A: b\n\n\n\n>From x\n\n\n", "A: b\r\n\r\n\r\n\r\nFrom x\r\n\r\n\r\n"},
		{"no newline at the end", "A: b\n\n>From x", "A: b\r\n\r\nFrom x"},
		{"a header line is not quoted", ">From ann Thu Jan  1 00:00:01 2026\nA: b\n\n>From x\n", ">From ann Thu Jan  1 00:00:01 2026\r\nA: b\r\n\r\nFrom x\r\n"},
		{"a line longer than go-mbox's buffer", "A: b\n\n>From " + strings.Repeat("x", 9000) + "\n", "A: b\r\n\r\nFrom " + strings.Repeat("x", 9000) + "\r\n"},
		{"lone CR", "A: b\r\r>From x\r", "A: b\r\n\r\nFrom x\r\n"},
		{"header only", ">From x\nA: b\n", ">From x\r\nA: b\r\n"},
	} {
		got, err := Body([]byte(c.in))
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %q, %v, want %q", c.name, got, err, c.want)
		}
	}
}

// FuzzBody: undoing the quoting changes nothing but line ends and marks before "From ".
func FuzzBody(f *testing.F) {
	f.Add([]byte("A: b\n\n>From x\n>>From y\nFrom z\n\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := Body(data)
		if err != nil {
			t.Fatal(err)
		}
		if a, b := bare(data), bare(got); a != b {
			t.Fatalf("%q became %q", data, got)
		}
	})
}

// bare takes out line ends and the marks before "From ".
func bare(b []byte) string {
	s := strings.NewReplacer("\r", "", "\n", "").Replace(string(b))
	for strings.Contains(s, ">From ") {
		s = strings.ReplaceAll(s, ">From ", "From ")
	}
	return s
}

func BenchmarkReader(b *testing.B) {
	var mbox strings.Builder
	for mbox.Len() < 32<<20 {
		mbox.WriteString(from1 + head1 + strings.Repeat(strings.Repeat("QUJDREVGR0hJSktM", 4)+"\n", 700) + "\n")
	}
	data := mbox.String()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		r := NewReader(strings.NewReader(data), 0, Options{Message: 64 << 20, FromLine: 4096})
		for {
			if _, err := r.Next(); err != nil {
				break
			}
		}
	}
}
