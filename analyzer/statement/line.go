package statement

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// lines are the keys of each issuer, account and event, which differ in their cards.
func lines(groups map[key][]uint32) map[key][]key {
	out := make(map[key][]key)
	for k := range groups {
		whole := k
		whole.line = 0
		out[whole] = append(out[whole], k)
	}
	return out
}

// joinUnnamed puts statements that name no card to those of the one card there is: some issuers name it in some of
// their mails only. With several cards those that came before the second one are of the first; later ones stay apart.
func (f *finder) joinUnnamed(groups map[key][]uint32) {
	for whole, list := range lines(groups) {
		named := slices.DeleteFunc(list, func(k key) bool { return k.line == 0 })
		unnamed := groups[whole]
		if len(named) == 0 || len(unnamed) == 0 {
			continue
		}
		f.byFirst(named, groups)
		n := len(unnamed)
		if len(named) > 1 {
			second := f.first(groups[named[1]])
			n, _ = slices.BinarySearchFunc(unnamed, second, func(i uint32, t int64) int { return cmp.Compare(f.Entries[i].Time, t) })
		}
		groups[named[0]] = slices.Concat(groups[named[0]], unnamed[:n])
		f.sort(groups[named[0]])
		if groups[whole] = unnamed[n:]; n == len(unnamed) {
			delete(groups, whole)
		}
	}
}

// first and last are the times of the first and the last statement of a card.
func (f *finder) first(list []uint32) int64 { return f.Entries[list[0]].Time }
func (f *finder) last(list []uint32) int64  { return f.Entries[list[len(list)-1]].Time }

// byFirst sorts cards by their first statements.
func (f *finder) byFirst(list []key, groups map[key][]uint32) {
	slices.SortFunc(list, func(a, b key) int {
		return cmp.Or(cmp.Compare(f.first(groups[a]), f.first(groups[b])), a.compare(b))
	})
}

// eldest is the card of each issuer, account and event that was the first. Its series is named after the issuer alone: the
// name of a series may not change when a second card comes, or a number is replaced.
func (f *finder) eldest(groups map[key][]uint32) map[key]bool {
	out := make(map[key]bool)
	for _, list := range lines(groups) {
		f.byFirst(list, groups)
		out[list[0]] = true
	}
	return out
}

// succession is how long after the last statement of a card those of the next one may begin for it to be the same
// contract under another number: two months and some days, for the first bill of a new card is often empty.
const succession = 70 * 24 * 60 * 60

// joinSuccessors joins cards that follow one another, a number that was replaced: without that the old one would be
// missing for good. Cards that were ever billed side by side are two.
func (f *finder) joinSuccessors(groups map[key][]uint32) {
	for whole, list := range lines(groups) {
		if len(list) < 2 || f.events[whole.event] == finding.SubscriptionCharged {
			continue
		}
		f.byFirst(list, groups)
		for at := 0; at < len(list); at++ {
			for next := at + 1; next < len(list); {
				a, b := list[at], list[next]
				// Another card that was billed on both sides of the change leaves two ways to read it, and no reason
				// against this one. Two that begin after it would be a guess.
				rivals := 0
				for _, o := range list[next+1:] {
					if d := f.first(groups[o]) - f.last(groups[a]); d > 0 && d <= succession {
						rivals++
					}
				}
				if d := f.first(groups[b]) - f.last(groups[a]); d <= 0 || d > succession || rivals > 0 {
					next++
					continue
				}
				groups[a] = append(slices.Clone(groups[a]), groups[b]...)
				delete(groups, b)
				list = slices.Delete(list, next, next+1)
			}
		}
	}
}

// endsOf are the times at which a series was cancelled, of its account's endings, less what was joined again. several
// says that the issuer sends for several cards or services: an ending that names another one is not this one's, and one
// that names none may be that of any of them. Those are maybe: they explain that a card's statements end, and no gap.
func (f *finder) endsOf(k key, ends map[uint32][]ending, several bool) (sure, maybe []int64) {
	event := f.events[k.event]
	line := k.line
	prime := event == finding.PrimeRenewal
	for _, e := range f.same(k.account, ends) {
		switch {
		case e.brand != k.brand:
		case e.event == finding.PrimeCancelled || e.begins:
			if !prime {
				continue
			}
			if e.begins {
				sure = slices.DeleteFunc(sure, func(t int64) bool { return t < e.time })
				continue
			}
			sure = append(sure, e.time)
		case prime || event == finding.AWSBilling || event == finding.StatementInvoice:
		case e.line == line || !several && event != finding.SubscriptionCharged:
			sure = append(sure, e.time)
		case e.line != 0 && line != 0: // another card's or service's
		case several:
			maybe = append(maybe, e.time)
		default: // one that names no service ends the only one there is
			sure = append(sure, e.time)
		}
	}
	return sure, maybe
}

// same are the endings of an account: a cancellation often names no marketplace.
func (f *finder) same(account uint32, ends map[uint32][]ending) []ending {
	if int(account) >= len(f.Accounts) {
		return ends[account]
	}
	var out []ending
	for a := range f.Accounts {
		if list := ends[uint32(a)]; len(list) > 0 && f.Accounts[account].Same(f.Accounts[a]) {
			out = append(out, list...)
		}
	}
	slices.SortStableFunc(out, func(a, b ending) int { return cmp.Compare(a.time, b.time) })
	return out
}

// details are those of a statement, nil where there are none.
func (f *finder) fact(i uint32) *fact.Fact {
	if f.Lookup == nil || f.failed != nil {
		return nil
	}
	x, err := f.Lookup(f.Entries[i].Pos)
	if err != nil {
		f.failed = fmt.Errorf("looking up statement %s: %w", f.Entries[i].ID(), err)
		return nil
	}
	return x
}

// card is what tells a series from others of its issuer: "*" and the last digits of the card that a statement is for, its
// name, the account of AWS, or the name of the subscription.
func (f *finder) card(i uint32) string {
	x := f.fact(i)
	if x == nil || x.Details == nil {
		return ""
	}
	switch d := x.Details; {
	case x.Event == finding.SubscriptionCharged:
		return d.Merchant
	case x.Event == finding.AWSBilling:
		return d.AWSAccount
	case d.CardEnd == "":
		return d.Card
	default:
		return "*" + d.CardEnd
	}
}

// shown is how many statements of a series are asked for the issuer's zone.
const shown = 5

// zone is the zone in which the months of a series are counted: the owner's, else that in which the issuer writes its
// dates. An issuer whose first statements don't agree, to an hour of summer time, shows none: UTC.
func (f *finder) zone(list []uint32) *time.Location {
	if f.Location != nil {
		return f.Location
	}
	east, known := 0, false
	for _, i := range list[:min(shown, len(list))] {
		x := f.fact(i)
		if x == nil || x.Date == nil || x.Date.Time.IsZero() {
			continue
		}
		_, offset := x.Date.Time.Zone()
		switch d := offset - east; {
		case !known:
			east, known = offset, true
		case d > 3600 || d < -3600:
			return time.UTC
		}
	}
	if !known || east == 0 {
		return time.UTC
	}
	return time.FixedZone("", east)
}
