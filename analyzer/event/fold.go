package event

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/mailaudit/mailaudit/analyzer/script"
)

// examined is how many bytes of the visible text are looked at. Notices say what happened at the top; 32 KiB is some
// eight times the longest genuine order confirmation.
const examined = 32 << 10

// fold brings s into the form in which patterns and text are compared (see the package comment).
func fold(s string) string { return normal(s, true) }

// plain is NFKC without format characters and controls, white space collapsed; case and accents stay. Details are read
// from it.
func plain(s string) string { return normal(s, false) }

func normal(s string, folding bool) string {
	var room []byte
	return normalIn(&room, s, folding)
}

// normalIn is fold or plain with room for the work, which is used again.
func normalIn(room *[]byte, s string, folding bool) string {
	if !folding && isPlain(s) {
		return s
	}
	*room = appendNormal(slices.Grow((*room)[:0], len(s)+8), s, folding)
	return string(*room)
}

// appendNormal does the work of fold and plain in one pass, into b, which is empty. NFKC is applied character by
// character, which differs from NFKC of the whole string only in sequences that don't occur in notices, and is several
// times faster on Japanese text.
func appendNormal(b []byte, s string, folding bool) []byte {
	n := normalizer{b: b, folding: folding, wide: true}
	for i := 0; i < len(s); {
		// Most of all text is one of two things, taken here; what follows would do the same with them.
		if c := s[i]; c > ' ' && c < 0x7f {
			n.gap(false)
			n.ascii(c)
			i++
			continue
		}
		if stableAt(s, i) {
			n.gap(true)
			n.b = append(n.b, s[i], s[i+1], s[i+2])
			i += 3
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case blank(r):
			n.space = true
		case !silent(r):
			n.gap(isCJK(r))
			n.character(narrow(r), s[i:i+size])
		}
		i += size
	}
	return n.b
}

// normalizer is the text that appendNormal has written, and what it owes.
type normalizer struct {
	b       []byte
	folding bool
	space   bool // white space is owed
	wide    bool // the last character written is a CJK one, or there is none
}

// gap writes the white space that is owed before a character. Folded text has none beside CJK characters.
func (n *normalizer) gap(cjk bool) {
	if n.space {
		if len(n.b) > 0 && !(n.folding && (n.wide || cjk)) {
			n.b = append(n.b, ' ')
		}
		n.space = false
	}
	n.wide = cjk
}

func (n *normalizer) ascii(c byte) {
	if n.folding && 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	n.b = append(n.b, c)
}

// character writes one character; raw is how it stood in the text, before it was narrowed.
func (n *normalizer) character(r rune, raw string) {
	switch {
	case r < utf8.RuneSelf:
		n.ascii(byte(r))
	case stable(r):
		n.b = utf8.AppendRune(n.b, r)
	case r == '￥':
		n.b = append(n.b, "¥"...)
	case r == 0x3099 || r == 0x309a || r == 0xff9e || r == 0xff9f:
		n.b = voiced(n.b, r)
	case n.folding:
		n.b = appendFolded(n.b, r)
	case r == '…': // stays: it shows that a title was cut off
		n.b = utf8.AppendRune(n.b, r)
	case composed(r, raw):
		n.b = norm.NFKC.AppendString(n.b, string(r))
	default:
		n.b = append(n.b, raw...)
	}
}

// composed reports whether NFKC does something to a character, alone or beside others.
func composed(r rune, raw string) bool {
	p := norm.NFKC.PropertiesString(raw)
	return r == utf8.RuneError || !p.BoundaryBefore() || p.Decomposition() != nil
}

// blank reports whether a character is white space.
func blank(r rune) bool {
	return r == ' ' || r >= '\t' && r <= '\r' || r == '\u3000' || r >= 0x80 && r < 0x3000 && unicode.IsSpace(r)
}

// silent reports whether a character is a control or a format character, which shows nothing.
func silent(r rune) bool {
	if r < utf8.RuneSelf {
		return r < ' ' || r == 0x7f
	}
	return !stable(r) && narrow(r) == r && dropped(r)
}

// isPlain tells for most text that plain would leave as it is.
func isPlain(s string) bool {
	space := true // white space may not stand here
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == ' ':
			if space {
				return false
			}
			space = true
			i++
			continue
		case c > ' ' && c < 0x7f:
			i++
		case stableAt(s, i):
			i += 3
		default:
			return false
		}
		space = false
	}
	return !space || s == ""
}

// stable tells the bulk of Japanese and Chinese text, which NFKC leaves alone.
func stable(r rune) bool {
	return r >= 0x3041 && r <= 0x3096 || r >= 0x30a1 && r <= 0x30fe || r >= 0x4e00 && r <= 0x9fff || r >= 0x3001 && r <= 0x3011
}

// stableAt reports whether a stable character stands at i. All of them take three bytes.
func stableAt(s string, i int) bool {
	if i+3 > len(s) {
		return false
	}
	a, b, c := s[i], s[i+1], s[i+2]
	return a >= 0xe3 && a <= 0xe9 && b&0xc0 == 0x80 && c&0xc0 == 0x80 && stable(rune(a&0xf)<<12|rune(b&0x3f)<<6|rune(c&0x3f))
}

// narrow returns the ASCII form of a full-width character (U+FF01 to U+FF5E), and every other character as it is.
func narrow(r rune) rune {
	if r >= 0xff01 && r <= 0xff5e {
		return r - 0xff01 + '!'
	}
	return r
}

// dropped tells characters that are not there for the reader: format characters (Cf), the combining grapheme joiner and
// the braille blank that fill preheaders, and controls of Latin-1.
func dropped(r rune) bool {
	switch {
	case r < 0xa0, r == 0xad, r == 0x34f, r == 0x2800, r == 0xfffd:
		return true
	case r < 0x600:
		return false
	}
	return unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r)
}

// voiced joins a sound mark (combining, or half-width) with the kana before it.
func voiced(b []byte, mark rune) []byte {
	if mark >= 0xff00 {
		mark -= 0xff9e - 0x3099
	}
	r, n := utf8.DecodeLastRune(b)
	if n == 0 || r < 0x3041 || r > 0x30fe {
		return b
	}
	return norm.NFC.AppendString(b[:len(b)-n], string([]rune{r, mark}))
}

// appendFolded appends a character above ASCII without its accents and in lower case; letters made to look like Latin ones
// become these.
func appendFolded(b []byte, r rune) []byte {
	switch r {
	case '’', '‘', 'ʼ', '‛', '′':
		return append(b, '\'')
	case '“', '”', '„', '‟', '″':
		return append(b, '"')
	case '–', '—', '−', '‐', '‑', '‒':
		return append(b, '-')
	case 'ß', 'ẞ':
		return append(b, 's', 's')
	case 'ł', 'Ł':
		return append(b, 'l')
	case 'ø', 'Ø':
		return append(b, 'o')
	case 'đ', 'Đ':
		return append(b, 'd')
	case 'ı', 'İ':
		return append(b, 'i')
	case 'æ', 'Æ':
		return append(b, 'a', 'e')
	case 'œ', 'Œ':
		return append(b, 'o', 'e')
	}
	return append(b, script.Fold(string(r))...)
}

// isCJK tells characters that are written without spaces: kana, ideographs and their punctuation.
func isCJK(r rune) bool {
	return r >= 0x2e80 && r <= 0x9fff || r >= 0xf900 && r <= 0xfaff || r >= 0xff61 && r <= 0xff9f || r >= 0x20000 && r <= 0x3ffff
}

// foldPattern folds a regular expression in RE2 syntax: everything but the letters of escapes.
func foldPattern(p string) string {
	var b strings.Builder
	start := 0
	for i := 0; i < len(p); i++ {
		if p[i] != '\\' || i+1 >= len(p) {
			continue
		}
		b.WriteString(foldPiece(p[start:i]))
		b.WriteString(p[i : i+2])
		i++
		start = i + 1
	}
	b.WriteString(foldPiece(p[start:]))
	return b.String()
}

// foldPiece folds a piece of a pattern and keeps its spaces.
func foldPiece(s string) string {
	var b []byte
	for _, r := range s {
		switch {
		case r < utf8.RuneSelf:
			b = append(b, byte(unicode.ToLower(r)))
		case isCJK(r) && r < 0xff00 && r != 0x3000:
			b = utf8.AppendRune(b, r)
		default:
			b = appendFolded(b, r)
		}
	}
	return string(b)
}
