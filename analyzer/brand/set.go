package brand

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/mailaudit/mailaudit/analyzer/hostname"
	"github.com/mailaudit/mailaudit/analyzer/script"
)

// Set is all brands in use. It does not change and may be used by many goroutines.
type Set struct {
	brands   []*Brand
	byID     map[string]*Brand
	domains  map[string]place
	networks map[string][]netip.Prefix
	texts    map[*Brand]*Vocabulary
	finder   *script.Finder // of all words
	words    []Mention      // by the number of their literal
	digest   func() string
}

// Mention is a word of a brand.
type Mention struct {
	Brand *Brand
	Word  Word
}

// place is where a domain stands: its brand, its entry, and the retail or service domain it belongs to.
type place struct {
	brand  *Brand
	domain Domain
	base   string
}

// Builtin returns the brands that are audited unless somebody says otherwise: Amazon and the statement issuers.
func Builtin() *Set { return builtinSet() }

var builtinSet = sync.OnceValue(func() *Set {
	return fromData(slices.DeleteFunc(slices.Clone(builtin), func(b *Brand) bool { return b.Wider }))
})

// Library returns all brands compiled into the program.
func Library() *Set { return librarySet() }

var librarySet = sync.OnceValue(func() *Set {
	s := fromData(builtin)
	s.digest = BuiltinDigest
	return s
})

func fromData(brands []*Brand) *Set {
	s, err := newSet(brands)
	if err != nil {
		// The data is checked by go test; a set that knows no domain proves nothing genuine.
		return &Set{digest: func() string { return "" }}
	}
	return s
}

// Pick parts a set into the brands that are to be audited and the rest. names are ids of brands; "all" is every brand. The
// issuers of statements are always audited, and so is what a user's own packs add. An id that no brand has is an *UnknownError.
func (s *Set) Pick(names []string) (chosen, rest *Set, err error) {
	for _, n := range names {
		if n != "all" && s.byID[n] == nil {
			return nil, nil, &UnknownError{n}
		}
	}
	var in, out []*Brand
	for _, b := range s.brands {
		switch {
		case slices.Contains(names, "all"), slices.Contains(names, b.ID), b.User, !b.Wider && b.Can(Statements):
			in = append(in, b)
		default:
			out = append(out, b)
		}
	}
	if chosen, err = newSet(in); err != nil {
		return nil, nil, err
	}
	rest, err = newSet(out)
	return chosen, rest, err
}

// UnknownError is an id that no brand has.
type UnknownError struct{ ID string }

func (e *UnknownError) Error() string { return fmt.Sprintf("brand %q: there is none", e.ID) }

func newSet(brands []*Brand) (*Set, error) {
	claimed := map[string]*Brand{}
	for _, b := range brands {
		for _, name := range b.Claims {
			claimed[name] = b
		}
	}
	s := &Set{brands: brands, byID: map[string]*Brand{}, domains: map[string]place{}, networks: map[string][]netip.Prefix{}, texts: map[*Brand]*Vocabulary{}}
	for _, b := range brands {
		s.texts[b] = newVocabulary(b)
		switch {
		case s.byID[b.ID] != nil:
			return nil, fmt.Errorf("brand %q: is there twice", b.ID)
		case b.Name == "":
			return nil, fmt.Errorf("brand %q: name is missing", b.ID)
		case b.Kind == "":
			return nil, fmt.Errorf("brand %q: kind is missing", b.ID)
		}
		s.byID[b.ID] = b
		for _, d := range slices.Concat(b.Domains, b.Registries) {
			if by := claimed[d.Name]; by != nil && by != b {
				continue
			}
			if p, ok := s.domains[d.Name]; ok {
				return nil, fmt.Errorf("brand %q: domain %q is one of brand %q already", b.ID, d.Name, p.brand.ID)
			}
			s.domains[d.Name] = place{brand: b, domain: d}
		}
		for _, n := range b.Networks {
			p, err := netip.ParsePrefix(n.Prefix)
			if err != nil {
				return nil, fmt.Errorf("brand %q: network: %w", b.ID, err)
			}
			s.networks[b.ID] = append(s.networks[b.ID], p.Masked())
		}
	}
	for name, p := range s.domains {
		p.base = name
		if p.domain.Role == Bounce || p.domain.Role == Relay {
			for up := parent(name); up != ""; up = parent(up) {
				if q, ok := s.domains[up]; ok && q.brand == p.brand && (q.domain.Role == Retail || q.domain.Role == Service) {
					p.base = up
					break
				}
			}
		}
		s.domains[name] = p
	}
	var texts []string
	for _, b := range brands {
		for _, w := range b.Words {
			if w.Kind == "short" {
				continue // says nothing in a text
			}
			texts = append(texts, w.Text)
			s.words = append(s.words, Mention{b, w})
		}
	}
	s.finder = script.NewFinder(texts)
	s.digest = sync.OnceValue(func() string { return DigestOf(brands) })
	return s, nil
}

// DigestOf is the SHA-256, in hex, over all that brands say.
func DigestOf(brands []*Brand) string {
	data, err := json.Marshal(brands)
	if err != nil {
		return "" // there is nothing in a brand that JSON can't hold
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// BuiltinDigest is Builtin().Digest(), without the set being made.
func BuiltinDigest() string { return builtinDigest }

func parent(host string) string {
	_, up, _ := strings.Cut(host, ".")
	return up
}

// All returns all brands, Amazon first. They must not be changed.
func (s *Set) All() []*Brand { return s.brands }

// ByID returns the brand with the id, or nil.
func (s *Set) ByID(id string) *Brand { return s.byID[id] }

// Digest is SHA-256 over all data of the set, in hex.
func (s *Set) Digest() string { return s.digest() }

// Lookup returns the entry that host belongs to: the longest one that is host or ends it at a dot. Host is ASCII in
// lower case (hostname.ASCII).
func (s *Set) Lookup(host string) (*Brand, Domain, bool) {
	p, ok := s.find(host)
	return p.brand, p.domain, ok
}

// maxHost is the longest host name there can be (RFC 1035 §2.3.4). Of what is longer, mail holds half a million labels, the
// end is looked at.
const maxHost = 255

func (s *Set) find(host string) (place, bool) {
	host = strings.TrimSuffix(host, ".")
	host = host[max(0, len(host)-maxHost):]
	for h := host; h != ""; h = parent(h) {
		if p, ok := s.domains[h]; ok {
			return p, true
		}
	}
	return place{}, false
}

// Official reports whether a link to host, for logging in or paying, is the brand's own: role retail or service.
func (s *Set) Official(host string) bool {
	p, ok := s.find(host)
	return ok && (p.domain.Role == Retail || p.domain.Role == Service)
}

// Aligned compares two domains (RFC 7489 §3.1, against the lists instead of the public suffix list, AUTHENTICITY §4). Same
// tells that both lie under one entry: bounces.amazon.co.jp and amazon.co.jp. Cross tells that both are the brand's own
// but not of one entry: amazon.com and amazon.co.jp. Domains whose content customers control never align, but a relay
// aligns with the retail domain it lies below and with itself.
func (s *Set) Aligned(a, b string) (same, cross bool) {
	p, ok := s.find(a)
	q, ok2 := s.find(b)
	if !ok || !ok2 || p.brand != q.brand || !aligns(p.domain.Role) || !aligns(q.domain.Role) {
		return false, false
	}
	if p.base == q.base {
		return true, false
	}
	return false, s.own(p.base) && s.own(q.base)
}

func aligns(r Role) bool { return r == Retail || r == Service || r == Bounce || r == Relay }

func (s *Set) own(name string) bool {
	r := s.domains[name].domain.Role
	return r == Retail || r == Service
}

// Sender returns what is known of an address at a brand's domain. An entry that names the domain goes before one for
// all retail domains, and a local part before "*". Ok is false for addresses elsewhere and for local parts not listed.
func (s *Set) Sender(address string) (Sender, *Brand, bool) {
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return Sender{}, nil, false
	}
	local := strings.ToLower(address[:at])
	host, _ := hostname.ASCII(address[at+1:])
	p, ok := s.find(host)
	if !ok || !aligns(p.domain.Role) {
		return Sender{}, nil, false
	}
	best, rank := Sender{}, 0
	for _, e := range p.brand.Senders {
		r := 0
		switch {
		case e.Local == local:
			r = 2
		case e.Local == "*":
			r = 1
		default:
			continue
		}
		named := slices.ContainsFunc(e.Domains, func(d string) bool { return hostname.Under(host, d) })
		switch {
		case named:
			r += 2
		case len(e.Domains) > 0 || p.domain.Role != Retail:
			continue
		}
		if r > rank {
			best, rank = e, r
		}
	}
	return best, p.brand, rank > 0
}

// Related reports whether two brands send each other's mail and link to each other: companies of one house, and a shop and the
// issuer of its card.
func Related(a, b *Brand) bool {
	return a.Group != "" && a.Group == b.Group || a.Can(Shops) && b.Can(Statements) || a.Can(Statements) && b.Can(Shops)
}

// InNetworks reports whether ip lies in a block that the brand sends from.
func (s *Set) InNetworks(brandID string, ip netip.Addr) bool {
	ip = ip.Unmap()
	for _, n := range s.networks[brandID] {
		if n.Contains(ip) {
			return true
		}
	}
	return false
}

// Texts returns the brand's words of the given kinds, folded.
func (b *Brand) Texts(kinds ...string) []string {
	var out []string
	for _, w := range b.Words {
		if slices.Contains(kinds, w.Kind) {
			out = append(out, w.Text)
		}
	}
	return out
}

// HeadOnly is the length, in bytes, below which a name counts only where a message shows its sender and its subject: dhl, usps. So
// short a row of letters stands in much text that means something else, and looking for it everywhere costs most of a scan.
const HeadOnly = 5

// Slips is the length, in bytes, from which on a name is known with a slip in it: of shorter ones too much is one slip away.
const Slips = 6

// Vocabulary is a brand's words, folded, by what they are for. It must not be changed.
type Vocabulary struct {
	Names    []string // "name"
	Near     []string // "name" and "near", in the order of the data
	Marks    []string // "name", "near", "own" and "account": what stands for the brand in a text
	Own      []string // "own" and "account"
	Accounts []string // "account"
	Products []string // "product"
	Not      []string // "not"
	Short    []string // "short"
	Letters  []string // the names that are one word of at least five letters of ASCII: those that get written spaced or split

	marks starts // of Marks
}

// MarkAt reports whether one of Marks may begin at a place of a text: where it does not, none does.
func (v *Vocabulary) MarkAt(text string, i int) bool {
	return v.marks.first[text[i]] && (i+2 >= len(text) || v.marks.three[mix(text[i:i+3])])
}

// starts tells where words can begin: by their first byte, and by their first three mixed into twelve bits. Japanese names
// all begin with the same byte.
type starts struct {
	first [256]bool
	three [1 << 12]bool
}

func startsOf(words []string) (t starts) {
	for _, w := range words {
		t.first[w[0]] = true
		if len(w) >= 3 {
			t.three[mix(w[:3])] = true
			continue
		}
		for c := range t.three { // too short to have three
			t.three[c] = true
		}
	}
	return t
}

func mix(three string) uint32 {
	const golden = 2654435769 // 2^32 over the golden ratio: spreads neighbouring values
	return (uint32(three[0]) | uint32(three[1])<<8 | uint32(three[2])<<16) * golden >> 20
}

func newVocabulary(b *Brand) *Vocabulary {
	v := &Vocabulary{Names: b.Texts("name"), Near: b.Texts("name", "near"), Marks: b.Texts("name", "near", "own", "account"), Own: b.Texts("own", "account"), Accounts: b.Texts("account"), Products: b.Texts("product"), Not: b.Texts("not"), Short: b.Texts("short")}
	for _, name := range v.Names {
		if len(name) >= 5 && !strings.ContainsFunc(name, func(r rune) bool { return r == ' ' || r >= utf8.RuneSelf }) {
			v.Letters = append(v.Letters, name)
		}
	}
	v.marks = startsOf(v.Marks)
	return v
}

// Vocabulary returns the words of a brand of the set.
func (s *Set) Vocabulary(b *Brand) *Vocabulary {
	if v := s.texts[b]; v != nil {
		return v
	}
	return newVocabulary(b)
}

// Mentions calls visit for each place where a word of a brand stands in folded text (script.Fold), whatever stands
// around it; visit returns false to stop.
func (s *Set) Mentions(folded string, visit func(m Mention, at int) bool) {
	if s.finder == nil {
		return
	}
	s.finder.Find(folded, func(n, at int) bool { return visit(s.words[n], at) })
}
