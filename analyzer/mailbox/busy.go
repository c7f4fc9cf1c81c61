package mailbox

import (
	"errors"
	"hash/maphash"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/maildir"
)

// busy finds the messages that changed their place while a walk went through the Maildirs: programs move mail between folders
// all the time, and what moves from a folder that is still to be listed into one that was listed is in no list.
//
// A folder into which something was moved has another time of modification. So behind all folders those that changed are
// listed again, and what was read nowhere is read, until nothing changes any more. What is in none of the lists was deleted by
// its owner, which costs no mail: it would not be there had the walk begun later.
type busy struct {
	seed  maphash.Seed
	done  []uint64 // hashes of the unique names of what was read; sorted up to sorted
	boxes []*listed
	gone  []absent

	sorted int
}

// listed is new or cur of a Maildir.
type listed struct {
	*folder
	at    time.Time // its time of modification before it was listed last
	fresh bool      // which was then, so that another change might not show
}

// absent is a message that was gone when it was to be read.
type absent struct {
	from   *folder
	unique string
}

// looks is how often folders are listed again at most: each time only what moved meanwhile can have been missed.
const looks = 8

// lists notes that a folder is going to be listed.
func (m *busy) lists(f *folder) {
	at := modified(f.dir)
	m.boxes = append(m.boxes, &listed{f, at, f.w.lately(at)})
}

// lately reports whether a time is so near that another change of a file might have the same.
func (w *walk) lately(t time.Time) bool { return w.cfg.Now == nil || t.After(w.cfg.Now().Add(-racy)) }

// modified is the time of a folder's last change, zero where there is none.
func modified(dir string) time.Time {
	st, err := os.Stat(dir)
	if err != nil {
		return time.Time{}
	}
	return st.ModTime()
}

// read notes that a message was read.
func (m *busy) read(unique string) {
	if m.seed == (maphash.Seed{}) {
		m.seed = maphash.MakeSeed()
	}
	m.done = append(m.done, maphash.String(m.seed, unique))
}

// sort makes has know all that was read.
func (m *busy) sort() {
	if m.sorted < len(m.done) {
		slices.Sort(m.done)
		m.sorted = len(m.done)
	}
}

// has reports whether a message was read before sort was called last.
func (m *busy) has(unique string) bool {
	if m.sorted == 0 {
		return false
	}
	_, ok := slices.BinarySearch(m.done[:m.sorted], maphash.String(m.seed, unique))
	return ok
}

// lookAgain looks, behind all folders, for messages that were read in none.
func (w *walk) lookAgain() error {
	m := &w.busy
	for range looks {
		changed := false
		for _, box := range m.boxes {
			again, err := box.again()
			if err != nil {
				return err
			}
			changed = changed || again
		}
		if !changed {
			break
		}
	}
	m.sort()
	slices.SortFunc(m.gone, func(a, b absent) int { return strings.Compare(a.from.rel+"/"+a.unique, b.from.rel+"/"+b.unique) })
	for _, a := range m.gone {
		if m.has(a.unique) {
			continue
		}
		loc := w.location(a.from.path("cur/"+a.unique), 0, 0)
		if err := w.problem(loc, "maildir", "the message was deleted while the folder was read", false); err != nil {
			return err
		}
	}
	return nil
}

// again lists a folder again where it changed since it was listed, and reads what was read nowhere.
func (box *listed) again() (changed bool, err error) {
	now := modified(box.dir)
	if now.Equal(box.at) && !box.fresh {
		return false, nil
	}
	box.at, box.fresh = now, box.w.lately(now)
	box.w.busy.sort()
	entries, err := os.ReadDir(box.dir)
	if err != nil {
		return true, nil // the folder was deleted
	}
	var b *bundle
	for _, e := range entries {
		if e.IsDir() || box.w.busy.has(maildir.ParseName(e.Name()).Unique) {
			continue
		}
		if b == nil {
			parent := []string{evidence.EscapeName(path.Dir(box.rel))}
			b = box.w.bundle(parent, parent, "maildir")
		}
		if err := box.missed(b, e); err != nil {
			return true, err
		}
	}
	if b == nil {
		return true, nil
	}
	return true, b.flush()
}

// missed reads a message that was read nowhere; where it is gone once more, another look finds it.
func (box *listed) missed(b *bundle, e fs.DirEntry) error {
	err := box.maildirMessage(b, e, path.Base(box.rel) == "new", maildir.Keywords{})
	if errors.Is(err, errGone) {
		return nil
	}
	return err
}
