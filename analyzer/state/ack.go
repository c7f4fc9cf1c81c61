package state

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// AckName is the name of the file of acknowledgements, beside the state file.
const AckName = "acknowledged.txt"

// Ack is what a person said of a finding: seen, and all right.
type Ack struct {
	ID    string
	Level string    // severity up to which it holds; "" for any: a finding that gets worse than that counts again
	Until string    // last day on which it holds, "2006-01-02"; "" for good
	Why   string    // in the person's words
	Added time.Time // zero where the line does not say
}

// Holds reports whether the acknowledgement covers a finding of a level at a time.
func (a *Ack) Holds(level int, levelOf func(string) int, now time.Time) bool {
	if a.Until != "" && now.Format(time.DateOnly) > a.Until {
		return false
	}
	return a.Level == "" || level <= levelOf(a.Level)
}

// Acks is the file of acknowledgements: a line for each, which people can read, edit, and keep under version control.
//
//	a-3f2a9c0d11e2b3a4 critical until=2026-12-31 # I changed the password myself
//
// The id comes first; severity, "until=DATE" and "added=DATE" may stand behind it in any order; what follows "#" is the
// reason. Empty lines and lines that begin with "#" are comments. Lines that make no sense are kept, and reported.
type Acks struct {
	path  string
	lines []ackLine
}

type ackLine struct {
	text string
	ack  *Ack
	bad  string // what is wrong with it
}

// ackHead begins a new file.
const ackHead = `# Findings of mailaudit that somebody has looked at. One a line: id, then where wanted a severity up to which it
# holds, until=2006-01-02, and a reason behind "#". mailaudit ack and unack edit this file; so can you.
`

// maxAcks bounds the file, in bytes: a line takes some 80.
const maxAcks = 16 << 20

// LoadAcks reads the file; one that is not there is empty.
func LoadAcks(path string) (*Acks, error) {
	a := &Acks{path: path}
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return a, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the acknowledgements: %w", err)
	}
	if len(raw) > maxAcks {
		return nil, fmt.Errorf("reading the acknowledgements: %s has %d bytes, at most %d are read", path, len(raw), maxAcks)
	}
	text := strings.TrimPrefix(string(raw), "\ufeff") // what Windows editors begin a file with
	for line := range strings.Lines(text) {
		a.lines = append(a.lines, parseAck(strings.TrimRight(line, "\r\n")))
	}
	return a, nil
}

// parseAck reads a line.
func parseAck(text string) ackLine {
	l := ackLine{text: text}
	words, why, _ := strings.Cut(text, "#")
	fields := strings.Fields(words)
	if len(fields) == 0 {
		return l
	}
	ack := &Ack{ID: fields[0], Why: strings.TrimSpace(why)}
	if !finding.ValidAttentionID(ack.ID) {
		l.bad = fmt.Sprintf("%q is no id of a finding", ack.ID)
		return l
	}
	for _, f := range fields[1:] {
		name, value, ok := strings.Cut(f, "=")
		switch {
		case !ok && isLevel(f):
			ack.Level = f
		case ok && name == "until":
			if _, err := time.Parse(time.DateOnly, value); err != nil {
				l.bad = fmt.Sprintf("%q is no date such as 2026-12-31", value)
				return l
			}
			ack.Until = value
		case ok && name == "added":
			if t, err := time.Parse(time.DateOnly, value); err == nil {
				ack.Added = t
			}
		default:
			l.bad = fmt.Sprintf("%q is not understood", f)
			return l
		}
	}
	l.ack = ack
	return l
}

func isLevel(s string) bool {
	switch s {
	case "critical", "high", "medium", "low", "info":
		return true
	}
	return false
}

// List are all acknowledgements, in the order of the file.
func (a *Acks) List() (list []Ack) {
	for _, l := range a.lines {
		if l.ack != nil {
			list = append(list, *l.ack)
		}
	}
	return list
}

// Bad are the lines that are not understood: their number from 1, and what is wrong.
func (a *Acks) Bad() map[int]string {
	bad := make(map[int]string)
	for i, l := range a.lines {
		if l.bad != "" {
			bad[i+1] = l.bad
		}
	}
	return bad
}

// Of is the acknowledgement of a finding, nil for none; of several the last counts.
func (a *Acks) Of(id string) (found *Ack) {
	for _, l := range a.lines {
		if l.ack != nil && l.ack.ID == id {
			found = l.ack
		}
	}
	return found
}

// Add puts an acknowledgement behind the others, in the place of an earlier one of the same finding.
func (a *Acks) Add(ack Ack) {
	if len(a.lines) == 0 {
		for line := range strings.Lines(ackHead) {
			a.lines = append(a.lines, ackLine{text: strings.TrimRight(line, "\n")})
		}
	}
	line := ackLine{text: ack.String(), ack: &ack}
	for i := range a.lines {
		if old := a.lines[i].ack; old != nil && old.ID == ack.ID {
			a.lines[i] = line
			return
		}
	}
	a.lines = append(a.lines, line)
}

// String is the line of the file.
func (a *Ack) String() string {
	var b strings.Builder
	b.WriteString(a.ID)
	if a.Level != "" {
		b.WriteString(" " + a.Level)
	}
	if a.Until != "" {
		b.WriteString(" until=" + a.Until)
	}
	if !a.Added.IsZero() {
		b.WriteString(" added=" + a.Added.Format(time.DateOnly))
	}
	if a.Why != "" {
		// One line, without what a terminal or an editor would take for a command.
		why := strings.Map(func(r rune) rune {
			if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
				return ' '
			}
			return r
		}, a.Why)
		b.WriteString(" # " + strings.Join(strings.Fields(why), " "))
	}
	return b.String()
}

// Remove takes the acknowledgement of a finding away; false where there is none.
func (a *Acks) Remove(id string) bool {
	kept := a.lines[:0:0]
	for _, l := range a.lines {
		if l.ack == nil || l.ack.ID != id {
			kept = append(kept, l)
		}
	}
	gone := len(kept) < len(a.lines)
	a.lines = kept
	return gone
}

// Save writes the file under a temporary name and renames it: whoever reads it sees the old one or the new one.
func (a *Acks) Save() (err error) {
	f, err := os.CreateTemp(filepath.Dir(a.path), filepath.Base(a.path)+".*.tmp") // mode 0600
	if err != nil {
		return fmt.Errorf("writing the acknowledgements: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("writing the acknowledgements: %w", err), os.Remove(f.Name()))
		}
	}()
	w := bufio.NewWriter(f)
	for _, l := range a.lines {
		if _, err := w.WriteString(l.text + "\n"); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	if err := errors.Join(w.Flush(), f.Sync(), f.Close()); err != nil {
		return err
	}
	if info, err := os.Stat(a.path); err == nil {
		if err := os.Chmod(f.Name(), info.Mode().Perm()); err != nil {
			return err
		}
	}
	to := a.path
	if resolved, err := filepath.EvalSymlinks(a.path); err == nil {
		to = resolved // a link into a folder under version control stays a link
	}
	return os.Rename(f.Name(), to)
}
