// Package timeline puts the judged messages in order and finds what belongs together.
//
// It works on Entries: a few dozen bytes for each message, so that a million of them fit in memory; what else is needed
// of a message is fetched from the spool by its position.
//
// An incident is a set of genuine notices of one account that together tell more than each of them: changes to an
// account and purchases within 72 hours, with Amazon's own response. Each kind is one rule in one file, with the
// samples that make it and those that look alike and don't. The rules never cross accounts (recipient and marketplace),
// take only what the brand itself sent, and let a fake in as context only. A rule looks at the notices it is made of
// and at nothing else, so that unrelated mail never changes what it finds.
package timeline

import (
	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// words are the lists that the indexes of an entry point into, fetched once.
type words struct {
	events   []finding.Event
	verdicts []finding.Verdict
}

func newWords() words { return words{events: finding.Events(), verdicts: finding.Verdicts()} }

func (w words) event(e *fact.Entry) finding.Event {
	if int(e.Event) < len(w.events) {
		return w.events[e.Event]
	}
	return finding.OtherEvent
}

func (w words) verdict(e *fact.Entry) finding.Verdict {
	if int(e.Verdict) < len(w.verdicts) {
		return w.verdicts[e.Verdict]
	}
	return finding.Mention
}
