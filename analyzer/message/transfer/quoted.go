package transfer

import "bytes"

const notHex = 0xff

// hex gives the value of a hexadecimal digit; lower case is forbidden by RFC 2045 §6.7 and written all the same.
func hex(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	}
	return notHex
}

// Quoted appends the decoded quoted-printable src to dst, at most limit bytes. An "=" that starts no escape is kept as
// it is, as mail programs do.
func Quoted(dst, src []byte, limit int) ([]byte, Damage) {
	var d Damage
	end := len(dst) + limit
	if need := min(len(src), limit); cap(dst)-len(dst) < need {
		grown := make([]byte, len(dst), len(dst)+need)
		copy(grown, dst)
		dst = grown
	}
	for len(src) > 0 {
		i := bytes.IndexByte(src, '=')
		if i < 0 {
			i = len(src)
		}
		if room := end - len(dst); i > room {
			d.Cut = true
			return append(dst, src[:room]...), d
		}
		dst = append(dst, src[:i]...)
		dst, src = escapes(dst, src[i:], end)
		if len(src) == 0 || src[0] != '=' {
			continue
		}
		if len(dst) >= end {
			d.Cut = true
			return dst, d
		}
		n := softBreak(src)
		if n == 0 {
			d.Junk++
			d.Truncated = d.Truncated || len(src) < 3
			dst = append(dst, '=')
			n = 1
		}
		src = src[n:]
	}
	return dst, d
}

// escapes decodes the escapes that src starts with, up to the limit, and returns what follows. Japanese text is rows of
// them, with single letters between.
func escapes(dst, src []byte, end int) (out, rest []byte) {
	for len(src) >= 3 && len(dst) < end {
		if src[0] != '=' {
			if src[1] != '=' {
				break
			}
			dst = append(dst, src[0])
			src = src[1:]
			continue
		}
		v := uint(hexDigits[src[1]])<<4 | uint(hexDigits[src[2]])
		if v > 0xff {
			break
		}
		dst = append(dst, byte(v))
		src = src[3:]
	}
	return dst, src
}

// hexDigits are the values of hexadecimal digits; of other bytes a number that no digit has, whatever is shifted into it.
var hexDigits = func() (t [256]uint16) {
	for c := range t {
		t[c] = 0x100
		if h := hex(byte(c)); h != notHex {
			t[c] = uint16(h)
		}
	}
	return t
}()

// softBreak is the length of the soft line break that src starts with, with the white space that gateways leave
// before the line end; 0 where there is none. An "=" at the very end of the data is one too.
func softBreak(src []byte) int {
	i := 1
	for i < len(src) && i < 80 && (src[i] == ' ' || src[i] == '\t') {
		i++
	}
	switch {
	case i == len(src):
		return i
	case src[i] == '\n':
		return i + 1
	case src[i] == '\r':
		if i+1 < len(src) && src[i+1] == '\n' {
			return i + 2
		}
		return i + 1
	}
	return 0
}

// Word decodes the "Q" form of an encoded-word (RFC 2047 §4.2), where an underscore is a space.
func Word(src string) []byte {
	out := make([]byte, 0, len(src))
	for i := 0; i < len(src); i++ {
		switch c := src[i]; {
		case c == '_':
			out = append(out, ' ')
		case c == '=' && i+2 < len(src) && hex(src[i+1]) != notHex && hex(src[i+2]) != notHex:
			out = append(out, hex(src[i+1])<<4|hex(src[i+2]))
			i += 2
		default:
			out = append(out, c)
		}
	}
	return out
}

// Percent decodes the %XX escapes of RFC 2231 and of URLs; whatever is no escape is kept.
func Percent(src string) []byte {
	out := make([]byte, 0, len(src))
	for i := 0; i < len(src); i++ {
		if src[i] == '%' && i+2 < len(src) && hex(src[i+1]) != notHex && hex(src[i+2]) != notHex {
			out = append(out, hex(src[i+1])<<4|hex(src[i+2]))
			i += 2
			continue
		}
		out = append(out, src[i])
	}
	return out
}
