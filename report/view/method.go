package view

import (
	"slices"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// Term is an entry of the glossary.
type Term struct {
	ID, Term, Text string
}

// Glossary lists the terms a reader may not know, in the order in which the page uses them.
func (p *Printer) Glossary() []Term {
	var terms []Term
	for _, id := range []string{
		"verdict", "impersonation", "unnoticed", "incident", "authentication", "dkim", "spf", "dmarc", "aligned", "location", "sha256", "defang",
	} {
		terms = append(terms, Term{id, p.Say("glossary." + id + ".term"), p.Say("glossary." + id + ".text")})
	}
	return terms
}

// unknownMost is how many labels of unknown meaning are named.
const unknownMost = 20

// UnknownLabels names the labels of the mailbox whose meaning is not known, where that matters: where one of the labels that
// every Gmail account has was not recognised among them. It is "" where all is known.
func (r *Report) UnknownLabels() string {
	have := make(map[string]bool)
	var unknown []string
	for l, role := range r.Profile().Labels {
		have[role] = true
		if role == "" {
			unknown = append(unknown, Safe(l))
		}
	}
	if len(unknown) == 0 || have["inbox"] && have["sent"] && (have["unread"] || have["opened"]) {
		return ""
	}
	slices.Sort(unknown)
	return r.Say("method.labels", "labels", r.List(unknown[:min(len(unknown), unknownMost)]))
}

// TrustLine says how a receiver came to be trusted.
func (p *Printer) TrustLine(t finding.Trust) string {
	parts := []string{}
	add := func(s string) {
		if s != "" {
			parts = append(parts, s)
		}
	}
	add(Safe(t.AuthservID))
	add(Safe(t.Years))
	add(p.Word("place", t.Place))
	switch {
	case t.Given:
		add(p.Say("method.trust.given"))
	case t.Learned:
		add(p.Say("method.trust.learned"))
	default:
		add(p.Say("method.trust.assumed"))
	}
	return p.List(parts)
}
