package timeline

import (
	"slices"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/event"
	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// role is what an event can be in an incident.
type role uint16

const (
	change   role = 1 << iota // something of the account was changed
	secure                    // the change is one of the security of the account, not only of an address or a card
	activity                  // something was bought, joined or given away
	response                  // Amazon says that somebody else was in
	moved                     // e-mail address or phone changed: codes and notices go elsewhere
	weakened                  // two-step verification switched off
	held                      // Amazon held an order or locked the account
	gift                      // a gift card was sent: the goods that can't be called back (see given)
	undone                    // an order was cancelled
	prime                     // Prime was joined or left
	sign                      // somebody signed in, or a device was registered
	context                   // told in the story, decides nothing
)

func (f *finder) eventRoles() []role {
	roles := map[finding.Event]role{
		finding.PasswordChanged:  change | secure,
		finding.EmailChanged:     change | secure | moved,
		finding.EmailAdded:       change | secure,
		finding.PhoneChanged:     change | secure | moved,
		finding.PhoneRemoved:     change | secure | moved,
		finding.NameChanged:      change | secure,
		finding.TwoSVEnabled:     change | secure,
		finding.TwoSVDisabled:    change | secure | weakened,
		finding.TwoSVChanged:     change | secure,
		finding.PasskeyAdded:     change | secure,
		finding.DeviceRegistered: change | secure | sign,
		finding.AppAuthorized:    change | secure,
		finding.AccountChanged:   change | secure,
		finding.AccountLocked:    change | secure | held,
		finding.TakeoverResponse: change | secure | response,

		finding.AddressChanged:       change,
		finding.PaymentMethodChanged: change,

		finding.OrderPlaced:      activity,
		finding.OrderCancelled:   activity | undone,
		finding.OrderHeld:        activity | held,
		finding.PrimeJoined:      activity | prime,
		finding.PrimeCancelled:   activity | prime,
		finding.GiftcardSent:     activity | gift,
		finding.GiftcardRedeemed: activity,

		finding.SignedIn:               sign | context,
		finding.SigninAttempt:          context,
		finding.DataAccessAttempt:      context,
		finding.PasswordResetRequested: context,
		finding.CardReported:           context,
		finding.PaymentDeclined:        context,
		finding.HouseholdChanged:       context,
		finding.SecurityUnknown:        context,
		finding.AccountUnknown:         context,
	}
	out := make([]role, len(f.events))
	for i, e := range f.events {
		out[i] = roles[e]
	}
	return out
}

func (f *finder) role(i uint32) role {
	if e := f.Entries[i].Event; int(e) < len(f.roles) {
		return f.roles[e]
	}
	return 0
}

// maxChain is how long changes with less than 72 hours between them are one story. Victims' stories end within days;
// without a bound an account that changes something every other day would be one incident for ever.
const maxChain = 30 * 24 * time.Hour

// manyUndone is how many cancelled orders speak of Amazon or a thief rather than of a change of mind: a notice does not
// say who cancelled, and one cancelled order is ordinary.
const manyUndone = 2

// takeover finds account takeovers: changes to the account and purchases, Prime or gift cards within 72 hours, and at
// least one sign of another's hand:
//
//   - Amazon's own response ("a third party may have accessed your account"),
//   - the e-mail address (to one that is not the owner's own) or the phone changed, or two-step verification switched off,
//   - orders held, or the account locked, by Amazon,
//   - orders cancelled: two or more, or one together with Prime joined or left, or one that was placed after a change of
//     the security that went unnoticed,
//   - a gift card sent,
//   - a sign-in from a device or place that is new to the account, or from abroad.
//
// Amazon's response is enough by itself. Where only an address or a payment method changed, gift cards and cancelled
// orders are not enough: that is what people do before they give presents.
// Without such a sign it is a note. It is critical with Amazon's response or with two different signs, else high. That all
// of it happened at night and none of it was seen counts as a second sign, never as the only one. Where every notice is
// known to be read and the only sign is a new telephone number, a gift card or cancelled orders, it is medium: buying a
// phone or giving presents looks the same.
func (f *finder) takeover(l *ledger) {
	var cores []uint32
	for _, i := range l.notices {
		if f.role(i)&(change|held) != 0 {
			cores = append(cores, i)
		}
	}
	var note []uint32
	for len(cores) > 0 {
		n := f.chain(cores)
		chain := cores[:n]
		cores = cores[n:]
		if !f.takeoverOf(l, chain) && f.bought(l, chain) {
			for _, i := range chain {
				if !f.claims[i] && f.role(i)&change != 0 {
					note = append(note, i)
				}
			}
		}
	}
	if len(note) > 0 {
		f.found.Notes = append(f.found.Notes, Note{AccountIndex: l.index, Members: note[:min(len(note), maxMembers)]})
	}
}

// chain is how many of the first events follow one another within the window.
func (f *finder) chain(list []uint32) int {
	first, n := f.Entries[list[0]].Time, 1
	for n < len(list) {
		t := f.Entries[list[n]].Time
		if t-f.Entries[list[n-1]].Time > seconds(window) || t-first > seconds(maxChain) {
			break
		}
		n++
	}
	return n
}

func seconds(d time.Duration) int64 { return int64(d / time.Second) }

// around are all notices of the ledger within the window of a chain.
func (f *finder) around(l *ledger, chain []uint32) []uint32 {
	return f.between(l.notices, f.Entries[chain[0]].Time-seconds(window), f.Entries[chain[len(chain)-1]].Time+seconds(window))
}

// bought tells whether anything was bought near a change.
func (f *finder) bought(l *ledger, chain []uint32) bool {
	for _, i := range f.around(l, chain) {
		if f.role(i)&activity != 0 {
			return true
		}
	}
	return false
}

// hand is what the notices around a chain of changes show of whose hand it was.
type hand struct {
	all      role     // everything that happened
	members  []uint32 // the notices
	signins  []uint32
	changes  int
	moved    int  // notices that codes and notices go elsewhere, those to an address of the owner's own left out
	numbers  int  // those among them that only change the telephone number
	undone   int  // orders cancelled, each counted once
	behind   bool // one of them was placed after a change that its owner is known not to have noticed
	stranger int  // sign-ins from where the account was never used before, or from abroad
	asleep   bool // all of it happened at night, and nobody is known to have seen any of it
	read     bool // all of it is known to have been read where it arrived
}

// gather looks at the notices around a chain that no other incident tells.
func (f *finder) gather(l *ledger, chain []uint32) hand {
	h := hand{asleep: true, read: true}
	cancelled, later := make(map[uint64]bool), make(map[uint64]bool)
	hidden := false
	for _, i := range f.latest(l, chain) {
		e, r := &f.Entries[i], f.role(i)
		h.all |= r
		h.members = append(h.members, i)
		if r&moved != 0 && !f.ownAddress(l, e) {
			h.moved++
			h.numbers += boolInt(f.event(e) == finding.PhoneChanged)
		}
		if r&(change|activity) != 0 {
			h.asleep = h.asleep && f.night(e) && !e.Flags.KnownRead()
			h.read = h.read && e.Flags.KnownRead() && !e.Flags.Has(fact.InSpam) && !e.Flags.Has(fact.InTrash)
		}
		if r&change != 0 {
			h.changes++
			hidden = hidden || r&secure != 0 && f.unnoticed(e, false)
		}
		if r&sign != 0 {
			h.signins = append(h.signins, i)
		}
		if hidden && f.event(e) == finding.OrderPlaced {
			later[e.Order] = true
		}
		if r&undone != 0 && (e.Order == 0 || !cancelled[e.Order]) {
			cancelled[e.Order] = true
			h.undone++
			h.behind = h.behind || e.Order != 0 && later[e.Order]
		}
	}
	h.stranger = len(f.strangers(l, h.signins))
	return h
}

// before is how long before the first change an order still belongs to the story though its notice was read: thieves
// change what would give them away within hours, and what was read the day before is the owner's shopping.
const before = 24 * time.Hour

// latest are the notices around a chain that no other incident tells, without orders that were placed and read long before
// the first change, unless nothing else was bought.
func (f *finder) latest(l *ledger, chain []uint32) []uint32 {
	var out, old []uint32
	first, bought := f.Entries[chain[0]].Time, false
	for _, i := range f.around(l, chain) {
		e, r := &f.Entries[i], f.role(i)
		switch {
		case r == 0 || f.claims[i] || r&gift != 0 && f.given(e):
		case f.event(e) == finding.OrderPlaced && e.Time < first-seconds(before) && e.Flags.KnownRead():
			old = append(old, i)
		default:
			bought = bought || r&activity != 0
			out = append(out, i)
		}
	}
	if !bought {
		return append(old, out...)
	}
	return out
}

// given tells whether a notice of a gift card is of one that the owner got.
func (f *finder) given(e *fact.Entry) bool {
	fact := f.fact(e)
	return fact != nil && event.GiftReceived(fact.Entry)
}

// signs counts the signs of another's hand: strong ones, and those that need a change of the security beside them.
func (h *hand) signs() (strong, soft int) {
	for _, r := range []role{response, weakened, held} {
		strong += boolInt(h.all&r != 0)
	}
	strong += boolInt(h.moved > 0)
	strong += boolInt(h.stranger > 0)
	soft += boolInt(h.all&gift != 0)
	soft += boolInt(h.undone >= manyUndone || h.undone > 0 && (h.all&prime != 0 || h.behind))
	return strong, soft
}

// takeoverOf makes an incident of a chain of changes where it is one.
func (f *finder) takeoverOf(l *ledger, chain []uint32) bool {
	h := f.gather(l, chain)
	answered := h.all&response != 0
	if !answered && (h.changes == 0 || h.all&activity == 0) {
		return false
	}
	strong, soft := h.signs()
	if strong == 0 && (soft == 0 || h.all&secure == 0) {
		return false
	}
	if i, ok := f.wayBack(l, h.members); ok {
		h.members = append(h.members, i)
	}
	d := draft{kind: KindTakeover, severity: finding.High, anchor: chain[0], members: h.members}
	switch {
	case answered || strong+soft+boolInt(h.asleep) >= 2:
		d.severity = finding.Critical
	case strong+soft == 1 && h.read && (soft == 1 || h.moved > 0 && h.moved == h.numbers):
		d.severity = finding.MediumS
	}
	first, last := f.Entries[h.members[0]].When(), f.Entries[h.members[len(h.members)-1]].When()
	d.context = f.openedBefore(l, f.Entries[chain[0]].Time)
	id := "incident.takeover"
	if len(h.members) == 1 {
		id = "incident.takeover.one"
	}
	d.lead = []finding.Text{{ID: id, Args: map[string]any{"account": l.name(), "start": stamp(first), "end": stamp(last)}}}
	if h.stranger > 0 {
		d.tail = append(d.tail, finding.Text{ID: "incident.stranger", Args: map[string]any{"n": h.stranger}})
	}
	if b := f.floodNear(first.Unix(), last.Unix()); b != nil {
		d.tail = append(d.tail, b.text())
	}
	if gap := f.silenceAfter(l, h.members); gap != nil {
		d.tail = append(d.tail, gap.text())
	}
	if answered {
		d.tail = append(d.tail, finding.Text{ID: "incident.takeover.response"})
	}
	f.emit(l, d)
	return true
}

// recovery is how long after Amazon's response the new password still belongs to the story: Amazon voids the old one, and
// the owner, who may not have seen the mail, has to set a new one before anything else.
const recovery = 14 * 24 * time.Hour

// wayBack is the first new password after Amazon's response, where it is not already among the members.
func (f *finder) wayBack(l *ledger, members []uint32) (uint32, bool) {
	for k := len(members) - 1; k >= 0; k-- {
		e := &f.Entries[members[k]]
		if f.role(members[k])&response == 0 {
			continue
		}
		for _, i := range f.between(l.notices, e.Time, e.Time+seconds(recovery)) {
			if f.event(&f.Entries[i]) == finding.PasswordChanged {
				return i, !f.claims[i] && !slices.Contains(members, i)
			}
		}
		return 0, false
	}
	return 0, false
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
