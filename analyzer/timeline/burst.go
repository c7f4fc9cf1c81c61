package timeline

import (
	"slices"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

const (
	// burstSpan is the day in which orders are counted.
	burstSpan = 24 * time.Hour
	// burstOrders is the least number of orders that can be a burst, and burstTimes how many times the busiest other
	// day of the account it must be: three orders on one day are common, five where two is the most ever are not.
	burstOrders = 5
	burstTimes  = 3
)

// learnOrders gathers the orders of an account. Digital ones don't count: twenty volumes of a manga are one click.
func (f *finder) learnOrders(l *ledger) {
	seen := make(map[uint64]bool)
	placed := fact.EventIndex(finding.OrderPlaced)
	for _, i := range l.notices {
		e := &f.Entries[i]
		if e.Event != placed || e.Flags.Has(fact.Digital) || e.Order != 0 && seen[e.Order] {
			continue
		}
		seen[e.Order] = true
		l.orders = append(l.orders, i)
	}
	if len(l.orders) >= burstOrders {
		l.peak = f.peaks(l.orders)
		l.days = f.otherDays(l.orders, l.peak)
	}
}

// burstIn is the first burst of orders that begins between two times: far more orders within 24 hours than the account
// has on any other day.
func (f *finder) burstIn(l *ledger, from, to int64) []uint32 {
	if l.peak == nil {
		return nil
	}
	at := func(t int64) int {
		k, _ := slices.BinarySearch(l.days.times, t)
		return k
	}
	for k := at(from); k < at(to+1); k++ {
		n := l.peak[k]
		if n < burstOrders {
			continue
		}
		if usual := l.days.outside(l.days.times[k], l.days.times[k+n-1]); n >= burstTimes*max(usual, 1) {
			return l.orders[k : k+n]
		}
	}
	return nil
}

// peaks counts for every order how many are placed in the day that begins with it.
func (f *finder) peaks(orders []uint32) []int {
	out := make([]int, len(orders))
	to := 0
	for from := range orders {
		for to < len(orders) && f.Entries[orders[to]].Time-f.Entries[orders[from]].Time < seconds(burstSpan) {
			to++
		}
		out[from] = to - from
	}
	return out
}

// days answers how busy an account is outside of a burst.
type days struct {
	times         []int64
	before, after []int // the highest peak of the first k orders, and of those from k on
}

func (f *finder) otherDays(orders []uint32, peak []int) days {
	n := len(orders)
	d := days{times: make([]int64, n), before: make([]int, n+1), after: make([]int, n+1)}
	for k, i := range orders {
		d.times[k] = f.Entries[i].Time
		d.before[k+1] = max(d.before[k], peak[k])
	}
	for k := n - 1; k >= 0; k-- {
		d.after[k] = max(d.after[k+1], peak[k])
	}
	return d
}

// outside is the busiest day more than the window away from the time between first and last.
func (d days) outside(first, last int64) int {
	lo, _ := slices.BinarySearch(d.times, first-seconds(window)-seconds(burstSpan)+1)
	hi, _ := slices.BinarySearch(d.times, last+seconds(window)+1)
	return max(d.before[lo], d.after[hi])
}

// burst finds bursts of orders that no story tells, where something beside the number is odd: half of them placed at night
// and not read, half cancelled again, or a declined payment. It is a question: sales and presents make such days too.
func (f *finder) burst(l *ledger) {
	if l.peak == nil {
		return
	}
	for t := int64(0); ; {
		orders := f.burstIn(l, t, 1<<61)
		if orders == nil {
			return
		}
		first, last := f.Entries[orders[0]].Time, f.Entries[orders[len(orders)-1]].Time
		t = last + 1
		if slices.ContainsFunc(orders, func(i uint32) bool { return f.claims[i] }) {
			continue
		}
		night, read, stopped := 0, true, 0
		in := make(map[uint64]bool)
		members := slices.Clone(orders)
		for _, i := range orders {
			e := &f.Entries[i]
			in[e.Order] = true
			read = read && e.Flags.KnownRead()
			night += boolInt(f.nightOf(l, e))
		}
		for _, i := range f.between(l.notices, first-seconds(outOfOrder), last+seconds(window)) {
			e := &f.Entries[i]
			switch ev := f.event(e); {
			case ev == finding.OrderCancelled && e.Order != 0 && in[e.Order]:
				stopped++
				members = append(members, i)
			case ev == finding.PaymentDeclined:
				stopped += len(orders)
				members = append(members, i)
			}
		}
		if 2*night >= len(orders) && !read || 2*stopped > len(orders) {
			f.ask(l, Question{Why: "orders", Members: members, Own: true, Weight: f.weightOf("goods.burst")})
		}
	}
}
