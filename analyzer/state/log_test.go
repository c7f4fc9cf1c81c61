package state

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// tape is a disk in memory that loses what was not synced, as a power cut does, and may be full.
type tape struct {
	now   []byte // as the process sees it
	safe  []byte // as it is after a power cut
	wrote []write
	room  int64 // bytes that still fit; -1 for any number
}

type write struct {
	at int64
	b  []byte
}

var errFull = errors.New("no space left on device")

func (d *tape) ReadAt(p []byte, off int64) (int, error) {
	if off >= int64(len(d.now)) {
		return 0, io.EOF
	}
	n := copy(p, d.now[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func put(to []byte, at int64, b []byte) []byte {
	if need := int(at) + len(b); need > len(to) {
		to = append(to, make([]byte, need-len(to))...)
	}
	copy(to[at:], b)
	return to
}

func (d *tape) WriteAt(b []byte, off int64) (int, error) {
	if d.room >= 0 && off+int64(len(b)) > d.room {
		return 0, errFull
	}
	d.now = put(d.now, off, b)
	d.wrote = append(d.wrote, write{off, bytes.Clone(b)})
	return len(b), nil
}

func (d *tape) Sync() error {
	d.safe, d.wrote = bytes.Clone(d.now), nil
	return nil
}
func (d *tape) Truncate(n int64) error { d.now = d.now[:n]; return nil }
func (d *tape) Close() error           { return nil }

// cut is the disk after a power cut: of what was not synced any writes reached it, whole or in part, in any order.
func (d *tape) cut(rng *rand.Rand) []byte {
	out := bytes.Clone(d.safe)
	for _, i := range rng.Perm(len(d.wrote)) {
		w := d.wrote[i]
		switch rng.IntN(3) {
		case 0:
			out = put(out, w.at, w.b)
		case 1:
			n := rng.IntN(len(w.b) + 1)
			out = put(out, w.at, w.b[:n])
		}
	}
	return out
}

// TestPowerCut: whenever the power goes, the file is as one of the commits left it: the last one that returned, or the one
// that was being made.
func TestPowerCut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		d := &tape{room: -1}
		l := newLog(d)
		committed := ""
		commits := rapid.IntRange(0, 6).Draw(t, "commits")
		try := ""
		for i := range commits {
			if _, err := l.append(bytes.Repeat([]byte{byte(i)}, rng.IntN(3000))); err != nil {
				t.Fatal(err)
			}
			try = fmt.Sprintf("root %d", i)
			if i == commits-1 && rapid.Bool().Draw(t, "during") {
				break
			}
			if err := l.commit([]byte(try)); err != nil {
				t.Fatal(err)
			}
			committed = try
		}
		if commits > 0 && committed != try {
			// The last commit is cut off between its two syncs, or before the first.
			r, err := l.append([]byte(try))
			if err != nil {
				t.Fatal(err)
			}
			if rapid.Bool().Draw(t, "first sync") {
				_ = d.Sync()
				if err := l.point(r); err != nil {
					t.Fatal(err)
				}
			}
		}
		raw := d.cut(rng)
		again, err := openLog(&tape{now: raw, room: -1}, int64(len(raw)))
		if committed == "" {
			if err == nil && commits == 0 {
				t.Fatal("a file without a commit was opened")
			}
			return
		}
		if err != nil {
			t.Fatalf("after commit %q: %v", committed, err)
		}
		got, err := again.read(again.root)
		if err != nil || string(got) != committed && string(got) != try {
			t.Fatalf("got %q, %v, want %q or %q", got, err, committed, try)
		}
	})
}

// TestDiskFull: a commit that does not fit fails, and the one before it stays.
func TestDiskFull(t *testing.T) {
	d := &tape{room: -1}
	l := newLog(d)
	if err := l.commit([]byte("first")); err != nil {
		t.Fatal(err)
	}
	noise := make([]byte, 5000)
	for i := range noise {
		noise[i] = byte(rand.Uint32())
	}
	for room := int64(len(d.now)); room < int64(len(d.now))+4000; room += 100 {
		d.room = room
		if _, err := l.append(noise); err == nil {
			t.Fatal("a full disk took a section")
		}
		if err := l.commit(noise); err == nil {
			t.Fatal("a full disk took a commit")
		}
		again, err := openLog(&tape{now: d.now, room: -1}, int64(len(d.now)))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := again.read(again.root); err != nil || string(got) != "first" {
			t.Fatalf("got %q, %v", got, err)
		}
	}
}

func open(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(path, false, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// stored makes a state file with a commit.
func stored(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "state")
	s := open(t, path)
	if !s.Fresh() {
		t.Error("a state that never was is not fresh")
	}
	ref, err := s.Append(bytes.Repeat([]byte("facts "), 1000))
	if err != nil {
		t.Fatal(err)
	}
	s.Root.Audits["x"] = &Audit{Paths: []string{"/mail"}, Conclusion: &ref}
	if err := s.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOpenSetsAside(t *testing.T) {
	for _, c := range []struct {
		why, kind string
		spoil     func(b []byte) []byte
	}{
		{"both slots are damaged", "damaged", func(b []byte) []byte { clear(b[slotAt:headerSize]); return b }},
		{"the root is cut off", "damaged", func(b []byte) []byte { return b[:len(b)-1] }},
		{"nothing but the header is left", "damaged", func(b []byte) []byte { return b[:headerSize] }},
		{"it is too short for a header", "version", func(b []byte) []byte { return b[:100] }},
		{"it is another file", "version", func(b []byte) []byte { copy(b, "something else"); return b }},
		{"it is of a later version", "version", func(b []byte) []byte { copy(b, "mailaudit state 2\n"); return b }},
	} {
		path := stored(t)
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		raw = c.spoil(raw)
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		s := open(t, path)
		if len(s.Notes) != 1 || s.Notes[0].Kind != c.kind || !s.Fresh() {
			t.Errorf("%s: notes %v", c.why, s.Notes)
			continue
		}
		if kept, err := os.ReadFile(s.Notes[0].Path); err != nil || !bytes.Equal(kept, raw) {
			t.Errorf("%s: what was set aside is not the file: %v", c.why, err)
		}
		if err := errors.Join(s.Commit(), s.Close()); err != nil {
			t.Errorf("%s: %v", c.why, err)
		}
		if s = open(t, path); len(s.Notes) != 0 || s.Fresh() {
			t.Errorf("%s: the new file: notes %v", c.why, s.Notes)
		}
		s.Close()
		// To look at a damaged file changes nothing on disk.
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		if s, err = Open(path, true, time.Now()); err != nil || len(s.Notes) != 1 || s.Notes[0].Path != "" {
			t.Errorf("%s: read only: %v %v", c.why, err, s.Notes)
		}
		s.Close()
		if now, _ := os.ReadFile(path); !bytes.Equal(now, raw) {
			t.Errorf("%s: looking changed the file", c.why)
		}
	}
}

// TestRunsLeaveNoGarbage: what no commit named is gone with the run, and a file is written anew when much of it is unused.
func TestRunsLeaveNoGarbage(t *testing.T) {
	path := stored(t)
	before, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	s := open(t, path)
	if _, err := s.Append(make([]byte, 1<<20)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if after, err := os.Stat(path); err != nil || after.Size() != before.Size() {
		t.Errorf("the file has %d bytes, had %d", after.Size(), before.Size())
	}
	s = open(t, path)
	noise := make([]byte, 300<<10)
	for i := range noise {
		noise[i] = byte(rand.Uint32())
	}
	for range 8 {
		ref, err := s.Append(noise)
		if err != nil {
			t.Fatal(err)
		}
		s.Root.Audits["x"].Conclusion = &ref
		if err := errors.Join(s.Commit(), s.Compact()); err != nil {
			t.Fatal(err)
		}
	}
	if total, used := s.Size(); total > 2*used+2*slack {
		t.Errorf("%d bytes, %d in use", total, used)
	}
	if n, err := s.Check(); err != nil || n != 2 {
		t.Errorf("%d sections, %v", n, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, path)
	defer s.Close()
	if got, err := s.Section(*s.Root.Audits["x"].Conclusion); err != nil || !bytes.Equal(got, noise) {
		t.Errorf("after it was written anew: %v", err)
	}
}

// FuzzOpen: whatever is in the file, it opens or is set aside, and what is read of it is an error or what was stored.
func FuzzOpen(f *testing.F) {
	raw, err := os.ReadFile(stored(f))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add(raw[:headerSize])
	f.Add([]byte(magic))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, raw []byte) {
		path := filepath.Join(dir, "state")
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Open(path, true, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		for _, r := range s.refs() {
			if _, err := s.Section(*r); err != nil && !errors.Is(err, ErrDamaged) {
				t.Fatal(err)
			}
		}
	})
}

// TestLock: one at a time; the second waits or leaves.
func TestLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	first, err := Acquire(t.Context(), path, false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Acquire(t.Context(), path, false); !errors.Is(err, ErrLocked) {
		t.Errorf("the second gets %v", err)
	}
	got := make(chan error)
	go func() {
		second, err := Acquire(t.Context(), path, true)
		if err == nil {
			err = second.Release()
		}
		got <- err
	}()
	select {
	case err := <-got:
		t.Fatalf("the second did not wait: %v", err)
	case <-time.After(2 * pollEvery):
	}
	if err := first.Release(); err != nil {
		t.Fatal(err)
	}
	if err := <-got; err != nil {
		t.Error(err)
	}
}

// TestNothingIsLeftBeforeTheFirstCommit: a run that is ended before its first commit, at whatever moment, leaves no state
// file, and the next one takes away what it left.
func TestNothingIsLeftBeforeTheFirstCommit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	killed, err := Open(path, false, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := killed.Append([]byte("a section")); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("there is a state file before the first commit: %v", err)
	}
	s, err := Open(path, false, time.Now())
	if err != nil || len(s.Notes) > 0 || !s.Fresh() {
		t.Fatalf("%v, notes %v", err, s.Notes)
	}
	if err := s.Commit(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Append([]byte("another section")); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Commit(), s.Close()); err != nil {
		t.Fatal(err)
	}
	_ = killed.Close() // its file is gone
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 || entries[0].Name() != "state" {
		t.Errorf("%v, %v", entries, err)
	}
	if s, err = Open(path, false, time.Now()); err != nil || len(s.Notes) > 0 || s.Fresh() {
		t.Errorf("%v, notes %v, fresh %v", err, s.Notes, s.Fresh())
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
