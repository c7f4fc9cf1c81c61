package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/mailaudit/mailaudit/analyzer"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/report/view"
)

func env(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i+1 < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

func TestLanguage(t *testing.T) {
	for _, c := range []struct {
		why  string
		args []string
		env  []string
		want view.Lang
	}{
		{"nothing says anything", nil, nil, view.EN},
		{"the locale is Japanese", nil, []string{"LANG", "ja_JP.UTF-8"}, view.JA},
		{"LC_ALL goes before LANG", nil, []string{"LC_ALL", "C.UTF-8", "LANG", "ja_JP.UTF-8"}, view.EN},
		{"LC_MESSAGES goes before LANG", nil, []string{"LC_MESSAGES", "ja_JP", "LANG", "de_DE"}, view.JA},
		{"a language without texts is English", nil, []string{"LANG", "fr_FR.UTF-8"}, view.EN},
		{"the flag goes before the locale", []string{"scan", "--lang", "en"}, []string{"LANG", "ja_JP.UTF-8"}, view.EN},
		{"the flag with an equals sign", []string{"scan", "--lang=ja"}, nil, view.JA},
		{"a wrong flag is refused later, in the locale's language", []string{"--lang=xx"}, []string{"LANG", "ja_JP"}, view.JA},
		{"a flag without its value", []string{"--lang"}, nil, view.EN},
	} {
		if got := language(c.args, env(c.env...)); got != c.want {
			t.Errorf("%s: %s, want %s", c.why, got, c.want)
		}
	}
}

func TestOutcome(t *testing.T) {
	result := func(complete bool, worst finding.Severity, lost int64) *analyzer.Result {
		return &analyzer.Result{Complete: complete, Worst: worst, Summary: finding.Summary{Lost: lost}}
	}
	for _, c := range []struct {
		why    string
		result *analyzer.Result
		failOn finding.Severity
		want   int
	}{
		{"nothing found", result(true, "", 0), finding.High, exitOK},
		{"below the level", result(true, finding.MediumS, 0), finding.High, exitOK},
		{"at the level", result(true, finding.High, 0), finding.High, exitAttention},
		{"above the level", result(true, finding.Critical, 0), finding.High, exitAttention},
		{"mail was lost", result(true, finding.Low, 2), finding.High, exitLost},
		{"attention wins over lost mail", result(true, finding.Critical, 2), finding.High, exitAttention},
		{"never fails on findings", result(true, finding.Critical, 0), "", exitOK},
		{"never still tells of lost mail", result(true, finding.Critical, 1), "", exitLost},
		{"an interrupt wins over all", result(false, finding.Critical, 1), finding.High, exitInterrupted},
	} {
		if got := outcome(c.result, c.failOn); got != c.want {
			t.Errorf("%s: %d, want %d", c.why, got, c.want)
		}
	}
}

func TestCodeOfErrors(t *testing.T) {
	for _, c := range []struct {
		err  error
		want int
	}{
		{nil, 0},
		{&failure{code: exitUsage, text: "x"}, 2},
		{analyzer.ErrNothing, 4},
		{analyzer.ErrStuck, 10},
		{errors.New("disk full"), 10},
	} {
		if got := code(c.err); got != c.want {
			t.Errorf("%v: %d, want %d", c.err, got, c.want)
		}
	}
}

func TestBytesOf(t *testing.T) {
	for n, want := range map[int64]string{0: "0 B", 999: "999 B", 1000: "1.0 kB", 99_949: "99.9 kB", 99_950: "100 kB", 999_499: "999 kB", 999_500: "1.0 MB", 3_400_000_000: "3.4 GB", 1 << 62: "4.6 EB"} {
		if got := bytesOf(n); got != want {
			t.Errorf("%d bytes is %q, want %q", n, got, want)
		}
	}
}

func TestProgressLine(t *testing.T) {
	p := &progress{ui: &ui{lang: view.EN}}
	if got := p.line(500_000_000, 500*time.Millisecond); strings.Contains(got, "left") {
		t.Errorf("time left is told without knowing the total: %q", got)
	}
	p.total.Store(3_000_000_000)
	if got, want := p.line(1_000_000_000, 2*time.Second), "reading  1.0 GB / 3.0 GB  500 MB/s  4s left"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := p.line(10, 10*time.Millisecond); strings.Contains(got, "left") {
		t.Errorf("the first moment is taken for a rate: %q", got)
	}
	if got := p.line(4_000_000_000, 2*time.Second); strings.Contains(got, "-") {
		t.Errorf("a mailbox that grew gives a negative time: %q", got)
	}
}

// A longer line that is followed by a shorter one must not leave its end behind, and talk takes the line away first.
func TestProgressIsTakenAway(t *testing.T) {
	var b bytes.Buffer
	u := &ui{err: &b}
	u.showProgress("reading 日本")
	u.showProgress("short")
	u.say("done")
	if got, want := b.String(), "\rreading 日本\rshort       \r     \rmailaudit: done\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTalkIsHarmless(t *testing.T) {
	var out, talk bytes.Buffer
	u := &ui{out: &out, err: &talk}
	u.result("%s", "a\x1b[2Jb\u202ec\u0085")
	u.say("no %s", errors.New("file \x1b]0;x\x07"))
	for _, text := range []string{out.String(), talk.String()} {
		if strings.ContainsAny(strings.TrimSuffix(text, "\n"), "\x1b\x07\u202e\u0085\n") {
			t.Errorf("%q reaches the terminal", text)
		}
	}
}

// A reader that goes away ends the output, not the run.
func TestBrokenPipe(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Close() }()
	var talk bytes.Buffer
	if code := run([]string{"version"}, strings.NewReader(""), w, &talk); code != exitOK || talk.Len() > 0 {
		t.Errorf("exit code %d, talk %q", code, talk.String())
	}
}

// A panic in a command is an internal error with a word, not a stack on the terminal.
func TestPanicIsAnInternalError(t *testing.T) {
	var talk bytes.Buffer
	sys := system{getenv: env(), now: func() time.Time { panic("no clock") }, leave: func(int) {}}
	if code := runIn(sys, []string{"scan", "."}, nil, io.Discard, &talk); code != exitInternal {
		t.Errorf("exit code %d, want %d", code, exitInternal)
	}
	if !strings.Contains(talk.String(), "no clock") {
		t.Errorf("talk %q", talk.String())
	}
}

func TestMessageID(t *testing.T) {
	for text, want := range map[string]bool{
		"m-0123456789abcdef": true, "m-0123456789abcde": false, "m-0123456789abcdeg": false, "mail.eml": false, "m-": false, "M-0123456789abcdef": false,
	} {
		if got := isMessageID(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestSplitOffset(t *testing.T) {
	for text, want := range map[string]struct {
		path string
		at   int64
	}{
		"a.mbox":                  {"a.mbox", -1},
		"a.mbox@120":              {"a.mbox", 120},
		"me@home":                 {"me@home", -1},
		"me@home@0":               {"me@home", 0},
		"a.mbox@-5":               {"a.mbox@-5", -1},
		"a.mbox@1e3":              {"a.mbox@1e3", -1},
		"a@999999999999999999999": {"a@999999999999999999999", -1},
	} {
		if path, at := splitOffset(text); path != want.path || at != want.at {
			t.Errorf("%q: %q, %d", text, path, at)
		}
	}
}

// A folder below the mail, the mail's own folder, and one that a link leads into are all inside; beside it is not.
func TestInside(t *testing.T) {
	root := t.TempDir()
	mail := root + "/mail"
	if err := os.MkdirAll(mail+"/sub", 0o700); err != nil {
		t.Fatal(err)
	}
	link := root + "/link"
	linked := os.Symlink(mail, link) == nil
	for path, want := range map[string]bool{
		mail: true, mail + "/sub": true, mail + "/sub/not/there/yet": true, root + "/other": false, root: false, root + "/mail-report": false, mail + "/..odd": true,
		link + "/report": linked,
	} {
		if got := inside(path, mail); got != want {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
	if err := os.WriteFile(mail+"/inbox", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{mail: true, mail + "/report": false, root: false} {
		if got := inside(path, mail+"/inbox"); got != want {
			t.Errorf("%s of a file: %v, want %v", path, got, want)
		}
	}
}

func TestSizeOf(t *testing.T) {
	dir := t.TempDir()
	for name, n := range map[string]int{"a": 10, "b": 5} {
		if err := os.WriteFile(dir+"/"+name, make([]byte, n), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got := sizeOf(context.Background(), dir); got != 15 {
		t.Errorf("%d bytes, want 15", got)
	}
	if got := sizeOf(context.Background(), dir+"/a"); got != 10 {
		t.Errorf("a file has %d bytes, want 10", got)
	}
	if got := sizeOf(context.Background(), dir+"/none"); got != 0 {
		t.Errorf("what is not there has %d bytes", got)
	}
}
