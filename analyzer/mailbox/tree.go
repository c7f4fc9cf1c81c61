package mailbox

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/content"
)

// folder is a folder of the source.
type folder struct {
	w     *walk
	dir   string // as the operating system takes it
	rel   string // below the source, with forward slashes; "." for the source itself
	depth int
	sum   tree
	head  []byte
	moves bool // what is gone from it may have got another name: cur and new of a Maildir
}

// errGone is returned for an entry that is no longer there under its name.
var errGone = errors.New("gone")

// source walks a source that is a folder.
func (w *walk) source(fs.FileInfo) error {
	var sum tree
	if w.cfg.NewHash != nil {
		sum.sum = w.cfg.NewHash()
	}
	f := &folder{w: w, dir: w.src.Path, rel: ".", sum: sum, head: make([]byte, content.Window)}
	if err := w.stop(f.walk()); err != nil {
		return err
	}
	if err := w.stop(w.lookAgain()); err != nil {
		return err
	}
	if sum.sum != nil {
		sum.sum.Sum(w.count.SHA256[:0])
	}
	return nil
}

// path is the location path of an entry.
func (f *folder) path(name string) []string {
	if f.rel == "." {
		return []string{evidence.EscapeName(name)}
	}
	return []string{evidence.EscapeName(f.rel + "/" + name)}
}

// self is the location path of the folder.
func (f *folder) self() []string { return []string{evidence.EscapeName(f.rel)} }

// enter is the folder below.
func (f *folder) enter(name string) *folder {
	return &folder{w: f.w, dir: filepath.Join(f.dir, name), rel: f.name(name), depth: f.depth + 1, sum: f.sum, head: f.head}
}

// list reads the folder's entries, sorted bytewise. What could be read of a folder that fails midway is used.
func (f *folder) list() ([]fs.DirEntry, error) {
	entries, err := os.ReadDir(f.dir)
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	if err != nil {
		return entries, f.w.problem(f.w.location(f.self(), 0, 0), "io", plain(err), true)
	}
	return entries, nil
}

// walk reads the folder: its messages, then its mailboxes and archives, then its folders.
func (f *folder) walk() error {
	if err := f.w.ctx.Err(); err != nil {
		return err
	}
	entries, err := f.list()
	if err != nil {
		return err
	}
	if f.excluded(entries) {
		return f.w.skipped(f.self(), 0, "report")
	}
	if isMaildir(entries) {
		return f.maildir(entries)
	}
	if err := f.files(entries); err != nil {
		return err
	}
	return f.folders(entries, nil)
}

// files reads the files among the entries: single messages, then mailboxes and archives.
func (f *folder) files(entries []fs.DirEntry) error {
	containers, err := f.messages(entries)
	if err != nil {
		return err
	}
	for _, name := range containers {
		if err := f.container(name); err != nil {
			return err
		}
	}
	return nil
}

// folders enters the folders among the entries but those in skip.
func (f *folder) folders(entries []fs.DirEntry, skip []string) error {
	for _, e := range entries {
		if !e.IsDir() || slices.Contains(skip, e.Name()) {
			continue
		}
		if f.depth >= f.w.cfg.Limits.TreeDepth {
			reason := fmt.Sprintf("folders lie in one another deeper than the limit %s", limit.NameTreeDepth)
			if err := f.w.problem(f.w.location(f.path(e.Name()), 0, 0), "limit", reason, true); err != nil {
				return err
			}
			continue
		}
		if err := f.enter(e.Name()).walk(); err != nil {
			return err
		}
	}
	return nil
}

// excluded reports whether the folder is one of Config.Exclude or holds reports of mailaudit.
func (f *folder) excluded(entries []fs.DirEntry) bool {
	if abs, err := filepath.Abs(f.dir); err == nil && slices.Contains(f.w.cfg.Exclude, abs) {
		return true
	}
	for _, e := range entries {
		if e.Name() == evidence.ManifestName && e.Type().IsRegular() {
			return isReport(filepath.Join(f.dir, e.Name()))
		}
	}
	return false
}

// isReport reports whether a file is a manifest of mailaudit, so that its folder holds reports and the spool.
func isReport(name string) bool {
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	_, err = evidence.ReadManifest(f)
	return err == nil
}

// name is the name of an entry below the source.
func (f *folder) name(entry string) string {
	if f.rel == "." {
		return entry
	}
	return f.rel + "/" + entry
}

// open opens an entry; nil without an error where there is nothing to read, which was reported.
func (f *folder) open(e fs.DirEntry) (*file, error) {
	path := f.path(e.Name())
	name := filepath.Join(f.dir, e.Name())
	if e.Type()&fs.ModeSymlink != 0 {
		return f.link(e, name, path)
	}
	if !e.Type().IsRegular() {
		return nil, f.w.skipped(path, 0, special(e.Type()))
	}
	x, err := f.w.openFile(name, path)
	if err != nil {
		switch {
		case errors.Is(err, ErrNotMail):
			return nil, f.w.skipped(path, 0, "special_file")
		case f.moves && errors.Is(err, fs.ErrNotExist):
			return nil, errGone
		}
		var size int64
		if st, serr := e.Info(); serr == nil {
			size = st.Size()
		}
		f.w.count.Size += size
		return nil, f.w.unreadable(path, size, err)
	}
	f.w.count.Size += x.st.Size()
	return x, nil
}

// link follows a symbolic link to a file; one to a folder could lead anywhere, and in circles.
func (f *folder) link(e fs.DirEntry, name string, path []string) (*file, error) {
	st, err := os.Stat(name)
	switch {
	case err != nil:
		return nil, f.w.skipped(path, 0, "broken_symlink")
	case f.moves && !f.w.inside(name):
		return nil, f.w.skipped(path, 0, "symlink_out_of_source")
	case st.IsDir():
		return nil, f.w.skipped(path, 0, "symlink_to_folder")
	case !st.Mode().IsRegular():
		return nil, f.w.skipped(path, 0, special(st.Mode()))
	}
	x, err := f.w.openFile(name, path)
	if err != nil {
		return nil, f.w.unreadable(path, 0, err)
	}
	f.w.count.Size += x.st.Size()
	return x, nil
}

// inside reports whether a link leads to a file below the source. No mail program puts links into a Maildir, and mail of
// elsewhere is read where it is named.
func (w *walk) inside(name string) bool {
	root, err := filepath.EvalSymlinks(w.src.Path)
	if err != nil {
		return false
	}
	to, err := filepath.EvalSymlinks(name)
	if err != nil {
		return false
	}
	rel, err := filepath.Rel(root, to)
	return err == nil && filepath.IsLocal(rel)
}

// container reads a mailbox or an archive.
func (f *folder) container(name string) error {
	st, err := os.Stat(filepath.Join(f.dir, name))
	if err != nil {
		return f.w.unreadable(f.path(name), 0, err)
	}
	beside, err := f.w.summaryOf(filepath.Join(f.dir, name), f.path(summaryName(name)))
	if err != nil {
		return err
	}
	if u := f.w.recall(f.name(name), st, beside.context); u != nil && u.Box != nil && f.w.same(filepath.Join(f.dir, name), st, u) {
		f.sum.add(u.SHA256, f.path(name))
		return f.w.reuse(u)
	}
	x, err := f.open(fs.FileInfoToDirEntry(st))
	if err != nil || x == nil {
		return err
	}
	f.w.enter(x, f.name(name), beside.context)
	return f.done(x, true, f.w.file(x, beside))
}

// done closes a file that was read.
func (f *folder) done(x *file, whole bool, err error) error {
	digest, cerr := x.close(whole)
	f.sum.add(digest, x.path)
	return errors.Join(err, cerr)
}
