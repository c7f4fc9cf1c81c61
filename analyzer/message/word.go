package message

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/mailaudit/mailaudit/analyzer/message/charset"
	"github.com/mailaudit/mailaudit/analyzer/message/transfer"
)

// DecodeHeader decodes a field body for reading: encoded-words (RFC 2047, RFC 2231 §5), raw 8-bit text and raw
// ISO-2022-JP, in any mixture.
//
// White space between encoded-words is dropped. Neighbouring words of one character set are decoded as one text, since
// senders cut characters, and the state of ISO-2022-JP, at the border of words, which RFC 2047 §5 forbids. Words inside
// quoted strings are decoded too: mail programs do. A word whose end is missing is read up to the end of the field.
func DecodeHeader(s string) string { return DecodeHeaderIn(s, "") }

// DecodeHeaderIn is DecodeHeader for a field whose raw 8-bit text is likely to be in the character set declared, that of the
// message's body: programs that write such fields write all in one set.
func DecodeHeaderIn(s, declared string) string {
	s = unfold(s)
	if !strings.Contains(s, "=?") {
		return decodeRaw(s, declared)
	}
	var out strings.Builder
	out.Grow(len(s))
	words := wordScanner{s: s}
	raw := 0 // start of the text not yet written
	for {
		start, ok := words.next(raw)
		if !ok {
			break
		}
		run, end := words.run(start)
		hint := run[0].charset
		out.WriteString(decodeRaw(s[raw:start], hint))
		for _, group := range run {
			out.WriteString(charset.Decode(group.bytes, group.charset).Text)
		}
		raw = end
	}
	hint := ""
	if words.last != "" {
		hint = words.last
	}
	out.WriteString(decodeRaw(s[raw:], hint))
	return cleanLine(out.String())
}

// decodeRaw decodes header text that is in no encoded-word. hint is the character set of a word beside it, which is
// likely to be that of raw bytes as well.
func decodeRaw(s, hint string) string {
	ascii, escape := true, false
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			ascii = false
		} else if s[i] == 0x1b {
			escape = true
		}
	}
	if !escape && (ascii || utf8.ValidString(s)) {
		return s
	}
	if !ascii && utf8.ValidString(s) {
		hint = ""
	}
	return charset.DecodeLikely([]byte(s), hint).Text
}

// cleanLine makes decoded text one line: encoded-words can hold line ends, which no mail program shows as such.
func cleanLine(s string) string {
	if !strings.ContainsAny(s, "\r\n\x00") {
		return s
	}
	s = strings.ReplaceAll(s, "\x00", "")
	s = strings.ReplaceAll(s, "\r\n", " ")
	return strings.NewReplacer("\r", " ", "\n", " ").Replace(s)
}

// word is one or more encoded-words of one character set, transfer encoding undone.
type word struct {
	charset string
	bytes   []byte
	rest    string // the base64 digits at the end that are no whole group, without padding
	spare   int    // bytes that were made of them
}

// join adds an encoded-word. Programs that cut a long word at a column cut base64 inside a group of four digits as well:
// read by themselves the two halves are broken, read as one text they are whole, which is how mail programs show them.
// Others leave padding away at the end of every word, and there the halves are whole.
func (w *word) join(next encodedWord) {
	text := next.text
	if next.quoted {
		w.bytes, w.rest, w.spare = append(w.bytes, next.decode()...), "", 0
		return
	}
	if w.rest != "" && w.cut(next) {
		w.bytes = w.bytes[:len(w.bytes)-w.spare]
		text = w.rest + text
	}
	w.rest, w.spare = unfinished(text)
	w.bytes = append(w.bytes, encodedWord{text: text}.decode()...)
}

// cut reports whether the group at the end of w goes on in next: where bits are left over that no encoder leaves, and
// where the characters come out better.
func (w *word) cut(next encodedWord) bool {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	left := strings.IndexByte(digits, w.rest[len(w.rest)-1])
	if len(w.rest) == 1 || left&(1<<(2*(4-len(w.rest)))-1) != 0 {
		return true
	}
	head := w.bytes[max(0, len(w.bytes)-w.spare-utf8.UTFMax) : len(w.bytes)-w.spare]
	apart := append(append(bytes.Clone(head), w.bytes[len(w.bytes)-w.spare:]...), next.decode()...)
	whole := append(bytes.Clone(head), encodedWord{text: w.rest + next.text}.decode()...)
	return misread(whole, w.charset) < misread(apart, w.charset)
}

// misread is how badly bytes fit the character set that they are declared to be in.
func misread(b []byte, label string) int {
	t := charset.Decode(b, label)
	if t.Guessed {
		return len(b) + 1
	}
	return t.Errors
}

// unfinished gives the digits behind the last whole group of base64, and how many bytes they make.
func unfinished(text string) (rest string, spare int) {
	var group [4]byte
	n := 0
	for i := range len(text) {
		switch c := text[i]; {
		case c == '=':
			n = 0
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '+', c == '/':
			group[n] = c
			n = (n + 1) % 4
		}
	}
	return string(group[:n]), max(0, n-1)
}

type wordScanner struct {
	s     string
	noEnd int    // 1 + an offset behind which there is no "?=" any more, so that it is not searched for again
	last  string // character set of the last word read
}

// next finds the next encoded-word from offset at.
func (w *wordScanner) next(at int) (int, bool) {
	for at < len(w.s) {
		i := strings.Index(w.s[at:], "=?")
		if i < 0 {
			return 0, false
		}
		at += i
		if _, _, ok := w.find(at); ok {
			return at, true
		}
		at += 2
	}
	return 0, false
}

// run reads the encoded-words from offset at on that have only white space between them.
func (w *wordScanner) run(at int) ([]word, int) {
	var words []word
	for {
		found, end, ok := w.find(at)
		if !ok {
			return words, at
		}
		w.last = found.charset
		if n := len(words); n > 0 && sameCharset(words[n-1].charset, found.charset) {
			words[n-1].join(found)
		} else {
			words = append(words, word{charset: found.charset})
			words[n].join(found)
		}
		next := end
		for next < len(w.s) && (w.s[next] == ' ' || w.s[next] == '\t') {
			next++
		}
		if !strings.HasPrefix(w.s[next:], "=?") {
			return words, end
		}
		if _, _, ok := w.find(next); !ok {
			return words, end
		}
		at = next
	}
}

func sameCharset(a, b string) bool { return a == b || charset.Canonical(a) == charset.Canonical(b) }

// maxToken bounds the charset token of an encoded-word, so that "=?" in ordinary text costs little.
const maxToken = 80

// encodedWord is an encoded-word as written.
type encodedWord struct {
	charset, text string
	quoted        bool // encoding "Q"; otherwise "B"
}

func (c encodedWord) decode() []byte {
	if c.quoted {
		return transfer.Word(c.text)
	}
	out, _ := transfer.Base64(nil, []byte(c.text), len(c.text)+3)
	return out
}

// find reads the encoded-word at offset at: "=?" charset ["*" language] "?" encoding "?" text "?=". It tells where the
// text behind it starts.
func (w *wordScanner) find(at int) (encodedWord, int, bool) {
	s := w.s[at+2:]
	q := strings.IndexByte(s[:min(len(s), maxToken)], '?')
	if q < 0 || q+2 >= len(s) || s[q+2] != '?' {
		return encodedWord{}, 0, false
	}
	label, enc := s[:q], s[q+1]
	if strings.ContainsAny(label, "=<>@,\"") && !strings.Contains(label, "'") {
		return encodedWord{}, 0, false
	}
	if i := strings.IndexByte(label, '*'); i >= 0 {
		label = label[:i]
	}
	body := at + 2 + q + 3
	end, next := len(w.s), len(w.s)
	if w.noEnd == 0 || body < w.noEnd-1 {
		if i := strings.Index(w.s[body:], "?="); i >= 0 {
			end, next = body+i, body+i+2
		} else {
			w.noEnd = body + 1
		}
	}
	// Without its end a word reaches to the next one, if there is one.
	if i := strings.Index(w.s[body:end], "=?"); i >= 0 && (enc == 'B' || enc == 'b') {
		end, next = body+i, body+i
	}
	switch enc {
	case 'B', 'b', 'Q', 'q':
		return encodedWord{label, w.s[body:end], enc|0x20 == 'q'}, next, true
	}
	return encodedWord{}, 0, false
}

// hasEightBit reports whether s has bytes or escapes that DecodeHeader would have to guess at.
func hasEightBit(s string) bool {
	return !charset.IsASCII([]byte(s)) || bytes.IndexByte([]byte(s), 0x1b) >= 0
}
