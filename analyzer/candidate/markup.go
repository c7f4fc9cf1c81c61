package candidate

import (
	"bytes"
	"html"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/mailaudit/mailaudit/analyzer/hostname"
	"github.com/mailaudit/mailaudit/analyzer/message/htmltext"
	"github.com/mailaudit/mailaudit/analyzer/message/transfer"
	"github.com/mailaudit/mailaudit/analyzer/script"
)

// markup tests the source of an HTML part: as it stands, for targets and attributes; without tags and with entities
// decoded, for text; and as a reader would see it, where hidden text may stand between letters.
func (s *search) markup(b []byte) bool {
	if s.m.names.in(b) || s.hosts(b) {
		return true
	}
	st := stripper{s: s, out: s.buffers().stripped[:0]}
	if st.run(b) {
		return true
	}
	if cap(st.out) <= largestKept {
		s.bufs.stripped = st.out
	}
	if s.m.names.in(st.out) || s.foldedIn(st.out, s.m.names) || s.spreadIn(st.out) {
		return true
	}
	if !st.glued && !(st.sheet && st.passed) && !st.letters && !st.arranged && !arranges(b) {
		return false
	}
	tokens := int(max(1, s.work/64))
	page := htmltext.Read(string(b), htmltext.Limits{Tokens: tokens, Links: s.lim.Links})
	s.work -= int64(page.Tokens) * 64
	// What is behind the limit has not been looked at: full analysis names it.
	return page.Cut && page.Tokens >= tokens || s.text(page.Text, s.m.names) || s.text(page.Hidden, s.m.names)
}

// stripper takes the tags out of HTML.
type stripper struct {
	s     *search
	out   []byte
	sheet bool // "<style" was seen, wherever it stands: any tag can hide text
	glued bool // something that can hide text stands right behind a letter that can be inside of a word

	// passed tells that before that, a tag right behind a letter was passed over: without a sheet it could hide nothing.
	passed bool

	arranged bool // a tag that is read decoded moves text
	cell     int  // where the text behind the last cell's tag begins
	cells    int  // cells in a row with a few letters each
	letters  bool // there were enough of them to make a word
}

// run writes the text of b to out and tests the tags whose attributes need decoding.
func (st *stripper) run(b []byte) bool {
	for len(b) > 0 {
		i := bytes.IndexByte(b, '<')
		if i < 0 {
			i = len(b)
		}
		st.text(b[:i])
		b = b[i:]
		if len(b) == 0 {
			return false
		}
		if len(b) < 2 || !tagStart(b[1]) {
			st.out = append(st.out, '<')
			b = b[1:]
			continue
		}
		if bytes.HasPrefix(b, []byte("<!--")) {
			b = st.comment(b)
			continue
		}
		tag, odd := tagEnd(b)
		if odd && st.s.tag(tag) {
			return true
		}
		if len(tag) > 4 && bytes.EqualFold(tag[1:4], []byte("bdo")) || odd && !st.arranged && bytes.IndexByte(tag, '&') >= 0 && arranges([]byte(html.UnescapeString(string(tag)))) {
			st.arranged = true
		}
		if !st.sheet && tag[1]|0x20 == 's' || odd {
			st.styles(tag)
		}
		st.tag(tag)
		if cell(tag) {
			st.endCell()
			st.collapse([]byte{' '})
		}
		b = b[len(tag):]
	}
	return false
}

// endCell counts cells that hold a few letters: full analysis takes three that stand side by side together.
func (st *stripper) endCell() {
	text := bytes.TrimSpace(st.out[min(st.cell, len(st.out)):])
	st.cell = len(st.out)
	if len(text) == 0 {
		return // between two cells
	}
	short := len(text) <= 4*utf8.UTFMax
	for _, c := range text {
		short = short && (c|0x20 >= 'a' && c|0x20 <= 'z' || c >= utf8.RuneSelf || c >= '0' && c <= '9' || c == '@')
	}
	if !short {
		st.cells = 0
		return
	}
	st.cells++
	st.letters = st.letters || st.cells >= 3
}

// styles notes a style sheet. Full analysis takes one for such wherever it stands, in a comment or a title too.
func (st *stripper) styles(b []byte) {
	const open = "<style"
	for !st.sheet {
		i := bytes.IndexByte(b, '<')
		if i < 0 || len(b)-i < len(open) {
			return
		}
		b = b[i:]
		st.sheet = bytes.EqualFold(b[:len(open)], []byte(open))
		b = b[1:]
	}
}

func tagStart(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '/' || c == '!' || c == '?'
}

// comment passes over a comment. Programs differ on where odd ones end: text right behind a letter is looked at closely.
func (st *stripper) comment(b []byte) []byte {
	end := bytes.Index(b, []byte("-->"))
	if end < 0 {
		st.glued = true
		return b[4:]
	}
	st.styles(b[:end])
	if st.inWord() && (bytes.Contains(b[:end], []byte("--!>")) || end < 4 || b[4] == '>') {
		st.glued = true
	}
	return b[end+3:]
}

// text appends text with its entities decoded.
func (st *stripper) text(b []byte) {
	for len(b) > 0 {
		i := bytes.IndexByte(b, '&')
		if i < 0 {
			st.collapse(b)
			return
		}
		st.collapse(b[:i])
		b = b[i:]
		n := entityEnd(b)
		switch string(b[:n]) {
		case "&nbsp;":
			st.out = append(st.out, ' ')
		case "&amp;":
			st.out = append(st.out, '&')
		default:
			st.out = append(st.out, html.UnescapeString(string(b[:n]))...)
		}
		b = b[n:]
	}
}

// collapse appends text with its white space collapsed.
func (st *stripper) collapse(b []byte) {
	n := len(st.out)
	st.out = slices.Grow(st.out, len(b))
	out := st.out[:n+len(b)]
	space := n > 0 && out[n-1] == ' '
	for _, c := range b {
		if c <= ' ' && (c == ' ' || c >= '\t' && c <= '\r') {
			if space {
				continue
			}
			c = ' '
		}
		space = c == ' '
		out[n] = c
		n++
	}
	st.out = out[:n]
}

// entityEnd is the length of what may be an entity at the start of b.
func entityEnd(b []byte) int {
	const longest = 34 // "&CounterClockwiseContourIntegral;"
	for i := 1; i < len(b) && i < longest; i++ {
		switch c := b[i]; {
		case c == ';':
			return i + 1
		case c == '&' || c <= ' ':
			return i
		}
	}
	return min(len(b), longest)
}

// inWord reports whether the text so far ends in a letter, so that what follows can go on with a word.
func (st *stripper) inWord() bool {
	if len(st.out) == 0 {
		return false
	}
	c := st.out[len(st.out)-1]
	return c >= utf8.RuneSelf || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// tag looks for what can hide the text behind it, between two letters of a word.
func (st *stripper) tag(tag []byte) {
	if st.glued || !st.inWord() || tag[1] == '/' && !bytes.ContainsAny(tag, "\"'") {
		return
	}
	name := tagName(tag)
	switch name {
	case "br", "hr", "wbr", "p", "td", "tr", "th", "table", "li", "ul", "ol":
		// Text of these starts a new word for the reader too, or they have none.
		if !bytes.ContainsAny(tag, "\"'=") {
			return
		}
	case "style", "script", "title", "template", "noscript", "iframe", "noframes", "noembed", "textarea", "xmp", "plaintext", "object", "svg", "math":
		st.glued = true
		return
	}
	if !st.sheet && !bytes.ContainsAny(tag, "=\"' \t\r\n") {
		st.passed = true
		return // nothing about it can hide text
	}
	st.glued = st.s.m.inside(st.out)
}

// cell tells for <td>, <th> and their ends, which full analysis reads as a space.
func cell(tag []byte) bool {
	if tag[1] == '/' {
		tag = tag[1:]
	}
	return len(tag) > 3 && tag[1]|0x20 == 't' && (tag[2]|0x20 == 'd' || tag[2]|0x20 == 'h') && (tag[3] <= ' ' || tag[3] == '>' || tag[3] == '/')
}

func tagName(tag []byte) string {
	i := 1
	for i < len(tag) && i < 20 && tag[i] != ' ' && tag[i] != '>' && tag[i] != '/' && tag[i] != '\t' && tag[i] != '\n' && tag[i] != '\r' {
		i++
	}
	return strings.ToLower(string(tag[1:i]))
}

// inside reports whether text ends in what one of the words begins with.
func (m *Matcher) inside(b []byte) bool {
	tail := script.Fold(string(b[max(0, len(b)-2*m.reach*utf8.UTFMax):]))
	for _, w := range m.names.words {
		for n := min(len(w)-1, len(tail)); n > 0; n-- {
			if tail[len(tail)-1] == w[n-1] && strings.HasSuffix(tail, string(w[:n])) {
				return true
			}
		}
	}
	return false
}

// tagEnd is the tag that b starts with. odd tells that an attribute has to be decoded before it can be searched.
func tagEnd(b []byte) (tag []byte, odd bool) {
	var quote byte
	for i := 1; i < len(b); i++ {
		c := b[i]
		if quiet[c] {
			continue
		}
		switch c {
		case '>':
			if quote == 0 {
				return b[:i+1], odd
			}
		case '"', '\'':
			switch {
			case quote == c:
				quote = 0
			case quote == 0 && value(b, i):
				quote = c
			}
		case '&':
			odd = odd || entity(b[i:])
		case '\n', '\t', '\r':
			odd = odd || quote != 0
		case '<':
			odd = true
		case '%':
			odd = odd || i+2 < len(b) && b[i+1] >= '4' && b[i+1] <= '7'
		default:
			odd = true
		}
	}
	return b, true
}

// quiet are the bytes of a tag that mean nothing to tagEnd.
var quiet = func() (t [256]bool) {
	for c := ' '; c < 0x7f; c++ {
		t[c] = !strings.ContainsRune("<>\"'&%", c)
	}
	return t
}()

// value reports whether a quote at i opens an attribute's value.
func value(b []byte, i int) bool {
	for i--; i > 0 && (b[i] == ' ' || b[i] == '\t' || b[i] == '\n' || b[i] == '\r'); i-- {
	}
	return b[i] == '='
}

// entity reports whether b starts with an entity that can be a letter.
func entity(b []byte) bool {
	if len(b) < 3 {
		return false
	}
	if b[1] == '#' {
		return true
	}
	n := entityEnd(b)
	if b[n-1] != ';' {
		return false
	}
	switch string(b[:n]) {
	case "&amp;", "&quot;", "&lt;", "&gt;", "&nbsp;", "&apos;":
		return false
	}
	return true
}

// tag tests a tag with its attributes decoded as browsers do: entities, then line ends and tabs removed.
func (s *search) tag(tag []byte) bool {
	t := html.UnescapeString(string(tag))
	t = strings.NewReplacer("\n", "", "\r", "", "\t", "", "\x00", "").Replace(t)
	b := []byte(t)
	if s.m.names.in(b) || s.foldedIn(b, s.m.names) || s.hosts(b) {
		return true
	}
	if strings.Contains(t, "%") {
		p := transfer.Percent(t)
		return s.m.names.in(p) || s.foldedIn(p, s.m.names)
	}
	return false
}

// hosts tests host names in their ASCII form (xn--…), which hold letters of other scripts.
func (s *search) hosts(b []byte) bool {
	for from := 0; ; {
		i := bytes.Index(b[from:], []byte("--"))
		if i < 0 {
			return false
		}
		if i += from; i < 2 || b[i-1]|0x20 != 'n' || b[i-2]|0x20 != 'x' {
			from = i + 1
			continue
		}
		b = b[i-2:]
		n := 0
		for n < len(b) && n < 253 && (b[n] >= 'a' && b[n] <= 'z' || b[n] >= 'A' && b[n] <= 'Z' || b[n] >= '0' && b[n] <= '9' || b[n] == '-' || b[n] == '.') {
			n++
		}
		u := []byte(hostname.Unicode(string(bytes.ToLower(b[:n]))))
		if s.m.names.in(u) || s.foldedIn(u, s.m.names) {
			return true
		}
		b, from = b[max(n, 4):], 0
	}
}
