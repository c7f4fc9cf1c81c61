package finding

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
)

// encode makes the line of a record whose times are in UTC.
//
// Nearly all lines of a stream are messages, and encoding/json looks at each of their bytes by itself: it took a twentieth of
// a scan of mail that is all Amazon's. So messages have an encoder of their own, as they have a decoder (decode.go). It
// writes what encoding/json writes, which a test holds it to.
func encode(r *Record) ([]byte, error) {
	if r.Message != nil {
		e := encoder{b: make([]byte, 0, 4096+600*len(r.Message.Links))}
		e.open()
		e.key("message")
		e.message(r.Message)
		e.close()
		return append(e.b, '\n'), e.err
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(r)
	return b.Bytes(), err
}

// encoder appends values to b. err is the first that could not be written.
type encoder struct {
	b     []byte
	first bool // the next key is the first of its object
	err   error
}

func (e *encoder) open() {
	e.b = append(e.b, '{')
	e.first = true
}

func (e *encoder) close() {
	e.b = append(e.b, '}')
	e.first = false
}

// key begins a field.
func (e *encoder) key(k string) {
	if !e.first {
		e.b = append(e.b, ',')
	}
	e.first = false
	e.b = append(append(append(e.b, '"'), k...), `":`...)
}

// text writes a field that is always there, some one that is there unless it is empty.
func (e *encoder) text(k, s string) {
	e.key(k)
	e.quote(s)
}

func (e *encoder) some(k, s string) {
	if s != "" {
		e.text(k, s)
	}
}

func (e *encoder) whole(k string, n int64) {
	e.key(k)
	e.b = strconv.AppendInt(e.b, n, 10)
}

func (e *encoder) truth(k string, is bool) {
	e.key(k)
	e.b = strconv.AppendBool(e.b, is)
}

func (e *encoder) maybe(k string, is *bool) {
	if is != nil {
		e.truth(k, *is)
	}
}

func (e *encoder) time(k string, at *time.Time) {
	if at == nil {
		return
	}
	e.key(k)
	e.b = append(e.b, '"')
	b, err := at.AppendText(e.b)
	if err != nil && e.err == nil {
		e.err = fmt.Errorf("%s: %w", k, err)
	}
	e.b = append(b, '"')
}

func (e *encoder) digest(k string, d evidence.Digest) {
	e.key(k)
	e.b = append(e.b, '"')
	if !d.IsZero() {
		e.b = hex.AppendEncode(e.b, d[:])
	}
	e.b = append(e.b, '"')
}

func (e *encoder) texts(k string, list []string) {
	if len(list) == 0 {
		return
	}
	e.key(k)
	e.quotes(list)
}

func (e *encoder) quotes(list []string) {
	e.b = append(e.b, '[')
	for i, s := range list {
		if i > 0 {
			e.b = append(e.b, ',')
		}
		e.quote(s)
	}
	e.b = append(e.b, ']')
}

// objects writes a list unless it is empty.
func objects[T any](e *encoder, k string, list []T, one func(*encoder, *T)) {
	if len(list) == 0 {
		return
	}
	e.key(k)
	e.b = append(e.b, '[')
	for i := range list {
		if i > 0 {
			e.b = append(e.b, ',')
		}
		one(e, &list[i])
	}
	e.b = append(e.b, ']')
}

// quote writes a string (RFC 8259 §7). What is no UTF-8 becomes U+FFFD, and U+2028 and U+2029 are escaped for the sake of
// programs that take JSON for JavaScript.
func (e *encoder) quote(s string) {
	b := append(e.b, '"')
	start := 0 // of what is to be copied as it is
	for i := 0; i < len(s); {
		if n := plainASCII(s[i:]); n > 0 {
			i += n
			continue
		}
		c := s[i]
		if c < utf8.RuneSelf {
			b = append(b, s[start:i]...)
			b = appendEscape(b, c)
			i++
			start = i
			continue
		}
		r, width := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && width == 1:
			b = append(append(b, s[start:i]...), `\ufffd`...)
			start = i + width
		case r == '\u2028', r == '\u2029':
			b = append(append(append(b, s[start:i]...), `\u202`...), hexDigits[r&0xf])
			start = i + width
		}
		i += width
	}
	e.b = append(append(b, s[start:]...), '"')
}

// plainASCII is how many bytes at the beginning of s stand for themselves and are ASCII.
func plainASCII(s string) int {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	n := 0
	for ; len(s)-n >= 8; n += 8 {
		p := s[n : n+8]
		v := uint64(p[0]) | uint64(p[1])<<8 | uint64(p[2])<<16 | uint64(p[3])<<24 | uint64(p[4])<<32 | uint64(p[5])<<40 | uint64(p[6])<<48 | uint64(p[7])<<56
		// Eight bytes at once: below 0x20 taking 0x20 away borrows; what is equal to a quote is zero after its bits are
		// turned, and taking one away borrows.
		quote, backslash := v^ones*'"', v^ones*'\\'
		if ((v-ones*0x20)|(quote-ones)|(backslash-ones)|v)&high != 0 {
			break
		}
	}
	for n < len(s) && s[n] >= 0x20 && s[n] < utf8.RuneSelf && s[n] != '"' && s[n] != '\\' {
		n++
	}
	return n
}

const hexDigits = "0123456789abcdef"

// appendEscape writes an ASCII character that does not stand for itself.
func appendEscape(b []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\b':
		return append(b, '\\', 'b')
	case '\f':
		return append(b, '\\', 'f')
	case '\n':
		return append(b, '\\', 'n')
	case '\r':
		return append(b, '\\', 'r')
	case '\t':
		return append(b, '\\', 't')
	}
	return append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&0xf])
}
