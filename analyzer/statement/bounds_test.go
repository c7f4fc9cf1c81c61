package statement_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/statement"
)

// TestWhatNoIssuerSends gives mailboxes that no issuer makes: what is said of them is short, and nothing is missing in them
// that nobody can have awaited.
func TestWhatNoIssuerSends(t *testing.T) {
	start := time.Date(1985, 1, 15, 3, 0, 0, 0, time.UTC)
	one := func(at time.Time, account uint32) fact.Entry {
		return fact.Entry{Time: at.Unix(), Content: uint64(at.UnixNano()) + uint64(account), Account: account, Event: fact.EventIndex(finding.StatementIssued)}
	}
	for _, c := range []struct {
		name            string
		make            func() []fact.Entry
		series, periods int // at most
		missing         int
	}{
		{"a thousand statements on one day", func() (out []fact.Entry) {
			for i := range 1000 {
				out = append(out, one(start.Add(time.Duration(i)*time.Minute), 0))
			}
			return out
		}, 1, 1, 0},
		{"one every hour of a year", func() (out []fact.Entry) {
			for i := range 365 * 24 {
				out = append(out, one(start.Add(time.Duration(i)*time.Hour), 0))
			}
			return out
		}, 1, 13, 0},
		{"a series across forty years", func() (out []fact.Entry) {
			for i := range 480 {
				out = append(out, one(start.AddDate(0, i, 0), 0))
			}
			return out
		}, 1, 481, 0},
		{"three statements, and forty years later one more", func() []fact.Entry {
			return []fact.Entry{one(start, 0), one(start.AddDate(0, 1, 0), 0), one(start.AddDate(0, 2, 0), 0), one(start.AddDate(40, 0, 0), 0)}
		}, 1, 10, 4},
		{"an issuer with a hundred accounts", func() (out []fact.Entry) {
			for a := range uint32(100) {
				for i := range 12 {
					out = append(out, one(start.AddDate(0, i, 0), a))
				}
			}
			return out
		}, 100, 13, 0},
	} {
		entries := c.make()
		last := slices.MaxFunc(entries, func(a, b fact.Entry) int { return int(a.Time - b.Time) })
		var accounts []fact.Account
		for a := range 100 {
			accounts = append(accounts, fact.Account{Address: fmt.Sprintf("card%d@example.jp", a)})
		}
		list := find(t, statement.Input{
			Entries: entries, Accounts: accounts, Issuers: []statement.Issuer{{ID: "smbc-card", Cadence: statement.Monthly}},
			Span: [2]time.Time{start, last.When()}, Location: time.UTC,
		})
		if len(list) != c.series {
			t.Errorf("%s: %d series, want %d", c.name, len(list), c.series)
		}
		missing := 0
		for _, s := range list {
			if len(s.Periods) > c.periods {
				t.Errorf("%s: %d periods, want at most %d", c.name, len(s.Periods), c.periods)
			}
			for _, p := range s.Periods {
				if p.State == statement.Missing {
					missing++
				}
			}
		}
		if missing > c.missing {
			t.Errorf("%s: %d are missing, want at most %d", c.name, missing, c.missing)
		}
	}
}
