package html

import (
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/report/view"
)

// maxLedger is how many lines of Amazon's records the page shows; the workbook has all.
const maxLedger = 300

type ledgerRow struct {
	State, Kind, Time, OrderID, Amount, Item, Place string
	Unfit                                           bool
	Mails                                           []ref
	More                                            int
}

// maxBeside is how many lines stand under the timeline.
const maxBeside = 40

// besideTimeline are the lines that do not fit the mail, the newest first, for the timeline.
func (p *page) besideTimeline() (rows []ledgerRow, more int) {
	for _, l := range p.LedgerLines() {
		if !view.Unfit(l) {
			break
		}
		if len(rows) == maxBeside {
			more++
			continue
		}
		rows = append(rows, p.ledgerRow(l))
	}
	return rows, more
}

// ledgerRow is a line as the page shows it, without its mails.
func (p *page) ledgerRow(l *finding.Ledger) ledgerRow {
	r := ledgerRow{
		State: p.Word("ledger.state", l.State), Kind: p.Word("ledger.kind", l.Kind), OrderID: view.Safe(l.OrderID), Amount: p.LedgerAmount(l),
		Item: view.SafeN(l.Item, 120), Unfit: view.Unfit(l),
	}
	switch {
	case l.Time == nil:
	case l.Day:
		r.Time = l.Time.UTC().Format("2006-01-02")
	default:
		r.Time = p.Time(*l.Time)
	}
	return r
}

// ledger shows Amazon's records and card statements beside the mail.
func (p *page) ledger() error {
	lines := p.LedgerLines()
	if len(lines) == 0 {
		return nil
	}
	var rows []ledgerRow
	for _, l := range lines[:min(len(lines), maxLedger)] {
		r := p.ledgerRow(l)
		var err error
		if r.Mails, r.More, err = p.refs(l.Messages[:min(len(l.Messages), 3)]); err != nil {
			return err
		}
		r.More += max(0, len(l.Messages)-3)
		rows = append(rows, r)
	}
	return p.exec("ledger", map[string]any{"Rows": rows, "More": len(lines) - len(rows)})
}
