package charset

import (
	"encoding/base64"
	"strings"
	"unicode/utf16"
)

// decodeUTF7 reads UTF-7 (RFC 2152): "+", modified base64 of UTF-16, an optional "-". Filters that do not know it see
// only ASCII, which is why mail that wants to hide still uses it.
func decodeUTF7(b []byte) Text {
	var s strings.Builder
	s.Grow(len(b))
	errs := 0
	for i := 0; i < len(b); i++ {
		c := b[i]
		if c >= 0x80 {
			errs++
			s.WriteRune('\ufffd')
			continue
		}
		if c != '+' {
			s.WriteByte(c)
			continue
		}
		j := i + 1
		for j < len(b) && isBase64(b[j]) {
			j++
		}
		run := b[i+1 : j]
		switch {
		case len(run) == 0 && j < len(b) && b[j] == '-':
			s.WriteByte('+')
		case len(run) == 0:
			s.WriteByte('+')
			j--
			i = j
			continue
		default:
			text, bad := utf16Text(run)
			errs += bad
			s.WriteString(text)
		}
		if j < len(b) && b[j] == '-' {
			j++
		}
		i = j - 1
	}
	return Text{Text: s.String(), Charset: utf7Name, Errors: errs}
}

func isBase64(c byte) bool {
	return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/'
}

func utf16Text(run []byte) (string, int) {
	if len(run)%4 == 1 {
		run = run[:len(run)-1]
	}
	raw := make([]byte, base64.RawStdEncoding.DecodedLen(len(run)))
	n, err := base64.RawStdEncoding.Decode(raw, run)
	errs := 0
	if err != nil {
		errs++
	}
	units := make([]uint16, n/2)
	for i := range units {
		units[i] = uint16(raw[2*i])<<8 | uint16(raw[2*i+1])
	}
	s := string(utf16.Decode(units))
	return s, errs + strings.Count(s, "\ufffd")
}
