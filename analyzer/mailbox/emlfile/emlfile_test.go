package emlfile

import (
	"errors"
	"fmt"
	"testing"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

const mail = "From: ann@example.com\nSubject: x\n\nhello\n"

func plist(flags string) string {
	return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\">\n<dict>\n\t<key>flags</key>\n\t<integer>" + flags + "</integer>\n</dict>\n</plist>\n"
}

var files = []struct {
	why, data  string
	message    string
	miscounted bool
	seen       string
	folder     finding.Folder
	err        error
}{
	{why: "as Mail writes it", data: fmt.Sprintf("%-10d\n%s%s", len(mail), mail, plist("8623489089")), message: mail, seen: "true"},
	{why: "not read", data: fmt.Sprintf("%d\n%s%s", len(mail), mail, plist("0")), message: mail, seen: "false"},
	{why: "junk", data: fmt.Sprintf("%d\n%s%s", len(mail), mail, plist("16777216")), message: mail, seen: "false", folder: finding.Spam},
	{why: "sent mail keeps the draft bit", data: fmt.Sprintf("%d\n%s%s", len(mail), mail, plist("65")), message: mail, seen: "true"},
	{why: "without a property list", data: fmt.Sprintf("%d\n%s", len(mail), mail), message: mail, seen: "?"},
	{why: "count too small", data: "7\n" + mail + plist("1"), message: mail, miscounted: true, seen: "true"},
	{why: "count too large", data: "99999\n" + mail + plist("1"), message: mail, miscounted: true, seen: "true"},
	{why: "count too large, no property list", data: "99999\n" + mail, message: mail, miscounted: true, seen: "?"},
	{why: "a property list inside the message is text", data: fmt.Sprintf("%d\n%s%s%s", len(mail+plist("1")), mail, plist("1"), plist("0")), message: mail + plist("1"), seen: "false"},
	{why: "flags that are no number", data: fmt.Sprintf("%d\n%s%s", len(mail), mail, plist("many")), message: mail, seen: "?"},
	{why: "no count", data: mail, err: ErrNotEmlx, seen: "?"},
	{why: "a negative count", data: "-5\n" + mail, err: ErrNotEmlx, seen: "?"},
	{why: "empty", data: "", err: ErrNotEmlx, seen: "?"},
}

func TestParseEmlx(t *testing.T) {
	for _, c := range files {
		e, err := ParseEmlx([]byte(c.data))
		if !errors.Is(err, c.err) {
			t.Errorf("%s: error %v, want %v", c.why, err, c.err)
			continue
		}
		seen, folder := "?", finding.Folder("")
		if e.Read != nil {
			seen, folder = fmt.Sprint(*e.Read.Seen), e.Read.Folder
		}
		if got := c.data[e.Offset : e.Offset+e.Length]; got != c.message || e.Miscounted != c.miscounted || seen != c.seen || folder != c.folder {
			t.Errorf("%s: %q, miscounted %v, seen %s, folder %q", c.why, got, e.Miscounted, seen, folder)
		}
	}
}

func FuzzParseEmlx(f *testing.F) {
	for _, c := range files {
		f.Add([]byte(c.data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := ParseEmlx(data)
		if err == nil && (e.Offset < 2 || e.Length < 0 || e.Offset+e.Length > len(data)) {
			t.Fatalf("message at %d+%d in a file of %d", e.Offset, e.Length, len(data))
		}
	})
}

func TestSequence(t *testing.T) {
	b := []byte("cur: 5\nunseen: 3 7-9 x 20-\nlong: 1-99999999999\n")
	got, ok := Sequence(b, "unseen")
	if !ok || len(got) != 4 || !got[3] || !got[7] || !got[9] {
		t.Errorf("unseen is %v, %v", got, ok)
	}
	if _, ok := Sequence(b, "flagged"); ok {
		t.Error("a sequence that isn't there is found")
	}
	if got, _ := Sequence(b, "long"); len(got) != 1_000_000 {
		t.Errorf("a range of %d messages", len(got))
	}
}
