package attention_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/attention"
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// An act is something that honest people do in an account, with how often. Where something is published it is named
// (see signs.toml); the other rates are ours, on the high side, and made to be argued about. A line of notices is
//
//	+TIME[~SPREAD] EVENT [options of timelinetest, # in an order number for one of this act, * for the count] [p=CHANCE] [x=N or x=N-M every=DURATION] [hour=LOCAL]
//
// TIME counts from the act; DEVICE is one of the owner's devices, NEW a new one that is his from then on, HOME where he
// lives, TOWN another town of his country, ABROAD another country, OWN and OTHER new addresses of his, like and unlike the
// one he has.
type act struct {
	name    string
	perYear float64
	why     string
	lines   string
}

var acts = []act{
	{"new phone", 0.35, "a phone is kept 4.4 years in Japan (signs.toml), less elsewhere, and tablets come too", `
+0m security.signed_in device=NEW near=HOME p=0.7
+3m security.device_registered device=NEW p=0.5
+20m security.phone_changed p=0.3
+5h order.placed p=0.5`},
	{"new number, two-step verification off and on", 0.08, "those who use it, at every second phone", `
+0m security.2sv_disabled
+60m~50m security.phone_changed
+2h~60m security.2sv_enabled
+9h order.placed p=0.5`},
	{"new number in place of the old one", 0.05, "who changes the provider", `
+0m security.phone_removed
+2m security.phone_changed`},
	{"new computer", 0.2, "a computer lasts five years", `
+0m security.signed_in device=NEW near=HOME`},
	{"own change of the password", 0.4, "77 % keep a password for a year and longer (signs.toml); and after news of leaks", `
+0m security.password_reset_requested device=DEVICE near=HOME p=0.4
+4m security.password_changed
+2h~2h order.placed p=0.4`},
	{"a new password at the mailbox", 0.2, "as often as others; the notice lies in the mailbox that it is about", `
+0m security.password_changed brand=google at=-`},
	{"new passwords everywhere", 0.1, "after news of leaks, and on an orderly day", `
+0m security.password_changed brand=google at=-
+15m~30m security.password_changed brand=apple at=- p=0.5
+1h~3h security.password_reset_requested device=DEVICE near=HOME p=0.5
+5h security.password_changed
+9h order.placed p=0.3`},
	{"a new telephone, at its maker too", 0.15, "", `
+0m security.phone_changed brand=apple at=- p=0.3
+1m security.2sv_changed brand=google at=- p=0.3
+1h security.signed_in device=NEW near=HOME
+2h security.phone_changed p=0.3`},
	{"forgotten password", 0.3, "of those who stay signed in for years", `
+0m security.password_reset_requested device=DEVICE near=HOME x=1-3 every=6m
+25m security.password_changed p=0.6`},
	{"somebody else's forgotten password", 0.3, "addresses are mistyped", `
+0m security.password_reset_requested device=Google_Chrome_Windows near=TOWN`},
	{"worried by a fake", 0.15, "one of seven a year", `
+0m fake security.account_locked
+2h~2h security.password_changed
+26h security.2sv_enabled p=0.3`},
	{"moving house", 0.12, "22 % in five years in Japan (signs.toml), more elsewhere", `
+0m account.address_changed
+60m account.payment_method_changed p=0.5
+3h~3h order.placed x=6-18 every=190m`},
	{"a present to a new address", 0.5, "", `
+0m account.address_changed
+10m order.placed`},
	{"new card", 0.4, "cards last four years, and there are two", `
+0m account.payment_declined p=0.2
+30m account.payment_method_changed
+26h statement.charge_notice x=1-2 every=7h p=0.2`},
	{"travel", 0.6, "", `
+0m security.signed_in device=DEVICE near=ABROAD p=0.4
+60m security.password_changed p=0.12
+20h order.placed p=0.3`},
	{"a new device bought abroad", 0.02, "", `
+0m security.signed_in device=NEW near=ABROAD
+20m security.device_registered device=NEW p=0.5`},
	{"a phone and a number bought abroad", 0.01, "who moves to another country, or stays there for long", `
+0m security.signed_in device=NEW near=ABROAD
+20m security.phone_changed p=0.5`},
	{"a tunnel that ends abroad", 0.5, "VPNs, and the proxies of phones' and browsers' makers", `
+0m security.signed_in device=DEVICE near=ABROAD
+10m security.passkey_added p=0.05
+20m security.password_changed p=0.05`},
	{"books for a journey, bought there", 0.15, "", `
+0m security.signed_in device=DEVICE near=ABROAD
+10m order.placed order=D01-1234567-000000* x=1-5 every=4m`},
	{"a tunnel, and another browser", 0.03, "", `
+0m security.signed_in device=NEW near=ABROAD
+26h order.placed p=0.5`},
	{"a spouse's phone", 0.1, "one account for two people", `
+0m security.signed_in device=NEW near=HOME
+5m account.address_changed p=0.3
+10m order.placed p=0.5`},
	{"a week in another town", 0.8, "", `
+0m security.signed_in device=DEVICE near=TOWN p=0.5
+30h order.placed p=0.3`},
	{"sale", 1.2, "twice a year, and not everybody", `
+0m order.placed x=4-11 every=13m hour=21
+26h order.cancelled p=0.1`},
	{"sale that begins at midnight", 0.3, "", `
+0m order.placed x=4-9 every=4m hour=0`},
	{"gift cards at Christmas", 0.5, "", `
+0m giftcard.sent x=1-5 every=5m hour=20`},
	{"gift cards late at night, after the password", 0.02, "", `
+0m security.password_changed hour=23
+90m giftcard.sent x=1-3 every=4m`},
	{"Prime on trial", 0.2, "", `
+0m prime.joined
+50h~40h prime.cancelled p=0.6`},
	{"Prime by mistake", 0.04, "", `
+0m prime.joined
+3h prime.cancelled`},
	{"a change of mind", 1, "", `
+0m order.placed order=C#-* x=2 every=7m
+5h order.cancelled order=C#-* x=1-2 every=3m`},
	{"wrongly locked", 0.03, "", `
+0m order.held p=0.5
+60m security.account_locked
+24h security.password_changed`},
	{"two-step verification on", 0.1, "", `
+0m security.2sv_enabled`},
	{"two-step verification off for good", 0.02, "", `
+0m security.2sv_disabled`},
	{"passkey", 0.15, "", `
+0m security.passkey_added`},
	{"an app", 0.1, "", `
+0m security.app_authorized`},
	{"household", 0.05, "", `
+0m account.household_changed`},
	{"another address like the old one", 0.03, "one change in ten years, and most keep their name", `
+0m security.email_changed new_email=OWN
+5m security.password_changed p=0.2`},
	{"another address, of another name", 0.015, "", `
+0m security.email_changed new_email=OTHER
+40m security.password_changed p=0.1
+26h order.placed p=0.3`},
	{"an address added", 0.03, "", `
+0m security.email_added`},
	{"a fake opened out of curiosity", 1, "", `
+0m fake account.payment_declined`},
	{"a fake opened, and a new phone", 0.03, "", `
+0m fake account.payment_declined
+20h security.device_registered device=NEW
+20h security.passkey_added p=0.5`},
	{"a backlog of mail in one hour", 0.1, "digests, lists, a provider's queue", `
+0m flood 150
+30m order.placed`},
	{"an order of which the confirmation is gone", 0.1, "", `
+0m order.shipped`},
	{"nobody's notices of attempts", 0.3, "", `
+0m security.signin_attempt`},
}

// likeATakeover are acts that their notices alone can't tell from a takeover: they are told of as possible ones, and counted
// with the lives.
var likeATakeover = []string{"a phone and a number bought abroad"}

// TestHonestActs: each act alone, in a mailbox that knows nothing of its owner and in one that does, read, unread, thrown
// away and of unknown state, by day and by night, at home and with whatever else is drawn: next to no incident, none that is
// sure, and nothing else that is grave.
func TestHonestActs(t *testing.T) {
	each := 10
	if testing.Short() {
		each = 3
	}
	runs, all := 0, 0
	for _, history := range []bool{false, true} {
		for _, treat := range []string{"read", "unread", "", "read trash"} {
			for k, a := range moreActs() {
				if slices.Contains(likeATakeover, a.name) {
					continue
				}
				n := 0
				for v := range each {
					out := alone(t, a, history, treat, uint64(100*k+v))
					for _, i := range out.Incidents {
						n++
						if i.Severity == finding.Critical {
							t.Errorf("%s (%s, history %v): incident %s %s", a.name, treat, history, i.Kind, i.Severity)
						}
					}
					for _, i := range out.Attention {
						if i.Incident == "" && i.Severity.Level() >= finding.High.Level() {
							t.Errorf("%s (%s, history %v): %s %s", a.name, treat, history, i.Kind, i.Severity)
						}
					}
				}
				runs, all = runs+each, all+n
				// What everybody does some day can look odd in every way at once: at night, unread, in another name.
				if n > 0 {
					t.Logf("%s (%s, history %v): %d of %d are incidents", a.name, treat, history, n, each)
				}
				if 3*n > each {
					t.Errorf("%s (%s, history %v): %d of %d are incidents", a.name, treat, history, n, each)
				}
			}
		}
	}
	t.Logf("%d of %d honest acts are incidents", all, runs)
	if 200*all > runs {
		t.Errorf("%d of %d honest acts are incidents", all, runs)
	}
}

// alone is what is concluded of an act alone, with years of an ordinary life around it or without.
func alone(t testing.TB, a act, history bool, treat string, seed uint64) attention.Output {
	l := newLife(seed)
	l.manner = manners[0]
	from := time.Date(2022, 1, 1, 0, 0, 0, 0, time.UTC)
	if history {
		l.live(from, from.AddDate(3, 0, 0), 0)
	}
	lines := strings.Split(strings.TrimSpace(a.lines), "\n")
	for i := range lines {
		if !strings.Contains(lines[i], " fake ") && !strings.Contains(lines[i], " flood ") {
			lines[i] += " " + treat
		}
	}
	if treat == "" {
		l.manner = manners[4]
	}
	l.do(from.AddDate(2, 0, 12+l.r.IntN(90)).Add(time.Duration(l.r.IntN(24))*time.Hour), strings.Join(lines, "\n"), true)
	return l.conclude(t)
}

// moreActs are the acts and some that live longer in memory than in numbers.
func moreActs() []act {
	return append(slices.Clone(acts), []act{
		{"a hole of 34 days after another address", 0, "", `
+0m security.email_changed new_email=OTHER
+816h order.placed x=8 every=99h`},
		{"gift cards at Christmas, late", 0, "", `
+0m giftcard.sent x=2-5 every=6m hour=0`},
		{"travel, password and orders", 0, "", `
+0m security.signed_in device=DEVICE near=ABROAD
+60m security.password_changed
+5h order.placed x=2 every=9m`},
		{"an opened fake, and the owner's own reset", 0, "", `
+0m fake account.payment_declined
+3h security.password_reset_requested device=DEVICE near=HOME
+184m security.password_changed`},
		{"a phone in three days", 0, "", `
+0m security.phone_removed
+3h security.phone_changed
+4h security.2sv_disabled
+5h security.2sv_enabled
+26h security.device_registered device=NEW
+27h security.passkey_added
+50h security.app_authorized`},
		{"a wrongly locked account, held orders, a new password", 0, "", `
+0m order.placed order=L#-* x=2 every=9m
+3h order.held
+5h security.account_locked
+20h security.password_changed
+26h order.placed`},
	}...)
}
