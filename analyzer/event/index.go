package event

import "slices"

// window is how many bytes of a literal the index looks up: two kana or ideographs, six Latin letters.
const window = 6

// index finds which of many literals occur in a text, in one pass over it: the windows at the ends of the literals are
// kept in a small bit set and a map, and only where the text has one of these windows a literal is compared.
type index struct {
	bits   [1 << 10]uint64
	ends   map[uint64][]int
	texts  []string
	number map[string]int
}

// add takes a literal of at least window bytes in and returns its number.
func (x *index) add(literal string) int {
	if n, ok := x.number[literal]; ok {
		return n
	}
	if x.number == nil {
		x.number = map[string]int{}
		x.ends = map[uint64][]int{}
	}
	n := len(x.texts)
	x.texts = append(x.texts, literal)
	x.number[literal] = n
	w := pack6(literal[len(literal)-window:])
	h := spread(w)
	x.bits[h>>6] |= 1 << (h & 63)
	x.ends[w] = append(x.ends[w], n)
	return n
}

// find returns the numbers of the literals that occur in text, ascending, each once.
func (x *index) find(text string) []int {
	if len(text) < window || len(x.texts) == 0 {
		return nil
	}
	var found []int
	var seen []bool
	w := pack6(text)
	for end := window; ; end++ {
		// Literals end where a character does.
		if h := spread(w); (end == len(text) || text[end]&0xc0 != 0x80) && x.bits[h>>6]&(1<<(h&63)) != 0 {
			for _, n := range x.ends[w] {
				l := x.texts[n]
				if len(l) > end || text[end-len(l):end] != l {
					continue
				}
				if seen == nil {
					seen = make([]bool, len(x.texts))
				}
				if !seen[n] {
					seen[n] = true
					found = append(found, n)
				}
			}
		}
		if end >= len(text) {
			break
		}
		w = w>>8 | uint64(text[end])<<40
	}
	slices.Sort(found)
	return found
}

// pack6 packs the first window bytes of s into a number, the first of them lowest.
func pack6(s string) uint64 {
	_ = s[window-1]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 | uint64(s[4])<<32 | uint64(s[5])<<40
}

// spread maps a window to a bit of the set (Fibonacci hashing).
func spread(w uint64) uint64 { return (w * 0x9e3779b97f4a7c15) >> 48 }
