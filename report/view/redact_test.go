package view_test

import (
	"context"
	"testing"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/report/reporttest"
	"github.com/mailaudit/mailaudit/report/view"
)

func redact(t *testing.T, s *reporttest.Stream) finding.Reader {
	t.Helper()
	c, err := view.Load()
	if err != nil {
		t.Fatal(err)
	}
	r, err := view.Redact(context.Background(), s.File(), view.NewPrinter(c, view.EN, nil))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRedactKeepsAndMasks(t *testing.T) {
	s := reporttest.Private()
	r := redact(t, s)
	find := func(want finding.Verdict) *finding.Message {
		var found *finding.Message
		if err := r.Messages(func(_ int, m *finding.Message) error {
			if found == nil && m.Verdict == want {
				found = m
			}
			return nil
		}); err != nil || found == nil {
			t.Fatalf("no %s message: %v", want, err)
		}
		return found
	}
	genuine, fake, mention := find(finding.Genuine), find(finding.Impersonation), find(finding.Mention)
	cases := []struct{ name, got, want string }{
		{"the brand's own address stays", genuine.From.Address, "account-update@amazon.co.jp"},
		{"the owner's address stays", genuine.To[0].Address, "hanako@example.jp"},
		{"another recipient gets a number", genuine.To[1].Address, "person1@masked.invalid"},
		{"and so does the name", genuine.To[1].Name, "Person 1"},
		{"the same person has the same number elsewhere", mention.From.Address, "person1@masked.invalid"},
		{"an impersonation's domain is evidence", fake.From.Address, "person4@fake.example"},
		{"and the name it took", fake.From.Name, "Amazon.co.jp"},
		{"of a link scheme and host stay", fake.Links[0].Target, "https://login.fake.example/[masked]"},
		{"mail between people loses its subject", mention.Subject, "[masked]"},
		{"order numbers are the owner's", genuine.Details.OrderID, "250-1234567-7654321"},
		{"a person's name in a subject is masked, a polite word is not", genuine.Subject, "お客様へ: [masked]からのギフト券 Person 1"},
	}
	for _, c := range cases {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, c.got, c.want)
		}
	}
}

// An account is named by its owner's address with the marketplace behind it, in one form or another; the owner's stays.
func TestRedactKeepsTheOwnersAccount(t *testing.T) {
	s := reporttest.Private()
	s.Incidents[0].Account = "hanako@example.jp/co.jp"
	s.Attention[0].Why.Args["account"] = "hanako@example.jp (amazon.co.jp)"
	s.Series[0].Account = "hanako@example.jp"
	r := redact(t, s)
	for _, got := range []any{r.Incidents()[0].Account, r.Attention()[0].Why.Args["account"], r.Series()[0].Account} {
		if text, ok := got.(string); !ok || text[:17] != "hanako@example.jp" {
			t.Errorf("the owner's account became %q", got)
		}
	}
}
