package analyzer_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// TestUnquotedLineFarDown: a file that turns out not to quote makes the starts in it doubtful, those that were cut before
// it showed too. The first message needs no quoting: nobody who sends mail writes the beginning of the file.
func TestUnquotedLineFarDown(t *testing.T) {
	from := func(day string) string { return "From bounces@amazon.co.jp Tue Feb  " + day + " 12:05:06 2026\n" }
	mail := gmailHop + gmailPass + notice
	filler := from("4") + "From: ann@example.com\nSubject: long\n\n" + strings.Repeat("nothing to see here\n", 80_000) + "\n" // beyond what is surveyed
	box := func(last string) string {
		return from("3") + mail + "first\n\n" + from("3") + mail + "second\n\n" + filler + from("5") + "From: ann@example.com\nSubject: end\n\n" + last + "\n"
	}
	counted := strings.ReplaceAll(box("From here on we go\n"), "\nSubject: long\n", "\nContent-Length: 1600000\nSubject: long\n")
	for _, c := range []struct {
		name, box string
		want      []finding.Verdict
		doubt     bool
	}{
		{"nothing speaks against the file", box("So here we go\n"), []finding.Verdict{finding.Genuine, finding.Genuine}, false},
		{"a quoted line speaks for it", box(">From here on we go\n"), []finding.Verdict{finding.Genuine, finding.Genuine}, false},
		{"an unquoted line tells of all", box("From here on we go\n"), []finding.Verdict{finding.Genuine, finding.Unverifiable}, true},
		{"one Content-Length that is right proves nothing", counted, []finding.Verdict{finding.Genuine, finding.Unverifiable}, true},
	} {
		name := filepath.Join(t.TempDir(), "INBOX")
		if err := os.WriteFile(name, []byte(c.box), 0o600); err != nil {
			t.Fatal(err)
		}
		f, _, _ := scanPaths(t, 2, name)
		if f.Len() != len(c.want) {
			t.Fatalf("%s: %d records, want %d", c.name, f.Len(), len(c.want))
		}
		for i, want := range c.want {
			m, err := f.Message(i)
			if err != nil {
				t.Fatal(err)
			}
			if m.Verdict != want || (m.StartDoubt != "") != (c.doubt && i > 0) {
				t.Errorf("%s: message %d is %s with doubt %q, want %s", c.name, i, m.Verdict, m.StartDoubt, want)
			}
		}
	}
}
