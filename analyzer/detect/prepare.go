package detect

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/hostname"
	"github.com/mailaudit/mailaudit/analyzer/script"
	"github.com/mailaudit/mailaudit/analyzer/sender"
)

// prepare joins the folded lines into one text in which the names of the brand are marked, and finds all phrases in it
// in one pass. The subject is marked likewise.
func (s *scene) prepare() {
	size := 0
	for i := range s.lines {
		size += len(s.lines[i].folded) + 1
	}
	sq := squeezer{b: make([]byte, 0, size)}
	s.starts = make([]line, len(s.lines))
	for i, l := range s.lines {
		s.starts[i] = line{len(sq.b), l.raw}
		s.named += s.writeMarked(&sq, l.folded)
		sq.space = true
	}
	s.text, s.services = string(sq.b), sq.services
	s.t.phrases.Find(s.text, func(n, at int) bool {
		kind := s.t.kind[n]
		if p := s.t.phraseText(n); len(s.hits[kind]) < 40 && wholeWord(s.text, p, at) {
			s.hits[kind] = append(s.hits[kind], hit{p, at})
		}
		return true
	})
	s.markedSubject = s.squeezeMarked(s.subject)
	s.subjectSays = s.says(s.markedSubject)
	s.language = script.Language(script.Cut(s.text, 8<<10), s.subject)
}

// foldLines folds the lines of the text that the sender wrote, without quotations of other messages.
func (s *scene) foldLines() {
	text := s.m.Text
	if strings.TrimSpace(text) == "" {
		text = s.m.Plain
	}
	text = clip(text)
	if len(text) < attachmentText {
		text += s.attachedText()
	}
	s.rawText = text
	s.lines = make([]foldedLine, 0, strings.Count(text, "\n")+1)
	// All lines are folded at once; folding keeps line ends.
	rest := script.Fold(strings.ReplaceAll(text, mark, ""))
	s.foldedText = rest
	macros := mayHoldMacro(rest)
	for more := true; more; {
		var raw, folded string
		raw, text, more = strings.Cut(text, "\n")
		folded, rest, _ = strings.Cut(rest, "\n")
		if strings.HasPrefix(strings.TrimLeft(raw, " "), ">") {
			s.quoted++
			continue
		}
		if macros && mayHoldMacro(folded) {
			folded = s.dropMacros(folded)
		}
		if !blank(folded) {
			s.lines = append(s.lines, foldedLine{raw, folded})
		}
	}
}

// blank tells for text of white space alone.
func blank(text string) bool {
	for _, r := range text {
		if !unicode.IsSpace(r) {
			return false
		}
	}
	return true
}

// clip keeps the head and the tail of a text.
func clip(text string) string {
	if len(text) <= textHead+textTail {
		return text
	}
	head, tail := script.Cut(text, textHead), text[len(text)-textTail:]
	for len(tail) > 0 && !utf8.RuneStart(tail[0]) {
		tail = tail[1:]
	}
	return head + "\n" + tail
}

func (t *tables) phraseText(n int) string { return t.phrases.Literal(n) }

// findName returns where in a folded text, from at on, the next name of the brand stands, with a marketplace's domain
// behind it; start is -1 where there is none.
func (s *scene) findName(folded string, at int) (start, end int) {
	for i := at; i < len(folded); i++ {
		if !s.words.MarkAt(folded, i) {
			continue
		}
		n := 0
		for _, name := range s.words.Marks {
			if len(name) > n && strings.HasPrefix(folded[i:], name) && bounded(folded, i, i+len(name)) {
				n = len(name)
			}
		}
		if n > 0 && !s.behindName(folded, i, n) {
			return i, i + n + marketplace(folded[i+n:])
		}
	}
	return -1, -1
}

// behindName reports whether n bytes of a folded text at i are a service of the brand with the brand's name before it: "amazon
// prime video" names the brand once.
func (s *scene) behindName(folded string, i, n int) bool {
	if !slices.Contains(s.words.Own, folded[i:i+n]) {
		return false
	}
	before := strings.TrimRight(folded[max(0, i-longestName):i], " -")
	return slices.ContainsFunc(s.words.Names, func(name string) bool { return strings.HasSuffix(before, name) })
}

// longestName is longer than any name of a brand, in bytes.
const longestName = 64

// writeMarked squeezes folded text in which names of the brand are replaced by the mark, and counts them.
func (s *scene) writeMarked(sq *squeezer, folded string) (names int) {
	at := 0
	for {
		start, end := s.findName(folded, at)
		if start < 0 {
			sq.write(folded[at:])
			return names
		}
		sq.write(folded[at:start])
		sq.write(mark)
		if slices.Contains(s.words.Accounts, folded[start:end]) {
			sq.services = append(sq.services, len(sq.b)-len(mark))
		}
		names++
		at = end
	}
}

// squeezeMarked squeezes folded text in which names of the brand are replaced by the mark.
func (s *scene) squeezeMarked(folded string) string {
	if start, _ := s.findName(folded, 0); start < 0 {
		return squeeze(folded)
	}
	sq := squeezer{b: make([]byte, 0, len(folded)+len(mark))}
	s.writeMarked(&sq, folded)
	return string(sq.b)
}

// markNames replaces names of the brand in folded text by the mark.
func (s *scene) markNames(folded string) string {
	start, end := s.findName(folded, 0)
	if start < 0 {
		return folded
	}
	var b strings.Builder
	last := 0
	for ; start >= 0; start, end = s.findName(folded, last) {
		b.WriteString(folded[last:start])
		b.WriteString(mark)
		last = end
	}
	b.WriteString(folded[last:])
	return b.String()
}

// marketplace returns the length of a top-level domain behind a brand's name: ".co.jp" in "amazon.co.jp".
func marketplace(rest string) int {
	best := 0
	for _, tld := range []string{".co.jp", " . co . jp", ".jp", ".com", ".co.uk", ".de", ".fr", ".it", ".es", ".ca", ".nl", ".in", ".com.br", ".com.mx", ".com.au", ".se", ".pl", " co jp", ".com.tr", ".ae", ".sa", ".sg"} {
		if len(tld) > best && strings.HasPrefix(rest, tld) && (len(rest) == len(tld) || !letter(rest[len(tld)]) && rest[len(tld)] != '.') {
			best = len(tld)
		}
	}
	// A dot behind ends a sentence, except before another label: amazon.com.example.net is no name of the brand.
	if best == 0 {
		for _, tld := range []string{".co.jp.", ".com.", ".de.", ".jp."} {
			if strings.HasPrefix(rest, tld) && (len(rest) == len(tld) || rest[len(tld)] == ' ' || rest[len(tld)] == '\n') {
				best = len(tld) - 1
			}
		}
	}
	return best
}

// dropMacros takes out place holders that a sending program was to fill, and keeps them as evidence.
func (s *scene) dropMacros(folded string) string {
	out := folded
	for _, m := range findMacros(folded) {
		s.macros = append(s.macros, m)
		out = strings.ReplaceAll(out, m, "")
	}
	return out
}

// chooseBrand decides which brand the message is about: the one From's domain belongs to, else the one that it says
// most of, where what poses weighs more than what mentions.
func (s *scene) chooseBrand() {
	if b, d, ok := s.officialSender(s.host); ok {
		// What a list, a forward or an alias service says of the author is a claim, not a From address.
		s.brand, s.domain, s.official = b, d, s.host == sender.Host(s.m.From[0].Address)
	}
	if other := s.claimedName(); other != nil {
		s.brand, s.domain, s.official = other, brand.Domain{}, false
	}
	if s.brand == nil && s.original.Address != "" {
		if b, d, ok := s.officialSender(sender.Host(s.original.Address)); ok {
			s.brand, s.domain = b, d
		}
	}
	if s.brand == nil {
		s.brand = s.mostNamed()
	}
	if s.brand == nil {
		s.brand = s.hinted()
		s.faint = s.brand != nil
	}
	if s.brand == nil {
		return
	}
	s.words = s.in.Brands.Vocabulary(s.brand)
}

// hintsMost is how many pictures and links are looked at for a brand that nothing else names.
const hintsMost = 50

// hinted returns the brand whose picture a message shows, or as whose a host that it leads to is dressed, where nothing that
// can be read names one. Such a message is of the brand only if it turns out to pose.
func (s *scene) hinted() *brand.Brand {
	for i, src := range s.m.HTML.Images {
		if i >= hintsMost {
			break
		}
		if b := s.pictured(src, strings.TrimSpace(s.rawText) == ""); b != nil && b.Can(brand.Disguises) {
			return b
		}
	}
	var found *brand.Brand
	for i, l := range s.m.Links {
		if i >= hintsMost || found != nil {
			break
		}
		t, ok := parseTarget(l.Target)
		if _, _, owned := s.in.Brands.Lookup(t.host); !ok || owned {
			continue
		}
		s.in.Brands.Mentions(script.Fold(t.host), func(m brand.Mention, _ int) bool {
			if (m.Word.Kind == "name" || m.Word.Kind == "near") && len(m.Word.Text) >= brand.HeadOnly && m.Brand.Can(brand.Disguises) {
				found = m.Brand
			}
			return found == nil
		})
	}
	return found
}

// claimedName returns the brand that the display name claims where the address is another brand's, and neither subject nor text
// names that one: whoever holds or forges the address of a card company poses as whom the name says. Cards that two brands
// issue together are named after both.
func (s *scene) claimedName() *brand.Brand {
	if !s.official || s.via {
		return nil
	}
	own := s.brand
	var other *brand.Brand
	named := false
	look := func(folded string, claim bool) {
		s.in.Brands.Mentions(folded, func(m brand.Mention, at int) bool {
			switch {
			case m.Word.Kind != "name" && m.Brand != own || m.Word.Kind == "not" || !bounded(folded, at, at+len(m.Word.Text)):
			case m.Brand == own:
				named = true
			case claim && other == nil:
				other = m.Brand
			}
			return !named
		})
	}
	look(s.name, true)
	if other == nil || named || own.Can(brand.Account) {
		return nil
	}
	look(s.subject, false)
	for _, l := range s.lines {
		look(l.folded, false)
	}
	if named {
		return nil
	}
	return other
}

// Weights of a name by the place where it stands.
const (
	weighName    = 40
	weighLocal   = 20
	weighSubject = 12
	weighLink    = 4
	weighText    = 1
	textCap      = 10 // mentions in the text that count: a long newsletter must not outweigh its sender
)

// brokenName reports whether the display name or the subject has a name of the brand spaced out or split by junk.
func (s *scene) brokenName(b *brand.Brand) bool {
	for _, w := range s.in.Brands.Vocabulary(b).Letters {
		for _, text := range []string{s.name, s.subject} {
			if i, j, ok := script.IndexSpaced(text, w); ok && (text == s.name || spacedOut(text[i:j])) {
				return true
			}
			if _, _, ok := script.IndexSplit(text, w); ok {
				return true
			}
		}
	}
	return false
}

func (s *scene) mostNamed() *brand.Brand {
	score := map[*brand.Brand]int{}
	var n map[*brand.Brand]int
	head := true
	count := func(folded string, weight, limit int, near, products bool) {
		if limit > 0 {
			n = map[*brand.Brand]int{}
		}
		s.in.Brands.Mentions(folded, func(m brand.Mention, at int) bool {
			if !head && len(m.Word.Text) < brand.HeadOnly {
				return true
			}
			if m.Word.Kind == "not" || m.Word.Kind == "near" && !near || m.Word.Kind == "product" && !products {
				return true
			}
			if !bounded(folded, at, at+len(m.Word.Text)) && (!near || products || !s.glued(m, folded)) || m.Word.Kind == "product" && !productName(folded, m.Word.Text) {
				return true
			}
			w := weight
			if m.Word.Kind == "product" {
				w = weight / 2
			}
			if n[m.Brand]++; n[m.Brand] <= max(limit, textCap) && (limit == 0 || n[m.Brand] <= limit) {
				score[m.Brand] += w
			}
			return true
		})
	}
	count(s.name, weighName, 1, true, true)
	for _, b := range s.in.Brands.All() {
		if s.brokenName(b) || b.Can(brand.Disguises) && slipped(s.name, s.in.Brands.Vocabulary(b)) {
			score[b] += weighName
		}
	}
	count(s.local, weighLocal, 1, true, true)
	count(s.local, weighLocal, 1, true, false)
	count(script.Fold(hostname.Unicode(s.host)), weighLocal, 1, true, false)
	count(s.subject, weighSubject, 2, true, true)
	head = false
	n = map[*brand.Brand]int{}
	for _, l := range s.lines {
		count(l.folded, weighText, 0, false, false) // 0: counts on, up to textCap
	}
	count(script.Fold(s.m.HTML.Title), weighLink, 1, false, false)
	for i, l := range s.m.Links {
		if i > 50 {
			break
		}
		count(script.Fold(script.Cut(l.Target, 120)), weighLink, 1, false, false)
	}
	for _, a := range s.m.Attachments {
		count(script.Fold(a.Name), weighLink, 1, true, true)
	}
	var best *brand.Brand
	for _, b := range s.in.Brands.All() { // in order, so that Amazon wins ties
		if score[b] > 0 && (best == nil || score[b] > score[best]) {
			best = b
		}
	}
	return best
}

// glued reports whether a long name counts though other letters stand beside it, as in the local parts "amazonprime" and
// "supportamazon": not where the whole is an innocent word of its own.
func (s *scene) glued(m brand.Mention, folded string) bool {
	if m.Word.Kind != "name" || len(m.Word.Text) < 6 || !isASCII(m.Word.Text) {
		return false
	}
	for _, n := range s.in.Brands.Vocabulary(m.Brand).Not {
		if len(n) > len(m.Word.Text) && strings.Contains(folded, n) {
			return false
		}
	}
	return true
}
