package detect

import (
	"strings"
	"unicode/utf8"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/hostname"
)

// rivals finds other organisations that the message names as its sender. Fakes are built from each other: sentences of
// the last victim stay in the page, often hidden. A message poses as whom its sender and subject name.
func rivals(s *scene) {
	if s.official {
		return
	}
	count := func(text string, weight int) {
		s.t.rivals.Find(text, func(n, at int) bool {
			name := s.t.rivals.Literal(n)
			if bounded(text, at, at+len(name)) && !s.brandWord(name) {
				s.rivals += weight
				if s.rival == "" {
					s.rival = name
				}
			}
			return s.rivals < 1000
		})
	}
	count(s.name, 20)
	count(s.subject, 8)
	head := s.rivals
	for i, l := range s.lines {
		if i > 400 {
			break
		}
		count(l.folded, 1)
	}
	// The sender's own words decide: a rival in name or subject while the brand is in neither; or in the text alone, where
	// it is named more often than the brand and the brand neither sends nor stands in the subject.
	if s.nameOf(s.name) != "" || strings.Contains(s.markedSubject, mark) || s.nameOf(s.local) != "" {
		s.rival = ""
		return
	}
	if head == 0 && s.rivals <= s.named*2 || s.rivals == 0 {
		s.rival = ""
	}
}

// brandWord reports whether a rival's name is a word of the brand itself: Santander stands behind Amazon's German card.
func (s *scene) brandWord(name string) bool {
	for _, w := range s.brand.Words {
		if strings.Contains(w.Text, name) || strings.Contains(name, w.Text) {
			return true
		}
	}
	return false
}

// context finds what makes a message that names the brand one that does not pose: lists, newsletters, discussions, and
// senders who speak in their own name.
func context(s *scene) {
	h := &s.m.Header
	if s.rival != "" {
		s.add("context.rival", s.rival)
	}
	if s.m.ListID != "" || h.Get("List-Post") != "" || h.Get("X-Mailman-Version") != "" || strings.EqualFold(h.Get("Precedence"), "list") {
		s.add("context.list", s.m.ListID)
	} else if h.Get("List-Unsubscribe") != "" || strings.EqualFold(h.Get("Precedence"), "bulk") {
		s.add("context.newsletter", h.Get("List-Unsubscribe"))
	}
	if s.thirdParty(s.host) {
		s.add("context.third_party", s.host)
	}
	if why := s.discussion(); why != "" {
		s.add("context.discussion", why)
	}
	if why := s.ownName(); why != "" {
		s.add("context.own_domain", why)
	} else if why := s.ownVoice(); why != "" {
		s.add("context.own_domain", why)
	}
	if why := s.namesake(); why != "" {
		s.add("context.namesake", why)
	}
}

// namesake reports whether the message speaks of the river and the forest that bear Amazon's name, and of no account,
// order or membership: who asks for donations to save them poses as nobody.
func (s *scene) namesake() string {
	if !s.brand.Can(brand.Namesake) || s.official || len(s.hits[kindSign])+len(s.hits[kindGreeting])+len(s.hits[kindAccount])+len(s.hits[kindPrime])+len(s.hits[kindFooter]) > 0 {
		return ""
	}
	if hits := s.hits[kindRegion]; len(hits) > 0 {
		return s.around(hits[0].at)
	}
	for _, text := range []string{s.name, s.subject} {
		if s.says(s.squeezeMarked(text)).any(setOf(kindRegion)) {
			return text
		}
	}
	return ""
}

// Words around a sender's name by which a text speaks in that name, folded.
var (
	ownAfter  = []string{"をご利用", "のご利用", "です", "でございます", "にログイン", "アカウント", "会員", "ポイント", "より", "をご登録", "に登録", "からのお知らせ", "事務局", "をご愛顧"}
	ownBefore = []string{"using ", "choosing ", "welcome to ", "your ", "the ", "team ", "© ", "log in to ", "login to ", "sign in to ", "ihr ", "ihre ", "bei ", "von ", "votre ", "chez ", "su ", "tu ", "tuo ", "equipo ", "equipe ", "open "}
)

// ownVoice reports whether the text speaks in the name that the sender bears, which is not the brand's: "for using …",
// "…にログイン". Japanese senders' names never stand in their domains.
func (s *scene) ownVoice() string {
	name := squeeze(s.name)
	if s.official || s.via || s.out.Forward != "" || s.nameOf(s.name) != "" || s.genericName(s.name) {
		return ""
	}
	for _, w := range s.brand.Words {
		if w.Kind != "not" && strings.Contains(name, w.Text) {
			return ""
		}
	}
	// Who greets, thanks or signs as the brand speaks in the brand's voice, whatever name stands beside it.
	for _, kind := range []kind{kindGreeting, kindThanks, kindSign} {
		if len(s.voice(kind)) > 0 {
			return ""
		}
	}
	for _, w := range s.t.joined {
		name = strings.ReplaceAll(name, w, "")
	}
	name = strings.TrimSpace(name)
	if latin := isASCII(name); latin && len(name) < 4 || !latin && utf8.RuneCountInString(name) < 3 {
		return ""
	}
	for from := 0; from < len(s.text); {
		i := strings.Index(s.text[from:], name)
		if i < 0 {
			return ""
		}
		i += from
		before, after := s.text[:i], s.text[i+len(name):]
		for _, w := range ownAfter {
			if strings.HasPrefix(after, w) {
				return s.around(i)
			}
		}
		for _, w := range ownBefore {
			if strings.HasSuffix(before, w) {
				return s.around(i)
			}
		}
		from = i + len(name)
	}
	return ""
}

// genericName reports whether a display name consists of words that anybody may use: "Support", "Account Team".
func (s *scene) genericName(name string) bool {
	words := strings.FieldsFunc(name, func(r rune) bool { return r == ' ' || r == '-' || r == '_' || r == '.' || r == '&' })
	for _, w := range words {
		if !s.t.namesNobody(w) {
			return false
		}
	}
	return true
}

// joinedRoles reports whether a word is two that anybody may use, joined: "zahlungsabteilung", "kundenzentrum".
func (t *tables) joinedRoles(w string) bool {
	for i := 4; i+4 <= len(w); i++ {
		if t.generic[w[i:]] && (t.generic[w[:i]] || w[i-1] == 's' && t.generic[w[:i-1]]) {
			return true
		}
	}
	return false
}

// discussion tells for messages in which people talk: patches, replies that quote, reports of fakes.
func (s *scene) discussion() string {
	if s.reports {
		return s.m.Subject
	}
	subject := strings.ToLower(s.m.Subject)
	for _, m := range []string{"[patch", "[rfc", "[bug "} {
		if strings.Contains(subject, m) {
			return s.m.Subject
		}
	}
	if strings.Contains(s.text, "signed-off-by:") || strings.Contains(s.text, "diff --git ") {
		return "signed-off-by"
	}
	inReply := s.m.Header.Get("In-Reply-To") != "" || s.m.Header.Get("References") != ""
	if s.reply && inReply && (s.quoted > 0 || strings.Contains(s.text, " wrote:") || strings.Contains(s.text, "schrieb")) {
		return s.m.Subject
	}
	if s.quoted > 3 && s.quoted*3 > len(s.lines) {
		return ">"
	}
	// Who warns of fakes names and quotes them. Fakes warn too, and then have a link to log in.
	for i := range s.links {
		if l := &s.links[i]; l.acts() && l.calls && !l.own {
			return ""
		}
	}
	if warns(s.subject) {
		return s.m.Subject
	}
	return ""
}

// warnings are words of those who report fakes or warn of them, folded.
var warnings = []string{
	"phishing", "fake amazon", "fake mail", "fake e-mail", "scam", "awareness", "spoofing", "spam report", "faux mail", "hameconnage", "arnaque", "betrug", "estafa", "truffa", "oszustwo", "golpe",
	"フィッシング", "偽メール", "なりすまし", "装った", "装う", "かたる", "騙る", "迷惑メール報告", "不審なメール", "詐欺", "钓鱼", "釣魚",
}

func warns(folded string) bool {
	for _, w := range warnings {
		if strings.Contains(folded, w) {
			return true
		}
	}
	return false
}

// ownName reports whether the sender speaks in a name of its own: the domain's label stands in the display name, and is
// neither the brand's nor a word that anybody may use ("support", "account").
func (s *scene) ownName() string {
	if s.official || s.host == "" || s.name == "" || s.t.free[s.host] || s.via || s.faceless() {
		return ""
	}
	registrable := hostname.Registrable(s.host)
	if hostname.Private(s.host) {
		return ""
	}
	label, _, _ := strings.Cut(registrable, ".")
	if s.ownLabel(label) {
		s.hearsay = true
		return s.from.Name + " <" + s.from.Address + ">"
	}
	if len(label) < 4 || s.t.generic[label] {
		return ""
	}
	for _, part := range strings.Split(label, "-") {
		if _, _, like := hostname.LookAlike(part+".example", s.hostWords(), s.words.Not...); like {
			return ""
		}
	}
	compact := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" .-'&", r) {
			return -1
		}
		return r
	}, s.name)
	if strings.Contains(compact, strings.ReplaceAll(label, "-", "")) {
		return s.from.Name + " <" + s.from.Address + ">"
	}
	return ""
}

// ownLabel reports whether a domain's label is a name of an issuer whose domains are known from hearsay only: its mail from
// a domain that the list lacks is likelier than a fake that got hold of the very name.
func (s *scene) ownLabel(label string) bool {
	for _, d := range s.brand.Domains {
		if d.Confidence == brand.H {
			return false
		}
	}
	label = strings.Trim(label, "0123456789")
	for _, w := range s.brand.Texts("name", "product") {
		if len(label) >= 4 && strings.ReplaceAll(w, " ", "") == label {
			return true
		}
	}
	return false
}
