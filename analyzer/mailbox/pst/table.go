package pst

import "github.com/mailaudit/mailaudit/analyzer/mailbox/mapi"

// table is a table of a node (TC): rows that are found by their ids, with cells of properties.
type table struct {
	h       *heap
	columns map[uint16]column
	size    int // of a row
	bits    int // where in a row the bits stand that tell which cells there are
	index   uint32
	rows    uint32
	matrix  *tree // where the rows don't stand in the heap
}

type column struct {
	typ  uint16
	at   int
	size int
	bit  int
}

// table opens the table of a node.
func (f *File) table(n node) (*table, error) {
	h, err := f.heap(n, clientTable)
	if err != nil {
		return nil, err
	}
	b, err := h.item(h.root)
	if err != nil {
		return nil, err
	}
	const header, each = 22, 8
	if len(b) < header || b[0] != clientTable || len(b) < header+each*int(b[1]) {
		return nil, errHeap
	}
	t := &table{h: h, columns: make(map[uint16]column, b[1]), bits: int(le.Uint16(b[6:])), size: int(le.Uint16(b[8:])), index: le.Uint32(b[10:]), rows: le.Uint32(b[14:])}
	if t.bits > t.size {
		return nil, errHeap
	}
	for i := range int(b[1]) {
		c := b[header+each*i:]
		col := column{typ: le.Uint16(c), at: int(le.Uint16(c[4:])), size: int(c[6]), bit: int(c[7])}
		if col.at+col.size <= t.size && t.bits+col.bit/8 < t.size {
			t.columns[le.Uint16(c[2:])] = col
		}
	}
	if t.rows != 0 && !isItem(t.rows) {
		n, err := f.subnode(h.sub, t.rows)
		if err != nil {
			return nil, err
		}
		if t.matrix, err = f.data(n.data); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// each goes through the ids of the rows, with where they stand.
func (t *table) each(row func(id uint32, at int) error) error {
	if t.index == 0 {
		return nil
	}
	return t.h.each(t.index, 4, 2, func(key, data []byte) error {
		at := int(le.Uint16(data))
		if len(data) >= 4 {
			at = int(le.Uint32(data))
		}
		return row(le.Uint32(key), at)
	})
}

// row is a row of a table. It implements mapi.Object.
type row struct {
	t *table
	b []byte
}

// row reads the row at a place; nil where it can't be read.
func (t *table) row(at int) *row {
	if t.size == 0 || at < 0 {
		return nil
	}
	var b []byte
	var err error
	if t.matrix == nil {
		b, err = t.h.item(t.rows)
	} else {
		per := t.h.f.payload() / t.size
		if per == 0 {
			return nil
		}
		b, err = t.matrix.at(at / per)
		at %= per
	}
	if err != nil || at > len(b)/t.size || (at+1)*t.size > len(b) {
		return nil
	}
	return &row{t, b[at*t.size : (at+1)*t.size]}
}

// Property implements mapi.Object.
func (r *row) Property(id uint16) (mapi.Value, bool) {
	c, ok := r.t.columns[id]
	if !ok || r.b[r.t.bits+c.bit/8]&(0x80>>(c.bit%8)) == 0 {
		return mapi.Value{}, false
	}
	cell := r.b[c.at : c.at+c.size]
	if n := mapi.FixedSize(c.typ); n > 0 && n <= 8 {
		if len(cell) > n {
			cell = cell[:n]
		}
		return mapi.Value{Type: c.typ, Data: cell}, true
	}
	if len(cell) < 4 {
		return mapi.Value{}, false
	}
	v, _, err := r.t.h.cell(c.typ, le.Uint32(cell))
	return v, err == nil
}
