package mapi

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"strconv"
	"unicode/utf8"
)

// write appends the pieces of a part.
func (p *part) write(out *[]piece) {
	add := func(b ...string) {
		for _, s := range b {
			*out = append(*out, piece{text: []byte(s)})
		}
	}
	switch {
	case p.raw != nil:
		add(p.fields)
		*out = append(*out, piece{text: p.raw})
		return
	case p.parts == nil:
		add(p.fields, "Content-Type: "+p.kind+"\r\n\r\n")
		switch {
		case p.message != nil:
			p.message.write(out)
		case p.file != nil:
			*out = append(*out, piece{file: p.file})
		default:
			*out = append(*out, piece{text: p.text})
		}
		return
	}
	b := boundary(p)
	add(p.fields, "Content-Type: "+p.kind+"; boundary=\""+b+"\"\r\n\r\n")
	for _, sub := range p.parts {
		add("--" + b + "\r\n")
		sub.write(out)
		add("\r\n")
	}
	add("--" + b + "--\r\n")
}

// boundary is the boundary of a part of parts. It is a hash of all that stands between, so that nobody can write a text that
// holds it; what is in base64 can't.
func boundary(p *part) string {
	h := sha256.New()
	var walk func(p *part, depth int)
	walk = func(p *part, depth int) {
		io.WriteString(h, strconv.Itoa(depth)+p.fields+p.kind+"\x00")
		h.Write(p.text)
		h.Write(p.raw)
		if p.message != nil {
			walk(p.message, depth+1)
		}
		for _, sub := range p.parts {
			walk(sub, depth+1)
		}
	}
	walk(p, 0)
	return "=_" + hex.EncodeToString(h.Sum(nil)[:15])
}

// crlf ends all lines by CRLF.
func crlf(b []byte) []byte {
	n := 0
	for i, c := range b {
		if c == '\n' && (i == 0 || b[i-1] != '\r') || c == '\r' && (i+1 == len(b) || b[i+1] != '\n') {
			n++
		}
	}
	if n == 0 {
		return b
	}
	out := make([]byte, 0, len(b)+n)
	for i, c := range b {
		switch {
		case c == '\n' && (i == 0 || b[i-1] != '\r'):
			out = append(out, '\r', '\n')
		case c == '\r' && (i+1 == len(b) || b[i+1] != '\n'):
			out = append(out, '\r', '\n')
		default:
			out = append(out, c)
		}
	}
	return out
}

// lineMost is the longest line that a message may have (RFC 5322 §2.1.1).
const lineMost = 998

// encodeText is a text with lines that end by CRLF, as it can be written into a message.
func encodeText(b []byte) (encoding string, out []byte) {
	line, encoding := 0, "7bit"
	for _, c := range b {
		switch {
		case c == '\n':
			line = 0
			continue
		case c == 0:
			return "quoted-printable", quotedPrintable(b)
		case c >= 0x80:
			encoding = "8bit"
		}
		if line++; line > lineMost {
			return "quoted-printable", quotedPrintable(b)
		}
	}
	return encoding, b
}

// quotedPrintable encodes a text (RFC 2045 §6.7).
func quotedPrintable(b []byte) []byte {
	const most, digits = 76, "0123456789ABCDEF"
	out := make([]byte, 0, len(b)+len(b)/8)
	line := 0
	for i, c := range b {
		if c == '\r' && i+1 < len(b) && b[i+1] == '\n' || c == '\n' && i > 0 && b[i-1] == '\r' {
			out = append(out, c)
			line = 0
			continue
		}
		plain := c > ' ' && c < 0x7f && c != '=' || (c == ' ' || c == '\t') && i+1 < len(b) && b[i+1] != '\r'
		n := 3
		if plain {
			n = 1
		}
		if line+n >= most {
			out = append(out, '=', '\r', '\n')
			line = 0
		}
		if plain {
			out = append(out, c)
		} else {
			out = append(out, '=', digits[c>>4], digits[c&15])
		}
		line += n
	}
	return out
}

// lineBytes is how many bytes stand in a line of base64.
const lineBytes = 57

// encodedSize is how long n bytes are in base64 with line ends.
func encodedSize(n int64) int64 {
	lines := (n + lineBytes - 1) / lineBytes
	return (n+2)/3*4 + 2*lines
}

// encoder reads what another reader gives as lines of base64.
type encoder struct {
	r    io.Reader
	in   [100 * lineBytes]byte
	out  []byte // encoded and not read yet
	room []byte
	err  error
}

func newEncoder(r io.Reader) *encoder { return &encoder{r: r} }

func (e *encoder) Read(p []byte) (int, error) {
	for len(e.out) == 0 {
		if e.err != nil {
			return 0, e.err
		}
		n, err := io.ReadFull(e.r, e.in[:])
		if err == io.ErrUnexpectedEOF {
			err = io.EOF
		}
		e.err = err
		e.out = e.room[:0]
		for b := e.in[:n]; len(b) > 0; {
			k := min(len(b), lineBytes)
			e.out = base64.StdEncoding.AppendEncode(e.out, b[:k])
			e.out = append(e.out, '\r', '\n')
			b = b[k:]
		}
		e.room = e.out
	}
	n := copy(p, e.out)
	e.out = e.out[n:]
	return n, nil
}

// clean makes a string fit for a header field: one line, no control characters.
func clean(s string) string {
	out := make([]rune, 0, len(s))
	for _, r := range s {
		switch {
		case r < ' ' || r == 0x7f || r >= 0x80 && r < 0xA0 || r == utf8.RuneError:
			r = ' '
		}
		out = append(out, r)
	}
	return string(bytes.TrimSpace([]byte(string(out))))
}

// printable maps characters that can't stand in a field as they are to none.
func printable(r rune) rune {
	if r <= ' ' || r >= 0x7f || r == '<' || r == '>' {
		return -1
	}
	return r
}
