package archive

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/pierrec/lz4/v4"
)

// LZ4Mark begins a file of the lz4 program, DovecotLZ4Mark a message that Dovecot stored with mail_compress = lz4.
const (
	LZ4Mark        = "\x04\x22\x4d\x18"
	DovecotLZ4Mark = "Dovecot-LZ4\r*\x9b\xc5"
)

// NewLZ4 reads what lz4 compressed: frames (lz4_Frame_format.md), or Dovecot's own framing.
func NewLZ4(r *bufio.Reader) io.Reader {
	if b, _ := r.Peek(len(DovecotLZ4Mark)); string(b) == DovecotLZ4Mark {
		return &dovecotLZ4{r: r}
	}
	return failures{lz4.NewReader(r)}
}

// dovecotLZ4 reads what Dovecot's zlib plugin writes (iostream-lz4.h): the mark, how long a chunk is at most when it is
// inflated, then chunks, each of them a length and one block of lz4. Both numbers are big-endian.
type dovecotLZ4 struct {
	r      *bufio.Reader
	begun  bool
	stored []byte // room for a chunk
	room   []byte // and for what it inflates to
	chunk  []byte // of room: not given out yet
	err    error
}

// dovecotChunk is the longest chunk that is read: Dovecot writes 64 KiB, and refuses more.
const dovecotChunk = 1 << 20

// Read implements io.Reader.
func (d *dovecotLZ4) Read(p []byte) (int, error) {
	for len(d.chunk) == 0 {
		if d.err == nil {
			d.err = d.next()
		}
		if d.err != nil {
			return 0, d.err
		}
	}
	n := copy(p, d.chunk)
	d.chunk = d.chunk[n:]
	return n, nil
}

// next inflates the next chunk.
func (d *dovecotLZ4) next() error {
	if !d.begun {
		if _, err := d.r.Discard(len(DovecotLZ4Mark)); err != nil {
			return ErrTruncated
		}
		most, err := d.length("chunks of %d bytes")
		if err != nil {
			return short(err)
		}
		d.room, d.stored, d.begun = make([]byte, most), make([]byte, lz4.CompressBlockBound(most)), true
	}
	n, err := d.length("a chunk of %d bytes")
	if err != nil {
		return err // io.EOF where no chunk follows
	}
	if n > len(d.stored) {
		return fmt.Errorf("%w: a chunk of %d bytes", ErrFormat, n)
	}
	if _, err := io.ReadFull(d.r, d.stored[:n]); err != nil {
		return short(err)
	}
	n, err = lz4.UncompressBlock(d.stored[:n], d.room)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrFormat, err)
	}
	d.chunk = d.room[:n]
	return nil
}

// length reads a length; what says how an absurd one is named.
func (d *dovecotLZ4) length(what string) (int, error) {
	var b [4]byte
	if _, err := io.ReadFull(d.r, b[:]); err != nil {
		if err == io.EOF {
			return 0, io.EOF // it ends here
		}
		return 0, short(err)
	}
	n := binary.BigEndian.Uint32(b[:])
	if n == 0 || n > dovecotChunk+dovecotChunk/8 {
		return 0, fmt.Errorf("%w: "+what, ErrFormat, n)
	}
	return int(n), nil
}

// short names the end of a file that came too early.
func short(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrTruncated
	}
	return err
}
