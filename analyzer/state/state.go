// Package state keeps what earlier runs saw, so that the next one reads only what is new and says only what is new.
//
// Two things are kept apart. The state file is a cache: facts and tallies of mail that was read, the table of the files
// they came from, how they were judged, and the memory of what was told. Deleting it costs one full scan and a repetition of what is there to
// be told. Acknowledgements are not in it: they are a person's words, and stand in a text file of their own (Acks).
//
// The file is a log. Sections (compressed, with a checksum of their own) are only ever appended; a commit writes a root
// section that names the ones in use, syncs, and then writes one of two small slots at the start that point at the
// root, in turns. So whatever ends a run, at whatever moment, the file is as the last commit left it: an unfinished
// section lies behind its end, an unfinished slot fails its checksum and the other one counts. When a third of
// the file is out of use it is written anew beside the old one and renamed. Nothing is mapped into memory and damage is
// an error, never a panic: that is why this is not a database.
//
// A damaged file, or one of a later version, is set aside under another name and rebuilt from the mail; Store.Notes says
// so. A file that cannot be written is used as it is, and kept as it is.
package state

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Version is the version of the state file. Of a file of an earlier one what was told is carried over and the rest is
// rebuilt from the mail; a file of a later one is set aside.
const Version = 4

// oldest is the earliest version whose memory of what was told is understood.
const oldest = 3

// Errors of Open.
var (
	// ErrDamaged is returned for a state file that fails its checksums.
	ErrDamaged = errors.New("state: damaged")
	// ErrVersion is returned for a state file of a later version, or for a file that is none.
	ErrVersion = errors.New("state: not a state file of this version")
)

// Note tells of something that happened to the state and that a person should know.
type Note struct {
	Kind string // "damaged", "version", "readonly", "clock"
	Path string // where the old file is now, for "damaged" and "version"
	Err  error
}

// Store is an open state file. It is used by one goroutine at a time.
type Store struct {
	Path  string
	Notes []Note
	Root  Root

	log      *log
	readOnly bool
	fresh    bool // there was no usable file
	upgraded bool // the file was of an earlier version
	// temp is the name under which the file is written until there is a commit in it, "" from then on: a file of the
	// state's own name is always whole.
	temp    string
	scratch bool
}

// Root is what a commit makes true.
type Root struct {
	Version int                `json:"version"`
	Sources map[string]*Source `json:"sources,omitempty"` // by absolute path
	Audits  map[string]*Audit  `json:"audits,omitempty"`  // by Scope
	Told    map[string]*Told   `json:"told,omitempty"`    // by the id of the finding
	// Telling is what a run was about to tell: set where that run was ended before it could say that it had.
	Telling *Telling `json:"telling,omitempty"`
	// Unsent are findings of which --notify-cmd has not taken notice.
	Unsent []string `json:"unsent,omitempty"`
	// Rules names the program and the rules that the last run judged by; "" where no run said so.
	Rules string `json:"rules,omitempty"`
}

// Audit is the last run over one set of sources.
type Audit struct {
	Paths []string  `json:"paths"`
	At    time.Time `json:"at"`    // of the run
	Key   string    `json:"key"`   // of what Conclusion depends on: program, rules, options, tables of the sources
	Loose string    `json:"loose"` // of the problems that belong to no file
	// Conclusion is the section of that name; nil where nothing can be gone on from.
	Conclusion *Ref     `json:"conclusion,omitempty"`
	Lost       int64    `json:"lost"`
	Findings   []Listed `json:"findings,omitempty"`
}

// Listed is a finding as the commands ack and state show name it.
type Listed struct {
	ID       string `json:"id"`
	Severity string `json:"severity"`
	Kind     string `json:"kind"`
}

// Forget drops the audits that no run was made of since a time, and the sources that only they name. What was told of
// them stays: mail that turns up under another name is nothing new.
func (r *Root) Forget(since time.Time) {
	used := make(map[string]bool)
	for scope, a := range r.Audits {
		if a.At.Before(since) {
			delete(r.Audits, scope)
			continue
		}
		for _, p := range a.Paths {
			used[p] = true
		}
	}
	for path := range r.Sources {
		if !used[path] {
			delete(r.Sources, path)
		}
	}
}

// Telling is what a run was about to tell.
type Telling struct {
	At  time.Time `json:"at"`
	IDs []string  `json:"ids"`
}

// Dir is the folder that state is kept in by default: $XDG_STATE_HOME/mailaudit, or what stands for it on the system.
// getenv is os.Getenv.
func Dir(getenv func(string) string) (string, error) {
	if dir := getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "mailaudit"), nil
	}
	if dir := getenv("LOCALAPPDATA"); dir != "" {
		return filepath.Join(dir, "mailaudit"), nil
	}
	home := getenv("HOME")
	if home == "" {
		return "", errors.New("state: neither XDG_STATE_HOME nor HOME is set")
	}
	return filepath.Join(home, ".local", "state", "mailaudit"), nil
}

// Open opens a state file, or begins a new one where there is none or none that can be used. The caller holds the lock
// (Acquire) unless readOnly is set, which asks to change nothing on disk.
func Open(path string, readOnly bool, now time.Time) (*Store, error) {
	path = target(path) // a new file takes the place of the file, not of the link to it
	if err := plain(path); err != nil {
		s := None(path)
		s.Notes = append(s.Notes, Note{Kind: "readonly", Err: err})
		return s, nil
	}
	s := &Store{Path: path, readOnly: readOnly}
	if !readOnly {
		removeLeft(path)
	}
	f, err := openFile(path, readOnly)
	if errors.Is(err, fs.ErrPermission) || isReadOnly(err) {
		s.Notes = append(s.Notes, Note{Kind: "readonly", Err: err})
		s.readOnly = true
		f, err = openFile(path, true)
		if errors.Is(err, fs.ErrPermission) {
			err = fs.ErrNotExist // what can't even be read is as good as absent
		}
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		s.create()
		return s, nil
	case err != nil:
		return nil, fmt.Errorf("opening the state: %w", err)
	}
	if err = s.load(f); err == nil {
		return s, nil
	}
	if errors.Is(err, errEmpty) || errors.Is(err, errEarlier) {
		if cerr := f.Close(); cerr != nil {
			return nil, fmt.Errorf("opening the state: %w", cerr)
		}
		told, unsent := s.Root.Told, s.Root.Unsent
		s.create() // the first commit takes the place of the old file
		if s.upgraded = errors.Is(err, errEarlier); s.upgraded {
			s.Root.Told, s.Root.Unsent = told, unsent
		}
		return s, nil
	}
	if cerr := f.Close(); cerr != nil {
		err = errors.Join(err, cerr)
	}
	note := Note{Kind: "damaged", Err: err}
	if errors.Is(err, ErrVersion) {
		note.Kind = "version"
	}
	if !s.readOnly {
		if note.Path, err = setAside(path, now); err != nil {
			return nil, fmt.Errorf("setting the state aside: %w", err)
		}
	}
	s.Notes = append(s.Notes, note)
	s.create()
	return s, nil
}

// openFile opens for reading and writing, or for reading.
func openFile(path string, readOnly bool) (*os.File, error) {
	if readOnly {
		return os.Open(path)
	}
	return os.OpenFile(path, os.O_RDWR, 0)
}

// errEarlier is a file of an earlier version, of which Root.Told and Root.Unsent were read.
var errEarlier = errors.New("state: of an earlier version")

// errEmpty is a file without a byte in it, which is as good as none.
var errEmpty = errors.New("state: empty")

// tempSuffix ends the names of files that are not in use yet.
const tempSuffix = ".tmp"

// create begins a new file, under another name until its first commit.
func (s *Store) create() {
	s.begin(nil)
	if s.readOnly {
		return
	}
	f, err := os.CreateTemp(filepath.Dir(s.Path), filepath.Base(s.Path)+".*"+tempSuffix) // mode 0600
	if err != nil {
		s.Notes = append(s.Notes, Note{Kind: "readonly", Err: err})
		s.readOnly = true
		return
	}
	s.temp = f.Name()
	s.log = newLog(f)
}

func (s *Store) begin(f *os.File) {
	s.fresh = true
	s.Root = Root{Version: Version, Sources: map[string]*Source{}, Audits: map[string]*Audit{}, Told: map[string]*Told{}}
	if f != nil {
		s.log = newLog(f)
	}
}

// load reads the root.
func (s *Store) load(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Size() == 0 {
		return errEmpty
	}
	s.begin(nil)
	if s.log, err = openLog(f, info.Size()); err != nil {
		return err
	}
	raw, err := s.log.read(s.log.root)
	if err != nil {
		return err
	}
	var root Root
	if err := json.Unmarshal(raw, &root); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if root.Version >= oldest && root.Version < Version {
		s.Root.Unsent = root.Unsent
		if root.Told != nil {
			s.Root.Told = root.Told
		}
		return errEarlier
	}
	if root.Version != Version {
		return fmt.Errorf("%w: version %d, this program reads %d", ErrVersion, root.Version, Version)
	}
	s.fresh = false
	s.Root = root
	if s.Root.Sources == nil {
		s.Root.Sources = map[string]*Source{}
	}
	if s.Root.Audits == nil {
		s.Root.Audits = map[string]*Audit{}
	}
	if s.Root.Told == nil {
		s.Root.Told = map[string]*Told{}
	}
	return nil
}

// Scratch opens a store that is never committed and is gone when it is closed.
func Scratch(dir string) (*Store, error) {
	f, err := os.CreateTemp(dir, ".mailaudit-scratch-*") // mode 0600
	if err != nil {
		return nil, fmt.Errorf("making a scratch file: %w", err)
	}
	s := &Store{Path: f.Name(), scratch: true}
	s.begin(f)
	return s, nil
}

// None is a state that holds nothing and keeps nothing, for a run that has nowhere to keep one.
func None(path string) *Store {
	s := &Store{Path: path, readOnly: true}
	s.begin(nil)
	return s
}

// Upgraded reports whether the state was of an earlier version: what it remembers was judged by other rules.
func (s *Store) Upgraded() bool { return s.upgraded }

// Fresh reports whether there was no state to go by: everything that is found is new.
func (s *Store) Fresh() bool { return s.fresh }

// Writable reports whether a commit can be tried.
func (s *Store) Writable() bool { return !s.readOnly && s.log != nil }

// ErrReadOnly is returned by what would write to a state that can only be read.
var ErrReadOnly = errors.New("state: cannot be written")

// Append stores a section, which may be given in pieces of different nature; it is kept by the next commit that names it.
func (s *Store) Append(pieces ...[]byte) (Ref, error) {
	if !s.Writable() {
		return Ref{}, ErrReadOnly
	}
	return s.log.append(pieces...)
}

// Section reads a section. The error is ErrDamaged where it is not as it was stored.
func (s *Store) Section(r Ref) ([]byte, error) {
	if s.log == nil {
		return nil, fmt.Errorf("%w: nothing is stored", ErrDamaged)
	}
	return s.log.read(r)
}

// Commit makes Root, with all it names, what the next run finds. What was stored before it is safe on disk when it
// returns without an error, and nothing of it is seen by anybody when it returns with one.
func (s *Store) Commit() error {
	if !s.Writable() {
		return ErrReadOnly
	}
	raw, err := json.Marshal(&s.Root)
	if err != nil {
		return fmt.Errorf("writing the state: %w", err)
	}
	if err := s.log.commit(raw); err != nil {
		return fmt.Errorf("writing the state: %w", err)
	}
	if s.temp != "" {
		if err := s.publish(); err != nil {
			return fmt.Errorf("writing the state: %w", err)
		}
	}
	return nil
}

// Size is the length of the file, and how much of it is in use, in bytes.
func (s *Store) Size() (total, used int64) {
	if s.log == nil {
		return 0, 0
	}
	used = headerSize + s.log.root.Len
	for _, r := range s.refs() {
		used += r.Len
	}
	return s.log.tail, used
}

// refs are all sections in use but the root.
func (s *Store) refs() (list []*Ref) {
	for _, src := range s.Root.Sources {
		list = append(list, src.refs()...)
	}
	for _, a := range s.Root.Audits {
		if a.Conclusion != nil {
			list = append(list, a.Conclusion)
		}
	}
	return list
}

// Check reads every section in use and returns the first error, or how many sections are sound.
func (s *Store) Check() (int, error) {
	n := 1
	for _, r := range s.refs() {
		if _, err := s.Section(*r); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// Close closes the file. What was not committed is gone.
func (s *Store) Close() error {
	if s.log == nil {
		return nil
	}
	err := s.log.close()
	switch {
	case s.scratch:
		err = errors.Join(err, os.Remove(s.Path))
	case s.temp != "":
		err = errors.Join(err, os.Remove(s.temp))
	}
	return err
}
