package detect

import (
	"slices"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/hostname"
)

// claims finds claims that are worth something only from a sender who shows no name of its own: a product for the brand, the
// brand's picture or legal line, a host dressed as the brand's, a purchase and a number to call. A gym called Prime, a bank
// that tells of a payment to the brand and a shop that sells there say who they are, and their link, number and domain are
// their own; so none of this is a claim there.
func claims(s *scene) {
	s.hostClaim()
	s.demandClaim()
	if !s.unnamed() {
		return
	}
	s.productClaim()
	s.greetingClaim()
	if s.faceless() || s.lone() || s.anonymous() && s.elsewhere() {
		s.pictureClaim()
	}
	if !s.faceless() {
		return
	}
	s.callback()
	s.letter()
}

// unnamed reports whether nothing shows whose message it is: the sender's domain is not named in the text, its links are not
// its own, and no list, newsletter, forward or discussion explains why a stranger speaks of the brand.
func (s *scene) unnamed() bool {
	return !s.ownLinks() && !s.excused()
}

// shortLabel is the shortest label of a domain that is looked for in text; shorter ones stand in many words.
const shortLabel = 4

// reservedLabel is the label that nobody has (RFC 2606 §3).
const reservedLabel = "example"

// namesItself reports whether the text or the subject has the label of the sender's own domain.
func (s *scene) namesItself() bool {
	if s.host == "" || s.t.free[s.host] {
		return false
	}
	label, _, _ := strings.Cut(hostname.Registrable(s.host), ".")
	if len(label) < shortLabel || s.t.namesNobody(label) || label == reservedLabel {
		return false
	}
	for _, part := range append(strings.FieldsFunc(label, func(r rune) bool { return r < 'a' || r > 'z' }), strings.ReplaceAll(label, "-", " ")) {
		if len(part) < shortLabel+1 || s.t.namesNobody(part) {
			continue
		}
		if s.tells(part) || tells(s.subject, part) {
			return true
		}
	}
	return false
}

// faceless reports whether the display name says no more than that somebody serves customers: "Customer Support", 「お知らせ」.
func (s *scene) faceless() bool {
	name := squeeze(s.name)
	for _, w := range s.t.joined {
		name = strings.ReplaceAll(name, w, "")
	}
	return s.genericName(strings.Trim(name, " .,!|:・-_【】[]()"))
}

// productClaim weighs a product's name as the sender's or at the head of the subject, beside a call to pay for it.
func (s *scene) productClaim() {
	pays := len(s.hits[kindPay])+len(s.hits[kindLogin]) > 0 || s.deadline() || s.subjectSays.any(setOf(kindPay, kindLogin))
	if !s.brand.Can(brand.Products) || !pays && !(s.faceless() && len(s.hits[kindConfirm]) > 0) {
		return
	}
	label, _, _ := strings.Cut(hostname.Registrable(s.host), ".")
	for _, w := range s.words.Products {
		if isASCII(w) && strings.Contains(label, strings.ReplaceAll(w, " ", "")) {
			return // whose domain bears the word bears it itself
		}
	}
	if pays && s.nameOf(s.name) == "product" {
		s.addAs("brand.display_name", finding.Strong, s.from.Name)
	}
	if s.productSubject() {
		s.addAs("brand.subject", finding.Strong, s.m.Subject)
	}
}

// productSubject reports whether the subject is headed by a product of the brand: in brackets, or as a membership of it.
func (s *scene) productSubject() bool {
	for _, w := range s.words.Products {
		if bracketed(s.subject, w) || membership(s.markedSubject, w) {
			return true
		}
	}
	return false
}

// bracketed reports whether a folded subject begins with a word in brackets, alone or as that of members.
func bracketed(subject, word string) bool {
	for _, open := range []string{"【", "[", "「"} {
		if rest, ok := strings.CutPrefix(subject, open); ok {
			rest = strings.TrimLeft(rest, " ")
			if rest, ok = strings.CutPrefix(rest, word); ok {
				rest = strings.TrimLeft(rest, " ")
				return strings.HasPrefix(rest, "】") || strings.HasPrefix(rest, "]") || strings.HasPrefix(rest, "」") || strings.HasPrefix(rest, "会員")
			}
		}
	}
	return false
}

func membership(subject, word string) bool {
	return strings.Contains(subject, word+"会員") || strings.Contains(subject, word+"会费")
}

// hostClaim finds links to act whose host begins with a domain of the brand, or that write one before an at sign: the host is
// what the reader is shown of where the link leads.
func (s *scene) hostClaim() {
	if !s.calls() || s.excused() {
		return
	}
	for i := range s.links {
		l := &s.links[i]
		if l.official || l.benign || !l.acts() || l.unsubscribe || l.rec.From == "image" {
			continue
		}
		if s.brandDomainIn(l.host) || s.brandDomainIn(l.u.userinfo+".x") || s.dressed(l.host) && (s.faceless() || s.lone() || s.anonymous() && s.onlyHost() != "") {
			s.addAs("brand.link_text", finding.Strong, s.shownLink(l))
			return
		}
	}
}

// dressed reports whether a label of a host is made to look like the brand's name or has it beside other words: amaz0n-verify,
// amazon-delivery.
func (s *scene) dressed(host string) bool {
	if _, _, ok := s.in.Brands.Lookup(host); ok {
		return false // the brand's own, or a place that it lets to customers
	}
	for _, label := range strings.Split(host, ".") {
		for _, part := range strings.FieldsFunc(label, func(r rune) bool { return r == '-' || r == '_' }) {
			if len(part) < 5 || slices.Contains(s.words.Not, part) {
				continue
			}
			for _, w := range s.words.Near {
				if isASCII(w) && len(w) >= 5 && strings.Contains(part, w) || len(w) >= brand.Slips && isASCII(w) && hostname.Slip(part, w) {
					return true
				}
			}
		}
	}
	return false
}

// brandDomainIn reports whether a domain of the brand stands in a host as whole labels that are not its end.
func (s *scene) brandDomainIn(host string) bool {
	for _, d := range s.brand.Domains {
		if d.Role != brand.Retail && d.Role != brand.Service {
			continue
		}
		if i := strings.Index(host, d.Name); i >= 0 && (i == 0 || host[i-1] == '.' || host[i-1] == '-') && i+len(d.Name) < len(host) && (host[i+len(d.Name)] == '.' || host[i+len(d.Name)] == '-') {
			return true
		}
	}
	return false
}

// greetingClaim: who greets the reader as the brand's customer and demands something speaks as the brand.
func (s *scene) greetingClaim() {
	hits := s.voice(kindGreeting)
	if len(hits) == 0 && s.faceless() {
		hits = s.voice(kindThanks) // a shop thanks for using the brand too, and says which shop it is
	}
	if len(hits) > 0 && (s.deadline() || len(s.hits[kindLogin])+len(s.hits[kindPay]) > 0) {
		s.addAs("brand.body", finding.Strong, s.around(hits[0].at))
	}
}

// counterparty are words before the brand's name where it is whom money was paid to: what banks write.
var counterparty = []string{" to ", " at ", " bei ", " an ", " chez ", " a ", " en ", " presso ", " bij ", " w ", " hos ", "merchant: ", "merchant ", "payee ", "利用先:", "利用店名:", "ご利用先"}

// callback finds a purchase with the brand that the reader is to undo by telephone.
func (s *scene) callback() {
	hits := s.withPhone(s.hits[kindCall])
	if len(hits) == 0 || s.party() || s.named == 0 && !strings.Contains(s.markedSubject, mark) {
		return
	}
	claims := strings.Contains(s.markedSubject, mark)
	for from := 0; !claims; {
		i := strings.Index(s.text[from:], mark)
		if i < 0 {
			break
		}
		i += from
		claims = !s.paidTo(i)
		from = i + len(mark)
	}
	if claims && (len(s.hits[kindThreat])+len(s.voice(kindGreeting))+len(s.voice(kindThanks))+len(s.hits[kindAccount])+len(s.hits[kindPrime])+len(s.hits[kindSign]) > 0 || money(s.text)) {
		s.addAs("brand.body", finding.Strong, s.around(hits[0].at))
	}
}

// paidTo reports whether the brand's name at a place of the text is that of whom money was paid to.
func (s *scene) paidTo(at int) bool {
	return slices.ContainsFunc(counterparty, func(w string) bool { return strings.HasSuffix(s.text[:at], w) })
}

// money reports whether a text names an amount.
func money(text string) bool {
	for _, sign := range []string{"$", "€", "£", "¥", "₹", "₩", "₺"} {
		if i := strings.Index(text, sign); i >= 0 && strings.ContainsAny(text[i:min(len(text), i+len(sign)+3)], "0123456789") {
			return true
		}
	}
	for _, unit := range []string{"円", "원", "元", " usd", " eur", " kr", " zl", " tl", "€"} {
		if i := strings.Index(text, unit); i > 1 && (text[i-1] >= '0' && text[i-1] <= '9' || text[i-1] == ' ' && text[i-2] >= '0' && text[i-2] <= '9') {
			return true
		}
	}
	return false
}

// letter finds messages that are the brand's by their looks: its picture, its name where a letter has its head, its legal
// line. They count beside a call to act, where no link leads to the brand.
func (s *scene) letter() {
	if !s.calls() || s.trademark() {
		return
	}
	for i := range s.links {
		if l := &s.links[i]; l.official && l.acts() {
			return
		}
	}
	for _, k := range []kind{kindFooter, kindSign} {
		if hits := s.voice(k); len(hits) > 0 {
			s.addAs("brand.signature", finding.Strong, s.around(hits[len(hits)-1].at))
			return
		}
	}
	demands := len(s.hits[kindThreat])+len(s.hits[kindLogin])+len(s.hits[kindPay])+len(s.hits[kindConfirm])+len(s.hits[kindScan]) > 0
	if !demands {
		return
	}
	if s.letterhead() || s.headed() || len(s.hits[kindScan]) > 0 && s.named > 0 {
		s.addAs("brand.signature", finding.Strong, s.brand.Name)
		return
	}
}

// pictureClaim finds messages that show the brand's picture and not who writes, and demand something of the reader or say
// nothing at all: the picture is their letterhead.
func (s *scene) pictureClaim() {
	if !s.calls() || s.trademark() {
		return
	}
	asked := s.subjectSays | s.saysOfText()
	if !asked.any(demands) && len(s.text) > 0 {
		return
	}
	for i := range s.links {
		if l := &s.links[i]; l.official && l.acts() {
			return
		}
	}
	for _, src := range s.m.HTML.Images {
		if b := s.pictured(src, s.text == ""); b == s.brand {
			s.addAs("brand.picture", finding.Strong, src)
			return
		}
	}
}

// pictured returns the brand whose own picture a source is: one of its letterhead, or also one of goods, which all show who write
// of them. What its customers keep on its hosts is theirs.
func (s *scene) pictured(src string, goods bool) *brand.Brand {
	t, ok := parseTarget(src)
	if !ok || !goods && (strings.HasPrefix(t.path, "/images/I/") || strings.HasPrefix(t.path, "/images/P/")) {
		return nil
	}
	if b, d, ok := s.in.Brands.Lookup(t.host); ok && (d.Role == brand.Assets || d.Role == brand.Retail) {
		return b
	}
	return nil
}

// demands are the kinds of phrases of who wants something of the reader.
var demands = setOf(kindThreat, kindTrouble, kindDemand, kindLogin, kindPay, kindConfirm, kindScan)

// saysOfText are the kinds of phrases in the text.
func (s *scene) saysOfText() (found kindSet) {
	for k, hits := range s.hits {
		if len(hits) > 0 {
			found |= setOf(kind(k))
		}
	}
	return found
}

// trademark reports whether the text says whose trademark the brand's name is: what others write who give its gift cards away.
func (s *scene) trademark() bool {
	return strings.Contains(s.text, "trademark") || strings.Contains(s.text, "商標")
}

// headed reports whether the text begins with the brand's name, as it does where a logo has the name for its text.
func (s *scene) headed() bool {
	return s.m.HTML.Present && strings.HasPrefix(s.text, mark) && s.named == 1
}
