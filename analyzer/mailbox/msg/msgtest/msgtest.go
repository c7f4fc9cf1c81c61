// Package msgtest writes .msg files for tests: compound files ([MS-CFB], version 3) with the storages and streams of a message
// ([MS-OXMSG]).
package msgtest

import (
	"encoding/binary"
	"fmt"
	"slices"
	"unicode/utf16"
)

// Prop is a property: a value of fixed length in Fixed, or of any length in Data.
type Prop struct {
	ID, Type uint16
	Fixed    uint64
	Data     []byte
}

// Text is a string property.
func Text(id uint16, s string) Prop {
	var b []byte
	for _, c := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, c)
	}
	return Prop{ID: id, Type: 0x001F, Data: b}
}

// Int is a property of 32 bits.
func Int(id uint16, v uint32) Prop { return Prop{ID: id, Type: 0x0003, Fixed: uint64(v)} }

// Binary is a property of bytes.
func Binary(id uint16, b []byte) Prop { return Prop{ID: id, Type: 0x0102, Data: b} }

// Message is a message to be written.
type Message struct {
	Props       []Prop
	Recipients  [][]Prop
	Attachments []Attachment
}

// Attachment is one of its attachments; Message is set for a message in the message.
type Attachment struct {
	Props   []Prop
	Message *Message
}

// entry is a storage or a stream of the compound file.
type entry struct {
	name     string
	data     []byte
	children []*entry // nil for a stream
	folder   bool
}

// Bytes is the message as a file.
func (m *Message) Bytes() []byte { return compound(m.storage("Root Entry", 32)) }

func (m *Message) storage(name string, header int) *entry {
	s := properties(name, header, m.Props)
	for i, r := range m.Recipients {
		s.children = append(s.children, properties(fmt.Sprintf("__recip_version1.0_#%08X", i), 8, r))
	}
	for i, a := range m.Attachments {
		e := properties(fmt.Sprintf("__attach_version1.0_#%08X", i), 8, a.Props)
		if a.Message != nil {
			e.children = append(e.children, a.Message.storage("__substg1.0_3701000D", 24))
		}
		s.children = append(s.children, e)
	}
	return s
}

func properties(name string, header int, props []Prop) *entry {
	s := &entry{name: name, folder: true}
	list := make([]byte, header)
	for _, p := range props {
		list = binary.LittleEndian.AppendUint32(list, uint32(p.ID)<<16|uint32(p.Type))
		list = binary.LittleEndian.AppendUint32(list, 6) // readable, writable
		if p.Data == nil {
			list = binary.LittleEndian.AppendUint64(list, p.Fixed)
			continue
		}
		list = binary.LittleEndian.AppendUint64(list, uint64(len(p.Data)))
		s.children = append(s.children, &entry{name: fmt.Sprintf("__substg1.0_%04X%04X", p.ID, p.Type), data: p.Data})
	}
	s.children = append(s.children, &entry{name: "__properties_version1.0", data: list})
	return s
}

const (
	sector   = 512
	mini     = 64
	cutoff   = 4096 // streams from here on lie in sectors of their own
	noStream = 0xFFFFFFFF
	endChain = 0xFFFFFFFE
	fatPart  = 0xFFFFFFFD
)

// compound writes a compound file.
func compound(root *entry) []byte {
	w := &writer{}
	w.number(root)
	for i, e := range w.entries {
		if e.folder || len(e.data) == 0 {
			continue
		}
		if len(e.data) < cutoff {
			w.start[i] = w.chain(&w.miniFAT, &w.mini, e.data, mini)
		} else {
			w.start[i] = w.chain(&w.fat, &w.sectors, e.data, sector)
		}
	}
	miniSize := len(w.mini)
	miniStart, miniFATStart := uint32(endChain), uint32(endChain)
	if miniSize > 0 {
		miniStart = w.chain(&w.fat, &w.sectors, w.mini, sector)
		miniFATStart = w.chain(&w.fat, &w.sectors, numbers(w.miniFAT), sector)
	}
	w.start[0] = miniStart
	dir := w.chain(&w.fat, &w.sectors, w.directory(miniSize), sector)
	// The table of sectors tells of its own sectors too.
	parts := 1
	for parts*sector/4 < len(w.fat)+parts {
		parts++
	}
	first := len(w.fat)
	for range parts {
		w.fat = append(w.fat, fatPart)
	}
	table := numbers(w.fat)
	for len(table) < parts*sector {
		table = binary.LittleEndian.AppendUint32(table, noStream)
	}
	h := make([]byte, 0, sector)
	h = append(h, 0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1)
	h = append(h, make([]byte, 16)...)
	for _, v := range []uint16{0x3e, 3, 0xfffe, 9, 6} {
		h = binary.LittleEndian.AppendUint16(h, v)
	}
	h = append(h, make([]byte, 10)...)
	miniParts := uint32((len(w.miniFAT)*4 + sector - 1) / sector)
	for _, v := range []uint32{uint32(parts), dir, 0, cutoff, miniFATStart, miniParts, endChain, 0} {
		h = binary.LittleEndian.AppendUint32(h, v)
	}
	for i := range 109 {
		v := uint32(noStream)
		if i < parts {
			v = uint32(first + i)
		}
		h = binary.LittleEndian.AppendUint32(h, v)
	}
	return slices.Concat(h, w.sectors, table)
}

type writer struct {
	entries       []*entry
	start         []uint32
	fat, miniFAT  []uint32
	sectors, mini []byte
	child         []int // of each entry: its first child, 0 for none
	next          []int // the next child of its parent, 0 for none
}

// number gives each entry its place in the directory.
func (w *writer) number(e *entry) int {
	at := len(w.entries)
	w.entries = append(w.entries, e)
	w.start = append(w.start, endChain)
	w.child, w.next = append(w.child, 0), append(w.next, 0)
	last := 0
	for _, c := range e.children {
		n := w.number(c)
		if last == 0 {
			w.child[at] = n
		} else {
			w.next[last] = n
		}
		last = n
	}
	return at
}

// chain puts data into sectors and links them; it returns the first.
func (w *writer) chain(fat *[]uint32, to *[]byte, data []byte, size int) uint32 {
	first := uint32(len(*fat))
	n := (len(data) + size - 1) / size
	for i := range n {
		v := first + uint32(i) + 1
		if i == n-1 {
			v = endChain
		}
		*fat = append(*fat, v)
	}
	*to = append(*to, data...)
	*to = append(*to, make([]byte, n*size-len(data))...)
	return first
}

func numbers(list []uint32) (b []byte) {
	for _, v := range list {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	return b
}

// directory writes the entries; the children of one are linked to the right, each with no left.
func (w *writer) directory(miniSize int) (b []byte) {
	for i, e := range w.entries {
		name := utf16.Encode([]rune(e.name))
		raw := make([]byte, 64)
		for j, c := range name {
			binary.LittleEndian.PutUint16(raw[2*j:], c)
		}
		b = append(b, raw...)
		b = binary.LittleEndian.AppendUint16(b, uint16(2*len(name)+2))
		kind, size := byte(2), len(e.data)
		switch {
		case i == 0:
			kind, size = 5, miniSize
		case e.folder:
			kind = 1
		}
		b = append(b, kind, 1)
		link := func(n int) uint32 {
			if n == 0 {
				return noStream
			}
			return uint32(n)
		}
		b = binary.LittleEndian.AppendUint32(b, noStream)
		b = binary.LittleEndian.AppendUint32(b, link(w.next[i]))
		b = binary.LittleEndian.AppendUint32(b, link(w.child[i]))
		b = append(b, make([]byte, 36)...)
		start := w.start[i]
		if e.folder && i != 0 {
			start = 0
		}
		b = binary.LittleEndian.AppendUint32(b, start)
		b = binary.LittleEndian.AppendUint64(b, uint64(size))
	}
	for len(b)%sector != 0 {
		b = append(b, make([]byte, 128)...)
	}
	return b
}
