package pst

import (
	"bytes"
	"errors"
	"io"
	"slices"

	"github.com/mailaudit/mailaudit/analyzer/mailbox/mapi"
)

// Node ids that every file has, and the types of node ids (their low five bits).
const (
	nidStore   = 0x21
	nidNames   = 0x61
	nidRoot    = 0x122
	nidReceive = 0x62B // which folder new mail goes into

	nidRecipients  = 0x692
	nidAttachments = 0x671

	typeFolder     = 0x02
	typeSearch     = 0x03
	typeMessage    = 0x04
	typeHierarchy  = 0x0D
	typeContents   = 0x0E
	typeMask       = 0x1F
	entryIDLength  = 24
	entryIDNode    = 20 // where in an entry id the node's id stands
	idRowID        = 0x67F2
	idDisplayName  = 0x3001
	idContainer    = 0x3613
	idAttachData   = 0x3701
	idAttachMethod = 0x3705
	methodEmbedded = 5
	idMessageClass = 0x001A
	idSubTree      = 0x35E0
	idOutbox       = 0x35E2
	idWastebasket  = 0x35E3
	idSent         = 0x35E4
	idDrafts       = 0x36D7
	idAdditional   = 0x36D8 // conflicts, sync issues, local failures, server failures, junk
	additionalJunk = 4
	idArchive      = 0x35FF
	idCodepage     = 0x3FFD
)

// Role is what a folder is for, as the file itself says.
type Role string

// Roles.
const (
	Inbox   Role = "inbox"
	Sent    Role = "sent"
	Outbox  Role = "outbox"
	Trash   Role = "trash"
	Drafts  Role = "drafts"
	Junk    Role = "junk"
	Archive Role = "archive"
)

// Folder is a folder of a file.
type Folder struct {
	NID   uint32
	Path  []string // names from the top, without the root's own
	Class string   // "IPF.Note" for mail
	Role  Role     // "" for those of the person's own making
	// Orphan is set for a folder that no other names.
	Orphan bool
	// Parent is the folder it lies in, nil for the root.
	Parent *Folder
}

// object is a node's properties, of whatever the node is.
func (f *File) object(nid uint32) (*properties, error) {
	n, err := f.node(nid)
	if err != nil {
		return nil, err
	}
	return f.properties(n)
}

// roles reads which folders are special, by what the store, the root and the inbox say.
func (f *File) roles() map[uint32]Role {
	roles := map[uint32]Role{}
	set := func(o mapi.Object, id uint16, role Role) {
		if v, ok := o.Property(id); ok {
			if nid, ok := entryNode(v.Data); ok {
				roles[nid] = role
			}
		}
	}
	if p, err := f.object(nidStore); err == nil {
		set(p, idOutbox, Outbox)
		set(p, idWastebasket, Trash)
		set(p, idSent, Sent)
		set(p, idArchive, Archive)
	}
	inbox := f.receiveFolder()
	if inbox != 0 {
		roles[inbox] = Inbox
	}
	for _, nid := range []uint32{nidRoot, inbox} {
		p, err := f.object(nid)
		if nid == 0 || err != nil {
			continue
		}
		set(p, idDrafts, Drafts)
		set(p, idArchive, Archive)
		if v, ok := p.Property(idAdditional); ok && len(v.List) > additionalJunk {
			if nid, ok := entryNode(v.List[additionalJunk]); ok {
				roles[nid] = Junk
			}
		}
	}
	return roles
}

// entryNode is the node that an entry id names.
func entryNode(b []byte) (uint32, bool) {
	if len(b) < entryIDLength {
		return 0, false
	}
	nid := le.Uint32(b[entryIDNode:])
	return nid, nid&typeMask == typeFolder
}

// receiveFolder is the folder that mail of no special class is received in, 0 where the file does not say.
func (f *File) receiveFolder() (nid uint32) {
	n, err := f.node(nidReceive)
	if err != nil {
		return 0
	}
	t, err := f.table(n)
	if err != nil {
		return 0
	}
	_ = t.each(func(_ uint32, at int) error {
		r := t.row(at)
		if r == nil {
			return nil
		}
		class, ok := r.Property(idMessageClass)
		if ok && class.Text(0) != "" && class.Text(0) != "IPM" && class.Text(0) != "IPM.Note" {
			return nil
		}
		for id, c := range r.t.columns { // the column is PidTagReceiveFolder's entry id in some versions, a node id in others
			v, ok := r.Property(id)
			if !ok || id == idRowID {
				continue
			}
			if found, ok := entryNode(v.Data); ok && c.typ == mapi.Binary {
				nid = found
			}
		}
		return nil
	})
	return nid
}

// Folders lists the folders of the file, each behind the one it lies in, in the order of the file; those that no folder names
// stand at the end. What can't be read is told to broken.
func (f *File) Folders(broken func(path []string, err error)) ([]*Folder, error) {
	f.begin()
	w := &folderWalk{f: f, roles: f.roles(), seen: map[uint32]bool{}, broken: broken}
	if err := w.walk(nidRoot, nil, false); err != nil {
		return w.list, err
	}
	// Folders that the tree does not reach, because what is above them is damaged or was taken away.
	var rest []node
	err := f.eachNode(func(n node) error {
		if n.nid&typeMask == typeFolder && !w.seen[n.nid] && len(rest) < f.lim.Folders {
			rest = append(rest, n)
		}
		return nil
	}, func(err error) { broken(nil, err) })
	if err != nil {
		return w.list, err
	}
	inRest := map[uint32]bool{}
	for _, n := range rest {
		inRest[n.nid] = true
	}
	for _, top := range []bool{true, false} { // first those whose parent is not among them
		for _, n := range rest {
			if w.seen[n.nid] || top && inRest[n.parent] && n.parent != n.nid {
				continue
			}
			if err := w.walk(n.nid, w.byID(n.parent), true); err != nil {
				return w.list, err
			}
		}
	}
	return w.list, nil
}

type folderWalk struct {
	f      *File
	roles  map[uint32]Role
	seen   map[uint32]bool
	list   []*Folder
	broken func(path []string, err error)
}

func (w *folderWalk) byID(nid uint32) *Folder {
	i := slices.IndexFunc(w.list, func(f *Folder) bool { return f.NID == nid })
	if i < 0 {
		return nil
	}
	return w.list[i]
}

// walk reads a folder and those below it.
func (w *folderWalk) walk(nid uint32, parent *Folder, orphan bool) error {
	f := w.f
	if w.seen[nid] || nid&typeMask == typeSearch {
		return nil
	}
	w.seen[nid] = true
	f.begin()
	defer f.begin()
	if len(w.list) >= f.lim.Folders {
		return ErrLimit
	}
	folder := &Folder{NID: nid, Role: w.roles[nid], Orphan: orphan, Parent: parent}
	if parent != nil {
		folder.Path = parent.Path
	}
	p, err := f.object(nid)
	switch {
	case costs(err):
		return err
	case err != nil:
		w.broken(folder.Path, err)
	default:
		page := 0
		if v, ok := p.Property(idCodepage); ok {
			n, _ := v.Int()
			page = int(n)
		}
		if v, ok := p.Property(idContainer); ok {
			folder.Class = v.Text(page)
		}
		if v, ok := p.Property(idDisplayName); ok && v.Text(page) != "" && nid != nidRoot {
			folder.Path = append(slices.Clip(folder.Path), v.Text(page))
		}
	}
	w.list = append(w.list, folder)
	if len(folder.Path) >= f.lim.Depth {
		w.broken(folder.Path, errDeep)
		return nil
	}
	n, err := f.node(nid&^typeMask | typeHierarchy)
	if errors.Is(err, errNode) {
		return nil
	}
	var t *table
	if err == nil {
		t, err = f.table(n)
	}
	if err == nil {
		err = t.each(func(id uint32, _ int) error { return w.walk(id, folder, orphan) })
	}
	if costs(err) {
		return err
	}
	if err != nil {
		w.broken(folder.Path, err)
	}
	return nil
}

// Entry is a message of a folder.
type Entry struct {
	NID uint32
	Row mapi.Object // its line in the folder's table; nil where there is none
	n   node
}

// Messages goes through the messages of a folder.
func (f *File) Messages(folder *Folder, message func(Entry) error) error {
	f.begin()
	n, err := f.node(folder.NID&^typeMask | typeContents)
	if errors.Is(err, errNode) {
		return nil
	}
	if err != nil {
		return err
	}
	t, err := f.table(n)
	if err != nil {
		return err
	}
	return t.each(func(id uint32, at int) error {
		if id&typeMask != typeMessage {
			return nil
		}
		e := Entry{NID: id}
		if r := t.row(at); r != nil {
			e.Row = r
		}
		defer f.begin() // the list goes on
		return message(e)
	})
}

// Orphans goes through the messages that the file holds and that named does not know: no folder's table names them.
func (f *File) Orphans(named func(nid uint32) bool, message func(e Entry, parent uint32) error) error {
	return f.eachNode(func(n node) error {
		if n.nid&typeMask != typeMessage || named(n.nid) {
			return nil
		}
		defer f.begin()
		return message(Entry{NID: n.nid, n: n}, n.parent)
	}, func(error) {})
}

// Message reads a message.
func (f *File) Message(e Entry) (*mapi.Message, error) {
	f.begin()
	n := e.n
	if n.nid == 0 {
		var err error
		if n, err = f.node(e.NID); err != nil {
			return nil, err
		}
	}
	return f.message(n, 0)
}

// message reads a message, or one in a message.
func (f *File) message(n node, depth int) (*mapi.Message, error) {
	p, err := f.properties(n)
	if err != nil {
		return nil, err
	}
	m := &mapi.Message{Object: p}
	if err := f.recipients(m, n); err != nil {
		return nil, err
	}
	if err := f.attachments(m, n, depth); err != nil {
		return nil, err
	}
	return m, nil
}

// Damaged reports whether some property of a message was damaged, as far as they were read.
func Damaged(m *mapi.Message) bool {
	p, ok := m.Object.(*properties)
	return ok && *p.cut
}

func (f *File) recipients(m *mapi.Message, n node) error {
	sub, err := f.subnode(n.sub, nidRecipients)
	if errors.Is(err, errNode) {
		return nil
	}
	var t *table
	if err == nil {
		t, err = f.table(sub)
	}
	if err == nil {
		err = t.each(func(_ uint32, at int) error {
			if f.items >= f.lim.Items {
				return errDeep
			}
			f.items++
			if r := t.row(at); r != nil {
				m.Recipients = append(m.Recipients, r)
			}
			return nil
		})
	}
	switch {
	case err == nil:
	case errors.Is(err, ErrLimit), errors.Is(err, ErrCostly):
		return err
	case errors.Is(err, errDeep):
		m.Problems = append(m.Problems, "there are more recipients than the limit; the first are read")
	default:
		m.Problems = append(m.Problems, "the list of recipients is damaged")
	}
	return nil
}

func (f *File) attachments(m *mapi.Message, n node, depth int) error {
	sub, err := f.subnode(n.sub, nidAttachments)
	if errors.Is(err, errNode) {
		return nil
	}
	var t *table
	if err == nil {
		t, err = f.table(sub)
	}
	if err == nil {
		err = t.each(func(id uint32, _ int) error {
			if f.items >= f.lim.Items {
				return errDeep
			}
			f.items++
			return f.attachment(m, n, id, depth)
		})
	}
	switch {
	case err == nil:
	case errors.Is(err, ErrLimit), errors.Is(err, ErrCostly):
		return err
	case errors.Is(err, errDeep):
		m.Problems = append(m.Problems, "there are more attachments than the limit; the first are read")
	default:
		m.Problems = append(m.Problems, "the list of attachments is damaged")
	}
	return nil
}

// attachment reads one attachment of a message.
func (f *File) attachment(m *mapi.Message, n node, id uint32, depth int) error {
	sub, err := f.subnode(n.sub, id)
	var p *properties
	if err == nil {
		p, err = f.properties(sub)
	}
	if costs(err) {
		return err
	}
	if err != nil {
		m.Problems = append(m.Problems, "an attachment is damaged")
		return nil
	}
	if mp, ok := m.Object.(*properties); ok {
		p.cut = mp.cut
	}
	a := mapi.Attachment{Object: p}
	method := int64(0)
	if v, ok := p.Property(idAttachMethod); ok {
		method, _ = v.Int()
	}
	open, size, inner, ok := p.open(idAttachData)
	switch {
	case !ok:
	case method == methodEmbedded && inner.nid != 0:
		if depth+1 >= f.lim.Depth {
			m.Problems = append(m.Problems, "messages lie in one another too deep")
			return nil
		}
		a.Message, err = f.message(inner, depth+1)
		if costs(err) {
			return err
		}
		if err != nil {
			m.Problems = append(m.Problems, "an attached message is damaged")
			return nil
		}
	default:
		a.Open, a.Size = open, size
	}
	m.Attachments = append(m.Attachments, a)
	return nil
}

func newBytes(b []byte) io.Reader { return bytes.NewReader(b) }
