package mboxfile

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/block"
)

// Holder is a source that reads again later what it has put into a block, and holds the block as long: it hashes on
// another goroutine.
type Holder interface {
	io.Reader
	// ReadInto is Read for a p that lies in b.
	ReadInto(p []byte, b *block.Block) (int, error)
}

// Reader goes through one mbox.
type Reader struct {
	src  io.Reader
	hold Holder // src, where it is one
	opt  Options
	f    framer
	out  Batch
	mem  *block.Block // of buf; nil where it was handed on
	buf  []byte
	base int64 // offset of buf[0]
	read int64 // bytes of src
	eof  bool
	done bool
	err  error
	lent bool         // an extent that was handed out refers to buf, or src does
	full bool         // buf was framed as far as it goes and handed on
	rest []byte       // what has to be kept of it, for the next one
	copy []byte       // memory of rest, where it is little
	last *block.Block // of rest, where it is much

	looked int64 // how far the open gap was looked at,
	hole   bool  // and whether there is a hole in it

	marked bool        // conclude was tried
	mark   *Checkpoint // see Checkpoint

	// Of an open message that is longer than Options.Message: its first bytes, and the hash of it up to offset hashed.
	head    []byte
	headMem *block.Block
	sum     hash.Hash
	hashed  int64
}

// NewReader returns a Reader over src. size is the number of bytes to come where that is known, else 0; it saves memory
// for small files and may be wrong.
func NewReader(src io.Reader, size int64, opt Options) *Reader {
	r := newReader(src, opt)
	r.f = framer{fromLine: opt.FromLine, message: opt.Message, survey: r.opt.survey, emit: r.emit}
	first := r.opt.Block
	if size > 0 && size < int64(max(first, r.opt.survey+1)) {
		first = int(size) + 1 // one byte more, so that the file is known to end
	} else {
		first = max(first, r.opt.survey+1)
	}
	r.begin(first)
	return r
}

func newReader(src io.Reader, opt Options) *Reader {
	if opt.Block <= 0 {
		opt.Block = block.Size
	}
	if opt.survey <= 0 {
		opt.survey = survey
	}
	if opt.Take == nil {
		opt.Take = func(n int) (*block.Block, error) { return block.New(n), nil }
	}
	r := &Reader{src: src, opt: opt}
	r.hold, _ = src.(Holder)
	return r
}

// begin makes the first buffer.
func (r *Reader) begin(n int) {
	if r.err = r.grow(n); r.err != nil {
		r.done = true
	}
}

// Read is how many bytes of the source were read.
func (r *Reader) Read() int64 { return r.read }

// Next returns the next messages, at least one unless Next has to hand on the memory that it took, and io.EOF
// behind the last. An error of the source ends the file where it happened: what was read is framed, then comes the error.
func (r *Reader) Next() (Batch, error) {
	r.out = Batch{}
	if r.done {
		if r.err != nil {
			return r.out, r.err
		}
		return r.out, io.EOF
	}
	for {
		if r.full {
			if err := r.refill(); err != nil {
				r.err, r.done = err, true
				return r.out, r.err
			}
		}
		r.fill()
		if !r.f.begun {
			if !r.eof && len(r.buf) < r.f.survey {
				r.handOn(0) // the size that was given is too small
				return r.out, nil
			}
			r.survey()
		}
		if r.conclude() {
			r.share()
			return r.out, nil
		}
		if r.f.step(r.buf, r.base, r.eof) {
			r.done = true
			r.handOn(len(r.buf))
			r.out.Framing = r.f.framing
			if n := len(r.out.Extents); n > 0 && r.f.cut {
				x := &r.out.Extents[n-1]
				r.out.Open = !x.SHA256.IsZero() || !closed(x.Data)
			}
			return r.out, nil
		}
		if keep := r.needless(); !r.slide(keep) {
			r.handOn(keep)
			r.out.Framing, r.f.framing = r.f.framing, 0
			return r.out, nil
		}
	}
}

// Quoting tells what the file has shown so far; behind the last message, of the whole file.
func (r *Reader) Quoting() Quoting {
	return Quoting{Quoted: r.f.h.quoted, Unquoted: r.f.h.unquoted, Lengths: r.f.h.byLength()}
}

// survey frames the first bytes once beforehand, only for what they show.
func (r *Reader) survey() {
	f := framer{fromLine: r.f.fromLine, message: r.f.message, survey: r.f.survey, trial: true}
	window := r.buf[:min(len(r.buf), r.f.survey)]
	f.step(window, 0, r.eof && len(r.buf) <= r.f.survey)
	r.f.h, r.f.counted = f.h, f.counted
	r.f.h.last = time.Time{}
}

// fill reads until buf is full or the source ends.
func (r *Reader) fill() {
	for !r.eof && len(r.buf) < cap(r.buf) {
		n, err := r.input(r.buf[len(r.buf):cap(r.buf)])
		r.buf = r.buf[:len(r.buf)+n]
		r.read += int64(n)
		if err != nil {
			r.eof = true
			if !errors.Is(err, io.EOF) {
				r.err = fmt.Errorf("reading mbox: %w", err)
			}
			return
		}
	}
}

func (r *Reader) input(p []byte) (int, error) {
	if r.hold != nil {
		r.lent = true
		return r.hold.ReadInto(p, r.mem)
	}
	return r.src.Read(p)
}

// needless is how much of buf is not needed any more.
func (r *Reader) needless() int {
	keep := int(r.f.start - r.base)
	switch {
	case r.f.junk || !r.f.open:
		keep = max(keep, r.needed())
		r.look(r.base + int64(keep))
	case r.head != nil:
		keep = r.needed()
		r.hash(keep)
	case int64(len(r.buf)-keep) > r.opt.Message+embedAhead:
		r.head, r.headMem = r.buf[keep:keep+int(r.opt.Message):keep+int(r.opt.Message)], r.mem
		r.headMem.Hold()
		r.headMem.Yield() // reading goes on beside it, to the end of the message
		r.lent = true
		r.sum, r.hashed = sha256.New(), r.f.start
		keep = r.needed()
		r.hash(keep)
	}
	return max(keep, 0)
}

// look looks at the open gap up to offset to.
func (r *Reader) look(to int64) {
	if from := max(r.looked, r.f.start, r.base); r.f.junk && to > from {
		at, _ := FindHole(r.buf[from-r.base : to-r.base])
		r.hole = r.hole || at >= 0
		r.looked = to
	}
}

// slide moves what is needed to the front of buf. It returns false when a new buffer is needed, since somebody still
// refers to this one or it is too small.
func (r *Reader) slide(keep int) bool {
	tail := r.buf[keep:]
	if r.lent || len(tail) > cap(r.buf)/2 {
		return false
	}
	r.base += int64(keep)
	r.buf = r.buf[:copy(r.buf[:cap(r.buf)], tail)]
	return true
}

// handOn gives the buffer away with the batch, but for what stands behind keep.
func (r *Reader) handOn(keep int) {
	if r.rest = r.buf[keep:]; len(r.rest) > block.Size {
		r.last = r.mem
		r.last.Hold()
		r.last.Yield()
	} else {
		r.copy = append(r.copy[:0], r.rest...)
		r.rest = r.copy
	}
	r.base += int64(keep)
	r.full, r.buf = true, nil
	r.out.Blocks = append(r.out.Blocks, r.mem)
	r.mem = nil
	r.shareHead()
}

// share lets the batch refer to the buffer while it is read on into.
func (r *Reader) share() {
	if r.lent {
		r.mem.Hold()
		r.out.Blocks = append(r.out.Blocks, r.mem)
	}
	r.shareHead()
}

// shareHead gives away the beginning of a message that is longer than Options.Message with the batch that has it.
func (r *Reader) shareHead() {
	if r.head == nil && r.headMem != nil {
		r.headMem.Recall()
		r.out.Blocks = append(r.out.Blocks, r.headMem)
		r.headMem = nil
	}
}

// growthMuch is from which size on buffers for a long message grow more slowly.
const growthMuch = 16 << 20

// refill makes a new buffer that begins with what has to be kept of the old one.
func (r *Reader) refill() error {
	size := r.opt.Block
	if len(r.rest) > size/2 {
		// A message that does not fit: buffers four times as large each time, twice where that is much, up to what a message
		// may have.
		if size = max(4*len(r.rest), size); size > growthMuch {
			size = max(2*len(r.rest), growthMuch)
		}
		if most := int(r.opt.Message) + 2*embedAhead + r.opt.Block; size > most {
			size = max(most, len(r.rest)+embedAhead)
		}
	}
	if err := r.grow(size); err != nil {
		return err
	}
	r.buf = append(r.buf, r.rest...)
	if r.last != nil {
		r.last.ReleaseYielded()
		r.last = nil
	}
	r.full, r.rest = false, nil
	return nil
}

// needed is the index in buf from which on bytes are needed to judge what comes.
func (r *Reader) needed() int { return max(0, int(r.f.scan-r.base)-lookback) }

// hash adds the open message's bytes up to buf[to:] to its hash.
func (r *Reader) hash(to int) {
	if from := int(r.hashed - r.base); to > from {
		r.sum.Write(r.buf[from:to])
		r.hashed += int64(to - from)
	}
}

// grow makes a buffer of n bytes.
func (r *Reader) grow(n int) (err error) {
	if r.mem, err = r.opt.Take(n); err != nil {
		return err
	}
	r.buf, r.lent = r.mem.Data[:0:n], false
	return nil
}

// emit hands out what ends at offset end.
func (r *Reader) emit(buf []byte, base, end int64) {
	f := &r.f
	n := end - f.start
	if f.junk {
		if n > 0 {
			gap := Gap{Offset: f.start, Length: n, Reason: "bytes before the first message that are none"}
			if r.look(end); r.hole {
				gap.Reason, gap.Lost, r.hole = "zeros stand where mail was: its content was lost on the disk or by a copy", true, false
			}
			r.out.Gaps = append(r.out.Gaps, gap)
		}
		return
	}
	x := Extent{Offset: f.start, Length: n, Line: f.line, Doubt: f.doubt}
	switch {
	case r.head != nil:
		r.hash(int(end - base))
		x.Data = r.head
		x.SHA256 = evidence.Digest(r.sum.Sum(nil))
		r.head, r.sum = nil, nil
	case n > r.opt.Message:
		x.Data = buf[f.start-base:][:r.opt.Message:r.opt.Message]
		x.SHA256 = evidence.Sum(buf[f.start-base : end-base])
		r.lent = true
	default:
		x.Data = buf[f.start-base : end-base : end-base]
		r.lent = true
	}
	r.out.Extents = append(r.out.Extents, x)
	if f.covered > 0 {
		r.out.Notes = append(r.out.Notes, Note{
			Offset: f.coverAt, Length: end - f.coverAt,
			Reason: "what looks like the start of a message is part of the message before it by that message's Content-Length",
		})
	}
}
