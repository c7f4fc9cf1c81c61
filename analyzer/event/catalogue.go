package event

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/script"
)

// Catalogue is a set of packs, ready to match. It is safe for concurrent use; what it compiles it compiles once, when it
// is first needed.
type Catalogue struct {
	packs []Pack
	set   func() *compiled
}

// Builtin returns the catalogue that ships with mailaudit.
func Builtin() *Catalogue { return newCatalogue(builtin) }

func newCatalogue(packs []Pack) *Catalogue {
	return &Catalogue{packs: packs, set: sync.OnceValue(func() *compiled { return compile(packs) })}
}

// With returns the catalogue with the packs (*.toml) at the top of fsys before its own, so that a user's entry wins over a
// built-in one. An id may not be used twice.
func (c *Catalogue) With(fsys fs.FS) (*Catalogue, error) {
	more, err := Read(fsys, ".")
	if err != nil {
		return nil, err
	}
	var used []string
	for i := range c.packs {
		used = append(used, c.packs[i].ids()...)
	}
	for i := range more {
		more[i].user = true
		for _, id := range more[i].ids() {
			if slices.Contains(used, id) {
				return nil, fmt.Errorf("%s: entry %q is already in the catalogue", more[i].Name, id)
			}
		}
	}
	return newCatalogue(append(more, c.packs...)), nil
}

// Digest is the SHA-256, in hex, over names and digests of all packs in order: equal for equal rules.
func (c *Catalogue) Digest() string {
	h := sha256.New()
	for i := range c.packs {
		fmt.Fprintf(h, "%s %s\n", c.packs[i].Name, c.packs[i].Digest)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Packs returns the packs in order of precedence. They are not to be changed.
func (c *Catalogue) Packs() []Pack { return c.packs }

// Severity is the severity of an event in this catalogue; medium for one that no pack gives a severity.
func (c *Catalogue) Severity(e finding.Event) finding.Severity { return severity(c.packs, e) }

// Severity is the severity of an event in the built-in catalogue.
func Severity(e finding.Event) finding.Severity { return severity(builtin, e) }

func severity(packs []Pack, e finding.Event) finding.Severity {
	for i := range packs {
		for _, s := range packs[i].Severities {
			if s.Event == e {
				return s.Severity
			}
		}
	}
	return finding.MediumS
}

// compiled is a catalogue made ready: entries in order of precedence, and indexes over what they need to see.
type compiled struct {
	subjects []*subjectRule
	tries    []try // all subject patterns, in order of precedence
	inTitle  index
	titleFor [][]int // by literal: positions in tries
	always   []int   // positions in tries of the patterns without a known literal

	shortTexts []string // literals too short for the index
	shortFor   []int    // of each: the position in tries
	inShort    *script.Finder

	bodies  []*bodyRule
	inText  index
	textFor [][]int // by literal: positions in bodies

	senders     []*senderRule
	words       languageWords
	markets     map[string]string // the language of a marketplace, by what follows "amazon."
	labels      map[string]label
	labelStarts runeSet // first characters of labels
	cardEnds    []string
	ends        []string // words that say that a subscription ended
	notEnds     []string
	between     []string
	services    []service
	renews      []string
	months      map[string]int
}

type subjectRule struct {
	*Subject
	pack    *Pack
	pattern []*pattern
	unless  []*pattern
}

// try is one subject pattern, with the rule it belongs to.
type try struct {
	rule    *subjectRule
	pattern *pattern
}

type bodyRule struct {
	*Body
	pack    *Pack
	refines []string
	phrase  [][]string // folded pieces of each phrase
	unless  [][]string
}

type senderRule struct {
	*Sender
	pack    *Pack
	pattern []*pattern
}

// pattern is a regular expression that is compiled when it is first run.
type pattern struct {
	text string
	once sync.Once
	re   *regexp.Regexp
}

func (p *pattern) match(s string) bool {
	p.once.Do(func() { p.re, _ = regexp.Compile(expand(p.text)) }) // checked when the pack was read
	return p.re != nil && p.re.MatchString(s)
}

func patterns(texts []string) []*pattern {
	all := make([]*pattern, len(texts))
	for i, t := range texts {
		all[i] = &pattern{text: t}
	}
	return all
}

// pieces splits a phrase at its gaps and folds the pieces.
func pieces(phrase string) []string {
	var all []string
	for _, piece := range strings.Split(phrase, "…") {
		if f := fold(piece); f != "" {
			all = append(all, f)
		}
	}
	return all
}

// key is the longest piece of a phrase, folded: the one the index looks for.
func key(phrase string) string {
	best := ""
	for _, p := range pieces(phrase) {
		if len(p) > len(best) {
			best = p
		}
	}
	return best
}

func compile(packs []Pack) *compiled {
	c := &compiled{labels: map[string]label{}, markets: map[string]string{}, months: map[string]int{}, words: languageWords{words: map[string]uint32{}}}
	for i := range packs {
		p := &packs[i]
		for j := range p.Subjects {
			c.addSubject(p, &p.Subjects[j])
		}
		for j := range p.Bodies {
			c.addBody(p, &p.Bodies[j])
		}
		for j := range p.Senders {
			s := &p.Senders[j]
			c.senders = append(c.senders, &senderRule{Sender: s, pack: p, pattern: patterns(s.Pattern)})
		}
		if len(p.Words) > 0 {
			c.words.add(p.Language, p.Words)
		}
		for _, m := range p.Markets {
			c.markets[m] = p.Language
		}
		c.addLabels(&p.Details)
	}
	c.inShort = script.NewFinder(c.shortTexts)
	return c
}

func (c *compiled) addSubject(p *Pack, s *Subject) {
	r := &subjectRule{Subject: s, pack: p, pattern: patterns(s.Pattern), unless: patterns(s.Unless)}
	c.subjects = append(c.subjects, r)
	for i, pattern := range r.pattern {
		at := len(c.tries)
		c.tries = append(c.tries, try{r, pattern})
		if i >= len(s.Literals) || len(s.Literals[i]) == 0 {
			c.always = append(c.always, at)
			continue
		}
		if slices.ContainsFunc(s.Literals[i], func(l string) bool { return len(l) < window }) {
			for _, l := range s.Literals[i] {
				c.shortTexts, c.shortFor = append(c.shortTexts, l), append(c.shortFor, at)
			}
			continue
		}
		for _, l := range s.Literals[i] {
			c.titleFor = link(c.titleFor, c.inTitle.add(l), at)
		}
	}
}

func (c *compiled) addBody(p *Pack, b *Body) {
	at := len(c.bodies)
	r := &bodyRule{Body: b, pack: p, refines: b.Refines}
	if len(r.refines) == 0 {
		r.refines = []string{string(finding.AccountChanged), unknown}
	}
	for _, phrase := range b.Phrase {
		r.phrase = append(r.phrase, pieces(phrase))
		c.textFor = link(c.textFor, c.inText.add(key(phrase)), at)
	}
	for _, phrase := range b.Unless {
		r.unless = append(r.unless, pieces(phrase))
	}
	c.bodies = append(c.bodies, r)
}

// link notes that the literal with the number n belongs to the rule at the position at.
func link(table [][]int, n, at int) [][]int {
	for len(table) <= n {
		table = append(table, nil)
	}
	if !slices.Contains(table[n], at) {
		table[n] = append(table[n], at)
	}
	return table
}
