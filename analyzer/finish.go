package analyzer

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/attention"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/state"
)

// finish puts what this run knows into the root of the state, to be committed. Nothing is kept of a run that was
// interrupted: it does not know what is gone.
func (k *keeper) finish(j *judged) error {
	s := k.scan
	if k.failed != nil || !k.store.Writable() || !s.result.Complete {
		return k.failed
	}
	if !k.same() {
		for _, src := range k.sources {
			if err := k.finishSource(src); err != nil {
				return err
			}
		}
	}
	key, loose := k.judging(), k.loose()
	audit := k.store.Root.Audits[k.scope()]
	if audit == nil {
		audit = &state.Audit{}
		for _, src := range k.sources {
			audit.Paths = append(audit.Paths, src.path)
		}
		k.store.Root.Audits[k.scope()] = audit
	}
	if j.judgedNow {
		if err := k.remember(j, audit); err != nil {
			return err
		}
		audit.Key, audit.Loose = key, loose
	}
	if audit.At.Before(s.cfg.Now().Add(-keptFresh)) {
		s.result.Changed = true // the date has to be kept
	}
	audit.At, audit.Lost, audit.Findings = s.cfg.Now().UTC(), s.counters.lost, nil
	for _, a := range j.out.Attention {
		if a.Kind != attention.AllClear {
			audit.Findings = append(audit.Findings, state.Listed{ID: a.ID, Severity: string(a.Severity), Kind: a.Kind})
		}
	}
	k.store.Root.Forget(s.cfg.Now().Add(-keptUnused))
	return nil
}

const (
	// keptUnused is how long what was read of sources is kept that no run names any more: a mailbox was moved, or another
	// set of paths is given every night.
	keptUnused = 180 * 24 * time.Hour
	// keptFresh is how old the date of a set of sources may become that does not change otherwise.
	keptFresh = 30 * 24 * time.Hour
)

// finishSource writes the table of a source and drops the blocks nothing refers to.
func (k *keeper) finishSource(src *keptSource) error {
	var units []*state.Unit
	for _, u := range src.units {
		if !u.Whole {
			continue
		}
		if u.Box != nil && u.Box.Checkpoint != nil {
			if n, read := src.marks[u]; read {
				c := u.Box.Checkpoint
				c.Parts = n
				c.Heads = k.headsOf(src, u)
			}
		}
		units = append(units, u)
	}
	moved, err := k.repack(src, units)
	if err != nil {
		return err
	}
	used := make([]int32, len(src.blocks))
	for _, u := range units {
		u.Parts = slices.Clone(u.Parts) // the chunks of this run still count by the old numbers
		for i := range u.Parts {
			p := &u.Parts[i]
			if to, ok := moved[partAt{p.Block, p.Index}]; ok {
				p.Block, p.Index = to.block, to.index
			}
			used[p.Block]++
		}
	}
	out := &state.Source{Key: k.key}
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
	if out.Table, err = k.store.Append(raw); err != nil {
		return err
	}
	sum := sha256.Sum256(raw)
	out.Digest = hex.EncodeToString(sum[:16])
	k.store.Root.Sources[src.path] = out
	return nil
}

// headsOf are the beginnings of the messages with facts before the checkpoint of a unit.
func (k *keeper) headsOf(src *keptSource, u *state.Unit) []state.Head {
	var heads []state.Head
	if old := src.known[u.Name]; old != nil && old != u && old.Box != nil && old.Box.Checkpoint != nil && src.continued[u] {
		heads = append(heads, old.Box.Checkpoint.Heads...)
	}
	for _, h := range src.heads[u] {
		if h.Offset < u.Box.Checkpoint.Offset {
			heads = append(heads, h)
		}
	}
	return heads
}

// findings are the attention items as the memory of what was told sees them.
func (s *scan) findings(j *judged, scope string) []state.Finding {
	level, at := make(map[string]int), make(map[string]time.Time)
	for i := range j.entries {
		e := &j.entries[i]
		level[e.ID()], at[e.ID()] = int(e.Severity), e.When()
	}
	var out []state.Finding
	for i := range j.out.Attention {
		a := &j.out.Attention[i]
		if a.Kind == attention.AllClear || a.Kind == attention.Incomplete {
			continue
		}
		f := state.Finding{ID: a.ID, Told: state.Told{Level: a.Severity.Level(), Account: a.Account, Parts: make(map[string]int)}}
		for _, id := range a.Messages {
			f.Parts[id] = level[id]
			f.Newest = later(f.Newest, at[id])
			if old := j.former[id]; old != "" {
				if f.Former == nil {
					f.Former = make(map[string]string)
				}
				f.Former[id] = old
			}
			if a.Kind == attention.RepliedToFake || a.Kind == attention.OpenedFake {
				f.Parts[id] = f.Level // what a fake claims says nothing; that another one was answered does
			}
		}
		for _, name := range []string{"missing", "unread"} {
			periods, _ := a.Why.Args[name].([]string)
			for _, p := range periods {
				f.Parts[a.Series+" "+p+" "+name] = f.Level
				f.Newest = later(f.Newest, periodEnd(p))
			}
			f.Calendar = f.Calendar || name == "missing" && len(periods) > 0
		}
		// These grow with every notice, and one word about them is enough.
		f.Once = a.Kind == attention.Question || a.Kind == attention.Unverifiable
		if len(f.Parts) == 0 {
			// Nothing but a number, which is that of these sources.
			f.ID += "@" + scope
			f.N = number(a.Why)
		}
		out = append(out, f)
	}
	return out
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// periodEnd is the end of a period such as "2026-03" or "2026"; zero for another.
func periodEnd(period string) time.Time {
	if t, err := time.Parse("2006-01", period); err == nil {
		return t.AddDate(0, 1, 0)
	}
	if t, err := time.Parse("2006", period); err == nil {
		return t.AddDate(1, 0, 0)
	}
	return time.Time{}
}

// number is how many things an item tells of.
func number(t finding.Text) int {
	switch n := t.Args["n"].(type) {
	case int:
		return n
	case int64:
		return int(n)
	}
	return 0
}
