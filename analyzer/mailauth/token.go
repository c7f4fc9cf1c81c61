package mailauth

import "strings"

// kind is the kind of a token of a structured field (RFC 5322 §3.2).
type kind uint8

const (
	word      kind = iota // atom, quoted string, or both run together: text is decoded
	comment               // text is the inside, nested parentheses included
	semicolon             // at depth 0, outside quotes
)

// token is one token; [start,end) is its place in the field.
type token struct {
	kind       kind
	text       string
	start, end int
}

// lexer reads the tokens of Authentication-Results, Received-SPF and Received fields: words, comments, semicolons.
// Comments nest (RFC 5322 §3.2.2) and may hold semicolons and quotes, which mean nothing there. A comment or a quoted
// string that is not closed reaches to the end of the field, so that nothing behind it can pass for a result. It is
// linear in the length of the field, and never fails.
type lexer struct {
	s    string
	at   int
	open bool // a comment or quoted string was not closed
}

// next returns the next token; ok is false at the end.
func (l *lexer) next() (t token, ok bool) {
	for l.at < len(l.s) && space(l.s[l.at]) {
		l.at++
	}
	if l.at >= len(l.s) {
		return token{}, false
	}
	t.start = l.at
	switch l.s[l.at] {
	case ';':
		l.at++
		t.kind = semicolon
	case '(':
		t.kind, t.text = comment, l.comment()
	default:
		t.kind = word
		t.text = l.word()
	}
	t.end = l.at
	return t, true
}

func space(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == 0 }

// comment reads a comment from its opening parenthesis on and returns its inside, white space folded to single spaces.
func (l *lexer) comment() string {
	l.at++
	from, depth := l.at, 1
	for ; l.at < len(l.s); l.at++ {
		switch l.s[l.at] {
		case '\\':
			if l.at+1 < len(l.s) {
				l.at++
			}
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				text := l.s[from:l.at]
				l.at++
				return folded(text)
			}
		}
	}
	l.open = true
	return folded(l.s[from:])
}

// folded replaces runs of white space by one space.
func folded(s string) string {
	if !folds(s) {
		return strings.Trim(s, " ")
	}
	var b strings.Builder
	b.Grow(len(s))
	gap := false
	for i := 0; i < len(s); i++ {
		if space(s[i]) {
			gap = b.Len() > 0
			continue
		}
		if gap {
			b.WriteByte(' ')
			gap = false
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// folds reports whether s has white space other than single spaces.
func folds(s string) bool {
	before := byte(0)
	for i := range len(s) {
		c := s[i]
		if space(c) && (c != ' ' || before == ' ') {
			return true
		}
		before = c
	}
	return false
}

// word reads up to white space, a semicolon or a parenthesis outside quotes, and takes quotes off.
func (l *lexer) word() string {
	from := l.at
	for l.at < len(l.s) {
		c := l.s[l.at]
		if space(c) || c == ';' || c == '(' {
			break
		}
		if c == '"' {
			return l.quotedWord(from)
		}
		l.at++
	}
	return l.s[from:l.at]
}

// quotedWord goes on with a word whose first quote stands at l.at.
func (l *lexer) quotedWord(from int) string {
	var b strings.Builder
	b.WriteString(l.s[from:l.at])
	in := false
	for l.at < len(l.s) {
		c := l.s[l.at]
		switch {
		case c == '"':
			in = !in
		case in && c == '\\' && l.at+1 < len(l.s):
			l.at++
			b.WriteByte(l.s[l.at])
		case in && (c == '\r' || c == '\n' || c == 0):
		case !in && (space(c) || c == ';' || c == '('):
			return b.String()
		default:
			b.WriteByte(c)
		}
		l.at++
	}
	l.open = l.open || in
	return b.String()
}
