package timeline

import (
	"strings"
	"time"
)

// Who holds somebody's mailbox, or the account at Google or Apple with which they sign in, resets the passwords of all others: a
// takeover often begins there. What such a brand wrote of who can get in, in the days before an incident, belongs to it. It is no sign
// of one by itself: after news of a leak people change all their passwords in one evening.

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
