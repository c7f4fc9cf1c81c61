package attachment

import (
	"bytes"
	"encoding/ascii85"
	"io"
	"strconv"
	"strings"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"

	"github.com/mailaudit/mailaudit/analyzer/message/charset"
)

// Bounds of reading the text of a PDF. One that is sent instead of a text has a page or two: its streams of operators
// have some ten kilobytes, its fonts more.
const (
	pdfTextFile     = 4 << 20 // of a larger file no text is read
	pdfTextInflated = 16 << 20
	pdfObjects      = 20_000
	pdfDict         = 4096    // how far before a stream its dictionary is looked for
	pdfCodes        = 200_000 // codes that are read of the maps of all fonts; a font of Japanese has some thousand
)

// pdfFont is how the bytes of strings shown in a font become text.
type pdfFont struct {
	codes   map[string]string // of the font's ToUnicode map (ISO 32000-1 §9.10.3)
	longest int               // bytes of the longest code in it
	set     string            // character set of a predefined map (§9.7.5.2); "" for none
	blind   bool              // a composite font without either: its codes say nothing
}

// pdfWords gathers the text that the pages of a PDF show (ISO 32000-1 §9.4.3), in the order in which it stands in the file. As with
// links, the structure is not followed: fonts are known by the names that resource dictionaries give them, whichever page
// they belong to.
type pdfWords struct {
	left     int64          // bytes that may still be decoded
	contents [][]byte       // what pages are written with
	packed   [][2][]byte    // object streams with their dictionaries
	maps     map[int][]byte // CMap streams by object
}

// pdfKind is how a stream is decoded for its text.
type pdfKind byte

const (
	pdfOther pdfKind = iota // not at all: it has none
	pdfFlate                // it is inflated
	pdfPlain                // as decodeStream does
)

func (w *pdfWords) kind(dict []byte) pdfKind {
	switch has := func(name string) bool { return bytes.Contains(dict, []byte(name)) }; {
	case w.left <= 0, has("/Image"), has("/XRef"), has("/FontFile"):
		return pdfOther
	case has("/Fl") && !has("/ASCII85Decode") && !has("/A85"):
		return pdfFlate
	}
	return pdfPlain
}

// stream takes a decoded stream; its bytes are not kept.
func (w *pdfWords) stream(number int, dict, body []byte) {
	w.left -= int64(len(body))
	switch has := func(word string) bool { return bytes.Contains(body, []byte(word)) }; {
	case bytes.Contains(dict, []byte("/ObjStm")):
		w.packed = append(w.packed, [2][]byte{dict, bytes.Clone(body)})
	case has("begincmap"):
		if w.maps == nil {
			w.maps = make(map[int][]byte)
		}
		w.maps[number] = bytes.Clone(body)
	case has("BT") && (has("Tj") || has("TJ") || has("'")):
		w.contents = append(w.contents, bytes.Clone(body))
	}
}

// read gives the text.
func (w *pdfWords) read(data []byte) string {
	if len(w.contents) == 0 {
		return ""
	}
	objects := make(map[int][]byte)
	note := func(n int, body []byte) {
		if _, known := objects[n]; !known && len(objects) < pdfObjects {
			objects[n] = body
		}
	}
	plainObjects(data, note)
	for _, p := range w.packed {
		streamObjects(p[0], p[1], note)
	}
	fonts := pdfFonts(data, objects, w.maps)
	var out strings.Builder
	for _, c := range w.contents {
		if out.Len() > longestText {
			break
		}
		w := pdfWriter{out: &out, fonts: fonts}
		w.run(c)
		out.WriteByte('\n')
	}
	return out.String()
}

// eachStream calls f for the streams of a file, until it returns false.
func eachStream(data []byte, f func(number int, dict, raw []byte) bool) {
	at := 0
	for range pdfStreams {
		i := bytes.Index(data[at:], []byte("stream"))
		if i < 0 {
			return
		}
		dict := data[max(at, at+i-pdfDict) : at+i]
		number := 0
		if o := bytes.LastIndex(dict, []byte("obj")); o >= 0 {
			number = objectNumber(dict[:o])
			dict = dict[o:]
		}
		at += i + len("stream")
		at += lineEnd(data[at:])
		end := bytes.Index(data[at:], []byte("endstream"))
		if end < 0 {
			end = len(data) - at
		}
		if !f(number, dict, data[at:at+end]) {
			return
		}
		at = min(at+end+len("endstream"), len(data))
	}
}

// decodeStream undoes the filters that text has: FlateDecode, alone or under ASCII85Decode.
func decodeStream(dict, raw []byte, most int64) []byte {
	if bytes.Contains(dict, []byte("/ASCII85Decode")) || bytes.Contains(dict, []byte("/A85")) {
		if i := bytes.Index(raw, []byte("~>")); i >= 0 {
			raw = raw[:i]
		}
		raw, _ = io.ReadAll(io.LimitReader(ascii85.NewDecoder(bytes.NewReader(raw)), most)) // damaged: as far as it goes
	}
	if bytes.Contains(dict, []byte("/Fl")) {
		return new(inflater).inflate(raw, most)
	}
	return raw[:min(int64(len(raw)), most)]
}

// objectNumber is N of "N G " at the end of b, 0 for none.
func objectNumber(b []byte) int {
	words := bytes.Fields(b[max(0, len(b)-32):])
	if len(words) < 2 {
		return 0
	}
	n, err := strconv.Atoi(string(words[len(words)-2]))
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// plainObjects finds objects that are not compressed (§7.3.10), without their streams.
func plainObjects(data []byte, note func(int, []byte)) {
	for at, n := 0, 0; n < pdfObjects; n++ {
		i := bytes.Index(data[at:], []byte(" obj"))
		if i < 0 {
			return
		}
		number := objectNumber(append(bytes.Clone(data[max(0, at+i-24):at+i]), ' '))
		at += i + len(" obj")
		body := data[at:min(len(data), at+pdfDict)]
		for _, end := range []string{"endobj", "stream"} {
			if e := bytes.Index(body, []byte(end)); e >= 0 {
				body = body[:e]
			}
		}
		note(number, body)
	}
}

// streamObjects finds the objects of an object stream (§7.5.7): pairs of number and offset, then the objects from /First on.
func streamObjects(dict, body []byte, note func(int, []byte)) {
	first := dictNumber(dict, "/First")
	if first <= 0 || first > len(body) {
		return
	}
	pairs := bytes.Fields(body[:first])
	for i := 0; i+1 < len(pairs); i += 2 {
		number, err1 := strconv.Atoi(string(pairs[i]))
		offset, err2 := strconv.Atoi(string(pairs[i+1]))
		if err1 != nil || err2 != nil || offset < 0 || offset > len(body)-first {
			return
		}
		end := len(body)
		if i+3 < len(pairs) {
			if next, err := strconv.Atoi(string(pairs[i+3])); err == nil && next >= offset && next <= len(body)-first {
				end = first + next
			}
		}
		note(number, body[first+offset:min(end, first+offset+pdfDict)])
	}
}

// dictNumber is the number behind a key, or the object that it refers to; 0 for none.
func dictNumber(dict []byte, key string) int {
	i := bytes.Index(dict, []byte(key))
	if i < 0 {
		return 0
	}
	words := bytes.FieldsFunc(dict[i+len(key):min(len(dict), i+len(key)+32)], func(r rune) bool { return r == ' ' || r == '\n' || r == '\r' || r == '\t' || r == '[' })
	if len(words) == 0 {
		return 0
	}
	digits := words[0]
	for j, c := range digits {
		if c < '0' || c > '9' {
			digits = digits[:j]
			break
		}
	}
	n, err := strconv.Atoi(string(digits))
	if err != nil {
		return 0
	}
	return n
}

// predefined are the character sets of the predefined maps that text of East Asia is written with (§9.7.5.2, table 118).
var predefined = []struct{ name, set string }{
	{"/90ms-RKSJ", "shift_jis"}, {"/90msp-RKSJ", "shift_jis"}, {"/90pv-RKSJ", "shift_jis"}, {"/EUC-", "euc-jp"},
	{"-UCS2-", "utf-16be"}, {"-UTF16-", "utf-16be"}, {"/GBK", "gbk"}, {"/GB-EUC", "gbk"}, {"/ETen", "big5"}, {"/B5pc", "big5"}, {"/KSC", "euc-kr"},
}

// pdfFonts finds the fonts by the names that content streams use.
func pdfFonts(data []byte, objects map[int][]byte, maps map[int][]byte) map[string]*pdfFont {
	byNumber := make(map[int]*pdfFont)
	codes := pdfCodes
	font := func(n int) *pdfFont {
		if f, known := byNumber[n]; known {
			return f
		}
		f := &pdfFont{}
		byNumber[n] = f
		dict := objects[n]
		if cmap := maps[dictNumber(dict, "/ToUnicode")]; cmap != nil {
			f.read(cmap, &codes)
		}
		for _, p := range predefined {
			if len(f.codes) == 0 && f.set == "" && bytes.Contains(dict, []byte(p.name)) {
				f.set = p.set
			}
		}
		f.blind = bytes.Contains(dict, []byte("/Type0")) && len(f.codes) == 0 && f.set == ""
		return f
	}
	fonts := make(map[string]*pdfFont)
	// resources reads "/F1 5 0 R /F2 6 0 R" up to the end of the dictionary.
	resources := func(b []byte) {
		if end := bytes.Index(b, []byte(">>")); end >= 0 {
			b = b[:end]
		}
		b = b[:min(len(b), pdfDict)]
		for len(fonts) < 1000 {
			i := bytes.IndexByte(b, '/')
			if i < 0 {
				return
			}
			b = b[i+1:]
			n := bytes.IndexAny(b, " \t\r\n/<>[]()")
			if n <= 0 {
				return
			}
			name := string(b[:n])
			if number := dictNumber(b, name); number > 0 && fonts[name] == nil {
				fonts[name] = font(number)
			}
		}
	}
	find := func(b []byte) {
		for n := 0; n < 200; n++ {
			i := bytes.Index(b, []byte("/Font"))
			if i < 0 {
				return
			}
			b = b[i+len("/Font"):]
			t := bytes.TrimLeft(b[:min(len(b), 64)], " \t\r\n")
			switch {
			case bytes.HasPrefix(t, []byte("<<")):
				resources(b[bytes.Index(b, []byte("<<"))+2:])
			case len(t) > 0 && t[0] >= '0' && t[0] <= '9':
				if body := objects[dictNumber(append([]byte("/Font "), t...), "/Font")]; body != nil {
					resources(bytes.TrimLeft(body, " \t\r\n<"))
				}
			}
		}
	}
	find(data)
	for _, n := range sortedKeys(objects) {
		find(objects[n])
	}
	return fonts
}

// read reads a ToUnicode map: "beginbfchar <code> <text> …", "beginbfrange <from> <to> <text>" or "[<text> …]".
func (f *pdfFont) read(cmap []byte, codes *int) {
	f.codes = make(map[string]string)
	add := func(code []byte, text string) bool {
		if *codes--; *codes < 0 || len(code) == 0 || len(code) > 4 || len(text) > maxURI {
			return false
		}
		f.codes[string(code)] = text
		f.longest = max(f.longest, len(code))
		return true
	}
	var strs [][]byte
	list, inList, ranges, chars := [][]byte(nil), false, false, false
	for i := 0; i < len(cmap); {
		switch c := cmap[i]; {
		case c == '<' && i+1 < len(cmap) && cmap[i+1] != '<':
			end := bytes.IndexByte(cmap[i:], '>')
			if end < 0 {
				return
			}
			s := hexString(cmap[i+1 : i+end+1])
			i += end + 1
			if inList {
				list = append(list, s)
				continue
			}
			strs = append(strs, s)
			switch {
			case chars && len(strs) == 2:
				add(strs[0], utf16Bytes(strs[1]))
				strs = nil
			case ranges && len(strs) == 3:
				span(strs[0], strs[1], strs[2], add)
				strs = nil
			}
		case c == '[':
			inList, list = true, nil
			i++
		case c == ']':
			if inList && ranges && len(strs) == 2 {
				code := bytes.Clone(strs[0])
				for _, s := range list {
					add(code, utf16Bytes(s))
					next(code)
				}
			}
			strs, inList = nil, false
			i++
		case c == 'b' && bytes.HasPrefix(cmap[i:], []byte("beginbfchar")):
			chars, ranges, strs = true, false, nil
			i += len("beginbfchar")
		case c == 'b' && bytes.HasPrefix(cmap[i:], []byte("beginbfrange")):
			chars, ranges, strs = false, true, nil
			i += len("beginbfrange")
		case c == 'e' && bytes.HasPrefix(cmap[i:], []byte("endbf")):
			chars, ranges, strs = false, false, nil
			i += len("endbf")
		default:
			i++
		}
		if !chars && !ranges && len(strs) > 8 {
			strs = nil
		}
	}
}

// span adds a range of codes whose texts follow one another.
func span(from, to, text []byte, add func([]byte, string) bool) {
	if len(from) != len(to) || len(text) < 2 {
		return
	}
	code, text := bytes.Clone(from), bytes.Clone(text)
	for range 0x10000 {
		if !add(code, utf16Bytes(text)) || bytes.Compare(code, to) >= 0 {
			return
		}
		next(code)
		next(text)
	}
}

// next counts a big-endian number up.
func next(b []byte) {
	for i := len(b) - 1; i >= 0; i-- {
		if b[i]++; b[i] != 0 {
			return
		}
	}
}

func utf16Bytes(b []byte) string {
	units := make([]uint16, 0, len(b)/2)
	for i := 0; i+1 < len(b); i += 2 {
		units = append(units, uint16(b[i])<<8|uint16(b[i+1]))
	}
	return string(utf16.Decode(units))
}

// text is what a string shown in the font says.
func (f *pdfFont) text(b []byte) string {
	switch {
	case f == nil:
	case f.blind:
		return ""
	case f.set != "":
		return charset.Decode(b, f.set).Text
	case len(f.codes) > 0:
		var out strings.Builder
		for len(b) > 0 {
			n := min(f.longest, len(b))
			for ; n > 1; n-- {
				if _, ok := f.codes[string(b[:n])]; ok {
					break
				}
			}
			t, ok := f.codes[string(b[:n])]
			if !ok {
				n = min(f.longest, len(b))
			}
			out.WriteString(t)
			b = b[n:]
		}
		return out.String()
	}
	out, err := charmap.Windows1252.NewDecoder().Bytes(b)
	if err != nil {
		return ""
	}
	return string(out)
}
