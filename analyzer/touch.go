package analyzer

import (
	"cmp"
	"maps"
	"slices"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/state"
)

// touch marks what has to be judged anew, but for copies.
func (g *growth) touch(c *changes) {
	groups := make([]bool, len(g.basis.Groups))
	for i, name := range g.basis.Groups {
		groups[i] = c.groups[name]
	}
	mark := func(was uint32) {
		if now, ok := g.moved(was); ok {
			g.judge[now] = true
		}
	}
	for i := range g.old.Entries {
		d := &g.basis.Deps[i]
		if groups[d.Group] || c.answered[d.MessageID] || c.sent[d.From] || c.sent[d.Reply] || d.Reply == state.Many && len(c.sent) > 0 {
			mark(g.old.Entries[i].Pos)
		}
	}
	asOf := g.j.asOf.Unix()
	for _, p := range g.old.Pending {
		if p.At <= asOf {
			mark(p.Pos)
		}
	}
	// Where the whole of an mbox shows something else of its starts than before, those of all its messages are in doubt, or
	// no longer.
	for _, src := range g.keeper.sources {
		for u := range src.continued {
			if old := src.known[u.Name]; startsOf(old) == startsOf(u) {
				continue
			}
			for _, p := range g.places {
				if p.src == src && slices.Contains(u.Parts, *p.chunk.part) {
					for i := range p.chunk.part.Facts {
						g.judge[uint32(p.first)+uint32(i)] = true
					}
				}
			}
		}
	}
}

// startsOf is what starts.settle goes by.
func startsOf(u *state.Unit) (s struct {
	unquoted bool
	first    int64
},
) {
	if u != nil && u.Box != nil {
		for _, m := range u.Box.Mailboxes {
			if m.Unquoted && !m.Lengths {
				s.unquoted, s.first = true, m.First
			}
		}
	}
	return s
}

// copies finds out which facts are of one message now.
func (g *growth) copies() error {
	s, j := g.keeper.scan, g.j
	total := int64(0)
	for _, p := range g.places {
		total += int64(p.chunk.part.Facts)
	}
	j.copies = copies{primary: make(map[uint32][]uint32), isCopy: make([]bool, total)}
	fresh := make(map[uint64][]uint32)
	for _, p := range g.fresh {
		for i := range p.chunk.part.Facts {
			pos := uint32(p.first) + uint32(i)
			f, err := s.fact(pos)
			if err != nil {
				return err
			}
			id := fact.ContentID(f.Content)
			fresh[id] = append(fresh[id], pos)
			g.judge[pos] = true
		}
	}
	for id, list := range fresh {
		if len(list) > 1 {
			g.drop[id] = true
		}
	}
	ids := make(map[uint32]uint64, len(g.basis.Copies)) // of the first copies
	for _, list := range g.basis.Copies {
		ids[list[0]] = 0
	}
	for i := range g.old.Entries {
		e := &g.old.Entries[i]
		if _, ok := ids[e.Pos]; ok {
			ids[e.Pos] = e.Content
		}
		if len(fresh[e.Content]) > 0 {
			g.drop[e.Content] = true
		}
	}
	for _, list := range g.basis.Copies {
		last := int64(-1)
		for _, pos := range list {
			now, ok := g.moved(pos)
			if !ok || int64(now) < last { // gone, or the files have changed places
				g.drop[ids[list[0]]] = true
			}
			last = int64(now)
		}
	}
	for i := range g.old.Entries {
		if e := &g.old.Entries[i]; g.drop[e.Content] {
			if now, ok := g.moved(e.Pos); ok {
				g.heirs[e.Content] = append(g.heirs[e.Content], now)
			}
		}
	}
	for _, list := range g.basis.Copies {
		g.inherit(list, ids[list[0]])
	}
	for id := range g.drop {
		same := append(g.heirs[id], fresh[id]...)
		slices.Sort(same)
		var list []content
		for _, pos := range same {
			list = append(list, content{id, pos})
			g.judge[pos] = true
		}
		if err := s.groupCopies(&j.copies, list); err != nil {
			return err
		}
	}
	for pos := range g.judge {
		if j.copies.isCopy[pos] {
			delete(g.judge, pos)
		}
	}
	return nil
}

// inherit takes over copies as they were, or gives them to be grouped anew.
func (g *growth) inherit(list []uint32, id uint64) {
	var now []uint32
	for _, pos := range list {
		if at, ok := g.moved(pos); ok {
			now = append(now, at)
		}
	}
	if g.drop[id] {
		if _, ok := g.moved(list[0]); ok {
			now = now[1:] // the first is there as an entry
		}
		g.heirs[id] = append(g.heirs[id], now...)
		return
	}
	c := &g.j.copies
	c.primary[now[0]] = now[1:]
	for _, pos := range now[1:] {
		c.isCopy[pos] = true
	}
}

// entries judges what has to be judged, and puts it among the entries that stay as they were.
func (g *growth) entries() error {
	s, j := g.keeper.scan, g.j
	type row struct {
		fact.Entry
		state.Dep
	}
	names := newAccounts() // those of the last run, then new ones
	for _, a := range g.old.Accounts {
		names.index(a)
	}
	rows := make([]row, 0, len(g.old.Entries)+len(g.judge))
	for i := range g.old.Entries {
		e, d := g.old.Entries[i], g.basis.Deps[i]
		now, ok := g.moved(e.Pos)
		if !ok || g.judge[now] || g.drop[e.Content] {
			continue
		}
		e.Pos, d.Group = now, j.groups.index(g.basis.Groups[d.Group])
		rows = append(rows, row{e, d})
	}
	brands := brandIndex(s.cfg.Brands)
	for _, pos := range slices.Sorted(maps.Keys(g.judge)) {
		if rest := j.copies.primary[pos]; len(rest) > 0 {
			if err := s.foldCopy(j, pos, rest); err != nil {
				return err
			}
		}
		f, err := s.fact(pos)
		if err != nil {
			return err
		}
		v := s.judgement(j, pos, f)
		rows = append(rows, row{entry(pos, v, names, brands), dependence(f, j.groups)})
		j.wait(pos, f)
		s.steps.Add(1)
	}
	slices.SortFunc(rows, func(a, b row) int { return cmp.Compare(a.Pos, b.Pos) })
	for _, p := range g.old.Pending {
		if now, ok := g.moved(p.Pos); ok && !g.judge[now] && !j.copies.isCopy[now] {
			j.pending = append(j.pending, state.Pending{Pos: now, At: p.At})
		}
	}
	slices.SortFunc(j.pending, func(a, b state.Pending) int { return cmp.Compare(a.Pos, b.Pos) })
	// Accounts are numbered in the order they are met, as they would be if all were judged.
	j.names = newAccounts()
	j.entries, j.deps = make([]fact.Entry, len(rows)), make([]state.Dep, len(rows))
	for i := range rows {
		j.entries[i], j.deps[i] = rows[i].Entry, rows[i].Dep
		j.entries[i].Account = j.names.index(names.list[rows[i].Account])
	}
	return nil
}

// dependence is what besides its fact and what holds for its group the judgement of an entry depends on.
func dependence(f *fact.Fact, groups *groups) state.Dep {
	d := state.Dep{Group: groups.index(f.Group)}
	if len(f.From) > 0 {
		d.From = state.Hash32(fact.HashAddress(f.From[0].Address))
	}
	to := f.ReplyTo
	if len(to) == 0 {
		to = f.From
	}
	switch len(to) {
	case 0:
	case 1:
		d.Reply = state.Hash32(fact.HashAddress(to[0].Address))
	default:
		d.Reply = state.Many
	}
	if f.MessageID != "" {
		d.MessageID = state.Hash32(fact.HashMessageID(f.MessageID))
	}
	return d
}
