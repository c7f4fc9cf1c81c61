package analyzer

import (
	"context"
	"crypto/sha256"
	"fmt"

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
	mailboxes, messages, candidates, problems, lost, skipped int64
}

// job is what the reader hands to the workers: a batch, or a problem that has to keep its place.
type job struct {
	batch   mailbox.Batch
	problem *finding.Problem

	// Where there is a keeper: the source, and the first mailbox of the file that a problem or an extent is of; or what is
	// no mail to extract.
	source, first int
	kept          *kept
}

// yield is what became of a job.
type yield struct {
	messages   int64
	candidates int64
	items      []item
	tally      *fact.Tally // of these messages; nil where there is a keeper
	kept       *kept
}

// item is one record for the spool: an encoded fact, or a problem.
type item struct {
	fact    []byte
	problem *finding.Problem
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
		if y.tally != nil {
			tallies[worker].Merge(y.tally)
		}
		return y
	}
	consume := s.collect
	if k := s.keeper; k != nil {
		work = func(_ int, j job) yield {
			return s.guarded(&j.batch, func(r *reading) yield { return k.work(x, j, r) })
		}
		consume = k.collect
	}

	if err := inOrder(context.WithoutCancel(ctx), workers, ahead{jobsWaiting * workers, jobsAhead * workers}, produce, work, consume); err != nil {
		return false, err
	}
	if s.cfg.Progress != nil {
		var n int64
		for i := range s.sources {
			n += s.sources[i].Size
		}
		s.cfg.Progress(Progress{Bytes: n, Read: true})
	}
	s.tally = fact.NewTally()
	for _, t := range tallies {
		s.tally.Merge(t)
	}
	return ctx.Err() == nil, nil
}

// extract extracts a batch.
func extract(x *extractor, j job, r *reading) yield {
	y := yield{messages: int64(len(j.batch.Extents)), tally: fact.NewTally()}
	if j.problem != nil {
		y.items = append(y.items, item{problem: j.problem})
	}
	placed := j.batch.Problems
	for i := range j.batch.Extents {
		for len(placed) > 0 && placed[0].Before <= i {
			y.items = append(y.items, item{problem: &placed[0].Problem})
			placed = placed[1:]
		}
		e := &j.batch.Extents[i]
		encoded, isCandidate, problems := r.message(i, e, func() ([]byte, bool, []finding.Problem) { return x.message(e, y.tally, r) })
		if isCandidate {
			y.candidates++
		}
		if encoded != nil {
			y.items = append(y.items, item{fact: encoded})
		}
		for i := range problems {
			y.items = append(y.items, item{problem: &problems[i]})
		}
	}
	for i := range placed {
		y.items = append(y.items, item{problem: &placed[i].Problem})
	}
	return y
}

// walk goes through the sources in order.
func (s *scan) walk(ctx context.Context, room *block.Pool, emit func(job) error) error {
	s.sources = make([]Source, len(s.cfg.Paths)) // sinks point into it
	s.starts = newStarts()
	for i, path := range s.cfg.Paths {
		src, err := mailbox.Open(path, i)
		if err != nil {
			return fmt.Errorf("opening %s: %w", path, err)
		}
		s.sources[i].Source = src
		sink := &sink{scan: s, source: &s.sources[i], room: room, emit: emit}
		var to mailbox.Sink = sink
		if s.keeper != nil {
			if to, err = s.keeper.sink(i, path, sink); err != nil {
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
	for _, it := range y.items {
		if it.problem != nil {
			s.counters.problems++
			if it.problem.Lost {
				s.counters.lost++
			}
			if err := s.spool.AppendProblem(*it.problem); err != nil {
				return err
			}
			continue
		}
		if _, err := s.spool.AppendFact(it.fact); err != nil {
			return err
		}
	}
	s.counters.messages += y.messages
	s.counters.candidates += y.candidates
	s.steps.Add(1)
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
	k.scan.starts.begin(b)
	return k.emit(job{batch: b})
}

// End implements mailbox.Ender.
func (k *sink) End(m *mailbox.Mailbox, q mboxfile.Quoting) error {
	k.scan.starts.end(k.source.Index, m, q)
	return nil
}

// Problem implements mailbox.Sink.
func (k *sink) Problem(p finding.Problem) error { return k.emit(job{problem: &p}) }

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
		k.scan.cfg.Progress(Progress{Bytes: k.scan.before(k.source) + k.read})
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
