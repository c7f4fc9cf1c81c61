package mailbox

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/block"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/content"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/maildir"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/mboxfile"
)

// file is a regular file of the source, open for reading, seen as long as it was when it was opened.
type file struct {
	w    *walk
	f    *os.File
	st   fs.FileInfo
	name string    // as the operating system takes it
	path []string  // as in evidence.Location.Path
	sum  hash.Hash // of a small file
	big  *sum      // of one that is worth a goroutine
	off  int64     // how far it was read in order
	all  hash.Hash // either of them
	sure int64     // bytes that are hashed already, by an earlier walk
	unit *Unit
}

// openFile opens a file of the source. A nil file without an error means that it was reported and there is nothing to do.
func (w *walk) openFile(name string, path []string) (*file, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	st, err := f.Stat()
	if err == nil && !st.Mode().IsRegular() {
		err = fmt.Errorf("%s: %w", special(st.Mode()), ErrNotMail)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	x := &file{w: w, f: f, st: st, name: name, path: path}
	if w.cfg.NewHash != nil {
		x.all = w.cfg.NewHash()
		if st.Size() > sumAhead*sumBlock {
			x.big = newSum(x.all)
		} else {
			x.sum = x.all
		}
	}
	return x, nil
}

// Read reads in order, hashes, and tells of the progress.
func (x *file) Read(p []byte) (int, error) { return x.ReadInto(p, nil) }

// ReadInto implements mboxfile.Holder: what is read into a block is hashed there, without a copy.
func (x *file) ReadInto(p []byte, b *block.Block) (int, error) {
	if err := x.w.ctx.Err(); err != nil {
		return 0, err
	}
	if left := x.st.Size() - x.off; left <= 0 {
		return 0, io.EOF
	} else if int64(len(p)) > left {
		p = p[:left]
	}
	n, err := x.f.Read(p)
	news := p[min(int64(n), max(0, x.sure-x.off)):n]
	switch {
	case x.big != nil && b != nil:
		x.big.lend(news, b)
	case x.big != nil:
		x.big.Write(news)
	case x.sum != nil:
		x.sum.Write(news)
	}
	x.off += int64(n)
	x.w.sink.Progress(int64(n))
	if err == io.EOF && x.off < x.st.Size() {
		return n, io.ErrUnexpectedEOF
	}
	return n, err
}

// ReadAt reads a zip's members. The hash goes along as long as they lie behind one another, as they do in any ordinary
// zip; what lies between them is read for it. What is out of order is read without, and hashed when the file is closed.
func (x *file) ReadAt(p []byte, off int64) (int, error) {
	if gap := off - x.off; gap > 0 {
		if _, err := io.CopyN(io.Discard, x, gap); err != nil {
			return 0, err
		}
	}
	if off == x.off {
		return io.ReadFull(x, p[:max(0, min(int64(len(p)), x.st.Size()-off))])
	}
	if err := x.w.ctx.Err(); err != nil {
		return 0, err
	}
	return x.f.ReadAt(p, off)
}

// peek returns the first bytes without moving on. A file that ends before its size is not empty: the network or the disk
// behind it does not answer as it should, and it is tried again another time.
func (x *file) peek(buf []byte) ([]byte, error) {
	buf = buf[:min(int64(len(buf)), x.st.Size())]
	n, err := x.f.ReadAt(buf, 0)
	if err == io.EOF {
		if err = nil; n < len(buf) {
			err = io.ErrUnexpectedEOF
		}
	}
	return buf[:n], err
}

// close reads what was not read, so that the hash is that of the whole file, and reports when the file changed.
func (x *file) close(whole bool) (evidence.Digest, error) {
	var digest evidence.Digest
	defer x.f.Close()
	var err error
	if whole && x.w.cfg.NewHash != nil {
		_, err = io.Copy(io.Discard, x)
	}
	switch {
	case x.big != nil:
		copy(digest[:], x.big.end())
	case x.sum != nil:
		copy(digest[:], x.sum.Sum(nil))
	}
	if stop := x.w.ctx.Err(); err != nil && stop != nil {
		x.w.forget(x)
		return digest, stop
	}
	if !whole || err != nil {
		digest = evidence.Digest{} // not all of the file
	}
	if err != nil {
		x.w.spoil()
	}
	x.w.noteHash(x, !digest.IsZero())
	x.w.leave(x, digest) // a change that is seen now is not kept: what was read is as the file was when it was opened
	if rest := x.st.Size() - x.off; rest > 0 {
		x.w.sink.Progress(rest)
	}
	now, err := os.Stat(x.name)
	switch {
	case err == nil && os.SameFile(now, x.st) && now.Size() == x.st.Size() && now.ModTime().Equal(x.st.ModTime()):
		return digest, nil
	case errors.Is(err, fs.ErrNotExist):
		// A Maildir message gets another name when its flags change; what was read of it is whole all the same.
		if now, err = x.f.Stat(); err == nil && now.Size() == x.st.Size() && now.ModTime().Equal(x.st.ModTime()) {
			return digest, nil
		}
	}
	return digest, x.w.problem(x.w.location(x.path, 0, x.st.Size()), "io", "the file changed while it was read; what is reported is what was read", false)
}

// drop closes a file that was only looked at.
func (x *file) drop() error {
	x.w.forget(x)
	if x.big != nil {
		x.big.end()
	}
	return x.f.Close()
}

// single walks a source that is one file.
func (w *walk) single(st fs.FileInfo) error {
	path := []string{evidence.EscapeName(filepath.Base(w.src.Name))}
	beside, err := w.summaryOf(w.src.Path, []string{summaryName(path[0])})
	if err != nil {
		return w.stop(err)
	}
	if u := w.recall("", st, beside.context); u != nil && u.Box != nil && w.same(w.src.Path, st, u) {
		w.count.SHA256 = u.SHA256
		return w.stop(w.reuse(u))
	}
	w.count.Size = st.Size()
	x, err := w.openFile(w.src.Path, path)
	if err != nil {
		return w.unreadable(path, st.Size(), err)
	}
	w.enter(x, "", beside.context)
	err = w.file(x, beside)
	digest, cerr := x.close(true)
	w.count.SHA256 = digest
	return w.stop(errors.Join(err, cerr))
}

// unreadable reports a file that could not be opened or read.
func (w *walk) unreadable(path []string, size int64, err error) error {
	if w.ctx.Err() != nil {
		return w.ctx.Err()
	}
	w.spoil()
	w.count.Bytes += size
	w.count.Problem += size
	w.sink.Progress(size)
	return w.problem(w.location(path, 0, size), "io", plain(err), true)
}

// plain is an error without the path in it, which stands in the location.
func plain(err error) string {
	if e := (*fs.PathError)(nil); errors.As(err, &e) {
		return e.Op + ": " + e.Err.Error()
	}
	return err.Error()
}

// kind is what a file is. head is the beginning of it.
func (x *file) kind(head []byte) (content.Kind, error) {
	name := filepath.Base(x.name)
	k := content.Of(head, name)
	if x.st.Size() <= int64(len(head)) {
		return k, nil
	}
	if mboxfile.Zeros(head) == len(head) {
		return x.behindZeros(name)
	}
	if k != content.Eml || content.OneMessage(name) {
		return k, nil
	}
	// It begins as a message; an mbox whose first line is missing does too, and its second message may stand far down.
	joined, err := x.any(0, mboxfile.Joined)
	if joined {
		k = content.Mbox
	}
	return k, err
}

// any looks over the file from an offset on, piece by piece, until is reports true of a piece. The error is that of the walk's end.
func (x *file) any(off int64, is func([]byte) bool) (bool, error) {
	buf := make([]byte, joinedPiece)
	for ; off < x.st.Size(); off += joinedPiece - content.Window {
		if err := x.w.ctx.Err(); err != nil {
			return false, err
		}
		n, err := x.f.ReadAt(buf[:min(joinedPiece, x.st.Size()-off)], off)
		if is(buf[:n]) {
			return true, nil
		}
		if err != nil {
			break // told by who reads it in order
		}
	}
	return false, nil
}

// zeros is how many zeros the file begins with.
func (x *file) zeros() (int64, error) {
	buf := make([]byte, joinedPiece)
	for off := int64(0); off < x.st.Size(); {
		if err := x.w.ctx.Err(); err != nil {
			return off, err
		}
		n, err := x.f.ReadAt(buf[:min(joinedPiece, x.st.Size()-off)], off)
		z := mboxfile.Zeros(buf[:n])
		off += int64(z)
		if z < n || err != nil {
			return off, nil
		}
	}
	return x.st.Size(), nil
}

// behindZeros is what a file is that begins with a window of zeros: a disk that lost its beginning, or a copying program, left
// them there. What is behind them tells.
func (x *file) behindZeros(name string) (content.Kind, error) {
	off, err := x.zeros()
	if err != nil {
		return content.NotMail, err
	}
	head := make([]byte, content.Window)
	n, _ := x.f.ReadAt(head, off)
	switch k := content.Of(head[:n], name); {
	case n == 0:
		return content.Of(make([]byte, 1), name), nil
	case k == content.Mbox || k == content.Eml:
		return k, nil
	}
	if content.OneMessage(name) {
		return content.Eml, nil
	}
	holds, err := x.any(off, mboxfile.Holds)
	if holds {
		return content.Mbox, err
	}
	return content.NotMail, err
}

// joinedPiece is how much of a long message is looked over at once for another.
const joinedPiece = 1 << 20

// file reads a file by what it holds. Single messages go through a bundle of their own.
func (w *walk) file(x *file, beside summary) error {
	head, err := x.peek(make([]byte, content.Window))
	if err != nil {
		return w.unreadable(x.path, x.st.Size(), err)
	}
	kind, err := x.kind(head)
	if err != nil {
		return err
	}
	switch kind {
	case content.Eml, content.Emlx:
		b := w.bundle(x.path, x.path, string(kind))
		if err := w.message(b, x, kind, nameRead(x.name)); err != nil {
			return err
		}
		return b.flush()
	}
	return w.container(x, kind, beside)
}

// nameRead is what the name of a single message says where it was taken out of a Maildir with it.
func nameRead(name string) *finding.Read {
	n := maildir.ParseName(filepath.Base(name))
	if !n.Info {
		return nil
	}
	return n.Read(false, maildir.Keywords{})
}

// container reads a file that is no single message, and of which beside may say what was read in it.
func (w *walk) container(x *file, kind content.Kind, beside summary) error {
	w.beside = beside
	defer func() { w.beside = summary{} }()
	if w.unit != nil {
		w.unit.Box = &Box{Opens: opens(kind)}
		if w.tail = (tail{}); kind == content.Mbox {
			w.tail = w.tailOf(x)
		}
		if resumed, err := w.resume(x, kind); resumed {
			return err
		}
	}
	before := w.count
	w.expanded, w.members = 0, 0
	w.allowed = max(w.cfg.Limits.ArchiveRatioFloor, w.cfg.Limits.ArchiveRatio*x.st.Size())
	var err error
	switch {
	case isArchive(kind):
		err = w.archiveFile(x, kind)
	case isOutlook(kind):
		err = w.outlook(x, kind)
	default:
		err = w.leaf(&stream{path: x.path, name: filepath.Base(x.name), size: x.st.Size(), r: x}, kind)
	}
	return w.ended(x, before, err)
}

// opens reports whether a file of a kind holds mailboxes.
func opens(kind content.Kind) bool { return isArchive(kind) || isOutlook(kind) || kind == content.Mbox }

// ended reports what ended the reading of a file before its end, and checks that all that was read is accounted for.
func (w *walk) ended(x *file, before Count, err error) error {
	if stop := w.stop(err); stop != nil {
		return sinkError{stop}
	}
	if err != nil {
		w.spoil()
		if err := w.problem(w.location(x.path, x.off, x.st.Size()-x.off), "io", plain(err), true); err != nil {
			return err
		}
	}
	return w.balance(before, x.path)
}

// tree hashes the list of files of a folder.
type tree struct{ sum hash.Hash }

func (t tree) add(d evidence.Digest, path []string) {
	if t.sum != nil && !d.IsZero() {
		var b bytes.Buffer
		b.WriteString(hex.EncodeToString(d[:]))
		b.WriteString("  ")
		b.WriteString(path[0])
		b.WriteByte('\n')
		t.sum.Write(b.Bytes())
	}
}
