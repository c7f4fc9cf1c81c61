package detect

import (
	"net/url"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/hostname"
	"github.com/mailaudit/mailaudit/analyzer/message"
	"github.com/mailaudit/mailaudit/analyzer/script"
)

// link is one link with what is known of where it leads.
type link struct {
	rec         finding.Link
	u           unwrapped
	host        string // final host
	official    bool
	own         bool // below the sender's own domain
	benign      bool // linked from all kinds of mail, or the mailing list's own
	unsubscribe bool
	calls       bool // its text or address is that of a login or payment page
	alike       string
	text        string // folded text
}

// acts reports whether a link may be what the message wants followed.
func (l *link) acts() bool {
	return !l.official && !l.benign && l.rec.From != "image" && l.u.last != "benign"
}

// readLinks reads all links: those of the text and HTML, of forms, and those that attachments and QR codes hold.
func readLinks(s *scene) {
	carried := s.attachmentLinks()
	n := min(len(s.m.Links)+len(carried), s.in.Limits.Links)
	s.links = make([]link, 0, min(n, usualLinks))
	seen := make(map[string]int, min(n, usualLinks))
	for _, list := range [][]message.Link{s.m.Links, carried} {
		for i := range list {
			if len(s.links) >= s.in.Limits.Links {
				return
			}
			s.readLink(&list[i], seen)
		}
	}
}

// maxTarget is how much of a link's target a record holds, in bytes.
const maxTarget = 2000

// usualLinks is as many different links as most messages have at most.
const usualLinks = 32

// readLink reads one link. The same target is read once; a text that names a host is kept over one that does not.
func (s *scene) readLink(ml *message.Link, seen map[string]int) {
	if ml.Source == "base" {
		return
	}
	if i, ok := s.known(seen, ml.Target); ok {
		if l := &s.links[i]; len(l.rec.Shown) == 0 || hostInText(ml.Shown) != "" && hostInText(l.rec.Shown) == "" {
			l.rec.Shown, l.text = quote(ml.Shown), script.Fold(ml.Shown)
			l.calls = l.calls || s.says(s.squeezeMarked(l.text)).any(callsOfLinks) || button(l.text)
		}
		return
	}
	n := len(s.links)
	s.links = append(s.links, link{})
	l := &s.links[n]
	if !s.unwrapInto(&l.u, s.absolute(ml.Target)) {
		s.links = s.links[:n]
		return
	}
	seen[ml.Target] = n
	l.host, l.text = l.u.host, script.Fold(script.Cut(ml.Shown, 500))
	l.rec = finding.Link{
		Shown: quote(ml.Shown), Target: script.Cut(ml.Target, maxTarget), Final: script.Cut(l.u.final, maxTarget),
		Host: l.u.host, Chain: l.u.chain, From: ml.Source,
	}
	switch ml.Source {
	case "area", "refresh":
		l.rec.From = "html"
	}
	s.weighLink(l)
}

// known reports whether a target was read and where it stands. Mostly it is the one before: goods are shown by a picture and
// a name, both of which lead to them. A target that was cut for the record is no longer it.
func (s *scene) known(seen map[string]int, target string) (i int, ok bool) {
	if last := len(s.links) - 1; last >= 0 && len(target) < maxTarget-utf8.UTFMax && s.links[last].rec.Target == target {
		return last, true
	}
	i, ok = seen[target]
	return i, ok
}

// weighLink tells whose a link is and what it is for.
func (s *scene) weighLink(l *link) {
	u, at := &l.u, l.u.at
	l.official = at.official && !u.odd && !u.slash
	if l.official && at.brand != s.brand {
		// Another brand's own host is not official for this one; but it is nobody's fake either.
		l.official, l.benign = brand.Related(s.brand, at.brand), true
	}
	l.rec.Official = l.official
	l.own = at.own
	l.benign = l.benign || u.last == "benign" && !l.official || at.list || at.domain.Role == brand.Assets
	// The text alone tells of the end of a subscription, the text with the brand's name marked of calls to act.
	plain, marked := squeeze(l.text), s.squeezeMarked(l.text)
	said := s.says(plain)
	l.unsubscribe = said.any(unsubscribe) || u.signs.have(unsubscribes)
	if marked != plain {
		said = s.says(marked)
	}
	l.calls = said.any(callsOfLinks) || button(l.text) || u.signs.have(actsByPath) || strings.Contains(u.query, "openid")
	if !l.official && at.brand != s.brand {
		l.alike = s.lookAlike(at)
	}
}

// absolute puts a relative link below the page's <base>, as mail programs do.
func (s *scene) absolute(to string) string {
	if s.m.HTML.Base == "" || len(to) > maxURL || strings.HasPrefix(to, "#") {
		return to
	}
	base, err := url.Parse(s.m.HTML.Base)
	if err != nil {
		return to
	}
	ref, err := url.Parse(to)
	if err != nil || ref.IsAbs() {
		return to
	}
	return base.ResolveReference(ref).String()
}

// buttons are texts of links that say nothing but what a page to log in or pay is for, folded.
var buttons = map[string]bool{
	"log in": true, "login": true, "sign in": true, "sign-in": true, "signin": true, "verify": true, "pay now": true,
	"anmelden": true, "einloggen": true, "jetzt anmelden": true, "se connecter": true, "me connecter": true, "connexion": true,
	"iniciar sesion": true, "entrar": true, "accedi": true, "inloggen": true, "zaloguj sie": true, "logga in": true, "giris yap": true,
	"ログイン": true, "サインイン": true, "ログインする": true, "支払う": true, "登录": true, "登入": true, "立即登录": true,
}

// longestButton is the length of the longest of these texts, in bytes.
var longestButton = func() (n int) {
	for text := range buttons {
		n = max(n, len(text))
	}
	return n
}()

// button reports whether a link's text, folded, is one of these, whatever arrows stand beside it.
func button(text string) bool {
	if len(text) > longestButton {
		// Only the bytes at its ends can make it shorter: those of the marks that are trimmed, first and last ones.
		if strings.IndexByte(" .!>:\xc2\xe2", text[0]) < 0 && strings.IndexByte(" .!>:\xbb\xba\x92", text[len(text)-1]) < 0 {
			return false
		}
	}
	return text != "" && buttons[strings.Trim(text, " .!>»›→:")]
}

// callsOfLinks are the kinds of phrases by which a link's own text calls to log in, pay, confirm or claim.
var callsOfLinks = setOf(kindLogin, kindPay, kindConfirm, kindClaim)

// unsubscribe is the kind of phrases that offer to end a subscription.
var unsubscribe = setOf(kindUnsubscribe)

// linkSignals judges the links together. "Official or not" decides; what a host looks like only adds. A link off the
// official hosts means something where the message poses, and where it is the link that the reader is to follow.
func linkSignals(s *scene) {
	for i := range s.links {
		s.judgeLink(&s.links[i])
	}
	s.nothingOfficial()
}

// nothingOfficial finds a message under the brand's own address that calls to act and has no link to the brand at all.
// The brand's machines never send such mail; its employees, who write to lists and partners, do not call to act.
func (s *scene) nothingOfficial() {
	if !s.official || !s.brand.Can(brand.Hosts) || s.relay() || !s.m.HTML.Present || !s.calls() || s.has("context.discussion") || s.has("context.list") || s.has("link.unofficial_host") {
		return
	}
	var foreign *link
	for i := range s.links {
		l := &s.links[i]
		switch {
		case l.official || s.brandHost(l.host) || l.u.last == "tracker":
			return
		case l.acts() && !l.unsubscribe && foreign == nil:
			foreign = l
		}
	}
	if foreign != nil {
		s.addAs("link.unofficial_host", finding.Medium, s.shownLink(foreign))
	}
}

// judgeLink judges where a link leads, how it is written, and what it shows.
func (s *scene) judgeLink(l *link) {
	if len(l.u.chain) >= 4 {
		s.add("link.nested", l.rec.Target)
	}
	if l.official || l.rec.From == "image" {
		return
	}
	shown := l.rec.Target
	if l.rec.Final != "" {
		shown = l.rec.Final
	}
	poses := s.posing.claims() || s.official || s.carried
	s.dressedLink(l, poses)
	s.writtenOddly(l, shown)
	s.showsAnother(l)
	if !poses && !s.posing.any() || l.benign || l.unsubscribe && !l.calls {
		return
	}
	acting := l.calls || s.calls() && !s.official
	if acting && (!l.own || !s.has("context.own_domain")) {
		id := map[string]string{"qr": "qr.unofficial_host", "attachment": "attachment.unofficial_host"}[l.rec.From]
		if id == "" {
			id = "link.unofficial_host"
		}
		s.addAs(id, s.actingStrength(l, poses), s.shownLink(l))
	}
	s.manner(l, shown)
}

// dressedLink judges a host that is made to look like the brand's.
func (s *scene) dressedLink(l *link, poses bool) {
	if l.alike == "" || l.benign || l.own && s.hearsay {
		return
	}
	strength := finding.Strong
	if l.alike == hostname.Part && !poses {
		strength = finding.Medium
	}
	s.addAs("link.look_alike", strength, l.host)
	if !s.official && s.language != "" && !s.has("context.rival") && !s.has("context.namesake") {
		s.addAs("brand.link_text", finding.Medium, l.host)
	}
}

// writtenOddly judges a target that hides its host from the reader.
func (s *scene) writtenOddly(l *link, shown string) {
	if l.u.userinfo != "" {
		strength := finding.Medium
		if strings.Contains(l.u.userinfo, ".") {
			strength = finding.Strong
		}
		s.addAs("link.userinfo", strength, shown)
	}
	if l.u.slash {
		s.add("link.slash", shown)
	}
}

// showsAnother judges a link whose text is an address that it does not lead to.
func (s *scene) showsAnother(l *link) {
	mismatch := s.mismatch(l)
	if mismatch == "" {
		return
	}
	s.addAs("link.text_mismatch", finding.Strength(mismatch), l.rec.Shown+" → "+l.host)
	if mismatch == string(finding.Strong) && !s.official && !s.has("context.rival") {
		s.addAs("brand.link_text", finding.Medium, l.rec.Shown)
	}
}

// actingStrength weighs a link to act off the official hosts.
func (s *scene) actingStrength(l *link, poses bool) finding.Strength {
	switch {
	case s.official && l.u.last == "tracker":
		return finding.Medium
	case !poses:
		return s.lureStrength(l)
	case s.official && (!l.calls || s.domain.Confidence != brand.H):
		// The lists of an issuer that is known from hearsay are not complete: a host that is missing there shows little.
		return finding.Weak
	}
	return finding.Strong
}

// lureStrength weighs a link to act in a message that makes one medium claim only. Bulk mail in the sender's own name
// names brands too and links to its own pages; a threat, or a promise to who was chosen, is no bulk mail.
func (s *scene) lureStrength(l *link) finding.Strength {
	// Who gives away cards of the brand has pages of its own.
	threatens := s.deadline() || s.has("brand.prize") && !s.ownLinks()
	bulk := s.has("context.newsletter") || s.ownLinks() || l.u.last == "tracker"
	pays := len(s.hits[kindLogin])+len(s.hits[kindPay]) > 0 || button(l.text)
	own := s.has("context.own_domain") || s.has("context.third_party") || s.has("context.rival") || s.has("context.discussion")
	switch {
	case own:
	case s.bearsProduct() && pays:
		return finding.Strong
	case pays && len(s.voice(kindGreeting))+len(s.voice(kindThanks)) > 0:
		// Nobody but the brand thanks for using the brand; that the links lead to the sender's own pages makes it no bulk mail.
		bulk = s.has("context.newsletter")
	}
	switch {
	case threatens && !bulk:
		return finding.Strong
	case threatens || !bulk:
		return finding.Medium
	}
	return finding.Weak
}

// bearsProduct reports whether the display name is a product's name that only the brand has ("Audible", "Prime Video"), at
// a domain that does not bear it. "Prime" and "Alexa" are names of shops and people too.
func (s *scene) bearsProduct() bool {
	for _, w := range s.words.Products {
		if w == "prime" || w == "alexa" || w == "プライム" || !s.brand.Can(brand.Products) {
			continue
		}
		if strings.HasPrefix(s.name, w) && bounded(s.name, 0, len(w)) && productName(s.name, w) && !strings.Contains(s.host, strings.ReplaceAll(w, " ", "")) {
			return true
		}
	}
	return false
}

// shownLink shows a link as text and host.
func (s *scene) shownLink(l *link) string {
	if l.rec.Shown != "" && l.rec.Shown != l.rec.Target {
		return "«" + script.Cut(l.rec.Shown, 80) + "» → " + l.host
	}
	return l.host
}

// manner adds what the form of a link tells, which no brand's own link has.
func (s *scene) manner(l *link, shown string) {
	u := &l.u
	if hostname.IsIP(l.host) {
		s.add("link.ip", shown)
	}
	if u.odd {
		s.addAs("link.idn", finding.Strong, u.rawHost)
	} else if strings.Contains(l.host, "xn--") {
		s.add("link.idn", hostname.Unicode(l.host))
	}
	if u.port != "" && u.port != "80" && u.port != "443" {
		s.add("link.port", shown)
	}
	if r := s.recipientIn(u); r != "" {
		s.add("link.recipient_in_query", shown)
	}
	for _, k := range u.kinds {
		if k == "open" {
			s.add("link.redirector", l.rec.Target)
		}
	}
	role := u.at.domain.Role
	switch {
	case s.official && role == brand.Short && s.brandHost(l.host) && s.onlyOfficial():
		// The brand shortens its own links.
	case u.last == "short" || role == brand.Short:
		s.add("link.shortener", shown)
	case u.last == "tracker":
		s.add("link.tracker", l.host)
	case u.last == "cloud" || hostname.Private(l.host) || role == brand.Customer:
		s.add("link.cloud_tenant", l.host)
	}
}

// recipientIn returns the reader's address where the link carries it, plain, encoded or in base64.
func (s *scene) recipientIn(u *unwrapped) string {
	for i, a := range s.m.To {
		if i >= 3 || len(a.Address) < 6 {
			continue
		}
		address := strings.ToLower(a.Address)
		text := strings.ToLower(u.path + "?" + u.query)
		if strings.Contains(text, address) || strings.Contains(text, strings.Replace(address, "@", "%40", 1)) {
			return address
		}
	}
	return ""
}

// mismatch compares a text that reads as an address with where the link leads, by registrable domain, and returns how
// strongly they differ: "strong" where the text shows an official host, "medium" for another one, "" for agreement.
// Rewriters were unwrapped; click trackers put their own host behind every link of honest newsletters.
func (s *scene) mismatch(l *link) string {
	host := hostInText(l.text)
	if host == "" || l.host == "" {
		return ""
	}
	showsOfficial := s.in.Brands.Official(host)
	if hostname.Registrable(host) == hostname.Registrable(l.host) || l.own && !showsOfficial && !s.posing.any() {
		return ""
	}
	switch {
	case showsOfficial && s.in.Brands.Official(l.host):
		return ""
	case l.u.last == "tracker" && !s.posing.claims(), l.u.last == "short" && !showsOfficial:
		return ""
	case showsOfficial:
		return string(finding.Strong)
	case s.posing.any():
		return string(finding.Medium)
	}
	return ""
}

// hostInText returns the host that a link's text shows, where the text is an address and not a sentence.
func hostInText(text string) string {
	text = strings.TrimSpace(text)
	if strings.IndexByte(text, '.') < 0 || strings.IndexByte(text, ' ') >= 0 || strings.IndexByte(text, '\n') >= 0 || strings.IndexByte(text, '@') >= 0 {
		return ""
	}
	if text = strings.ToLower(text); len(text) > 500 {
		return ""
	}
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	t, ok := parseTarget(text)
	if !ok || hostname.IsIP(t.host) || !strings.Contains(t.host, ".") {
		return ""
	}
	// "amazon.co.jp" is an address, "readme.txt" or "3.5" is none: the end must be a public suffix.
	if !hostname.Listed(t.host) || hostname.Suffix(t.host) {
		return ""
	}
	return t.host
}

// ownLinks reports whether the message's links lead to the sender's own domain, or through a mail service in its name, as
// those of honest bulk mail do.
func (s *scene) ownLinks() bool {
	own, other := 0, 0
	for i := range s.links {
		l := &s.links[i]
		switch {
		case l.rec.From == "image" || l.benign || l.unsubscribe:
		case l.own:
			own++
		case l.official || l.u.last == "tracker":
		default:
			other++
		}
	}
	return own > 0 && own >= other
}

// keepLinks chooses the links of a record: those that count against the message first, then others off the official
// hosts, then the rest, each group in the order of the message.
func keepLinks(links []link, n int) []finding.Link {
	if len(links) == 0 {
		return nil
	}
	order := make([]int, len(links))
	for i := range order {
		order[i] = i
	}
	rank := func(l *link) int {
		switch {
		case l.alike != "" || l.acts() && l.calls:
			return 0
		case l.acts():
			return 1
		case l.official && l.calls:
			return 2
		}
		return 3
	}
	if len(links) > n {
		sort.SliceStable(order, func(a, b int) bool { return rank(&links[order[a]]) < rank(&links[order[b]]) })
		order = order[:n]
		sort.Ints(order)
	}
	out := make([]finding.Link, 0, len(order))
	for _, i := range order {
		out = append(out, links[i].rec)
	}
	return out
}
