// Package mask finds in a line of text what tells who somebody is: names, addresses of mail, numbers by which people are
// called or pay, and where they live.
//
// A name can be told in two ways. Either it is known, because somebody of that name wrote or got a mail: Known finds it in
// any width, case and spelling of kana. Or it stands where names stand, before 様 or behind "Dear": Text finds that. A
// bare name of somebody of whom nothing else is known can't be told from any other word, by nobody; so whoever masks lets
// this package loose only on lines that companies write to many people, such as subjects of notices, and takes what
// people write to each other away as a whole.
//
// Where it is not sure it masks: a line that says too little does no harm.
package mask

import (
	"bytes"
	_ "embed"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"
	"golang.org/x/text/unicode/norm"
)

//go:embed words.toml
var wordsFile []byte

// lists is words.toml.
type lists struct {
	Titles       []string `toml:"titles"`
	NotTitled    []string `toml:"not_titled"`
	Polite       []string `toml:"polite"`
	Greetings    []string `toml:"greetings"`
	Honorifics   []string `toml:"honorifics"`
	Particles    []string `toml:"particles"`
	Common       []string `toml:"common"`
	Services     []string `toml:"services"`
	StreetBefore []string `toml:"street_before"`
	StreetBehind []string `toml:"street_behind"`
	StreetEnd    []string `toml:"street_end"`
}

// Masker masks lines. It may be used from several goroutines once its names are known.
type Masker struct {
	mark    string
	words   lists
	common  map[string]bool
	parts   map[string]bool // particles
	streets streets
	leads   leads
	known   names
}

// New returns a Masker that writes mark in the place of what it finds.
func New(mark string) (*Masker, error) {
	m := &Masker{mark: mark, common: map[string]bool{}, parts: map[string]bool{}}
	if err := toml.NewDecoder(bytes.NewReader(wordsFile)).DisallowUnknownFields().Decode(&m.words); err != nil {
		return nil, fmt.Errorf("mask: words: %w", err)
	}
	for _, w := range m.words.Common {
		m.common[fold(w)] = true
	}
	for _, w := range m.words.Services {
		m.common[fold(w)] = true
	}
	for _, w := range m.words.Particles {
		m.parts[fold(w)] = true
	}
	m.streets = newStreets(&m.words)
	m.leads = newLeads(&m.words)
	return m, nil
}

// Common reports whether a word is nobody's name.
func (m *Masker) Common(word string) bool { return m.common[fold(word)] }

// Service reports whether a sender's name poses as somebody's service: such a name is no person's.
func (m *Masker) Service(name string) bool {
	name = fold(name)
	for _, w := range m.words.Services {
		w = fold(w)
		if i := strings.Index(name, w); i >= 0 && (len(w) > 2 || len(name) == len(w)) {
			return true
		}
	}
	return false
}

// Text masks all that this package knows how to find in a line that a company wrote.
func (m *Masker) Text(s string) string {
	if s == "" {
		return s
	}
	// Known names first: what they are masked by is in nobody's way.
	s = m.Known(s)
	s = m.streets.mask(m, s)
	s = m.Numbers(s)
	s = m.titled(s)
	return m.leads.mask(m, s)
}

// fold spells a text so that what reads alike is alike: width, case, accents and the two kana.
func fold(s string) string {
	var b strings.Builder
	for _, r := range s {
		foldRune(r, func(r rune) { b.WriteRune(r) })
	}
	return b.String()
}

func foldRune(r rune, put func(rune)) {
	switch {
	case r < utf8.RuneSelf:
		put(unicode.ToLower(r))
		return
	case r >= 0x4e00 && r <= 0x9fff:
		put(r)
		return
	}
	var one [utf8.UTFMax]byte
	for _, d := range string(norm.NFKD.Append(nil, one[:utf8.EncodeRune(one[:], r)]...)) {
		switch {
		case unicode.Is(unicode.Mn, d) || d == 'ﾞ' || d == 'ﾟ':
		case d >= 'ぁ' && d <= 'ゖ':
			put(d + 'ァ' - 'ぁ')
		default:
			put(unicode.ToLower(d))
		}
	}
}

// ideographic reports whether words of the script of r are written without blanks between them.
func ideographic(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) || r == 'ー' || r == '々' || r == '〆' || r == 'ｰ'
}
