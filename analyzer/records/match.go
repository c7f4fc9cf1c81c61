package records

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// How the two sides are held against one another. The numbers are those at which generated years of ordinary people, who lose,
// delete, cancel and share, give no finding (years_test.go); each stands beside what it is for.
const (
	// edge is how far from the mailbox's first and last mail a time must lie to be covered: mail about an order comes within a
	// day, and a clock or a zone may be off by one.
	edge = 72 * time.Hour
	// neighbours is how many orders of the same kind on each side an order is compared with, leastNeighbours how many there
	// must be in all.
	neighbours      = 10
	leastNeighbours = 6
	// toldShare is the share, in hundredths, of the neighbours that mail must tell of: with less, mail is missing for reasons
	// that have nothing to do with this order.
	toldShare      = 90
	toldShareFrail = 97
	// firmShare is the share in hundredths of all orders of the kind that more than one mail must tell of. Who deletes mail one by
	// one leaves orders with a single one.
	firmShare = 95
	// otherShare is how many other stretches without mail there may be, in hundredths of the orders that mail tells of, where
	// something was ordered leastGrave times; once or twice without mail must be the only time. Who deletes all mail of an order
	// at once does so again.
	otherShare, leastGrave = 2, 3
	// leastFrail is how many times something must have been ordered within one spree where an order has one mail alone, which is
	// easily lost: of something digital, or where nothing is told of shipping.
	leastFrail = 3
	// spree is how near to each other orders without mail are one act.
	spree = 72 * time.Hour
	// checkout is how near to each other orders are placed at once, with one mail for all.
	checkout = 2 * time.Minute
	// mostAtOnce is how many orders of one checkout are looked at.
	mostAtOnce = 50
	// confirmed is how long after an order its confirmation comes, where the day alone is not all that is known.
	confirmed = 48 * time.Hour
	// leastMatched is how many orders of an account the records must know before one they lack is told, matchedShare the
	// share in hundredths of its orders.
	leastMatched = 5
	matchedShare = 95
	// settled is how long before the last order of the records an order must lie to be expected there.
	settled = 48 * time.Hour
	// maxTold is how many mails a line names.
	maxTold = 50
)

// Input is what mail says.
type Input struct {
	Entries  []fact.Entry
	Accounts []fact.Account
	Lookup   fact.Lookup
	Span     [2]time.Time     // of the oldest and the newest mail; zero where there is none
	Months   map[string]int64 // all mail by month, "2006-01"
}

// Kinds of findings.
const (
	NoMail   = "order_without_mail" // orders that mail should tell of
	Untold   = "orders_untold"      // orders without mail in a mailbox that lacks many
	NoRecord = "mail_without_order" // genuine confirmations of orders that the records lack
	Charged  = "charge_unexplained" // charges that nothing explains
)

// Finding is something that only both sides together tell.
type Finding struct {
	Kind    string
	Grave   bool // ordered several times, close together
	Lines   []int
	Members []uint32 // indexes of entries
	Account uint32   // whose records they are, as far as that is known: an index of Input.Accounts
	All     int      // of which Lines are a part: Untold
}

// Output is what comes of it.
type Output struct {
	Lines    []finding.Ledger // by time
	Findings []Finding
}

// matching is one comparison.
type matching struct {
	Input
	set    *Set
	events []finding.Event
	told   map[uint64][]uint32 // entries by the hash of an order number
	blank  []uint32            // genuine confirmations without a number, by time
	others []uint32            // all genuine mail of the brand, by time
	fakes  []uint32            // fakes that tell of an order
	failed error
	out    Output
	lines  []line
}

// line is a line in the making.
type line struct {
	finding.Ledger
	at      time.Time
	order   *Order
	event   *Event
	members []uint32
}

// Match holds records against mail. The result does not depend on the order of in.Entries.
func Match(set *Set, in Input) (Output, error) {
	m := &matching{Input: in, set: set, events: finding.Events(), told: make(map[uint64][]uint32)}
	m.index()
	m.orders()
	m.judgeOrders()
	m.missing()
	m.invented()
	m.other()
	m.charges()
	if m.failed != nil {
		return Output{}, fmt.Errorf("matching records: %w", m.failed)
	}
	m.write()
	return m.out, nil
}

func (m *matching) event(e *fact.Entry) finding.Event {
	if int(e.Event) < len(m.events) {
		return m.events[e.Event]
	}
	return finding.OtherEvent
}

func (m *matching) verdict(e *fact.Entry) finding.Verdict {
	if all := finding.Verdicts(); int(e.Verdict) < len(all) {
		return all[e.Verdict]
	}
	return finding.Mention
}

// details are what a message says of its event, never nil.
func (m *matching) details(e *fact.Entry) *finding.Details {
	if m.Lookup != nil && m.failed == nil {
		f, err := m.Lookup(e.Pos)
		if err != nil {
			m.failed = err
		} else if f != nil && f.Details != nil {
			return f.Details
		}
	}
	return &finding.Details{}
}

// index sorts the mail by what it tells of. A fake tells of nothing.
func (m *matching) index() {
	for i := range m.Entries {
		e := &m.Entries[i]
		v := m.verdict(e)
		if v == finding.Impersonation || v == finding.Suspicious {
			if e.Order != 0 && e.Time != 0 && m.event(e) == finding.OrderPlaced {
				m.fakes = append(m.fakes, uint32(i))
			}
			continue
		}
		if e.Order != 0 {
			m.told[e.Order] = append(m.told[e.Order], uint32(i))
		}
		if e.Flags.Has(fact.MoreOrders) {
			for _, id := range m.details(e).OrderIDs {
				if h := fact.OrderHash(id); h != e.Order {
					m.told[h] = append(m.told[h], uint32(i))
				}
			}
		}
		if !v.FromAmazon() || e.Time == 0 {
			continue
		}
		m.others = append(m.others, uint32(i))
		if e.Order == 0 && m.event(e) == finding.OrderPlaced {
			m.blank = append(m.blank, uint32(i))
		}
	}
	by := func(a, b uint32) int { return m.Entries[a].Compare(&m.Entries[b]) }
	slices.SortFunc(m.blank, by)
	slices.SortFunc(m.others, by)
	for _, list := range m.told {
		slices.SortFunc(list, by)
	}
}

// between reports whether one of a list of entries, sorted by time, lies in a span.
func (m *matching) between(list []uint32, from, to time.Time) (int, bool) {
	i, _ := slices.BinarySearchFunc(list, from.Unix(), func(e uint32, t int64) int { return cmp.Compare(m.Entries[e].Time, t) })
	return i, i < len(list) && m.Entries[list[i]].Time <= to.Unix()
}

// covered reports whether the mailbox would hold mail of a time.
func (m *matching) covered(t time.Time) bool {
	if m.Span[0].IsZero() || t.Before(m.Span[0].Add(edge)) || t.After(m.Span[1].Add(-edge)) {
		return false
	}
	return m.Months[t.Format("2006-01")] > 0
}

// orders makes a line of each order, as far as it can be told without the others.
func (m *matching) orders() {
	for i := range m.set.Orders {
		o := &m.set.Orders[i]
		l := line{at: o.Time, order: o, members: m.told[fact.OrderHash(o.ID)], Ledger: finding.Ledger{
			Kind: "order", OrderID: o.ID, Site: o.Site, Currency: o.Currency, Item: o.Item, Status: o.Status, Payment: o.Payment,
			Day: o.Day, Amount: Amount(o.Total), Path: o.Place.Path, Row: o.Place.Row,
		}}
		if o.Digital {
			l.Kind = "digital_order"
		}
		switch {
		case len(l.members) > 0:
			l.State = "matched"
		case o.Cancelled():
			l.State = "cancelled"
		case !m.covered(o.Time):
			l.State = "not_covered"
		case o.Total == 0 && o.Digital:
			l.State = "untold" // samples and loans come without mail
		case m.perhaps(o):
			l.State = "perhaps"
		default:
			l.State = "no_mail"
		}
		m.lines = append(m.lines, l)
	}
	for i := range m.lines {
		if l := &m.lines[i]; l.State == "no_mail" && !l.Day && m.together(i) {
			l.State = "together"
		}
	}
}

// perhaps reports whether a confirmation without a number may be an order's.
func (m *matching) perhaps(o *Order) bool {
	from, to := o.Time.Add(-10*time.Minute), o.Time.Add(confirmed)
	if o.Day {
		from, to = o.Time.Add(-24*time.Hour), o.Time.Add(24*time.Hour+confirmed)
	}
	_, ok := m.between(m.blank, from, to)
	return ok
}

// together reports whether an order was placed at once with one that mail tells of.
func (m *matching) together(i int) bool {
	for _, step := range []int{-1, 1} {
		for k := i + step; k >= max(0, i-mostAtOnce) && k < min(len(m.lines), i+mostAtOnce) && m.lines[k].at.Sub(m.lines[i].at).Abs() <= checkout; k += step {
			if m.lines[k].State == "matched" {
				return true
			}
		}
	}
	return false
}

// series is the orders of one shop and kind, by time.
type series struct {
	site    string
	digital bool
}

// judgeOrders tells the orders that stand out for having no mail from those of a mailbox that lacks mail anyway.
func (m *matching) judgeOrders() {
	bySeries := make(map[series][]int)
	for i := range m.lines {
		o := m.lines[i].order
		if s := m.lines[i].State; (s == "matched" || s == "no_mail") && !o.Cancelled() {
			k := series{o.Site, o.Digital}
			bySeries[k] = append(bySeries[k], i)
		}
	}
	keys := make([]series, 0, len(bySeries))
	for k := range bySeries {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b series) int {
		return cmp.Or(cmp.Compare(a.site, b.site), cmp.Compare(fmt.Sprint(a.digital), fmt.Sprint(b.digital)))
	})
	var untold []int
	for _, k := range keys {
		untold = append(untold, m.judgeSeries(bySeries[k], k.digital)...)
	}
	if len(untold) > 0 {
		slices.Sort(untold)
		all := 0
		for i := range m.lines {
			if m.lines[i].State == "matched" || m.lines[i].State == "untold" {
				all++
			}
		}
		m.out.Findings = append(m.out.Findings, Finding{Kind: Untold, Lines: untold, All: all})
	}
}

// judgeSeries judges the orders of one series; untold are those without mail of which nothing follows.
func (m *matching) judgeSeries(list []int, digital bool) (untold []int) {
	var acts [][2]int // stretches of orders without mail, as indexes of list
	for i := 0; i < len(list); i++ {
		if m.lines[list[i]].State != "no_mail" {
			continue
		}
		end := i + 1
		for end < len(list) && m.lines[list[end]].State == "no_mail" && m.lines[list[end]].at.Sub(m.lines[list[end-1]].at) <= spree {
			end++
		}
		acts = append(acts, [2]int{i, end})
		i = end - 1
	}
	var quiet []int
	told, firm := 0, 0
	for _, i := range list {
		if l := &m.lines[i]; l.State == "matched" {
			told++
			if len(l.members) > 1 || m.shipsLater(l.order) {
				firm++
			}
		}
	}
	for _, a := range acts {
		lines := slices.Clone(list[a[0]:a[1]])
		others := len(acts) - 1
		frail := digital || 100*firm < firmShare*told
		if (others == 0 || m.checkouts(lines) >= leastGrave && 100*others <= otherShare*told) && m.standsOut(list, a, frail) {
			m.out.Findings = append(m.out.Findings, Finding{Kind: NoMail, Lines: lines, Grave: m.checkouts(lines) >= leastGrave, Account: m.accountBeside(list, a[0])})
			continue
		}
		quiet = append(quiet, lines...)
		if !digital { // what comes by wire is often told by no mail: subscriptions, channels, points
			untold = append(untold, lines...)
		}
	}
	for _, i := range quiet { // now that all are judged
		m.lines[i].State = "untold"
	}
	return untold
}

// checkouts is how many times something was ordered.
func (m *matching) checkouts(lines []int) int {
	n := 1
	for k := 1; k < len(lines); k++ {
		if m.lines[lines[k]].at.Sub(m.lines[lines[k-1]].at) > checkout {
			n++
		}
	}
	return n
}

// around is what the orders beside a stretch are like.
type around struct {
	all, told int
	firm      int // told by more than one mail, or not yet sent
}

// beside looks at the orders from a place of the list on, in the direction of step. A stretch without mail counts once.
func (m *matching) beside(list []int, i, step int) (a around) {
	before := time.Time{}
	for ; i >= 0 && i < len(list) && a.all < neighbours; i += step {
		l := &m.lines[list[i]]
		switch {
		case l.State == "matched":
			a.all, a.told, before = a.all+1, a.told+1, time.Time{}
			if len(l.members) > 1 || m.shipsLater(l.order) {
				a.firm++
			}
		case !before.IsZero() && l.at.Sub(before).Abs() <= spree:
			before = l.at
		default:
			a.all, before = a.all+1, l.at
		}
	}
	return a
}

// accountBeside is the account that the last order before a place of the list was told to.
func (m *matching) accountBeside(list []int, i int) uint32 {
	for i--; i >= 0; i-- {
		if l := &m.lines[list[i]]; len(l.members) > 0 {
			return m.Entries[l.members[0]].Account
		}
	}
	return 0
}

// shipsLater reports whether an order was sent after what the mailbox covers: there can be no mail of that.
func (m *matching) shipsLater(o *Order) bool {
	return slices.ContainsFunc(o.Parts, func(p Part) bool { return !p.Shipped.IsZero() && !m.covered(p.Shipped) })
}

// standsOut reports whether mail tells of nearly all orders around a stretch without mail, and of something on either side. Where
// an order has one mail alone, which is easily lost, more than one order must be without.
func (m *matching) standsOut(list []int, act [2]int, frail bool) bool {
	lines := list[act[0]:act[1]]
	first, last := &m.lines[lines[0]], &m.lines[lines[len(lines)-1]]
	a, b := m.beside(list, act[0]-1, -1), m.beside(list, act[1], 1)
	share := toldShare
	later := slices.ContainsFunc(lines, func(i int) bool { return m.shipsLater(m.lines[i].order) })
	if frail || later || 100*(a.firm+b.firm) < toldShare*(a.told+b.told) {
		if m.checkouts(lines) < leastFrail {
			return false
		}
		share = toldShareFrail
	}
	all, told := a.all+b.all, a.told+b.told
	if a.told == 0 || all < leastNeighbours || 100*told < share*all {
		return false
	}
	if b.told > 0 {
		return 100*b.told >= share*b.all-100 // one of few may be an act of its own
	}
	// Nothing was ordered since: then other mail of the brand shows that it still comes here.
	_, after := m.between(m.others, last.at.Add(checkout), m.Span[1])
	_, before := m.between(m.others, m.Span[0], first.at)
	return before && after
}
