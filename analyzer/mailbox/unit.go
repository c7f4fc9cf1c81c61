package mailbox

import (
	"encoding/json"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// Stat is what the file system says of a file: what tells, cheaply, whether it is still the same.
//
// Programs set Modified as they like, and some that write into a file put it back to what it was. Changed is the system's
// own (st_ctime of POSIX stat(2)): it moves with every write, and with changes that leave the bytes alone, such as another
// owner, another name or a file that was restored. Windows tells it to those only who open the file, so there it is absent
// and a file whose size and time were kept is taken for the same.
type Stat struct {
	Size     int64
	Modified int64 // Unix nanoseconds
	Inode    uint64
	Changed  int64 // Unix nanoseconds; 0 where it is not known
}

// Touched reports whether the file was changed between s and now, whatever that did to it. What is not known of either tells nothing.
func (s Stat) Touched(now Stat) bool {
	return s.Changed != 0 && now.Changed != 0 && s.Changed != now.Changed
}

// Like reports whether all but Changed is the same.
func (s Stat) Like(now Stat) bool {
	s.Changed = now.Changed
	return s == now
}

// Unit is one file of a source, as it was read: what a later walk recognises it by.
type Unit struct {
	Name string // below the source, with forward slashes as the system gave it; "" for the source itself
	Stat
	// Context is a hash of what outside the file goes into its facts: the keywords of a Maildir, the sequences of an MH folder.
	Context uint64
	// Racy is set for a file that was changed so shortly before it was read that another change might not show in Modified.
	Racy  bool
	Count Figures
	// SHA256 is that of the whole file, zero where it was not read in full.
	SHA256 evidence.Digest
	First  int  // index of the first mailbox in it, of this walk
	Box    *Box // nil for a file that is one message
	Emlx   bool // the message is in Apple's format
	Whole  bool // it was read to its end; others are not kept
	// Restamped is set where Stat is not as it was stored though the bytes are those that were read.
	Restamped bool
}

// Box is what is kept of a file that holds more than one message, or none.
type Box struct {
	Opens     bool              `json:"opens,omitempty"` // a mailbox or an archive; others only named as skipped
	Mailboxes []Inside          `json:"mailboxes,omitempty"`
	Skipped   []finding.Skipped `json:"skipped,omitempty"`
	// Prints are a hash of samples of the file: one that was rewritten differs in them.
	Prints evidence.Digest `json:"prints"`
	// Held is set for an mbox whose end was not read, since somebody might have been writing to it.
	Held bool `json:"held,omitempty"`
	// Checkpoint is where reading of an mbox can go on when something was appended, nil for other files.
	Checkpoint *Checkpoint `json:"checkpoint,omitempty"`
}

// Inside is a mailbox in a file.
type Inside struct {
	Path []string `json:"path"`
	Kind string   `json:"kind"`
	// Folder is the role that the container tells, "" for what the path says.
	Folder finding.Folder `json:"folder,omitempty"`
	// First is the offset of the first message of an mbox, 0 for none.
	First int64 `json:"first,omitempty"`
	// Quoted, Unquoted and Lengths are what all of an mbox showed; see mboxfile.Quoting.
	Quoted   bool `json:"quoted,omitempty"`
	Unquoted bool `json:"unquoted,omitempty"`
	Lengths  bool `json:"lengths,omitempty"`
}

// Checkpoint is the state of reading an mbox at the start of its last message: nothing before it depends on what comes
// behind.
type Checkpoint struct {
	Offset int64           `json:"offset"` // of the last message
	Framer json.RawMessage `json:"framer"`
	Count  Figures         `json:"count"` // up to Offset
	Hash   []byte          `json:"hash"`  // state of the SHA-256 of the whole file, up to Size
	Size   int64           `json:"size"`
	// Heads are the beginnings of the messages that gave a fact: programs keep read state there, and change it in place.
	Heads []Head `json:"heads,omitempty"`
}

// Head is the beginning of a message, as far as HeadSize bytes.
type Head struct {
	Offset int64  `json:"o"`
	Length int32  `json:"n"`
	Sum    uint32 `json:"s"` // CRC-32C
}

// HeadSize is how much of a message a Head covers: Thunderbird's X-Mozilla-Status lines are the first of a header.
const HeadSize = 1 << 10
