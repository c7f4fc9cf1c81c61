//go:build unix

package mailbox

import (
	"io/fs"
	"syscall"
)

// Stamp is what the file system says of a file.
func Stamp(info fs.FileInfo) Stat {
	s := Stat{Size: info.Size(), Modified: info.ModTime().UnixNano()}
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		s.Inode = uint64(st.Ino)
		s.Changed = changed(st)
	}
	return s
}
