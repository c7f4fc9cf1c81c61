package xlsx

import (
	"hash/crc32"
	"io"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/flate"
)

// packing is how hard parts are packed: at level 6 a workbook is a fifth smaller than at level 1 and takes an eighth longer
// to make; beyond it, next to nothing is gained.
const packing = 6

// spool holds packed rows until the package is written, in a temporary file: the parts of a package stand one after
// another, while the rows of several sheets are made at once.
type spool struct {
	file *os.File
	size int64
}

// block is a run of bytes of a part: packed on its own, so that blocks can be made side by side, and ending where a byte
// ends, so that one after another they are one DEFLATE stream (RFC 1951 §3.2.4, as zlib's sync flush).
type block struct {
	packed []byte
	crc    uint32
	size   int64 // before packing
}

// packer packs blocks. It may be used for many, one after another.
type packer struct {
	z *flate.Writer
}

func newPacker() (*packer, error) {
	z, err := flate.NewWriter(nil, packing)
	return &packer{z}, err
}

// pack appends text to to, packed. The last block of a part ends the stream.
func (p *packer) pack(to *sliceWriter, text []byte, last bool) (block, error) {
	start := len(*to)
	p.z.Reset(to)
	_, err := p.z.Write(text)
	if err == nil {
		err = p.z.Flush()
	}
	if err == nil && last {
		err = p.z.Close()
	}
	return block{packed: (*to)[start:], crc: crc32.ChecksumIEEE(text), size: int64(len(text))}, err
}

// sliceWriter appends what is written to it.
type sliceWriter []byte

func (w *sliceWriter) Write(p []byte) (int, error) {
	*w = append(*w, p...)
	return len(p), nil
}

// stretch is packed blocks one after another.
type stretch struct {
	crc          uint32
	size, packed int64
	places       []place
}

// place is where a block is on the spool.
type place struct{ offset, length int64 }

// add appends a block to a stretch.
func (s *spool) add(to *stretch, b block) error {
	if _, err := s.file.Write(b.packed); err != nil {
		return err
	}
	n := int64(len(b.packed))
	to.places = append(to.places, place{s.size, n})
	to.crc, to.size, to.packed = joinCRC(to.crc, b.crc, b.size), to.size+b.size, to.packed+n
	s.size += n
	return nil
}

// copy writes a stretch to w.
func (s *spool) copy(w io.Writer, from *stretch) error {
	for _, p := range from.places {
		if _, err := io.Copy(w, io.NewSectionReader(s.file, p.offset, p.length)); err != nil {
			return err
		}
	}
	return nil
}

// join appends one stretch to another.
func (s *stretch) join(t *stretch) {
	s.crc, s.size, s.packed, s.places = joinCRC(s.crc, t.crc, t.size), s.size+t.size, s.packed+t.packed, append(s.places, t.places...)
}

func newSpool(dir string) (*spool, error) {
	file, err := os.Create(filepath.Join(dir, "rows"))
	if err != nil {
		return nil, err
	}
	return &spool{file: file}, nil
}

// close gives the file back; it goes with its folder.
func (s *spool) close() { s.file.Close() }
