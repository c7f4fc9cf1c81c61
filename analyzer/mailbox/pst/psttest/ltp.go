package psttest

import (
	"slices"
	"sort"
	"time"
	"unicode/utf16"
)

// Types of properties.
const (
	Int16  = 0x0002
	Int32  = 0x0003
	Bool   = 0x000B
	Object = 0x000D
	Int64  = 0x0014
	Text8  = 0x001E
	Text   = 0x001F
	Time   = 0x0040
	Bytes  = 0x0102
	Many   = 0x1000
)

// Prop is a property. Its value is an int, a string, a []byte, a time.Time, a []string or a [][]byte, as its type has it.
type Prop struct {
	ID, Type uint16
	Value    any
}

// heap is a heap on a node.
type heap struct {
	b      *Builder
	client byte
	root   uint32
	blocks [][]byte // items of each, without head and map
	starts [][]int
	below  []Node // values that are too long
	next   uint32
}

// itemMost is the longest item of a heap.
const itemMost = 3580

func (b *Builder) heap(client byte) *heap {
	return &heap{b: b, client: client, blocks: [][]byte{nil}, starts: [][]int{nil}}
}

// head is how many bytes stand at the start of a block of a heap.
func head(i int) int {
	switch {
	case i == 0:
		return 12
	case i == 8 || i > 8 && (i-8)%128 == 0:
		return 66
	}
	return 2
}

// item adds an item and returns its id.
func (h *heap) item(p []byte) uint32 {
	i := len(h.blocks) - 1
	if head(i)+len(h.blocks[i])+len(p)+4+2*(len(h.starts[i])+2)+2 > h.b.Payload() {
		h.blocks, h.starts = append(h.blocks, nil), append(h.starts, nil)
		i++
	}
	h.starts[i] = append(h.starts[i], head(i)+len(h.blocks[i]))
	h.blocks[i] = append(h.blocks[i], p...)
	if h.b.Layout == Large {
		return uint32(len(h.starts[i]))<<5 | uint32(i)<<19
	}
	return uint32(len(h.starts[i]))<<5 | uint32(i)<<16
}

// value adds a value of any length and returns the id of an item, or of a node below.
func (h *heap) value(p []byte) uint32 {
	if len(p) == 0 {
		return 0
	}
	if len(p) <= itemMost {
		return h.item(p)
	}
	return h.node(Node{Data: h.b.Data(p)})
}

// node adds a node below.
func (h *heap) node(n Node) uint32 {
	h.next++
	if n.NID == 0 {
		n.NID = (0x400+h.next)<<5 | 0x1F
	}
	h.below = append(h.below, n)
	return n.NID
}

// done writes the heap.
func (h *heap) done() uint64 {
	var out [][]byte
	for i, items := range h.blocks {
		p := make([]byte, head(i), h.b.Payload())
		p = append(p, items...)
		if len(p)%2 == 1 {
			p = append(p, 0)
		}
		le.PutUint16(p, uint16(len(p)))
		if i == 0 {
			p[2], p[3] = 0xEC, h.client
			le.PutUint32(p[4:], h.root)
		}
		p = le.AppendUint16(p, uint16(len(h.starts[i])))
		p = le.AppendUint16(p, 0)
		for _, s := range h.starts[i] {
			p = le.AppendUint16(p, uint16(s))
		}
		p = le.AppendUint16(p, uint16(head(i)+len(items)))
		out = append(out, p)
	}
	return h.b.Tree(out)
}

// tree adds a tree of records, which are sorted by their keys, and returns its id.
func (h *heap) tree(key, size int, records [][]byte) uint32 {
	levels, root := 0, uint32(0)
	for level := records; len(level) > 0; levels++ {
		n := len(level[0])
		var up [][]byte
		for per := itemMost / n; len(level) > 0; {
			k := min(per, len(level))
			root = h.item(slices.Concat(level[:k]...))
			up = append(up, le.AppendUint32(slices.Clone(level[0][:key]), root))
			level = level[k:]
		}
		if len(up) == 1 {
			break
		}
		level = up
	}
	p := []byte{0xB5, byte(key), byte(size), byte(levels)}
	return h.item(le.AppendUint32(p, root))
}

// bytes is a value as stored.
func bytesOf(p Prop) []byte {
	switch v := p.Value.(type) {
	case []byte:
		return v
	case string:
		if p.Type&^Many == Text8 {
			return []byte(v)
		}
		var out []byte
		for _, u := range utf16.Encode([]rune(v)) {
			out = le.AppendUint16(out, u)
		}
		return out
	case time.Time:
		return le.AppendUint64(nil, uint64(v.Unix()*1e7+int64(v.Nanosecond()/100)+116444736000000000))
	case []string:
		var list [][]byte
		for _, s := range v {
			list = append(list, bytesOf(Prop{Type: p.Type &^ Many, Value: s}))
		}
		return many(list)
	case [][]byte:
		return many(v)
	case int:
		return le.AppendUint64(nil, uint64(v))
	}
	panic("psttest: a value that can't be written")
}

func many(list [][]byte) []byte {
	out := le.AppendUint32(nil, uint32(len(list)))
	at := 4 + 4*len(list)
	for _, b := range list {
		out = le.AppendUint32(out, uint32(at))
		at += len(b)
	}
	return append(out, slices.Concat(list...)...)
}

// small is the size of a value that stands in its place; 0 for others.
func small(typ uint16) int {
	switch typ {
	case Int16, Bool:
		return 2
	case Int32:
		return 4
	}
	return 0
}

// cell is the four bytes that tell a value.
func (h *heap) cell(p Prop) uint32 {
	if small(p.Type) > 0 {
		n, _ := p.Value.(int)
		return uint32(n)
	}
	if n, ok := p.Value.(Node); ok { // a message in a message
		return h.item(le.AppendUint32(le.AppendUint32(nil, h.node(n)), 1000))
	}
	b := bytesOf(p)
	if p.Type == Int64 || p.Type == Time {
		b = b[:8]
	}
	return h.value(b)
}

// Properties writes properties as a node, below which the given ones are.
func (b *Builder) Properties(props []Prop, below ...Node) Node {
	h := b.heap(0xBC)
	h.below = below
	sort.SliceStable(props, func(i, j int) bool { return props[i].ID < props[j].ID })
	var records [][]byte
	for _, p := range props {
		r := le.AppendUint16(le.AppendUint16(nil, p.ID), p.Type)
		records = append(records, le.AppendUint32(r, h.cell(p)))
	}
	h.root = h.tree(2, 6, records)
	data := h.done()
	return Node{Data: data, Sub: b.Below(h.below)}
}

// Row is a row of a table.
type Row struct {
	ID    uint32
	Props []Prop
}

// Table writes a table as a node.
func (b *Builder) Table(rows []Row) Node {
	h := b.heap(0x7C)
	kinds := map[uint16]uint16{}
	for _, r := range rows {
		for _, p := range r.Props {
			kinds[p.ID] = p.Type
		}
	}
	type column struct {
		id, typ uint16
		at, n   int
	}
	cols := []column{{0x67F2, Int32, 0, 4}, {0x67F3, Int32, 4, 4}}
	ends := [4]int{8, 8, 8, 8}
	at := 8
	for _, n := range []int{8, 4, 2, 1} {
		var ids []uint16
		for id, typ := range kinds {
			w := 4
			switch typ {
			case Int64, Time:
				w = 8
			case Int16:
				w = 2
			case Bool:
				w = 1
			}
			if w == n {
				ids = append(ids, id)
			}
		}
		slices.Sort(ids)
		for _, id := range ids {
			cols = append(cols, column{id, kinds[id], at, n})
			at += n
		}
		switch n {
		case 4:
			ends[0] = at
		case 2:
			ends[1] = at
		case 1:
			ends[2] = at
		}
	}
	ends[3] = ends[2] + (len(cols)+7)/8
	slices.SortStableFunc(rows, func(x, y Row) int { return int(int64(x.ID) - int64(y.ID)) })
	var matrix [][]byte
	var index [][]byte
	for i, r := range rows {
		p := make([]byte, ends[3])
		le.PutUint32(p, r.ID)
		le.PutUint32(p[4:], uint32(i+1))
		for j, c := range cols {
			has := j < 2
			for _, v := range r.Props {
				if v.ID != c.id {
					continue
				}
				has = true
				switch {
				case c.n == 8:
					copy(p[c.at:], bytesOf(v)[:8])
				case c.n < 4:
					n, _ := v.Value.(int)
					p[c.at] = byte(n)
					if c.n == 2 {
						p[c.at+1] = byte(n >> 8)
					}
				default:
					le.PutUint32(p[c.at:], h.cell(v))
				}
			}
			if has {
				p[ends[2]+j/8] |= 0x80 >> (j % 8)
			}
		}
		matrix = append(matrix, p)
		e := le.AppendUint32(nil, r.ID)
		if b.wide() {
			e = le.AppendUint32(e, uint32(i))
		} else {
			e = le.AppendUint16(e, uint16(i))
		}
		index = append(index, e)
	}
	size := 4
	if !b.wide() {
		size = 2
	}
	hidIndex := h.tree(4, size, index)
	var hnidRows uint32
	switch {
	case len(matrix) == 0:
	case len(matrix)*ends[3] <= itemMost:
		hnidRows = h.item(slices.Concat(matrix...))
	default:
		per := b.Payload() / ends[3]
		var blocks [][]byte
		for rest := matrix; len(rest) > 0; {
			k := min(per, len(rest))
			p := slices.Concat(rest[:k]...)
			if k < len(rest) {
				p = append(p, make([]byte, b.Payload()-len(p))...)
			}
			blocks = append(blocks, p)
			rest = rest[k:]
		}
		hnidRows = h.node(Node{Data: b.Tree(blocks)})
	}
	info := []byte{0x7C, byte(len(cols))}
	for _, e := range ends {
		info = le.AppendUint16(info, uint16(e))
	}
	info = le.AppendUint32(le.AppendUint32(le.AppendUint32(info, hidIndex), hnidRows), 0)
	type described struct {
		id  uint16
		raw []byte
	}
	var list []described
	for j, c := range cols {
		d := le.AppendUint16(le.AppendUint16(le.AppendUint16(nil, c.typ), c.id), uint16(c.at))
		list = append(list, described{c.id, append(d, byte(c.n), byte(j))})
	}
	slices.SortFunc(list, func(x, y described) int { return int(x.id) - int(y.id) })
	for _, d := range list {
		info = append(info, d.raw...)
	}
	h.root = h.item(info)
	data := h.done()
	return Node{Data: data, Sub: b.Below(h.below)}
}
