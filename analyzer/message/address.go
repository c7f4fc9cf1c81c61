package message

import (
	"bytes"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// ParseAddresses reads the mailboxes of an address field (RFC 5322 §3.4), decoded.
//
// It follows what mail programs show, not the grammar: names with unquoted commas and full stops, missing or doubled
// angle brackets, missing commas between mailboxes, comments as names, groups, a comma at the end, a field that is
// only a name. Addresses are kept as written: letters that merely look like others (mathematical, full-width) are for
// the detectors to see. The structure is read before encoded-words are decoded, so that a comma or a bracket inside a
// word is part of the name.
func ParseAddresses(s string) []finding.Address { return ParseAddressesIn(s, "") }

// ParseAddressesIn is ParseAddresses for a field whose raw 8-bit text is likely to be in the character set declared.
func ParseAddressesIn(s, declared string) []finding.Address {
	s = decodeOutside(unfold(s), declared)
	p := addressParser{s: s, lastSemicolon: strings.LastIndexByte(s, ';')}
	p.parse()
	return p.out
}

// decodeOutside decodes raw 8-bit text and ISO-2022-JP of s and leaves encoded-words as they are. It has to come before
// the structure: the second bytes of ISO-2022-JP look like commas, quotes and brackets.
func decodeOutside(s, declared string) string {
	if !hasEightBit(s) {
		return s
	}
	hint := declared
	w := wordScanner{s: s}
	if at, ok := w.next(0); ok {
		if wd, _, ok := w.find(at); ok {
			hint = wd.charset
		}
	}
	return decodeRaw(s, hint)
}

type addressParser struct {
	s       string
	i       int
	out     []finding.Address
	name    []byte // text since the last mailbox
	comment string // of the current mailbox
	mark    int    // length of name at the last comma that did not end a mailbox

	lastSemicolon int
}

func (p *addressParser) parse() {
	lastQuote := strings.LastIndexByte(p.s, '"')
	lastClose := strings.LastIndexByte(p.s, ')')
	for p.i < len(p.s) {
		switch c := p.s[p.i]; c {
		case '"':
			if p.i < lastQuote {
				p.quoted()
			} else {
				p.i++ // a quote that is never closed
			}
		case '(':
			if p.i < lastClose {
				p.parenthesis()
			} else {
				p.name = append(p.name, c)
				p.i++
			}
		case '<':
			p.angle()
		case '>': // one too many
			p.i++
		case ',', ';':
			p.comma()
			p.i++
		case ':':
			// A group's name, or "mailto:"; a colon inside a name without brackets is rare enough.
			p.group()
		default:
			p.name = append(p.name, c)
			p.i++
		}
	}
	p.end()
}

// quoted reads a quoted-string into the name.
func (p *addressParser) quoted() {
	var b strings.Builder
	i := p.i + 1
	for i < len(p.s) && p.s[i] != '"' {
		if p.s[i] == '\\' && i+1 < len(p.s) {
			i++
		}
		b.WriteByte(p.s[i])
		i++
	}
	p.i = min(i+1, len(p.s))
	p.name = append(p.name, protect(b.String())...)
}

// Inside the name, characters of quoted strings that would end a mailbox are kept apart from those that do, by
// writing them as bytes that no text has.
const (
	safeComma = "\x01"
	safeAt    = "\x02"
)

func protect(s string) string {
	if !strings.ContainsAny(s, ",@"+safeComma+safeAt) {
		return s
	}
	s = strings.NewReplacer(safeComma, "", safeAt, "").Replace(s)
	return strings.NewReplacer(",", safeComma, "@", safeAt).Replace(s)
}

func unprotect(s string) string {
	if !strings.ContainsAny(s, safeComma+safeAt) {
		return s
	}
	return strings.NewReplacer(safeComma, ",", safeAt, "@").Replace(s)
}

// parenthesis reads a comment, nested to any depth.
func (p *addressParser) parenthesis() {
	depth, i := 0, p.i
	for ; i < len(p.s); i++ {
		switch p.s[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			depth--
		}
		if depth == 0 {
			break
		}
	}
	end := min(i, len(p.s))
	if p.comment == "" && end > p.i+1 {
		p.comment = p.s[p.i+1 : end]
	}
	p.i = min(i+1, len(p.s))
	if !p.insideAddress() {
		p.name = append(p.name, ' ')
	}
}

// longestAddress is how much of an address is looked at to see whether it is one: RFC 5321 §4.5.3.1 allows 254 octets.
const longestAddress = 320

// insideAddress reports whether the comment that was just read stands inside an address without brackets, where RFC 5322
// §3.4.1 allows it beside "@" and "." as well as anywhere around atoms: "a(comment)@example.jp".
func (p *addressParser) insideAddress() bool {
	before := p.name[max(0, len(p.name)-longestAddress):]
	before = before[bytes.LastIndexAny(before, " \t,")+1:]
	after := p.s[p.i:min(len(p.s), p.i+longestAddress)]
	if end := strings.IndexAny(after, " \t,;<>(\""); end >= 0 {
		after = after[:end]
	}
	switch {
	case len(before) == 0 || after == "" && !strings.HasPrefix(p.s[p.i:], "("):
		return false
	case bytes.IndexByte(before, '@') < 0:
		return strings.HasPrefix(after, "@") || strings.HasPrefix(after, ".") && strings.Contains(after, "@") ||
			before[len(before)-1] == '.' && strings.Contains(after, "@")
	}
	last := before[len(before)-1]
	return last == '@' || last == '.' || strings.HasPrefix(after, ".")
}

// withoutComments cuts comments out of what stands in angle brackets and gives the first one. Quoted strings are kept as
// they are, and so is a parenthesis that nothing closes.
func withoutComments(s string) (address, comment string) {
	if strings.IndexByte(s, '(') < 0 {
		return s, ""
	}
	var out strings.Builder
	lastClose, lastQuote := strings.LastIndexByte(s, ')'), strings.LastIndexByte(s, '"')
	quoted, depth, start := false, 0, 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '\\' && (quoted || depth > 0):
			if i++; depth == 0 {
				out.WriteString(s[i-1 : min(i+1, len(s))])
			}
			continue
		case c == '"' && depth == 0 && (quoted || i < lastQuote):
			quoted = !quoted
		case c == '(' && !quoted && (depth > 0 || i < lastClose):
			if depth++; depth == 1 {
				start = i + 1
			}
			continue
		case c == ')' && depth > 0:
			if depth--; depth == 0 && comment == "" {
				comment = s[start:i]
			}
			continue
		}
		if depth == 0 {
			out.WriteByte(c)
		}
	}
	if depth > 0 { // one that is never closed is none
		return s, ""
	}
	return out.String(), comment
}

// angle reads an address in angle brackets; without the closing one it ends at white space before a name, a comma or
// the end.
func (p *addressParser) angle() {
	rest := p.s[p.i+1:]
	end := strings.IndexAny(rest, "<>")
	next := 0
	switch {
	case end >= 0 && rest[end] == '>':
		next = end + 1
	case end >= 0: // "<<a@b>" or "<a@b <c@d>"
		next = end
	default:
		if end = strings.IndexAny(rest, ",;"); end < 0 {
			end = len(rest)
		}
		next = end
	}
	inner := rest[:end]
	p.i += 1 + next
	if strings.TrimSpace(inner) == "" && next == end && p.i < len(p.s) && p.s[p.i] == '<' {
		return // doubled bracket
	}
	name := p.takeName()
	inner, comment := withoutComments(inner)
	if name == "" && p.comment == "" {
		p.comment = comment
	}
	p.emit(name, inner)
}

// comma ends a mailbox where what stands before it is one; a comma inside an unquoted name is kept.
func (p *addressParser) comma() {
	if len(bytes.TrimSpace(p.name[min(p.mark, len(p.name)):])) == 0 && len(bytes.TrimSpace(p.name)) == 0 {
		p.name = p.name[:0]
		p.comment, p.mark = "", 0
		return
	}
	if bytes.IndexByte(p.name[min(p.mark, len(p.name)):], '@') >= 0 {
		p.bare()
		return
	}
	p.name = append(p.name, ',')
	p.mark = len(p.name)
}

// group drops the name of a group (`undisclosed-recipients:;`).
func (p *addressParser) group() {
	if bytes.IndexByte(p.name[min(p.mark, len(p.name)):], '@') >= 0 || p.i > p.lastSemicolon && !bytes.EqualFold(bytes.TrimSpace(p.name), []byte("mailto")) {
		p.name = append(p.name, ':')
		p.i++
		return
	}
	p.name = p.name[:0]
	p.comment, p.mark = "", 0
	p.i++
}

// bare reads a mailbox without angle brackets: `a@b`, `a@b (Name)`, `Name a@b`.
func (p *addressParser) bare() {
	text := p.takeName()
	comment := p.comment
	p.comment = ""
	words := strings.Fields(text)
	at := -1
	for i, w := range words {
		if strings.Contains(w, "@") {
			at = i
		}
	}
	if at < 0 {
		p.comment = comment
		p.emit(text, "")
		return
	}
	// White space may stand around the "@" (RFC 5322 §4.4): "a @ example.jp".
	from, to := at, at+1
	if strings.HasPrefix(words[at], "@") && from > 0 && !strings.Contains(words[from-1], "@") {
		from--
	}
	if strings.HasSuffix(words[at], "@") && to < len(words) {
		to++
	}
	address := strings.Join(words[from:to], "")
	name := strings.Join(append(append([]string{}, words[:from]...), words[to:]...), " ")
	p.comment = comment
	p.emit(name, address)
}

func (p *addressParser) takeName() string {
	name := strings.Trim(string(p.name), " \t,")
	p.name = p.name[:0]
	p.mark = 0
	return name
}

func (p *addressParser) end() {
	if len(bytes.Trim(p.name, " \t,")) == 0 {
		if p.comment == "" {
			return
		}
		if n := len(p.out); n > 0 { // `<a@b> (Name)`
			if p.out[n-1].Name == "" {
				p.out[n-1].Name = strings.TrimSpace(DecodeHeader(p.comment))
			}
			return
		}
	}
	if n := len(p.out); n > 0 && bytes.IndexByte(p.name, '@') < 0 && p.mark == 0 && p.out[n-1].Name == "" {
		// `<a@b> Name`
		p.out[n-1].Name = strings.TrimSpace(DecodeHeader(unprotect(p.takeName())))
		return
	}
	p.bare()
}

func (p *addressParser) emit(name, address string) {
	if strings.TrimSpace(address) == "" && strings.Contains(p.comment, "@") {
		// `Name,(<a@b>)`, seen in spam: the only address is in a comment, and mail programs find it there.
		address, p.comment = strings.Trim(strings.TrimSpace(p.comment), "<>"), ""
	}
	if name == "" && p.comment != "" {
		name = p.comment
	}
	p.comment = ""
	a := finding.Address{
		Name:    strings.TrimSpace(DecodeHeader(unprotect(name))),
		Address: cleanAddress(unprotect(address)),
	}
	if a.Name == "" && a.Address == "" {
		return
	}
	p.out = append(p.out, a)
}

// cleanAddress removes what is around and inside an address that no mail program shows as part of it: white space,
// quotes around the whole, a source route (RFC 5322 §4.4), "mailto:", a full stop or bracket at the end.
func cleanAddress(s string) string {
	if strings.Contains(s, "=?") {
		s = DecodeHeader(s)
	}
	if !usualAddress(s) {
		s = strings.Map(func(r rune) rune {
			if r <= ' ' || r == 0x7f || r == '<' || r == '>' {
				return -1
			}
			return r
		}, s)
	}
	if len(s) > 7 && strings.EqualFold(s[:7], "mailto:") {
		s = s[7:]
	}
	if strings.HasPrefix(s, "@") {
		if i := strings.LastIndexByte(s, ':'); i >= 0 {
			s = s[i+1:]
		}
	}
	if len(s) > 2 && s[0] == '\'' && s[len(s)-1] == '\'' {
		s = s[1 : len(s)-1]
	}
	if len(s) > 2 && s[0] == '"' && s[len(s)-1] == '"' {
		s = s[1 : len(s)-1]
	}
	return strings.TrimRight(s, ",;.")
}

// usualAddress tells for printable ASCII without angle brackets.
func usualAddress(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || c == '<' || c == '>' {
			return false
		}
	}
	return true
}
