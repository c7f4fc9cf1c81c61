package view

import "github.com/mailaudit/mailaudit/analyzer/finding"

// ItemSeverity is the severity of an attention item as it is shown, with a mark where a person has acknowledged it.
func (p *Printer) ItemSeverity(a *finding.Attention) string {
	if a.Acknowledged == nil {
		return p.Severity(a.Severity)
	}
	return p.Say("attention.acknowledged", "severity", p.Severity(a.Severity))
}
