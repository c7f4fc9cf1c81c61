package mailauth

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/hostname"
	"github.com/mailaudit/mailaudit/analyzer/sender"
)

// Assess weighs the authentication of one message under what the mailbox taught. Nothing that the sender wrote can
// make it say Aligned: a result counts only where the boundary's receiver is believed, in the place where this receiver
// writes, nearest to the boundary, and bound to the one From address.
func Assess(f *fact.Fact, p *fact.Profile, brands *brand.Set) Assessment {
	a := assessor{fact: f, profile: p, brands: brands}
	a.path = Trace(f.Trace, a.ownWay)
	a.Boundary = a.path.Boundary
	if a.Boundary >= 0 {
		h := &f.Trace[a.Boundary]
		a.Client, a.RDNS = h.Client, h.RDNS
	}
	a.from()
	a.trust()
	a.results()
	a.networks()
	a.forwarder()
	a.align()
	a.verified()
	a.arc()
	a.corporate()
	a.fingerprint()
	a.replay()
	return a.Assessment
}

type assessor struct {
	Assessment
	fact    *fact.Fact
	profile *fact.Profile
	brands  *brand.Set
	path    Path
	against bool   // the fixed table is believed although this mailbox shows no results of the receiver
	domain  string // of the one From address, ASCII; "" where there is none or not one
	brand   *brand.Brand
	entry   brand.Domain
}

// from looks at the From field: exactly one with exactly one address, whose domain is written plainly.
func (a *assessor) from() {
	if len(a.fact.From) == 0 {
		return
	}
	a.OneFrom = a.fact.FromFields == 1 && len(a.fact.From) == 1
	host, ok := domainOf(a.fact.From[0].Address)
	if !ok {
		a.OneFrom = false
		return
	}
	a.brand, a.entry, _ = a.brands.Lookup(host)
	a.domain = host
}

// domainOf is the domain of an address, in ASCII. Ok is false where the address has none, or one written with
// characters that vanish or change: no receiver checked the name that the reader takes it for.
func domainOf(address string) (string, bool) {
	a := sender.Resolve(address, nil)
	return a.Host, !a.Odd && a.Host != ""
}

// arrival is when the own receiver took the message; zero where no boundary tells.
func (a *assessor) arrival() time.Time {
	if a.Boundary < 0 {
		return time.Time{}
	}
	return a.fact.Trace[a.Boundary].Time
}

// results reads what the trusted fields say.
func (a *assessor) results() {
	spf := false
	for _, r := range a.Trusted {
		for i := range r.Methods {
			m := &r.Methods[i]
			switch m.Method {
			case "dmarc":
				a.dmarc(m)
			case "spf":
				if !spf {
					spf = true
					a.SPF, a.MailFrom = m.Result, mailFrom(m)
				}
			case "dkim":
				if d, ok := a.dkim(m); ok && len(a.DKIM) < maxMethods {
					a.DKIM = append(a.DKIM, d)
				}
			case "arc":
				if a.ARC == "" {
					a.ARC = m.Result
				}
			}
		}
	}
}

// dmarc takes a DMARC result. Where a field holds several that differ, somebody's text got into it: none counts as a
// pass.
func (a *assessor) dmarc(m *fact.Method) {
	result := m.Result
	if result == "pass" && !a.bound(m) {
		result = "unbound"
	}
	switch a.DMARC {
	case "", result:
		a.DMARC = result
	case "pass", "unbound":
		a.Conflict, a.DMARC = true, result
	default:
		a.Conflict = true
	}
}

// bound reports whether a DMARC result is for the From domain of this message (RFC 8601 §2.7.6: header.from).
func (a *assessor) bound(m *fact.Method) bool {
	v := m.Prop("header", "from")
	if v == "" || a.domain == "" {
		return false
	}
	if i := strings.LastIndexByte(v, '@'); i >= 0 {
		v = v[i+1:]
	}
	host, odd := hostname.ASCII(strings.Trim(v, "<>"))
	return !odd && host == a.domain
}

// mailFrom is the domain that an SPF result is for: that of the envelope sender. A result for HELO has none.
func mailFrom(m *fact.Method) string {
	for _, name := range []string{"mailfrom", "mail", "from"} {
		v := strings.Trim(m.Prop("smtp", name), "<>")
		if v == "" {
			continue
		}
		if i := strings.LastIndexByte(v, '@'); i >= 0 {
			v = v[i+1:]
		}
		host, odd := hostname.ASCII(v)
		if odd {
			return ""
		}
		return host
	}
	return ""
}

// dkim takes a DKIM result. The domain is that of header.d, or else of header.i, which lies in or below it.
func (a *assessor) dkim(m *fact.Method) (DKIM, bool) {
	d := strings.ToLower(m.Prop("header", "d"))
	i := strings.ToLower(m.Prop("header", "i"))
	if at := strings.LastIndexByte(i, '@'); at >= 0 {
		i = i[at+1:]
	}
	out := DKIM{Domain: d, Selector: strings.ToLower(m.Prop("header", "s")), Result: m.Result, Reason: m.Reason}
	if d == "" || d == "none" {
		out.Domain = i
	} else if i != "" && !hostname.Under(i, d) {
		out.Domain = "" // RFC 6376 §3.5: i= is d= or below; anything else is not one signature
	}
	if out.Reason == "" {
		out.Reason = m.Comment
	}
	out.Aligned = a.aligned(out.Domain)
	return out, out.Domain != "" || out.Result != "none"
}

// aligned compares a domain with that of the one From address (AUTHENTICITY §4). For domains of a brand the brand's own
// list decides; for all others, which can never make a verdict better, the registrable domain does.
func (a *assessor) aligned(domain string) bool {
	if domain == "" || a.domain == "" || !a.OneFrom {
		return false
	}
	host, odd := hostname.ASCII(domain)
	if odd {
		return false
	}
	if a.brand != nil {
		same, cross := a.brands.Aligned(host, a.domain)
		return same || cross
	}
	if _, _, known := a.brands.Lookup(host); known || hostname.IsIP(host) || hostname.Suffix(host) {
		return false
	}
	return hostname.Registrable(host) == hostname.Registrable(a.domain)
}

// align decides whether a trusted pass belongs to the From address.
func (a *assessor) align() {
	if !a.OneFrom || a.domain == "" || len(a.Trusted) == 0 {
		return
	}
	if odd(a.fact.ReturnPath) || odd(a.envelope()) {
		// The receiver quotes the envelope sender in its field; one with quotes or parentheses in it may have written
		// part of the field.
		a.contradict("envelope_quoted")
		return
	}
	by, domain := "", ""
	for _, d := range a.DKIM {
		if d.Result == "pass" && d.Aligned {
			by, domain = "dkim", d.Domain
			break
		}
	}
	switch {
	case a.DMARC == "pass" && a.customers():
		// What customers of the brand write from their own places passes DMARC for those places.
	case a.DMARC == "pass":
		by, domain = "dmarc", a.domain
	case a.DMARC == "fail" && by != "":
		a.Conflict = true
	case by == "" && a.SPF == "pass" && a.DMARC != "fail" && a.aligned(a.MailFrom):
		by, domain = "spf", a.MailFrom
	}
	// Below the boundary, a signature that passed and is not in the message is not the receiver's word.
	if by != "" && a.overfull() || by == "dkim" && len(a.fact.Signatures) == 0 && a.place(a.Trusted[0].Index) == Below {
		a.Conflict = true
		a.refuse(RefusedContinued)
	}
	if by != "" && !a.Conflict && !a.witnessed() {
		// Below the boundary a field is the receiver's only where the receiver wrote one. It may have passed this message by,
		// and the sender put one in its place.
		a.refuse(RefusedClient)
		return
	}
	if by != "" && a.unsigned() {
		// The signature is good, and anybody may have written the rest.
		a.contradict(contraUnsigned)
		return
	}
	if by != "" && a.impossible() {
		a.Conflict = true
		a.contradict(contraSPFNetwork)
	}
	if a.Conflict {
		a.contradict("results_conflict")
		return
	}
	a.Aligned, a.AlignedBy, a.AlignedDomain = by != "", by, domain
}

// overfull reports whether the trusted results hold more than one receiver finds out about one message: two results for the
// envelope sender, two for the From domain, a signature where it found none or more than there are, or one that is both
// good and bad. A message whose header begins with white space adds to the field that the receiver wrote.
func (a *assessor) overfull() bool {
	spf, dmarc, none, found := 0, 0, false, 0
	pass, fail := make(map[string]bool), make(map[string]bool)
	for _, r := range a.Trusted {
		for i := range r.Methods {
			m := &r.Methods[i]
			switch m.Method {
			case "spf":
				if m.Prop("smtp", "helo") == "" {
					spf++
				}
			case "dmarc":
				dmarc++
			case "dkim":
				d, _ := a.dkim(m)
				key := d.Domain + " " + d.Selector
				switch d.Result {
				case "none":
					none = true
				case "pass":
					found++
					pass[key], pass[d.Domain+" "] = true, pass[d.Domain+" "] || d.Selector == ""
				default:
					found++
					fail[key], fail[d.Domain+" "] = true, fail[d.Domain+" "] || d.Selector == ""
				}
			}
		}
	}
	// Receivers that write a field a method, or one for each of two checkers, are several trusted fields.
	if len(a.Trusted) == 1 && (spf > 1 || dmarc > 1) || none && found > 0 && len(a.Trusted) == 1 {
		return true
	}
	if n := len(a.fact.Signatures); n > 0 && n < maxSignatures && found > n*len(a.Trusted) {
		return true
	}
	for key := range pass {
		domain, selector, _ := strings.Cut(key, " ")
		if domain != "" && (fail[key] || selector != "" && fail[domain+" "]) {
			return true
		}
	}
	for key := range fail {
		if domain, _, _ := strings.Cut(key, " "); domain != "" && pass[domain+" "] {
			return true
		}
	}
	return false
}

// witnessed reports whether a pass is borne out by what no sender writes. Above the boundary, and by receivers that write a
// result on every message and take out what claims to be theirs, it is. Below the boundary of any other the client that
// this receiver names has to be one that the brand's mail comes from: by its address, by a name that was looked up both
// ways, or as a known forwarder by such a name. An ARC chain is no witness, because the result that calls it good stands in
// the same place. Of a brand whose networks are not known nothing is asked.
func (a *assessor) witnessed() bool {
	switch {
	case a.Rule == nil || a.place(a.Trusted[0].Index) == Above || alwaysWrites(a.fact.Trace[a.Boundary].By) && !a.against:
		return true
	case a.brand == nil || len(a.brand.Networks) == 0 || a.InRange:
		return true
	}
	return a.confirmedName() && (a.serviceName() || a.forwarderName() != "")
}

// confirmedName reports whether the client's reverse name stands where programs write only names that they looked up both
// ways: "(name [address])", "name ([address]". Anybody can give his own address any name.
func (a *assessor) confirmedName() bool {
	raw := strings.ToLower(a.fact.Trace[a.Boundary].Raw)
	return a.RDNS != "" && (strings.Contains(raw, "("+a.RDNS+" [") || strings.Contains(raw, "("+a.RDNS+". [") ||
		strings.HasPrefix(raw, "from "+a.RDNS+" (["))
}

// impossible reports whether a field that a sender could have written claims what the boundary hop denies. It stands below
// the boundary, where a field is the receiver's only as long as the receiver wrote one; the client that the receiver
// took the message from has neither an address nor a name of the brand's mail service; and yet SPF is said to have passed
// for the envelope domain that only this service sends for. A forwarder breaks SPF, so that it explains nothing.
func (a *assessor) impossible() bool {
	if a.Rule == nil || a.Rule.Place == Above || a.Rule.Given || !a.OutRange || a.serviceName() {
		return false
	}
	_, d, ok := a.brands.Lookup(a.MailFrom)
	return a.SPF == "pass" && ok && d.Role == brand.Bounce
}

// serviceName reports whether the reverse name that the own receiver wrote for the client is that of the brand's relays.
func (a *assessor) serviceName() bool {
	if a.RDNS == "" || a.brand == nil {
		return false
	}
	// Machines that the brand lets to its customers have names of its too.
	if b, d, ok := a.brands.Lookup(a.RDNS); ok && b.ID == a.brand.ID && d.Role != brand.Customer && d.Role != brand.Assets {
		return true
	}
	fp := &a.brand.Fingerprint
	return fp.ReceivedFrom != "" && atEnd(fp.ReceivedFrom).MatchString(a.RDNS)
}

// customers reports whether the From domain is one of the brand's whose content is its customers'.
func (a *assessor) customers() bool {
	if a.brand == nil {
		return false
	}
	switch a.entry.Role {
	case brand.Retail, brand.Service, brand.Relay, brand.Bounce:
		return false
	}
	return true
}

// envelope is the sender of the mbox's From_ line.
func (a *assessor) envelope() string {
	if a.fact.Envelope == nil {
		return ""
	}
	return a.fact.Envelope.Sender
}

// odd reports whether an envelope sender holds characters that mean something in a result field.
func odd(address string) bool {
	return strings.ContainsAny(address, "\";(),\\ \t=") && oddQuoted(address)
}

// oddQuoted spares what forwarders make of addresses: "SRS0=hash=tt=example.com=user@…", "prvs=tag=user@…".
func oddQuoted(address string) bool { return strings.ContainsAny(address, "\";(),\\ \t") }

// verified looks for a signature that mailaudit verified itself and that is good enough to decide (AUTHENTICITY §5 row 4).
func (a *assessor) verified() {
	if !a.OneFrom {
		return
	}
	for i := range a.fact.Signatures {
		s := &a.fact.Signatures[i]
		if s.Checked != "pass" || s.Reason != "" || s.Length || !a.aligned(s.Domain) || !strong(s) || !signs(s, "from", "subject", "date") {
			continue
		}
		if t := a.delivered(); !s.Expires.IsZero() && (t.IsZero() || t.After(s.Expires)) {
			continue
		}
		a.Verified = s
		return
	}
}

// delivered is when the message was delivered: by the boundary, or else the From_ line, or else what the message says.
func (a *assessor) delivered() time.Time {
	if t := a.arrival(); !t.IsZero() {
		return t
	}
	if e := a.fact.Envelope; e != nil && !e.Time.IsZero() {
		return e.Time
	}
	if a.fact.Date != nil {
		return a.fact.Date.Time
	}
	return time.Time{}
}

func strong(s *fact.Signature) bool {
	switch s.Algorithm {
	case "rsa-sha256":
		return s.KeyBits >= 1024
	case "ed25519-sha256":
		return s.KeyBits == 256
	}
	return false
}

func signs(s *fact.Signature, names ...string) bool {
	for _, n := range names {
		if !slices.Contains(s.Signed, n) {
			return false
		}
	}
	return true
}

// networks compares the boundary's client with the networks of the From domain's brand.
func (a *assessor) networks() {
	if a.brand == nil || len(a.brand.Networks) == 0 {
		return
	}
	ip, err := netip.ParseAddr(a.Client)
	if err != nil || ip.IsPrivate() || ip.IsLoopback() {
		return
	}
	a.InRange = a.brands.InNetworks(a.brand.ID, ip)
	a.OutRange = !a.InRange
}

// replay notes an aligned pass of a message that is addressed to somebody else than the owner: a genuine message that
// was sent on to others keeps its pass (AUTHENTICITY §5).
func (a *assessor) replay() {
	if !a.Aligned && a.Verified == nil || len(a.profile.Owner) == 0 || len(a.fact.To) == 0 {
		return
	}
	for _, to := range a.fact.To {
		if a.profile.Owner[plainAddress(to.Address)] {
			return
		}
	}
	a.Replay = true
}

// plainAddress is an address in lower case without a tag ("name+tag@example.com").
func plainAddress(s string) string {
	s = strings.ToLower(s)
	at := strings.LastIndexByte(s, '@')
	if at < 0 {
		return s
	}
	if plus := strings.IndexByte(s[:at], '+'); plus > 0 {
		return s[:plus] + s[at:]
	}
	return s
}

func (a *assessor) contradict(what string) {
	if !slices.Contains(a.Contradictions, what) {
		a.Contradictions = append(a.Contradictions, what)
	}
}
