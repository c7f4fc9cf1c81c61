package attachment

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"

	"github.com/klauspost/compress/flate"

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

// pdfHere bounds what is read of a PDF in this process, in bytes of the file and inflated: bills and letters are smaller, and
// what is larger has time for the way to a child. Nothing foreign runs over it but the inflater that reads archives as well.
const (
	pdfHere         = 2 << 20
	pdfHereInflated = 4 << 20
	pdfAnyInflated  = 1 << 40 // other bounds are reached first
)

// pdfObject stands at the beginning of each object (ISO 32000-1 §7.3.10). No reader shows a file without one, whatever it calls
// itself.
var pdfObject = []byte("obj")

// page is what a PDF holds for its reader: the text of its pages, and its links.
type page struct {
	text  string
	links []Found
	err   error // why there may be more
}

// readPDF reads a PDF: a usual one in this process, in work that is linear and bounded, any other where inspect does it.
func readPDF(ctx context.Context, data []byte, lim limit.Limits, inspect Inspector) page {
	if !bytes.Contains(data, pdfObject) {
		return page{}
	}
	if len(data) <= pdfHere {
		if p, whole := pdfPage(data, lim, pdfHereInflated); whole {
			return p
		}
	}
	if inspect == nil {
		inspect = InProcess
	}
	var p page
	p.links, p.err = inspect(ctx, PDF, data, lim)
	if n := len(p.links) - 1; n >= 0 && p.links[n].From == pdfText {
		p.text, p.links = p.links[n].Shown, p.links[:n:n]
	}
	return p
}

// pdfText marks the answer of an Inspector that is no link but the text of a PDF, the last.
const pdfText = "pdf_text"

// found gives links and text as an Inspector does.
func (p *page) found() []Found {
	if p.text == "" {
		return p.links
	}
	return append(p.links, Found{Shown: p.text, From: pdfText})
}

// pdfPage reads a PDF in one pass over its streams. The file's structure is not followed: cross-reference tables of hostile files
// have sent many readers into endless loops, and objects are found without them.
//
// Links are the strings behind /URI of its annotations (ISO 32000-1 §12.6.4.7), in plain objects and in streams compressed with
// FlateDecode. whole tells that no more than most bytes had to be decoded; else nothing was decided.
func pdfPage(data []byte, lim limit.Limits, most int64) (p page, whole bool) {
	defer func() {
		if v := recover(); v != nil {
			p, whole = page{err: fmt.Errorf("attachment: decoder gave up: %v", v)}, true
		}
	}()
	data = clip(data, lim.Attachment)
	if bytes.Contains(data, []byte("/Encrypt")) {
		return page{err: errors.New("attachment: PDF is encrypted")}, true
	}
	add := func(b []byte) {
		for _, u := range uris(b, lim.Links-len(p.links)) {
			p.links = append(p.links, Found{Target: htmltext.CleanURL(u), From: PDF})
		}
	}
	add(data) // what is not compressed, wherever it stands
	var z inflater
	text := pdfWords{left: pdfTextInflated}
	if len(data) > pdfTextFile {
		text.left = 0
	}
	left := int64(pdfInflated)
	eachStream(data, func(number int, dict, raw []byte) bool {
		if len(p.links) >= lim.Links && text.left <= 0 {
			return false
		}
		forLinks, forText := int64(0), int64(0)
		if len(p.links) < lim.Links && len(raw) > 0 && raw[0]&0x0f == 8 {
			forLinks = min(left, pdfStream)
		}
		kind := text.kind(dict)
		if kind != pdfOther {
			forText = min(text.left, pdfStream)
		}
		var out []byte
		if forLinks > 0 || kind == pdfFlate && forText > 0 {
			out = z.inflate(raw, min(max(forLinks, forText), most+1))
			most -= int64(len(out))
		}
		if forLinks > 0 {
			b := out[:min(int64(len(out)), forLinks)]
			left -= int64(len(b))
			add(b)
		}
		if forText > 0 {
			if kind != pdfFlate {
				out = decodeStream(dict, raw, forText)
				most -= int64(len(out))
			}
			text.stream(number, dict, out[:min(int64(len(out)), forText)])
		}
		return most >= 0
	})
	if most < 0 {
		return page{}, false
	}
	p.text = strings.ToValidUTF8(text.read(data), "\ufffd")
	p.links = once(p.links)
	if left <= 0 {
		p.err = fmt.Errorf("attachment: PDF inflates to more than %d bytes", pdfInflated)
	}
	return p, true
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

// inflater inflates one stream after the other in the same room.
type inflater struct {
	r   io.ReadCloser
	out bytes.Buffer
}

// inflate gives what can be inflated of a stream in the form of zlib (RFC 1950), at most max bytes; damaged data is no reason to
// lose what came before. It is valid until the next is inflated.
func (z *inflater) inflate(b []byte, most int64) []byte {
	z.out.Reset()
	if len(b) < 2 || b[0]&0x0f != 8 || b[0]>>4 > 7 || (int(b[0])<<8|int(b[1]))%31 != 0 || b[1]&0x20 != 0 {
		return nil
	}
	src := bytes.NewReader(b[2:])
	if z.r == nil {
		z.r = flate.NewReader(src)
	} else if err := z.r.(flate.Resetter).Reset(src, nil); err != nil {
		return nil
	}
	// The reader fails on cut streams, which are common and do not matter here.
	_, _ = z.out.ReadFrom(io.LimitReader(z.r, most))
	return z.out.Bytes()
}

// uris reads the strings behind /URI keys.
func uris(b []byte, most int) []string {
	var out []string
	for most > len(out) {
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
