package candidate

import (
	"bytes"
	"encoding/binary"
)

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
	bucket [][][]byte     // words by the block at the end of their window: bucket[slot[block]]
	slot   [1 << 15]uint8 // 0 for blocks that end no window
	short  [][]byte       // words too short for a block
}

// window is the most bytes of a word that the table knows.
const window = 8

func newPatterns(list []string) *patterns {
	p := &patterns{bucket: make([][][]byte, 1), length: window}
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
	for _, w := range p.words {
		for end := 2; end < p.length; end++ {
			for _, h := range blocks(w[end-2 : end+1]) {
				p.shift[h] = min(p.shift[h], uint8(p.length-1-end))
				if end == p.length-1 {
					p.put(h, w)
				}
			}
		}
	}
	return p
}

// put adds a word to the bucket of a block.
func (p *patterns) put(block uint16, word []byte) {
	if p.slot[block] == 0 {
		if len(p.bucket) <= maxSlot {
			p.bucket = append(p.bucket, nil)
		}
		p.slot[block] = uint8(len(p.bucket) - 1)
	}
	at := p.slot[block]
	p.bucket[at] = append(p.bucket[at], word)
}

// maxSlot is the last bucket; blocks beyond it share that one.
const maxSlot = 255

// blocks are the indexes of the table for three bytes of a word: more than one where a space is among them.
func blocks(b []byte) []uint16 {
	out := []uint16{0}
	for _, c := range b {
		forms := []byte{c}
		if c == ' ' {
			forms = []byte(" \t\r\v\f")
		}
		var next []uint16
		for _, h := range out {
			for _, f := range forms {
				next = append(next, h<<5|uint16(f&31))
			}
		}
		out = next
	}
	return out
}

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

// in reports whether one of the words is in b.
func (p *patterns) in(b []byte) bool {
	for _, w := range p.short {
		if bytes.Contains(bytes.ToLower(b), w) {
			return true
		}
	}
	if len(p.words) == 0 {
		return false
	}
	last := p.length - 1
	i := last
	if len(b) >= smallest {
		hit, next := p.quarters(b)
		if hit {
			return true
		}
		i = next
	}
	if p.stretch(b, i, len(b)-1) {
		return true
	}
	i = len(b) - 1 // the last window has no byte behind it
	return i >= last && p.ends(b, i-last, uint16(b[i-2]&31)<<10|uint16(b[i-1]&31)<<5|uint16(b[i]&31))
}

// smallest is the text from which on quarters pays.
const smallest = 512

// quarters searches b in four places at once. Each step of the search waits for two loads that depend on one another;
// four searches side by side fill the time. It gives the place from which on the last quarter is still to be searched.
func (p *patterns) quarters(b []byte) (hit bool, next int) {
	last, q := p.length-1, len(b)/4
	i0, i1, i2, i3 := last, last+q, last+2*q, last+3*q
	e0, e1, e2, e3 := i1, i2, i3, len(b)-1
	for i0 < e0 && i1 < e1 && i2 < e2 && i3 < e3 {
		s0, s1 := p.shift[p.hash(b, i0)], p.shift[p.hash(b, i1)]
		s2, s3 := p.shift[p.hash(b, i2)], p.shift[p.hash(b, i3)]
		if s0 == 0 || s1 == 0 || s2 == 0 || s3 == 0 {
			if s0 == 0 && p.ends(b, i0-last, p.hash(b, i0)) || s1 == 0 && p.ends(b, i1-last, p.hash(b, i1)) ||
				s2 == 0 && p.ends(b, i2-last, p.hash(b, i2)) || s3 == 0 && p.ends(b, i3-last, p.hash(b, i3)) {
				return true, 0
			}
			s0, s1, s2, s3 = max(s0, 1), max(s1, 1), max(s2, 1), max(s3, 1)
		}
		i0, i1, i2, i3 = i0+int(s0), i1+int(s1), i2+int(s2), i3+int(s3)
	}
	return p.stretch(b, i0, e0) || p.stretch(b, i1, e1) || p.stretch(b, i2, e2), i3
}

// hash is the index of the block that ends at i; there must be a byte behind it.
func (p *patterns) hash(b []byte, i int) uint16 {
	v := binary.LittleEndian.Uint32(b[i-2:])
	return uint16(v&31<<10|v>>3&(31<<5)|v>>16&31) & (1<<15 - 1)
}

// stretch searches for words whose window ends in [i,end).
func (p *patterns) stretch(b []byte, i, end int) bool {
	for i < end {
		h := p.hash(b, i)
		if s := p.shift[h]; s > 0 {
			i += int(s)
			continue
		}
		if p.ends(b, i-p.length+1, h) {
			return true
		}
		i++
	}
	return false
}

// ends reports whether a word with the block h at the end of its window stands in b at offset start.
func (p *patterns) ends(b []byte, start int, h uint16) bool {
	for _, w := range p.bucket[p.slot[h]] {
		if p.at(b, start, w) {
			return true
		}
	}
	return false
}

// at reports whether the word stands in b at offset i. The name of Amazon's mail service is no word.
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
