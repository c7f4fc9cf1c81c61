package attention_test

import (
	"testing"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/attention"
	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// TestManyCardsAreOneLine: an issuer with a hundred cards whose statements stop has a few lines of its own and one for the
// rest, and leaves room for what else is to be said. A family's four cards have a line each.
func TestManyCardsAreOneLine(t *testing.T) {
	set := brand.Builtin()
	issuer := uint16(0)
	for i, b := range set.All() {
		if b.ID == "rakuten-card" {
			issuer = uint16(i)
		}
	}
	start := time.Date(2025, 1, 5, 3, 0, 0, 0, time.UTC)
	for _, c := range []struct{ cards, items int }{{1, 1}, {4, 4}, {5, 5}, {6, 5}, {100, 5}} {
		var entries []fact.Entry
		for n := range c.cards {
			for m := range 5 {
				entries = append(entries, fact.Entry{
					Time: start.AddDate(0, m, n%20).Unix(), Content: uint64(n*10+m+1) * 0x9e3779b97f4a7c15, Brand: issuer, Line: uint32(n + 1), Pos: uint32(len(entries)),
					Event: fact.EventIndex(finding.StatementIssued), Verdict: fact.VerdictIndex(finding.Genuine), Flags: fact.SeenKnown | fact.Seen,
				})
			}
		}
		out := conclude(t, attention.Input{
			Entries: entries, Accounts: []fact.Account{{Address: "hanako@example.jp"}}, Brands: set, Location: time.UTC,
			Span: [2]time.Time{start, start.AddDate(1, 0, 0)}, AsOf: start.AddDate(1, 0, 0),
			Lookup: func(pos uint32) (*fact.Fact, error) {
				return &fact.Fact{Entry: "x", Event: finding.StatementIssued, Details: &finding.Details{CardEnd: string(rune('a' + pos/5%26))}}, nil
			},
		})
		items, told := 0, 0
		for _, a := range out.Attention {
			if a.Kind == attention.MissingStatement {
				items++
				if a.Tell {
					told++
				}
			}
		}
		if items != c.items || told != c.items {
			t.Errorf("%d cards: %d items, %d told, want %d", c.cards, items, told, c.items)
		}
	}
}
