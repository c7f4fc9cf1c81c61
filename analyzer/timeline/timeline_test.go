package timeline_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unsafe"

	"pgregory.net/rapid"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/limit/growth"
	"github.com/mailaudit/mailaudit/analyzer/timeline"
	"github.com/mailaudit/mailaudit/analyzer/timeline/timelinetest"
)

func TestEntryIsSmall(t *testing.T) {
	if n := unsafe.Sizeof(fact.Entry{}); n > 64 {
		t.Errorf("an entry is %d bytes: a million of them are held at once", n)
	}
}

func TestCountriesAreUpToDate(t *testing.T) {
	data, err := os.ReadFile("places.toml")
	if err != nil {
		t.Fatal(err)
	}
	want, err := timeline.CountriesSource(data)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("countries_gen.go")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Error("countries_gen.go is not what places.toml says: run go generate ./analyzer/timeline")
	}
}

func TestSignsAreUpToDate(t *testing.T) {
	data, err := os.ReadFile("signs.toml")
	if err != nil {
		t.Fatal(err)
	}
	want, err := timeline.SignsSource(data)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("signs_gen.go")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Error("signs_gen.go is not what signs.toml says: run go generate ./analyzer/timeline")
	}
	for _, s := range timeline.Signs() {
		if s.Weight() < 10 {
			t.Errorf("%s weighs %d: what honest people show as often as intruders is no sign", s.ID, s.Weight())
		}
	}
}

func TestDecodeSignsRefuses(t *testing.T) {
	const head = "date='2026'\n[[sign]]\nid='a'\ngroup='g'\nsays='s'\nsource='x'\nconfidence='K'\n"
	for says, data := range map[string]string{
		"an unknown key":                     head + "honest=0.1\nintruder=0.5\nwhy='?'\n",
		"no date":                            "[[sign]]\nid='a'\ngroup='g'\nsays='s'\nsource='x'\nconfidence='K'\nhonest=0.1\nintruder=0.5\n",
		"no source":                          "date='2026'\n[[sign]]\nid='a'\ngroup='g'\nsays='s'\nconfidence='K'\nhonest=0.1\nintruder=0.5\n",
		"a confidence of no letter":          strings.Replace(head, "'K'", "'guess'", 1) + "honest=0.1\nintruder=0.5\n",
		"a share of nobody":                  head + "honest=0.0\nintruder=0.5\n",
		"a share of more than all":           head + "honest=0.1\nintruder=1.5\n",
		"what honest people show more often": head + "honest=0.5\nintruder=0.1\n",
		"two of one name":                    head + "honest=0.1\nintruder=0.5\n" + head[len("date='2026'\n"):] + "honest=0.1\nintruder=0.5\n",
	} {
		if _, err := timeline.DecodeSigns([]byte(data)); err == nil {
			t.Errorf("%s is accepted", says)
		}
	}
}

func TestIsUnnoticed(t *testing.T) {
	const (
		unseen   = fact.SeenKnown
		seen     = fact.SeenKnown | fact.Seen
		unopened = fact.OpenedKnown
		opened   = fact.OpenedKnown | fact.Opened
	)
	for _, c := range []struct {
		says     string
		event    finding.Event
		severity finding.Severity
		verdict  finding.Verdict
		flags    fact.Flags
		incident bool
		want     bool
	}{
		{"never seen", finding.PasswordChanged, finding.Critical, finding.Genuine, unseen, false, true},
		{"likely genuine counts", finding.PasswordChanged, finding.Critical, finding.LikelyGenuine, unseen, false, true},
		{"seen", finding.PasswordChanged, finding.Critical, finding.Genuine, seen, false, false},
		{"marked as read by a filter, never opened", finding.PasswordChanged, finding.Critical, finding.Genuine, seen | unopened, false, true},
		{"opened and marked unread again was seen", finding.PasswordChanged, finding.Critical, finding.Genuine, unseen | opened, false, false},
		{"unknown is neither", finding.PasswordChanged, finding.Critical, finding.Genuine, 0, false, false},
		{"in spam", finding.PasswordChanged, finding.Critical, finding.Genuine, fact.InSpam, false, true},
		{"read, then thrown away: how tidy people live", finding.PasswordChanged, finding.Critical, finding.Genuine, seen | fact.InTrash, false, false},
		{"read, then marked deleted", finding.PasswordChanged, finding.Critical, finding.Genuine, seen | fact.Deleted, false, false},
		{"thrown away, and nothing is known of reading", finding.PasswordChanged, finding.Critical, finding.Genuine, fact.InTrash, false, true},
		{"marked deleted, and nothing is known of reading", finding.PasswordChanged, finding.Critical, finding.Genuine, fact.Deleted, false, true},
		{"archived and seen", finding.PasswordChanged, finding.Critical, finding.Genuine, seen | fact.InArchive, false, false},
		{"filtered into the archive", finding.PasswordChanged, finding.Critical, finding.Genuine, unopened | fact.InArchive, false, true},
		{"one-time codes never count", finding.OTP, finding.High, finding.Genuine, unseen | fact.InSpam, true, false},
		{"of low severity", finding.Awareness, finding.Low, finding.Genuine, unseen, false, false},
		{"an account event", finding.AddressChanged, finding.MediumS, finding.Genuine, unseen, false, true},
		{"not the brand's", finding.PasswordChanged, finding.Critical, finding.Impersonation, unseen, false, false},
		{"not shown to be the brand's", finding.PasswordChanged, finding.Critical, finding.Unverifiable, unseen, false, false},
		{"relayed", finding.PasswordChanged, finding.Critical, finding.GenuineRelay, unseen, false, false},
		{"start in doubt", finding.PasswordChanged, finding.Critical, finding.Genuine, unseen | fact.StartDoubt, false, false},
		{"an order", finding.OrderPlaced, finding.Low, finding.Genuine, unseen, false, false},
		{"an order in an incident", finding.OrderPlaced, finding.Low, finding.Genuine, unseen, true, true},
		{"a shipment in an incident", finding.OrderShipped, finding.Low, finding.Genuine, unseen, true, false},
		{"Prime in an incident", finding.PrimeJoined, finding.Low, finding.Genuine, unseen, true, true},
		{"Prime outside", finding.PrimeJoined, finding.MediumS, finding.Genuine, unseen, false, false},
		{"a gift card in an incident, in spam", finding.GiftcardSent, finding.Low, finding.Genuine, fact.InSpam, true, true},
	} {
		t.Run(c.says, func(t *testing.T) {
			if got := timeline.IsUnnoticed(c.event, c.severity, c.verdict, c.flags, c.incident, false); got != c.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

// TestFoundingStory pins how the story that mailaudit exists for is told, and in which order.
func TestFoundingStory(t *testing.T) {
	s := timelinetest.Load(t, "samples/*.txt")
	var story *timelinetest.Scene
	for _, c := range s {
		if strings.HasPrefix(c.Name, "the founding story") {
			story = c
		}
	}
	if story == nil {
		t.Fatal("the founding story is not among the samples")
	}
	found, err := timeline.Find(story.Input())
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, x := range found.Incidents[0].Story {
		ids = append(ids, x.ID)
	}
	want := []string{
		"incident.takeover", "incident.told.prime.joined", "incident.many.order.placed", "incident.told.prime.cancelled",
		"incident.many.order.cancelled", "incident.told.security.account_changed", "incident.told.security.takeover_response",
		"incident.told.security.password_changed", "incident.takeover.response", "incident.unnoticed",
	}
	if !reflect.DeepEqual(ids, want) {
		t.Errorf("the story is told as\n%q, want\n%q", ids, want)
	}
}

// TestOrdinaryYears has ten ordinary years of shopping: orders, cancellations, Prime, gift cards at Christmas, a new
// phone, new passwords now and then, and a daily fake. None of it is an incident, whatever the mailbox knows of reading.
func TestOrdinaryYears(t *testing.T) {
	for _, state := range []string{"read", "unread", ""} {
		t.Run("read state "+state, func(t *testing.T) { ordinaryYears(t, state) })
	}
}

func ordinaryYears(t *testing.T, state string) {
	var b strings.Builder
	b.WriteString("== ten years\nspan 2015-01-01 2024-12-31\nusual 3\n")
	r := rand.New(rand.NewPCG(1, 2))
	order := 0
	for day := time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2025; day = day.AddDate(0, 0, 1) {
		date := day.Format("2006-01-02")
		say := func(hour int, line string) {
			fmt.Fprintf(&b, "%s %02d:%02d %s\n", date, hour, r.IntN(60), strings.ReplaceAll(line, " read", " "+state))
		}
		say(8, "impersonation account.payment_declined")
		if r.IntN(4) == 0 {
			for range 1 + r.IntN(3) {
				order++
				say(3+r.IntN(12), fmt.Sprintf("genuine order.placed read order=N-%d", order))
				if r.IntN(20) == 0 {
					say(20, fmt.Sprintf("genuine order.cancelled read order=N-%d", order))
				} else {
					say(21, fmt.Sprintf("genuine order.shipped read order=N-%d", order))
				}
			}
		}
		switch {
		case day.Day() == 3 && day.Month()%6 == 0:
			say(12, "genuine security.password_changed read")
		case day.Day() == 4 && day.Month() == 3:
			say(12, "genuine security.signed_in read device=Safari near=Osaka,_Japan")
		case day.Day() == 20 && day.Month() == 12:
			say(12, "genuine giftcard.redeemed read")
		case day.Day() == 11 && day.Month() == 5:
			say(12, "genuine account.address_changed read")
		case day.Day() == 1 && day.Month() == 7:
			say(12, "genuine prime.joined read")
		case day.Day() == 1 && day.Month() == 9:
			say(12, "genuine prime.cancelled read")
		case day.Day() == 9 && day.Month() == 10:
			say(12, "genuine security.password_reset_requested read")
			say(12, "genuine security.password_changed read")
		case day.Day() == 17:
			say(12, "genuine security.otp unread")
		}
	}
	list, err := timelinetest.Parse(b.String())
	if err != nil {
		t.Fatal(err)
	}
	found, err := timeline.Find(list[0].Input())
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range found.Incidents {
		t.Errorf("%s %s from %v: %v", in.Kind, in.Severity, in.Start, in.Story)
	}
}

// TestUnrelatedMailChangesNothing adds mail to other people, mail that only speaks of the brand, fakes that nobody opened,
// the brand's own advertising, read or not, and what card issuers write to the same address: no incident may change by as
// much as a word.
func TestUnrelatedMailChangesNothing(t *testing.T) {
	all := timelinetest.Load(t, "samples/*.txt")
	rapid.Check(t, func(rt *rapid.T) {
		s := all[rapid.IntRange(0, len(all)-1).Draw(rt, "scene")]
		in := s.Input()
		before, err := timeline.Find(in)
		if err != nil {
			rt.Fatal(err)
		}
		in.Accounts = append(append([]fact.Account(nil), in.Accounts...), fact.Account{Address: "jiro@example.org", Marketplace: "co.jp"})
		other := uint32(len(in.Accounts) - 1)
		in.Audited = append(slices.Clone(in.Audited), false)
		issuer := uint16(len(in.Audited) - 1)
		in.Lookup = func(pos uint32) (*fact.Fact, error) {
			if pos == 1<<30 {
				return &fact.Fact{}, nil
			}
			return s.Lookup(pos)
		}
		in.Entries = append([]fact.Entry(nil), in.Entries...)
		for range rapid.IntRange(1, 40).Draw(rt, "mails") {
			e := fact.Entry{
				Content: rapid.Uint64().Draw(rt, "content"),
				Time:    rapid.Int64Range(s.Span[0].Unix(), s.Span[1].Unix()).Draw(rt, "time"),
				Event:   uint8(rapid.IntRange(0, len(finding.Events())-1).Draw(rt, "event")),
				Flags:   fact.SeenKnown,
				Pos:     1 << 30,
			}
			switch rapid.IntRange(0, 4).Draw(rt, "kind") {
			case 3:
				e.Verdict = fact.VerdictIndex(finding.Genuine)
				e.Event = fact.EventIndex(rapid.SampledFrom([]finding.Event{finding.Marketing, finding.Awareness, finding.OtherEvent}).Draw(rt, "advert"))
				e.Flags |= rapid.SampledFrom([]fact.Flags{0, fact.Seen, fact.InSpam, fact.InTrash, fact.Seen | fact.InTrash}).Draw(rt, "flags")
			case 4:
				e.Brand, e.Verdict = issuer, fact.VerdictIndex(finding.Genuine)
			case 0:
				e.Account, e.Verdict = other, fact.VerdictIndex(finding.Genuine)
			case 1:
				e.Verdict = fact.VerdictIndex(finding.Mention)
			case 2:
				e.Verdict = fact.VerdictIndex(finding.Impersonation)
			}
			in.Entries = append(in.Entries, e)
		}
		rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1)).Shuffle(len(in.Entries), func(i, j int) {
			in.Entries[i], in.Entries[j] = in.Entries[j], in.Entries[i]
		})
		after, err := timeline.Find(in)
		if err != nil {
			rt.Fatal(err)
		}
		var mine []finding.Incident
		for _, x := range after.Incidents {
			if x.AccountIndex != other {
				mine = append(mine, x.Incident)
			}
		}
		if len(mine) != len(before.Incidents) {
			rt.Fatalf("%s: %d incidents, were %d", s.Name, len(mine), len(before.Incidents))
		}
		for k := range mine {
			if !reflect.DeepEqual(mine[k], before.Incidents[k].Incident) {
				rt.Fatalf("%s: incident changed:\n%+v\n%+v", s.Name, before.Incidents[k].Incident, mine[k])
			}
		}
	})
}

// TestLaterMailKeepsTheID has the founding story grow by what comes the next day: the incident keeps its name.
func TestLaterMailKeepsTheID(t *testing.T) {
	const begin = `== begin
2026-02-03 17:02 genuine prime.joined
2026-02-03 17:20 genuine order.placed order=A-* x=3 every=4m
2026-02-03 19:30 genuine security.account_changed
2026-02-03 20:00 genuine security.takeover_response
`
	const more = `2026-02-04 01:15 genuine security.password_changed
2026-02-05 03:00 genuine order.cancelled order=A-* x=3 every=1m
2026-02-06 03:00 genuine giftcard.sent
`
	list, err := timelinetest.Parse(begin + strings.Replace(begin, "begin", "more", 1) + more)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, s := range list {
		found, err := timeline.Find(s.Input())
		if err != nil || len(found.Incidents) != 1 {
			t.Fatalf("%s: %v %v", s.Name, found.Incidents, err)
		}
		ids = append(ids, found.Incidents[0].ID)
	}
	if ids[0] != ids[1] {
		t.Errorf("the incident was %s and is %s", ids[0], ids[1])
	}
}

// minute is n notices in one minute, all kinds in turn.
func minute(n int) timeline.Input {
	entries := make([]fact.Entry, n)
	events := len(finding.Events())
	for i := range entries {
		entries[i] = fact.Entry{
			Content: uint64(i) * 0x9e3779b97f4a7c15, Time: 1_770_000_000 + int64(i%60), Order: uint64(i), Pos: uint32(i),
			Event: uint8(i % events), Severity: uint8(1 + i%5), Verdict: 0, Flags: fact.SeenKnown,
		}
	}
	return timeline.Input{
		Entries: entries, Accounts: []fact.Account{{Address: "hanako@example.jp", Marketplace: "co.jp"}},
		Arrivals: map[int32]int32{1_770_000_000 / 3600: int32(n), 1: 1, 2: 1},
	}
}

// TestManyInAMinute: the result of very many notices in one minute is bounded, what was left out is said, and the work
// grows with their number and no faster.
func TestManyInAMinute(t *testing.T) {
	found, err := timeline.Find(minute(200_000))
	if err != nil {
		t.Fatal(err)
	}
	if len(found.Incidents) == 0 || len(found.Problems) == 0 {
		t.Errorf("%d incidents, %d problems: want both", len(found.Incidents), len(found.Problems))
	}
	for _, in := range found.Incidents {
		if len(in.Messages) > 600 || len(in.Story) > 40 {
			t.Errorf("%s has %d messages and %d sentences", in.Kind, len(in.Messages), len(in.Story))
		}
	}
	growth.Linear(t, "notices in a minute", 10_000, 80_000, func(n int) func() {
		in := minute(n)
		return func() {
			if _, err := timeline.Find(in); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestEqualTimesAreOrderedByContent(t *testing.T) {
	a, b := fact.Entry{Content: 1, Time: 5}, fact.Entry{Content: 2, Time: 5}
	if a.Compare(&b) >= 0 || b.Compare(&a) <= 0 || a.Compare(&a) != 0 {
		t.Error("entries of one second must stand in the order of their content")
	}
}
