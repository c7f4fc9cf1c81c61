// Package archive reads zip, tar and compressed files as streams, without unpacking anything to disk.
//
// Archives of mail are large, cut short, protected by passwords, or made to hurt: members that inflate to a thousand
// times their size, that overlap, that name 4 GiB of dictionary. So the readers here hold little, whatever a header
// claims, tell what could not be read instead of giving up, and leave counting what inflates to their caller.
//
// A zip is read by its central directory where it has one (APPNOTE.TXT §4.3), zip64 included, else forward by local headers, as
// far as it goes: a download that broke off holds all its members but the last.
package archive

import (
	"errors"
	"hash"
	"hash/crc32"
	"io"
)

// Errors of members and archives.
var (
	ErrPassword  = errors.New("protected by a password: unpack it with the password and scan the folder")
	ErrMethod    = errors.New("compressed by a method that is not read: unpack it and scan the folder")
	ErrChecksum  = errors.New("checksum does not match: the data was damaged")
	ErrSize      = errors.New("the member has another size than its header says")
	ErrFormat    = errors.New("damaged archive")
	ErrTruncated = errors.New("the archive ends too early")
	ErrMemory    = errors.New("reading it would take more memory than any ordinary archive of this kind: unpack it with its own program (zstd -d --long=31, xz -d) and scan what comes out")
)

// Member is one file in an archive.
type Member struct {
	Name   string // as stored: bytes in any encoding, any separators; never used as a path on disk
	Size   int64  // inflated, as the header says; -1 where it doesn't
	Stored int64  // bytes in the archive; -1 where not known beforehand
	// Problem says why the member can't be read; Reader is nil then.
	Problem error
	// Reader gives the inflated bytes; it returns ErrChecksum or ErrSize at the end where they are wrong.
	Reader io.Reader

	method, flags uint16
	crc           uint32
	offset        int64 // of the local header
}

// checked compares size and CRC-32 of what is read.
type checked struct {
	r    io.Reader
	sum  hash.Hash32
	n    int64
	size int64 // -1 where not known
	crc  uint32
	skip bool // no CRC is known
}

func check(r io.Reader, size int64, crc uint32) *checked {
	return &checked{r: r, sum: crc32.NewIEEE(), size: size, crc: crc}
}

func (c *checked) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.sum.Write(p[:n])
	c.n += int64(n)
	if err != io.EOF {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = ErrTruncated
		}
		return n, err
	}
	switch {
	case c.size >= 0 && c.n != c.size:
		return n, ErrSize
	case !c.skip && c.sum.Sum32() != c.crc:
		return n, ErrChecksum
	}
	return n, io.EOF
}
