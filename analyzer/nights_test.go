package analyzer_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/mailaudit/mailaudit/analyzer"
	"github.com/mailaudit/mailaudit/analyzer/mailbox"
	"github.com/mailaudit/mailaudit/analyzer/state"
)

// TestAgainIsAsFull: whatever happens to the mail between runs, a run that goes by the state of the run before gives the
// stream that reading everything gives, byte for byte, and without a stream the same attention list.
func TestAgainIsAsFull(t *testing.T) {
	if flag.Lookup("rapid.checks").Value.String() == "100" && os.Getenv("MAILAUDIT_CRASHES") == "" {
		// Each check is some ten scans: a few are for every day, a hundred for `make soak`.
		if err := flag.Set("rapid.checks", "12"); err != nil {
			t.Fatal(err)
		}
		defer flag.Set("rapid.checks", "100")
	}
	sample := messagesOf(t, "../samples/takeover/input/haruka.mbox", "../samples/statements/input/mail/*")
	rapid.Check(t, func(rt *rapid.T) {
		n := newNight(t, rt)
		n.story = sample[rapid.IntRange(0, len(sample)-1).Draw(rt, "story"):]
		var story []string
		if rapid.Bool().Draw(rt, "before") { // mail enough for something to be learned, so that little is new with a few more
			for i := range 60 {
				n.appendTo(filepath.Join(n.mail, "old.mbox"), n.entry(i%3))
			}
			if rapid.Bool().Draw(rt, "big") { // and enough for an mbox to be read on
				n.appendTo(filepath.Join(n.mail, "old.mbox"), "From a@example.org Mon Jan  5 04:05:06 2026\nFrom: a@example.org\n\n"+strings.Repeat("filler of a mailbox\n", 60_000)+"\n"+n.entry(1))
			}
		}
		for range rapid.IntRange(2, 9).Draw(rt, "nights") {
			// Now and then the clock is set back.
			n.now = n.now.Add(time.Duration(rapid.IntRange(-2, 30).Draw(rt, "days")) * 24 * time.Hour)
			for range rapid.IntRange(1, 3).Draw(rt, "steps") {
				story = append(story, n.step(rt))
			}
			story = append(story, "|")
			if rapid.IntRange(0, 20).Draw(rt, "option") == 0 {
				n.option(rt)
			}
			if len(n.list(n.mail)) == 0 {
				continue
			}
			want, full := n.full()
			stream := rapid.IntRange(0, 2).Draw(rt, "stream") > 0
			got, again := n.again(stream)
			if stream {
				if a, b, ok := differ(got, want); !ok {
					rt.Fatalf("after %v\ngot  %s\nwant %s", story, a, b)
				}
			}
			if a, b := fmt.Sprintf("%+v\n%+v", again.Attention, again.Summary), fmt.Sprintf("%+v\n%+v", full.Attention, full.Summary); a != b {
				rt.Fatalf("after %v (stream %v)\ngot  %s\nwant %s", story, stream, a, b)
			}
		}
	})
}

// TestAgainJudgesAllOrNothing: a night judges nothing where nothing changed, and else what a scan that knows nothing judges.
func TestAgainJudgesAllOrNothing(t *testing.T) {
	n := newNight(t, t)
	box, sent := filepath.Join(n.mail, "inbox"), filepath.Join(n.mail, "Sent")
	// Below some megabytes an mbox is read again in whole.
	n.appendTo(box, "From a@example.org Mon Jan  5 04:05:06 2026\nFrom: a@example.org\n\n"+strings.Repeat("filler of a mailbox\n", 200_000)+"\n")
	for i := range 300 {
		n.appendTo(box, n.entry(i%len(letters)))
	}
	story := messagesOf(t, "../samples/takeover/input/haruka.mbox")
	n.appendTo(box, strings.Join(story, ""))
	n.now = n.now.AddDate(0, 0, 2)
	n.settle()
	_, first := n.again(false)
	if first.Judged < 200 {
		t.Fatalf("%d messages were judged at first", first.Judged)
	}
	for _, c := range []struct {
		says    string
		do      func()
		nothing bool // is judged
	}{
		{"nothing", func() {}, true},
		{"three notices", func() { n.appendTo(box, n.entry(1)+n.entry(2)+n.entry(0)+n.entry(2)) }, false},
		{"the owner answers a fake", func() { n.appendTo(sent, n.answer(fmt.Sprintf(answers[2], "k00003"))) }, false},
		{"the owner writes to that sender again", func() { n.appendTo(sent, n.answer(answers[2][:strings.Index(answers[2], "In-")])) }, false},
		{"a copy of a notice in another mailbox", func() { n.appendTo(filepath.Join(n.mail, "z"), story[len(story)/2]) }, false},
		{"an hour later", func() { n.now = n.now.Add(time.Hour) }, true},
		{"clocks that lay in the future are believed now", func() { n.now = n.now.AddDate(0, 0, 41) }, false},
		{"the mailbox moves", func() { n.must(os.Rename(box, box+".old")) }, false},
	} {
		c.do()
		n.settle()
		want, full := n.full()
		_, again := n.again(false)
		judged := full.Judged
		if c.nothing {
			judged = 0
		}
		if again.Judged != judged {
			t.Errorf("%s: %d messages of %d were judged, want %d", c.says, again.Judged, full.Judged, judged)
		}
		if a, b := fmt.Sprintf("%+v", again.Attention), fmt.Sprintf("%+v", full.Attention); a != b {
			t.Errorf("%s\ngot  %s\nwant %s", c.says, a, b)
		}
		got, _ := n.again(true)
		if a, b, ok := differ(got, want); !ok {
			t.Errorf("%s\ngot  %s\nwant %s", c.says, a, b)
		}
	}
}

// messagesOf are the messages of mbox files, each with its From_ line.
func messagesOf(t *testing.T, patterns ...string) (list []string) {
	for _, pattern := range patterns {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		for _, name := range names {
			raw, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for i, m := range strings.Split(string(raw), "\n\nFrom ") {
				if i > 0 {
					m = "From " + m
				}
				list = append(list, strings.TrimRight(m, "\n")+"\n\n")
			}
		}
	}
	return list
}

// differ finds the first line in which two streams differ.
func differ(got, want string) (a, b string, same bool) {
	if got == want {
		return "", "", true
	}
	x, y := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(x), len(y)) {
		if i >= len(x) || i >= len(y) || x[i] != y[i] {
			return strings.Join(x[min(i, len(x)):min(i+1, len(x))], ""), strings.Join(y[min(i, len(y)):min(i+1, len(y))], ""), false
		}
	}
	return "", "", true
}

// TestAgainTwoSources: sources are numbered anew when another one comes before them.
func TestAgainTwoSources(t *testing.T) {
	n := newNight(t, t)
	a, b := filepath.Join(n.mail, "a.mbox"), filepath.Join(n.mail, "b.mbox")
	for i := range 20 {
		n.appendTo(a, n.entry(i%len(letters)))
		n.appendTo(b, n.entry((i+1)%len(letters)))
	}
	n.settle()
	for _, paths := range [][]string{{b}, {a, b}, {b, a}, {b}} {
		want, _ := n.full(paths...)
		got, _ := n.again(true, paths...)
		if x, y, ok := differ(got, want); !ok {
			t.Fatalf("%v\ngot  %s\nwant %s", paths, x, y)
		}
	}
}

// TestAgainKnowsRewritten: an mbox that was rewritten is read again, even where size and time are as before.
func TestAgainKnowsRewritten(t *testing.T) {
	for _, size := range []int{10, 60_000, 200_000} { // hashed again; known by samples
		n := newNight(t, t)
		box := filepath.Join(n.mail, "inbox")
		n.appendTo(box, n.entry(1)+"From a@example.org Mon Jan  5 04:05:06 2026\nFrom: a@example.org\n\n"+strings.Repeat("filler of a mailbox\n", size)+"\n"+n.entry(2))
		n.settle()
		n.again(false)
		info, err := os.Stat(box)
		n.must(err)
		raw, err := os.ReadFile(box)
		n.must(err)
		n.must(os.WriteFile(box, bytes.Replace(raw, []byte("account is locked"), []byte("account is closed"), 1), 0o600))
		n.must(os.Chtimes(box, time.Time{}, info.ModTime()))
		want, _ := n.full()
		got, _ := n.again(true)
		if a, b, ok := differ(got, want); !ok {
			t.Errorf("of %d lines\ngot  %s\nwant %s", size, a, b)
		}
	}
}

// TestAgainReadsOn: of an mbox to which mail is appended only that is read.
func TestAgainReadsOn(t *testing.T) {
	n := newNight(t, t)
	box := filepath.Join(n.mail, "inbox")
	filler := "From a@example.org Mon Jan  5 04:05:06 2026\nFrom: a@example.org\n\n" + strings.Repeat("filler of a mailbox\n", 50_000) + "\n"
	for i := range 8 {
		n.appendTo(box, strings.Replace(n.entry(i%len(letters)), "\n", "\nX-Mozilla-Status: 0000\n", 1)+filler)
	}
	n.settle()
	n.again(false)
	n.appendTo(box, n.entry(1)+n.entry(2))
	n.settle()
	want, _ := n.full()
	got, _ := n.again(true)
	if a, b, ok := differ(got, want); !ok {
		t.Errorf("got  %s\nwant %s", a, b)
	}
	// Read state that a program writes into a message of the old part shows: the file is read again.
	raw, err := os.ReadFile(box)
	n.must(err)
	n.must(os.WriteFile(box, append(bytes.Replace(raw, []byte("X-Mozilla-Status: 0000"), []byte("X-Mozilla-Status: 0001"), 1), n.entry(1)...), 0o600))
	n.settle()
	want, _ = n.full()
	if got, _ = n.again(true); got != want {
		a, b, _ := differ(got, want)
		t.Errorf("after a flag was changed in place\ngot  %s\nwant %s", a, b)
	}
}

// TestAgainReadsNothing: messages that did not change are not opened a second time.
func TestAgainReadsNothing(t *testing.T) {
	n := newNight(t, t)
	for i := range 60 {
		n.must(os.WriteFile(filepath.Join(n.mail, fmt.Sprintf("%d.eml", i)), []byte(n.letter(i%len(letters))), 0o600))
	}
	n.settle()
	_, first := n.again(false)
	want, _ := n.full()
	// Nobody may open the files now; looking at names, sizes and times stays allowed. The bytes are others, and the state takes them
	// for those that were read.
	n.must(filepath.WalkDir(n.mail, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		n.must(err)
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		n.must(err)
		_, err = f.WriteAt(bytes.Repeat([]byte("x"), int(info.Size())), 0)
		n.must(err)
		n.must(f.Close())
		return os.Chtimes(path, time.Time{}, info.ModTime())
	}))
	n.believe()
	_, second := n.again(false)
	if !slices.EqualFunc(first.Findings, second.Findings, func(a, b state.Finding) bool { return fmt.Sprint(a) == fmt.Sprint(b) }) {
		t.Errorf("findings differ:\n%v\n%v", first.Findings, second.Findings)
	}
	got, _ := n.again(true)
	if a, b, ok := differ(got, want); !ok {
		t.Errorf("got  %s\nwant %s", a, b)
	}
}

// believe makes the state take the files for those that were read, whatever is in them now.
func (n *night) believe() {
	s, err := state.Open(n.state, false, n.now)
	n.must(err)
	for path, src := range s.Root.Sources {
		raw, err := s.Section(src.Table)
		n.must(err)
		units, err := state.DecodeUnits(raw)
		n.must(err)
		for _, u := range units {
			info, err := os.Stat(filepath.Join(path, u.Name))
			n.must(err)
			u.Stat = mailbox.Stamp(info)
		}
		raw, err = state.EncodeUnits(units)
		n.must(err)
		src.Table, err = s.Append(raw)
		n.must(err)
	}
	n.must(s.Commit())
	n.must(s.Close())
}

// TestAgainWithDamage: whatever byte of the state is damaged, the run says so or need not care, and finds what a scan that
// knows nothing finds. `make soak` damages every byte.
func TestAgainWithDamage(t *testing.T) {
	n := newNight(t, t)
	box := filepath.Join(n.mail, "inbox")
	for i := range 40 {
		n.appendTo(box, n.entry(i%len(letters)))
		n.must(os.WriteFile(filepath.Join(n.mail, fmt.Sprintf("%d.eml", i)), []byte(n.letter(i%len(letters))), 0o600))
	}
	n.now = n.now.AddDate(0, 0, 2)
	n.settle()
	n.again(false)
	n.appendTo(box, n.entry(1))
	n.settle()
	_, full := n.full()
	want := fmt.Sprintf("%+v\n%+v", full.Attention, full.Summary)
	sound, err := os.ReadFile(n.state)
	n.must(err)
	step := len(sound)/40 | 1
	if os.Getenv("MAILAUDIT_CRASHES") != "" {
		step = 1
	}
	said := 0
	for at := 0; at < len(sound); at += step {
		raw := bytes.Clone(sound)
		raw[at] ^= 0x41
		n.must(os.WriteFile(n.state, raw, 0o600))
		s, err := state.Open(n.state, false, n.now)
		n.must(err)
		cfg := n.config()
		cfg.State = s
		got, err := analyzer.Scan(context.Background(), cfg, nil)
		n.must(err)
		n.must(got.Unkept)
		if len(s.Notes) > 0 {
			said++
		}
		if text := fmt.Sprintf("%+v\n%+v", got.Attention, got.Summary); text != want {
			t.Fatalf("byte %d of %d: notes %v\ngot  %s\nwant %s", at, len(sound), s.Notes, text, want)
		}
		if at%16 == 0 { // waits for the disk
			n.must(s.Commit())
		}
		n.must(s.Close())
	}
	if said == 0 {
		t.Error("no damage was noticed")
	}
}

// TestStateStaysSmall: flags that change every night, and mail that comes every night, leave no growing heap of what is of
// no use any more, and what no run names any more goes after half a year.
func TestStateStaysSmall(t *testing.T) {
	n := newNight(t, t)
	dir, box := filepath.Join(n.mail, "maildir"), filepath.Join(n.mail, "inbox")
	for _, sub := range []string{"new", "cur", "tmp"} {
		n.must(os.MkdirAll(filepath.Join(dir, sub), 0o700))
	}
	for i := range 60 {
		n.must(os.WriteFile(filepath.Join(dir, "cur", fmt.Sprintf("%d.M%05d.host:2,", i, i)), []byte(n.letter(i%3)), 0o600))
	}
	n.appendTo(box, "From a@example.org Mon Jan  5 04:05:06 2026\nFrom: a@example.org\n\n"+strings.Repeat("filler of a mailbox\n", 100_000)+"\n")
	look := func() (blocks int, used int64, sources int) {
		s, err := state.Open(n.state, true, n.now)
		n.must(err)
		defer s.Close()
		if src := s.Root.Sources[n.mail]; src != nil {
			blocks = len(src.Blocks)
		}
		_, used = s.Size()
		return blocks, used, len(s.Root.Sources)
	}
	n.settle()
	n.again(false)
	_, first, _ := look()
	for night := range 80 {
		n.now = n.now.AddDate(0, 0, 1)
		n.appendTo(box, n.entry(night%3))
		for i, name := range n.list(filepath.Join(dir, "cur")) {
			if i%3 != night%3 {
				continue
			}
			to, seen := strings.CutSuffix(name, "S")
			if !seen {
				to += "S"
			}
			n.must(os.Rename(filepath.Join(dir, "cur", name), filepath.Join(dir, "cur", to)))
		}
		n.settle()
		n.again(false)
	}
	blocks, used, _ := look()
	if blocks > 40 || used > 5*first {
		t.Errorf("%d blocks; %d bytes in use, %d at first", blocks, used, first)
	}
	want, _ := n.full()
	if got, _ := n.again(true); got != want {
		a, b, _ := differ(got, want)
		t.Errorf("got  %s\nwant %s", a, b)
	}
	n.now = n.now.AddDate(0, 0, 200)
	n.again(false, box)
	if _, _, sources := look(); sources != 1 {
		t.Errorf("%d sources are kept", sources)
	}
}
