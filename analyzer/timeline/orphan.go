package timeline

import (
	"cmp"
	"slices"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/fact"
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

// shipment is the first notice that an order was shipped or cancelled.
type shipment struct {
	notice uint32
	orphan bool
}

// orphan finds orders that were shipped or cancelled and of which no confirmation is anywhere in the mailbox, though
// this mailbox keeps the confirmations of nearly all other orders of that time. Whether the confirmation was deleted or
// never came can't be known, and the words say so. Orders within 72 hours of one another are one question.
func (f *finder) orphan(l *ledger) {
	list := f.shipments(l)
	lost := make([]int, len(list)+1) // lost[k] is how many of the first k are orphans
	for k, s := range list {
		lost[k+1] = lost[k] + boolInt(s.orphan)
	}
	// within counts the orders at most d from the time t, and the orphans among them.
	within := func(t int64, d time.Duration) (orders, orphans int) {
		at := func(t int64) int {
			k, _ := slices.BinarySearchFunc(list, t, func(s shipment, t int64) int { return cmp.Compare(f.Entries[s.notice].Time, t) })
			return k
		}
		lo, hi := at(t-seconds(d)), at(t+seconds(d)+1)
		return hi - lo, lost[hi] - lost[lo]
	}
	var run []uint32
	for k, s := range list {
		t := f.Entries[s.notice].Time
		if len(run) > 0 && t-f.Entries[run[len(run)-1]].Time > seconds(window) {
			f.orphaned(l, run)
			run = nil
		}
		if !s.orphan || f.claims[s.notice] || f.quietBefore(t) {
			continue
		}
		// The habit is that of the other orders: those of the same days are the story itself.
		orders, orphans := within(t, orphanNear)
		_, near := within(t, window)
		kept, strays := orders-orphans, orphans-near
		if kept >= orphanHabit && 100*kept >= orphanShare*(kept+strays) {
			run = append(run, list[k].notice)
		}
	}
	f.orphaned(l, run)
}

// shipments are the orders of an account that were shipped or cancelled, each once, with what is known of its
// confirmation. The first weeks of the account are left out.
func (f *finder) shipments(l *ledger) []shipment {
	var out []shipment
	seen := make(map[uint64]bool)
	start := f.Entries[l.notices[0]].Time + seconds(orphanStart)
	for _, i := range l.notices {
		e := &f.Entries[i]
		if ev := f.event(e); ev != finding.OrderShipped && ev != finding.OrderCancelled {
			continue
		}
		if e.Order == 0 || e.Flags.Has(fact.Digital) || seen[e.Order] || e.Time < start {
			continue
		}
		seen[e.Order] = true
		out = append(out, shipment{notice: i, orphan: !f.placed[e.Order] && !f.anyPlaced(e)})
	}
	return out
}

func (f *finder) orphaned(l *ledger, run []uint32) {
	if len(run) == 0 {
		return
	}
	f.ask(l, Question{Why: "orphan", Members: run, Own: true, Weight: f.weightOf("undone")})
}

// anyPlaced looks up whether one of the further orders that a notice names was confirmed.
func (f *finder) anyPlaced(e *fact.Entry) bool {
	return slices.ContainsFunc(f.moreOrders(e), func(id string) bool { return f.placed[fact.OrderHash(id)] })
}

// quietBefore reports whether the month of t or the one before holds no mail: then confirmations may be missing with it.
func (f *finder) quietBefore(t int64) bool {
	if f.Months == nil {
		return false
	}
	m := time.Unix(t, 0).UTC()
	first := time.Date(m.Year(), m.Month(), 1, 0, 0, 0, 0, time.UTC)
	return f.Months[first.Format("2006-01")] == 0 || f.Months[first.AddDate(0, -1, 0).Format("2006-01")] == 0
}
