package finding

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
)

// decodeMessage reads the line of a message record.
//
// A report reads each record twice or three times, and encoding/json took two thirds of the time of making one. So a line in
// the form that Writer gives is read by a decoder that knows this form and no other: keys in the order of the struct, no
// white space, no null. Whatever it does not know, be it valid or not, is encoding/json's: a stream that another program
// wrote, or a later version, is read all the same, only slower.
func decodeMessage(line []byte) (*Message, error) {
	if m := decodeCanonical(line); m != nil {
		return m, nil
	}
	var r Record
	if err := json.Unmarshal(line, &r); err != nil {
		return nil, fmt.Errorf("%w: message: %w", ErrLine, err)
	}
	if r.Message == nil {
		return nil, fmt.Errorf("%w: no message", ErrLine)
	}
	return r.Message, nil
}

// decodeCanonical is decodeMessage for a line as Writer writes it; nil for any other.
func decodeCanonical(line []byte) *Message {
	d := decoder{b: bytes.TrimSuffix(line, []byte("\n"))}
	if !d.plain() {
		return nil
	}
	m := new(Message)
	d.open()
	if !d.key(`"message":`) {
		return nil
	}
	d.message(m)
	d.close()
	if d.bad || d.at != len(d.b) {
		return nil
	}
	return m
}

// decoder reads values from the start of b on. Once it has met something it does not know it is bad, and what it
// returned is of no use.
type decoder struct {
	b       []byte
	at      int
	bad     bool
	first   bool // the next key or element is the first of its object or list
	escapes bool // there are escape sequences in b
}

// plain reports whether b is valid UTF-8 without control characters, so that strings need no look at each character.
func (d *decoder) plain() bool {
	rest := d.b
	for ; len(rest) >= 8; rest = rest[8:] {
		// Eight bytes at once: below 0x20 taking 0x20 away borrows, and the highest bit was not set before.
		if v := binary.LittleEndian.Uint64(rest); (v-0x2020202020202020)&^v&0x8080808080808080 != 0 {
			return false
		}
	}
	for _, c := range rest {
		if c < 0x20 {
			return false
		}
	}
	d.escapes = bytes.IndexByte(d.b, '\\') >= 0
	return utf8.Valid(d.b)
}

func (d *decoder) take(c byte) {
	if d.at < len(d.b) && d.b[d.at] == c {
		d.at++
		return
	}
	d.bad = true
}

func (d *decoder) open() {
	d.take('{')
	d.first = true
}

func (d *decoder) close() {
	d.take('}')
	d.first = false
}

// key reports whether k, with its quotes and colon, comes next, and passes it.
func (d *decoder) key(k string) bool {
	at := d.at
	if !d.first {
		if at == len(d.b) || d.b[at] != ',' {
			return false
		}
		at++
	}
	if len(d.b)-at < len(k) || string(d.b[at:at+len(k)]) != k {
		return false
	}
	d.at, d.first = at+len(k), false
	return true
}

// text reads a string.
func (d *decoder) text() string {
	d.take('"')
	rest := d.b[d.at:]
	end := bytes.IndexByte(rest, '"')
	if d.bad || end < 0 {
		d.bad = true
		return ""
	}
	if d.escapes && bytes.IndexByte(rest[:end], '\\') >= 0 {
		return d.escaped()
	}
	d.at += end + 1
	return string(rest[:end])
}

// escaped reads a string with escape sequences, behind its first quote.
func (d *decoder) escaped() string {
	var b strings.Builder
	for {
		rest := d.b[d.at:]
		i := bytes.IndexAny(rest, `"\`)
		if i < 0 || rest[i] == '\\' && i+1 == len(rest) {
			d.bad = true
			return ""
		}
		b.Write(rest[:i])
		d.at += i + 1
		if rest[i] == '"' {
			return b.String()
		}
		c := rest[i+1]
		d.at++
		switch c {
		case '"', '\\', '/':
			b.WriteByte(c)
		case 'b':
			b.WriteByte('\b')
		case 'f':
			b.WriteByte('\f')
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		case 't':
			b.WriteByte('\t')
		case 'u':
			b.WriteRune(d.unit())
		default:
			d.bad = true
			return ""
		}
	}
}

// unit reads the four digits of a \u escape. Halves of characters, which Writer does not write, are bad.
func (d *decoder) unit() rune {
	if len(d.b)-d.at < 4 {
		d.bad = true
		return 0
	}
	var r rune
	for _, c := range d.b[d.at : d.at+4] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			d.bad = true
		}
		r = r<<4 | rune(c&0xf)
	}
	d.at += 4
	d.bad = d.bad || r >= 0xd800 && r < 0xe000
	return r
}

// whole reads a whole number of up to 18 digits, as all that Writer writes have.
func (d *decoder) whole() int64 {
	start, negative := d.at, d.at < len(d.b) && d.b[d.at] == '-'
	if negative {
		start++
	}
	var n int64
	i := start
	for ; i < len(d.b) && d.b[i] >= '0' && d.b[i] <= '9'; i++ {
		if i-start == 18 {
			d.bad = true
			return 0
		}
		n = n*10 + int64(d.b[i]-'0')
	}
	// No digits, a leading zero, "-0"; what a fraction or an exponent begins with is no end of a value.
	if i == start || d.b[start] == '0' && (negative || i-start > 1) {
		d.bad = true
	}
	d.at = i
	if negative {
		return -n
	}
	return n
}

func (d *decoder) truth() bool {
	rest := d.b[d.at:]
	switch {
	case bytes.HasPrefix(rest, []byte("true")):
		d.at += 4
		return true
	case bytes.HasPrefix(rest, []byte("false")):
		d.at += 5
	default:
		d.bad = true
	}
	return false
}

func (d *decoder) maybe() *bool {
	v := d.truth()
	return &v
}

func (d *decoder) time() *time.Time {
	t, start := new(time.Time), d.at
	text := d.text()
	// encoding/json gives a time its string as it stands, escapes and all.
	if d.at-start != len(text)+2 || t.UnmarshalText([]byte(text)) != nil {
		d.bad = true
	}
	return t
}

func (d *decoder) digest() (v evidence.Digest) {
	if v.UnmarshalText([]byte(d.text())) != nil {
		d.bad = true
	}
	return v
}

// list reads a list whose elements one reads.
func list[T any](d *decoder, one func(*decoder, *T)) []T {
	d.take('[')
	if d.at < len(d.b) && d.b[d.at] == ']' {
		d.at++
		return []T{}
	}
	out := make([]T, 0, 2)
	for !d.bad {
		out = append(out, *new(T))
		one(d, &out[len(out)-1])
		if d.at == len(d.b) || d.b[d.at] != ',' {
			d.take(']')
			break
		}
		d.at++
	}
	return out
}

func (d *decoder) texts() []string {
	return list(d, func(d *decoder, s *string) { *s = d.text() })
}
