package analyzer

import (
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/mailbox"
	"github.com/mailaudit/mailaudit/analyzer/state"
)

// keepSink is the sink of one source with a keeper.
type keepSink struct {
	*sink
	k     *keeper
	src   *keptSource
	first int // index of the first mailbox of the file that is being read; -1 for none yet
	unit  *state.Unit
}

// Batch implements mailbox.Sink.
func (s *keepSink) Batch(b mailbox.Batch) error {
	s.scan.starts.begin(b)
	if err := s.handOn(); err != nil {
		return err
	}
	return s.emit(job{batch: b, source: s.src.index, first: max(s.first, 0)})
}

// Problem implements mailbox.Sink.
func (s *keepSink) Problem(p finding.Problem) error {
	if err := s.handOn(); err != nil {
		return err
	}
	return s.emit(job{batch: mailbox.Batch{Problems: []mailbox.Placed{{Unit: s.unit, Problem: p}}}, source: s.src.index, first: max(s.first, 0)})
}

// Mailbox implements mailbox.Sink.
func (s *keepSink) Mailbox(m *mailbox.Mailbox) error {
	if s.first < 0 {
		s.first = m.Index
	}
	return s.sink.Mailbox(m)
}

// Recall implements mailbox.Keeper.
func (s *keepSink) Recall(name string) *state.Unit { return s.src.known[name] }

// Enter implements mailbox.Keeper.
func (s *keepSink) Enter(u *state.Unit) { s.unit, s.first, s.src.fresh = u, -1, true }

// Leave implements mailbox.Keeper.
func (s *keepSink) Leave(u *state.Unit) {
	s.src.units = append(s.src.units, u)
	s.unit = nil
}

// Mark implements mailbox.Keeper.
func (s *keepSink) Mark(u *state.Unit) error {
	if err := s.handOn(); err != nil {
		return err
	}
	return s.emit(job{kept: &kept{source: s.src.index, mark: u}})
}

// Reuse implements mailbox.Keeper.
func (s *keepSink) Reuse(u *state.Unit, parts []state.Part, first int) error {
	whole := s.src.known[u.Name] == u
	if whole {
		s.src.units = append(s.src.units, u)
		s.src.fresh = s.src.fresh || u.Restamped
	}
	if u.Box != nil {
		for i, m := range u.Box.Mailboxes {
			if m.First > 0 {
				s.scan.starts.first[box{s.src.index, first + i}] = m.First
			}
		}
	}
	s.src.reused = append(s.src.reused, reuse{u, whole, parts, first})
	if len(s.src.reused) == reusedTogether {
		return s.handOn()
	}
	return nil
}

// reusedTogether is how many files that did not change are handed on at once.
const reusedTogether = 512

// handOn hands on what is reused before anything else that was read.
func (s *keepSink) handOn() error {
	list := s.src.reused
	if len(list) == 0 {
		return nil
	}
	s.src.reused = nil
	return s.emit(job{kept: &kept{source: s.src.index, reuse: list}})
}
