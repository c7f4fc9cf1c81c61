package verdict

import (
	"testing"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/mailauth"
)

// official is a sender whose From is the brand's own notice address, with nothing else known.
func official() *sender {
	return &sender{
		fact:     &fact.Fact{From: []finding.Address{{Name: "Amazon.co.jp", Address: "account-update@amazon.co.jp"}}, FromFields: 1, Brand: "amazon"},
		auth:     mailauth.Assessment{Boundary: 0, OneFrom: true},
		brands:   brand.Builtin(),
		domain:   brand.Domain{Name: "amazon.co.jp", Role: brand.Retail, Confidence: brand.H},
		official: true,
		listed:   true,
	}
}

// stranger is a sender that is not the brand.
func stranger() *sender {
	return &sender{
		fact:   &fact.Fact{From: []finding.Address{{Name: "Amazon", Address: "info@cousin.example"}}, FromFields: 1, Brand: "amazon"},
		auth:   mailauth.Assessment{Boundary: 0, OneFrom: true},
		brands: brand.Builtin(),
	}
}

// trust gives s a result of a trusted receiver.
func (s *sender) trust() *sender {
	s.auth.Trusted = []fact.Result{{AuthservID: "mx.example.net"}}
	return s
}

func (s *sender) pass(by string) *sender {
	s.trust()
	s.auth.Aligned, s.auth.AlignedBy, s.auth.AlignedDomain = true, by, "amazon.co.jp"
	return s
}

func (s *sender) signal(id, for_ string, strength finding.Strength) *sender {
	s.signals = append(s.signals, finding.Signal{ID: id, For: for_, Strength: strength})
	return s
}

func (s *sender) with(change func(*sender)) *sender {
	change(s)
	return s
}

func TestTable(t *testing.T) {
	const (
		imp  = finding.ForImpersonation
		pose = finding.ForPosing
		act  = finding.ForAction
	)
	fingerprint := []string{"return_path", "message_id", "received_from", "network", "feedback_id", "date_zone"}
	tests := []struct {
		name    string
		sender  *sender
		rule    string
		verdict finding.Verdict
	}{
		{"row 2: an aligned pass for the seller relay shows that Amazon carried it, not that it wrote it",
			official().pass("dmarc").with(func(s *sender) { s.relay = true }), "A2", finding.GenuineRelay},
		{"row E: an employee's mail over the corporate path is no notice, whatever the authentication",
			official().pass("dmarc").with(func(s *sender) { s.auth.Corporate, s.listed = true, false }), "E", finding.Mention},
		{"row 1: DMARC pass by the trusted receiver for the one From address", official().pass("dmarc"), "A1", finding.Genuine},
		{"row 1: DKIM pass aligned with the one From address", official().pass("dkim"), "A1", finding.Genuine},
		{"row 1: a domain that is not surely Amazon's gives likely_genuine at best",
			official().pass("dmarc").with(func(s *sender) { s.domain.Confidence = brand.K }), "B1", finding.LikelyGenuine},
		{"row 1 precondition: two From addresses never reach the genuine rows",
			official().pass("dmarc").with(func(s *sender) { s.auth.OneFrom = false }), "U", finding.Unverifiable},
		{"row 1 precondition: a start in the mbox that is not certain is never better than unverifiable",
			official().pass("dmarc").with(func(s *sender) { s.fact.Envelope = &fact.Envelope{Doubt: "no_blank_line"} }), "U", finding.Unverifiable},
		{"evidence that conflicts: a pass, and two marks that the brand's mail never bears",
			official().pass("dmarc").signal("brand.foreign_letters", imp, finding.Strong).signal("link.unofficial_host", imp, finding.Strong), "U", finding.Unverifiable},
		{"one odd link of a department does not undo a pass",
			official().pass("dmarc").signal("link.unofficial_host", imp, finding.Strong), "A1", finding.Genuine},
		{"row 4: a signature that mailaudit verified itself",
			official().with(func(s *sender) { s.auth.Verified = &fact.Signature{Domain: "amazon.co.jp"} }), "A4", finding.Genuine},
		{"row 7: a listed sealer's ARC result accepted by the own receiver",
			official().with(func(s *sender) { s.auth.ARCPass = true }), "A5", finding.Genuine},
		{"row 3: SPF alone with enough of the fingerprint",
			official().pass("spf").with(func(s *sender) { s.auth.Fingerprint = fingerprint[:4] }), "A3", finding.Genuine},
		{"row 3: SPF alone with too little of the fingerprint",
			official().pass("spf").with(func(s *sender) { s.auth.Fingerprint = fingerprint[:3] }), "A3", finding.LikelyGenuine},
		{"row 5: no result, but Amazon's network and its complete fingerprint",
			official().with(func(s *sender) { s.auth.InRange, s.auth.Fingerprint = true, fingerprint }), "B1", finding.LikelyGenuine},
		{"row 5 needs the network: a forged fingerprint from elsewhere shows nothing",
			official().with(func(s *sender) { s.auth.OutRange, s.auth.Fingerprint = true, fingerprint }), "U", finding.Unverifiable},
		{"row 5 tolerates no contradiction",
			official().with(func(s *sender) {
				s.auth.InRange, s.auth.Fingerprint, s.auth.Contradictions = true, fingerprint, []string{"date_zone"}
			}), "U", finding.Unverifiable},
		{"row 13: Hide My Email decodes to an official sender",
			stranger().with(func(s *sender) { s.fact.Alias = "order-update@amazon.de" }).signal("brand.display_name", pose, finding.Strong), "R", finding.Unverifiable},
		{"row 13 does not cover an alias that leads to a foreign login page",
			stranger().with(func(s *sender) { s.fact.Alias = "order-update@amazon.de" }).signal("brand.display_name", pose, finding.Strong).
				signal("link.unofficial_host", imp, finding.Strong).signal("action.login", act, finding.Strong), "P2", finding.Impersonation},
		{"row 9: a list that is shown broke the signature",
			official().trust().with(func(s *sender) {
				s.auth.DKIM = []mailauth.DKIM{{Domain: "amazon.co.jp", Result: "fail", Reason: "body hash did not verify", Aligned: true}}
				s.auth.Forwarder, s.auth.DMARC = "lists.example.org", "fail"
			}), "U2", finding.Unverifiable},
		{"row 8: DMARC failed at the trusted receiver", official().trust().with(func(s *sender) { s.auth.DMARC = "fail" }), "P1", finding.Impersonation},
		{"row 8: SPF softfail without an aligned signature", official().trust().with(func(s *sender) { s.auth.SPF = "softfail" }), "P1", finding.Impersonation},
		{"row 8 spares what a shown forwarder broke",
			official().trust().with(func(s *sender) { s.auth.DMARC, s.auth.Forwarder = "fail", "forward.example.org" }), "U", finding.Unverifiable},
		{"row 8 spares a person's post to a mailing list, which breaks DMARC",
			official().trust().with(func(s *sender) { s.auth.DMARC, s.listed, s.fact.ListID = "fail", false, "devel.lists.example.org" }), "M", finding.Mention},
		{"evidence that conflicts: the receiver says dmarc=fail beside an aligned dkim=pass",
			official().trust().with(func(s *sender) { s.auth.DMARC, s.auth.Conflict = "fail", true }), "U", finding.Unverifiable},
		{"a forward in the text of a person whom the mailbox does not know poses as nobody",
			stranger().with(func(s *sender) { s.fact.Forward = "inline" }).signal("context.forward", finding.ForMention, finding.Medium).
				signal("brand.display_name", pose, finding.Strong).signal("action.login", act, finding.Strong), "M", finding.Mention},
		{"what such a forward carries may be a fake",
			stranger().with(func(s *sender) { s.fact.Forward = "inline" }).signal("context.forward", finding.ForMention, finding.Medium).
				signal("brand.display_name", pose, finding.Strong).signal("link.unofficial_host", imp, finding.Strong), "S", finding.Suspicious},
		{"row 12: replies would go elsewhere",
			official().with(func(s *sender) { s.fact.ReplyTo = []finding.Address{{Address: "help@cousin.example"}} }), "P1", finding.Impersonation},
		{"row 12: SPF passed for an envelope elsewhere",
			official().trust().with(func(s *sender) { s.auth.SPF, s.auth.MailFrom = "pass", "cousin.example" }), "P1", finding.Impersonation},
		{"row 12 knows Amazon's own mail service as an envelope",
			official().trust().with(func(s *sender) { s.auth.SPF, s.auth.MailFrom = "pass", "amazonses.com" }), "U", finding.Unverifiable},
		{"row 15: no result, a foreign path, and a login link off the official list",
			official().signal("link.unofficial_host", imp, finding.Strong), "P3", finding.Impersonation},
		{"row 6: a result that was injected shows nothing by itself", official().signal("auth.injected", imp, finding.Strong), "U", finding.Unverifiable},
		{"row 15: a result that was injected, and a login link off the official list",
			official().signal("auth.injected", imp, finding.Strong).signal("link.unofficial_host", imp, finding.Strong), "P3", finding.Impersonation},
		{"row 15: two weaker signs", official().signal("header.date_zone", imp, finding.Medium).signal("header.mailer", imp, finding.Medium), "P3", finding.Impersonation},
		{"row 15: one weaker sign", official().signal("header.date_zone", imp, finding.Medium), "P3", finding.Suspicious},
		{"row 6: nothing shows either way", official(), "U", finding.Unverifiable},
		{"row 11: a known person's forward with words of their own",
			stranger().with(func(s *sender) { s.known, s.fact.Forward = true, "inline" }).signal("brand.body", pose, finding.Medium), "F", finding.Mention},
		{"row 11: a known person's forward that is nothing but the forward",
			stranger().with(func(s *sender) { s.known, s.fact.Forward, s.fact.ForwardOnly = true, "attached", true }), "F", finding.Unverifiable},
		{"row 11 is not for strangers",
			stranger().with(func(s *sender) { s.fact.Forward = "inline" }).signal("brand.display_name", pose, finding.Strong).
				signal("action.login", act, finding.Strong), "P2", finding.Impersonation},
		{"row 10: a stranger poses and calls to act, though all his own checks pass",
			stranger().pass("dmarc").signal("brand.display_name", pose, finding.Strong).signal("action.login", act, finding.Medium), "P2", finding.Impersonation},
		{"row 16: a stranger poses, but asks for nothing that can be shown",
			stranger().signal("brand.display_name", pose, finding.Strong), "S", finding.Suspicious},
		{"row 14: a newsletter that speaks of Amazon", stranger().signal("context.newsletter", finding.ForMention, finding.Medium), "M", finding.Mention},
		{"row 14: what the owner sent is no fake, whatever it quotes",
			stranger().with(func(s *sender) { s.byOwner = true }).signal("brand.display_name", pose, finding.Strong).
				signal("action.login", act, finding.Strong), "M", finding.Mention},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, row := range table() {
				if row.when(test.sender) {
					if row.rule != test.rule || row.verdict != test.verdict {
						t.Errorf("row %d gave %s by %s, want %s by %s", row.number, row.verdict, row.rule, test.verdict, test.rule)
					}
					return
				}
			}
			t.Error("no row applies")
		})
	}
}

// A domain that is on no list and named after the brand passes as itself: the brand has hundreds, and so have its fakes.
func TestNamesake(t *testing.T) {
	from := func(address string) *sender {
		return stranger().pass("dmarc").with(func(s *sender) { s.fact.From[0].Address = address }).
			signal("brand.display_name", finding.ForPosing, finding.Strong).
			signal("action.login", finding.ForAction, finding.Medium)
	}
	tests := []struct {
		why  string
		s    *sender
		want finding.Verdict
	}{
		{"a visit to its own site is asked for", from("no-reply@amazonwarehouse.example"), finding.Suspicious},
		{"a threat", from("no-reply@amazonwarehouse.example").signal("text.threat", finding.ForImpersonation, finding.Weak), finding.Impersonation},
		{"a payment", from("no-reply@amazonwarehouse.example").signal("action.pay", finding.ForAction, finding.Medium), finding.Impersonation},
		{"a telephone number", from("no-reply@amazonwarehouse.example").signal("action.call", finding.ForAction, finding.Strong), finding.Impersonation},
		{"links elsewhere", from("no-reply@amazonwarehouse.example").signal("link.unofficial_host", finding.ForImpersonation, finding.Medium), finding.Impersonation},
		{"a name that is what fakes ask for", from("no-reply@amazon-login.example").signal("brand.from_domain", finding.ForPosing, finding.Strong), finding.Impersonation},
		{"the brand's name is not where the label begins", from("no-reply@my-amazon.example"), finding.Impersonation},
		{"a look-alike is not the very name", from("no-reply@arnazon.example"), finding.Impersonation},
		{"nothing passed", from("no-reply@amazonwarehouse.example").with(func(s *sender) { s.auth.Aligned = false }), finding.Impersonation},
		{"a domain that one source named, six years before the message", official().pass("dmarc").with(func(s *sender) {
			s.domain = brand.Domain{Name: "amazon.dev", Role: brand.Service, Confidence: brand.M, Date: "2020-11"}
			s.fact.Trace = []fact.Hop{{Time: time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)}}
		}), finding.Unverifiable},
		{"the same within five years", official().pass("dmarc").with(func(s *sender) {
			s.domain = brand.Domain{Name: "amazon.dev", Role: brand.Service, Confidence: brand.M, Date: "2021"}
			s.fact.Trace = []fact.Hop{{Time: time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)}}
		}), finding.LikelyGenuine},
		{"two sources stay, however old", official().pass("dmarc").with(func(s *sender) {
			s.domain = brand.Domain{Name: "amazon.dev", Role: brand.Service, Confidence: brand.H, Date: "2010"}
			s.fact.Trace = []fact.Hop{{Time: time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)}}
		}), finding.Genuine},
		{"a domain of hearsay that passed", official().pass("dmarc").with(func(s *sender) { s.domain = brand.Domain{Name: "amazon.dev", Role: brand.Service, Confidence: brand.L} }), finding.Unverifiable},
	}
	for _, tt := range tests {
		for _, row := range table() {
			if row.when(tt.s) {
				if row.verdict != tt.want {
					t.Errorf("%s: %s by %s, want %s", tt.why, row.verdict, row.rule, tt.want)
				}
				break
			}
		}
	}
}

// TestEveryRuleIsExplained: a rule without a sentence could not be told to anybody, and a sentence without a rule would
// be a lie.
func TestEveryRuleIsExplained(t *testing.T) {
	said := make(map[string]bool)
	for _, r := range Rules() {
		if r.JA == "" || r.EN == "" {
			t.Errorf("rule %s lacks a sentence", r.ID)
		}
		if said[r.ID] {
			t.Errorf("rule %s is explained twice", r.ID)
		}
		said[r.ID] = true
	}
	used := make(map[string]bool)
	for _, row := range table() {
		used[row.rule] = true
		if !said[row.rule] {
			t.Errorf("rule %s is not explained", row.rule)
		}
	}
	for id := range said {
		if !used[id] {
			t.Errorf("rule %s is explained but not in the table", id)
		}
	}
}
