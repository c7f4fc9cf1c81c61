package mailauth

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/hostname"
)

// The seven features of a brand's own way of sending (OFFICIAL §4), as they stand in Assessment.Fingerprint. Only the
// second and third are written by the own receiver; the others can be copied by anybody. They corroborate, they never
// prove.
const (
	FeatureReturnPath = "return_path" // the envelope sender has the brand's form
	FeatureRelay      = "relay"       // the reverse name that the own receiver wrote for the boundary client
	FeatureNetwork    = "network"     // the boundary client's address lies in the brand's networks
	FeatureMessageID  = "message_id"
	FeatureFeedbackID = "feedback_id"
	FeatureDateZone   = "date_zone"
	FeatureSignatures = "signatures" // signatures of the brand and of its mail service side by side
)

// Facts that speak against the brand's own path, as they stand in Assessment.Contradictions, beside the names of
// features whose field is there and says something else.
const (
	contraSPF        = "received_spf"   // a Received-SPF field at the boundary tells of a failure
	contraComp       = "compauth"       // Microsoft's summary of all checks is a failure
	contraHopZone    = "hop_zone"       // a hop below the boundary stamped a zone of East Asia that the brand's machines never use
	contraClock      = "clock"          // written later than it arrived, or long before
	contraUnsigned   = "text_unsigned"  // the pass rests on a signature that leaves subject, date or part of the text open
	contraSPFNetwork = "spf_network"    // SPF is said to have passed for a client outside the networks that the envelope domain sends from
	contraNetwork    = "client_network" // the boundary's client lies outside the brand's networks
)

// fingerprint compares the message with the way in which the From domain's brand sends.
func (a *assessor) fingerprint() {
	if a.brand == nil {
		return
	}
	fp := &a.brand.Fingerprint
	a.feature(FeatureReturnPath, withDomains(fp.ReturnPath, a.brand), a.returnPath())
	if a.RDNS != "" && fp.ReceivedFrom != "" && atEnd(fp.ReceivedFrom).MatchString(a.RDNS) {
		a.Fingerprint = append(a.Fingerprint, FeatureRelay)
	}
	switch {
	case a.InRange:
		a.Fingerprint = append(a.Fingerprint, FeatureNetwork)
	case a.OutRange:
		a.contradict(contraNetwork)
	}
	a.feature(FeatureMessageID, pattern(fp.MessageID), a.fact.MessageID)
	a.feature(FeatureFeedbackID, pattern(fp.FeedbackID), a.fact.FeedbackID)
	if d := a.fact.Date; d != nil && fp.DateZone != "" {
		if d.Zone == fp.DateZone {
			a.Fingerprint = append(a.Fingerprint, FeatureDateZone)
		} else {
			a.contradict(FeatureDateZone)
		}
	}
	a.signatures(fp)
	a.clocks()
	a.failures()
}

// failures looks at what never speaks for a sender but may speak against him (AUTHENTICITY §2). A Received-SPF field need not
// be the receiver's own for that: nobody forges a failure of his own.
func (a *assessor) failures() {
	if a.Boundary < 0 {
		return
	}
	for i := range a.fact.Results {
		r := &a.fact.Results[i]
		if r.Field == fieldSPF && len(r.Methods) > 0 && a.place(r.Index) != "" && (r.Methods[0].Result == "fail" || r.Methods[0].Result == "softfail") {
			a.contradict(contraSPF)
		}
	}
	for _, r := range a.Trusted {
		for _, m := range r.Methods {
			if m.Method == "compauth" && m.Result == "fail" {
				a.contradict(contraComp)
			}
		}
	}
}

// feature compares one field with its pattern: a hit is a feature, another value a contradiction, no value nothing.
func (a *assessor) feature(name string, want *regexp.Regexp, have string) {
	switch {
	case want == nil || have == "":
	case want.MatchString(have):
		a.Fingerprint = append(a.Fingerprint, name)
	default:
		a.contradict(name)
	}
}

// returnPath is the envelope sender: of the Return-Path field, or else of the From_ line.
func (a *assessor) returnPath() string {
	if rp := a.fact.ReturnPath; rp != "" {
		return strings.Trim(rp, "<>")
	}
	// Takeout writes a number and "@xxx" in its place.
	if e := a.envelope(); strings.Contains(e, "@") && !strings.HasSuffix(e, "@xxx") {
		return e
	}
	return ""
}

// signatures looks for one signature of the From domain's brand beside one of each further domain that its mail carries.
func (a *assessor) signatures(fp *brand.Fingerprint) {
	if len(a.fact.Signatures) == 0 {
		return
	}
	own := false
	have := make(map[string]bool)
	for i := range a.fact.Signatures {
		d := strings.ToLower(a.fact.Signatures[i].Domain)
		have[d] = true
		own = own || a.aligned(d)
	}
	rest := true
	for _, d := range fp.DKIMDomains {
		rest = rest && have[d]
	}
	if own && rest && len(fp.DKIMDomains) > 0 {
		a.Fingerprint = append(a.Fingerprint, FeatureSignatures)
	}
}

// clocks looks at the clocks below the boundary.
func (a *assessor) clocks() {
	if foreign := a.brand.Fingerprint.ForeignZones; a.Boundary >= 0 && len(foreign) > 0 {
		for _, h := range a.fact.Trace[a.Boundary+1:] {
			// IMPERSONATIONS §4: the kits' own hops are stamped +0800; Amazon's machines run on +0000 or American time.
			if slices.Contains(foreign, h.Zone) {
				a.contradict(contraHopZone)
				break
			}
		}
	}
	t := a.arrival()
	if d := a.fact.Date; d != nil && !d.Time.IsZero() && !t.IsZero() {
		// A minute or two of difference is usual; nobody's mail service is a day ahead or weeks behind.
		if d.Time.After(t.Add(24*time.Hour)) || d.Time.Before(t.Add(-14*24*time.Hour)) {
			a.contradict(contraClock)
		}
	}
}

// withDomains is a pattern with the brand's retail domains where it says {domain}.
func withDomains(want string, b *brand.Brand) *regexp.Regexp {
	if !strings.Contains(want, "{domain}") {
		return pattern(want)
	}
	return compiled(domainPattern{want, b}, func() string {
		var names []string
		for _, d := range b.Domains {
			if d.Role == brand.Retail {
				names = append(names, regexp.QuoteMeta(d.Name))
			}
		}
		return strings.ReplaceAll(want, "{domain}", "(?:"+strings.Join(names, "|")+")")
	})
}

// domainPattern and endPattern are the keys of patterns that are made of others.
type (
	domainPattern struct {
		want  string
		brand *brand.Brand
	}
	endPattern string
)

// atEnd is a pattern that has to fit the end of a text.
func atEnd(s string) *regexp.Regexp {
	return compiled(endPattern(s), func() string { return "(?:" + s + ")$" })
}

// patterns keeps compiled patterns. They come from brand data alone, so there are few.
var patterns sync.Map

// never matches nothing; it stands for a pattern that can't be compiled, which loading the data has refused.
var never = regexp.MustCompile(`[^\s\S]`)

// pattern is a pattern as it stands, nil for "".
func pattern(s string) *regexp.Regexp {
	if s == "" {
		return nil
	}
	return compiled(s, func() string { return s })
}

// compiled is the pattern with the key, written by expr where it is not there yet.
func compiled(key any, expr func() string) *regexp.Regexp {
	if re, ok := patterns.Load(key); ok {
		return re.(*regexp.Regexp)
	}
	re, err := regexp.Compile(expr())
	if err != nil {
		re = never
	}
	patterns.Store(key, re)
	return re
}

// forwarder tells who passed the message on, by the reverse name that the own receiver wrote for the boundary's client,
// or by an ARC chain that it accepted.
func (a *assessor) forwarder() {
	if a.Forwarder = a.forwarderName(); a.Forwarder != "" {
		return
	}
	if a.ARC == "pass" {
		if d := a.chain(); d != "" {
			a.Forwarder = "arc " + d
		}
	}
}

// forwarderName is the known forwarder that the client's reverse name belongs to, "" for none.
func (a *assessor) forwarderName() string {
	for i := range forwarders {
		if a.RDNS != "" && matchAny(forwarders[i].Names, a.RDNS) {
			return forwarders[i].Kind + " " + a.RDNS
		}
	}
	return ""
}

// chain checks the ARC sets that the message arrived with (RFC 8617): instances 1 to n, each once, every one sealed by a
// listed service. It returns the domain of the last sealer, "" where that does not hold. Every sealer has to be listed:
// a seal vouches for the results below it, and only for the body as that sealer saw it.
func (a *assessor) chain() string {
	if a.Boundary < 0 {
		return ""
	}
	at := a.fact.Trace[a.Boundary].Index
	seals := make(map[int]*fact.Result)
	top := 0
	for i := range a.fact.Results {
		r := &a.fact.Results[i]
		if r.Field != fieldSeal || r.Index < at {
			continue
		}
		if r.Instance == 0 || seals[r.Instance] != nil {
			return ""
		}
		seals[r.Instance] = r
		top = max(top, r.Instance)
	}
	last := ""
	for n := 1; n <= top; n++ {
		r := seals[n]
		if r == nil || sealerOf(r) == nil {
			return ""
		}
		last = sealerOf(r).Domain
	}
	return last
}

func sealerOf(r *fact.Result) *sealer {
	if len(r.Methods) == 0 {
		return nil
	}
	d := r.Methods[0].Prop("", "d")
	for i := range sealers {
		if hostname.Under(d, sealers[i].Domain) {
			return &sealers[i]
		}
	}
	return nil
}

// arc decides row 7 of AUTHENTICITY §5: the trusted receiver found the chain intact, every sealer is listed, and the first
// set, by a listed receiver that sealed it itself, says that the From domain passed DMARC.
//
// A seal vouches for the results of the sets below it, not for the body that the sender of the first set saw: a tenant of a
// listed service can change the text and have it sealed again. So the body has to be the same in all sets, and the trusted
// receiver must not say of a signature of the From domain that the body is another.
func (a *assessor) arc() {
	if a.ARC != "pass" || !a.fromSealer() || !a.sameBody() || !a.OneFrom || a.domain == "" || a.chain() == "" || a.customers() {
		return
	}
	at := a.fact.Trace[a.Boundary].Index
	var first, seal *fact.Result
	for i := range a.fact.Results {
		r := &a.fact.Results[i]
		if r.Instance != 1 || r.Index < at {
			continue
		}
		switch r.Field {
		case fieldARCResults:
			if first != nil {
				return
			}
			first = r
		case fieldSeal:
			seal = r
		}
	}
	if first == nil || seal == nil || first.Defect != "" || !matchAny(sealerOf(seal).IDs, first.AuthservID) {
		return
	}
	pass := false
	for i := range first.Methods {
		m := &first.Methods[i]
		if m.Method != "dmarc" {
			continue
		}
		if m.Result != "pass" || !a.bound(m) {
			return
		}
		pass = true
	}
	a.ARCPass = pass && a.counted()
}

// fromSealer reports whether the client is a machine of a large provider or of a known forwarder, where the receiver's result
// stands below the boundary: in the place of one that it did not write the sender can put another, chain and all.
func (a *assessor) fromSealer() bool {
	return a.Rule == nil || a.place(a.Trusted[0].Index) == Above ||
		a.confirmedName() && (receiverOf(a.RDNS) != nil || a.forwarderName() != "")
}

// sameBody reports whether every ARC set was made over the same body (RFC 8617 §4.1.2, bh=), and no signature aligned with
// the From domain is said to be broken by its body.
func (a *assessor) sameBody() bool {
	if a.Boundary < 0 {
		return false
	}
	at, hash, n := a.fact.Trace[a.Boundary].Index, "", 0
	for i := range a.fact.Results {
		r := &a.fact.Results[i]
		if r.Field != fieldARCSignature || r.Index < at || len(r.Methods) == 0 {
			continue
		}
		bh := r.Methods[0].Prop("", "bh")
		if bh == "" || n > 0 && bh != hash {
			return false
		}
		hash = bh
		n++
	}
	for i := range a.DKIM {
		d := &a.DKIM[i]
		if d.Aligned && d.Result != "pass" && strings.Contains(strings.ToLower(d.Reason), "body") {
			return false
		}
	}
	return n > 0
}

// counted compares the number of sets that the receiver counted, where it says so ("arc=pass (i=1 …)"), with those there.
func (a *assessor) counted() bool {
	n := 0
	at := a.fact.Trace[a.Boundary].Index
	for i := range a.fact.Results {
		if r := &a.fact.Results[i]; r.Field == fieldSeal && r.Index > at {
			n++
		}
	}
	for _, r := range a.Trusted {
		for _, m := range r.Methods {
			if m.Method != "arc" {
				continue
			}
			if rest, ok := strings.CutPrefix(m.Comment, "i="); ok {
				digits, _, _ := strings.Cut(rest, " ")
				if i, err := strconv.Atoi(digits); err == nil && i != n {
					return false
				}
			}
		}
	}
	return n > 0
}

// corporate reports whether the message came the way of the brand's employees.
func (a *assessor) corporate() {
	if a.brand == nil {
		return
	}
	for i := range corporates {
		c := &corporates[i]
		if c.Brand != a.brand.ID {
			continue
		}
		if a.RDNS != "" && matchAny(c.Hosts, a.RDNS) {
			a.Corporate = true
		}
		for _, d := range a.DKIM {
			if d.Result == "pass" && d.Aligned && d.Selector != "" && matchAny(c.Selectors, d.Selector) {
				a.Corporate = true
			}
		}
		// The receiver may not write the selector; the signature that it found good is the message's own.
		for j := range a.fact.Signatures {
			s := &a.fact.Signatures[j]
			if a.aligned(s.Domain) && matchAny(c.Selectors, strings.ToLower(s.Selector)) {
				a.CorporateHint = true
				if a.Aligned || a.Verified == s {
					a.Corporate = true
				}
			}
		}
		for _, h := range a.fact.Trace {
			if matchAny(c.Hosts, strings.ToLower(h.RDNS)) || matchAny(c.Hosts, strings.ToLower(h.Helo)) {
				a.CorporateHint = true
			}
		}
	}
	a.CorporateHint = a.CorporateHint || a.Corporate
}
