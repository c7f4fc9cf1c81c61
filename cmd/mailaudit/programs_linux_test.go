package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// programsVariable makes TestPrograms run: "1" leaves out programs that are not there and says so, "all" wants each of them.
const programsVariable = "MAILAUDIT_PROGRAMS"

// letterState is what a mail server or the person at a mail program says of a message.
type letterState struct{ seen, replied, flagged bool }

// letter is a message of the samples or of this test, as it came, with LF.
type letter struct {
	id    string // Message-ID without brackets
	from  string // envelope sender
	raw   []byte
	state letterState // for stores whose owner reads most
	file  string
}

// kept is a store that programs have written.
type kept struct {
	paths []string
	// states are those of all its messages; nil where the store keeps none.
	states map[string]letterState
	// rewritten is set where the program changes the header, by a Received field of its own or by other folding: the copy
	// has another id.
	rewritten bool
	// split names a letter that is known to be read as two messages, "" for none.
	split string
}

// workplace is where the programs of one store write.
type workplace struct {
	*testing.T
	dir     string
	letters []letter
	server  *server
}

// TestPrograms lets mail programs write mailboxes and reads them: each gives the messages that went in, with the ids and
// verdicts that they have as plain files, and the read state that the server or the person gave them.
//
// All mail is invented, servers listen on the loopback interface only, and everything is written below one temporary folder.
func TestPrograms(t *testing.T) {
	mode := os.Getenv(programsVariable)
	if mode == "" {
		t.Skip("make programs runs this: it needs dovecot, procmail, mutt and isync")
	}
	// A socket's path is short, and dovecot's own users must be able to pass.
	dir, err := os.MkdirTemp("", "mailaudit-programs-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() && os.Getenv("MAILAUDIT_KEEP") != "" {
			t.Logf("kept: %s", dir)
			return
		}
		_ = os.RemoveAll(dir)
	})
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	letters := lettersOf(t, filepath.Join(dir, "letters"))
	plain := scanStore(t, filepath.Join(dir, "letters"))
	if plain.messages != len(letters) {
		t.Fatalf("%d messages of %d letters", plain.messages, len(letters))
	}
	seen := map[bool]int{}
	for _, l := range letters {
		if _, ok := plain.found[l.id]; ok {
			seen[l.state.seen]++
		}
	}
	if len(plain.verdicts) < 3 || seen[true] < 10 || seen[false] < 10 {
		t.Fatalf("too little to compare with: verdicts %v, read or not %v", plain.verdicts, seen)
	}
	srv := startServer(t, dir)
	var all []string
	for _, s := range programStores {
		var k kept
		ok := t.Run(s.name, func(t *testing.T) {
			for _, need := range strings.Fields(s.needs) {
				if need == "dovecot" && srv == nil {
					t.Skip("left out: there is no server")
				}
				if _, err := exec.LookPath(need); err != nil && need != "dovecot" {
					if mode == "all" {
						t.Fatalf("%s is not installed", need)
					}
					t.Skipf("left out: %s is not installed", need)
				}
			}
			w := &workplace{t, filepath.Join(dir, s.name), letters, srv}
			w.must(os.MkdirAll(w.dir, 0o755))
			k = s.write(w)
			checkStore(t, plain, k)
		})
		if ok && !k.rewritten && k.split == "" {
			all = append(all, k.paths...)
		}
	}
	// Copies are one message, whatever programs wrote into them.
	t.Run("copies", func(t *testing.T) {
		got := scanStore(t, all...)
		if !maps.Equal(got.verdicts, plain.verdicts) || len(got.found) != len(plain.found) {
			t.Errorf("copies in %d stores count as %v, want %v", len(all), got.verdicts, plain.verdicts)
		}
	})
}

// checkStore compares what mailaudit reads of a store with the plain letters and with what is known of it.
func checkStore(t *testing.T, plain scannedStore, k kept) {
	t.Helper()
	got := scanStore(t, k.paths...)
	if got.lost > 0 {
		t.Errorf("%d problems by which mail is lost", got.lost)
	}
	if k.split != "" {
		t.Logf("not compared, since it is read as two messages: %s", k.split)
	} else if got.messages != plain.messages || !maps.Equal(got.verdicts, plain.verdicts) {
		t.Errorf("%d messages %v, want %d %v", got.messages, got.verdicts, plain.messages, plain.verdicts)
	}
	for _, id := range slices.Sorted(maps.Keys(plain.found)) {
		want, m := plain.found[id], got.found[id]
		if id == k.split {
			continue
		}
		if m == nil {
			t.Errorf("%s: not found", id)
			continue
		}
		if m.ID != want.ID && !k.rewritten {
			t.Errorf("%s: %s, want %s", id, m.ID, want.ID)
		}
		if m.Verdict != want.Verdict || m.Rule != want.Rule {
			t.Errorf("%s: %s by %s, want %s by %s", id, m.Verdict, m.Rule, want.Verdict, want.Rule)
		}
		s, known := k.states[id]
		if k.states != nil && !known {
			t.Errorf("%s: the server does not know it", id)
		}
		r := m.Read
		if r == nil {
			r = &finding.Read{}
		}
		if known != (r.Seen != nil) || known && *r.Seen != s.seen {
			t.Errorf("%s: seen %s, want %s", id, told(r.Seen), toldIf(known, s.seen))
		}
		// What no program said stays unknown, which is less than false; true has to be said.
		for _, f := range []struct {
			name string
			got  *bool
			want bool
		}{{"replied", r.Replied, s.replied}, {"flagged", r.Flagged, s.flagged}} {
			if known && f.want != (f.got != nil && *f.got) || !known && f.got != nil && *f.got {
				t.Errorf("%s: %s %s, want %v", id, f.name, told(f.got), f.want)
			}
		}
	}
}

func told(b *bool) string {
	if b == nil {
		return "unknown"
	}
	return fmt.Sprint(*b)
}

func toldIf(known, b bool) string {
	if !known {
		return told(nil)
	}
	return told(&b)
}

// scannedStore is what a scan found.
type scannedStore struct {
	messages int
	lost     int
	verdicts map[string]int
	found    map[string]*finding.Message // by Message-ID without brackets
}

func scanStore(t *testing.T, paths ...string) scannedStore {
	t.Helper()
	dir := t.TempDir()
	var out, talk bytes.Buffer
	args := append([]string{"scan", "--quiet", "--format", "jsonl", "--fail-on", "never", "--output", dir}, paths...)
	if code := run(args, strings.NewReader(""), &out, &talk); code != exitOK && code != exitLost {
		t.Fatalf("exit code %d\n%s", code, talk.String())
	}
	raw, err := os.ReadFile(filepath.Join(dir, "findings.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	s := scannedStore{verdicts: map[string]int{}, found: map[string]*finding.Message{}}
	for line := range bytes.Lines(raw) {
		var r finding.Record
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatal(err)
		}
		switch {
		case r.Summary != nil:
			s.messages = int(r.Summary.Messages)
			for v, n := range r.Summary.Verdicts {
				s.verdicts[string(v)] = int(n)
			}
		case r.Message != nil:
			id := strings.Trim(r.Message.MessageID, "<>")
			if s.found[id] != nil {
				t.Errorf("%s is there twice", id)
			}
			s.found[id] = r.Message
		case r.Problem != nil && r.Problem.Lost:
			s.lost++
		}
	}
	return s
}

// lettersOf writes the letters into a folder, a file each: of the sample of a Maildir what its owner got, of the
// mail that has nothing to do with Amazon a fourth, and some whose bodies look like the separators of mailboxes.
func lettersOf(t *testing.T, dir string) []letter {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	var list []letter
	add := func(raw []byte) {
		m, err := mail.ReadMessage(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		n := len(list)
		l := letter{
			id: strings.Trim(m.Header.Get("Message-Id"), "<> "), from: strings.Trim(m.Header.Get("Return-Path"), "<> "), raw: raw,
			state: letterState{seen: n%5 > 1, replied: n%5 > 1 && n%3 == 0, flagged: n%7 < 2},
			file:  filepath.Join(dir, fmt.Sprintf("%03d.eml", n)),
		}
		if l.id == "" || l.from == "" {
			t.Fatalf("letter %d has no Message-ID or no Return-Path", n)
		}
		if err := os.WriteFile(l.file, raw, 0o644); err != nil {
			t.Fatal(err)
		}
		list = append(list, l)
	}
	n := 0
	err := filepath.WalkDir("../../samples/maildir/input/Maildir", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if place := filepath.Base(filepath.Dir(path)); place != "cur" && place != "new" || strings.Contains(path, "&kAFP4W4IMH8-") {
			return nil
		}
		raw, err := os.ReadFile(path)
		if n++; err == nil && (n%4 == 0 || bytes.Contains(bytes.ToLower(raw), []byte("amazon"))) {
			add(raw)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, body := range []string{
		"My parcel from Amazon is here.\n\nFrom here on it is your turn.\n",
		"The Amazon voucher expires.\n\nFrom haruka@hoshizora-net.example  Fri Feb  7 20:15:32 2025\nSubject: Amazon\n\nquoted\n",
		"Amazon wrote:\n\n>From the first line\n>>From the second\nFrom: is no From_ line\n\n\n\n",
		"Amazon\n\n\x01\x01\x01\x01 is no separator here\n.\n..\n",
		"",
	} {
		at := time.Date(2025, 6, 20+i, 8, 30, 0, 0, time.UTC).Format("Mon, 2 Jan 2006 15:04:05 -0700")
		add([]byte(fmt.Sprintf("Return-Path: <friend@sunny%d.example>\n"+
			"Received: from mail.sunny%d.example (mail.sunny%d.example [203.0.113.%d])\n\tby mx1.hoshizora-net.example (Postfix) with ESMTPS id AE7C71349%d\n"+
			"\tfor <yuki@hoshizora-net.example>; %s\nDate: %s\nFrom: A friend <friend@sunny%d.example>\nTo: yuki@hoshizora-net.example\n"+
			"Message-ID: <letter.%d@sunny%d.example>\nSubject: About Amazon, %d\nMIME-Version: 1.0\nContent-Type: text/plain; charset=us-ascii\n\n%s",
			i, i, i, 10+i, i, at, at, i, i, i, i, body)))
	}
	return list
}

func (w *workplace) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// path is a path in the workplace.
func (w *workplace) path(name string) string { return filepath.Join(w.dir, name) }

// write writes a file into the workplace, for a program's settings.
func (w *workplace) write(name, text string) string {
	w.Helper()
	w.must(os.MkdirAll(filepath.Dir(w.path(name)), 0o777))
	w.must(os.WriteFile(w.path(name), []byte(strings.ReplaceAll(text, "DIR", w.dir)), 0o600))
	return w.path(name)
}

// sh runs a line of shell in the workplace, which is the home of what it starts, and fails the test where it fails.
func (w *workplace) sh(input []byte, line string, args ...any) string {
	w.Helper()
	ctx := w.Context()
	cmd := exec.CommandContext(ctx, "timeout", "60", "sh", "-euc", fmt.Sprintf(line, args...))
	cmd.Dir = w.dir
	cmd.Env = []string{"HOME=" + w.dir, "PATH=" + os.Getenv("PATH") + ":/usr/bin/mh:/usr/lib/dovecot:/usr/sbin", "LC_ALL=C.UTF-8", "TERM=xterm", "TZ=UTC", "USER=yuki", "LOGNAME=yuki"}
	cmd.Stdin = bytes.NewReader(input)
	out, err := cmd.CombinedOutput()
	if err != nil {
		w.Fatalf("%s: %v\n%.3000s", cmd.Args[4], err, out)
	}
	return string(out)
}

// full are the states of the letters as their owner left them: most are read.
func (w *workplace) full() map[string]letterState {
	m := map[string]letterState{}
	for _, l := range w.letters {
		m[l.id] = l.state
	}
	return m
}

// few are states of which hardly one is anything but unread: every thirteenth letter was read.
func (w *workplace) few() map[string]letterState {
	m := map[string]letterState{}
	for i, l := range w.letters {
		m[l.id] = letterState{seen: i%13 == 4}
	}
	return m
}

// unread are the states of a store where nothing was read.
func (w *workplace) unread() map[string]letterState {
	m := map[string]letterState{}
	for _, l := range w.letters {
		m[l.id] = letterState{}
	}
	return m
}

// numbers are the places, from 1, of the letters whose state is so.
func (w *workplace) numbers(states map[string]letterState, is func(letterState) bool) []string {
	var out []string
	for i, l := range w.letters {
		if is(states[l.id]) {
			out = append(out, fmt.Sprint(i+1))
		}
	}
	return out
}

func isSeen(s letterState) bool    { return s.seen }
func isReplied(s letterState) bool { return s.replied }
func isFlagged(s letterState) bool { return s.flagged }
