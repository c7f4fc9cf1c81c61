// Package limit holds every limit mailaudit puts on hostile or broken input, in one struct, with its default and
// the reason for it.
//
// Mail is written by strangers. Each parser takes a Limits value and, on reaching a limit, stops that piece of work,
// keeps what it has, and reports a problem naming the limit (see Name constants); the scan goes on. Limits are counted
// in bytes, parts or steps, never in time, so that they cut at the same place on every machine and output does not
// depend on how fast the machine is. Only Stuck is a time: what escapes all other limits is given up by it.
package limit

import "time"

// Limits are the bounds of one scan. The zero value is not useful; start from Default.
type Limits struct {
	// Message is the largest message in bytes that is parsed in full. Of a larger one the first Message bytes are held:
	// its headers and the first OversizeText bytes of text are read, the rest is only hashed and counted.
	Message int64
	// OversizeText is how many bytes of text are read from a message larger than Message.
	OversizeText int64
	// Header is the largest header block in bytes that is read; the rest of it is treated as body.
	Header int
	// HeaderFields is the largest number of header fields kept of one message or part.
	HeaderFields int
	// Parts is the largest number of MIME parts that are walked. enmime is quadratic in it: 50,000 parts take 12 s.
	Parts int
	// Depth is the deepest nesting of multiparts and inner messages that is walked.
	Depth int
	// Text is the largest decoded text part in bytes; the rest of the part is not read.
	Text int
	// Work is the budget of one message in bytes decoded plus 64 for each HTML token. It bounds the cost of any message.
	Work int64
	// Links is the largest number of links kept of one message. Mail programs show no more than a few hundred usefully.
	Links int
	// Attachment is the largest attachment in bytes that is decoded and held for inspection (images, PDF, HTML, …).
	Attachment int
	// ImagePixels is the largest picture that is decoded to look for QR codes: a 1 KB PNG can claim 50,000 x 50,000.
	ImagePixels int
	// FromLine is the longest mbox From_ line in bytes; a longer line starting with "From " is body text.
	FromLine int
	// ArchiveMember is the largest inflated archive member in bytes.
	ArchiveMember int64
	// ArchiveRatio is the largest inflated to stored ratio, once more than ArchiveRatioFloor bytes have been inflated.
	ArchiveRatio int64
	// ArchiveRatioFloor is how much may be inflated before ArchiveRatio is applied: small members compress well.
	ArchiveRatioFloor int64
	// ArchiveDepth is how deep archives may lie inside one another.
	ArchiveDepth int
	// ArchiveMembers is the largest number of members of one archive that are looked at.
	ArchiveMembers int
	// TreeDepth is the deepest folder below a source that is entered.
	TreeDepth int
	// InFlight is how many bytes of mail, times their real cost, may be between the reader and the collector.
	InFlight int64
	// Stuck ends a run in which nothing at all was finished for so long (exit code 10). A message that is read for half of
	// it is given up before: it becomes a problem, and the run goes on.
	Stuck time.Duration
}

// Default returns the limits that hold where the caller sets none.
func Default() Limits {
	return Limits{
		Message:           64 << 20,
		OversizeText:      8 << 20,
		Header:            1 << 20,
		HeaderFields:      10_000,
		Parts:             2_000,
		Depth:             32,
		Text:              8 << 20,
		Work:              256 << 20,
		Links:             2_000,
		Attachment:        16 << 20,
		ImagePixels:       20_000_000,
		FromLine:          4096,
		ArchiveMember:     200 << 30,
		ArchiveRatio:      100,
		ArchiveRatioFloor: 64 << 20,
		ArchiveDepth:      3,
		ArchiveMembers:    2_000_000,
		TreeDepth:         64,
		InFlight:          96 << 20,
		Stuck:             10 * time.Minute,
	}
}

// Names of the limits, as they stand in the reason of a problem record.
const (
	NameMessage        = "message"
	NameHeader         = "header"
	NameParts          = "parts"
	NameDepth          = "depth"
	NameText           = "text"
	NameWork           = "work"
	NameLinks          = "links"
	NameAttachment     = "attachment"
	NameImagePixels    = "image_pixels"
	NameArchiveMember  = "archive_member"
	NameArchiveRatio   = "archive_ratio"
	NameArchiveDepth   = "archive_depth"
	NameArchiveMembers = "archive_members"
	NameTreeDepth      = "tree_depth"
	NameStuck          = "stuck"
)
