package state

import (
	"bytes"
	"encoding/binary"
	"encoding/gob"
	"errors"
	"fmt"
	"io"

	"github.com/mailaudit/mailaudit/analyzer/fact"
)

// Block is where a batch of parts is stored: their items (facts and problems), the tally of all of them together, and
// that of each. Reading on from stored facts needs the first two, unless a part is gone.
type Block struct {
	Parts   int32 `json:"parts"`
	Items   Ref   `json:"items"`
	Tally   Ref   `json:"tally"`
	Tallies Ref   `json:"tallies,omitzero"` // zero where there is one part: Tally is its
}

// refs are the sections of a block.
func (b *Block) refs() []*Ref {
	if b.Tallies == (Ref{}) {
		return []*Ref{&b.Items, &b.Tally}
	}
	return []*Ref{&b.Items, &b.Tally, &b.Tallies}
}

// Item is one record as the spool takes it: a fact as fact.Encode gives it, or a problem in JSON.
type Item struct {
	Problem bool
	Raw     []byte
}

const (
	// blockBytes is how many bytes of items a block holds before it is written. A block is read in one piece.
	blockBytes = 4 << 20
	// blockParts is how many parts a block holds at most: one of a Maildir is gone with each message that is deleted, and
	// then the tallies of its block are added up anew.
	blockParts = 1024
)

// Builder gathers parts into a block.
type Builder struct {
	parts   int32
	columns columns
	tally   *fact.Tally
	tallies bytes.Buffer
	enc     *gob.Encoder
}

// columns are the items of a block, taken apart so that what is alike lies together and packs well: digests do not pack at
// all, and what differs in the links of Amazon's mail are tokens of capitals and digits.
type columns struct {
	shape   []byte // of each part the number of its items; of each item its kind and the lengths of its pieces
	fields  []byte // of facts, and problems
	links   []byte
	digests []byte
}

// Kinds of items.
const (
	factItem    = 'f'
	problemItem = 'p'
)

func (c *columns) add(it Item) error {
	if it.Problem {
		c.shape = binary.AppendUvarint(append(c.shape, problemItem), uint64(len(it.Raw)))
		c.fields = append(c.fields, it.Raw...)
		return nil
	}
	fields, digests, links, err := fact.Split(it.Raw)
	if err != nil {
		return err
	}
	c.shape = binary.AppendUvarint(binary.AppendUvarint(append(c.shape, factItem), uint64(len(fields))), uint64(len(links)))
	c.fields, c.digests, c.links = append(c.fields, fields...), append(c.digests, digests...), append(c.links, links...)
	return nil
}

// pieces are the columns as they are stored, with their lengths before the first.
func (c *columns) pieces() [][]byte {
	var lengths []byte
	for _, column := range [][]byte{c.shape, c.fields, c.links, c.digests} {
		lengths = binary.AppendUvarint(lengths, uint64(len(column)))
	}
	return [][]byte{append(lengths, c.shape...), c.fields, c.links, c.digests}
}

// item reads the next item; d reads shape, and the columns are cut at their front.
func (c *columns) item(d *decoder) (it Item) {
	cut := func(column *[]byte, n uint64) []byte {
		if n > uint64(len(*column)) {
			d.bad = true
			return nil
		}
		b := (*column)[:n:n]
		*column = (*column)[n:]
		return b
	}
	if it.Problem = d.byte() == problemItem; it.Problem {
		it.Raw = cut(&c.fields, d.uvarint())
		return it
	}
	fields, links := d.uvarint(), d.uvarint()
	it.Raw = fact.Join(cut(&c.fields, fields), cut(&c.digests, uint64(fact.DigestBytes)), cut(&c.links, links))
	return it
}

// NewBuilder returns an empty builder.
func NewBuilder() *Builder {
	b := &Builder{tally: fact.NewTally()}
	b.enc = gob.NewEncoder(&b.tallies)
	return b
}

// Add appends a part and returns its index.
func (b *Builder) Add(t *fact.Tally, items []Item) (int32, error) {
	if err := b.enc.Encode(t); err != nil {
		return 0, fmt.Errorf("writing the state: %w", err)
	}
	b.tally.Merge(t)
	b.columns.shape = binary.AppendUvarint(b.columns.shape, uint64(len(items)))
	for _, it := range items {
		if err := b.columns.add(it); err != nil {
			return 0, fmt.Errorf("writing the state: %w", err)
		}
	}
	b.parts++
	return b.parts - 1, nil
}

// Parts is how many parts were added.
func (b *Builder) Parts() int32 { return b.parts }

// Full reports whether it is time to store the block.
func (b *Builder) Full() bool {
	c := &b.columns
	return len(c.shape)+len(c.fields)+len(c.links)+len(c.digests) >= blockBytes || b.parts >= blockParts
}

// Store writes the block.
func (b *Builder) Store(s *Store) (Block, error) {
	out := Block{Parts: b.parts}
	var sum bytes.Buffer
	if err := gob.NewEncoder(&sum).Encode(b.tally); err != nil {
		return out, fmt.Errorf("writing the state: %w", err)
	}
	for _, p := range []struct {
		to     *Ref
		pieces [][]byte
	}{
		{&out.Items, b.columns.pieces()},
		{&out.Tally, [][]byte{sum.Bytes()}},
		{&out.Tallies, [][]byte{b.tallies.Bytes()}},
	} {
		if b.parts == 1 && p.to == &out.Tallies {
			continue // the same bytes
		}
		r, err := s.Append(p.pieces...)
		if err != nil {
			return out, err
		}
		*p.to = r
	}
	return out, nil
}

// ReadItems reads the items of a block, by part.
func (s *Store) ReadItems(b Block) ([][]Item, error) {
	raw, err := s.Section(b.Items)
	if err != nil {
		return nil, err
	}
	return decodeItems(raw, b.Parts)
}

// decodeItems reads what Store wrote of so many parts.
func decodeItems(raw []byte, of int32) ([][]Item, error) {
	d := decoder{b: raw}
	var c columns
	lengths := []uint64{d.uvarint(), d.uvarint(), d.uvarint(), d.uvarint()}
	for i, column := range []*[]byte{&c.shape, &c.fields, &c.links, &c.digests} {
		if lengths[i] > uint64(len(d.b)) {
			return nil, ErrDamaged
		}
		*column, d.b = d.b[:lengths[i]], d.b[lengths[i]:]
	}
	if d.bad || len(d.b) > 0 {
		return nil, ErrDamaged
	}
	d.b = c.shape
	if of < 0 || int(of) > len(d.b) {
		return nil, ErrDamaged
	}
	parts := make([][]Item, of)
	for i := range parts {
		n := d.uvarint()
		if n > uint64(len(d.b)) {
			return nil, ErrDamaged
		}
		parts[i] = make([]Item, n)
		for k := range parts[i] {
			parts[i][k] = c.item(&d)
		}
	}
	if d.bad || len(d.b)+len(c.fields)+len(c.links)+len(c.digests) > 0 {
		return nil, ErrDamaged
	}
	return parts, nil
}

// ReadTally reads the tally of all parts of a block together.
func (s *Store) ReadTally(b Block) (*fact.Tally, error) {
	raw, err := s.Section(b.Tally)
	if err != nil {
		return nil, err
	}
	t := new(fact.Tally)
	if err := gob.NewDecoder(bytes.NewReader(raw)).Decode(t); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return t, nil
}

// ReadTallies calls do with the tally of each part of a block.
func (s *Store) ReadTallies(b Block, do func(part int32, t *fact.Tally) error) error {
	at := b.Tallies
	if at == (Ref{}) {
		at = b.Tally
	}
	raw, err := s.Section(at)
	if err != nil {
		return err
	}
	dec := gob.NewDecoder(bytes.NewReader(raw))
	for i := int32(0); ; i++ {
		t := new(fact.Tally)
		if err := dec.Decode(t); errors.Is(err, io.EOF) && i == b.Parts {
			return nil
		} else if err != nil {
			return fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		if err := do(i, t); err != nil {
			return err
		}
	}
}
