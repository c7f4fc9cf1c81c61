package mailauth

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

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
			if r.Place == Nowhere {
				a.refuse(RefusedNowhere)
				continue
			}
			if !a.usual(r) {
				a.refuse(RefusedHost)
				continue
			}
			at := a.nearest(r)
			if at >= 0 && !a.complete(r, at) {
				// The receiver wrote none here: what stands in its place came with the mail.
				a.refuse(RefusedIncomplete)
				continue
			}
			if at >= 0 && !slices.Contains(chosen, at) {
				chosen = append(chosen, at)
				a.Trusted = append(a.Trusted, written(a.fact.Results[at], r))
				for _, i := range a.beside(r, at) {
					chosen = append(chosen, i)
					a.Trusted = append(a.Trusted, written(a.fact.Results[i], r))
				}
				if a.Rule == nil {
					a.Rule = &fact.TrustRule{}
					*a.Rule = *r
				}
			}
		}
	}
	if a.path.Submitted {
		a.refuse(RefusedSubmitted)
	}
	a.inject(rules, chosen)
	a.ignore(chosen)
}

// Why results that stand in a message were not believed, as they stand in Assessment.Refused.
const (
	RefusedSubmitted  = "submitted"  // the message was handed in by a client or user of the own side, and what stands below says nothing
	RefusedNowhere    = "nowhere"    // this receiver writes no results, as the other mail shows
	RefusedHost       = "host"       // the boundary's host takes in no mail from outside
	RefusedIncomplete = "incomplete" // the field lacks what this receiver always writes
	RefusedContinued  = "continued"  // the field holds more results of a method than one receiver writes
	RefusedClient     = "client"     // below the boundary, and the client that the receiver names is none that this mail comes from
)

func (a *assessor) refuse(why string) {
	if !slices.Contains(a.Refused, why) {
		a.Refused = append(a.Refused, why)
	}
}

// complete reports whether a field, with the others of its id in its place where the receiver writes several, has a result
// of each method that the receiver always gives.
func (a *assessor) complete(r *fact.TrustRule, at int) bool {
	if len(r.Always) == 0 {
		return true
	}
	have := Letters(a.fact.Results[at].Methods, "")
	if r.Fields > 1 {
		place := a.place(a.fact.Results[at].Index)
		for i := range a.fact.Results {
			o := &a.fact.Results[i]
			if Believable(o) && MatchID(r.AuthservID, o.AuthservID) && a.place(o.Index) == place {
				have = Letters(o.Methods, have)
			}
		}
	}
	for _, m := range r.Always {
		if !strings.Contains(have, letters[m]) {
			return false
		}
	}
	return true
}

// beside are the other fields that a receiver which writes several of one id put above the boundary with the nearest: those
// with no hop between. Nothing above a boundary is the sender's.
func (a *assessor) beside(r *fact.TrustRule, at int) (out []int) {
	if r.Fields < 2 || a.place(a.fact.Results[at].Index) != Above {
		return nil
	}
	top := -1 // index of the hop above
	for i := range a.fact.Trace[:a.Boundary] {
		top = a.fact.Trace[i].Index
	}
	for i := at - 1; i >= 0 && len(out) < r.Fields && a.fact.Results[i].Index > top; i-- {
		if o := &a.fact.Results[i]; Believable(o) && o.AuthservID == a.fact.Results[at].AuthservID {
			out = append(out, i)
		}
	}
	return out
}

// written is a result without the methods that the receiver does not write.
func written(res fact.Result, r *fact.TrustRule) fact.Result {
	if len(r.Unwritten) == 0 {
		return res
	}
	res.Methods = slices.DeleteFunc(slices.Clone(res.Methods), func(m fact.Method) bool { return slices.Contains(r.Unwritten, m.Method) })
	return res
}

// rules returns the rules that hold for the boundary's receiver at the time of arrival: those learned from the message's own
// group, or else from all mail, or else those of the fixed table, and in any case those that the user gave.
func (a *assessor) rules() []fact.TrustRule {
	domain, at := a.path.Domain, seconds(a.delivered())
	var rules []fact.TrustRule
	for _, group := range []string{a.fact.Group, ""} {
		for i := range a.profile.Trust {
			if r := &a.profile.Trust[i]; r.Learned && r.Domain == domain && domain != "" && r.Group == group && fact.Holds(r.From, r.To, at) {
				rules = append(rules, *r)
			}
		}
		if len(rules) > 0 {
			break
		}
	}
	if len(rules) == 0 || rules[0].Place == Nowhere && a.path.Domain != "" && alwaysWrites(a.fact.Trace[a.Boundary].By) {
		if known := a.assumed(); len(known) > 0 {
			a.against = len(rules) > 0
			rules = known
		}
	}
	for i := range a.profile.Trust {
		if r := &a.profile.Trust[i]; r.Given && r.Domain != "" && r.Domain == domain {
			rules = append(rules, *r)
		}
	}
	return rules
}

// seconds is a time in Unix seconds, 0 for none.
func seconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

// ownWay reports whether nearly all mail of this time comes in by a way.
func (a *assessor) ownWay(way string) bool {
	at := int64(0)
	for i := range a.fact.Trace {
		// The topmost clock is that of the own side.
		if at = seconds(a.fact.Trace[i].Time); at != 0 {
			break
		}
	}
	for i := range a.profile.Ways {
		if w := &a.profile.Ways[i]; w.Way == way && (w.Group == "" || w.Group == a.fact.Group) && fact.Holds(w.From, w.To, at) {
			return true
		}
	}
	return false
}

// alwaysWrites reports whether a host's receiver is known to write results on every message.
func alwaysWrites(by string) bool {
	r := receiverOf(by)
	return r != nil && r.Always
}

// assumed is the row of the fixed table for the boundary's receiver, as rules. The table is believed only where the
// boundary hop is beyond doubt: the by-host takes mail in for this receiver, and every hop above it is the receiver's,
// has no client, or belongs to a program that fetched the message.
func (a *assessor) assumed() []fact.TrustRule {
	by := a.fact.Trace[a.Boundary].By
	r := receiverOf(by)
	if r == nil && a.path.Plain {
		if r = a.unnamed(by); r != nil {
			a.path.Domain = r.Domain
			return Assumed(r.Domain)
		}
	}
	if r == nil || !a.path.Plain || !matchAny(r.MX, by) {
		return nil
	}
	return Assumed(r.Domain)
}

// unnamed is the receiver of a boundary whose host is written as an address in a private network, as Yahoo's is: that of the
// fixed table whose results stand above such a hop, where only the own side writes. nil for none.
func (a *assessor) unnamed(by string) *receiver {
	if ip, err := netip.ParseAddr(by); err != nil || !ip.IsPrivate() {
		return nil
	}
	for i := len(a.fact.Results) - 1; i >= 0; i-- {
		res := &a.fact.Results[i]
		if res.Field != fieldResults || a.place(res.Index) != Above {
			continue
		}
		for j := range receivers {
			if r := &receivers[j]; r.Place == Above && res.AuthservID != "" && matchAny(r.IDs, res.AuthservID) {
				return r
			}
		}
		return nil // only the nearest counts
	}
	return nil
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

// ErrGiven is returned by Given for what names no receiver.
var ErrGiven = errors.New("no authserv-id, and none with its receiver (ID@RECEIVER)")

// Given is the rule for an authserv-id that the user trusts by hand: for receivers of the id's own organisational domain, or
// written ID@RECEIVER for those of another. "outlook", "microsoft" and "-" stand for the form without an id that Microsoft
// writes. The place is that of the fixed table where the id is in it, or else either.
func Given(given string) (fact.TrustRule, error) {
	id, receiver, bound := strings.Cut(strings.ToLower(strings.TrimSpace(given)), "@")
	rule := fact.TrustRule{AuthservID: id, Given: true}
	switch {
	case id == "outlook" || id == "microsoft" || id == "-":
		rule.AuthservID, rule.Domain, rule.Place = "", "outlook.com", Above
	case !validHost(id):
		return rule, fmt.Errorf("%q: %w", given, ErrGiven)
	default:
		rule.Domain = Domain(id)
		for i := range receivers {
			if matchAny(receivers[i].IDs, id) {
				rule.Place = receivers[i].Place
				rule.Domain = receivers[i].Domain
			}
		}
	}
	if bound {
		if !validHost(receiver) {
			return rule, fmt.Errorf("%q: %w", given, ErrGiven)
		}
		rule.Domain = Domain(receiver)
	}
	if rule.Domain == "" {
		return rule, fmt.Errorf("%q: %w", given, ErrGiven)
	}
	return rule, nil
}

// validHost reports whether a name can be that of a host or an authserv-id: labels of letters, digits and hyphens.
func validHost(s string) bool {
	if s == "" || len(s) > 253 || strings.HasPrefix(s, ".") || strings.HasSuffix(s, ".") || !strings.Contains(s, ".") {
		return false
	}
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-._") == "" && !strings.Contains(s, "..")
}

// usual reports whether the boundary's host is one that takes in mail for its receiver, where that is known.
func (a *assessor) usual(r *fact.TrustRule) bool {
	by := a.fact.Trace[a.Boundary].By
	row := receiverOf(by)
	return row == nil || r.Place == Above || matchAny(row.MX, by)
}

// nearest returns the index of the one result field that counts by a rule, -1 for none.
func (a *assessor) nearest(r *fact.TrustRule) int {
	found := -1
	for i := range a.fact.Results {
		res := &a.fact.Results[i]
		if res.Field == fieldResults && res.Defect == defectContinued && r.Place != Above && a.place(res.Index) == Below && MatchID(r.AuthservID, res.AuthservID) {
			a.refuse(RefusedContinued)
			return -1
		}
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

// letters stand for the methods of which it is learned whether a receiver always writes them.
var letters = map[string]string{"spf": "s", "dkim": "k", "dmarc": "m", "arc": "a", "iprev": "i", "sender-id": "d", "dkim-adsp": "p", "compauth": "c", "bimi": "b", "auth": "u", "x-ptr": "x"}

// Letters adds the methods of a result to those of others, one letter each, in order of the alphabet; methods that have no
// letter are left out.
func Letters(methods []fact.Method, to string) string {
	for i := range methods {
		if l := letters[methods[i].Method]; l != "" && !strings.Contains(to, l) {
			to += l
		}
	}
	if len(to) < 2 {
		return to
	}
	b := []byte(to)
	slices.Sort(b)
	return string(b)
}

// MethodsOf are the methods that letters stand for.
func MethodsOf(of string) (list []string) {
	for m, l := range letters {
		if strings.Contains(of, l) {
			list = append(list, m)
		}
	}
	slices.Sort(list)
	return list
}

// Believable reports whether a field can be a receiver's result at all: an Authentication-Results field that could be read
// whole.
func Believable(r *fact.Result) bool {
	return r.Field == fieldResults && len(r.Methods) > 0 && r.Defect == ""
}

// WritesNoID reports whether the receiver with a domain is known to write results without an authserv-id. From any other
// receiver such a field is never believed (AUTHENTICITY §2).
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

// MatchID reports whether an authserv-id fits that of a rule: equal, or below it where the rule starts with "*." ,
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
	if a.path.Submitted && classify(&a.fact.Trace[a.Boundary]) != login {
		return // below a hop of the own side which is not known for a way: the own machine may have written it when the mail came in
	}
	extra := make(map[string]int)
	for i := range a.fact.Results {
		r := &a.fact.Results[i]
		if r.Field != fieldResults || slices.Contains(chosen, i) || r.AuthservID == "" || a.place(r.Index) == Above || a.fetchedAbove(r.Index) {
			continue
		}
		ours, fields := false, 1
		for _, rule := range rules {
			if rule.Last && r.Index > a.fact.Trace[len(a.fact.Trace)-1].Index {
				continue // where the receiver appends, behind the hops of forwarders too
			}
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

// fetchedAbove reports whether a field belongs to an import.
func (a *assessor) fetchedAbove(index int) bool {
	return a.path.Fetch >= 0 && index < a.fact.Trace[a.path.Fetch].Index
}

// again reports whether another hop of the boundary's receiver stands between the boundary and a field.
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
