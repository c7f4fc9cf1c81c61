package learn

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"
	"time"

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

// Thresholds of AUTHENTICITY §2.
const (
	enough   = 20   // messages of a year for it to say whose receiver something is
	ownShare = 0.20 // of some year's inbound messages come through a receiver of the owner
	// wayShare is how many of its messages have a result of a method for it to be believed: a sender's own invention is in
	// his own messages only.
	wayShare = 0.05
	// lateShare is how many of the fields stand behind the sender's own ones where a receiver appends them.
	lateShare = 0.90
)

// Trust learns from a tally: the receivers that are believed, the owner's addresses and contacts, the roles
// of labels, and whether Status fields mean anything.
//
// Receivers are learned from independent senders, for each group and, where a group has too few, for all groups, and for
// the time around each week (senders.go). A receiver of which enough was seen without finding results to believe gets a
// rule with place "nowhere". One of which too little was seen gets none: mailauth then asks the fixed table.
func Trust(t *fact.Tally, opt Options) *fact.Profile {
	p := &fact.Profile{
		Owner: make(map[string]bool), OwnerUse: make(map[string]int64), Contacts: make(map[uint64]bool), Answered: make(map[uint64]bool),
		Labels: roles(t, opt.Labels), StatusMeans: make(map[string]bool), MozillaSilent: make(map[string]bool), Arrivals: t.Arrivals,
	}
	p.Trust = receivers(t)
	p.Ways = ways(t)
	for _, id := range opt.TrustIDs {
		if r, ok := given(t, id); ok {
			p.Trust = append(p.Trust, r)
		}
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
}

type form struct{ id, place string }

// book is a tally by receiver and scope.
type book struct {
	by      map[string]map[scope]*counts // by domain
	inbound map[scope]int64
	given   map[formKey]*methodSenders
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
		c = &counts{forms: make(map[form]fact.ResultCount)}
		m[s] = c
	}
	return c
}

// receivers learns the rules, in a fixed order.
func receivers(t *fact.Tally) []fact.TrustRule {
	b := open(t)
	all := histories(t, fact.WhatAll, fact.WhatResult, func(what string) string {
		_, name, _ := strings.Cut(what, " ")
		return name
	})
	b.given = methodsGiven(t)
	var out []fact.TrustRule
	learned := make(map[string]bool)
	for _, group := range keys(all) {
		for _, domain := range keys(all[group]) {
			list := b.rules(domain, group, all[group][domain])
			learned[domain] = learned[domain] || len(list) > 0
			out = append(out, list...)
		}
	}
	// What too little was seen of is listed too, so that the report can say what was only assumed.
	return append(out, b.assumed(keys(b.by), learned)...)
}

// assumed lists the rows of the fixed table for receivers that too little was seen of.
func (b *book) assumed(domains []string, learned map[string]bool) []fact.TrustRule {
	var out []fact.TrustRule
	for _, d := range domains {
		c := b.by[d][scope{}]
		if c == nil || learned[d] {
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

// rules learns what is believed of a receiver in a group; none where too little was seen of it.
func (b *book) rules(domain, group string, h *history) []fact.TrustRule {
	known := func(i int) bool { return h.decide(i, "") != unknown }
	base := fact.TrustRule{Group: group, Domain: domain, Learned: true}
	if c := b.by[domain][scope{group, 0}]; c != nil {
		base.Messages = c.Messages
	}
	var out []fact.TrustRule
	held := make([]bool, len(h.weeks))
	above := make(map[string][]bool) // by id; in the order of habits they come first
	if b.own(domain, group) {
		for _, name := range h.habits {
			f := formOf(name)
			holds := make([]bool, len(h.weeks))
			for i := range h.weeks {
				// What stands above can't be the sender's; while it is there the same id below is.
				holds[i] = (above[f.id] == nil || !above[f.id][i]) && h.decide(i, name) == shown
				held[i] = held[i] || holds[i]
			}
			if f.place == mailauth.Above {
				above[f.id] = holds
			}
			want := func(i int) bool { return holds[i] }
			c := b.by[domain][scope{group, 0}].forms[f]
			r := base
			r.AuthservID, r.Place = f.id, f.place
			r.Years = h.years(want)
			r.Fields = usualFields(c)
			r.Unwritten = unwritten(c)
			r.Always = b.given[formKey{group, domain, f}].always()
			r.Last = f.place == mailauth.Below && float64(c.Late) >= lateShare*float64(c.Messages)
			for _, v := range h.intervals(want) {
				r.From, r.To = v.From, v.To
				out = append(out, r)
			}
		}
	}
	// Where enough was seen and no form holds, nothing is believed.
	for _, v := range h.intervals(func(i int) bool { return known(i) && !held[i] }) {
		r := base
		r.Place, r.From, r.To = mailauth.Nowhere, v.From, v.To
		out = append(out, r)
	}
	return out
}

// formOf takes apart the name of a form: its place, a blank, its id.
func formOf(name string) (f form) {
	f.place, f.id, _ = strings.Cut(name, " ")
	return f
}

// formKey names a form of a receiver in a group.
type formKey struct {
	group, domain string
	form
}

// methodSenders are the places of senders whose mail has results of a form: all of them, and those with a result of a method.
type methodSenders struct {
	all  [2]uint32
	with map[string]*[2]uint32
}

// methodsGiven gathers for each form which senders' mail has a result of which method.
func methodsGiven(t *fact.Tally) map[formKey]*methodSenders {
	out := make(map[formKey]*methodSenders)
	for k := range t.Senders {
		rest, ok := strings.CutPrefix(k.What, fact.WhatResult)
		if !ok {
			continue
		}
		letters, name, _ := strings.Cut(rest, " ")
		groups := []string{"", k.Group}
		if k.Group == "" {
			groups = groups[:1]
		}
		for _, group := range groups {
			key := formKey{group, k.Domain, formOf(name)}
			g := out[key]
			if g == nil {
				g = &methodSenders{with: make(map[string]*[2]uint32)}
				out[key] = g
			}
			side := 0
			if k.Net {
				side = 1
			}
			bit := uint32(1) << (k.Place % fact.SenderPlaces)
			g.all[side] |= bit
			for _, m := range mailauth.MethodsOf(letters) {
				if g.with[m] == nil {
					g.with[m] = new([2]uint32)
				}
				g.with[m][side] |= bit
			}
		}
	}
	return out
}

// always are the methods that nearly every sender's mail has a result of.
func (g *methodSenders) always() (out []string) {
	if g == nil {
		return nil
	}
	for _, m := range keys(g.with) {
		share := 1.0
		for side := range g.all {
			share = min(share, float64(bits.OnesCount32(g.with[m][side]))/float64(max(bits.OnesCount32(g.all[side]), 1)))
		}
		if share >= alwaysShare {
			out = append(out, m)
		}
	}
	return out
}

// ways learns by which ways through own hops nearly all mail of a machine comes in.
func ways(t *fact.Tally) []fact.WayRule {
	all := histories(t, fact.WhatTop, fact.WhatWay, func(what string) string { return what })
	var out []fact.WayRule
	for _, group := range keys(all) {
		for _, top := range keys(all[group]) {
			h := all[group][top]
			for _, habit := range h.habits {
				for _, v := range h.intervals(func(i int) bool { return h.carries(i, habit) }) {
					out = append(out, fact.WayRule{Group: group, Way: strings.TrimPrefix(habit, fact.WhatWay), From: v.From, To: v.To})
				}
			}
		}
	}
	return out
}

func unixYear(unix int64) int { return time.Unix(unix, 0).UTC().Year() }

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

// own reports whether a receiver is one of the owner's in a group: at least a fifth of some year's inbound messages came
// through it. A year counts that has enough messages, or, where none has, all years together.
func (b *book) own(domain, group string) bool {
	found := false
	for s, n := range b.inbound {
		if s.group != group || s.year == 0 || n < enough {
			continue
		}
		found = true
		if c := b.by[domain][s]; c != nil && float64(c.Messages) >= ownShare*float64(n) {
			return true
		}
	}
	if found {
		return false
	}
	s := scope{group, 0}
	c := b.by[domain][s]
	return c != nil && float64(c.Messages) >= ownShare*float64(b.inbound[s])
}

// given is the rule for an id that the user trusts; ok is false where it names none. Where neither the table nor the user
// says in which place it stands, the place in which most messages have it counts. Messages counts those that came in through
// its receiver.
func given(t *fact.Tally, id string) (r fact.TrustRule, ok bool) {
	r, err := mailauth.Given(id)
	if err != nil {
		return r, false
	}
	for k, c := range t.Receivers {
		if k.Domain == r.Domain {
			r.Messages += c.Messages
		}
	}
	if r.Place != "" {
		return r, true
	}
	n := make(map[string]int64)
	for k, c := range t.Results {
		if k.Domain == r.Domain && (mailauth.MatchID(k.ID, r.AuthservID) || k.ID == r.AuthservID) {
			n[k.Place] += c.Messages
		}
	}
	switch {
	case n[mailauth.Above] > n[mailauth.Below]:
		r.Place = mailauth.Above
	case n[mailauth.Below] > n[mailauth.Above]:
		r.Place = mailauth.Below
	}
	return r, true
}

// Receivers are the domains of the receivers that took in most messages, most first, at most n.
func Receivers(t *fact.Tally, n int) []string {
	count := make(map[string]int64)
	for k, c := range t.Receivers {
		count[k.Domain] += c.Messages
	}
	list := keys(count)
	slices.SortStableFunc(list, func(a, b string) int { return cmp.Compare(count[b], count[a]) })
	return list[:min(n, len(list))]
}
