package mailauth

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var receivedField = regexp.MustCompile(`(?m)^Received:((?:.*)(?:\n[ \t].*)*)`)

// TestRecorded reads what mail programs really wrote when hostile clients called: nothing that the client supplied becomes
// the client's address or the receiving host. A reader may find less than what is there, never something else.
func TestRecorded(t *testing.T) {
	files, err := filepath.Glob("testdata/received/*.txt")
	if err != nil || len(files) < 2 {
		t.Fatalf("recordings: %v, %v", files, err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		records := strings.Split(string(data), "\n== ")[1:]
		if len(records) < 10 {
			t.Errorf("%s: %d records", name, len(records))
		}
		for _, r := range records {
			how, rest, _ := strings.Cut(r, "\n")
			want := make(map[string]string)
			first, fields, _ := strings.Cut(rest, "\n")
			for _, w := range strings.Fields(strings.TrimPrefix(first, "want: ")) {
				k, v, _ := strings.Cut(w, "=")
				want[k] = v
			}
			m := receivedField.FindStringSubmatch(fields)
			if m == nil || want["by"] == "" {
				t.Errorf("%s: %s: no Received field or no by in want", name, how)
				continue
			}
			h := ParseReceived(m[1])
			if h.Client != "" && h.Client != want["client"] || h.By != "" && h.By != want["by"] {
				t.Errorf("%s: %s: client %q by %q, want client %q by %q", name, how, h.Client, h.By, want["client"], want["by"])
			}
		}
	}
}
