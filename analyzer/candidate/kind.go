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
	var head []byte
	if p.Encoding == "" || len(p.Body) < peeked {
		head, _ = p.Decode(peeked)
	} else {
		cut := *p
		cut.Body = p.Body[:peeked]
		head, _ = cut.Decode(peeked)
	}
	switch attachment.Kind(attachment.Sniff(head, p.FileName(), p.Type)) {
	case "html", "svg":
		return markup
	case "eml":
		return enclosed
	case "ics", "mobileconfig":
		return words
	}
	if p.IsText() {
		return words
	}
	return opaque
}

// decode undoes the transfer encoding into a buffer that is used again for the next part.
func (s *search) decode(p *message.Part, limit int) []byte {
	b := p.AppendDecoded(s.buffers().body[:0], limit)
	if cap(b) > cap(s.bufs.body) && cap(b) <= largestKept && (len(p.Body) == 0 || len(b) == 0 || &b[0] != &p.Body[0]) {
		s.bufs.body = b[:0]
	}
	return b
}

// utf8 undoes the character set. Bytes that are ASCII, or UTF-8 and declared so, stay as they are.
func (s *search) utf8(b []byte, p *message.Part, how kind) []byte {
	label := p.ContentType.Param("charset")
	if label == "" && how == markup {
		label = message.MetaCharset(b)
	}
	if !direct(b, label) {
		b = []byte(charset.Decode(b, label).Text)
	}
	if how == words && p.Laid() {
		b = []byte(p.Layout(string(b)))
	}
	return b
}

// direct tells whether text can be searched without undoing its character set.
func direct(b []byte, label string) bool {
	if label != "" && len(label) < 12 {
		switch strings.ToLower(label) {
		case "utf-8", "us-ascii", "iso-8859-1", "utf8", "windows-1252":
			label = ""
		}
	}
	if label == "" {
		// Zero bytes are UTF-8, and the mark of UTF-16 without one; letters of both alphabets pass for UTF-8 then.
		return bytes.IndexByte(b[:min(len(b), 256)], 0) < 0 && (charset.IsASCII(b) && bytes.IndexByte(b, 0x1b) < 0 || validUTF8(b))
	}
	switch charset.Canonical(label) {
	case "utf-7", "utf-16", "utf-16le", "utf-16be", "iso-2022-jp", "hz-gb-2312":
		return false
	}
	return charset.IsASCII(b) && bytes.IndexByte(b, 0x1b) < 0
}
