package timeline

import (
	"time"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

const (
	// silenceGrace is how long confirmations of the change itself may still come.
	silenceGrace = 48 * time.Hour
	// silenceLeast is the shortest silence that says anything, silenceHole the shortest that ended again: people go away
	// for a month.
	silenceLeast = 30 * 24 * time.Hour
	silenceHole  = 60 * 24 * time.Hour
	// silenceTimes is how many times longer than any gap of the year before the silence must be.
	silenceTimes = 2
	// silenceBefore is how many notices must have come in the year before the change: an account that is hardly used
	// is always silent.
	silenceBefore = 6
	year          = 365 * 24 * time.Hour
)

// silent is a silence after a change of the e-mail address.
type silent struct {
	core     uint32
	from, to int64 // last notice before it and first one after it, or the end of the mailbox
	ended    bool  // a notice came again
}

func (s *silent) text() finding.Text {
	id := "incident.silence.since"
	if s.ended {
		id = "incident.silence.between"
	}
	return finding.Text{ID: id, Args: map[string]any{
		"start": stamp(time.Unix(s.from, 0)), "end": stamp(time.Unix(s.to, 0)), "days": int((s.to - s.from) / (24 * 60 * 60)),
	}}
}

// A silence is that of an account of which nothing came any more after the e-mail address was changed, while the mailbox
// went on: who moves the account to an address of his own takes the notices with him, and so does the owner. At least 30
// days, twice the longest gap of the year before, and not where the new address is the owner's own.

// silenceAfter looks for a silence after one of the members that changed the e-mail address.
func (f *finder) silenceAfter(l *ledger, members []uint32) *silent {
	var last int64
	for _, i := range members {
		e := &f.Entries[i]
		// Notices of one day are one change: Amazon writes to the old and to the new address.
		if f.event(e) != finding.EmailChanged || last != 0 && e.Time-last < seconds(burstSpan) {
			continue
		}
		last = e.Time
		if s := f.silentFrom(l, i); s != nil && !f.stays(l, e) {
			return s
		}
	}
	return nil
}

func (f *finder) silentFrom(l *ledger, core uint32) *silent {
	t := f.Entries[core].Time
	grace := f.between(l.notices, t, t+seconds(silenceGrace))
	s := &silent{core: core, from: f.Entries[grace[len(grace)-1]].Time}
	after := f.between(l.notices, t+seconds(silenceGrace)+1, 1<<62)
	switch {
	case len(after) > 0:
		s.to, s.ended = f.Entries[after[0]].Time, true
	case f.Span[1].IsZero():
		return nil
	default:
		s.to = f.Span[1].Unix()
	}
	if s.to-s.from < seconds(silenceLeast) || s.ended && s.to-s.from < seconds(silenceHole) || f.quiet(s.from, s.to) {
		return nil
	}
	before := f.between(l.notices, t-seconds(year), t)
	if len(before) < silenceBefore+1 {
		return nil
	}
	var longest int64
	for k := 1; k < len(before); k++ {
		longest = max(longest, f.Entries[before[k]].Time-f.Entries[before[k-1]].Time)
	}
	if s.to-s.from < silenceTimes*longest {
		return nil
	}
	return s
}

// quiet reports whether a month between two times holds no mail at all: then the mailbox is silent, not the account.
func (f *finder) quiet(from, to int64) bool {
	if f.Months == nil {
		return false
	}
	t := time.Unix(from, 0).UTC()
	for m := time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC).AddDate(0, 1, 0); m.AddDate(0, 1, 0).Unix() <= to; m = m.AddDate(0, 1, 0) {
		if f.Months[m.Format("2006-01")] == 0 {
			return true
		}
	}
	return false
}

// stays reports whether the new address is one of the owner's, or looks like it: notices are then read elsewhere.
func (f *finder) stays(l *ledger, e *fact.Entry) bool {
	m := f.movedTo(l, e)
	return m == movedOwn || m == movedAlike
}
