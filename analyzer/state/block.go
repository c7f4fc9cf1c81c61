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
	Tallies Ref   `json:"tallies"`
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
	items   []byte
	tally   *fact.Tally
	tallies bytes.Buffer
	enc     *gob.Encoder
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
	b.items = binary.AppendUvarint(b.items, uint64(len(items)))
	for _, it := range items {
		kind := byte('f')
		if it.Problem {
			kind = 'p'
		}
		b.items = append(b.items, kind)
		b.items = appendBytes(b.items, it.Raw)
	}
	b.parts++
	return b.parts - 1, nil
}

// Parts is how many parts were added.
func (b *Builder) Parts() int32 { return b.parts }

// Full tells whether it is time to store the block.
func (b *Builder) Full() bool { return len(b.items) >= blockBytes || b.parts >= blockParts }

// Store writes the block.
func (b *Builder) Store(s *Store) (Block, error) {
	out := Block{Parts: b.parts}
	var sum bytes.Buffer
	if err := gob.NewEncoder(&sum).Encode(b.tally); err != nil {
		return out, fmt.Errorf("writing the state: %w", err)
	}
	for _, p := range []struct {
		raw []byte
		to  *Ref
	}{{b.items, &out.Items}, {sum.Bytes(), &out.Tally}, {b.tallies.Bytes(), &out.Tallies}} {
		r, err := s.Append(p.raw)
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
	d := decoder{b: raw}
	parts := make([][]Item, b.Parts)
	for i := range parts {
		n := d.uvarint()
		if n > uint64(len(d.b)) {
			return nil, ErrDamaged
		}
		parts[i] = make([]Item, n)
		for k := range parts[i] {
			parts[i][k].Problem = d.byte() == 'p'
			parts[i][k].Raw = d.bytes()
		}
	}
	if d.bad || len(d.b) > 0 {
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
	raw, err := s.Section(b.Tallies)
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
