package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/state"
	"github.com/mailaudit/mailaudit/report"
)

// output is the folder a run writes into. Every file is written under a temporary name, for the owner's eyes only, and
// renamed when it is whole: whoever looks at the folder sees the old report or the new one, never half of one.
//
// The first thing that is written is a manifest without an end: it says whose the folder is, so that a run that is killed
// at any moment leaves a folder that the next one takes.
type output struct {
	dir   string // absolute
	old   *evidence.Manifest
	files []evidence.Written
	made  bool // this run made the folder
	own   bool // this run wrote the first manifest
	ended bool // the folder is as finish left it
	lock  *state.Lock
}

// tempPrefix begins the names of files that are being written.
const tempPrefix = ".mailaudit-"

// openOutput makes the folder, or takes one that an earlier run made. It refuses a folder inside a source, since nothing
// is ever written beside mail, and one that holds somebody else's files of the same names.
func (p *program) openOutput(dir string, sources []string) (*output, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("finding the output folder: %w", err)
	}
	if err := p.outsideMail(dir, sources); err != nil {
		return nil, err
	}
	if info, err := os.Stat(abs); err == nil && !info.IsDir() {
		return nil, &failure{
			exitUsage, fmt.Sprintf(p.ui.tr("%s is a file, not a folder", "%s はフォルダーではなくファイルです"), dir),
			p.ui.tr("name a folder with --output DIR", "--output でフォルダーを指定してください"), nil,
		}
	}
	o := &output{dir: abs}
	name := filepath.Join(abs, evidence.ManifestName)
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		// Not one of ours: below.
	} else if f, err := os.Open(name); err == nil {
		o.old, err = evidence.ReadManifest(f)
		if cerr := f.Close(); err == nil {
			err = cerr
		}
		if err != nil && !errors.Is(err, evidence.ErrNotManifest) {
			return nil, fmt.Errorf("reading the manifest of an earlier run: %w", err)
		}
	}
	if o.old == nil {
		for _, name := range append([]string{evidence.ManifestName}, reportNames()...) {
			if _, err := os.Lstat(filepath.Join(abs, name)); err == nil {
				return nil, &failure{
					exitUsage, fmt.Sprintf(p.ui.tr("%s already holds a file %s that mailaudit did not write", "%s には、mailaudit が作成したものではない %s があります"), dir, name),
					p.ui.tr("name another folder with --output DIR", "--output で別のフォルダーを指定してください"), nil,
				}
			}
		}
	}
	err = o.take(p.now())
	if errors.Is(err, state.ErrLocked) {
		return nil, &failure{
			exitUsage, fmt.Sprintf(p.ui.tr("another run is writing into %s", "%s には、ほかの実行が書き込み中です"), dir),
			p.ui.tr("wait for it, or name another folder with --output DIR", "終わるのを待つか、--output で別のフォルダーを指定してください"), err,
		}
	}
	if err != nil {
		return nil, p.unwritable(dir, err)
	}
	return o, nil
}

// unwritable says that nothing can be written into a folder, and why.
func (p *program) unwritable(dir string, err error) error {
	why := err.Error()
	for _, r := range []struct {
		is     error
		en, ja string
	}{
		{fs.ErrPermission, "you have no permission to write there", "書き込む権限がありません"},
		{syscall.ENOSPC, "the disk is full", "ディスクに空きがありません"},
		{syscall.EROFS, "the disk is read-only", "ディスクが読み取り専用です"},
		{syscall.ENOTDIR, "part of the path is a file, not a folder", "パスの途中がフォルダーではありません"},
		{syscall.ENAMETOOLONG, "the name is too long", "名前が長すぎます"},
		{fs.ErrNotExist, "it cannot be made there", "そこにはフォルダーを作れません"},
	} {
		if errors.Is(err, r.is) {
			why = p.ui.tr(r.en, r.ja)
			break
		}
	}
	return &failure{
		exitUsage, fmt.Sprintf(p.ui.tr("the output folder %s cannot be written: %s", "出力先 %s に書き込めません。%s"), dir, why),
		p.ui.tr("name another folder with --output DIR", "--output で別のフォルダーを指定してください"), err,
	}
}

// outsideMail refuses to write reports where the mail is.
func (p *program) outsideMail(dir string, sources []string) error {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return fmt.Errorf("finding the output folder: %w", err)
	}
	for _, source := range sources {
		if inside(abs, source) {
			return &failure{
				exitUsage, fmt.Sprintf(p.ui.tr("the output folder %s is inside the mail source %s", "出力先 %s が、読み込むメール %s のある場所です"), dir, source),
				p.ui.tr("reports are never written next to mail; choose another folder with --output DIR", "メールのある場所には何も書き込みません。--output で別のフォルダーを指定してください"), nil,
			}
		}
	}
	return nil
}

// take makes the folder this run's own, and takes away what runs that were killed left half written in it.
func (o *output) take(now time.Time) error {
	if _, err := os.Lstat(o.dir); errors.Is(err, fs.ErrNotExist) {
		o.made = true
	}
	if err := os.MkdirAll(o.dir, 0o700); err != nil {
		return err
	}
	var err error
	if o.lock, err = state.Acquire(context.Background(), filepath.Join(o.dir, lockName), false); errors.Is(err, state.ErrLocked) {
		return err
	}
	// Where the lock can't be had, on a file system that knows none, age has to tell. A run that was killed before its manifest
	// had its name left that: a folder without one can hold such files too.
	left := leftAfter
	if o.lock != nil {
		left = -1
	}
	removeLeft(o.dir, now, left)
	if o.old != nil {
		return nil
	}
	o.own = true
	return o.writeManifest(&evidence.Manifest{
		Tool: evidence.ManifestTool, Form: evidence.ManifestForm, Version: version, Started: now.UTC(),
		Sources: []evidence.Original{}, Files: []evidence.Written{},
	})
}

// newsName is the file in which a nightly run says what it told.
const newsName = "new.json"

// reportNames are the names of all reports.
func reportNames() (list []string) {
	for _, format := range report.Formats() {
		if name := report.FileName(format); name != "" {
			list = append(list, name)
		}
	}
	return list
}

// lockName is the name, without its end, of the file by which runs keep others out of their folder.
const lockName = tempPrefix + "run"

// leftAfter is how long nothing was written to a temporary file before it is taken to be that of a run that was killed: no
// run is silent for so long.
const leftAfter = time.Hour

// removeLeft takes away temporary files and folders that runs which were killed left. They hold mail. What can't be taken
// away does no harm.
func removeLeft(dir string, now time.Time, after time.Duration) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), tempPrefix) || strings.HasPrefix(e.Name(), lockName) {
			continue
		}
		if info, err := e.Info(); err == nil && (after < 0 || now.Sub(info.ModTime()) > after) {
			_ = evidence.RemoveScratch(filepath.Join(dir, e.Name()))
		}
	}
}

// close ends the run's hold on the folder. One that a run took and wrote nothing into is as it was.
func (o *output) close() {
	if o.lock != nil {
		name := filepath.Join(o.dir, lockName+".lock")
		err := os.Remove(name) // while it is held, so that nobody else's is taken away
		_ = o.lock.Release()
		if err != nil {
			_ = os.Remove(name) // Windows removes nothing that is open
		}
	}
	if o.ended || !o.own || len(o.files) > 0 {
		return
	}
	_ = os.Remove(filepath.Join(o.dir, evidence.ManifestName))
	if o.made {
		_ = os.Remove(o.dir) // only if it is empty
	}
}

// inside reports whether path lies in the folder that source names, or is that folder, links resolved. Of a source that is
// a file its own folder counts, but not what lies below: reports are not strewn among mail.
func inside(path, source string) bool {
	info, err := os.Stat(source)
	if err != nil {
		return false
	}
	root, err := filepath.Abs(source)
	if err != nil {
		return false
	}
	if !info.IsDir() {
		return resolve(filepath.Dir(root)) == resolve(path)
	}
	rel, err := filepath.Rel(resolve(root), resolve(path))
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// resolve follows links of as much of a path as there is.
func resolve(path string) string {
	if resolved, err := filepath.EvalSymlinks(path); err == nil {
		return resolved
	}
	dir, name := filepath.Split(filepath.Clean(path))
	if dir == "" || dir == path {
		return path
	}
	return filepath.Join(resolve(filepath.Clean(dir)), name)
}

// write makes one file of the folder.
func (o *output) write(name string, do func(io.Writer) error) error {
	sum := sha256.New()
	size := counter(0)
	err := o.replace(name, func(f *os.File) error { return do(io.MultiWriter(f, sum, &size)) })
	if err != nil {
		return err
	}
	o.wrote(name, int64(size), sum)
	return nil
}

// wrote notes a file of the folder for the manifest.
func (o *output) wrote(name string, size int64, sum hash.Hash) {
	w := evidence.Written{Name: name, Size: size}
	sum.Sum(w.SHA256[:0])
	o.files = append(o.files, w)
}

// adopt makes a temporary file of the folder one of its files. It is hashed while the disk takes it.
func (o *output) adopt(name string, f *os.File) error {
	synced := make(chan error, 1)
	go func() { synced <- f.Sync() }()
	sum := sha256.New()
	size, err := io.Copy(sum, io.NewSectionReader(f, 0, math.MaxInt64))
	if err := errors.Join(err, <-synced); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	if err := os.Rename(f.Name(), filepath.Join(o.dir, name)); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	o.wrote(name, size, sum)
	return nil
}

// replace writes a file under a temporary name and renames it.
func (o *output) replace(name string, do func(*os.File) error) (err error) {
	f, err := os.CreateTemp(o.dir, tempPrefix+"*.tmp") // mode 0600
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("writing %s: %w", name, err), ignoreMissing(os.Remove(f.Name())))
		}
	}()
	if err := do(f); err != nil {
		return errors.Join(err, f.Close())
	}
	// The name must not be seen before the bytes are safe: a power cut would leave an empty report.
	if err := f.Sync(); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), filepath.Join(o.dir, name))
}

// finish writes the manifest and takes away what the earlier run wrote and this one did not: a stale report beside a new
// one would tell two stories. Only files that are still as that run wrote them are taken away.
func (o *output) finish(m *evidence.Manifest) error {
	m.Files = slices.Clone(o.files)
	slices.SortFunc(m.Files, func(a, b evidence.Written) int { return strings.Compare(a.Name, b.Name) })
	if err := o.writeManifest(m); err != nil {
		return err
	}
	o.ended = true
	if o.old == nil {
		return nil
	}
	if o.old.Finished.IsZero() {
		// The run before was killed and did not say what it had written.
		for _, name := range append(reportNames(), newsName) {
			if _, kept := m.File(name); !kept {
				if err := ignoreMissing(os.Remove(filepath.Join(o.dir, name))); err != nil {
					return fmt.Errorf("removing the report of an earlier run: %w", err)
				}
			}
		}
		return nil
	}
	for _, f := range o.old.Files {
		if _, kept := m.File(f.Name); kept || f.Name != filepath.Base(f.Name) {
			continue
		}
		path := filepath.Join(o.dir, f.Name)
		if got, err := digestOf(path); err == nil && got == f.SHA256 {
			if err := os.Remove(path); err != nil {
				return fmt.Errorf("removing the report of an earlier run: %w", err)
			}
		}
	}
	return nil
}

func (o *output) writeManifest(m *evidence.Manifest) error {
	return o.replace(evidence.ManifestName, func(f *os.File) error {
		w := bufio.NewWriter(f)
		if err := m.Write(w); err != nil {
			return err
		}
		return w.Flush()
	})
}

// paths are the files that were written, as a person would name them.
func (o *output) paths(typed string) []string {
	var list []string
	for _, f := range o.files {
		list = append(list, filepath.Join(typed, f.Name))
	}
	return list
}

// digestOf hashes a file. A name from a manifest may be that of a pipe, on which reading waits for ever.
func digestOf(path string) (d evidence.Digest, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return d, err
	}
	if !info.Mode().IsRegular() {
		return d, fmt.Errorf("%s is not a plain file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return d, err
	}
	hash := sha256.New()
	_, err = io.Copy(hash, f)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	hash.Sum(d[:0])
	return d, err
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// counter counts what is written to it.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
