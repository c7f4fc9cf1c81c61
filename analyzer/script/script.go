// Package script deals with writing systems: what a reader sees when text is made of characters chosen to deceive.
//
// Unicode has many characters that look alike (Latin a, Cyrillic а, Greek α, mathematical 𝐚), many that cannot be seen
// (zero width space, soft hyphen, tag characters) and some that turn the direction of text around. Senders of fakes use
// them so that a person reads "Amazon" where a filter finds no such word. This package folds what looks alike into one
// spelling (Fold), makes the invisible visible before text reaches a terminal or a page (Visible), and tells which
// scripts text mixes. It follows the ideas of Unicode UTS #39 with a table of its own, limited to the letters that
// brand names are written with.
//
// All functions are linear in their input and accept text that is no valid UTF-8.
package script

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Compact returns folded text without what separates letters: white space, punctuation, symbols.
func Compact(folded string) string { return string(AppendCompact(nil, folded)) }

// AppendCompact appends Compact of folded text to dst.
func AppendCompact(dst []byte, folded string) []byte {
	for i := 0; i < len(folded); {
		if c := folded[i]; c < utf8.RuneSelf {
			if !separator(rune(c)) {
				dst = append(dst, c)
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(folded[i:])
		if !separator(r) {
			dst = append(dst, folded[i:i+n]...)
		}
		i += n
	}
	return dst
}

func separator(r rune) bool {
	if r < utf8.RuneSelf {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9')
	}
	return !stable(r) && !unicode.IsLetter(r) && !unicode.IsNumber(r) || r == 0x30fb
}

// FoldSpaced is Fold that also drops separators between letters that stand alone: "A m a z o n" becomes "amazon".
func FoldSpaced(s string) string {
	f := []rune(Fold(s))
	out := make([]rune, 0, len(f))
	single := func(i int) bool {
		return i >= 0 && i < len(f) && !separator(f[i]) && (i == 0 || separator(f[i-1])) && (i+1 == len(f) || separator(f[i+1]))
	}
	for i := 0; i < len(f); {
		out = append(out, f[i])
		next := i + 1
		// At most three separators: "A - m - a" is one word spread out, a table of single letters is not.
		for next < len(f) && next-i <= 3 && separator(f[next]) && f[next] != '\n' {
			next++
		}
		if next > i+1 && single(i) && single(next) {
			i = next
			continue
		}
		i++
	}
	return string(out)
}

// IndexSpaced finds word in folded text where separators stand between its letters ("a mazon", "ama-zon", "p r i m e")
// and returns the byte offsets of the find. It must begin and end where a word does, so that "roma zone" is no amazon.
// A find without any separator inside does not count. Word is folded and holds letters only.
func IndexSpaced(folded, word string) (start, end int, ok bool) {
	if word == "" {
		return 0, 0, false
	}
	_, size := utf8.DecodeRuneInString(word)
	first := word[:size]
	for at := 0; ; {
		i := strings.Index(folded[at:], first)
		if i < 0 {
			return 0, 0, false
		}
		i += at
		if before, size := utf8.DecodeLastRuneInString(folded[:i]); size == 0 || edge(before) {
			if n, split := spacedAt(folded[i:], word); n > 0 && split {
				return i, i + n, true
			}
		}
		at = i + size
	}
}

// spacedAt matches word at the start of s and returns how far it reaches, 0 where it does not match.
func spacedAt(s, word string) (n int, split bool) {
	gap := 0
	for _, w := range word {
		for {
			r, size := utf8.DecodeRuneInString(s[n:])
			if size == 0 {
				return 0, false
			}
			if r == w {
				split = split || gap > 0
				gap = 0
				n += size
				break
			}
			if n == 0 || !separator(r) || r == '\n' || gap >= 3 {
				return 0, false
			}
			gap++
			n += size
		}
	}
	if r, size := utf8.DecodeRuneInString(s[n:]); size > 0 && !edge(r) {
		return 0, false
	}
	return n, split
}

// edge reports whether a word of Latin letters may begin or end beside r: a separator, or East Asian writing and its
// brackets, which follow on Latin words without a space ("【A m a z o n】", "A m a z o nより").
func edge(r rune) bool { return separator(r) || r >= 0x2e80 }

// IndexSplit finds word in folded text with letters pushed in between, as senders do with text that the HTML hides:
// "amtalkazon" for "amazon". At least two letters of the word stand on either side of at most 12 foreign ones, and the
// whole is one run of letters, so that natural words ("armazon", "amazonian") are no finds. Word must be ASCII letters.
func IndexSplit(folded, word string) (start, end int, ok bool) {
	if len(word) < 5 || !latin(word[0]) || !latin(word[1]) {
		return 0, 0, false
	}
	for at := 0; ; {
		i := strings.Index(folded[at:], word[:2])
		if i < 0 {
			return 0, 0, false
		}
		i += at
		j := i + 2
		for j < len(folded) && latin(folded[j]) {
			j++
		}
		at = j
		if i > 0 && latin(folded[i-1]) || !splitToken(folded[i:j], word) {
			continue
		}
		before, size := utf8.DecodeLastRuneInString(folded[:i])
		bounded := size == 0 || before < utf8.RuneSelf || edge(before)
		after, size := utf8.DecodeRuneInString(folded[j:])
		if bounded && (size == 0 || after < utf8.RuneSelf || edge(after)) {
			return i, j, true
		}
	}
}

// latin tells for the letters of folded ASCII.
func latin(c byte) bool { return c >= 'a' && c <= 'z' }

func splitToken(token, word string) bool {
	extra := len(token) - len(word)
	if extra < 2 || extra > 12 || len(word) < 5 || strings.Contains(token, word) {
		return false
	}
	for k := 2; k <= len(word)-3; k++ {
		if strings.HasPrefix(token, word[:k]) && strings.HasSuffix(token, word[k:]) {
			return true
		}
	}
	return false
}

// Normal returns s as subjects are compared (NOTICES §1): NFKC, invisible characters dropped, white space collapsed to
// single spaces and trimmed. Case and letters stay.
func Normal(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	space := false
	for _, r := range norm.NFKC.String(s) {
		switch {
		case hidden(r):
		case unicode.IsSpace(r) || unicode.IsControl(r):
			space = true
		default:
			if space && b.Len() > 0 {
				b.WriteByte(' ')
			}
			space = false
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Visible returns s safe for terminals, cells and pages: what controls the terminal, the direction of text or cannot be
// seen is shown by its code point (‹U+202E›), line ends and tabs become spaces, bytes that are no UTF-8 become U+FFFD.
func Visible(s string) string {
	if visible(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	for _, r := range s {
		switch {
		case r == '\n' || r == '\r' || r == '\t' || r == '\u2028' || r == '\u2029' || r == '\u0085':
			b.WriteByte(' ')
		case unicode.IsControl(r) || hidden(r) || r == 0x061c:
			fmt.Fprintf(&b, "‹U+%04X›", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func visible(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if r < ' ' || r == 0x7f || r >= 0x80 && (unicode.IsControl(r) || hidden(r) || r == '\u2028' || r == '\u2029') {
			return false
		}
	}
	return true
}

// Hidden tells for a character that takes no ink.
func Hidden(r rune) bool { return r >= utf8.RuneSelf && hidden(r) }

// Invisible counts the characters of s that take no ink.
func Invisible(s string) int {
	n := 0
	for _, r := range s {
		if r >= 0x80 && hidden(r) {
			n++
		}
	}
	return n
}

// Mixed reports whether a word of s mixes Latin letters with letters of a script that looks like Latin: Cyrillic, Greek,
// Armenian, Cherokee, Coptic or Lisu. Latin next to Japanese, Chinese or Korean is normal there and does not count.
func Mixed(s string) bool {
	latin, foreign := false, false
	for _, r := range s {
		switch {
		case r < utf8.RuneSelf && !separator(r):
			latin = latin || r > '9'
		case r < utf8.RuneSelf || !unicode.IsLetter(r) && !unicode.IsMark(r):
			latin, foreign = false, false
			continue
		case stable(r):
			latin, foreign = false, false
		case unicode.Is(unicode.Latin, r):
			latin = true
		case unicode.In(r, unicode.Cyrillic, unicode.Greek, unicode.Armenian, unicode.Cherokee, unicode.Coptic, unicode.Lisu):
			// The micro sign and Greek letters in units and formulas stand alone, not inside a word.
			foreign = r != 'µ' && r != 'Ω'
		}
		if latin && foreign {
			return true
		}
	}
	return false
}

// Language tells the language of a text, which may come in pieces, by its script alone: "ja", "zh", "ko", "ru", "el",
// "ar", "he", "th", "hi"; "" where the text is Latin or has no letters. Japanese is told from Chinese by its kana: at
// least one in twelve.
func Language(pieces ...string) string {
	var kana, han, hangul, latin int
	var other [len(languages)]int
	for _, s := range pieces {
		for i := 0; i < len(s); {
			if c := s[i]; c < utf8.RuneSelf {
				if c |= 0x20; c >= 'a' && c <= 'z' {
					latin++
				}
				i++
				continue
			}
			r, n := utf8.DecodeRuneInString(s[i:])
			i += n
			switch {
			case r >= 0x3041 && r <= 0x30ff && r != 0x30fb || r >= 0xff66 && r <= 0xff9f:
				kana++
			case r >= 0x3000 && r <= 0x3004 || r >= 0x3008 && r <= 0x3020 || r >= 0xff01 && r <= 0xff20 || r >= 0xffe0 && r <= 0xffe6:
				// Punctuation, full-width digits and signs are of no script.
			case r >= 0x4e00 && r <= 0x9fff || unicode.Is(unicode.Han, r):
				han++
			case unicode.Is(unicode.Hangul, r):
				hangul++
			case unicode.Is(unicode.Latin, r):
				latin++
			default:
				for i, l := range languages {
					if unicode.Is(l.table, r) {
						other[i]++
						break
					}
				}
			}
		}
	}
	// A foreign name or URL among Japanese text has many letters for few words: East Asian characters count threefold.
	best, n := "", latin
	if c := 3 * (kana + han); c > n && kana+han > 0 {
		best, n = "zh", c
		if kana*12 >= han {
			best = "ja"
		}
	}
	if c := 3 * hangul; c > n {
		best, n = "ko", c
	}
	for i, l := range languages {
		if c := other[i]; c > n {
			best, n = l.code, c
		}
	}
	return best
}

var languages = [...]struct {
	code  string
	table *unicode.RangeTable
}{
	{"ru", unicode.Cyrillic},
	{"el", unicode.Greek},
	{"ar", unicode.Arabic},
	{"he", unicode.Hebrew},
	{"th", unicode.Thai},
	{"hi", unicode.Devanagari},
	{"hy", unicode.Armenian},
}

// Cut returns the first n bytes of s at most, and of no character a part.
func Cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
