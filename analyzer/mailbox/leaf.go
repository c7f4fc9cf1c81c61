package mailbox

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/content"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/mboxfile"
)

// stream is the bytes of one file or archive member, from the start.
type stream struct {
	path []string // as in evidence.Location.Path
	name string   // base name, a hint at what it is
	size int64    // -1 where it is not known
	r    io.Reader
}

// counter counts what is read through it.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// leaf reads a stream that is neither an archive nor a single message.
func (w *walk) leaf(s *stream, kind content.Kind) error {
	switch kind {
	case content.Mbox:
		return w.mbox(s)
	case content.MSG:
		return w.outlookMessage(s)
	}
	w.count.Bytes += max(0, s.size)
	advice := kind.Advice()
	if isOutlook(kind) {
		advice = "an Outlook data file inside an archive is not read; unpack it and scan the folder"
	}
	if advice != "" {
		w.count.Problem += max(0, s.size)
		return w.problem(w.location(s.path, 0, max(0, s.size)), "archive", advice, true)
	}
	w.count.Skipped += max(0, s.size)
	return w.skipped(s.path, max(0, s.size), string(kind))
}

// mbox hands out the messages of an mbox.
func (w *walk) mbox(s *stream) error {
	box, err := w.announce(s.path, string(content.Mbox))
	if err != nil {
		return err
	}
	return w.messages(box, mboxfile.NewReader(s.r, s.size, w.framing(s)))
}

// framing are the options of an mbox. Only a file of its own can be read on from where an earlier walk ended.
func (w *walk) framing(s *stream) mboxfile.Options {
	_, file := s.r.(*file)
	return mboxfile.Options{
		Message: w.cfg.Limits.Message, FromLine: w.cfg.Limits.FromLine, Take: w.take, Checkpoint: file && w.unit != nil,
	}
}

// messages hands out what a reader finds in a mailbox.
func (w *walk) messages(box *Mailbox, r *mboxfile.Reader) error {
	for {
		b, err := r.Next()
		if err := w.holdBack(box, &b); err != nil {
			return err
		}
		if err := w.mboxBatch(box, b); err != nil {
			return err
		}
		if err == nil {
			if err := w.noteCheckpoint(r.Checkpoint()); err != nil {
				return err
			}
			continue
		}
		w.count.Bytes += r.Read()
		w.noteQuoting(r.Quoting())
		if e, ok := w.sink.(Ender); ok {
			if err := e.End(box, r.Quoting()); err != nil {
				return sinkError{err}
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		return err
	}
}

// mboxBatch passes on what the framer found.
func (w *walk) mboxBatch(box *Mailbox, b mboxfile.Batch) error {
	w.count.Framing += b.Framing
	out := Batch{Blocks: b.Blocks, Extents: make([]Extent, len(b.Extents))}
	place := func(before int, loc evidence.Location, stage, reason string, lost bool) {
		out.Problems = append(out.Problems, Placed{before, w.unit, finding.Problem{Location: loc, Stage: stage, Reason: reason, Lost: lost}})
	}
	behind := func(offset int64) int {
		i, _ := slices.BinarySearchFunc(b.Extents, offset+1, func(x mboxfile.Extent, at int64) int { return cmp.Compare(x.Offset, at) })
		return i
	}
	for _, g := range b.Gaps {
		w.count.Problem += g.Length
		place(behind(g.Offset), w.location(box.Path, g.Offset, g.Length), "mbox", g.Reason, g.Lost)
	}
	for _, n := range b.Notes {
		place(behind(n.Offset), w.location(box.Path, n.Offset, n.Length), "mbox", n.Reason, false)
	}
	if len(b.Extents) == 0 && len(b.Blocks) == 0 && len(out.Problems) == 0 {
		return nil
	}
	for i, x := range b.Extents {
		out.Extents[i] = Extent{
			Mailbox: box, Location: w.location(box.Path, x.Offset, x.Length), Data: x.Data, SHA256: x.SHA256, Mbox: true,
			Envelope: &fact.Envelope{Sender: x.Line.Sender, Time: x.Line.Time, Style: string(x.Line.Style), Doubt: x.Doubt},
			Order:    x.Offset, Unit: w.unit,
		}
		if w.beside.Summary != nil {
			out.Extents[i].Read = w.beside.At(x.Offset, x.Data)
		}
		w.count.Messages++
		w.count.Extents += x.Length
		if !x.SHA256.IsZero() {
			reason := fmt.Sprintf("the message is longer than the limit %s; its first %d bytes are read", limit.NameMessage, len(x.Data))
			place(i, out.Extents[i].Location, "limit", reason, false)
		}
	}
	slices.SortStableFunc(out.Problems, func(a, b Placed) int { return cmp.Compare(a.Before, b.Before) })
	w.noteFirst(box, b.Extents)
	for {
		part := out.cut(batchMost)
		if err := w.sink.Batch(part); err != nil {
			return sinkError{err}
		}
		if len(out.Extents) == 0 {
			return nil
		}
	}
}

// batchMost is how many messages of an mbox are handed out together. What becomes of them is held until it can be put in
// order: a block can hold tens of thousands of messages that are hardly more than a From_ line, each a candidate.
const batchMost = 256

// cut takes the first n extents off a batch, with the problems before them. Both parts hold the blocks.
func (b *Batch) cut(n int) Batch {
	if len(b.Extents) <= n {
		out := *b
		*b = Batch{}
		return out
	}
	out := Batch{Extents: b.Extents[:n:n], Blocks: slices.Clone(b.Blocks)}
	for _, m := range out.Blocks {
		m.Hold()
	}
	b.Extents = b.Extents[n:]
	i := 0
	for i < len(b.Problems) && b.Problems[i].Before < n {
		i++
	}
	out.Problems, b.Problems = b.Problems[:i:i], b.Problems[i:]
	for j := range b.Problems {
		b.Problems[j].Before -= n
	}
	return out
}
