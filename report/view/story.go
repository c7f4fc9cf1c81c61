package view

import (
	"strings"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// StoryStep is one sentence of an incident's story with the mails that say so.
type StoryStep struct {
	Text  string
	Time  *time.Time // when it began; nil for a sentence about the whole
	Mails []StoryMail
}

// StoryMail is one of these mails.
type StoryMail struct {
	Index int    // of the message
	ID    string // its id, if it is one
	Facts string // order numbers, amount and device, as far as it names them and the sentence does not
}

// maxStoryMails is how many mails one sentence names.
const maxStoryMails = 12

// StorySteps tells an incident's story step by step. A sentence names the time, or the first and the last, of the mails it is
// about, and their event: by these the mails are found again.
func (r *Report) StorySteps(i *finding.Incident) ([]StoryStep, error) {
	var members []int
	for _, id := range i.Messages {
		if n, ok := r.Index(id); ok {
			members = append(members, n)
		}
	}
	steps := make([]StoryStep, len(i.Story))
	for k, line := range r.Story(i.Story) {
		steps[k].Text = line
		t := i.Story[k]
		first, last := storyTimes(t)
		if first.IsZero() {
			continue
		}
		steps[k].Time = &first
		for _, n := range members {
			e := r.Entries[n]
			if e.Time < first.Unix() || e.Time > last.Unix() || !tells(t, e) || len(steps[k].Mails) == maxStoryMails {
				continue
			}
			m, err := r.Message(n)
			if err != nil {
				return nil, err
			}
			mail := StoryMail{Index: n, Facts: r.storyFacts(m, line)}
			if finding.ValidMessageID(m.ID) {
				mail.ID = m.ID
			}
			steps[k].Mails = append(steps[k].Mails, mail)
		}
	}
	return steps, nil
}

// storyTimes are the first and the last time that a sentence about single events names; zero where it is another sentence.
func storyTimes(t finding.Text) (first, last time.Time) {
	if !strings.HasPrefix(t.ID, "incident.told.") && !strings.HasPrefix(t.ID, "incident.many") {
		return
	}
	at := func(name string) time.Time {
		switch v := t.Args[name].(type) {
		case time.Time:
			return v
		case string:
			if parsed, err := time.Parse(time.RFC3339, v); err == nil {
				return parsed
			}
		}
		return time.Time{}
	}
	if one := at("time"); !one.IsZero() {
		return one, one
	}
	return at("start"), at("end")
}

// tells reports whether a sentence is about mail of an entry's kind.
func tells(t finding.Text, e Entry) bool {
	if fake := strings.Contains(t.ID, ".fake"); fake || e.Fake() {
		return fake && e.Fake()
	}
	event := string(e.EventWord())
	if named, ok := t.Args["event"].(string); ok {
		return named == event
	}
	return event != "" && strings.Contains(t.ID, "."+event)
}

// storyFacts are what a mail names beyond what the sentence says.
func (r *Report) storyFacts(m *finding.Message, sentence string) string {
	d := m.Details
	if d == nil {
		return ""
	}
	var facts []string
	add := func(id, value string) {
		if value != "" && !strings.Contains(sentence, value) {
			facts = append(facts, r.Say("handover.fact", "label", r.Word("detail", id), "value", value))
		}
	}
	orders := d.OrderIDs
	if len(orders) == 0 {
		orders = []string{d.OrderID}
	}
	for k, o := range orders {
		if k == 5 {
			break
		}
		add("order_id", Safe(o))
	}
	if d.Amount != "" {
		add("amount", r.Amount(d.Amount, d.Currency))
	}
	add("device", Safe(d.Device))
	add("near", Safe(d.Near))
	add("card_end", Safe(d.CardEnd))
	return r.List(facts)
}

// Began is when an incident began in the account: its first genuine notice. An impersonation that may have led to it comes
// before and is told in the story. Nil where no time is known.
func (r *Report) Began(i *finding.Incident) *time.Time {
	if t := r.firstNotice(i); t != 0 {
		at := time.Unix(t, 0).UTC()
		return &at
	}
	return i.Start
}
