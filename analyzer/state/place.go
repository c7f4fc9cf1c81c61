package state

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// ErrNotFile is returned for a path where something lies that is no file to keep a state in. A new state takes the place of
// the old one: of a device, as /dev/null is, it would leave a file.
var ErrNotFile = errors.New("state: not a regular file")

// plain reports, as an error, whether something other than a regular file lies at path.
func plain(path string) error {
	st, err := os.Stat(path)
	if err != nil || st.Mode().IsRegular() {
		return nil // what else is wrong shows when it is opened
	}
	return fmt.Errorf("%w (%s)", ErrNotFile, st.Mode().Type())
}

// maxLinks is how many links are followed one after the other, as Linux does (path_resolution(7)).
const maxLinks = 40

// target follows a link to where it leads, even if nothing is there yet.
func target(path string) string {
	if resolved, err := filepath.EvalSymlinks(path); err == nil {
		return resolved
	}
	for range maxLinks {
		to, err := os.Readlink(path)
		if err != nil {
			break
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(path), to)
		}
		path = to
	}
	return path
}

// publish gives a new file the state's own name once there is a commit in it. It is closed for that: Windows renames
// nothing that is open.
func (s *Store) publish() error {
	if err := s.log.f.Close(); err != nil {
		return err
	}
	err, name := os.Rename(s.temp, s.Path), s.Path
	if err != nil {
		name = s.temp
	}
	f, oerr := openFile(name, false)
	if oerr != nil {
		s.log = nil // nothing more can be kept
		return errors.Join(err, oerr)
	}
	s.log.f = f
	if err != nil {
		return err
	}
	s.temp = ""
	return syncDir(filepath.Dir(s.Path))
}

// removeLeft takes away what runs that were killed left of new files. One that can't be taken away does no harm.
func removeLeft(path string) {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), filepath.Base(path)+".") && strings.HasSuffix(e.Name(), tempSuffix) && e.Type().IsRegular() {
			_ = os.Remove(filepath.Join(filepath.Dir(path), e.Name()))
		}
	}
}

// setAside renames a file so that another can take its place.
func setAside(path string, now time.Time) (string, error) {
	aside := path + "." + now.UTC().Format("20060102-150405") + ".aside"
	for n := 2; ; n++ {
		if _, err := os.Lstat(aside); errors.Is(err, fs.ErrNotExist) {
			break
		}
		aside = fmt.Sprintf("%s.%s-%d.aside", path, now.UTC().Format("20060102-150405"), n)
	}
	return aside, os.Rename(path, aside)
}
