package cache

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"github.com/mailaudit/mailaudit/analyzer/mailbox"
	"github.com/mailaudit/mailaudit/analyzer/state"
)

// Save names in the root of the state what this scan knows of the sources. It must not be called after one that was
// interrupted, which does not know what is gone.
func (c *Cache) Save() error {
	if c.Unchanged() {
		return nil
	}
	for _, src := range c.sources {
		if err := c.save(src); err != nil {
			return err
		}
	}
	return nil
}

// save writes the table of a source and drops the blocks nothing refers to.
func (c *Cache) save(src *source) error {
	units := src.units()
	moved, err := c.compact(src, units)
	if err != nil {
		return err
	}
	used := make([]int32, len(src.blocks))
	for _, u := range units {
		u.Parts = slices.Clone(u.Parts) // the list of this scan still counts by the old numbers
		for i := range u.Parts {
			p := &u.Parts[i]
			if to, ok := moved[partAt{p.Block, p.Index}]; ok {
				p.Block, p.Index = to.block, to.index
			}
			used[p.Block]++
		}
	}
	out := &state.Source{Key: c.key}
	for i := range used {
		if used[i] > 0 {
			out.Blocks = append(out.Blocks, src.blocks[i].Block)
			used[i] = int32(len(out.Blocks) - 1)
		}
	}
	for _, u := range units {
		for i := range u.Parts {
			u.Parts[i].Block = used[u.Parts[i].Block]
		}
	}
	raw, err := state.EncodeUnits(units)
	if err != nil {
		return err
	}
	if out.Table, err = c.store.Append(raw); err != nil {
		return err
	}
	sum := sha256.Sum256(raw)
	out.Digest = hex.EncodeToString(sum[:16])
	c.store.Root.Sources[src.path] = out
	return nil
}

// units are the rows of the table: the files that were read to their end, and those that are known.
func (src *source) units() (list []*state.Unit) {
	for _, f := range src.files {
		switch {
		case f.known != nil:
			list = append(list, f.known)
		case f.read.Whole:
			list = append(list, src.unit(f.read))
		}
	}
	return list
}

// unit is the row of a file that was read.
func (src *source) unit(u *mailbox.Unit) *state.Unit {
	x := src.of(u)
	row := &state.Unit{Unit: *u, Parts: x.parts}
	if u.Box == nil || u.Box.Checkpoint == nil {
		return row
	}
	if x.marked {
		row.Before = x.before
	}
	c := u.Box.Checkpoint
	c.Heads = slices.DeleteFunc(slices.Clone(x.heads), func(h mailbox.Head) bool { return h.Offset >= c.Offset })
	return row
}
