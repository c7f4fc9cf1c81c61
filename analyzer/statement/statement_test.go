package statement_test

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/statement"
	"github.com/mailaudit/mailaudit/analyzer/timeline/timelinetest"
)

func input(s *timelinetest.Scene) statement.Input {
	in := statement.Input{
		Entries: s.Entries, Accounts: s.Accounts, Lookup: s.Lookup, Span: s.Span, Months: s.Months, Arrivals: s.Arrivals, AsOf: s.AsOf, Location: time.UTC,
	}
	for _, id := range s.Brands {
		issuer := statement.Issuer{ID: id}
		if id != "amazon" {
			issuer.Cadence = statement.Monthly
		}
		in.Issuers = append(in.Issuers, issuer)
	}
	return in
}

func find(t interface{ Fatal(...any) }, in statement.Input) []statement.Series {
	return found(t, in).Series
}

func found(t interface{ Fatal(...any) }, in statement.Input) statement.Found {
	out, err := statement.Find(in)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func outcome(list []statement.Series) []string {
	var out []string
	for _, s := range list {
		line := []string{s.Issuer, s.Cadence}
		for _, p := range s.Periods {
			line = append(line, p.Period+"="+p.State)
		}
		out = append(out, strings.Join(line, " "))
	}
	if len(out) == 0 {
		out = append(out, "none")
	}
	slices.Sort(out)
	return out
}

func TestSamples(t *testing.T) {
	for _, s := range timelinetest.Load(t, "samples/*.txt") {
		t.Run(s.Name, func(t *testing.T) {
			list := find(t, input(s))
			want := slices.Sorted(slices.Values(s.Want))
			if got := outcome(list); !slices.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			for _, x := range list {
				if len(x.Messages) != len(x.Periods) {
					t.Errorf("%d messages for %d periods", len(x.Messages), len(x.Periods))
				}
				for _, p := range x.Periods {
					if !slices.Contains(finding.PeriodStates, p.State) {
						t.Errorf("no state %q", p.State)
					}
				}
			}
		})
	}
}

// TestUnrelatedMailChangesNoSeries adds statements of other issuers, to other people, and mail that only speaks of
// statements, in any order.
func TestUnrelatedMailChangesNoSeries(t *testing.T) {
	all := timelinetest.Load(t, "samples/*.txt")
	rapid.Check(t, func(rt *rapid.T) {
		s := all[rapid.IntRange(0, len(all)-1).Draw(rt, "scene")]
		if s.Span[0].IsZero() {
			return
		}
		in := input(s)
		before := find(rt, in)
		in.Accounts = append(slices.Clone(in.Accounts), fact.Account{Address: "jiro@example.org", Marketplace: "co.jp"})
		in.Issuers = append(slices.Clone(in.Issuers), statement.Issuer{ID: "jcb", Cadence: statement.Monthly})
		other, jcb := uint32(len(in.Accounts)-1), uint16(len(in.Issuers)-1)
		in.Entries = slices.Clone(in.Entries)
		for range rapid.IntRange(1, 30).Draw(rt, "mails") {
			e := fact.Entry{
				Content: rapid.Uint64().Draw(rt, "content"),
				Time:    rapid.Int64Range(s.Span[0].Unix(), s.Span[1].Unix()).Draw(rt, "time"),
				Event:   fact.EventIndex(finding.StatementIssued), Pos: 1 << 30,
			}
			switch rapid.IntRange(0, 5).Draw(rt, "kind") {
			case 3: // what the same issuer sends besides
				e.Event = fact.EventIndex(rapid.SampledFrom([]finding.Event{finding.Marketing, finding.StatementChargeNotice, finding.OtherEvent}).Draw(rt, "event"))
				e.Brand = uint16(min(1, len(s.Brands)-1))
			case 4: // a copy that somebody forwarded
				e.Flags, e.Brand = fact.Forwarded, uint16(min(1, len(s.Brands)-1))
			case 5: // another person's cancellation
				e.Account, e.Event, e.Flags, e.Verdict = other, fact.EventIndex(finding.SubscriptionChanged), fact.Ends, fact.VerdictIndex(finding.Genuine)
			case 0:
				e.Account = other
			case 1:
				e.Brand = jcb
			case 2:
				e.Verdict = fact.VerdictIndex(finding.Mention)
			}
			in.Entries = append(in.Entries, e)
		}
		rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1)).Shuffle(len(in.Entries), func(i, j int) {
			in.Entries[i], in.Entries[j] = in.Entries[j], in.Entries[i]
		})
		after := find(rt, in)
		for _, b := range before {
			k := slices.IndexFunc(after, func(a statement.Series) bool { return a.ID == b.ID })
			if k < 0 || !reflect.DeepEqual(after[k].Series, b.Series) {
				rt.Fatalf("%s: series %s changed", s.Name, b.ID)
			}
		}
	})
}

// TestAnyDatesGiveASaneSeries throws statements at random times: periods are in order and none twice, each statement
// has its period within one of its date, and nothing is missing before the first or after the mailbox.
func TestAnyDatesGiveASaneSeries(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		base := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
		var entries []fact.Entry
		for i := range rapid.IntRange(1, 40).Draw(rt, "n") {
			entries = append(entries, fact.Entry{
				Content: uint64(i), Time: base + 86400*int64(rapid.IntRange(0, 3000).Draw(rt, "day")),
				Event: fact.EventIndex(finding.StatementIssued),
			})
		}
		last := slices.MaxFunc(entries, func(a, b fact.Entry) int { return int(a.Time - b.Time) })
		end := time.Unix(last.Time, 0).UTC().AddDate(0, 0, rapid.IntRange(0, 2000).Draw(rt, "more"))
		list := find(rt, statement.Input{
			Entries: entries, Accounts: []fact.Account{{Address: "hanako@example.jp"}},
			Issuers: []statement.Issuer{{ID: "smbc-card", Cadence: rapid.SampledFrom([]string{"monthly", "weekly", "yearly"}).Draw(rt, "cadence")}},
			Span:    [2]time.Time{time.Unix(base, 0), end},
		})
		if len(list) != 1 {
			rt.Fatalf("%d series", len(list))
		}
		s := list[0]
		for k, p := range s.Periods {
			if k > 0 && p.Period <= s.Periods[k-1].Period {
				rt.Fatalf("%s after %s", p.Period, s.Periods[k-1].Period)
			}
			if k == 0 && s.Messages[k] < 0 {
				rt.Fatalf("the first period is %s", p.State)
			}
			if p.State == statement.Missing && s.Cadence == statement.Monthly && p.Period > end.Format("2006-01") {
				rt.Fatalf("%s is missing after the end of the mailbox %s", p.Period, end)
			}
		}
	})
}
