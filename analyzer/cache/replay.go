package cache

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/state"
)

// Replay writes the spool that extracting all mail would have made. step is called now and then.
func (c *Cache) Replay(spool *fact.Spool, step func()) error {
	for _, src := range c.sources {
		if src == nil {
			continue // the scan was interrupted before it
		}
		last, items := int32(-1), [][]state.Item(nil)
		for i := range src.list {
			l := &src.list[i]
			for _, p := range l.loose {
				if err := spool.AppendProblem(p); err != nil {
					return err
				}
			}
			if l.part == nil || l.part.Facts == 0 && l.part.Problems == 0 {
				continue
			}
			if l.part.Block != last {
				b := src.blocks[l.part.Block]
				var err error
				if items, err = b.in.ReadItems(b.Block); err != nil {
					return err
				}
				last = l.part.Block
			}
			for _, it := range items[l.part.Index] {
				if err := l.replay(spool, it); err != nil {
					return err
				}
			}
			step()
		}
	}
	return nil
}

// replay appends one item to the spool.
func (l *listed) replay(spool *fact.Spool, it state.Item) error {
	if it.Problem {
		var p finding.Problem
		if err := json.Unmarshal(it.Raw, &p); err != nil {
			return fmt.Errorf("%w: %w", state.ErrDamaged, err)
		}
		p.Location.Source = int(l.source)
		return spool.AppendProblem(p)
	}
	raw := it.Raw
	if l.source != l.part.Source || l.mailbox != l.part.Mailbox {
		f, err := l.fact(it)
		if err != nil {
			return err
		}
		if raw, err = fact.Encode(f); err != nil {
			return err
		}
	}
	_, err := spool.AppendFact(raw)
	return err
}

// AddTally adds to the tally of what was read now that of what was not.
func (c *Cache) AddTally(t *fact.Tally) error {
	for _, src := range c.sources {
		if src == nil {
			continue // the scan was interrupted before it
		}
		if err := src.addTally(t); err != nil {
			return err
		}
	}
	return nil
}

// addTally adds the tallies of what of a source was not read again. Of a block that is used in full the sum is stored.
func (src *source) addTally(to *fact.Tally) error {
	for i, parts := range src.live() {
		b := src.blocks[i]
		switch {
		case !slices.Contains(parts, true):
		case !slices.Contains(parts, false):
			t, err := b.in.ReadTally(b.Block)
			if err != nil {
				return err
			}
			to.Merge(t)
		default:
			err := b.in.ReadTallies(b.Block, func(part int32, t *fact.Tally) error {
				if parts[part] {
					to.Merge(t)
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

// live tells of each part in each block of the earlier scans whether it still stands for mail.
func (src *source) live() [][]bool {
	out := make([][]bool, src.old)
	for i := range out {
		out[i] = make([]bool, src.blocks[i].Parts)
	}
	for i := range src.list {
		if p := src.list[i].part; p != nil && int(p.Block) < src.old {
			out[p.Block][p.Index] = true
		}
	}
	return out
}

// place is where the facts of a part would stand on the spool.
type place struct {
	src    *source
	listed *listed
	first  int64 // position of the part's first fact
}

// places are those of all parts with facts, in order.
func (c *Cache) places() (list []place) {
	n := int64(0)
	for _, src := range c.sources {
		for i := range src.list {
			if l := &src.list[i]; l.part != nil && l.part.Facts > 0 {
				list = append(list, place{src, l, n})
				n += int64(l.part.Facts)
			}
		}
	}
	return list
}

// blocksHeld is how many blocks a lookup holds unpacked: some megabytes each.
const blocksHeld = 16

// Lookup fetches facts by the position that they would have on the spool.
func (c *Cache) Lookup() fact.Lookup {
	type held struct {
		block storedBlock
		items [][]state.Item
	}
	places := c.places()
	var last []held
	return func(pos uint32) (*fact.Fact, error) {
		i, found := slices.BinarySearchFunc(places, int64(pos), func(p place, at int64) int { return int(min(max(p.first-at, -1), 1)) })
		if !found {
			i--
		}
		if i < 0 || int64(pos) >= places[i].first+int64(places[i].listed.part.Facts) {
			return nil, fmt.Errorf("%w: no fact %d", state.ErrDamaged, pos)
		}
		p := places[i]
		b := p.src.blocks[p.listed.part.Block]
		at := slices.IndexFunc(last, func(h held) bool { return h.block == b })
		if at < 0 {
			items, err := b.in.ReadItems(b.Block)
			if err != nil {
				return nil, err
			}
			if len(last) == blocksHeld {
				last = last[1:]
			}
			last = append(last, held{b, items})
			at = len(last) - 1
		}
		skip := int64(pos) - p.first
		for _, it := range last[at].items[p.listed.part.Index] {
			if it.Problem {
				continue
			}
			if skip == 0 {
				return p.listed.fact(it)
			}
			skip--
		}
		return nil, fmt.Errorf("%w: a part lacks facts", state.ErrDamaged)
	}
}
