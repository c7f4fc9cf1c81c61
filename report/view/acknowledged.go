package view

import "github.com/mailaudit/mailaudit/analyzer/finding"

// question is the kind of attention item that only the owner can answer.
const question = "question"

// ItemSeverity is the severity of an attention item as people read it: a question is called one, and what somebody has
// looked at and said so of is marked.
func (p *Printer) ItemSeverity(a *finding.Attention) string {
	severity := p.Severity(a.Severity)
	if a.Kind == question {
		severity = p.Say("attention.asks")
	}
	if a.Acknowledged == nil {
		return severity
	}
	return p.Say("attention.acknowledged", "severity", severity)
}

// Grouped reports whether an item of the list is a question below another one, for which the steps need not be said again.
func Grouped(list []*finding.Attention, i int) bool {
	return i > 0 && i < len(list) && list[i].Kind == question && list[i-1].Kind == question
}
