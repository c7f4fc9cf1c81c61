package candidate

import (
	"bytes"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/message"
	"github.com/mailaudit/mailaudit/analyzer/message/attachment"
	"github.com/mailaudit/mailaudit/analyzer/message/charset"
)

// kind is how a leaf is tested.
type kind byte

const (
	opaque   kind = iota // not at all
	words                // as text
	markup               // as HTML
	enclosed             // as a message
	document             // as the text that package attachment finds in it
)

// peeked is how much of a file is decoded to see what it is.
const peeked = 2048

// kind follows what full analysis reads: text parts, attached files of types that package attachment looks into.
func (s *search) kind(p *message.Part) kind {
	switch {
	case p.Type == "message/rfc822" || p.Type == "message/global" || p.Type == "message/news":
		return enclosed
	case p.Type == "text/html" || p.Type == "application/xhtml+xml" || p.Type == "text/x-amp-html" || p.Type == "text/watch-html":
		return markup
	case p.IsText() && !p.Attached(), p.Flat:
		return words
	}
	cut := *p
	if p.Encoding != "" {
		cut.Body = p.Body[:min(len(p.Body), peeked)]
	}
	head, _ := s.buffers().body.Decode(&cut, peeked)
	switch attachment.Kind(attachment.Sniff(head, p.FileName(), p.Type)) {
	case "html", "svg":
		return markup
	case "eml":
		return enclosed
	case "office", "zip", attachment.PDF:
		return document
	case "ics", "mobileconfig":
		return words
	}
	if p.IsText() {
		return words
	}
	return opaque
}

// decode undoes the transfer encoding; the text is valid until the next part is decoded.
func (s *search) decode(p *message.Part, limit int) []byte {
	b, _ := s.buffers().body.Decode(p, limit)
	return b
}

// utf8 undoes the character set. Bytes that are ASCII, or UTF-8 and declared so, stay as they are. plain tells that
// nothing in the text needs folding.
func (s *search) utf8(b []byte, p *message.Part, how kind) (text []byte, plain bool) {
	label := p.ContentType.Param("charset")
	if label == "" && how == markup {
		label = message.MetaCharset(b)
	}
	if how == words && p.Laid() {
		return []byte(p.Layout(charset.Decode(b, label).Text)), false
	}
	asIs := unlabelled(label)
	n := 0
	if asIs {
		if n = s.m.plain.prefix(b); n == len(b) {
			return b, true
		}
	}
	if !direct(b, n, label, asIs) {
		b = []byte(charset.Decode(b, label).Text)
	}
	return b, false
}

// unlabelled reports whether text that is UTF-8 is read as that, with this label.
func unlabelled(label string) bool {
	for _, l := range [...]string{"", "utf-8", "us-ascii", "iso-8859-1", "utf8", "windows-1252"} {
		if strings.EqualFold(label, l) {
			return true
		}
	}
	return false
}

// direct reports whether text can be searched without undoing its character set. Its first n bytes are known to be UTF-8.
func direct(b []byte, n int, label string, asIs bool) bool {
	if asIs {
		// Zero bytes are UTF-8, and the mark of UTF-16 without one; letters of both alphabets pass for UTF-8 then.
		return bytes.IndexByte(b[:min(len(b), 256)], 0) < 0 && validUTF8(b[n:])
	}
	switch charset.Canonical(label) {
	case "utf-7", "utf-16", "utf-16le", "utf-16be", "iso-2022-jp", "hz-gb-2312":
		return false
	}
	return charset.IsASCII(b) && bytes.IndexByte(b, 0x1b) < 0
}
