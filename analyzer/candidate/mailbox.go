package candidate

import "bytes"

// usualMailbox tells for the form in which nearly every name beyond ASCII is written, encoded words and an address:
//
//	=?UTF-8?B?44Ki44Oe44K+44Oz?= <a@example.org>
//
// the words perhaps in quotes. There is nothing in it that reading the field as a mailbox would show and decoding it as text
// would not: what it tells for is tested once.
func usualMailbox(b []byte) bool {
	b = bytes.Trim(b, folding)
	b, quoted := bytes.CutPrefix(b, []byte{'"'})
	words := 0
	for ; bytes.HasPrefix(b, []byte("=?")); words++ {
		n := encodedWord(b)
		if n < 0 {
			return false
		}
		b = bytes.TrimLeft(b[n:], folding)
	}
	if quoted {
		b, quoted = bytes.CutPrefix(b, []byte{'"'})
		if !quoted {
			return false
		}
		b = bytes.TrimLeft(b, folding)
	}
	b, open := bytes.CutPrefix(b, []byte{'<'})
	b, closed := bytes.CutSuffix(b, []byte{'>'})
	if words == 0 || !open || !closed {
		return false
	}
	for _, c := range b {
		if c >= 0x80 || !inWord(c) && c != '@' && c != '.' && c != '-' && c != '_' && c != '+' {
			return false
		}
	}
	return true
}

// folding is the white space between words, line ends included.
const folding = " \t\r\n"

// encodedWord is the length of the encoded-word (RFC 2047 §2) that b starts with, -1 where it is none as the grammar wants
// it. Behind it stands white space, a quote or an address.
func encodedWord(b []byte) int {
	at := len("=?")
	for at < len(b) && (inWord(b[at]) || b[at] == '-' || b[at] == '_') && b[at] < 0x80 {
		at++
	}
	if at == len("=?") || len(b)-at < 3 || b[at] != '?' || b[at+2] != '?' {
		return -1
	}
	if e := b[at+1] | 0x20; e != 'b' && e != 'q' {
		return -1
	}
	for at += 3; at < len(b) && b[at] < 0x80 && (inWord(b[at]) || bytes.IndexByte([]byte("+/=_!*-."), b[at]) >= 0); at++ {
	}
	if len(b)-at < 2 || b[at] != '?' || b[at+1] != '=' {
		return -1
	}
	at += 2
	if at < len(b) && bytes.IndexByte([]byte(folding+"\"<"), b[at]) < 0 {
		return -1
	}
	return at
}
