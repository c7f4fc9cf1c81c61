package htmltext

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html/atom"
)

// What a page shows in another order than its source has it: letters under an override of their direction, children of
// flex containers with an order, boxes that float to the right, and words whose letters stand in cells of a table.

// region is an element whose letters go in a direction of their own.
type region struct {
	depth int // index of its element
	start int // in the shown text
	label int // in the label of the open link, -1 where none is open
	rtl   bool
}

// box is an element whose children are laid out in another order.
type box struct {
	depth    int
	reversed bool
	floats   bool // only children that float are in segments
	segments []segment
}

type segment struct {
	start, end int // in the shown text; end is -1 while it is open
	order      int16
}

// Bounds: regions in one another turn the same text again and again, and nobody writes more than two.
const (
	maxRegions  = 4
	maxBoxes    = 32
	maxSegments = 1000
)

// arrange notes where an element begins that was just opened with the style s.
func (r *reader) arrange(s *style) {
	at := len(r.stack) - 1
	e := &r.stack[at]
	if s.direction != 0 {
		e.flags = switched(e.flags, rightToLeft, s.direction)
	}
	rtl := e.flags&rightToLeft != 0
	if s.override && len(r.regions) < maxRegions && rtl != r.turned() {
		r.shown.flush()
		label := -1
		if r.inLink {
			r.label.flush()
			label = len(r.label.b)
		}
		r.regions = append(r.regions, region{at, len(r.shown.b), label, rtl})
	}
	if s.floats {
		r.box(box{depth: at - 1, floats: true})
	}
	r.segment(at, s)
	if s.flex || rtl && e.tag == atom.Tr {
		r.box(box{depth: at, reversed: s.reverse != rtl})
	}
}

// segment notes the beginning of a child of the innermost box.
func (r *reader) segment(at int, s *style) {
	if n := len(r.boxes); n > 0 && r.boxes[n-1].depth == at-1 && len(r.boxes[n-1].segments) < maxSegments && (s.floats || !r.boxes[n-1].floats) {
		b := &r.boxes[n-1]
		b.segments = append(b.segments, segment{len(r.shown.b), -1, s.order})
	}
}

func (r *reader) box(b box) {
	if n := len(r.boxes); n < maxBoxes && (n == 0 || r.boxes[n-1].depth < b.depth) {
		r.boxes = append(r.boxes, b)
	}
}

// turned reports whether letters at this place run from right to left.
func (r *reader) turned() bool { return len(r.regions) > 0 && r.regions[len(r.regions)-1].rtl }

// settle puts the text of the element at index i, which ends, in the order that is seen.
func (r *reader) settle(i int) {
	if n := len(r.regions); n > 0 && r.regions[n-1].depth == i {
		g := r.regions[n-1]
		outer := n > 1 && r.regions[n-2].rtl
		r.regions = r.regions[:n-1]
		if g.rtl != outer {
			reverseLines(r.shown.b[min(g.start, len(r.shown.b)):])
			if g.label >= 0 && r.inLink {
				reverseLines(r.label.b[min(g.label, len(r.label.b)):])
			}
		}
	}
	n := len(r.boxes)
	if n > 0 && r.boxes[n-1].depth == i {
		b := r.boxes[n-1]
		r.boxes = r.boxes[:n-1]
		if b.moves() {
			r.shown.b = append(r.shown.b[:b.first(len(r.shown.b))], b.laidOut(r.shown.b)...)
		}
		n--
	}
	if n > 0 && r.boxes[n-1].depth == i-1 {
		if s := r.boxes[n-1].segments; len(s) > 0 && s[len(s)-1].end < 0 {
			s[len(s)-1].end = len(r.shown.b)
		}
	}
}

// first is where the box's own text begins.
func (b *box) first(end int) int {
	if len(b.segments) == 0 {
		return end
	}
	return min(b.segments[0].start, end)
}

// moves reports whether a child is seen elsewhere than its place in the source.
func (b *box) moves() bool {
	return len(b.segments) > 1 && (b.reversed || b.floats || slices.ContainsFunc(b.segments, func(s segment) bool { return s.order != 0 }))
}

// piece is a part of a box's text that stays together.
type piece struct {
	text  []byte
	order int16
}

// laidOut is the text of a box from its first child on, in the order that is seen.
func (b *box) laidOut(shown []byte) []byte {
	from := b.first(len(shown))
	text := shown[from:]
	var pieces []piece
	at := from
	for _, s := range b.segments {
		if s.end < s.start || s.start < at {
			continue
		}
		if gap := shown[at:s.start]; len(bytes.TrimSpace(gap)) > 0 {
			pieces = append(pieces, piece{gap, 0})
			if b.floats {
				pieces[len(pieces)-1].order = -1 // what does not float ends a run
			}
		}
		pieces = append(pieces, piece{shown[s.start:s.end], s.order})
		at = s.end
	}
	if len(pieces) < 2 || len(text) == 0 {
		return bytes.Clone(text)
	}
	tail := shown[at:]
	switch {
	case b.floats:
		for i := 0; i < len(pieces); {
			j := i
			for j < len(pieces) && pieces[j].order != -1 {
				j++
			}
			slices.Reverse(pieces[i:j])
			i = j + 1
		}
	default:
		slices.SortStableFunc(pieces, func(a, b piece) int { return cmp.Compare(a.order, b.order) })
		if b.reversed {
			slices.Reverse(pieces)
		}
	}
	out := make([]byte, 0, len(text)+len(pieces))
	if text[0] == '\n' || text[0] == ' ' {
		out = append(out, text[0])
	}
	for i, p := range pieces {
		t := bytes.TrimSpace(p.text)
		if i > 0 && !(fragment(pieces[i-1].text) && fragment(t)) {
			out = append(out, ' ')
		}
		out = append(out, t...)
	}
	return append(out, tail...)
}

// longestFragment is the most letters of a piece that is taken for a part of a word.
const longestFragment = 4

// fragment reports whether text is a few letters and nothing else.
func fragment(b []byte) bool {
	b = bytes.TrimSpace(b)
	if len(b) == 0 || len(b) > longestFragment*utf8.UTFMax {
		return false
	}
	n := 0
	for _, c := range string(b) {
		if n++; n > longestFragment || !unicode.IsLetter(c) && !unicode.IsMark(c) && !strings.ContainsRune("@013457", c) {
			return false
		}
	}
	return true
}

// reverseLines turns each line of text around.
func reverseLines(b []byte) {
	for len(b) > 0 {
		n := bytes.IndexByte(b, '\n')
		if n < 0 {
			n = len(b)
		}
		runes := []rune(string(b[:n]))
		slices.Reverse(runes)
		copy(b[:n], string(runes))
		b = b[min(n+1, len(b)):]
	}
}

// cells are the cells of a table that stand side by side and hold a few letters each.
type cells struct {
	n     int // cells so far
	start int // of the first of them, in the shown text
	at    int // of the one that is read, -1 for none
}

// fewestCells is how many cells with a few letters make a word; two are a table of short words.
const fewestCells = 3

// cell ends the cell that is read.
func (r *reader) cell() {
	c := &r.row
	if c.at < 0 {
		return
	}
	if end := len(r.shown.b); c.at <= end && fragment(r.shown.b[c.at:end]) {
		c.n++
	} else {
		r.joinCells(c.at)
	}
	c.at = -1
}

// openCell begins a cell.
func (r *reader) openCell() {
	if r.row.at = len(r.shown.b); r.row.n == 0 {
		r.row.start = r.row.at
	}
}

// endRow ends the cells that stand side by side.
func (r *reader) endRow() {
	r.cell()
	if r.row.n > 0 {
		r.joinCells(len(r.shown.b))
	}
}

// joinCells takes the white space out between the cells up to end, where they make a word.
func (r *reader) joinCells(end int) {
	c := &r.row
	n := c.n
	c.n = 0
	if n < fewestCells || c.start >= end || len(r.boxes)+len(r.regions) > 0 {
		return
	}
	b := r.shown.b
	to := c.start
	for to < end && (b[to] == ' ' || b[to] == '\n') {
		to++
	}
	for _, x := range b[to:end] {
		if x != ' ' && x != '\n' {
			b[to] = x
			to++
		}
	}
	if end < len(b) && b[end] != ' ' && b[end] != '\n' {
		b[to] = ' ' // there was one: letters were taken together
		to++
	}
	r.shown.b = append(b[:to], b[end:]...)
}
