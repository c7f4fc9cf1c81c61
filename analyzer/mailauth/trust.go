package mailauth

import (
	"slices"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/hostname"
)

// Places where a receiver writes its results, relative to its own Received field.
const (
	Above = "above"
	Below = "below"
	// Nowhere marks a rule by which enough was seen of a receiver to know that none of its results can be believed: the
	// fixed table is not asked either.
	Nowhere = "nowhere"
)

// trust finds the result fields that count: by the rules learned for this receiver, group and year, by those the user
// gave, or, where too little was seen to learn anything, by the fixed table.
func (a *assessor) trust() {
	if a.Boundary < 0 {
		a.ignore(nil)
		return
	}
	rules := a.rules()
	var chosen []int
	if !a.path.Submitted {
		for i := range rules {
			r := &rules[i]
			if r.Place == Nowhere || !a.usual(r) {
				continue
			}
			if at := a.nearest(r); at >= 0 && !slices.Contains(chosen, at) {
				chosen = append(chosen, at)
				a.Trusted = append(a.Trusted, written(a.fact.Results[at], r))
				if a.Rule == nil {
					a.Rule = &fact.TrustRule{}
					*a.Rule = *r
				}
			}
		}
	}
	a.inject(rules, chosen)
	a.ignore(chosen)
}

// written is a result without the methods that the receiver does not write.
func written(res fact.Result, r *fact.TrustRule) fact.Result {
	if len(r.Unwritten) == 0 {
		return res
	}
	res.Methods = slices.DeleteFunc(slices.Clone(res.Methods), func(m fact.Method) bool { return slices.Contains(r.Unwritten, m.Method) })
	return res
}

// rules returns the rules that hold for the boundary's receiver at the time of arrival: the most particular learned ones,
// or else those of the fixed table, and in any case those that the user gave.
func (a *assessor) rules() []fact.TrustRule {
	domain := a.path.Domain
	year := 0
	if t := a.delivered(); !t.IsZero() {
		year = t.UTC().Year()
	}
	var rules []fact.TrustRule
	best := 0
	for i := range a.profile.Trust {
		r := &a.profile.Trust[i]
		if !r.Learned || r.Domain != domain || domain == "" {
			continue
		}
		rank := rank(r, a.fact.Group, year)
		if rank > best {
			best, rules = rank, rules[:0]
		}
		if rank > 0 && rank == best {
			rules = append(rules, *r)
		}
	}
	if best == 0 {
		rules = a.assumed()
	}
	for i := range a.profile.Trust {
		if r := &a.profile.Trust[i]; r.Given && (r.Domain == "" || r.Domain == domain) {
			rules = append(rules, *r)
		}
	}
	return rules
}

// rank orders rules by how particular they are: 0 for one that does not apply.
func rank(r *fact.TrustRule, group string, year int) int {
	n := 1
	switch {
	case r.Group == group && group != "":
		n += 2
	case r.Group != "":
		return 0
	}
	switch {
	case r.FromYear == 0 && r.ToYear == 0:
	case year >= r.FromYear && year <= r.ToYear && year != 0:
		n++
	default:
		return 0
	}
	return n
}

// assumed is the row of the fixed table for the boundary's receiver, as rules. The table is believed only where the
// boundary hop is beyond doubt: the by-host takes mail in for this receiver, and every hop above it is the receiver's,
// has no client, or belongs to a program that fetched the message.
func (a *assessor) assumed() []fact.TrustRule {
	by := a.fact.Trace[a.Boundary].By
	r := receiverOf(by)
	if r == nil || !a.path.Plain || !matchAny(r.MX, by) {
		return nil
	}
	return Assumed(r.Domain)
}

// Assumed is what the fixed table says of the receiver with a domain, as rules; nil where it has no row.
func Assumed(domain string) []fact.TrustRule {
	for i := range receivers {
		r := &receivers[i]
		if r.Domain != domain {
			continue
		}
		var rules []fact.TrustRule
		for _, id := range r.IDs {
			rules = append(rules, fact.TrustRule{Domain: r.Domain, AuthservID: id, Place: r.Place, Fields: r.Fields})
		}
		return rules
	}
	return nil
}

// Given is the rule for an authserv-id that the user trusts by hand; "outlook", "microsoft" and "-" stand for the form
// without one that Microsoft writes. The place is that of the fixed table where the id is in it, or else either.
func Given(id string) fact.TrustRule {
	id = strings.ToLower(strings.TrimSpace(id))
	rule := fact.TrustRule{AuthservID: id, Given: true}
	switch id {
	case "outlook", "microsoft", "-":
		rule.AuthservID, rule.Domain, rule.Place = "", "outlook.com", Above
		return rule
	}
	for i := range receivers {
		if matchAny(receivers[i].IDs, id) {
			rule.Place = receivers[i].Place
		}
	}
	return rule
}

// usual tells whether a message reached the receiver in a way that is usual for it. Where hops inside the receiver were
// skipped though mail hardly ever takes such hops there, or the boundary's host is one that takes in no mail, the
// boundary may be the sender's invention.
func (a *assessor) usual(r *fact.TrustRule) bool {
	by := a.fact.Trace[a.Boundary].By
	if row := receiverOf(by); row != nil && r.Place != Above && !matchAny(row.MX, by) {
		return false
	}
	return a.path.Way == "" || !r.Learned || slices.Contains(r.Ways, a.path.Way)
}

// nearest returns the index of the one result field that counts by a rule, -1 for none.
func (a *assessor) nearest(r *fact.TrustRule) int {
	found := -1
	for i := range a.fact.Results {
		res := &a.fact.Results[i]
		if !Believable(res) || !MatchID(r.AuthservID, res.AuthservID) || res.AuthservID == "" && !WritesNoID(a.path.Domain) {
			continue
		}
		switch a.place(res.Index) {
		case Above:
			if r.Place == Above || r.Place == "" {
				found = i // the last one above is the nearest
			}
		case Below:
			if r.Place == Above {
				continue
			}
			if r.Place == "" && found >= 0 && a.place(a.fact.Results[found].Index) == Above {
				return found // what stands above the boundary can't be the sender's
			}
			if !r.Last {
				return i
			}
			found = i
		}
	}
	return found
}

// Believable tells whether a field can be a receiver's result at all: an Authentication-Results field that could be read
// whole.
func Believable(r *fact.Result) bool {
	return r.Field == fieldResults && len(r.Methods) > 0 && r.Defect == ""
}

// WritesNoID tells whether the receiver with a domain is known to write results without an authserv-id. From any other
// receiver such a field is never believed (DOMAIN §5.2).
func WritesNoID(domain string) bool {
	for i := range receivers {
		if receivers[i].Domain == domain {
			return slices.Contains(receivers[i].IDs, "")
		}
	}
	return false
}

func (a *assessor) place(index int) string { return Place(a.fact.Trace, a.path, index) }

// Place tells where a header field stands relative to the boundary of a path that has one: Above on the receiver's side
// of any import, Below before the next Received field, "" elsewhere.
func Place(hops []fact.Hop, p Path, index int) string {
	at := hops[p.Boundary].Index
	if index < at {
		if p.Fetch >= 0 && index < hops[p.Fetch].Index {
			return ""
		}
		return Above
	}
	if p.Boundary+1 < len(hops) && index > hops[p.Boundary+1].Index {
		return ""
	}
	return Below
}

// MatchID tells whether an authserv-id fits that of a rule: equal, or below it where the rule starts with "*." ,
// or by a pattern of the fixed table.
func MatchID(rule, id string) bool {
	if rest, ok := strings.CutPrefix(rule, "*."); ok {
		return hostname.Under(id, rest) && id != rest
	}
	if strings.Contains(rule, "*") {
		return match(rule, id)
	}
	return rule == id
}

// inject lists the fields that pretend to be the receiver's: they bear an id that it is believed by and are not the ones
// that count. Fields that lie behind another hop of the same receiver are spared: mail
// that was forwarded from one of its customers to another carries such.
func (a *assessor) inject(rules []fact.TrustRule, chosen []int) {
	extra := make(map[string]int)
	for i := range a.fact.Results {
		r := &a.fact.Results[i]
		if r.Field != fieldResults || slices.Contains(chosen, i) || r.AuthservID == "" || a.place(r.Index) == Above || a.fetchedAbove(r.Index) {
			continue
		}
		ours, fields := false, 1
		for _, rule := range rules {
			if rule.AuthservID != "" && MatchID(rule.AuthservID, r.AuthservID) {
				ours, fields = true, max(rule.Fields, 1)
			}
		}
		if !ours || a.again(r.Index) {
			continue
		}
		if extra[r.AuthservID]++; extra[r.AuthservID] >= fields {
			a.Injected = append(a.Injected, *r)
		}
	}
}

// fetchedAbove tells whether a field belongs to an import.
func (a *assessor) fetchedAbove(index int) bool {
	return a.path.Fetch >= 0 && index < a.fact.Trace[a.path.Fetch].Index
}

// again tells whether another hop of the boundary's receiver stands between the boundary and a field.
func (a *assessor) again(index int) bool {
	for i := a.Boundary + 1; i < len(a.fact.Trace) && a.fact.Trace[i].Index < index; i++ {
		if Domain(a.fact.Trace[i].By) == a.path.Domain {
			return true
		}
	}
	return false
}

// ignore lists the ids of results that are not believed, each once, in order. Further fields of a believed receiver that
// it writes itself (one a method) are not listed.
func (a *assessor) ignore(chosen []int) {
	for i := range a.fact.Results {
		r := &a.fact.Results[i]
		if r.Field != fieldResults || slices.Contains(chosen, i) {
			continue
		}
		same := func(o fact.Result) bool { return o.AuthservID == r.AuthservID }
		if slices.ContainsFunc(a.Trusted, same) && !slices.ContainsFunc(a.Injected, func(o fact.Result) bool { return o.Index == r.Index }) {
			continue
		}
		id := r.AuthservID
		if id == "" {
			id = "-"
		}
		if !slices.Contains(a.Ignored, id) && len(a.Ignored) < 20 {
			a.Ignored = append(a.Ignored, id)
		}
	}
}
