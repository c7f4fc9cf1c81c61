// Package transfer undoes the content transfer encodings of MIME (RFC 2045 §6): base64, quoted-printable and uuencode.
//
// Mail carries text over a channel that once took seven bits and short lines; the encodings survive because everything
// speaks them. Decoding here never fails: a mail program shows what it can of a damaged part, so what can be decoded is
// returned and Damage says what was odd. Decoders are linear in their input and write at most the bytes they are
// allowed to.
package transfer

import "encoding/binary"

// Damage says what a decoder met that its encoding does not allow.
type Damage struct {
	Junk      int  // bytes that are not of the encoding and were passed over (base64) or kept as they are (quoted-printable)
	Truncated bool // the data ends inside a group
	Cut       bool // the limit was reached; the rest was not decoded
}

// Each table holds the six bits of a base64 digit at its place in a 24-bit group; bad marks everything else.
const bad = 1 << 31

type digits [256]uint32

func table(shift uint) *digits {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	var t digits
	for i := range t {
		t[i] = bad
	}
	for i := range len(alphabet) {
		t[alphabet[i]] = uint32(i) << shift
	}
	return &t
}

var digit0, digit1, digit2, digit3 = table(18), table(12), table(6), table(0)

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
			for len(src) > 0 && (digit3[src[0]] == bad) {
				src = src[1:]
			}
			d.Cut = len(src) > 0
			return out[:n], d
		}
		c := src[0]
		src = src[1:]
		switch v := digit3[c]; {
		case v != bad:
			group = group<<6 | v
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
	for {
		// Sixteen digits at a time, with two stores of eight bytes of which six count.
		for len(src)-r >= 16 && len(dst)-w >= 14 {
			s := (*[16]byte)(src[r:])
			a := digit0[s[0]] | digit1[s[1]] | digit2[s[2]] | digit3[s[3]]
			b := digit0[s[4]] | digit1[s[5]] | digit2[s[6]] | digit3[s[7]]
			c := digit0[s[8]] | digit1[s[9]] | digit2[s[10]] | digit3[s[11]]
			d := digit0[s[12]] | digit1[s[13]] | digit2[s[14]] | digit3[s[15]]
			if (a|b|c|d)&bad != 0 {
				break
			}
			o := (*[14]byte)(dst[w:])
			binary.BigEndian.PutUint64(o[:8], uint64(a)<<40|uint64(b)<<16)
			binary.BigEndian.PutUint64(o[6:], uint64(c)<<40|uint64(d)<<16)
			r += 16
			w += 12
		}
		for len(src)-r >= 4 && len(dst)-w >= 3 {
			s := (*[4]byte)(src[r:])
			a := digit0[s[0]] | digit1[s[1]] | digit2[s[2]] | digit3[s[3]]
			if a&bad != 0 {
				break
			}
			o := (*[3]byte)(dst[w:])
			o[0], o[1], o[2] = byte(a>>16), byte(a>>8), byte(a)
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
		if digit3[c] != bad {
			n++
		}
	}
	return n * 6 / 8
}

// Cut tells whether base64 data ends inside a group, without decoding it.
func Cut(src []byte) bool {
	n := 0
	for i := len(src) - 1; i >= 0; i-- {
		if src[i] == '=' {
			return false
		}
		if digit3[src[i]] != bad {
			break
		}
	}
	for _, c := range src {
		if digit3[c] != bad {
			n++
		} else if c == '=' {
			n = 0
		}
	}
	return n%4 != 0
}
