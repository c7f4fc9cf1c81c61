package view

import (
	"slices"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// Unfit reports whether mail and records contradict one another in a line.
func Unfit(l *finding.Ledger) bool {
	return l.State == "no_mail" || l.State == "no_record" || l.State == "unexplained"
}

// OfLedger reports whether an attention item tells of lines of the ledger.
func OfLedger(a *finding.Attention) bool {
	switch a.Kind {
	case "order_without_mail", "orders_untold", "mail_without_order", "charge_unexplained":
		return true
	}
	return false
}

// LedgerLines are the lines of the ledger, what does not fit first, then what has no mail, then the rest, each the newest first.
func (r *Report) LedgerLines() []*finding.Ledger {
	list := slices.Clone(r.Ledger())
	slices.Reverse(list)
	rank := func(l *finding.Ledger) int {
		switch {
		case Unfit(l):
			return 0
		case l.State == "untold" && l.Kind == "order" || l.State == "invented":
			return 1
		}
		return 2
	}
	slices.SortStableFunc(list, func(a, b *finding.Ledger) int { return rank(a) - rank(b) })
	return list
}

// LedgerAmount is the amount of a line with its currency.
func (p *Printer) LedgerAmount(l *finding.Ledger) string {
	if l.Amount == "" {
		return ""
	}
	return p.Amount(l.Amount, l.Currency)
}
