package mapi

import (
	"bytes"
	"io"
	"net/url"
	"strings"
)

// Values of PidTagAttachMethod ([MS-OXCMSG]).
const (
	methodByValue  = 1
	methodRef      = 2 // to 4: a path on somebody's disk or network
	methodRefOnly  = 4
	methodEmbedded = 5
	methodOLE      = 6
	methodWeb      = 7 // a link to a file that lies on the web
)

// contentID is what HTML names an attachment by, "" for none.
func contentID(m *Message, a *Attachment) string {
	return strings.Trim(clean(m.str(a, idAttachContentID)), "<> ")
}

// attachment makes the part of an attachment; nil where there is nothing to write.
func (c *converter) attachment(m *Message, a *Attachment, depth int) *part {
	name := clean(m.str(a, idAttachLongFilename))
	for _, id := range []uint16{idAttachFilename, idDisplayName} {
		if name == "" {
			name = clean(m.str(a, id))
		}
	}
	method, _ := integer(a, idAttachMethod)
	if a.Message != nil {
		if depth+1 >= c.lim.Depth {
			c.problem("messages lie in one another deeper than the limit depth")
			return nil
		}
		inner := c.message(a.Message, depth+1)
		fields := ""
		if name != "" {
			fields = "Content-Disposition: attachment" + parameter("filename", name) + "\r\n"
		}
		return &part{kind: "message/rfc822", fields: fields, message: inner}
	}
	kind := mediaType(m.str(a, idAttachMimeTag))
	if method >= methodRef && method <= methodRefOnly || method == methodWeb {
		return c.reference(m, a, method, name)
	}
	if a.Open == nil {
		if method == methodEmbedded || method == methodByValue || method == methodOLE {
			c.problem("the data of attachment %q can't be read", name)
		}
		a.Open, a.Size = func() io.Reader { return bytes.NewReader(nil) }, 0
	}
	p := &part{kind: kind, file: a}
	if kind == "message/rfc822" {
		if b, ok := c.attachedMail(a); ok {
			p.file, p.text = nil, b
		} else {
			p.kind = "application/octet-stream"
		}
	} else if strings.HasPrefix(kind, "message/") || strings.HasPrefix(kind, "multipart/") {
		p.kind = "application/octet-stream" // these may not be written in base64
	}
	if name != "" {
		p.kind += parameter("name", name)
	}
	if p.file != nil {
		p.fields = "Content-Transfer-Encoding: base64\r\n"
	}
	disposition := "attachment"
	if id := contentID(m, a); id != "" {
		p.fields += "Content-ID: <" + strings.Map(printable, id) + ">\r\n"
		disposition = "inline"
	}
	if place := strings.Map(printable, clean(m.str(a, idAttachLocation))); place != "" {
		p.fields += "Content-Location: " + place + "\r\n"
	}
	p.fields += "Content-Disposition: " + disposition
	if name != "" {
		p.fields += parameter("filename", name)
	}
	p.fields += "\r\n"
	return p
}

// attachedMail is a mail that is attached as a file, where it can be written as it is.
func (c *converter) attachedMail(a *Attachment) (b []byte, ok bool) {
	if a.Size > c.lim.Held {
		return nil, false
	}
	b, err := io.ReadAll(a.Open())
	if err != nil || bytes.IndexByte(b, 0) >= 0 {
		return nil, false
	}
	return crlf(b), true
}

// reference makes the part of an attachment that is only named: its place, without any data.
func (c *converter) reference(m *Message, a *Attachment, method int64, name string) *part {
	place := clean(m.str(a, idAttachLongPathname))
	if place == "" {
		place = clean(m.str(a, idAttachPathname))
	}
	kind := "message/external-body; access-type=local-file" + parameter("name", place)
	if u, err := url.Parse(place); method == methodWeb || err == nil && (u.Scheme == "http" || u.Scheme == "https") {
		kind = "message/external-body; access-type=URL" + parameter("url", place)
	}
	fields := "Content-Disposition: attachment"
	if name != "" {
		fields += parameter("filename", name)
	}
	return &part{kind: kind, fields: fields + "\r\n", text: []byte("Content-Type: application/octet-stream\r\n\r\n")}
}

// mediaType is a media type in the form it has in a header; what is none is application/octet-stream.
func mediaType(s string) string {
	major, minor, ok := strings.Cut(strings.ToLower(strings.TrimSpace(s)), "/")
	if !ok || !token(major) || !token(minor) {
		return "application/octet-stream"
	}
	return major + "/" + minor
}

func token(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`()<>@,;:\"/[]?=`, c) >= 0 {
			return false
		}
	}
	return s != "" && len(s) < 128
}
