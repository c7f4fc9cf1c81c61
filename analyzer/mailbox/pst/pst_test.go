package pst_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/mailbox/mapi"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/pst"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/pst/psttest"
)

// variants are the layouts and encodings that files come in.
var variants = []struct {
	why      string
	layout   psttest.Layout
	crypt    byte
	compress bool
}{
	{"ANSI", psttest.ANSI, psttest.Plain, false},
	{"ANSI, by permutation", psttest.ANSI, psttest.Permute, false},
	{"ANSI, by rotors", psttest.ANSI, psttest.Cyclic, false},
	{"Unicode", psttest.Unicode, psttest.Plain, false},
	{"Unicode, by permutation", psttest.Unicode, psttest.Permute, false},
	{"Unicode, by rotors", psttest.Unicode, psttest.Cyclic, false},
	{"pages of 4 KB", psttest.Large, psttest.Plain, false},
	{"pages of 4 KB, compressed", psttest.Large, psttest.Plain, true},
	{"pages of 4 KB, compressed, by permutation", psttest.Large, psttest.Permute, true},
}

const transport = "Received: from a.example by mx.example; Tue, 3 Feb 2026 04:05:06 +0000\r\nFrom: Ann <ann@example.com>\r\nSubject: one\r\nDate: Tue, 3 Feb 2026 04:05:06 +0000\r\nContent-Type: text/plain\r\n"

// note is a plain mail.
func note(subject, body string, more ...psttest.Prop) *psttest.Message {
	return &psttest.Message{Props: append([]psttest.Prop{
		{ID: 0x001A, Type: psttest.Text, Value: "IPM.Note"},
		{ID: 0x0037, Type: psttest.Text, Value: subject},
		{ID: 0x1000, Type: psttest.Text, Value: body},
		{ID: 0x0E07, Type: psttest.Int32, Value: 1},
		{ID: 0x007D, Type: psttest.Text, Value: strings.Replace(transport, "one", subject, 1)},
	}, more...)}
}

// blob is incompressible data.
func blob(n int) []byte {
	out := make([]byte, n)
	x := uint32(1)
	for i := range out {
		x = x*1664525 + 1013904223
		out[i] = byte(x >> 24)
	}
	return out
}

// sample is a file with everything in it.
func sample() *psttest.File {
	inbox := &psttest.Folder{Name: "受信トレイ"}
	junk := &psttest.Folder{Name: "X"}
	trash := &psttest.Folder{Name: "Y"}
	inbox.Messages = []*psttest.Message{
		note("one", "hello"),
		note("large", strings.Repeat("a long body ", 20_000)),
		{
			Props: note("attached", "see", psttest.Prop{ID: 0x1081, Type: psttest.Int32, Value: 102}).Props,
			Recipients: [][]psttest.Prop{
				{{ID: 0x0C15, Type: psttest.Int32, Value: 1}, {ID: 0x3001, Type: psttest.Text, Value: "Bob"}, {ID: 0x39FE, Type: psttest.Text, Value: "bob@example.org"}},
			},
			Attachments: []psttest.Attachment{
				{Props: []psttest.Prop{{ID: 0x3705, Type: psttest.Int32, Value: 1}, {ID: 0x3707, Type: psttest.Text, Value: "small.bin"}, {ID: 0x3701, Type: psttest.Bytes, Value: blob(100)}}},
				{Props: []psttest.Prop{{ID: 0x3705, Type: psttest.Int32, Value: 1}, {ID: 0x3707, Type: psttest.Text, Value: "large.bin"}, {ID: 0x3701, Type: psttest.Bytes, Value: blob(300_000)}}},
				{Props: []psttest.Prop{{ID: 0x3001, Type: psttest.Text, Value: "inner"}}, Message: note("inner", "inside")},
			},
		},
		{Props: []psttest.Prop{{ID: 0x001A, Type: psttest.Text, Value: "IPM.Appointment"}, {ID: 0x0037, Type: psttest.Text, Value: "lunch"}}},
	}
	junk.Messages = []*psttest.Message{note("spam", "x")}
	orphan, gone := note("orphan", "left"), note("gone", "deleted")
	orphan.Orphan, gone.Gone = true, true
	inbox.Messages = append(inbox.Messages, orphan, gone)
	top := &psttest.Folder{Name: "Top", Folders: []*psttest.Folder{inbox, junk, trash}}
	return &psttest.File{Layout: psttest.Unicode, Top: top, Junk: junk, Special: map[uint16]*psttest.Folder{0x35E3: trash}}
}

var limits = mapi.Limits{Header: 1 << 20, Text: 8 << 20, Depth: 32, Held: 16 << 20}

// read lists all that a file holds: a line for each folder and each message.
func read(t testing.TB, raw []byte) string {
	t.Helper()
	f, err := pst.Open(bytes.NewReader(raw), int64(len(raw)), pst.DefaultLimits(int64(len(raw))))
	if err != nil {
		return err.Error()
	}
	var out strings.Builder
	seen := map[uint32]bool{}
	show := func(e pst.Entry) error {
		seen[e.NID] = true
		m, err := f.Message(e)
		if err != nil {
			if errors.Is(err, pst.ErrLimit) {
				return err
			}
			fmt.Fprintf(&out, "  %x: %v\n", e.NID, err)
			return nil
		}
		c := mapi.Convert(m, limits)
		b, err := io.ReadAll(c.Reader())
		if err != nil && !errors.Is(err, pst.ErrLimit) {
			t.Errorf("%x: %v", e.NID, err)
		}
		if err == nil && int64(len(b)) != c.Size {
			t.Errorf("%x: %d bytes, and %d were announced", e.NID, len(b), c.Size)
		}
		fmt.Fprintf(&out, "  %s mail=%v %d recipients %d attachments %d bytes %v\n", m.Subject(), m.IsMail(), len(m.Recipients), len(m.Attachments), c.Size, c.Problems)
		if pst.Damaged(m) {
			out.WriteString("  and some of it is damaged\n")
		}
		return err
	}
	folders, err := f.Folders(func(path []string, err error) { fmt.Fprintf(&out, "%v: %v\n", path, err) })
	if err != nil {
		fmt.Fprintln(&out, err)
	}
	for _, d := range folders {
		fmt.Fprintf(&out, "%s role=%s class=%s orphan=%v\n", strings.Join(d.Path, "/"), d.Role, d.Class, d.Orphan)
		if err := f.Messages(d, show); err != nil {
			fmt.Fprintln(&out, err)
		}
	}
	out.WriteString("orphans\n")
	if err := f.Orphans(func(nid uint32) bool { return seen[nid] }, func(e pst.Entry, _ uint32) error { return show(e) }); err != nil {
		fmt.Fprintln(&out, err)
	}
	out.WriteString("recovered\n")
	if err := f.Recover(func(e pst.Entry, _ uint32) error { return show(e) }); err != nil {
		fmt.Fprintln(&out, err)
	}
	for kind, n := range f.Damage() {
		fmt.Fprintf(&out, "%s: %d\n", kind, n)
	}
	return out.String()
}

// TestVariants: the same mail is read from a file of every layout and encoding.
func TestVariants(t *testing.T) {
	want := ` role= class=IPF.Note orphan=false
Top role= class=IPF.Note orphan=false
Top/受信トレイ role= class=IPF.Note orphan=false
  one mail=true 0 recipients 0 attachments 253 bytes []
  large mail=true 0 recipients 0 attachments 249864 bytes []
  attached mail=true 1 recipients 3 attachments 411841 bytes []
  lunch mail=false 0 recipients 0 attachments 111 bytes []
Top/X role=junk class=IPF.Note orphan=false
  spam mail=true 0 recipients 0 attachments 250 bytes []
Top/Y role=trash class=IPF.Note orphan=false
orphans
  orphan mail=true 0 recipients 0 attachments 255 bytes []
recovered
  gone mail=true 0 recipients 0 attachments 256 bytes []
`
	for _, v := range variants {
		f := sample()
		f.Layout, f.Crypt, f.Compress = v.layout, v.crypt, v.compress
		if got := read(t, f.Bytes()); got != want {
			t.Errorf("%s:\n%s", v.why, got)
		}
	}
}

// TestContent: what a message is made of comes out as it went in.
func TestContent(t *testing.T) {
	raw := sample().Bytes()
	f, err := pst.Open(bytes.NewReader(raw), int64(len(raw)), pst.DefaultLimits(int64(len(raw))))
	if err != nil {
		t.Fatal(err)
	}
	folders, err := f.Folders(func(path []string, err error) { t.Error(path, err) })
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, d := range folders {
		err := f.Messages(d, func(e pst.Entry) error {
			m, err := f.Message(e)
			if err != nil || m.Subject() != "attached" {
				return err
			}
			n++
			for i, want := range [][]byte{blob(100), blob(300_000)} {
				got, err := io.ReadAll(m.Attachments[i].Open())
				if err != nil || !bytes.Equal(got, want) || m.Attachments[i].Size != int64(len(want)) {
					t.Errorf("attachment %d is %d bytes, want %d: %v", i, len(got), len(want), err)
				}
			}
			s := m.State(e.Row)
			if s.Seen == nil || !*s.Seen || s.Replied == nil || !*s.Replied || s.Forwarded != nil {
				t.Errorf("state %+v", s)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	if n != 1 {
		t.Errorf("%d messages with attachments", n)
	}
}

// TestManyMessages: tables and indexes of several levels.
func TestManyMessages(t *testing.T) {
	for _, v := range variants {
		if v.crypt == psttest.Cyclic && testing.Short() {
			continue
		}
		folder := &psttest.Folder{Name: "Many"}
		for i := range 3000 {
			folder.Messages = append(folder.Messages, note(fmt.Sprintf("m%04d", i), "x", psttest.Prop{ID: 0x0039, Type: psttest.Time, Value: time.Date(2026, 1, 1, 0, 0, i, 0, time.UTC)}))
			folder.Messages[i].Row = []psttest.Prop{{ID: 0x0037, Type: psttest.Text, Value: fmt.Sprintf("m%04d", i)}, {ID: 0x0E17, Type: psttest.Int32, Value: 8 * (i % 2)}}
		}
		f := psttest.File{Layout: v.layout, Crypt: v.crypt, Compress: v.compress, Top: folder}
		raw := f.Bytes()
		r, err := pst.Open(bytes.NewReader(raw), int64(len(raw)), pst.DefaultLimits(int64(len(raw))))
		if err != nil {
			t.Fatal(v.why, err)
		}
		folders, err := r.Folders(func(path []string, err error) { t.Error(v.why, path, err) })
		if err != nil {
			t.Fatal(v.why, err)
		}
		n := 0
		for _, d := range folders {
			err := r.Messages(d, func(e pst.Entry) error {
				m, err := r.Message(e)
				if err != nil {
					return err
				}
				want := fmt.Sprintf("m%04d", n)
				if m.Subject() != want {
					t.Fatalf("%s: message %d is %q", v.why, n, m.Subject())
				}
				subject, ok := e.Row.Property(0x0037)
				if !ok || subject.Text(0) != want {
					t.Fatalf("%s: the row of message %d says %q", v.why, n, subject.Text(0))
				}
				if s := m.State(e.Row); s.Deleted == nil || *s.Deleted != (n%2 == 1) {
					t.Fatalf("%s: state of message %d", v.why, n)
				}
				n++
				return nil
			})
			if err != nil {
				t.Fatal(v.why, err)
			}
		}
		if n != 3000 {
			t.Errorf("%s: %d messages", v.why, n)
		}
	}
}

func write(t *testing.T, path string, raw []byte) {
	t.Helper()
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
}

// mails are the subjects of the .eml files in a folder.
func mails(t *testing.T, dir string) (subjects []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".eml" {
			return err
		}
		b, err := os.ReadFile(path)
		if _, s, ok := bytes.Cut(b, []byte("\nSubject: ")); ok {
			s, _, _ = bytes.Cut(s, []byte("\n"))
			subjects = append(subjects, strings.TrimSpace(string(s)))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(subjects)
	return subjects
}
