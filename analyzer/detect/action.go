package detect

import (
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/script"
)

// calls are the kinds of phrases that call to act, with their signals. Those to telephone and to scan take more than the
// words of a subject.
var calls = []struct {
	kind      kind
	id        string
	inSubject bool
}{
	{kindLogin, "action.login", true},
	{kindPay, "action.pay", true},
	{kindConfirm, "action.confirm", true},
	{kindCall, "action.call", false},
	{kindClaim, "action.claim", true},
	{kindScan, "action.scan", false},
}

// actions finds what the message calls the reader to do. Wording carries the call even where an archive or a gateway
// took the links away.
func actions(s *scene) {
	for _, a := range calls {
		hits := s.hits[a.kind]
		if a.kind == kindCall {
			hits = s.withPhone(hits)
		}
		if len(hits) > 0 {
			s.add(a.id, s.around(hits[0].at))
		}
	}
	if hits := s.hits[kindOpen]; len(hits) > 0 && len(s.m.Attachments) > 0 {
		s.add("action.open_attachment", s.around(hits[0].at))
	}
	for _, a := range calls {
		if a.inSubject && s.subjectSays.any(setOf(a.kind)) && !s.has(a.id) {
			s.add(a.id, s.m.Subject)
		}
	}
	if s.calls() {
		return
	}
	// Nothing to read, one place to go: the picture is the message.
	hosts := map[string]bool{}
	carried := false // an attachment has a link to act on that leads elsewhere
	for _, l := range s.links {
		switch {
		case !l.acts() || l.unsubscribe:
		case l.rec.From == "qr":
			s.add("action.scan", l.host)
		case l.rec.From == "attachment":
			carried = carried || !l.rec.Official
		default:
			hosts[l.host] = true
		}
	}
	switch {
	case len(hosts) > 0 && (len(hosts) <= 2 || len(s.text) < 400):
		for _, l := range s.links {
			if hosts[l.host] {
				s.addAs("action.link", finding.Medium, l.rec.Target)
				break
			}
		}
	case len(hosts) == 0 && phoneIn(s.text) != "":
		// No link at all: the number is what the reader is left with.
		s.add("action.call", phoneIn(s.text))
	case s.pagesRead && !carried:
		// The file was read as well: it calls to nothing, and it is an invoice that somebody sends on.
	case len(s.text) < attachmentText:
		for _, a := range s.m.Attachments {
			if !a.Inline && document(a.Type, script.Fold(a.Name)) {
				s.addAs("action.open_attachment", finding.Medium, a.Name)
				break
			}
		}
	}
}

// calls reports whether a call to act was found.
func (s *scene) calls() bool {
	for _, g := range s.out.Signals {
		if g.For == finding.ForAction {
			return true
		}
	}
	return false
}
