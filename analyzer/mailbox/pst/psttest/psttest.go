// Package psttest writes Outlook data files, for tests and samples: what [MS-PST] says of the three levels of such a file, with
// nothing taken from the reader, so that a misunderstanding shows. There are no maps of what is free, which no reader needs and
// which Outlook would make again.
package psttest

import "io"

// Folder is a folder.
type Folder struct {
	Name     string
	Class    string // "IPF.Note" if empty
	Props    []Prop
	Folders  []*Folder
	Messages []*Message
	nid      uint32
}

// Message is a message.
type Message struct {
	Props       []Prop
	Row         []Prop // of its line in the folder's table
	Recipients  [][]Prop
	Attachments []Attachment
	Orphan      bool // no table names it
	Gone        bool // it was deleted: only old pages of the indexes name it
}

// Attachment is an attachment, or a message in a message.
type Attachment struct {
	Props   []Prop
	Message *Message
}

// File is a file to be written.
type File struct {
	Layout   Layout
	Crypt    byte
	Compress bool
	Top      *Folder // under the root
	Store    []Prop
	Root     []Prop
	// Special name folders that the file itself says what they are for: by the id of the property of the store.
	Special map[uint16]*Folder
	Junk    *Folder
	Inbox   *Folder
}

// Keywords is the id of the categories of a message, of type Text|Many.
const Keywords = 0x8003

// Nodes that every file has.
const (
	nidStore = 0x21
	nidNames = 0x61
	nidRoot  = 0x122
)

type writer struct {
	*Builder
	folders, messages uint32
	gone              []Node
	goneBlocks        []Block
}

// Write writes a file, and returns how long it is.
func (f *File) Write(w io.WriterAt) (size int64, err error) {
	b := &writer{Builder: NewBuilder(w, f.Layout, f.Crypt)}
	b.Compress = f.Compress
	b.number(f.Top)
	store := append([]Prop{{0x3001, Text, "Outlook"}, {0x35E0, Bytes, entryID(f.Top.nid)}}, f.Store...)
	for id, folder := range f.Special {
		store = append(store, Prop{id, Bytes, entryID(folder.nid)})
	}
	root := f.Root
	if f.Junk != nil {
		none := []byte{}
		root = append(root, Prop{0x36D8, Bytes | Many, [][]byte{none, none, none, none, entryID(f.Junk.nid)}})
	}
	b.node(nidStore, 0, b.Properties(store))
	// The one property with a name of its own: "Keywords" of the set PS_PUBLIC_STRINGS.
	name := bytesOf(Prop{Type: Text, Value: "Keywords"})
	entry := le.AppendUint16(le.AppendUint16(le.AppendUint32(nil, 0), 2<<1|1), Keywords-0x8000)
	b.node(nidNames, 0, b.Properties([]Prop{
		{1, Int32, 251}, {2, Bytes, make([]byte, 16)}, {3, Bytes, entry}, {4, Bytes, append(le.AppendUint32(nil, uint32(len(name))), name...)},
	}))
	b.folder(&Folder{Props: root, Folders: []*Folder{f.Top}, nid: nidRoot}, nidRoot)
	b.erase()
	return b.Close()
}

// Bytes writes a file into memory.
func (f *File) Bytes() []byte {
	var m Memory
	if _, err := f.Write(&m); err != nil {
		panic(err)
	}
	return m
}

func entryID(nid uint32) []byte {
	return le.AppendUint32(append(make([]byte, 4), "0123456789abcdef"...), nid)
}

// number gives folders their ids.
func (b *writer) number(f *Folder) {
	b.folders++
	f.nid = (0x400+b.folders)<<5 | 0x02
	for _, sub := range f.Folders {
		b.number(sub)
	}
}

func (b *writer) node(nid, parent uint32, n Node) {
	n.NID, n.Parent = nid, parent
	b.Nodes = append(b.Nodes, n)
}

// folder writes a folder and those below it.
func (b *writer) folder(f *Folder, parent uint32) {
	class := f.Class
	if class == "" {
		class = "IPF.Note"
	}
	props := append([]Prop{{0x3001, b.text(), f.Name}, {0x3613, b.text(), class}, {0x3602, Int32, len(f.Messages)}, {0x3603, Int32, 0}, {0x360A, Bool, min(1, len(f.Folders))}}, f.Props...)
	b.node(f.nid, parent, b.Properties(props))
	var below []Row
	for _, sub := range f.Folders {
		below = append(below, Row{sub.nid, []Prop{{0x3001, b.text(), sub.Name}}})
	}
	b.node(f.nid&^0x1F|0x0D, 0, b.Table(below))
	var rows []Row
	for _, m := range f.Messages {
		b.messages++
		nid := (0x10000+b.messages)<<5 | 0x04
		from := len(b.Blocks)
		n := b.message(m)
		n.NID, n.Parent = nid, f.nid
		switch {
		case m.Gone:
			b.gone = append(b.gone, n)
			b.goneBlocks = append(b.goneBlocks, b.Blocks[from:]...)
			b.Blocks = b.Blocks[:from]
			continue
		case !m.Orphan:
			rows = append(rows, Row{nid, append([]Prop{{0x0E08, Int32, 1000}}, m.Row...)})
		}
		b.Nodes = append(b.Nodes, n)
	}
	b.node(f.nid&^0x1F|0x0E, 0, b.Table(rows))
	b.node(f.nid&^0x1F|0x0F, 0, b.Table(nil))
	for _, sub := range f.Folders {
		b.folder(sub, f.nid)
	}
}

func (b *writer) text() uint16 {
	if b.Layout == ANSI {
		return Text8
	}
	return Text
}

// message writes a message.
func (b *writer) message(m *Message) Node {
	var below []Node
	if m.Recipients != nil {
		var rows []Row
		for i, p := range m.Recipients {
			rows = append(rows, Row{uint32(i), p})
		}
		n := b.Table(rows)
		n.NID = 0x692
		below = append(below, n)
	}
	if m.Attachments != nil {
		var rows []Row
		for i, a := range m.Attachments {
			nid := uint32(0x401+i)<<5 | 0x05
			props := a.Props
			if a.Message != nil {
				inner := b.message(a.Message)
				inner.NID = 0x10001<<5 | 0x04
				props = append(props, Prop{0x3701, Object, inner}, Prop{0x3705, Int32, 5})
			}
			n := b.Properties(props)
			n.NID = nid
			below = append(below, n)
			rows = append(rows, Row{nid, []Prop{{0x0E20, Int32, 1000}}})
		}
		n := b.Table(rows)
		n.NID = 0x671
		below = append(below, n)
	}
	return b.Properties(m.Props, below...)
}

// erase leaves old pages of the indexes, which nothing leads to, that name what was deleted.
func (b *writer) erase() {
	if len(b.gone) == 0 {
		return
	}
	b.Index(PageBlocks, b.BlockEntries(b.goneBlocks))
	b.Index(PageNodes, b.NodeEntries(b.gone))
}
