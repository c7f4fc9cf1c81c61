package analyzer

import (
	"context"
	"crypto/sha256"
	"fmt"

	"github.com/mailaudit/mailaudit/analyzer/cache"
	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/mailbox"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/block"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/mboxfile"
)

// Source is a source with what was counted of it.
type Source struct {
	mailbox.Source
	mailbox.Count
	Skipped []finding.Skipped
}

// counters are counts over all sources.
type counters struct {
	cache.Counts
	mailboxes, skipped int64
}

// job is what the reader hands to the workers: a batch of a source, or what a cache has to know in its place among them.
type job struct {
	source int
	batch  mailbox.Batch
	note   *cache.Note
}

// yield is what became of a job.
type yield struct {
	source int
	runs   []cache.Run // by file; all in one without a cache
	note   *cache.Note
}

// How far, in jobs for each worker, the reader may be ahead of the workers, and the workers of the collector. A job is a
// mebibyte of mail or a message that is longer. What waits for a worker is mail in memory; what waits for the collector
// is facts, a tenth of it: behind one message of 60 MB that keeps a worker for seconds, the others go on.
const (
	jobsWaiting = 4
	jobsAhead   = 16
)

// read runs the stages Read and Extract over all sources. complete is false when ctx ended.
func (s *scan) read(ctx context.Context) (complete bool, err error) {
	workers := max(s.cfg.Workers, 1)
	waste := new(block.Garbage)
	room := block.NewPool(s.cfg.Limits.InFlight/2, waste) // see extractor.begin for the other half
	tallies := make([]*fact.Tally, workers)
	for i := range tallies {
		tallies[i] = fact.NewTally()
	}
	x := newExtractor(&s.cfg, waste)

	produce := func(pctx context.Context, emit func(job) error) error {
		// The walk ends with the caller's context, the pipeline does not: what was handed out is finished.
		walkCtx, stop := context.WithCancelCause(ctx)
		defer stop(nil)
		defer context.AfterFunc(pctx, func() { stop(context.Cause(pctx)) })()
		err := s.walk(walkCtx, room, emit)
		if pctx.Err() == nil && ctx.Err() != nil {
			return nil
		}
		return err
	}
	work := func(worker int, j job) yield {
		y := s.guarded(&j.batch, func(r *reading) yield { return extract(x, j, r) })
		for i := range y.runs {
			tallies[worker].Merge(y.runs[i].Tally)
			s.looked.messages.Add(y.runs[i].Messages)
			s.looked.facts.Add(int64(len(y.runs[i].Items)))
		}
		return y
	}
	if err := inOrder(context.WithoutCancel(ctx), workers, ahead{jobsWaiting * workers, jobsAhead * workers}, produce, work, s.collect); err != nil {
		return false, err
	}
	if s.cfg.Progress != nil {
		var n int64
		for i := range s.sources {
			n += s.sources[i].Size
		}
		s.cfg.Progress(s.progress(n, true))
	}
	s.tally = fact.NewTally()
	for _, t := range tallies {
		s.tally.Merge(t)
	}
	return ctx.Err() == nil, nil
}

// progress is how far reading is.
func (s *scan) progress(bytes int64, read bool) Progress {
	return Progress{Bytes: bytes, Messages: s.looked.messages.Load(), Facts: s.looked.facts.Load(), Read: read}
}

// extract extracts a batch, file by file.
func extract(x *extractor, j job, r *reading) yield {
	y := yield{source: j.source, note: j.note}
	run := func(u *mailbox.Unit, index int) *cache.Run {
		if n := len(y.runs); n > 0 && y.runs[n-1].Unit == u {
			return &y.runs[n-1]
		}
		if u != nil && u.Box != nil {
			index = u.First
		}
		y.runs = append(y.runs, cache.Run{Unit: u, Mailbox: index, Tally: fact.NewTally()})
		return &y.runs[len(y.runs)-1]
	}
	placed := j.batch.Problems
	problems := func(before int) {
		for len(placed) > 0 && placed[0].Before <= before {
			run(placed[0].Unit, 0).Problem(&placed[0].Problem)
			placed = placed[1:]
		}
	}
	for i := range j.batch.Extents {
		problems(i)
		e := &j.batch.Extents[i]
		to := run(e.Unit, e.Mailbox.Index)
		if e.Unit != nil && e.Unit.Box == nil {
			to.Mailbox = e.Mailbox.Index // a problem before it did not know
		}
		encoded, isCandidate, found := r.message(i, e, func() ([]byte, bool, []finding.Problem) { return x.message(e, to.Tally, r) })
		to.Messages++
		if isCandidate {
			to.Candidates++
		}
		if encoded != nil {
			to.Items = append(to.Items, cache.Item{Fact: encoded})
			if e.Unit != nil {
				if h, ok := e.Head(); ok {
					to.Heads = append(to.Heads, h)
				}
			}
		}
		for i := range found {
			to.Problem(&found[i])
		}
	}
	problems(len(j.batch.Extents))
	return y
}

// walk goes through the sources in order.
func (s *scan) walk(ctx context.Context, room *block.Pool, emit func(job) error) error {
	s.sources = make([]Source, len(s.cfg.Paths)) // sinks point into it
	s.starts = make(starts)
	for i, path := range s.cfg.Paths {
		src, err := mailbox.Open(path, i)
		if err != nil {
			return fmt.Errorf("opening %s: %w", path, err)
		}
		s.sources[i].Source = src
		sink := &sink{scan: s, source: &s.sources[i], room: room, emit: emit}
		var to mailbox.Sink = sink
		if s.cache != nil {
			if to, err = s.cache.Source(i, path, sink); err != nil {
				return err
			}
		}
		count, err := mailbox.Walk(ctx, src, mailbox.Config{
			Limits: s.cfg.Limits, NewHash: sha256.New, Exclude: append([]string{s.cfg.Dir}, s.cfg.Exclude...), Now: s.cfg.Now, Hold: s.cfg.Hold,
		}, to)
		s.sources[i].Count = count
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// collect takes what became of a job, in source order.
func (s *scan) collect(y yield) error {
	defer s.steps.Add(1)
	for i := range y.runs {
		s.counters.Add(y.runs[i].Counts)
	}
	if s.cache == nil {
		return s.append(y.runs)
	}
	if y.note != nil {
		n, err := s.cache.TakeNote(*y.note)
		s.counters.Add(n)
		return err
	}
	return s.cache.Take(y.source, y.runs)
}

// append puts what was extracted on the spool.
func (s *scan) append(runs []cache.Run) error {
	for i := range runs {
		for _, it := range runs[i].Items {
			if it.Problem != nil {
				if err := s.spool.AppendProblem(*it.Problem); err != nil {
					return err
				}
				continue
			}
			if _, err := s.spool.AppendFact(it.Fact); err != nil {
				return err
			}
		}
	}
	return nil
}

// sink receives what the walk of one source finds and passes it on as jobs.
type sink struct {
	scan   *scan
	source *Source
	room   *block.Pool
	emit   func(job) error
	read   int64
}

// Take implements mailbox.Sink.
func (k *sink) Take(ctx context.Context, n int) (*block.Block, error) { return k.room.Take(ctx, n) }

// Mailbox implements mailbox.Sink.
func (k *sink) Mailbox(*mailbox.Mailbox) error {
	k.scan.counters.mailboxes++
	return nil
}

// Batch implements mailbox.Sink.
func (k *sink) Batch(b mailbox.Batch) error {
	return k.emit(job{source: k.source.Index, batch: b})
}

// Note implements cache.Sink.
func (k *sink) Note(n cache.Note) error { return k.emit(job{source: k.source.Index, note: &n}) }

// End implements mailbox.Ender.
func (k *sink) End(m *mailbox.Mailbox, q mboxfile.Quoting) error {
	k.scan.starts.end(k.source.Index, m, q)
	return nil
}

// Problem implements mailbox.Sink.
func (k *sink) Problem(p finding.Problem) error {
	return k.Batch(mailbox.Batch{Problems: []mailbox.Placed{{Problem: p}}})
}

// Skipped implements mailbox.Sink.
func (k *sink) Skipped(f finding.Skipped) error {
	k.scan.counters.skipped++
	k.source.Skipped = append(k.source.Skipped, f)
	return nil
}

// Progress implements mailbox.Sink.
func (k *sink) Progress(n int64) {
	k.read += n
	k.scan.steps.Add(1)
	if k.scan.cfg.Progress != nil {
		k.scan.cfg.Progress(k.scan.progress(k.scan.before(k.source)+k.read, false))
	}
}

// before is the number of bytes of the sources before one.
func (s *scan) before(src *Source) int64 {
	var n int64
	for i := range s.sources {
		if &s.sources[i] == src {
			break
		}
		n += s.sources[i].Size
	}
	return n
}
