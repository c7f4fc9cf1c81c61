package learn

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/mailauth"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/readstate"
	"github.com/mailaudit/mailaudit/analyzer/message"
)

// observations draws messages of all kinds that a tally counts.
func observations(t *rapid.T) []Observation {
	pick := func(label string, from ...string) string { return rapid.SampledFrom(from).Draw(t, label) }
	n := rapid.IntRange(0, 30).Draw(t, "messages")
	out := make([]Observation, n)
	for i := range out {
		header := pick("labels", "", "X-Gmail-Labels: Inbox,Unread\n", "X-Gmail-Labels: Sent,\"a, b\"\n") +
			pick("status", "", "Status: RO\n") +
			pick("trace", "", mailOf("mx.isp.example", 2023, "", result("mx.isp.example")), mailOf("mx2.new.example", 2024, result("mx2.new.example"), ""),
				strings.Replace(mailOf("mx.isp.example", 2023, "", ""), "mail.sender.example [192.0.2.7]", "gw1.isp.example [192.0.2.5]", 1)+mailOf("mx.isp.example", 2023, "", ""),
				mailOf("mx.google.com", 2024, "", "")) +
			pick("from", "", "From: me@isp.example\n", "From: a@x.example\n") + pick("to", "", "To: a@x.example, b@x.example\n") +
			pick("date", "", "Date: Mon, 23 Jun 2022 15:28:00 +0900\n")
		h := message.ParseHeader([]byte(header+"\n"), limit.Default())
		out[i] = Observation{
			Group: pick("group", "a", "b"), Header: &h, Folder: finding.Folder(pick("folder", "", "sent")),
			Envelope: rapid.SampledFrom([]*fact.Envelope{nil, {Style: "asctime"}}).Draw(t, "envelope"),
		}
	}
	return out
}

func count(list []Observation) *fact.Tally {
	t := fact.NewTally()
	for _, o := range list {
		Observe(t, o)
	}
	return t
}

// TestMergeIsCommutativeAndAssociative divides messages among workers in any way and merges their tallies in any order:
// the tally, and all that is learned from it, is that of one worker.
func TestMergeIsCommutativeAndAssociative(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := observations(t)
		want := count(list)
		parts := []*fact.Tally{fact.NewTally(), fact.NewTally(), fact.NewTally()}
		for i := range list {
			Observe(parts[rapid.IntRange(0, 2).Draw(t, "worker")], list[i])
		}
		order := rapid.Permutation([]int{0, 1, 2}).Draw(t, "order")
		got := fact.NewTally()
		if rapid.Bool().Draw(t, "grouped") {
			parts[order[1]].Merge(parts[order[2]])
			got.Merge(parts[order[0]])
			got.Merge(parts[order[1]])
		} else {
			for _, i := range order {
				got.Merge(parts[i])
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("\n got %+v\nwant %+v", got, want)
		}
		a, b := Trust(got, Options{}), Trust(want, Options{})
		if !reflect.DeepEqual(a, b) || !reflect.DeepEqual(Report(a), Report(b)) {
			t.Fatalf("\n got %+v\nwant %+v", a, b)
		}
	})
}

// TestWhatOneMessageAddsIsBounded counts the entries that one hostile message makes.
func TestWhatOneMessageAddsIsBounded(t *testing.T) {
	var b strings.Builder
	b.WriteString("X-Gmail-Labels: Sent" + strings.Repeat(",label-x", 1))
	for i := range 500 {
		b.WriteString(",l" + strings.Repeat("x", i))
	}
	b.WriteString("\n" + mailOf("mx.isp.example", 2024, "", ""))
	for i := range 500 {
		b.WriteString("Authentication-Results: id" + strings.Repeat("x", i%300) + ".example; spf=pass\n")
	}
	b.WriteString("To: " + strings.Repeat("a@x.example, ", 10))
	for i := range 3000 {
		b.WriteString("u" + strings.Repeat("x", i%200) + "@x.example, ")
	}
	b.WriteString("\n")
	h := message.ParseHeader([]byte(b.String()), limit.Default())
	tally := fact.NewTally()
	Observe(tally, Observation{Group: "g", Header: &h})
	for name, n := range map[string]int{
		"labels": len(tally.Labels) - maxLabels, "pairs": len(tally.Pairs) - maxLabels*maxLabels/2, "results": len(tally.Results) - maxForms,
		"recipients": len(tally.Sent) - maxRecipients, "addresses": len(tally.Addresses) - 1,
	} {
		if n > 0 {
			t.Errorf("%d %s too many", n, name)
		}
	}
}

func TestRolesOfLabels(t *testing.T) {
	box := func(unread, opened string) *fact.Tally {
		t := fact.NewTally()
		t.Labels = map[string]fact.LabelCount{
			"受信トレイ": {Messages: 90}, "Spam": {Messages: 10}, unread: {Messages: 40}, opened: {Messages: 58}, "家族": {Messages: 30},
			"Senditaj": {Messages: 50, Sent: 49},
		}
		t.Pairs = map[fact.LabelPair]int64{pair(unread, opened): 2, pair("家族", unread): 10}
		return t
	}
	for _, c := range []struct {
		name, label string
		tally       *fact.Tally
		given       map[string]finding.Folder
		want        finding.Folder
	}{
		{"known by name", "受信トレイ", box("未読", "開封済み"), nil, finding.Inbox},
		{"the partner of a known unread label, by the counts", "Malfermitaj", box("Unread", "Malfermitaj"), nil, readstate.Opened},
		{"the partner of a known opened label", "Nelegitaj", box("Nelegitaj", "Opened"), nil, readstate.Unread},
		{"which of two unknown ones is which can't be told", "Nelegitaj", box("Nelegitaj", "Malfermitaj"), nil, ""},
		{"what came through no receiver is sent", "Senditaj", box("Unread", "Opened"), nil, finding.Sent},
		{"a person's own folder stays unknown", "家族", box("Unread", "Malfermitaj"), nil, ""},
		{"what the user says goes first", "Spam", box("Unread", "Opened"), map[string]finding.Folder{"Spam": finding.Other}, finding.Other},
	} {
		if got := roles(c.tally, c.given)[c.label]; got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// corpus reads the headers of the shared mail, where it is there.
func corpus(t testing.TB) []message.Header {
	names, err := filepath.Glob("../../../shared/corpus/mail/*.eml")
	if err != nil || len(names) == 0 {
		t.Skip("the shared corpus is not there")
	}
	var out []message.Header
	for _, n := range names {
		raw, err := os.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, message.ParseHeader(raw, limit.Default()))
	}
	raw, err := os.ReadFile("../../../shared/corpus/ham/linux-uvc-devel.mboxrd")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range bytes.Split(raw, []byte("\n\nFrom ")) {
		_, m, _ = bytes.Cut(m, []byte("\n"))
		out = append(out, message.ParseHeader(m, limit.Default()))
	}
	return out
}

// TestGlanceAgreesWithRead compares, on real mail, what is read of every message with what is read of candidates.
func TestGlanceAgreesWithRead(t *testing.T) {
	for i, h := range corpus(t) {
		hops, results := mailauth.Read(&h)
		want := mailauth.Trace(hops, nil)
		_, got, near, _ := mailauth.Glance(&h)
		if want.Boundary < 0 {
			if got.Boundary >= 0 {
				t.Errorf("message %d: a boundary at %d, want none", i, got.Boundary)
			}
			continue
		}
		if got != want {
			t.Errorf("message %d: %+v, want %+v", i, got, want)
		}
		n := 0
		for j := range results {
			if mailauth.Believable(&results[j]) && mailauth.Place(hops, want, results[j].Index) != "" {
				n++
			}
		}
		m := 0
		for j := range near {
			if mailauth.Believable(&near[j]) && mailauth.Place(hops, want, near[j].Index) != "" {
				m++
			}
		}
		if n != m {
			t.Errorf("message %d: %d results around the boundary, want %d", i, m, n)
		}
	}
}

func BenchmarkObserve(b *testing.B) {
	headers := corpus(b)
	t := fact.NewTally()
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		Observe(t, Observation{Group: "box", Header: &headers[i%len(headers)]})
		i++
	}
}

// FuzzObserve checks that a message counted twice adds twice what it adds once, and that what one adds is bounded.
func FuzzObserve(f *testing.F) {
	f.Add("X-Gmail-Labels: Sent,Inbox\n"+mailOf("mx.isp.example", 2024, result("mx.isp.example"), ""), "sent")
	f.Add(mailOf("mx.google.com", 2024, "", result("mx.google.com"))+"Status: RO\nTo: a@x.example\n", "")
	f.Fuzz(func(t *testing.T, header, folder string) {
		h := message.ParseHeader([]byte(header), limit.Default())
		o := Observation{Group: "g", Folder: finding.Folder(folder), Header: &h}
		once, twice := count([]Observation{o}), count([]Observation{o, o})
		sum := fact.NewTally()
		sum.Merge(once)
		sum.Merge(once)
		if !reflect.DeepEqual(sum, twice) {
			t.Fatalf("\n got %+v\nwant %+v", twice, sum)
		}
		if len(once.Labels) > maxLabels || len(once.Results) > maxForms || len(once.Sent) > maxRecipients || len(once.Receivers) > 1 || len(once.Senders) > 6+2*maxForms || len(once.Addresses) > 1 {
			t.Fatalf("one message adds %+v", once)
		}
		Report(Trust(twice, Options{}))
	})
}
