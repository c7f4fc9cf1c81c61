package analyzer

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/mailaudit/mailaudit/analyzer/attention"
	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/state"
)

// judging is a digest of what the stages Judge and Conclude depend on besides the facts and the day, and of the tables that
// positions count by.
func (k *keeper) judging() string {
	c := &k.scan.cfg
	h := sha256.New()
	fmt.Fprintf(h, "%s\nversion %s build %s rules %s\nlive %v trust %q\nowner %q\nlabels %v\n", k.key, c.Version, c.Build, k.scan.rules(), c.Live, c.Trust, c.Owner, c.Labels)
	fmt.Fprintln(h, state.ConclusionForm())
	for _, src := range k.sources {
		if old := k.store.Root.Sources[src.path]; old != nil {
			fmt.Fprintf(h, "source %d %q %s\n", src.index, src.path, old.Digest)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// loose is a digest of the problems that belong to no file.
func (k *keeper) loose() string {
	h := sha256.New()
	for _, src := range k.sources {
		for i := range src.chunks {
			for _, p := range src.chunks[i].loose {
				fmt.Fprintf(h, "%d %+v\n", i, p)
			}
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// last is what the last run over these sources concluded, nil where nothing can be gone on from: there was none, it was
// made by other rules, or for a later day.
func (k *keeper) last() (*state.Audit, *state.Conclusion) {
	audit := k.store.Root.Audits[k.scope()]
	if audit == nil || audit.Conclusion == nil || audit.Key != k.judging() {
		return nil, nil
	}
	raw, err := k.store.Section(*audit.Conclusion)
	if err != nil {
		return nil, nil
	}
	c, err := state.DecodeConclusion(raw)
	if err != nil || k.scan.cfg.AsOf.Before(c.AsOf) {
		return nil, nil
	}
	return audit, c
}

// again concludes from what the last run judged where no mail changed since. ok is false where something has to be judged.
func (k *keeper) again() (j *judged, ok bool) {
	s := k.scan
	if !k.same() {
		return nil, false
	}
	audit, c := k.last()
	if audit == nil || audit.Loose != k.loose() {
		return nil, false
	}
	asOf := s.cfg.AsOf.UTC()
	for _, p := range c.Pending {
		if p.At <= asOf.Unix() {
			return nil, false
		}
	}
	s.tally = &c.Tally
	s.profile = &fact.Profile{Owner: c.Owner, Offset: c.Offset, OffsetKnown: c.Known}
	j = &judged{asOf: asOf, entries: c.Entries, counts: counts(c.Entries)}
	s.stored = k.lookup(k.places())
	j.names = &accounts{list: c.Accounts}
	var err error
	if j.out, err = attention.Conclude(s.conclusion(j, j.names)); err != nil {
		return nil, false
	}
	return j, true
}

// counts counts the verdicts.
func counts(entries []fact.Entry) map[string]int64 {
	verdicts := finding.Verdicts()
	n := make([]int64, len(verdicts))
	for i := range entries {
		n[entries[i].Verdict]++
	}
	out := make(map[string]int64)
	for i, v := range verdicts {
		if n[i] > 0 {
			out[string(v)] = n[i]
		}
	}
	return out
}

// remember stores what again needs.
func (k *keeper) remember(j *judged, to *state.Audit) error {
	s := k.scan
	t := s.tally
	raw, err := state.EncodeConclusion(&state.Conclusion{
		AsOf: j.asOf, Accounts: j.names.list, Owner: s.profile.Owner, Offset: s.profile.Offset, Known: s.profile.OffsetKnown,
		Tally:   fact.Tally{Messages: t.Messages, Months: t.Months, DatedMonths: t.DatedMonths, Arrivals: t.Arrivals, Received: t.Received, Dated: t.Dated},
		Entries: j.entries, Pending: j.pending,
	})
	if err != nil {
		return err
	}
	conclusion, err := k.store.Append(raw)
	if err != nil {
		return err
	}
	to.Conclusion = &conclusion
	return nil
}

// scope names the set of sources.
func (k *keeper) scope() string {
	h := sha256.New()
	for _, src := range k.sources {
		if src != nil {
			fmt.Fprintf(h, "%q\n", src.path)
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// place is where the facts of a chunk stand on the spool, or would stand on one that was not made.
type place struct {
	src   *keptSource
	chunk *chunk
	first int64 // position of the chunk's first fact
}

// places are those of all chunks with facts, in order.
func (k *keeper) places() (list []place) {
	n := int64(0)
	for _, src := range k.sources {
		for i := range src.chunks {
			if c := &src.chunks[i]; c.part != nil && c.part.Facts > 0 {
				list = append(list, place{src, c, n})
				n += int64(c.part.Facts)
			}
		}
	}
	return list
}

// blocksHeld is how many blocks a lookup holds unpacked: some megabytes each.
const blocksHeld = 16

// lookup fetches facts from the blocks of the state.
func (k *keeper) lookup(places []place) fact.Lookup {
	type held struct {
		block storedBlock
		items [][]state.Item
	}
	var cache []held
	return func(pos uint32) (*fact.Fact, error) {
		i, found := slices.BinarySearchFunc(places, int64(pos), func(p place, at int64) int { return int(min(max(p.first-at, -1), 1)) })
		if !found {
			i--
		}
		if i < 0 || int64(pos) >= places[i].first+int64(places[i].chunk.part.Facts) {
			return nil, fmt.Errorf("%w: no fact %d", state.ErrDamaged, pos)
		}
		p := places[i]
		b := p.src.blocks[p.chunk.part.Block]
		at := slices.IndexFunc(cache, func(h held) bool { return h.block == b })
		if at < 0 {
			items, err := b.in.ReadItems(b.Block)
			if err != nil {
				return nil, err
			}
			if len(cache) == blocksHeld {
				cache = cache[1:]
			}
			cache = append(cache, held{b, items})
			at = len(cache) - 1
		}
		skip := int64(pos) - p.first
		for _, it := range cache[at].items[p.chunk.part.Index] {
			if it.Problem {
				continue
			}
			if skip == 0 {
				return p.chunk.fact(it)
			}
			skip--
		}
		return nil, fmt.Errorf("%w: a part lacks facts", state.ErrDamaged)
	}
}
