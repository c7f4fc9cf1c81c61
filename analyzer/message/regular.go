package message

import (
	"bytes"
	"strings"
)

// Nearly all mail is regular: its structure is written as RFC 2045 and RFC 2046 say, and every program reads the same parts
// in it. A second reader is asked about the rest alone.

// regular reports whether the header of a part leaves no room for two readings: each field about the content at most
// once, written to the letter of RFC 2045 §5.1 and RFC 2183 §2, in a block that ends with an empty line. It may be asked
// during the visit only.
func (p *Part) regular() bool {
	if p.Flat || p.headerOdd || !endsEmpty(p.Header) {
		return false
	}
	var seen [4]bool
	regular := true
	for _, f := range p.fields {
		i := contentField(p.Header[f.name:f.colon])
		if i < 0 {
			continue
		}
		value := unfold(string(p.Header[f.body:f.end]))
		regular = regular && !seen[i] && (i > 1 || strictMedia(value, i == 0))
		seen[i] = true
	}
	if !p.Multipart {
		return regular && p.codec() != codecUnknown
	}
	return regular && seen[0] && identity(p.Encoding) && usualBoundary(p.ContentType.Param("boundary"))
}

// endsEmpty reports whether a header block ends with an empty line, or is one.
func endsEmpty(block []byte) bool {
	rest, ok := bytes.CutSuffix(block, []byte("\n"))
	rest = bytes.TrimSuffix(rest, []byte("\r"))
	return ok && (len(rest) == 0 || rest[len(rest)-1] == '\n')
}

// contentField numbers the fields that say what a part is; -1 for all others, and for those that only look like one.
func contentField(name []byte) int {
	if len(name) < len("content-") || !fold(name[:len("content-")], "content-") {
		return -1
	}
	for i, want := range [...]string{"type", "disposition", "transfer-encoding", "id"} {
		if fold(bytes.TrimRight(name[len("content-"):], " \t"), want) {
			return i
		}
	}
	return -1
}

// identity reports whether a transfer encoding leaves the bytes as they are: a multipart may have no other (RFC 2045 §6.4).
func identity(encoding string) bool {
	switch encoding {
	case "", "7bit", "8bit", "binary":
		return true
	}
	return false
}

// usualBoundary reports whether a boundary has the characters and the length of RFC 2046 §5.1.1, and no blank.
func usualBoundary(b string) bool {
	if b == "" || len(b) > 70 {
		return false
	}
	return strings.IndexFunc(b, func(r rune) bool { return r > 0x7e || !isToken(byte(r)) && !strings.ContainsRune("()+_,-./:=?", r) }) < 0
}

// isToken reports whether c may stand in a token of RFC 2045 §5.1.
func isToken(c byte) bool {
	return c > ' ' && c < 0x7f && strings.IndexByte(`()<>@,;:\"/[]?=`, c) < 0
}

// token cuts a token of RFC 2045 §5.1 off s.
func token(s string) (tok, rest string) {
	i := 0
	for i < len(s) && isToken(s[i]) {
		i++
	}
	return s[:i], s[i:]
}

// strictMedia reports whether s is a media type, or without slash a disposition, with parameters by the letter of RFC 2045
// §5.1: a token or a quoted string each, no name twice, no comment, nothing behind them but one semicolon.
func strictMedia(s string, slash bool) bool {
	head, _, _ := strings.Cut(s, ";")
	rest := s[len(head):]
	if slash != strings.Contains(head, "/") || !usualName(strings.TrimRight(head, " \t")) {
		return false
	}
	var names [8]string
	for n := 0; ; n++ {
		rest = strings.TrimLeft(rest, " \t")
		if rest == "" {
			return true
		}
		if rest[0] != ';' {
			return false
		}
		if rest = strings.TrimLeft(rest[1:], " \t"); rest == "" {
			return true
		}
		var name string
		name, rest = token(rest)
		if name == "" || n == len(names) || !strings.HasPrefix(rest, "=") {
			return false
		}
		for _, before := range names[:n] {
			if strings.EqualFold(before, name) {
				return false
			}
		}
		names[n] = name
		var ok bool
		if rest, ok = strictValue(rest[1:]); !ok {
			return false
		}
	}
}

// usualName reports whether s is a type with its subtype, or a disposition, in the characters that such names have (RFC 6838
// §4.2 allows a few more, which programs read in different ways).
func usualName(s string) bool {
	return usualType(strings.ToLower(s)) || usualType("x/"+strings.ToLower(s))
}

// strictValue cuts a parameter's value off s: a token, or a quoted string of printable ASCII without an escape.
func strictValue(s string) (rest string, ok bool) {
	if !strings.HasPrefix(s, `"`) {
		v, rest := token(s)
		return rest, v != ""
	}
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return s[i+1:], true
		case c == '\\' || c < ' ' || c > 0x7e:
			return "", false
		}
	}
	return "", false
}

// apart reports whether no boundary begins with another, so that each delimiter line belongs to one multipart.
func apart(boundaries []string) bool {
	for i, b := range boundaries {
		for k, other := range boundaries {
			if i != k && strings.HasPrefix(other, b) {
				return false
			}
		}
	}
	return true
}
