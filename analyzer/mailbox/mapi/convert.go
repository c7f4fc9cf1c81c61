package mapi

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// Limits bound what is made of one message.
type Limits struct {
	Header int   // bytes of its header
	Text   int   // bytes of one body
	Depth  int   // of messages in messages
	Held   int64 // bytes of an attached mail that is written as such, and not as a file
}

// Converted is a message as an RFC 5322 message.
type Converted struct {
	Size     int64
	Problems []string // what could not be read of it

	pieces []piece
}

// piece is some bytes of a message: as they are, or of an attachment, which is written in base64.
type piece struct {
	text []byte
	file *Attachment
}

// Reader gives the Size bytes of the message.
func (c *Converted) Reader() io.Reader {
	list := make([]io.Reader, len(c.pieces))
	for i, p := range c.pieces {
		if p.file != nil {
			list[i] = newEncoder(p.file.Open())
		} else {
			list[i] = bytes.NewReader(p.text)
		}
	}
	return io.MultiReader(list...)
}

// converter is one Convert.
type converter struct {
	lim      Limits
	problems []string
}

// Convert writes a message as an RFC 5322 message.
func Convert(m *Message, lim Limits) *Converted {
	c := &converter{lim: lim}
	root := c.message(m, 0)
	out := &Converted{}
	root.write(&out.pieces)
	for _, p := range out.pieces {
		out.Size += int64(len(p.text))
		if p.file != nil {
			out.Size += encodedSize(p.file.Size)
		}
	}
	out.Problems = c.problems
	return out
}

func (c *converter) problem(format string, args ...any) {
	const most = 20
	if len(c.problems) < most {
		c.problems = append(c.problems, fmt.Sprintf(format, args...))
	}
}

// part is a part of the message that is written: fields, and a text, a file, parts or a message.
type part struct {
	fields  string // "Name: value\r\n" of each but Content-Type
	kind    string // the value of Content-Type; of parts in parts without the boundary
	text    []byte
	file    *Attachment
	parts   []*part
	message *part  // message/rfc822
	raw     []byte // fields and text of an entity that is written as it is, instead of all others
}

// message makes the part that is a whole message.
func (c *converter) message(m *Message, depth int) *part {
	c.problems = append(c.problems, m.Problems...)
	head := c.header(m)
	if entity, ok := c.signed(m); ok {
		return &part{fields: head + "MIME-Version: 1.0\r\n", raw: entity}
	}
	body := c.body(m)
	var related, mixed []*part
	html := body.find("text/html")
	for i := range m.Attachments {
		p := c.attachment(m, &m.Attachments[i], depth)
		if p == nil {
			continue
		}
		if id := contentID(m, &m.Attachments[i]); id != "" && html != nil && bytes.Contains(html.text, []byte("cid:"+id)) {
			related = append(related, p)
		} else {
			mixed = append(mixed, p)
		}
	}
	if len(related) > 0 {
		body = &part{kind: "multipart/related", parts: append([]*part{body}, related...)}
	}
	if len(mixed) > 0 {
		body = &part{kind: "multipart/mixed", parts: append([]*part{body}, mixed...)}
	}
	body.fields = head + "MIME-Version: 1.0\r\n" + body.fields
	return body
}

// find is the first part of a type.
func (p *part) find(kind string) *part {
	if strings.HasPrefix(p.kind, kind) {
		return p
	}
	for _, sub := range p.parts {
		if found := sub.find(kind); found != nil {
			return found
		}
	}
	return nil
}

// body makes the part of what the message says: plain, HTML or both.
func (c *converter) body(m *Message) *part {
	plain := c.plain(m)
	html, charset := c.html(m)
	if html == nil {
		if text, kind, ok := c.rtf(m); ok {
			switch {
			case kind == RTFHTML:
				html, charset = text, "utf-8"
			case plain == nil:
				plain = text
			}
		}
	}
	switch {
	case html == nil:
		return textPart("text/plain", "utf-8", plain)
	case len(bytes.TrimSpace(plain)) == 0:
		return textPart("text/html", charset, html)
	}
	return &part{kind: "multipart/alternative", parts: []*part{textPart("text/plain", "utf-8", plain), textPart("text/html", charset, html)}}
}

// cut bounds a text.
func (c *converter) cut(b []byte, name string) []byte {
	if len(b) <= c.lim.Text {
		return b
	}
	c.problem("the %s body is longer than the limit text; its first %d bytes are read", name, c.lim.Text)
	return b[:c.lim.Text]
}

// plain is the plain body as UTF-8, nil for none.
func (c *converter) plain(m *Message) []byte {
	v, ok := m.Property(idBody)
	if !ok || len(v.Data) == 0 || v.Type != String && v.Type != String8 {
		return nil
	}
	page := m.Codepage()
	if page == 0 {
		page = m.internetCodepage()
	}
	return c.cut([]byte(v.Text(page)), "plain")
}

func (m *Message) internetCodepage() int {
	n, _ := integer(m, idInternetCodepage)
	return int(n)
}

// html is the HTML body and the character set it is in, "" where that is not known; nil for none. Bytes stay as they are
// stored: a page often says itself, and otherwise than Outlook, what it is in.
func (c *converter) html(m *Message) (b []byte, charset string) {
	v, ok := m.Property(idHTML)
	if !ok || len(v.Data) == 0 {
		return nil, ""
	}
	switch v.Type {
	case String:
		return c.cut([]byte(v.Text(0)), "HTML"), "utf-8"
	case String8:
		page := m.internetCodepage()
		if page == 0 {
			page = m.Codepage()
		}
		return c.cut([]byte(v.Text(page)), "HTML"), "utf-8"
	case Binary:
		page := m.internetCodepage()
		if page == codepageUTF16 || bytes.HasPrefix(v.Data, []byte("\xff\xfe")) {
			return c.cut([]byte(strings.TrimPrefix(UTF16(v.Data), "\uFEFF")), "HTML"), "utf-8"
		}
		charset, _ = codepage(page)
		return c.cut(bytes.TrimRight(v.Data, "\x00"), "HTML"), charset
	}
	return nil, ""
}

// rtf is what the RTF body holds.
func (c *converter) rtf(m *Message) (text []byte, kind RTFKind, ok bool) {
	v, ok := m.Property(idRTFCompressed)
	if !ok || len(v.Data) == 0 {
		return nil, 0, false
	}
	// RTF of HTML is several times as long as the HTML.
	rtf, err := DecompressRTF(v.Data, 4*c.lim.Text)
	if err != nil {
		c.problem("the RTF body is damaged; what stands before the damage is read")
		if len(rtf) == 0 {
			return nil, 0, false
		}
	}
	text, kind = ReadRTF(rtf, c.lim.Text)
	return text, kind, true
}

// textPart makes a part of a text.
func textPart(kind, charset string, b []byte) *part {
	b = crlf(bytes.TrimRight(b, "\x00"))
	cte, b := encodeText(b)
	if charset != "" {
		kind += "; charset=" + charset
	}
	return &part{kind: kind, fields: "Content-Transfer-Encoding: " + cte + "\r\n", text: b}
}

// signed is the entity of a message that was signed in the clear: Outlook keeps it whole, as its only attachment, so that the
// signature holds ([MS-OXOSMIME]).
func (c *converter) signed(m *Message) (entity []byte, ok bool) {
	if !strings.HasSuffix(strings.ToLower(m.Class()), ".multipartsigned") || len(m.Attachments) != 1 {
		return nil, false
	}
	a := &m.Attachments[0]
	if a.Open == nil || a.Size > c.lim.Held {
		return nil, false
	}
	b, err := io.ReadAll(a.Open())
	if err != nil {
		return nil, false
	}
	head, _, found := bytes.Cut(b, []byte("\r\n\r\n"))
	if !found || !bytes.HasPrefix(bytes.ToLower(head), []byte("content-type: multipart/signed")) {
		return nil, false
	}
	return b, true
}
