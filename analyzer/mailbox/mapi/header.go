package mapi

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

// header makes the header of a message, without the fields that tell of its body. Where Outlook kept the header as it came, it is
// that. Mail that the owner wrote, or that never left an Exchange server, has none: there it is made of the properties.
func (c *converter) header(m *Message) string {
	head := c.transport(m)
	if hasField(head, "received") || hasField(head, "from") {
		return head
	}
	return c.ownHeader(m, head) + head
}

// transport is the header as it came, without the fields of the body.
func (c *converter) transport(m *Message) string {
	v, ok := m.Property(idTransportHeaders)
	if !ok {
		return ""
	}
	var text string
	switch v.Type {
	case String:
		text = v.Text(0)
	case String8:
		text = strings.TrimRight(string(v.Data), "\x00") // bytes of whatever the sender wrote
	default:
		return ""
	}
	if len(text) > c.lim.Header {
		c.problem("the header is longer than the limit header; its first %d bytes are read", c.lim.Header)
		text = text[:c.lim.Header]
	}
	text = string(crlf([]byte(strings.ReplaceAll(text, "\x00", " "))))
	text = strings.TrimLeft(text, "\r\n")
	if rest, ok := strings.CutPrefix(text, "Microsoft Mail Internet Headers Version 2.0\r\n"); ok {
		text = strings.TrimLeft(rest, "\r\n")
	}
	var b strings.Builder
	b.Grow(len(text))
	dropped := false
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\r\n")
		if line == "" {
			break // behind it is what was the header of a part
		}
		if line[0] != ' ' && line[0] != '\t' {
			name, _, field := strings.Cut(line, ":")
			dropped = !field || bodyField(strings.TrimRight(name, " \t"))
		} else if strings.TrimLeft(line, " \t") == "" {
			continue // a line of blanks ends a header for many programs
		}
		if !dropped {
			b.WriteString(line)
			b.WriteString("\r\n")
		}
	}
	return b.String()
}

// bodyField reports whether a field tells of the original body.
func bodyField(name string) bool {
	switch strings.ToLower(name) {
	case "content-type", "content-transfer-encoding", "mime-version", "content-disposition", "content-id", "content-description",
		"content-location", "content-length", "content-md5", "content-base", "lines":
		return true
	}
	return false
}

// hasField reports whether a header has a field of that name, which is in lower case.
func hasField(head, name string) bool {
	for line := range strings.Lines(head) {
		if len(line) > len(name) && strings.EqualFold(line[:len(name)], name) && strings.HasPrefix(strings.TrimLeft(line[len(name):], " \t"), ":") {
			return true
		}
	}
	return false
}

// dateForm is how a header writes a time.
const dateForm = "Mon, 02 Jan 2006 15:04:05 -0700"

// ownHeader makes the fields of a header from the properties, but those that head has.
func (c *converter) ownHeader(m *Message, head string) string {
	var b strings.Builder
	add := func(name, value string) {
		if value != "" && !hasField(head, strings.ToLower(name)) && b.Len() < c.lim.Header {
			b.WriteString(name + ": " + value + "\r\n")
		}
	}
	from := m.mailbox(m, idSentName, idSentAddress, idSentSMTP)
	sender := m.mailbox(m, idSenderName, idSenderAddress, idSenderSMTP)
	if from == "" {
		from = sender
	}
	add("From", from)
	if sender != from {
		add("Sender", sender)
	}
	to := m.recipients()
	for i, display := range []uint16{idDisplayTo, idDisplayCc, idDisplayBcc} {
		if len(to[i]) == 0 {
			to[i] = group(m.str(m, display))
		}
	}
	add("To", strings.Join(to[0], ",\r\n "))
	add("Cc", strings.Join(to[1], ",\r\n "))
	add("Bcc", strings.Join(to[2], ",\r\n "))
	add("Subject", encoded(m.Subject()))
	for _, id := range []uint16{idClientSubmitTime, idDeliveryTime} {
		if v, ok := m.Property(id); ok {
			if t, ok := v.Time(); ok {
				add("Date", t.Format(dateForm))
				break
			}
		}
	}
	add("Message-ID", bare(m.str(m, idInternetMessageID)))
	add("In-Reply-To", bare(m.str(m, idInReplyTo)))
	add("References", bare(m.str(m, idInternetReferences)))
	add("List-Unsubscribe", bare(m.str(m, idListUnsubscribe)))
	return b.String()
}

// bare is the value of a field that is ASCII.
func bare(s string) string {
	s = clean(s)
	for i := range len(s) {
		if s[i] >= 0x7f {
			return ""
		}
	}
	return s[:min(len(s), lineMost)]
}

// Subject is the subject. In a .pst a character 1 at its start tells that the next one says how long the prefix is ("Re: ").
func (m *Message) Subject() string {
	s := m.str(m, idSubject)
	if s == "" {
		s = m.str(m, idSubjectPrefix) + m.str(m, idNormalizedSubject)
	}
	if strings.HasPrefix(s, "\x01") {
		_, n := utf8.DecodeRuneInString(s[1:])
		s = s[1+n:]
	}
	return clean(s)
}

// mailbox is a person as a header writes him, of the properties of these ids.
func (m *Message) mailbox(o Object, name, address, smtp uint16) string {
	display, at := clean(m.str(o, name)), strings.Map(printable, m.str(o, smtp))
	if at == "" {
		at = strings.Map(printable, m.str(o, address))
	}
	switch {
	case at == "" && display == "":
		return ""
	case at == "":
		at = strings.Map(printable, display)
		if !strings.Contains(at, "@") {
			return phrase(display) + ":;" // a name without an address is a group of nobody
		}
		display = ""
	}
	if display == "" || display == at {
		return "<" + at + ">"
	}
	return phrase(display) + " <" + at + ">"
}

// recipients are those in To, Cc and Bcc.
func (m *Message) recipients() (list [3][]string) {
	for _, r := range m.Recipients {
		kind, _ := integer(r, idRecipientType)
		if kind &= 0xF; kind < 1 || kind > 3 {
			continue
		}
		if s := m.mailbox(r, idDisplayName, idEmailAddress, idSMTPAddress); s != "" {
			list[kind-1] = append(list[kind-1], s)
		}
	}
	return list
}

// group makes recipients of the names that Outlook shows, where it keeps no more of them.
func group(names string) (list []string) {
	for name := range strings.SplitSeq(names, ";") {
		if name = clean(name); name == "" {
			continue
		}
		if at := strings.Map(printable, strings.Trim(name, "'")); strings.Contains(at, "@") && !strings.Contains(name, " ") {
			list = append(list, "<"+at+">")
		} else {
			list = append(list, phrase(name)+":;")
		}
	}
	return list
}

// phrase writes a name.
func phrase(s string) string {
	for i := range len(s) {
		if s[i] >= 0x7f {
			return encoded(s)
		}
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// encoded writes a text of a header: as it is where it is ASCII and no encoded word, else as encoded words (RFC 2047).
func encoded(s string) string {
	plain := len(s) <= 200 && !strings.Contains(s, "=?")
	for i := range len(s) {
		plain = plain && s[i] < 0x7f
	}
	if plain {
		return s
	}
	const most = 45 // bytes of one word: a multiple of three, 60 characters of base64
	var b strings.Builder
	for len(s) > 0 {
		n := 0
		for n < len(s) {
			_, k := utf8.DecodeRuneInString(s[n:])
			if n+k > most {
				break
			}
			n += k
		}
		if b.Len() > 0 {
			b.WriteString("\r\n ")
		}
		b.WriteString("=?utf-8?B?" + base64.StdEncoding.EncodeToString([]byte(s[:n])) + "?=")
		s = s[n:]
	}
	return b.String()
}

// parameter writes a parameter of a field, "; name=value", in the way of RFC 2231 where it is not ASCII.
func parameter(name, value string) string {
	const most = 255
	for len(value) > most {
		_, n := utf8.DecodeLastRuneInString(value)
		value = value[:len(value)-n]
	}
	quoted := true
	for i := range len(value) {
		quoted = quoted && value[i] < 0x7f
	}
	if quoted {
		return ";\r\n " + name + `="` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"`
	}
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	b.WriteString(";\r\n " + name + "*=utf-8''")
	for i := range len(value) {
		c := value[i]
		if c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '.' || c == '-' || c == '_' {
			b.WriteByte(c)
		} else {
			b.Write([]byte{'%', digits[c>>4], digits[c&15]})
		}
	}
	return b.String()
}
