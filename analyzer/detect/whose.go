package detect

import (
	"slices"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/hostname"
)

// What shows whose message it is that speaks of a brand without bearing its name: banks tell of payments to it, shops of payments
// through its service, carriers of its parcels, offices and services of all kinds of its orders and accounts.

// behindParty are words behind the brand's name where it is whom money was paid to: what Japanese and Korean banks write. The merchant's
// name may go on before them (AMAZON DOWNLOADS), and the amount may stand there.
var behindParty = []string{"でのご利用", "での利用", "でのお支払", "での決済", "でのご購入", "での購入", "にてご利用", "のご利用分", "への支払", "へのお支払", "에서 결제"}

// Behind the brand's name: its payment service, which shops speak of that take it, and cards that others issue under its name. What the
// reader has at that service is the brand's again.
var (
	service = []string{"payments", "pay", "ペイ", "store card", "credit card", "visa", "mastercard", "クレジットカード"}
	held    = []string{"account", "konto", "compte", "cuenta", "conta", "アカウント", "账户", "계정"}
)

// behindReach is how far behind the brand's name words of payment stand that belong to it, in bytes.
const behindReach = 48

// amountReach is how far before the brand's name an amount stands that was paid to it, in bytes.
const amountReach = 60

// party reports whether the text names the brand as a party to a payment and as nothing else, as banks and shops do: whom an amount
// was paid to, or through whose service. A sender whose domain is nobody's is no bank.
func (s *scene) party() bool {
	if s.t.free[s.host] || s.domainOfNobody() || strings.Contains(s.markedSubject, mark) && s.subjectSays.any(setOf(kindObject, kindNotice)) {
		return false
	}
	named := false
	for from := 0; from < len(s.text); {
		i := strings.Index(s.text[from:], mark)
		if i < 0 {
			break
		}
		i += from
		from = i + len(mark)
		named = true
		behind := s.text[from:min(len(s.text), from+behindReach)]
		paid := s.paidTo(i) && money(s.text[max(0, i-amountReach):i]) || holds(behind, behindParty) || usedAt(behind)
		if !paid && !throughService(behind) {
			return false
		}
	}
	return named
}

// throughService reports whether what stands behind the brand's name makes it the name of its payment service, or of a card.
func throughService(behind string) bool {
	behind = strings.TrimLeft(behind, " -")
	for _, w := range service {
		if rest, ok := strings.CutPrefix(behind, w); ok && (rest == "" || !letter(rest[0])) {
			rest = strings.TrimLeft(rest, " -")
			return !slices.ContainsFunc(held, func(h string) bool { return strings.HasPrefix(rest, h) })
		}
	}
	return false
}

// usedAt reports whether an amount was used at whom stands before: 「…にて12,800円のご利用」.
func usedAt(behind string) bool {
	at, _, ok := strings.Cut(behind, "円の")
	return ok && (strings.Contains(at, "で") || strings.Contains(at, "にて"))
}

// holds reports whether one of some words stands in a text.
func holds(text string, words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) })
}

// placed reports whether all that the message has its reader go to is known: the sender's own pages, those of a house of the
// same name, or of a carrier or another service that strangers' mail leads to.
func (s *scene) placed() bool {
	some := false
	for i := range s.links {
		l := &s.links[i]
		if l.rec.From == "image" || l.unsubscribe || !l.acts() && !l.benign {
			continue
		}
		if !l.own && !l.benign && !s.kin(l.host) {
			return false
		}
		some = true
	}
	return some
}

// sharedPart is the length, in bytes, from which on a part of a domain's label is a name.
const sharedPart = 4

// kin reports whether a host is what another service gives to the house that the sender's domain names: acme.service.example of
// acme-corp.example. Words that name nobody, and the brand's, are no such name.
func (s *scene) kin(host string) bool {
	label, _, _ := strings.Cut(hostname.Registrable(s.host), ".")
	tenant := strings.Split(strings.TrimSuffix(host, hostname.Registrable(host)), ".")
	for _, own := range append(strings.Split(label, "-"), label) {
		if len(own) >= sharedPart && !s.t.namesNobody(own) && slices.Contains(tenant, own) && !slices.ContainsFunc(s.words.Near, func(w string) bool { return strings.Contains(own, w) }) {
			return true
		}
	}
	return false
}

// domainOfNobody reports whether the sender's domain says nothing of whose it is: words of notices, and rows of letters too short
// for a name.
func (s *scene) domainOfNobody() bool {
	label, _, _ := strings.Cut(hostname.Registrable(s.host), ".")
	for _, part := range strings.FieldsFunc(label, func(r rune) bool { return r == '-' || r >= '0' && r <= '9' }) {
		if len(part) >= sharedPart && !s.t.namesNobody(part) && !rare(part) {
			return false
		}
	}
	return true
}

// anonymous reports whether nothing in the text says who writes: no word of the display name that is a name stands in it.
func (s *scene) anonymous() bool {
	name := squeeze(s.name)
	for _, w := range strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune(" .,-_&|/()[]\"'", r) }) {
		if len(w) >= 3 && !s.t.namesNobody(w) && s.tells(w) {
			return false
		}
	}
	return true
}

// tells reports whether a word stands in the text as a word, and not in an address of a page.
func (s *scene) tells(word string) bool { return tells(s.text, word) }

func tells(text, word string) bool {
	for from := 0; from < len(text); {
		i := strings.Index(text[from:], word)
		if i < 0 {
			return false
		}
		i += from
		from = i + len(word)
		start := strings.LastIndexByte(text[:i], ' ') + 1
		if token := text[start:i]; bounded(text, i, from) && !strings.Contains(token, "://") && !strings.HasPrefix(token, "www.") {
			return true
		}
	}
	return false
}
