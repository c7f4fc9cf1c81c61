package records

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// life is a generated stretch of an ordinary person's orders and mail.
type life struct {
	set      *Set
	in       Input
	facts    map[uint32]*fact.Fact
	next     uint32
	orders   int
	from, to time.Time
}

// habits are what ordinary people do that makes one side lack what the other has.
type habits struct {
	perYear  int
	loses    int // of a hundred mails, deleted one by one
	threads  int // of a hundred orders, all mail of which is deleted at once
	deletes  bool
	digital  bool
	preorder bool
	giftcard bool
	points   bool       // some orders are paid with points in part, of which the records say nothing
	covers   [2]float64 // part of the time that the mailbox covers
	family   bool       // a second account in the same mailbox, whose records are not there
	blank    bool       // the shop's confirmations name no order
}

var start = time.Date(2022, 1, 5, 9, 0, 0, 0, time.UTC)

func newLife(years int) *life {
	l := &life{set: &Set{}, facts: map[uint32]*fact.Fact{}, from: start, to: start.AddDate(years, 0, 0)}
	l.set.Files = []File{{}}
	l.in = Input{
		Accounts: []fact.Account{{Address: "haruka@example.com", Marketplace: "co.jp"}, {Address: "ken@example.com", Marketplace: "co.jp"}},
		Lookup:   func(pos uint32) (*fact.Fact, error) { return l.facts[pos], nil }, Months: map[string]int64{},
	}
	return l
}

func (l *life) mail(at time.Time, account uint32, event finding.Event, d finding.Details) {
	f := &fact.Fact{Details: &d}
	f.Content[0], f.Content[7], f.Content[6], f.Content[5] = 1, byte(l.next), byte(l.next>>8), byte(l.next>>16)
	e := fact.NewEntry(f, finding.Genuine, event, finding.Info, at, "", nil)
	e.Pos, e.Account = l.next, account
	l.facts[l.next] = f
	l.next++
	l.in.Entries = append(l.in.Entries, e)
}

func (l *life) id(digital bool) string {
	l.orders++
	if digital {
		return fmt.Sprintf("D01-%07d-%07d", l.orders, l.orders)
	}
	return fmt.Sprintf("250-%07d-%07d", l.orders, l.orders)
}

// row adds a row of an order to the records.
func (l *life) row(id string, at, shipped time.Time, amount int64, status, pay string) {
	kind := "order"
	if id[0] == 'D' {
		kind = "digital_order"
	}
	l.set.add(row{kind: kind, order: id, time: at, shipped: shipped, site: "co.jp", currency: "JPY", item: "x", status: status, pay: pay, amount: amount, priced: true, path: []string{"x.csv"}})
}

func (l *life) charge(at time.Time, shop string, amount int64) {
	l.set.add(row{kind: "charge", time: at.Truncate(24 * time.Hour), day: true, item: shop, amount: amount, priced: true, path: []string{"card.csv"}})
}

// end closes the life: mail of others fills the months, and what the mailbox does not cover is taken out.
func (l *life) end(h habits) {
	span := l.to.Sub(l.from)
	from := l.from.Add(time.Duration(h.covers[0] * float64(span)))
	to := l.from.Add(time.Duration(h.covers[1] * float64(span)))
	l.in.Entries = slices.DeleteFunc(l.in.Entries, func(e fact.Entry) bool { return e.When().Before(from) || e.When().After(to) })
	for at := from; at.Before(to); at = at.AddDate(0, 0, 9) {
		l.in.Months[at.Format("2006-01")]++
		l.mail(at, 0, finding.Marketing, finding.Details{})
	}
	l.in.Span = [2]time.Time{from, to}
	l.set.finish()
}

func random(t *rapid.T) *rand.Rand { return rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1)) }

// live generates an ordinary life.
func live(r *rand.Rand, h habits, years int) *life {
	l := newLife(years)
	step := 365 * 24 * 60 / max(h.perYear, 1)
	for at := l.from; at.Before(l.to); at = at.Add(time.Duration(1+r.IntN(2*step)) * time.Minute) {
		l.order(r, h, at)
	}
	for at := l.from; at.Before(l.to); at = at.AddDate(0, 1, 0) {
		l.charge(at, "ＡＭＡＺＯＮプライム会費", 60000)
		l.charge(at, "ローソン", 30000)
		l.charge(at, "Amazon Web Services", 12345)
	}
	l.end(h)
	return l
}

func (l *life) order(r *rand.Rand, h habits, at time.Time) {
	digital := h.digital && r.IntN(100) < 30
	n := 1 + r.IntN(3) // orders of one checkout, one mail for all
	var ids []string
	for range n {
		ids = append(ids, l.id(digital))
	}
	status, pay := "Closed", "Visa - 1234"
	if r.IntN(100) < 4 {
		status = "Cancelled"
	}
	card := h.giftcard && r.IntN(100) < 30
	if card {
		pay = "Gift Certificate/Card and Visa - 1234"
	}
	ship := at.Add(30 * time.Hour)
	if h.preorder && r.IntN(100) < 10 {
		ship = at.AddDate(0, 1+r.IntN(11), 0)
	}
	var total int64
	for _, id := range ids {
		for range 1 + r.IntN(3) {
			amount := int64(1+r.IntN(90000)) * 100
			total += amount
			l.row(id, at.Add(time.Duration(r.IntN(100))*time.Second/2), ship, amount, status, pay)
			if status == "Closed" && !card {
				charged := amount
				if h.points && r.IntN(100) < 8 {
					charged -= amount * int64(r.IntN(50)) / 100
				}
				l.charge(ship.AddDate(0, 0, 1), "AMAZON.CO.JP", charged)
			}
		}
	}
	if card && status == "Closed" {
		for _, id := range ids { // what the gift card did not pay
			l.charge(at.AddDate(0, 0, 2), "AMAZON.CO.JP", max(l.set.Orders[l.set.byID[id]].Total-100, 100))
		}
	}
	keep := func() bool { return r.IntN(100) >= h.loses }
	if h.deletes || r.IntN(100) < h.threads {
		return
	}
	told := finding.Details{OrderID: ids[0]}
	if n > 1 {
		told.OrderIDs = ids
	}
	if h.blank {
		told = finding.Details{}
	}
	if keep() {
		l.mail(at.Add(time.Minute), 0, finding.OrderPlaced, told)
	}
	if digital {
		return
	}
	for _, id := range ids {
		if status != "Closed" {
			continue
		}
		for k, e := range []finding.Event{finding.OrderShipped, finding.OrderOutForDelivery, finding.OrderDelivered} {
			if keep() {
				l.mail(ship.Add(time.Duration(k)*20*time.Hour), 0, e, finding.Details{OrderID: id})
			}
		}
	}
	if h.family && r.IntN(100) < 50 {
		l.mail(at.Add(5*time.Hour), 1, finding.OrderPlaced, finding.Details{OrderID: l.id(false)})
	}
}

// alarms are the findings that somebody is told of as of something wrong.
func alarms(o Output) (out []Finding) {
	for _, f := range o.Findings {
		if f.Kind != Untold {
			out = append(out, f)
		}
	}
	return out
}

// Ordinary lives give no alarm, whatever ordinary people lose, delete, cancel, share and pay with.
func TestOrdinaryYears(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := habits{
			perYear: rapid.SampledFrom([]int{2, 12, 60, 150}).Draw(t, "orders a year"), loses: rapid.SampledFrom([]int{0, 1, 5, 50}).Draw(t, "loses"),
			threads: rapid.SampledFrom([]int{0, 0, 3, 10, 40}).Draw(t, "threads"), deletes: rapid.Bool().Draw(t, "deletes all"), digital: rapid.Bool().Draw(t, "digital"), preorder: rapid.Bool().Draw(t, "preorders"),
			giftcard: rapid.Bool().Draw(t, "gift cards"), points: rapid.Bool().Draw(t, "points"), family: rapid.Bool().Draw(t, "family"), blank: rapid.Bool().Draw(t, "no numbers"),
			covers: rapid.SampledFrom([][2]float64{{0, 1}, {0.5, 1}, {0, 0.5}, {0.3, 0.6}}).Draw(t, "covers"),
		}
		l := live(random(t), h, rapid.IntRange(1, 3).Draw(t, "years"))
		out, err := Match(l.set, l.in)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range alarms(out) {
			if f.Kind == NoMail && !f.Grave && h.threads > 0 {
				continue // the only orders without mail: a question that its owner can answer, and nobody else
			}
			t.Errorf("%s: %d lines, first %+v", f.Kind, len(f.Lines), out.Lines[f.Lines[0]])
		}
	})
}

// What an intruder hides in such a life is told: orders whose mails are gone, with the charges that belong to them when they are
// hidden from the records too.
func TestHiddenOrders(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := habits{perYear: 60, digital: rapid.Bool().Draw(t, "digital"), preorder: true, giftcard: rapid.Bool().Draw(t, "gift cards"), covers: [2]float64{0, 1}}
		l, r := newLife(2), random(t)
		for at := l.from; at.Before(l.to); at = at.AddDate(0, 0, 6) {
			l.order(r, h, at)
		}
		when := l.from.AddDate(0, rapid.IntRange(6, 18).Draw(t, "month"), rapid.IntRange(0, 27).Draw(t, "day")).Add(17 * time.Minute)
		n := rapid.IntRange(1, 5).Draw(t, "orders")
		hidden := map[string]bool{}
		for i := range n {
			id := l.id(false)
			hidden[id] = true
			l.row(id, when.Add(time.Duration(i)*time.Hour), when.Add(30*time.Hour), 5000000, "Closed", "Visa - 9999")
		}
		l.charge(when, "AMAZON.CO.JP", 99999900)
		l.end(h)
		out, err := Match(l.set, l.in)
		if err != nil {
			t.Fatal(err)
		}
		found, charged := map[string]bool{}, false
		for _, f := range out.Findings {
			for _, i := range f.Lines {
				found[out.Lines[i].OrderID] = f.Kind == NoMail
				charged = charged || f.Kind == Charged && out.Lines[i].Amount == "999999"
			}
		}
		for id := range hidden {
			if !found[id] {
				t.Errorf("order %s is not told: %s", id, state(out, id))
			}
		}
		if !charged && !h.giftcard { // else a gift card may have paid the rest of some order
			t.Error("the charge is not told")
		}
	})
}

func state(o Output, id string) string {
	for _, l := range o.Lines {
		if l.OrderID == id {
			return l.State
		}
	}
	return "no line"
}

// A genuine confirmation of an order that the records lack is told, unless it was cancelled, is another account's, or lies
// outside the time of the records.
func TestMailWithoutOrder(t *testing.T) {
	for name, c := range map[string]struct {
		at      time.Time
		account uint32
		then    finding.Event
		want    int
	}{
		"taken out of the records":      {start.AddDate(0, 10, 0), 0, "", 1},
		"cancelled":                     {start.AddDate(0, 10, 0), 0, finding.OrderCancelled, 0},
		"of another account":            {start.AddDate(0, 10, 0), 1, "", 0},
		"after the records were made":   {start.AddDate(2, 0, 0), 0, "", 0},
		"before the records begin":      {start.AddDate(-1, 0, 0), 0, "", 0},
		"its payment was not taken":     {start.AddDate(0, 10, 0), 0, finding.PaymentDeclined, 0},
		"refunded because it was fraud": {start.AddDate(0, 10, 0), 0, finding.OrderRefunded, 0},
	} {
		l := newLife(2)
		for at := l.from; at.Before(l.to.AddDate(0, -2, 0)); at = at.AddDate(0, 0, 12) {
			id := l.id(false)
			l.row(id, at, at.Add(30*time.Hour), 100000, "Closed", "Visa")
			l.mail(at, 0, finding.OrderPlaced, finding.Details{OrderID: id})
		}
		id := l.id(false)
		l.mail(c.at, c.account, finding.OrderPlaced, finding.Details{OrderID: id, Amount: "1980"})
		if c.then != "" {
			l.mail(c.at.Add(time.Hour), c.account, c.then, finding.Details{OrderID: id})
		}
		l.end(habits{covers: [2]float64{0, 1}})
		out, err := Match(l.set, l.in)
		if err != nil {
			t.Fatal(err)
		}
		got := 0
		for _, f := range out.Findings {
			if f.Kind == NoRecord && state(out, id) == "no_record" {
				got++
			}
		}
		if got != c.want || len(alarms(out)) != c.want {
			t.Errorf("an order that is %s: told %d times, want %d", name, got, c.want)
		}
	}
}

// An order that only a fake tells of is no finding, and the records answer that there is none.
func TestInventedOrder(t *testing.T) {
	l := newLife(1)
	for at := l.from; at.Before(l.to); at = at.AddDate(0, 0, 20) {
		id := l.id(false)
		l.row(id, at, at, 100000, "Closed", "Visa")
		l.mail(at, 0, finding.OrderPlaced, finding.Details{OrderID: id})
	}
	id := l.id(false)
	l.mail(start.AddDate(0, 5, 0), 0, finding.OrderPlaced, finding.Details{OrderID: id})
	l.in.Entries[len(l.in.Entries)-1].Verdict = fact.VerdictIndex(finding.Impersonation)
	l.end(habits{covers: [2]float64{0, 1}})
	out, err := Match(l.set, l.in)
	if err != nil || len(out.Findings) > 0 || state(out, id) != "invented" {
		t.Errorf("%v, %+v, %s", err, out.Findings, state(out, id))
	}
}
