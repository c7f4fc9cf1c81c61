package script

import (
	"strings"
	"unicode/utf8"
)

// The characters that turn text around (UAX #9): an override from right to left, and the end of what an embedding or an
// override began.
const (
	rightToLeft = "\u202e"
	popDirect   = '\u202c'
)

// ReadingOrder returns s in the order in which it is read: what stands behind a right-to-left override, up to its end or
// that of the line, is turned around, so that "nozamA" comes out as it is shown. Text without one is returned as it is.
func ReadingOrder(s string) string {
	if !strings.Contains(s, rightToLeft) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for {
		at := strings.Index(s, rightToLeft)
		if at < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:at])
		s = s[at+len(rightToLeft):]
		end, next := overridden(s)
		for rest := s[:end]; rest != ""; {
			r, n := utf8.DecodeLastRuneInString(rest)
			rest = rest[:len(rest)-n]
			if r != utf8.RuneError && !embeds(r) && r != popDirect {
				b.WriteRune(r)
			}
		}
		s = s[next:]
	}
}

// overridden returns how far an override reaches in the text behind it, and where the text after it goes on.
func overridden(s string) (end, next int) {
	depth := 1
	for i, r := range s {
		switch {
		case r == '\n' || r == '\u2029':
			return i, i
		case embeds(r):
			depth++
		case r == popDirect:
			if depth--; depth == 0 {
				return i, i + utf8.RuneLen(r)
			}
		}
	}
	return len(s), len(s)
}

// embeds reports whether r begins an embedding or an override.
func embeds(r rune) bool { return r == '\u202a' || r == '\u202b' || r == '\u202d' || r == '\u202e' }
