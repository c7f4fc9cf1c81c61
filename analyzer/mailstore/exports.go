package mailstore

import (
	"archive/zip"
	"errors"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Limits of looking through downloads.
const (
	maxNames   = 500_000 // in the folder itself
	maxFolders = 500     // that are looked into
	maxBelow   = 2_000   // names in each
	maxParts   = 1_000   // files of one store
	maxIndex   = 32 << 20
)

// exports looks for mail in a folder in which everything else lies as well. Of a file only the name is looked at; folders in
// it are looked into one step deep, and those of an unpacked export two.
func (s *search) exports(i int, table []export, dir string) {
	f := s.sift(table, dir, maxNames)
	if st, ok := s.refused(dir, f.err); ok {
		if s.OS == "darwin" {
			st = FullDisk
		}
		s.add(i, Store{Kind: "exports", Paths: []string{dir}, State: st})
		return
	}
	s.offer(i, table, dir, f)
	slices.Sort(f.folders)
	for _, name := range f.folders[:min(len(f.folders), maxFolders)] {
		s.unpacked(i, table, filepath.Join(dir, name))
	}
}

// sifted are the names in a folder that tell of mail.
type sifted struct {
	files   map[int][]string // names by row of the table
	folders []string
	err     error
}

func (s *search) sift(table []export, dir string, most int) sifted {
	f := sifted{files: map[int][]string{}}
	f.err = s.Disk.ReadDir(dir, func(e fs.DirEntry) bool {
		most--
		switch name := e.Name(); {
		case strings.HasPrefix(name, "."):
		case e.IsDir():
			f.folders = append(f.folders, name)
		case e.Type().IsRegular():
			row := slices.IndexFunc(table, func(x export) bool { return matches(x.Names, name) })
			if row >= 0 && len(f.files[row]) < maxParts {
				f.files[row] = append(f.files[row], name)
			}
		}
		return most > 0 && s.ctx.Err() == nil
	})
	return f
}

// offer makes stores of the files of a folder.
func (s *search) offer(i int, table []export, dir string, f sifted) {
	for row, names := range f.files {
		x := table[row]
		slices.Sort(names)
		groups := [][]string{names}
		if !x.Join {
			groups = groups[:0]
			for _, n := range names {
				groups = append(groups, []string{n})
			}
		}
		for _, g := range groups {
			st := Store{Program: x.Program, Kind: "exports", Name: filepath.Base(dir), Advice: x.Advice}
			if len(g) == 1 {
				st.Name = g[0]
			}
			if x.Advice != "" {
				st.State = Other
			}
			for _, n := range g {
				st.Paths = append(st.Paths, filepath.Join(dir, n))
			}
			s.spawn(i, st.Paths[0], nil, func() {
				if x.Open {
					st.Paths = slices.DeleteFunc(st.Paths, func(p string) bool { return !s.holdsMail(p) })
				}
				if len(st.Paths) > 0 {
					s.measure(&st, st.Paths...)
					s.add(i, st)
				}
			})
		}
	}
}

// unpacked looks into a folder among the downloads: an mbox folder as Apple Mail exports it, an unpacked Takeout, a folder
// into which somebody saved messages.
func (s *search) unpacked(i int, table []export, dir string) {
	name := filepath.Base(dir)
	lower := strings.ToLower(name)
	switch {
	case strings.HasSuffix(lower, ".app") || lower == "node_modules" || s.ctx.Err() != nil:
		return
	case strings.HasSuffix(lower, ".mbox"):
		s.later(i, Store{Program: "Apple Mail", Kind: "exports", Name: name, Paths: []string{dir}}, dir)
		return
	}
	f := s.sift(table, dir, maxBelow)
	if slices.Contains(f.folders, "cur") && slices.Contains(f.folders, "new") {
		s.later(i, Store{Kind: "exports", Name: name, Paths: []string{dir}}, dir) // a Maildir
		return
	}
	if len(f.files) > 0 {
		if strings.EqualFold(filepath.Base(filepath.Dir(dir)), "Takeout") { // its name is Mail in the person's language
			s.later(i, Store{Program: "Google Takeout", Kind: "exports", Name: filepath.Base(filepath.Dir(dir)), Paths: []string{dir}}, dir)
			return
		}
		s.offer(i, table, dir, f)
	}
	slices.Sort(f.folders)
	for _, below := range f.folders[:min(len(f.folders), maxFolders)] {
		switch {
		case strings.EqualFold(below, "Takeout"), strings.EqualFold(name, "Takeout") && s.unpackedMail(table, filepath.Join(dir, below)):
			s.unpacked(i, table, filepath.Join(dir, below))
		case strings.HasSuffix(strings.ToLower(below), ".mbox"):
			s.unpacked(i, table, filepath.Join(dir, below))
		}
	}
}

// unpackedMail reports whether mailboxes lie in a folder of an unpacked Takeout. Its name is Mail in the person's language.
func (s *search) unpackedMail(table []export, dir string) bool {
	return len(s.sift(table, dir, maxBelow).files) > 0
}

// holdsMail reports whether the index of a zip archive names mail. One whose index can't be read is left to the scan, which
// says what is wrong with it.
func (s *search) holdsMail(name string) bool {
	info, err := s.Disk.Stat(name)
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	f, err := s.Disk.Open(name)
	if err != nil {
		return true // it is listed with the reason why it can't be read
	}
	defer func() { _ = f.Close() }()
	r, err := zip.NewReader(&rationed{f, maxIndex}, info.Size())
	if err != nil {
		return strings.HasPrefix(strings.ToLower(filepath.Base(name)), "takeout-")
	}
	for _, member := range r.File {
		switch base := strings.ToLower(path.Base(member.Name)); path.Ext(base) {
		case ".mbox", ".eml", ".emlx", ".pst", ".msg", ".mbx":
			return true
		default:
			if dir := path.Base(path.Dir(member.Name)); base != "." && (dir == "cur" || dir == "new" || base == "mbox" || base == "inbox") {
				return true
			}
		}
	}
	return false
}

// rationed is a file of which only so much is read: the index of an archive may claim to be as large as it likes.
type rationed struct {
	r    io.ReaderAt
	left int64
}

var errRation = errors.New("mailstore: the index of the archive is too large")

func (r *rationed) ReadAt(p []byte, at int64) (int, error) {
	if r.left -= int64(len(p)); r.left < 0 {
		return 0, errRation
	}
	return r.r.ReadAt(p, at)
}
