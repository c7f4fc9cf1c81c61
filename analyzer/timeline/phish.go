package timeline

import (
	"time"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

const (
	// usualSpan and usualFakes tell a coincidence from a story: who opens more than ten fakes in a month has one within
	// 72 hours of anything that ever happens.
	usualSpan  = 30 * 24 * time.Hour
	usualFakes = 10
)

// openedBefore are the fakes to the same recipient that were answered, or opened where that is not an everyday thing,
// within the window before t.
func (f *finder) openedBefore(l *ledger, t int64) []uint32 {
	fakes := f.fakes[l.account.Address]
	if l.account.Address == "" || len(fakes) == 0 {
		return nil
	}
	everyday := len(f.between(fakes, t-seconds(usualSpan), t)) > usualFakes
	var out []uint32
	for _, i := range f.between(fakes, t-seconds(window), t) {
		e := &f.Entries[i]
		if l.account.Same(f.Accounts[e.Account]) && (e.Flags.Has(fact.Replied) || !everyday) {
			out = append(out, i)
		}
	}
	return out
}

// phish finds changes to the security of an account that follow within 72 hours on a fake that the owner is known to
// have opened or answered. Not known to be opened means no incident: every mailbox is full of fakes nobody touched.
// It is critical where the fake was answered, else high.
func (f *finder) phish(l *ledger) {
	var cores []uint32
	for _, i := range l.notices {
		if r := f.role(i); r&secure != 0 && r&change != 0 && !f.claims[i] {
			cores = append(cores, i)
		}
	}
	for len(cores) > 0 {
		n := f.chain(cores)
		chain := cores[:n]
		cores = cores[n:]
		fakes := f.openedBefore(l, f.Entries[chain[0]].Time)
		if len(fakes) == 0 {
			continue
		}
		d := draft{kind: KindPhish, severity: finding.High, anchor: chain[0], members: chain, context: fakes}
		answered := 0
		for _, i := range fakes {
			if f.Entries[i].Flags.Has(fact.Replied) {
				answered++
			}
		}
		id := "incident.phish.opened"
		if answered > 0 {
			d.severity, id = finding.Critical, "incident.phish.answered"
		}
		d.lead = []finding.Text{{ID: id, Args: map[string]any{
			"account": l.name(),
			"time":    stamp(f.Entries[fakes[len(fakes)-1]].When()),
			"start":   stamp(f.Entries[chain[0]].When()),
		}}}
		d.tail = []finding.Text{{ID: "incident.phish.owner"}}
		if gap := f.silenceAfter(l, chain); gap != nil {
			d.tail = append(d.tail, gap.text())
		}
		f.emit(l, d)
	}
}
