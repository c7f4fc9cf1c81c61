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
	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/event"
	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/state"
)

// bench is a folder of mail with a state beside it, on which the tests of nightly runs work.
type night struct {
	t     fataler
	mail  string
	state string
	dir   string
	now   time.Time
	made  int
	sent  []string // Message-IDs and senders of the letters that can be answered
	story []string // messages of a story that have not come yet
	trust []string // what the user says
	owner []string
}

type fataler interface {
	Helper()
	Fatalf(string, ...any)
}

func newNight(t *testing.T, f fataler) *night {
	root := t.TempDir()
	root, err := os.MkdirTemp(root, "")
	if err != nil {
		f.Fatalf("%v", err)
	}
	n := &night{t: f, mail: filepath.Join(root, "mail"), state: filepath.Join(root, "state"), dir: root, now: time.Date(2026, 3, 1, 4, 0, 0, 0, time.UTC)}
	n.must(os.MkdirAll(n.mail, 0o700))
	return n
}

func (n *night) must(err error) {
	n.t.Helper()
	if err != nil {
		n.t.Fatalf("%v", err)
	}
}

// letters are templates of mail; the mark makes each its own.
var letters = []string{
	"Received: from a.example.org (a.example.org [192.0.2.1]) by mx.google.com with ESMTPS id x; %[2]s\nFrom: Alice <alice@example.org>\nTo: owner@example.com\nSubject: lunch %[1]s\nDate: %[2]s\nMessage-ID: <%[1]s@example.org>\n\nhello\n",
	"Delivered-To: owner@example.com\nReceived: from a8-31.smtp-out.amazonses.com (a8-31.smtp-out.amazonses.com [54.240.8.31]) by mx.google.com with ESMTPS id y for <owner@example.com>; %[2]s\nAuthentication-Results: mx.google.com; dkim=pass header.i=@amazon.co.jp header.s=s1; spf=pass smtp.mailfrom=bounces.amazon.co.jp; dmarc=pass header.from=amazon.co.jp\nReturn-Path: <%[1]s@bounces.amazon.co.jp>\nFrom: \"Amazon.co.jp\" <account-update@amazon.co.jp>\nTo: owner@example.com\nSubject: Amazon.co.jp: password %[1]s\nDate: %[2]s\nMessage-ID: <%[1]s@email.amazonses.com>\n\nYour Amazon password was changed.\n",
	"Received: from x.invalid ([203.0.113.9]) by mx.google.com with ESMTP id z; %[2]s\nFrom: \"Amazon\" <no-reply@amaz0n-login.example>\nTo: owner@example.com\nSubject: Your Amazon account is locked %[1]s\nDate: %[2]s\nMessage-ID: <%[1]s@x.invalid>\nContent-Type: text/html\n\n<p>Dear Amazon customer, <a href=\"https://amaz0n-login.example/signin\">https://www.amazon.co.jp/</a></p>\n",
	"From: owner@example.com\nTo: friend@example.org\nSubject: re %[1]s\nDate: %[2]s\nMessage-ID: <%[1]s@example.com>\n\nFrom here on, Amazon.\n",
	"From: broken\nSubject: Amazon =?utf-8?b?!!!?= %[1]s\nDate: 1899\nContent-Type: multipart/mixed; boundary=x\n\n--y\n\nAmazon\n",
}

// answers are the fields of an answer to each of letters.
var answers = []string{
	"To: alice@example.org\nIn-Reply-To: <%[1]s@example.org>\n",
	"To: account-update@amazon.co.jp\nIn-Reply-To: <%[1]s@email.amazonses.com>\n",
	"To: no-reply@amaz0n-login.example\nIn-Reply-To: <%[1]s@x.invalid>\n",
	"To: friend@example.org\nIn-Reply-To: <%[1]s@example.com>\n",
	"To: broken\n",
}

// answer is a letter that the owner wrote to the sender of an earlier one.
func (n *night) answer(to string) string {
	n.made++
	return fmt.Sprintf("From owner@example.com %s\nFrom: owner@example.com\n%sSubject: re\nDate: %s\nMessage-ID: <k%05d@example.com>\n\nyes\n\n",
		n.now.Format(time.ANSIC), to, n.now.Format(time.RFC1123Z), n.made)
}

// chapter are the next messages of the story of a stolen account and of its statements, as the samples tell it.
func (n *night) chapter(size int) string {
	size = min(size, len(n.story))
	text := strings.Join(n.story[:size], "")
	n.story = n.story[size:]
	return text
}

// letter is a new message.
func (n *night) letter(kind int) string {
	n.made++
	n.sent = append(n.sent, fmt.Sprintf(answers[kind], fmt.Sprintf("k%05d", n.made)))
	at := n.now.Add(-time.Hour).Add(time.Duration(n.made) * time.Minute)
	if n.made%17 == 0 {
		at = at.AddDate(0, 0, 40) // a clock in the future
	}
	return fmt.Sprintf(letters[kind], fmt.Sprintf("k%05d", n.made), at.Format(time.RFC1123Z))
}

// entry is the letter in an mbox.
func (n *night) entry(kind int) string {
	l := n.letter(kind)
	return fmt.Sprintf("From a@example.org %s\n%s\n", n.now.Add(time.Duration(n.made)*time.Minute).Format(time.ANSIC), strings.ReplaceAll(l, "\nFrom h", "\n>From h"))
}

func (n *night) config() analyzer.Config {
	l := limit.Default()
	return analyzer.Config{
		Paths: []string{n.mail}, Dir: n.dir, Workers: 2, Limits: l, Brands: brand.Builtin(), Events: event.Builtin(), Version: "test", Live: true,
		Trust: n.trust, Owner: n.owner,
		AsOf: n.now, Now: func() time.Time { return n.now },
	}
}

// full is the stream of a scan that knows nothing.
func (n *night) full(paths ...string) (string, analyzer.Result) {
	n.t.Helper()
	cfg := n.config()
	if len(paths) > 0 {
		cfg.Paths = paths
	}
	var b bytes.Buffer
	r, err := analyzer.Scan(context.Background(), cfg, &b)
	if err != nil && err != analyzer.ErrNothing {
		n.t.Fatalf("%v", err)
	}
	return b.String(), r
}

// again scans with the state, with a stream or without, and commits.
func (n *night) again(stream bool, paths ...string) (string, analyzer.Result) {
	n.t.Helper()
	s, err := state.Open(n.state, false, n.now)
	n.must(err)
	for _, note := range s.Notes {
		n.t.Fatalf("the state: %s %v", note.Kind, note.Err)
	}
	cfg := n.config()
	cfg.State = s
	if len(paths) > 0 {
		cfg.Paths = paths
	}
	var b bytes.Buffer
	var r analyzer.Result
	if stream {
		r, err = analyzer.Scan(context.Background(), cfg, &b)
	} else {
		r, err = analyzer.Scan(context.Background(), cfg, nil)
	}
	if err != nil && err != analyzer.ErrNothing {
		n.t.Fatalf("%v", err)
	}
	n.must(r.Unkept)
	n.must(s.Commit())
	n.must(s.Compact())
	n.must(s.Close())
	return b.String(), r
}

// settle gives every file times that lie before the run, so that none is taken for being written to.
func (n *night) settle() {
	n.must(filepath.WalkDir(n.mail, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			info, ierr := d.Info()
			if ierr != nil {
				return ierr
			}
			if t := info.ModTime(); t.After(n.now) {
				// The system's clock is far ahead of the test's: what matters is that a change shows.
				err = os.Chtimes(path, time.Time{}, time.Date(2026, 1, 1, 0, 0, int(info.Size()%86400), n.made, time.UTC))
			}
		}
		return err
	}))
}

// option is something else that the user says.
func (n *night) option(t *rapid.T) {
	if rapid.Bool().Draw(t, "which") {
		n.trust = rapid.SampledFrom([][]string{nil, {"mx.google.com"}, {"mx.isp.example"}}).Draw(t, "trust")
	} else {
		n.owner = rapid.SampledFrom([][]string{nil, {"owner@example.com"}, {"haruka.yamada@example.com", "someone@example.net"}}).Draw(t, "owner")
	}
}

// step does something to the mail.
func (n *night) step(t *rapid.T) string {
	kind := func() int { return rapid.IntRange(0, len(letters)-1).Draw(t, "kind") }
	box := filepath.Join(n.mail, rapid.SampledFrom([]string{"inbox", "old.mbox"}).Draw(t, "box"))
	dir := filepath.Join(n.mail, "maildir")
	what := rapid.SampledFrom([]string{"append", "append", "append", "deliver", "deliver", "read", "delete", "compact", "rewrite", "flag", "rotate", "eml", "nothing", "skip", "big", "keywords", "answer", "answer", "story", "story", "copy", "copy", "unquoted", "receiver"}).Draw(t, "what")
	switch what {
	case "answer":
		if len(n.sent) > 0 {
			n.appendTo(filepath.Join(n.mail, "Sent"), n.answer(rapid.SampledFrom(n.sent).Draw(t, "to")))
		}
	case "story":
		n.appendTo(box, n.chapter(rapid.IntRange(1, 60).Draw(t, "n")))
	case "copy": // into another mailbox, that stands before or behind the first
		if raw, err := os.ReadFile(box); err == nil && len(raw) > 0 {
			list := bytes.SplitAfter(raw, []byte("\n\nFrom "))
			i := rapid.IntRange(0, len(list)-1).Draw(t, "which")
			text := bytes.TrimSuffix(list[i], []byte("From "))
			if i > 0 {
				text = append([]byte("From "), text...)
			}
			n.appendTo(filepath.Join(n.mail, rapid.SampledFrom([]string{"a-copy.mbox", "z-copy.mbox"}).Draw(t, "into")), string(text))
		}
	case "unquoted": // this mailbox does not quote, so that no start in it was certain
		n.appendTo(box, n.entry(1)+"From me to you: Amazon.\n\nFrom a@example.org Mon Jan  5 04:05:06 2026\nFrom: a@example.org\n\nFrom Amazon: the\nFrom here\n\n")
	case "receiver": // enough mail through another receiver for it to be learned
		var b strings.Builder
		for range rapid.IntRange(10, 30).Draw(t, "n") {
			b.WriteString(strings.ReplaceAll(n.entry(rapid.IntRange(0, 1).Draw(t, "kind")), "mx.google.com", "mx.isp.example"))
		}
		n.appendTo(box, b.String())
	case "append":
		var b strings.Builder
		for range rapid.IntRange(1, 5).Draw(t, "n") {
			b.WriteString(n.entry(kind()))
		}
		text := b.String()
		if rapid.IntRange(0, 5).Draw(t, "cut") == 0 {
			text = text[:len(text)-rapid.IntRange(1, 40).Draw(t, "by")] // a delivery that is not finished
		}
		n.appendTo(box, text)
	case "big":
		n.appendTo(box, "From a@example.org Mon Jan  5 04:05:06 2026\nFrom: a@example.org\n\n"+strings.Repeat("filler of a mailbox\n", 60_000)+"\n"+n.entry(kind()))
	case "deliver":
		for _, sub := range []string{"new", "cur", "tmp"} {
			n.must(os.MkdirAll(filepath.Join(dir, sub), 0o700))
		}
		for range rapid.IntRange(1, 4).Draw(t, "n") {
			l := n.letter(kind())
			n.must(os.WriteFile(filepath.Join(dir, "new", fmt.Sprintf("%d.%05d.host", rapid.IntRange(1, 9).Draw(t, "at"), n.made)), []byte(l), 0o600))
		}
	case "read":
		for _, e := range n.list(filepath.Join(dir, "new")) {
			n.must(os.Rename(filepath.Join(dir, "new", e), filepath.Join(dir, "cur", e+":2,S")))
		}
	case "flag":
		for _, e := range n.list(filepath.Join(dir, "cur")) {
			if name, ok := strings.CutSuffix(e, ":2,S"); ok && rapid.Bool().Draw(t, "flag") {
				n.must(os.Rename(filepath.Join(dir, "cur", e), filepath.Join(dir, "cur", name+":2,RS")))
			}
		}
	case "delete":
		for _, e := range n.list(filepath.Join(dir, "cur")) {
			if rapid.Bool().Draw(t, "delete") {
				n.must(os.Remove(filepath.Join(dir, "cur", e)))
			}
		}
	case "keywords":
		if n.list(filepath.Join(dir, "cur")) != nil {
			n.must(os.WriteFile(filepath.Join(dir, "dovecot-keywords"), []byte(fmt.Sprintf("0 $Junk\n1 k%d\n", n.made)), 0o600))
		}
	case "compact":
		if raw, err := os.ReadFile(box); err == nil {
			if i := bytes.Index(raw[1:], []byte("\nFrom a@")); i > 0 {
				n.must(os.WriteFile(box, raw[i+2:], 0o600))
			}
		}
	case "rewrite": // in place: same size, other bytes
		if raw, err := os.ReadFile(box); err == nil && len(raw) > 0 {
			raw = bytes.Replace(raw, []byte("Subject: "), []byte("Subject:\t"), 1)
			n.must(os.WriteFile(box, raw, 0o600))
		}
	case "rotate":
		if err := os.Rename(box, fmt.Sprintf("%s.%d", box, n.made)); err == nil {
			n.appendTo(box, n.entry(kind()))
		}
	case "eml":
		n.made++
		n.must(os.WriteFile(filepath.Join(n.mail, fmt.Sprintf("m%d.eml", rapid.IntRange(0, 5).Draw(t, "name"))), []byte(n.letter(kind())), 0o600))
	case "skip":
		n.must(os.WriteFile(filepath.Join(n.mail, "picture.png"), []byte("\x89PNG\r\n\x1a\n"+strings.Repeat("x", n.made)), 0o600))
	}
	n.settle()
	return what
}

func (n *night) appendTo(name, text string) {
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	n.must(err)
	_, err = f.WriteString(text)
	n.must(err)
	n.must(f.Close())
}

func (n *night) list(dir string) (names []string) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

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

// TestAgainJudgesLittle: of a large mailbox only those messages are judged anew that are new, or that what is new bears on.
func TestAgainJudgesLittle(t *testing.T) {
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
		says        string
		do          func()
		least, most int64
	}{
		{"nothing", func() {}, 0, 0},
		{"three notices", func() { n.appendTo(box, n.entry(1)+n.entry(2)+n.entry(0)+n.entry(2)) }, 3, 6},
		// The last message of the run before is read again with what follows it.
		{"the owner answers a fake: all of this sender's are judged anew", func() { n.appendTo(sent, n.answer(fmt.Sprintf(answers[2], "k00003"))) }, 50, 80},
		{"the owner writes to that sender again", func() { n.appendTo(sent, n.answer(answers[2][:strings.Index(answers[2], "In-")])) }, 0, 5},
		{"a copy of a notice in another mailbox", func() { n.appendTo(filepath.Join(n.mail, "z"), story[len(story)/2]) }, 0, 5},
		{"a day later", func() { n.now = n.now.AddDate(0, 0, 1) }, 0, 3},
		{"clocks that lay in the future are believed now", func() { n.now = n.now.AddDate(0, 0, 41) }, 8, 40},
		{"the mailbox moves", func() { n.must(os.Rename(box, box+".old")) }, 200, 1000},
	} {
		c.do()
		n.settle()
		want, full := n.full()
		_, again := n.again(false)
		if again.Judged < c.least || again.Judged > c.most {
			t.Errorf("%s: %d messages of %d were judged anew, want %d to %d", c.says, again.Judged, full.Judged, c.least, c.most)
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
	// Nobody may open the files now; looking at names and sizes stays allowed. The bytes are others, at the same size.
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
	_, second := n.again(false)
	if !slices.EqualFunc(first.Findings, second.Findings, func(a, b state.Finding) bool { return fmt.Sprint(a) == fmt.Sprint(b) }) {
		t.Errorf("findings differ:\n%v\n%v", first.Findings, second.Findings)
	}
	got, _ := n.again(true)
	if a, b, ok := differ(got, want); !ok {
		t.Errorf("got  %s\nwant %s", a, b)
	}
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
		n.must(s.Commit())
		n.must(s.Close())
	}
	if said == 0 {
		t.Error("no damage was noticed")
	}
}
