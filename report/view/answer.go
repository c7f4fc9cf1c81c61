package view

import (
	"cmp"
	"maps"
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
	if others, n := r.otherFakes(); n > 0 {
		a.Lead = append(a.Lead, r.Say("answer.lead.others", "n", n, "brands", others))
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

// Calm reports whether an attention item says that nothing needs anybody; it has no rank among those that do.
func Calm(a *finding.Attention) bool {
	return a.Severity.Level() <= finding.Info.Level() && len(a.Messages) == 0
}

// Limit reports whether a Text under an attention item says what the mailbox cannot tell, not what to do.
func Limit(t finding.Text) bool { return strings.HasPrefix(t.ID, "limit.") }

// answerSentence goes by the list of what needs a person, so that the headline, the items and the date never say different
// things. What somebody has acknowledged is answered.
func (r *Report) answerSentence() Answer {
	var worst *finding.Attention // the first on the list that tells an incident: the gravest, of equals the newest
	questions, read, unnoticed, key, unproven, unfit := 0, 0, 0, false, 0, 0
	for _, a := range r.Attention() {
		if a.Acknowledged != nil {
			continue
		}
		asks := a.Severity.Level() >= finding.MediumS.Level()
		switch {
		case a.Incident != "":
			if worst == nil && asks {
				worst = a
			}
		case a.Kind == question && asks:
			questions++
		case a.Kind == question:
			read++
		case (a.Kind == "order_without_mail" || a.Kind == "mail_without_order" || a.Kind == "charge_unexplained") && asks:
			unfit++
		case a.Kind == "exposed_key":
			key = key || a.Severity.Level() >= finding.High.Level()
		case a.Kind == "unverifiable_notice" && asks:
			unproven += len(a.Messages)
		case (a.Kind == "unnoticed_change" || a.Kind == "genuine_in_spam" || a.Kind == "unknown_read") && asks:
			unnoticed += len(a.Messages)
		}
	}
	fakes, brand, open := 0, 0, 0
	for _, e := range r.Entries {
		switch v := e.VerdictWord(); {
		case v.FromAmazon():
			brand++
		case v == finding.Impersonation:
			fakes++
		case (v == finding.Unverifiable || v == finding.Suspicious) && e.Severity >= uint8(finding.High.Level()):
			open++
		}
	}
	if worst == nil {
		worst = r.untold()
	}
	if worst != nil {
		return r.incidentSentence(worst)
	}
	switch {
	case key:
		return Answer{Level: "alarm", Sentence: r.Say("answer.key")}
	case unfit > 0:
		return Answer{Level: "look", Sentence: r.Say("answer.records", "n", unfit)}
	case questions > 0:
		return Answer{Level: "look", Sentence: r.Say("answer.questions", "n", questions)}
	case unnoticed > 0:
		return Answer{Level: "look", Sentence: r.Say("answer.unnoticed", "n", unnoticed)}
	case unproven > 0:
		return Answer{Level: "open", Sentence: r.Say("answer.open", "n", unproven)}
	case open > 0:
		return Answer{Level: "open", Sentence: r.Say("answer.open", "n", open)}
	case r.answeredFake():
		return Answer{Level: "look", Sentence: r.Say("answer.answered")}
	case read > 0:
		return Answer{Level: "calm", Sentence: r.Say("answer.calm.questions", "n", read)}
	case fakes > 0:
		return Answer{Level: "calm", Sentence: r.Say("answer.fakes", "n", fakes)}
	case brand > 0:
		return Answer{Level: "calm", Sentence: r.Say("answer.calm")}
	}
	if n := len(r.Series()); n > 0 {
		return Answer{Level: "open", Sentence: r.Say("answer.statements", "n", n)}
	}
	return Answer{Level: "open", Sentence: r.Say("answer.nothing")}
}

// untold is the gravest incident that no item of the list tells, as one: a list holds so many items and no more. Nil for
// none.
func (r *Report) untold() *finding.Attention {
	told := make(map[string]bool)
	for _, a := range r.Attention() {
		told[a.Incident] = true
	}
	var worst *finding.Attention
	for _, i := range r.Incidents() {
		if !told[i.ID] && i.Severity.Level() >= finding.MediumS.Level() && (worst == nil || i.Severity.Level() > worst.Severity.Level()) {
			worst = &finding.Attention{Incident: i.ID, Severity: i.Severity}
		}
	}
	return worst
}

// incidentSentence says of an incident what its severity on the list says: critical is a yes, high is possible, less is odd.
func (r *Report) incidentSentence(a *finding.Attention) Answer {
	id, level := "answer.odd", "look"
	switch a.Severity {
	case finding.Critical:
		id, level = "answer.takeover", "alarm"
	case finding.High:
		id, level = "answer.perhaps", "alarm"
	}
	for _, i := range r.Incidents() {
		if i.ID != a.Incident {
			continue
		}
		if t := r.firstNotice(i); t != 0 {
			return Answer{Level: level, Sentence: r.Say(id+".dated", "date", time.Unix(t, 0))}
		}
	}
	return Answer{Level: level, Sentence: r.Say(id)}
}

// answeredFake reports whether a fake was answered: no act in the account, but what may lead to one.
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

// otherFakes are the brands that were not audited and of which fakes were seen, most first, and how many fakes there were.
func (r *Report) otherFakes() (ids []any, n int64) {
	counts := r.Summary().OtherFakes
	for _, id := range slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	}) {
		ids, n = append(ids, id), n+counts[id]
	}
	return ids, n
}
