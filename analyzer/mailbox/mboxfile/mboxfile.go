// Package mboxfile cuts an mbox into its messages.
//
// An mbox is messages one after another, each behind a line that begins with "From " (the From_ line: envelope sender
// and time of delivery) and each followed by a blank line. Nothing says how long a message is, so a body line that
// begins with "From " looks like the start of a message. Writers answered in four ways (RFC 4155 appendix A; qmail's
// mbox(5)): mboxo puts ">" before such lines, mboxrd also before those that have ">" already, mboxcl adds a
// Content-Length field besides, and mboxcl2 adds the field and leaves the lines alone. Many files mix them, and whoever
// sends a mail can write From_ lines, trace fields and authentication results into its body.
//
// Reader goes through a file in order and never guesses: what starts a message is decided by accept, whether that is
// certain by habits.doubt. Both depend on bytes of the file only, never on how it was cut into buffers. Extents,
// framing and gaps cover the file exactly, whatever is in it.
package mboxfile

import (
	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/block"
)

// Extent is one message: the bytes behind its From_ line, up to the blank line before the next.
type Extent struct {
	Offset, Length int64
	// Data is the message as stored; of a message longer than Options.Message its first Message bytes. It is part of a
	// buffer shared with its neighbours and must not be changed.
	Data []byte
	// SHA256 is set where Data is not the whole message.
	SHA256 evidence.Digest
	// Line is the From_ line. Its Style is StyleNone for a message at the start of the file that has none.
	Line Line
	// Doubt says why it is not certain that a message starts here; empty where it is.
	Doubt string
}

// Gap is bytes that belong to no message and are no framing: what stands before the first From_ line.
type Gap struct {
	Offset, Length int64
	Reason         string
	Lost           bool // there was mail
}

// Note is something odd that cost no bytes.
type Note struct {
	Offset, Length int64
	Reason         string
}

// Batch is what one call of Next found.
type Batch struct {
	Extents []Extent
	Gaps    []Gap
	Notes   []Note
	Framing int64 // bytes of From_ lines, of the blank lines behind messages, and of a byte order mark
	// Open is set with the last batch where nothing but the end of the file ends the last extent: no Content-Length, no closing
	// boundary of its MIME structure, no line of MMDF. More of that message may come.
	Open bool
	// Blocks hold the memory of the extents; each is to be released once when they are done with.
	Blocks []*block.Block
}

// Quoting is what a file shows about how its writer treated body lines that begin with "From ".
type Quoting struct {
	// Quoted is set when such a line has ">" before it, Unquoted when one has none and starts no message.
	Quoted, Unquoted bool
	// Lengths is set when most messages carry a Content-Length that leads to the next From_ line.
	Lengths bool
}

// Options are what a Reader needs besides the bytes.
type Options struct {
	Message  int64 // limit.Limits.Message
	FromLine int   // limit.Limits.FromLine
	// Block is how many bytes are read at a time; block.Size where it is 0. It never changes what is found.
	Block int
	// Checkpoint asks for Reader.Checkpoint.
	Checkpoint bool
	// Take hands out a block of n bytes; nil for block.New. Before one is asked for, all earlier ones but that of a message
	// longer than Message have been handed on in Batch.Blocks.
	Take func(n int) (*block.Block, error)

	survey int // stands in for the constant in tests
}
