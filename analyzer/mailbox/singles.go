package mailbox

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/content"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/emlfile"
)

// singles reads the files of a folder that are one message each.
type singles struct {
	f      *folder
	bundle *bundle
	unseen map[int]bool // MH: the messages that were not seen
	mh     bool         // the folder says so
}

// sequencesMax is how much of an .mh_sequences file is read.
const sequencesMax = 16 << 20

// messages reads the files of one message each and returns the names of what else has to be read.
func (f *folder) messages(entries []fs.DirEntry) (containers []string, err error) {
	s := &singles{f: f, bundle: f.w.bundle(f.self(), f.self(), "")}
	if err := s.sequences(entries); err != nil {
		return nil, err
	}
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		if err := f.w.ctx.Err(); err != nil {
			return nil, err
		}
		x, err := f.open(e)
		if err != nil {
			return nil, err
		}
		if x == nil {
			continue
		}
		later, err := s.message(x, e.Name())
		if err != nil {
			return nil, err
		}
		if later {
			containers = append(containers, e.Name())
		}
	}
	return containers, s.bundle.flush()
}

// sequences reads .mh_sequences: the sequence "unseen" of MH and nmh, from which programs that show a message take it out.
func (s *singles) sequences(entries []fs.DirEntry) error {
	i := slices.IndexFunc(entries, func(e fs.DirEntry) bool { return e.Name() == ".mh_sequences" && e.Type().IsRegular() })
	if i < 0 {
		return nil
	}
	name := filepath.Join(s.f.dir, entries[i].Name())
	if st, err := os.Stat(name); err != nil || st.Size() > sequencesMax {
		return s.f.w.problem(s.f.w.location(s.f.path(entries[i].Name()), 0, 0), "io", "the sequences of the folder can't be read; what was seen is unknown", false)
	}
	b, err := os.ReadFile(name)
	if err != nil {
		return s.f.w.problem(s.f.w.location(s.f.path(entries[i].Name()), 0, 0), "io", plain(err), false)
	}
	s.unseen, s.mh = emlfile.Sequence(b, "unseen")
	return nil
}

// message reads a file if it is a message. later is set for one that holds something else to be read.
func (s *singles) message(x *file, name string) (later bool, err error) {
	f := s.f
	head, err := x.peek(f.head)
	if err != nil {
		return false, f.done(x, false, f.w.unreadable(x.path, x.st.Size(), err))
	}
	kind := content.Of(head, name)
	switch {
	case kind == content.Eml || kind == content.Emlx:
		read := nameRead(name)
		if number, err := strconv.Atoi(name); err == nil && kind == content.Eml {
			kind := "mh"
			if s.bundle.kind == "" {
				s.bundle.kind = kind
			}
			if s.mh {
				seen := !s.unseen[number]
				read = &finding.Read{Seen: &seen, From: []string{kind}}
			}
		}
		if s.bundle.kind == "" {
			s.bundle.kind = string(kind)
		}
		return false, f.done(x, true, f.w.message(s.bundle, x, kind, read))
	case kind == content.Mbox || isArchive(kind):
		f.w.count.Size -= x.st.Size() // counted again when it is read
		return true, x.drop()
	}
	return false, f.done(x, false, f.w.container(x, kind))
}
