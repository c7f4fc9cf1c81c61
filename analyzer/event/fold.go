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

// cut returns s shortened to at most n bytes, not inside a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

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
	space := false // white space is owed
	wide := true   // the last character written is a CJK one, or there is none
	for i := 0; i < len(s); {
		// Most of all text is one of two things, taken here; what follows would do the same with them.
		if c := s[i]; c > ' ' && c < 0x7f {
			if space && len(b) > 0 && (!folding || !wide) {
				b = append(b, ' ')
			}
			if folding && 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			b = append(b, c)
			space, wide = false, false
			i++
			continue
		}
		if stableAt(s, i) {
			if space && len(b) > 0 && !folding {
				b = append(b, ' ')
			}
			b = append(b, s[i], s[i+1], s[i+2])
			space, wide = false, true
			i += 3
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		switch {
		case r == ' ' || r >= '\t' && r <= '\r' || r == '\u3000' || r >= 0x80 && r < 0x3000 && unicode.IsSpace(r):
			space = true
			continue
		case r < utf8.RuneSelf:
			if r < ' ' || r == 0x7f {
				continue
			}
		case stable(r) || narrow(r) != r:
		case dropped(r):
			continue
		}
		cjk := isCJK(r)
		if space {
			if len(b) > 0 && (!folding || !wide && !cjk) {
				b = append(b, ' ')
			}
			space = false
		}
		r = narrow(r)
		switch {
		case r < utf8.RuneSelf:
			if folding && 'A' <= r && r <= 'Z' {
				r += 'a' - 'A'
			}
			b = append(b, byte(r))
		case stable(r):
			b = utf8.AppendRune(b, r)
		case r == '￥':
			b = append(b, "¥"...)
		case r == 0x3099 || r == 0x309a || r == 0xff9e || r == 0xff9f:
			b = voiced(b, r)
		case folding:
			b = appendFolded(b, r)
		case r == '…': // stays: it shows that a title was cut off
			b = utf8.AppendRune(b, r)
		default:
			// A character that nothing is done to, alone or beside others, needs no normalization.
			c := s[i-n : i]
			if p := norm.NFKC.PropertiesString(c); r == utf8.RuneError || !p.BoundaryBefore() || p.Decomposition() != nil {
				b = norm.NFKC.AppendString(b, string(r))
			} else {
				b = append(b, c...)
			}
		}
		wide = cjk
	}
	return b
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
