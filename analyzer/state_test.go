package analyzer_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
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
	if err != nil && !errors.Is(err, analyzer.ErrNothing) {
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
	if err != nil && !errors.Is(err, analyzer.ErrNothing) {
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
	what := rapid.SampledFrom([]string{"append", "append", "append", "deliver", "deliver", "read", "delete", "compact", "rewrite", "flag", "rotate", "eml", "nothing", "skip", "big", "keywords", "answer", "answer", "story", "story", "copy", "copy", "unquoted", "receiver", "archive", "archive"}).Draw(t, "what")
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
	case "archive": // a new one, or one that was added to, with what the mailbox holds
		if raw, err := os.ReadFile(box); err == nil && len(raw) < 1<<20 {
			var b bytes.Buffer
			w := zip.NewWriter(&b)
			for i := range rapid.IntRange(1, 2).Draw(t, "members") {
				m, err := w.Create(fmt.Sprintf("Takeout/Mail/box%d.mbox", i))
				n.must(err)
				_, err = m.Write(append(raw, n.entry(kind())...))
				n.must(err)
			}
			n.must(w.Close())
			n.must(os.WriteFile(filepath.Join(n.mail, rapid.SampledFrom([]string{"a.zip", "takeout-001.zip"}).Draw(t, "archive")), b.Bytes(), 0o600))
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
