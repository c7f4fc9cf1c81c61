package mailbox

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/content"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/mapi"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/pst"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/readstate"
)

// isOutlook reports whether a file is one of Outlook's.
func isOutlook(k content.Kind) bool { return k == content.PST || k == content.OST }

// outlookStage is the stage of problems with Outlook's files.
const outlookStage = "outlook"

// Names of the folders in which messages are shown that no folder of the file names any more: those whose place is still
// known, and those that were found where nothing was written over them yet.
const (
	orphaned  = "orphaned"
	recovered = "recovered"
)

// outlook is an Outlook data file that is being read.
type outlook struct {
	w      *walk
	x      *file
	f      *pst.File
	kind   string
	first  int // mailbox of the file
	roles  map[*pst.Folder]finding.Folder
	by     map[uint32]*pst.Folder
	seen   bitmap
	torn   map[uint32]bool // folders whose lists of messages could not be read, or not to the end
	stored int64           // bytes of the file that the messages were made of
	read   int64           // work of the file that progress was told of
	limits mapi.Limits
}

// outlook reads an Outlook data file: the messages of each folder, in the order of their ids, each put together again as it
// travelled. A message is a member of the file, named by the path of its folder and the id of its node.
//
// What is accounted for are the bytes of the messages as they were put together and, as framing, those of the file that were not
// read for them: indexes, other items, free space.
func (w *walk) outlook(x *file, kind content.Kind) error {
	size := x.st.Size()
	f, err := pst.Open(x.f, size, pst.DefaultLimits(size))
	if err != nil {
		if stop := w.ctx.Err(); stop != nil {
			return stop
		}
		w.count.Bytes += size
		w.count.Problem += size
		return w.problem(w.location(x.path, 0, size), outlookStage, plain(err), true)
	}
	o := &outlook{w: w, x: x, f: f, kind: string(kind), first: w.boxes, roles: map[*pst.Folder]finding.Folder{}, by: map[uint32]*pst.Folder{}, seen: bitmap{}, torn: map[uint32]bool{}}
	o.limits = mapi.Limits{Header: w.cfg.Limits.Header, Text: w.cfg.Limits.Text, Depth: w.cfg.Limits.Depth, Held: int64(w.cfg.Limits.Attachment)}
	err = o.messages()
	if stop := w.stop(err); stop != nil {
		return sinkError{stop}
	}
	if structure := size - o.stored; structure > 0 {
		w.count.Bytes += structure
		w.count.Framing += structure
	}
	if err != nil {
		return o.problem(x.path, err, true)
	}
	return o.damage()
}

// problem reports what could not be read.
func (o *outlook) problem(path []string, err error, lost bool) error {
	stage, reason := outlookStage, plain(err)
	if e := (*limitError)(nil); errors.As(err, &e) {
		stage = "limit"
	}
	if errors.Is(err, pst.ErrLimit) || errors.Is(err, pst.ErrCostly) {
		stage, reason = "limit", reason+" (limit "+limit.NameArchiveRatio+")"
	}
	return o.w.problem(o.w.location(path, 0, 0), stage, reason, lost)
}

// damage reports damage that is of no message.
func (o *outlook) damage() error {
	if n := o.f.Missing(); n > 0 {
		err := fmt.Errorf("the file is %d bytes shorter than it should be, as when a copy broke off: what lay there is missing", n)
		if err := o.problem(o.x.path, err, true); err != nil {
			return err
		}
	}
	if o.f.Torn() {
		err := errors.New("parts of the index are damaged or missing; the mail is read by what older pages say, and some of it may have been deleted before")
		if err := o.problem(o.x.path, err, true); err != nil {
			return err
		}
	}
	kinds := o.f.Damage()
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		if err := o.problem(o.x.path, fmt.Errorf("%s: %d", kind, kinds[kind]), false); err != nil {
			return err
		}
	}
	return nil
}

// messages hands out all messages of the file.
func (o *outlook) messages() error {
	var broken error // of the sink
	folders, err := o.f.Folders(func(path []string, err error) {
		if broken == nil {
			broken = o.problem(o.path(path), err, true)
		}
	})
	if broken != nil {
		return broken
	}
	if err != nil {
		if err := o.problem(o.x.path, err, true); err != nil {
			return err
		}
	}
	for _, folder := range folders {
		o.by[folder.NID] = folder
		if err := o.folder(folder); err != nil {
			return err
		}
	}
	if err := o.orphans(); err != nil {
		return err
	}
	if err := o.recovered(); err != nil || o.w.boxes > o.first {
		return err
	}
	_, err = o.w.announce(o.x.path, o.kind) // a file without mail is a mailbox all the same
	return err
}

// path is the location of a folder.
func (o *outlook) path(names []string) []string {
	p := append(make([]string, 0, len(o.x.path)+1), o.x.path...)
	if len(names) == 0 {
		return p
	}
	parts := make([]string, len(names))
	for i, name := range names {
		// A slash in a name is no end of it.
		parts[i] = strings.ReplaceAll(evidence.EscapeName(name), "/", `\x2f`)
	}
	return append(p, strings.Join(parts, "/"))
}

// role is what a folder is for, by what the file says, by its name, or by the folder it lies in.
func (o *outlook) role(f *pst.Folder) finding.Folder {
	if f == nil {
		return ""
	}
	if role, ok := o.roles[f]; ok {
		return role
	}
	var role finding.Folder
	switch f.Role {
	case pst.Inbox:
		role = finding.Inbox
	case pst.Sent, pst.Outbox:
		role = finding.Sent
	case pst.Trash:
		role = finding.Trash
	case pst.Drafts:
		role = finding.Drafts
	case pst.Junk:
		role = finding.Spam
	case pst.Archive:
		role = finding.Archive
	default:
		if n := len(f.Path); n > 0 {
			role = readstate.Folder(strings.ReplaceAll(f.Path[n-1], "/", " "))
		}
		if role == "" {
			role = o.role(f.Parent)
		}
	}
	o.roles[f] = role
	return role
}

// bundle gathers the messages of a folder.
func (o *outlook) bundle(path []string, role finding.Folder) *bundle {
	b := o.w.bundle(path, path, o.kind)
	b.role, b.rebuilt = role, true
	return b
}

// others counts what of a folder is no mail.
type others struct{ n int64 }

// folder hands out the messages of a folder.
func (o *outlook) folder(folder *pst.Folder) error {
	path := o.path(folder.Path)
	b := o.bundle(path, o.role(folder))
	var not others
	err := o.f.Messages(folder, func(e pst.Entry) error {
		if !o.seen.add(e.NID) {
			return nil
		}
		return o.message(b, path, e, folder.Orphan, &not)
	})
	if stop := o.w.stop(err); stop != nil {
		return sinkError{stop}
	}
	if err != nil {
		o.torn[folder.NID] = true
		if err := o.problem(path, err, true); err != nil {
			return err
		}
	}
	if not.n > 0 {
		if err := o.w.skipped(path, 0, "outlook_item"); err != nil {
			return err
		}
	}
	return b.flush()
}

// orphans hands out the messages that no folder names: those that were taken out of their folder, and those whose folder can't
// tell any more what lies in it.
func (o *outlook) orphans() error {
	l := leftovers{o: o, name: orphaned}
	err := o.f.Orphans(o.seen.has, func(e pst.Entry, parent uint32) error {
		return l.message(e, parent, !o.torn[parent] && !o.f.Torn())
	})
	return l.end(err)
}

// recovered hands out the messages that were deleted and can still be read. Of those that can't there is nothing to say: what was
// deleted is not lost by us.
func (o *outlook) recovered() error {
	l := leftovers{o: o, name: recovered}
	err := o.f.Recover(func(e pst.Entry, parent uint32) error {
		m, err := o.f.Message(e)
		if errors.Is(err, pst.ErrLimit) {
			return err
		}
		if err != nil || !m.IsMail() || !m.Speaks() {
			return nil
		}
		return l.message(e, parent, true)
	})
	return l.end(err)
}

// leftovers are messages that no folder names, in the order of their ids. Those behind one another that lay in the same folder
// are handed out together.
type leftovers struct {
	o      *outlook
	name   string // of the folder in which they are shown
	parent uint32 // the folder they lay in
	path   []string
	b      *bundle
	not    others
}

func (l *leftovers) message(e pst.Entry, parent uint32, gone bool) error {
	if l.b == nil || l.parent != parent {
		if err := l.end(nil); err != nil {
			return err
		}
		folder := l.o.by[parent]
		var names []string
		if gone {
			names = append(names, l.name)
		}
		if folder != nil {
			names = append(names, folder.Path...)
		}
		l.path, l.parent = l.o.path(names), parent
		l.b = l.o.bundle(l.path, l.o.role(folder))
	}
	return l.o.message(l.b, l.path, e, gone, &l.not)
}

// end hands out what was gathered. err is what ended the messages.
func (l *leftovers) end(err error) error {
	if l.b != nil {
		err = errors.Join(err, l.b.flush())
	}
	return err
}

// message hands out one message. gone is set where no folder names it.
func (o *outlook) message(b *bundle, path []string, e pst.Entry, gone bool, not *others) error {
	if err := o.w.ctx.Err(); err != nil {
		return err
	}
	at := o.member(path, e.NID)
	before := o.f.Stored()
	if o.w.expanded > o.w.allowed {
		return errSpent
	}
	m, err := o.f.Message(e)
	if errors.Is(err, pst.ErrLimit) {
		return err
	}
	if err != nil {
		return o.problem(at, err, true)
	}
	if !m.IsMail() {
		not.n++
		return o.progress()
	}
	c := mapi.Convert(m, o.limits)
	s := &stream{path: at, name: "", size: c.Size, r: &meter{w: o.w, r: c.Reader()}}
	if err := o.w.oneMessage(b, s, content.Eml, o.state(m, e.Row, gone)); err != nil {
		return err
	}
	o.stored += o.f.Stored() - before
	if pst.Damaged(m) {
		c.Problems = append(c.Problems, "parts of the message are damaged or missing; what could be read of it is here")
	}
	for _, reason := range c.Problems {
		if err := o.w.problem(o.w.location(at, 0, c.Size), outlookStage, reason, false); err != nil {
			return err
		}
	}
	return o.progress()
}

// member is the location of a message.
func (o *outlook) member(path []string, nid uint32) []string {
	name := fmt.Sprintf("0x%x", nid)
	p := slices.Clone(path)
	if len(p) == len(o.x.path) {
		return append(p, name)
	}
	p[len(p)-1] += "/" + name
	return p
}

// progress hashes as much of the file, from the start, as was read of it anywhere, and tells of it.
func (o *outlook) progress() error {
	n := o.f.Work() - o.read
	const step = 1 << 20
	if n < step {
		return nil
	}
	o.read += n
	_, err := io.CopyN(io.Discard, o.x, n)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return err
}

// Bounds of the categories of a message.
const (
	categoriesMost = 100
	categoryMost   = 225
)

// state is what Outlook keeps of reading and answering a message.
func (o *outlook) state(m *mapi.Message, row mapi.Object, gone bool) *finding.Read {
	s := m.State(row)
	r := &finding.Read{
		Seen: s.Seen, Replied: s.Replied, Forwarded: s.Forwarded, Flagged: s.Flagged, Deleted: s.Deleted, From: []string{outlookStage},
	}
	for _, label := range o.f.Categories(m) {
		if len(r.Labels) < categoriesMost && len(label) <= categoryMost {
			r.Labels = append(r.Labels, label)
		}
	}
	if gone {
		r.Deleted, r.Folder = &gone, finding.Trash
	}
	if r.IsZero() {
		return nil
	}
	return r
}

// bitmap is a set of node ids.
type bitmap map[uint32]*[64]uint64

// add adds an id; it returns false for one that is there.
func (b bitmap) add(nid uint32) bool {
	n := nid >> 5
	chunk := b[n>>12]
	if chunk == nil {
		chunk = new([64]uint64)
		b[n>>12] = chunk
	}
	word, bit := &chunk[n>>6&63], uint64(1)<<(n&63)
	if *word&bit != 0 {
		return false
	}
	*word |= bit
	return true
}

func (b bitmap) has(nid uint32) bool {
	n := nid >> 5
	chunk := b[n>>12]
	return chunk != nil && chunk[n>>6&63]>>(n&63)&1 == 1
}
