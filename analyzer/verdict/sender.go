package verdict

import (
	"strings"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/hostname"
	"github.com/mailaudit/mailaudit/analyzer/mailauth"
	address "github.com/mailaudit/mailaudit/analyzer/sender"
)

// sender is what the rows of the table ask about: one fact, what its authentication amounts to, and whom From claims.
type sender struct {
	fact   *fact.Fact
	auth   mailauth.Assessment
	brands *brand.Set

	domain   brand.Domain // of the From address, where it belongs to a brand
	official bool         // a From address lies in a domain of the brand, its own or its relays'
	odd      bool         // that domain is written otherwise than it is read
	relay    bool         // that domain carries text that customers write
	listed   bool         // the From address is one the brand is known to send notices from
	known    bool         // the owner writes to the From address
	byOwner  bool         // the owner sent it
	signals  []finding.Signal
}

// look collects what the table asks about.
func look(f *fact.Fact, p *fact.Profile, brands *brand.Set) *sender {
	s := &sender{fact: f, auth: mailauth.Assess(f, p, brands), brands: brands}
	for i, a := range f.From {
		from := address.Resolve(a.Address, brands)
		if from.Official && s.claimed(from.Brand) {
			if !s.official {
				s.domain, s.relay = from.Domain, from.Domain.Role == brand.Relay
			}
			s.official, s.odd = true, s.odd || from.Odd
			if _, _, ok := brands.Sender(a.Address); ok {
				s.listed = true
			}
		}
		lower := strings.ToLower(a.Address)
		if i == 0 && lower != "" {
			s.known = p.Contacts[fact.HashAddress(lower)] || p.Owner[lower]
			s.byOwner = sentByOwner(f, p, lower)
		}
	}
	s.signals = append([]finding.Signal(nil), f.Signals...)
	s.signals = append(s.signals, authSignals(s)...)
	return s
}

// sentByOwner reports whether the mailbox itself shows that the owner sent the message: it lies among the sent ones.
// A From with the owner's address alone shows nothing.
func sentByOwner(f *fact.Fact, p *fact.Profile, from string) bool {
	if f.Read == nil {
		return false
	}
	if f.Read.Folder == finding.Sent || f.Read.Folder == finding.Drafts {
		return len(p.Owner) == 0 || p.Owner[from]
	}
	for _, l := range f.Read.Labels {
		if p.Labels[l] == finding.Sent && p.Owner[from] {
			return true
		}
	}
	return false
}

// claimed reports whether the message claims to be the brand that its From domain belongs to. A card company's address under
// the name of another brand is a stranger's for that brand.
func (s *sender) claimed(b *brand.Brand) bool {
	return s.fact.Brand == "" || s.fact.Brand == b.ID || s.fact.Forward != "" || s.fact.Alias != ""
}

// bound is the precondition of the genuine rows: one From field with one address in the brand's domain, no second field on
// top of what was checked, and a message that certainly starts where it was cut out of its mbox.
func (s *sender) bound() bool {
	return s.official && !s.odd && s.auth.OneFrom && len(s.fact.Doubled) == 0 && (s.fact.Envelope == nil || s.fact.Envelope.Doubt == "")
}

// certain reports whether the From domain is surely the brand's. A domain of lower confidence gives likely_genuine at best.
func (s *sender) certain() bool { return s.domain.Confidence == brand.H }

// hearsay reports whether the From domain is known from one list that a crowd keeps, or from a single source that is old by the time
// of the message: a pass of its own proves nothing about the brand, and does not make it a fake either.
func (s *sender) hearsay() bool {
	if s.domain.Confidence == brand.L {
		return true
	}
	at, _, _ := fact.Clock(s.fact, s.auth.Boundary, time.Time{})
	return s.domain.Lapsed(at)
}

// namesake reports whether the From address lies in a domain that is on no list, whose registered label begins with the
// brand's very name, and that passed as itself. The brand has hundreds of such domains, and so have those who pose as it.
func (s *sender) namesake() bool {
	if s.official || !s.alignedPass() || !s.auth.OneFrom || len(s.fact.From) == 0 {
		return false
	}
	b := s.brands.ByID(s.fact.Brand)
	if b == nil {
		return false
	}
	label, _, _ := strings.Cut(hostname.Registrable(address.Host(s.fact.From[0].Address)), ".")
	for _, name := range s.brands.Vocabulary(b).Letters {
		if strings.HasPrefix(label, name) {
			return true
		}
	}
	return false
}

// hostile reports whether a message from a namesake does more than ask for a visit to its own site: a domain named after
// what fakes ask for, any sign against it, a threat, or an act other than signing in or confirming.
func (s *sender) hostile() bool {
	return s.strongAgainst() > 0 || s.mediumAgainst() > 0 || s.has("text.threat") || s.count(finding.ForAction, finding.Strong) > 0 ||
		s.count(finding.ForAction, finding.Medium, "action.login", "action.confirm", "action.link") > 0 ||
		s.count(finding.ForPosing, finding.Strong, "brand.display_name", "brand.subject") > 0
}

func (s *sender) trusted() bool { return len(s.auth.Trusted) > 0 }

// trustedPass is an aligned DMARC or DKIM pass by a trusted receiver. SPF alone has a row of its own.
func (s *sender) trustedPass() bool {
	return s.trusted() && s.auth.Aligned && (s.auth.AlignedBy == "dmarc" || s.auth.AlignedBy == "dkim")
}

// alignedPass is any aligned pass.
func (s *sender) alignedPass() bool {
	return s.trusted() && s.auth.Aligned || s.auth.Verified != nil || s.auth.ARCPass
}

// spfOnly is an aligned SPF pass by a receiver that writes neither DKIM nor DMARC results.
func (s *sender) spfOnly() bool {
	return s.trusted() && s.auth.Aligned && s.auth.AlignedBy == "spf" && s.auth.DMARC == "" && len(s.auth.DKIM) == 0
}

// fingerprintComplete asks for all that a message without results can show of the brand's own way of sending: the
// seven features of OFFICIAL §4, of which older mail lacks one (Feedback-ID came in 2014, the region in the relay's
// name later).
func (s *sender) fingerprintComplete() bool { return len(s.auth.Fingerprint) >= 6 }

// contradicted reports whether anything speaks against the brand's own path or content.
func (s *sender) contradicted() bool {
	return len(s.auth.Contradictions) > 0 || len(s.auth.Injected) > 0 || s.strongAgainst() > 0
}

// brokenInTransit is a signature of the brand that the receiver found broken.
func (s *sender) brokenInTransit() bool {
	for _, d := range s.auth.DKIM {
		if d.Aligned && d.Result == "fail" && !strings.Contains(d.Reason, "no key") {
			return true
		}
	}
	return false
}

// failed is a check by the trusted receiver that the message failed.
func (s *sender) failed() bool {
	if !s.trusted() || s.alignedPass() {
		return false
	}
	return s.auth.DMARC == "fail" || s.auth.SPF == "fail" || s.auth.SPF == "softfail"
}

// repliesElsewhere reports whether replies would leave the brand's domains.
func (s *sender) repliesElsewhere() bool {
	for _, a := range s.fact.ReplyTo {
		host := address.Host(a.Address)
		if host == "" {
			continue
		}
		if same, cross := s.brands.Aligned(host, s.domain.Name); !same && !cross && !s.ofBrand(host) {
			return true
		}
	}
	return false
}

// ofBrand reports whether host belongs to the brand of the From address, in whatever role mail is sent from.
func (s *sender) ofBrand(host string) bool {
	a, d, ok := s.brands.Lookup(host)
	b, _, fromOK := s.brands.Lookup(s.domain.Name)
	return ok && fromOK && a.ID == b.ID && d.Role != brand.Customer && d.Role != brand.Assets && d.Role != brand.Short
}

// envelopeElsewhere is an SPF pass for an envelope outside the brand's domains. Amazon sends through its own mail
// service, whose envelope domain stands in for none of its customers: amazonses.com is not elsewhere.
func (s *sender) envelopeElsewhere() bool {
	if !s.trusted() || s.auth.SPF != "pass" || s.auth.MailFrom == "" || s.auth.DMARC == "pass" {
		return false // a forwarder's envelope and the brand's signature: what a forward looks like
	}
	for i := range s.auth.DKIM {
		if s.auth.DKIM[i].Aligned && s.auth.DKIM[i].Result == "pass" {
			return false
		}
	}
	b, _, ok := s.brands.Lookup(s.auth.MailFrom)
	from, _, _ := s.brands.Lookup(s.domain.Name)
	return !ok || from == nil || b.ID != from.ID
}

// foreignPath is the situation of row 15: nothing trusted speaks for the message, and it did not come from the brand's
// networks as far as can be seen. A forwarder or list in between explains the path, but not a fake's marks in what it
// carried, and Amazon's own mail bears none; so it is no excuse here.
func (s *sender) foreignPath() bool {
	if s.alignedPass() {
		return false
	}
	if s.trusted() && s.auth.DMARC == "pass" {
		return false
	}
	return s.auth.Boundary < 0 || !s.auth.InRange
}

// count counts signals that speak for a claim with a strength.
func (s *sender) count(for_ string, strength finding.Strength, not ...string) int {
	n := 0
next:
	for _, g := range s.signals {
		if g.For != for_ || g.Strength != strength {
			continue
		}
		for _, prefix := range not {
			if strings.HasPrefix(g.ID, prefix) {
				continue next
			}
		}
		n++
	}
	return n
}

// strongAgainst and mediumAgainst count signs of a fake in the message itself. What the receiver wrote is weighed by
// the rows that name it, so results do not count here; nor does a forged one, which gateways and lists leave behind too.
func (s *sender) strongAgainst() int {
	return s.count(finding.ForImpersonation, finding.Strong, "auth.dmarc", "auth.spf", "auth.dkim", "auth.injected")
}

func (s *sender) mediumAgainst() int {
	return s.count(finding.ForImpersonation, finding.Medium, "auth.dmarc", "auth.spf", "auth.dkim")
}

// poses reports whether the message claims to be the brand: one strong claim, two medium ones, or a medium one beside a
// strong sign of a fake.
func (s *sender) poses() bool {
	if s.byOwner {
		return false
	}
	strong, medium := s.count(finding.ForPosing, finding.Strong), s.count(finding.ForPosing, finding.Medium)
	return address.Poses(strong, medium, s.strongAgainst())
}

// hints is a single medium claim without more.
func (s *sender) hints() bool {
	return !s.byOwner && s.count(finding.ForPosing, finding.Medium) > 0 && s.mediumAgainst() > 0
}

// implausible reports whether a message that passed as the brand's own bears marks that the brand's mail never has: two
// different strong ones, such as its name in foreign letters and a login link off its hosts. One alone may be an odd
// link of a department; two mean that the file was put together, or a receiver is believed that should not be. The
// evidence conflicts.
func (s *sender) implausible() bool {
	if s.relay {
		return false
	}
	first := ""
	for _, g := range s.signals {
		if g.For != finding.ForImpersonation || g.Strength != finding.Strong || strings.HasPrefix(g.ID, "auth.") {
			continue
		}
		if first != "" && g.ID != first {
			return true
		}
		first = g.ID
	}
	return false
}

// acts reports whether the message calls to act.
func (s *sender) acts() bool {
	return s.count(finding.ForAction, finding.Strong) > 0 || s.count(finding.ForAction, finding.Medium) > 0
}

// lures is a call to act that leads off the official hosts.
func (s *sender) lures() bool { return s.strongAgainst() > 0 && s.acts() }

// strangersTrap reports whether what customers of the brand wrote into a message that it delivered for them speaks as the
// brand itself and leads away from it: a threat, a claim in the subject or a look-alike of its hosts beside a call to log in,
// confirm or pay on a foreign host, or a threat beside a number to call. A customer's own service that asks to confirm an
// address on its own host speaks for itself.
func (s *sender) strangersTrap() bool {
	threat := s.has("text.threat")
	away := s.strongAgainst() > 0 || s.has("link.unofficial_host") || s.has("risk.unofficial_link")
	if away && s.acts() && (threat || s.has("brand.subject") || s.has("link.look_alike")) {
		return true
	}
	return threat && s.has("action.call")
}

// notice reports whether a message from the brand's domain claims to be one of its notices, rather than a person's own
// mail: an employee's post to a mailing list is none.
func (s *sender) notice() bool {
	if s.listed || s.acts() || s.relay {
		return true
	}
	if s.count(finding.ForPosing, finding.Strong, "brand.from_domain") > 0 || s.count(finding.ForPosing, finding.Medium) > 0 {
		return true
	}
	switch s.fact.Event {
	case "", finding.OtherEvent, finding.Marketing, finding.SecurityUnknown, finding.AccountUnknown:
		return false
	}
	return true
}

// inList reports whether the message is a post to a mailing list, as far as its own fields tell. It never raises a
// verdict: without it the message would be unverifiable.
func (s *sender) inList() bool { return s.fact.ListID != "" || s.has("context.list") }

// forwarded reports whether somebody the owner writes to forwarded or quoted the brand's mail.
func (s *sender) forwarded() bool { return s.known && s.fact.Forward != "" }

// inForward reports whether a person whom the mailbox does not know forwards a message in the text of his own: nobody poses
// there, though what is forwarded may be a fake. Detectors call no forward what poses itself.
func (s *sender) inForward() bool {
	return s.fact.Forward == "inline" && s.count(finding.ForMention, finding.Medium) > 0 && s.has("context.forward")
}

func (s *sender) has(id string) bool {
	for _, g := range s.signals {
		if g.ID == id {
			return true
		}
	}
	return false
}
