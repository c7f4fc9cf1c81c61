// Package mailstore knows where mail programs keep mail, and lists what of it is on this computer.
//
// A person knows the name of their mail program, and seldom the folder in which it keeps mail: Thunderbird's lies in a
// profile with a random name, Flatpak and Snap move everything, Outlook's in a folder that Windows hides. The places are
// data (places.toml), a few kinds of them are code: a profile of Thunderbird and its accounts, Apple Mail behind macOS's
// Full Disk Access, the folders of Evolution and Claws Mail, and exports among a hundred thousand other downloads.
//
// Looking is bounded, and nothing is opened that the list does not need: names, sizes and times come from the file system,
// the only files read are those in which a program notes its accounts, and the index at the end of an archive whose name
// says that mail may be in it. Each place is looked at by a goroutine of its own: a network share that hangs costs the time
// limit and is named, the rest is listed. An abandoned goroutine waits for the operating system and ends with the process.
//
// Everything in a Store that came from a disk (names, accounts, paths) is hostile until it was made visible.
package mailstore

import (
	"cmp"
	"context"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// State reports whether the mail of a store can be read.
type State string

// States.
const (
	Readable State = "readable"
	Denied   State = "denied"           // the file system says no
	FullDisk State = "full_disk_access" // macOS says no until the person allows it in the system settings
	Other    State = "other_program"    // only its own program reads this; Advice tells what to do
	Slow     State = "slow"             // did not answer in time
)

// Store is mail that a person would call one thing: a profile, an account's folder, an export in all its parts.
type Store struct {
	Program  string    // "" where any program may have written it
	Kind     string    // of place: mozilla, apple, evolution, claws, folder, files, exports
	Name     string    // that the program gave it: of a profile, an account, a mailbox; "" for none
	Accounts []Account // in the program's order
	Paths    []string  // what is to be scanned: one folder or file, or the parts of an export
	Size     int64     // of files that can hold mail
	Files    int
	AtLeast  bool      // there is more than was counted before the limit
	Newest   time.Time // when the newest file was changed; zero where there is none
	State    State
	Advice   string // for Other: what to do, an id
}

// Account is one account of a mail program.
type Account struct {
	Address string // or what the program calls the account
	Type    string // imap, pop3, local, …; "" unknown
	// Remote is set for an account whose mail stays on the server: less than a few messages' worth lies here.
	Remote bool
}

// Found is what is on a computer.
type Found struct {
	Stores []Store
	// Slow are folders that did not answer and of which nothing more is known.
	Slow []string
}

// Computer is where mail is looked for.
type Computer struct {
	OS     string // runtime.GOOS
	Home   string
	User   string
	Getenv func(string) string
	// Disk is how folders and files are asked; nil for the real ones.
	Disk Disk
}

// Disk is the part of a file system that is needed. Nothing of it writes.
type Disk interface {
	ReadDir(name string, each func(fs.DirEntry) bool) error // in the order of the disk; ends where each says false
	Stat(name string) (fs.FileInfo, error)
	Open(name string) (*os.File, error)
}

// Limits bound a search.
type Limits struct {
	Time    time.Duration // after which what is known is listed
	Entries int           // names counted in one store
}

// Default are limits after which a person still waits: a Maildir of two hundred thousand files is counted in about a second.
func Default() Limits { return Limits{Time: 6 * time.Second, Entries: 300_000} }

// search is one running search.
type search struct {
	Computer
	ctx    context.Context
	limits Limits

	mu      sync.Mutex
	found   []ranked
	pending map[*task]bool
	idle    chan struct{} // closed when nothing is pending any more
}

// ranked is a store with the place that it was found by.
type ranked struct {
	place int
	key   string // the path with links resolved, to name nothing twice
	store Store
}

// task is a folder that is being looked at.
type task struct {
	place int
	path  string
	store *Store // what is known of it already, nil for nothing
}

// Find lists the mail on a computer, in the order of the places. It returns when all is known or the time is over,
// whatever the disks do.
func Find(ctx context.Context, c Computer, places *Places, limits Limits) Found {
	if c.Disk == nil {
		c.Disk = disk{}
	}
	// The walks end a little before: what they counted until then is worth more than that they were slow.
	walks, stop := context.WithTimeout(ctx, limits.Time*4/5)
	defer stop()
	s := &search{Computer: c, ctx: walks, limits: limits, pending: map[*task]bool{}, idle: make(chan struct{})}
	s.start(places)
	late := time.NewTimer(limits.Time)
	defer late.Stop()
	select {
	case <-s.idle:
	case <-late.C:
	case <-ctx.Done():
	}
	return s.result()
}

// spawn looks at a folder in a goroutine. known is what the list says of it if the disk does not answer.
func (s *search) spawn(place int, path string, known *Store, look func()) {
	t := &task{place, path, known}
	s.mu.Lock()
	s.pending[t] = true
	s.mu.Unlock()
	go func() {
		defer func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			if delete(s.pending, t); len(s.pending) == 0 {
				close(s.idle)
			}
		}()
		look()
	}()
}

// add puts a store into the list. What holds nothing is no mail.
func (s *search) add(place int, st Store) {
	if st.Files == 0 && st.State == Readable {
		return
	}
	key := s.key(st.Paths[0])
	s.mu.Lock()
	defer s.mu.Unlock()
	s.found = append(s.found, ranked{place, key, st})
}

func (s *search) result() (f Found) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := slices.Clone(s.found)
	for t := range s.pending {
		if t.store == nil {
			f.Slow = append(f.Slow, t.path)
			continue
		}
		st := *t.store
		st.State = Slow
		list = append(list, ranked{t.place, t.path, st})
	}
	slices.SortFunc(list, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(a.place, b.place), strings.Compare(a.store.Paths[0], b.store.Paths[0]))
	})
	seen := map[string]bool{}
	for _, r := range list {
		if !seen[r.key] {
			seen[r.key] = true
			f.Stores = append(f.Stores, r.store)
		}
	}
	slices.Sort(f.Slow)
	f.Slow = slices.Compact(f.Slow)
	return f
}
