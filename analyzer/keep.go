package analyzer

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path/filepath"
	"reflect"

	"github.com/mailaudit/mailaudit/analyzer/detect"
	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/mailauth"
	"github.com/mailaudit/mailaudit/analyzer/mailbox"
	"github.com/mailaudit/mailaudit/analyzer/state"
)

// keeper keeps what the stages Read and Extract make of each file, and puts what earlier runs kept in the place of what
// would be read again. It also keeps what was judged. So a run has two ways on from there: nothing changed, and the
// calendar alone is asked (again); or the spool and the tally are filled with all that is kept (fill, addTallies), and from
// the stage Learn on the scan is one like any other. Both conclude the same.
//
// What is read goes into blocks of the state file as it comes, behind the last commit; what the spool is made from is
// only a list of parts (chunks) until it is known that it is needed.
type keeper struct {
	scan    *scan
	store   *state.Store // as the earlier runs left it
	news    *state.Store // takes new blocks: store, or a scratch file where that can't be written
	key     string
	failed  error // why nothing can be kept of this run
	sources []*keptSource
	tally   *fact.Tally // of what was read now

	// Only the collector uses these.
	current *keptSource
	builder *state.Builder
	open    openPart
}

// keptSource is one source of the scan.
type keptSource struct {
	index  int
	path   string                 // absolute
	table  []*state.Unit          // what the last run left
	known  map[string]*state.Unit // of these, by name
	units  []*state.Unit          // as walked now
	fresh  bool                   // something was read, so that the table is another one
	blocks []storedBlock          // those of the earlier runs (old of them), then the new ones
	old    int
	chunks []chunk // what the spool is made from, in order

	marks map[*state.Unit]int // of units read now: how many parts lie before the checkpoint
	heads map[*state.Unit][]state.Head
	// continued are units that were read on from where an earlier run ended.
	continued map[*state.Unit]bool
	reused    []reuse // by the walk, not yet handed on
}

// storedBlock is a block and where it is stored.
type storedBlock struct {
	state.Block
	in *state.Store
}

// chunk is what comes next on the spool: a part of a block, or problems that belong to no file.
type chunk struct {
	part            *state.Part // nil for problems
	source, mailbox int32       // what its facts are to be numbered with now
	loose           []finding.Problem
}

// openPart is the part that is being gathered.
type openPart struct {
	unit  *state.Unit
	part  state.Part
	tally *fact.Tally
	items []state.Item
	size  int
}

// partBytes is how many bytes of items end a part: a large mailbox has several.
const partBytes = 4 << 20

// kept is what became of a job where a keeper is at work; exactly one field but source is set.
type kept struct {
	source int
	parts  []extracted
	mark   *state.Unit
	reuse  []reuse
}

// extracted is what was extracted of messages of one unit that follow one another.
type extracted struct {
	unit                 *state.Unit
	mailbox              int
	tally                *fact.Tally
	items                []item
	messages, candidates int64
	heads                []state.Head
}

// reuse are stored parts that stand for a unit.
type reuse struct {
	unit    *state.Unit
	whole   bool // the unit is as it was; else its parts are to be continued
	parts   []state.Part
	mailbox int
}

// extraction is the version of what Extract makes of mail. It is raised with any change to it that no digest of rule data
// shows, so that mail is read again.
const extraction = 3

func newKeeper(s *scan) *keeper {
	k := &keeper{scan: s, store: s.cfg.State, news: s.cfg.State, tally: fact.NewTally(), sources: make([]*keptSource, len(s.cfg.Paths))}
	// What earlier runs extracted counts only where this run would extract the same.
	others := ""
	if s.cfg.Others != nil {
		others = s.cfg.Others.Digest()
	}
	h := sha256.New()
	fmt.Fprintf(h, "extraction %d\nfact %d %s\ntally %s\nversion %s\nbrands %s others %s\nevents %s\nsignals %s\nreceivers %s\nlimits %+v\nkeys %s\n",
		extraction, fact.Version, fact.Form(), state.Form(reflect.TypeFor[fact.Tally]()), s.cfg.Version,
		s.cfg.Brands.Digest(), others, s.cfg.Events.Digest(), detect.Digest(), mailauth.Digest(), s.cfg.Limits, s.cfg.KeysDigest)
	k.key = hex.EncodeToString(h.Sum(nil))
	return k
}

// sink begins a source and returns what its walk hands things to.
func (k *keeper) sink(i int, path string, to *sink) (*keepSink, error) {
	if err := k.source(i, path); err != nil {
		return nil, err
	}
	return &keepSink{sink: to, k: k, src: k.sources[i], first: -1}, nil
}

// source begins a source.
func (k *keeper) source(i int, path string) error {
	abs, err := filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("finding %s: %w", path, err)
	}
	src := &keptSource{
		index: i, path: abs, known: make(map[string]*state.Unit), marks: make(map[*state.Unit]int), heads: make(map[*state.Unit][]state.Head),
		continued: make(map[*state.Unit]bool),
	}
	k.sources[i] = src
	old := k.store.Root.Sources[abs]
	if old == nil || old.Key != k.key {
		src.fresh = true
		return nil
	}
	units, err := k.units(old)
	if err != nil {
		// A cache that can't be read is no cache: the mail is read again.
		k.store.Notes = append(k.store.Notes, state.Note{Kind: "damaged", Err: err})
		src.fresh = true
		return nil
	}
	for _, b := range old.Blocks {
		src.blocks = append(src.blocks, storedBlock{b, k.store})
	}
	src.old, src.table = len(src.blocks), units
	for _, u := range units {
		src.known[u.Name] = u
	}
	return nil
}

// units reads the table of a source and checks that what it names is there.
func (k *keeper) units(old *state.Source) ([]*state.Unit, error) {
	raw, err := k.store.Section(old.Table)
	if err != nil {
		return nil, err
	}
	units, err := state.DecodeUnits(raw)
	if err != nil {
		return nil, err
	}
	for _, u := range units {
		for _, p := range u.Parts {
			if p.Block < 0 || int(p.Block) >= len(old.Blocks) || p.Index < 0 || p.Index >= old.Blocks[p.Block].Parts {
				return nil, state.ErrDamaged
			}
		}
	}
	return units, nil
}

// work extracts a batch, unit by unit.
func (k *keeper) work(x *extractor, j job, r *reading) yield {
	y := yield{kept: j.kept}
	if y.kept != nil {
		return y
	}
	y.kept = &kept{source: j.source}
	add := func(u *state.Unit, mailbox int) *extracted {
		if n := len(y.kept.parts); n > 0 && y.kept.parts[n-1].unit == u {
			return &y.kept.parts[n-1]
		}
		y.kept.parts = append(y.kept.parts, extracted{unit: u, mailbox: mailbox, tally: fact.NewTally()})
		return &y.kept.parts[len(y.kept.parts)-1]
	}
	placed := j.batch.Problems
	problems := func(before int) {
		for len(placed) > 0 && placed[0].Before <= before {
			p := add(placed[0].Unit, j.first)
			p.items = append(p.items, item{problem: &placed[0].Problem})
			placed = placed[1:]
		}
	}
	for i := range j.batch.Extents {
		problems(i)
		e := &j.batch.Extents[i]
		first := j.first
		if e.Unit == nil || e.Unit.Box == nil {
			first = e.Mailbox.Index
		}
		p := add(e.Unit, first)
		p.mailbox = first
		encoded, isCandidate, found := r.message(i, e, func() ([]byte, bool, []finding.Problem) { return x.message(e, p.tally, r) })
		p.messages++
		if isCandidate {
			p.candidates++
		}
		if encoded != nil {
			p.items = append(p.items, item{fact: encoded})
			if b := e.Data[:min(len(e.Data), state.HeadSize)]; e.Mbox && mailbox.HeadChanges(b) {
				p.heads = append(p.heads, state.Head{Offset: e.Location.Offset, Length: int32(len(b)), Sum: mailbox.HeadSum(b)})
			}
		}
		for i := range found {
			p.items = append(p.items, item{problem: &found[i]})
		}
	}
	problems(len(j.batch.Extents))
	return y
}

// collect takes what became of a job, in source order.
func (k *keeper) collect(y yield) error {
	s := k.scan
	src := k.sources[y.kept.source]
	if src != k.current {
		if err := k.flush(); err != nil {
			return err
		}
		k.current = src
	}
	var err error
	switch {
	case y.kept.mark != nil:
		if err = k.closePart(); err == nil {
			src.marks[y.kept.mark] = len(y.kept.mark.Parts)
		}
	case y.kept.reuse != nil:
		if err = k.closePart(); err == nil {
			k.reuse(src, y.kept.reuse)
		}
	default:
		err = k.take(src, y.kept.parts)
	}
	s.steps.Add(1)
	return err
}

// reuse puts stored parts in their place.
func (k *keeper) reuse(src *keptSource, list []reuse) {
	c := &k.scan.counters
	for i := range list {
		r := &list[i]
		if !r.whole {
			r.unit.Parts = append([]state.Part(nil), r.parts...)
			src.continued[r.unit] = true
		}
		for i := range r.parts {
			p := &r.parts[i]
			src.chunks = append(src.chunks, chunk{part: p, source: int32(src.index), mailbox: int32(r.mailbox)})
			c.messages += p.Messages
			c.candidates += p.Candidates
			c.problems += int64(p.Problems)
			c.lost += int64(p.Lost)
		}
	}
}

// take takes what was extracted.
func (k *keeper) take(src *keptSource, parts []extracted) error {
	for i := range parts {
		e := &parts[i]
		k.count(e)
		if e.unit == nil {
			if err := k.closePart(); err != nil {
				return err
			}
			c := chunk{}
			for _, it := range e.items {
				c.loose = append(c.loose, *it.problem)
			}
			src.chunks = append(src.chunks, c)
			continue
		}
		if k.open.unit != e.unit {
			if err := k.closePart(); err != nil {
				return err
			}
			k.open = openPart{unit: e.unit, tally: fact.NewTally(), part: state.Part{Source: int32(src.index), Mailbox: int32(e.mailbox)}}
		}
		if err := k.gather(src, e); err != nil {
			return err
		}
	}
	return nil
}

// count adds up what the summary tells.
func (k *keeper) count(e *extracted) {
	c := &k.scan.counters
	c.messages += e.messages
	c.candidates += e.candidates
	for _, it := range e.items {
		if it.problem != nil {
			c.problems++
			if it.problem.Lost {
				c.lost++
			}
		}
	}
}

// gather adds to the open part.
func (k *keeper) gather(src *keptSource, e *extracted) error {
	o := &k.open
	o.tally.Merge(e.tally)
	o.part.Messages += e.messages
	o.part.Candidates += e.candidates
	for _, it := range e.items {
		stored := state.Item{Raw: it.fact}
		if it.problem != nil {
			raw, err := json.Marshal(it.problem)
			if err != nil {
				return fmt.Errorf("keeping a problem: %w", err)
			}
			stored = state.Item{Problem: true, Raw: raw}
			o.part.Problems++
			if it.problem.Lost {
				o.part.Lost++
			}
		} else {
			o.part.Facts++
		}
		o.items = append(o.items, stored)
		o.size += len(stored.Raw)
	}
	if len(e.heads) > 0 {
		src.heads[e.unit] = append(src.heads[e.unit], e.heads...)
	}
	if o.size >= partBytes {
		return k.closePart()
	}
	return nil
}

// closePart ends the open part.
func (k *keeper) closePart() error {
	o := &k.open
	if o.unit == nil {
		return nil
	}
	if k.builder == nil {
		k.builder = state.NewBuilder()
	}
	index, err := k.builder.Add(o.tally, o.items)
	if err != nil {
		return err
	}
	o.part.Block, o.part.Index = int32(len(k.current.blocks)), index
	o.part.Received, o.part.Dated = o.tally.Received, o.tally.Dated
	o.unit.Parts = append(o.unit.Parts, o.part)
	k.current.chunks = append(k.current.chunks, chunk{part: &o.unit.Parts[len(o.unit.Parts)-1], source: o.part.Source, mailbox: o.part.Mailbox})
	k.tally.Merge(o.tally)
	k.open = openPart{}
	if k.builder.Full() {
		return k.flushBlock()
	}
	return nil
}

// end takes what the walks left behind when reading is over, and stores the open block.
func (k *keeper) end() error {
	if err := k.flush(); err != nil {
		return err
	}
	for _, src := range k.sources {
		if src != nil {
			k.reuse(src, src.reused)
			src.reused = nil
		}
	}
	return nil
}

// flush ends the open part and stores the open block.
func (k *keeper) flush() error {
	if err := k.closePart(); err != nil {
		return err
	}
	return k.flushBlock()
}

// flushBlock stores the open block. Where the state can't be written, a scratch file in the scan's own folder takes it:
// this run must go on, and the next one reads again.
func (k *keeper) flushBlock() error {
	if k.builder == nil || k.builder.Parts() == 0 {
		return nil
	}
	b, err := k.builder.Store(k.news)
	if err != nil && k.news == k.store {
		k.failed = err
		if k.news, err = state.Scratch(k.scan.cfg.Dir); err == nil {
			b, err = k.builder.Store(k.news)
		}
	}
	if err != nil {
		return err
	}
	k.current.blocks = append(k.current.blocks, storedBlock{b, k.news})
	k.builder = nil
	return nil
}

// close gives up the scratch file.
func (k *keeper) close() error {
	if k.news != k.store {
		return k.news.Close()
	}
	return nil
}

// same reports whether every source is as the last run left it.
func (k *keeper) same() bool {
	for _, src := range k.sources {
		if src == nil || src.fresh || len(src.units) != len(src.known) {
			return false
		}
	}
	return true
}
