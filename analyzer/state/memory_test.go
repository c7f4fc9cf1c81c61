package state

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/mailbox"
)

const (
	low      = 2
	medium   = 3
	high     = 4
	critical = 5
)

func told(id string, level int, parts map[string]int) Finding {
	return Finding{ID: id, Told: Told{Level: level, Account: "owner", Parts: parts}}
}

// TestNews: a sentence for each case of what is told a second time, and what is not.
func TestNews(t *testing.T) {
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	first := told("a", high, map[string]int{"m1": high, "m2": low})
	missing := func(at time.Time) *Root {
		f := told("s", medium, map[string]int{"card 2026-02 missing": medium})
		f.Calendar = true
		var r Root
		r.Remember([]Finding{f}, at)
		return &r
	}
	late := told("s", medium, map[string]int{"card 2026-02 missing": medium})
	late.Calendar = true
	number := func(n int) Finding { return Finding{ID: "lost@x", Told: Told{Level: medium, N: n}} }
	once := func(id string, level int, parts map[string]int) Finding {
		f := told(id, level, parts)
		f.Once = true
		return f
	}
	root := func(list ...Finding) *Root {
		var r Root
		r.Remember(list, day)
		return &r
	}
	for _, c := range []struct {
		why     string
		root    *Root
		now     Finding
		serious int
		want    News
	}{
		{"nothing was told yet", root(), first, high, New},
		{"the same again", root(first), first, high, Nothing},
		{"less of it is left", root(first), told("a", high, map[string]int{"m2": low}), high, Nothing},
		{"it is less severe now", root(first), told("a", medium, map[string]int{"m1": high}), high, Nothing},
		{"it is more severe now", root(first), told("a", critical, map[string]int{"m1": high}), high, Worse},
		{"an order came to it", root(first), told("a", high, map[string]int{"m1": high, "m3": low}), high, Nothing},
		{"a serious notice came to it", root(first), told("a", high, map[string]int{"m1": high, "m3": high}), high, Worse},
		{"what came to it is serious for who asks for low", root(first), told("a", high, map[string]int{"m1": high, "m3": low}), low, Worse},
		{"a high notice in a critical story is serious", root(told("a", critical, map[string]int{"m1": critical})), told("a", critical, map[string]int{"m1": critical, "m3": high}), high, Worse},
		{"the story has another name", root(first), told("b", high, map[string]int{"m1": high}), high, Nothing},
		{"the story has another name and an order more", root(first), told("b", high, map[string]int{"m1": high, "m3": low}), high, Nothing},
		{"the story has another name and got worse", root(first), told("b", critical, map[string]int{"m1": high}), high, New},
		{"another story", root(first), told("b", high, map[string]int{"m7": high}), high, New},
		{"another story of small things", root(first), told("b", high, map[string]int{"m7": low}), high, New},
		{"the same message in another account", root(first), Finding{ID: "b", Told: Told{Level: high, Account: "spouse", Parts: map[string]int{"m1": high}}}, high, New},
		{"another month is missing", root(told("s", medium, map[string]int{"card 2026-01 missing": medium})), told("s", medium, map[string]int{"card 2026-01 missing": medium, "card 2026-02 missing": medium}), low, Worse},
		{"more mail was lost", root(number(2)), number(3), low, Worse},
		{"as much mail was lost", root(number(3)), number(3), low, Nothing},
		{"a question that nobody asked yet", root(), once("q", medium, map[string]int{"m1": critical}), high, New},
		{"a question grew by a serious notice: one word was enough", root(once("q", medium, map[string]int{"m1": critical})), once("q", medium, map[string]int{"m1": critical, "m2": critical}), high, Nothing},
		{"a question begins with a notice that turned up late", root(once("q", medium, map[string]int{"m1": critical})), once("p", medium, map[string]int{"m0": high, "m1": critical}), high, Nothing},
		{"what was a question is an incident now", root(once("q", medium, map[string]int{"m1": critical})), told("i", high, map[string]int{"m1": critical, "m2": low}), high, New},
		{"a statement was missing by a clock that was wrong", missing(day.AddDate(40, 0, 0)), late, low, New},
		{"a statement was missing two hours from now: the clock was set", missing(day.Add(2 * time.Hour)), late, low, Nothing},
	} {
		if got := c.root.News([]Finding{c.now}, c.serious, day)[c.now.ID]; got != c.want {
			t.Errorf("%s: %q, want %q", c.why, got, c.want)
		}
	}
}

// TestNewsAgain: what a run was telling when it was ended is told again, and marked.
func TestNewsAgain(t *testing.T) {
	f := told("a", high, map[string]int{"m1": high})
	r := Root{Telling: &Telling{IDs: []string{"a"}}}
	if got := r.News([]Finding{f, told("b", high, map[string]int{"m2": high})}, high, time.Now()); got["a"] != Again || got["b"] != New {
		t.Errorf("got %v", got)
	}
}

// TestNothingIsLostOrRepeated: whatever becomes of findings from night to night, every serious part was told at its
// finding's level once it is there, and a night without a change tells nothing.
func TestNothingIsLostOrRepeated(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var r Root
		now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
		serious := rapid.IntRange(1, 5).Draw(t, "serious")
		heard := map[string]int{} // by part: the highest level it was heard at
		for range rapid.IntRange(1, 8).Draw(t, "nights") {
			now = now.Add(24 * time.Hour)
			var list []Finding
			for id := range rapid.IntRange(0, 4).Draw(t, "findings") {
				f := told(fmt.Sprint(id), rapid.IntRange(serious, 5).Draw(t, "level"), map[string]int{})
				for range rapid.IntRange(1, 4).Draw(t, "parts") {
					f.Parts[rapid.SampledFrom([]string{"m1", "m2", "m3", "m4", "m5", "m6"}).Draw(t, "part")] = rapid.IntRange(1, 5).Draw(t, "weight")
				}
				list = append(list, f)
			}
			news := r.News(list, serious, now)
			var said []Finding
			for _, f := range list {
				if news[f.ID] != Nothing {
					said = append(said, f)
					for p := range f.Parts {
						heard[p] = max(heard[p], f.Level)
					}
				}
			}
			r.Remember(said, now)
			for _, f := range list {
				for p, weight := range f.Parts {
					if weight >= min(f.Level, serious) && heard[p] < f.Level {
						t.Fatalf("%s of finding %s (level %d) was never told", p, f.ID, f.Level)
					}
				}
			}
			if again := r.News(list, serious, now.Add(time.Hour)); len(again) > 0 {
				t.Fatalf("told again without a change: %v", again)
			}
		}
	})
}

func TestRememberForgetsTheOldest(t *testing.T) {
	r := Root{Told: map[string]*Told{}}
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range maxTold + 5 {
		r.Told[fmt.Sprint(i)] = &Told{At: at.Add(time.Duration(i) * time.Second)}
	}
	r.Remember([]Finding{told("new", high, nil)}, at.AddDate(1, 0, 0))
	if len(r.Told) != maxTold || r.Told["0"] != nil || r.Told["new"] == nil {
		t.Errorf("%d are remembered", len(r.Told))
	}
}

func acksOf(t *testing.T, text string) *Acks {
	t.Helper()
	path := filepath.Join(t.TempDir(), AckName)
	if err := os.WriteFile(path, []byte(text), 0o640); err != nil {
		t.Fatal(err)
	}
	a, err := LoadAcks(path)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAcks(t *testing.T) {
	levels := map[string]int{"low": low, "high": high, "critical": critical}
	levelOf := func(s string) int { return levels[s] }
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	const id = "a-0123456789abcdef"
	for _, c := range []struct {
		why, text string
		level     int
		holds     bool
		bad       string
	}{
		{"an id is enough", id, critical, true, ""},
		{"with a byte order mark and Windows line ends", "\ufeff" + id + "\r\n", critical, true, ""},
		{"up to its severity", id + " high # known", high, true, ""},
		{"not beyond it", id + " high # known", critical, false, ""},
		{"on its last day", id + " until=2026-03-01", high, true, ""},
		{"not after it", id + " until=2026-02-28", high, false, ""},
		{"the last line counts", id + " until=2020-01-01\n" + id, high, true, ""},
		{"a comment is none", "# " + id, high, false, ""},
		{"another finding", "a-ffffffffffffffff", high, false, ""},
		{"a date that is none", id + " until=soon", high, false, `"soon" is no date`},
		{"a word that is none", id + " forever", high, false, `"forever" is not understood`},
		{"an id of a message", "m-0123456789abcdef", high, false, "is no id of a finding"},
	} {
		a := acksOf(t, c.text)
		ack := a.Of(id)
		if got := ack != nil && ack.Holds(c.level, levelOf, now); got != c.holds {
			t.Errorf("%s: %v", c.why, got)
		}
		if bad := fmt.Sprint(a.Bad()); !strings.Contains(bad, c.bad) || c.bad == "" && len(a.Bad()) > 0 {
			t.Errorf("%s: bad lines %s", c.why, bad)
		}
	}
}

// TestAcksKeepTheFile: what a person wrote stays as it is, comments, order and lines that make no sense included.
func TestAcksKeepTheFile(t *testing.T) {
	text := "# ours\n\na-0123456789abcdef high # known\nnonsense\n  a-1111111111111111\n"
	a := acksOf(t, text)
	a.Add(Ack{ID: "a-2222222222222222", Why: "two\nlines\x1b[2J", Added: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)})
	a.Add(Ack{ID: "a-0123456789abcdef", Until: "2026-12-31"})
	if !a.Remove("a-1111111111111111") || a.Remove("a-1111111111111111") {
		t.Error("an acknowledgement is not taken away once")
	}
	if err := a.Save(); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(a.path)
	if err != nil {
		t.Fatal(err)
	}
	want := "# ours\n\na-0123456789abcdef until=2026-12-31\nnonsense\na-2222222222222222 added=2026-03-01 # two lines [2J\n"
	if string(got) != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if info, err := os.Stat(a.path); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

// FuzzAcks: whatever a line is, it comes back as it was, and an acknowledgement that is read is written the same.
func FuzzAcks(f *testing.F) {
	f.Add("a-0123456789abcdef high until=2026-12-31 added=2026-01-01 # why")
	f.Add("# a comment")
	f.Add("a-0123456789abcdef\x00 #")
	f.Fuzz(func(t *testing.T, line string) {
		l := parseAck(line)
		if l.text != line {
			t.Fatalf("%q became %q", line, l.text)
		}
		if l.ack == nil {
			return
		}
		again := parseAck(l.ack.String())
		if again.ack == nil || again.ack.ID != l.ack.ID || again.ack.Level != l.ack.Level || again.ack.Until != l.ack.Until {
			t.Fatalf("%q is written as %q", line, l.ack.String())
		}
	})
}

// TestConclusion: a conclusion and a basis come back as they were written.
func TestConclusion(t *testing.T) {
	c := &Conclusion{
		AsOf: time.Date(2026, 3, 1, 4, 0, 0, 0, time.UTC), Accounts: []fact.Account{{Address: "a@x.example", Marketplace: "co.jp"}, {}},
		Owner: map[string]bool{"a@x.example": true}, Offset: -32400, Known: true,
		Tally: fact.Tally{Messages: 9, Months: map[string]int64{"2026-01": 9}, Arrivals: map[int32]int32{-5: 1, 490000: 8}, Received: fact.Span{First: -9, Last: 1 << 40}},
		Entries: []fact.Entry{
			{Content: 1 << 63, Time: 1 << 33, Order: 7, Pos: 2, Account: 1, Line: 1 << 31, Brand: 3, Flags: 1 << 13, Event: 4, Verdict: 5, Severity: 4},
			{Content: 5, Time: -4, Pos: 900},
		},
		Pending: []Pending{{2, 1 << 34}},
	}
	raw, err := EncodeConclusion(c)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := DecodeConclusion(raw); err != nil || !reflect.DeepEqual(got, c) {
		t.Errorf("got %+v, %v\nwant %+v", got, err, c)
	}
}

// FuzzConclusion: what is no conclusion is an error, and takes no more memory than its length allows.
func FuzzConclusion(f *testing.F) {
	raw, err := EncodeConclusion(&Conclusion{Accounts: []fact.Account{{}}, Entries: []fact.Entry{{Pos: 1}, {Pos: 3, Order: 4}}, Pending: []Pending{{1, 2}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Fuzz(func(t *testing.T, raw []byte) {
		if c, err := DecodeConclusion(raw); err == nil {
			again, err := EncodeConclusion(c)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := DecodeConclusion(again); err != nil || !reflect.DeepEqual(got.Entries, c.Entries) {
				t.Fatalf("%v", err)
			}
		}
	})
}

// TestUnits: a table comes back as it was written.
func TestUnits(t *testing.T) {
	units := []*Unit{
		{
			Unit: mailbox.Unit{
				Name: "cur/1.a:2,S", Stat: mailbox.Stat{Size: 5, Modified: 7, Inode: 9, Changed: 6}, Context: 1 << 63,
				Count:  mailbox.Figures{Size: 1, Mailboxes: 2, Messages: 3, Bytes: 4, Extents: 5, Framing: 6, Skipped: 7, Problem: 8},
				SHA256: evidence.Sum([]byte("x")), Whole: true,
			},
			Parts: []Part{{1, 2, 3, 4, 5, 6, 7, 8, 9, fact.Span{First: 10, Last: 12}, fact.Span{First: 13, Last: 13}}},
		},
		{Unit: mailbox.Unit{Name: "cur/1.b\xff", Racy: true, Emlx: true, Whole: true}},
		{Unit: mailbox.Unit{Name: "inbox", Whole: true, Box: &mailbox.Box{
			Opens: true, Mailboxes: []mailbox.Inside{{Path: []string{"inbox"}, Kind: "mbox", First: 40}}, Skipped: []finding.Skipped{{Path: []string{"x"}, Size: 1, Reason: "index"}},
			Checkpoint: &mailbox.Checkpoint{Offset: 10, Framer: []byte(`{}`), Heads: []mailbox.Head{{Offset: 1, Length: 2, Sum: 3}}, Hash: []byte{1}},
		}}, Parts: []Part{{}, {}}, Before: 1},
	}
	raw, err := EncodeUnits(units)
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeUnits(raw)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, units) {
		t.Errorf("got %+v", got)
	}
}

// FuzzDecodeUnits: no bytes are read as a table that is written otherwise.
func FuzzDecodeUnits(f *testing.F) {
	raw, err := EncodeUnits([]*Unit{{Unit: mailbox.Unit{Name: "a"}, Parts: []Part{{}}}, {Unit: mailbox.Unit{Name: "ab", Box: &mailbox.Box{}}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, raw []byte) {
		units, err := DecodeUnits(raw)
		if err != nil {
			if !errors.Is(err, ErrDamaged) {
				t.Fatal(err)
			}
			return
		}
		again, err := EncodeUnits(units)
		if err != nil {
			t.Fatal(err)
		}
		same, err := DecodeUnits(again)
		if err != nil || len(same) != len(units) {
			t.Fatalf("%d units, %v, want %d", len(same), err, len(units))
		}
	})
}

// TestBlocks: parts come back with their items and tallies, and the tally of the block is theirs together.
func TestBlocks(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "state"))
	defer s.Close()
	b := NewBuilder()
	facts := make([][]byte, 3)
	for i := range facts {
		var err error
		if facts[i], err = fact.Encode(&fact.Fact{Subject: fmt.Sprint(i), Links: fact.PackLinks(make([]finding.Link, i))}); err != nil {
			t.Fatal(err)
		}
		tally := fact.NewTally()
		tally.Messages, tally.Months["2026-01"] = 1, int64(i)
		tally.Results[fact.ResultKey{ReceiverKey: fact.ReceiverKey{Group: "g", Year: 2026, Domain: "d"}, ID: "x"}] = fact.ResultCount{Messages: 1}
		var items []Item
		for range i {
			items = append(items, Item{Raw: facts[i]}, Item{Problem: true, Raw: []byte("problem")})
		}
		if index, err := b.Add(tally, items); err != nil || index != int32(i) {
			t.Fatal(index, err)
		}
	}
	block, err := b.Store(s)
	if err != nil {
		t.Fatal(err)
	}
	parts, err := s.ReadItems(block)
	if err != nil || len(parts) != 3 || len(parts[2]) != 4 || !parts[2][1].Problem || !bytes.Equal(parts[2][2].Raw, facts[2]) {
		t.Errorf("%v %v", parts, err)
	}
	if _, err := NewBuilder().Add(fact.NewTally(), []Item{{Raw: []byte("no fact")}}); err == nil {
		t.Error("what is no fact was taken for one")
	}
	sum, err := s.ReadTally(block)
	if err != nil || sum.Messages != 3 || sum.Months["2026-01"] != 3 {
		t.Errorf("%+v %v", sum, err)
	}
	all := fact.NewTally()
	if err := s.ReadTallies(block, func(_ int32, t *fact.Tally) error { all.Merge(t); return nil }); err != nil || len(all.Results) != 1 || all.Messages != 3 {
		t.Errorf("%+v %v", all, err)
	}
}

// FuzzItems reads damaged items: what is taken is written and read back as the same.
func FuzzItems(f *testing.F) {
	raw, err := fact.Encode(&fact.Fact{Subject: "x", Links: fact.PackLinks(make([]finding.Link, 2))})
	if err != nil {
		f.Fatal(err)
	}
	write := func(parts [][]Item) []byte {
		b := NewBuilder()
		for _, items := range parts {
			if _, err := b.Add(fact.NewTally(), items); err != nil {
				f.Fatal(err)
			}
		}
		return bytes.Join(b.columns.pieces(), nil)
	}
	f.Add(write([][]Item{{{Raw: raw}, {Problem: true, Raw: []byte("{}")}}, nil, {{Raw: raw}}}), int32(3))
	f.Add([]byte{}, int32(0))
	f.Fuzz(func(t *testing.T, b []byte, n int32) {
		parts, err := decodeItems(b, n)
		if err != nil {
			return
		}
		again, err := decodeItems(write(parts), n)
		if err != nil || !reflect.DeepEqual(parts, again) {
			t.Fatalf("%v\nfirst  %v\nsecond %v", err, parts, again)
		}
	})
}

// A field that is added to what is stored must make another form, or old state would be read without it.
func TestForm(t *testing.T) {
	type one struct{ A map[string][]int }
	type two struct {
		A map[string][]int
		B *one
	}
	if a, b := Form(reflect.TypeFor[one]()), Form(reflect.TypeFor[two]()); a == b || !strings.Contains(b, "B pointer") && !strings.Contains(b, "B ptr") {
		t.Errorf("%s and %s", a, b)
	}
}

func TestDir(t *testing.T) {
	for _, c := range []struct {
		why  string
		env  map[string]string
		want string
	}{
		{"XDG says", map[string]string{"XDG_STATE_HOME": "/x", "HOME": "/h"}, "/x/mailaudit"},
		{"a relative XDG_STATE_HOME is none, by its specification", map[string]string{"XDG_STATE_HOME": "x", "HOME": "/h"}, "/h/.local/state/mailaudit"},
		{"only HOME", map[string]string{"HOME": "/h"}, "/h/.local/state/mailaudit"},
		{"nothing", nil, ""},
	} {
		got, err := Dir(func(name string) string { return c.env[name] })
		if filepath.ToSlash(got) != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s: %q, %v", c.why, got, err)
		}
	}
}

// TestLinkToNothing: a state file that is a link to where nothing is yet stays a link, and the file is made where it leads.
func TestLinkToNothing(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "real"), 0o700); err != nil {
		t.Fatal(err)
	}
	for link, to := range map[string]string{"state": "second", "second": filepath.Join("real", "file")} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Skip("no links here:", err)
		}
	}
	s, err := Open(filepath.Join(dir, "state"), false, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Commit(), s.Close()); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(filepath.Join(dir, "real", "file")); err != nil || !info.Mode().IsRegular() {
		t.Errorf("nothing was made where the link leads: %v", err)
	}
	if _, err := os.Readlink(filepath.Join(dir, "state")); err != nil {
		t.Error("the link was replaced")
	}
}
