package cache

import (
	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/state"
)

const (
	// smallBlock is up to how many stored bytes a block counts as a small one: a night of some mail makes one of these.
	smallBlock = 64 << 10
	// manySmall is how many small blocks a source may have before they are put together: a month of nights.
	manySmall = 32
	// mostCompacted bounds what one night puts together, in stored bytes: a tenth of a second's work.
	mostCompacted = 4 << 20
)

// partAt names a part: its block among those of the source, and its place in there.
type partAt struct{ block, index int32 }

// compact writes the parts that still stand for mail into new blocks, out of blocks most of which is gone (messages were
// deleted, or read again when a flag changed) and out of many small ones. It returns where these parts are now. A block
// that can't be read stays as it is: whoever needs it will say so.
func (c *Cache) compact(src *source, units []*state.Unit) (map[partAt]partAt, error) {
	live := make([]map[int32]bool, len(src.blocks))
	for _, u := range units {
		for _, p := range u.Parts {
			if live[p.Block] == nil {
				live[p.Block] = make(map[int32]bool)
			}
			live[p.Block][p.Index] = true
		}
	}
	small := 0
	for i, parts := range live {
		if len(parts) > 0 && src.blocks[i].Items.Len < smallBlock {
			small++
		}
	}
	moved := make(map[partAt]partAt)
	builder := state.NewBuilder()
	to := int32(len(src.blocks))
	store := func() error {
		if builder.Parts() == 0 {
			return nil
		}
		b, err := builder.Store(c.store)
		if err != nil {
			return err
		}
		src.blocks = append(src.blocks, storedBlock{b, c.store})
		builder, to = state.NewBuilder(), to+1
		return nil
	}
	spent := int64(0)
	for i, parts := range live {
		b := src.blocks[i]
		sparse := 2*len(parts) < int(b.Parts)
		if len(parts) == 0 || !sparse && (small <= manySmall || b.Items.Len >= smallBlock) || spent > mostCompacted {
			continue
		}
		spent += b.Items.Len
		items, err := b.in.ReadItems(b.Block)
		if err != nil {
			continue
		}
		tallies := make(map[int32]*fact.Tally, len(parts))
		err = b.in.ReadTallies(b.Block, func(part int32, t *fact.Tally) error {
			if parts[part] {
				tallies[part] = t
			}
			return nil
		})
		if err != nil {
			continue
		}
		for index := range b.Parts {
			if !parts[index] {
				continue
			}
			at, err := builder.Add(tallies[index], items[index])
			if err != nil {
				return nil, err
			}
			moved[partAt{int32(i), index}] = partAt{to, at}
			if builder.Full() {
				if err := store(); err != nil {
					return nil, err
				}
			}
		}
	}
	return moved, store()
}
