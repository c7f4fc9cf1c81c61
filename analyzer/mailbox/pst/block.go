package pst

import (
	"bytes"
	"compress/zlib"
	"io"
)

// blocksKept is how many decoded blocks are held in memory.
const blocksKept = 64

type keptBlock struct {
	bid  uint64
	data []byte
}

// internal reports whether a block holds ids of other blocks, and not data.
func internal(bid uint64) bool { return bid&2 != 0 }

// inflater inflates the blocks of files with large pages.
type inflater struct {
	src bytes.Reader
	z   io.ReadCloser
}

// inflate inflates b to out, which is as long as it should be.
func (z *inflater) inflate(out, b []byte) error {
	z.src.Reset(b)
	var err error
	if z.z == nil {
		z.z, err = zlib.NewReader(&z.src)
	} else if r, ok := z.z.(zlib.Resetter); ok {
		err = r.Reset(&z.src, nil)
	}
	if err != nil {
		z.z = nil
		return errBlock
	}
	if _, err := io.ReadFull(z.z, out); err != nil {
		return errBlock
	}
	return nil
}

// content reads a block and decodes it. The bytes are those of buf where they have room there.
func (f *File) content(bid uint64, buf []byte) ([]byte, error) {
	e, err := f.block(bid)
	if err != nil {
		return nil, err
	}
	return f.contentOf(e, buf)
}

func (f *File) contentOf(e blockEntry, buf []byte) ([]byte, error) {
	whole := (int64(e.stored) + int64(f.trailer) + f.align - 1) &^ (f.align - 1)
	if whole > int64(f.layout.block) {
		return nil, errBlock
	}
	if err := f.spend(int(whole)); err != nil {
		return nil, err
	}
	f.stored += whole
	if int64(cap(buf)) < whole {
		buf = make([]byte, whole)
	}
	b := buf[:whole]
	if err := f.read(b, e.at); err != nil {
		return nil, errBlock
	}
	t := b[int(whole)-f.trailer:]
	bid, crc := uint64(le.Uint32(t[4:])), uint32(0)
	if f.wide {
		bid, crc = le.Uint64(t[8:]), le.Uint32(t[4:])
	} else {
		crc = le.Uint32(t[8:])
	}
	// The id at its end tells that the block is the one that was looked for, and not what was written over it.
	if bid&^1 != e.bid || int(le.Uint16(t)) != e.stored {
		return nil, errBlock
	}
	b = b[:e.stored]
	if checksum(b) != crc {
		if e.old {
			return nil, errBlock
		}
		f.note(damagedBlock)
	}
	if f.big && e.length != e.stored {
		out := make([]byte, e.length)
		if err := f.spend(len(out)); err != nil {
			return nil, err
		}
		if err := f.inf.inflate(out, b); err != nil {
			return nil, err
		}
		b = out
	}
	if !internal(e.bid) {
		f.decode(b, e.bid)
	}
	return b, nil
}

// cached reads a block that may be asked for again. The bytes must not be changed.
func (f *File) cached(bid uint64) ([]byte, error) {
	slot := &f.kept[bid>>2%blocksKept]
	if slot.data != nil && slot.bid == bid {
		return slot.data, nil
	}
	b, err := f.content(bid, nil)
	if err != nil {
		return nil, err
	}
	*slot = keptBlock{bid, b}
	return b, nil
}

// Types of internal blocks.
const (
	typeBlocks = 0x01 // XBLOCK of level 1, XXBLOCK of level 2
	typeNodes  = 0x02 // SLBLOCK of level 0, SIBLOCK of level 1
)

// tree is the data of a node: one block, or blocks behind one another, named by a block of ids, or by blocks of such blocks.
type tree struct {
	f      *File
	single uint64 // the one block
	top    []byte // ids in a block of ids
	level  int    // 0 for one block, 1 for a block of ids, 2 for ids of such blocks
	counts []int  // of level 2: how many blocks there are up to and with each block of ids
	size   int64
	leaves int
}

// data opens the data of a node.
func (f *File) data(bid uint64) (*tree, error) {
	bid &^= 1
	t := &tree{f: f}
	if bid == 0 {
		return t, nil
	}
	if !internal(bid) {
		e, err := f.block(bid)
		if err != nil {
			return nil, err
		}
		t.single, t.size, t.leaves = bid, int64(e.length), 1
		return t, nil
	}
	ids, level, total, err := f.ids(bid)
	if err != nil {
		return nil, err
	}
	t.top, t.level = ids, level
	w := f.width()
	switch level {
	case 1:
		t.leaves = len(ids) / w
	case 2:
		for i := 0; i+w <= len(ids); i += w {
			below, level, _, err := f.ids(f.id(ids[i:]))
			if costs(err) {
				return nil, err
			}
			if err == nil && level == 1 {
				t.leaves += len(below) / w
			} else {
				f.note(damagedTree)
			}
			t.counts = append(t.counts, t.leaves)
		}
	default:
		return nil, errBlock
	}
	t.size = min(total, int64(t.leaves)*int64(f.payload()))
	if !f.big {
		t.size = min(t.size, f.size) // nothing is compressed
	}
	return t, nil
}

// ids reads a block of ids: an XBLOCK or an XXBLOCK.
func (f *File) ids(bid uint64) (ids []byte, level int, total int64, err error) {
	b, err := f.cached(bid &^ 1)
	if err != nil {
		return nil, 0, 0, err
	}
	if !internal(bid) || len(b) < 8 || b[0] != typeBlocks {
		return nil, 0, 0, errBlock
	}
	n := int(le.Uint16(b[2:])) * f.width()
	if n > len(b)-8 {
		return nil, 0, 0, errBlock
	}
	return b[8 : 8+n], int(b[1]), int64(le.Uint32(b[4:])), nil
}

// leaf is the id of the block of an index.
func (t *tree) leaf(i int) (uint64, error) {
	if i < 0 || i >= t.leaves {
		return 0, errBlock
	}
	w := t.f.width()
	switch t.level {
	case 0:
		return t.single, nil
	case 1:
		return t.f.id(t.top[i*w:]), nil
	}
	lo, hi := 0, len(t.counts)
	for lo < hi {
		if mid := (lo + hi) / 2; t.counts[mid] <= i {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	below, _, _, err := t.f.ids(t.f.id(t.top[lo*w:]))
	if err != nil {
		return 0, err
	}
	if lo > 0 {
		i -= t.counts[lo-1]
	}
	if (i+1)*w > len(below) {
		return 0, errBlock
	}
	return t.f.id(below[i*w:]), nil
}

// at reads the block of an index, to be kept.
func (t *tree) at(i int) ([]byte, error) {
	bid, err := t.leaf(i)
	if err != nil {
		return nil, err
	}
	if internal(bid) {
		return nil, errBlock
	}
	return t.f.cached(bid &^ 1)
}

// all reads the data, up to most bytes. What can't be read is zeros; whole is false then, or where there is more.
func (t *tree) all(most int) (b []byte, whole bool, err error) {
	if t.level == 0 {
		if t.leaves == 0 {
			return nil, true, nil
		}
		if b, err = t.at(0); err != nil {
			return nil, false, err
		}
		return b[:min(len(b), most)], len(b) <= most, nil
	}
	r := &reader{t: t, left: min(t.size, int64(most))}
	b = make([]byte, 0, r.left)
	for r.left > 0 || len(r.rest) > 0 {
		if len(r.rest) == 0 {
			if err := r.next(); err != nil {
				return b, false, err
			}
		}
		b = append(b, r.rest...)
		r.rest = nil
	}
	return b, !r.broken && t.size <= int64(most), nil
}

// reader reads the data of a node from the start. It gives as many bytes as the node says it has: what can't be read is zeros.
type reader struct {
	t      *tree
	left   int64 // still to be read of blocks
	i      int
	buf    []byte
	rest   []byte // of the block that was read last
	broken bool
	lost   func() // called once, at the first block that can't be read; may be nil
	// streams is set for data that is not held, and counts against the whole file only.
	streams bool
}

func (t *tree) reader(lost func()) *reader {
	return &reader{t: t, left: t.size, lost: lost, streams: true}
}

// next reads the next block.
func (r *reader) next() error {
	f := r.t.f
	if r.streams {
		f.stream(4 * f.layout.block) // what a block, and those that name it, cost at most
	}
	var b []byte
	bid, err := r.t.leaf(r.i)
	if err == nil && internal(bid) {
		err = errBlock
	}
	if err == nil {
		b, err = f.content(bid, r.buf)
	}
	r.i++
	if costs(err) {
		return err
	}
	if cap(b) > cap(r.buf) {
		r.buf = b[:0]
	}
	if err != nil {
		// How long the block would be is known only from others: all but the last are full.
		if err := f.spend(f.payload()); err != nil {
			return err
		}
		b = make([]byte, min(r.left, int64(f.payload())))
		if !r.broken && r.lost != nil {
			r.lost()
		}
		r.broken = true
	}
	if len(b) == 0 && r.i > r.t.leaves {
		return errBlock
	}
	r.rest = b[:min(int64(len(b)), r.left)]
	r.left -= int64(len(r.rest))
	return nil
}

// Read implements io.Reader.
func (r *reader) Read(p []byte) (int, error) {
	for len(r.rest) == 0 {
		if r.left == 0 {
			return 0, io.EOF
		}
		if err := r.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// subnode finds a node below a node, in the tree of blocks sub.
func (f *File) subnode(sub uint64, nid uint32) (node, error) {
	for level := 1; ; level-- {
		if sub&^1 == 0 {
			return node{}, errNode
		}
		b, err := f.cached(sub &^ 1)
		if err != nil {
			return node{}, err
		}
		at := 8
		if !f.wide {
			at = 4
		}
		if !internal(sub) || len(b) < at || b[0] != typeNodes || int(b[1]) > level {
			return node{}, errBlock
		}
		w := f.width()
		size := 3 * w
		if b[1] == 1 {
			size = 2 * w
		}
		n := min(int(le.Uint16(b[2:])), (len(b)-at)/size)
		entry := func(i int) []byte { return b[at+i*size:] }
		lo, hi := 0, n // the first entry behind nid
		for lo < hi {
			if mid := (lo + hi) / 2; uint32(f.id(entry(mid))) <= nid {
				lo = mid + 1
			} else {
				hi = mid
			}
		}
		if lo == 0 {
			return node{}, errNode
		}
		e := entry(lo - 1)
		if b[1] == 0 {
			if uint32(f.id(e)) != nid {
				return node{}, errNode
			}
			return node{nid: nid, data: f.id(e[w:]), sub: f.id(e[2*w:])}, nil
		}
		sub, level = f.id(e[w:]), 1
	}
}
