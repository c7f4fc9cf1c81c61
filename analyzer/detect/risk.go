package detect

import (
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/brand"
)

// phone is a telephone number as people write it: international or North American form, Japanese free-dial and fixed
// lines, numbers with separators. Order numbers (3-7-7 digits) are none.
var phone = lazily(`(?:\+\d{1,3}[ .-]?)?\(?\b\d{3}\)?[ .-]\d{3}[ .-]\d{4}\b|\b0120-?\d{2,3}-?\d{3}\b|\b0\d{1,4}-\d{1,4}-\d{4}\b|\+\d{1,3}[ .-]\(?\d{1,4}\)?(?:[ .-]\d{2,4}){2,4}\b|\b1[- .]8\d{2}[- .]\d{3}[- .]\d{4}\b`)

// phoneDigits is the least number of digits in what phone matches.
const phoneDigits = 6

// phoneIn returns a telephone number of a folded text, or "". Digits in look-alike forms were folded before. The
// expression sees only rows of the characters it is made of that have digits enough, each with its neighbours.
func phoneIn(text string) string {
	if len(text) > 64<<10 {
		return ""
	}
	for at := 0; at < len(text); at++ {
		if !phoneBytes[text[at]] {
			continue
		}
		start := at
		for at < len(text) && phoneBytes[text[at]] {
			at++
		}
		if !mayBePhone(text[start:at]) {
			continue
		}
		if found := phone().FindString(text[max(0, start-1):min(len(text), at+1)]); found != "" {
			return strings.TrimSpace(found)
		}
	}
	return ""
}

// mayBePhone reports whether a row of the bytes that phone matches has digits enough and what all its forms have: a country's
// code, four digits that stand by themselves, or 0120 at the start of a group. Order numbers have none of these.
func mayBePhone(row string) bool {
	if len(row) < phoneDigits {
		return false
	}
	digits, group, sign := 0, 0, false
	for i := 0; i < len(row); i++ {
		switch c := row[i]; {
		case c >= '0':
			group++
			digits++
			sign = sign || group == 4 && row[i-3:i+1] == "0120"
		default:
			sign = sign || c == '+' || group == 4
			group = 0
		}
	}
	return digits >= phoneDigits && (sign || group == 4)
}

// phoneBytes are all bytes that phone matches.
var phoneBytes = func() (t [256]bool) {
	for _, c := range []byte("0123456789+-.() ") {
		t[c] = true
	}
	return t
}()

// Telephone numbers have 8 digits at least, where no word calls them so fewer, and 15 at most (ITU-T E.164 §6.2.1).
const (
	leastDialled = 8
	mostDialled  = 15
)

// dials reports whether a text has what can be a telephone number of any country. It is for places where words call the reader
// to telephone: a row of digits with a country's code, a trunk 0, or the groups that people write numbers in. Amounts, dates
// and order numbers have other forms.
func dials(text string) bool {
	for at := 0; at < len(text); at++ {
		if !phoneBytes[text[at]] {
			continue
		}
		start := at
		for at < len(text) && phoneBytes[text[at]] {
			at++
		}
		row := strings.Trim(text[start:at], " .-")
		groups := strings.FieldsFunc(row, func(r rune) bool { return r < '0' || r > '9' })
		digits := 0
		for _, g := range groups {
			digits += len(g)
		}
		if digits < leastDialled || digits > mostDialled || len(groups) == 3 && len(groups[0]) == 4 && len(groups[1]) <= 2 && len(groups[2]) <= 2 {
			continue
		}
		switch first := groups[0]; {
		case row[0] == '+', first[0] == '0' && len(groups) <= 6, len(groups) >= 3 && len(groups) <= 5 && len(first) <= 4 && digits >= 10, row[0] == '(' && digits >= 9:
			return true
		case len(groups) == 3 && digits == 9 && (first[0] == '8' || first[0] == '9') && first[1] == '0' && len(first) == 3:
			return true // a free or a premium number of southern Europe: 800 555 013
		case len(groups) == 1 && (digits == 10 || digits == 11 && first[0] == '1'):
			return true
		}
	}
	return false
}

// withPhone keeps the hits that have a telephone number near them, within 200 bytes.
func (s *scene) withPhone(hits []hit) []hit {
	var out []hit
	for _, h := range hits {
		from, to := max(0, h.at-200), min(len(s.text), h.at+300)
		if dials(s.text[from:to]) {
			out = append(out, h)
		}
	}
	return out
}

// contacts are words by which a seller leads a buyer off the marketplace, folded.
var contacts = []string{"wechat", "whatsapp", "telegram", "line id", "lineのid", "ラインid", "paypal.me", "paypalで返金", "western union", "zelle", "cash app", "gift card as payment", "refund you outside", "outside of amazon", "outside amazon", "directly to our email", "contact me at", "contact us directly at", "直接ご連絡", "amazonを通さず", "amazonを介さず", "レビューを削除", "低評価を削除", "remove your review", "change your review", "delete your review"}

// risks finds hostile text that came through the brand's own machines: what the verdict about the sender cannot say.
func risks(s *scene) {
	if !s.official && s.out.Alias == "" {
		return
	}
	tenant := hostUnder(s.host, "awsapps.com", "verificationemail.com")
	switch {
	case s.domain.Role == brand.Relay && strings.Contains(s.host, "sns."):
		if n := phoneIn(s.text); n != "" {
			s.add("risk.sns_callback", n)
		} else if len(s.hits[kindThreat])+len(s.hits[kindConfirm])+len(s.hits[kindPay]) > 1 {
			s.add("risk.tenant", s.host)
		}
	case tenant:
		s.add("risk.tenant", s.host)
	case s.domain.Role == brand.Relay:
		for _, c := range contacts {
			if i := strings.Index(s.text, c); i >= 0 {
				s.add("risk.seller_contact", s.around(i))
				break
			}
		}
	case s.invitation():
		if n := phoneIn(s.text); n != "" {
			s.add("risk.phone_in_invitation", n)
		} else if n := phoneIn(s.subject); n != "" {
			s.add("risk.phone_in_invitation", n)
		}
	case s.gift():
		// The giver's words travel with the gift. A thank-you note may hold a number; a bill with a number to cancel it is a trap.
		if n := phoneIn(s.text); n != "" && bill(s.text) {
			s.add("risk.phone_in_invitation", n)
		}
	}
	if s.domain.Role == brand.Relay {
		for i := range s.links {
			if l := &s.links[i]; l.acts() && !l.unsubscribe && !l.own {
				s.add("risk.unofficial_link", s.shownLink(l))
				break
			}
		}
	}
}

func hostUnder(host string, domains ...string) bool {
	for _, d := range domains {
		if host == d || strings.HasSuffix(host, "."+d) {
			return true
		}
	}
	return false
}

// bill reports whether a text speaks of money that was or will be taken, folded.
func bill(text string) bool {
	for _, w := range []string{"charged", "charge of", "cancel", "renew", "invoice", "refund", "unauthorized", "fraud", "請求", "引き落と", "解約", "不正", "返金", "abgebucht", "kundig", "rechnung", "annul", "debit", "cobro", "addebit", "cobran"} {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

// gift tells for mails by which the brand carries a gift card with the giver's own words.
func (s *scene) gift() bool {
	for _, w := range []string{"gift card", "egift", "e-gift", "gift!", "gift from", "sent you a gift", "ギフト券", "ギフトカード", "ギフトが届", "geschenk", "cheque-cadeau", "carte cadeau", "tarjeta regalo", "cheque regalo", "buono regalo", "vale-presente"} {
		if strings.Contains(s.subject, w) {
			return true
		}
	}
	return strings.Contains(s.text, "gift message")
}

// invitation tells for mails by which the brand carries a customer's words to another: invitations to a business
// account, a household, a shared list, and gift messages.
func (s *scene) invitation() bool {
	for _, w := range []string{"invitation", "invited you", "has invited", "invite", "招待", "einladung", "invitacion", "invito", "convite", "gift message", "shared a list", "shared with you"} {
		if strings.Contains(s.subject, w) {
			return true
		}
	}
	return strings.Contains(s.text, "has invited you") || strings.Contains(s.text, "invitation has been sent") || strings.Contains(s.text, "あなたを招待")
}
