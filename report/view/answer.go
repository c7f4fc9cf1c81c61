package view

import (
	"slices"
	"strings"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// Answer is the report's first sentence, to the question "was my account touched?", and what stands under it.
type Answer struct {
	// Level colours the answer: "alarm" (a person should act now), "look" (a person should check), "calm" and "open"
	// (the mailbox cannot tell).
	Level    string
	Sentence string
	// Next is the first step to take where something needs a person; "" where nothing does.
	Next string
	// Lead is one or two sentences more: what was read, and what the answer does not cover.
	Lead []string
}

// takeoverKinds are the incidents that mean somebody else acted in the account where they are critical: Amazon says so
// itself, or two signs do. Every other incident is one that only the owner can tell.
var takeoverKinds = map[string]bool{"account_takeover": true, "phish_then_change": true, "purchase_burst": true}

// answer chooses the sentence. The order matters: what is certain and bad comes first, and "no" is said only of what this
// mailbox can show.
func (r *Report) answer() Answer {
	a := r.answerSentence()
	a.Next = r.firstStep()
	s := r.Summary()
	if len(r.Entries) > 0 {
		if first, last := r.Span(); r.Date(first) == r.Date(last) && !first.IsZero() {
			a.Lead = append(a.Lead, r.Say("answer.lead.day", "messages", s.Messages, "n", len(r.Entries), "first", first))
		} else if !first.IsZero() {
			a.Lead = append(a.Lead, r.Say("answer.lead.span", "messages", s.Messages, "n", len(r.Entries), "first", first, "last", last))
		} else {
			a.Lead = append(a.Lead, r.Say("answer.lead.read", "messages", s.Messages, "n", len(r.Entries)))
		}
	} else {
		a.Lead = append(a.Lead, r.Say("answer.lead.none", "messages", s.Messages))
	}
	if !s.Complete {
		a.Lead = append(a.Lead, r.Say("answer.lead.incomplete"))
	}
	if s.Lost > 0 {
		a.Lead = append(a.Lead, r.Say("answer.lead.lost", "n", s.Lost))
	}
	if c := r.Config(); c.Since != nil || c.Until != nil {
		a.Lead = append(a.Lead, r.Say("answer.lead.bounds"))
	}
	return a
}

// firstStep is the first thing to do about the gravest attention item, unless that can wait. The steps of lesser items are
// not understood without them.
func (r *Report) firstStep() string {
	for _, a := range r.Attention() {
		if a.Severity.Level() < finding.High.Level() || a.Acknowledged != nil {
			continue
		}
		for _, t := range a.Do {
			if !Limit(t) {
				return r.Text(t)
			}
		}
	}
	return ""
}

// Calm tells whether an attention item says that nothing needs anybody; it has no rank among those that do.
func Calm(a *finding.Attention) bool {
	return a.Severity.Level() <= finding.Info.Level() && len(a.Messages) == 0
}

// Limit tells whether a Text under an attention item says what the mailbox cannot tell, not what to do.
func Limit(t finding.Text) bool { return strings.HasPrefix(t.ID, "limit.") }

func (r *Report) answerSentence() Answer {
	var worst *finding.Incident
	for _, i := range r.Incidents() {
		if i.Severity.Level() >= finding.MediumS.Level() && (worst == nil || i.Severity.Level() > worst.Severity.Level()) {
			worst = i
		}
	}
	sure := worst != nil && takeoverKinds[worst.Kind] && worst.Severity == finding.Critical
	perhaps := worst != nil && worst.Severity.Level() >= finding.High.Level()
	grave, unnoticed, likely, open, fakes, brand := 0, 0, 0, 0, 0, 0
	for _, e := range r.Entries {
		switch v := e.VerdictWord(); {
		case e.Notice():
			if c := e.EventWord().Class(); (c == "security" || c == "account") && e.Severity >= uint8(finding.High.Level()) {
				grave++
				if e.Flags&Unnoticed != 0 {
					unnoticed++
				}
				if v == finding.LikelyGenuine {
					likely++
				}
			}
			brand++
		case v.FromAmazon():
			brand++
		case v == finding.Impersonation:
			fakes++
		case (v == finding.Unverifiable || v == finding.Suspicious) && e.Severity >= uint8(finding.High.Level()):
			open++
		}
	}
	switch {
	case sure && r.firstNotice(worst) != 0:
		return Answer{Level: "alarm", Sentence: r.Say("answer.takeover.dated", "date", time.Unix(r.firstNotice(worst), 0))}
	case sure:
		return Answer{Level: "alarm", Sentence: r.Say("answer.takeover")}
	case perhaps && r.firstNotice(worst) != 0:
		return Answer{Level: "alarm", Sentence: r.Say("answer.perhaps.dated", "date", time.Unix(r.firstNotice(worst), 0))}
	case perhaps:
		return Answer{Level: "alarm", Sentence: r.Say("answer.perhaps")}
	case unnoticed > 0:
		return Answer{Level: "alarm", Sentence: r.Say("answer.unnoticed", "n", unnoticed)}
	case grave > 0 && likely == grave:
		return Answer{Level: "look", Sentence: r.Say("answer.changes.likely", "n", grave)}
	case grave > 0:
		return Answer{Level: "look", Sentence: r.Say("answer.changes", "n", grave)}
	case worst != nil && r.firstNotice(worst) != 0:
		return Answer{Level: "look", Sentence: r.Say("answer.odd.dated", "date", time.Unix(r.firstNotice(worst), 0))}
	case worst != nil:
		return Answer{Level: "look", Sentence: r.Say("answer.odd")}
	case open > 0:
		return Answer{Level: "open", Sentence: r.Say("answer.open", "n", open)}
	case r.answeredFake():
		return Answer{Level: "look", Sentence: r.Say("answer.answered")}
	case fakes > 0:
		return Answer{Level: "calm", Sentence: r.Say("answer.fakes", "n", fakes)}
	case brand > 0:
		return Answer{Level: "calm", Sentence: r.Say("answer.calm")}
	}
	return Answer{Level: "open", Sentence: r.Say("answer.nothing")}
}

// answeredFake tells whether a fake was answered: no act in the account, but what may lead to one.
func (r *Report) answeredFake() bool {
	return slices.ContainsFunc(r.Attention(), func(a *finding.Attention) bool { return a.Kind == "replied_to_fake" })
}

// firstNotice is the time of an incident's first genuine notice, 0 where none has one: the impersonation that may have
// led to it is no act in the account yet.
func (r *Report) firstNotice(i *finding.Incident) int64 {
	var first int64
	for _, id := range i.Messages {
		n, ok := r.Index(id)
		if !ok {
			continue
		}
		if e := r.Entries[n]; e.Notice() && e.Time != 0 && (first == 0 || e.Time < first) {
			first = e.Time
		}
	}
	return first
}
