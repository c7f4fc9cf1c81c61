package script

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Fold returns s in the spelling that brand words are searched in: compatibility forms composed (NFKC), combining marks
// and invisible characters dropped, letters that look like basic Latin ones replaced by them, lower case. Kana keep
// their voicing marks (ゾ stays ゾ), digits stay digits. Line feeds stay, other white space becomes a plain space. Lines
// are folded on their own: Fold of a text is that of its lines, joined. What an override turns around is folded in the
// order in which it is read.
func Fold(s string) string {
	at := folded(s, 0)
	if at == len(s) {
		return s
	}
	if t := ReadingOrder(s); t != s {
		return Fold(t)
	}
	var b strings.Builder
	b.Grow(len(s))
	for start := 0; ; at = folded(s, start) {
		b.WriteString(s[start:at])
		if at == len(s) {
			return b.String()
		}
		if s[at] < utf8.RuneSelf {
			// A combining mark behind the letter is dropped as if NFKC had composed it and the table had taken it off.
			start = asciiEnd(s, at)
			foldASCIIs(&b, s[at:start])
			continue
		}
		start = segmentEnd(s, at)
		foldSegment(&b, s[at:start])
	}
}

// foldASCIIs folds text of ASCII alone, piece by piece.
func foldASCIIs(b *strings.Builder, s string) {
	var piece [256]byte
	for s != "" {
		n := 0
		for _, c := range []byte(s[:min(len(s), len(piece))]) {
			piece[n] = asciiFolds[c&(utf8.RuneSelf-1)]
			if piece[n] != 0 {
				n++
			}
		}
		b.Write(piece[:n])
		s = s[min(len(s), len(piece)):]
	}
}

// asciiEnd returns where the first byte from at on stands that is no ASCII.
func asciiEnd(s string, at int) int {
	for ; at+8 <= len(s); at += 8 {
		p := s[at : at+8]
		if (p[0]|p[1]|p[2]|p[3]|p[4]|p[5]|p[6]|p[7])&utf8.RuneSelf != 0 {
			break
		}
	}
	for at < len(s) && s[at] < utf8.RuneSelf {
		at++
	}
	return at
}

// asciiFolds holds what foldASCII makes of each byte of ASCII.
var asciiFolds = func() (t [utf8.RuneSelf]byte) {
	for c := range t {
		t[c] = foldASCII(byte(c))
	}
	return t
}()

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

// folded returns the end of the longest piece of s from at on that is folded already.
func folded(s string, at int) int {
	for at < len(s) {
		if c := s[at]; c < utf8.RuneSelf {
			if c == 0 || asciiFolds[c] != c {
				break
			}
			at++
			continue
		}
		if !stableAt(s, at) || voicedAt(s, at+3) {
			break
		}
		at += 3
	}
	return at
}

// segmentEnd returns the end of the piece of s at at that has to be folded as one: a character and those behind it that
// are neither ASCII nor stable.
func segmentEnd(s string, at int) int {
	_, n := utf8.DecodeRuneInString(s[at:])
	for at += n; at < len(s) && s[at] >= utf8.RuneSelf && !stableAt(s, at); at += n {
		_, n = utf8.DecodeRuneInString(s[at:])
	}
	return at
}

// stable tells for characters that Fold leaves alone: the bulk of Japanese and Chinese text, kept off the slow path. All
// of them take three bytes.
func stable(r rune) bool {
	return r >= 0x3041 && r <= 0x3096 || r >= 0x30a1 && r <= 0x30fa || r == 0x30fb || r == 0x30fc ||
		r >= 0x4e00 && r <= 0x9fff || r >= 0xac00 && r <= 0xd7a3 || r == 0x3001 || r == 0x3002 ||
		r >= 0x300c && r <= 0x3011
}

// stableAt reports whether a stable character stands at at.
func stableAt(s string, at int) bool {
	if at+3 > len(s) {
		return false
	}
	a, b, c := s[at], s[at+1], s[at+2]
	return a >= 0xe3 && a <= 0xed && b&0xc0 == 0x80 && c&0xc0 == 0x80 && stable(rune(a&0xf)<<12|rune(b&0x3f)<<6|rune(c&0x3f))
}

// voicedAt reports whether a voicing mark of kana stands at at, to be composed with the kana before it: U+3099 to U+309C,
// U+FF9E or U+FF9F.
func voicedAt(s string, at int) bool {
	if at+3 > len(s) || s[at] != 0xe3 && s[at] != 0xef {
		return false
	}
	if s[at] == 0xe3 {
		return s[at+1] == 0x82 && s[at+2] >= 0x99 && s[at+2] <= 0x9c
	}
	return s[at+1] == 0xbe && (s[at+2] == 0x9e || s[at+2] == 0x9f)
}

// foldSegment folds text without ASCII, long enough to be normalised on its own.
func foldSegment(b *strings.Builder, s string) {
	if foldWide(b, s) {
		return
	}
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

// foldWide folds a segment that is nothing but full-width ASCII, ideographic spaces and full-width yen signs, which
// Japanese text is full of; else it returns false and writes nothing.
func foldWide(b *strings.Builder, s string) bool {
	for _, r := range s {
		if (r < 0xff01 || r > 0xff5e) && r != 0x3000 && r != 0xffe5 {
			return false
		}
	}
	for _, r := range s {
		switch r {
		case 0x3000:
			b.WriteByte(' ')
		case 0xffe5:
			b.WriteString("¥")
		default:
			b.WriteByte(foldASCII(byte(r - 0xff01 + '!')))
		}
	}
	return true
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
