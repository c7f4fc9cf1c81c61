package cache

import (
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/mailbox"
	"github.com/mailaudit/mailaudit/analyzer/state"
)

// Sink is where a walk with a cache leads to.
type Sink interface {
	mailbox.Sink
	mailbox.Ender
	// Note takes what has to reach Cache.TakeNote in its place among the batches.
	Note(Note) error
}

// Note is what a walk says of files, beside their messages.
type Note struct {
	source *source
	mark   *mailbox.Unit // what was extracted of it so far stays when something is appended
	known  []Known
}

// Known is a file that was passed over, or the beginning of one that is read on.
type Known struct {
	unit    *state.Unit
	grown   *mailbox.Unit // nil where the whole file is known
	mailbox int
}

// parts are those that stand for what was passed over.
func (k *Known) parts() []state.Part {
	if k.grown != nil {
		return k.unit.Parts[:k.unit.Before]
	}
	return k.unit.Parts
}

// Source begins a source and returns the sink for its walk, which hands all on to the next one.
func (c *Cache) Source(i int, path string, next Sink) (mailbox.Sink, error) {
	src, err := c.begin(i, path)
	if err != nil {
		return nil, err
	}
	return &sink{Sink: next, src: src}, nil
}

// sink implements mailbox.Knower.
type sink struct {
	Sink
	src  *source
	unit *mailbox.Unit // the file that is being read
}

// Batch implements mailbox.Sink.
func (s *sink) Batch(b mailbox.Batch) error {
	if err := s.handOn(); err != nil {
		return err
	}
	return s.Sink.Batch(b)
}

// Problem implements mailbox.Sink.
func (s *sink) Problem(p finding.Problem) error {
	return s.Batch(mailbox.Batch{Problems: []mailbox.Placed{{Unit: s.unit, Problem: p}}})
}

// Known implements mailbox.Knower.
func (s *sink) Known(name string) *mailbox.Unit {
	if u := s.src.known[name]; u != nil {
		return &u.Unit
	}
	return nil
}

// Enter implements mailbox.Knower.
func (s *sink) Enter(u *mailbox.Unit) { s.unit, s.src.dirty = u, true }

// Leave implements mailbox.Knower.
func (s *sink) Leave(u *mailbox.Unit) {
	s.src.files = append(s.src.files, file{read: u})
	s.unit = nil
}

// Mark implements mailbox.Knower.
func (s *sink) Mark(u *mailbox.Unit) error {
	if err := s.handOn(); err != nil {
		return err
	}
	return s.Note(Note{source: s.src, mark: u})
}

// Same implements mailbox.Knower.
func (s *sink) Same(u *mailbox.Unit, first int) error {
	known := s.src.known[u.Name]
	s.src.files = append(s.src.files, file{known: known})
	s.src.dirty = s.src.dirty || u.Restamped
	return s.pass(Known{unit: known, mailbox: first})
}

// Grown implements mailbox.Knower.
func (s *sink) Grown(u, old *mailbox.Unit, first int) error {
	return s.pass(Known{unit: s.src.known[old.Name], grown: u, mailbox: first})
}

// knownTogether is how many files that did not change are handed on at once.
const knownTogether = 512

func (s *sink) pass(k Known) error {
	s.src.pending = append(s.src.pending, k)
	if len(s.src.pending) == knownTogether {
		return s.handOn()
	}
	return nil
}

// handOn hands on what is known before anything else that was read.
func (s *sink) handOn() error {
	list := s.src.pending
	if len(list) == 0 {
		return nil
	}
	s.src.pending = nil
	return s.Note(Note{source: s.src, known: list})
}
