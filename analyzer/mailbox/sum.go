package mailbox

import "hash"

// sumBlock is how many bytes are handed to the hash at a time, sumAhead how many such blocks may wait for it.
const (
	sumBlock = 256 << 10
	sumAhead = 4
)

// sum hashes bytes in order beside the goroutine that reads them: framing is several times faster than SHA-256.
type sum struct {
	h    hash.Hash
	work chan []byte
	free chan []byte
	done chan struct{}
}

// newSum starts hashing; end has to be called.
func newSum(h hash.Hash) *sum {
	s := &sum{h: h, work: make(chan []byte, sumAhead), free: make(chan []byte, sumAhead+1), done: make(chan struct{})}
	for range sumAhead + 1 {
		s.free <- nil
	}
	go func() {
		defer close(s.done)
		for b := range s.work {
			s.h.Write(b)
			s.free <- b[:0]
		}
	}()
	return s
}

// Write takes bytes; p may be changed afterwards.
func (s *sum) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		n := min(len(rest), sumBlock)
		s.work <- append(<-s.free, rest[:n]...)
		rest = rest[n:]
	}
	return len(p), nil
}

// end waits for the hash of all that was written.
func (s *sum) end() []byte {
	close(s.work)
	<-s.done
	return s.h.Sum(nil)
}
