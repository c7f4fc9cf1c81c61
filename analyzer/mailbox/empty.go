package mailbox

import "os"

// Empty reports whether path is a mailbox from which all mail was taken: a file without a byte, as a mail program leaves an
// mbox, or a Maildir. An empty folder is none: mail that lies on a disk which is not mounted looks like that.
func Empty(path string) bool {
	st, err := os.Stat(path)
	if err != nil {
		return false
	}
	if st.Mode().IsRegular() {
		return st.Size() == 0
	}
	entries, err := os.ReadDir(path)
	return err == nil && isMaildir(entries)
}
