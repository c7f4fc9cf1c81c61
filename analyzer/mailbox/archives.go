package mailbox

import (
	"archive/tar"
	"archive/zip"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/content"
)

func isArchive(k content.Kind) bool {
	switch k {
	case content.Zip, content.Tar, content.Gzip, content.Bzip2, content.Xz, content.Zstd:
		return true
	}
	return false
}

// errRatio ends the reading of what inflates to far more than any mail does.
var errRatio = fmt.Errorf("the archive inflates beyond the limit %s", limit.NameArchiveRatio)

// meter counts inflated bytes against what the file may inflate to.
type meter struct {
	w *walk
	r io.Reader
}

func (m meter) Read(p []byte) (int, error) {
	if m.w.expanded > m.w.allowed {
		return 0, errRatio
	}
	n, err := m.r.Read(p)
	m.w.expanded += int64(n)
	return n, err
}

func (w *walk) archiveFile(x *file, kind content.Kind) error {
	s := &stream{path: x.path, name: x.st.Name(), size: x.st.Size(), r: x}
	if kind == content.Zip {
		return w.zip(x.f, s, 1)
	}
	return w.archive(s, kind, 1)
}

// archive reads an archive or a compressed file that is a stream.
func (w *walk) archive(s *stream, kind content.Kind, depth int) error {
	if depth > w.cfg.Limits.ArchiveDepth {
		w.count.Bytes += max(0, s.size)
		w.count.Problem += max(0, s.size)
		return w.problem(w.location(s.path, 0, max(0, s.size)), "limit",
			fmt.Sprintf("archives lie in one another deeper than the limit %s", limit.NameArchiveDepth), true)
	}
	if kind == content.Tar {
		return w.tar(s, depth)
	}
	var r io.Reader
	var err error
	switch kind {
	case content.Gzip:
		r, err = gzip.NewReader(s.r)
	case content.Bzip2:
		r = bzip2.NewReader(s.r)
	default:
		err = errors.New("not supported")
	}
	if err != nil {
		return err
	}
	inner := &stream{path: s.path, name: strings.TrimSuffix(s.name, path.Ext(s.name)), size: -1, r: meter{w, r}}
	var b *bundle
	if err := w.member(inner, depth, &b); err != nil {
		return err
	}
	if b != nil {
		return b.flush()
	}
	return nil
}

func (w *walk) tar(s *stream, depth int) error {
	src := &counter{r: s.r}
	r := tar.NewReader(src)
	var b *bundle
	var members int64
	for {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			if err := w.problem(w.location(s.path, src.n, 0), "archive", plain(err), true); err != nil {
				return err
			}
			break
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		members += h.Size
		name := evidence.EscapeName(h.Name)
		m := &stream{path: append(append([]string{}, s.path...), name), name: path.Base(h.Name), size: h.Size, r: r}
		if err := w.member(m, depth+1, &b); err != nil {
			return err
		}
	}
	if b != nil {
		if err := b.flush(); err != nil {
			return err
		}
	}
	w.count.Bytes += src.n - members
	w.count.Framing += src.n - members
	return nil
}

func (w *walk) zip(at io.ReaderAt, s *stream, depth int) error {
	z, err := zip.NewReader(at, s.size)
	if err != nil {
		return err
	}
	z.RegisterDecompressor(zip.Deflate, flate.NewReader)
	var b *bundle
	for _, f := range z.File {
		if f.FileInfo().IsDir() {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return err
		}
		m := &stream{path: append(append([]string{}, s.path...), evidence.EscapeName(f.Name)), name: path.Base(f.Name), size: int64(f.UncompressedSize64), r: meter{w, r}}
		if err := w.member(m, depth+1, &b); err != nil {
			return err
		}
		r.Close()
	}
	if b != nil {
		return b.flush()
	}
	return nil
}
