// Package mailbox finds and reads the containers that mail is kept in.
//
// A source is what the user named: a file, a folder, an archive. Inside it are mailboxes: an mbox, a Maildir folder, a
// folder of single-message files, an archive member. Each kind has a sub-package with its own reader; this package
// recognises what something is by its content, never by its name alone, walks folders and archives in a fixed order,
// and hands out the messages as extents: the bytes as stored, and where they lie.
//
// Nothing is lost in silence: every byte of every mailbox is handed out as part of an extent, counted as framing,
// named as skipped, or reported as a problem, and Walk checks that the sum is right. Inputs are opened read-only.
package mailbox

import (
	"context"
	"hash"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/block"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/mboxfile"
)

// Source is what the user named.
type Source struct {
	Index int
	Path  string // as typed
	Name  string // base name of the absolute path
}

// Mailbox is one container of messages.
type Mailbox struct {
	Index int      // ordinal inside its source, from 0, in the order of walking
	Path  []string // as in evidence.Location.Path; of a folder of single-message files the folder
	Kind  string   // "mbox", "maildir", "eml", "emlx", "mh", "pst", "ost"
	// Folder is the role that the mailbox's name gives it (Spam, 迷惑メール, Gesendet, …); absent where the name says nothing.
	Folder finding.Folder
	// Group names what trust is learned over: equal to the joined Path, and for single-message files to their folder; "." for
	// all mailboxes behind the ten-thousandth.
	Group string
	// Elsewhere is set where the messages don't hold their state: what their own fields say of it means nothing.
	Elsewhere bool
	// First is Extent.Order of the first message of an mbox; 0 for none, and before the mailbox has ended.
	First int64
}

// Extent is one message as stored.
type Extent struct {
	Mailbox  *Mailbox
	Location evidence.Location
	// Data is the message's bytes as stored (in an mbox with ">From " as it is). It must not be changed. Of a message longer than limit.Message it
	// is the first limit.Message bytes, and SHA256 is set.
	Data []byte
	// SHA256 is set where Data is not the whole message.
	SHA256 evidence.Digest
	// Mbox is set where From_ quoting has to be undone.
	Mbox     bool
	Envelope *fact.Envelope // mbox only
	// Order orders the extents of one mailbox: the offset in an mbox, else the ordinal in the folder, from 0.
	Order int64
	Read  *finding.Read // what container and name say: Maildir flags, emlx flags; nil where they say nothing
	// Partial is set for messages whose parts lie outside (.partial.emlx).
	Partial bool
	// Rebuilt is set for messages that were put together from what a container holds of them, as Outlook's: the header is as it
	// came, the body is not, and no signature over it can hold.
	Rebuilt bool
	Unit    *Unit // the file that it lies in; nil where the sink is no Knower
}

// Head is the beginning of a message in an mbox; ok is false where mail programs overwrite nothing in there.
func (x *Extent) Head() (h Head, ok bool) {
	b := x.Data[:min(len(x.Data), HeadSize)]
	if !x.Mbox || !headChanges(b) {
		return h, false
	}
	return Head{Offset: x.Location.Offset, Length: int32(len(b)), Sum: headSum(b)}, true
}

// Batch is consecutive extents of one mailbox. Blocks hold their memory, and have to be released when the extents are done
// with. A batch may have no extents and only hand on blocks.
type Batch struct {
	Extents  []Extent
	Problems []Placed // in the order of Before
	Blocks   []*block.Block
}

// Release gives the memory of the extents back: their Data may not be used any more.
func (b *Batch) Release() {
	for _, m := range b.Blocks {
		m.Release()
	}
	b.Blocks = nil
}

// Placed is a problem with its place among the extents of a batch: before the one of that index, or behind the last.
type Placed struct {
	Before  int
	Unit    *Unit // as in Extent
	Problem finding.Problem
}

// Sink takes what Walk finds, in source order, from one goroutine. An error returned by it ends the walk.
type Sink interface {
	// Take waits until n bytes may be in flight and returns a block of them. Whenever it is called, all blocks that were
	// taken before have been handed on in batches, but for the first limit.Message bytes of one message that is longer than
	// that; n is at most limit.Message and 2 MiB. A sink that lets any one request pass when nothing else is in flight never
	// blocks for ever; block.Pool does.
	Take(ctx context.Context, n int) (*block.Block, error)
	// Mailbox announces a mailbox before its first batch.
	Mailbox(*Mailbox) error
	Batch(Batch) error
	// Problem reports what could not be read and has no place in a batch: it stands behind all batches before.
	Problem(finding.Problem) error
	// Skipped names a file or member that is no mail.
	Skipped(finding.Skipped) error
	// Progress tells that n more bytes of the source's own bytes (before inflation) were read. It may be called while
	// another method is at work, but never twice at once.
	Progress(n int64)
}

// Ender is a Sink that wants to know, behind the last batch of an mbox, what all of it showed of its writer. Doubt is
// decided in order, from what was read so far; an unquoted "From " line far down in a file tells of all starts in it.
type Ender interface {
	End(*Mailbox, mboxfile.Quoting) error
}

// Count is what Walk counted of one source.
type Count struct {
	Figures
	SHA256 evidence.Digest
}

// Figures are what is counted of a source, or of one of its files.
type Figures struct {
	Size      int64 // bytes of the files themselves
	Mailboxes int64
	Messages  int64
	Bytes     int64 // bytes read of mailboxes, members inflated
	Extents   int64 // of these: inside extents
	Framing   int64 // From_ lines, separators, archive structure
	Skipped   int64 // files that are no mail
	Problem   int64 // bytes inside problems that are in no extent
}

// Add adds o to c.
func (c *Figures) Add(o Figures) {
	c.Size += o.Size
	c.Mailboxes += o.Mailboxes
	c.Messages += o.Messages
	c.Bytes += o.Bytes
	c.Extents += o.Extents
	c.Framing += o.Framing
	c.Skipped += o.Skipped
	c.Problem += o.Problem
}

// Accounted is the number of bytes that are explained; it equals Bytes.
func (c Figures) Accounted() int64 { return c.Extents + c.Framing + c.Skipped + c.Problem }

// Config is what a walk needs besides the source.
type Config struct {
	Limits limit.Limits
	// NewHash makes the hash of a source's bytes; nil turns hashing off.
	NewHash func() hash.Hash
	// Exclude are absolute paths that are not entered (the output and state folders). A folder that holds a
	// manifest.json of mailaudit is never entered either.
	Exclude []string
	// Now is used only to tell whether a file changed during the walk.
	Now func() time.Time
	// Hold is how long ago an mbox must have been written to last so that its last message is taken for whole, where a Knower
	// keeps what is read: see tail. 0 holds nothing back.
	Hold time.Duration
}
