package attention_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/mailaudit/mailaudit/analyzer/attention"
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// A story is a takeover with its truth: it must be told as one item of at least its severity that holds the events named.
// Lines are those of acts; FAR is a place where the owner never was, STRANGE a device he never had, THEIRS an address that is
// not his.
type story struct {
	name     string
	severity finding.Severity
	holds    string // events, all of which the item holds
	lines    string
	known    bool // it can be told only where the mailbox shows how the owner lives: his places and devices, and what a flood is
}

var stories = []story{
	{"the founding story", finding.Critical, "prime.joined order.placed security.takeover_response", `
+0m prime.joined unread hour=2
+9m order.placed order=S-* x=3 every=4m unread
+80m prime.cancelled unread
+2h order.cancelled order=S-* x=2 every=1m unread
+3h security.account_changed unread
+9h security.takeover_response unread
+5h security.password_changed read`, false},
	{"Amazon's word alone", finding.Critical, "security.takeover_response", `
+0m security.takeover_response read`, false},
	{"Amazon's word five days after", finding.Critical, "security.password_changed security.takeover_response", `
+0m security.password_changed unread
+1h giftcard.sent x=2 every=3m unread
+120h security.takeover_response unread`, false},
	{"a handover without a purchase, opened later", finding.High, "security.2sv_disabled security.password_changed security.email_changed", `
+0m security.signed_in device=STRANGE near=FAR read hour=3
+2m security.2sv_disabled read
+4m security.password_changed read
+6m security.email_changed new_email=THEIRS read`, false},
	{"the same, unread", finding.High, "security.2sv_disabled security.password_changed security.email_changed", `
+0m security.signed_in device=STRANGE near=FAR unread hour=3
+2m security.2sv_disabled unread
+4m security.password_changed unread
+6m security.email_changed new_email=THEIRS unread`, false},
	{"a reset that was used, and the e-mail address", finding.High, "security.password_changed security.email_changed", `
+0m security.password_reset_requested device=STRANGE near=FAR unread hour=4
+3m security.password_changed unread
+8m security.email_changed new_email=THEIRS unread`, false},
	{"the mailbox first, then a reset", finding.High, "security.password_changed account.address_changed order.placed", `
-50m security.password_changed brand=google at=- unread
+0m security.password_reset_requested unread
+4m security.password_changed unread
+9m account.address_changed unread
+20m order.placed x=3 every=4m unread`, false},
	{"the telephone's account first, then a handover", finding.High, "security.signed_in security.password_changed security.email_changed", `
-20h security.email_changed brand=apple at=- unread
+0m security.signed_in device=STRANGE near=FAR unread hour=3
+2m security.password_changed unread
+6m security.email_changed new_email=THEIRS unread`, false},
	{"gift cards at night", finding.MediumS, "giftcard.sent", `
+0m giftcard.sent x=7 every=4m unread hour=3`, false},
	{"codes within the hour", finding.High, "security.signed_in order.placed", `
+0m security.signed_in device=STRANGE near=FAR unread hour=2
+6m order.placed order=D01-1234567-000000* x=5 every=4m unread`, true},
	{"gift cards at night after the password", finding.High, "security.password_changed giftcard.sent", `
+0m security.signed_in device=STRANGE near=FAR unread hour=2
+5m security.password_changed unread
+12m giftcard.sent x=7 every=3m unread`, false},
	{"slowly, over three weeks", finding.High, "account.address_changed security.email_added giftcard.sent", `
+0m security.signed_in device=STRANGE near=FAR unread hour=2
+96h account.address_changed unread
+216h account.payment_method_changed unread
+360h security.email_added unread
+480h giftcard.sent x=7 every=4m unread`, false},
	{"a fake opened, and in", finding.High, "security.signed_in security.password_changed", `
+0m fake security.account_locked
+5h security.signed_in device=STRANGE near=FAR unread
+310m security.password_changed unread
+6h order.placed x=3 every=5m unread`, false},
	{"a seller's bank account", finding.High, "seller.changed security.email_changed", `
+0m security.signed_in device=STRANGE near=FAR unread hour=2
+8m seller.changed entry=ja.seller_changed unread
+15m security.email_changed new_email=THEIRS unread`, false},
	{"a seller's bank account alone", finding.MediumS, "seller.changed", `
+0m seller.changed entry=en.seller_changed unread`, false},
	{"an AWS key", finding.High, "aws.security", `
+0m aws.security entry=en.aws_exposed unread`, false},
	{"a flood of resets", finding.MediumS, "security.password_reset_requested", `
+0m security.password_reset_requested device=STRANGE near=FAR x=12 every=8m unread hour=2
+7h security.password_changed read`, false},
	{"the same, read since", finding.MediumS, "security.password_reset_requested", `
+0m security.password_reset_requested device=STRANGE near=FAR x=12 every=8m read hour=2
+7h security.password_changed read`, false},
	{"charges through Amazon Pay after a new card", finding.MediumS, "account.payment_method_changed statement.charge_notice", `
+0m account.payment_method_changed unread hour=2
+20m statement.charge_notice x=5 every=9m unread`, false},
	{"a new address and a flood of orders, opened since", finding.MediumS, "account.address_changed order.placed", `
+0m account.address_changed read hour=3
+6m order.placed x=40 every=5m read`, false},
	{"a bomb of mail around a new password", finding.High, "security.password_changed", `
+0m security.password_changed unread
+0m flood 400
+15m order.placed x=2 every=4m unread`, true},
	{"the same, read since", finding.High, "security.password_changed", `
+0m security.password_changed read
+0m flood 400
+15m order.placed x=2 every=4m read`, true},
	{"order mails thrown away as read", finding.High, "security.password_changed order.placed", `
+0m security.signed_in device=STRANGE near=FAR read trash hour=1
+4m security.password_changed read trash
+9m order.placed order=S-* x=3 every=4m read trash
+5h order.shipped read trash`, false},
	{"the address moved, and silence", finding.High, "security.email_changed security.password_changed", `
+0m security.password_changed unread
+4m security.email_changed new_email=THEIRS unread
+5m silence`, true},
	{"e-mail and password at once, then orders", finding.High, "security.password_changed security.email_changed", `
+0m security.password_changed unread
+3m security.email_changed new_email=THEIRS unread
+20m order.placed x=3 every=5m unread`, false},
	{"the same, and the owner read it in the morning", finding.High, "security.password_changed security.email_changed", `
+0m security.password_changed read hour=3
+3m security.email_changed new_email=THEIRS read
+20m order.placed x=3 every=5m read`, false},
	{"the phone is theirs", finding.High, "security.phone_changed giftcard.sent", `
+0m security.signed_in device=STRANGE near=FAR unread hour=2
+5m security.phone_changed unread
+7m security.password_changed unread
+40m giftcard.sent x=7 every=2m unread`, false},
	{"the last factor goes, a passkey comes", finding.High, "security.2sv_disabled security.passkey_added", `
+0m security.signed_in device=STRANGE near=FAR unread hour=2
+5m security.2sv_disabled unread
+9m security.passkey_added unread
+15m security.password_changed unread`, false},
	{"Amazon held the orders and locked the account", finding.High, "security.account_locked", `
+0m security.signed_in device=STRANGE near=FAR unread
+4m security.password_changed unread
+30m order.placed x=3 every=6m unread
+2h order.held unread
+3h security.account_locked unread`, true},
	{"in spam by a filter of theirs", finding.High, "security.email_changed giftcard.sent", `
+0m security.password_changed unread spam
+5m security.email_changed new_email=THEIRS unread spam
+30m giftcard.sent x=7 every=3m unread spam`, false},
	{"two visits within ten days are one story", finding.High, "security.email_changed security.phone_changed", `
+0m security.signed_in device=STRANGE near=FAR unread
+2m security.email_changed new_email=THEIRS unread
+200h security.phone_changed unread
+200h security.password_changed unread`, false},
	{"Prime joined and left, orders cancelled, at night", finding.High, "security.account_changed prime.joined", `
+0m security.account_changed unread spam hour=1
+10m prime.joined unread
+20m order.placed order=S-* x=3 every=3m unread
+90m prime.cancelled unread
+95m order.cancelled order=S-* x=3 every=1m unread`, false},
	{"to an address that looks like the owner's", finding.High, "security.password_changed security.email_changed", `
+0m security.signed_in device=STRANGE near=FAR unread hour=3
+4m security.password_changed unread
+6m security.email_changed new_email=hanako.7741@mail-anon.example unread`, true},
	{"an address added, and gift cards to it", finding.High, "security.email_added giftcard.sent", `
+0m security.signed_in device=STRANGE near=FAR unread
+10m security.email_added unread
+50m giftcard.sent x=7 every=2m unread`, false},
}

var far = []string{"Lagos,_Nigeria", "Kyiv,_Ukraine", "Hanoi,_Vietnam", "Bucharest,_Romania", "São_Paulo,_Brazil"}

var theirs = []string{"kx77@mail.example.ru", "qqzz.4471@mail.example.cn", "vwop@post.example.ru"}

// strangeFor is a device that the owner never had.
func strangeFor(l *life) string {
	for _, d := range []string{"Mozilla_Firefox_Linux", "Google_Chrome_Chrome_OS", "Tizen_TV"} {
		if !slices.Contains(l.devices, d) {
			return d
		}
	}
	return "X11"
}

// told reports whether a story is told as it is to be, and what of it was.
func told(out *attention.Output, l *life, s story) (bool, string) {
	list := map[string]string{} // id: event
	n := 0
	in := sceneOf(l)
	of := make(map[string]bool)
	for _, m := range l.marks {
		of[m] = true
	}
	for i := range in.Entries {
		e := &in.Entries[i]
		ev := string(finding.Events()[e.Event])
		if of[e.When().Format("2006-01-02 15:04")+" "+ev] {
			list[e.ID()] = ev
		}
	}
	right := false
	var all []string
	for _, a := range out.Attention {
		holds := make(map[string]bool)
		for _, id := range a.Messages {
			if ev, ok := list[id]; ok {
				holds[ev] = true
			}
		}
		if len(holds) == 0 {
			continue
		}
		all = append(all, fmt.Sprintf("%s %s", a.Kind, a.Severity))
		if a.Severity.Level() < s.severity.Level() {
			continue
		}
		n++
		right = true
		for _, ev := range strings.Fields(s.holds) {
			right = right && holds[ev]
		}
	}
	return right && n == 1, strings.Join(all, ", ")
}

// tellStory writes a life of three years with a story in it.
func tellStory(seed uint64, s story) *life {
	l := newLife(seed)
	if l.manner.carrier { // nothing can be verified: another test
		l.manner = manners[0]
	}
	from := time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC)
	at := from.AddDate(2, 3, l.r.IntN(60)).Add(12 * time.Hour)
	if seed%4 == 3 && !s.known {
		fmt.Fprintf(&l.b, "span %s %s\n", from.Format("2006-01-02"), from.AddDate(3, 0, 0).Format("2006-01-02")) // nothing else is known of the owner
	} else {
		l.live(from, from.AddDate(3, 0, 0), 0.5)
	}
	l.end = time.Time{}
	lines := strings.NewReplacer("FAR", far[l.r.IntN(len(far))], "STRANGE", strangeFor(l), "THEIRS", theirs[l.r.IntN(len(theirs))]).Replace(s.lines)
	if before, _, ok := strings.Cut(lines, "\n+5m silence"); ok {
		lines = before
		l.cut(at.Add(24 * time.Hour))
	}
	l.do(at, lines, true)
	return l
}

// cut takes away what came for the account after a time: other mail goes on.
func (l *life) cut(t time.Time) {
	var kept []string
	for _, line := range strings.Split(l.b.String(), "\n") {
		if strings.HasPrefix(line, "2") && line[:16] > t.Format("2006-01-02 15:04") && !strings.Contains(line, "impersonation") {
			continue
		}
		kept = append(kept, line)
	}
	l.b.Reset()
	l.b.WriteString(strings.Join(kept, "\n"))
}

// TestStories: takeovers of many kinds in lives of many people, each told as one item. It prints what it measured.
func TestStories(t *testing.T) {
	each := 12
	if testing.Short() {
		each = 6
	}
	right := 0
	for k, s := range stories {
		n := 0
		for v := range each {
			l := tellStory(uint64(1000*k+v), s)
			out := l.conclude(t)
			ok, what := told(&out, l, s)
			if ok {
				n++
			} else {
				t.Logf("%s, %d (%s): %s", s.name, 1000*k+v, l.manner.name, what)
			}
		}
		right += n
		// One in six may be lost in what else happens in a life; a kind that is not told is a defect.
		if 6*n < 5*each {
			t.Errorf("%s: %d of %d told as one item", s.name, n, each)
		}
	}
	all := each * len(stories)
	t.Logf("%d of %d stories of %d kinds told as one item", right, all, len(stories))
	if 100*right < 95*all {
		t.Errorf("%d of %d stories are told as they are to be", right, all)
	}
}

// TestUnrelatedMail: advertising, statements of others and another account's mail change no incident and no question.
func TestUnrelatedMail(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := stories[rapid.IntRange(0, len(stories)-1).Draw(rt, "story")]
		seed := uint64(rapid.IntRange(0, 1_000_000).Draw(rt, "seed"))
		l := tellStory(seed, s)
		before := l.conclude(t)
		r := rand.New(rand.NewPCG(seed, 2))
		from := time.Date(2021, 1, 2, 0, 0, 0, 0, time.UTC)
		for range 60 {
			when := from.Add(time.Duration(r.IntN(3*360*24*60)) * time.Minute).Format("2006-01-02 15:04")
			fmt.Fprintf(&l.b, "%s %s\n", when, []string{
				"genuine marketing read at=" + homes[l.at].market, "mention other", "genuine statement.issued brand=smbc-card read", "impersonation order.placed unread to=taro@example.jp",
				"genuine security.password_changed unread to=taro@example.jp at=fr", "genuine order.placed read order=T-* to=taro@example.jp at=fr",
				"genuine security.password_changed brand=google at=- unread to=taro@example.jp", "genuine security.signed_in near=Lagos,_Nigeria device=Chrome_Windows unread to=taro@example.jp at=fr", "genuine giftcard.sent unread to=taro@example.jp at=fr",
			}[r.IntN(9)])
		}
		after := l.conclude(t)
		if a, b := ours(&before), ours(&after); a != b {
			rt.Fatalf("%s, %d: unrelated mail changed what is told:\n%s\n%s", s.name, seed, a, b)
		}
	})
}

// ours are the incidents and questions of the owner as text.
func ours(out *attention.Output) string {
	var b strings.Builder
	for _, i := range out.Incidents {
		if !strings.HasPrefix(i.Account, "taro@") {
			fmt.Fprintln(&b, i.ID, i.Kind, i.Severity, i.Messages, i.Story)
		}
	}
	for _, a := range out.Attention {
		if (a.Kind == attention.Question || a.Incident != "") && !strings.HasPrefix(a.Account, "taro@") {
			fmt.Fprintln(&b, a.ID, a.Kind, a.Severity, a.Tell, a.Messages, a.Why)
		}
	}
	return b.String()
}

// TestIDsStay: an incident keeps its id when mail is appended, and when its notices are read since.
func TestIDsStay(t *testing.T) {
	for k, s := range stories {
		for v := range 3 {
			l := tellStory(uint64(500*k+v), s)
			before := l.conclude(t)
			text := l.b.String()
			for _, change := range []struct{ says, text string }{
				{"appended", text + "\n2024-01-03 09:00 genuine order.placed read order=Z-1 at=" + homes[l.at].market +
					"\n2024-02-03 09:00 genuine security.password_changed read at=" + homes[l.at].market + "\n2024-02-04 09:00 genuine marketing read\n"},
				{"read since", strings.ReplaceAll(text, " unread", " read")},
			} {
				l.b.Reset()
				l.b.WriteString(change.text)
				after := l.conclude(t)
				for _, i := range before.Incidents {
					same := slices.ContainsFunc(after.Incidents, func(o finding.Incident) bool { return o.ID == i.ID })
					shares := slices.ContainsFunc(after.Incidents, func(o finding.Incident) bool {
						return slices.ContainsFunc(o.Messages, func(id string) bool { return slices.Contains(i.Messages, id) })
					})
					if !same && shares {
						t.Errorf("%s, %d, %s: the incident %s has another id", s.name, 500*k+v, change.says, i.Kind)
					}
					// What rests on more than reading stays an incident.
					if !same && !shares && (i.Kind == "mail_bomb" || i.Kind == "password_reset_unasked") {
						t.Errorf("%s, %d, %s: the incident %s is gone", s.name, 500*k+v, change.says, i.Kind)
					}
				}
			}
		}
	}
}
