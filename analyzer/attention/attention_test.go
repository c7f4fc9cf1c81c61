package attention_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pelletier/go-toml/v2"
	"pgregory.net/rapid"

	"github.com/mailaudit/mailaudit/analyzer/attention"
	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/limit/growth"
	"github.com/mailaudit/mailaudit/analyzer/timeline/timelinetest"
)

// split are the brands that a scan audits unless told otherwise, and the rest.
var split = sync.OnceValue(func() [2]*brand.Set {
	chosen, rest, err := brand.Library().Pick([]string{"amazon"})
	if err != nil {
		panic(err) // the built-in brands
	}
	return [2]*brand.Set{chosen, rest}
})

// amazonOnly is the input of a scene where nothing but what is audited unless told otherwise is.
func amazonOnly(t testing.TB, s *timelinetest.Scene) attention.Input {
	t.Helper()
	in := input(t, s)
	sets := split()
	all := slices.Concat(sets[0].All(), sets[1].All())
	for i := range in.Entries {
		id := in.Brands.All()[in.Entries[i].Brand].ID
		in.Entries[i].Brand = uint16(slices.IndexFunc(all, func(b *brand.Brand) bool { return b.ID == id }))
	}
	in.Brands, in.Others = sets[0], sets[1]
	return in
}

// input makes the input of a scene, with its brands moved to their places in the set of all.
func input(t testing.TB, s *timelinetest.Scene) attention.Input {
	t.Helper()
	set := brand.Library()
	entries := slices.Clone(s.Entries)
	for i := range entries {
		id := s.Brands[entries[i].Brand]
		k := slices.IndexFunc(set.All(), func(b *brand.Brand) bool { return b.ID == id })
		if k < 0 {
			t.Fatalf("no brand %q", id)
		}
		entries[i].Brand = uint16(k)
	}
	return attention.Input{
		Entries: entries, Accounts: s.Accounts, Brands: set, Lookup: s.Lookup, Span: s.Span, Months: s.Months,
		Arrivals: s.Arrivals, AsOf: s.AsOf, Own: s.Own,
	}
}

func conclude(t testing.TB, in attention.Input) attention.Output {
	t.Helper()
	out, err := attention.Conclude(in)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestSamples(t *testing.T) {
	for _, s := range timelinetest.Load(t, "samples/*.txt") {
		t.Run(s.Name, func(t *testing.T) {
			out := conclude(t, input(t, s))
			var got []string
			for k, a := range out.Attention {
				got = append(got, fmt.Sprintf("%s %s %d", a.Kind, a.Severity, len(a.Messages)))
				if a.Rank != k+1 || a.ID == "" || a.Why.ID == "" {
					t.Errorf("item is not whole: %+v", a)
				}
			}
			if !slices.Equal(got, s.Want) {
				t.Errorf("got %q, want %q", got, s.Want)
			}
		})
	}
}

func TestStepsAreUpToDate(t *testing.T) {
	data, err := os.ReadFile("steps.toml")
	if err != nil {
		t.Fatal(err)
	}
	want, err := attention.StepsSource(data)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("steps_gen.go")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Error("steps_gen.go is not what steps.toml says: run go generate ./analyzer/attention")
	}
}

func TestDecodeStepsRefuses(t *testing.T) {
	for says, data := range map[string]string{
		"an unknown key":       "[[step]]\nid='a'\nsituations=['x']\nsource='s'\ndate='2026'\nconfidence='H'\nwhy='?'\n",
		"no source":            "[[step]]\nid='a'\nsituations=['x']\ndate='2026'\nconfidence='H'\n",
		"no situation":         "[[step]]\nid='a'\nsource='s'\ndate='2026'\nconfidence='H'\n",
		"an unknown certainty": "[[step]]\nid='a'\nsituations=['x']\nsource='s'\ndate='2026'\nconfidence='sure'\n",
		"two of one name": "[[step]]\nid='a'\nsituations=['x']\nsource='s'\ndate='2026'\nconfidence='H'\n" +
			"[[step]]\nid='a'\nsituations=['x']\nsource='s'\ndate='2026'\nconfidence='H'\n",
	} {
		if _, err := attention.DecodeSteps([]byte(data)); err == nil {
			t.Errorf("%s is accepted", says)
		}
	}
}

// texts reads the prose that stands for the ids of this stage.
func texts(t *testing.T) map[string]map[string]string {
	t.Helper()
	out := make(map[string]map[string]string)
	for _, name := range []string{"attention.toml", "incident.toml"} {
		data, err := os.ReadFile(filepath.Join("..", "..", "report", "view", "text", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := toml.Unmarshal(data, &out); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	return out
}

var gap = regexp.MustCompile(`\{(\w+)[^}]*\}`)

// TestEverythingSaidHasWords concludes over all samples there are and checks that each text has a sentence in both
// languages, and that each gap in it is filled.
func TestEverythingSaidHasWords(t *testing.T) {
	prose := texts(t)
	check := func(x finding.Text) {
		t.Helper()
		if len(prose[x.ID]) != 2 {
			t.Errorf("no sentence for %q in both languages", x.ID)
			return
		}
		for lang, s := range prose[x.ID] {
			for _, m := range gap.FindAllStringSubmatch(s, -1) {
				// Of the brand readers say Amazon, and of those asked for what the stream says, where no argument names one.
				if _, ok := x.Args[m[1]]; !ok && m[1] != "brand" && m[1] != "asked" {
					t.Errorf("%s, %s: nothing fills {%s}", x.ID, lang, m[1])
				}
			}
		}
	}
	for _, s := range timelinetest.Load(t, "samples/*.txt", "../timeline/samples/*.txt", "../statement/samples/*.txt") {
		in := input(t, s)
		in.Lost, in.Incomplete = 2, true
		for range 2 {
			out := conclude(t, in)
			for _, a := range out.Attention {
				check(a.Why)
				for _, d := range a.Do {
					check(d)
				}
			}
			for _, i := range out.Incidents {
				for _, x := range i.Story {
					check(x)
				}
			}
			in.Lost, in.Incomplete = 0, false
		}
	}
	for _, s := range attention.Steps() {
		if len(prose["do."+s.ID]) != 2 {
			t.Errorf("the step %s has no words", s.ID)
		}
	}
}

// TestStepsFitTheCountry: numbers of the Japanese police go to people who shop in Japan, and to nobody else.
func TestStepsFitTheCountry(t *testing.T) {
	for market, want := range map[string][2]bool{"co.jp": {true, false}, "com": {false, true}} {
		list, err := timelinetest.Parse("== answered\n2026-02-03 08:00 impersonation account.payment_declined replied at=" + market +
			"\n2026-02-03 09:00 genuine order.placed read at=" + market + "\n")
		if err != nil {
			t.Fatal(err)
		}
		out := conclude(t, input(t, list[0]))
		var ids []string
		for _, d := range out.Attention[0].Do {
			ids = append(ids, d.ID)
		}
		if slices.Contains(ids, "do.police_jp") != want[0] || slices.Contains(ids, "do.police_us") != want[1] {
			t.Errorf("%s: %q", market, ids)
		}
		if ids[0] != "do.mailbox_first" {
			t.Errorf("%s: the first step is %s, want the mailbox itself", market, ids[0])
		}
	}
}

// TestMailboxComesFirst: who holds the mailbox resets every other password.
func TestMailboxComesFirst(t *testing.T) {
	list, err := timelinetest.Parse("== takeover\n2026-02-03 08:00 genuine security.email_changed\n2026-02-03 09:00 genuine security.takeover_response\n")
	if err != nil {
		t.Fatal(err)
	}
	do := conclude(t, input(t, list[0])).Attention[0].Do
	if len(do) < 8 || do[0].ID != "do.mailbox_first" || do[1].ID != "do.mailbox_filters" {
		t.Errorf("steps: %v", do)
	}
}

// TestFirstItem: the words fit what is known, and severity and words come from one place.
// Where the way in began at Google, what to do begins there, names Google, and the story says so.
func TestWayInElsewhere(t *testing.T) {
	scenes, err := timelinetest.Parse(`== a reset at Google, then Amazon
2025-06-01 09:00 genuine order.placed read order=A-1
2026-02-03 01:00 genuine security.password_reset_requested brand=google unread
2026-02-03 01:04 genuine security.password_changed brand=google unread
2026-02-03 01:30 genuine security.signed_in near=Lagos,_Nigeria device=Tizen_TV unread
2026-02-03 01:40 genuine security.password_changed unread
2026-02-03 01:42 genuine security.email_changed unread new_email=kx77@mail.example.ru
2026-02-03 02:10 genuine giftcard.sent unread
`)
	if err != nil {
		t.Fatal(err)
	}
	out := conclude(t, input(t, scenes[0]))
	if len(out.Incidents) != 1 || len(out.Incidents[0].Messages) != 6 {
		t.Fatalf("%d incidents: %+v", len(out.Incidents), out.Incidents)
	}
	var told []string
	for _, s := range out.Incidents[0].Story {
		if s.Args["brand"] == "google" {
			told = append(told, s.ID)
		}
	}
	if want := []string{"incident.told.elsewhere", "incident.told.elsewhere", "incident.elsewhere"}; !slices.Equal(told, want) {
		t.Errorf("the story says of Google %q, want %q", told, want)
	}
	first := out.Attention[0]
	if len(first.Do) < 2 || first.Do[0].ID != "do.elsewhere_first" || first.Do[0].Args["brand"] != "google" || first.Do[0].Args["site"] != "google.com" {
		t.Errorf("what to do begins with %+v", first.Do)
	}
	if first.Do[1].Args["brand"] != nil {
		t.Errorf("what to do at Amazon names another: %+v", first.Do[1])
	}
	for _, a := range out.Attention[1:] {
		if a.Kind == "question" && a.Severity.Level() > finding.Low.Level() {
			t.Errorf("what the incident tells is asked about again: %+v", a)
		}
	}
}

func TestFirstItem(t *testing.T) {
	const abroad = "2026-02-03 11:00 genuine security.signed_in device=Chrome_Windows near=Lagos,_Nigeria\n"
	for _, c := range []struct{ says, mail, zone, why, severity string }{
		{"unread", "2026-02-03 12:00 genuine security.password_changed unread", "UTC", "question.unread", "medium"},
		{"unknown", "2026-02-03 12:00 genuine security.password_changed", "UTC", "question", "medium"},
		{"read", "2026-02-03 12:00 genuine security.password_changed read", "UTC", "question", "low"},
		{"read, then thrown away", "2026-02-03 12:00 genuine security.password_changed read trash", "UTC", "question", "low"},
		{"thrown away unread", "2026-02-03 12:00 genuine security.password_changed unread trash", "UTC", "question.unread", "medium"},
		{"shopping beside it says nothing", "2026-02-03 12:00 genuine security.password_changed read\n2026-02-03 13:00 genuine order.placed order=A-1 unread", "UTC", "question", "low"},
		{"a sign-in at night that nobody opened", "2026-02-03 02:00 genuine security.signed_in unread", "UTC", "unnoticed_change.night", "low"},
		{"where the owner's zone is not known nothing is said of the night", "2026-02-03 02:00 genuine security.signed_in unread", "", "unnoticed_change", "low"},
		{"thrown away unread, and no change", "2026-02-03 12:00 genuine security.signin_attempt unread trash", "UTC", "unnoticed_change.trash", "medium"},
		{
			"a handover", abroad + "2026-02-03 12:00 genuine security.email_changed new_email=kx77@mail.example.ru\n2026-02-03 13:00 genuine order.placed order=A-1",
			"UTC", "takeover", "high",
		},
		{"Amazon's own word", "2026-02-03 12:00 genuine security.password_changed\n2026-02-03 13:00 genuine security.takeover_response", "UTC", "takeover.sure", "critical"},
		{
			"a fake opened, and a change on the usual device", "2026-02-03 11:00 impersonation account.payment_declined read\n2026-02-03 12:00 genuine security.password_changed read",
			"UTC", "opened_fake", "low",
		},
		{
			"a fake opened, and a change by somebody far away", "2026-02-03 10:00 impersonation account.payment_declined read\n" + abroad + "2026-02-03 12:00 genuine security.password_changed read",
			"UTC", "phish_then_change", "high",
		},
	} {
		t.Run(c.says, func(t *testing.T) {
			list, err := timelinetest.Parse("== mail\n" + c.mail + "\n")
			if err != nil {
				t.Fatal(err)
			}
			in := input(t, list[0])
			in.Location = nil
			if c.zone != "" {
				in.Location = time.UTC
			}
			first := conclude(t, in).Attention[0]
			if got := strings.TrimPrefix(first.Why.ID, "attention."); got != c.why || string(first.Severity) != c.severity {
				t.Errorf("got %s %s, want %s %s", got, first.Severity, c.why, c.severity)
			}
		})
	}
}

// TestDeterminism: the order of the entries, and a second run, change nothing.
func TestDeterminism(t *testing.T) {
	all := timelinetest.Load(t, "samples/*.txt", "../timeline/samples/*.txt", "../statement/samples/*.txt")
	rapid.Check(t, func(rt *rapid.T) {
		s := all[rapid.IntRange(0, len(all)-1).Draw(rt, "scene")]
		in := input(t, s)
		before := conclude(t, in)
		rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1)).Shuffle(len(in.Entries), func(i, j int) {
			in.Entries[i], in.Entries[j] = in.Entries[j], in.Entries[i]
		})
		after := conclude(t, in)
		if !reflect.DeepEqual(before, after) {
			rt.Fatalf("%s: the conclusion depends on the order:\n%+v\n%+v", s.Name, before, after)
		}
	})
}

// mailbox is an ordinary mailbox of n Amazon messages over twenty years, every one of them looked at again when asked.
func mailbox(n int) attention.Input {
	r := rand.New(rand.NewPCG(7, 7))
	events := []finding.Event{
		finding.OrderPlaced, finding.OrderShipped, finding.OrderDelivered, finding.Marketing, finding.Marketing, finding.OTP,
		finding.SignedIn, finding.PasswordChanged, finding.PrimeRenewal, finding.StatementIssued, finding.SubscriptionCharged,
		finding.OrderCancelled, finding.PaymentDeclined, finding.EmailChanged, finding.GiftcardSent,
	}
	entries := make([]fact.Entry, n)
	arrivals, months := make(map[int32]int32), make(map[string]int64)
	start := time.Date(2006, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range entries {
		t := start.Add(time.Duration(r.Int64N(int64(20 * 365 * 24 * time.Hour))))
		e := &entries[i]
		*e = fact.Entry{
			Content: r.Uint64(), Time: t.Unix(), Order: r.Uint64(), Pos: uint32(i), Account: uint32(r.IntN(3)),
			Event: fact.EventIndex(events[min(r.IntN(len(events)), r.IntN(len(events)))]), Severity: uint8(1 + r.IntN(5)),
			Flags: fact.SeenKnown | fact.Flags(r.IntN(2))*fact.Seen,
		}
		if r.IntN(3) == 0 {
			e.Verdict = fact.VerdictIndex(finding.Impersonation)
		}
		arrivals[int32(t.Unix()/3600)]++
		months[t.Format("2006-01")]++
	}
	f := &fact.Fact{Details: &finding.Details{Device: "Safari", Near: "Osaka, Japan"}}
	return attention.Input{
		Entries: entries, Brands: brand.Builtin(), Months: months, Arrivals: arrivals,
		Accounts: []fact.Account{{Address: "a@example.jp", Marketplace: "co.jp"}, {Address: "b@example.jp", Marketplace: "co.jp"}, {Address: "a@example.jp", Marketplace: "com"}},
		Span:     [2]time.Time{start, start.AddDate(20, 0, 0)}, AsOf: start.AddDate(20, 0, 0),
		Lookup: func(uint32) (*fact.Fact, error) { return f, nil },
	}
}

// TestBudget: a message costs at most a kilobyte on the way, the work grows with their number and no faster, and the
// list stays short.
func TestBudget(t *testing.T) {
	const n = 50_000
	in := mailbox(n)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	out := conclude(t, in)
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / n; each > 1024 {
		t.Errorf("%d bytes allocated for each message", each)
	}
	if n := len(out.Attention); n > 61 || out.Attention[n-1].Kind != attention.More {
		t.Errorf("%d items, the last of kind %s: a list is short, and says what it leaves out", n, out.Attention[n-1].Kind)
	}
	growth.Linear(t, "messages", 5000, 40_000, func(n int) func() {
		in := mailbox(n)
		return func() { conclude(t, in) }
	})
}

func BenchmarkConclude200000(b *testing.B) {
	in := mailbox(200_000)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := attention.Conclude(in); err != nil {
			b.Fatal(err)
		}
	}
}

// TestBadInput: indexes out of range, no lookup, no brands, no dates, nothing at all.
func TestBadInput(t *testing.T) {
	for says, in := range map[string]attention.Input{
		"nothing":             {},
		"an entry of nowhere": {Entries: []fact.Entry{{Event: 255, Verdict: 255, Severity: 255, Account: 99, Brand: 999, Time: 1 << 40}}},
		"no clock at all": {
			Entries:  []fact.Entry{{Event: fact.EventIndex(finding.EmailChanged), Severity: 5, Flags: fact.ClockDoubt}},
			Accounts: []fact.Account{{}},
		},
	} {
		t.Run(says, func(t *testing.T) {
			out := conclude(t, in)
			if len(out.Attention) == 0 {
				t.Error("a list is never empty: at least the all-clear stands in it")
			}
			if strings.HasPrefix(says, "no clock") && len(out.Problems) == 0 {
				t.Error("what is left out of the timeline must be a problem")
			}
		})
	}
}

// TestFailedLookup: a spool that can't be read ends the run; it is never taken for a message that says nothing.
func TestFailedLookup(t *testing.T) {
	_, err := attention.Conclude(attention.Input{
		Entries: []fact.Entry{{
			Event: fact.EventIndex(finding.OrderPlaced), Time: 1_770_000_000, Flags: fact.MoreOrders,
		}},
		Accounts: []fact.Account{{}},
		Lookup:   func(uint32) (*fact.Fact, error) { return nil, os.ErrNotExist },
	})
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}
