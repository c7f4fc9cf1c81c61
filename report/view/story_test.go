package view_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/report/reporttest"
	"github.com/mailaudit/mailaudit/report/view"
)

func build(t *testing.T, s *reporttest.Stream) *view.Report {
	t.Helper()
	r, err := view.Build(context.Background(), s.File(), view.Options{Lang: view.EN, Zone: reporttest.Tokyo})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Every sentence about single events has the mails that say so, with their order numbers and amounts; the heading begins with
// the day the answer names.
func TestStorySteps(t *testing.T) {
	at := time.Date(2026, 2, 6, 16, 0, 0, 0, time.UTC)
	stamp := func(minutes int) string {
		return at.Add(time.Duration(minutes) * time.Minute).Format(time.RFC3339)
	}
	s := reporttest.Empty()
	add := func(id string, minutes int, v finding.Verdict, e finding.Event, d *finding.Details) {
		when := at.Add(time.Duration(minutes) * time.Minute)
		s.Messages = append(s.Messages, finding.Message{ID: id, Time: &when, Verdict: v, Rule: "A1", Event: e, Severity: finding.High, Details: d, Brand: "amazon"})
	}
	add("m-0000000000000001", -100, finding.Impersonation, finding.OrderPlaced, nil)
	add("m-0000000000000002", 0, finding.Genuine, finding.PasswordChanged, nil)
	add("m-0000000000000003", 1, finding.Genuine, finding.OrderPlaced, &finding.Details{OrderID: "250-0000001-0000001", Amount: "12800", Currency: "JPY"})
	add("m-0000000000000004", 2, finding.Genuine, finding.OrderPlaced, &finding.Details{OrderID: "250-0000002-0000002"})
	start, end := at.Add(-100*time.Minute), at.Add(2*time.Minute)
	s.Incidents = []finding.Incident{{
		ID: "i-1", Kind: "account_takeover", Severity: finding.Critical, Start: &start, End: &end,
		Messages: []string{"m-0000000000000001", "m-0000000000000002", "m-0000000000000003", "m-0000000000000004"},
		Story: []finding.Text{
			{ID: "incident.takeover", Args: map[string]any{"account": "a@example.com", "start": stamp(0), "end": stamp(2)}},
			{ID: "incident.told.fake", Args: map[string]any{"time": stamp(-100)}},
			{ID: "incident.told.security.password_changed", Args: map[string]any{"time": stamp(0)}},
			{ID: "incident.many.order.placed", Args: map[string]any{"start": stamp(1), "end": stamp(2), "n": 2, "event": "order.placed"}},
		},
	}}
	r := build(t, s)
	steps, err := r.StorySteps(r.Incidents()[0])
	if err != nil {
		t.Fatal(err)
	}
	for k, want := range [][]string{nil, {"m-0000000000000001"}, {"m-0000000000000002"}, {"m-0000000000000003", "m-0000000000000004"}} {
		var got []string
		for _, m := range steps[k].Mails {
			got = append(got, m.ID)
		}
		if strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("%q rests on %q, want %q", steps[k].Text, got, want)
		}
	}
	if facts := steps[3].Mails[0].Facts; !strings.Contains(facts, "250-0000001-0000001") || !strings.Contains(facts, "¥12,800") {
		t.Errorf("the order's facts are %q", facts)
	}
	if got := r.Began(r.Incidents()[0]); !got.Equal(at) {
		t.Errorf("the incident began %v, want %v", got, at)
	}
}

// What somebody has acknowledged is no headline any more, and not handed over.
func TestAcknowledgedTakeoverIsNoHeadline(t *testing.T) {
	s := reporttest.Takeover()
	if got := build(t, s).Answer.Level; got != "alarm" {
		t.Fatalf("before, the answer is %q: the test tests nothing", got)
	}
	for i := range s.Attention {
		s.Attention[i].Acknowledged = &finding.Acknowledged{Why: "it was me"}
	}
	r := build(t, s)
	if r.Answer.Level == "alarm" || strings.HasPrefix(r.Answer.Sentence, "Yes") {
		t.Errorf("the headline is %q", r.Answer.Sentence)
	}
	h, err := r.Handover()
	if err != nil {
		t.Fatal(err)
	}
	if len(h.Asks) > 0 && len(h.Steps) > 0 && h.Sentence != "" {
		t.Errorf("the sheet still says %q", h.Sentence)
	}
}
