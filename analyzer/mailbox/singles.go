package mailbox

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/content"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/emlfile"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/readstate"
)

// singles reads the files of a folder that are one message each.
type singles struct {
	f      *folder
	bundle *bundle
	// MH: the messages of the sequences "unseen", "replied" and "flagged", nil for one that the folder does not name.
	unseen, replied, flagged map[int]bool
	marks                    map[int]emlfile.Mark // of Sylpheed and Claws Mail
	mh                       bool                 // the folder is one of MH
	cards                    map[string]string    // what exports wrote beside messages, by the name in lower case
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
		known, later, err := s.known(e)
		if err == nil && !known && !later {
			later, err = s.entry(e)
		}
		if err != nil {
			return nil, err
		}
		if later {
			containers = append(containers, e.Name())
		}
	}
	return containers, s.bundle.flush()
}

// sequences reads what an MH folder keeps of its messages: in .mh_sequences the sequence "unseen" of MH and nmh, from which programs that show a message take it out,
// and "replied" and "flagged", which Python, Claws Mail and mutt keep there too; and the marks of Sylpheed and Claws Mail.
func (s *singles) sequences(entries []fs.DirEntry) error {
	for _, e := range entries {
		if e.Type().IsRegular() && readstate.IsCard(e.Name()) {
			if s.cards == nil {
				s.cards = make(map[string]string)
			}
			s.cards[strings.ToLower(e.Name())] = e.Name()
		}
		if !e.Type().IsRegular() || e.Name() != sequencesName && !slices.Contains(markNames, e.Name()) {
			continue
		}
		s.mh = true
		b, err := s.small(e.Name(), sequencesMax)
		switch {
		case err != nil:
			return err
		case b == nil:
		case e.Name() == sequencesName:
			s.unseen, _ = emlfile.Sequence(b, "unseen")
			s.replied, _ = emlfile.Sequence(b, "replied")
			s.flagged, _ = emlfile.Sequence(b, "flagged")
		default:
			s.marks, _ = emlfile.Marks(b)
		}
	}
	return nil
}

const sequencesName = ".mh_sequences"

// markNames are where Sylpheed and Claws Mail keep what was read of an MH folder. Those who know both go by what Claws Mail says.
var markNames = []string{".sylpheed_mark", ".claws_mark"}

// small reads a small file of the folder; nil where it can't be read, which was reported.
func (s *singles) small(entry string, most int64) ([]byte, error) {
	name := filepath.Join(s.f.dir, entry)
	loc := s.f.w.location(s.f.path(entry), 0, 0)
	if st, err := os.Stat(name); err != nil || st.Size() > most {
		return nil, s.f.w.problem(loc, "io", "what the folder keeps of its messages can't be read; what was seen is unknown", false)
	}
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, s.f.w.problem(loc, "io", plain(err), false)
	}
	return b, nil
}

// message reads a file if it is a message. later is set for one that holds something else to be read.
func (s *singles) message(x *file, name string) (later bool, err error) {
	f := s.f
	head, err := x.peek(f.head)
	if err != nil {
		return false, f.done(x, false, f.w.unreadable(x.path, x.st.Size(), err))
	}
	kind, err := x.kind(head)
	if err != nil {
		return false, f.done(x, false, err)
	}
	if kind == content.Mbox && s.mh && content.Numbered(name) {
		kind = content.Eml // as procmail stores messages in a folder of MH, a From_ line before each
	}
	switch {
	case kind == content.Eml || kind == content.Emlx:
		read, err := s.read(name, kind)
		if err != nil {
			return false, f.done(x, false, err)
		}
		f.w.enter(x, f.name(name), readHash(read))
		if x.unit != nil {
			x.unit.Emlx = kind == content.Emlx
		}
		if s.bundle.kind == "" {
			s.bundle.kind = string(kind)
		}
		return false, f.done(x, true, f.w.message(s.bundle, x, kind, read))
	case opens(kind):
		f.w.count.Size -= x.st.Size() // counted again when it is read
		return true, x.drop()
	}
	f.w.enter(x, f.name(name), 0)
	return false, f.done(x, stateFile(name), f.w.container(x, kind, summary{}))
}

// entry opens an entry and reads it if it is a message.
func (s *singles) entry(e fs.DirEntry) (later bool, err error) {
	x, err := s.f.open(e)
	if err != nil || x == nil {
		return false, err
	}
	return s.message(x, e.Name())
}

// card is what an export wrote beside a message of a name, nil for nothing.
func (s *singles) card(name string) (*finding.Read, error) {
	if s.cards == nil {
		return nil, nil
	}
	for _, card := range readstate.CardName(name) {
		entry, ok := s.cards[strings.ToLower(card)]
		if !ok {
			continue
		}
		b, err := s.small(entry, readstate.CardMost)
		if err != nil {
			return nil, err
		}
		if read := readstate.Card(entry, b); read != nil {
			return read, nil
		}
	}
	return nil, nil
}

// read is what the name of a message, the sequences of an MH folder and a card beside it say of it. It also settles what the
// folder is.
func (s *singles) read(name string, kind content.Kind) (*finding.Read, error) {
	if read, err := s.card(name); read != nil || err != nil {
		return read, err
	}
	read := nameRead(name)
	if number, err := strconv.Atoi(name); err == nil && kind == content.Eml {
		const mh = "mh"
		if s.bundle.kind == "" {
			s.bundle.kind = mh
		}
		in := func(sequence map[int]bool) *bool { v := sequence[number]; return &v }
		if s.unseen != nil || s.replied != nil || s.flagged != nil {
			read = &finding.Read{From: []string{mh}}
		}
		if s.unseen != nil {
			seen := !s.unseen[number]
			read.Seen = &seen
		}
		if s.replied != nil {
			read.Replied = in(s.replied)
		}
		if s.flagged != nil {
			read.Flagged = in(s.flagged)
		}
		if m, ok := s.marks[number]; ok {
			seen := !m.Unread
			read = &finding.Read{Seen: &seen, Flagged: &m.Flagged, Deleted: &m.Deleted, Replied: &m.Replied, Forwarded: &m.Forwarded, From: []string{mh}}
		}
	}
	return read, nil
}

// known passes over a file that an earlier walk knew: known is set where that is all, later where it is a mailbox or an
// archive, which has its turn behind the messages.
func (s *singles) known(e fs.DirEntry) (known, later bool, err error) {
	f := s.f
	u := f.recalled(e)
	switch {
	case u == nil:
		return false, false, nil
	case u.Box != nil:
		if u = f.recall(e, 0); u == nil {
			return false, false, nil
		}
		if u.Box.Opens {
			return false, true, nil
		}
		f.sum.add(u.SHA256, f.path(e.Name()))
		return true, false, f.w.reuse(u)
	}
	kind := content.Eml
	if u.Emlx {
		kind = content.Emlx
	}
	before := s.bundle.kind
	read, err := s.read(e.Name(), kind)
	if err != nil {
		return false, false, err
	}
	if u = f.recall(e, readHash(read)); u == nil {
		s.bundle.kind = before
		return false, false, nil
	}
	if s.bundle.kind == "" {
		s.bundle.kind = string(kind)
	}
	return true, false, f.reuseMessage(s.bundle, u, e.Name())
}
