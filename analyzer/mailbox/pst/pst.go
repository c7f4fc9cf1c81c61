// Package pst reads Outlook data files, .pst and .ost, as Microsoft's open specification [MS-PST] describes them.
//
// Such a file is a small database. At the bottom (NDB) lie blocks of up to 8 KB, found by their id (BID) in a B-tree of pages, the
// BBT, and nodes, found by their id (NID) in another, the NBT: each node has a block of data, or a tree of blocks, and nodes of its
// own below it. Above that (LTP) a node's data is a heap, and in the heap stands a B-tree of properties (PC) or a table (TC).
// At the top, a folder is a node of properties with a table of its folders and one of its messages; a message is a node of
// properties with a table of recipients and one of attachments.
//
// There are three layouts: ANSI (to Outlook 2002), Unicode (from 2003) and Unicode with pages of 4 KB and blocks of up to 64 KB
// that are compressed (the .ost of Outlook 2013 and later). The first two are Microsoft's specification; the third is not
// published, and is read as libpff and XstReader found it to be. A file's "encryption" is a substitution without a key; a
// password keeps Outlook from opening a file and nobody else.
//
// The file may be damaged, or made to do harm. Nothing is believed: trees are of a bounded depth and every level of them lies below
// the one above, blocks carry their own id at their end and are not taken for others, all that is decoded is counted against what
// the size of the file allows, and what can't be read is told while the rest is. Pages are never written over in place, so
// a file holds old ones: what was deleted and is not overwritten yet is found by them (Recover).
package pst

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Errors of whole files.
var (
	ErrFormat    = errors.New("not an Outlook data file, or of a version that is not known")
	ErrProtected = errors.New("the file is encrypted with a key of Windows Information Protection; open it in Outlook on the computer it belongs to, and export it there")
	ErrLimit     = errors.New("what is read of the file is many times its size")
	ErrCostly    = errors.New("it costs far more to read than its size allows, as what was made to do harm does")
)

// errors of parts of a file; they say where.
var (
	errPage  = errors.New("a page of the index is damaged")
	errBlock = errors.New("a block is damaged or missing")
	errHeap  = errors.New("the properties of an item are damaged")
	errNode  = errors.New("an item that is named is missing")
	errDeep  = errors.New("parts lie in one another too deep")
)

// Limits bound what is read of a file.
type Limits struct {
	Work     int64 // bytes that may be decoded of all the file
	Item     int64 // of one message, its attachments' data apart, or of the list of a folder
	Value    int   // bytes of one property
	Items    int   // recipients and attachments of one message, and of those in it
	Depth    int   // of folders, and of messages in messages
	Folders  int
	Recovers int // entries of old pages that are kept
}

// DefaultLimits are limits for a file of a size.
func DefaultLimits(size int64) Limits {
	return Limits{
		Work: 256<<20 + 40*size, Item: 64<<20 + 2*size, Value: 32 << 20, Items: 5000, Depth: 64, Folders: 100_000, Recovers: 500_000,
	}
}

// layout is what the versions of the format differ in.
type layout struct {
	wide         bool // ids and offsets have 8 bytes
	big          bool // pages of 4 KB, and compressed blocks
	page         int  // bytes of a page
	entries      int  // of them for entries
	trailer      int  // bytes at the end of a block
	align        int64
	block        int // most bytes of a block, its trailer included
	reference    int // bytes of an entry that points to a page
	nodeEntry    int
	blockEntry   int
	nodesAt      int // in the header
	blocksAt     int
	cryptAt      int
	headerLength int
}

var (
	ansi    = layout{page: 512, entries: 496, trailer: 12, align: 64, block: 8192, reference: 12, nodeEntry: 16, blockEntry: 12, nodesAt: 184, blocksAt: 192, cryptAt: 461, headerLength: 512}
	unicode = layout{wide: true, page: 512, entries: 488, trailer: 16, align: 64, block: 8192, reference: 24, nodeEntry: 32, blockEntry: 24, nodesAt: 216, blocksAt: 232, cryptAt: 513, headerLength: 564}
	large   = layout{wide: true, big: true, page: 4096, entries: 4056, trailer: 24, align: 512, block: 65536, reference: 24, nodeEntry: 32, blockEntry: 24, nodesAt: 216, blocksAt: 232, cryptAt: 513, headerLength: 564}
)

// payload is the most bytes that a block holds.
func (l *layout) payload() int { return l.block - l.trailer }

// id reads an id or an offset.
func (l *layout) id(b []byte) uint64 {
	if l.wide {
		return binary.LittleEndian.Uint64(b)
	}
	return uint64(binary.LittleEndian.Uint32(b))
}

// width is the length of an id.
func (l *layout) width() int {
	if l.wide {
		return 8
	}
	return 4
}

// File is an Outlook data file. It is not safe for concurrent use.
type File struct {
	r    io.ReaderAt
	size int64
	lim  Limits
	layout
	crypt         byte
	nodes, blocks uint64 // offsets of the roots of the two trees
	declared      int64  // how long the file should be

	work     int64 // decoded so far
	most     int64 // that may be decoded for the message or list that is being read
	items    int   // of the message that is being read
	stored   int64 // bytes of the blocks among them, as they lie in the file
	pages    [pagesKept]*page
	kept     [blocksKept]keptBlock
	keywords uint16                // see keywordsID
	torn     bool                  // parts of the trees can't be read
	lost     map[uint64]blockEntry // blocks that no tree names, found by old pages
	found    map[uint32]node       // and nodes, where the trees are torn
	damage   map[string]int64      // kinds of damage that cost nothing, or not all
	inf      inflater
}

// Kind is how a file is laid out.
func (f *File) Kind() string {
	switch {
	case f.big:
		return "unicode4k"
	case f.wide:
		return "unicode"
	}
	return "ansi"
}

// Encoding is how the blocks of the file are encoded: 0 not at all, 1 by permutation, 2 by rotors.
func (f *File) Encoding() int { return int(f.crypt) }

// Open reads the header of a file, and looks whether its indexes are whole.
func Open(r io.ReaderAt, size int64, lim Limits) (*File, error) {
	head := make([]byte, 564)
	n, err := r.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return nil, fmt.Errorf("reading the header: %w", err)
	}
	head = head[:n]
	if n < 512 || string(head[:4]) != "!BDN" {
		return nil, ErrFormat
	}
	f := &File{r: r, size: size, lim: lim, damage: map[string]int64{}}
	switch v := binary.LittleEndian.Uint16(head[10:]); {
	case v == 14 || v == 15:
		f.layout = ansi
	case v >= 36:
		f.layout = large
	case v >= 20:
		f.layout = unicode
	default:
		return nil, ErrFormat
	}
	if n < f.headerLength {
		return nil, ErrFormat
	}
	w := f.width()
	f.nodes, f.blocks = f.id(head[f.nodesAt+w:]), f.id(head[f.blocksAt+w:])
	f.declared = int64(min(f.id(head[f.eofAt():]), 1<<62))
	switch f.crypt = head[f.cryptAt]; f.crypt {
	case cryptNone, cryptPermute, cryptCyclic:
	case cryptProtected:
		return nil, ErrProtected
	default:
		return nil, ErrFormat
	}
	f.begin()
	if err := f.survey(); err != nil {
		return nil, err
	}
	f.keywords = f.keywordsID()
	return f, nil
}

// eofAt is where the header says how long the file is.
func (l *layout) eofAt() int {
	if l.wide {
		return 184
	}
	return 168
}

// Missing is how many bytes the file is shorter than its header says.
func (f *File) Missing() int64 { return max(0, f.declared-f.size) }

// spend counts work.
func (f *File) spend(n int) error {
	f.work += int64(n)
	switch {
	case f.work > f.lim.Work:
		return ErrLimit
	case f.work > f.most:
		return ErrCostly
	}
	return nil
}

// begin begins the count for a message or a list.
func (f *File) begin() { f.most, f.items = f.work+f.lim.Item, 0 }

// stream counts the data of an attachment, which may be as long as it likes.
func (f *File) stream(n int) { f.most += int64(n) }

// costs reports whether an error is a limit, behind which nothing more is to be tried.
func costs(err error) bool { return errors.Is(err, ErrLimit) || errors.Is(err, ErrCostly) }

// Work is how many bytes were decoded so far, what was read of the index included.
func (f *File) Work() int64 { return f.work }

// Stored is how many bytes of the file the blocks take that were read so far.
func (f *File) Stored() int64 { return f.stored }

// Damage is what was found damaged without that something could not be read, with how often.
func (f *File) Damage() map[string]int64 { return f.damage }

// note counts damage that did not keep something from being read.
func (f *File) note(kind string) { f.damage[kind]++ }

// read reads n bytes at an offset.
func (f *File) read(b []byte, at uint64) error {
	if at > uint64(f.size) || uint64(len(b)) > uint64(f.size)-at {
		return io.ErrUnexpectedEOF
	}
	n, err := f.r.ReadAt(b, int64(at))
	if n == len(b) {
		return nil
	}
	if err == nil || err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
