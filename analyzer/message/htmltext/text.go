package htmltext

import (
	"strings"
	"unicode/utf8"
)

// text collects text and collapses white space as HTML does (CSS Text §4.1.1).
type text struct {
	b       strings.Builder
	pending byte // ' ' or '\n' not yet written, 0 for none
}

// write adds text; keep leaves white space as it is, as <pre> does.
func (t *text) write(s string, keep bool) {
	if keep {
		s = strings.ReplaceAll(s, "\r\n", "\n")
		if s != "" {
			t.flush()
			t.b.WriteString(s)
		}
		return
	}
	for len(s) > 0 {
		n := 0
		for n < len(s) && !space(s[n]) {
			n++
		}
		if n > 0 {
			t.flush()
			t.plain(s[:n])
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

// plain writes text without ASCII white space; the no-break space is shown as a space.
func (t *text) plain(s string) {
	if ascii(s) {
		t.b.WriteString(s)
		return
	}
	if strings.Contains(s, "\u00a0") {
		s = strings.ReplaceAll(s, "\u00a0", " ")
	}
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\ufffd")
	}
	t.b.WriteString(s)
}

// line ends the line; lines that are empty are not repeated.
func (t *text) line() { t.pending = '\n' }

func (t *text) flush() {
	if t.pending != 0 && t.b.Len() > 0 {
		t.b.WriteByte(t.pending)
	}
	t.pending = 0
}

func (t *text) String() string { return strings.TrimSpace(t.b.String()) }

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
