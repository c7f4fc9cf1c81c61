// Package candidate tells, cheaply, which messages may speak of a brand: only those are parsed in full.
//
// A mailbox is mostly other mail, so that this test decides how fast a scan is; and what it drops is never looked at
// again, so that it must be sound: a message that full analysis would report is never dropped. It may be wrong in the
// other direction as often as it likes, that only costs time.
//
// The test looks for the brands' words in the bytes a reader could get to see: header fields, text parts with their
// transfer encoding and character set undone, HTML with and without its tags, file names, attached text files,
// enclosed messages. Binary parts are passed over. Plain ASCII is searched as it stands, in one pass. What fakes do to
// a word so that it is not found (letters of other scripts, combining and invisible characters, entities, tags or
// hidden text between the letters, spaced-out letters) each has a sign that is cheap to see; only where there is one,
// the stretch around it goes through the slow folding that full analysis uses. A differential test proves that both
// agree.
//
// Fields that mail systems write for themselves (Received, DKIM-Signature, Message-ID, Feedback-ID and the like) make no
// candidate, nor does the name amazonses.com, through which half the world sends.
package candidate

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/message"
	"github.com/mailaudit/mailaudit/analyzer/message/attachment"
	"github.com/mailaudit/mailaudit/analyzer/script"
)

// Words are what a Matcher looks for. They are folded by New.
type Words struct {
	// Names name a brand wherever they stand: its names and their look-alike spellings.
	Names []string
	// Domains are its domains. They are found as Names are, but for digits and punctuation in full-width form, which
	// Japanese text is full of and nobody writes domains with.
	Domains []string
	// Heads name a brand only where they stand in From, Sender, Reply-To or Subject: products such as "prime".
	Heads []string
	// Spread are ASCII names of which fakes pull the letters apart ("a m a z o n") or push others in ("amtalkazon").
	Spread []string
	// Slips are ASCII names that count with a slip in them (hostname.Slip) where a message shows who writes.
	Slips []string
	// Apart are names in other scripts, which fakes write with blanks or dots between the letters (ア・マ・ゾ・ン).
	Apart []string
}

// Matcher is the test. It does not change and may be used by many goroutines.
type Matcher struct {
	Inspect attachment.Inspector // looks into PDF; nil does it in this process. Set before use.

	names  *patterns
	heads  *patterns
	spread []spreadWords
	slips  []string
	apart  []apartWord
	// compact finds the heads and names without their blanks in text without its separators.
	compact *patterns
	plain   *plainSet
	reach   int       // letters of the longest word, or as far as one that is written apart goes
	pool    sync.Pool // of *buffers
}

// New makes the test for a set of brands.
func New(brands *brand.Set) *Matcher {
	var w Words
	for _, b := range brands.All() {
		names := b.Texts("name", "near", "own", "account")
		for _, n := range names {
			if len(n) < brand.HeadOnly {
				w.Heads = append(w.Heads, n)
			} else {
				w.Names = append(w.Names, n)
			}
		}
		if b.Can(brand.Disguises) {
			w.Heads = append(w.Heads, b.Texts("product")...)
			for _, n := range b.Texts("name") {
				if ascii(n) && len(n) >= brand.Slips && !strings.Contains(n, " ") {
					w.Slips = append(w.Slips, n)
				}
			}
		}
		if b.Can(brand.Apart) {
			for _, n := range b.Texts("name") {
				switch {
				case ascii(n) && len(n) >= 5:
					w.Spread = append(w.Spread, n)
				case !ascii(n) && utf8.RuneCountInString(n) >= 3:
					w.Apart = append(w.Apart, n)
				}
			}
		}
		for _, d := range b.Domains {
			switch d.Role {
			case brand.Retail, brand.Service, brand.Relay, brand.Short:
				if len(d.Name) >= shortestDomain && d.Name != relayHost {
					w.Domains = append(w.Domains, d.Name)
				}
			}
		}
	}
	return NewWords(w)
}

// shortestDomain keeps out names such as a.co, which is in every "…a.com".
const shortestDomain = 6

// NewWords makes the test for a list of words.
func NewWords(w Words) *Matcher {
	names := folded(append(slices.Clone(w.Names), w.Domains...))
	// A name that holds another one is found with it.
	names = slices.DeleteFunc(names, func(n string) bool {
		return slices.ContainsFunc(names, func(o string) bool { return o != n && strings.Contains(n, o) })
	})
	heads := append(folded(w.Heads), names...)
	m := &Matcher{names: newPatterns(names), heads: newPatterns(heads), spread: spread(folded(w.Spread)), slips: folded(w.Slips)}
	var rare []rune
	for _, n := range folded(w.Apart) {
		a := newApartWord(n)
		m.apart = append(m.apart, a)
		rare = append(rare, []rune(string(a.rare))...)
		m.reach = apartReach / utf8.UTFMax
	}
	m.plain = newPlainSet(append(folded(w.Names), folded(w.Heads)...), rare)
	for _, n := range heads {
		m.reach = max(m.reach, utf8.RuneCountInString(n))
	}
	var joined []string
	for _, n := range append(folded(w.Heads), folded(w.Names)...) {
		if c := script.Compact(n); utf8.RuneCountInString(c) >= 4 || !ascii(c) && utf8.RuneCountInString(c) >= 3 {
			joined = append(joined, c)
		}
	}
	m.compact = newPatterns(joined)
	return m
}

func folded(words []string) []string {
	var out []string
	for _, w := range words {
		if f := script.Fold(w); len(f) >= 2 {
			out = append(out, f)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// Match reports whether the message may speak of a brand. raw is the message as stored; mbox quoting needs no undoing.
func (m *Matcher) Match(raw []byte, lim limit.Limits) bool {
	s := search{m: m, lim: lim, work: lim.Work}
	defer s.release()
	return s.message(raw, 0)
}

// search is the state of one test.
type search struct {
	m     *Matcher
	lim   limit.Limits
	work  int64
	parts int
	found bool
	bufs  *buffers
}

func (s *search) message(raw []byte, depth int) bool {
	lim := s.lim
	lim.Parts = max(1, lim.Parts-s.parts)
	lim.Depth = max(0, lim.Depth-depth)
	message.Walk(raw, lim, func(p *message.Part) bool {
		s.parts++
		s.found = s.header(p) || !p.Multipart && s.leaf(p, depth)
		return !s.found
	})
	return s.found
}

// header tests the header of the message or of a part. Fields that stand together are searched together, as they are;
// those that have something to decode are searched decoded as well.
func (s *search) header(p *message.Part) bool {
	block, hit := p.Header, false
	from, to := 0, 0
	flush := func() bool {
		run := block[from:to]
		return s.m.names.in(run) || s.spreadIn(run)
	}
	p.EachField(func(name, colon, body, end int) bool {
		head, skip := role(bytes.TrimRight(block[name:colon], " \t"))
		if skip {
			hit = flush()
			from, to = end, end
			return !hit
		}
		if to == from {
			from = name
		}
		to = end
		value, pats := block[body:end], s.m.names
		if head {
			pats = s.m.heads
			hit = pats.in(value)
		}
		if hit = hit || s.value(value, pats, head); hit || !head {
			return !hit
		}
		hit = !isSubject(block[name:colon]) && s.addresses(value, pats) || s.declared(p, value, pats)
		return !hit
	})
	if hit || flush() {
		return true
	}
	// RFC 2231 hides a name behind percent signs and pieces.
	if p.HasCodedName() {
		return s.text(p.FileName(), s.m.names)
	}
	return false
}

// value tests a field's body as it is decoded for reading, where that is something else than its bytes. What a head says is
// tested for words that are written apart or with figures for letters as well.
func (s *search) value(value []byte, pats *patterns, head bool) bool {
	if len(value) == 0 {
		return false
	}
	if plainASCII(value) < len(value) || dropped(value[0]) || value[0] >= utf8.RuneSelf || bytes.Contains(value, []byte("=?")) {
		t := message.DecodeHeader(string(value))
		return s.text(t, pats) || head && s.headIn(t)
	}
	if head && s.headIn(string(value)) {
		return true
	}
	if bytes.IndexByte(value, '\n') < 0 && bytes.IndexByte(value, '\r') < 0 {
		return false
	}
	// Lines of plain ASCII: names of several words can stand across a line end.
	b := message.AppendUnfolded(s.buffers().unfolded[:0], value)
	if cap(b) <= largestKept {
		s.bufs.unfolded = b
	}
	return pats.in(b) || s.spreadIn(b)
}

// declared tests a field that is in no UTF-8 as it is decoded in the character set that the body declares.
func (s *search) declared(p *message.Part, value []byte, pats *patterns) bool {
	if p.Parent != nil || utf8.Valid(value) {
		return false
	}
	label := p.DeclaredCharset()
	if label == "" {
		return false
	}
	if s.text(message.DecodeHeaderIn(string(value), label), pats) {
		return true
	}
	for _, a := range message.ParseAddressesIn(string(value), label) {
		if s.text(a.Name, pats) || s.text(a.Address, pats) {
			return true
		}
	}
	return false
}

// addresses tests the names of an address field as they are read, where that may be something else than its text: an
// encoded word that is left open ends for a mail program where the address begins, and quotes and comments inside a word
// are taken out.
func (s *search) addresses(value []byte, pats *patterns) bool {
	if coded := bytes.Contains(value, []byte("=?")); coded && usualMailbox(value) || !coded && !marksInWords(value) {
		return false
	}
	for _, a := range message.ParseAddresses(string(value)) {
		if s.text(a.Name, pats) || s.text(a.Address, pats) {
			return true
		}
	}
	return false
}

// marksInWords reports whether nothing but quotes, backslashes and parentheses stands between two characters of words.
func marksInWords(b []byte) bool {
	const marks = "\"\\()"
	for i := 0; ; {
		j := bytes.IndexAny(b[i:], marks)
		if j < 0 {
			return false
		}
		from := i + j
		for i = from; i < len(b) && strings.IndexByte(marks, b[i]) >= 0; i++ {
		}
		if from > 0 && i < len(b) && inWord(b[from-1]) && inWord(b[i]) {
			return true
		}
	}
}

func inWord(c byte) bool {
	return c >= utf8.RuneSelf || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9'
}

// isSubject tells for the one of the heads that holds no addresses.
func isSubject(name []byte) bool { return name[0]|0x20 == 's' && name[1]|0x20 == 'u' }

// text tests decoded text.
func (s *search) text(t string, pats *patterns) bool {
	if t == "" {
		return false
	}
	b := []byte(t)
	return pats.in(b) || s.foldedIn(b, pats) || s.spreadIn(b)
}

// role tells how a field is tested: head for those that say who writes and about what, skip for those that mail systems
// write for themselves.
func role(name []byte) (head, skip bool) {
	var low [longestRole]byte
	if len(name) > len(low) || len(name) < 4 {
		return false, false
	}
	for i, c := range name {
		low[i] = canonical(c)
	}
	switch string(low[:len(name)]) {
	case "from", "sender", "reply-to", "subject":
		return true, false
	case "received", "dkim-signature", "domainkey-signature", "message-id", "feedback-id", "in-reply-to", "references",
		"arc-seal", "arc-message-signature", "arc-authentication-results", "authentication-results", "received-spf",
		"x-received", "x-google-dkim-signature", "x-ses-outgoing", "x-google-smtp-source", "x-gm-message-state",
		"authentication-results-original", "x-amz-mail-id", "x-message-id", "x-original-message-id":
		return false, true
	}
	return false, false
}

// longestRole is the length of the longest name that role knows.
const longestRole = len("authentication-results-original")

// leaf tests a body.
func (s *search) leaf(p *message.Part, depth int) bool {
	if len(p.Body) == 0 || s.work <= 0 {
		return s.work <= 0 // what is not tested has to be parsed
	}
	how := s.kind(p)
	if how == opaque {
		return false
	}
	limit := int(min(int64(s.lim.Text), s.work))
	if how == enclosed {
		limit = int(min(s.lim.Message, s.work))
		b, _ := p.Decode(limit)
		s.work -= int64(len(b))
		if depth+1 >= s.lim.Depth || s.parts >= s.lim.Parts {
			return true
		}
		inner := search{m: s.m, lim: s.lim, work: s.work, parts: s.parts}
		defer inner.release()
		ok := inner.message(b, depth+1)
		s.work, s.parts = inner.work, inner.parts
		return ok
	}
	if how == document {
		b := s.decode(p, int(min(int64(s.lim.Attachment), s.work)))
		s.work -= int64(len(b))
		f := attachment.File{Name: p.FileName(), Type: attachment.Sniff(b[:min(len(b), peeked)], p.FileName(), p.Type), Data: b}
		text, found, _ := attachment.Read(context.Background(), f, s.lim, s.m.Inspect)
		if s.text(text, s.m.names) {
			return true
		}
		for _, l := range found {
			if s.text(l.Target, s.m.names) || s.text(l.Shown, s.m.names) {
				return true
			}
		}
		return false
	}
	b := s.decode(p, limit)
	s.work -= int64(len(b))
	b, plain := s.utf8(b, p, how)
	if how == markup {
		return s.markup(b)
	}
	return s.m.names.in(b) || !plain && s.foldedIn(b, s.m.names) || s.spreadIn(b) || s.hosts(b)
}
