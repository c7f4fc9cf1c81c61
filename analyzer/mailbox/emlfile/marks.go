package emlfile

import "encoding/binary"

// Mark is what Sylpheed and Claws Mail keep of a message of an MH folder.
type Mark struct {
	Unread, Flagged, Deleted, Replied, Forwarded bool
}

// Bits of a mark (Sylpheed and Claws Mail, procmsg.h). What is new is unread too.
const (
	markNew       = 1 << 0
	markUnread    = 1 << 1
	markFlagged   = 1 << 2
	markDeleted   = 1 << 3
	markReplied   = 1 << 4
	markForwarded = 1 << 5

	markVersion = 2
	markSize    = 8 // number and flags of a message
)

// Marks reads the file .sylpheed_mark or .claws_mark of a folder: its version, then number and flags of each message, 32 bits
// each in the order of the machine, which is little-endian wherever these programs run. What stands later counts, since changes
// are appended. ok is false for a file of another version or order.
func Marks(b []byte) (marks map[int]Mark, ok bool) {
	if len(b) < 4 || binary.LittleEndian.Uint32(b) != markVersion {
		return nil, false
	}
	marks = make(map[int]Mark, (len(b)-4)/markSize)
	for b = b[4:]; len(b) >= markSize; b = b[markSize:] {
		flags := binary.LittleEndian.Uint32(b[4:])
		has := func(bits uint32) bool { return flags&bits != 0 }
		marks[int(binary.LittleEndian.Uint32(b))] = Mark{has(markNew | markUnread), has(markFlagged), has(markDeleted), has(markReplied), has(markForwarded)}
	}
	return marks, true
}
