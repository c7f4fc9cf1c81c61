package pst

import "errors"

// Kinds of heaps, by what their root is.
const (
	clientProperties = 0xBC
	clientTable      = 0x7C
	clientTree       = 0xB5
)

// heap is the data of a node that holds items, each found by its id (HID).
type heap struct {
	f      *File
	t      *tree
	sub    uint64 // the nodes below the node: values that are too long for the heap
	client byte
	root   uint32
}

// heap opens the heap of a node.
func (f *File) heap(n node, client byte) (*heap, error) {
	t, err := f.data(n.data)
	if err != nil {
		return nil, err
	}
	h := &heap{f: f, t: t, sub: n.sub}
	b, err := t.at(0)
	if err != nil {
		return nil, err
	}
	const header, sign = 12, 0xEC
	if len(b) < header || b[2] != sign || b[3] != client {
		return nil, errHeap
	}
	h.client, h.root = b[3], le.Uint32(b[4:])
	return h, nil
}

// isItem reports whether an id is that of an item of the heap, and not of a node below.
func isItem(id uint32) bool { return id&0x1F == 0 }

// item is an item of the heap; nil for the id 0, which stands for none. The bytes must not be changed.
func (h *heap) item(id uint32) ([]byte, error) {
	if id == 0 {
		return nil, nil
	}
	index, block := int(id>>5&0x7FF), int(id>>16)
	if h.f.big {
		index, block = int(id>>5&0x3FFF), int(id>>19)
	}
	if !isItem(id) || index == 0 {
		return nil, errHeap
	}
	b, err := h.t.at(block)
	if err != nil {
		return nil, err
	}
	if len(b) < 2 {
		return nil, errHeap
	}
	at := int(le.Uint16(b)) // of the list of where the items of this block begin
	if at+4 > len(b) {
		return nil, errHeap
	}
	count := int(le.Uint16(b[at:]))
	if index > count || at+4+2*(index+1) > len(b) {
		return nil, errHeap
	}
	from, to := int(le.Uint16(b[at+2+2*index:])), int(le.Uint16(b[at+4+2*index:]))
	if from > to || to > at {
		return nil, errHeap
	}
	return b[from:to:to], nil
}

// value is what an id names: an item, or the data of a node below. whole is false for a part of it.
func (h *heap) value(id uint32) (b []byte, whole bool, err error) {
	if isItem(id) {
		b, err = h.item(id)
		return b, true, err
	}
	n, err := h.f.subnode(h.sub, id)
	if err != nil {
		return nil, false, err
	}
	t, err := h.f.data(n.data)
	if err != nil {
		return nil, false, err
	}
	return t.all(h.f.lim.Value)
}

// treeLevels is how deep a tree in a heap can be.
const treeLevels = 8

// each goes through the records of a tree in the heap (BTH) whose header is the item id. The keys are of a length, and the data
// of one of at least least.
func (h *heap) each(id uint32, key, least int, record func(key, data []byte) error) error {
	b, err := h.item(id)
	if err != nil {
		return err
	}
	if len(b) < 8 || b[0] != clientTree || int(b[1]) != key || int(b[2]) < least || int(b[3]) > treeLevels {
		return errHeap
	}
	return h.below(le.Uint32(b[4:]), int(b[3]), key, int(b[2]), record)
}

func (h *heap) below(id uint32, level, key, size int, record func(key, data []byte) error) error {
	b, err := h.item(id)
	if err != nil {
		return err
	}
	const visit = 64 // what a visit costs, be there nothing
	if err := h.f.spend(visit + len(b)); err != nil {
		return err
	}
	if level > 0 {
		var first error
		for ; len(b) >= key+4; b = b[key+4:] {
			err := h.below(le.Uint32(b[key:]), level-1, key, size, record)
			if errors.Is(err, errHeap) || errors.Is(err, errBlock) { // the others may be whole
				if first == nil {
					first = err
				}
				continue
			}
			if err != nil {
				return err
			}
		}
		return first
	}
	for ; len(b) >= key+size; b = b[key+size:] {
		if err := record(b[:key], b[key:key+size]); err != nil {
			return err
		}
	}
	return nil
}
