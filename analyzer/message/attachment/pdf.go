package attachment

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"

	"github.com/klauspost/compress/zlib"

	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/message/htmltext"
)

// Bounds on what is inflated of one PDF. A file with links has them in its first streams; a bomb inflates a thousand to
// one.
const (
	pdfStreams  = 2000
	pdfInflated = 64 << 20
	pdfStream   = 8 << 20
)

// pdfLinks finds the link annotations of a PDF (ISO 32000-1 §12.6.4.7): the strings behind /URI, in plain objects and
// in streams compressed with FlateDecode. The file's structure is not followed: cross-reference tables of hostile
// files have sent many readers into endless loops, and objects are found without them.
func pdfLinks(data []byte, lim limit.Limits) ([]Found, error) {
	if len(data) > lim.Attachment {
		data = data[:lim.Attachment]
	}
	if bytes.Contains(data, []byte("/Encrypt")) {
		return nil, errors.New("attachment: PDF is encrypted")
	}
	var found []Found
	add := func(b []byte) {
		for _, u := range uris(b, lim.Links-len(found)) {
			found = append(found, Found{Target: htmltext.CleanURL(u), From: PDF})
		}
	}
	add(data) // what is not compressed, wherever it stands
	budget := int64(pdfInflated)
	at := 0
	for n := 0; n < pdfStreams && len(found) < lim.Links; n++ {
		i := bytes.Index(data[at:], []byte("stream"))
		if i < 0 {
			break
		}
		at += i + len("stream")
		at += lineEnd(data[at:])
		end := bytes.Index(data[at:], []byte("endstream"))
		if end < 0 {
			end = len(data) - at
		}
		if at+2 <= len(data) && data[at]&0x0f == 8 && budget > 0 {
			out := inflate(data[at:at+end], min(budget, pdfStream))
			budget -= int64(len(out))
			add(out)
		}
		at = min(at+end+len("endstream"), len(data))
	}
	if budget <= 0 {
		return once(found), fmt.Errorf("attachment: PDF inflates to more than %d bytes", pdfInflated)
	}
	return once(found), nil
}

func lineEnd(b []byte) int {
	switch {
	case bytes.HasPrefix(b, []byte("\r\n")):
		return 2
	case len(b) > 0 && (b[0] == '\n' || b[0] == '\r'):
		return 1
	}
	return 0
}

// inflate gives what can be inflated, at most max bytes; damaged data is no reason to lose what came before.
func inflate(b []byte, max int64) []byte {
	z, err := zlib.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil
	}
	defer z.Close()
	var out bytes.Buffer
	// The reader fails on data behind the stream and on cut streams; both are common and neither matters here.
	if _, err := io.Copy(&out, io.LimitReader(z, max)); err != nil {
		return out.Bytes()
	}
	return out.Bytes()
}

// uris reads the strings behind /URI keys.
func uris(b []byte, max int) []string {
	var out []string
	for max > len(out) {
		i := bytes.Index(b, []byte("/URI"))
		if i < 0 {
			return out
		}
		b = b[i+len("/URI"):]
		t := bytes.TrimLeft(b, " \t\r\n\x00\f")
		if len(t) == 0 {
			return out
		}
		switch t[0] {
		case '(':
			out = append(out, textString(literal(t[1:])))
		case '<':
			if len(t) > 1 && t[1] != '<' {
				out = append(out, textString(hexString(t[1:])))
			}
		}
	}
	return out
}

// maxURI bounds one string.
const maxURI = 8192

// literal reads a literal string (ISO 32000-1 §7.3.4.2) behind its opening parenthesis.
func literal(b []byte) []byte {
	out, _ := literalString(b)
	return out
}

// literalString also gives how many bytes it has, its closing parenthesis among them.
func literalString(b []byte) (out []byte, n int) {
	depth, i := 1, 0
	for ; i < len(b) && len(out) < maxURI; i++ {
		switch c := b[i]; c {
		case '(':
			depth++
			out = append(out, c)
		case ')':
			if depth--; depth == 0 {
				return out, i + 1
			}
			out = append(out, c)
		case '\\':
			i++
			if i >= len(b) {
				return out, len(b)
			}
			switch e := b[i]; {
			case e == 'n':
				out = append(out, '\n')
			case e == 'r', e == 't', e == 'b', e == 'f', e == '\n':
			case e == '\r':
				if i+1 < len(b) && b[i+1] == '\n' {
					i++
				}
			case e >= '0' && e <= '7':
				v := 0
				for n := 0; n < 3 && i < len(b) && b[i] >= '0' && b[i] <= '7'; n++ {
					v = v<<3 | int(b[i]-'0')
					i++
				}
				i--
				out = append(out, byte(v))
			default:
				out = append(out, e)
			}
		default:
			out = append(out, c)
		}
	}
	return out, min(i, len(b))
}

func hexString(b []byte) []byte {
	var out []byte
	half, have := byte(0), false
	for _, c := range b {
		var v byte
		switch {
		case c == '>':
			if have {
				out = append(out, half<<4)
			}
			return out
		case c >= '0' && c <= '9':
			v = c - '0'
		case c >= 'a' && c <= 'f':
			v = c - 'a' + 10
		case c >= 'A' && c <= 'F':
			v = c - 'A' + 10
		default:
			continue
		}
		if have {
			out = append(out, half<<4|v)
		}
		half, have = v, !have
		if len(out) >= maxURI {
			return out
		}
	}
	return out
}

// textString reads a text string: UTF-16 with a mark, or bytes.
func textString(b []byte) string {
	if len(b) >= 2 && b[0] == 0xfe && b[1] == 0xff {
		var units []uint16
		for i := 2; i+1 < len(b); i += 2 {
			units = append(units, uint16(b[i])<<8|uint16(b[i+1]))
		}
		return string(utf16.Decode(units))
	}
	return strings.ToValidUTF8(string(b), "\ufffd")
}
