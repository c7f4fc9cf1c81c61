// Package analyzer runs a scan: mail in, record stream out.
//
// Verdicts need facts that exist only when all mail has been read: whom to trust, who the owner is, which copies belong
// together. So a scan has five stages, and this package is nothing but their order:
//
//  1. Read. One framer goes through each mailbox in order and hands out batches of messages.
//  2. Extract. Each message adds to a Tally, and a candidate gives a Fact; several workers, each knowing one message.
//  3. Learn. Tally and Facts become the Profile.
//  4. Judge. (Fact, Profile) gives verdict, time and read state.
//  5. Conclude and emit. Timeline, incidents, series, attention; then one sweep over the facts writes the stream.
//
// The stream depends on the mail, the version and the rules alone: one worker and many write the same bytes.
package analyzer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync/atomic"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/cache"
	"github.com/mailaudit/mailaudit/analyzer/detect"
	"github.com/mailaudit/mailaudit/analyzer/event"
	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/mailauth"
	"github.com/mailaudit/mailaudit/analyzer/mailbox"
	"github.com/mailaudit/mailaudit/analyzer/message/attachment"
	"github.com/mailaudit/mailaudit/analyzer/records"
	"github.com/mailaudit/mailaudit/analyzer/state"
	"github.com/mailaudit/mailaudit/analyzer/verdict"
)

// Config is what a scan needs. Paths must be set; what else is zero takes the values of the command line's defaults.
type Config struct {
	Paths   []string
	Dir     string   // folder that the spool may be written to: the output folder; "" for one that is removed afterwards
	Exclude []string // further absolute paths that are never entered
	Workers int      // 0 for one on each core
	Limits  limit.Limits
	Brands  *brand.Set
	Asked   []string   // the ids that were asked for, for the record; nil for Amazon
	Others  *brand.Set // brands of which the fakes are counted, and changes told that an incident began with; nil for none
	Events  *event.Catalogue
	Keys    mailauth.Keys // DKIM keys to verify signatures with; empty for none
	Version string        // of mailaudit, for the config record
	// Inspect looks into pictures and PDF; nil does it in this process (see package attachment).
	Inspect attachment.Inspector

	Trust  []string                  // authserv-ids to believe besides those learned; "outlook" for the form without one
	Owner  []string                  // the owner's addresses; empty: learned
	Labels map[string]finding.Folder // roles of labels that can't be known; empty: learned

	Since, Until time.Time // bounds of what is emitted; zero for none
	AsOf         time.Time // what depends on the calendar is judged for; zero for the newest message's time

	// Records are paths of what Amazon keeps of the account ("Request my data") and of statements of cards, to hold against the
	// mail; without any, those found among Paths. They go without State.
	Records []string

	// Zone is the owner's time zone, for the hours of the night and the months of statements; nil: learned.
	Zone *time.Location

	// Live tells that the mail is that of a mailbox in use: what had come up to AsOf would be in it.
	Live bool

	// Hold is how long ago a mailbox must have been written to last so that its last message is taken for whole, unless it shows
	// that it is; 0 to take all for whole. It holds nothing back without State.
	Hold time.Duration

	// Acknowledged tells what a person said of an attention item, nil for nothing; nil where nobody can have.
	// former gives the id that a message had under an earlier version of the program, "" for the same.
	Acknowledged func(a *finding.Attention, former func(id string) string) *finding.Acknowledged

	// State is what earlier runs saw; nil to read everything and keep nothing. Scan adds to its root what the next run is to
	// find; to commit it is left to the caller. With it AsOf must be set.
	State *state.Store
	// Build tells builds of one version apart, and KeysDigest is a digest of Keys: both only for State.
	Build, KeysDigest string

	Now      func() time.Time
	Progress func(Progress) // called now and then, never twice at once; nil for none
}

// Progress tells how far reading is.
type Progress struct {
	Bytes int64 // of the sources' own bytes
	// Messages is how many messages were looked at, Facts how many of them the report may speak of.
	Messages, Facts int64
	Read            bool // all is read, or reading was ended; what was read is being concluded
}

// Result is what a caller wants to know of a finished scan besides the stream.
type Result struct {
	Summary finding.Summary
	Sources []Source
	// Beside are the files of Config.Records that were read, and those of Paths that are such records.
	Beside   []records.Original
	Worst    finding.Severity // of all attention items that nobody acknowledged, "" for none
	Complete bool
	Rules    string // digest of the rule data in use, hex
	AsOf     time.Time

	// Attention are the attention items, by rank. With Config.State: Findings are what of them can be news, in the same
	// order, Scope names the set of sources, and Unkept is why nothing of this run can be kept, nil where it can.
	Attention []finding.Attention
	Findings  []state.Finding
	Scope     string
	Unkept    error
	// NewlyLost is set where more mail could not be read than in the run before.
	NewlyLost bool
	// Judged is how many messages were judged, copies counted once: all, or with Config.State none where nothing changed.
	Judged int64
	// Changed is set where the state's root is another one than before.
	Changed bool
	Profile finding.Profile
	// Receivers are the domains of the receivers that took in most of the mail, most first, at most five.
	Receivers []string
}

// Errors of Scan.
var (
	// ErrNothing is returned when no source holds a mailbox. With Config.State one that was emptied is a mailbox.
	ErrNothing = errors.New("no mailbox found")
	// ErrConfig is returned for a Config that lacks Paths, or has State without AsOf.
	ErrConfig = errors.New("incomplete configuration")
	// ErrRecords is returned where one of Config.Records holds neither Amazon's records nor a card statement.
	ErrRecords = records.ErrNone
	// ErrStuck is returned when nothing was finished for limit.Limits.Stuck. The process should end: what hangs still runs.
	ErrStuck = errors.New("the scan is stuck")
)

// Scan reads the sources and writes the record stream to w. When ctx ends, reading stops, and the scan concludes over
// what was read; the summary then says that it is not complete. An unreadable source, a damaged message and the like
// are problem records, not errors. With Config.State w may be nil: then nothing is written, and of mail that did not
// change nothing but what the calendar changed is concluded.
func Scan(ctx context.Context, cfg Config, w io.Writer) (Result, error) {
	end, err := cfg.complete()
	if err != nil {
		return Result{}, err
	}
	defer end()
	s := &scan{cfg: cfg}
	done := make(chan error, 1)
	go func() { done <- s.attempt(ctx, w) }()
	tick := time.NewTicker(max(cfg.Limits.Stuck/10, time.Millisecond))
	defer tick.Stop()
	last, still := int64(-1), 0
	for {
		select {
		case err := <-done:
			return s.result, err
		case <-tick.C:
			// Ten ticks without a step: nothing was finished for the whole time.
			if now := s.steps.Load(); now != last {
				last, still = now, 0
			} else if still++; still >= 10 {
				return Result{}, fmt.Errorf("%w: nothing was finished for %s", ErrStuck, cfg.Limits.Stuck)
			}
		}
	}
}

// scan is one running scan.
type scan struct {
	cfg      Config
	steps    atomic.Int64 // grows with everything finished, for the watchdog
	looked   struct{ messages, facts atomic.Int64 }
	spool    *fact.Spool
	tally    *fact.Tally
	profile  *fact.Profile
	starts   starts
	cache    *cache.Cache // nil without Config.State
	stored   fact.Lookup  // in the place of the spool, where none was made
	records  *records.Set // nil for none
	counters counters
	sources  []Source
	result   Result
}

// attempt runs the scan; where stored parts turn out to be damaged it forgets them and reads all mail. Nothing has been
// written to w by then.
func (s *scan) attempt(ctx context.Context, w io.Writer) error {
	err := s.run(ctx, w)
	if s.cache == nil || !errors.Is(err, state.ErrDamaged) {
		return err
	}
	s.cache.Forget(err)
	s.spool, s.tally, s.profile, s.cache, s.stored, s.sources = nil, nil, nil, nil, nil, nil
	s.counters, s.result = counters{}, Result{}
	return s.run(ctx, w)
}

// run runs the five stages.
func (s *scan) run(ctx context.Context, w io.Writer) (err error) {
	if s.records, err = readRecords(&s.cfg); err != nil {
		return err
	}
	if s.records != nil {
		s.result.Beside = s.records.Read
	}
	s.spool, err = fact.NewSpool(s.cfg.Dir)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := s.spool.Close(); err == nil && cerr != nil {
			err = fmt.Errorf("removing the spool: %w", cerr)
		}
	}()
	if s.cfg.State != nil {
		s.cache = s.newCache()
		defer func() {
			if cerr := s.cache.Close(); err == nil && cerr != nil {
				err = fmt.Errorf("removing the scratch file: %w", cerr)
			}
		}()
	}
	complete, err := s.read(ctx)
	if err != nil {
		return err
	}
	s.result.Complete, s.result.Sources, s.result.Rules = complete, s.sources, s.rules()
	if s.counters.mailboxes == 0 && s.counters.Problems == 0 && complete && !(s.cache != nil && slices.ContainsFunc(s.cfg.Paths, mailbox.Empty)) {
		return ErrNothing
	}
	if s.cache != nil {
		n, err := s.cache.Read()
		if err != nil {
			return err
		}
		s.counters.Add(n)
		if w == nil {
			judged, err := s.concludeLast()
			if err != nil {
				return err
			}
			if judged != nil {
				s.summarize(judged)
				s.told(judged)
				return nil
			}
		}
		if err := s.cache.AddTally(s.tally); err != nil {
			return err
		}
		if err := s.cache.Replay(s.spool, func() { s.steps.Add(1) }); err != nil {
			return err
		}
	}
	if err := s.spool.Seal(); err != nil {
		return err
	}
	// From here on an interrupt no longer stops us: what was read is concluded. A second one ends the process.
	ctx = context.WithoutCancel(ctx)
	copies, err := s.learn()
	if err != nil {
		return err
	}
	judged, err := s.judge(ctx, copies)
	if err != nil {
		return err
	}
	if err := s.emit(ctx, judged, w); err != nil {
		return err
	}
	s.told(judged)
	return nil
}

// told fills in the result what the caller has to tell, and in the state what the next run is to know.
func (s *scan) told(j *judged) {
	s.result.Attention = j.out.Attention
	if s.cache == nil {
		return
	}
	s.result.Scope = s.cache.Scope()
	s.result.Changed = j.judgedNow
	s.result.Findings = s.findings(j, s.result.Scope)
	before := int64(0)
	if audit := s.cfg.State.Root.Audits[s.result.Scope]; audit != nil {
		before = audit.Lost
	}
	s.result.NewlyLost = s.counters.Lost > before
	s.result.Unkept = s.save(j)
}

// rules is the digest of all rule data in use.
func (s *scan) rules() string {
	h := sha256.New()
	fmt.Fprintf(h, "mailaudit rules\nbrands %s\nevents %s\nsignals %s\nreceivers %s\ndecisions %v\n",
		s.cfg.Brands.Digest(), s.cfg.Events.Digest(), detect.Digest(), mailauth.Digest(), verdict.Rules())
	return hex.EncodeToString(h.Sum(nil))
}
