package pst

import "sort"

// Kinds of damage.
const (
	damagedPage  = "pages of the index with a wrong checksum, which are read all the same"
	damagedBlock = "blocks with a wrong checksum, which are read all the same"
	moreOld      = "more old entries than the limit; not all of what was deleted is looked at"
	damagedTree  = "blocks of ids that can't be read"
)

// Kinds of pages that are read.
const (
	pageBlocks = 0x80 // of the BBT
	pageNodes  = 0x81 // of the NBT
)

// pagesKept is how many pages are held in memory: half a megabyte, or four of a file with large pages.
const pagesKept = 1024

// levelsMost is how deep a tree of pages can be: the lowest entries of a file of 2^64 bytes are within it.
const levelsMost = 16

// page is a page of one of the two trees.
type page struct {
	at      uint64
	kind    byte
	level   int
	size    int // of an entry
	count   int
	entries []byte
	bid     uint64
}

// entry is the entry of an index.
func (p *page) entry(i int) []byte { return p.entries[i*p.size : (i+1)*p.size] }

// page reads a page of a tree. level is which it has to be of, -1 for the root's.
func (f *File) page(at uint64, kind byte, level int) (*page, error) {
	slot := &f.pages[at/512%pagesKept]
	p := *slot
	if p == nil || p.at != at || p.kind != kind {
		b := make([]byte, f.layout.page)
		if err := f.spend(len(b)); err != nil {
			return nil, err
		}
		if err := f.read(b, at); err != nil {
			return nil, errPage
		}
		var sound bool
		if p, sound = f.parsePage(b, kind); p == nil {
			return nil, errPage
		}
		if !sound {
			f.note(damagedPage)
		}
		p.at = at
		*slot = p
	}
	if level >= 0 && p.level != level || p.level >= levelsMost {
		return nil, errPage
	}
	return p, nil
}

// parsePage reads a page of a kind; nil where it is none. sound tells that its checksum is right.
func (f *File) parsePage(b []byte, kind byte) (p *page, sound bool) {
	end := f.layout.page
	p = &page{kind: kind}
	var crc, sum uint32
	var k1, k2 byte
	switch {
	case f.big:
		k1, k2 = b[end-24], b[end-23]
		crc, sum = le.Uint32(b[end-20:]), checksum(b[:end-24])
		p.bid = le.Uint64(b[end-16:])
		p.count, p.size, p.level = int(le.Uint16(b[f.entries:])), int(b[f.entries+4]), int(b[f.entries+5])
	case f.wide:
		k1, k2 = b[end-16], b[end-15]
		crc, sum = le.Uint32(b[end-12:]), checksum(b[:end-16])
		p.bid = le.Uint64(b[end-8:])
		p.count, p.size, p.level = int(b[f.entries]), int(b[f.entries+2]), int(b[f.entries+3])
	default:
		k1, k2 = b[end-12], b[end-11]
		crc, sum = le.Uint32(b[end-4:]), checksum(b[:end-12])
		p.bid = uint64(le.Uint32(b[end-8:]))
		p.count, p.size, p.level = int(b[f.entries]), int(b[f.entries+2]), int(b[f.entries+3])
	}
	least := f.reference
	if p.level == 0 {
		least = f.blockEntry
		if kind == pageNodes {
			least = f.nodeEntry
		}
	}
	if k1 != kind || k2 != kind || p.size < least || p.count*p.size > f.entries {
		return nil, false
	}
	p.entries = b[:p.count*p.size]
	return p, crc == sum
}

// find finds the leaf entry of a key in a tree; nil where there is none.
func (f *File) find(root uint64, kind byte, key uint64) ([]byte, error) {
	at, level := root, -1
	for {
		p, err := f.page(at, kind, level)
		if err != nil {
			return nil, err
		}
		i := sort.Search(p.count, func(i int) bool { return f.id(p.entry(i)) > key }) - 1
		switch {
		case i < 0:
			return nil, nil
		case p.level == 0:
			if f.id(p.entry(i)) != key {
				return nil, nil
			}
			return p.entry(i), nil
		}
		at, level = f.id(p.entry(i)[2*f.width():]), p.level-1
	}
}

// each goes through the leaf entries of a tree in order. broken is called for each page that can't be read.
func (f *File) each(root uint64, kind byte, entry func([]byte) error, broken func(error)) error {
	return f.eachBelow(root, kind, -1, entry, broken)
}

func (f *File) eachBelow(at uint64, kind byte, level int, entry func([]byte) error, broken func(error)) error {
	p, err := f.page(at, kind, level)
	if costs(err) {
		return err
	}
	if err != nil {
		broken(err)
		return nil
	}
	if err := f.spend(p.count * p.size); err != nil {
		return err
	}
	for i := range p.count {
		e := p.entry(i)
		if p.level == 0 {
			err = entry(e)
		} else {
			err = f.eachBelow(f.id(e[2*f.width():]), kind, p.level-1, entry, broken)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// node is an entry of the NBT, or of the nodes below a node.
type node struct {
	nid, parent uint32
	data, sub   uint64 // BIDs; 0 for none
}

func (f *File) nodeOf(e []byte) node {
	w := f.width()
	n := node{nid: uint32(f.id(e)), data: f.id(e[w:]), sub: f.id(e[2*w:])}
	n.parent = le.Uint32(e[3*w:])
	return n
}

// node finds a node.
func (f *File) node(nid uint32) (node, error) {
	e, err := f.find(f.nodes, pageNodes, uint64(nid))
	if err == nil && e != nil {
		return f.nodeOf(e), nil
	}
	if n, ok := f.found[nid]; ok {
		return n, nil
	}
	if err == nil {
		err = errNode
	}
	return node{}, err
}

// blockEntry is an entry of the BBT.
type blockEntry struct {
	bid, at uint64
	stored  int  // bytes
	length  int  // after inflation
	old     bool // what an old page says: what lies there may be something else by now
}

func (f *File) blockOf(e []byte) blockEntry {
	w := f.width()
	b := blockEntry{bid: f.id(e) &^ 1, at: f.id(e[w:]), stored: int(le.Uint16(e[2*w:]))}
	b.length = b.stored
	if f.big {
		b.length = int(le.Uint16(e[2*w+2:]))
	}
	return b
}

// block finds a block by its id.
func (f *File) block(bid uint64) (blockEntry, error) {
	bid &^= 1
	e, err := f.find(f.blocks, pageBlocks, bid)
	if err == nil && e != nil {
		return f.blockOf(e), nil
	}
	if b, ok := f.lost[bid]; ok {
		return b, nil
	}
	if err == nil {
		err = errBlock
	}
	return blockEntry{}, err
}
