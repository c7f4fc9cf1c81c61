package archive

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"io"

	"github.com/ulikunitz/xz/lzma"
)

// Xz reads an .xz file (https://tukaani.org/xz/xz-file-format.txt), one or several streams of blocks. The container is read
// here because a block header may name a dictionary of 4 GiB, which a decoder would allocate at once.
type Xz struct {
	r     *bufio.Reader
	n     int64 // bytes read of the source
	sum   hash.Hash
	check byte // kind of check of the stream
	block io.Reader
	start int64 // of the block's data
	begun bool
	err   error
}

// NewXz returns a reader over an .xz file.
func NewXz(r io.Reader) *Xz { return &Xz{r: bufio.NewReaderSize(r, 64<<10)} }

const xzMagic = "\xfd7zXZ\x00"

// Read gives the inflated bytes.
func (x *Xz) Read(p []byte) (int, error) {
	for x.err == nil {
		if x.block == nil {
			x.err = x.next()
			continue
		}
		n, err := x.block.Read(p)
		if x.sum != nil {
			x.sum.Write(p[:n])
		}
		if err == io.EOF {
			x.block = nil
			x.err = x.endBlock()
		} else if err != nil {
			x.err = fmt.Errorf("%w: %w", ErrFormat, err)
			if errors.Is(err, io.ErrUnexpectedEOF) {
				x.err = ErrTruncated
			}
		}
		if n > 0 || len(p) == 0 {
			return n, nil
		}
	}
	return 0, x.err
}

// next goes on to the next block, over headers, indexes and the padding between streams.
func (x *Xz) next() error {
	if !x.begun {
		return x.header()
	}
	size, err := x.byte()
	if err != nil {
		return err
	}
	if size == 0 {
		return x.index()
	}
	head := make([]byte, (int(size)+1)*4)
	head[0] = size
	if err := x.full(head[1:]); err != nil {
		return err
	}
	if crc32.ChecksumIEEE(head[:len(head)-4]) != binary.LittleEndian.Uint32(head[len(head)-4:]) {
		return fmt.Errorf("%w: block header of an xz", ErrChecksum)
	}
	dict, err := xzFilter(head[1 : len(head)-4])
	if err != nil {
		return err
	}
	x.start = x.n
	z, err := lzma.Reader2Config{DictCap: dict}.NewReader2(counted{x})
	if err != nil {
		return fmt.Errorf("%w: %w", ErrFormat, err)
	}
	x.block, x.sum = z, xzSum(x.check)
	return nil
}

// xzFilter reads block flags and the one filter that is read, LZMA2; it returns the size of the dictionary.
func xzFilter(b []byte) (dict int, err error) {
	flags := b[0]
	b = b[1:]
	for _, present := range []bool{flags&0x40 != 0, flags&0x80 != 0} {
		if present {
			_, n := binary.Uvarint(b)
			if n <= 0 {
				return 0, fmt.Errorf("%w: block header of an xz", ErrFormat)
			}
			b = b[n:]
		}
	}
	if flags&3 != 0 || len(b) < 3 || b[0] != 0x21 || b[1] != 1 {
		return 0, fmt.Errorf("%w (an xz with other filters than LZMA2)", ErrMethod)
	}
	bits := b[2]
	size := int64(2|bits&1) << (bits/2 + 11)
	if bits > 40 || size > window {
		return 0, fmt.Errorf("%w (an xz with a dictionary of %d bytes)", ErrMemory, size)
	}
	return max(int(size), lzma.MinDictCap), nil
}

// header reads a stream header.
func (x *Xz) header() error {
	var b [12]byte
	if err := x.full(b[:]); err != nil {
		return err
	}
	if string(b[:6]) != xzMagic || b[6] != 0 || crc32.ChecksumIEEE(b[6:8]) != binary.LittleEndian.Uint32(b[8:]) {
		return fmt.Errorf("%w: header of an xz", ErrFormat)
	}
	x.check, x.begun = b[7], true
	return nil
}

// endBlock reads the padding and the check behind a block.
func (x *Xz) endBlock() error {
	pad := make([]byte, (4-(x.n-x.start)%4)%4)
	if err := x.full(pad); err != nil {
		return err
	}
	size := map[byte]int{0: 0, 1: 4, 4: 8, 10: 32}
	n, ok := size[x.check]
	if !ok {
		n = 4 << ((x.check - 1) / 3) // §2.1.1.2: sizes of checks that are not known
	}
	want := make([]byte, n)
	if err := x.full(want); err != nil {
		return err
	}
	if x.sum == nil {
		return nil
	}
	got := x.sum.Sum(nil)
	for i := range want {
		if want[i] != got[len(got)-1-i] {
			return ErrChecksum
		}
	}
	return nil
}

// xzSum is the check's hash; nil for checks that are not made. SHA-256 is read over: no program writes it by default.
func xzSum(kind byte) hash.Hash {
	switch kind {
	case 1:
		return crc32.NewIEEE()
	case 4:
		return crc64.New(crc64.MakeTable(crc64.ECMA))
	}
	return nil
}

// index reads over the index and the footer of a stream, and finds the next stream or the end.
func (x *Xz) index() error {
	start := x.n - 1
	records, err := x.uvarint()
	if err != nil {
		return err
	}
	for range records {
		for range 2 {
			if _, err := x.uvarint(); err != nil {
				return err
			}
		}
	}
	rest := make([]byte, (4-(x.n-start)%4)%4+4+12)
	if err := x.full(rest); err != nil {
		return err
	}
	for {
		b, err := x.r.Peek(4)
		if err != nil {
			return io.EOF // behind the last stream fewer bytes than a stream has are padding
		}
		if string(b) != "\x00\x00\x00\x00" {
			break
		}
		x.n += 4
		x.r.Discard(4)
	}
	x.begun = false
	return nil
}

func (x *Xz) uvarint() (uint64, error) {
	v, shift := uint64(0), uint(0)
	for {
		b, err := x.byte()
		if err != nil {
			return 0, err
		}
		if shift >= 63 {
			return 0, fmt.Errorf("%w: index of an xz", ErrFormat)
		}
		v |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return v, nil
		}
		shift += 7
	}
}

func (x *Xz) byte() (byte, error) {
	b, err := x.r.ReadByte()
	if err != nil {
		return 0, ErrTruncated
	}
	x.n++
	return b, nil
}

func (x *Xz) full(b []byte) error {
	n, err := io.ReadFull(x.r, b)
	x.n += int64(n)
	if err != nil {
		return ErrTruncated
	}
	return nil
}

// counted hands the block's bytes to the decoder, which reads no byte more than it needs where it is given a ByteReader.
type counted struct{ x *Xz }

func (c counted) Read(p []byte) (int, error) {
	n, err := c.x.r.Read(p)
	c.x.n += int64(n)
	return n, err
}

func (c counted) ReadByte() (byte, error) {
	b, err := c.x.r.ReadByte()
	if err == nil {
		c.x.n++
	}
	return b, err
}
