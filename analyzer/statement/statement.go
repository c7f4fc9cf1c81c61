// Package statement finds the statements that never came or were never read: 利用明細 of card issuers, charges for Prime
// and subscriptions, AWS bills, invoices.
//
// The statements of one issuer to one account (and, where an issuer sends them for several cards, of one card) are a
// series. Its cadence is learned from the mails themselves, three at least; below that the issuer's usual one is taken.
// A series is then read like a bookkeeper reads bank statements: each period is covered, or it is a gap, and what can't
// be known is said. Nothing is missing before the first statement or after the last mail of the mailbox, and what was due
// while the mailbox got no mail of any kind is silent and not missing. A series whose statements stop has missing periods
// and then an end, unless a cancellation explains the end. Notices of single charges come when one shops and make no
// series. A fake never fills a period, nor does a forwarded copy.
package statement

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// Cadences, as they stand in finding.Series.Cadence.
const (
	Weekly     = "weekly"
	Monthly    = "monthly"
	Quarterly  = "quarterly"
	HalfYearly = "half_yearly"
	Yearly     = "yearly"
	Irregular  = "irregular"
)

// States of a period, those of finding.PeriodStates.
const (
	Read         = "read"         // a statement came and is known to have been read
	Unread       = "unread"       // came, and is known not to have been read
	Spam         = "spam"         // came, and lies in spam
	Trash        = "trash"        // came, and lies in trash
	Unknown      = "unknown"      // came and nothing is known of reading it
	Missing      = "missing"      // did not come though the mailbox holds other mail of that time
	Silent       = "silent"       // no mail of any kind came around that day: nothing can be said
	Late         = "late"         // is due and has not come yet
	NotDue       = "not_due"      // is not due yet
	Impersonated = "impersonated" // did not come, but a fake of it did
	Ended        = "ended"        // none came from then on: a cancellation says why, or none has come for long
)

// Issuer is what is known of a brand that sends statements.
type Issuer struct {
	ID      string
	Cadence string // its usual cadence, "" where it has none
}

// Input is what series are found in.
type Input struct {
	Entries  []fact.Entry
	Accounts []fact.Account
	Issuers  []Issuer // by index of the brand
	Lookup   fact.Lookup
	// Span is the time of the oldest and the newest message of the whole mailbox.
	Span [2]time.Time
	// Months counts all mail by month, "2006-01"; Arrivals by hour since the Unix epoch. nil where it was not counted.
	Months   map[string]int64
	Arrivals map[int32]int32
	// AsOf is the time that "late" and "not due" are judged for; zero is the end of Span.
	AsOf time.Time
	// Location is the zone in which a day has its date; nil is that of each
	// issuer, as its own Date fields show it.
	Location *time.Location
}

// Series is one series with what the stages after this one need.
type Series struct {
	finding.Series
	AccountIndex uint32
	Learned      bool // the cadence was learned, not assumed
	Stopped      bool // statements stopped coming and no cancellation says why
	// Messages are indexes into Input.Entries, one for each of Periods; -1 where none.
	Messages []int32
	Card     string // the card, subscription or AWS account, where the issuer sends for several
}

// kinds are the events that make series, and the cadence to assume where the issuer has none.
func kinds() map[finding.Event]string {
	return map[finding.Event]string{
		finding.StatementIssued:     Monthly,
		finding.StatementInvoice:    Irregular, // Amazon Business: one for each order
		finding.SubscriptionCharged: Irregular, // monthly and yearly plans write the same mail
		finding.PrimeRenewal:        Yearly,
		finding.AWSBilling:          Monthly, // the AWS invoice of the month
	}
}

// key names a series.
type key struct {
	brand   uint16
	account uint32
	event   uint8
	line    uint32
}

func (k key) compare(o key) int {
	return cmp.Or(cmp.Compare(k.account, o.account), cmp.Compare(k.brand, o.brand), cmp.Compare(k.event, o.event), cmp.Compare(k.line, o.line))
}

// finder gathers and reads series.
type finder struct {
	Input
	events []finding.Event
	end    time.Time // after it nothing can be said
	failed error     // the first failed lookup
	came   []int32   // see hours
	found  Found
}

// Found is what was found.
type Found struct {
	Series   []Series          // by account, issuer, event and card
	Problems []finding.Problem // what had to be left out, or put together
}

// Find finds the series. The result does not depend on the order of in.Entries. The error is that of a failed lookup.
func Find(in Input) (Found, error) {
	f := &finder{Input: in, events: finding.Events(), end: in.AsOf}
	if f.end.IsZero() || !in.Span[1].IsZero() && in.Span[1].Before(f.end) {
		f.end = in.Span[1]
	}
	groups, fakes, ends := f.gather()
	keys := make([]key, 0, len(groups))
	for k := range groups {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, key.compare)
	cards := make(map[key]int) // lines of each issuer, account and event
	for _, k := range keys {
		if k.line != 0 {
			k.line = 0
			cards[k]++
		}
	}
	eldest := f.eldest(groups)
	var out []Series
	for _, k := range keys {
		whole := k
		whole.line = 0
		line := "" // see eldest
		if !eldest[k] {
			line = fmt.Sprint(k.line)
		}
		fill := &filling{finder: f, fakes: fakes[whole.fake(f.Accounts)]}
		fill.ends, fill.maybe = f.endsOf(k, ends, cards[whole] > 1)
		s := f.series(k, line, groups[k], fill)
		if cards[whole] > 1 {
			if s.Card = f.card(groups[k][0]); s.Card != "" {
				s.Account += " " + s.Card
			}
		}
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b Series) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Issuer, b.Issuer), cmp.Compare(a.Event, b.Event), cmp.Compare(a.ID, b.ID))
	})
	f.found.Series = out
	if f.failed != nil {
		return Found{}, f.failed
	}
	return f.found, nil
}

// posed is what a fake statement poses as. Its marketplace is not looked at: fakes seldom have one.
type posed struct {
	brand   uint16
	event   uint8
	address string
}

func (k key) fake(accounts []fact.Account) posed {
	p := posed{brand: k.brand, event: k.event}
	if int(k.account) < len(accounts) {
		p.address = accounts[k.account].Address
	}
	return p
}

// ending is a confirmed cancellation, or a membership that began (again).
type ending struct {
	time   int64
	event  finding.Event
	brand  uint16
	line   uint32
	begins bool
}

// gather sorts statements into series, fakes by what they pose as, and endings by account.
func (f *finder) gather() (groups map[key][]uint32, fakes map[posed][]uint32, ends map[uint32][]ending) {
	groups, fakes, ends = make(map[key][]uint32), make(map[posed][]uint32), make(map[uint32][]ending)
	verdicts := finding.Verdicts()
	made := kinds()
	last := f.end.AddDate(0, 0, 2) // zones and clocks that go a little fast
	var undated, future []uint32
	for i := range f.Entries {
		e := &f.Entries[i]
		if e.Flags.Has(fact.StartDoubt) || int(e.Verdict) >= len(verdicts) || int(e.Event) >= len(f.events) {
			continue
		}
		v, event := verdicts[e.Verdict], f.events[e.Event]
		// A date in the future says nothing of when a statement came.
		if late := !f.end.IsZero() && e.Time > last.Unix(); late || e.Time == 0 {
			if _, ok := made[event]; ok && (v.FromAmazon() || v == finding.Unverifiable) && !e.Flags.Has(fact.Forwarded) {
				if late {
					future = append(future, uint32(i))
				} else {
					undated = append(undated, uint32(i))
				}
			}
			continue
		}
		if e.Flags.Has(fact.Ends) || event == finding.PrimeCancelled || event == finding.PrimeJoined {
			if v.FromAmazon() && !e.Flags.Has(fact.Forwarded) {
				ends[e.Account] = append(ends[e.Account], ending{e.Time, event, e.Brand, e.Line, event == finding.PrimeJoined})
			}
		}
		if _, ok := made[event]; !ok {
			continue
		}
		k := key{brand: e.Brand, account: e.Account, event: e.Event, line: e.Line}
		switch v {
		case finding.Genuine, finding.LikelyGenuine, finding.Unverifiable:
			if !e.Flags.Has(fact.Forwarded) {
				groups[k] = append(groups[k], uint32(i))
			}
		case finding.Impersonation:
			p := k.fake(f.Accounts)
			fakes[p] = append(fakes[p], uint32(i))
		}
	}
	f.say(undated, "statements without a believable time are in no series: %d")
	f.say(future, "statements dated after the day that is judged for are in no series: %d")
	for _, list := range groups {
		f.sort(list)
	}
	f.joinUnnamed(groups)
	f.joinSuccessors(groups)
	for _, list := range fakes {
		f.sort(list)
	}
	for _, list := range ends {
		slices.SortFunc(list, func(a, b ending) int { return cmp.Compare(a.time, b.time) })
	}
	return groups, fakes, ends
}

func (f *finder) sort(list []uint32) {
	slices.SortFunc(list, func(i, j uint32) int { return f.Entries[i].Compare(&f.Entries[j]) })
}

// say notes that statements were left out, at the place of the first one. format has their number.
func (f *finder) say(list []uint32, format string) {
	if len(list) == 0 {
		return
	}
	f.sort(list)
	p := finding.Problem{Stage: "header", Reason: fmt.Sprintf(format, len(list))}
	if x := f.fact(list[0]); x != nil {
		p.Location = x.Location
	}
	f.found.Problems = append(f.found.Problems, p)
}

// manyMails is from how many mails on it is said that they were counted as one statement. An issuer writes of one five times
// at most: provisional, fixed, changed, before the due day, on it.
const manyMails = 20

// piled says of statements that came in more mails than any issuer sends of one.
func (f *finder) piled(issuer string, list []arrival) {
	for _, a := range list {
		if n := len(a.mails); n > manyMails {
			p := finding.Problem{Stage: "limit", Reason: fmt.Sprintf("%d statements of %s within %d days are counted as one", n, issuer, sameStatement)}
			if x := f.fact(a.mails[0]); x != nil {
				p.Location = x.Location
			}
			f.found.Problems = append(f.found.Problems, p)
			return // the first is enough: who floods, floods on
		}
	}
}

// series reads one series.
func (f *finder) series(k key, line string, list []uint32, fill *filling) Series {
	event := f.events[k.event]
	var account fact.Account
	if int(k.account) < len(f.Accounts) {
		account = f.Accounts[k.account]
	}
	var issuer Issuer
	if int(k.brand) < len(f.Issuers) {
		issuer = f.Issuers[k.brand]
	}
	s := Series{AccountIndex: k.account}
	s.ID = fact.StableID("s", issuer.ID, account.Address, account.Shop(), string(event), line)
	s.Issuer, s.Account, s.Event = issuer.ID, account.String(), event

	zone := f.zone(list)
	arrivals := f.arrivals(list, zone)
	s.Cadence, s.Learned = cadence(arrivals)
	if !s.Learned {
		s.Cadence = kinds()[event]
		if event == finding.StatementIssued {
			s.Cadence = cmp.Or(issuer.Cadence, s.Cadence)
		}
	}
	if s.Cadence != Irregular {
		f.piled(cmp.Or(issuer.ID, string(event)), arrivals)
	}
	fill.Series, fill.calendar = &s, calendarOf(s.Cadence)
	fill.read(list, arrivals, zone)
	return s
}
