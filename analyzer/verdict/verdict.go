// Package verdict concludes who sent a message.
//
// It takes what Extract kept of the message (fact.Fact) and what Learn knows of the mailbox (fact.Profile), asks
// package mailauth what the receivers' results amount to, and runs down one decision table: the first row that applies
// decides (table.go). The verdict is about the sender; what the text may do to its reader is the content risk beside
// it. Calling a fake genuine is the worst mistake, calling the brand's own mail a fake the second worst; between them
// stands "unverifiable".
package verdict

import (
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// Result is the judgement of one message.
type Result struct {
	Verdict     finding.Verdict
	Rule        string // id of the row that decided
	Row         int    // its number in AUTHENTICITY §5, 0 for rows that have none
	ContentRisk string // "none", "low", "high"

	Signals []finding.Signal // those of the message and those of its authentication, strongest first
	Auth    *finding.Auth

	Time       time.Time // zero where no clock can be believed
	TimeSource string
	ClockDoubt string

	Read *finding.Read // merged; nil where nothing is known
	// Recipient is the address the message was sent to, the owner's where there are several; "" where it can't be told.
	Recipient string
}

// noRecords is the number of the row that decides for lack of records.
const noRecords = 6

// Unproven reports whether the message is unverifiable only because nothing that was kept shows who sent it: no signal
// that is more than weak speaks against it.
func (r *Result) Unproven() bool {
	return r.Row == noRecords && !slices.ContainsFunc(r.Signals, func(s finding.Signal) bool {
		return s.For == finding.ForImpersonation && s.Strength != finding.Weak
	})
}

// Judge judges one fact. asOf is the time beyond which a clock is impossible.
func Judge(f *fact.Fact, p *fact.Profile, brands *brand.Set, asOf time.Time) Result {
	s := look(f, p, brands)
	r := Result{ContentRisk: f.ContentRisk, Auth: s.record(), Read: Read(f, p), Recipient: recipient(f, p)}
	if r.ContentRisk == "" {
		r.ContentRisk = "none"
	}
	for _, row := range table() {
		if row.when(s) {
			r.Verdict, r.Rule, r.Row = row.verdict, row.rule, row.number
			break
		}
	}
	if (r.Verdict == finding.Genuine || r.Verdict == finding.LikelyGenuine) && s.strongAgainst() > 0 {
		// The sender is proven, the text leads elsewhere: a stolen account or key of a department would look so.
		if s.acts() && s.has("text.threat") {
			r.ContentRisk = "high"
		} else if r.ContentRisk == "none" {
			r.ContentRisk = "low"
		}
	}
	if r.Verdict == finding.GenuineRelay && s.strangersTrap() {
		r.ContentRisk = "high"
	}
	r.Signals = ordered(s.signals)
	r.Time, r.TimeSource, r.ClockDoubt = fact.Clock(f, s.auth.Boundary, asOf)
	return r
}

// signaturesKept is how many signatures a record names. Amazon's mail has two, mail through lists up to five.
const signaturesKept = 10

// record is the authentication as it stands in the message record.
func (s *sender) record() *finding.Auth {
	a := &finding.Auth{
		DMARC: s.auth.DMARC, SPF: s.auth.SPF, MailFrom: s.auth.MailFrom, ARC: s.auth.ARC,
		Aligned: s.alignedPass(), Client: s.auth.Client, Ignored: s.auth.Ignored,
	}
	if s.trusted() {
		first := s.auth.Trusted[0]
		a.Trusted, a.Raw = first.AuthservID, first.Raw
		if a.Trusted == "" {
			a.Trusted = "-"
		}
		a.Assumed = s.auth.Rule != nil && !s.auth.Rule.Learned && !s.auth.Rule.Given
	}
	for _, d := range s.auth.DKIM {
		a.DKIM = append(a.DKIM, finding.DKIM{Domain: d.Domain, Selector: d.Selector, Result: d.Result, Reason: d.Reason})
	}
	for i, g := range s.fact.Signatures {
		if i < signaturesKept && g.Domain != "" && g.Selector != "" {
			a.Signatures = append(a.Signatures, finding.Selector{Domain: g.Domain, Selector: g.Selector})
		}
		if g.Checked != "" {
			a.Checked = append(a.Checked, finding.DKIM{Domain: g.Domain, Selector: g.Selector, Result: g.Checked, Reason: g.Reason})
		}
	}
	if b := s.auth.Boundary; b >= 0 && b < len(s.fact.Trace) {
		hop := s.fact.Trace[b]
		a.Boundary = strings.TrimSpace(hop.Client + " → " + hop.By)
	}
	return a
}

// recipient finds whom a message was sent to: the owner where one of the addresses is known to be theirs, else where
// the receiver says it delivered to, else the first addressee.
func recipient(f *fact.Fact, p *fact.Profile) string {
	first := ""
	for _, list := range [][]string{f.DeliveredTo, addresses(f.To)} {
		for _, a := range list {
			a = strings.ToLower(strings.Trim(a, "<> "))
			if a == "" {
				continue
			}
			if p.Owner[a] {
				return a
			}
			if first == "" {
				first = a
			}
		}
	}
	return first
}

func addresses(list []finding.Address) []string {
	out := make([]string, 0, len(list))
	for _, a := range list {
		out = append(out, a.Address)
	}
	return out
}

// ordered sorts signals by strength, then by what they speak for and id, and drops repetitions.
func ordered(in []finding.Signal) []finding.Signal {
	level := map[finding.Strength]int{finding.Strong: 0, finding.Medium: 1, finding.Weak: 2}
	side := map[string]int{
		finding.ForGenuine: 0, finding.ForImpersonation: 1, finding.ForPosing: 2, finding.ForAction: 3,
		finding.ForRisk: 4, finding.ForMention: 5,
	}
	out := append([]finding.Signal(nil), in...)
	sort.SliceStable(out, func(i, j int) bool {
		a, b := out[i], out[j]
		if level[a.Strength] != level[b.Strength] {
			return level[a.Strength] < level[b.Strength]
		}
		if side[a.For] != side[b.For] {
			return side[a.For] < side[b.For]
		}
		if a.ID != b.ID {
			return a.ID < b.ID
		}
		return a.Shown < b.Shown
	})
	n := 0
	for i, g := range out {
		if i > 0 && g == out[n-1] {
			continue
		}
		out[n] = g
		n++
	}
	return out[:n]
}
