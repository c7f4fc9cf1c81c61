package records

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// missing finds the genuine confirmations of orders that the records lack.
func (m *matching) missing() {
	type account struct {
		matched int
		lacking []uint32
	}
	first, last := m.ends()
	if first.IsZero() {
		return
	}
	accounts, known := make(map[uint32]*account), m.known()
	for i := range m.Entries {
		e := &m.Entries[i]
		if e.Order == 0 || e.Time == 0 || m.event(e) != finding.OrderPlaced || !m.verdict(e).FromAmazon() || e.Flags.Has(fact.Forwarded) {
			continue
		}
		a := accounts[e.Account]
		if a == nil {
			a = &account{}
			accounts[e.Account] = a
		}
		switch d := m.details(e); {
		case slices.ContainsFunc(orderIDs(d), func(id string) bool { return m.set.Order(id) != nil }):
			a.matched++
		case e.When().Before(first.Add(edge)) || e.When().After(last.Add(-settled)):
		case !m.expected(e, d, known):
		default:
			a.lacking = append(a.lacking, uint32(i))
		}
	}
	keys := make([]uint32, 0, len(accounts))
	for k := range accounts {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b uint32) int { return cmp.Compare(m.Accounts[a].String(), m.Accounts[b].String()) })
	for _, k := range keys {
		a := accounts[k]
		if len(a.lacking) == 0 || a.matched < leastMatched || 100*a.matched < matchedShare*(a.matched+len(a.lacking)) {
			continue
		}
		slices.SortFunc(a.lacking, func(a, b uint32) int { return m.Entries[a].Compare(&m.Entries[b]) })
		f := Finding{Kind: NoRecord, Members: a.lacking, Account: k, Grave: len(a.lacking) > 1}
		for _, i := range a.lacking {
			e := &m.Entries[i]
			d := m.details(e)
			f.Lines = append(f.Lines, len(m.lines))
			m.lines = append(m.lines, line{at: e.When(), members: []uint32{i}, Ledger: finding.Ledger{
				Kind: "order", State: "no_record", OrderID: orderIDs(d)[0], Site: m.Accounts[k].Marketplace, Amount: d.Amount, Currency: d.Currency, Item: clip(d.Item, maxText),
			}})
		}
		m.out.Findings = append(m.out.Findings, f)
	}
}

// invented makes lines of the orders that only a fake tells of: that the records have no such order answers whoever asks whether
// somebody bought in his name.
func (m *matching) invented() {
	first, last := m.ends()
	if first.IsZero() {
		return
	}
	for _, i := range m.fakes {
		e := &m.Entries[i]
		d := m.details(e)
		ids := orderIDs(d)
		if len(ids) == 0 || slices.ContainsFunc(ids, func(id string) bool { return m.set.Order(id) != nil }) ||
			e.When().Before(first) || e.When().After(last.Add(-settled)) {
			continue
		}
		m.lines = append(m.lines, line{at: e.When(), members: []uint32{i}, Ledger: finding.Ledger{
			Kind: "order", State: "invented", OrderID: ids[0], Amount: d.Amount, Currency: d.Currency, Item: clip(d.Item, maxText),
		}})
	}
}

// ends are the times of the first and the last order of the records.
func (m *matching) ends() (first, last time.Time) {
	if n := len(m.set.Orders); n > 0 {
		return m.set.Orders[0].Time, m.set.Orders[n-1].Time
	}
	return
}

func orderIDs(d *finding.Details) []string {
	if len(d.OrderIDs) > 0 {
		return d.OrderIDs
	}
	if d.OrderID == "" {
		return nil
	}
	return []string{d.OrderID}
}

// expected reports whether the records would hold the order of a confirmation: a retail order of a marketplace that they have
// orders of, of which no other mail says that it came to nothing.
func (m *matching) expected(e *fact.Entry, d *finding.Details, known map[series]int) bool {
	ids := orderIDs(d)
	if len(ids) == 0 || strings.HasPrefix(ids[0], "P01-") { // Amazon Pay: a purchase in another shop
		return false
	}
	digital := strings.HasPrefix(ids[0], "D01-")
	if known[series{"", digital}]+known[series{m.Accounts[e.Account].Marketplace, digital}] < leastMatched {
		return false
	}
	return !slices.ContainsFunc(m.told[e.Order], func(i uint32) bool {
		switch m.event(&m.Entries[i]) {
		case finding.OrderCancelled, finding.OrderRefunded, finding.OrderProblem, finding.OrderHeld, finding.PaymentDeclined:
			return true
		}
		return false
	})
}

// known counts the orders of the records by shop and kind.
func (m *matching) known() map[series]int {
	n := make(map[series]int)
	for i := range m.set.Orders {
		n[series{m.set.Orders[i].Site, m.set.Orders[i].Digital}]++
	}
	return n
}

// notices are the events of mail that tell of a line.
var notices = map[string][]finding.Event{
	"sign_in":        {finding.SignedIn, finding.SigninAttempt, finding.OTP},
	"device":         {finding.DeviceRegistered, finding.SignedIn, finding.AppAuthorized},
	"payment_method": {finding.PaymentMethodChanged},
	"refund":         {finding.OrderRefunded},
	"return":         {finding.OrderReturned, finding.OrderRefunded},
}

// promptly is how near a notice comes to what it tells of.
const promptly = 15 * time.Minute

// other makes lines of refunds, returns, sign-ins, devices and payment methods, with the mail beside them. That there is none
// says nothing: Amazon writes of some sign-ins only, and of a refund when it likes.
func (m *matching) other() {
	for i := range m.set.Events {
		v := &m.set.Events[i]
		l := line{at: v.Time, event: v, Ledger: finding.Ledger{
			Kind: v.Kind, State: "untold", Day: v.Day, OrderID: v.OrderID, Currency: v.Currency, Item: v.Item, Payment: v.Payment,
			Path: v.Place.Path, Row: v.Place.Row,
		}}
		if v.Priced {
			l.Amount = Amount(v.Amount)
		}
		if v.OrderID != "" {
			for _, k := range m.told[fact.OrderHash(v.OrderID)] {
				if slices.Contains(notices[v.Kind], m.event(&m.Entries[k])) {
					l.members = append(l.members, k)
				}
			}
		} else {
			l.members = m.near(v)
		}
		switch {
		case len(l.members) > 0:
			l.State = "matched"
		case !m.covered(v.Time):
			l.State = "not_covered"
		}
		m.lines = append(m.lines, l)
	}
}

// near are the genuine notices beside an event.
func (m *matching) near(v *Event) (list []uint32) {
	from, to := v.Time.Add(-promptly), v.Time.Add(promptly)
	if v.Day {
		from, to = v.Time.Add(-12*time.Hour), v.Time.Add(36*time.Hour)
	}
	at, ok := m.between(m.others, from, to)
	for ; ok && at < len(m.others) && m.Entries[m.others[at]].Time <= to.Unix() && len(list) < maxTold; at++ {
		if slices.Contains(notices[v.Kind], m.event(&m.Entries[m.others[at]])) {
			list = append(list, m.others[at])
		}
	}
	return list
}

// write sorts the lines by time and gives them their ids.
func (m *matching) write() {
	places := make([]int, len(m.lines))
	for i := range places {
		places[i] = i
	}
	slices.SortStableFunc(places, func(a, b int) int {
		x, y := &m.lines[a], &m.lines[b]
		return cmp.Or(x.at.Compare(y.at), cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.OrderID, y.OrderID))
	})
	now := make([]int, len(m.lines))
	seen := make(map[string]int)
	for n, i := range places {
		now[i] = n
		l := &m.lines[i]
		at := l.at.UTC()
		l.Time = &at
		for _, k := range l.members[:min(len(l.members), maxTold)] {
			l.Messages = append(l.Messages, m.Entries[k].ID())
		}
		name := []string{l.Kind, l.OrderID, at.Format(time.RFC3339Nano), l.Amount, l.Item}
		id := fact.StableID("l", name...)
		if seen[id]++; seen[id] > 1 { // two alike
			id = fact.StableID("l", append(name, strconv.Itoa(seen[id]))...)
		}
		l.ID = id
		m.out.Lines = append(m.out.Lines, l.Ledger)
	}
	for f := range m.out.Findings {
		lines := m.out.Findings[f].Lines
		for k := range lines {
			lines[k] = now[lines[k]]
		}
		slices.Sort(lines)
	}
}
