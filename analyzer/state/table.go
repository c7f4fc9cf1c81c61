package state

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
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

// Stat is what the file system says of a file: what tells, cheaply, whether it is still the same.
//
// Programs set Modified as they like, and some that write into a file put it back to what it was. Changed is the system's
// own (st_ctime of POSIX stat(2)): it moves with every write, and with changes that leave the bytes alone, such as another
// owner, another name or a file that was restored. Windows tells it to those only who open the file, so there it is absent
// and a file whose size and time were kept is taken for the same.
type Stat struct {
	Size     int64
	Modified int64 // Unix nanoseconds
	Inode    uint64
	Changed  int64 // Unix nanoseconds; 0 where it is not known
}

// Touched reports whether the file was changed between s and now, whatever that did to it. What is not known of either tells nothing.
func (s Stat) Touched(now Stat) bool {
	return s.Changed != 0 && now.Changed != 0 && s.Changed != now.Changed
}

// Like reports whether all but Changed is the same.
func (s Stat) Like(now Stat) bool {
	s.Changed = now.Changed
	return s == now
}

// Count is what a walk counts; see mailbox.Count.
type Count struct {
	Size, Mailboxes, Messages, Bytes, Extents, Framing, Skipped, Problem int64
}

// Add adds o to c.
func (c *Count) Add(o Count) {
	c.Size += o.Size
	c.Mailboxes += o.Mailboxes
	c.Messages += o.Messages
	c.Bytes += o.Bytes
	c.Extents += o.Extents
	c.Framing += o.Framing
	c.Skipped += o.Skipped
	c.Problem += o.Problem
}

// Unit is one file of a source, as it was read: what a later run recognises it by, and where what was read of it is.
type Unit struct {
	Name string // below the source, with forward slashes as the system gave it; "" for the source itself
	Stat
	// Context is a hash of what outside the file goes into its facts: the keywords of a Maildir, the sequences of an MH folder.
	Context uint64
	// Racy is set for a file that was changed so shortly before it was read that another change might not show in Modified.
	Racy  bool
	Count Count
	// SHA256 is that of the whole file, zero where it was not read in full.
	SHA256 evidence.Digest
	Parts  []Part
	Box    *Box // nil for a file that is one message
	Emlx   bool // the message is in Apple's format
	Whole  bool // it was read to its end; others are not kept
	// Restamped is set where Stat is not as it was stored though the bytes are those that were read.
	Restamped bool
}

// Box is what is kept of a file that holds more than one message, or none.
type Box struct {
	Opens     bool              `json:"opens,omitempty"` // a mailbox or an archive; others only named as skipped
	Mailboxes []Mailbox         `json:"mailboxes,omitempty"`
	Skipped   []finding.Skipped `json:"skipped,omitempty"`
	// Prints are a hash of samples of the file: one that was rewritten differs in them.
	Prints evidence.Digest `json:"prints"`
	// Held is set for an mbox whose end was not read, since somebody might have been writing to it.
	Held bool `json:"held,omitempty"`
	// Checkpoint is where reading of an mbox can go on when something was appended, nil for other files.
	Checkpoint *Checkpoint `json:"checkpoint,omitempty"`
}

// Mailbox is a mailbox in a file.
type Mailbox struct {
	Path []string `json:"path"`
	Kind string   `json:"kind"`
	// Folder is the role that the container tells, "" for what the path says.
	Folder finding.Folder `json:"folder,omitempty"`
	// First is the offset of the first message of an mbox, 0 for none.
	First int64 `json:"first,omitempty"`
	// Quoted, Unquoted and Lengths are what all of an mbox showed; see mboxfile.Quoting.
	Quoted   bool `json:"quoted,omitempty"`
	Unquoted bool `json:"unquoted,omitempty"`
	Lengths  bool `json:"lengths,omitempty"`
}

// Checkpoint is the state of reading an mbox at the start of its last message: nothing before it depends on what comes
// behind.
type Checkpoint struct {
	Offset int64           `json:"offset"` // of the last message
	Framer json.RawMessage `json:"framer"`
	Count  Count           `json:"count"` // up to Offset
	Parts  int             `json:"parts"` // of Unit.Parts, those that lie before Offset
	Hash   []byte          `json:"hash"`  // state of the SHA-256 of the whole file, up to Size
	Size   int64           `json:"size"`
	// Heads are the beginnings of the messages that gave a fact: programs keep read state there, and change it in place.
	Heads []Head `json:"heads,omitempty"`
}

// Head is the beginning of a message, as far as HeadSize bytes.
type Head struct {
	Offset int64  `json:"o"`
	Length int32  `json:"n"`
	Sum    uint32 `json:"s"` // CRC-32C
}

// HeadSize is how much of a message a Head covers: Thunderbird's X-Mozilla-Status lines are the first of a header.
const HeadSize = 1 << 10

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
			raw, err := json.Marshal(u.Box)
			if err != nil {
				return nil, fmt.Errorf("writing the state: %w", err)
			}
			b = appendBytes(b, raw)
		}
	}
	return b, nil
}

func appendBytes(b, v []byte) []byte { return append(binary.AppendUvarint(b, uint64(len(v))), v...) }

func appendCount(b []byte, c Count) []byte {
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
			u.Box = new(Box)
			if err := json.Unmarshal(d.bytes(), u.Box); err != nil {
				return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
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
