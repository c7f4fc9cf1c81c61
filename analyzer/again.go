package analyzer

import (
	"bytes"
	"crypto/sha256"
	"encoding/gob"
	"encoding/hex"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/attention"
	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/state"
)

// remembered is all that the stage Conclude needs of a scan: with it a run over mail that did not change asks only what
// the calendar changed.
type remembered struct {
	AsOf time.Time // when it was judged
	// Until is when judging anew may give something else: a clock that lies in the future now will be believed then. Zero
	// for never.
	Until    time.Time
	Entries  []fact.Entry
	Accounts []fact.Account
	Tally    fact.Tally // what of it Conclude looks at
	Owner    map[string]bool
	Offset   int
	Known    bool // Offset is known
	Counts   map[string]int64
}

// clockSlack is the most by which fact.Clock lets a clock be ahead of the scan, and some hours.
const clockSlack = 24 * time.Hour

// pending is the first time at which one of a fact's clocks that lies in the future of a scan comes to be believed.
func pending(f *fact.Fact, asOf time.Time) (first time.Time) {
	look := func(t time.Time) {
		if t = t.Add(-clockSlack); t.After(asOf.Add(-clockSlack)) && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	for i := range f.Trace {
		look(f.Trace[i].Time)
	}
	if f.Date != nil {
		look(f.Date.Time)
	}
	if f.Envelope != nil {
		look(f.Envelope.Time)
	}
	return first
}

// judging is a digest of what the stages Learn, Judge and Conclude depend on besides the facts and the day.
func (k *keeper) judging() string {
	c := &k.scan.cfg
	h := sha256.New()
	fmt.Fprintf(h, "%s\nversion %s build %s rules %s\nlive %v trust %q\nowner %q\nlabels %v\n", k.key, c.Version, c.Build, k.scan.rules(), c.Live, c.Trust, c.Owner, c.Labels)
	fmt.Fprintln(h, state.Form(reflect.TypeFor[remembered]()))
	for _, src := range k.sources {
		old := k.store.Root.Sources[src.path]
		fmt.Fprintf(h, "source %d %q %s\n", src.index, src.path, old.Digest)
		for i := range src.chunks {
			for _, p := range src.chunks[i].loose {
				fmt.Fprintf(h, "%d %+v\n", i, p)
			}
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// again concludes from what the last run remembered where no mail changed since. ok is false where the stages from Learn on
// have to run.
func (k *keeper) again() (j *judged, ok bool) {
	s := k.scan
	if !k.same() {
		return nil, false
	}
	audit := k.store.Root.Audits[k.scope()]
	if audit == nil || audit.Conclusion == nil || audit.Key != k.judging() {
		return nil, false
	}
	raw, err := k.store.Section(*audit.Conclusion)
	if err != nil {
		return nil, false
	}
	var r remembered
	if err := gob.NewDecoder(bytes.NewReader(raw)).Decode(&r); err != nil {
		return nil, false
	}
	asOf := s.cfg.AsOf.UTC()
	if asOf.Before(r.AsOf) || !r.Until.IsZero() && !asOf.Before(r.Until) {
		return nil, false
	}
	s.tally = &r.Tally
	s.profile = &fact.Profile{Owner: r.Owner, Offset: r.Offset, OffsetKnown: r.Known}
	j = &judged{asOf: asOf, entries: r.Entries, counts: r.Counts}
	s.stored = k.lookup()
	names := &accounts{list: r.Accounts}
	if j.out, err = attention.Conclude(s.conclusion(j, names)); err != nil {
		return nil, false
	}
	j.names = names
	return j, true
}

// remember stores what again needs.
func (k *keeper) remember(j *judged) (*state.Ref, error) {
	s := k.scan
	r := remembered{
		AsOf: j.asOf, Until: j.until, Entries: j.entries, Accounts: j.names.list, Owner: s.profile.Owner, Offset: s.profile.Offset, Known: s.profile.OffsetKnown,
		Tally: fact.Tally{Messages: s.tally.Messages, Months: s.tally.Months, Arrivals: s.tally.Arrivals, Received: s.tally.Received, Dated: s.tally.Dated}, Counts: j.counts,
	}
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(&r); err != nil {
		return nil, fmt.Errorf("keeping the conclusion: %w", err)
	}
	ref, err := k.store.Append(b.Bytes())
	return &ref, err
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

// lookup fetches facts from the blocks of the state by their position on a spool that was not made.
func (k *keeper) lookup() fact.Lookup {
	type place struct {
		src   *keptSource
		chunk *chunk
		first int64 // position of the chunk's first fact
	}
	var places []place
	n := int64(0)
	for _, src := range k.sources {
		for i := range src.chunks {
			if c := &src.chunks[i]; c.part.Facts > 0 {
				places = append(places, place{src, c, n})
				n += int64(c.part.Facts)
			}
		}
	}
	type held struct {
		block storedBlock
		items [][]state.Item
	}
	const most = 16 // blocks of some megabytes
	var cache []held
	return func(pos uint32) (*fact.Fact, error) {
		i, found := slices.BinarySearchFunc(places, int64(pos), func(p place, at int64) int { return int(min(max(p.first-at, -1), 1)) })
		if !found {
			i--
		}
		if i < 0 || int64(pos) >= n {
			return nil, fmt.Errorf("%w: no fact %d of %d", state.ErrDamaged, pos, n)
		}
		p := places[i]
		b := p.src.blocks[p.chunk.part.Block]
		at := slices.IndexFunc(cache, func(h held) bool { return h.block == b })
		if at < 0 {
			items, err := b.in.ReadItems(b.Block)
			if err != nil {
				return nil, err
			}
			if len(cache) == most {
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

// finish puts what this run knows into the root of the state, to be committed. Nothing is kept of a run that was
// interrupted: it does not know what is gone.
func (k *keeper) finish(j *judged) error {
	s := k.scan
	if k.failed != nil || !k.store.Writable() || !s.result.Complete {
		return k.failed
	}
	fresh := !k.same()
	if fresh {
		for _, src := range k.sources {
			if err := k.finishSource(src); err != nil {
				return err
			}
		}
	}
	key := k.judging()
	audit := k.store.Root.Audits[k.scope()]
	if audit == nil {
		audit = &state.Audit{}
		for _, src := range k.sources {
			audit.Paths = append(audit.Paths, src.path)
		}
		k.store.Root.Audits[k.scope()] = audit
	}
	if j.judgedNow && (audit.Key != key || audit.Conclusion == nil || !fresh) {
		ref, err := k.remember(j)
		if err != nil {
			return err
		}
		audit.Key, audit.Conclusion = key, ref
	}
	audit.At, audit.Lost, audit.Findings = s.cfg.Now().UTC(), s.counters.lost, nil
	for _, a := range j.out.Attention {
		if a.Kind != attention.AllClear {
			audit.Findings = append(audit.Findings, state.Listed{ID: a.ID, Severity: string(a.Severity), Kind: a.Kind})
		}
	}
	return nil
}

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
	used := make([]int32, len(src.blocks))
	for _, u := range units {
		for _, p := range u.Parts {
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
		parts := slices.Clone(u.Parts) // the chunks of this run still count by the old numbers
		for i := range parts {
			parts[i].Block = used[parts[i].Block]
		}
		u.Parts = parts
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
	level := make(map[string]int)
	for i := range j.entries {
		e := &j.entries[i]
		level[e.ID()] = int(e.Severity)
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
			if a.Kind == attention.RepliedToFake || a.Kind == attention.OpenedFake {
				f.Parts[id] = f.Level // what a fake claims says nothing; that another one was answered does
			}
		}
		for _, name := range []string{"missing", "unread"} {
			periods, _ := a.Why.Args[name].([]string)
			for _, p := range periods {
				f.Parts[a.Series+" "+p+" "+name] = f.Level
			}
			f.Calendar = f.Calendar || name == "missing" && len(periods) > 0
		}
		if len(f.Parts) == 0 {
			// Nothing but a number, which is that of these sources.
			f.ID += "@" + scope
			f.N = number(a.Why)
		}
		out = append(out, f)
	}
	return out
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
