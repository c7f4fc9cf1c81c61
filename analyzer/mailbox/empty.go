package mailbox

import (
	"os"
	"path/filepath"
)

// Empty tells whether path is a mailbox from which all mail was taken: a file without a byte, as a mail program leaves an
// mbox, or a Maildir. An empty folder is none: mail that lies on a disk which is not mounted looks like that.
func Empty(path string) bool {
	st, err := os.Stat(path)
	if err != nil {
		return false
	}
	if st.Mode().IsRegular() {
		return st.Size() == 0
	}
	for _, sub := range []string{"cur", "new"} {
		if st, err := os.Stat(filepath.Join(path, sub)); err != nil || !st.IsDir() {
			return false
		}
	}
	return true
}
