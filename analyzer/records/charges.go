package records

import (
	"slices"
	"strings"
	"time"

	"golang.org/x/text/width"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

const (
	// chargeBefore and chargeAfter are when an order can be charged: on placing, on shipping, a year later where it was ordered
	// before it came out; statements give the shop's day or the issuer's.
	chargeBefore = 3 * 24 * time.Hour
	chargeAfter  = 400 * 24 * time.Hour
	// monthly is how many charges of one amount, a month apart, are a subscription.
	monthly = 2
	// partShare is the share in hundredths that a charge must have of what an order can be charged as, where points paid the rest, and
	// partAfter how long after the order, or after it was sent, that is.
	partShare, partAfter = 50, 60 * 24 * time.Hour
	// explainedShare is the share in hundredths of Amazon's charges that must be explained before one that is not is told, of
	// at least leastCharges: with less, another account pays with the card.
	explainedShare = 90
	leastCharges   = 6
	// maxSubset is how many products of an order are put together in any way; of more, only single ones and what was sent
	// together.
	maxSubset = 6
	// maxTries is how many orders are tried for one charge.
	maxTries = 1000
)

// amazonShop tells by the name of the shop on a statement whether Amazon's shop charged, not its cloud or its payment service.
func amazonShop(name string) bool {
	s := strings.ToLower(width.Fold.String(clip(name, maxText)))
	has := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(s, w) })
	}
	return has("amazon", "amzn", "アマゾン") && !has("amazon web services", "aws", "amazon pay", "amazonpay", "アマゾンウエブ", "アマゾンウェブ")
}

// charges explains the charges of statements by orders, refunds aside.
func (m *matching) charges() {
	if len(m.set.Charges) == 0 {
		return
	}
	first, last := m.ends()
	repeated := repeats(m.set.Charges)
	sums, dues := m.sums(), m.dues()
	digital := slices.ContainsFunc(m.set.Orders, func(o Order) bool { return o.Digital })
	var amazon, explained int
	var left []int // lines, and charges beside them
	var charges []*Event
	due := make(map[*Order]int64) // what was charged of an order
	for i := range m.set.Charges {
		c := &m.set.Charges[i]
		if !amazonShop(c.Item) {
			continue // what else was bought with the card is nobody's business
		}
		l := line{at: c.Time, event: c, Ledger: finding.Ledger{
			Kind: "charge", State: "open", Day: c.Day, Amount: Amount(c.Amount), Currency: c.Currency, Item: c.Item, Path: c.Place.Path, Row: c.Place.Row,
		}}
		if c.Amount > 0 && !first.IsZero() {
			inside := c.Time.After(first.Add(edge)) && c.Time.Before(last.Add(edge))
			l.Orders, l.members = m.explain(c, sums, due), m.mailed(c, dues)
			switch {
			case len(l.Orders) == 0 && !digital && digitalShop(c.Item):
				// the records that would tell were not given
			case len(l.Orders) > 0:
				l.State = "explained"
				amazon, explained = amazon+1, explained+1
			case repeated[c.Amount] || len(l.members) > 0:
				l.State = "explained"
			case inside:
				amazon++
				left, charges = append(left, len(m.lines)), append(charges, c)
			}
		}
		m.lines = append(m.lines, l)
	}
	// What is left may be the rest of an order that points paid in part.
	kept := left[:0]
	for k, i := range left {
		if ids := m.partly(charges[k], due); len(ids) > 0 {
			m.lines[i].Orders = ids
			explained++
		} else {
			kept = append(kept, i)
		}
	}
	left = kept
	if len(left) == 0 || amazon < leastCharges || 100*explained < explainedShare*amazon {
		return
	}
	for _, i := range left {
		m.lines[i].State = "unexplained"
	}
	m.out.Findings = append(m.out.Findings, Finding{Kind: Charged, Lines: left, Grave: len(left) > 1})
}

// digitalShop tells by the name of the shop whether Amazon charged for something digital or a membership.
func digitalShop(name string) bool {
	s := strings.ToLower(width.Fold.String(clip(name, maxText)))
	return slices.ContainsFunc([]string{"prime", "kindle", "audible", "music", "video", "digital", "download", "プライム", "デジタル", "ダウンロード", "キンドル"}, func(w string) bool {
		return strings.Contains(s, w)
	})
}

// partly names the orders of which a charge can be a part, the rest having been paid with points or a gift card: those that were not
// charged in full.
func (m *matching) partly(c *Event, due map[*Order]int64) []string {
	i, _ := slices.BinarySearchFunc(m.set.Orders, c.Time.Add(-chargeAfter), func(o Order, t time.Time) int { return o.Time.Compare(t) })
	for end := min(i+maxTries, len(m.set.Orders)); i < end && m.set.Orders[i].Time.Before(c.Time.Add(chargeBefore)); i++ {
		o := &m.set.Orders[i]
		near := func(n int64) bool { return c.Amount <= n && 100*c.Amount >= partShare*n }
		if c.Amount <= o.Total-due[o] && !o.Cancelled() && sentAbout(o, c.Time) && slices.ContainsFunc(amounts(o), near) {
			return []string{o.ID} // which of several it was cannot be told: each may stand for more than one
		}
	}
	return nil
}

// sentAbout reports whether an order was placed, or anything of it sent, in the weeks before a charge.
func sentAbout(o *Order, at time.Time) bool {
	before := func(t time.Time) bool { return !t.IsZero() && at.Sub(t) >= -chargeBefore && at.Sub(t) <= partAfter }
	return before(o.Time) || slices.ContainsFunc(o.Parts, func(p Part) bool { return before(p.Shipped) })
}

// repeats are the amounts that come monthly.
func repeats(list []Event) map[int64]bool {
	last, run, out := map[int64]time.Time{}, map[int64]int{}, map[int64]bool{}
	for i := range list {
		c := &list[i]
		if !amazonShop(c.Item) {
			continue
		}
		days := c.Time.Sub(last[c.Amount]).Hours() / 24
		switch {
		case days >= 26 && days <= 35 || days >= 355 && days <= 375:
			run[c.Amount]++
		case days >= 20:
			run[c.Amount] = 1
		}
		last[c.Amount] = c.Time
		out[c.Amount] = out[c.Amount] || run[c.Amount] >= monthly
	}
	return out
}

// sums are the amounts that an order can be charged as, each with the orders, by time.
func (m *matching) sums() map[int64][]*Order {
	out := make(map[int64][]*Order)
	for i := range m.set.Orders {
		o := &m.set.Orders[i]
		for _, n := range amounts(o) {
			out[n] = append(out[n], o)
		}
	}
	return out
}

// amounts are all that an order can be charged as: in one, by what was sent on one day, or by any of its products together.
func amounts(o *Order) []int64 {
	list := []int64{o.Total}
	days := make(map[string]int64)
	for _, p := range o.Parts {
		list = append(list, p.Amount)
		if !p.Shipped.IsZero() {
			days[p.Shipped.Format(time.DateOnly)] += p.Amount
		}
	}
	for _, n := range days {
		list = append(list, n)
	}
	if n := len(o.Parts); n > 1 && n <= maxSubset {
		for set := 1; set < 1<<n; set++ {
			var sum int64
			for i := range n {
				if set>>i&1 == 1 {
					sum += o.Parts[i].Amount
				}
			}
			list = append(list, sum)
		}
	}
	slices.Sort(list)
	list = slices.Compact(list)
	return slices.DeleteFunc(list, func(n int64) bool { return n <= 0 })
}

// explain names the orders that a charge can be of: one of the same amount, or one that was paid with a gift card in part.
func (m *matching) explain(c *Event, sums map[int64][]*Order, due map[*Order]int64) []string {
	fits := func(o *Order) bool {
		d := c.Time.Sub(o.Time)
		return d >= -chargeBefore && d <= chargeAfter
	}
	var ids []string
	var only *Order
	same := sums[c.Amount]
	from, _ := slices.BinarySearchFunc(same, c.Time.Add(-chargeAfter), func(o *Order, t time.Time) int { return o.Time.Compare(t) })
	for _, o := range same[from:min(len(same), from+maxTries)] {
		if fits(o) && len(ids) < maxTold {
			ids = append(ids, o.ID)
			only = o
		}
	}
	if len(ids) == 1 {
		due[only] += c.Amount // of several it cannot be told which it was
	}
	if len(ids) > 0 {
		return ids
	}
	i, _ := slices.BinarySearchFunc(m.set.Orders, c.Time.Add(-60*24*time.Hour), func(o Order, t time.Time) int { return o.Time.Compare(t) })
	for end := min(i+maxTries, len(m.set.Orders)); i < end && m.set.Orders[i].Time.Before(c.Time.Add(chargeBefore)); i++ {
		o := &m.set.Orders[i]
		if o.Total > c.Amount && mixed(o.Payment) && len(ids) < maxTold {
			ids = append(ids, o.ID)
		}
	}
	return ids
}

// mixed reports whether an order was paid with more than the card: then the card is charged the rest.
func mixed(payment string) bool {
	s := strings.ToLower(payment)
	return strings.Contains(s, "gift") || strings.Contains(s, "point") || strings.Contains(s, " and ") || strings.Contains(s, ";") ||
		strings.Contains(s, "ギフト") || strings.Contains(s, "ポイント")
}

// dues are the mails of memberships and subscriptions, which are no orders, by the amount they name and by time.
func (m *matching) dues() map[int64][]uint32 {
	out := make(map[int64][]uint32)
	for _, i := range m.others {
		switch m.event(&m.Entries[i]) {
		case finding.PrimeRenewal, finding.PrimeJoined, finding.SubscriptionCharged, finding.SubscriptionChanged, finding.GiftcardSent:
			if n, ok := parseAmount(m.details(&m.Entries[i]).Amount); ok {
				out[n] = append(out[n], i)
			}
		}
	}
	return out
}

// mailed are the mails within five weeks that name the amount of a charge.
func (m *matching) mailed(c *Event, dues map[int64][]uint32) []uint32 {
	const weeks = 35 * 24 * time.Hour
	list := dues[c.Amount]
	i, ok := m.between(list, c.Time.Add(-weeks), c.Time.Add(weeks))
	end := i
	for ; ok && end < len(list) && end < i+maxTold && m.Entries[list[end]].When().Before(c.Time.Add(weeks)); end++ {
	}
	return list[i:end]
}
