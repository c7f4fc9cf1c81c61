package timeline

import (
	"time"

	"github.com/mailaudit/mailaudit/analyzer/event"
	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// role is what an event can be in a story.
type role uint16

const (
	change   role = 1 << iota // something of the account was changed
	access                    // the change is one of who can get in
	setting                   // the change is one of an address, a card, a device or a name: what people do every year
	activity                  // something was bought, joined or given away
	response                  // Amazon says that somebody else was in
	held                      // Amazon held an order or locked the account, or a card was reported
	gift                      // a gift card was sent: the goods that can't be called back (see given)
	undone                    // an order was cancelled
	prime                     // Prime was joined or left
	sign                      // somebody signed in, or a device was registered
	reset                     // a new password was asked for
	charge                    // a payment through Amazon Pay
	context                   // told in the story, decides nothing
)

func (f *finder) eventRoles() []role {
	roles := map[finding.Event]role{
		finding.PasswordChanged:  change | access,
		finding.EmailChanged:     change | access,
		finding.EmailAdded:       change | access,
		finding.PhoneChanged:     change | access,
		finding.PhoneRemoved:     change | access,
		finding.TwoSVDisabled:    change | access,
		finding.TwoSVChanged:     change | access,
		finding.PasskeyAdded:     change | access,
		finding.AppAuthorized:    change | access,
		finding.AccountChanged:   change | access,
		finding.AccountLocked:    change | held,
		finding.TakeoverResponse: change | response,

		finding.TwoSVEnabled:         change | setting,
		finding.NameChanged:          change | setting,
		finding.DeviceRegistered:     change | setting | sign,
		finding.AddressChanged:       change | setting,
		finding.PaymentMethodChanged: change | setting,
		finding.HouseholdChanged:     change | setting,
		finding.SellerChanged:        context, // a change where the notice says so: see banked

		finding.OrderPlaced:      activity,
		finding.OrderCancelled:   activity | undone,
		finding.OrderHeld:        activity | held,
		finding.PrimeJoined:      activity | prime,
		finding.PrimeCancelled:   activity | prime,
		finding.GiftcardSent:     activity | gift,
		finding.GiftcardRedeemed: activity,

		finding.StatementChargeNotice: charge,

		finding.SignedIn:               sign | context,
		finding.PasswordResetRequested: reset | context,
		finding.CardReported:           held | context,
		finding.SigninAttempt:          context,
		finding.DataAccessAttempt:      context,
		finding.PaymentDeclined:        context,
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

const (
	// slowly is how far apart the steps of somebody may be who takes his time, once a sign-in from elsewhere began the story,
	// and how long before its own notice the steps may lie that Amazon answers.
	slowly = 7 * 24 * time.Hour
	// maxChain is how long steps that follow one another are one story. Victims' stories end within days, slow ones within
	// weeks; without a bound an account that changes something every other day would be one incident for ever.
	maxChain = 30 * 24 * time.Hour
	// before is how long before the first step what was bought and not read still belongs to the story.
	before = 24 * time.Hour
	// shortly is the same for what was read: what was read the day before is the owner's shopping.
	shortly = 6 * time.Hour
)

func seconds(d time.Duration) int64 { return int64(d / time.Second) }

// steps are the notices that stories begin and go on with: changes, gift cards, what Amazon stopped, and sign-ins from
// where the account was never used.
func (f *finder) steps(l *ledger) []uint32 {
	var out []uint32
	for _, i := range l.notices {
		r := f.role(i)
		switch {
		case f.claims[i]:
		case r&setting != 0 && f.Entries[i].Flags.Has(fact.RiskHigh):
			// Invitations carry what strangers write: the text is the matter, no change.
		case r&(change|held) != 0, f.banked(i), r&gift != 0 && !f.given(&f.Entries[i]), l.entry[i] != "":
			out = append(out, i)
		}
	}
	return out
}

// chain is how many of the first steps are one story.
func (f *finder) chain(l *ledger, list []uint32) int {
	first, n := f.Entries[list[0]].Time, 1
	slow := strange(l.entry[list[0]])
	for n < len(list) {
		i := list[n]
		gap := f.Entries[i].Time - f.Entries[list[n-1]].Time
		far := slow || f.role(i)&response != 0
		if gap > seconds(window) && (!far || gap > seconds(slowly)) || f.Entries[i].Time-first > seconds(maxChain) {
			break
		}
		slow = slow || strange(l.entry[i])
		n++
	}
	return n
}

// unreadReset is the sign of a reset that was used and not read: the one step that is none once it was read.
const unreadReset = "entry.reset"

// strange reports whether a sign of package signs is a sign-in from another country.
func strange(id string) bool { return id == "entry.stranger" || id == "entry.abroad" }

// given reports whether a notice of a gift card is of one that the owner got.
func (f *finder) given(e *fact.Entry) bool {
	fact := f.fact(e)
	return fact != nil && event.GiftReceived(fact.Entry)
}

// banked reports whether a notice is of something that was changed in a seller's account.
func (f *finder) banked(i uint32) bool {
	e := &f.Entries[i]
	if f.event(e) != finding.SellerChanged {
		return false
	}
	fact := f.fact(e)
	return fact != nil && event.SellerChanged(fact.Entry)
}

// followed reports whether a change of who can get in came within an hour after a notice: a reset that was used.
func (f *finder) followed(l *ledger, i uint32) bool {
	t := f.Entries[i].Time
	return len(f.between(l.access, t-seconds(outOfOrder)/6, t+seconds(outOfOrder))) > 0
}

// outOfOrder is how much later than the next one a notice may come: greylisting holds back single mails.
const outOfOrder = time.Hour

// learn fills in what the account is like: its sign-ins and what is strange about them, its orders and gift cards, and how
// its notices are read.
func (f *finder) learn(l *ledger) {
	l.entry = make(map[uint32]string)
	u := &usual{make(map[string]bool), make(map[string]bool), make(map[string]bool), 0}
	var signs []uint32
	for _, i := range l.notices {
		if f.role(i)&access != 0 {
			l.access = append(l.access, i)
		}
		if f.role(i)&sign != 0 || f.role(i)&reset != 0 {
			signs = append(signs, i)
		}
	}
	signs = signs[max(0, len(signs)-maxSignins):]
	settled := 0 // sign-ins before it are part of what is usual
	for _, i := range signs {
		t := f.Entries[i].Time
		for ; settled < len(signs) && f.Entries[signs[settled]].Time < t-seconds(slowly); settled++ {
			if f.role(signs[settled])&sign != 0 {
				u.add(f.details(&f.Entries[signs[settled]]))
			}
		}
		if f.role(i)&reset != 0 && !f.followed(l, i) {
			continue
		}
		id := u.entry(f.details(&f.Entries[i]), l.account.Marketplace)
		if !strange(id) && f.role(i)&reset != 0 && f.Entries[i].Flags.KnownUnread() {
			id = unreadReset
		}
		if id != "" {
			l.entry[i] = id
		}
	}
	f.learnOrders(l)
	for _, i := range l.notices {
		e := &f.Entries[i]
		if f.role(i)&gift != 0 && !f.given(e) {
			l.gifts = append(l.gifts, i)
		}
		l.habits.add(f, i, 1)
	}
}

// habits count how the notices of an account are treated.
type habits struct {
	all, trashed            int // of all notices
	changes, unread, inSpam int // of changes whose read state is known
}

func (h *habits) add(f *finder, i uint32, n int) {
	e := &f.Entries[i]
	h.all += n
	if thrown(e.Flags) {
		h.trashed += n
	}
	if f.role(i)&(change|sign|reset) == 0 {
		return
	}
	if e.Flags.Has(fact.InSpam) {
		h.inSpam += n
	}
	if e.Flags.KnownRead() || e.Flags.KnownUnread() {
		h.changes += n
		h.unread += n * boolInt(e.Flags.KnownUnread())
	}
}

// thrown reports whether a message was thrown away: it lies in the trash, or somebody marked it deleted.
func thrown(f fact.Flags) bool { return f.Has(fact.InTrash) || f.Has(fact.Deleted) }
