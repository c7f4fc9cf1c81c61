package event

import (
	"slices"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/script"
)

// unknown stands, in the refines list of a body entry, for a subject that no entry knew.
const unknown = "unknown"

// subjectExamined is how many bytes of a subject are looked at; RFC 5322 §2.1.1 lines hold 998.
const subjectExamined = 2 << 10

// Match tells what a message says happened. It is deterministic, never fails, and always gives an event: "other" where
// nothing is known. The work is linear in the length of what is examined.
func (c *Catalogue) Match(in Input) Match {
	set := c.set()
	subject := plain(script.Cut(in.Subject, subjectExamined))
	title := fold(trimSubject(subject))
	text := script.Cut(in.Text, examined)
	folded := fold(text)

	language := set.language(title, folded)
	// Where the words don't tell, the marketplace says which language's wordings are tried first, and no more: amazon.de
	// writes in five.
	first := language
	if first == "" {
		first = set.ofMarket(title + " " + script.Cut(folded, wordsExamined))
	}

	var m Match
	found := set.bySubject(title, first, &in)
	known := unknown
	if found != nil {
		m.Event, m.Entry, m.Language, known = found.Event, found.ID, found.Language, string(found.Event)
	}
	if s := set.bySender(title, &in, true); s != nil && overridable(m.Event) {
		m.Event, m.Entry, known = s.Event, s.ID, string(s.Event)
	}
	if b := set.byBody(folded, known, first, &in); b != nil {
		m.Event, m.Entry = b.Event, b.ID
		if b.Language != "" {
			m.Language = b.Language
		}
	}
	if m.Entry == "" {
		if s := set.bySender(title, &in, false); s != nil {
			m.Event, m.Entry = s.Event, s.ID
		} else {
			m.Event = finding.OtherEvent
		}
	}
	if language != "" {
		m.Language = language
	}
	m.Severity = c.Severity(m.Event)
	m.Details = set.details(&reading{event: m.Event, language: m.Language, subject: subject, text: text, folded: folded})
	return m
}

// overridable reports whether advertising senders overrule an event found by the subject.
func overridable(e finding.Event) bool {
	class := e.Class()
	return class != "security" && class != "account"
}

// bySubject returns the first subject rule that matches, or nil. Rules for the language come before those for others.
func (c *compiled) bySubject(title, language string, in *Input) *subjectRule {
	if title == "" {
		return nil
	}
	at := slices.Clone(c.always)
	for _, n := range c.inTitle.find(title) {
		at = append(at, c.titleFor[n]...)
	}
	c.inShort.Find(title, func(n, _ int) bool {
		at = append(at, c.shortFor[n])
		return true
	})
	slices.Sort(at)
	at = slices.Compact(at)
	for r := range ranks {
		for _, i := range at {
			t := &c.tries[i]
			if rank(t.rule.pack, &t.rule.Entry, language) == r && t.rule.applies(t.rule.pack, in) && t.pattern.match(title) && !matchAny(t.rule.unless, title) {
				return t.rule
			}
		}
	}
	return nil
}

// ranks is how many ranks there are.
const ranks = 2

// rank puts users' packs and those for the language of the text before the others: one wording can be of two languages.
func rank(p *Pack, e *Entry, language string) int {
	if p.user || e.Language == language {
		return 0
	}
	return 1
}

func (r *subjectRule) match(title string) bool {
	return matchAny(r.pattern, title) && !matchAny(r.unless, title)
}

func matchAny(all []*pattern, s string) bool {
	return slices.ContainsFunc(all, func(p *pattern) bool { return p.match(s) })
}

// applies reports whether an entry of the pack is for the brand of the message.
func (e *Entry) applies(p *Pack, in *Input) bool {
	return p.Issuer == in.Issuer && (len(e.Brands) == 0 || slices.Contains(e.Brands, in.Brand))
}

// byBody returns the first body rule whose phrase is in the text and that refines the event known, or nil. Rules for the
// language come first, as in bySubject.
func (c *compiled) byBody(text, known, language string, in *Input) *bodyRule {
	var at []int
	for _, n := range c.inText.find(text) {
		at = append(at, c.textFor[n]...)
	}
	slices.Sort(at)
	at = slices.Compact(at)
	for n := range ranks {
		for _, i := range at {
			r := c.bodies[i]
			if rank(r.pack, &r.Entry, language) == n && slices.Contains(r.refines, known) && r.applies(r.pack, in) && r.match(text) {
				return r
			}
		}
	}
	return nil
}

func (r *bodyRule) match(text string) bool {
	return containsAny(text, r.phrase) && !containsAny(text, r.unless)
}

func containsAny(text string, phrases [][]string) bool {
	return slices.ContainsFunc(phrases, func(pieces []string) bool { return containsPhrase(text, pieces) })
}

const (
	// gap is how many bytes may lie between two pieces of a phrase: a clause of some 65 Japanese characters.
	gap = 200
	// tries bounds how often the first piece of a phrase is looked for again, so that a text that repeats it stays cheap.
	tries = 16
)

// containsPhrase reports whether the pieces stand in the text in order, each within gap bytes of the one before.
func containsPhrase(text string, pieces []string) bool {
	for range tries {
		i := strings.Index(text, pieces[0])
		if i < 0 {
			return false
		}
		text = text[i+len(pieces[0]):]
		rest, ok := text, true
		for _, piece := range pieces[1:] {
			j := strings.Index(rest[:min(len(rest), gap+len(piece))], piece)
			if j < 0 {
				ok = false
				break
			}
			rest = rest[j+len(piece):]
		}
		if ok {
			return true
		}
	}
	return false
}

// bySender returns the first fallback that matches, or nil. Those that override and those that don't are asked apart.
func (c *compiled) bySender(title string, in *Input, overrides bool) *senderRule {
	for _, r := range c.senders {
		if r.Overrides != overrides || r.pack.Issuer != in.Issuer {
			continue
		}
		if in.Official && (slices.Contains(r.Locals, in.Local) || in.SenderKind != "" && slices.Contains(r.Kinds, in.SenderKind)) {
			return r
		}
		if matchAny(r.pattern, title) {
			return r
		}
	}
	return nil
}

// subjectMarks are what mail programs and filters put before a subject, lower case: replies and forwards in the languages
// of the catalogue, and what Japanese providers mark spam with.
func subjectMarks() []string {
	return []string{
		"re:", "fw:", "fwd:", "転送:", "返信:", "回复:", "回覆:", "答复:", "转发:", "轉寄:", "aw:", "wg:", "tr:", "rv:", "rif:", "enc:", "res:",
		"sv:", "vs:", "vb:", "antw:", "doorst:", "odp:", "pd:", "ynt:", "ilt:", "[spam]", "[meiwaku]", "***spam***", "*****spam*****", "spam:",
		"[external]", "external:", "[ext]",
	}
}

// trimSubject drops marks, and tags of mailing lists, from the start of a subject that is NFKC already. A tag is a word of
// ASCII letters in brackets that does not name the brand.
func trimSubject(s string) string {
	for range 8 {
		s = strings.TrimSpace(s)
		before := len(s)
		for _, mark := range subjectMarks() {
			if len(s) >= len(mark) && strings.EqualFold(s[:len(mark)], mark) {
				s = strings.TrimSpace(s[len(mark):])
			}
		}
		if end := strings.IndexByte(s, ']'); strings.HasPrefix(s, "[") && end > 1 && end < 40 {
			tag := strings.ToLower(s[1:end])
			if !strings.ContainsFunc(tag, func(r rune) bool { return r <= ' ' || r > '~' }) &&
				!strings.Contains(tag, "amazon") && !strings.Contains(tag, "prime") {
				s = s[end+1:]
			}
		}
		if len(s) == before {
			break
		}
	}
	return s
}
