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

// Fold returns s in the spelling that brand words are searched in: compatibility forms composed (NFKC), combining marks
// and invisible characters dropped, letters that look like basic Latin ones replaced by them, lower case. Kana keep
// their voicing marks (ゾ stays ゾ), digits stay digits. Line feeds stay, other white space becomes a plain space.
func Fold(s string) string {
	first := strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf || r == 0 || foldASCII(byte(r)) != byte(r) })
	if first < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	b.WriteString(s[:first])
	for i := first; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			// A combining mark behind the letter is dropped as if NFKC had composed it and the table had taken it off.
			if c = foldASCII(c); c != 0 {
				b.WriteByte(c)
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		end := i + n
		if stable(r) {
			if !voicing(s[end:]) {
				b.WriteString(s[i:end])
				i = end
				continue
			}
		}
		for end < len(s) {
			r, n := utf8.DecodeRuneInString(s[end:])
			if r < utf8.RuneSelf || stable(r) {
				break
			}
			end += n
		}
		foldSegment(&b, s[i:end])
		i = end
	}
	return b.String()
}

// foldASCII returns the folded form of an ASCII byte, 0 for none.
func foldASCII(c byte) byte {
	switch {
	case c >= 'A' && c <= 'Z':
		return c + 'a' - 'A'
	case c == '\t' || c == '\r' || c == '\v' || c == '\f':
		return ' '
	case c < ' ' && c != '\n' || c == 0x7f:
		return 0
	}
	return c
}

// stable tells for characters that Fold leaves alone: the bulk of Japanese and Chinese text, kept off the slow path.
func stable(r rune) bool {
	return r >= 0x3041 && r <= 0x3096 || r >= 0x30a1 && r <= 0x30fa || r == 0x30fb || r == 0x30fc ||
		r >= 0x4e00 && r <= 0x9fff || r >= 0xac00 && r <= 0xd7a3 || r == 0x3001 || r == 0x3002 ||
		r >= 0x300c && r <= 0x3011
}

// voicing tells whether s starts with a voicing mark of kana, to be composed with the kana before it.
func voicing(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return r >= 0x3099 && r <= 0x309c || r == 0xff9e || r == 0xff9f
}

// foldSegment folds text without ASCII, long enough to be normalised on its own.
func foldSegment(b *strings.Builder, s string) {
	// The spacing voicing marks become a space with a mark under NFKC; as written after a kana they are meant to voice it.
	if strings.ContainsAny(s, "\u309b\u309c") {
		s = strings.NewReplacer("\u309b", "\u3099", "\u309c", "\u309a").Replace(s)
	}
	for _, r := range norm.NFKC.String(strings.ToValidUTF8(s, "\ufffd")) {
		if r < utf8.RuneSelf {
			if c := foldASCII(byte(r)); c != 0 {
				b.WriteByte(c)
			}
			continue
		}
		if f, ok := foldRune(r); ok {
			b.WriteRune(f)
		}
	}
}

// foldRune folds one composed character; ok is false for characters that are dropped.
func foldRune(r rune) (f rune, ok bool) {
	if stable(r) {
		return r, true
	}
	if f := confusable(r); f != 0 {
		return f, true
	}
	switch {
	case unicode.In(r, unicode.Mn, unicode.Me) || hidden(r):
		return 0, false
	case unicode.IsSpace(r) || r == '\u2028' || r == '\u2029':
		return ' ', true
	case r < 0x250 || r >= 0x1e00 && r < 0x2000: // Latin and Greek letters with marks: ä, ｱ́, ợ
		if d := norm.NFD.PropertiesString(string(r)).Decomposition(); len(d) > 0 {
			base, _ := utf8.DecodeRune(d)
			if base < utf8.RuneSelf {
				return rune(foldASCII(byte(base))), true
			}
			if base != r {
				return foldRune(base)
			}
		}
	}
	if l := unicode.ToLower(r); l != r {
		if l < utf8.RuneSelf {
			return l, true
		}
		return foldRune(l)
	}
	return r, true
}

// hidden tells for characters that take no ink: format characters (Cf), fillers and the joiners that are marks.
func hidden(r rune) bool {
	switch r {
	case 0x034f, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x2800, 0x3164, 0xffa0, 0x180b, 0x180c, 0x180d, 0x180f:
		return true
	}
	return unicode.Is(unicode.Cf, r) || r >= 0xe0000 && r <= 0xe0fff
}

// Compact returns folded text without what separates letters: white space, punctuation, symbols.
func Compact(folded string) string {
	return strings.Map(func(r rune) rune {
		if separator(r) {
			return -1
		}
		return r
	}, folded)
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
	first, _ := utf8.DecodeRuneInString(word)
	before := ' '
	for i, r := range folded {
		if r == first && edge(before) {
			if n, split := spacedAt(folded[i:], word); n > 0 && split {
				return i, i + n, true
			}
		}
		before = r
	}
	return 0, 0, false
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

// edge tells whether a word of Latin letters may begin or end beside r: a separator, or East Asian writing and its
// brackets, which follow on Latin words without a space ("【A m a z o n】", "A m a z o nより").
func edge(r rune) bool { return separator(r) || r >= 0x2e80 }

// IndexSplit finds word in folded text with letters pushed in between, as senders do with text that the HTML hides:
// "amtalkazon" for "amazon". At least two letters of the word stand on either side of at most 12 foreign ones, and the
// whole is one run of letters, so that natural words ("armazon", "amazonian") are no finds. Word must be ASCII letters.
func IndexSplit(folded, word string) (start, end int, ok bool) {
	for i := 0; i < len(folded); {
		c := folded[i]
		if c < 'a' || c > 'z' {
			i++
			continue
		}
		j := i
		for j < len(folded) && folded[j] >= 'a' && folded[j] <= 'z' {
			j++
		}
		before, size := utf8.DecodeLastRuneInString(folded[:i])
		bounded := size == 0 || before < utf8.RuneSelf || edge(before)
		after, size := utf8.DecodeRuneInString(folded[j:])
		bounded = bounded && (size == 0 || after < utf8.RuneSelf || edge(after))
		if token := folded[i:j]; bounded && splitToken(token, word) {
			return i, j, true
		}
		i = j
	}
	return 0, 0, false
}

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

// Normal returns s as subjects are compared (DOMAIN §2.0): NFKC, invisible characters dropped, white space collapsed to
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

// Mixed tells whether a word of s mixes Latin letters with letters of a script that looks like Latin: Cyrillic, Greek,
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

// Language tells the language of s by its script alone: "ja", "zh", "ko", "ru", "el", "ar", "he", "th", "hi"; "" where
// the text is Latin or has no letters. Japanese is told from Chinese by its kana: at least one in twelve.
func Language(s string) string {
	var kana, han, hangul, latin int
	other := map[string]int{}
	for _, r := range s {
		switch {
		case r < utf8.RuneSelf:
			if !separator(r) && r > '9' {
				latin++
			}
		case r >= 0x3041 && r <= 0x30ff && r != 0x30fb || r >= 0xff66 && r <= 0xff9f:
			kana++
		case unicode.Is(unicode.Han, r):
			han++
		case unicode.Is(unicode.Hangul, r):
			hangul++
		case unicode.Is(unicode.Latin, r):
			latin++
		default:
			for _, l := range languages {
				if unicode.Is(l.table, r) {
					other[l.code]++
					break
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
	for _, l := range languages {
		if c := other[l.code]; c > n {
			best, n = l.code, c
		}
	}
	return best
}

var languages = []struct {
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
