package mailbox

import (
	"bytes"
	"encoding"
	"encoding/json"
	"hash/crc32"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/content"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/mboxfile"
)

// Knower is a Sink that knows files from an earlier walk, so that this one passes over what did not change.
//
// A file is known again by its name below the source, its size, times and inode. A file that only grew, an mbox to which
// mail was appended, is read on from its last message, if samples of it and the beginnings of the messages that matter
// are as they were: programs compact mailboxes, and write read state into them. Whatever is in doubt is read again.
type Knower interface {
	Sink
	// Known returns what is known of a file of this source, nil for nothing. It may be asked for a file more than once.
	Known(name string) *Unit
	// Enter tells that a file is going to be read: what Problem and Batch get now is of it. Leave tells that this is over;
	// all that a later walk has to know of the file stands in u then.
	Enter(u *Unit)
	Leave(u *Unit)
	// Mark tells that what was handed out of the file so far stays as it is when something is appended.
	Mark(u *Unit) error
	// Same tells that u, which Known returned, is as it was and won't be read; mailbox is the index that its first mailbox,
	// or the one it lies in, has now.
	Same(u *Unit, mailbox int) error
	// Grown tells that u, which was entered, begins with what of old lies before its checkpoint, and is read from there on.
	Grown(u, old *Unit, mailbox int) error
}

// known is what a walk needs for its Knower.
type known struct {
	knower Knower
	unit   *Unit   // the file that is being read; nil without a knower
	from   Figures // when it began
	broken bool    // it could not be read as it should be
	tail   tail    // of the mbox that is being read
}

// racy is how near before the walk a file may have been changed so that another change might have the same time: two
// seconds are the step of FAT's clock, the coarsest there is.
const racy = 2 * time.Second

// enter begins a file.
func (w *walk) enter(x *file, name string, context uint64) {
	if w.knower == nil {
		return
	}
	u := &Unit{Name: name, Stat: Stamp(x.st), Context: context}
	if w.cfg.Now != nil {
		u.Racy = w.racy(u.Stat)
	}
	x.unit, w.unit, w.from, w.broken = u, u, w.count.Figures, false
	w.knower.Enter(u)
}

// racy reports whether a file was changed so lately that another change might not show. Modified can lie in the future, since
// programs set it; Changed lies there only where the clock was set back, and every later change has another.
func (w *walk) racy(s Stat) bool {
	now := w.cfg.Now()
	since := now.Add(-racy).UnixNano()
	return s.Modified > since || s.Changed > since && s.Changed <= now.UnixNano()
}

// settled tells that nobody writes to a file any more, however new it is: a message in a Maildir.
func (x *file) settled() {
	if x.unit != nil {
		x.unit.Racy = false
	}
}

// forget takes back that a file was begun.
func (w *walk) forget(x *file) {
	if x.unit != nil {
		x.unit, w.unit = nil, nil
	}
}

// leave ends a file. digest is zero where it was not read in full.
func (w *walk) leave(x *file, digest evidence.Digest) {
	u := x.unit
	if u == nil {
		return
	}
	x.unit, w.unit = nil, nil
	u.SHA256 = digest
	u.Whole = !w.broken && w.ctx.Err() == nil
	a, b := w.count, w.from
	u.Count = Figures{
		Size: x.st.Size(), Mailboxes: a.Mailboxes - b.Mailboxes, Messages: a.Messages - b.Messages, Bytes: a.Bytes - b.Bytes,
		Extents: a.Extents - b.Extents, Framing: a.Framing - b.Framing, Skipped: a.Skipped - b.Skipped, Problem: a.Problem - b.Problem,
	}
	if u.Box == nil {
		u.Count.Mailboxes = 0 // its folder's
	}
	w.knower.Leave(u)
}

// spoil notes that the file could not be read as it should be, so that the next walk tries again.
func (w *walk) spoil() { w.broken = true }

func (w *walk) noteMailbox(m *Mailbox, role finding.Folder) {
	if w.unit != nil && w.unit.Box != nil {
		if len(w.unit.Box.Mailboxes) == 0 {
			w.unit.First = m.Index
		}
		w.unit.Box.Mailboxes = append(w.unit.Box.Mailboxes, Inside{Path: m.Path, Kind: m.Kind, Folder: role})
	}
}

func (w *walk) noteSkipped(f finding.Skipped) {
	if w.unit != nil && w.unit.Box != nil {
		w.unit.Box.Skipped = append(w.unit.Box.Skipped, f)
	}
}

// noteFirst notes where the first message of an mbox is.
func (w *walk) noteFirst(box *Mailbox, list []mboxfile.Extent) {
	if box.First == 0 && len(list) > 0 {
		box.First = list[0].Offset
	}
	if len(list) > 0 && w.unit != nil && w.unit.Box != nil && len(w.unit.Box.Mailboxes) > 0 {
		if m := &w.unit.Box.Mailboxes[len(w.unit.Box.Mailboxes)-1]; m.First == 0 {
			m.First = list[0].Offset
		}
	}
}

func (w *walk) noteQuoting(q mboxfile.Quoting) {
	if w.unit != nil && w.unit.Box != nil && len(w.unit.Box.Mailboxes) > 0 {
		m := &w.unit.Box.Mailboxes[len(w.unit.Box.Mailboxes)-1]
		m.Quoted, m.Unquoted, m.Lengths = q.Quoted, q.Unquoted, q.Lengths
	}
}

// noteCheckpoint keeps where an mbox can be read on from.
func (w *walk) noteCheckpoint(c *mboxfile.Checkpoint) error {
	if c == nil || w.unit == nil || w.unit.Box == nil || w.unit.Box.Checkpoint != nil {
		return nil
	}
	raw, err := json.Marshal(c)
	if err != nil {
		return sinkError{err}
	}
	a, b := w.count, w.from
	w.unit.Box.Checkpoint = &Checkpoint{
		Offset: c.Offset, Framer: raw,
		Count: Figures{
			Messages: a.Messages - b.Messages, Bytes: c.Offset,
			Extents: a.Extents - b.Extents, Framing: a.Framing - b.Framing, Problem: a.Problem - b.Problem,
		},
	}
	if err := w.knower.Mark(w.unit); err != nil {
		return sinkError{err}
	}
	return nil
}

// noteHash keeps samples of a file that holds mailboxes, and of an mbox the state of its hash at its end. whole tells that
// it was hashed in full.
func (w *walk) noteHash(x *file, whole bool) {
	if x.unit == nil || x.unit.Box == nil || !x.unit.Box.Opens {
		return
	}
	box := x.unit.Box
	var err error
	if box.Prints, err = prints(x.f, x.off); err != nil || !whole {
		w.spoil()
		box.Checkpoint = nil
	}
	if c := box.Checkpoint; c != nil {
		sum, ok := x.all.(encoding.BinaryMarshaler)
		if ok {
			c.Hash, err = sum.MarshalBinary()
		}
		if c.Size = x.off; !ok || err != nil {
			box.Checkpoint = nil
		}
	}
}

const (
	printEnds    = 64 << 10 // how much of the beginning and of the end of a file is sampled
	printSamples = 32       // how many places between are, evenly spaced
	printSample  = 4 << 10  // and how much of each
)

// prints is a hash of samples of the first size bytes of a file.
func prints(r io.ReaderAt, size int64) (d evidence.Digest, err error) {
	var all []byte
	add := func(at, n int64) {
		at = max(0, min(at, size-n))
		b := make([]byte, min(n, size-at))
		if _, rerr := r.ReadAt(b, at); rerr != nil && err == nil {
			err = rerr
		}
		all = append(all, b...)
	}
	add(0, printEnds)
	for i := int64(1); i <= printSamples; i++ {
		add(size/(printSamples+1)*i, printSample)
	}
	add(size-printEnds, printEnds)
	return evidence.Sum(all), err
}

// headChanges reports whether the beginning of a message in an mbox holds fields that programs overwrite in place: those
// of Mozilla, and those that Dovecot and the IMAP server of the University of Washington leave room in. To a message that
// has none they can only be added, which moves all that follows.
func headChanges(b []byte) bool {
	for line := range bytes.Lines(b) {
		if len(line) == 0 || line[0]|0x20 != 'x' && line[0]|0x20 != 's' {
			continue
		}
		name, _, _ := bytes.Cut(line, []byte(":"))
		switch strings.ToLower(string(name)) {
		case "x-mozilla-status", "x-mozilla-status2", "x-mozilla-keys", "status", "x-status", "x-keywords", "x-uid", "x-imap", "x-imapbase":
			return true
		}
	}
	return false
}

// headSum is the checksum of a Head over the beginning of a message.
func headSum(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }

// recall returns what is known of a file where it is still the same; nil where it has to be read. Of one that holds
// mailboxes same has to be asked as well.
func (w *walk) recall(name string, info fs.FileInfo, context uint64) *Unit {
	if w.knower == nil || !info.Mode().IsRegular() {
		return nil
	}
	u := w.knower.Known(name)
	now := Stamp(info)
	if u == nil || u.Box != nil && u.Box.Held || u.Racy && u.Box == nil || u.Context != context || !u.Like(now) {
		return nil
	}
	if u.Box == nil || !u.Box.Opens {
		if u.Touched(now) {
			return nil
		}
		restamp(u, now)
	}
	return u
}

// restamp notes what the file system says now of a file whose bytes are those that were read.
func restamp(u *Unit, now Stat) {
	if u.Stat != now {
		u.Stat, u.Restamped = now, true
	}
}

// rehash is up to which size a mailbox is hashed again to know it: beyond, samples have to do.
const rehash = 2 << 20

// same reports whether a file that holds mailboxes, and whose size and time are as they were, holds the same bytes: times
// can be set, and copying programs set them. One that the system calls changed is hashed in full, whatever its size: it
// may have been written to in the middle, and mostly was not, for programs that read mailboxes put back the time of the
// last access, which counts as a change too.
func (w *walk) same(name string, info fs.FileInfo, u *Unit) bool {
	if !u.Box.Opens {
		return true
	}
	now := Stamp(info)
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	if w.cfg.NewHash != nil && (u.Size <= rehash || u.Touched(now)) {
		h := w.cfg.NewHash()
		n, err := io.Copy(h, io.LimitReader(walked{w, f}, u.Size))
		if err != nil || n != u.Size || !bytes.Equal(h.Sum(nil), u.SHA256[:]) {
			return false
		}
	} else if d, err := prints(f, u.Size); err != nil || d != u.Box.Prints || u.Racy && u.Box.Checkpoint != nil && !headsAre(f, u.Box.Checkpoint.Heads) {
		return false
	}
	restamp(u, now)
	return true
}

// walked reads as long as the walk is to go on, and shows that it does.
type walked struct {
	w *walk
	r io.Reader
}

func (x walked) Read(p []byte) (int, error) {
	if err := x.w.ctx.Err(); err != nil {
		return 0, err
	}
	x.w.sink.Progress(0)
	return x.r.Read(p)
}

// recall is recall for an entry of a folder. A link counts as what it leads to.
func (f *folder) recall(e fs.DirEntry, context uint64) *Unit {
	if f.recalled(e) == nil {
		return nil
	}
	info, err := e.Info()
	if err == nil && e.Type()&fs.ModeSymlink != 0 {
		info, err = os.Stat(filepath.Join(f.dir, e.Name()))
	}
	if err != nil {
		return nil
	}
	return f.w.recall(f.name(e.Name()), info, context)
}

// recalled is what is known of an entry, whether it is still the same or not.
func (f *folder) recalled(e fs.DirEntry) *Unit {
	if f.w.knower == nil {
		return nil
	}
	return f.w.knower.Known(f.name(e.Name()))
}

// readHash is a hash of what container and name say of a message, so that a change of it shows.
func readHash(r *finding.Read) uint64 {
	if r == nil {
		return 0
	}
	h := fnv.New64a()
	for _, p := range []*bool{r.Seen, r.Opened, r.Replied, r.Forwarded, r.Deleted, r.Flagged} {
		switch {
		case p == nil:
			h.Write([]byte{0})
		case *p:
			h.Write([]byte{1})
		default:
			h.Write([]byte{2})
		}
	}
	io.WriteString(h, string(r.Folder))
	for _, list := range [][]string{r.Labels, r.From} {
		h.Write([]byte{0})
		for _, s := range list {
			io.WriteString(h, s)
			h.Write([]byte{0})
		}
	}
	return h.Sum64()
}

// reuseMessage passes over a file that is one message.
func (f *folder) reuseMessage(b *bundle, u *Unit, name string) error {
	w := f.w
	f.sum.add(u.SHA256, f.path(name))
	if u.Count.Messages > 0 && b.box == nil {
		var err error
		if b.box, err = w.announce(b.path, b.kind); err != nil {
			return err
		}
		b.box.Group = group(b.group, b.box.Index)
	}
	if err := b.flush(); err != nil {
		return err
	}
	b.ordinal += u.Count.Messages
	w.count.Add(u.Count)
	box := 0
	if b.box != nil {
		box = b.box.Index
	}
	if err := w.knower.Same(u, box); err != nil {
		return sinkError{err}
	}
	w.sink.Progress(u.Size)
	return nil
}

// reuse passes over a file that holds mailboxes, or none.
func (w *walk) reuse(u *Unit) error {
	first := w.boxes
	for _, m := range u.Box.Mailboxes {
		box, err := w.announceAs(m.Path, m.Kind, m.Folder)
		if err != nil {
			return err
		}
		box.First = m.First
		if e, ok := w.sink.(Ender); ok && m.Kind == string(content.Mbox) {
			if err := e.End(box, mboxfile.Quoting{Quoted: m.Quoted, Unquoted: m.Unquoted, Lengths: m.Lengths}); err != nil {
				return sinkError{err}
			}
		}
	}
	count := u.Count
	count.Mailboxes = 0 // announce counts them
	w.count.Add(count)
	for _, f := range u.Box.Skipped {
		if err := w.sink.Skipped(f); err != nil {
			return sinkError{err}
		}
	}
	if err := w.knower.Same(u, first); err != nil {
		return sinkError{err}
	}
	w.sink.Progress(u.Size)
	return nil
}

// resume reads on an mbox to which something was appended. resumed is false where the file has to be read in full.
func (w *walk) resume(x *file, kind content.Kind) (resumed bool, err error) {
	old := w.knower.Known(x.unit.Name)
	if kind != content.Mbox || old == nil || old.Box == nil || old.Box.Checkpoint == nil || len(old.Box.Mailboxes) != 1 {
		return false, nil
	}
	c := old.Box.Checkpoint
	var at mboxfile.Checkpoint
	if x.st.Size() < c.Size || x.st.Size() == c.Size && !old.Box.Held || old.Context != x.unit.Context || old.Inode != x.unit.Inode || json.Unmarshal(c.Framer, &at) != nil || !x.grew(c, old.Box.Prints) {
		return false, nil
	}
	sum, ok := x.all.(encoding.BinaryUnmarshaler)
	if !ok || sum.UnmarshalBinary(c.Hash) != nil {
		return false, nil
	}
	s := &stream{path: x.path, name: filepath.Base(x.name), size: x.st.Size(), r: x}
	r, err := mboxfile.Resume(x, w.framing(s), &at)
	if err != nil {
		return false, nil
	}
	if _, err := x.f.Seek(c.Offset, io.SeekStart); err != nil {
		return false, nil
	}
	x.off, x.sure = c.Offset, c.Size
	return true, w.readOn(x, r, old)
}

// readOn reads behind a checkpoint.
func (w *walk) readOn(x *file, r *mboxfile.Reader, old *Unit) error {
	c := old.Box.Checkpoint
	before := w.count
	first := w.boxes
	box, err := w.announce(x.path, string(content.Mbox))
	if err != nil {
		return err
	}
	w.count.Add(c.Count)
	if m := old.Box.Mailboxes[0]; m.First < c.Offset {
		x.unit.Box.Mailboxes[0].First, box.First = m.First, m.First
	}
	if err := w.knower.Grown(x.unit, old, first); err != nil {
		return sinkError{err}
	}
	w.sink.Progress(c.Offset)
	return w.ended(x, before, w.messages(box, r))
}

// grew reports whether the file still begins as it did up to the end it had at a checkpoint.
func (x *file) grew(c *Checkpoint, samples evidence.Digest) bool {
	if d, err := prints(x.f, c.Size); err != nil || d != samples {
		return false
	}
	return headsAre(x.f, c.Heads)
}

// headsAre reports whether the beginnings of messages are as they were.
func headsAre(r io.ReaderAt, heads []Head) bool {
	var buf [HeadSize]byte
	for _, h := range heads {
		if h.Length < 0 || int(h.Length) > len(buf) || h.Offset < 0 {
			return false
		}
		b := buf[:h.Length]
		if _, err := r.ReadAt(b, h.Offset); err != nil || headSum(b) != h.Sum {
			return false
		}
	}
	return true
}
