package htmltext

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// text collects text and collapses white space as HTML does (CSS Text §4.1.1).
type text struct {
	b       []byte
	pending byte // ' ' or '\n' not yet written, 0 for none
}

// write adds text; keep leaves white space as it is, as <pre> does.
func (t *text) write(s string, keep bool) {
	if keep {
		s = strings.ReplaceAll(s, "\r\n", "\n")
		if s != "" {
			t.flush()
			t.b = append(t.b, s...)
		}
		return
	}
	for len(s) > 0 {
		n, bits := 0, byte(0)
		for n < len(s) && !space(s[n]) {
			bits |= s[n]
			n++
		}
		if n > 0 {
			t.flush()
			if bits < utf8.RuneSelf {
				t.b = append(t.b, s[:n]...)
			} else {
				t.beyond(s[:n])
			}
			s = s[n:]
		}
		for n = 0; n < len(s) && space(s[n]); n++ {
		}
		if n > 0 && t.pending == 0 {
			t.pending = ' '
		}
		s = s[n:]
	}
}

// space tells for the white space of HTML.
func space(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' }

// beyond writes text beyond ASCII; the no-break space is shown as a space.
func (t *text) beyond(s string) {
	if strings.Contains(s, "\u00a0") {
		s = strings.ReplaceAll(s, "\u00a0", " ")
	}
	t.b = append(t.b, s...)
}

// line ends the line; lines that are empty are not repeated.
func (t *text) line() { t.pending = '\n' }

func (t *text) flush() {
	if t.pending != 0 && len(t.b) > 0 {
		t.b = append(t.b, t.pending)
	}
	t.pending = 0
}

// reset empties the text; its room is used again.
func (t *text) reset() { t.b, t.pending = t.b[:0], 0 }

func (t *text) String() string { return string(bytes.TrimSpace(t.b)) }

// words is the text with its white space collapsed, that of other scripts too: the label of a link.
func words(s string) string {
	if collapsed(s) {
		return s
	}
	return strings.Join(strings.Fields(s), " ")
}

// collapsed tells for text that words leaves as it is, without looking closely: characters that share their first byte
// with a space beyond ASCII are taken for one.
func collapsed(s string) bool {
	before := byte(' ')
	for i := range len(s) {
		c := s[i]
		switch {
		case c == ' ' && before == ' ', c >= '\t' && c <= '\r', c == 0xc2, c == 0xe1, c == 0xe2:
			return false
		case c == 0xe3 && strings.HasPrefix(s[i:], "\u3000"):
			return false
		}
		before = c
	}
	return before != ' ' || s == ""
}
