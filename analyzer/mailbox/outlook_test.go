package mailbox

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/pst/psttest"
)

// outlookCorpus are Outlook data files beside the project, where they are there.
const outlookCorpus = "../../../shared/corpus/outlook"

// TestOutlookCorpus: real files give the messages that lspst and readpst of pst-utils 0.6.76 find in them, folder by folder.
func TestOutlookCorpus(t *testing.T) {
	for _, c := range []struct {
		why, file string
		folders   map[string]int
	}{
		{"an ANSI file that holds an appointment and no mail", "32-bit.pst", map[string]int{}},
		{"a Unicode file written by a converter", "support.pst", map[string]int{"Top of Personal Folders/Drafts": 6, "Top of Personal Folders/Sent Messages": 11}},
		{"a Unicode file of a large mailbox", "enron.pst", map[string]int{
			"Top of Personal Folders/bailey-s/All documents": 846, "Top of Personal Folders/bailey-s/Calendar": 791,
			"Top of Personal Folders/bailey-s/Contacts": 10, "Top of Personal Folders/bailey-s/Deleted Items": 441,
			"Top of Personal Folders/bailey-s/Drafts": 41, "Top of Personal Folders/bailey-s/Inbox": 4,
			"Top of Personal Folders/bailey-s/Notes inbox": 10, "Top of Personal Folders/bailey-s/Sent": 20, "Top of Personal Folders/bailey-s/Sent Items": 15,
		}},
	} {
		path := filepath.Join(outlookCorpus, c.file)
		if _, err := os.Stat(path); err != nil {
			t.Skipf("no corpus: %v", err)
		}
		var f, again found
		n := walkAll(t, path, &f, limit.Default())
		walkAll(t, path, &again, limit.Default())
		got := map[string]int{}
		for i, x := range f.extents {
			got[x.Mailbox.Path[len(x.Mailbox.Path)-1]]++
			if !bytes.Equal(x.Data, again.extents[i].Data) || x.Location.String() != again.extents[i].Location.String() {
				t.Fatalf("%s: %s is not the same a second time", c.why, x.Location)
			}
			head, _, _ := bytes.Cut(x.Data, []byte("\r\n\r\n"))
			for _, field := range []string{"Date:", "MIME-Version:", "Content-Type:"} {
				if !bytes.HasPrefix(head, []byte(field)) && !bytes.Contains(head, []byte("\n"+field)) {
					t.Errorf("%s: %s has no %s", c.why, x.Location, field)
				}
			}
		}
		if !maps.Equal(got, c.folders) {
			t.Errorf("%s: messages by folder\n%v, want\n%v", c.why, got, c.folders)
		}
		if f.reasons() != "" || n.Bytes != n.Accounted() || n.Messages != int64(len(f.extents)) {
			t.Errorf("%s: problems %q, %d bytes, %d accounted for", c.why, f.reasons(), n.Bytes, n.Accounted())
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if n.SHA256 != evidence.Sum(raw) || f.progress != n.Size {
			t.Errorf("%s: the hash is wrong, or progress %d of %d", c.why, f.progress, n.Size)
		}
	}
}

// TestOutlookCut: of a file that was cut off anywhere nothing is made up, all that is lost is told, and the books balance.
func TestOutlookCut(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(outlookCorpus, "support.pst"))
	if err != nil {
		t.Skipf("no corpus: %v", err)
	}
	for _, part := range []int{64, 512, 564, len(raw) / 8, len(raw) / 4, len(raw) / 2, len(raw) * 3 / 4, len(raw) - 512} {
		path := filepath.Join(t.TempDir(), "cut.pst")
		if err := os.WriteFile(path, raw[:part], 0o600); err != nil {
			t.Fatal(err)
		}
		var f found
		n := walkAll(t, path, &f, limits())
		if n.Bytes != n.Accounted() {
			t.Errorf("%d bytes of the file: %d read, %d accounted for", part, n.Bytes, n.Accounted())
		}
		if !slices.ContainsFunc(strings.Split(f.reasons(), "\n"), func(s string) bool { return strings.HasSuffix(s, "true") }) {
			t.Errorf("%d bytes of the file: nothing is said to be lost: %s", part, fmt.Sprint(f.reasons()))
		}
	}
}

// outlookMail is a message in a data file: a mail with a header as received.
func outlookMail(subject string, props ...psttest.Prop) *psttest.Message {
	head := "Received: from a.example by mx.example; Tue, 3 Feb 2026 04:05:06 +0000\r\nFrom: ann@example.com\r\nSubject: " + subject + "\r\n"
	return &psttest.Message{Props: append([]psttest.Prop{
		{ID: 0x001A, Type: psttest.Text, Value: "IPM.Note"}, {ID: 0x0037, Type: psttest.Text, Value: subject},
		{ID: 0x1000, Type: psttest.Text, Value: "hello"}, {ID: 0x007D, Type: psttest.Text, Value: head},
	}, props...)}
}

func number(id uint16, n int) psttest.Prop {
	return psttest.Prop{ID: id, Type: psttest.Int32, Value: n}
}

// outlookFile is a data file of a small mailbox.
func outlookFile() *psttest.File {
	read, unread := number(0x0E07, 1), number(0x0E07, 0)
	orphan, gone := outlookMail("orphan", unread), outlookMail("gone", unread)
	orphan.Orphan, gone.Gone = true, true
	struck := outlookMail("struck", read)
	struck.Row = []psttest.Prop{number(0x0E17, 8)}
	inbox := &psttest.Folder{Name: "Eingang A/B", Messages: []*psttest.Message{
		outlookMail("new", unread, number(0x1080, 0x101)),
		outlookMail("answered", read, number(0x1081, 102), psttest.Prop{ID: psttest.Keywords, Type: psttest.Text | psttest.Many, Value: []string{"Rot", "重要"}}),
		outlookMail("forwarded", read, number(0x1081, 104), number(0x1090, 2)),
		struck, orphan, gone,
		{Props: []psttest.Prop{{ID: 0x001A, Type: psttest.Text, Value: "IPM.Appointment"}}},
	}}
	sub := &psttest.Folder{Name: "Einkäufe", Messages: []*psttest.Message{outlookMail("in a folder below")}}
	bin := &psttest.Folder{Name: "Weg", Folders: []*psttest.Folder{sub}, Messages: []*psttest.Message{outlookMail("thrown away", unread)}}
	junk := &psttest.Folder{Name: "Mist", Messages: []*psttest.Message{outlookMail("spam")}}
	named := &psttest.Folder{Name: "Gesendet", Messages: []*psttest.Message{outlookMail("sent")}}
	top := &psttest.Folder{Name: "Oben", Folders: []*psttest.Folder{inbox, bin, junk, named}}
	return &psttest.File{Layout: psttest.Unicode, Crypt: psttest.Permute, Top: top, Junk: junk, Special: map[uint16]*psttest.Folder{0x35E3: bin}}
}

// TestOutlookState: folders have the role that the file gives them, or their names; what was read, answered, forwarded and thrown away is known, and
// what nothing says is not.
func TestOutlookState(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.pst"), outlookFile().Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	var f found
	n := walkAll(t, dir, &f, limits())
	var got strings.Builder
	for _, x := range f.extents {
		_, subject, _ := strings.Cut(string(x.Data), "Subject: ")
		subject, _, _ = strings.Cut(subject, "\r\n")
		fmt.Fprintf(&got, "%s: %s in %q%s\n", x.Location, subject, x.Mailbox.Folder, readText(x.Read))
		if !x.Rebuilt || x.Mailbox.Kind != "pst" {
			t.Errorf("%s is not marked as put together", subject)
		}
	}
	want := `a.pst!Oben/Eingang A\x2fB/0x200024@0: new in "" seen=false replied=false forwarded=false
a.pst!Oben/Eingang A\x2fB/0x200044@0: answered in "" seen=true replied=true Rot 重要
a.pst!Oben/Eingang A\x2fB/0x200064@0: forwarded in "" seen=true forwarded=true flagged=true
a.pst!Oben/Eingang A\x2fB/0x200084@0: struck in "" seen=true deleted=true
a.pst!Oben/Weg/0x200104@0: thrown away in "trash" seen=false
a.pst!Oben/Weg/Einkäufe/0x200124@0: in a folder below in "trash"
a.pst!Oben/Mist/0x200144@0: spam in "spam"
a.pst!Oben/Gesendet/0x200164@0: sent in "sent"
a.pst!orphaned/Oben/Eingang A\x2fB/0x2000a4@0: orphan in "" seen=false deleted=true trash
a.pst!recovered/Oben/Eingang A\x2fB/0x2000c4@0: gone in "" seen=false deleted=true trash
`
	if got.String() != want {
		t.Errorf("got\n%s", got.String())
	}
	if f.reasons() != "" || len(f.skips) != 1 || f.skips[0].Reason != "outlook_item" {
		t.Errorf("problems %q, skipped %v", f.reasons(), f.skips)
	}
	if n.Bytes != n.Accounted() || n.Extents == 0 || n.Framing == 0 {
		t.Errorf("the books don't balance: %+v", n)
	}
}

// readText is a read state as a line.
func readText(r *finding.Read) string {
	if r == nil {
		return ""
	}
	var b strings.Builder
	for _, p := range []struct {
		name string
		v    *bool
	}{{"seen", r.Seen}, {"opened", r.Opened}, {"replied", r.Replied}, {"forwarded", r.Forwarded}, {"deleted", r.Deleted}, {"flagged", r.Flagged}} {
		if p.v != nil {
			fmt.Fprintf(&b, " %s=%v", p.name, *p.v)
		}
	}
	for _, l := range append([]string{string(r.Folder)}, r.Labels...) {
		if l != "" {
			b.WriteString(" " + l)
		}
	}
	return b.String()
}

// TestOutlookInAnArchive: a data file can't be read from within an archive; that is said, with what to do.
func TestOutlookInAnArchive(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.zip")
	if err := os.WriteFile(path, zipOf(t, 8, entry{"x/a.pst", string(outlookFile().Bytes())}), 0o600); err != nil {
		t.Fatal(err)
	}
	var f found
	n := walkAll(t, path, &f, limits())
	if !strings.Contains(f.reasons(), "unpack it") || n.Bytes != n.Accounted() {
		t.Errorf("problems %q, %d bytes, %d accounted for", f.reasons(), n.Bytes, n.Accounted())
	}
}

// TestOutlookTooLong: of a message that is longer than the limit the beginning is read, and its hash is that of all of it.
func TestOutlookTooLong(t *testing.T) {
	m := outlookMail("long")
	m.Attachments = []psttest.Attachment{{Props: []psttest.Prop{number(0x3705, 1), {ID: 0x3701, Type: psttest.Bytes, Value: bytes.Repeat([]byte("0123456789"), 300_000)}}}}
	f := &psttest.File{Layout: psttest.Unicode, Top: &psttest.Folder{Name: "x", Messages: []*psttest.Message{m, outlookMail("short")}}}
	path := filepath.Join(t.TempDir(), "a.pst")
	if err := os.WriteFile(path, f.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	var whole, part found
	lim := limits()
	lim.Message = 8 << 20
	walkAll(t, path, &whole, lim)
	lim.Message = 1 << 20
	walkAll(t, path, &part, lim)
	if len(part.extents) != 2 || len(part.extents[0].Data) != 1<<20 || part.extents[0].SHA256 != evidence.Sum(whole.extents[0].Data) {
		t.Errorf("%d messages, the first of %d bytes; problems %q", len(part.extents), len(part.extents[0].Data), part.reasons())
	}
	if !strings.Contains(part.reasons(), "longer than the limit message") {
		t.Errorf("problems %q", part.reasons())
	}
}
