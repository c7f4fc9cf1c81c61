package verdict

import (
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// notes are the signals that are gathered of one message.
type notes []finding.Signal

// add notes a signal.
func (n *notes) add(id, purpose string, strength finding.Strength, shown ...string) {
	*n = append(*n, finding.Signal{ID: id, For: purpose, Strength: strength, Shown: short(strings.Join(shown, " "))})
}

// when notes a signal if something holds.
func (n *notes) when(holds bool, id, purpose string, strength finding.Strength, shown ...string) {
	if holds {
		n.add(id, purpose, strength, shown...)
	}
}

// authSignals says what the authentication and the path of a message show, in the form of signals, so that one list
// tells everything that was weighed.
func authSignals(s *sender) []finding.Signal {
	var n notes
	n.results(s)
	n.proofs(s)
	if s.official {
		n.path(s)
	}
	n.message(s)
	return n
}

// results are what the trusted receiver found.
func (n *notes) results(s *sender) {
	a := &s.auth
	switch {
	case !s.trusted():
		n.when(s.official, "auth.none", finding.ForMention, finding.Weak)
	case a.Conflict && s.official:
		n.add("auth.conflict", finding.ForMention, finding.Strong, a.Trusted[0].Raw)
	case a.Aligned && s.official && !s.relay && s.implausible():
		n.add("auth.implausible", finding.ForMention, finding.Strong, a.AlignedBy+"=pass", a.AlignedDomain, "("+receiver(s)+")")
	case a.Aligned && s.official:
		n.add("auth."+a.AlignedBy+"_pass", finding.ForGenuine, finding.Strong, a.AlignedBy+"=pass", a.AlignedDomain, "("+receiver(s)+")")
	case a.Aligned:
		// A stranger's own domain passing its own checks says nothing about the brand.
		n.add("auth.foreign_pass", finding.ForImpersonation, finding.Weak, a.AlignedBy+"=pass", a.AlignedDomain)
	default:
		n.failures(s)
	}
}

// failures are the checks that did not pass at a trusted receiver.
func (n *notes) failures(s *sender) {
	a := &s.auth
	n.when(a.DMARC == "fail", "auth.dmarc_fail", finding.ForImpersonation, against(s), "dmarc=fail", "("+receiver(s)+")")
	n.when(a.SPF == "fail" || a.SPF == "softfail", "auth.spf_fail", finding.ForImpersonation, against(s), "spf="+a.SPF, a.MailFrom)
	n.when(s.official && s.envelopeElsewhere(), "auth.envelope_elsewhere", finding.ForImpersonation, finding.Medium, a.MailFrom)
	for _, d := range a.DKIM {
		n.when(d.Aligned && d.Result == "fail", "auth.dkim_fail", finding.ForImpersonation, finding.Weak, "dkim=fail", d.Domain)
	}
}

// proofs are what was verified here, and what was put in to be taken for a proof.
func (n *notes) proofs(s *sender) {
	a := &s.auth
	if a.Verified != nil {
		n.add("auth.dkim_verified", finding.ForGenuine, finding.Strong, "d="+a.Verified.Domain, "s="+a.Verified.Selector)
	}
	n.when(a.ARCPass, "auth.arc_pass", finding.ForGenuine, finding.Strong, "arc=pass")
	for _, r := range a.Injected {
		n.add("auth.injected", finding.ForImpersonation, finding.Strong, r.AuthservID, r.Raw)
	}
	n.when(s.official && !a.OneFrom, "auth.many_from", finding.ForImpersonation, finding.Strong)
}

// path is how the way of a message that bears the brand's address compares with the brand's own.
func (n *notes) path(s *sender) {
	a := &s.auth
	n.when(a.InRange, "path.in_range", finding.ForGenuine, finding.Medium, a.Client)
	n.when(!a.InRange && a.OutRange && a.Forwarder == "" && !s.alignedPass(), "path.out_of_range", finding.ForImpersonation, finding.Weak, a.Client)
	for _, c := range a.Contradictions {
		shown, told := s.differs(c)
		n.when(told, "path.differs."+c, finding.ForImpersonation, finding.Weak, shown)
	}
	n.when(len(a.Fingerprint) > 0, "path.fingerprint", finding.ForGenuine, finding.Weak, strings.Join(a.Fingerprint, ", "))
}

// message is what came between the sender and this copy, and what is known of the sender.
func (n *notes) message(s *sender) {
	a := &s.auth
	n.when(a.Forwarder != "", "path.forwarder", finding.ForMention, finding.Medium, a.Forwarder)
	n.when(a.Replay, "path.replay", finding.ForRisk, finding.Medium, strings.Join(addresses(s.fact.To), ", "))
	for _, d := range s.fact.Doubled {
		n.add("header.doubled", finding.ForMention, finding.Medium, d.Name+":", d.First, "/", d.Last)
	}
	for _, why := range a.Refused {
		n.when(s.official && !a.Aligned, "auth.refused."+why, finding.ForMention, finding.Weak)
	}
	if e := s.fact.Envelope; e != nil {
		n.when(e.Doubt != "", "start.doubt", finding.ForMention, finding.Medium, e.Doubt)
	}
	if s.known {
		n.add("context.known_contact", finding.ForMention, finding.Medium, s.fact.From[0].Address)
	}
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
