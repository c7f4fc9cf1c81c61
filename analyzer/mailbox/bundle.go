package mailbox

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/block"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/content"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/emlfile"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/mboxfile"
)

// blockSize is how many bytes of small messages are handed out together.
const blockSize = block.Size

// bundle gathers single-message files of one folder into batches that share a block.
type bundle struct {
	w       *walk
	path    []string // of the mailbox
	group   []string
	kind    string
	role    finding.Folder // where the container itself tells it; "" for what the path says
	rebuilt bool           // the messages are put together from what the container holds of them
	box     *Mailbox       // announced with the first message
	buf     []byte         // memory of the batch's block
	batch   Batch
	ordinal int64
}

func (w *walk) bundle(path, group []string, kind string) *bundle {
	return &bundle{w: w, path: path, group: group, kind: kind}
}

// room returns n bytes of a block.
func (b *bundle) room(n int64) ([]byte, error) {
	if int64(cap(b.buf)-len(b.buf)) < n {
		if err := b.flush(); err != nil {
			return nil, err
		}
		size := max(blockSize, n)
		m, err := b.w.take(int(size))
		if err != nil {
			return nil, err
		}
		b.buf, b.batch.Blocks = m.Data[:0:size], []*block.Block{m}
		b.w.open = b
	}
	at := len(b.buf)
	b.buf = b.buf[:at+int(n)]
	return b.buf[at : at+int(n) : at+int(n)], nil
}

// add hands out one message.
func (b *bundle) add(x Extent) error {
	if b.box == nil {
		var err error
		if b.box, err = b.w.announceAs(b.path, b.kind, b.role); err != nil {
			return err
		}
		b.box.Group = group(b.group, b.box.Index)
	}
	x.Mailbox, x.Order, x.Unit, x.Rebuilt = b.box, b.ordinal, b.w.unit, b.rebuilt
	b.ordinal++
	b.w.count.Messages++
	b.w.count.Extents += x.Location.Length
	b.batch.Extents = append(b.batch.Extents, x)
	return nil
}

// flush hands out what was gathered.
func (b *bundle) flush() error {
	out := b.batch
	b.batch, b.buf = Batch{}, nil
	b.w.open = nil
	if len(out.Blocks) == 0 && len(out.Extents) == 0 && len(out.Problems) == 0 {
		return nil
	}
	if err := b.w.sink.Batch(out); err != nil {
		return sinkError{err}
	}
	return nil
}

// message adds a file that is one message. read is what its name and place say.
func (w *walk) message(b *bundle, x *file, kind content.Kind, read *finding.Read) error {
	before := w.count
	s := &stream{path: x.path, name: filepath.Base(x.name), size: x.st.Size(), r: x}
	if err := w.oneMessage(b, s, kind, read); err != nil {
		return err
	}
	return w.balance(before, x.path)
}

// oneMessage reads a stream that is one message into the bundle. read is what its name and place say.
func (w *walk) oneMessage(b *bundle, s *stream, kind content.Kind, read *finding.Read) error {
	data, total, digest, err := w.hold(b, s, messageOf(kind))
	if stop := w.stop(err); stop != nil {
		return sinkError{stop}
	}
	w.count.Bytes += total
	if err == nil {
		err = atEnd(s.r)
	}
	if err != nil {
		if _, ok := s.r.(*file); ok {
			w.spoil()
		}
		if err := w.problem(w.location(s.path, total, max(0, s.size-total)), "io", "not read as it should be: "+plain(err), true); err != nil {
			return err
		}
	}
	if total == 0 {
		return nil
	}
	x := Extent{Location: w.location(s.path, 0, total), Data: data, SHA256: digest, Read: read}
	switch from, _ := messageOf(kind)(data); {
	case kind == content.Emlx:
		if err := w.emlx(&x, s, total); err != nil {
			return err
		}
	case from == total:
		w.count.Problem += total
		return w.problem(x.Location, "io", content.Zeroed.Advice(), true)
	case from > 0:
		// The beginning of the message is lost, or it stands behind what never was: its header may tell.
		w.count.Problem += from
		if err := w.problem(w.location(s.path, 0, from), "io", beganInZeros, from >= mboxfile.Hole); err != nil {
			return err
		}
		x.cutFront(from)
	default:
		if n := int64(mboxfile.FromLine(x.Data[:min(len(x.Data), content.Window)])); n > 0 && digest.IsZero() {
			w.count.Framing += n
			x.cutFront(n)
		}
	}
	if x.SHA256 != (evidence.Digest{}) {
		reason := fmt.Sprintf("the message is longer than the limit %s; its first %d bytes are read", limit.NameMessage, len(x.Data))
		if err := w.problem(x.Location, "limit", reason, false); err != nil {
			return err
		}
	}
	return b.add(x)
}

// cutFront takes n bytes off the front of a message.
func (x *Extent) cutFront(n int64) {
	x.Data = x.Data[n:]
	x.Location.Offset += n
	x.Location.Length -= n
}

// beganInZeros is told of a message before which zeros stand.
const beganInZeros = "zeros stand where the message should begin; what is behind them is read"

// atEnd reads the end of a stream whose bytes are all read, where damage of archive members shows.
func atEnd(r io.Reader) error {
	var b [1]byte
	if n, err := r.Read(b[:]); n == 0 && err != io.EOF {
		return err
	}
	return nil
}

// emlx cuts the message out of an .emlx file. What stands around it is framing.
func (w *walk) emlx(x *Extent, s *stream, total int64) error {
	x.Partial = strings.HasSuffix(strings.ToLower(s.name), ".partial.emlx")
	e, err := emlfile.ParseEmlx(x.Data)
	if err != nil {
		return w.problem(x.Location, "emlx", plain(err)+"; the whole file is taken for the message", false)
	}
	if !x.SHA256.IsZero() {
		// Longer than can be held: the property list is out of reach, the count still tells where the message begins.
		from, to := messageOf(content.Emlx)(x.Data)
		to = min(to, total)
		x.Data = x.Data[from:min(to, int64(len(x.Data)))]
		x.Location.Offset, x.Location.Length = from, to-from
		w.count.Framing += total - (to - from)
		return nil
	}
	if e.Miscounted {
		if err := w.problem(x.Location, "emlx", "the byte count in the first line is wrong; the message is taken to end at the property list", false); err != nil {
			return err
		}
	}
	x.Data = x.Data[e.Offset : e.Offset+e.Length : e.Offset+e.Length]
	x.Location.Offset, x.Location.Length = int64(e.Offset), int64(e.Length)
	w.count.Framing += total - int64(e.Length)
	if e.Read != nil {
		x.Read = e.Read
	}
	return nil
}

// messageOf returns a function that tells from a file's first bytes where in it the message lies.
func messageOf(kind content.Kind) func(head []byte) (from, to int64) {
	return func(head []byte) (int64, int64) {
		if kind == content.Emlx {
			if start, n, ok := emlfile.Count(head); ok {
				return int64(start), int64(start) + int64(n)
			}
		}
		return int64(mboxfile.Zeros(head)), math.MaxInt64
	}
}

// hold reads a stream into the bundle's block: all of it, or of a long one the first limit.Message bytes and the hash of
// what extent says is the message.
func (w *walk) hold(b *bundle, s *stream, extent func(head []byte) (from, to int64)) (data []byte, total int64, digest evidence.Digest, err error) {
	most := w.cfg.Limits.Message
	size := min(most, s.size)
	if s.size < 0 {
		size = blockSize
		if err := b.flush(); err != nil {
			return nil, 0, digest, err
		}
	}
	for {
		next, err := b.room(size)
		if err != nil {
			return nil, total, digest, err
		}
		n, err := io.ReadFull(s.r, next[copy(next, data):])
		total += int64(n)
		data = next[:total:total]
		switch {
		case s.size < 0 && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)):
			return data, total, digest, nil
		case err != nil:
			return data, total, digest, err
		case s.size >= 0 && s.size <= most:
			return data, total, digest, nil
		case total == most:
			sum := sha256.New()
			from, to := extent(data)
			sum.Write(data[min(from, total):min(to, total)])
			rest, err := io.Copy(window{sum, max(0, from-total), to - total}.writer(), s.r)
			if rest > 0 {
				sum.Sum(digest[:0])
			}
			return data, total + rest, digest, err
		}
		if err := b.flush(); err != nil {
			return nil, total, digest, err
		}
		size = min(4*size, most)
	}
}

// window passes on the bytes from offset from up to offset to of what is written to it.
type window struct {
	w        io.Writer
	from, to int64
}

func (v window) writer() io.Writer { return &v }

func (v *window) Write(p []byte) (int, error) {
	n := int64(len(p))
	if lo, hi := min(max(v.from, 0), n), min(max(v.to, 0), n); hi > lo {
		v.w.Write(p[lo:hi])
	}
	v.from, v.to = v.from-n, v.to-n
	return len(p), nil
}
