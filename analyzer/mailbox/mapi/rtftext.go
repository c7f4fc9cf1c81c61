package mapi

import (
	"strings"
	"unicode/utf8"
)

// RTFKind is what a body in RTF was made from.
type RTFKind int

// Kinds of RTF.
const (
	RTF     RTFKind = iota // written as RTF
	RTFHTML                // holds HTML, to be taken out again
	RTFText                // holds plain text
)

// rtfDepth is how deep groups may lie in one another; what lies deeper is passed over.
const rtfDepth = 1000

// rtfGroup is the state of a group, which ends with it.
type rtfGroup struct {
	hidden   bool // a destination that is no text
	rtfOnly  bool // between \htmlrtf and \htmlrtf0: what shows the HTML to programs that know only RTF
	tag      bool // inside \*\htmltag
	codepage int
	skip     int // how many characters stand behind \u for programs that know no Unicode
}

// rtfReader reads RTF.
type rtfReader struct {
	in       []byte
	kind     RTFKind
	out      []byte
	most     int
	group    rtfGroup
	stack    []rtfGroup
	lost     int // groups deeper than rtfDepth
	ansi     int // code page of the document
	fonts    map[int]int
	font     int    // being defined in the font table, -1 for none
	bytes    []byte // 8-bit characters that were not decoded yet
	pending  int    // characters to skip behind \u
	high     rune   // the first half of a surrogate pair
	fontsEnd int    // depth at which the font table ends, -1 outside
}

// ReadRTF takes the text out of RTF: the HTML or the plain text that it was made from, or of other RTF its words. The
// result is UTF-8; most bounds it.
func ReadRTF(b []byte, most int) (text []byte, kind RTFKind) {
	r := &rtfReader{in: b, most: most, ansi: 1252, font: -1, fontsEnd: -1, fonts: map[int]int{}}
	head := string(b[:min(len(b), 1024)])
	switch {
	case strings.Contains(head, `\fromhtml1`):
		r.kind = RTFHTML
	case strings.Contains(head, `\fromtext`):
		r.kind = RTFText
	}
	r.group.skip = 1
	r.read()
	r.flush()
	return r.out, r.kind
}

func (r *rtfReader) read() {
	for i := 0; i < len(r.in) && len(r.out) < r.most; {
		switch c := r.in[i]; c {
		case '{':
			r.flush()
			r.pending = 0
			if len(r.stack) < rtfDepth {
				r.stack = append(r.stack, r.group)
			} else {
				r.lost++
			}
			i++
		case '}':
			r.flush()
			r.pending = 0
			r.pop()
			i++
		case '\\':
			i += r.control(r.in[i:])
		case '\r', '\n', 0:
			i++
		default:
			r.char(c)
			i++
		}
	}
}

func (r *rtfReader) pop() {
	if r.lost > 0 {
		r.lost--
		return
	}
	if n := len(r.stack); n > 0 {
		r.group = r.stack[n-1]
		r.stack = r.stack[:n-1]
		if n-1 < r.fontsEnd {
			r.fontsEnd, r.font = -1, -1
		}
	}
}

// char takes an 8-bit character.
func (r *rtfReader) char(c byte) {
	if r.pending > 0 {
		r.pending--
		return
	}
	if r.shown() {
		r.bytes = append(r.bytes, c)
	}
}

// shown reports whether text is text now.
func (r *rtfReader) shown() bool { return !r.group.hidden && !r.group.rtfOnly && r.lost == 0 }

// flush decodes the 8-bit characters that were gathered.
func (r *rtfReader) flush() {
	if len(r.bytes) == 0 {
		return
	}
	page := r.group.codepage
	if page == 0 {
		page = r.ansi
	}
	r.out = append(r.out, Decode(page, r.bytes)...)
	r.bytes = r.bytes[:0]
}

// text writes characters that are not in a code page.
func (r *rtfReader) text(s string) {
	r.flush()
	if r.shown() {
		r.out = append(r.out, s...)
	}
}

// control reads a control word or symbol, which begins with a backslash, and returns its length.
func (r *rtfReader) control(b []byte) int {
	if len(b) < 2 {
		return 1
	}
	c := b[1]
	if !letter(c) {
		return r.symbol(b)
	}
	n := 1
	for n < len(b) && n < 64 && letter(b[n]) {
		n++
	}
	word := string(b[1:n])
	arg, has := 0, false
	end, sign := n, 1
	if end < len(b) && b[end] == '-' {
		sign = -1
		end++
	}
	for end < len(b) && b[end] >= '0' && b[end] <= '9' {
		if arg < 1e8 {
			arg = 10*arg + int(b[end]-'0')
		}
		end++
		has = true
	}
	if has {
		n, arg = end, sign*arg
	}
	if n < len(b) && b[n] == ' ' {
		n++
	}
	if word == "bin" { // binary data, of which nothing is text
		return min(len(b), n+max(0, arg))
	}
	r.word(word, arg, has)
	return n
}

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// symbol reads a control symbol.
func (r *rtfReader) symbol(b []byte) int {
	switch c := b[1]; c {
	case '\'':
		if len(b) < 4 {
			return len(b)
		}
		hi, lo := unhex(b[2]), unhex(b[3])
		if hi >= 0 && lo >= 0 {
			r.char(byte(hi<<4 | lo))
		}
		return 4
	case '*':
		// What a destination is that begins so is told by the word behind: one that is not known is no text.
		if tag, n := htmlTag(b[2:]); r.kind == RTFHTML && tag {
			r.flush()
			r.group.tag = true
			return 2 + n
		}
		r.flush()
		r.group.hidden = true
		return 2
	case '{', '}', '\\':
		r.char(c)
	case '~':
		r.special("&nbsp;", "\u00A0")
	case '_':
		r.special("&shy;", "\u00AD")
	case '\r', '\n':
		r.word("par", 0, false)
	}
	return 2
}

// htmlTag reports whether b begins with \htmltag, and how long that is.
func htmlTag(b []byte) (ok bool, n int) {
	const word = `\htmltag`
	if len(b) < len(word) || string(b[:len(word)]) != word {
		return false, 0
	}
	n = len(word)
	for n < len(b) && b[n] >= '0' && b[n] <= '9' {
		n++
	}
	if n < len(b) && b[n] == ' ' {
		n++
	}
	return true, n
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

// special writes a character that HTML names.
func (r *rtfReader) special(html, plain string) {
	if r.pending > 0 {
		r.pending--
		return
	}
	if r.kind == RTFHTML && !r.group.tag {
		r.text(html)
		return
	}
	r.text(plain)
}

// rtfSpecial are control words that stand for a character, as HTML and as plain text.
var rtfSpecial = map[string][2]string{
	"par": {"\r\n", "\r\n"}, "line": {"\r\n", "\r\n"}, "row": {"", "\r\n"}, "sect": {"", "\r\n"}, "page": {"", "\r\n"}, "tab": {"\t", "\t"}, "cell": {"", "\t"},
	"lquote": {"&lsquo;", "‘"}, "rquote": {"&rsquo;", "’"}, "ldblquote": {"&ldquo;", "“"}, "rdblquote": {"&rdquo;", "”"},
	"bullet": {"&bull;", "•"}, "endash": {"&ndash;", "–"}, "emdash": {"&mdash;", "—"}, "enspace": {"&ensp;", " "}, "emspace": {"&emsp;", " "},
}

// rtfHidden are destinations without text.
var rtfHidden = map[string]bool{
	"fonttbl": true, "colortbl": true, "stylesheet": true, "info": true, "pict": true, "object": true, "header": true, "footer": true,
	"headerl": true, "headerr": true, "headerf": true, "footerl": true, "footerr": true, "footerf": true, "footnote": true, "listtext": true, "pntext": true,
	"themedata": true, "colorschememapping": true, "datastore": true, "latentstyles": true, "fldinst": true, "xe": true, "tc": true, "generator": true,
}

// word obeys a control word.
func (r *rtfReader) word(word string, arg int, has bool) {
	switch word {
	case "u":
		r.unicode(arg)
		return
	case "uc":
		r.group.skip = min(max(0, arg), 16)
		return
	case "ansicpg":
		r.flush()
		if arg > 0 {
			r.ansi = arg
		}
		return
	case "htmlrtf":
		r.flush()
		r.group.rtfOnly = !has || arg != 0
		return
	case "fonttbl":
		r.fontsEnd = len(r.stack)
	case "f":
		r.flush()
		if r.fontsEnd >= 0 {
			r.font = arg
		} else {
			r.group.codepage = r.fonts[arg]
		}
		return
	case "fcharset":
		if r.fontsEnd >= 0 && r.font >= 0 && len(r.fonts) < 10_000 {
			r.fonts[r.font] = charsetCodepage(arg)
		}
		return
	case "plain":
		r.flush()
		r.group.codepage = 0
		return
	}
	if rtfHidden[word] {
		r.flush()
		r.group.hidden = true
		return
	}
	if s, ok := rtfSpecial[word]; ok {
		if r.pending > 0 {
			r.pending--
			return
		}
		if r.kind == RTFHTML {
			r.text(s[0])
		} else {
			r.text(s[1])
		}
	}
}

// unicode writes the character of \u, which is signed and of 16 bits, and passes over what stands for it.
func (r *rtfReader) unicode(arg int) {
	r.flush()
	c := rune(uint16(arg))
	switch {
	case c >= 0xD800 && c < 0xDC00:
		r.high = c
	case c >= 0xDC00 && c < 0xE000:
		if r.high != 0 {
			r.text(string((r.high-0xD800)<<10 + (c - 0xDC00) + 0x10000))
		} else {
			r.text(string(utf8.RuneError))
		}
		r.high = 0
	default:
		r.high = 0
		r.text(string(c))
	}
	r.pending = r.group.skip
}

// charsetCodepage is the code page of a character set of Windows' fonts.
func charsetCodepage(n int) int {
	switch n {
	case 0:
		return 1252
	case 77:
		return 10000
	case 128:
		return 932
	case 129:
		return 949
	case 134:
		return 936
	case 136:
		return 950
	case 161:
		return 1253
	case 162:
		return 1254
	case 163:
		return 1258
	case 177:
		return 1255
	case 178:
		return 1256
	case 186:
		return 1257
	case 204:
		return 1251
	case 222:
		return 874
	case 238:
		return 1250
	case 255:
		return 437
	}
	return 0
}
