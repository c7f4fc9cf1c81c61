package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"strings"
	"time"

	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// letter is a message as its sender wrote it, before any relay saw it.
type letter struct {
	at   time.Time
	east int // of the Date field, in seconds east of UTC
	from address
	to   address
	// replyTo is left out where it is empty.
	replyTo   string
	subject   string
	messageID string // with angle brackets

	plain, html string
	charset     string // "" is UTF-8; also "iso-2022-jp", "gb2312"
	encoding    string // "base64", "quoted-printable" or "7bit"; "" is base64
	boundary    string // of the alternative parts; "" where there is one part
	attach      []attachment

	fields []string // further fields below the usual ones, complete: "X-Mailer: …"
	// body, where set, is the whole body, and contentType its Content-Type.
	body, contentType string
}

type address struct{ name, addr string }

type attachment struct {
	name, mediaType string
	data            []byte
}

// message is a letter with its fields, still without what relays put on top. Lines end with LF.
type message struct {
	fields []string // "Name: value", folded, no final line end
	body   string
}

// String is the message as stored.
func (m message) String() string { return strings.Join(m.fields, "\n") + "\n\n" + m.body }

// under puts the fields that relays wrote on top.
func (m message) under(top ...string) message {
	return message{append(append([]string{}, top...), m.fields...), m.body}
}

// write gives the letter its form.
func (l letter) write() message {
	m := message{fields: []string{
		"Date: " + l.at.In(time.FixedZone("", l.east)).Format("Mon, 2 Jan 2006 15:04:05 -0700"),
		"From: " + l.address(l.from),
	}}
	if l.replyTo != "" {
		m.fields = append(m.fields, "Reply-To: "+l.replyTo)
	}
	m.fields = append(m.fields, "To: "+l.address(l.to))
	if l.messageID != "" {
		m.fields = append(m.fields, "Message-ID: "+l.messageID)
	}
	m.fields = append(m.fields, "Subject: "+l.words(l.subject), "MIME-Version: 1.0")
	contentType, transfer, body := l.content()
	m.fields = append(m.fields, "Content-Type: "+contentType)
	if transfer != "" {
		m.fields = append(m.fields, "Content-Transfer-Encoding: "+transfer)
	}
	m.fields = append(m.fields, l.fields...)
	m.body = body
	return m
}

func (l letter) content() (contentType, transfer, body string) {
	if l.body != "" {
		return l.contentType, "", l.body
	}
	text := l.alternatives()
	if len(l.attach) == 0 {
		return text.contentType, text.transfer, text.body
	}
	border := "mixed-" + newSeed(l.subject+l.boundary).hex(24)
	var b strings.Builder
	fmt.Fprintf(&b, "--%s\nContent-Type: %s\n", border, text.contentType)
	if text.transfer != "" {
		fmt.Fprintf(&b, "Content-Transfer-Encoding: %s\n", text.transfer)
	}
	fmt.Fprintf(&b, "\n%s\n", text.body)
	for _, a := range l.attach {
		fmt.Fprintf(&b, "--%s\nContent-Type: %s; name=%q\nContent-Disposition: attachment; filename=%q\nContent-Transfer-Encoding: base64\n\n%s\n",
			border, a.mediaType, a.name, a.name, lines(base64.StdEncoding.EncodeToString(a.data), 76))
	}
	fmt.Fprintf(&b, "--%s--\n", border)
	return fmt.Sprintf("multipart/mixed; boundary=%q", border), "", b.String()
}

type part struct{ contentType, transfer, body string }

func (l letter) alternatives() part {
	switch {
	case l.html == "":
		return l.part("text/plain", l.plain)
	case l.plain == "":
		return l.part("text/html", l.html)
	}
	border := l.boundary
	if border == "" {
		border = "----=_Part_" + newSeed(l.subject+l.messageID).digits(7)
	}
	var b strings.Builder
	for _, p := range []part{l.part("text/plain", l.plain), l.part("text/html", l.html)} {
		fmt.Fprintf(&b, "--%s\nContent-Type: %s\nContent-Transfer-Encoding: %s\n\n%s\n", border, p.contentType, p.transfer, p.body)
	}
	fmt.Fprintf(&b, "--%s--\n", border)
	return part{fmt.Sprintf("multipart/alternative; boundary=%q", border), "", b.String()}
}

func (l letter) part(mediaType, text string) part {
	raw, name := l.encode(text)
	p := part{contentType: mediaType + "; charset=" + name, transfer: l.encoding}
	switch l.encoding {
	case "quoted-printable":
		var b bytes.Buffer
		w := quotedprintable.NewWriter(&b)
		_, err := w.Write(raw)
		must(err)
		must(w.Close())
		p.body = strings.ReplaceAll(b.String(), "\r\n", "\n")
	case "7bit", "8bit":
		p.body = string(raw)
	default:
		p.transfer = "base64"
		p.body = lines(base64.StdEncoding.EncodeToString(raw), 76)
	}
	if !strings.HasSuffix(p.body, "\n") {
		p.body += "\n"
	}
	return p
}

// encode turns text into the letter's charset and returns the charset's name as the letter labels it.
func (l letter) encode(text string) (raw []byte, name string) {
	var err error
	switch l.charset {
	case "iso-2022-jp":
		raw, err = japanese.ISO2022JP.NewEncoder().Bytes([]byte(text))
		name = "ISO-2022-JP"
	case "gb2312":
		raw, err = simplifiedchinese.GBK.NewEncoder().Bytes([]byte(text))
		name = `"gb2312"`
	default:
		return []byte(text), "UTF-8"
	}
	must(err)
	return raw, name
}

// words encodes header text by RFC 2047 where it needs it, in the letter's charset.
func (l letter) words(text string) string {
	if isASCII(text) {
		return text
	}
	if l.charset == "" {
		return strings.ReplaceAll(mime.BEncoding.Encode("UTF-8", text), "?= =?", "?=\n =?")
	}
	// Fourteen characters of two octets and their escapes stay below the 75 of RFC 2047 §2.
	var list []string
	for runes := []rune(text); len(runes) > 0; {
		n := min(14, len(runes))
		raw, name := l.encode(string(runes[:n]))
		list = append(list, "=?"+strings.Trim(name, `"`)+"?B?"+base64.StdEncoding.EncodeToString(raw)+"?=")
		runes = runes[n:]
	}
	return strings.Join(list, "\n ")
}

func (l letter) address(a address) string {
	switch {
	case a.name == "":
		return a.addr
	case !isASCII(a.name):
		return l.words(a.name) + " <" + a.addr + ">"
	}
	return fmt.Sprintf("%q <%s>", a.name, a.addr)
}

func (a address) domain() string { return a.addr[strings.LastIndex(a.addr, "@")+1:] }

// lines breaks text into lines of n bytes, each with its line end.
func lines(text string, n int) string {
	var b strings.Builder
	for len(text) > n {
		b.WriteString(text[:n] + "\n")
		text = text[n:]
	}
	b.WriteString(text + "\n")
	return b.String()
}

func isASCII(text string) bool {
	for i := 0; i < len(text); i++ {
		if text[i] >= 0x80 {
			return false
		}
	}
	return true
}

// must ends the program on an error that only a mistake in it can cause.
func must(err error) {
	if err != nil {
		panic(fmt.Sprintf("gensamples: %v", err))
	}
}
