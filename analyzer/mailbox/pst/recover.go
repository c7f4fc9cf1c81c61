package pst

import (
	"maps"
	"slices"
)

// An index is never changed in place: the pages on the way to a changed entry are written anew, elsewhere, and the old ones stay
// until their space is needed. So old pages name messages that were deleted, and where their blocks lie; and when the pages
// at the end of a file are missing, as after a copy that broke off, the older ones still name nearly everything.

// old is what the pages that lie in a file say, in the tree or not.
type old struct {
	nodes    map[uint32]aged[node]
	blocks   map[uint64]aged[blockEntry]
	overflow bool // there was more than the limit
}

// aged is an entry with the id of its page: the higher it is, the newer the page.
type aged[T any] struct {
	entry T
	page  uint64
}

// scan goes through the whole file for leaf pages, and keeps the entries that the trees don't have.
func (f *File) scan() (*old, error) {
	o := &old{nodes: map[uint32]aged[node]{}, blocks: map[uint64]aged[blockEntry]{}}
	const chunk, step = 1 << 20, 512
	buf := make([]byte, chunk+f.layout.page)
	for at := int64(0); at < f.size; at += chunk {
		if err := f.spend(int(min(chunk, f.size-at))); err != nil {
			return o, err
		}
		n, _ := f.r.ReadAt(buf[:min(int64(len(buf)), f.size-at)], at) // what can't be read is not looked at
		b := buf[:n]
		for i := 0; i < chunk && i+f.layout.page <= len(b); i += step {
			if kind := b[i+f.kindAt()]; kind == pageBlocks || kind == pageNodes {
				if err := f.scanPage(o, b[i:i+f.layout.page], kind, uint64(at)+uint64(i)); err != nil {
					return o, err
				}
			}
		}
	}
	return o, nil
}

// kindAt is where in a page its kind stands.
func (l *layout) kindAt() int {
	switch {
	case l.big:
		return l.page - 24
	case l.wide:
		return l.page - 16
	}
	return l.page - 12
}

// scanPage keeps the entries of a page, if it is a sound leaf that was written to this place.
func (f *File) scanPage(o *old, b []byte, kind byte, at uint64) error {
	p, sound := f.parsePage(b, kind)
	if p == nil || !sound || p.level != 0 || le.Uint16(b[f.kindAt()+2:]) != signature(at, p.bid) {
		return nil
	}
	if err := f.spend(len(b)); err != nil {
		return err
	}
	for i := range p.count {
		e := p.entry(i)
		switch known, err := f.find(f.root(kind), kind, f.id(e)); {
		case costs(err):
			return err
		case err == nil && known != nil:
		case kind == pageNodes:
			n := f.nodeOf(e)
			keep(o, o.nodes, n.nid, n, p.bid, f.lim.Recovers)
		default:
			block := f.blockOf(e)
			block.old = true
			keep(o, o.blocks, block.bid, block, p.bid, f.lim.Recovers)
		}
	}
	return nil
}

func (f *File) root(kind byte) uint64 {
	if kind == pageNodes {
		return f.nodes
	}
	return f.blocks
}

// keep keeps the newest entry of a key.
func keep[K comparable, T any](o *old, in map[K]aged[T], key K, entry T, page uint64, most int) {
	was, ok := in[key]
	switch {
	case ok && was.page >= page:
	case !ok && len(in) >= most:
		o.overflow = true
	default:
		in[key] = aged[T]{entry, page}
	}
}

// survey goes through both trees. Where pages of them can't be read, the entries are taken from whatever other pages the file
// still has.
func (f *File) survey() error {
	broken := 0
	for _, kind := range []byte{pageBlocks, pageNodes} {
		err := f.each(f.root(kind), kind, func([]byte) error { return nil }, func(error) { broken++ })
		if err != nil {
			return err
		}
	}
	if broken == 0 {
		return nil
	}
	f.torn = true
	o, err := f.scan()
	f.blocksFound(o)
	f.found = make(map[uint32]node, len(o.nodes))
	for nid, n := range o.nodes {
		f.found[nid] = n.entry
	}
	return err
}

func (f *File) blocksFound(o *old) {
	f.lost = make(map[uint64]blockEntry, len(o.blocks))
	for bid, b := range o.blocks {
		f.lost[bid] = b.entry
	}
}

// Torn reports whether parts of the indexes can't be read, so that the file was read by what older pages say: some of that may
// have been deleted before.
func (f *File) Torn() bool { return f.torn }

// eachNode goes through the nodes of the file.
func (f *File) eachNode(entry func(node) error, broken func(error)) error {
	err := f.each(f.nodes, pageNodes, func(e []byte) error { return entry(f.nodeOf(e)) }, broken)
	if err != nil {
		return err
	}
	for _, nid := range slices.Sorted(maps.Keys(f.found)) {
		if err := entry(f.found[nid]); err != nil {
			return err
		}
	}
	return nil
}

// Recover goes through the messages that were deleted and that nothing was written over yet, in the order of their ids, each with
// the folder it lay in. Whether one can still be read shows when it is. It gives nothing of a file that is torn: there
// deleted and other messages can't be told apart, and all are among the others.
func (f *File) Recover(message func(e Entry, parent uint32) error) error {
	if f.torn {
		return nil
	}
	f.begin()
	f.stream(int(min(4*f.size, 1<<40)))
	o, err := f.scan()
	if err != nil {
		return err
	}
	if o.overflow {
		f.note(moreOld)
	}
	f.blocksFound(o)
	defer func() { f.lost = nil }()
	for _, nid := range slices.Sorted(maps.Keys(o.nodes)) {
		n := o.nodes[nid].entry
		if nid&typeMask != typeMessage || n.data == 0 {
			continue
		}
		if err := message(Entry{NID: nid, n: n}, n.parent); err != nil {
			return err
		}
	}
	return nil
}
