// Package transfer undoes the content transfer encodings of MIME (RFC 2045 §6): base64, quoted-printable and uuencode.
//
// Mail carries text over a channel that once took seven bits and short lines; the encodings survive because everything
// speaks them. Decoding here never fails: a mail program shows what it can of a damaged part, so what can be decoded is
// returned and Damage says what was odd. Decoders are linear in their input and write at most the bytes they are
// allowed to.
package transfer

import (
	"encoding/binary"
	"sync"
)

// Damage says what a decoder met that its encoding does not allow.
type Damage struct {
	Junk      int  // bytes that are not of the encoding and were passed over (base64) or kept as they are (quoted-printable)
	Truncated bool // the data ends inside a group
	Cut       bool // the limit was reached; the rest was not decoded
}

// bad marks what is no digit of base64 in the tables.
const bad = 1 << 15

// digits holds the six bits of a digit by its byte.
var digits = func() (t [256]uint16) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	for i := range t {
		t[i] = bad
	}
	for i := range len(alphabet) {
		t[alphabet[i]] = uint16(i)
	}
	return t
}()

// pairs gives the twelve bits of two digits by both their bytes, the first in the low half. Of its 128 KiB text in base64
// touches sixteen, which stay in the first cache. It is made when there is something to decode.
var pairs = sync.OnceValue(func() *[1 << 16]uint16 {
	t := new([1 << 16]uint16)
	for i := range t {
		if hi, lo := digits[i&0xff], digits[i>>8]; hi|lo < bad {
			t[i] = hi<<6 | lo
		} else {
			t[i] = bad
		}
	}
	return t
})

// Base64 appends the decoded src to dst, at most limit bytes.
//
// Line ends and white space are passed over in silence, other foreign bytes are passed over and counted. Padding ends
// a group, and another group may follow: some programs encode each line, or each chunk, by itself. A missing padding
// at the very end is damage, since whatever cut it off may have cut off more.
func Base64(dst, src []byte, limit int) ([]byte, Damage) {
	keep := len(dst) + limit
	dst, d := groups(dst, src, limit+3) // a group that begins within the limit may end behind it
	if len(dst) > keep {
		dst, d.Cut = dst[:keep], true
	}
	return dst, d
}

func groups(dst, src []byte, limit int) ([]byte, Damage) {
	var d Damage
	start := len(dst)
	if need := min(len(src)/4*3+8, limit+8); cap(dst)-start < need {
		grown := make([]byte, start, start+need)
		copy(grown, dst)
		dst = grown
	}
	out := dst[:cap(dst)]
	n, end := start, start+limit
	var group uint32 // digits collected outside of the fast path
	have := 0
	for len(src) > 0 {
		if have == 0 {
			var w, r int
			w, r = quads(out[n:min(end, len(out))], src)
			n += w
			src = src[r:]
			if len(src) == 0 {
				break
			}
		}
		if n+3 > end || n+3 > len(out) {
			for len(src) > 0 && (digits[src[0]] == bad) {
				src = src[1:]
			}
			d.Cut = len(src) > 0
			return out[:n], d
		}
		c := src[0]
		src = src[1:]
		switch v := digits[c]; {
		case v != bad:
			group = group<<6 | uint32(v)
			if have++; have == 4 {
				out[n], out[n+1], out[n+2] = byte(group>>16), byte(group>>8), byte(group)
				n += 3
				group, have = 0, 0
			}
		case c == '=':
			n = flush(out, n, group, have)
			if have == 1 {
				d.Truncated = true
			}
			group, have = 0, 0
		case c == '\n' || c == '\r' || c == ' ' || c == '\t':
		default:
			d.Junk++
		}
	}
	if have > 0 {
		d.Truncated = true
		if n+3 <= len(out) && n+3 <= end {
			n = flush(out, n, group, have)
		}
	}
	return out[:n], d
}

// quads decodes whole groups of four digits up to the first byte that is no digit; single line ends between groups are
// passed over. It returns the bytes written and read.
func quads(dst, src []byte) (w, r int) {
	t := pairs()
	for {
		// Eight digits at a time, with a store of eight bytes of which six count.
		for len(src)-r >= 8 && len(dst)-w >= 8 {
			v := binary.LittleEndian.Uint64(src[r:])
			a, b, c, d := uint64(t[v&0xffff]), uint64(t[v>>16&0xffff]), uint64(t[v>>32&0xffff]), uint64(t[v>>48])
			if (a|b|c|d)&bad != 0 {
				break
			}
			binary.BigEndian.PutUint64(dst[w:], a<<52|b<<40|c<<28|d<<16)
			r += 8
			w += 6
		}
		for len(src)-r >= 4 && len(dst)-w >= 3 {
			v := binary.LittleEndian.Uint32(src[r:])
			a, b := uint32(t[v&0xffff]), uint32(t[v>>16])
			if (a|b)&bad != 0 {
				break
			}
			o, group := (*[3]byte)(dst[w:]), a<<12|b
			o[0], o[1], o[2] = byte(group>>16), byte(group>>8), byte(group)
			r += 4
			w += 3
		}
		before := r
		if r < len(src) && src[r] == '\r' {
			r++
		}
		if r < len(src) && src[r] == '\n' {
			r++
		}
		if r == before {
			return w, r
		}
	}
}

// flush writes the whole bytes of an unfinished group.
func flush(out []byte, n int, group uint32, have int) int {
	switch have {
	case 2:
		out[n] = byte(group >> 4)
		return n + 1
	case 3:
		out[n], out[n+1] = byte(group>>10), byte(group>>2)
		return n + 2
	}
	return n
}

// Base64Size is the number of bytes that src decodes to.
func Base64Size(src []byte) int64 {
	var n int64
	for _, c := range src {
		if digits[c] != bad {
			n++
		}
	}
	return n * 6 / 8
}

// Cut reports whether base64 data ends inside a group, without decoding it.
func Cut(src []byte) bool {
	n := 0
	for i := len(src) - 1; i >= 0; i-- {
		if src[i] == '=' {
			return false
		}
		if digits[src[i]] != bad {
			break
		}
	}
	for _, c := range src {
		if digits[c] != bad {
			n++
		} else if c == '=' {
			n = 0
		}
	}
	return n%4 != 0
}
