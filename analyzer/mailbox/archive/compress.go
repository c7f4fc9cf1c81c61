package archive

import (
	"compress/bzip2"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// window is the most a decoder may hold to look back at: zstd --ultra -22 and xz -9 ask for 128 and 64 MiB.
const window = 128 << 20

// Inflater opens members one after another, with memory that it uses again. It is for one goroutine.
type Inflater struct{ deflate io.ReadCloser }

// Open sets the member's Reader over its stored bytes, or its Problem. The Reader of the member before ends with it.
func (f *Inflater) Open(m *Member, stored io.Reader) {
	if m.flags&flagEncrypted != 0 {
		m.Problem = ErrPassword
		return
	}
	r, err := f.method(m.method, stored)
	if err != nil {
		m.Problem = err
		return
	}
	m.Reader = check(r, m.Size, m.crc)
}

// method returns a reader that undoes a zip method.
func (f *Inflater) method(method uint16, r io.Reader) (io.Reader, error) {
	switch method {
	case methodStore:
		return r, nil
	case methodDeflate:
		if old, ok := f.deflate.(flate.Resetter); ok {
			return f.deflate, old.Reset(r, nil)
		}
		f.deflate = flate.NewReader(r)
		return f.deflate, nil
	case methodBzip2:
		return bzip2.NewReader(r), nil
	case methodZstd:
		return NewZstd(r)
	case methodXz:
		return NewXz(r), nil
	}
	return nil, fmt.Errorf("%w (method %d)", ErrMethod, method)
}

// NewGzip reads one or several gzip members one after another (RFC 1952 §2.2). Zeros behind the last are padding.
func NewGzip(r io.Reader) (io.Reader, error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return failures{z}, nil
}

// NewBzip2 reads bzip2 streams.
func NewBzip2(r io.Reader) (io.Reader, error) { return failures{bzip2.NewReader(r)}, nil }

// Zstd reads zstd frames; Close ends what runs for it.
type Zstd struct {
	failures
	z *zstd.Decoder
}

// Close frees the decoder.
func (z *Zstd) Close() { z.z.Close() }

// NewZstd reads zstd frames (RFC 8878) of up to 128 MiB of window.
func NewZstd(r io.Reader) (*Zstd, error) {
	z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(window), zstd.WithDecoderLowmem(true))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return &Zstd{failures{z}, z}, nil
}

// failures names what decoders return.
type failures struct{ r io.Reader }

func (f failures) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	switch {
	case err == nil, err == io.EOF:
		return n, err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return n, ErrTruncated
	case errors.Is(err, zstd.ErrWindowSizeExceeded), errors.Is(err, zstd.ErrDecoderSizeExceeded):
		return n, ErrMemory
	}
	return n, fmt.Errorf("%w: %w", ErrFormat, err)
}
