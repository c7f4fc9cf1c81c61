package candidate

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"strings"
	"unicode/utf8"

	"github.com/mailaudit/mailaudit/analyzer/script"
)

// plainSet holds the characters of the basic plane that need no folding, whatever stands beside them: those that folding
// leaves as they are, and those that it turns into something no word has, as it does with most full-width punctuation.
// Text of only these and ASCII is searched without folding.
type plainSet [1 << 16 / 64]uint64

func (p *plainSet) has(r rune) bool { return r < 1<<16 && p[r>>6]&(1<<(r&63)) != 0 }

func (p *plainSet) add(r rune) { p[r>>6] |= 1 << (r & 63) }

// run is the length of the plain text of three bytes a character that b starts with: what Japanese, Chinese and Korean
// text is; or of one plain character.
func (p *plainSet) run(b []byte) int {
	i := 0
	for len(b)-i >= 3 && b[i]>>4 == 0xe && b[i+1]>>6 == 2 && b[i+2]>>6 == 2 {
		r := rune(b[i]&0xf)<<12 | rune(b[i+1]&0x3f)<<6 | rune(b[i+2]&0x3f)
		if r < 0x800 || !p.has(r) { // below, the encoding is longer than it has to be
			break
		}
		i += 3
	}
	if i > 0 {
		return i
	}
	if r, n := utf8.DecodeRune(b); r != utf8.RuneError && p.has(r) {
		return n
	}
	return 0
}

// newPlainSet makes the set for texts in which words are looked for. Letters that have to be looked at where they stand are
// not in it.
func newPlainSet(words []string, look []rune) *plainSet {
	p := &plainSet{}
	addRange := func(from, to rune) {
		for r := from; r <= to; r++ {
			p.add(r)
		}
	}
	addRange(0x4e00, 0x9fff) // ideographs
	addRange(0xac00, 0xd7a3) // Hangul syllables
	// Punctuation, symbols, kana and the letters of Europe: asked of Fold itself. Hangul jamo compose with their
	// neighbours and are left out, as are all other scripts, which fakes borrow letters from.
	used := strings.Join(words, "")
	var buf [4]byte
	for _, rng := range [][2]rune{{0x00a0, 0x02ff}, {0x0370, 0x052f}, {0x2010, 0x2027}, {0x2030, 0x205e}, {0x20a0, 0x20bf}, {0x2100, 0x27bf}, {0x3000, 0x30ff}, {0xff01, 0xffef}} {
		for r := rng[0]; r <= rng[1]; r++ {
			s := string(utf8.AppendRune(buf[:0], r))
			f := script.Fold(s)
			if utf8.RuneCountInString(f) != 1 || f != s && (strings.Contains(used, f) || f >= "a" && f <= "z") {
				continue
			}
			if script.Fold("a"+s+"a") == "a"+f+"a" {
				p.add(r)
			}
		}
	}
	for _, r := range look {
		if r < 1<<16 {
			p[r>>6] &^= 1 << (r & 63)
		}
	}
	return p
}

// prefix is the length of the text that b starts with that is UTF-8 and needs neither another character set nor folding:
// ASCII without dropped characters, and plain characters.
func (p *plainSet) prefix(b []byte) int {
	i := 0
	for i < len(b) {
		if b[i] < utf8.RuneSelf {
			if dropped(b[i]) {
				break
			}
			i += plainASCII(b[i:])
			continue
		}
		n := p.run(b[i:])
		if n == 0 {
			break
		}
		i += n
	}
	return i
}

// foldedIn reports whether one of the words is in text after folding. Only the stretches around characters that folding
// changes or drops are folded: so many letters to each side as the longest word has.
func (s *search) foldedIn(b []byte, pats *patterns) bool {
	// An override turns text around as far as the end of its line: no stretch is long enough.
	if bytes.Contains(b, []byte(override)) {
		fold := []byte(script.Fold(string(b)))
		if pats.in(fold) || s.spreadIn(fold) || s.apartIn(fold) {
			return true
		}
		// Lines may end where they do not here, and an override with them: what stands behind may be in its own order.
		b = bytes.ReplaceAll(b, []byte(override), nil)
	}
	reach := s.m.reach * utf8.UTFMax
	for i := 0; ; {
		if i += s.m.plain.prefix(b[i:]); i >= len(b) {
			return false
		}
		_, n := utf8.DecodeRune(b[i:])
		start, end := max(0, i-reach), i+n
		quiet := 0 // plain bytes since the last odd character
		for end < len(b) && quiet < reach && end-start < longestStretch {
			r, n := utf8.DecodeRune(b[end:])
			if r >= utf8.RuneSelf && !s.m.plain.has(r) || r < utf8.RuneSelf && dropped(byte(r)) {
				quiet = 0
			} else {
				quiet += n
			}
			end += n
		}
		for start > 0 && !utf8.RuneStart(b[start]) {
			start--
		}
		fold := []byte(script.Fold(string(b[start:end])))
		if pats.in(fold) || s.spreadIn(fold) || s.apartIn(fold) {
			return true
		}
		// What follows is plain, and the words that begin before it were seen; the next stretch reaches back.
		i = max(i+n, end)
		if end < len(b) && quiet < reach {
			i = max(i-reach, start+1) // cut because of its length
			for i < len(b) && !utf8.RuneStart(b[i]) {
				i++
			}
		}
	}
}

// override is the character that turns text around from right to left.
const override = "\u202e"

// longestStretch bounds what is folded at a time.
const longestStretch = 64 << 10

// dropped tells for the control characters that folding drops.
func dropped(c byte) bool { return c < ' ' && (c < '\t' || c > '\r') || c == 0x7f }

// plainASCII is the length of the ASCII text without dropped characters that b starts with, at least 1.
func plainASCII(b []byte) int {
	const high, low, spaces = 0x8080808080808080, 0x0101010101010101, 0x2020202020202020
	i := 0
words:
	for ; len(b)-i >= 8; i += 8 {
		v := binary.LittleEndian.Uint64(b[i:])
		if v&high != 0 {
			break
		}
		// The marks of bytes below 0x20 or equal to 0x7f, and of some right behind one; line ends are among them.
		for marks := ((v - spaces) | (v + low)) & high; marks != 0; marks &= marks - 1 {
			if dropped(b[i+bits.TrailingZeros64(marks)/8]) {
				break words
			}
		}
	}
	for i < len(b) && b[i] < utf8.RuneSelf && !dropped(b[i]) {
		i++
	}
	return max(i, 1)
}
