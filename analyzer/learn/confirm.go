package learn

import (
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/mailauth"
)

// maxConfirmed bounds each of the two maps of what is confirmed. Amazon has some dozens of selectors and accounts.
const maxConfirmed = 100_000

// Confirmer is the second step of learning: it looks at every fact under the trust of the first step and notes what
// genuine mail of the brands has in common.
type Confirmer struct {
	profile   *fact.Profile
	brands    *brand.Set
	selectors map[string]int
	accounts  map[string]int
}

// Confirm starts the second step. Facts are handed to Add one by one, in any order.
func Confirm(p *fact.Profile, brands *brand.Set) *Confirmer {
	return &Confirmer{profile: p, brands: brands, selectors: make(map[string]int), accounts: make(map[string]int)}
}

// Add looks at one fact: with an aligned pass by a trusted receiver its good selectors and the account in its
// Feedback-ID are confirmed.
func (c *Confirmer) Add(f *fact.Fact) {
	if len(f.From) == 0 || len(f.Results) == 0 {
		return
	}
	a := mailauth.Assess(f, c.profile, c.brands)
	if !a.Aligned || a.Replay {
		return
	}
	for _, d := range a.DKIM {
		if d.Result != "pass" || !d.Aligned {
			continue
		}
		for _, s := range selectors(f, d) {
			tick(c.selectors, s+"._domainkey."+d.Domain)
		}
	}
	if account := Account(f.FeedbackID); account != "" && (a.AlignedBy == "dkim" || a.AlignedBy == "dmarc") {
		tick(c.accounts, account)
	}
}

// selectors are those of the signature that a result found good: the result names it, or the message has one signature
// of the domain only.
func selectors(f *fact.Fact, d mailauth.DKIM) []string {
	if d.Selector != "" {
		return []string{d.Selector}
	}
	found := ""
	for i := range f.Signatures {
		s := &f.Signatures[i]
		if s.Domain != d.Domain || s.Selector == "" {
			continue
		}
		if found != "" {
			return nil
		}
		found = strings.ToLower(s.Selector)
	}
	if found == "" {
		return nil
	}
	return []string{found}
}

// Account is the sending account in a Feedback-ID of Amazon's mail service, "1.us-west-2.<account>=:AmazonSES": the part
// that is the same for every message of one account. It is "" for other fields.
func Account(feedbackID string) string {
	head, ok := strings.CutSuffix(strings.TrimSpace(feedbackID), ":AmazonSES")
	if !ok {
		return ""
	}
	if i := strings.LastIndexByte(head, ':'); i >= 0 {
		head = head[i+1:]
	}
	_, rest, ok := strings.Cut(head, ".")
	if !ok || len(rest) > 200 {
		return ""
	}
	return rest
}

func tick(m map[string]int, key string) {
	if _, ok := m[key]; ok {
		m[key]++
	} else if len(m) < maxConfirmed {
		m[strings.Clone(key)] = 1 // the key may be a piece of its fact, which must not stay in memory with it
	}
}

// Done puts what was confirmed into the profile.
func (c *Confirmer) Done() { c.profile.Selectors, c.profile.Accounts = c.selectors, c.accounts }
