// Package message reads one raw message the way a mail program would show it to its reader, and keeps what a mail
// program hides.
//
// A message (RFC 5322) is a header of ordered fields and a body, which MIME (RFC 2045 to 2049) makes a tree of parts.
// Real mail breaks every rule of it, and hostile mail breaks them on purpose, so that a filter reads something else
// than the victim sees. The package therefore never fails: Parse returns what can be read and lists what was odd as
// Defects. It is linear in the size of the message and stops at the limits it is given.
//
// The parts are found by a streaming walker that also serves the candidate test. Where a structure is not regular, so that
// programs may read different parts in it, enmime is asked too, and what it reads otherwise is a defect (StructureDoubt).
package message

import (
	"time"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// Message is one message as read.
type Message struct {
	Header Header

	From          []finding.Address // every address of every From field, in order
	FromFields    int
	Sender        *finding.Address
	ReplyTo       []finding.Address
	To            []finding.Address
	Cc            []finding.Address
	ReturnPath    string // without angle brackets; "<>" for the empty path; "" where there is no field
	Subject       string // of the first Subject field, decoded (RFC 2047, raw 8-bit), unfolded, unnormalised
	SubjectFields int
	MessageID     string // with angle brackets as written
	Date          Date
	ListID        string

	// Text is what the reader is shown: of alternatives the HTML part's visible text where there is one, inline text
	// parts in order, without hidden text. Lines end with \n.
	Text string
	// Plain is the text of the text/plain parts alone, for messages whose alternatives differ.
	Plain string
	// Hidden is text of the HTML parts that is there but not shown.
	Hidden string
	Bodies []Body
	Links  []Link
	HTML   HTML

	Attachments []Attachment
	Inner       []*Message // message/rfc822 parts and attached .eml files, outermost first
	Boundaries  []string   // boundary parameters, as written
	Defects     []Defect
}

// Body is one text part.
type Body struct {
	Type     string // "text/plain", "text/html", …
	Declared string // charset label as written
	Charset  string // charset used
	Text     string // decoded; of HTML its source
}

// Link is a link as written; judging it is the detectors' work.
type Link struct {
	Shown  string // visible text of the anchor, alt text of a linked picture, or the URL in plain text
	Target string // as written, entities decoded, white space inside removed as browsers do
	Source string // "html", "text", "area", "form", "refresh", "base"
	Hidden bool   // the anchor is not shown
}

// HTML is what the HTML parts do besides showing text.
type HTML struct {
	Present   bool
	Forms     []string // action of each form, "" where it has none
	Images    []string // src of pictures, as written
	Fonts     []string // font families named, lower case
	Generator string   // <meta name=generator>
	Title     string   // <title>: in the source, not shown by mail programs
	Base      string   // href of <base>: what relative links stand below
	Lang      string   // lang of <html>
	Scripts   int
	MaxDepth  int
	HiddenLen int // bytes of hidden text
	ShownLen  int // bytes of shown text
}

// Attachment is a part shown as a file, and every inline picture.
type Attachment struct {
	Name      string // decoded file name
	Declared  string // media type as labelled
	Type      string // media type by content, or Declared
	Size      int64  // decoded bytes
	Data      []byte // decoded, only of pictures, PDF, HTML, SVG, ICS, .eml and .mobileconfig within limits; else nil
	Inline    bool
	ContentID string
	Truncated bool
}

// Date is the Date field.
type Date struct {
	Raw   string
	Time  time.Time // zero where it can't be read
	Zone  string    // as written
	Doubt string    // "", "missing", "unreadable", "bad_zone", "impossible"
}

// Defect is something odd in the message. Lost reports whether text could not be read because of it.
type Defect struct {
	Kind   string // short word: "boundary_missing", "base64_truncated", "charset_unknown", "limit_parts", …
	Detail string
	Lost   bool
}

// Header is the header block, in order.
type Header struct {
	Fields []Field
	// Size is the number of bytes of the header block with the empty line that ends it.
	Size int
	// Defects are what is odd in the block itself: "header_junk", "header_from_line", "header_no_end", …
	Defects []Defect
}

// Field is one header field.
type Field struct {
	Name string // as written
	Raw  string // body as written behind the colon, folding included, without the final line end
}
