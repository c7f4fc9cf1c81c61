package mailbox

import (
	"io"
)

// Inflating is slower than framing, and nearly as slow as all that becomes of the mail; so it has a goroutine of its own
// wherever a file of the source is inflated. aheadPiece is how many bytes are handed over at a time, aheadPieces how
// many such pieces there are.
const (
	aheadPiece  = 128 << 10
	aheadPieces = 16
)

// ahead reads a stream on a goroutine of its own. The file below it may not be used before close.
type ahead struct {
	w     *walk
	r     io.Reader
	full  chan inflated
	stop  chan struct{}
	done  chan struct{}
	piece inflated // what is being read
	rest  []byte   // of it
}

// inflated is a piece of a stream, and the error behind it.
type inflated struct {
	data []byte
	err  error
}

// readAhead begins to read r; close has to be called, before the next one begins.
func (w *walk) readAhead(r io.Reader) *ahead {
	if w.pieces == nil {
		w.pieces = make(chan []byte, aheadPieces)
		for range aheadPieces {
			w.pieces <- nil
		}
	}
	a := &ahead{w: w, r: r, full: make(chan inflated, aheadPieces), stop: make(chan struct{}), done: make(chan struct{})}
	go a.run()
	return a
}

func (a *ahead) run() {
	defer close(a.done)
	for {
		var p inflated
		select {
		case p.data = <-a.w.pieces:
		case <-a.stop:
			return
		}
		if p.data == nil {
			p.data = make([]byte, aheadPiece)
		}
		n := 0
		for n < aheadPiece && p.err == nil {
			var k int
			k, p.err = a.r.Read(p.data[n:aheadPiece])
			n += k
		}
		p.data = p.data[:n]
		a.full <- p // has room for all pieces
		if p.err != nil {
			return
		}
	}
}

// Read gives what was read ahead.
func (a *ahead) Read(p []byte) (int, error) {
	for len(a.rest) == 0 {
		if a.piece.err != nil {
			return 0, a.piece.err
		}
		a.recycle()
		a.piece = <-a.full
		a.rest = a.piece.data
	}
	n := copy(p, a.rest)
	a.rest = a.rest[n:]
	return n, nil
}

// recycle gives a piece that was read back to the goroutine.
func (a *ahead) recycle() {
	if a.piece.data != nil {
		a.w.pieces <- a.piece.data[:0]
		a.piece.data = nil
	}
}

// close ends the goroutine.
func (a *ahead) close() {
	close(a.stop)
	<-a.done
	a.recycle()
	for {
		select {
		case p := <-a.full:
			a.w.pieces <- p.data[:0]
		default:
			return
		}
	}
}
