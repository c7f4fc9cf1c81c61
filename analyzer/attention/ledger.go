package attention

import (
	"strings"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/records"
)

// maxOrders is how many order numbers, amounts or shops an item names; all stand among the lines of the ledger.
const maxOrders = 20

// ledger makes items of what only mail and Amazon's records together tell.
func (c *conclusion) ledger() {
	for _, f := range c.beside.Findings {
		a := args{"n": len(f.Lines), "account": c.name(f.Account), "all": f.All}
		named := []string{f.Kind}
		var orders, shops []string
		for k, i := range f.Lines {
			l := &c.beside.Lines[i]
			if k == 0 {
				named = append(named, l.ID)
				a["start"] = moment(l)
			}
			a["end"] = moment(l)
			if len(orders) < maxOrders {
				orders = append(orders, l.OrderID)
				shops = append(shops, strings.TrimSpace(l.Amount+" "+l.Currency))
			}
		}
		if f.Kind == records.Charged {
			a["amounts"] = shops
		} else {
			a["orders"] = orders
		}
		id, situation, severity := f.Kind, "orders", finding.MediumS
		switch {
		case f.Kind == records.Untold:
			severity, situation = finding.Low, "untold"
			named = []string{f.Kind} // it stays the same item when one more is missing
		case f.Kind == records.Charged:
			situation = "charges"
		case f.Kind == records.NoMail && f.Grave:
			severity = finding.High
		}
		if len(f.Lines) == 1 {
			id += ".one"
		}
		it := finding.Attention{ID: fact.StableID("a", named...), Severity: severity, Kind: f.Kind, Why: text(id, a), Do: c.do(situation, f.Account, f.Members)}
		if int(f.Account) < len(c.Accounts) && f.Kind != records.Untold && f.Kind != records.Charged {
			it.Account = c.Accounts[f.Account].String()
		}
		it.Tell = severity != finding.Low
		c.add(it, f.Members)
	}
}

// moment is the time of a line as a gap of a text is filled with it: a day where only that is known, which no zone moves.
func moment(l *finding.Ledger) string {
	if l.Day {
		return l.Time.UTC().Format(time.DateOnly)
	}
	return l.Time.UTC().Format(time.RFC3339)
}
