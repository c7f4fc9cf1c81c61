package analyzer

import (
	"bytes"
	"slices"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/learn"
)

// copies tells which facts are of the same message. The primary copy is the first in source order.
type copies struct {
	primary map[uint32][]uint32 // further copies by the position of the primary one
	isCopy  []bool              // by position
}

// learn runs the stage Learn: trust, owner and contacts from the tally, and which facts are of the same message.
func (s *scan) learn() (copies, error) {
	s.profile = s.trust()
	return s.findCopies()
}

// trust is what the tally teaches.
func (s *scan) trust() *fact.Profile {
	return learn.Trust(s.tally, learn.Options{TrustIDs: s.cfg.Trust, Owner: s.cfg.Owner, Labels: s.cfg.Labels})
}

// content is a fact.ContentID with where it was seen.
type content struct {
	id  uint64
	pos uint32
}

// findCopies groups facts by their content. Equal ids are compared by the whole digest: 64 bits can be made to collide.
func (s *scan) findCopies() (copies, error) {
	seen := make([]content, s.spool.Len())
	for i := range seen {
		seen[i] = content{s.spool.ContentID(uint32(i)), uint32(i)}
	}
	c := copies{primary: make(map[uint32][]uint32), isCopy: make([]bool, s.spool.Len())}
	slices.SortFunc(seen, func(a, b content) int {
		if a.id != b.id {
			if a.id < b.id {
				return -1
			}
			return 1
		}
		return int(a.pos) - int(b.pos)
	})
	for i := 0; i < len(seen); {
		j := i + 1
		for j < len(seen) && seen[j].id == seen[i].id {
			j++
		}
		if j-i > 1 {
			if err := s.groupCopies(&c, seen[i:j]); err != nil {
				return c, err
			}
		}
		i = j
	}
	return c, nil
}

// groupCopies divides facts with equal ids, in source order, by their whole digests.
func (s *scan) groupCopies(c *copies, same []content) error {
	type first struct {
		digest evidence.Digest
		pos    uint32
	}
	var firsts []first
next:
	for _, k := range same {
		f, err := s.fact(k.pos)
		if err != nil {
			return err
		}
		for _, p := range firsts {
			if bytes.Equal(p.digest[:], f.Content[:]) {
				c.primary[p.pos] = append(c.primary[p.pos], k.pos)
				c.isCopy[k.pos] = true
				continue next
			}
		}
		firsts = append(firsts, first{f.Content, k.pos})
	}
	return nil
}
