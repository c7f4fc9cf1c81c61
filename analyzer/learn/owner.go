package learn

import (
	"cmp"
	"slices"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/fact"
)

// Thresholds of telling the owner's addresses. An owner with ten addresses in even use is not one that mail is audited
// for; a list or a former colleague's address stays far below a tenth.
const (
	ownerShare = 0.10
	maxOwner   = 20
)

// owner tells the owner's addresses: those given, or else those that the receivers deliver to and that messages among
// the sent ones are from, each with at least a tenth of its kind. Where no receiver names recipients, the addresses
// that messages are addressed to alone stand in.
func owner(t *fact.Tally, p *fact.Profile, given []string) {
	for _, g := range given {
		if a := clean(g); a != "" {
			p.Owner[a] = true
			p.OwnerUse[a] = t.Addresses[a].Delivered + t.Addresses[a].Sent + t.Addresses[a].To
		}
	}
	if len(p.Owner) > 0 {
		return
	}
	var delivered, sent, to int64
	for _, c := range t.Addresses {
		delivered, sent, to = delivered+c.Delivered, sent+c.Sent, to+c.To
	}
	var all []string
	for a, c := range t.Addresses {
		switch {
		case share(c.Delivered, delivered), share(c.Sent, sent), delivered == 0 && share(c.To, to):
			all = append(all, a)
		}
	}
	use := func(a string) int64 { c := t.Addresses[a]; return c.Delivered + c.Sent + c.To }
	slices.SortFunc(all, func(a, b string) int { return cmp.Or(cmp.Compare(use(b), use(a)), strings.Compare(a, b)) })
	for _, a := range all[:min(len(all), maxOwner)] {
		p.Owner[a] = true
		p.OwnerUse[a] = use(a)
	}
}

func share(n, of int64) bool { return n > 0 && float64(n) >= ownerShare*float64(of) }

// contacts are the addresses that the owner wrote to, and the messages that were answered.
func contacts(t *fact.Tally, p *fact.Profile) {
	own := make(map[uint64]bool, len(p.Owner))
	for a := range p.Owner {
		own[fact.HashAddress(a)] = true
	}
	for k := range t.Sent {
		if own[k.From] {
			p.Contacts[k.To] = true
		}
	}
	for id := range t.Answers {
		p.Answered[id] = true
	}
}

// zone is the one that most messages written here bear.
func zone(t *fact.Tally, p *fact.Profile) {
	var best int32
	for minutes, n := range t.Zones {
		if !p.OffsetKnown || n > t.Zones[best] || n == t.Zones[best] && minutes < best {
			best, p.OffsetKnown = minutes, true
		}
	}
	p.Offset = int(best) * 60
}
