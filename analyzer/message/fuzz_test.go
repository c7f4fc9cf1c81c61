package message

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/mailaudit/mailaudit/analyzer/limit"
)

// tight are limits small enough that a fuzzer reaches them.
func tight() limit.Limits {
	l := limit.Default()
	l.Message, l.Header, l.HeaderFields, l.Parts, l.Depth, l.Text, l.Work, l.Links = 1<<20, 4096, 20, 12, 5, 2048, 1<<16, 10
	return l
}

// FuzzParseHeader: fields lie inside the block, in order and apart, and block and rest are the whole message.
func FuzzParseHeader(f *testing.F) {
	for _, c := range headerTests {
		f.Add([]byte(c.raw))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, lim := range []limit.Limits{limit.Default(), tight()} {
			h := ParseHeader(raw, lim)
			if h.Size < 0 || h.Size > len(raw) || h.Size > lim.Header {
				t.Fatalf("size %d of %d", h.Size, len(raw))
			}
			if len(h.Fields) > lim.HeaderFields {
				t.Fatalf("%d fields", len(h.Fields))
			}
			block := string(lineEnds(raw, lim.Header)[:h.Size])
			for _, f := range h.Fields {
				i := lineStart(block, f.Name+":")
				if i < 0 || !strings.HasPrefix(strings.TrimPrefix(block[i+len(f.Name)+1:], " "), f.Raw) {
					t.Fatalf("field %q %q is not next in %q", f.Name, f.Raw, block)
				}
				block = block[i+len(f.Name)+1:]
				block = block[strings.Index(block, f.Raw)+len(f.Raw):]
				if strings.ContainsAny(f.Value(), "\n") {
					t.Fatalf("value %q has a line end", f.Value())
				}
			}
			// Reading what was read gives the same.
			again := ParseHeader(raw[:h.Size], limit.Default())
			if len(h.Defects) == 0 && len(again.Fields) != len(h.Fields) {
				t.Fatalf("%d fields, again %d", len(h.Fields), len(again.Fields))
			}
		}
	})
}

// lineStart is the index of the first prefix in s that begins a line, -1 for none. Blanks, a byte order mark, a NUL and
// the quoting of an mbox may stand before it, and s itself may begin inside a line.
func lineStart(s, prefix string) int {
	for at := 0; ; at++ {
		i := strings.Index(s[at:], prefix)
		if i < 0 {
			return -1
		}
		at += i
		if before := s[strings.LastIndexByte(s[:at], '\n')+1 : at]; strings.Trim(before, " \t>\x00\ufeff") == "" {
			return at
		}
	}
}

// FuzzDecodeHeader: the result is UTF-8 on one line; text without encoded-words and odd bytes stays as it is.
func FuzzDecodeHeader(f *testing.F) {
	for _, c := range wordTests {
		f.Add(c.in)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := DecodeHeader(s)
		if !utf8.ValidString(got) {
			t.Fatalf("%q gives %q, which is no UTF-8", s, got)
		}
		if strings.ContainsAny(got, "\n") {
			t.Fatalf("%q gives %q, which has a line end", s, got)
		}
		if utf8.ValidString(s) && !strings.ContainsAny(s, "\r\n\x00\x1b") && !strings.Contains(s, "=?") && got != strings.Trim(s, " \t") {
			t.Fatalf("%q gives %q", s, got)
		}
	})
}

// FuzzParseAddresses: addresses hold no white space and no brackets, nothing is empty, and a list of clean mailboxes
// written out again reads the same.
func FuzzParseAddresses(f *testing.F) {
	for _, c := range addressTests {
		f.Add(c.in)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := ParseAddresses(s)
		for _, a := range got {
			if a.Name == "" && a.Address == "" {
				t.Fatalf("%q: an empty mailbox", s)
			}
			if strings.ContainsAny(a.Address, " \t\r\n<>") || !utf8.ValidString(a.Address) || !utf8.ValidString(a.Name) {
				t.Fatalf("%q: address %q", s, a.Address)
			}
			if !clean(a.Address) || strings.Count(a.Address, "@") != 1 || !clean(strings.ReplaceAll(a.Name, " ", "")) {
				continue
			}
			again := ParseAddresses(`"` + a.Name + `" <` + a.Address + `>`)
			if len(again) != 1 || again[0] != a {
				t.Fatalf("%q read again: %q", a, again)
			}
		}
	})
}

// clean tells for letters, digits and the characters of simple addresses.
func clean(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@") == ""
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"Tue, 3 Feb 2026 13:05:06 +0900", "Tue Feb 03 04:05:06 +0000 2026", "2026-02-03T04:05:06Z", "3-Feb-26 4:5 pm", "30 Dec 1899 0:0:0 +000", ":", "+", "1/2/3 :"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d := ParseDate(s)
		if d.Time.IsZero() == (d.Doubt == "" || d.Doubt == DateBadZone) {
			t.Fatalf("%q: time %v with doubt %q", s, d.Time, d.Doubt)
		}
		if !d.Time.IsZero() && (d.Time.Year() < 1970 || d.Time.Year() > 2200) {
			t.Fatalf("%q: %v", s, d.Time)
		}
	})
}

func FuzzParseMediaType(f *testing.F) {
	for _, s := range []string{"text/plain; charset=utf-8", `a/b; name*0*=utf-8''%E3; name*1="x"`, `multipart/mixed; boundary="a;b`, "x=y", ";;=;"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m := ParseMediaType(s)
		if len(m.params) > maxParams || strings.ContainsAny(m.Value, "\n ") {
			t.Fatalf("%q: %+v", s, m)
		}
		for _, name := range []string{"name", "filename", "charset"} {
			if v := m.Text(name); !utf8.ValidString(v) || strings.Contains(v, "\n") {
				t.Fatalf("%q: %s is %q", s, name, v)
			}
		}
	})
}

// FuzzWalk: parts lie inside their parents, in order and apart; limits hold; bodies decode within theirs.
func FuzzWalk(f *testing.F) {
	for _, c := range parseTests {
		f.Add([]byte(c.raw))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		lim := tight()
		n, at := 0, 0
		Walk(raw, lim, func(p *Part) bool {
			n++
			body := p.start + len(p.Header)
			if p.start < at || body+len(p.Body) > len(raw) {
				t.Fatalf("part %d at %d, before %d", n, p.start, at)
			}
			if !bytes.Equal(lineEnds(raw, 0)[body:body+len(p.Body)], p.Body) {
				t.Fatalf("part %d: the body is not where it should be", n)
			}
			if p.Depth > lim.Depth+1 || p.Parent != nil && (p.Depth != p.Parent.Depth+1 || !p.Parent.Multipart) {
				t.Fatalf("part %d: depth %d", n, p.Depth)
			}
			at = body
			if !p.Multipart {
				at += len(p.Body)
				if out, _ := p.Decode(100); len(out) > 100 {
					t.Fatalf("part %d: %d bytes decoded", n, len(out))
				}
			}
			return true
		})
		if n == 0 || n > lim.Parts+1+lim.Depth {
			t.Fatalf("%d parts", n)
		}
	})
}

// FuzzParse: what was read is UTF-8 and within its limits; parsing twice gives the same; a stop is never silent.
func FuzzParse(f *testing.F) {
	for _, c := range parseTests {
		f.Add([]byte(c.raw))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		lim := tight()
		before := bytes.Clone(raw)
		m := Parse(raw, Options{Limits: lim, Mbox: len(raw)%2 == 0})
		if !bytes.Equal(before, raw) {
			t.Fatal("the message was changed")
		}
		messages := 0
		var visit func(*Message)
		visit = func(m *Message) {
			messages++
			for _, s := range []string{m.Subject, m.Text, m.Plain, m.Hidden, m.HTML.Title} {
				if !utf8.ValidString(s) {
					t.Fatalf("%q is no UTF-8", s)
				}
			}
			if strings.Contains(m.Text, "\r\n") {
				t.Fatalf("text %q has CRLF", m.Text)
			}
			if len(m.Links) > lim.Links || len(m.Defects) > maxDefects {
				t.Fatalf("%d links, %d defects", len(m.Links), len(m.Defects))
			}
			for _, in := range m.Inner {
				visit(in)
			}
		}
		visit(m)
		if messages > lim.Parts+lim.Depth {
			t.Fatalf("%d messages", messages)
		}
		again := Parse(raw, Options{Limits: lim, Mbox: len(raw)%2 == 0})
		if again.Text != m.Text || again.Subject != m.Subject || len(again.Links) != len(m.Links) || len(again.Defects) != len(m.Defects) {
			t.Fatal("parsing twice gives two results")
		}
	})
}

// FuzzContent: the digest does not depend on line ends and on blank lines behind the end.
func FuzzContent(f *testing.F) {
	f.Add([]byte(contentSample))
	f.Add([]byte("a\r\n\r\nb"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if bytes.IndexByte(raw, '\r') >= 0 {
			return // lone CR and CR CR LF are text, and not what this is about
		}
		want := Content(raw, false)
		if Content(bytes.ReplaceAll(raw, []byte("\n"), []byte("\r\n")), true) != want {
			t.Fatal("CRLF changes the digest")
		}
		if Content(append(bytes.Clone(raw), "\n\n"...), true) != want {
			t.Fatal("blank lines behind the end change the digest")
		}
	})
}
