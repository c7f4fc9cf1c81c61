package evidence

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// RemoveScratch removes a folder in which a run worked, with all that is in it: it held mail, so it must not stay.
//
// On Windows os.RemoveAll deletes by handle, which some file systems of other makers, shared folders and Wine refuse. There
// everything is removed by its name.
func RemoveScratch(dir string) error {
	if err := os.RemoveAll(dir); err == nil {
		return nil
	}
	return removeByName(dir)
}

func removeByName(dir string) error {
	var names []string
	err := filepath.WalkDir(dir, func(name string, _ fs.DirEntry, err error) error {
		names = append(names, name)
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	for _, name := range slices.Backward(names) { // what is in a folder stands behind it
		if rerr := os.Remove(name); rerr != nil && !errors.Is(rerr, fs.ErrNotExist) {
			err = errors.Join(err, rerr)
		}
	}
	return err
}
