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
	"github.com/mailaudit/mailaudit/analyzer/limit"
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
