package pst_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mailaudit/mailaudit/analyzer/limit/growth"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/mapi"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/pst"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/pst/psttest"
)

var le = binary.LittleEndian

// TestOpen: what is no file of Outlook's, or one that can't be read, is said.
func TestOpen(t *testing.T) {
	good := sample().Bytes()
	change := func(at int, b ...byte) []byte {
		out := bytes.Clone(good)
		copy(out[at:], b)
		return out
	}
	for _, c := range []struct {
		why  string
		raw  []byte
		want error
	}{
		{"whole", good, nil},
		{"empty", nil, pst.ErrFormat},
		{"the first bytes only", good[:100], pst.ErrFormat},
		{"another kind of file", change(0, 'X'), pst.ErrFormat},
		{"a version of before 1997", change(10, 5, 0), pst.ErrFormat},
		{"a way to encode that nobody knows", change(513, 7), pst.ErrFormat},
		{"encrypted with a key of Windows", change(513, 0x10), pst.ErrProtected},
	} {
		if _, err := pst.Open(bytes.NewReader(c.raw), int64(len(c.raw)), pst.DefaultLimits(int64(len(c.raw)))); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.why, err, c.want)
		}
	}
}

// TestTorn: where pages of the indexes are missing, as in a file that was cut off, the mail is read by what older pages say.
func TestTorn(t *testing.T) {
	whole := sample().Bytes()
	nodes, blocks := le.Uint64(whole[224:]), le.Uint64(whole[240:])
	if blocks > nodes {
		t.Fatal("the index of nodes is not behind that of blocks")
	}
	zeroed := func(at uint64) []byte {
		out := bytes.Clone(whole)
		copy(out[at:], make([]byte, 512))
		return out
	}
	for name, raw := range map[string][]byte{
		"no root of the nodes": zeroed(nodes), "no root of the blocks": zeroed(blocks), "cut off before the root of the nodes": whole[:nodes],
	} {
		got := read(t, raw)
		for _, want := range []string{"Top/受信トレイ", "  one mail=true", "  attached mail=true 1 recipients 3 attachments 411841 bytes []", "  spam mail=true"} {
			if !strings.Contains(got, want) {
				t.Errorf("%s: %q is missing in\n%s", name, want, got)
			}
		}
	}
}

// TestDamagedBlock: of a message one of whose blocks was overwritten the rest is read, and that something is missing is told.
func TestDamagedBlock(t *testing.T) {
	whole := sample().Bytes()
	at := bytes.Index(whole, blob(300_000)[20_000:20_100])
	if at < 0 {
		t.Fatal("the attachment is not in the file")
	}
	raw := bytes.Clone(whole)
	copy(raw[at/64*64:], make([]byte, 64))
	if got := read(t, raw); !strings.Contains(got, "blocks with a wrong checksum, which are read all the same: 1") {
		t.Errorf("a changed byte is not told:\n%s", got)
	}
	copy(raw[at/64*64:], make([]byte, 9000)) // the end of the block, with its id
	if got := read(t, raw); !strings.Contains(got, "attached mail=true 1 recipients 3 attachments 411841 bytes []\n  and some of it is damaged") {
		t.Errorf("a lost block:\n%s", got)
	}
}

// hostile are files that were made to do harm.
func hostile(t testing.TB) map[string][]byte {
	out := map[string][]byte{}
	f := sample()
	f.Layout = psttest.Unicode
	whole := f.Bytes()
	roots := func(b []byte) (nodes, blocks uint64) { return le.Uint64(b[224:]), le.Uint64(b[240:]) }
	edit := func(name string, change func(b []byte)) {
		b := bytes.Clone(whole)
		change(b)
		out[name] = b
	}
	edit("the root of the nodes lies at 2^60", func(b []byte) { le.PutUint64(b[224:], 1<<60) })
	edit("the root of the blocks lies at the end of all numbers", func(b []byte) { le.PutUint64(b[240:], math.MaxUint64) })
	edit("both roots are the same page", func(b []byte) { copy(b[232:248], b[216:232]) })
	edit("an index that leads to itself", func(b []byte) {
		_, at := roots(b)
		for i := range 20 { // every entry
			le.PutUint64(b[int(at)+24*i+16:], at)
		}
	})
	edit("an index whose pages say that they have 255 entries", func(b []byte) { n, _ := roots(b); b[n+488] = 255 })
	edit("an index of level 200", func(b []byte) { n, _ := roots(b); b[n+491] = 200 })
	edit("the length of the file is 2^63", func(b []byte) { le.PutUint64(b[184:], 1<<63) })

	// Files that are built so from below.
	build := func(name string, message func(b *psttest.Builder) psttest.Node) {
		var m psttest.Memory
		b := psttest.NewBuilder(&m, psttest.Unicode, psttest.Plain)
		add := func(nid, parent uint32, n psttest.Node) {
			n.NID, n.Parent = nid, parent
			b.Nodes = append(b.Nodes, n)
		}
		text := func(id uint16, s string) psttest.Prop { return psttest.Prop{ID: id, Type: psttest.Text, Value: s} }
		add(0x21, 0, b.Properties([]psttest.Prop{text(0x3001, "x")}))
		add(0x122, 0x122, b.Properties([]psttest.Prop{text(0x3001, "root")}))
		// The root holds itself, and a folder that holds the root.
		add(0x12D, 0, b.Table([]psttest.Row{{ID: 0x122}, {ID: 0x8022}}))
		add(0x8022, 0x122, b.Properties([]psttest.Prop{text(0x3001, "folder")}))
		add(0x802D, 0, b.Table([]psttest.Row{{ID: 0x8022}, {ID: 0x122}}))
		good := b.Properties([]psttest.Prop{text(0x1A, "IPM.Note"), text(0x37, "good"), text(0x1000, "good")})
		add(0x200024, 0x8022, message(b))
		add(0x200044, 0x8022, good)
		add(0x802E, 0, b.Table([]psttest.Row{{ID: 0x200024}, {ID: 0x200024}, {ID: 0x200044}}))
		if _, err := b.Close(); err != nil {
			t.Fatal(err)
		}
		out[name] = m
	}
	ids := func(level byte, total uint32, list ...uint64) []byte {
		b := []byte{1, level, byte(len(list)), byte(len(list) >> 8), 0, 0, 0, 0}
		le.PutUint32(b[4:], total)
		for _, id := range list {
			b = le.AppendUint64(b, id)
		}
		return b
	}
	many := func(n int, id uint64) []uint64 {
		list := make([]uint64, n)
		for i := range list {
			list[i] = id
		}
		return list
	}
	props := func(b *psttest.Builder, below ...psttest.Node) psttest.Node {
		return b.Properties([]psttest.Prop{{ID: 0x1A, Type: psttest.Text, Value: "IPM.Note"}, {ID: 0x37, Type: psttest.Text, Value: "bad"}}, below...)
	}
	build("a block of ids that names itself", func(b *psttest.Builder) psttest.Node {
		next := b.Block([]byte("x"), false) + 4 | 2
		return psttest.Node{Data: b.Block(ids(1, 1<<31, many(1000, next)...), true)}
	})
	build("blocks of ids of blocks of ids, of themselves", func(b *psttest.Builder) psttest.Node {
		next := b.Block([]byte("x"), false) + 4 | 2
		return psttest.Node{Data: b.Block(ids(2, math.MaxUint32, many(1000, next)...), true)}
	})
	build("nodes below a node that lie below themselves", func(b *psttest.Builder) psttest.Node {
		n := props(b)
		next := b.Block([]byte("x"), false) + 4 | 2
		index := []byte{2, 1, 1, 0, 0, 0, 0, 0}
		index = le.AppendUint64(le.AppendUint64(index, 0), next)
		n.Sub = b.Block(index, true)
		return n
	})
	build("a message that is attached to itself", func(b *psttest.Builder) psttest.Node {
		// Its attachments' nodes have the same nodes below as the message.
		self := psttest.Node{NID: 0x200004}
		inner := props(b)
		attachment := b.Properties([]psttest.Prop{{ID: 0x3705, Type: psttest.Int32, Value: 5}, {ID: 0x3701, Type: psttest.Object, Value: self}})
		var rows []psttest.Row
		below := []psttest.Node{}
		next := uint64(0)
		for i := range 40 {
			nid := uint32(0x401+i)<<5 | 5
			rows = append(rows, psttest.Row{ID: nid, Props: []psttest.Prop{{ID: 0xE20, Type: psttest.Int32, Value: 1}}})
			below = append(below, psttest.Node{NID: nid, Data: attachment.Data})
		}
		table := b.Table(rows)
		table.NID = 0x671
		below = append(below, table, psttest.Node{NID: 0x200004, Data: inner.Data})
		next = b.Block([]byte("x"), false) + 4 | 2
		for i := range below {
			if below[i].NID != 0x671 {
				below[i].Sub = next
			}
		}
		inner.Sub = b.Below(below)
		if inner.Sub != next {
			t.Fatalf("the nodes below lie in block %x, not %x", inner.Sub, next)
		}
		return inner
	})
	build("an attachment of 8 GB in three blocks", func(b *psttest.Builder) psttest.Node {
		leaf := b.Block(blob(8176), false)
		one := b.Block(ids(1, math.MaxUint32, many(1020, leaf)...), true)
		data := b.Block(ids(2, math.MaxUint32, many(1020, one)...), true)
		a := b.Properties([]psttest.Prop{{ID: 0x3705, Type: psttest.Int32, Value: 1}, {ID: 0x3701, Type: psttest.Bytes, Value: blob(4000)}})
		// The data of the attachment is the only node below it: that is exchanged.
		var below []psttest.Node
		var rows []psttest.Row
		sub := b.Below([]psttest.Node{{NID: 0x401<<5 | 0x1F, Data: data}})
		for i := range 100 {
			nid := uint32(0x401+i)<<5 | 5
			rows = append(rows, psttest.Row{ID: nid})
			below = append(below, psttest.Node{NID: nid, Data: a.Data, Sub: sub})
		}
		table := b.Table(rows)
		table.NID = 0x671
		return props(b, append(below, table)...)
	})
	build("a tree of properties whose levels are the same item", func(b *psttest.Builder) psttest.Node {
		// The heap has one block: header, an item that is the head of a tree of 8 levels, one of references to itself.
		refs := bytes.Repeat([]byte{1, 0, 0x40, 0, 0, 0}, 500)
		p := make([]byte, 12)
		p[2], p[3] = 0xEC, 0xBC
		le.PutUint32(p[4:], 0x20)
		p = append(p, 0xB5, 2, 6, 8, 0x40, 0, 0, 0)
		p = append(p, refs...)
		le.PutUint16(p, uint16(len(p)))
		p = append(p, 2, 0, 0, 0)
		for _, at := range []int{12, 20, 20 + len(refs)} {
			p = le.AppendUint16(p, uint16(at))
		}
		return psttest.Node{Data: b.Block(p, false)}
	})
	return out
}

// TestHostile: a file that was made to do harm costs no more than its size allows, and what else is in it is read.
func TestHostile(t *testing.T) {
	for name, raw := range hostile(t) {
		f, err := pst.Open(bytes.NewReader(raw), int64(len(raw)), pst.DefaultLimits(int64(len(raw))))
		if err != nil {
			t.Logf("%s: %v", name, err)
			continue
		}
		got := read(t, raw)
		if want := "good mail=true"; !strings.Contains(name, "index") && !strings.Contains(name, "root") && !strings.Contains(name, "2^63") && !strings.Contains(got, want) {
			t.Errorf("%s: the other message is not read:\n%.2000s", name, got)
		}
		if most := pst.DefaultLimits(int64(len(raw))).Work; f.Work() > most {
			t.Errorf("%s: %d bytes of work, of %d", name, f.Work(), most)
		}
	}
}

// TestWorkIsLinear: twice as many messages take twice as long.
func TestWorkIsLinear(t *testing.T) {
	growth.Linear(t, "messages", 400, 3200, func(n int) func() {
		folder := &psttest.Folder{Name: "Many"}
		for i := range n {
			folder.Messages = append(folder.Messages, note(fmt.Sprint(i), "x"))
		}
		raw := (&psttest.File{Layout: psttest.Unicode, Top: folder}).Bytes()
		return func() { read(t, raw) }
	})
}

// TestReadpst: readpst of pst-utils reads what the tests write, so that it is not only our own reading of the format that they
// write; the pages of 4 KB too, which no specification describes.
func TestReadpst(t *testing.T) {
	if _, err := exec.LookPath("readpst"); err != nil {
		t.Skipf("pst-utils is not here: %v", err)
	}
	for _, v := range variants {
		dir := t.TempDir()
		f := sample()
		f.Layout, f.Crypt, f.Compress = v.layout, v.crypt, v.compress
		path := filepath.Join(dir, "a.pst")
		write(t, path, f.Bytes())
		if out, err := exec.Command("readpst", "-D", "-e", "-j", "0", "-o", dir, path).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", v.why, err, out)
		}
		got := mails(t, dir)
		if want := []string{"attached", "large", "one", "orphan", "spam"}; fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: readpst finds %v, want %v", v.why, got, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, v := range variants {
		s := &psttest.File{Layout: v.layout, Crypt: v.crypt, Compress: v.compress, Top: &psttest.Folder{Name: "x", Messages: []*psttest.Message{note("a", "b")}}}
		f.Add(s.Bytes()[0x4600:], byte(v.layout), v.crypt)
	}
	f.Fuzz(func(t *testing.T, body []byte, layout, crypt byte) {
		if len(body) > 1<<20 {
			return
		}
		// The header stays: what it leads to is changed.
		s := &psttest.File{Layout: psttest.Layout(layout % 3), Crypt: crypt % 3, Top: &psttest.Folder{Name: "x", Messages: []*psttest.Message{note("a", "b")}}}
		raw := s.Bytes()
		raw = append(raw[:0x4600:0x4600], body...)
		lim := pst.DefaultLimits(int64(len(raw)))
		lim.Work, lim.Item = 4<<20, 1<<20
		file, err := pst.Open(bytes.NewReader(raw), int64(len(raw)), lim)
		if err != nil {
			return
		}
		one := func(e pst.Entry) error {
			m, err := file.Message(e)
			if err != nil {
				return nil
			}
			c := mapi.Convert(m, limits)
			n, err := io.Copy(io.Discard, c.Reader())
			if err == nil && n != c.Size {
				t.Fatalf("%d bytes, and %d were announced", n, c.Size)
			}
			m.State(e.Row)
			return nil
		}
		folders, _ := file.Folders(func([]string, error) {})
		for _, d := range folders {
			_ = file.Messages(d, one)
		}
		_ = file.Orphans(func(uint32) bool { return false }, func(e pst.Entry, _ uint32) error { return one(e) })
		_ = file.Recover(func(e pst.Entry, _ uint32) error { return one(e) })
	})
}
