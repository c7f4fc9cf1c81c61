package analyzer

import (
	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/mailbox"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/mboxfile"
)

// box names a mailbox of the scan.
type box struct{ source, mailbox int }

// starts is what the ends of the mailboxes told of the starts in them. The framer decides in order, by what a file has
// shown so far; an unquoted "From " line far down shows that its writer does not quote, and then no start before it was
// certain either, but the first: what stands before that was written by no sender of mail. Where the writer says by
// Content-Length where messages end, the framer needs no quoting.
type starts map[box]int64 // Order of the first message of each mailbox whose writer does not quote

// end notes what the whole of a mailbox showed.
func (s starts) end(source int, m *mailbox.Mailbox, q mboxfile.Quoting) {
	if q.Unquoted && !q.Lengths {
		s[box{source, m.Index}] = m.First
	}
}

// settle marks a fact whose start has become doubtful.
func (s starts) settle(f *fact.Fact) {
	first, unquoted := s[box{f.Key.Source, f.Key.Mailbox}]
	if f.Envelope != nil && f.Envelope.Doubt == "" && unquoted && f.Key.Offset > first {
		f.Envelope.Doubt = mboxfile.DoubtUnquoted
	}
}

// fact is the fact at a position of the spool.
func (s *scan) fact(pos uint32) (*fact.Fact, error) {
	at := s.spool.At
	if s.stored != nil {
		at = s.stored
	}
	f, err := at(pos)
	if err != nil {
		return nil, err
	}
	s.starts.settle(f)
	return f, nil
}
