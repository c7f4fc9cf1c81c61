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

// letter is a new message.
func (n *night) letter(kind int) string {
	n.made++
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

// step does something to the mail.
func (n *night) step(t *rapid.T) string {
	kind := func() int { return rapid.IntRange(0, len(letters)-1).Draw(t, "kind") }
	box := filepath.Join(n.mail, rapid.SampledFrom([]string{"inbox", "old.mbox"}).Draw(t, "box"))
	dir := filepath.Join(n.mail, "maildir")
	what := rapid.SampledFrom([]string{"append", "append", "append", "deliver", "deliver", "read", "delete", "compact", "rewrite", "flag", "rotate", "eml", "nothing", "skip", "big", "keywords"}).Draw(t, "what")
	switch what {
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
	rapid.Check(t, func(rt *rapid.T) {
		n := newNight(t, rt)
		var story []string
		for range rapid.IntRange(2, 7).Draw(rt, "nights") {
			n.now = n.now.Add(time.Duration(rapid.IntRange(1, 30).Draw(rt, "days")) * 24 * time.Hour)
			story = append(story, n.step(rt))
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
			if a, b := fmt.Sprintf("%+v", again.Attention), fmt.Sprintf("%+v", full.Attention); a != b {
				rt.Fatalf("after %v (stream %v)\ngot  %s\nwant %s", story, stream, a, b)
			}
		}
	})
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
