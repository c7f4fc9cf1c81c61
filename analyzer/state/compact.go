package state

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// slack is how much of the file may be out of use before it is written anew, besides half as much as is in use.
const slack = 256 << 10

// Compact writes the file anew where a third of it or more is out of use. An error leaves the old file as it was.
func (s *Store) Compact() error {
	if !s.Writable() {
		return nil
	}
	if total, used := s.Size(); total-used < used/2+slack {
		return nil
	}
	return s.rewrite()
}

// rewrite copies what is in use into a file of its own and puts that in the place of the old one.
func (s *Store) rewrite() (err error) {
	f, err := os.CreateTemp(filepath.Dir(s.Path), filepath.Base(s.Path)+".*"+tempSuffix) // mode 0600
	if err != nil {
		return fmt.Errorf("compacting the state: %w", err)
	}
	to := newLog(f)
	old := make(map[*Ref]Ref)
	defer func() {
		if err != nil {
			for r, v := range old {
				*r = v
			}
			_ = f.Close() // it may be closed already
			err = errors.Join(fmt.Errorf("compacting the state: %w", err), os.Remove(f.Name()))
		}
	}()
	for _, r := range s.refs() {
		raw, err := s.log.raw(*r)
		if err != nil {
			return err
		}
		moved, err := to.appendRaw(raw)
		if err != nil {
			return err
		}
		old[r] = *r
		*r = moved
	}
	root, err := json.Marshal(&s.Root)
	if err != nil {
		return err
	}
	if err := to.commit(root); err != nil {
		return err
	}
	if err := s.swap(f); err != nil {
		return err
	}
	old = nil
	to.f = s.log.f
	s.log = to
	return syncDir(filepath.Dir(s.Path))
}

// swap puts a file that is open and safe on disk in the place of the state file and opens it there. Both are closed
// first: Windows renames nothing that is open.
func (s *Store) swap(f *os.File) error {
	if err := errors.Join(f.Close(), s.log.f.Close()); err != nil {
		return err
	}
	err := os.Rename(f.Name(), s.Path)
	now, oerr := openFile(s.Path, false)
	if oerr != nil {
		s.log = nil // nothing more can be kept
		return errors.Join(err, oerr)
	}
	s.log.f = now
	return err
}
