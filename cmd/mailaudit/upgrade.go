package main

import (
	"time"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/state"
)

// A new version of the program, or other rules, can judge all mail anew. A person who has lived with it for years is told
// what that makes worse in the mail of the last weeks, and of the rest that there is something to look at: otherwise the
// night after an upgrade would tell a decade again.

// recent is how old the newest mail of a finding may be to be told when the rules change.
const recent = 28 * 24 * time.Hour

// rules names what this run judged by.
func (n *night) rules() string { return version + " " + n.result.Rules }

// upgraded reports whether the last run judged by other rules than this one. A first run has none before it.
func (n *night) upgraded() bool {
	return n.store.Upgraded() || n.store.Root.Rules != "" && n.store.Root.Rules != n.rules()
}

// settle takes out of the news what is news only because the rules are others, and older than some weeks.
func (n *night) settle(list []state.Finding) {
	if !n.upgraded() {
		return
	}
	older := 0
	for _, f := range list {
		switch {
		case n.news[f.ID] == state.Nothing: // it was told, if under other ids: these are remembered from now on
		case n.now.Sub(f.Newest) > recent:
			delete(n.news, f.ID)
			older++
		default:
			continue
		}
		n.quiet = append(n.quiet, f)
	}
	switch older {
	case 0:
	case 1:
		n.p.ui.say(n.p.ui.tr("mailaudit judges by other rules now: one finding in older mail is new or has changed; mailaudit scan shows it", "判定のルールが新しくなりました。以前のメールについて、新しい結果または変わった結果が1件あります。mailaudit scan で表示できます"))
	default:
		n.p.ui.say(n.p.ui.tr("mailaudit judges by other rules now: %d findings in older mail are new or have changed; mailaudit scan shows them", "判定のルールが新しくなりました。以前のメールについて、新しい結果または変わった結果が%d件あります。mailaudit scan で表示できます"), older)
	}
}

// acknowledged tells what a person said of an item: of that id, or, when the state is of an earlier version, of the item
// that told of most of the same messages then.
func (n *night) acknowledged() func(*finding.Attention, func(string) string) *finding.Acknowledged {
	byID := acknowledged(n.acks, n.now)
	if !n.store.Upgraded() {
		return byID
	}
	return func(a *finding.Attention, former func(string) string) *finding.Acknowledged {
		if said := byID(a, former); said != nil {
			return said
		}
		for _, ack := range n.acks.List() {
			told := n.store.Root.Told[ack.ID]
			if told == nil || ack.ID == a.ID || told.Account != a.Account || !sameMessages(told, a, former) {
				continue
			}
			if ack.Holds(a.Severity.Level(), func(s string) int { return finding.Severity(s).Level() }, n.now) {
				ack.ID = a.ID
				n.moved = append(n.moved, ack)
				return &finding.Acknowledged{Why: ack.Why, Until: ack.Until}
			}
		}
		return nil
	}
}

// sameMessages reports whether an item tells of at least half of the messages that were told of, and of hardly any other.
func sameMessages(told *state.Told, a *finding.Attention, former func(string) string) bool {
	same := 0
	for _, id := range a.Messages {
		_, now := told.Parts[id]
		_, then := told.Parts[former(id)]
		if now || then {
			same++
		}
	}
	return same > 0 && 2*same >= len(told.Parts) && 2*same >= len(a.Messages)
}

// carryOver writes the acknowledgements of findings that have another id now beside the old ones.
func (n *night) carryOver() {
	if len(n.moved) == 0 || !n.store.Writable() {
		return
	}
	for _, ack := range n.moved {
		n.acks.Add(ack)
	}
	if err := n.acks.Save(); err != nil {
		n.p.ui.say("%s", err)
	}
}
