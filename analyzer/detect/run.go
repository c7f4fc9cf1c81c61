package detect

import (
	"fmt"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/script"
)

// Detector looks at one thing.
type Detector struct {
	ID  string
	Doc string
	run func(*scene)
}

// detectors are all of them in the order in which they run. First those that tell whose words these are and what they call
// for; then those whose observations mean something only beside a message that poses.
var detectors = [...]Detector{
	{"context", "mailing lists, newsletters, discussions, the sender's own name", context},
	{"display_name", "the brand in the display name, in every disguise", displayName},
	{"local_part", "the brand in the local part of the address", localPart},
	{"from_domain", "a sender's domain made to look like the brand's", fromDomain},
	{"subject", "a subject that speaks as a notice of the brand", subject},
	{"body", "a text that speaks as the brand", body},
	{"prize", "gift cards and prizes in the brand's name", prize},
	{"action", "calls to act", actions},
	{"claim", "claims that count where the sender shows no name of its own", claims},
	{"disguise", "the brand spaced out, split or written with foreign letters in subject and text", disguise},
	{"attachment", "attachments that carry the message, lead elsewhere or can run", attachments},
	{"links", "where links lead and what they show", linkSignals},
	{"html", "forms, scripts, fonts, hidden text", htmlSignals},
	{"header", "reply address, date zone, mail program, Message-ID", headers},
	{"kit", "programs that send fakes", kits},
	{"text", "place holders, simplified characters, threats", textSignals},
	{"risk", "hostile text in a genuine channel", risks},
	{"shape", "what the brand's own notices look like", shape},
}

// Run looks at one message. A detector that fails is a problem and leaves what the others found; the problem's location
// is for the caller to fill in. Output.Brand is empty for a message that speaks of no brand.
func Run(in Input) (Output, []finding.Problem) {
	return run(in, 0)
}

// innerDepth is how many messages inside messages are looked at.
const innerDepth = 3

func run(in Input, depth int) (out Output, problems []finding.Problem) {
	s := newScene(in)
	guard := func(id string, f func(*scene)) {
		defer func() {
			if v := recover(); v != nil {
				problems = append(problems, finding.Problem{Stage: "internal", Reason: fmt.Sprintf("detector %s failed: %v", id, v)})
			}
		}()
		f(s)
	}
	guard("sender", (*scene).sender)
	guard("alias", alias)
	guard("rewrite", rewrite)
	guard("subject line", (*scene).subjectLine)
	guard("lines", (*scene).foldLines)
	guard("seen", (*scene).seenInText)
	guard("forward", forward)
	guard("brand", (*scene).chooseBrand)
	if s.brand == nil {
		return inner(in, s.out, problems, depth)
	}
	s.out.Brand = s.brand.ID
	defer func() { problems = append(problems, s.problems...) }()
	guard("prepare", (*scene).prepare)
	guard("rival", rivals)
	guard("link reading", readLinks)
	guard("carried", carried)
	for i := range detectors {
		guard(detectors[i].ID, detectors[i].run)
	}
	guard("record", (*scene).record)
	if s.faint && !s.posing.claims() {
		return inner(in, Output{ContentRisk: "none"}, problems, depth)
	}
	out = s.out
	// A person's forward of an attached message is told by what is inside, unless the outside poses itself.
	if !s.posing.claims() && len(s.m.Inner) > 0 {
		return inner(in, out, problems, depth)
	}
	return out, problems
}

// inner looks into enclosed messages for one that says more than the message around it.
func inner(in Input, outer Output, problems []finding.Problem, depth int) (Output, []finding.Problem) {
	if depth >= innerDepth {
		return outer, problems
	}
	for i, m := range in.Message.Inner {
		if i >= 5 {
			break
		}
		found, more := run(Input{Message: m, Brands: in.Brands, Limits: in.Limits, Inspect: in.Inspect}, depth+1)
		problems = append(problems, more...)
		if found.Brand == "" {
			continue
		}
		found.Inner, found.Forward = true, "attached"
		found.Alias = outer.Alias
		found.ForwardOnly = len(strings.TrimSpace(in.Message.Plain)) < forwardOwn
		found.Signals = append(found.Signals, finding.Signal{ID: "context.forward", For: finding.ForMention, Strength: finding.Medium, Shown: quote(m.Subject)})
		return found, problems
	}
	return outer, problems
}

// subjectLine folds the subject, without the tags of mailing lists and spam filters and the marks of replies.
func (s *scene) subjectLine() {
	s.foldedSubject = script.Fold(s.m.Subject)
	t := strings.TrimSpace(s.foldedSubject)
	for range 6 {
		before := t
		for _, mark := range []string{"re:", "aw:", "sv:", "antw:", "回复:", "回覆:", "返信:", "r:", "ris:", "res:"} {
			if rest, ok := strings.CutPrefix(t, mark); ok {
				t, s.reply = strings.TrimSpace(rest), true
			}
		}
		for _, mark := range forwardMarks {
			if rest, ok := strings.CutPrefix(t, mark); ok {
				t = strings.TrimSpace(rest)
			}
		}
		if strings.HasPrefix(t, "[") && len(s.m.ListID)+len(s.fromSelf) > 0 {
			if end := strings.IndexByte(t, ']'); end > 0 && end < 40 && s.listTag(t[1:end]) {
				t = strings.TrimSpace(t[end+1:])
			}
		}
		for _, mark := range []string{"***spam***", "*****spam*****", "[spam]", "[meiwaku]", "{spam?}"} {
			t = strings.TrimSpace(strings.TrimPrefix(t, mark))
		}
		if t == before {
			break
		}
	}
	s.subject, s.subjectHow = s.asSeen(t)
}

// listTag reports whether a word in brackets at the start of a subject is the tag of a mailing list: part of its address.
func (s *scene) listTag(tag string) bool {
	if strings.HasPrefix(tag, "patch") || strings.Contains(strings.ToLower(s.m.ListID), tag) {
		return true
	}
	for _, a := range s.m.To {
		if strings.Contains(strings.ToLower(a.Address), tag) {
			return true
		}
	}
	return s.via && len(tag) > 2 && strings.Contains(s.fromSelf+" "+s.out.Alias, tag)
}

// maxLinks is how many links a record keeps.
const maxLinks = 50

// record fills in what goes into the message record besides the signals.
func (s *scene) record() {
	s.out.Links = keepLinks(s.links, maxLinks)
	for i, a := range s.m.Attachments {
		if i >= maxLinks {
			break
		}
		s.out.Attachments = append(s.out.Attachments, finding.Attachment{Name: a.Name, Type: a.Type, Size: a.Size})
	}
	s.out.Marketplace = s.marketplace()
	for _, g := range s.out.Signals {
		if g.For != finding.ForRisk {
			continue
		}
		switch {
		case g.Strength == finding.Strong:
			s.out.ContentRisk = "high"
		case s.out.ContentRisk == "none":
			s.out.ContentRisk = "low"
		}
	}
}

// marketplace is that of the sender's domain, else the one that official links lead to most, else what the subject says.
func (s *scene) marketplace() string {
	if !s.brand.Can(brand.Shops) {
		return ""
	}
	if s.domain.Marketplace != "" {
		return s.domain.Marketplace
	}
	count := map[string]int{}
	best := ""
	vote := func(m string, n int) {
		if m == "" {
			return
		}
		count[m] += n
		if best == "" || count[m] > count[best] {
			best = m
		}
	}
	for _, text := range []string{s.name, s.subject} {
		for _, d := range s.brand.Domains {
			if d.Marketplace != "" && d.Name == "amazon."+d.Marketplace && strings.Contains(text, d.Name) && wholeDomain(text, d.Name) {
				vote(d.Marketplace, 3)
			}
		}
	}
	for i, l := range s.links {
		if b, d, ok := s.in.Brands.Lookup(l.host); ok && b == s.brand && i < 200 {
			vote(d.Marketplace, 1)
		}
	}
	if best == "" && s.language == "ja" {
		best = "co.jp"
	}
	return best
}

// wholeDomain reports whether text holds domain without further labels behind it: amazon.com in amazon.com.br does not.
func wholeDomain(text, domain string) bool {
	for from := 0; ; {
		i := strings.Index(text[from:], domain)
		if i < 0 {
			return false
		}
		end := from + i + len(domain)
		if end == len(text) || !letter(text[end]) && (text[end] != '.' || end+1 == len(text) || !letter(text[end+1])) {
			return true
		}
		from = end
	}
}
