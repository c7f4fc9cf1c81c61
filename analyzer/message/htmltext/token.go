package htmltext

import (
	"strings"

	"golang.org/x/net/html"
)

// tokenizer cuts HTML into tokens (HTML Standard §13.2.5). It gives the tokens of the tokenizer of x/net/html, as a test
// and a fuzz test check, and is there for speed: it copies nothing, where that one makes three copies of every attribute.
// Mail is tables of tables, some thousand tags in a notice of 37 KB.
type tokenizer struct {
	s      string
	at     int    // where the next token starts
	open   int    // where a start tag starts
	raw    string // the text of a text token, entities as written
	name   string // of a tag, as written
	attrs  []attribute
	inside string // element whose content is text up to its end tag: the open <style>, <title>, <script>

	noscript bool // inside a <noscript>, where another one is an element like any other
}

// attribute is an attribute as written: the value without its quotes, entities not decoded.
type attribute struct {
	key, value string
	end        int // where the value ends in the source
}

type tokenKind uint8

const (
	endOfInput tokenKind = iota // also for a tag that is cut off
	textToken
	startTag
	selfClosingTag
	endTag
	otherToken // comments, doctypes, processing instructions
)

// next reads the next token.
func (z *tokenizer) next() tokenKind {
	if z.inside != "" {
		start := z.at
		z.content()
		if z.at > start {
			z.raw = z.s[start:z.at]
			return textToken
		}
	}
	start := z.at
	for at := start; ; {
		i := strings.IndexByte(z.s[at:], '<')
		if i < 0 || at+i+1 >= len(z.s) {
			return z.rest(start)
		}
		open := at + i
		c := z.s[open+1]
		if !letter(c) && c != '/' && c != '!' && c != '?' {
			at = open + 1
			continue
		}
		if open > start {
			z.raw, z.at = z.s[start:open], open
			return textToken
		}
		z.at = open + 2
		switch {
		case letter(c):
			z.open = open
			return z.start()
		case c == '/':
			return z.end(open)
		}
		if strings.HasPrefix(z.s[open:], "<!--") {
			z.comment(open + len("<!--"))
		} else {
			z.closeAngle(open + 1)
		}
		return otherToken
	}
}

// rest makes a text of all that is left.
func (z *tokenizer) rest(start int) tokenKind {
	z.raw, z.at = z.s[start:], len(z.s)
	if z.raw == "" {
		return endOfInput
	}
	return textToken
}

func letter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// closeAngle goes behind the next ">".
func (z *tokenizer) closeAngle(from int) {
	z.at = len(z.s)
	if i := strings.IndexByte(z.s[from:], '>'); i >= 0 {
		z.at = from + i + 1
	}
}

// comment goes behind the comment whose content starts at from: it ends with -->, with --!>, or with > or -> at once.
func (z *tokenizer) comment(from int) {
	dashes, beginning := 0, true
	for i := from; i < len(z.s); i++ {
		switch z.s[i] {
		case '-':
			dashes++
			continue
		case '>':
			if dashes >= 2 || beginning {
				z.at = i + 1
				return
			}
		case '!':
			if dashes >= 2 && i+1 < len(z.s) {
				i++
				if z.s[i] == '>' {
					z.at = i + 1
					return
				}
				if z.s[i] == '-' {
					dashes, beginning = 1, false
					continue
				}
			}
		}
		dashes, beginning = 0, false
	}
	z.at = len(z.s)
}

// start reads a start tag whose first letter has been read.
func (z *tokenizer) start() tokenKind {
	if !z.tag() {
		z.at = len(z.s)
		return endOfInput
	}
	for _, name := range rawNames(len(z.name)) {
		if equalFold(z.name, name) && !(z.noscript && name == "noscript") {
			z.inside = name
			break
		}
	}
	if z.s[z.at-2] == '/' && !z.ownsSlash(z.at-1) {
		return selfClosingTag
	}
	return startTag
}

// rawNames are the elements whose content is text, by the length of their names.
func rawNames(n int) []string {
	switch n {
	case 3:
		return rawText[:1]
	case 5:
		return rawText[1:3]
	case 6:
		return rawText[3:5]
	case 7, 8, 9:
		return rawText[5:]
	}
	return nil
}

var rawText = [...]string{"xmp", "style", "title", "iframe", "script", "noembed", "noframes", "noscript", "textarea", "plaintext"}

// ownsSlash reports whether the "/" that ends at so many bytes belongs to the value of the last attribute: <p a=/>. An
// attribute without a name, or one that was there before, is none.
func (z *tokenizer) ownsSlash(end int) bool {
	last := len(z.attrs) - 1
	for last >= 0 && z.attrs[last].key == "" {
		last--
	}
	if last < 0 || z.attrs[last].end != end {
		return false
	}
	for i := range last {
		if equalFold(z.attrs[i].key, z.attrs[last].key) {
			return false
		}
	}
	return true
}

// end reads an end tag, or what looks like one, whose "</" stands at open.
func (z *tokenizer) end(open int) tokenKind {
	if z.at >= len(z.s) {
		return z.rest(open)
	}
	c := z.s[z.at]
	if !letter(c) {
		z.closeAngle(z.at)
		return otherToken
	}
	z.at++
	if !z.tag() {
		z.at = len(z.s)
		return endOfInput
	}
	return endTag
}

// tag reads name and attributes of a tag whose first letter has been read. It reports whether the tag is whole.
func (z *tokenizer) tag() bool {
	s, at := z.s, z.at
	z.attrs = z.attrs[:0]
	start := at - 1
	for at < len(s) && !blank(s[at]) && s[at] != '/' && s[at] != '>' {
		at++
	}
	z.name = s[start:at]
	for {
		for at < len(s) && blank(s[at]) {
			at++
		}
		if at >= len(s) {
			return false
		}
		if s[at] == '>' {
			z.at = at + 1
			return true
		}
		a, n := readAttribute(s, at)
		if n < 0 {
			return false
		}
		if len(z.attrs) < maxTagAttributes {
			z.attrs = append(z.attrs, a)
		}
		at = n
	}
}

// maxTagAttributes bounds the attributes kept of a tag; Outlook writes some twenty.
const maxTagAttributes = 1000

// readAttribute reads the attribute at an offset and tells where it ends; -1 where the source ends first.
func readAttribute(s string, at int) (a attribute, next int) {
	start := at
	for at < len(s) && !blank(s[at]) && s[at] != '/' && s[at] != '>' && (s[at] != '=' || at == start) {
		at++
	}
	a.key, a.end = s[start:at], at
	for at < len(s) && blank(s[at]) {
		at++
	}
	if at >= len(s) {
		return a, -1
	}
	if s[at] == '/' {
		return a, at + 1
	}
	if s[at] != '=' {
		return a, at
	}
	for at++; at < len(s) && blank(s[at]); at++ {
	}
	if at >= len(s) {
		return a, -1
	}
	switch quote := s[at]; quote {
	case '>':
		return a, at
	case '"', '\'':
		at++
		n := strings.IndexByte(s[at:], quote)
		if n < 0 {
			return a, -1
		}
		a.value, a.end = s[at:at+n], at+n
		return a, at + n + 1
	}
	start = at
	for at++; at < len(s) && !blank(s[at]) && s[at] != '>'; at++ {
	}
	if at >= len(s) {
		return a, -1
	}
	a.value, a.end = s[start:at], at
	if s[at] != '>' {
		at++
	}
	return a, at
}

// blank tells for the white space between attributes.
func blank(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' }

// content goes to the end tag of the element whose content is text, or to the end.
func (z *tokenizer) content() {
	name := z.inside
	z.inside = ""
	switch name {
	case "plaintext":
		z.at = len(z.s)
		return
	case "script":
		z.script()
		return
	}
	for at := z.at; ; {
		i := strings.Index(z.s[at:], "</")
		if i < 0 {
			z.at = len(z.s)
			return
		}
		at += i
		if z.endTagAt(at, name) {
			z.at = at
			return
		}
		at++
	}
}

// endTagAt reports whether the end tag of an element stands at an offset.
func (z *tokenizer) endTagAt(at int, name string) bool {
	n := at + len("</") + len(name)
	if n >= len(z.s) || z.s[at:at+2] != "</" || !equalFold(z.s[at+2:n], name) {
		return false
	}
	return blank(z.s[n]) || z.s[n] == '/' || z.s[n] == '>'
}

// script goes to the </script> that ends a script: inside of <!-- … -->, a <script> … </script> is content, for the sake
// of pages older than scripts. A "<" that starts no tag ends such a comment, as it does in x/net/html.
func (z *tokenizer) script() {
	const (
		plain = iota
		comment
		nested // in a <script> in a comment
	)
	state, dashes := plain, 0
	for at := z.at; at < len(z.s); {
		c := z.s[at]
		if c != '<' {
			switch {
			case state == plain:
			case c == '-':
				dashes++
			case c == '>' && dashes >= 2:
				state, dashes = plain, 0
			default:
				dashes = 0
			}
			at++
			continue
		}
		dashes = 0
		if state == nested {
			if z.endTagAt(at, "script") {
				at += len("</script>")
				state = comment
			} else {
				at++
			}
			continue
		}
		if z.endTagAt(at, "script") {
			z.at = at
			return
		}
		at++
		switch {
		case state == plain:
			if strings.HasPrefix(z.s[at:], "!--") {
				at += len("!--")
				state, dashes = comment, 2
			}
		case at < len(z.s) && z.s[at] == '/':
			at++
		case at < len(z.s) && letter(z.s[at]):
			if n := at + len("script"); n < len(z.s) && equalFold(z.s[at:n], "script") && (blank(z.s[n]) || z.s[n] == '/' || z.s[n] == '>') {
				at = n + 1
				state = nested
			}
		default:
			state = plain
		}
	}
	z.at = len(z.s)
}

// equalFold reports whether s is the lower-case ASCII word in any case. Unlike strings.EqualFold it knows ASCII only.
func equalFold(s, word string) bool {
	if len(s) != len(word) {
		return false
	}
	for i := range len(s) {
		if lowerByte(s[i]) != lowerByte(word[i]) {
			return false
		}
	}
	return true
}

func lowerByte(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// lowerName is a name as the HTML Standard compares it: ASCII in lower case, NUL replaced.
func lowerName(s string) string {
	for i := range len(s) {
		if c := s[i]; c == 0 || 'A' <= c && c <= 'Z' {
			b := []byte(strings.ReplaceAll(s, "\x00", "\ufffd"))
			for i := range b {
				b[i] = lowerByte(b[i])
			}
			return string(b)
		}
	}
	return s
}

// attributeValue decodes a value: NUL replaced, line ends as \n, entities decoded by the rules for attributes (HTML
// Standard §13.2.5.73), in which &copy in "?a=1&copy=2" is no entity.
func attributeValue(s string) string {
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "\ufffd")
	}
	if strings.IndexByte(s, '\r') >= 0 {
		s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	}
	i := strings.IndexByte(s, '&')
	if i < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for ; i >= 0; i = strings.IndexByte(s, '&') {
		b.WriteString(s[:i])
		s = s[i:]
		if rest, ok := strings.CutPrefix(s, "&amp;"); ok { // nearly all of them, in targets
			b.WriteByte('&')
			s = rest
			continue
		}
		decoded, n := attributeEntity(s)
		b.WriteString(decoded)
		s = s[n:]
	}
	b.WriteString(s)
	return b.String()
}

// attributeEntity decodes the entity that s starts with and tells how long it is; what is none stays as it is.
func attributeEntity(s string) (decoded string, n int) {
	if len(s) > 1 && s[1] == '#' {
		n = 2
		for n < len(s) && (letter(s[n]) || '0' <= s[n] && s[n] <= '9') {
			n++
		}
		if n < len(s) && s[n] == ';' {
			n++
		}
		return html.UnescapeString(s[:n]), n
	}
	n = 1
	for n < len(s) && (letter(s[n]) || '0' <= s[n] && s[n] <= '9') {
		n++
	}
	name := s[:n]
	if n < len(s) && s[n] == ';' {
		n++
	} else if n < len(s) && s[n] == '=' {
		return name, n
	}
	decoded = html.UnescapeString(s[:n])
	// In text an entity ends where its name does: &notit; is ¬it;. In an attribute it does not count then.
	if last := decoded[len(decoded)-1]; decoded != ";" && (last == ';' || letter(last) || '0' <= last && last <= '9') {
		return s[:n], n
	}
	return decoded, n
}
