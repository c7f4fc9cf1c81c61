package mailbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/block"
)

// walk is one Walk.
type walk struct {
	ctx   context.Context
	src   Source
	cfg   Config
	sink  Sink
	count Count
	boxes int
	// expanded is how many bytes were inflated of the file that is being read, allowed how many may be.
	expanded, allowed int64
	members           int
	open              *bundle     // the bundle that holds messages which were not handed out
	pieces            chan []byte // memory of ahead
	beside            summary     // of the mailbox that is being read
	busy              busy        // what moved between Maildirs
	known
}

// sinkError is an error of the sink, which ends the walk; all other errors become problems.
type sinkError struct{ err error }

func (e sinkError) Error() string { return e.err.Error() }
func (e sinkError) Unwrap() error { return e.err }

// Walk goes through a source in a fixed order (names sorted bytewise; in a folder first the files of one message each,
// then mailboxes and archives, then its folders; archives in the order of their members) and hands what it finds to the
// sink. What cannot be read becomes a problem and the walk goes on. An error is returned when the context ends or the
// sink returns one.
//
// Files are read up to the size they had when they were opened, so that a mailbox that grows meanwhile is seen as it was at
// that moment; one that changed is a problem.
func Walk(ctx context.Context, src Source, cfg Config, sink Sink) (Count, error) {
	w := &walk{ctx: ctx, src: src, cfg: cfg, sink: sink}
	w.knower, _ = sink.(Knower)
	st, err := os.Stat(src.Path)
	if err != nil {
		return w.count, fmt.Errorf("reading source: %w", err)
	}
	if st.IsDir() {
		err = w.source(st)
	} else {
		err = w.single(st)
	}
	if err != nil {
		return w.count, fmt.Errorf("reading %s: %w", src.Name, err)
	}
	return w.count, nil
}

// stop returns the error that ends the walk, if err is one: the sink's, or the end of the context.
func (w *walk) stop(err error) error {
	if err == nil {
		return nil
	}
	if e := (sinkError{}); errors.As(err, &e) {
		return e.err
	}
	return w.ctx.Err()
}

func (w *walk) take(n int) (*block.Block, error) {
	b, err := w.sink.Take(w.ctx, n)
	if err != nil {
		return nil, sinkError{err}
	}
	return b, nil
}

// announce makes a new mailbox known.
func (w *walk) announce(path []string, kind string) (*Mailbox, error) {
	return w.announceAs(path, kind, "")
}

// announceAs makes a new mailbox known whose role the container tells; "" for what its path says.
func (w *walk) announceAs(path []string, kind string, role finding.Folder) (*Mailbox, error) {
	m := &Mailbox{Index: w.boxes, Path: path, Kind: kind, Folder: role, Group: group(path, w.boxes), Elsewhere: w.elsewhere(path)}
	if role == "" {
		m.Folder = w.folderRole(path)
	}
	w.boxes++
	w.count.Mailboxes++
	w.noteMailbox(m, role)
	if err := w.sink.Mailbox(m); err != nil {
		return nil, sinkError{err}
	}
	return m, nil
}

// groupsMost is how many mailboxes of a source have a group of their own. What is learned of each group is held to the
// end, and an archive can have two million members; nobody has so many mailboxes that mail was received in.
const groupsMost = 10_000

// group is the group of the mailbox of an index.
func group(path []string, index int) string {
	if index >= groupsMost {
		return "."
	}
	return strings.Join(path, "!")
}

func (w *walk) location(path []string, offset, length int64) evidence.Location {
	return evidence.Location{Source: w.src.Index, Path: path, Offset: offset, Length: length}
}

func (w *walk) problem(loc evidence.Location, stage, reason string, lost bool) error {
	p := finding.Problem{Location: loc, Stage: stage, Reason: reason, Lost: lost}
	if w.open != nil {
		b := &w.open.batch
		b.Problems = append(b.Problems, Placed{len(b.Extents), w.unit, p})
		return nil
	}
	if err := w.sink.Problem(p); err != nil {
		return sinkError{err}
	}
	return nil
}

func (w *walk) skipped(path []string, size int64, reason string) error {
	f := finding.Skipped{Path: path, Size: size, Reason: reason}
	w.noteSkipped(f)
	if err := w.sink.Skipped(f); err != nil {
		return sinkError{err}
	}
	return nil
}

// balance checks that what was read of one container, from Count before to now, is accounted for.
func (w *walk) balance(before Count, path []string) error {
	read := w.count.Bytes - before.Bytes
	explained := w.count.Accounted() - before.Accounted()
	if read == explained {
		return nil
	}
	w.count.Problem += read - explained
	return w.problem(w.location(path, 0, read), "internal",
		fmt.Sprintf("%d bytes were read and %d accounted for", read, explained), true)
}
