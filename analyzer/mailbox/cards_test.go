package mailbox

import (
	"fmt"
	"testing"
)

// TestCardsBesideMessages: what Proton's export tool and gmvault write beside a message tells whether it was read; other JSON does
// not, and the digest of the source covers it.
func TestCardsBesideMessages(t *testing.T) {
	files := map[string]string{
		"export/a.eml": mailA, "export/a.metadata.json": `{"Version":1,"Payload":{"LabelIDs":["4","5"],"Unread":1,"IsReplied":0}}`,
		"export/b.eml": mailB, "export/b.meta": `{"gm_id":7,"flags":["\\Seen"],"labels":["\\Inbox"]}`,
		"export/c.eml": mailA + "\nmore\n", "export/c.metadata.json": `{"name":"c"}`,
		"export/labels.json": `{"Version":1,"Payload":[]}`,
	}
	var f found
	before := walkAll(t, writeTree(t, files), &f, limits())
	got := map[string]string{}
	for _, x := range f.extents {
		name := x.Location.Path[0]
		got[name] = "?"
		if x.Read != nil && x.Read.Seen != nil {
			got[name] = fmt.Sprint(*x.Read.Seen, " ", x.Read.Folder)
		}
	}
	want := map[string]string{"export/a.eml": "false spam", "export/b.eml": "true inbox", "export/c.eml": "?"}
	if fmt.Sprint(got) != fmt.Sprint(want) || f.reasons() != "" {
		t.Errorf("%v, want %v%s", got, want, f.reasons())
	}
	files["export/a.metadata.json"] = `{"Version":1,"Payload":{"LabelIDs":["0","5"],"Unread":0}}`
	var g found
	if after := walkAll(t, writeTree(t, files), &g, limits()); after.SHA256 == before.SHA256 {
		t.Error("the digest of the source does not cover the cards")
	}
}
