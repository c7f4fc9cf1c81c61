package mailbox

import (
	"hash"

	"github.com/mailaudit/mailaudit/analyzer/mailbox/block"
)

// sumBlock is how many bytes are copied for the hash at a time, sumAhead how many pieces may wait for it.
const (
	sumBlock = 256 << 10
	sumAhead = 4
)

// sum hashes bytes in order beside the goroutine that reads them: framing is several times faster than SHA-256.
type sum struct {
	h    hash.Hash
	work chan piece
	free chan []byte // copies that were hashed
	done chan struct{}
}

// piece is what is hashed next: bytes of a block that is held, or a copy.
type piece struct {
	data []byte
	of   *block.Block // nil for a copy
}

// newSum starts hashing; end has to be called.
func newSum(h hash.Hash) *sum {
	s := &sum{h: h, work: make(chan piece, sumAhead), free: make(chan []byte, sumAhead+1), done: make(chan struct{})}
	for range sumAhead + 1 {
		s.free <- nil
	}
	go func() {
		defer close(s.done)
		for p := range s.work {
			s.h.Write(p.data)
			if p.of != nil {
				p.of.Release()
			} else {
				s.free <- p.data[:0]
			}
		}
	}()
	return s
}

// Write takes bytes; p may be changed afterwards.
func (s *sum) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		n := min(len(rest), sumBlock)
		s.work <- piece{data: append(<-s.free, rest[:n]...)}
		rest = rest[n:]
	}
	return len(p), nil
}

// lend takes bytes of a block, which is held until they are hashed.
func (s *sum) lend(p []byte, b *block.Block) {
	if len(p) > 0 {
		b.Hold()
		s.work <- piece{p, b}
	}
}

// end waits for the hash of all that was written.
func (s *sum) end() []byte {
	close(s.work)
	<-s.done
	return s.h.Sum(nil)
}
