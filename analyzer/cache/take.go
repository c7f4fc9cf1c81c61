package cache

import (
	"encoding/json"
	"fmt"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/mailbox"
	"github.com/mailaudit/mailaudit/analyzer/state"
)

// Run is what was extracted of messages of one file that follow one another.
type Run struct {
	Unit    *mailbox.Unit // nil for problems that belong to no file
	Mailbox int           // index of the first mailbox of the file, or of the one that the file lies in
	Tally   *fact.Tally
	Items   []Item
	Heads   []mailbox.Head // of the messages with facts
	Counts
}

// Item is one record for the spool: an encoded fact, or a problem.
type Item struct {
	Fact    []byte
	Problem *finding.Problem
}

// Counts are what a run, or what is known of files, adds to the counts of the scan.
type Counts struct {
	Messages, Candidates, Problems, Lost int64
}

// Add adds o to c.
func (c *Counts) Add(o Counts) {
	c.Messages += o.Messages
	c.Candidates += o.Candidates
	c.Problems += o.Problems
	c.Lost += o.Lost
}

// Problem adds a problem to the run.
func (r *Run) Problem(p *finding.Problem) {
	r.Items = append(r.Items, Item{Problem: p})
	r.Problems++
	if p.Lost {
		r.Lost++
	}
}

// openPart is the part that is being gathered.
type openPart struct {
	unit  *mailbox.Unit
	part  state.Part
	tally *fact.Tally
	items []state.Item
	size  int
}

// partBytes is how many bytes of items end a part: a large mailbox has several.
const partBytes = 4 << 20

// Take takes what was extracted of a source, in source order.
func (c *Cache) Take(index int, runs []Run) error {
	src, err := c.at(index)
	if err != nil {
		return err
	}
	for i := range runs {
		r := &runs[i]
		if r.Unit == nil {
			if err := c.closePart(); err != nil {
				return err
			}
			l := listed{}
			for _, it := range r.Items {
				l.loose = append(l.loose, *it.Problem)
			}
			src.list = append(src.list, l)
			continue
		}
		if c.open.unit != r.Unit {
			if err := c.closePart(); err != nil {
				return err
			}
			c.open = openPart{unit: r.Unit, tally: fact.NewTally(), part: state.Part{Source: int32(src.index), Mailbox: int32(r.Mailbox)}}
		}
		if err := c.gather(src, r); err != nil {
			return err
		}
	}
	return nil
}

// TakeNote takes what a walk said of files, and returns what is known of them.
func (c *Cache) TakeNote(n Note) (Counts, error) {
	src, err := c.at(n.source.index)
	if err != nil {
		return Counts{}, err
	}
	if err := c.closePart(); err != nil {
		return Counts{}, err
	}
	if n.mark != nil {
		x := src.of(n.mark)
		x.before, x.marked = len(x.parts), true
	}
	return src.pass(n.known), nil
}

// Read ends reading: it stores the open block and takes what the walks left behind.
func (c *Cache) Read() (n Counts, err error) {
	if err := c.flush(); err != nil {
		return n, err
	}
	for _, src := range c.sources {
		if src != nil {
			n.Add(src.pass(src.pending))
			src.pending = nil
		}
	}
	return n, nil
}

// at is the source of an index; a block holds parts of one source.
func (c *Cache) at(index int) (*source, error) {
	src := c.sources[index]
	if src != c.current {
		if err := c.flush(); err != nil {
			return nil, err
		}
		c.current = src
	}
	return src, nil
}

// of is what is gathered of a file.
func (src *source) of(u *mailbox.Unit) *extracted {
	x := src.extracted[u]
	if x == nil {
		x = new(extracted)
		src.extracted[u] = x
	}
	return x
}

// pass puts the parts of known files in their place.
func (src *source) pass(list []Known) (n Counts) {
	for i := range list {
		k := &list[i]
		parts := k.parts()
		if k.grown != nil {
			src.of(k.grown).parts = append([]state.Part(nil), parts...)
			src.of(k.grown).heads = append([]mailbox.Head(nil), k.unit.Box.Checkpoint.Heads...)
		}
		for i := range parts {
			p := &parts[i]
			src.list = append(src.list, listed{part: p, source: int32(src.index), mailbox: int32(k.mailbox)})
			n.Add(Counts{p.Messages, p.Candidates, int64(p.Problems), int64(p.Lost)})
		}
	}
	return n
}

// gather adds to the open part.
func (c *Cache) gather(src *source, r *Run) error {
	o := &c.open
	o.tally.Merge(r.Tally)
	o.part.Messages += r.Messages
	o.part.Candidates += r.Candidates
	o.part.Problems += int32(r.Problems)
	o.part.Lost += int32(r.Lost)
	for _, it := range r.Items {
		stored := state.Item{Raw: it.Fact}
		if it.Problem != nil {
			raw, err := json.Marshal(it.Problem)
			if err != nil {
				return fmt.Errorf("storing a problem: %w", err)
			}
			stored = state.Item{Problem: true, Raw: raw}
		} else {
			o.part.Facts++
		}
		o.items = append(o.items, stored)
		o.size += len(stored.Raw)
	}
	if len(r.Heads) > 0 {
		x := src.of(r.Unit)
		x.heads = append(x.heads, r.Heads...)
	}
	if o.size >= partBytes {
		return c.closePart()
	}
	return nil
}

// closePart ends the open part.
func (c *Cache) closePart() error {
	o := &c.open
	if o.unit == nil {
		return nil
	}
	if c.builder == nil {
		c.builder = state.NewBuilder()
	}
	index, err := c.builder.Add(o.tally, o.items)
	if err != nil {
		return err
	}
	src := c.current
	part := o.part
	part.Block, part.Index = int32(len(src.blocks)), index
	part.Received, part.Dated = o.tally.Received, o.tally.Dated
	x := src.of(o.unit)
	x.parts = append(x.parts, part)
	src.list = append(src.list, listed{part: &part, source: part.Source, mailbox: part.Mailbox})
	c.open = openPart{}
	if c.builder.Full() {
		return c.flushBlock()
	}
	return nil
}

// flush ends the open part and stores the open block.
func (c *Cache) flush() error {
	if err := c.closePart(); err != nil {
		return err
	}
	return c.flushBlock()
}

// flushBlock stores the open block. Where the state can't be written, a scratch file in the scan's own folder takes it:
// this scan must go on, and the next one reads again.
func (c *Cache) flushBlock() error {
	if c.builder == nil || c.builder.Parts() == 0 {
		return nil
	}
	b, err := c.builder.Store(c.blocks)
	if err != nil && c.blocks == c.store {
		c.Failed = err
		if c.blocks, err = state.Scratch(c.dir); err == nil {
			b, err = c.builder.Store(c.blocks)
		}
	}
	if err != nil {
		return err
	}
	c.current.blocks = append(c.current.blocks, storedBlock{b, c.blocks})
	c.builder = nil
	return nil
}
