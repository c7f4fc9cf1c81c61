package archive

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
)

// Signatures of APPNOTE.TXT §4.3.
const (
	sigLocal       = 0x04034b50
	sigDescriptor  = 0x08074b50
	sigCentral     = 0x02014b50
	sigEnd         = 0x06054b50
	sigEnd64       = 0x06064b50
	sigEnd64Locate = 0x07064b50

	lenLocal   = 30
	lenCentral = 46
	lenEnd     = 22

	flagEncrypted  = 1 << 0
	flagDescriptor = 1 << 3

	methodStore   = 0
	methodDeflate = 8
	methodBzip2   = 12
	methodZstd    = 93
	methodXz      = 95
)

// Zip reads a zip by its central directory, one entry at a time: a directory of a million entries takes no memory.
type Zip struct {
	at    io.ReaderAt
	size  int64
	dir   *bufio.Reader
	left  int64 // bytes of the directory that were not read
	shift int64 // what stands before the archive: self-extracting programs, junk
}

// OpenZip finds the central directory. ErrTruncated means that there is none, and the archive has to be read forward.
func OpenZip(at io.ReaderAt, size int64) (*Zip, error) {
	// The end record is followed by a comment of up to 64 KiB.
	tail := make([]byte, min(size, lenEnd+1<<16))
	base := size - int64(len(tail))
	if _, err := at.ReadAt(tail, base); err != nil && err != io.EOF {
		return nil, fmt.Errorf("reading the end of the archive: %w", err)
	}
	for i := len(tail) - lenEnd; i >= 0; i-- {
		if binary.LittleEndian.Uint32(tail[i:]) != sigEnd {
			continue
		}
		if z := openAt(at, size, base+int64(i), tail[i:]); z != nil {
			return z, nil
		}
	}
	return nil, ErrTruncated
}

// openAt reads the end record at offset end; nil where what it says cannot be.
func openAt(at io.ReaderAt, size, end int64, b []byte) *Zip {
	length, offset := int64(binary.LittleEndian.Uint32(b[12:])), int64(binary.LittleEndian.Uint32(b[16:]))
	dirEnd := end
	if length == 1<<32-1 || offset == 1<<32-1 || binary.LittleEndian.Uint16(b[10:]) == 1<<16-1 {
		if l, o, e, ok := end64(at, end); ok {
			length, offset, dirEnd = l, o, e
		}
	}
	if length < 0 || offset < 0 || length > dirEnd || offset > dirEnd {
		return nil
	}
	z := &Zip{at: at, size: size, left: length, shift: dirEnd - length - offset}
	if z.shift < 0 {
		return nil
	}
	if length > 0 {
		var sig [4]byte
		if _, err := at.ReadAt(sig[:], dirEnd-length); err != nil || binary.LittleEndian.Uint32(sig[:]) != sigCentral {
			return nil
		}
	}
	z.dir = bufio.NewReaderSize(io.NewSectionReader(at, dirEnd-length, length), 64<<10)
	return z
}

// end64 reads the zip64 end record (APPNOTE.TXT §4.3.14), whose locator stands before the end record.
func end64(at io.ReaderAt, end int64) (length, offset, dirEnd int64, ok bool) {
	var loc [20]byte
	if end < 20 {
		return 0, 0, 0, false
	}
	if _, err := at.ReadAt(loc[:], end-20); err != nil || binary.LittleEndian.Uint32(loc[:]) != sigEnd64Locate {
		return 0, 0, 0, false
	}
	pos := int64(binary.LittleEndian.Uint64(loc[8:]))
	var rec [56]byte
	if pos < 0 || pos > end-20 {
		return 0, 0, 0, false
	}
	if _, err := at.ReadAt(rec[:], pos); err != nil || binary.LittleEndian.Uint32(rec[:]) != sigEnd64 {
		return 0, 0, 0, false
	}
	return int64(binary.LittleEndian.Uint64(rec[40:])), int64(binary.LittleEndian.Uint64(rec[48:])), pos, true
}

// Next returns the next entry of the directory, io.EOF behind the last. After any other error the directory can't be
// read further.
func (z *Zip) Next() (*Member, error) {
	if z.left <= 0 {
		return nil, io.EOF
	}
	var b [lenCentral]byte
	if _, err := io.ReadFull(z.dir, b[:]); err != nil {
		return nil, fmt.Errorf("%w: its directory is cut short", ErrFormat)
	}
	if binary.LittleEndian.Uint32(b[:]) != sigCentral {
		return nil, fmt.Errorf("%w: its directory holds something else", ErrFormat)
	}
	nameLen, extraLen, noteLen := int(u16(b[28:])), int(u16(b[30:])), int(u16(b[32:]))
	rest := make([]byte, nameLen+extraLen+noteLen)
	if _, err := io.ReadFull(z.dir, rest); err != nil {
		return nil, fmt.Errorf("%w: its directory is cut short", ErrFormat)
	}
	z.left -= lenCentral + int64(len(rest))
	m := &Member{
		Name: string(rest[:nameLen]), flags: u16(b[8:]), method: u16(b[10:]), crc: u32(b[16:]),
		Stored: int64(u32(b[20:])), Size: int64(u32(b[24:])), offset: int64(u32(b[42:])),
	}
	m.zip64(rest[nameLen:nameLen+extraLen], true)
	if m.Stored < 0 || m.Size < 0 || m.offset < 0 {
		m.Problem = fmt.Errorf("%w: impossible sizes", ErrFormat)
	}
	m.offset += z.shift
	return m, nil
}

// zip64 takes the sizes that do not fit into 32 bits from the extra field 1 (APPNOTE.TXT §4.5.3).
func (m *Member) zip64(extra []byte, central bool) {
	const mark = 1<<32 - 1
	for len(extra) >= 4 {
		id, n := u16(extra), int(u16(extra[2:]))
		extra = extra[4:]
		if n > len(extra) {
			return
		}
		field := extra[:n]
		extra = extra[n:]
		if id != 1 {
			continue
		}
		take := func(v *int64) {
			if *v == mark && len(field) >= 8 {
				*v = int64(binary.LittleEndian.Uint64(field))
				field = field[8:]
			}
		}
		take(&m.Size)
		take(&m.Stored)
		if central {
			take(&m.offset)
		}
		return
	}
}

// Data finds where the member's stored bytes lie: its local header has lengths of its own.
func (z *Zip) Data(m *Member) (offset int64, err error) {
	if m.Problem != nil {
		return 0, m.Problem
	}
	var b [lenLocal]byte
	if _, err := z.at.ReadAt(b[:], m.offset); err != nil || u32(b[:]) != sigLocal {
		return 0, fmt.Errorf("%w: no header where the directory says that the member is", ErrFormat)
	}
	offset = m.offset + lenLocal + int64(u16(b[26:])) + int64(u16(b[28:]))
	if offset > z.size || m.Stored > z.size-offset {
		return offset, ErrTruncated
	}
	return offset, nil
}

// IsDir reports whether the entry is a folder: it holds nothing and its name ends in a slash.
func (m *Member) IsDir() bool {
	return m.Size <= 0 && m.Name != "" && m.Name[len(m.Name)-1] == '/'
}

func u16(b []byte) uint16 { return binary.LittleEndian.Uint16(b) }
func u32(b []byte) uint32 { return binary.LittleEndian.Uint32(b) }
