package verdict

import (
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// authSignals says what the authentication and the path of a message show, in the form of signals, so that one list
// tells everything that was weighed.
func authSignals(s *sender) []finding.Signal {
	var out []finding.Signal
	add := func(id, for_ string, strength finding.Strength, shown ...string) {
		out = append(out, finding.Signal{ID: id, For: for_, Strength: strength, Shown: short(strings.Join(shown, " "))})
	}
	a := &s.auth
	switch {
	case s.trusted() && a.Conflict && s.official:
		add("auth.conflict", finding.ForMention, finding.Strong, a.Trusted[0].Raw)
	case s.trusted() && a.Aligned && s.official && !s.relay && s.implausible():
		add("auth.implausible", finding.ForMention, finding.Strong, a.AlignedBy+"=pass", a.AlignedDomain, "("+receiver(s)+")")
	case s.trusted() && a.Aligned && s.official:
		add("auth."+a.AlignedBy+"_pass", finding.ForGenuine, finding.Strong, a.AlignedBy+"=pass", a.AlignedDomain, "("+receiver(s)+")")
	case s.trusted() && a.Aligned:
		// A stranger's own domain passing its own checks says nothing about the brand.
		add("auth.foreign_pass", finding.ForImpersonation, finding.Weak, a.AlignedBy+"=pass", a.AlignedDomain)
	case s.trusted():
		if a.DMARC == "fail" {
			add("auth.dmarc_fail", finding.ForImpersonation, against(s), "dmarc=fail", "("+receiver(s)+")")
		}
		if a.SPF == "fail" || a.SPF == "softfail" {
			add("auth.spf_fail", finding.ForImpersonation, against(s), "spf="+a.SPF, a.MailFrom)
		}
		if s.official && s.envelopeElsewhere() {
			add("auth.envelope_elsewhere", finding.ForImpersonation, finding.Medium, a.MailFrom)
		}
		for _, d := range a.DKIM {
			if d.Aligned && d.Result == "fail" {
				add("auth.dkim_fail", finding.ForImpersonation, finding.Weak, "dkim=fail", d.Domain)
			}
		}
	case s.official:
		add("auth.none", finding.ForMention, finding.Weak)
	}
	if a.Verified != nil {
		add("auth.dkim_verified", finding.ForGenuine, finding.Strong, "d="+a.Verified.Domain, "s="+a.Verified.Selector)
	}
	if a.ARCPass {
		add("auth.arc_pass", finding.ForGenuine, finding.Strong, "arc=pass")
	}
	for _, r := range a.Injected {
		add("auth.injected", finding.ForImpersonation, finding.Strong, r.AuthservID, r.Raw)
	}
	if s.official && !a.OneFrom {
		add("auth.many_from", finding.ForImpersonation, finding.Strong)
	}
	if s.official {
		if a.InRange {
			add("path.in_range", finding.ForGenuine, finding.Medium, a.Client)
		} else if a.OutRange && a.Forwarder == "" && !s.alignedPass() {
			add("path.out_of_range", finding.ForImpersonation, finding.Weak, a.Client)
		}
		for _, c := range a.Contradictions {
			if shown, told := s.differs(c); told {
				add("path.differs."+c, finding.ForImpersonation, finding.Weak, shown)
			}
		}
		if len(a.Fingerprint) > 0 {
			add("path.fingerprint", finding.ForGenuine, finding.Weak, strings.Join(a.Fingerprint, ", "))
		}
	}
	if a.Forwarder != "" {
		add("path.forwarder", finding.ForMention, finding.Medium, a.Forwarder)
	}
	if a.Replay {
		add("path.replay", finding.ForRisk, finding.Medium, strings.Join(addresses(s.fact.To), ", "))
	}
	for _, d := range s.fact.Doubled {
		add("header.doubled", finding.ForMention, finding.Medium, d.Name+":", d.First, "/", d.Last)
	}
	for _, why := range a.Refused {
		if s.official && !a.Aligned {
			add("auth.refused."+why, finding.ForMention, finding.Weak)
		}
	}
	if e := s.fact.Envelope; e != nil && e.Doubt != "" {
		add("start.doubt", finding.ForMention, finding.Medium, e.Doubt)
	}
	if s.known {
		add("context.known_contact", finding.ForMention, finding.Medium, s.fact.From[0].Address)
	}
	return out
}

// differs quotes what does not fit the brand's own way of sending. told is false where another signal says it already.
func (s *sender) differs(what string) (shown string, told bool) {
	switch what {
	case "client_network", "results_conflict", "spf_network":
		return "", false
	case "return_path":
		return s.fact.ReturnPath, true
	case "message_id":
		return s.fact.MessageID, !s.has("header.message_id")
	case "feedback_id":
		return s.fact.FeedbackID, true
	case "date_zone":
		if s.fact.Date != nil {
			shown = s.fact.Date.Raw
		}
		return shown, !s.has("header.date_zone")
	}
	return "", true
}

// against weighs a failed check: for a message that claims the brand's own address it is proof, for others an oddity.
func against(s *sender) finding.Strength {
	if s.official {
		return finding.Strong
	}
	return finding.Weak
}

func receiver(s *sender) string {
	if id := s.auth.Trusted[0].AuthservID; id != "" {
		return id
	}
	if s.auth.Rule != nil {
		return s.auth.Rule.Domain
	}
	return "-"
}

// shownMax is the longest quotation in a signal, in bytes.
const shownMax = 300

// short cuts a quotation at a character border.
func short(t string) string {
	t = strings.Join(strings.Fields(t), " ")
	if len(t) <= shownMax {
		return t
	}
	cut := shownMax - len("…")
	for cut > 0 && t[cut]&0xc0 == 0x80 {
		cut--
	}
	return t[:cut] + "…"
}
