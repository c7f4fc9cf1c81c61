package mailbox

import (
	"archive/tar"
	"bufio"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/archive"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/content"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/maildir"
)

func isArchive(k content.Kind) bool {
	switch k {
	case content.Zip, content.Tar, content.Gzip, content.Bzip2, content.Xz, content.Zstd, content.LZ4, content.UTF16:
		return true
	}
	return false
}

// readAhead is how many stored bytes of an archive are read at a time: inflating asks for few.
const readAhead = 128 << 10

// limitError is a limit that was reached; it is the end of the archive, or of a member.
type limitError struct{ name, reason string }

func (e *limitError) Error() string { return e.reason + " (limit " + e.name + ")" }

var (
	errRatio  = &limitError{limit.NameArchiveRatio, "the archive inflates to many times its size"}
	errSpent  = &limitError{limit.NameArchiveRatio, "what comes behind is not read: the archive inflated to many times its size"}
	errMember = &limitError{limit.NameArchiveMember, "the archive member is too long"}
	errCount  = &limitError{limit.NameArchiveMembers, "the archive has too many members"}
	errDepth  = &limitError{limit.NameArchiveDepth, "archives lie in one another too deep"}
)

// meter counts inflated bytes against what the file may inflate to, and what a member may have.
type meter struct {
	w    *walk
	r    io.Reader
	n    int64
	flat bool // nothing is inflated here, the bytes were counted before
}

func (m *meter) Read(p []byte) (int, error) {
	if m.w.expanded > m.w.allowed {
		return 0, errRatio
	}
	most := m.w.cfg.Limits.ArchiveMember - m.n
	if most <= 0 {
		return 0, errMember
	}
	// One byte more than allowed is enough to know, and where reading ends does not depend on how much is read at a time.
	most = min(most, m.w.allowed-m.w.expanded+1)
	n, err := m.r.Read(p[:min(int64(len(p)), most)])
	if m.n += int64(n); !m.flat {
		m.w.expanded += int64(n)
	}
	return n, err
}

// contents is an archive that is being read.
type contents struct {
	w        *walk
	path     []string
	depth    int // of its members
	bundle   *bundle
	squeezed bool // it is a compressed file, not an archive
	head     []byte
	keywords map[string]maildir.Keywords // by the Maildir's path, as far as the archive named them before their messages
}

func (w *walk) contents(p []string, depth int) *contents {
	return &contents{w: w, path: p, depth: depth, head: make([]byte, content.Window), keywords: map[string]maildir.Keywords{}}
}

// path below the archive.
func (c *contents) member(name string) []string {
	return append(append(make([]string, 0, len(c.path)+1), c.path...), evidence.EscapeName(name))
}

// flush hands out the single messages that were gathered.
func (c *contents) flush() error {
	b := c.bundle
	c.bundle = nil
	if b == nil {
		return nil
	}
	return b.flush()
}

// damage reports an error of the archive itself. sinkErrors and the end of the context pass.
func (w *walk) damage(p []string, offset int64, err error) error {
	if stop := w.stop(err); stop != nil {
		return sinkError{stop}
	}
	stage := "archive"
	if e := (*limitError)(nil); errors.As(err, &e) {
		stage = "limit"
	}
	return w.problem(w.location(p, offset, 0), stage, plain(err), true)
}

// archiveFile reads a file that is an archive.
func (w *walk) archiveFile(x *file, kind content.Kind) error {
	s := &stream{path: x.path, name: path.Base(x.st.Name()), size: x.st.Size(), r: x}
	if kind != content.Zip {
		return w.archive(s, kind, 1)
	}
	z, err := archive.OpenZip(x.f, x.st.Size())
	if err != nil {
		if err := w.damage(x.path, x.st.Size(), fmt.Errorf("the archive has no directory, as when a download broke off; it is read from its start as far as it goes: %w", err)); err != nil {
			return err
		}
		return w.forwardZip(s, 1)
	}
	return w.zip(z, x)
}

// archive reads an archive or a compressed file that is a stream. depth is how many archives it lies in, itself counted.
func (w *walk) archive(s *stream, kind content.Kind, depth int) error {
	if depth > w.cfg.Limits.ArchiveDepth {
		n, err := io.Copy(io.Discard, s.r)
		w.count.Bytes += n
		w.count.Problem += n
		return w.damage(s.path, 0, errors.Join(errDepth, err))
	}
	switch kind {
	case content.Tar:
		return w.tar(s, depth)
	case content.Zip:
		return w.forwardZip(s, depth)
	}
	return w.compressed(s, kind, depth)
}

// compressed reads what a compressed file holds. It is no level of its own in the location: offsets count inflated bytes.
func (w *walk) compressed(s *stream, kind content.Kind, depth int) error {
	r, done, err := decoded(s.r, kind)
	if err != nil {
		return w.damage(s.path, 0, err)
	}
	defer done()
	if _, ok := s.r.(*file); ok {
		a := w.readAhead(r)
		defer a.close()
		r = a
	}
	name := s.name
	if kind != content.UTF16 {
		name = strings.TrimSuffix(s.name, path.Ext(s.name))
	}
	if ext := strings.ToLower(path.Ext(s.name)); ext == ".tgz" || ext == ".tbz2" || ext == ".txz" || ext == ".tzst" {
		name += ".tar"
	}
	inner := &stream{path: s.path, name: name, size: -1, r: &meter{w: w, r: r}}
	c := w.contents(s.path, depth)
	c.squeezed = true
	if err := c.read(inner, ""); err != nil {
		return err
	}
	return c.flush()
}

// decoded undoes what a compressed file, or one of 16-bit characters, is stored as; done is to be called behind the end.
func decoded(stored io.Reader, kind content.Kind) (r io.Reader, done func(), err error) {
	src := bufio.NewReaderSize(stored, readAhead)
	done = func() {}
	switch kind {
	case content.Gzip:
		r, err = archive.NewGzip(src)
	case content.Bzip2:
		r, err = archive.NewBzip2(src)
	case content.Xz:
		r = archive.NewXz(src)
	case content.LZ4:
		r = archive.NewLZ4(src)
	case content.UTF16:
		r = archive.NewUTF16(src)
	case content.Zstd:
		var z *archive.Zstd
		if z, err = archive.NewZstd(src); err == nil {
			r, done = z, z.Close
		}
	}
	return r, done, err
}

// tar reads a tar, and others that follow it in the same stream.
func (w *walk) tar(s *stream, depth int) error {
	src := &counter{r: s.r}
	c := w.contents(s.path, depth+1)
	var members int64
	for another := true; another; {
		n, err := c.tarMembers(tar.NewReader(src), src)
		members += n
		if err != nil {
			if err := w.damage(s.path, src.n, err); err != nil {
				return err
			}
			break
		}
		// Behind the end is padding, unless tars were written one after another.
		var block [512]byte
		for another = false; !another; {
			k, err := io.ReadFull(src, block[:])
			if err != nil {
				if err != io.EOF && err != io.ErrUnexpectedEOF {
					if err := w.damage(s.path, src.n, err); err != nil {
						return err
					}
				}
				break
			}
			if block != [512]byte{} {
				another = true
				src.r = io.MultiReader(strings.NewReader(string(block[:k])), src.r)
				src.n -= int64(k)
			}
		}
	}
	if err := c.flush(); err != nil {
		return err
	}
	rest, err := io.Copy(io.Discard, src.r)
	if stop := w.stop(err); stop != nil {
		return sinkError{stop}
	}
	w.count.Problem += rest
	w.count.Bytes += rest
	if structure := src.n - members; structure > 0 {
		w.count.Bytes += structure
		w.count.Framing += structure
	}
	return nil
}

// tarMembers reads the members of one tar; n is how many bytes of the stream they took.
func (c *contents) tarMembers(r *tar.Reader, src *counter) (n int64, err error) {
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return n, fmt.Errorf("%w: %w", archive.ErrFormat, err)
		}
		if err := c.count(); err != nil {
			return n, err
		}
		if h.Typeflag != tar.TypeReg && h.Typeflag != tar.TypeGNUSparse {
			continue
		}
		before := src.n
		// What the header says of the size is not believed: one that says a terabyte is a kilobyte long.
		err = c.read(&stream{path: c.member(h.Name), name: path.Base(h.Name), size: -1, r: &meter{w: c.w, r: r, flat: true}}, h.Name)
		if err == nil {
			_, err = io.Copy(io.Discard, r)
		}
		n += src.n - before
		if err != nil {
			return n, err
		}
	}
}

// count counts a member against the limits. Where one before it used up what may be inflated, the archive ends here: each
// of a million members behind it would be a problem of its own.
func (c *contents) count() error {
	if c.w.members++; c.w.members > c.w.cfg.Limits.ArchiveMembers {
		return errCount
	}
	if c.w.expanded > c.w.allowed {
		return errSpent
	}
	return c.w.ctx.Err()
}

// zip reads a zip file by its directory.
func (w *walk) zip(z *archive.Zip, x *file) error {
	c := w.contents(x.path, 2)
	var stored int64
	rest := &w.count.Framing
	members := w.inflateMembers(z, x)
	defer members.close()
	for {
		m, err := members.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = c.count()
		}
		if err != nil {
			if err := w.damage(x.path, x.st.Size(), err); err != nil {
				return err
			}
			rest = &w.count.Problem // members that were not read are in it
			break
		}
		if m.IsDir() {
			continue
		}
		members.open(m)
		stored += max(0, m.Stored)
		if err := c.zipMember(m); err != nil {
			return err
		}
	}
	if err := c.flush(); err != nil {
		return err
	}
	if structure := x.st.Size() - stored; structure > 0 {
		w.count.Bytes += structure
		*rest += structure
	}
	return nil
}

// zipMember reads a member, or reports why it can't be.
func (c *contents) zipMember(m *archive.Member) error {
	p := c.member(m.Name)
	if m.Problem != nil {
		lost := max(0, m.Stored)
		c.w.count.Bytes += lost
		c.w.count.Problem += lost
		return c.w.damage(p, 0, m.Problem)
	}
	return c.read(&stream{path: p, name: path.Base(m.Name), size: m.Size, r: &meter{w: c.w, r: m.Reader}}, m.Name)
}

// forwardZip reads a zip by local headers.
func (w *walk) forwardZip(s *stream, depth int) error {
	src := &counter{r: s.r}
	z := archive.NewForward(src)
	c := w.contents(s.path, depth+1)
	for {
		m, err := z.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = c.count()
		}
		if err != nil {
			if err := w.damage(s.path, src.n, err); err != nil {
				return err
			}
			break
		}
		if m.IsDir() {
			continue
		}
		if err := c.zipMember(m); err != nil {
			return err
		}
	}
	if err := c.flush(); err != nil {
		return err
	}
	_, err := io.Copy(io.Discard, src)
	if stop := w.stop(err); stop != nil {
		return sinkError{stop}
	}
	if z.Garbage == 0 {
		return nil
	}
	w.count.Bytes += z.Garbage
	w.count.Problem += z.Garbage
	return w.damage(s.path, 0, fmt.Errorf("%d bytes between the members: %w", z.Garbage, archive.ErrFormat))
}
