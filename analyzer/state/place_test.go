package state_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/state"
)

// A state that is to be kept where a device or a folder is, or where a link leads to one, is not kept: nothing takes the place of
// what is there, and nothing is put beside it.
func TestNoStateInPlaceOfADevice(t *testing.T) {
	dir := t.TempDir()
	folder, link := filepath.Join(dir, "folder"), filepath.Join(dir, "link")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(os.DevNull, link); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{folder, link} {
		if _, err := state.Acquire(context.Background(), path, false); !errors.Is(err, state.ErrNotFile) {
			t.Errorf("locking %s: %v", path, err)
		}
		s, err := state.Open(path, false, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if len(s.Notes) != 1 || s.Notes[0].Kind != "readonly" || !errors.Is(s.Notes[0].Err, state.ErrNotFile) || s.Writable() {
			t.Errorf("%s: %+v", path, s.Notes)
		}
		if err := s.Commit(); !errors.Is(err, state.ErrReadOnly) {
			t.Errorf("writing %s: %v", path, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("%v, %v", entries, err)
	}
	if st, err := os.Stat(os.DevNull); err != nil || st.Mode().IsRegular() {
		t.Fatalf("%s is %v, %v", os.DevNull, st.Mode(), err)
	}
}
