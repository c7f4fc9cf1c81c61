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
	// plainOrders and plainTimes are what a burst needs that has no other sign to it; plainHistory is how many other
	// orders must show what is usual for this account, over at least plainSpan.
	plainOrders  = 10
	plainTimes   = 5
	plainHistory = 10
	plainSpan    = 60 * 24 * time.Hour
)

// burst finds far more orders within 24 hours than the account ever has on another day, together with a sign that it
// was not the owner: a gift card, an order held, a declined payment, a card reported, most orders cancelled again, or
// half of them placed at night (0 to 5 o'clock in the owner's zone). Gift cards and the night say nothing where every order
// is known to have been read: sales begin at midnight, and presents are bought in them. Ten orders and five times the busiest other day of
// a known history are enough by themselves. Digital orders don't count: twenty volumes of a manga are one click.
// It is high with such a sign, else medium.
func (f *finder) burst(l *ledger) {
	var orders []uint32
	seen := make(map[uint64]bool)
	placed := fact.EventIndex(finding.OrderPlaced)
	for _, i := range l.notices {
		e := &f.Entries[i]
		if e.Event != placed || e.Flags.Has(fact.Digital) || e.Order != 0 && seen[e.Order] {
			continue
		}
		seen[e.Order] = true
		orders = append(orders, i)
	}
	if len(orders) < burstOrders {
		return
	}
	peak := f.peaks(orders)
	others := f.otherDays(orders, peak)
	claimed := make([]int, len(orders)+1) // claimed[k] is how many of the first k an incident already tells
	for k, i := range orders {
		claimed[k+1] = claimed[k] + boolInt(f.claims[i])
	}
	for from := 0; from < len(orders); {
		to := from + peak[from]
		if peak[from] < burstOrders || claimed[to] > claimed[from] {
			from++
			continue
		}
		usual, history := others.outside(f.Entries[orders[from]].Time, f.Entries[orders[to-1]].Time)
		if peak[from] < burstTimes*max(usual, 1) {
			from++
			continue
		}
		d := draft{kind: KindBurst, anchor: orders[from], members: slices.Clone(orders[from:to])}
		extra, signed := f.burstSigns(l, orders[from:to])
		switch {
		case signed:
			d.severity = finding.High
		case peak[from] >= plainOrders && peak[from] >= plainTimes*usual && history >= plainHistory &&
			f.Entries[orders[len(orders)-1]].Time-f.Entries[orders[0]].Time >= seconds(plainSpan):
			d.severity = finding.MediumS
		default:
			from++
			continue
		}
		d.members = append(d.members, extra...)
		d.lead = []finding.Text{{ID: "incident.burst", Args: map[string]any{
			"account": l.name(), "n": peak[from], "usual": usual,
			"start": stamp(f.Entries[orders[from]].When()), "end": stamp(f.Entries[orders[to-1]].When()),
		}}}
		f.emit(l, d)
		from = to
	}
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

// outside is the busiest day more than the window away from the time between first and last, and the number of orders there.
func (d days) outside(first, last int64) (busiest, orders int) {
	lo, _ := slices.BinarySearch(d.times, first-seconds(window)-seconds(burstSpan)+1)
	hi, _ := slices.BinarySearch(d.times, last+seconds(window)+1)
	return max(d.before[lo], d.after[hi]), lo + len(d.times) - hi
}

// burstSigns gathers what else happened around a burst, and tells whether it speaks of another's hand.
func (f *finder) burstSigns(l *ledger, burst []uint32) (extra []uint32, signed bool) {
	night, read := 0, true
	for _, i := range burst {
		read = read && f.Entries[i].Flags.KnownRead()
		night += boolInt(f.night(&f.Entries[i]))
	}
	signed = 2*night >= len(burst) && !read
	first, last := f.Entries[burst[0]].Time, f.Entries[burst[len(burst)-1]].Time
	in := make(map[uint64]bool)
	for _, i := range burst {
		in[f.Entries[i].Order] = true
	}
	undone := 0
	for _, i := range f.between(l.notices, first-seconds(burstSpan), last+seconds(window)) {
		e := &f.Entries[i]
		switch ev := f.event(e); {
		case ev == finding.GiftcardSent && !f.given(e):
			signed = signed || !read
			extra = append(extra, i)
		case ev == finding.OrderHeld || ev == finding.PaymentDeclined || ev == finding.CardReported:
			signed = true
			extra = append(extra, i)
		case ev == finding.OrderCancelled && e.Order != 0 && in[e.Order]:
			undone++
			extra = append(extra, i)
		case f.role(i)&(prime|change) != 0:
			extra = append(extra, i)
		}
	}
	return extra, signed || 2*undone > len(burst)
}

// nightEnd is the hour at which the night is over; it begins at 0 (DOMAIN §6).
const nightEnd = 5

// night tells whether a notice came at night in the owner's zone; false where the zone is not known.
func (f *finder) night(e *fact.Entry) bool {
	return f.Location != nil && e.When().In(f.Location).Hour() < nightEnd
}
