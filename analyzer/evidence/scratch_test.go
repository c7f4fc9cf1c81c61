package evidence

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// A folder is gone with all that is in it, by either way, and one that is gone already is no error; a link is removed, not what
// it leads to.
func TestRemoveScratch(t *testing.T) {
	for name, remove := range map[string]func(string) error{"at once": RemoveScratch, "by name": removeByName} {
		root := t.TempDir()
		dir, other := filepath.Join(root, "scratch"), filepath.Join(root, "other")
		for _, d := range []string{filepath.Join(dir, "package", "xl"), other} {
			if err := os.MkdirAll(d, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(d, "file"), []byte("x"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Symlink(other, filepath.Join(dir, "link")); err != nil {
			t.Logf("no links here: %v", err)
		}
		for range 2 {
			if err := remove(dir); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: it is still there: %v", name, err)
		}
		if _, err := os.Stat(filepath.Join(other, "file")); err != nil {
			t.Errorf("%s: what a link leads to is gone: %v", name, err)
		}
	}
}
