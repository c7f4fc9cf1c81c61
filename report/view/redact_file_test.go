package view

import "testing"

// A folder named after somebody keeps its ending and loses its name, the same everywhere; folders that everybody has stay.
func TestRedactFolders(t *testing.T) {
	r := &redacted{files: map[string]int{}}
	for _, c := range [][2]string{
		{"takeout-20260301-001.zip", "takeout-20260301-001.zip"},
		{"Takeout/メール/すべてのメール.mbox", "Takeout/メール/すべてのメール.mbox"},
		{"Mail/Tanaka Taro.mbox", "Mail/masked-1.mbox"},
		{"田中さんから/cur/1767225600_2.eml", "masked-2/cur/1767225600_2.eml"},
		{"Archive/Tanaka Taro.mbox", "Archive/masked-1.mbox"},
		{"INBOX", "INBOX"},
	} {
		if got := r.file(c[0]); got != c[1] {
			t.Errorf("%q becomes %q, want %q", c[0], got, c[1])
		}
	}
}
