package candidate

import (
	"bytes"
	"unicode/utf8"

	"github.com/mailaudit/mailaudit/analyzer/message"
)

// buffers are what one test writes to; they are kept for the next one.
type buffers struct {
	body               message.Room
	unfolded, stripped []byte
	compact, figures   []byte
}

// largestKept bounds what the pool holds on to.
const largestKept = 1 << 20

func (s *search) buffers() *buffers {
	if s.bufs == nil {
		s.bufs, _ = s.m.pool.Get().(*buffers)
		if s.bufs == nil {
			s.bufs = new(buffers)
		}
	}
	return s.bufs
}

func (s *search) release() {
	if s.bufs != nil {
		s.m.pool.Put(s.bufs)
		s.bufs = nil
	}
}

// validUTF8 reports whether b is UTF-8 and has no escape of ISO-2022-JP.
func validUTF8(b []byte) bool { return utf8.Valid(b) && bytes.IndexByte(b, 0x1b) < 0 }
