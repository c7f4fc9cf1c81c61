package main

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// seated runs mailaudit as a person at a terminal does: answers are typed into it.
func seated(t *testing.T, home, answers string) (code int, out string) {
	t.Helper()
	t.Chdir(t.TempDir())
	var b bytes.Buffer
	name := "HOME"
	if runtime.GOOS == "windows" {
		name = "USERPROFILE"
	}
	sys := system{getenv: env(name, home, "XDG_STATE_HOME", t.TempDir()), now: time.Now, leave: func(int) {}, person: true}
	code = runIn(sys, nil, strings.NewReader(answers), &b, &b)
	return code, b.String()
}

// Whoever types mailaudit alone sees the mail of this computer and is asked; the answer is a number, a path, all, or none.
func TestChoose(t *testing.T) {
	home := t.TempDir()
	sample, err := filepath.Abs("../../samples/takeover/input")
	if err != nil {
		t.Fatal(err)
	}
	downloads := filepath.Join(home, "Downloads")
	if err := os.MkdirAll(downloads, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"one.mbox", "two.mbox"} {
		if err := os.WriteFile(filepath.Join(downloads, name), []byte("From a@example.com Mon Jan  5 04:05:06 2026\nFrom: a@example.com\nTo: b@example.com\nSubject: hello\n\nhello\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		why, answers string
		code         int
		want         string
	}{
		{"a number", "2\n", exitOK, "two.mbox"},
		{"digits of a Japanese keyboard, and a comma of one", "１、２\n", exitOK, "2 messages"},
		{"all", "a\n", exitOK, "2 messages"},
		{"a path in quotes, as a file manager gives it", "\"" + sample + "\"\n", exitAttention, "report.html"},
		{"a number that is none, then q", "7\nq\n", exitOK, "there is no number 7 in the list"},
		{"nothing at all, and the terminal is closed", "", exitOK, "What is to be looked at?"},
		{"a name that is not there, without a line end", "nowhere", exitUsage, "there is no nowhere"},
	} {
		code, out := seated(t, home, c.answers)
		if code != c.code || !strings.Contains(out, c.want) {
			t.Errorf("%s: exit code %d, want %d and %q in\n%s", c.why, code, c.code, c.want, out)
		}
		if wrote := exists("mailaudit-report"); wrote != strings.Contains(out, "report.html") {
			t.Errorf("%s: a folder of reports was written: %v", c.why, wrote)
		}
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
