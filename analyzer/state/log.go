package state

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/klauspost/compress/zstd"
)

// Layout of the file: a header of headerSize bytes (magic, then the two slots), then sections.
const (
	headerSize = 512
	magic      = "mailaudit state 1\n"
	slotAt     = 128
	slotSpace  = 128 // so that a write that tears one slot leaves the other alone
	slotSize   = 28  // sequence number, offset and length of the root, CRC-32C of these
)

// maxSection bounds one section, unpacked: a damaged length must not make us allocate without end. Blocks are cut at
// some 4 MiB; the table of a source of ten million files takes 600 MB.
const maxSection = 1 << 30

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Ref is where a section is: its offset in the file and its length as stored.
type Ref struct {
	Off int64 `json:"o"`
	Len int64 `json:"n"`
}

// disk is the part of *os.File that a log needs.
type disk interface {
	io.ReaderAt
	io.WriterAt
	Sync() error
	Truncate(int64) error
	Close() error
}

// log is the file as a list of sections.
type log struct {
	f         disk
	tail      int64 // where the next section goes
	committed int64 // the end of what the last commit made true
	seq       uint64
	root      Ref
	enc       *zstd.Encoder
	dec       *zstd.Decoder
}

func newLog(f disk) *log {
	l := &log{f: f, tail: headerSize}
	return l
}

// openLog finds the last commit.
func openLog(f disk, size int64) (*log, error) {
	head := make([]byte, headerSize)
	if n, err := f.ReadAt(head, 0); n < headerSize {
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		return nil, fmt.Errorf("%w: %d bytes", ErrVersion, n)
	}
	if string(head[:len(magic)]) != magic {
		return nil, fmt.Errorf("%w: it does not begin with %q", ErrVersion, magic)
	}
	l := newLog(f)
	found := false
	for i := range 2 {
		slot := head[slotAt+i*slotSpace:][:slotSize]
		if crc32.Checksum(slot[:24], castagnoli) != binary.LittleEndian.Uint32(slot[24:]) {
			continue
		}
		seq := binary.LittleEndian.Uint64(slot)
		r := Ref{int64(binary.LittleEndian.Uint64(slot[8:])), int64(binary.LittleEndian.Uint64(slot[16:]))}
		if r.Off < headerSize || r.Len <= 0 || r.Off+r.Len > size || found && seq < l.seq {
			continue
		}
		// The last commit's slot is written when its root is safe, so one that does not read is damage, not a crash; the
		// commit before it is then still better than nothing, if what it names is there.
		if _, err := l.read(r); err != nil {
			continue
		}
		l.seq, l.root, found = seq, r, true
	}
	if !found {
		return nil, fmt.Errorf("%w: no commit can be read", ErrDamaged)
	}
	l.tail = size
	l.committed = size
	return l, nil
}

// append compresses and writes a section: its pieces each by themselves, as frames one behind the other (RFC 8878 §3.1), for
// each has characters of its own.
func (l *log) append(pieces ...[]byte) (Ref, error) {
	if l.enc == nil {
		var err error
		if l.enc, err = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedDefault), zstd.WithEncoderCRC(true)); err != nil {
			return Ref{}, err
		}
	}
	var b []byte
	for _, p := range pieces {
		b = l.enc.EncodeAll(p, b)
	}
	return l.appendRaw(b)
}

// appendRaw writes a section that is compressed already.
func (l *log) appendRaw(b []byte) (Ref, error) {
	if _, err := l.f.WriteAt(b, l.tail); err != nil {
		return Ref{}, fmt.Errorf("writing the state: %w", err)
	}
	r := Ref{l.tail, int64(len(b))}
	l.tail += r.Len
	return r, nil
}

// raw reads a section as stored.
func (l *log) raw(r Ref) ([]byte, error) {
	if r.Off < headerSize || r.Len <= 0 || r.Len > maxSection {
		return nil, fmt.Errorf("%w: section at %d of %d bytes", ErrDamaged, r.Off, r.Len)
	}
	b := make([]byte, r.Len)
	if _, err := l.f.ReadAt(b, r.Off); err != nil {
		return nil, fmt.Errorf("%w: section at %d: %w", ErrDamaged, r.Off, err)
	}
	return b, nil
}

// read reads a section. Each carries a checksum of what it holds (RFC 8878 §3.1.1, content checksum).
func (l *log) read(r Ref) ([]byte, error) {
	b, err := l.raw(r)
	if err != nil {
		return nil, err
	}
	if l.dec == nil {
		if l.dec, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxSection)); err != nil {
			return nil, err
		}
	}
	out, err := l.dec.DecodeAll(b, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: section at %d: %w", ErrDamaged, r.Off, err)
	}
	return out, nil
}

// commit writes the root, makes sure that all is on disk, and then points at it.
func (l *log) commit(root []byte) error {
	first := l.seq == 0
	r, err := l.append(root)
	if err != nil {
		return err
	}
	if first {
		head := make([]byte, headerSize)
		copy(head, magic)
		if _, err := l.f.WriteAt(head, 0); err != nil {
			return err
		}
	}
	if err := l.f.Sync(); err != nil {
		return err
	}
	if err := l.point(r); err != nil {
		return err
	}
	if err := l.f.Sync(); err != nil {
		return err
	}
	l.seq++
	l.root, l.committed = r, l.tail
	return nil
}

// point writes the slot of the next commit, whose root is at r.
func (l *log) point(r Ref) error {
	var slot [slotSize]byte
	binary.LittleEndian.PutUint64(slot[:], l.seq+1)
	binary.LittleEndian.PutUint64(slot[8:], uint64(r.Off))
	binary.LittleEndian.PutUint64(slot[16:], uint64(r.Len))
	binary.LittleEndian.PutUint32(slot[24:], crc32.Checksum(slot[:24], castagnoli))
	_, err := l.f.WriteAt(slot[:], slotAt+int64((l.seq+1)%2)*slotSpace)
	return err
}

// close takes away what no commit named, so that a run that came to nothing leaves no garbage, and closes the file.
func (l *log) close() error {
	var err error
	if l.tail > l.committed && l.seq > 0 {
		err = l.f.Truncate(l.committed)
	}
	if l.dec != nil {
		l.dec.Close()
	}
	if cerr := l.f.Close(); err == nil {
		err = cerr
	}
	return err
}
