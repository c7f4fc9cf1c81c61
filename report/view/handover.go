package view

import (
	"slices"
	"strings"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// Handover is the one sheet that is handed to a card company or bank, to the police and to the brand: what happened in
// order, which mails prove it, and what is asked of whom. It says what the mailbox shows; which of it the owner did not do
// is for the owner to mark on paper.
type Handover struct {
	Title, Sentence string
	Facts           []Detail
	Steps           []Step
	More            int // steps that found no room
	Asks            []Ask
	Sources         []Detail // name and SHA-256
	MoreSources     int
	Marked          bool // there is something to mark as not one's own
}

// Step is one thing that happened, with the mail that says so.
type Step struct {
	N                                  int
	Index                              int // of the message
	Time, What, Subject, Amount, Facts string
	Proof                              string // the verdict on the mail
	Number, SHA256, Place              string
	Fake                               bool
}

// Ask is what is asked of one addressee.
type Ask struct{ Whom, What string }

// Bounds of the sheet.
const (
	maxSteps       = 30
	maxSheetSource = 6
)

// Handover makes the sheet.
func (r *Report) Handover() (*Handover, error) {
	h := &Handover{Title: r.Say("handover.title"), Sentence: r.handoverSentence(), Facts: r.handoverFacts()}
	chosen := r.handoverMessages()
	list, more := r.mostTelling(chosen)
	h.More = more
	paid, changed := false, false
	for n, i := range list {
		m, err := r.Message(int(i))
		if err != nil {
			return nil, err
		}
		h.Steps = append(h.Steps, r.step(n+1, int(i), m))
		e := r.Entries[i]
		if !e.Notice() {
			continue
		}
		changed = true
		switch e.EventWord().Class() {
		case "order", "giftcard", "prime", "subscription", "statement":
			paid = true
		}
		paid = paid || m.Details != nil && (m.Details.Amount != "" || m.Details.CardEnd != "") || strings.HasPrefix(string(e.EventWord()), "account.payment")
	}
	h.Marked = changed
	h.Asks = r.asks(len(h.Steps) > 0, paid, changed)
	for k, s := range r.Sources() {
		if k == maxSheetSource {
			h.MoreSources = len(r.Sources()) - k
			break
		}
		if !s.SHA256.IsZero() {
			h.Sources = append(h.Sources, Detail{Safe(s.Name), s.SHA256.String()})
		}
	}
	return h, nil
}

// Empty reports whether there is nothing to hand over.
func (h *Handover) Empty() bool { return len(h.Steps) == 0 }

// handoverSentence says what the report's answer says, of the owner instead of to the owner.
func (r *Report) handoverSentence() string {
	for _, i := range r.openIncidents() {
		t := r.firstNotice(i)
		if t == 0 || i.Severity.Level() < finding.High.Level() {
			continue
		}
		id := "handover.said.perhaps"
		if i.Severity == finding.Critical {
			id = "handover.said.takeover"
		}
		return r.Say(id, "date", time.Unix(t, 0))
	}
	return ""
}

func (r *Report) handoverFacts() []Detail {
	var facts []Detail
	add := func(label, value string) {
		if value != "" {
			facts = append(facts, Detail{label, value})
		}
	}
	var owner []string
	for i, o := range r.Profile().Owner {
		if i == 3 {
			break
		}
		owner = append(owner, Safe(o))
	}
	add(r.Say("handover.owner"), r.List(owner))
	var accounts []string
	for _, i := range r.openIncidents() {
		if a := r.Account(i.Account); a != "" && !slices.Contains(accounts, a) && len(accounts) < 3 {
			accounts = append(accounts, a)
		}
	}
	add(r.Say("handover.account"), r.List(accounts))
	add(r.Say("handover.case"), Safe(r.Options.Case))
	add(r.Say("handover.examiner"), Safe(r.Options.Examiner))
	c := r.Config()
	at := c.AsOf
	if at == nil {
		if first, _ := r.Span(); !first.IsZero() {
			at = &first
		}
	}
	if c.AsOf != nil {
		add(r.Say("handover.asof"), r.Date(*c.AsOf))
	}
	if at != nil {
		add(r.Say("handover.zone"), r.ZoneName(*at))
	}
	add(r.Say("handover.tool"), r.Say("method.version", "version", c.Version, "digest", CutText(c.RulesDigest, 16), "protocol", c.Protocol))
	return facts
}

// openIncidents are the incidents nobody has acknowledged.
func (r *Report) openIncidents() (list []*finding.Incident) {
	answered := map[string]bool{}
	for _, a := range r.Attention() {
		if a.Incident != "" && a.Acknowledged != nil {
			answered[a.Incident] = true
		}
	}
	for _, i := range r.Incidents() {
		if !answered[i.ID] {
			list = append(list, i)
		}
	}
	return list
}

// handoverMessages are the mails the sheet tells: those of the incidents; where there is none, those of what else needs a
// person and nobody has acknowledged. In the order of time.
func (r *Report) handoverMessages() []int32 {
	var ids []string
	for _, i := range r.openIncidents() {
		ids = append(ids, i.Messages...)
	}
	for _, least := range []finding.Severity{finding.High, finding.MediumS} {
		for _, a := range r.Attention() {
			if len(ids) == 0 && a.Acknowledged == nil && a.Severity.Level() >= least.Level() {
				ids = append(ids, a.Messages...)
			}
		}
	}
	var list []int32
	seen := map[int]bool{}
	for _, id := range ids {
		if i, ok := r.Index(id); ok && !seen[i] {
			seen[i] = true
			list = append(list, int32(i))
		}
	}
	slices.SortStableFunc(list, func(a, b int32) int { return int(min(1, max(-1, r.Entries[a].Time-r.Entries[b].Time))) })
	return list
}

// mostTelling keeps the gravest of a list that is longer than the sheet, still in order of time.
func (r *Report) mostTelling(list []int32) (kept []int32, more int) {
	if len(list) <= maxSteps {
		return list, 0
	}
	grave := slices.Clone(list)
	slices.SortStableFunc(grave, func(a, b int32) int { return int(r.Entries[b].Severity) - int(r.Entries[a].Severity) })
	take := map[int32]bool{}
	for _, i := range grave[:maxSteps] {
		take[i] = true
	}
	for _, i := range list {
		if take[i] {
			kept = append(kept, i)
		}
	}
	return kept, len(list) - maxSteps
}

func (r *Report) step(n, i int, m *finding.Message) Step {
	e := r.Entries[i]
	s := Step{N: n, Index: i, Time: r.Say("undated"), What: r.Event(m.Event), Subject: CutText(Safe(m.Subject), 90), Proof: r.VerdictOf(m), SHA256: m.SHA256.String(), Fake: e.Fake()}
	if m.Time != nil {
		s.Time = r.Time(*m.Time)
	}
	if e.Fake() {
		s.What = r.Say("handover.fake")
	}
	if finding.ValidMessageID(m.ID) {
		s.Number = m.ID
	}
	s.Place = PathText(m.Location) + " @ " + r.Number(m.Location.Offset)
	if d := m.Details; d != nil && d.Amount != "" {
		s.Amount = r.Amount(d.Amount, d.Currency)
	}
	var facts []string
	for _, d := range r.Details(m) {
		// What stands in its own column or in the subject needs not be said again.
		if head := []rune(d.Value); d.Value != s.Amount && d.Value != Safe(m.Details.When) && !strings.Contains(s.Subject, string(head[:min(len(head), 8)])) {
			facts = append(facts, r.Say("handover.fact", "label", d.Label, "value", d.Value))
		}
	}
	s.Facts = CutText(strings.Join(facts, " / "), 240)
	return s
}

// asks are what is asked of whom; in Japan a card company, elsewhere a bank.
func (r *Report) asks(some, paid, changed bool) (list []Ask) {
	if !some {
		return nil
	}
	add := func(whom, what string) { list = append(list, Ask{r.Say(whom), r.Say(what)}) }
	if paid {
		add("handover.bank", "handover.bank.ask")
	}
	if changed {
		add("handover.police", "handover.police.ask")
		add("handover.brand", "handover.brand.ask")
		return list
	}
	add("handover.police", "handover.police.ask.fakes")
	add("handover.brand", "handover.brand.ask.fakes")
	return list
}
