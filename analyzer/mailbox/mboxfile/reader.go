package mboxfile

import (
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
)

// block is how many bytes are read at a time where Options.Block is 0.
const block = 1 << 20

// Reader goes through one mbox.
type Reader struct {
	src  io.Reader
	opt  Options
	f    framer
	out  Batch
	buf  []byte
	base int64 // offset of buf[0]
	eof  bool
	done bool
	err  error
	cost int64 // of buf, asked for and not given back
	lent bool  // an extent that was handed out refers to buf
	full bool  // buf was framed as far as it goes and given back; what has to be kept of it moves to a new one
	keep int   // index in buf of what has to be kept

	marked bool        // conclude was tried
	mark   *Checkpoint // see Checkpoint

	// Of an open message that is longer than Options.Message: its first bytes, and the hash of it up to offset hashed.
	head     []byte
	headCost int64
	sum      hash.Hash
	hashed   int64
}

// NewReader returns a Reader over src. size is the number of bytes to come where that is known, else 0; it saves memory
// for small files and may be wrong.
func NewReader(src io.Reader, size int64, opt Options) *Reader {
	if opt.Block <= 0 {
		opt.Block = block
	}
	if opt.survey <= 0 {
		opt.survey = survey
	}
	r := &Reader{src: src, opt: opt}
	r.f = framer{fromLine: opt.FromLine, message: opt.Message, survey: opt.survey, emit: r.emit}
	first := max(int64(opt.Block), int64(opt.survey))
	if size > 0 && size < first {
		first = size
	}
	// One byte more, so that a file of this size is known to end.
	if r.err = r.grow(int(first) + 1); r.err != nil {
		r.done = true
	}
	return r
}

// Next returns the next messages, at least one unless Next has to give back what it took of the budget, and io.EOF
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
				r.full, r.keep = true, 0 // the size that was given is too small
				r.giveBack()
				return r.out, nil
			}
			r.survey()
		}
		if r.conclude() {
			return r.out, nil
		}
		if r.f.step(r.buf, r.base, r.eof) {
			r.done = true
			r.giveBack()
			r.out.Framing = r.f.framing
			return r.out, nil
		}
		if r.full = !r.slide(); r.full {
			r.giveBack()
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
	f := framer{fromLine: r.f.fromLine, message: r.f.message, survey: r.f.survey}
	window := r.buf[:min(len(r.buf), r.f.survey)]
	f.step(window, 0, r.eof && len(r.buf) <= r.f.survey)
	r.f.h, r.f.counted = f.h, f.counted
	r.f.h.last = time.Time{}
}

// fill reads until buf is full or the source ends.
func (r *Reader) fill() {
	for !r.eof && len(r.buf) < cap(r.buf) {
		n, err := r.src.Read(r.buf[len(r.buf):cap(r.buf)])
		r.buf = r.buf[:len(r.buf)+n]
		if err != nil {
			r.eof = true
			if err != io.EOF {
				r.err = fmt.Errorf("reading mbox: %w", err)
			}
			return
		}
	}
}

// slide decides what has to be kept of buf and, where nothing that was handed out refers to it, moves that to its front.
// It returns false when a new buffer is needed.
func (r *Reader) slide() bool {
	keep := int(r.f.start - r.base)
	switch {
	case r.f.junk || !r.f.open:
		keep = max(keep, r.needed())
	case r.head != nil:
		keep = r.needed()
		r.hash(keep)
	case int64(len(r.buf)-keep) > r.opt.Message+embedAhead:
		r.head, r.headCost = r.buf[keep:keep+int(r.opt.Message):keep+int(r.opt.Message)], r.cost
		r.cost, r.lent = 0, true
		r.sum, r.hashed = sha256.New(), r.f.start
		keep = r.needed()
		r.hash(keep)
	}
	r.keep = max(keep, 0)
	tail := r.buf[r.keep:]
	if r.lent || len(tail) > cap(r.buf)/2 {
		return false
	}
	r.base += int64(r.keep)
	r.buf = r.buf[:copy(r.buf[:cap(r.buf)], tail)]
	return true
}

// refill makes a new buffer that begins with what has to be kept of the old one.
func (r *Reader) refill() error {
	tail := r.buf[r.keep:]
	size := r.opt.Block
	if len(tail) > size/2 {
		// A message that does not fit: buffers four times as large each time, up to what a message may have.
		size = max(4*len(tail), size)
		if most := int(r.opt.Message) + 2*embedAhead + r.opt.Block; size > most {
			size = max(most, len(tail)+embedAhead)
		}
	}
	if err := r.grow(size); err != nil {
		return err
	}
	r.base += int64(r.keep)
	r.buf = append(r.buf, tail...)
	r.full = false
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
func (r *Reader) grow(n int) error {
	if r.opt.Acquire != nil {
		if err := r.opt.Acquire(int64(n)); err != nil {
			return err
		}
	}
	r.buf, r.cost, r.lent = make([]byte, 0, n), int64(n), false
	return nil
}

func (r *Reader) giveBack() {
	r.out.Cost += r.cost
	r.cost = 0
	if r.head == nil {
		r.out.Cost += r.headCost
		r.headCost = 0
	}
}

// emit hands out what ends at offset end.
func (r *Reader) emit(buf []byte, base, end int64) {
	f := &r.f
	n := end - f.start
	if f.junk {
		if n > 0 {
			r.out.Gaps = append(r.out.Gaps, Gap{Offset: f.start, Length: n, Reason: "bytes before the first message that are none"})
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
	if f.covered > 0 && !f.h.byLength() {
		r.out.Notes = append(r.out.Notes, Note{
			Offset: f.coverAt, Length: end - f.coverAt,
			Reason: "what looks like the start of a message is part of the message before it by that message's Content-Length",
		})
	}
}
