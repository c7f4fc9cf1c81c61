package state

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/mailbox"
)

// Source is what is stored of one source.
type Source struct {
	// Key names what the facts were made with: program, rules, limits, keys. Facts of another key don't count.
	Key    string  `json:"key"`
	Table  Ref     `json:"table"`  // the units, in the order in which they were walked
	Digest string  `json:"digest"` // of the table
	Blocks []Block `json:"blocks,omitempty"`
}

func (s *Source) refs() []*Ref {
	list := []*Ref{&s.Table}
	for i := range s.Blocks {
		list = append(list, s.Blocks[i].refs()...)
	}
	return list
}

// Unit is one file of a source, as it was read, and where what was read of it is.
type Unit struct {
	mailbox.Unit
	Parts []Part
	// Before is how many of Parts lie before the checkpoint of an mbox.
	Before int
}

// Part is a run of items of a unit inside a block.
type Part struct {
	Block, Index int32 // in Source.Blocks, and in the block
	Source       int32 // as in the facts' keys and locations
	Mailbox      int32 // the unit's first mailbox, as in the facts' keys
	Messages     int64
	Facts        int32
	Candidates   int64
	Problems     int32
	Lost         int32
	// Received and Dated are those of the part's tally: of a sum from which a part is taken away they can't be known.
	Received, Dated fact.Span
}

// boxRow is the form of a Unit's Box in a table.
type boxRow struct {
	*mailbox.Box
	Before int `json:"before,omitempty"`
}

// EncodeUnits writes a table. Each name is stored as what it shares with the one before and the rest.
func EncodeUnits(units []*Unit) ([]byte, error) {
	var b []byte
	last := ""
	b = binary.AppendUvarint(b, uint64(len(units)))
	for _, u := range units {
		n := 0
		for n < len(last) && n < len(u.Name) && last[n] == u.Name[n] {
			n++
		}
		b = binary.AppendUvarint(b, uint64(n))
		b = appendBytes(b, []byte(u.Name[n:]))
		last = u.Name
		flags := byte(0)
		for i, set := range []bool{u.Racy, u.Box != nil, !u.SHA256.IsZero(), u.Emlx, u.Changed != 0} {
			if set {
				flags |= 1 << i
			}
		}
		b = append(b, flags)
		for _, v := range []int64{u.Size, u.Modified, int64(u.Inode), int64(u.Context)} {
			b = binary.AppendVarint(b, v)
		}
		if u.Changed != 0 {
			b = binary.AppendVarint(b, u.Changed-u.Modified)
		}
		b = appendCount(b, u.Count)
		if !u.SHA256.IsZero() {
			b = append(b, u.SHA256[:]...)
		}
		b = binary.AppendUvarint(b, uint64(len(u.Parts)))
		for _, p := range u.Parts {
			for _, v := range []int64{int64(p.Block), int64(p.Index), int64(p.Source), int64(p.Mailbox), p.Messages, int64(p.Facts), p.Candidates, int64(p.Problems), int64(p.Lost), p.Received.First, p.Received.Last - p.Received.First, p.Dated.First, p.Dated.Last - p.Dated.First} {
				b = binary.AppendVarint(b, v)
			}
		}
		if u.Box != nil {
			raw, err := json.Marshal(boxRow{u.Box, u.Before})
			if err != nil {
				return nil, fmt.Errorf("writing the state: %w", err)
			}
			b = appendBytes(b, raw)
		}
	}
	return b, nil
}

func appendBytes(b, v []byte) []byte { return append(binary.AppendUvarint(b, uint64(len(v))), v...) }

func appendCount(b []byte, c mailbox.Figures) []byte {
	for _, v := range []int64{c.Size, c.Mailboxes, c.Messages, c.Bytes, c.Extents, c.Framing, c.Skipped, c.Problem} {
		b = binary.AppendVarint(b, v)
	}
	return b
}

// DecodeUnits reads what EncodeUnits wrote. The error is ErrDamaged for anything else.
func DecodeUnits(b []byte) ([]*Unit, error) {
	d := decoder{b: b}
	n := d.uvarint()
	if n > uint64(len(b)) {
		return nil, ErrDamaged
	}
	units := make([]*Unit, 0, n)
	store := make([]Unit, n)
	var slab []Part // most units have one
	last := ""
	for i := range store {
		u := &store[i]
		shared := d.uvarint()
		rest := d.bytes()
		if shared > uint64(len(last)) {
			return nil, ErrDamaged
		}
		u.Name = last[:shared] + string(rest)
		last = u.Name
		flags := d.byte()
		u.Racy, u.Emlx, u.Whole = flags&1 != 0, flags&8 != 0, true
		u.Size, u.Modified, u.Inode, u.Context = d.varint(), d.varint(), uint64(d.varint()), uint64(d.varint())
		if flags&16 != 0 {
			u.Changed = u.Modified + d.varint()
		}
		for _, to := range []*int64{&u.Count.Size, &u.Count.Mailboxes, &u.Count.Messages, &u.Count.Bytes, &u.Count.Extents, &u.Count.Framing, &u.Count.Skipped, &u.Count.Problem} {
			*to = d.varint()
		}
		if flags&4 != 0 {
			copy(u.SHA256[:], d.take(uint64(len(u.SHA256))))
		}
		parts := d.uvarint()
		if parts > uint64(len(d.b)) {
			return nil, ErrDamaged
		}
		if n := int(parts); n > 0 {
			if n > len(slab) {
				slab = make([]Part, max(n, 1024))
			}
			u.Parts, slab = slab[:n:n], slab[n:]
		}
		for k := range u.Parts {
			p := &u.Parts[k]
			p.Block, p.Index, p.Source, p.Mailbox = int32(d.varint()), int32(d.varint()), int32(d.varint()), int32(d.varint())
			p.Messages, p.Facts, p.Candidates, p.Problems, p.Lost = d.varint(), int32(d.varint()), d.varint(), int32(d.varint()), int32(d.varint())
			p.Received.First = d.varint()
			p.Received.Last = p.Received.First + d.varint()
			p.Dated.First = d.varint()
			p.Dated.Last = p.Dated.First + d.varint()
		}
		if flags&2 != 0 {
			row := boxRow{Box: new(mailbox.Box)}
			if err := json.Unmarshal(d.bytes(), &row); err != nil {
				return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
			}
			u.Box, u.Before = row.Box, row.Before
			if u.Before < 0 || u.Before > len(u.Parts) {
				return nil, ErrDamaged
			}
		}
		if d.bad {
			return nil, ErrDamaged
		}
		units = append(units, u)
	}
	if len(d.b) > 0 {
		return nil, ErrDamaged
	}
	return units, nil
}

// decoder reads numbers and strings until one does not fit; then bad is set and all that follows is zero.
type decoder struct {
	b   []byte
	bad bool
}

func (d *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.b)
	if n <= 0 {
		d.bad, d.b = true, nil
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) varint() int64 {
	v, n := binary.Varint(d.b)
	if n <= 0 {
		d.bad, d.b = true, nil
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) take(n uint64) []byte {
	if n > uint64(len(d.b)) {
		d.bad, d.b = true, nil
		return nil
	}
	v := d.b[:n]
	d.b = d.b[n:]
	return v
}

func (d *decoder) bytes() []byte { return d.take(d.uvarint()) }

func (d *decoder) byte() byte {
	if v := d.take(1); len(v) == 1 {
		return v[0]
	}
	return 0
}

// Form names the fields of a type, and of those in it: what was stored under another form is not read back whole.
func Form(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return t.Kind().String() + " " + Form(t.Elem())
	case reflect.Map:
		return "map[" + Form(t.Key()) + "]" + Form(t.Elem())
	case reflect.Struct:
		var b strings.Builder
		b.WriteString("struct{")
		for i := range t.NumField() {
			f := t.Field(i)
			b.WriteString(f.Name + " " + Form(f.Type) + ";")
		}
		b.WriteString("}")
		return b.String()
	}
	return t.Kind().String()
}
