package detect

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/pelletier/go-toml/v2"

	"github.com/mailaudit/mailaudit/analyzer/script"
)

//go:generate go run ./generate.go

// Pack is the data that detectors go by: the TOML files of data/, compiled into Go by go generate.
type Pack struct {
	Phrases []Phrases
	Links   LinkHosts
	Rivals  Rivals
	Senders Senders
	Kits    Kits
}

// Phrases are the phrases of one language by kind; see kind.
type Phrases struct {
	Lang    string              `toml:"lang"`
	Source  string              `toml:"source"`
	Date    string              `toml:"date"`
	Phrases map[string][]string `toml:"phrases"`
}

// LinkHosts are the hosts that links pass through or lead to.
type LinkHosts struct {
	Hosts []LinkHost `toml:"host"`
}

// LinkHost is one of them; data/links.toml explains kinds and codings.
type LinkHost struct {
	Name   string   `toml:"name"`
	Path   string   `toml:"path,omitempty"`
	Kind   string   `toml:"kind"`
	Param  []string `toml:"param,omitempty"`
	Coding string   `toml:"coding,omitempty"`
	Source string   `toml:"source"`
	Date   string   `toml:"date"`
}

// Rivals are organisations that other fakes pose as.
type Rivals struct {
	Source string   `toml:"source"`
	Date   string   `toml:"date"`
	Names  []string `toml:"names"`
}

// Senders are senders with a meaning of their own; data/senders.toml explains them.
type Senders struct {
	Third   []NamedSender `toml:"third"`
	Alias   []NamedSender `toml:"alias"`
	Generic []string      `toml:"generic"`
	Joined  []string      `toml:"generic_joined"`
	Free    []string      `toml:"free"`
}

// NamedSender is a domain with what is known of it.
type NamedSender struct {
	Name   string `toml:"name"`
	Form   string `toml:"form,omitempty"`
	Source string `toml:"source"`
	Date   string `toml:"date"`
}

// Kits are mailer kits.
type Kits struct {
	Kits []Kit `toml:"kit"`
}

// Kit is one of them: at least Need of its features must be there. Patterns are RE2; those of one feature are alternatives.
type Kit struct {
	Name      string   `toml:"name"`
	Doc       string   `toml:"doc"`
	Need      int      `toml:"need"`
	Mailer    []string `toml:"mailer,omitempty"`
	Boundary  []string `toml:"boundary,omitempty"`
	MessageID []string `toml:"message_id,omitempty"`
	Generator []string `toml:"generator,omitempty"`
	Zone      []string `toml:"zone,omitempty"`
	Source    string   `toml:"source"`
	Date      string   `toml:"date"`
}

// Decode reads the data files of a folder: phrases-*.toml, links.toml, rivals.toml, senders.toml and kits.toml. A key or
// kind that does not exist, or a pattern that does not compile, is an error that names the file.
func Decode(fsys fs.FS, dir string) (*Pack, error) {
	p := &Pack{}
	names, err := fs.Glob(fsys, path.Join(dir, "phrases-*.toml"))
	if err != nil {
		return nil, fmt.Errorf("listing phrases: %w", err)
	}
	slices.Sort(names)
	for _, name := range names {
		var f Phrases
		if err := decode(fsys, name, &f); err != nil {
			return nil, err
		}
		for kind, texts := range f.Phrases {
			if _, ok := kindNamed(kind); !ok {
				return nil, fmt.Errorf("%s: no such kind of phrase: %q", name, kind)
			}
			if slices.Contains(texts, "") {
				return nil, fmt.Errorf("%s: empty phrase of kind %q", name, kind)
			}
		}
		p.Phrases = append(p.Phrases, f)
	}
	for name, to := range map[string]any{"links.toml": &p.Links, "rivals.toml": &p.Rivals, "senders.toml": &p.Senders, "kits.toml": &p.Kits} {
		if err := decode(fsys, path.Join(dir, name), to); err != nil {
			return nil, err
		}
	}
	for _, h := range p.Links.Hosts {
		if !slices.Contains([]string{"rewriter", "open", "tracker", "short", "cloud", "benign"}, h.Kind) || h.Source == "" {
			return nil, fmt.Errorf("links.toml: %q: needs a kind and a source", h.Name)
		}
		if h.Coding != "" && decoders[h.Coding] == nil {
			return nil, fmt.Errorf("links.toml: %q: no such coding: %q", h.Name, h.Coding)
		}
	}
	for _, k := range p.Kits.Kits {
		for _, pattern := range slices.Concat(k.Mailer, k.Boundary, k.MessageID, k.Generator) {
			if _, err := regexp.Compile(pattern); err != nil {
				return nil, fmt.Errorf("kits.toml: kit %q: %w", k.Name, err)
			}
		}
		if k.Need < 1 || k.Doc == "" {
			return nil, fmt.Errorf("kits.toml: kit %q: needs doc and need", k.Name)
		}
	}
	return p, nil
}

func decode(fsys fs.FS, name string, to any) error {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return fmt.Errorf("reading detector data: %w", err)
	}
	if err := toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields().Decode(to); err != nil {
		var strict *toml.StrictMissingError
		if errors.As(err, &strict) {
			return fmt.Errorf("decoding %s: unknown key:\n%s", name, strict.String())
		}
		return fmt.Errorf("decoding %s: %w", name, err)
	}
	return nil
}

// tables are the data in the form in which detectors ask.
type tables struct {
	phrases *script.Finder
	kind    []kind // of a phrase, by its number
	rivals  *script.Finder
	links   map[string][]LinkHost
	third   []string
	alias   []NamedSender
	generic map[string]bool
	joined  []string // the same in scripts without spaces
	// notice are the words that phrases about accounts, orders and payments are made of: in a sender's name they name nobody.
	notice map[string]bool
	free   map[string]bool
	kits   []compiledKit
}

type compiledKit struct {
	name                                   string
	need                                   int
	mailer, boundary, messageID, generator []*regexp.Regexp
	zone                                   []string
}

// builtinTables are made on first use: making them takes some milliseconds.
var builtinTables = sync.OnceValue(func() *tables { return newTables(&builtin) })

func newTables(p *Pack) *tables {
	t := &tables{links: map[string][]LinkHost{}, generic: map[string]bool{}, notice: map[string]bool{}, free: map[string]bool{}, alias: p.Senders.Alias}
	var texts []string
	type phrase struct {
		text string
		kind kind
	}
	known := map[phrase]bool{} // one word is of many languages
	for _, f := range p.Phrases {
		for k, name := range kindNames {
			for _, text := range f.Phrases[name] {
				ph := phrase{squeeze(fold(text)), kind(k)}
				if known[ph] {
					continue
				}
				known[ph] = true
				texts = append(texts, ph.text)
				t.kind = append(t.kind, ph.kind)
				t.noticeWords(ph.text, ph.kind)
			}
		}
	}
	t.phrases = script.NewFinder(texts)
	var rivals []string
	for _, n := range p.Rivals.Names {
		rivals = append(rivals, fold(n))
	}
	t.rivals = script.NewFinder(rivals)
	for _, h := range p.Links.Hosts {
		t.links[h.Name] = append(t.links[h.Name], h)
	}
	for _, s := range p.Senders.Third {
		t.third = append(t.third, s.Name)
	}
	for _, g := range p.Senders.Generic {
		t.generic[squeeze(fold(g))] = true
	}
	for _, g := range p.Senders.Joined {
		t.joined = append(t.joined, squeeze(fold(g)))
	}
	// The longest first, so that what holds another goes as a whole.
	slices.SortStableFunc(t.joined, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	for _, g := range p.Senders.Free {
		t.free[g] = true
	}
	for _, k := range p.Kits.Kits {
		t.kits = append(t.kits, compiledKit{
			name: k.Name, need: k.Need, zone: k.Zone,
			mailer: compile(k.Mailer), boundary: compile(k.Boundary), messageID: compile(k.MessageID), generator: compile(k.Generator),
		})
	}
	return t
}

// shortestNotice keeps particles out, in bytes.
const shortestNotice = 5

// noticeWords adds the words of a phrase to those that name nobody.
func (t *tables) noticeWords(phrase string, k kind) {
	if !setOf(kindObject, kindTrouble, kindDemand, kindPay, kindConfirm, kindLogin).any(setOf(k)) {
		return
	}
	for _, w := range strings.Fields(phrase) {
		if len(w) >= shortestNotice {
			t.notice[strings.Trim(w, ".,'’")] = true
		}
	}
}

// namesNobody reports whether a word may stand in any sender's name: a role, or a word of notices.
func (t *tables) namesNobody(word string) bool {
	return t.generic[word] || t.notice[word] || t.joinedRoles(word)
}

func compile(patterns []string) []*regexp.Regexp {
	var out []*regexp.Regexp
	for _, p := range patterns {
		// Decode has compiled them all; the data in the program went through it.
		if re, err := regexp.Compile(p); err == nil {
			out = append(out, re)
		}
	}
	return out
}
