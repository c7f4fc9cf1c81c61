package timeline

import (
	"slices"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// story is a chain of steps and what speaks for somebody else's hand in it.
type story struct {
	steps   []uint32
	first   int64 // Unix seconds of the first and the last step
	last    int64
	signs   weights
	all     role // everything that its steps are
	ways    int  // kinds of ways into the account that were changed
	email   bool // the e-mail address was changed, to one that is not known to be the owner's
	alike   bool // to one that looks like the owner's
	seller  bool // something of a seller's account was changed
	phone   bool // the phone number was changed
	quick   bool // many orders within an hour after a sign-in from where the owner never was, which nobody read of
	goods   bool // gift cards, or orders after a new address: goods that went to somebody new
	strange []uint32
	fakes   []uint32 // fakes that were opened or answered before
	burst   []uint32 // orders of a burst
	charges []uint32
	silent  *silent
	flood   *flood
	read    bool // every step is known to have been read where it arrived
	unread  bool // a change of who can get in is known to be unread, or lies in spam
}

// ways into an account. What one act makes is one: a new phone switches two-step verification off and on, and takes a
// number away for every one it brings.
const (
	byPassword = 1 << iota
	byEmail
	byPhone
	byKey
)

var ways = map[finding.Event]int{
	finding.PasswordChanged: byPassword,
	finding.EmailChanged:    byEmail, finding.EmailAdded: byEmail,
	finding.PhoneChanged: byPhone, finding.PhoneRemoved: byPhone, finding.TwoSVDisabled: byPhone, finding.TwoSVChanged: byPhone,
	finding.PasskeyAdded: byKey, finding.AppAuthorized: byKey,
}

// weigh finds the signs of a chain of steps.
func (f *finder) weigh(l *ledger, steps []uint32) *story {
	s := &story{
		steps: steps, first: f.Entries[steps[0]].Time, last: f.Entries[steps[len(steps)-1]].Time,
		signs: make(weights), read: true,
	}
	for _, i := range steps {
		e := &f.Entries[i]
		s.all |= f.role(i)
		s.read = s.read && e.Flags.KnownRead() && !e.Flags.Has(fact.InSpam) && !thrown(e.Flags)
		s.unread = s.unread || f.role(i)&access != 0 && (e.Flags.KnownUnread() || e.Flags.Has(fact.InSpam))
		if id := l.entry[i]; id != "" {
			s.signs.add(id)
			if strange(id) {
				s.strange = append(s.strange, i)
			}
		}
	}
	f.hands(l, s)
	f.goods(l, s)
	f.hidden(l, s)
	s.fakes = f.openedBefore(l, f.firstAccess(s))
	if len(s.fakes) > 0 && len(s.strange) > 0 && s.all&access != 0 {
		s.signs.add("entry.fake")
	}
	f.weighKeys(l, s)
	return s
}

// firstAccess is the time of the first change of who can get in.
func (f *finder) firstAccess(s *story) int64 {
	for _, i := range s.steps {
		if f.role(i)&access != 0 {
			return f.Entries[i].Time
		}
	}
	return s.first
}

// act is a change of a way into the account.
type act struct {
	at  int64
	way int
}

// pair reports whether the last of some acts follows on its counterpart within ten minutes: the password on the e-mail
// address, or the other way round.
func pair(list []act, last act) bool {
	return slices.ContainsFunc(list, func(a act) bool {
		return a.way|last.way == byPassword|byEmail && last.at-a.at <= seconds(atOnce)
	})
}

// hands finds what was taken: who can get in, and where codes and notices go.
func (f *finder) hands(l *ledger, s *story) {
	var acts []act
	off, on, removed, added := int64(0), int64(0), int64(0), int64(0)
	all := 0
	for _, i := range s.steps {
		e := &f.Entries[i]
		ev := f.event(e)
		if f.role(i)&access != 0 {
			s.signs.add("hands.access")
		}
		way := ways[ev]
		switch ev {
		case finding.EmailChanged:
			switch f.movedTo(l, e) {
			case movedOwn:
				way = 0
			case movedAlike:
				way = 0
				s.alike = true
				s.signs.add("hands.email_alike")
			case movedUnlike:
				s.signs.add("hands.email_unlike")
			case movedAbroad:
				s.signs.add("hands.email_abroad")
			case movedUnknown:
				s.signs.add("hands.email")
			}
			s.email = s.email || way != 0
		case finding.EmailAdded:
			if m := f.movedTo(l, e); m == movedOwn || m == movedAlike {
				way = 0
			} else {
				s.signs.add("hands.email_added")
			}
		case finding.TwoSVDisabled:
			off = e.Time
		case finding.TwoSVEnabled, finding.TwoSVChanged:
			on = e.Time
		case finding.PhoneRemoved:
			removed = e.Time
		case finding.PhoneChanged:
			added, s.phone = e.Time, true
		}
		if way != 0 {
			all |= way
			acts = append(acts, act{e.Time, way})
		}
	}
	for _, way := range []int{byPassword, byEmail, byPhone, byKey} {
		s.ways += boolInt(all&way != 0)
	}
	if off != 0 && on < off-seconds(outOfOrder) {
		s.signs.add("hands.factor")
	}
	if removed != 0 && added == 0 {
		s.signs.add("hands.phone_removed")
	}
	from := 0
	for to := range acts {
		for acts[to].at-acts[from].at > seconds(hurry) {
			from++
		}
		in := 0
		for _, a := range acts[from : to+1] {
			in |= a.way
		}
		if n := boolInt(in&byPassword != 0) + boolInt(in&byEmail != 0) + boolInt(in&byPhone != 0) + boolInt(in&byKey != 0); n >= manyWays {
			s.signs.add("pace.many")
		}
		if in&byPassword != 0 && in&byEmail != 0 && pair(acts[from:to+1], acts[to]) {
			s.signs.add("pace.pair")
		}
		if to-from > maxHurry {
			from = to - maxHurry
		}
	}
}

const (
	// hurry is how near to one another changes are made by somebody who must not be caught at it, and manyWays how many ways
	// into the account they are then; see signs.toml.
	hurry    = time.Hour
	manyWays = 3
	// atOnce is how near to one another changes are made in one go.
	atOnce = 10 * time.Minute
	// maxHurry bounds how many changes are compared.
	maxHurry = 50
	// manyGifts is how many gift cards in a day are many, manyUndone how many cancelled orders, manyCharges how many
	// payments through Amazon Pay, and manyQuick how many orders within an hour after a strange sign-in: codes and other
	// digital goods need no new address. See signs.toml.
	manyGifts   = 3
	manyUndone  = 2
	manyCharges = 3
	manyQuick   = 3
)

// goods finds what was got.
func (f *finder) goods(l *ledger, s *story) {
	until := s.last + seconds(window)
	if gifts := f.between(l.gifts, s.first, until); len(gifts) > 0 {
		n := f.most(gifts)
		usual := max(f.most(f.between(l.gifts, 0, s.first-seconds(slowly))), f.most(f.between(l.gifts, until+seconds(slowly), 1<<62)))
		switch {
		case n <= usual:
		case n >= manyGifts:
			s.goods = true
			s.signs.add("goods.gifts")
		default:
			s.goods = true
			s.signs.add("goods.gift")
		}
	}
	s.burst = f.burstIn(l, s.first-seconds(outOfOrder), until)
	if len(s.burst) > 0 {
		s.signs.add("goods.burst")
	}
	if s.all&held != 0 {
		s.signs.add("amazon.held")
	}
	var address, card, prime1, prime2, taken int64
	placed, cancelled := make(map[uint64]bool), make(map[uint64]bool)
	undoneOrders, ordered, quick := 0, false, 0
	var charges []uint32
	for _, i := range f.between(l.notices, s.first-seconds(outOfOrder), until) {
		e := &f.Entries[i]
		switch ev := f.event(e); ev {
		case finding.AddressChanged:
			address = e.Time
		case finding.PaymentMethodChanged:
			card = e.Time
		case finding.SellerChanged:
			if f.banked(i) {
				s.seller = true
				s.signs.add("goods.seller")
			}
		case finding.EmailChanged:
			if m := f.movedTo(l, e); m == movedUnlike || m == movedAbroad {
				taken = e.Time
			}
		case finding.OrderPlaced:
			if taken != 0 && e.Time-taken <= seconds(hurry) {
				s.signs.add("goods.soon")
			}
			if len(f.between(s.strange, e.Time-seconds(hurry), e.Time)) > 0 {
				s.signs.add("goods.quick")
				quick++
			}
			placed[e.Order] = true
			ordered = ordered || address != 0
		case finding.PrimeJoined:
			prime1 = e.Time
		case finding.PrimeCancelled:
			if prime1 != 0 && e.Time-prime1 <= seconds(burstSpan) {
				prime2 = e.Time
			}
		case finding.OrderHeld:
			s.signs.add("amazon.held")
		case finding.OrderCancelled:
			if e.Order == 0 || placed[e.Order] && !cancelled[e.Order] {
				cancelled[e.Order] = true
				undoneOrders++
			}
		case finding.StatementChargeNotice:
			if card != 0 {
				charges = append(charges, i)
			}
		}
	}
	if ordered {
		s.goods = true
		s.signs.add("goods.address")
		if len(s.burst) > 0 {
			s.signs.add("goods.flood")
		}
	}
	s.quick = quick >= manyQuick && !s.read
	if prime2 != 0 && s.all&access != 0 {
		s.signs.add("goods.prime")
	}
	if undoneOrders >= manyUndone {
		s.signs.add("undone")
	}
	if f.most(charges) >= manyCharges {
		s.charges = charges
		s.signs.add("goods.charges")
	}
}

// most is how many of a list, in the order of time, lie within a day at most.
func (f *finder) most(list []uint32) int {
	n, from := 0, 0
	for to := range list {
		for f.Entries[list[to]].Time-f.Entries[list[from]].Time >= seconds(burstSpan) {
			from++
		}
		n = max(n, to+1-from)
	}
	return n
}

const (
	// habitLeast is how many other notices must show how somebody treats them, thrownLeast how many for throwing away;
	// habitShare is the share in percent below which something is not a habit.
	habitLeast  = 3
	thrownLeast = 10
	habitShare  = 20
)

// hidden finds how the story was kept from the owner. What most people do with most notices is no sign: who never opens
// order mails has not been kept from anything, so only changes count.
func (f *finder) hidden(l *ledger, s *story) {
	others := l.habits
	near := f.between(l.notices, s.first-seconds(outOfOrder), s.last+seconds(window))
	inSpam, trashed, changes, unread := 0, 0, 0, 0
	for _, i := range near {
		others.add(f, i, -1)
		e := &f.Entries[i]
		if thrown(e.Flags) && f.role(i)&^context != 0 {
			trashed++
		}
	}
	asleep, acts := true, 0
	for _, i := range s.steps {
		e := &f.Entries[i]
		if r := f.role(i); r&(change|gift|sign) != 0 && r&held == 0 { // what Amazon did says nothing of the night
			acts++
			asleep = asleep && f.nightOf(l, e)
		}
		if f.role(i)&change == 0 {
			continue
		}
		inSpam += boolInt(e.Flags.Has(fact.InSpam))
		changes++
		unread += boolInt(e.Flags.KnownUnread() || e.Flags.Has(fact.InSpam))
	}
	switch {
	case !asleep || acts == 0:
	case len(s.strange) > 0:
		s.signs.add("night.abroad")
	default:
		s.signs.add("night")
	}
	if trashed >= 2 && s.all&access != 0 && others.all < thrownLeast {
		s.signs.add("hidden.trash_unknown")
	}
	if inSpam > 0 && others.changes >= habitLeast && 100*others.inSpam < habitShare*others.changes {
		s.signs.add("hidden.spam")
	}
	if trashed >= 2 && s.all&access != 0 && others.all >= thrownLeast && 100*others.trashed < habitShare*others.all {
		s.signs.add("hidden.trash")
	}
	if changes > 0 && unread == changes && !s.moved() && others.changes >= habitLeast && 100*others.unread < habitShare*others.changes {
		s.signs.add("hidden.unread")
	}
	if s.flood = f.floodNear(s.first, s.last); s.flood != nil {
		s.signs.add("hidden.flood")
	}
	// Whoever moves to an address of his own takes the notices with him as an intruder does. A silence says something only
	// where more changed than the address, or where the owner did not open the notice or is not of that country.
	if s.silent = f.silenceAfter(l, s.steps); s.silent != nil && (s.ways > 1 || s.unread || s.signs.has("hands.email_abroad")) {
		s.signs.add("silence")
	}
}

// moved reports whether the e-mail address was changed and nothing else: who moves to another mailbox does not read this
// one any more, whoever it was.
func (s *story) moved() bool { return s.ways == 1 && s.email }

// nightEnd is the hour at which the night is over; it begins at 0 (READSTATE §1).
const nightEnd = 5

// homes are the zones of marketplaces whose customers nearly all live in one, in hours east of UTC. In summer some of them
// are an hour ahead: the night is then from one to six.
var homes = map[string]float64{
	"co.jp": 9, "in": 5.5, "sg": 8, "ae": 4, "sa": 3, "eg": 2, "com.tr": 3,
	"de": 1, "fr": 1, "it": 1, "es": 1, "nl": 1, "se": 1, "pl": 1, "com.be": 1, "co.uk": 0, "ie": 0,
}

// nightOf reports whether a notice came at night in the owner's zone, or in that of the marketplace where the owner's is
// not known; false where neither is.
func (f *finder) nightOf(l *ledger, e *fact.Entry) bool {
	if f.Location != nil {
		return e.When().In(f.Location).Hour() < nightEnd
	}
	hours, ok := homes[l.account.Marketplace]
	return ok && e.When().Add(time.Duration(hours*float64(time.Hour))).Hour() < nightEnd
}

const (
	// usualSpan and usualFakes tell a coincidence from a story: who opens more than ten fakes in a month has one within
	// 72 hours of anything that ever happens.
	usualSpan  = 30 * 24 * time.Hour
	usualFakes = 10
)

// openedBefore are the fakes to the same recipient that were answered, or opened where that is not an everyday thing,
// within the window before t.
func (f *finder) openedBefore(l *ledger, t int64) []uint32 {
	fakes := f.fakes[l.account.Address]
	if l.account.Address == "" || len(fakes) == 0 {
		return nil
	}
	everyday := len(f.between(fakes, t-seconds(usualSpan), t)) > usualFakes
	return slices.DeleteFunc(slices.Clone(f.between(fakes, t-seconds(window), t)), func(i uint32) bool {
		e := &f.Entries[i]
		return !l.account.Same(f.Accounts[e.Account]) || !e.Flags.Has(fact.Replied) && everyday
	})
}
