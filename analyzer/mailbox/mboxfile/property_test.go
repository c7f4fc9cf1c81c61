package mboxfile

import (
	"bytes"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"testing"

	"github.com/emersion/go-mbox"
	"pgregory.net/rapid"
)

// pieces are what mboxes are made of, good and bad; strings of them reach most of the framer.
var pieces = []string{
	from1, from2, head1, head2, "\n", "\r\n", "\r", ">", ">From x\n", ">>From y\n", "From ", "From \n", "From -\n", "From x\n",
	"Content-Length: 2\n", "Content-Length: 70\n", "Content-Length: 99999999999\n", "--b\nContent-Type: message/rfc822\n\n", "--b\n",
	"From 1545668983435175434@xxx Thu Jan 01 00:00:01 +0000 2026\n", "a\n\n", "text ", "\xef\xbb\xbf", "\x00", "Subject: x\n", ":\n",
	"\x01\x01\x01\x01\n", "\x01\x01\x01\x01", "From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\n", "rom x\n", "Status: RO\n", strings.Repeat("x", 300),
}

// TestBlocksDontMatter: whatever is in a file, extents, gaps and framing cover it exactly, and how it is cut into
// buffers changes nothing.
func TestBlocksDontMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		data := []byte(strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 60).Draw(t, "pieces"), ""))
		same(t, data, rapid.IntRange(1, 300).Draw(t, "block"))
	})
}

type fataler interface {
	Helper()
	Fatalf(string, ...any)
}

func same(t fataler, data []byte, block int) {
	t.Helper()
	opt := options(0)
	opt.Message, opt.survey = 200, 100
	whole, cut := describe(data, opt), ""
	opt.Block = block
	if cut = describe(data, opt); whole != cut {
		t.Fatalf("%q\nin one block:\n%s\nin blocks of %d:\n%s", data, whole, block, cut)
	}
}

// describe frames data and writes down all that was found; a file that is not covered exactly shows in it.
func describe(data []byte, opt Options) string {
	var b strings.Builder
	r := NewReader(bytes.NewReader(data), int64(opt.Block), opt) // a wrong size
	var framing, sum, at int64
	for {
		batch, err := r.Next()
		framing += batch.Framing
		for _, g := range batch.Gaps {
			fmt.Fprintf(&b, "gap %d+%d\n", g.Offset, g.Length)
			sum += g.Length
		}
		for _, x := range batch.Extents {
			if x.Offset < at || !bytes.Equal(x.Data, data[x.Offset:x.Offset+min(x.Length, opt.Message)]) {
				fmt.Fprintf(&b, "wrong bytes in block %d ", opt.Block)
			}
			at = x.Offset + x.Length
			fmt.Fprintf(&b, "%d+%d %s %q %s\n", x.Offset, x.Length, x.Line.Style, x.Doubt, x.SHA256)
			sum += x.Length
		}
		if err != nil {
			break
		}
	}
	if sum+framing != int64(len(data)) {
		fmt.Fprintf(&b, "%d of %d bytes in block %d", sum+framing, len(data), opt.Block)
	}
	return b.String() + fmt.Sprint(r.Quoting())
}

func FuzzReader(f *testing.F) {
	for _, c := range splits {
		f.Add([]byte(c.mbox), 3)
	}
	f.Fuzz(func(t *testing.T, data []byte, block int) {
		opt := options(1 + int(uint(block)%500))
		frame(t, data, opt)
		same(t, data, opt.Block)
	})
}

func FuzzParseLine(f *testing.F) {
	for _, c := range lines {
		f.Add(c.line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		l, ok := ParseLine([]byte(line))
		if ok && !strings.HasPrefix(line, "From ") {
			t.Fatalf("%q is a From_ line", line)
		}
		if !l.Time.IsZero() && (l.Time.Year() < 1969 || l.Time.Year() > 2200) {
			t.Fatalf("%q has the time %v", line, l.Time)
		}
		if again, _ := ParseLine([]byte(line + "\r\n")); ok && again != l {
			t.Fatalf("%q: %+v without, %+v with a line end", line, l, again)
		}
	})
}

// wellFormed draws messages and writes them as an mboxo with LF ends: what every reader has to agree on.
func wellFormed(t *rapid.T) (string, int) {
	body := rapid.SliceOfN(rapid.SampledFrom([]string{"hello", "", "text From here", ">From quoted", "> From", "a: b", "=46rom", "."}), 1, 8)
	n := rapid.IntRange(1, 6).Draw(t, "messages")
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "From ann@example.com Thu Jan %2d 00:00:01 2026\nFrom: ann@example.com\nSubject: %d\n\n%s\n\n", i+1, i, strings.Join(body.Draw(t, "body"), "\n"))
	}
	return b.String(), n
}

// TestAgreesWithGoMbox: on well-formed input go-mbox finds the same messages, and Body undoes the quoting as it does.
func TestAgreesWithGoMbox(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		data, n := wellFormed(t)
		r := NewReader(strings.NewReader(data), 0, options(50))
		oracle := mbox.NewReader(strings.NewReader(data))
		found := 0
		for {
			batch, err := r.Next()
			for _, x := range batch.Extents {
				found++
				m, err := oracle.NextMessage()
				if err != nil {
					t.Fatalf("go-mbox ends before message %d: %v", found, err)
				}
				want, err := io.ReadAll(m)
				if err != nil {
					t.Fatal(err)
				}
				got, err := Body(x.Data)
				if err != nil {
					t.Fatal(err)
				}
				// go-mbox loses one of several blank lines at the end of a message.
				trim := func(b []byte) string {
					return strings.TrimRight(strings.ReplaceAll(string(b), "\r\n", "\n"), "\n")
				}
				if trim(got) != trim(want) {
					t.Fatalf("message %d is %q, go-mbox has %q", found, got, want)
				}
			}
			if err != nil {
				break
			}
		}
		if found != n {
			t.Fatalf("%d messages, want %d", found, n)
		}
	})
}

// TestAgreesWithPython: on well-formed input Python's mailbox finds the same bytes.
func TestAgreesWithPython(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3 here")
	}
	var b strings.Builder
	for i := range 50 {
		fmt.Fprintf(&b, "From ann@example.com Thu Jan %2d 00:00:01 2026\nSubject: %d\n\n%s\n>From x\nend\n\n", i%28+1, i, strings.Repeat("line\n", i))
	}
	name := t.TempDir() + "/mbox"
	if err := writeFile(name, b.String()); err != nil {
		t.Fatal(err)
	}
	script := "import mailbox,sys\nfor m in mailbox.mbox(sys.argv[1]).iterkeys(): print(len(mailbox.mbox(sys.argv[1]).get_bytes(m)))"
	out, err := exec.Command(python, "-c", script, name).Output()
	if err != nil {
		t.Skipf("python3 has no mailbox module: %v", err)
	}
	var got strings.Builder
	for _, x := range frame(t, []byte(b.String()), options(0)).extents {
		fmt.Fprintln(&got, x.Length)
	}
	if strings.ReplaceAll(string(out), "\r\n", "\n") != got.String() {
		t.Errorf("lengths\n%s\nPython has\n%s", &got, out)
	}
}

// TestIndexFrom: the word is found where bytes.Index finds it, also where two stretches meet.
func TestIndexFrom(t *testing.T) {
	for _, size := range []int{0, 1, 5, stretch - 3, stretch, stretch + 1, 2*stretch + 7} {
		b := bytes.Repeat([]byte("F"), size)
		if got := indexFrom(b); got != -1 {
			t.Errorf("%d bytes of F: %d", size, got)
		}
		for at := range size - len(fromMark) + 1 {
			if at > 10 && at < size-10 && at%stretch > 10 && at%stretch < stretch-10 {
				continue
			}
			c := bytes.Clone(b)
			copy(c[at:], fromMark)
			if got := indexFrom(c); got != at {
				t.Errorf("%d bytes with the word at %d: %d", size, at, got)
			}
		}
	}
	piece := rapid.SampledFrom([]string{"From ", "From", "F", " ", "x", "rom ", strings.Repeat("F", stretch-2), strings.Repeat("a ", 50)})
	rapid.Check(t, func(t *rapid.T) {
		b := []byte(strings.Join(rapid.SliceOfN(piece, 0, 12).Draw(t, "pieces"), ""))
		if got, want := indexFrom(b), bytes.Index(b, fromMark); got != want {
			t.Fatalf("%q: %d, want %d", b, got, want)
		}
	})
}
