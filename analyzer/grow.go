package analyzer

import (
	"maps"
	"slices"

	"github.com/mailaudit/mailaudit/analyzer/attention"
	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/learn"
	"github.com/mailaudit/mailaudit/analyzer/state"
)

// growth judges what mail came or went since the last run, and of the rest what that can have changed: a fact is judged
// anew where it is new, where a copy of it came or went, where the owner wrote to its sender or answered it since, where a
// clock of it has come to be believed, where more was seen of the mailbox it lies in, or where something else was
// learned that bears on its group. All other entries are those of the last run, moved to the positions they have now.
type growth struct {
	keeper *keeper
	old    *state.Conclusion
	basis  *state.Basis
	places []place
	moves  []move
	fresh  []place // places of facts that are new
	j      *judged

	judge map[uint32]bool     // positions to be judged
	drop  map[uint64]bool     // content ids of which copies came or went
	heirs map[uint64][]uint32 // positions of facts with these ids
}

// move is a row of facts that follow one another, with their positions in the last run and now; now is -1 where they are
// gone.
type move struct {
	was, now, n int64
	part        *state.Part
	src         *keptSource
}

// mostJudged is the share of all facts beyond which judging them one by one is slower than judging all.
const mostJudged = 1.0 / 4

// fewFacts is up to how many facts that does not matter.
const fewFacts = 4096

// grow judges what is new and what that changed. It is nil where all facts have to be judged: where nothing is known of
// the last run, where something was learned that bears on all mail, or where that is less work.
func (k *keeper) grow() (*judged, error) {
	g := &growth{keeper: k, judge: make(map[uint32]bool), drop: make(map[uint64]bool), heirs: make(map[uint64][]uint32)}
	if !g.load() || !g.place() {
		return nil, nil
	}
	s := k.scan
	changed, err := g.learn()
	if err != nil || changed == nil {
		return nil, err
	}
	s.stored = k.lookup(g.places)
	j, err := g.run(changed)
	if err != nil || j == nil {
		s.stored = nil
		return nil, err
	}
	return j, nil
}

// load reads what the last run concluded.
func (g *growth) load() bool {
	audit, c := g.keeper.last()
	if audit == nil || audit.Basis == nil {
		return false
	}
	raw, err := g.keeper.store.Section(*audit.Basis)
	if err != nil {
		return false
	}
	b, err := state.DecodeBasis(raw)
	if err != nil || len(b.Deps) != len(c.Entries) {
		return false
	}
	g.old, g.basis = c, b
	return true
}

// place finds out where the facts of the last run are now.
func (g *growth) place() bool {
	type part struct {
		src          *keptSource
		block, index int32
	}
	g.places = g.keeper.places()
	now := make(map[part]int64)
	total := int64(0)
	for _, p := range g.places {
		total += int64(p.chunk.part.Facts)
		if int(p.chunk.part.Block) < p.src.old {
			now[part{p.src, p.chunk.part.Block, p.chunk.part.Index}] = p.first
		} else {
			g.fresh = append(g.fresh, p)
		}
	}
	was, kept := int64(0), int64(0)
	for _, src := range g.keeper.sources {
		live := src.live()
		for _, u := range src.table {
			for i := range u.Parts {
				p := &u.Parts[i]
				m := move{was: was, now: -1, n: int64(p.Facts), part: p, src: src}
				if live[p.Block][p.Index] {
					m.now = now[part{src, p.Block, p.Index}]
					kept += m.n
				}
				if m.n > 0 || m.now < 0 {
					g.moves = append(g.moves, m)
				}
				was += m.n
			}
		}
	}
	copies := 0
	for _, list := range g.basis.Copies {
		copies += len(list) - 1
	}
	return was == int64(len(g.old.Entries)+copies) && (total <= fewFacts || float64(total-kept) <= mostJudged*float64(total))
}

// moved is the position that a fact of the last run has now; ok is false where it is gone.
func (g *growth) moved(pos uint32) (now uint32, ok bool) {
	i, found := slices.BinarySearchFunc(g.moves, int64(pos), func(m move, at int64) int {
		switch {
		case m.was+m.n <= at:
			return -1
		case m.was > at:
			return 1
		}
		return 0
	})
	if !found || g.moves[i].now < 0 {
		return 0, false
	}
	return uint32(g.moves[i].now + int64(pos) - g.moves[i].was), true
}

// changes are what was learned since the last run.
type changes struct {
	sent     map[uint32]bool // Hash32 of addresses that the owner began to write to, or no longer does
	answered map[uint32]bool // Hash32 of Message-IDs
	groups   map[string]bool // groups for which something else holds now
}

// learn makes the tally and the profile of all mail from those of the last run. It returns nil where something was
// learned that bears on the mail of every group.
func (g *growth) learn() (*changes, error) {
	k := g.keeper
	t := &g.basis.Tally
	t.Months, t.DatedMonths, t.Arrivals = g.old.Tally.Months, g.old.Tally.DatedMonths, g.old.Tally.Arrivals
	g.old.Tally.Months, g.old.Tally.DatedMonths, g.old.Tally.Arrivals = nil, nil, nil
	sum := fact.NewTally() // gob leaves out empty maps
	sum.Merge(t)
	gone, err := g.gone()
	if err != nil {
		return nil, err
	}
	sent, answered := make(map[fact.SentKey]bool), make(map[uint64]bool)
	for _, part := range append(gone, k.tally) {
		for key := range part.Sent {
			sent[key] = sum.Sent[key] > 0
		}
		for id := range part.Answers {
			answered[id] = sum.Answers[id] > 0
		}
	}
	for _, part := range gone {
		sum.Subtract(part)
	}
	sum.Merge(k.tally)
	sum.Received, sum.Dated = fact.Span{}, fact.Span{}
	for _, src := range k.sources {
		for i := range src.chunks {
			if p := src.chunks[i].part; p != nil {
				sum.Received.Merge(p.Received)
				sum.Dated.Merge(p.Dated)
			}
		}
	}
	c := &changes{sent: make(map[uint32]bool), answered: make(map[uint32]bool), groups: make(map[string]bool)}
	for key, before := range sent {
		if before != (sum.Sent[key] > 0) {
			c.sent[state.Hash32(key.To)] = true
		}
	}
	for id, before := range answered {
		if before != (sum.Answers[id] > 0) {
			c.answered[state.Hash32(id)] = true
		}
	}
	s := k.scan
	s.tally = sum
	s.profile = s.trust()
	bearing := learn.Bearing(s.profile)
	for _, group := range slices.Concat(slices.Collect(maps.Keys(bearing)), slices.Collect(maps.Keys(g.basis.Bearing))) {
		if bearing[group] != g.basis.Bearing[group] {
			c.groups[group] = true
		}
	}
	if c.groups[""] {
		return nil, nil
	}
	g.j = &judged{asOf: s.asOf(), groups: newGroups(), bearing: bearing, judgedNow: true, folded: make(map[uint32]*finding.Read)}
	return c, nil
}

// gone are the tallies of the parts that are gone.
func (g *growth) gone() (list []*fact.Tally, err error) {
	type key struct {
		src   *keptSource
		block int32
	}
	parts := make(map[key]map[int32]bool)
	for _, m := range g.moves {
		if m.now >= 0 {
			continue
		}
		at := key{m.src, m.part.Block}
		if parts[at] == nil {
			parts[at] = make(map[int32]bool)
		}
		parts[at][m.part.Index] = true
	}
	for at, gone := range parts {
		b := at.src.blocks[at.block]
		err := b.in.ReadTallies(b.Block, func(part int32, t *fact.Tally) error {
			if gone[part] {
				list = append(list, t)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}

// run judges and concludes.
func (g *growth) run(c *changes) (*judged, error) {
	s, j := g.keeper.scan, g.j
	g.touch(c)
	if err := g.copies(); err != nil {
		return nil, err
	}
	total := len(j.copies.isCopy)
	if total > fewFacts && float64(len(g.judge)) > mostJudged*float64(total) {
		return nil, nil
	}
	if err := g.entries(); err != nil {
		return nil, err
	}
	j.counts = counts(j.entries)
	s.result.Judged = int64(len(g.judge))
	var err error
	j.out, err = attention.Conclude(s.conclusion(j, j.names))
	return j, err
}
