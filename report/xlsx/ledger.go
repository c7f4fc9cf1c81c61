package xlsx

import (
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/report/view"
)

// ledger writes what Amazon keeps of the account, and card statements, each line beside the mail that tells of it. What does not
// fit comes first.
func (b *book) ledger() error {
	lines := b.LedgerLines()
	if len(lines) == 0 {
		return nil
	}
	s, err := b.openTimed("ledger", b.col("beside", 26), b.col("kind", 16), b.col("time", 17), b.utc("time"), b.col("order_id", 22), b.col("amount", 14),
		b.col("item", 50), b.col("payment", 22), b.col("orders", 24), b.col("mails", 24), b.col("location", 50), b.figures("row", 8))
	if err != nil {
		return err
	}
	for _, l := range lines {
		state := b.cell(b.Word("ledger.state", l.State))
		if view.Unfit(l) {
			state = b.styled(b.Word("ledger.state", l.State), b.style.red)
		}
		local, utc := b.ledgerTime(l)
		var row any
		if l.Row > 0 {
			row = b.number(int64(l.Row))
		}
		if err := s.add(state, b.cell(b.Word("ledger.kind", l.Kind)), local, utc, b.cell(view.Safe(l.OrderID)), b.cell(b.LedgerAmount(l)),
			b.styled(view.SafeN(l.Item, view.MaxCell), b.style.wrap), b.cell(view.Safe(l.Payment)), b.cell(view.SafeN(strings.Join(l.Orders, " "), view.MaxCell)),
			b.cell(view.SafeN(strings.Join(l.Messages, " "), view.MaxCell)), b.cell(view.PathText(evidence.Location{Path: l.Path})), row); err != nil {
			return err
		}
	}
	return s.finish()
}

// ledgerTime is the time of a line in the report's zone and in UTC; of one of which only the day is known the day alone, which no
// zone moves.
func (b *book) ledgerTime(l *finding.Ledger) (local, utc any) {
	if l.Day && l.Time != nil {
		return b.cell(l.Time.UTC().Format("2006-01-02")), nil
	}
	return b.value(b.Local(l.Time)), b.value(view.UTCOf(l.Time))
}

// besideTimeline writes the lines that do not fit the mail onto the sheet of the timeline, whose columns are ids, above the mails.
func (b *book) besideTimeline(s *sheet, ids []string) error {
	for _, l := range b.LedgerLines() {
		if !view.Unfit(l) {
			break
		}
		row := make([]any, len(ids))
		for i, id := range ids {
			switch id {
			case "time":
				row[i], _ = b.ledgerTime(l)
			case "time_utc":
				_, row[i] = b.ledgerTime(l)
			case "verdict":
				row[i] = b.styled(b.Word("ledger.state", l.State), b.style.red)
			case "event":
				row[i] = b.cell(b.Word("ledger.kind", l.Kind))
			case "amount":
				row[i] = b.value(view.DecimalOf(l.Amount))
			case "currency":
				row[i] = b.cell(view.Safe(l.Currency))
			case "details":
				row[i] = b.styled(view.SafeN(strings.TrimSpace(l.OrderID+" "+l.Item), view.MaxCell), b.style.wrap)
			}
		}
		if err := s.add(row...); err != nil {
			return err
		}
	}
	return nil
}
