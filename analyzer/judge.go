package analyzer

import (
	"context"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/attention"
	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/state"
	"github.com/mailaudit/mailaudit/analyzer/verdict"
)

// sweepAhead is how many facts a sweep may be decoding or working on ahead of the one that is consumed. Facts are a few
// kilobytes: it keeps some megabytes in memory.
const sweepAhead = 512

// sweep decodes every fact of the spool and works on it, on several goroutines, and hands the results to consume in
// source order.
func sweep[R any](ctx context.Context, s *scan, work func(pos uint32, f *fact.Fact) (R, error), problem func(*finding.Problem) error,
	consume func(pos uint32, r R) error,
) error {
	type result struct {
		item fact.Item
		r    R
		err  error
	}
	return inOrder(ctx, max(s.cfg.Workers, 1), ahead{waiting: sweepAhead, begun: sweepAhead},
		func(_ context.Context, emit func(fact.Item) error) error { return s.spool.Sweep(emit) },
		func(_ int, it fact.Item) (res result) {
			res.item = it
			if it.Problem != nil {
				return res
			}
			f, err := it.Fact()
			if err != nil {
				res.err = err
				return res
			}
			s.starts.settle(f)
			res.r, res.err = work(it.Pos, f)
			return res
		},
		func(res result) error {
			s.steps.Add(1)
			switch {
			case res.err != nil:
				return res.err
			case res.item.Problem != nil:
				if problem == nil {
					return nil
				}
				return problem(res.item.Problem)
			}
			return consume(res.item.Pos, res.r)
		})
}

// judged is what the stages after Judge need.
type judged struct {
	copies  copies
	asOf    time.Time
	entries []fact.Entry
	out     attention.Output
	counts  map[string]int64 // verdicts
	folded  map[uint32]*finding.Read
	names   *accounts

	judgedNow bool // not remembered

	// former are the ids that messages had by the first version of the fields that ids leave out, by id; only with a cache.
	former map[string]string

	pending []state.Pending // only with a cache
}

// wait notes when a fact may be judged otherwise.
func (j *judged) wait(pos uint32, f *fact.Fact) {
	if t := fact.Pending(f, j.asOf); !t.IsZero() {
		j.pending = append(j.pending, state.Pending{Pos: pos, At: t.Unix()})
	}
}

// judge runs the stage Judge over all facts and concludes over the entries.
func (s *scan) judge(ctx context.Context, c copies) (*judged, error) {
	j := &judged{copies: c, asOf: s.asOf(), folded: make(map[uint32]*finding.Read)}
	if err := s.foldCopies(j); err != nil {
		return nil, err
	}
	// An archive can hold two million of them: growing step by step would need the memory twice.
	once := 0
	for _, again := range c.isCopy {
		if !again {
			once++
		}
	}
	j.entries = make([]fact.Entry, 0, once)
	names := newAccounts()
	j.names, j.judgedNow = names, true
	if s.cache != nil {
		j.former = make(map[string]string)
	}
	brands := brandIndex(s.allBrands())
	err := sweep(ctx, s, func(pos uint32, f *fact.Fact) (judgement, error) {
		if c.isCopy[pos] {
			return judgement{}, nil
		}
		return s.judgement(j, pos, f), nil
	}, nil, func(pos uint32, g judgement) error {
		if g.fact == nil {
			return nil
		}
		j.entries = append(j.entries, entry(pos, g, names, brands))
		if s.cache != nil {
			if g.fact.Former != "" {
				j.former[fact.MessageID(fact.ContentID(g.fact.Content))] = g.fact.Former
			}
			j.wait(pos, g.fact)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.result.Judged, j.counts = int64(len(j.entries)), s.counts(j.entries)
	j.out, err = attention.Conclude(s.conclusion(j, names))
	return j, err
}

// judgement is one judged fact.
type judgement struct {
	verdict.Result
	fact *fact.Fact
	site string // fact.Account.Site
}

// account is the account a message is about.
func (g judgement) account() fact.Account {
	return fact.Account{Address: g.Recipient, Marketplace: g.fact.Marketplace, Site: g.site}
}

func (s *scan) judgement(j *judged, pos uint32, f *fact.Fact) judgement {
	brands := s.set(f)
	g := judgement{Result: verdict.Judge(f, s.profile, brands, j.asOf), fact: f}
	if b := brands.ByID(f.Brand); b != nil {
		g.site = b.Site()
	}
	if r, ok := j.folded[pos]; ok {
		g.Read = r
	}
	return g
}

// foldCopies merges the read state of copies.
func (s *scan) foldCopies(j *judged) error {
	for pos, rest := range j.copies.primary {
		if err := s.foldCopy(j, pos, rest); err != nil {
			return err
		}
	}
	return nil
}

// foldCopy merges the read state of one message and its copies.
func (s *scan) foldCopy(j *judged, pos uint32, rest []uint32) error {
	var merged *finding.Read
	for _, p := range append([]uint32{pos}, rest...) {
		f, err := s.fact(p)
		if err != nil {
			return err
		}
		merged = verdict.Merge([]*finding.Read{merged, verdict.Read(f, s.profile)})
	}
	j.folded[pos] = merged
	return nil
}

// asOf is the time that what depends on the calendar is judged for: as given, or the newest believable time of the mail.
func (s *scan) asOf() time.Time {
	if !s.cfg.AsOf.IsZero() {
		return s.cfg.AsOf.UTC()
	}
	return s.tally.Newest().UTC()
}

// entry is the compact form of a judged fact.
func entry(pos uint32, g judgement, names *accounts, brands map[string]uint16) fact.Entry {
	e := fact.NewEntry(g.fact, g.Verdict, g.fact.Event, g.fact.Severity, g.Time, g.ClockDoubt, g.Read)
	if g.Verdict == finding.Unverifiable && g.Unproven() {
		e.Flags |= fact.NoRecords
	}
	e.Pos, e.Account, e.Brand = pos, names.index(g.account()), brands[g.fact.Brand]
	return e
}
