package pst

import (
	"io"
	"slices"

	"github.com/mailaudit/mailaudit/analyzer/mailbox/mapi"
)

// properties are the properties of a node (PC). It implements mapi.Object.
type properties struct {
	h    *heap
	list []property // by id
	cut  *bool      // set where a value could not be read whole
}

type property struct {
	id, typ uint16
	value   uint32
}

// propertiesMost is how many properties of a node are read: their ids are of 16 bits.
const propertiesMost = 1 << 16

// properties reads which properties a node has.
func (f *File) properties(n node) (*properties, error) {
	h, err := f.heap(n, clientProperties)
	if err != nil {
		return nil, err
	}
	p := &properties{h: h, cut: new(bool)}
	err = h.each(h.root, 2, 6, func(key, data []byte) error {
		if len(p.list) >= propertiesMost {
			return errHeap
		}
		p.list = append(p.list, property{le.Uint16(key), le.Uint16(data), le.Uint32(data[2:])})
		return nil
	})
	if err != nil && (len(p.list) == 0 || costs(err)) {
		return nil, err
	}
	if err != nil {
		*p.cut = true
	}
	slices.SortStableFunc(p.list, func(a, b property) int { return int(a.id) - int(b.id) })
	return p, nil
}

// find finds a property.
func (p *properties) find(id uint16) (property, bool) {
	i, ok := slices.BinarySearchFunc(p.list, id, func(a property, id uint16) int { return int(a.id) - int(id) })
	if !ok {
		return property{}, false
	}
	return p.list[i], true
}

// Property implements mapi.Object.
func (p *properties) Property(id uint16) (mapi.Value, bool) {
	found, ok := p.find(id)
	if !ok {
		return mapi.Value{}, false
	}
	v, whole, err := p.h.cell(found.typ, found.value)
	if err != nil || !whole {
		*p.cut = true
	}
	return v, err == nil
}

// cell is the value of a property of a type, as four bytes in its place tell: the value itself, or where it is.
func (h *heap) cell(typ uint16, value uint32) (v mapi.Value, whole bool, err error) {
	v.Type = typ
	if n := mapi.FixedSize(typ); n > 0 && n <= 4 {
		v.Data = le.AppendUint32(nil, value)[:n]
		return v, true, nil
	}
	if value == 0 {
		return v, true, nil
	}
	b, whole, err := h.value(value)
	if err != nil {
		return v, false, err
	}
	v.Data = b
	if typ&mapi.Multiple != 0 {
		v.List = list(b, mapi.FixedSize(typ&^mapi.Multiple))
	}
	return v, whole, nil
}

// list takes a value apart that is many: of a size, or of any length behind a list of where they begin.
func list(b []byte, size int) (out [][]byte) {
	if size > 0 {
		for ; len(b) >= size; b = b[size:] {
			out = append(out, b[:size])
		}
		return out
	}
	if len(b) < 4 {
		return nil
	}
	n := min(int(le.Uint32(b)), (len(b)-4)/4)
	for i := range n {
		from, to := int(le.Uint32(b[4+4*i:])), len(b)
		if i+1 < n {
			to = int(le.Uint32(b[8+4*i:]))
		}
		if from < 4+4*n || from > to || to > len(b) {
			break
		}
		out = append(out, b[from:to])
	}
	return out
}

// open opens the data of a property that may be too long to be held; nil where there is none.
func (p *properties) open(id uint16) (open func() io.Reader, size int64, sub node, ok bool) {
	found, ok := p.find(id)
	if !ok || found.value == 0 {
		return nil, 0, node{}, false
	}
	if isItem(found.value) {
		b, err := p.h.item(found.value)
		if err != nil {
			*p.cut = true
			return nil, 0, node{}, false
		}
		if found.typ == mapi.Embedded {
			if len(b) < 4 {
				return nil, 0, node{}, false
			}
			return p.openNode(le.Uint32(b))
		}
		return func() io.Reader { return newBytes(b) }, int64(len(b)), node{}, true
	}
	return p.openNode(found.value)
}

// openNode opens the data of a node below.
func (p *properties) openNode(nid uint32) (open func() io.Reader, size int64, sub node, ok bool) {
	f := p.h.f
	n, err := f.subnode(p.h.sub, nid)
	var t *tree
	if err == nil {
		t, err = f.data(n.data)
	}
	if err != nil {
		*p.cut = true
		return nil, 0, node{}, false
	}
	cut := p.cut
	return func() io.Reader { return t.reader(func() { *cut = true }) }, t.size, n, true
}
