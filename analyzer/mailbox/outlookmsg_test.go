package mailbox

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/msg/msgtest"
)

// msgFile is a .msg file of a message that was received and read.
func msgFile(subject string) []byte {
	m := msgtest.Message{Props: []msgtest.Prop{
		msgtest.Text(0x001A, "IPM.Note"), msgtest.Text(0x0037, subject), msgtest.Int(0x0E07, 1), msgtest.Text(0x1000, "text of "+subject),
		msgtest.Text(0x007D, "From: Amazon <x@amazon.co.jp>\r\nSubject: "+subject+"\r\nDate: Tue, 3 Feb 2026 04:05:00 +0000\r\nMessage-ID: <"+subject+"@amazon.co.jp>\r\n\r\n"),
	}}
	return m.Bytes()
}

// TestOutlookMessages: .msg files are read alone, in folders and in archives; what can't be read is lost, and what is no mail skipped.
func TestOutlookMessages(t *testing.T) {
	contact := msgtest.Message{Props: []msgtest.Prop{msgtest.Text(0x001A, "IPM.Contact"), msgtest.Text(0x0037, "a person")}}
	for _, c := range []struct {
		why   string
		files map[string][]byte
		want  int
		lost  string
	}{
		{"a folder of two", map[string][]byte{"a.msg": msgFile("one"), "b.msg": msgFile("two")}, 2, ""},
		{"beside an .eml", map[string][]byte{"a.msg": msgFile("one"), "b.eml": []byte("From: a@x.example\nSubject: x\nDate: Tue, 3 Feb 2026 04:05:00 +0000\n\nx\n")}, 2, ""},
		{"in a .zip", map[string][]byte{"a.zip": zipOf(t, 8, entry{"in/a.msg", string(msgFile("one"))})}, 1, ""},
		{"a contact is no mail", map[string][]byte{"a.msg": msgFile("one"), "c.msg": contact.Bytes()}, 1, ""},
		{"a file that is cut", map[string][]byte{"a.msg": msgFile("one"), "b.msg": msgFile("two")[:600]}, 1, "(.msg) can't be read"},
	} {
		dir := t.TempDir()
		for name, data := range c.files {
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		var f found
		n := walkAll(t, dir, &f, limit.Default())
		if len(f.extents) != c.want || n.Bytes != n.Accounted() || (c.lost == "") != (f.reasons() == "") || !strings.Contains(f.reasons(), c.lost) {
			t.Errorf("%s: %d messages, want %d; %d bytes, %d accounted for; problems %q", c.why, len(f.extents), c.want, n.Bytes, n.Accounted(), f.reasons())
		}
		for _, x := range f.extents {
			if strings.Contains(x.Location.String(), ".msg") && (!x.Rebuilt || x.Read == nil || x.Read.Seen == nil || !*x.Read.Seen || !bytes.Contains(x.Data, []byte("text of "))) {
				t.Errorf("%s: %s: rebuilt %v, read %+v", c.why, x.Location, x.Rebuilt, x.Read)
			}
		}
	}
}

// TestOutlookMessagesOfTheCorpus: messages that real programs saved are read without a problem, where they are there.
func TestOutlookMessagesOfTheCorpus(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(outlookCorpus, "*.msg"))
	if err != nil || len(files) == 0 {
		t.Skip("no corpus")
	}
	for _, path := range files {
		var f found
		n := walkAll(t, path, &f, limit.Default())
		if len(f.extents) != 1 || f.reasons() != "" || n.Bytes != n.Accounted() {
			t.Errorf("%s: %d messages; %d bytes, %d accounted for; problems %q", path, len(f.extents), n.Bytes, n.Accounted(), f.reasons())
		}
	}
}
