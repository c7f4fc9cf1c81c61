package candidate

import "bytes"

// patterns finds any of a set of words in bytes, ASCII letters in either case, in one pass that looks at about every
// third byte (Wu and Manber 1994, with blocks of three).
//
// The table says, for the last three bytes of the window, how far the window can move without passing over a word. Five
// bits of each byte make the index: they are the same for both cases of a letter, and the table stays in the first
// cache. What the missing bits let through is compared. White space within a line is a space, as in folded text.
type patterns struct {
	words  [][]byte // lower case
	length int      // of the shortest word, at most window
	shift  [1 << 15]uint8
	bucket map[uint16][]int // words by the block at the end of their window
	short  [][]byte         // words too short for a block
}

// window is the most bytes of a word that the table knows.
const window = 8

func newPatterns(list []string) *patterns {
	p := &patterns{bucket: map[uint16][]int{}, length: window}
	for _, w := range list {
		if len(w) < 3 {
			p.short = append(p.short, []byte(w))
			continue
		}
		p.words = append(p.words, []byte(w))
		p.length = min(p.length, len(w))
	}
	for i := range p.shift {
		p.shift[i] = uint8(p.length - 2)
	}
	for i, w := range p.words {
		for end := 2; end < p.length; end++ {
			h := block(w[end-2], w[end-1], w[end])
			p.shift[h] = min(p.shift[h], uint8(p.length-1-end))
			if end == p.length-1 {
				p.bucket[h] = append(p.bucket[h], i)
			}
		}
	}
	return p
}

func block(a, b, c byte) uint16 {
	return uint16(five[a])<<10 | uint16(five[b])<<5 | uint16(five[c])
}

// five gives the five bits of a byte.
var five = func() (t [256]byte) {
	for i := range t {
		t[i] = canonical(byte(i)) & 31
	}
	return t
}()

// canonical is a byte of ASCII as script.Fold gives it; control characters, which that drops, are left.
func canonical(c byte) byte {
	switch {
	case c >= 'A' && c <= 'Z':
		return c | 0x20
	case c == '\t' || c == '\r' || c == '\v' || c == '\f':
		return ' '
	}
	return c
}

// in tells whether one of the words is in b.
func (p *patterns) in(b []byte) bool {
	for _, w := range p.short {
		if bytes.Contains(bytes.ToLower(b), w) {
			return true
		}
	}
	if len(p.words) == 0 {
		return false
	}
	for i := p.length - 1; i < len(b); {
		h := (uint16(five[b[i-2]])<<10 | uint16(five[b[i-1]])<<5 | uint16(five[b[i]])) & (1<<15 - 1)
		if s := p.shift[h]; s > 0 {
			i += int(s)
			continue
		}
		for _, w := range p.bucket[h] {
			if p.at(b, i-p.length+1, p.words[w]) {
				return true
			}
		}
		i++
	}
	return false
}

// at tells whether the word stands in b at offset i. The name of Amazon's mail service is no word.
func (p *patterns) at(b []byte, i int, word []byte) bool {
	if len(b)-i < len(word) {
		return false
	}
	for j, c := range word {
		if canonical(b[i+j]) != c {
			return false
		}
	}
	host := b[i:min(len(b), i+len(relayHost))]
	return !(len(host) == len(relayHost) && bytes.EqualFold(host, []byte(relayHost)))
}

// relayHost is Amazon's mail service, through which anybody sends.
const relayHost = "amazonses.com"
