package learn

import (
	"cmp"
	"slices"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/mailauth"
)

// Options are what the user says about the mailbox.
type Options struct {
	TrustIDs []string                  // authserv-ids to believe besides those learned; "outlook" for the form without one
	Owner    []string                  // the owner's addresses; empty: learned
	Labels   map[string]finding.Folder // roles of labels; they go before what is known and learned
}

// Thresholds of DOMAIN §5.2.
const (
	enough   = 20   // messages of a receiver to learn from it
	ownShare = 0.20 // of some year's inbound messages come through a receiver of the owner
	resShare = 0.90 // of its messages with results carry a form of them in one place
	// allShare is how many of all its messages must carry the form. A receiver that checks mail checks all of it. Where
	// it writes nothing, results that senders forged or other servers left are all the results there are, and alone among
	// themselves they would reach any share. A year in which the receiver began to write is believed for the sake of
	// the year beside it.
	allShare = 0.50
	// wayShare is how many of its messages take a way through the receiver, or have a result of a method, for these to be
	// believed: a sender's own invention is in his own messages only.
	wayShare = 0.05
	// lateShare is how many of the fields stand behind the sender's own ones where a receiver appends them.
	lateShare = 0.90
)

// Trust learns from a tally: the receivers that are believed, the owner's addresses and contacts, the roles
// of labels, and whether Status fields mean anything.
//
// Receivers are learned for each group and year, and where a group or year has too few messages of a receiver (under
// 20), for the group over all years, and then for all groups. A receiver of which enough was seen without finding
// results to believe gets a rule with place "nowhere". One of which too little was seen gets none: mailauth then asks
// the fixed table.
func Trust(t *fact.Tally, opt Options) *fact.Profile {
	p := &fact.Profile{
		Owner: make(map[string]bool), OwnerUse: make(map[string]int64), Contacts: make(map[uint64]bool), Answered: make(map[uint64]bool),
		Labels: roles(t, opt.Labels), StatusMeans: make(map[string]bool), MozillaSilent: make(map[string]bool), Arrivals: t.Arrivals,
	}
	p.Trust = receivers(t)
	for _, id := range opt.TrustIDs {
		p.Trust = append(p.Trust, given(t, id))
	}
	owner(t, p, opt.Owner)
	contacts(t, p)
	zone(t, p)
	statusMeans(t, p)
	return p
}

// scope is a group ("" for all) and a year (0 for all).
type scope struct {
	group string
	year  int
}

// counts are the counts of one receiver in one scope.
type counts struct {
	fact.ReceiverCount
	forms map[form]fact.ResultCount
	ways  map[string]int64
}

type form struct{ id, place string }

// book is a tally by receiver and scope.
type book struct {
	by      map[string]map[scope]*counts // by domain
	inbound map[scope]int64
}

func open(t *fact.Tally) *book {
	b := &book{by: make(map[string]map[scope]*counts), inbound: make(map[scope]int64)}
	for k, n := range t.Receivers {
		for _, s := range scopes(k) {
			c := b.counts(k.Domain, s)
			c.Messages += n.Messages
			c.Results += n.Results
			b.inbound[s] += n.Messages
		}
	}
	for k, n := range t.Ways {
		for _, s := range scopes(k.ReceiverKey) {
			b.counts(k.Domain, s).ways[k.Way] += n
		}
	}
	for k, n := range t.Results {
		for _, s := range scopes(k.ReceiverKey) {
			c := b.counts(k.Domain, s)
			c.forms[form{k.ID, k.Place}] = c.forms[form{k.ID, k.Place}].Add(n)
		}
	}
	return b
}

// scopes are those that a count belongs to, each once.
func scopes(k fact.ReceiverKey) []scope {
	all := []scope{{k.Group, k.Year}, {k.Group, 0}, {"", k.Year}, {"", 0}}
	slices.SortFunc(all, func(a, b scope) int { return cmp.Or(strings.Compare(a.group, b.group), a.year-b.year) })
	return slices.Compact(all)
}

func (b *book) counts(domain string, s scope) *counts {
	m := b.by[domain]
	if m == nil {
		m = make(map[scope]*counts)
		b.by[domain] = m
	}
	c := m[s]
	if c == nil {
		c = &counts{forms: make(map[form]fact.ResultCount), ways: make(map[string]int64)}
		m[s] = c
	}
	return c
}

// receivers learns the rules, in a fixed order.
func receivers(t *fact.Tally) []fact.TrustRule {
	b := open(t)
	var out []fact.TrustRule
	domains := keys(b.by)
	for _, domain := range domains {
		m := b.by[domain]
		all := make([]scope, 0, len(m))
		for s := range m {
			all = append(all, s)
		}
		slices.SortFunc(all, func(x, y scope) int { return cmp.Or(strings.Compare(x.group, y.group), x.year-y.year) })
		for _, s := range all {
			if m[s].Messages >= enough {
				out = append(out, b.rules(domain, s)...)
			}
		}
	}
	// What too little was seen of is listed too, so that the report can say what was only assumed.
	return append(out, b.assumed(domains)...)
}

// assumed lists the rows of the fixed table for receivers that too little was seen of.
func (b *book) assumed(domains []string) []fact.TrustRule {
	var out []fact.TrustRule
	for _, d := range domains {
		c := b.by[d][scope{}]
		if c == nil || c.Messages >= enough {
			continue
		}
		for _, r := range mailauth.Assumed(d) {
			r.Messages = c.Messages
			out = append(out, r)
		}
	}
	return out
}

func keys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// rules learns what is believed of a receiver in a scope that has enough of its messages.
func (b *book) rules(domain string, s scope) []fact.TrustRule {
	base := fact.TrustRule{
		Group: s.group, FromYear: s.year, ToYear: s.year, Domain: domain,
		Messages: b.by[domain][s].Messages, Learned: true,
	}
	for _, w := range keys(b.by[domain][s].ways) {
		if float64(b.by[domain][s].ways[w]) >= wayShare*float64(base.Messages) {
			base.Ways = append(base.Ways, w)
		}
	}
	var out []fact.TrustRule
	if b.own(domain, s.group) {
		forms := b.forms(domain, s)
		for _, f := range forms {
			if f.place == mailauth.Below && slices.Contains(forms, form{f.id, mailauth.Above}) {
				continue // what stands above can't be the sender's
			}
			c := b.by[domain][s].forms[f]
			r := base
			r.AuthservID, r.Place = f.id, f.place
			if s.year == 0 {
				r.Years = b.years(domain, s.group, f)
			}
			r.Fields = usualFields(c)
			r.Unwritten = unwritten(c)
			r.Last = f.place == mailauth.Below && float64(c.Late) >= lateShare*float64(c.Messages)
			out = append(out, r)
		}
	}
	if len(out) == 0 {
		base.Place = mailauth.Nowhere
		out = append(out, base)
	}
	return out
}

// unwritten are the methods that hardly any message has a result of.
func unwritten(c fact.ResultCount) []string {
	var out []string
	for _, m := range []struct {
		name string
		n    int64
	}{{"dkim", c.DKIM}, {"dmarc", c.DMARC}, {"spf", c.SPF}} {
		if float64(m.n) < wayShare*float64(c.Messages) {
			out = append(out, m.name)
		}
	}
	return out
}

// usualFields is how many fields of a form a message may carry without one of them being the sender's. A receiver that
// writes a field for each method or signature writes now more, now fewer.
func usualFields(c fact.ResultCount) int {
	if 20*c.Fields <= 21*c.Messages {
		return 1
	}
	return int((c.Fields+c.Messages-1)/c.Messages) + 1
}

// years are the years in which a receiver wrote a form, in order.
func (b *book) years(domain, group string, f form) []int {
	var out []int
	for s, c := range b.by[domain] {
		if s.group == group && s.year != 0 && c.forms[f].Messages > 0 {
			out = append(out, s.year)
		}
	}
	slices.Sort(out)
	return out
}

// own tells whether a receiver is one of the owner's in a group: at least a fifth of some year's inbound messages came
// through it. A year counts that has enough messages, or, where none has, all years together.
func (b *book) own(domain, group string) bool {
	any := false
	for s, n := range b.inbound {
		if s.group != group || s.year == 0 || n < enough {
			continue
		}
		any = true
		if c := b.by[domain][s]; c != nil && float64(c.Messages) >= ownShare*float64(n) {
			return true
		}
	}
	if any {
		return false
	}
	s := scope{group, 0}
	c := b.by[domain][s]
	return c != nil && float64(c.Messages) >= ownShare*float64(b.inbound[s])
}

// forms are the forms of results that a receiver writes in a scope, in a fixed order.
func (b *book) forms(domain string, s scope) []form {
	c := b.by[domain][s]
	var out []form
	for f, n := range c.forms {
		if float64(n.Messages) < resShare*float64(c.Results) {
			continue
		}
		if b.most(domain, s, f) || s.year != 0 && (b.most(domain, scope{s.group, s.year - 1}, f) || b.most(domain, scope{s.group, s.year + 1}, f)) {
			out = append(out, f)
		}
	}
	slices.SortFunc(out, func(x, y form) int { return cmp.Or(strings.Compare(x.place, y.place), strings.Compare(x.id, y.id)) })
	return out
}

// most tells whether most messages of a receiver in a scope carry a form, and nearly all of those with results do.
func (b *book) most(domain string, s scope, f form) bool {
	c := b.by[domain][s]
	if c == nil || c.Messages < enough {
		return false
	}
	n := float64(c.forms[f].Messages)
	return n >= allShare*float64(c.Messages) && n >= resShare*float64(c.Results)
}

// given is the rule for an id that the user trusts. Where neither the table nor the user says in which place it stands,
// the place in which most messages have it counts.
func given(t *fact.Tally, id string) fact.TrustRule {
	r := mailauth.Given(id)
	if r.Place != "" {
		return r
	}
	n := make(map[string]int64)
	for k, c := range t.Results {
		if mailauth.MatchID(k.ID, r.AuthservID) || k.ID == r.AuthservID {
			n[k.Place] += c.Messages
		}
	}
	switch {
	case n[mailauth.Above] > n[mailauth.Below]:
		r.Place = mailauth.Above
	case n[mailauth.Below] > n[mailauth.Above]:
		r.Place = mailauth.Below
	}
	r.Messages = n[r.Place]
	return r
}
