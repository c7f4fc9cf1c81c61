package analyzer_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// mboxWriters are programs that write a folder as one mbox.
var mboxWriters = []string{"procmail", "formail", "thunderbird", "takeout"}

// store writes the mailbox and returns its path.
func (b *boxed) store(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if b.format == "" {
		for _, folder := range []string{"", ".Junk"} {
			for _, sub := range []string{"cur", "new", "tmp"} {
				if err := os.MkdirAll(filepath.Join(dir, folder, sub), 0o700); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, l := range b.letters {
			if err := os.WriteFile(filepath.Join(dir, l.folder, "cur", l.id+".host:2,S"), []byte(l.text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return dir
	}
	files := map[string]*strings.Builder{}
	for _, l := range b.letters {
		name := "Inbox"
		if l.folder != "" {
			name = "Junk"
		}
		if files[name] == nil {
			files[name] = new(strings.Builder)
		}
		appendMbox(files[name], b.format, &l)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// appendMbox writes a message as a program does (from memory).
func appendMbox(w *strings.Builder, writer string, l *letter) {
	text := strings.ReplaceAll(l.text, "\r\n", "\n")
	date := l.at.Format("Mon Jan _2 15:04:05 2006")
	switch writer {
	case "thunderbird":
		fmt.Fprintf(w, "From - %s\nX-Mozilla-Status: 0001\nX-Mozilla-Status2: 00000000\n", date)
	case "takeout":
		fmt.Fprintf(w, "From 18%017d@xxx %s\nX-GM-THRID: 18%017d\nX-Gmail-Labels: Inbox,Opened\n", len(l.text)*977, l.at.Format("Mon Jan 02 15:04:05 -0700 2006"), len(l.text)*977)
	case "formail":
		fmt.Fprintf(w, "From %s  %s\n", bare(l.envelope), date)
	default:
		fmt.Fprintf(w, "From %s  %s\n", bare(l.envelope), date)
		if !strings.HasPrefix(text, "Return-Path:") {
			text = "Return-Path: <" + bare(l.envelope) + ">\n" + text
		}
	}
	w.WriteString(strings.ReplaceAll(text, "\nFrom ", "\n>From "))
	w.WriteString("\n")
}

// bare is an envelope sender as a From_ line can hold it.
func bare(s string) string {
	if strings.ContainsAny(s, " \"") {
		return "MAILER-DAEMON"
	}
	return s
}

func adversaryNotice(a *arrival, id string) string {
	s := strings.Replace(notice, "haruka@example.com", owner, 1)
	s = strings.Replace(s, "Tue, 3 Feb 2026 12:05:04 +0000", a.at.Add(-2*time.Second).Format("Mon, 2 Jan 2006 15:04:05 -0700"), 1)
	return strings.Replace(s, "0101019c2d3e4f50-11111111-2222-3333-4444-555555555555-000000@", id+"@", 1)
}

// kept counts honest notices.
type kept struct{ all, genuine int }

// TestAdversary composes attacks at random against models of receivers and holds two invariants: no attack is believed, and
// honest notices in the same mailbox stay genuine. MAILAUDIT_ADVERSARY is the number of mailboxes; MAILAUDIT_SEED tries one.
func TestAdversary(t *testing.T) {
	from, count := uint64(0), uint64(120)
	if testing.Short() {
		count = uint64(2 * len(adversaryReceivers))
	}
	if v, err := strconv.ParseUint(os.Getenv("MAILAUDIT_ADVERSARY"), 10, 64); err == nil {
		count = v
	}
	if v, err := strconv.ParseUint(os.Getenv("MAILAUDIT_SEED"), 10, 64); err == nil {
		from = v
		if os.Getenv("MAILAUDIT_ADVERSARY") == "" {
			count = 1
		}
	}
	attacked, unseen, shares := 0, 0, make(map[string]*kept)
	for seed := from; seed < from+count; seed++ {
		b, about := adversary(seed)
		dir := b.store(t)
		f, _, _ := scanPaths(t, 2, dir)
		want := make(map[string]*letter)
		for i := range b.letters {
			if l := &b.letters[i]; l.attack != nil || l.share != "" {
				want[l.id] = l
			}
		}
		seen := make(map[string]bool)
		for i := range f.Len() {
			m, err := f.Message(i)
			if err != nil {
				t.Fatal(err)
			}
			id, _, _ := strings.Cut(strings.Trim(m.MessageID, "<>"), "@")
			l := want[id]
			switch {
			case l == nil:
			case l.attack != nil:
				seen[id] = true
				attacked++
				if believed(m) {
					t.Errorf("seed %d, %s, %s: %s by %s; moves: %s", seed, about, id, m.Verdict, m.Rule, strings.Join(l.attack, " + "))
				}
			default:
				seen[id] = true
				_, bg, _ := strings.Cut(about, ", ")
				bg, _, _ = strings.Cut(bg, " (")
				for _, name := range []string{bg + ": " + l.share, l.share} {
					k := shares[name]
					if k == nil {
						k = new(kept)
						shares[name] = k
					}
					k.all++
					if m.Verdict == finding.Genuine {
						k.genuine++
					}
				}
				if m.Verdict != finding.Genuine {
					t.Logf("seed %d, %s, %s: an honest notice is %s by %s (%s)", seed, about, id, m.Verdict, m.Rule, l.share)
				}
			}
		}
		for id, l := range want {
			if !seen[id] {
				t.Logf("seed %d, %s: no record of %s %v", seed, about, id, l.attack)
				unseen++
			}
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(shares)) {
		t.Logf("%s: %d of %d honest notices are genuine", name, shares[name].genuine, shares[name].all)
	}
	for _, share := range []string{"direct", "forwarded by a listed service"} {
		if k := shares[share]; k != nil && count > 1 && 100*k.genuine < 99*k.all {
			t.Errorf("%s: %d of %d honest notices are genuine, want 99 %%", share, k.genuine, k.all)
		}
	}
	t.Logf("%d mailboxes, %d attacks, %d messages that were not taken for the brand's affair", count, attacked, unseen)
	if 20*unseen > attacked {
		t.Errorf("%d attacks judged and %d messages not looked at", attacked, unseen)
	}
	if count > 1 && (attacked < int(count) || shares["direct"] == nil || shares["direct"].all < int(count)) {
		t.Errorf("only %d attacks in %d mailboxes, or too few honest notices", attacked, count)
	}
}

// believed reports whether a person would take the verdict for a statement that the mail is Amazon's and harmless.
func believed(m *finding.Message) bool {
	return m.Verdict == finding.Genuine || m.Verdict == finding.LikelyGenuine || m.Verdict == finding.GenuineRelay && m.ContentRisk != "high"
}
