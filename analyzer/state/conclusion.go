package state

import (
	"bytes"
	"encoding/binary"
	"encoding/gob"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/fact"
)

// Conclusion is what the last run over a set of sources judged: with it a run over mail that did not change asks only
// what the calendar changed.
type Conclusion struct {
	AsOf     time.Time
	Accounts []fact.Account
	// Owner, Offset and Known are what was learned that is needed once all is judged; see fact.Profile.
	Owner  map[string]bool
	Offset int
	Known  bool // Offset is known
	// Tally holds Messages, Months, Arrivals and the two spans of the tally of all mail.
	Tally   fact.Tally
	Entries []fact.Entry // by Pos
	Pending []Pending    // by Pos
}

// Pending is an entry that may be judged otherwise from a time on: a clock that lies in the future now will be believed
// then.
type Pending struct {
	Pos uint32
	At  int64 // Unix seconds
}

// ConclusionForm names the form of Conclusion: what was stored under another one is not read back.
func ConclusionForm() string {
	return Form(reflect.TypeFor[Conclusion]())
}

// EncodeConclusion writes a conclusion. Each property of the entries is written for all of them before the next one, so
// that what is alike lies together.
func EncodeConclusion(c *Conclusion) ([]byte, error) {
	head := *c
	head.Entries, head.Pending, head.Tally.Arrivals = nil, nil, nil
	b, err := appendGob(nil, &head)
	if err != nil {
		return nil, err
	}
	b = binary.AppendUvarint(b, uint64(len(c.Tally.Arrivals)))
	last := int64(0)
	for _, hour := range slices.Sorted(maps.Keys(c.Tally.Arrivals)) {
		b = binary.AppendVarint(binary.AppendVarint(b, int64(hour)-last), int64(c.Tally.Arrivals[hour]))
		last = int64(hour)
	}
	b = binary.AppendUvarint(b, uint64(len(c.Entries)))
	at := int64(0)
	for i := range c.Entries {
		b = binary.AppendVarint(b, int64(c.Entries[i].Pos)-at)
		at = int64(c.Entries[i].Pos)
	}
	at = 0
	for i := range c.Entries {
		b = binary.AppendVarint(b, c.Entries[i].Time-at)
		at = c.Entries[i].Time
	}
	for i := range c.Entries {
		b = binary.LittleEndian.AppendUint64(b, c.Entries[i].Content)
	}
	for i := range c.Entries {
		if c.Entries[i].Order == 0 {
			b = append(b, 0)
		} else {
			b = binary.LittleEndian.AppendUint64(append(b, 1), c.Entries[i].Order)
		}
	}
	for _, small := range smalls {
		for i := range c.Entries {
			b = binary.AppendUvarint(b, small.get(&c.Entries[i]))
		}
	}
	b = binary.AppendUvarint(b, uint64(len(c.Pending)))
	for _, p := range c.Pending {
		b = binary.AppendVarint(binary.AppendUvarint(b, uint64(p.Pos)), p.At)
	}
	return b, nil
}

// smalls are the properties of an entry that are small numbers.
var smalls = []struct {
	get func(*fact.Entry) uint64
	set func(*fact.Entry, uint64)
}{
	{func(e *fact.Entry) uint64 { return uint64(e.Account) }, func(e *fact.Entry, v uint64) { e.Account = uint32(v) }},
	{func(e *fact.Entry) uint64 { return uint64(e.Line) }, func(e *fact.Entry, v uint64) { e.Line = uint32(v) }},
	{func(e *fact.Entry) uint64 { return uint64(e.Brand) }, func(e *fact.Entry, v uint64) { e.Brand = uint16(v) }},
	{func(e *fact.Entry) uint64 { return uint64(e.Flags) }, func(e *fact.Entry, v uint64) { e.Flags = fact.Flags(v) }},
	{func(e *fact.Entry) uint64 { return uint64(e.Event) }, func(e *fact.Entry, v uint64) { e.Event = uint8(v) }},
	{func(e *fact.Entry) uint64 { return uint64(e.Verdict) }, func(e *fact.Entry, v uint64) { e.Verdict = uint8(v) }},
	{func(e *fact.Entry) uint64 { return uint64(e.Severity) }, func(e *fact.Entry, v uint64) { e.Severity = uint8(v) }},
}

// DecodeConclusion reads what EncodeConclusion wrote. The error is ErrDamaged for anything else.
func DecodeConclusion(b []byte) (*Conclusion, error) {
	c := new(Conclusion)
	d := decoder{b: b}
	if err := d.gob(c); err != nil {
		return nil, err
	}
	n := d.count(2)
	c.Tally.Arrivals = make(map[int32]int32, n)
	last := int64(0)
	for range n {
		last += d.varint()
		c.Tally.Arrivals[int32(last)] = int32(d.varint())
	}
	c.Entries = make([]fact.Entry, d.count(11+len(smalls)))
	at := int64(0)
	for i := range c.Entries {
		at += d.varint()
		c.Entries[i].Pos = uint32(at)
	}
	at = 0
	for i := range c.Entries {
		at += d.varint()
		c.Entries[i].Time = at
	}
	for i := range c.Entries {
		c.Entries[i].Content = d.fixed64()
	}
	for i := range c.Entries {
		if d.byte() == 1 {
			c.Entries[i].Order = d.fixed64()
		}
	}
	for _, small := range smalls {
		for i := range c.Entries {
			small.set(&c.Entries[i], d.uvarint())
		}
	}
	c.Pending = make([]Pending, d.count(2))
	for i := range c.Pending {
		c.Pending[i] = Pending{uint32(d.uvarint()), d.varint()}
	}
	for i := range c.Entries {
		if int(c.Entries[i].Account) >= len(c.Accounts) || i > 0 && c.Entries[i].Pos <= c.Entries[i-1].Pos {
			return nil, ErrDamaged
		}
	}
	if d.bad || len(d.b) > 0 {
		return nil, ErrDamaged
	}
	return c, nil
}

// appendGob appends the length of a value in gob's form, and the value.
func appendGob(b []byte, v any) ([]byte, error) {
	var raw bytes.Buffer
	if err := gob.NewEncoder(&raw).Encode(v); err != nil {
		return nil, fmt.Errorf("writing the state: %w", err)
	}
	return appendBytes(b, raw.Bytes()), nil
}

func (d *decoder) gob(to any) error {
	if err := gob.NewDecoder(bytes.NewReader(d.bytes())).Decode(to); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return nil
}

// count reads how many of something follow, each of which takes at least so many bytes.
func (d *decoder) count(least int) int {
	n := d.uvarint()
	if n > uint64(len(d.b)/least) {
		d.bad, d.b = true, nil
		return 0
	}
	return int(n)
}

func (d *decoder) fixed64() uint64 {
	if v := d.take(8); v != nil {
		return binary.LittleEndian.Uint64(v)
	}
	return 0
}
