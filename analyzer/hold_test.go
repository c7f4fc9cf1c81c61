package analyzer_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mailaudit/mailaudit/analyzer"
	"github.com/mailaudit/mailaudit/analyzer/state"
)

const holdFor = 5 * time.Minute

// arriving is an mbox to which mail comes. Its letters are told from all half ones by their ids.
type arriving struct {
	*night
	box string
}

func (a *arriving) write(text string, modified time.Time) {
	a.must(os.WriteFile(a.box, []byte(text), 0o600)) // the same file, grown
	a.must(os.Chtimes(a.box, modified, modified))
}

// seen are the ids of the messages of a run with the state, or of a plain one.
func (a *arriving) seen(plain bool) map[string]bool {
	a.t.Helper()
	cfg := a.config()
	cfg.Hold = holdFor
	var s *state.Store
	if !plain {
		var err error
		s, err = state.Open(a.state, false, a.now)
		a.must(err)
		cfg.State = s
	}
	var b bytes.Buffer
	_, err := analyzer.Scan(context.Background(), cfg, &b)
	if err != nil && !errors.Is(err, analyzer.ErrNothing) {
		a.t.Fatalf("%v", err)
	}
	if s != nil {
		a.must(s.Commit())
		a.must(s.Close())
	}
	ids := map[string]bool{}
	for line := range strings.Lines(b.String()) {
		if rest, ok := strings.CutPrefix(line, `{"message":{"id":"`); ok {
			id, _, _ := strings.Cut(rest, `"`)
			ids[id] = true
		}
	}
	return ids
}

// arrivals are mailboxes by how their writer parts messages.
func arrivals(n *night) map[string][]string {
	plain := func(i int) string { return strings.ReplaceAll(n.letter(i), "\nFrom h", "\n>From h") }
	from := func(body string) string {
		n.made++
		return fmt.Sprintf("From a@example.org %s\n%s", n.now.Add(time.Duration(n.made)*time.Minute).Format(time.ANSIC), body)
	}
	counted := func(body string) string {
		head, text, _ := strings.Cut(body, "\n\n")
		return from(fmt.Sprintf("%s\nContent-Length: %d\n\n%s\n", head, len(text), text))
	}
	multipart := func(body string) string {
		head, text, _ := strings.Cut(body, "\n\n")
		return from(fmt.Sprintf("%s\nMIME-Version: 1.0\nContent-Type: multipart/alternative;\n boundary=\"b=%d\"\n\n--b=%[2]d\nContent-Type: text/plain\n\n%[3]s\n--b=%[2]d\nContent-Type: text/html\n\n<p>%[3]s\n--b=%[2]d--\n\n", head, n.made, text))
	}
	crlf := func(body string) string { return strings.ReplaceAll(from(body)+"\n", "\n", "\r\n") }
	return map[string][]string{
		"mboxo":     {from(plain(1)) + "\n", from(plain(2)) + "\n", from(plain(1)) + "\n"},
		"mboxrd":    {from(plain(1)) + "\n", from(strings.Replace(plain(1), "Your Amazon", ">From Amazon\n>>From it\nYour Amazon", 1)) + "\n", from(plain(2)) + "\n"},
		"mboxcl":    {counted(n.letter(1)), counted(n.letter(2)), counted(n.letter(1))},
		"multipart": {multipart(n.letter(1)), multipart(n.letter(2)), multipart(n.letter(1))},
		"crlf":      {crlf(plain(1)), crlf(plain(2)), crlf(plain(1))},
	}
}

// TestHalfDeliveredMail: wherever a mailbox is cut that mail is just being written to, no half message is read, what was read
// before stays, and all is read when the rest has come: by the next run, if nothing more came. A plain scan reads what is there.
func TestHalfDeliveredMail(t *testing.T) {
	step := 41
	if os.Getenv("MAILAUDIT_CRASHES") != "" {
		step = 1 // make soak
	} else if testing.Short() {
		step = 149
	}
	// In a mailbox beyond a mebibyte reading goes on where the last run ended.
	for _, filler := range []int{0, 60_000} {
		if filler > 0 {
			step *= 17
		}
		first := newNight(t, t)
		for name, letters := range arrivals(first) {
			t.Run(fmt.Sprintf("%s with %d lines before", name, filler), func(t *testing.T) {
				before := ""
				if filler > 0 {
					end := "\n"
					if name == "crlf" {
						end = "\r\n"
					}
					before = strings.ReplaceAll("From f@example.org Mon Jan  5 04:05:06 2026\nFrom: f@example.org\n\n"+strings.Repeat("filler of a mailbox\n", filler)+"\n", "\n", end)
				}
				whole := before + strings.Join(letters, "")
				all := (&arriving{newNight(t, t), ""}).reading(whole)
				if len(all) != len(letters) {
					t.Fatalf("%d messages, want %d", len(all), len(letters))
				}
				for cut := len(before) + len(letters[0]); cut < len(whole); cut += step {
					a := &arriving{night: newNight(t, t)}
					a.box = filepath.Join(a.mail, "inbox")
					a.write(before+letters[0], a.now.Add(-time.Hour))
					was := a.seen(false)
					for _, text := range []string{whole[:cut], whole, whole} {
						a.now = a.now.Add(time.Minute)
						if len(text) == cut || text == whole && len(was) < len(all) {
							a.write(text, a.now.Add(-time.Second))
						}
						now := a.seen(false)
						for id := range now {
							if !all[id] {
								t.Fatalf("cut at %d: half a message was read", cut)
							}
						}
						for id := range was {
							if !now[id] {
								t.Fatalf("cut at %d: a message that was read is gone", cut)
							}
						}
						was = now
					}
					if len(was) != len(all) {
						t.Fatalf("cut at %d: %d messages in the end, want %d", cut, len(was), len(all))
					}
				}
			})
		}
	}
}

// reading are the ids of all messages of a mailbox.
func (a *arriving) reading(text string) map[string]bool {
	a.t.Helper()
	a.box = filepath.Join(a.mail, "inbox")
	a.write(text, a.now)
	return a.seen(true)
}

// TestRewrittenMailIsNotHeld: a program that has just noted in a mailbox what was read takes no message away from the next run,
// and one that flags a message in place while another is half delivered does not make it whole.
func TestRewrittenMailIsNotHeld(t *testing.T) {
	letters := arrivals(newNight(t, t))["mboxo"]
	whole := strings.Join(letters, "")
	all := (&arriving{newNight(t, t), ""}).reading(whole)
	flagged := strings.Replace(letters[0], "\nFrom: ", "\nX-Mozilla-Status: 0000\nFrom: ", 1)
	for _, c := range []struct {
		why, before, after string
		want               int
	}{
		{"read state was added", whole, strings.ReplaceAll(whole, "\nFrom: ", "\nStatus: RO\nFrom: "), 3},
		{"a message was taken out", whole, letters[0] + letters[2], 2},
		{"flagged in place, and half a message was appended", flagged + letters[1], strings.Replace(flagged, "Status: 0000", "Status: 0001", 1) + letters[1] + letters[2][:len(letters[2])-20], 2},
	} {
		a := &arriving{night: newNight(t, t)}
		a.box = filepath.Join(a.mail, "inbox")
		a.write(c.before, a.now.Add(-time.Hour))
		a.seen(false)
		a.now = a.now.Add(time.Minute)
		a.write(c.after, a.now.Add(-time.Second))
		got := a.seen(false)
		for id := range got {
			if !all[id] {
				t.Errorf("%s: half a message was read", c.why)
			}
		}
		if len(got) != c.want {
			t.Errorf("%s: %d messages, want %d", c.why, len(got), c.want)
		}
	}
}
