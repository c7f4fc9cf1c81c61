package detect

import (
	"strings"
	"unicode/utf8"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/message"
	"github.com/mailaudit/mailaudit/analyzer/script"
	"github.com/mailaudit/mailaudit/analyzer/sender"
)

// How much of the text detectors look at, in bytes. Notices and fakes say what they want at the start and sign at the
// end; long mail is newsletters and word salad put there to cost time.
const (
	textHead = 48 << 10
	textTail = 16 << 10
	// shownMax is the longest quotation in a signal, in bytes, well below the 300 characters of the record.
	shownMax = 240
)

// scene is one message as detectors see it: its texts prepared once, and what earlier detectors concluded.
type scene struct {
	in Input
	m  *message.Message
	t  *tables

	from     finding.Address // the sender as it claims to be: behind list rewriting and alias services
	name     string          // folded display name, as it is read
	nameHow  string          // how that was written otherwise (see asSeen)
	local    string          // folded local part
	host     string          // domain in ASCII
	fromSelf string          // the domain in From as it stands, ASCII
	oddHost  bool            // that is written otherwise than it is read
	via      bool            // a mailing list put its address into From
	original finding.Address // the author's address that the list kept (Reply-To, X-Original-From)

	pagesRead bool         // the text of an attached PDF or Office document is part of the text
	files     map[int]file // what attachments hold, by their index, as far as they were read

	brand    *brand.Brand
	faint    bool         // nothing but pictures and the hosts of links speak of the brand
	official bool         // the sender's domain is the brand's: retail, service or relay
	domain   brand.Domain // its entry

	lines             []foldedLine
	foldedSubject     string  // as it stands, folded
	subject           string  // folded, without list tags and reply marks
	subjectHow        string  // how the brand was written otherwise in it (see asSeen)
	textApart         string  // a line of the text in which the brand is written apart
	reply             bool    // the subject is a reply's
	text              string  // prepared: folded, squeezed, names of the brand marked
	markedSubject     string  // the subject likewise
	subjectSays       kindSet // the kinds of phrases in it
	starts            []line  // where lines of the original stand in text
	quoted            int     // lines that quote another message
	foldedText        string  // all of the text folded, quotations included
	rawText           string  // all of the text as it stands
	oddText, oddAsked bool    // the answer of odd, once it was asked
	macros            []string
	named             int   // how often the text names the brand
	services          []int // where in text a mark stands for what the reader has at the brand: an account, a membership
	rival             string
	hearsay           bool // the sender's domain bears the name of an issuer whose domains are not surely known
	rivals            int
	language          string
	reports           bool // who forwards the message calls it a fake
	hits              [kindCount][]hit
	places            map[string]*place
	lastPlace         *place            // asked for last
	words             *brand.Vocabulary // the brand's words

	ownHost, ownRegistrable string // the sender's domain that was asked for last

	wordsOfHosts []string
	links        []link

	posing   posing
	carried  bool // somebody else's hands carried an original that looks like the brand's own
	out      Output
	problems []finding.Problem
	seen     map[string]int
}

// line is where a line of the original text begins in the prepared one.
type line struct {
	at  int
	raw string
}

// foldedLine is a line of the text that the sender wrote, as it stands and folded.
type foldedLine struct{ raw, folded string }

// hit is a phrase found in the prepared text.
type hit struct {
	phrase string
	at     int
}

// posing sums up how a message poses.
type posing struct{ strong, medium int }

// claims reports whether the message claims to be the brand, in the way package verdict asks.
func (p posing) claims() bool { return sender.Claims(p.strong, p.medium) }

// any reports whether anything in it poses.
func (p posing) any() bool { return p.strong+p.medium > 0 }

// usual is the usual strength and purpose of each signal.
var usual = func() map[string]Signal {
	m := map[string]Signal{}
	for _, s := range Signals() {
		m[s.ID] = s
	}
	return m
}()

// perSignal is how often one signal may stand in a record: one example shows what there is to see.
const perSignal = 3

// add records a signal of its usual strength.
func (s *scene) add(id string, shown ...string) { s.addAs(id, usual[id].Strength, shown...) }

// stronger reports whether one strength is above another.
func stronger(a, b finding.Strength) bool {
	return a == finding.Strong && b != finding.Strong || a == finding.Medium && b == finding.Weak
}

// addAs records a signal of the given strength.
func (s *scene) addAs(id string, strength finding.Strength, shown ...string) {
	u := usual[id]
	for i, g := range s.out.Signals {
		if g.ID == id && u.For == finding.ForPosing && stronger(strength, g.Strength) && !s.carried {
			// The same claim, weighed anew in the light of more.
			if g.Strength == finding.Medium {
				s.posing.medium--
			}
			if strength == finding.Strong {
				s.posing.strong++
			} else {
				s.posing.medium++
			}
			s.out.Signals[i].Strength = strength
			return
		}
		if g.ID == id && (g.Shown == quote(strings.Join(shown, " ")) || g.Strength == strength && u.For != finding.ForImpersonation) {
			return
		}
	}
	// Beside a single claim that an honest newsletter may make, an oddity is an oddity.
	if u.For == finding.ForImpersonation && strength == finding.Medium && !s.official && !s.posing.claims() && id != "link.unofficial_host" && id != "link.text_mismatch" {
		strength = finding.Weak
	}
	if s.seen[id]++; s.seen[id] > perSignal {
		return
	}
	if u.For == finding.ForPosing {
		switch {
		case s.carried && strength != finding.Weak:
			strength = finding.Weak
		case strength == finding.Strong:
			s.posing.strong++
		case strength == finding.Medium:
			s.posing.medium++
		}
	}
	s.out.Signals = append(s.out.Signals, finding.Signal{ID: id, For: u.For, Strength: strength, Shown: quote(strings.Join(shown, " "))})
}

// has reports whether a signal was given.
func (s *scene) has(id string) bool { return s.seen[id] > 0 }

// quote makes a quotation of one line, cut at a character border.
func quote(text string) string {
	if len(text) <= shownMax && oneLine(text) {
		return text
	}
	text = strings.ToValidUTF8(text, "\ufffd")
	if len(text) > 4*shownMax {
		text = script.Cut(text, 4*shownMax)
	}
	text = strings.Join(strings.Fields(text), " ")
	if len(text) <= shownMax {
		return text
	}
	return script.Cut(text, shownMax) + "…"
}

// oneLine tells for most text that quote would leave as it is: no white space but single spaces, and none but
// common characters.
func oneLine(text string) bool {
	space := true // none may stand here
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == ' ':
			if space {
				return false
			}
			space = true
			i++
			continue
		case c > ' ' && c < 0x7f:
			i++
		case c >= 0xe4 && c <= 0xe9 && i+3 <= len(text) && text[i+1]&0xc0 == 0x80 && text[i+2]&0xc0 == 0x80:
			i += 3
		case c >= 0xc3 && c <= 0xdf || c >= 0xe3 && c <= 0xe9 || c == 0xef:
			r, n := utf8.DecodeRuneInString(text[i:])
			if n < 2 || r == 0x3000 {
				return false
			}
			i += n
		default:
			return false
		}
		space = false
	}
	return !space || text == ""
}

// newScene prepares what does not depend on the brand.
func newScene(in Input) *scene {
	s := &scene{in: in, m: in.Message, t: builtinTables(), seen: map[string]int{}}
	if len(s.m.From) > 0 {
		s.from = s.m.From[0]
	}
	s.out.ContentRisk = "none"
	return s
}

// sender reads the sender as it claims to be.
func (s *scene) sender() {
	s.name, s.nameHow = s.asSeen(strings.TrimSpace(script.Fold(s.from.Name)))
	a := sender.Resolve(s.from.Address, nil)
	// A From without a domain still shows its words to the reader: "Amazon.co.jp" <Amazon>.
	s.local = script.Fold(a.Local)
	s.oddHost = a.Odd
	if a.Host != "" || strings.Contains(s.from.Address, "@") {
		s.host, s.fromSelf = a.Host, a.Host
	}
}

// official returns the brand that host belongs to as a sender.
func (s *scene) officialSender(host string) (*brand.Brand, brand.Domain, bool) {
	b, d, ok := sender.Owner(host, s.in.Brands)
	if !ok {
		return nil, brand.Domain{}, false
	}
	return b, d, true
}

// original text around a place in the prepared text.
func (s *scene) around(at int) string {
	lo, hi := 0, len(s.starts)
	for lo < hi {
		mid := (lo + hi) / 2
		if s.starts[mid].at <= at {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo == 0 {
		return ""
	}
	l := s.starts[lo-1]
	if len(l.raw) <= shownMax {
		return l.raw
	}
	end := len(s.text)
	if lo < len(s.starts) {
		end = s.starts[lo].at
	}
	// A long line is a whole paragraph: the place in it is guessed from the place in the prepared line.
	from := 0
	if end > l.at {
		from = (at - l.at) * len(l.raw) / (end - l.at)
	}
	from = max(0, from-shownMax/3)
	for from > 0 && !utf8.RuneStart(l.raw[from]) {
		from--
	}
	return script.Cut(l.raw[from:], shownMax)
}

// brandHost reports whether host is the brand's own or one of its assets.
func (s *scene) brandHost(host string) bool {
	b, _, ok := s.in.Brands.Lookup(host)
	return ok && s.brand != nil && b.ID == s.brand.ID
}

// addKit records that a kit was found.
func (s *scene) addKit(name, shown string) {
	s.out.Signals = append(s.out.Signals, finding.Signal{ID: "kit." + name, For: finding.ForImpersonation, Strength: finding.Strong, Shown: quote(shown)})
	s.seen["kit."+name]++
}
