package mailbox

import "io/fs"

// Stamp is what the file system says of a file without opening it.
func Stamp(info fs.FileInfo) Stat {
	return Stat{Size: info.Size(), Modified: info.ModTime().UnixNano()}
}
