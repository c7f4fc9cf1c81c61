package mailstore

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// disk is the real file system.
type disk struct{}

// chunk is how many names are asked for at once: a folder of a hundred thousand is never held whole.
const chunk = 512

func (disk) ReadDir(name string, each func(fs.DirEntry) bool) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	for {
		list, err := f.ReadDir(chunk)
		for _, e := range list {
			if !each(e) {
				return nil
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (disk) Stat(name string) (fs.FileInfo, error) { return os.Stat(name) }

func (disk) Open(name string) (*os.File, error) { return os.Open(name) }

// key is a path with its links resolved.
func (s *search) key(path string) string {
	if _, onDisk := s.Disk.(disk); onDisk {
		if p, err := filepath.EvalSymlinks(path); err == nil {
			path = p
		}
	}
	path = filepath.Clean(path)
	if s.OS == "windows" || s.OS == "darwin" {
		path = strings.ToLower(path) // their file systems don't tell case apart
	}
	return path
}

// read gives the first max bytes of a regular file; "" where that can't be had. A pipe by that name is not opened.
func (s *search) read(path string, most int64) string {
	info, err := s.Disk.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return ""
	}
	f, err := s.Disk.Open(path)
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }()
	raw, err := io.ReadAll(io.LimitReader(f, most))
	if err != nil {
		return ""
	}
	return string(raw)
}

// refused turns an error of the file system into a state; ok is false for all but a refusal.
func (s *search) refused(path string, err error) (st State, ok bool) {
	if !errors.Is(err, fs.ErrPermission) {
		return "", false
	}
	if s.OS == "darwin" && s.guarded(path) {
		return FullDisk, true
	}
	return Denied, true
}

// guarded reports whether macOS keeps programs out of a folder until the person allows it. It says EPERM then, which
// fs.ErrPermission is.
func (s *search) guarded(path string) bool {
	rel, err := filepath.Rel(s.Home, path)
	return err == nil && (rel == "Library" || strings.HasPrefix(rel, "Library"+string(filepath.Separator)))
}

// measure counts the files of a store and adds up their sizes. Links are not followed, but for the path itself.
func (s *search) measure(st *Store, paths ...string) {
	if st.State == "" {
		st.State = Readable
	}
	m := meter{search: s, store: st, left: s.limits.Entries}
	for _, p := range paths {
		m.path(p)
	}
}

type meter struct {
	*search
	store *Store
	left  int
}

func (m *meter) path(path string) {
	info, err := m.Disk.Stat(path)
	if err != nil {
		m.fail(path, err)
		return
	}
	if !info.IsDir() {
		if info.Mode().IsRegular() {
			m.file(info)
			m.try(path)
		}
		return
	}
	m.folder(path, 0)
}

// depth is how deep folders are followed: the deepest mail that a program keeps lies about ten folders down.
const depth = 24

func (m *meter) folder(dir string, level int) {
	if level > depth || m.over() {
		m.store.AtLeast = true
		return
	}
	var below []string
	err := m.Disk.ReadDir(dir, func(e fs.DirEntry) bool {
		if m.left--; m.over() {
			m.store.AtLeast = true
			return false
		}
		switch {
		case e.IsDir():
			below = append(below, e.Name())
		case e.Type().IsRegular() && !noMail(e.Name()):
			if info, err := e.Info(); err == nil {
				m.file(info)
			}
		}
		return true
	})
	if err != nil {
		if level == 0 {
			m.fail(dir, err)
		} else {
			m.store.AtLeast = true
		}
	}
	for _, name := range below {
		m.folder(filepath.Join(dir, name), level+1)
	}
}

func (m *meter) over() bool { return m.left <= 0 || m.ctx.Err() != nil }

func (m *meter) file(info fs.FileInfo) {
	if info.Size() == 0 {
		return
	}
	m.store.Files++
	m.store.Size += info.Size()
	if t := info.ModTime(); t.After(m.store.Newest) {
		m.store.Newest = t
	}
}

// try opens a file without reading it: whether that is allowed nothing else tells.
func (m *meter) try(path string) {
	f, err := m.Disk.Open(path)
	if err != nil {
		m.fail(path, err)
		return
	}
	_ = f.Close()
}

func (m *meter) fail(path string, err error) {
	if st, ok := m.refused(path, err); ok && m.store.State == Readable {
		m.store.State = st
	}
}

// noMail reports whether a file is what mail programs keep beside mail.
func noMail(name string) bool {
	ext := strings.ToLower(filepath.Ext(name))
	switch ext {
	case ".msf", ".dat", ".sqlite", ".sqlite-wal", ".sqlite-shm", ".db", ".cmeta", ".data", ".index", ".json", ".html", ".js", ".ini", ".plist", ".log", ".lock", ".xml":
		return true
	}
	return strings.HasPrefix(name, ".") && ext == "" || strings.HasPrefix(name, "dovecot")
}

// within reports whether a time lies in what a person would believe; file systems tell of 1601 and of 2107.
func within(t time.Time) bool { return t.Year() > 1985 && t.Year() < 2100 }
