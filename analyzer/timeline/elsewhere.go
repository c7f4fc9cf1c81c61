package timeline

import (
	"strings"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// Who holds somebody's mailbox, or the account at Google or Apple with which they sign in, resets the passwords of all others: a
// takeover often begins there. What such a brand wrote of who can get in, in the days before an incident, belongs to it. It is no sign
// of one by itself: after news of a leak people change all their passwords in one evening. That nobody read of it is one.

// keysBefore is how long before the first step of a story a change at the mailbox belongs to it: within the days of a victim's story.
const keysBefore = window

// key is the id of the brand that wrote an entry where that holds keys of other accounts; "" else.
func (f *finder) key(i uint32) string {
	if b := f.Entries[i].Brand; int(b) < len(f.Keys) {
		return f.Keys[b]
	}
	return ""
}

// elsewhere is what was written of the person's mailbox or sign-in before a story that begins at first, in the order of time. An
// account that holds keys itself has none elsewhere.
func (f *finder) elsewhere(l *ledger, first int64) (list []uint32) {
	if len(f.keys) == 0 || f.key(l.notices[0]) != "" {
		return nil
	}
	for _, i := range f.between(f.keys, first-seconds(keysBefore), first+seconds(time.Hour)) {
		to := f.Accounts[f.Entries[i].Account].Address
		if !f.claims[i] && (strings.EqualFold(to, l.account.Address) || f.Own[strings.ToLower(to)] && f.Own[strings.ToLower(l.account.Address)]) {
			list = append(list, i)
		}
	}
	return list
}

// Key reports whether an event is a change of who can get in, where keys to other accounts are held. Of a brand that is not
// audited nothing else belongs to a story: people sign in on new telephones every year.
func Key(e finding.Event) bool {
	switch e {
	case finding.PasswordChanged, finding.EmailChanged, finding.EmailAdded, finding.PhoneChanged, finding.PhoneRemoved,
		finding.TwoSVDisabled, finding.TwoSVChanged, finding.PasskeyAdded, finding.AccountChanged, finding.TakeoverResponse:
		return true
	}
	return false
}

// weighKeys finds what an unread change elsewhere weighs. It counts only beside a change of who can get in here.
func (f *finder) weighKeys(l *ledger, s *story) {
	if s.all&access == 0 {
		return
	}
	for _, i := range f.elsewhere(l, s.first) {
		e := &f.Entries[i]
		switch {
		case !Key(f.event(e)) || !e.Flags.KnownUnread() && !e.Flags.Has(fact.InSpam):
		case f.resetUsed(l, e.Time, s):
			s.signs.add("elsewhere.reset")
		default:
			s.signs.add("elsewhere.unread")
		}
	}
}

// resetUsed reports whether, after a change elsewhere at t and before the end of a story, a reset of the password was asked
// for, used within an hour, and neither was read: what whoever is in the mailbox does next.
func (f *finder) resetUsed(l *ledger, t int64, s *story) bool {
	for _, i := range f.between(l.notices, t, s.last) {
		if e := &f.Entries[i]; s.unread && f.role(i)&reset != 0 && (e.Flags.KnownUnread() || e.Flags.Has(fact.InSpam)) && f.followed(l, i) {
			return true
		}
	}
	return false
}
