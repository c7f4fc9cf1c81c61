package archive

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"

	"compress/flate"
)

// Forward reads a zip from its start by local headers, for one without a central directory and for one inside a stream.
type Forward struct {
	r    *bufio.Reader
	last io.Reader // of the member before, to be read to its end
	desc *Member   // the member before, when a data descriptor follows it
	z    Inflater
	// Garbage is how many bytes were skipped that were no header.
	Garbage int64
}

// NewForward returns a Forward over a zip.
func NewForward(r io.Reader) *Forward { return &Forward{r: bufio.NewReaderSize(r, 128<<10)} }

// Next returns the next member, io.EOF at the central directory, ErrTruncated where the archive ends without one. A
// member's Reader has to be used before the next call; what was not read of it is read over.
func (f *Forward) Next() (*Member, error) {
	if f.last != nil {
		io.Copy(io.Discard, f.last) // an error was or will be found as garbage before the next header
		f.last = nil
	}
	if f.desc != nil {
		f.descriptor()
		f.desc = nil
	}
	if err := f.seek(); err != nil {
		return nil, err
	}
	var b [lenLocal]byte
	if _, err := io.ReadFull(f.r, b[:]); err != nil {
		return nil, ErrTruncated
	}
	m := &Member{flags: u16(b[6:]), method: u16(b[8:]), crc: u32(b[14:]), Stored: int64(u32(b[18:])), Size: int64(u32(b[22:]))}
	rest := make([]byte, int(u16(b[26:]))+int(u16(b[28:])))
	if _, err := io.ReadFull(f.r, rest); err != nil {
		return nil, ErrTruncated
	}
	name := int(u16(b[26:]))
	m.Name = string(rest[:name])
	m.zip64(rest[name:], false)
	f.open(m)
	return m, nil
}

// open sets the member's Reader.
func (f *Forward) open(m *Member) {
	streamed := m.flags&flagDescriptor != 0 && m.Stored == 0
	switch {
	case m.Stored < 0 || m.Size < 0:
		m.Problem = fmt.Errorf("%w: impossible sizes", ErrFormat)
		m.Stored, m.Size = -1, -1
	case !streamed:
		stored := io.LimitReader(f.r, m.Stored)
		f.z.Open(m, &exact{r: stored, left: m.Stored})
		f.last = stored
	case m.flags&flagEncrypted != 0:
		m.Problem, m.Stored, m.Size = ErrPassword, -1, -1
	case m.method == methodDeflate:
		// The standard library's inflate reads no byte behind the end of the data, and is used here for that.
		m.Stored, m.Size = -1, -1
		c := check(flate.NewReader(f.r), -1, 0)
		c.skip = true
		m.Reader, f.last, f.desc = c, c, m
	case m.method == methodStore:
		m.Stored, m.Size = -1, -1
		u := &untilHeader{r: f.r}
		m.Reader, f.last, f.desc = u, u, m
	default:
		m.Stored, m.Size = -1, -1
		m.Problem = fmt.Errorf("%w (method %d, of unknown size)", ErrMethod, m.method)
	}
}

// seek goes to the next local header.
func (f *Forward) seek() error {
	for {
		b, err := f.r.Peek(4)
		if err != nil {
			return ErrTruncated
		}
		switch u32(b) {
		case sigLocal:
			return nil
		case sigCentral, sigEnd, sigEnd64:
			return io.EOF
		}
		window, _ := f.r.Peek(f.r.Buffered())
		n := bytes.Index(window[1:], []byte("PK"))
		if n < 0 {
			n = max(len(window)-2, 0)
		}
		f.r.Discard(n + 1)
		f.Garbage += int64(n + 1)
	}
}

// descriptor reads over the data descriptor (APPNOTE.TXT §4.3.9) behind a member of unknown size.
func (f *Forward) descriptor() {
	if b, err := f.r.Peek(4); err == nil && u32(b) == sigDescriptor {
		f.r.Discard(4)
	}
	// CRC-32 and two sizes of 4 or of 8 bytes: whichever has a header behind it.
	for _, n := range []int{12, 20} {
		if b, err := f.r.Peek(n + 4); err == nil && u32(b[n:])&0xffff == 0x4b50 {
			f.r.Discard(n)
			return
		}
	}
}

// exact tells the end of the archive from the end of a member.
type exact struct {
	r    io.Reader
	left int64
}

func (e *exact) Read(p []byte) (int, error) {
	n, err := e.r.Read(p)
	e.left -= int64(n)
	if err == io.EOF && e.left > 0 {
		return n, ErrTruncated
	}
	return n, err
}

// untilHeader reads stored data of unknown size, up to the data descriptor's signature that has a header behind it.
type untilHeader struct {
	r    *bufio.Reader
	n    int64
	done bool
}

func (u *untilHeader) Read(p []byte) (int, error) {
	if u.done {
		return 0, io.EOF
	}
	const ahead = 4 + 20 + 4 // descriptor with 64-bit sizes, and a header's signature
	b, err := u.r.Peek(64 << 10)
	n := len(b)
	if err == nil {
		n -= ahead - 1 // what begins behind that is decided with more bytes in sight
	} else if n == 0 {
		return 0, ErrTruncated
	}
	for i := 0; i < n; i++ {
		j := bytes.Index(b[i:], []byte("PK\x07\x08"))
		if j < 0 || i+j >= n {
			break
		}
		if i += j; isDescriptor(b[i:], u.n+int64(i)) {
			n = i
			break
		}
	}
	if n == 0 {
		u.done = true
		return 0, io.EOF
	}
	n = copy(p, b[:n])
	u.r.Discard(n)
	u.n += int64(n)
	return n, nil
}

// isDescriptor reports whether b begins with the descriptor of a stored member of n bytes, with sizes of 32 or of 64 bits and a header behind it.
func isDescriptor(b []byte, n int64) bool {
	header := func(at int) bool {
		return len(b) >= at+4 && (u32(b[at:]) == sigLocal || u32(b[at:]) == sigCentral)
	}
	return header(16) && int64(u32(b[8:])) == n || header(24) && int64(binary.LittleEndian.Uint64(b[8:])) == n
}
