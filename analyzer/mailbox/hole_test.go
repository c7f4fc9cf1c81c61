package mailbox

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Zeros where mail was are lost mail, wherever they stand, and cost nothing of what stands around them.
func TestHoles(t *testing.T) {
	const from = "From ann@example.com Thu Jan  1 00:00:01 2026\n"
	hole := strings.Repeat("\x00", 3<<20) // more than is looked at of a file's beginning, and than a message may have
	small := strings.Repeat("\x00", 4096)
	long := strings.Repeat("X-Filler: a line of the header\n", 5000)
	for _, c := range []struct {
		why, name, text string
		messages        string // their subjects
		lost            int
	}{
		{"before a mailbox", "a.mbox", hole + from + mailA + "\n" + from + mailB, "one two", 1},
		{"a few blocks before a mailbox", "a.mbox", small + from + mailA + "\n" + from + mailB, "one two", 1},
		{"before a mailbox without extension", "INBOX", hole + from + mailA, "one", 1},
		{"up to the middle of a message", "INBOX", hole + long + "\n\nrest\n\n" + from + mailA, "one", 1},
		{"in the middle of a mailbox", "INBOX", from + mailA + small + "rest\n\n" + from + mailB, "one two", 1},
		{"at the end of a mailbox", "INBOX", from + mailA + small, "one", 1},
		{"all of a mailbox", "a.mbox", hole, "", 1},
		{"all of a message", "a.eml", hole, "", 1},
		{"a few blocks, all of a message", "a.eml", small, "", 1},
		{"before a message", "a.eml", hole + mailA, "one", 1},
		{"a few blocks before a message", "a.eml", small + mailA, "one", 1},
		{"in a message", "a.eml", mailA + small, "one", 1},
		{"before a message in a Maildir", "cur/1.a:2,S", hole + mailA, "one", 1},
		{"a few blocks before a message in a Maildir", "cur/1.a:2,S", small + mailA, "one", 1},
		{"in a message in a Maildir", "cur/1.a:2,S", mailA + small, "one", 1},
		{"all of a message in a Maildir", "cur/1.a:2,S", hole, "", 1},
		{"a message of MH", "12", hole + mailA, "one", 1},
		{"zeros that a message may have", "a.eml", "Content-Transfer-Encoding: binary\n" + mailA + small, "one", 0},
		{"a few zeros", "INBOX", "\x00\x00\x00" + from + mailA + "\x00\x00\n", "one", 0},
	} {
		t.Run(c.why, func(t *testing.T) {
			dir := writeTree(t, map[string]string{"new/": "", "cur/": "", "tmp/": "", c.name: c.text})
			if !strings.Contains(c.name, "/") {
				for _, sub := range []string{"new", "cur", "tmp"} {
					os.Remove(filepath.Join(dir, sub))
				}
			}
			l := limits()
			l.Message = 16 << 20
			var f found
			walkAll(t, dir, &f, l)
			var got []string
			for i := range f.extents {
				x := &f.extents[i]
				if _, subject, ok := strings.Cut(string(x.Data), "Subject: "); ok {
					subject, _, _ = strings.Cut(subject, "\n")
					got = append(got, subject)
				}
				if p, ok := x.Hole(); ok {
					f.problems = append(f.problems, p)
				}
				if !strings.HasPrefix(string(x.Data), "From: ") && !strings.HasPrefix(string(x.Data), "Content") {
					t.Errorf("a message begins %.20q", x.Data)
				}
			}
			if s := strings.Join(got, " "); s != c.messages {
				t.Errorf("messages %q, want %q", s, c.messages)
			}
			if n := strings.Count(f.reasons(), " true\n"); n != c.lost {
				t.Errorf("%d lost, want %d:\n%s", n, c.lost, f.reasons())
			}
		})
	}
}
