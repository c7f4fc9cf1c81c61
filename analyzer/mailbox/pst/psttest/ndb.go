package psttest

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"io"
	"slices"
)

var le = binary.LittleEndian

// Layout is one of the layouts of the format.
type Layout int

// Layouts.
const (
	ANSI Layout = iota
	Unicode
	Large // pages of 4 KB, blocks of 64 KB
)

// Ways to encode blocks.
const (
	Plain   = 0
	Permute = 1
	Cyclic  = 2
)

// Block is where a block lies.
type Block struct {
	ID, At           uint64
	Stored, Inflated int
}

// Node is an entry of the index of nodes, or of one below a node.
type Node struct {
	NID, Parent uint32
	Data, Sub   uint64
}

// Builder writes the lowest level of a file: blocks, and the two indexes.
type Builder struct {
	Layout   Layout
	Crypt    byte
	Compress bool // blocks of a Large file
	Blocks   []Block
	Nodes    []Node

	w       io.WriterAt
	at      uint64
	nextBID uint64
	nextPg  uint64
	err     error
}

// NewBuilder begins a file.
func NewBuilder(w io.WriterAt, layout Layout, crypt byte) *Builder {
	// Data begins at 0x4400, behind the header, in files of Outlook.
	return &Builder{w: w, Layout: layout, Crypt: crypt, at: 0x4600, nextBID: 4, nextPg: 4}
}

func (b *Builder) wide() bool { return b.Layout != ANSI }

func (b *Builder) pageSize() int {
	if b.Layout == Large {
		return 4096
	}
	return 512
}

// Payload is how many bytes a block holds at most.
func (b *Builder) Payload() int { return []int{8192 - 12, 8192 - 16, 65536 - 24}[b.Layout] }

func (b *Builder) align(n uint64) uint64 {
	a := uint64(64)
	if b.Layout == Large {
		a = 512
	}
	return (n + a - 1) / a * a
}

// id appends an id or an offset.
func (b *Builder) id(out []byte, v uint64) []byte {
	if b.wide() {
		return le.AppendUint64(out, v)
	}
	return le.AppendUint32(out, uint32(v))
}

func (b *Builder) write(p []byte, at uint64) {
	if b.err == nil {
		_, b.err = b.w.WriteAt(p, int64(at))
	}
}

func crc(p []byte) uint32 { return ^crc32.Update(0xFFFFFFFF, crc32.IEEETable, p) }

func sig(at, bid uint64) uint16 {
	at ^= bid
	return uint16(at>>16) ^ uint16(at)
}

// Block writes a block. An internal one holds ids of others.
func (b *Builder) Block(data []byte, internal bool) uint64 {
	bid := b.nextBID
	b.nextBID += 4
	if internal {
		bid |= 2
	}
	n := len(data)
	p := slices.Clone(data)
	if !internal {
		encode(p, b.Crypt, bid)
	}
	if b.Layout == Large && b.Compress && n > 0 {
		var z bytes.Buffer
		w := zlib.NewWriter(&z)
		w.Write(p)
		w.Close()
		if z.Len() < n {
			p = z.Bytes()
		}
	}
	stored := len(p)
	sum := crc(p)
	trailer := []int{12, 16, 24}[b.Layout]
	whole := b.align(uint64(stored + trailer))
	p = append(p, make([]byte, int(whole)-stored)...)
	t := p[int(whole)-trailer:]
	le.PutUint16(t, uint16(stored))
	le.PutUint16(t[2:], sig(b.at, bid))
	if b.wide() {
		le.PutUint32(t[4:], sum)
		le.PutUint64(t[8:], bid)
	} else {
		le.PutUint32(t[4:], uint32(bid))
		le.PutUint32(t[8:], sum)
	}
	if b.Layout == Large {
		le.PutUint16(t[18:], uint16(n))
	}
	b.write(p, b.at)
	b.Blocks = append(b.Blocks, Block{bid, b.at, stored, n})
	b.at += whole
	return bid
}

// Data writes the data of a node, as many blocks as it takes.
func (b *Builder) Data(data []byte) uint64 {
	var list [][]byte
	for most := b.Payload(); len(data) > most; data = data[most:] {
		list = append(list, data[:most])
	}
	return b.Tree(append(list, data))
}

// Tree writes blocks as the data of one node.
func (b *Builder) Tree(list [][]byte) uint64 {
	if len(list) == 1 {
		return b.Block(list[0], false)
	}
	most := (b.Payload() - 8) / len(b.id(nil, 0))
	type part struct {
		bid   uint64
		total int
	}
	var below []part
	for len(list) > 0 {
		n := min(len(list), most)
		ids, total := []byte{}, 0
		for _, d := range list[:n] {
			ids = b.id(ids, b.Block(d, false))
			total += len(d)
		}
		below = append(below, part{b.Block(blockOfIDs(1, n, total, ids), true), total})
		list = list[n:]
	}
	if len(below) == 1 {
		return below[0].bid
	}
	ids, total := []byte{}, 0
	for _, p := range below {
		ids = b.id(ids, p.bid)
		total += p.total
	}
	return b.Block(blockOfIDs(2, len(below), total, ids), true)
}

func blockOfIDs(level byte, n, total int, ids []byte) []byte {
	head := []byte{1, level, 0, 0, 0, 0, 0, 0}
	le.PutUint16(head[2:], uint16(n))
	le.PutUint32(head[4:], uint32(total))
	return append(head, ids...)
}

// Below writes the nodes below a node; 0 for none.
func (b *Builder) Below(list []Node) uint64 {
	if len(list) == 0 {
		return 0
	}
	slices.SortFunc(list, func(x, y Node) int { return int(int64(x.NID) - int64(y.NID)) })
	head := func(level byte, n int) []byte {
		h := []byte{2, level, byte(n), byte(n >> 8)}
		if b.wide() {
			h = append(h, 0, 0, 0, 0)
		}
		return h
	}
	most := (b.Payload() - 8) / (3 * len(b.id(nil, 0)))
	index, blocks := []byte{}, 0
	var last uint64
	for len(list) > 0 {
		n := min(len(list), most)
		p := head(0, n)
		for _, x := range list[:n] {
			p = b.id(b.id(b.id(p, uint64(x.NID)), x.Data), x.Sub)
		}
		last = b.Block(p, true)
		index = b.id(b.id(index, uint64(list[0].NID)), last)
		blocks++
		list = list[n:]
	}
	if blocks == 1 {
		return last
	}
	return b.Block(append(head(1, blocks), index...), true)
}

// Kinds of pages.
const (
	PageBlocks = 0x80
	PageNodes  = 0x81
)

// page writes a page of an index.
func (b *Builder) page(kind byte, level, size, count int, entries []byte) (bid, at uint64) {
	n := b.pageSize()
	bid = b.nextPg
	b.nextPg += 4
	b.at = (b.at + uint64(n) - 1) / uint64(n) * uint64(n)
	at = b.at
	p := make([]byte, n)
	copy(p, entries)
	switch b.Layout {
	case ANSI:
		p[496], p[497], p[498], p[499] = byte(count), byte(496/size), byte(size), byte(level)
		p[500], p[501] = kind, kind
		le.PutUint16(p[502:], sig(at, bid))
		le.PutUint32(p[504:], uint32(bid))
		le.PutUint32(p[508:], crc(p[:500]))
	case Unicode:
		p[488], p[489], p[490], p[491] = byte(count), byte(488/size), byte(size), byte(level)
		p[496], p[497] = kind, kind
		le.PutUint16(p[498:], sig(at, bid))
		le.PutUint32(p[500:], crc(p[:496]))
		le.PutUint64(p[504:], bid)
	case Large:
		le.PutUint16(p[4056:], uint16(count))
		le.PutUint16(p[4058:], uint16(4056/size))
		p[4060], p[4061] = byte(size), byte(level)
		p[4072], p[4073] = kind, kind
		le.PutUint16(p[4074:], sig(at, bid))
		le.PutUint32(p[4076:], crc(p[:4072]))
		le.PutUint64(p[4080:], bid)
	}
	b.write(p, at)
	b.at += uint64(n)
	return bid, at
}

// Index writes an index of entries, which begin with their keys and are all of a size, and returns its root.
func (b *Builder) Index(kind byte, entries [][]byte) (bid, at uint64) {
	room := []int{496, 488, 4056}[b.Layout]
	for level := 0; ; level++ {
		size := 3 * len(b.id(nil, 0))
		if len(entries) > 0 {
			size = len(entries[0])
		}
		var up [][]byte
		for first := true; first || len(entries) > 0; first = false {
			n := min(len(entries), room/size)
			bid, at = b.page(kind, level, size, n, slices.Concat(entries[:n]...))
			if n > 0 {
				key := entries[0][:len(b.id(nil, 0))]
				up = append(up, b.id(b.id(slices.Clone(key), bid), at))
			}
			entries = entries[n:]
		}
		if len(up) <= 1 {
			return bid, at
		}
		entries = up
	}
}

// BlockEntries are the entries of the index of blocks.
func (b *Builder) BlockEntries(list []Block) (out [][]byte) {
	list = slices.Clone(list)
	slices.SortFunc(list, func(x, y Block) int { return int(int64(x.ID) - int64(y.ID)) })
	for _, x := range list {
		e := le.AppendUint16(b.id(b.id(nil, x.ID), x.At), uint16(x.Stored))
		if b.Layout == Large {
			e = le.AppendUint16(e, uint16(x.Inflated))
		}
		e = le.AppendUint16(e, 2) // references
		switch b.Layout {
		case Unicode:
			e = le.AppendUint32(e, 0)
		case Large:
			e = le.AppendUint16(e, 0)
		}
		out = append(out, e)
	}
	return out
}

// NodeEntries are the entries of the index of nodes.
func (b *Builder) NodeEntries(list []Node) (out [][]byte) {
	list = slices.Clone(list)
	slices.SortFunc(list, func(x, y Node) int { return int(int64(x.NID) - int64(y.NID)) })
	for _, x := range list {
		e := le.AppendUint32(b.id(b.id(b.id(nil, uint64(x.NID)), x.Data), x.Sub), x.Parent)
		if b.wide() {
			e = le.AppendUint32(e, 0)
		}
		out = append(out, e)
	}
	return out
}

// Close writes the indexes and the header, and returns how long the file is.
func (b *Builder) Close() (size int64, err error) {
	blocksBID, blocksAt := b.Index(PageBlocks, b.BlockEntries(b.Blocks))
	nodesBID, nodesAt := b.Index(PageNodes, b.NodeEntries(b.Nodes))
	h := make([]byte, 564)
	copy(h, "!BDN")
	copy(h[8:], "SM")
	le.PutUint16(h[10:], []uint16{14, 23, 36}[b.Layout])
	le.PutUint16(h[12:], 19)
	h[14], h[15] = 1, 1
	if b.wide() {
		le.PutUint64(h[184:], b.at)
		for i, v := range []uint64{nodesBID, nodesAt, blocksBID, blocksAt} {
			le.PutUint64(h[216+8*i:], v)
		}
		h[512], h[513] = 0x80, b.Crypt
		le.PutUint32(h[524:], crc(h[8:524]))
	} else {
		le.PutUint32(h[168:], uint32(b.at))
		for i, v := range []uint64{nodesBID, nodesAt, blocksBID, blocksAt} {
			le.PutUint32(h[184+4*i:], uint32(v))
		}
		h[460], h[461] = 0x80, b.Crypt
	}
	le.PutUint32(h[4:], crc(h[8:8+471]))
	b.write(h, 0)
	return int64(b.at), b.err
}

// Memory is a file in memory.
type Memory []byte

// WriteAt implements io.WriterAt.
func (m *Memory) WriteAt(p []byte, at int64) (int, error) {
	if n := int(at) + len(p); n > len(*m) {
		*m = append(*m, make([]byte, n-len(*m))...)
	}
	return copy((*m)[at:], p), nil
}
