package analyzer

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"reflect"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/attention"
	"github.com/mailaudit/mailaudit/analyzer/cache"
	"github.com/mailaudit/mailaudit/analyzer/detect"
	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/mailauth"
	"github.com/mailaudit/mailaudit/analyzer/state"
)

// extraction is the version of what Extract makes of mail. It is raised with any change to it that no digest of rule data
// shows, so that mail is read again.
const extraction = 6

// newCache is the cache of a scan with Config.State. What earlier scans extracted counts only where this one would extract
// the same.
func (s *scan) newCache() *cache.Cache {
	others := ""
	if s.cfg.Others != nil {
		others = s.cfg.Others.Digest()
	}
	h := sha256.New()
	fmt.Fprintf(h, "extraction %d\nfact %d %s\ntally %s\nversion %s\nbrands %s others %s\nevents %s\nsignals %s\nreceivers %s\nlimits %+v\nkeys %s\n",
		extraction, fact.Version, fact.Form(), state.Form(reflect.TypeFor[fact.Tally]()), s.cfg.Version,
		s.cfg.Brands.Digest(), others, s.cfg.Events.Digest(), detect.Digest(), mailauth.Digest(), s.cfg.Limits, s.cfg.KeysDigest)
	return cache.New(s.cfg.State, hex.EncodeToString(h.Sum(nil)), s.cfg.Dir, len(s.cfg.Paths))
}

// judging is a digest of what the stages Judge and Conclude depend on besides the facts and the day, and of the tables that
// positions count by.
func (s *scan) judging() string {
	c := &s.cfg
	h := sha256.New()
	fmt.Fprintf(h, "%s\nversion %s build %s rules %s\nlive %v trust %q\nowner %q\nlabels %v\n", s.cache.Tables(), c.Version, c.Build, s.rules(), c.Live, c.Trust, c.Owner, c.Labels)
	fmt.Fprintln(h, state.ConclusionForm())
	return hex.EncodeToString(h.Sum(nil))
}

// last is what the last scan of these sources concluded, nil where that does not hold any more: there was none, mail or
// rules changed since, or it was made for a later day.
func (s *scan) last() *state.Conclusion {
	if !s.result.Complete || !s.cache.Unchanged() {
		return nil
	}
	audit := s.cfg.State.Root.Audits[s.cache.Scope()]
	if audit == nil || audit.Conclusion == nil || audit.Key != s.judging() || audit.Loose != s.cache.Loose() {
		return nil
	}
	raw, err := s.cfg.State.Section(*audit.Conclusion)
	if err != nil {
		return nil
	}
	c, err := state.DecodeConclusion(raw)
	if err != nil || s.cfg.AsOf.Before(c.AsOf) {
		return nil
	}
	for _, p := range c.Pending {
		if p.At <= s.cfg.AsOf.Unix() {
			return nil
		}
	}
	return c
}

// concludeLast concludes from what the last scan judged. It returns nil where all mail has to be judged.
func (s *scan) concludeLast() (*judged, error) {
	c := s.last()
	if c == nil {
		return nil, nil
	}
	s.tally = &c.Tally
	s.profile = &fact.Profile{Owner: c.Owner, Offset: c.Offset, OffsetKnown: c.Known}
	j := &judged{asOf: s.cfg.AsOf.UTC(), entries: c.Entries, counts: s.counts(c.Entries), names: &accounts{list: c.Accounts}}
	s.stored = s.cache.Lookup()
	var err error
	j.out, err = attention.Conclude(s.conclusion(j, j.names))
	return j, err
}

// remember stores what concludeLast needs.
func (s *scan) remember(j *judged, to *state.Audit) error {
	t := s.tally
	raw, err := state.EncodeConclusion(&state.Conclusion{
		AsOf: j.asOf, Accounts: j.names.list, Owner: s.profile.Owner, Offset: s.profile.Offset, Known: s.profile.OffsetKnown,
		Tally:   fact.Tally{Messages: t.Messages, Months: t.Months, DatedMonths: t.DatedMonths, Arrivals: t.Arrivals, Received: t.Received, Dated: t.Dated},
		Entries: j.entries, Pending: j.pending,
	})
	if err != nil {
		return err
	}
	conclusion, err := s.cfg.State.Append(raw)
	if err != nil {
		return err
	}
	to.Conclusion = &conclusion
	return nil
}

const (
	// unusedAfter is how long what was read of sources is stored that no scan names any more: a mailbox was moved, or
	// another set of paths is given every night.
	unusedAfter = 180 * 24 * time.Hour
	// freshFor is how old the date of a set of sources may become that does not change otherwise.
	freshFor = 30 * 24 * time.Hour
)

// save puts what this scan knows into the root of the state, to be committed. Nothing is saved of one that was interrupted:
// it does not know what is gone.
func (s *scan) save(j *judged) error {
	store := s.cfg.State
	if s.cache.Failed != nil || !store.Writable() || !s.result.Complete {
		return s.cache.Failed
	}
	if err := s.cache.Save(); err != nil {
		return err
	}
	audit := store.Root.Audits[s.result.Scope]
	if audit == nil {
		audit = &state.Audit{Paths: s.cache.Paths()}
		store.Root.Audits[s.result.Scope] = audit
	}
	if j.judgedNow {
		if err := s.remember(j, audit); err != nil {
			return err
		}
		audit.Key, audit.Loose = s.judging(), s.cache.Loose()
	}
	if audit.At.Before(s.cfg.Now().Add(-freshFor)) {
		s.result.Changed = true // the date has to be stored
	}
	audit.At, audit.Lost, audit.Findings = s.cfg.Now().UTC(), s.counters.Lost, nil
	for _, a := range j.out.Attention {
		if a.Kind != attention.AllClear {
			audit.Findings = append(audit.Findings, state.Listed{ID: a.ID, Severity: string(a.Severity), Kind: a.Kind})
		}
	}
	store.Root.Forget(s.cfg.Now().Add(-unusedAfter))
	return nil
}
