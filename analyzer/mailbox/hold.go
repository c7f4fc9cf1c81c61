package mailbox

import (
	"bytes"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/mboxfile"
)

// beingDelivered is why what a mail program is just writing is passed over.
const beingDelivered = "being_delivered"

// tail is what may be said of the end of an mbox that somebody may be writing to.
//
// A program that delivers appends to the file, and a walk that comes in between sees half of a message. Half a message is
// another message: it would be told, and the whole one again when it has come. So the last message of a mailbox that was
// written to within Config.Hold is left for the next walk, unless it shows that it is whole; a file that is as long as the walk
// before left it has come to rest, and one that was written anew was not appended to.
type tail struct {
	writing bool
	// known is how long the file was when its last message was read as whole; 0 where that is not known. A last message that
	// begins before is read up to there: what was appended is no message yet.
	known int64
}

// tailOf looks at an mbox that is going to be read.
func (w *walk) tailOf(x *file) (t tail) {
	if w.cfg.Hold <= 0 || w.cfg.Now == nil || w.unit == nil {
		return t
	}
	if since := w.cfg.Now().Sub(x.st.ModTime()); since >= w.cfg.Hold || since <= -w.cfg.Hold {
		return t
	}
	old := w.knower.Known(w.unit.Name)
	if old == nil || old.Box == nil || !old.Box.Opens {
		return tail{writing: true}
	}
	if old.Size >= x.st.Size() {
		return t
	}
	// Programs that note what was read, or take messages out, write the file anew and at once: what they leave is whole.
	if d, err := prints(x.f, old.Size); err == nil && d == old.Box.Prints {
		t.writing = true
		if !old.Box.Held {
			t.known = old.Size
		}
		return t
	}
	t.writing = x.startsAt(old.Size)
	return t
}

// startsAt reports whether a message seems to start at an offset: what was there before may have changed in place, and this was
// appended.
func (x *file) startsAt(off int64) bool {
	var b [8]byte
	n, _ := x.f.ReadAt(b[:], off)
	line := bytes.TrimLeft(b[:n], "\r\n")
	return bytes.HasPrefix(line, []byte("From")) || bytes.HasPrefix(line, []byte("\x01\x01\x01\x01"))
}

// holdBack takes the end of an mbox that may still be written to out of its last batch. What is held counts as skipped.
func (w *walk) holdBack(box *Mailbox, b *mboxfile.Batch) error {
	if !w.tail.writing || !b.Open {
		return nil
	}
	x := &b.Extents[len(b.Extents)-1]
	from, end := x.Offset, x.Offset+x.Length
	if at := w.tail.known - x.Offset; at > 0 && x.SHA256.IsZero() {
		if at >= x.Length {
			return nil // blank lines were appended
		}
		blank := blankLine(x.Data[:at])
		x.Length = at - blank
		x.Data = x.Data[:x.Length:x.Length]
		b.Framing += blank
		from = w.tail.known
	} else {
		b.Extents = b.Extents[:len(b.Extents)-1]
	}
	for len(b.Notes) > 0 && b.Notes[len(b.Notes)-1].Offset >= from {
		b.Notes = b.Notes[:len(b.Notes)-1]
	}
	w.unit.Box.Held = true
	w.count.Skipped += end - from
	if err := w.sink.Skipped(finding.Skipped{Path: box.Path, Size: end - from, Reason: beingDelivered}); err != nil {
		return sinkError{err}
	}
	return nil
}

// blankLine is how long the blank line is that b ends with.
func blankLine(b []byte) int64 {
	switch {
	case bytes.HasSuffix(b, []byte("\r\n\r\n")):
		return 2
	case bytes.HasSuffix(b, []byte("\n\n")):
		return 1
	}
	return 0
}
