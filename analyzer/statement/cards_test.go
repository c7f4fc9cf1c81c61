package statement_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/statement"
)

var newYear = time.Date(2024, 1, 1, 3, 0, 0, 0, time.UTC)

// card is a statement of a card (0 where it is not named) that came on a day counted from newYear.
func card(line uint32, day int) fact.Entry {
	return fact.Entry{
		Time: newYear.AddDate(0, 0, day).Unix(), Content: uint64(day)<<8 | uint64(line), Line: line, Event: fact.EventIndex(finding.StatementIssued),
		Verdict: fact.VerdictIndex(finding.Genuine), Flags: fact.SeenKnown | fact.Seen,
	}
}

func cards(entries []fact.Entry) statement.Input {
	return statement.Input{
		Entries: entries, Accounts: []fact.Account{{Address: "hanako@example.jp"}},
		Issuers: []statement.Issuer{{ID: "smbc-card", Cadence: statement.Monthly}},
		Span:    [2]time.Time{newYear, newYear.AddDate(2, 0, 0)}, Location: time.UTC,
	}
}

// TestASecondCardChangesNoSeries lets another card of the same issuer begin beside the first one, on any days, and end or
// be cancelled: the first one's series stays as it is, name and all.
func TestASecondCardChangesNoSeries(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var entries []fact.Entry
		first := rapid.IntRange(0, 27).Draw(rt, "day")
		months := rapid.IntRange(4, 20).Draw(rt, "months")
		for m := range months {
			if m < 3 || m == months-1 || rapid.IntRange(0, 4).Draw(rt, "came") > 0 {
				entries = append(entries, card(1, first+m*30+rapid.IntRange(0, 2).Draw(rt, "late")))
			}
		}
		before := find(rt, cards(entries))
		last := first + (months-1)*30
		for range rapid.IntRange(1, 30).Draw(rt, "mails") {
			// Before the last one of the first card, since a card that begins after it may be the same under another number.
			entries = append(entries, card(2, rapid.IntRange(first+3, last-1).Draw(rt, "other")))
		}
		// A second card that begins after the first and is there already when it ends.
		entries = append(entries, card(2, last-1))
		if rapid.Bool().Draw(rt, "cancelled") {
			e := card(2, rapid.IntRange(first+3, last).Draw(rt, "end"))
			e.Event, e.Flags = fact.EventIndex(finding.SubscriptionChanged), e.Flags|fact.Ends
			entries = append(entries, e)
		}
		for _, a := range find(rt, cards(entries)) {
			if a.ID != before[0].ID {
				continue
			}
			if !reflect.DeepEqual(a.Periods, before[0].Periods) || a.Cadence != before[0].Cadence {
				rt.Fatalf("was %v\nis  %v", before[0].Periods, a.Periods)
			}
			return
		}
		rt.Fatal("the series has another name")
	})
}

// TestCards are the ways in which the cards of one issuer follow one another.
func TestCards(t *testing.T) {
	ends := func(line uint32, day int) fact.Entry {
		e := card(line, day)
		e.Event, e.Flags = fact.EventIndex(finding.SubscriptionChanged), e.Flags|fact.Ends
		return e
	}
	run := func(line uint32, months ...int) (out []fact.Entry) {
		for _, m := range months {
			e := card(line, 0)
			e.Time = newYear.AddDate(0, m, 9+int(line)).Unix()
			e.Content += uint64(m) << 32
			out = append(out, e)
		}
		return out
	}
	join := func(all ...[]fact.Entry) (out []fact.Entry) {
		for _, l := range all {
			out = append(out, l...)
		}
		return out
	}
	year := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}
	for _, c := range []struct {
		name    string
		entries []fact.Entry
		want    []string // states other than read, by series
	}{
		{"mail that names no card is of the one there is", join(run(0, 0, 1, 2, 3), run(1, 4, 5, 7, 8)), []string{"2024-07"}},
		{"and of the first one until there is a second", join(run(0, 0, 1, 2, 3), run(1, 4, 5, 7, 8), run(2, 6, 7, 8)), []string{"2024-07", ""}},
		{"one of two is cancelled by a mail that names none", join(run(1, year...), run(2, 0, 1, 2, 3), []fact.Entry{ends(0, 115)}), []string{"", "2024-05=ended"}},
		{"and a month that is missing of the other one is still missing", join(run(1, 0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11), run(2, 0, 1, 2), []fact.Entry{ends(0, 85)}), []string{"2024-05", "2024-04=ended"}},
	} {
		in := cards(c.entries)
		in.Span[1] = newYear.AddDate(0, 12, 0)
		if !strings.Contains(c.name, "cancelled") && !strings.Contains(c.name, "missing of") {
			in.Span[1] = newYear.AddDate(0, 9, 0)
		}
		var got []string
		for _, s := range find(t, in) {
			var states []string
			for _, p := range s.Periods {
				switch p.State {
				case statement.Read, statement.NotDue:
				case statement.Missing:
					states = append(states, p.Period)
				default:
					states = append(states, p.Period+"="+p.State)
				}
			}
			got = append(got, strings.Join(states, " "))
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestWhatIsLeftOutIsSaid: what is in no series, or counts as less than it is, is a problem record.
func TestWhatIsLeftOutIsSaid(t *testing.T) {
	usual := func() (out []fact.Entry) {
		for m := range 6 {
			out = append(out, card(0, 30*m))
		}
		return out
	}
	undated, future := card(0, 3), card(0, 365*9)
	undated.Time = 0
	var flood []fact.Entry
	for i := range 1000 {
		e := card(0, 200)
		e.Time, e.Content = e.Time+int64(i), uint64(i)
		flood = append(flood, e)
	}
	for _, c := range []struct {
		name  string
		extra []fact.Entry
		want  string
	}{
		{"nothing is left out", nil, ""},
		{"no clock can be believed", []fact.Entry{undated}, "statements without a believable time are in no series: 1"},
		{"dated nine years ahead", []fact.Entry{future}, "statements dated after the day that is judged for are in no series: 1"},
		{"a thousand on one day", flood, "1000 statements of smbc-card within 5 days are counted as one"},
	} {
		got := ""
		for _, p := range found(t, cards(append(usual(), c.extra...))).Problems {
			got += p.Reason
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
