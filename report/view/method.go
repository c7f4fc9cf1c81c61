package view

import "github.com/mailaudit/mailaudit/analyzer/finding"

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
