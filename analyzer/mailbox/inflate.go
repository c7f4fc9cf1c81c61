package mailbox

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"runtime"
	"sync"

	"github.com/mailaudit/mailaudit/analyzer/mailbox/archive"
)

// The members of a zip are independent of each other. Small ones are inflated several at a time, ahead of the one that is
// read; a large one has one goroutine that inflates it while it is read: what it holds can't be put aside.
const (
	smallStored = 1 << 20  // bytes in the archive
	smallSize   = 4 << 20  // bytes inflated
	smallAhead  = 16 << 20 // of both, of all members ahead
	smallMost   = 256      // members ahead
)

// members goes through a zip by its directory.
type members struct {
	w     *walk
	z     *archive.Zip
	x     *file
	queue []*memberAhead // read from the directory, not yet given out
	held  int64          // bytes of those in the queue, at most
	ended bool           // the directory was read

	work    chan *memberAhead // nil before the first small member
	workers sync.WaitGroup
	own     archive.Inflater
	src     *bufio.Reader
	now     *memberAhead // given out
	ahead   *ahead       // that inflates it
}

// memberAhead is a member of the queue.
type memberAhead struct {
	m      *archive.Member
	err    error // of the directory, instead of a member
	offset int64 // of the stored bytes
	cost   int64
	small  bool
	stored []byte        // of a small one
	done   chan struct{} // closed when data and end are set
	data   []byte
	end    error // behind data; nil where there is more than the directory says
}

func (w *walk) inflateMembers(z *archive.Zip, x *file) *members {
	return &members{w: w, z: z, x: x}
}

// next returns the next member, without a Reader; see archive.Zip.Next.
func (s *members) next() (*archive.Member, error) {
	s.finish()
	for s.room() {
		s.fetch()
	}
	if len(s.queue) == 0 {
		return nil, io.EOF
	}
	s.now = s.queue[0]
	s.queue = s.queue[1:]
	s.held -= s.now.cost
	return s.now.m, s.now.err
}

// room reports whether one more member may be read from the directory. Behind a large one nothing is read ahead: its bytes
// come first.
func (s *members) room() bool {
	n := len(s.queue)
	return !s.ended && (n == 0 || n < smallMost && s.held < smallAhead && s.queue[n-1].small)
}

// fetch reads one entry of the directory, and the stored bytes of a small member.
func (s *members) fetch() {
	m, err := s.z.Next()
	if err != nil {
		s.ended = true
		if !errors.Is(err, io.EOF) {
			s.queue = append(s.queue, &memberAhead{err: err})
		}
		return
	}
	a := &memberAhead{m: m}
	s.queue = append(s.queue, a)
	if m.IsDir() {
		a.small = true
		return
	}
	if a.offset, err = s.z.Data(m); err != nil {
		a.small = true
		if m.Problem == nil {
			m.Problem = err
		}
		return
	}
	if m.Stored > smallStored || m.Size > smallSize {
		return
	}
	a.stored = make([]byte, m.Stored)
	if n, _ := s.x.ReadAt(a.stored, a.offset); int64(n) < m.Stored {
		a.stored = nil // the error shows when it is read as a large one
		return
	}
	a.small, a.done, a.cost = true, make(chan struct{}), m.Stored+m.Size
	s.held += a.cost
	s.start()
	s.work <- a
}

// start starts the goroutines that inflate small members.
func (s *members) start() {
	if s.work != nil {
		return
	}
	s.work = make(chan *memberAhead, smallMost)
	for range runtime.GOMAXPROCS(0) {
		s.workers.Go(func() {
			var z archive.Inflater
			for a := range s.work {
				a.inflate(&z)
				close(a.done)
			}
		})
	}
}

// inflate inflates a small member, up to one byte more than its size should be.
func (a *memberAhead) inflate(z *archive.Inflater) {
	m := *a.m // its Reader is set when it is given out
	if z.Open(&m, bytes.NewReader(a.stored)); m.Problem != nil {
		return
	}
	most := m.Size + 1
	a.data = make([]byte, 0, min(most, 8*m.Stored+512))
	for int64(len(a.data)) < most && a.end == nil {
		if len(a.data) == cap(a.data) {
			a.data = append(a.data, 0)[:len(a.data)]
		}
		n, err := m.Reader.Read(a.data[len(a.data):min(int64(cap(a.data)), most)])
		a.data, a.end = a.data[:len(a.data)+n], err
	}
}

// open sets the Reader of the member that was given out last, or its Problem.
func (s *members) open(m *archive.Member) {
	a := s.now
	switch {
	case m.Problem != nil:
	case a.done != nil:
		<-a.done
		if a.end != nil {
			m.Reader = io.MultiReader(bytes.NewReader(a.data), failing{a.end})
			return
		}
		s.own.Open(m, bytes.NewReader(a.stored))
	default:
		if s.src == nil {
			s.src = bufio.NewReaderSize(nil, readAhead)
		}
		s.src.Reset(io.NewSectionReader(s.x, a.offset, m.Stored))
		if s.own.Open(m, s.src); m.Problem == nil {
			s.ahead = s.w.readAhead(m.Reader)
			m.Reader = s.ahead
		}
	}
}

// finish ends what is done for the member that was given out last.
func (s *members) finish() {
	if s.ahead != nil {
		s.ahead.close()
		s.ahead = nil
	}
	s.now = nil
}

// close ends all goroutines.
func (s *members) close() {
	s.finish()
	if s.work != nil {
		close(s.work)
		s.workers.Wait()
	}
}
