package timeline

import (
	"time"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

const (
	// orphanNear is how far around an order the habit of the mailbox is looked at, and orphanStart how long after the
	// first notice of the account nothing is said: the order may be older than the mailbox.
	orphanNear  = 180 * 24 * time.Hour
	orphanStart = 30 * 24 * time.Hour
	// orphanHabit is the least number of other orders with a confirmation, and orphanShare their least share in
	// percent: who deletes confirmations, or orders in an app that sends none, has no orphans.
	orphanHabit = 5
	orphanShare = 90
)

// orphan finds orders that were shipped or cancelled and of which no confirmation is anywhere in the mailbox, though
// this mailbox keeps the confirmations of nearly all other orders of that time. Whether the confirmation was deleted or
// never came can't be known, and the story says so. Orders within 72 hours of one another are one incident. It is
// medium.
func (f *finder) orphan(l *ledger) error {
	type order struct {
		first  uint32 // first notice of it
		orphan bool
	}
	var orders []order
	seen := make(map[uint64]bool)
	start := int64(0)
	for _, i := range l.notices {
		e := &f.Entries[i]
		if start == 0 {
			start = e.Time + seconds(orphanStart)
		}
		switch f.event(e) {
		case finding.OrderShipped, finding.OrderCancelled:
		default:
			continue
		}
		if e.Order == 0 || e.Flags.Has(Digital) || seen[e.Order] || e.Time < start {
			continue
		}
		seen[e.Order] = true
		orders = append(orders, order{first: i, orphan: !f.placed[e.Order] && !f.anyPlaced(e)})
	}
	var run []uint32
	flush := func() {
		if len(run) > 0 {
			f.emit(l, draft{
				kind: KindOrphan, severity: finding.MediumS, anchor: run[0], members: run,
				lead: []finding.Text{{ID: "incident.orphan", Args: map[string]any{"account": l.account.String(), "n": len(run)}}},
				tail: []finding.Text{{ID: "incident.orphan.unknown"}},
			})
			run = nil
		}
	}
	lo, hi, kept, lost := 0, 0, 0, 0
	for _, o := range orders {
		t := f.Entries[o.first].Time
		count := func(p order, by int) {
			if p.orphan {
				lost += by
			} else {
				kept += by
			}
		}
		for ; hi < len(orders) && f.Entries[orders[hi].first].Time <= t+seconds(orphanNear); hi++ {
			count(orders[hi], 1)
		}
		for ; f.Entries[orders[lo].first].Time < t-seconds(orphanNear); lo++ {
			count(orders[lo], -1)
		}
		if !o.orphan || f.claims[o.first] || kept < orphanHabit || 100*kept < orphanShare*(kept+lost) || f.quietBefore(t) {
			continue
		}
		if len(run) > 0 && t-f.Entries[run[len(run)-1]].Time > seconds(window) {
			flush()
		}
		run = append(run, o.first)
	}
	flush()
	return nil
}

// anyPlaced looks up whether one of the further orders that a notice names was confirmed.
func (f *finder) anyPlaced(e *Entry) bool {
	if !e.Flags.Has(MoreOrders) || f.Lookup == nil {
		return false
	}
	fact, err := f.Lookup(e.Pos)
	if err != nil || fact.Details == nil {
		return false
	}
	for _, id := range fact.Details.OrderIDs {
		if f.placed[OrderHash(id)] {
			return true
		}
	}
	return false
}

// quietBefore tells whether the month of t or the one before holds no mail: then confirmations may be missing with it.
func (f *finder) quietBefore(t int64) bool {
	if f.Months == nil {
		return false
	}
	m := time.Unix(t, 0).UTC()
	first := time.Date(m.Year(), m.Month(), 1, 0, 0, 0, 0, time.UTC)
	return f.Months[first.Format("2006-01")] == 0 || f.Months[first.AddDate(0, -1, 0).Format("2006-01")] == 0
}
