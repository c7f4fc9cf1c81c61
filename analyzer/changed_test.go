package analyzer_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// overwrite writes over a part of a file and puts its time back, as programs do that do not want to be noticed, or that
// take a changed time for new mail.
func (n *night) overwrite(name, old, by string) {
	n.t.Helper()
	info, err := os.Stat(name)
	n.must(err)
	raw, err := os.ReadFile(name)
	n.must(err)
	if len(old) != len(by) || !bytes.Contains(raw, []byte(old)) {
		n.t.Fatalf("%s: %q can't be put in the place of %q", name, by, old)
	}
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	n.must(err)
	_, err = f.WriteAt([]byte(by), int64(bytes.Index(raw, []byte(old))))
	n.must(err)
	n.must(f.Close())
	n.must(os.Chtimes(name, time.Time{}, info.ModTime()))
}

// TestAgainKnowsChanged: what was written over in place is read again, in whatever kind of file, though size, time and inode
// are what they were.
func TestAgainKnowsChanged(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows tells the time of a change to those only who open the file")
	}
	filler := "From a@example.org Mon Jan  5 04:05:06 2026\nFrom: a@example.org\n\n" + strings.Repeat("filler of a mailbox\n", 200_000) + "\n"
	for _, c := range []struct {
		says string
		file string
		text func(n *night) string
	}{
		{"a message in a Maildir", "maildir/cur/1.a.host:2,S", func(n *night) string { return n.letter(2) }},
		{"an .eml file", "m1.eml", func(n *night) string { return n.letter(2) }},
		{"an mbox of some lines", "inbox", func(n *night) string { return n.entry(1) + n.entry(2) + n.entry(0) }},
		{"the middle of a long mbox", "inbox", func(n *night) string { return filler + n.entry(2) + filler + n.entry(0) }},
		{"a file that was no mail", "picture.png", func(*night) string { return "\x89PNG\r\n\x1a\naccount is locked" }},
	} {
		n := newNight(t, t)
		name := filepath.Join(n.mail, filepath.FromSlash(c.file))
		n.must(os.MkdirAll(filepath.Dir(name), 0o700))
		n.must(os.MkdirAll(filepath.Join(n.mail, "maildir", "new"), 0o700))
		n.must(os.WriteFile(filepath.Join(n.mail, "other.eml"), []byte(n.letter(1)), 0o600))
		n.must(os.WriteFile(name, []byte(c.text(n)), 0o600))
		n.settle()
		n.again(false)
		time.Sleep(20 * time.Millisecond) // the step of the system's clock for files
		n.overwrite(name, "account is locked", "account is closed")
		want, _ := n.full()
		got, _ := n.again(true)
		if a, b, ok := differ(got, want); !ok {
			t.Errorf("%s\ngot  %s\nwant %s", c.says, a, b)
		}
	}
}

// TestAgainAfterARestore: mail that was copied back with its times, or got other permissions, is the same mail: nothing of it is
// news, and from the next night on nothing is read.
func TestAgainAfterARestore(t *testing.T) {
	n := newNight(t, t)
	n.appendTo(filepath.Join(n.mail, "inbox"), n.entry(1)+"From a@example.org Mon Jan  5 04:05:06 2026\nFrom: a@example.org\n\n"+strings.Repeat("filler of a mailbox\n", 200_000)+"\n"+n.entry(2))
	n.must(os.MkdirAll(filepath.Join(n.mail, "maildir", "cur"), 0o700))
	n.must(os.MkdirAll(filepath.Join(n.mail, "maildir", "new"), 0o700))
	for i := range 5 {
		n.must(os.WriteFile(filepath.Join(n.mail, "maildir", "cur", fmt.Sprintf("%d.b.host:2,S", i)), []byte(n.letter(i)), 0o600))
		n.must(os.WriteFile(filepath.Join(n.mail, fmt.Sprintf("m%d.eml", i)), []byte(n.letter(i)), 0o600))
	}
	n.settle()
	n.now = n.now.AddDate(0, 0, 1)
	_, first := n.again(false)
	files := []string{"inbox", "m1.eml", "maildir/cur/1.b.host:2,S"}
	for _, c := range []struct {
		says string
		do   func(name string, info os.FileInfo, raw []byte)
	}{
		{"permissions", func(name string, _ os.FileInfo, _ []byte) { n.must(os.Chmod(name, 0o400)) }},
		{"copied back", func(name string, info os.FileInfo, raw []byte) {
			n.must(os.Remove(name))
			n.must(os.WriteFile(name, raw, 0o600))
			n.must(os.Chtimes(name, time.Time{}, info.ModTime()))
		}},
	} {
		time.Sleep(20 * time.Millisecond)
		for _, file := range files {
			name := filepath.Join(n.mail, filepath.FromSlash(file))
			info, err := os.Stat(name)
			n.must(err)
			raw, err := os.ReadFile(name)
			n.must(err)
			c.do(name, info, raw)
		}
		_, again := n.again(false)
		if a, b := fmt.Sprintf("%+v\n%+v", again.Findings, again.Summary), fmt.Sprintf("%+v\n%+v", first.Findings, first.Summary); a != b {
			t.Errorf("%s\ngot  %s\nwant %s", c.says, a, b)
		}
		if _, again := n.again(false); again.Changed || again.Judged > 0 {
			t.Errorf("%s: the night after, %d messages were judged and the state changed: %v", c.says, again.Judged, again.Changed)
		}
	}
}
