package maildir

import (
	"encoding/base64"
	"strings"
	"unicode/utf16"
)

// utf7 is the alphabet of IMAP's modified UTF-7: "," stands for "/", and there is no padding.
var utf7 = base64.NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,").WithPadding(base64.NoPadding)

// DecodeName decodes a folder name in modified UTF-7 (RFC 3501 §5.1.3). A name that isn't valid modified UTF-7, "R&D" or
// one in UTF-8, is returned as it is.
func DecodeName(s string) string {
	if strings.IndexByte(s, '&') < 0 {
		return s
	}
	var b strings.Builder
	for rest := s; rest != ""; {
		plain, coded, ok := strings.Cut(rest, "&")
		b.WriteString(plain)
		if !ok {
			break
		}
		coded, after, ok := strings.Cut(coded, "-")
		if !ok {
			return s
		}
		rest = after
		if coded == "" {
			b.WriteByte('&')
			continue
		}
		raw, err := utf7.DecodeString(coded)
		if err != nil || len(raw)%2 != 0 {
			return s
		}
		units := make([]uint16, len(raw)/2)
		for i := range units {
			units[i] = uint16(raw[2*i])<<8 | uint16(raw[2*i+1])
		}
		for _, r := range utf16.Decode(units) {
			if r == 0xfffd || r < 0x20 || r == '/' {
				return s
			}
			b.WriteRune(r)
		}
	}
	return b.String()
}
