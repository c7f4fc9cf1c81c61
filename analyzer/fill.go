package analyzer

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/state"
)

// fill makes the spool that reading all mail would have made.
func (k *keeper) fill(ctx context.Context) error {
	s := k.scan
	for _, src := range k.sources {
		if src == nil {
			continue // the run was interrupted before it
		}
		last, items := int32(-1), [][]state.Item(nil)
		for i := range src.chunks {
			c := &src.chunks[i]
			for _, p := range c.loose {
				if err := s.spool.AppendProblem(p); err != nil {
					return err
				}
			}
			if c.part == nil || c.part.Facts == 0 && c.part.Problems == 0 {
				continue
			}
			if c.part.Block != last {
				b := src.blocks[c.part.Block]
				var err error
				if items, err = b.in.ReadItems(b.Block); err != nil {
					return err
				}
				last = c.part.Block
			}
			for _, it := range items[c.part.Index] {
				if err := k.spool(c, it); err != nil {
					return err
				}
			}
			s.steps.Add(1)
		}
	}
	return ctx.Err()
}

// spool appends one item.
func (k *keeper) spool(c *chunk, it state.Item) error {
	if it.Problem {
		var p finding.Problem
		if err := json.Unmarshal(it.Raw, &p); err != nil {
			return fmt.Errorf("%w: %w", state.ErrDamaged, err)
		}
		p.Location.Source = int(c.source)
		return k.scan.spool.AppendProblem(p)
	}
	raw := it.Raw
	if c.source != c.part.Source || c.mailbox != c.part.Mailbox {
		f, err := c.fact(it)
		if err != nil {
			return err
		}
		if raw, err = fact.Encode(f); err != nil {
			return err
		}
	}
	_, err := k.scan.spool.AppendFact(raw)
	return err
}

// fact decodes an item with the numbers that source and mailbox have now.
func (c *chunk) fact(it state.Item) (*fact.Fact, error) {
	f, err := fact.Decode(it.Raw)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", state.ErrDamaged, err)
	}
	f.Key.Source, f.Location.Source = int(c.source), int(c.source)
	f.Key.Mailbox += int(c.mailbox - c.part.Mailbox)
	return f, nil
}

// addTallies makes the tally that reading all mail would have made.
func (k *keeper) addTallies() error {
	k.scan.tally = k.tally
	for _, src := range k.sources {
		if src == nil {
			continue // the run was interrupted before it
		}
		if err := k.addTally(src); err != nil {
			return err
		}
	}
	return nil
}

// live tells of each part in each block of the earlier runs whether it still stands for mail.
func (src *keptSource) live() [][]bool {
	out := make([][]bool, src.old)
	for i := range out {
		out[i] = make([]bool, src.blocks[i].Parts)
	}
	for i := range src.chunks {
		if p := src.chunks[i].part; p != nil && int(p.Block) < src.old {
			out[p.Block][p.Index] = true
		}
	}
	return out
}

// addTally adds the tallies of what of a source was not read again. Of a block that is used in full the sum is stored.
func (k *keeper) addTally(src *keptSource) error {
	for i, parts := range src.live() {
		b := src.blocks[i]
		switch {
		case !slices.Contains(parts, true):
		case !slices.Contains(parts, false):
			t, err := b.in.ReadTally(b.Block)
			if err != nil {
				return err
			}
			k.scan.tally.Merge(t)
		default:
			err := b.in.ReadTallies(b.Block, func(part int32, t *fact.Tally) error {
				if parts[part] {
					k.scan.tally.Merge(t)
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}
