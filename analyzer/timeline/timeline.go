// Package timeline puts the judged messages in order and finds what belongs together.
//
// It works on Entries: a few dozen bytes for each message, so that a million of them fit in memory; what else is needed
// of a message is fetched from the spool by its position.
//
// Notices that follow one another are one story (chain.go). What a story shows of somebody else's hand are its signs
// (weigh.go), each with a weight from how often honest people and intruders show it (signs.toml). A story whose signs
// honest acts don't show is an incident; every other change is a question that only the owner can answer (decide.go): a
// takeover is seen once in a thousand mailbox-years, a new phone every third one, and a program that cries at each of them
// is read by nobody when it matters.
//
// Nothing crosses accounts (recipient and marketplace), only what the brand itself sent counts, and a fake is context.
// Advertising, other accounts and unrelated mail never change what is found.
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
