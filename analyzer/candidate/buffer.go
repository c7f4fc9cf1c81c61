package candidate

import (
	"bytes"
	"sync"
	"unicode/utf8"
)

// buffers are what one test writes to; they are kept for the next one.
type buffers struct {
	body, stripped, scratch []byte
}

// largestKept bounds what the pool holds on to.
const largestKept = 1 << 20

// pool is shared by all tests of the process; what is in it has no meaning.
var pool = sync.Pool{New: func() any { return &buffers{body: make([]byte, 0, 64<<10)} }}

func (s *search) release() {
	if s.bufs != nil {
		pool.Put(s.bufs)
		s.bufs = nil
	}
}

// validUTF8 tells whether b is UTF-8 and has no escape of ISO-2022-JP.
func validUTF8(b []byte) bool { return utf8.Valid(b) && bytes.IndexByte(b, 0x1b) < 0 }
