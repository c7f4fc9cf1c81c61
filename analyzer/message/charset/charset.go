// Package charset turns the bytes of mail text into UTF-8.
//
// A text part says which character set it is in, and the statement is often wrong: labels are misspelt, invented by
// spamware, or copied from another part; the bytes are in a superset of what the label says; there is no label. Decode
// reads text as a mail program does that wants to show something readable: first the declared set, then UTF-8 where
// the bytes are valid, then ISO-2022-JP where its escapes are there, then whichever of the common sets leaves the
// fewest errors. Where the declared set leaves only a few errors it stays: a broken byte or two is damage, not another
// character set.
package charset

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
)

// Text is decoded text.
type Text struct {
	Text string // valid UTF-8; what could not be decoded is U+FFFD
	// Charset is the canonical name of the character set used, lower case: "utf-8", "iso-2022-jp", "shift_jis", …
	Charset string
	Errors  int  // places that could not be decoded
	Guessed bool // the declared set was missing, unknown or did not fit
	Unknown bool // a set was declared that is not known
}

// canonical names handled here and not by x/text, or handled better.
const (
	utf8Name  = "utf-8"
	asciiName = "us-ascii"
	jisName   = "iso-2022-jp"
	utf7Name  = "utf-7"
)

// aliases maps labels as senders write them to canonical names. Labels x/text knows need no entry. Seen in mail of
// Japanese carriers and clients (cp50220, eucJP-ms, x-sjis), Outlook (iso-2022-jp-ms) and spamware (cp-850).
var aliases = map[string]string{
	"ascii": asciiName, "us-ascii": asciiName, "usascii": asciiName, "us": asciiName, "ansi_x3.4-1968": asciiName,
	"7bit": asciiName, "8bit": "", "y": "", "none": "", "default": "", "default_charset": "", "unknown": "",
	"unknown-8bit": "", "x-unknown": "", "binary": "", "x-user-defined": "", "not-a-param-value": "",
	"utf8": utf8Name, "utf-8": utf8Name, "utf_8": utf8Name, "unicode-1-1-utf-8": utf8Name, "utf8mb4": utf8Name, "unicode": "utf-16",
	"utf-8-sig": utf8Name, "cp65001": utf8Name, "x-utf-8": utf8Name, "utf-8n": utf8Name,
	"utf-7": utf7Name, "utf7": utf7Name, "unicode-1-1-utf-7": utf7Name, "cp65000": utf7Name, "x-unicode-2-0-utf-7": utf7Name,
	"iso-2022-jp": jisName, "iso2022jp": jisName, "iso-2022-jp-ms": jisName, "iso-2022-jp-1": jisName, "iso-2022-jp-2": jisName,
	"iso-2022-jp-3": jisName, "iso-2022-jp-2004": jisName, "iso-2022-jp-ext": jisName, "cp50220": jisName, "cp50221": jisName,
	"cp50222": jisName, "csiso2022jp": jisName, "jis": jisName, "jis7": jisName, "x-jis": jisName, "iso_2022-jp": jisName,
	"windows-50220": jisName, "windows-50221": jisName, "_iso-2022-jp$esc": jisName, "_iso-2022-jp$sio": jisName, "iso-2022jp": jisName,
	"cp932": "shift_jis", "ms932": "shift_jis", "windows-31j": "shift_jis", "cswindows31j": "shift_jis", "x-sjis": "shift_jis",
	"sjis": "shift_jis", "shift-jis": "shift_jis", "shiftjis": "shift_jis", "shift_jis": "shift_jis", "ms_kanji": "shift_jis",
	"sjis-win": "shift_jis", "x-ms-cp932": "shift_jis", "windows-932": "shift_jis", "shift_jis-2004": "shift_jis",
	"shift_jisx0213": "shift_jis", "shift_jis_2004": "shift_jis", "ibm943": "shift_jis", "cp943": "shift_jis", "943": "shift_jis", "932": "shift_jis",
	"euc-jp": "euc-jp", "eucjp": "euc-jp", "euc_jp": "euc-jp", "ujis": "euc-jp", "eucjp-ms": "euc-jp", "eucjp-win": "euc-jp",
	"euc-jp-ms": "euc-jp", "cp51932": "euc-jp", "x-euc-jp": "euc-jp", "x-euc": "euc-jp", "euc-jisx0213": "euc-jp", "eucjpms": "euc-jp",
	"euc-jis-2004": "euc-jp", "cp20932": "euc-jp",
	"gb2312": "gbk", "gbk": "gbk", "cp936": "gbk", "ms936": "gbk", "windows-936": "gbk", "euc-cn": "gbk", "x-gbk": "gbk",
	"gb_2312-80": "gbk", "936": "gbk", "gb18030": "gb18030", "gb-18030": "gb18030", "hz": "hz-gb-2312", "hz-gb-2312": "hz-gb-2312",
	"big5": "big5", "cp950": "big5", "ms950": "big5", "big5-hkscs": "big5", "x-x-big5": "big5", "cn-big5": "big5",
	"euc-kr": "euc-kr", "cp949": "euc-kr", "ms949": "euc-kr", "ks_c_5601-1987": "euc-kr", "uhc": "euc-kr", "windows-949": "euc-kr",
	"latin1": "windows-1252", "latin-1": "windows-1252", "iso-8859-1": "windows-1252", "iso8859-1": "windows-1252", "iso_8859-1": "windows-1252",
	"iso-8859-1-windows-3.1-latin-1": "windows-1252", "cp1252": "windows-1252", "ansi": "windows-1252", "x-ansi": "windows-1252",
	"iso8859-15": "iso-8859-15", "latin9": "iso-8859-15", "cp1251": "windows-1251", "win-1251": "windows-1251",
	"utf-16": "utf-16", "utf16": "utf-16", "ucs-2": "utf-16", "iso-10646-ucs-2": "utf-16", "utf-16le": "utf-16le", "utf-16be": "utf-16be",
	"cp-850": "ibm850", "cp850": "ibm850", "850": "ibm850", "cp437": "ibm437", "cp-437": "ibm437",
}

// multibyte are the sets decoded through x/text by canonical name; single-byte sets come from its indexes.
var multibyte = map[string]encoding.Encoding{
	"shift_jis":  japanese.ShiftJIS,
	"euc-jp":     japanese.EUCJP,
	"gbk":        simplifiedchinese.GBK,
	"gb18030":    simplifiedchinese.GB18030,
	"hz-gb-2312": simplifiedchinese.HZGB2312,
	"big5":       traditionalchinese.Big5,
	"euc-kr":     korean.EUCKR,
	"utf-16":     unicode.UTF16(unicode.BigEndian, unicode.UseBOM),
	"utf-16le":   unicode.UTF16(unicode.LittleEndian, unicode.UseBOM),
	"utf-16be":   unicode.UTF16(unicode.BigEndian, unicode.UseBOM),
	"ibm850":     charmap.CodePage850,
	"ibm437":     charmap.CodePage437,
}

// maxLabel is longer than any label; what is longer is rubbish and not looked up.
const maxLabel = 64

// Canonical gives the canonical name of a label as written in mail, "" where it names nothing that is known. Quotes,
// a leading "charset=", trailing punctuation and whatever spamware glued behind a known name are ignored.
func Canonical(label string) string {
	switch label {
	case "":
		return ""
	case "utf-8", "UTF-8": // nearly all of them
		return utf8Name
	}
	label = strings.ToLower(strings.TrimSpace(label))
	if len(label) > maxLabel {
		label = label[:maxLabel]
	}
	label = strings.Trim(label, " \t\r\n\"'`;,:=<>()[]\\?")
	label = strings.TrimPrefix(label, "charset=")
	label = strings.Trim(label, " \t\"'")
	if label == "" {
		return ""
	}
	if name, ok := aliases[label]; ok {
		return name
	}
	if _, ok := multibyte[label]; ok {
		return label
	}
	if e, err := htmlindex.Get(label); err == nil {
		if name, err := htmlindex.Name(e); err == nil && name != "replacement" && name != "x-user-defined" {
			return name
		}
	}
	if e, err := ianaindex.MIME.Encoding(label); err == nil && e != nil {
		if name, err := ianaindex.MIME.Name(e); err == nil {
			return strings.ToLower(name)
		}
	}
	// "utf-8x-priority: 1 (highest)": a line end was lost behind the label.
	for _, known := range []string{utf8Name, jisName, "shift_jis", "euc-jp", "gb2312", "iso-8859-1", asciiName} {
		if strings.HasPrefix(label, known) {
			return Canonical(known)
		}
	}
	return ""
}

// IsASCII reports whether b has only bytes below 0x80 and no escape, so that nothing needs decoding.
func IsASCII(b []byte) bool {
	for len(b) >= 32 {
		v := binary.LittleEndian.Uint64(b) | binary.LittleEndian.Uint64(b[8:]) |
			binary.LittleEndian.Uint64(b[16:]) | binary.LittleEndian.Uint64(b[24:])
		if v&0x8080808080808080 != 0 {
			return false
		}
		b = b[32:]
	}
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// Decode decodes text declared to be in the set label names; label may be empty or wrong.
func Decode(b []byte, label string) Text {
	name := Canonical(label)
	unknown := label != "" && name == ""
	if b2, bom := byteOrderMark(b); bom != "" {
		t := decode(b2, bom)
		t.Guessed = name != bom && name != "utf-16"
		return t
	}
	switch name {
	case "", asciiName, utf8Name, "windows-1252":
		if IsASCII(b) && !escapes(b) && (name == utf8Name || wide(b) == "") {
			if name == "" {
				name = asciiName
			}
			return Text{Text: string(b), Charset: name, Unknown: unknown}
		}
	}
	var declared Text
	if name != "" {
		declared = decode(b, name)
		if fits(declared, b, name) {
			return declared
		}
	}
	best := Guess(b)
	switch {
	case name == "", name == asciiName:
	case best.Text == declared.Text, declared.Errors > 0 && best.Errors >= declared.Errors:
		return declared
	case name == utf8Name && best.Charset == "windows-1252":
		return declared // nothing fits better: that set fits everything
	}
	best.Guessed, best.Unknown = true, unknown
	return best
}

// DecodeLikely is Decode for text of which nobody says in which set it is, but which is likely to be in that of label, as what
// stands beside it. Where nothing of it is UTF-8, the bytes tell more than a neighbour that is.
func DecodeLikely(b []byte, label string) Text {
	t := Decode(b, label)
	if t.Charset == utf8Name && t.Errors > 1 && t.Errors == beyondASCII(t.Text) {
		t = Guess(b)
		t.Guessed = true
	}
	return t
}

// fits reports whether the declared set explains the bytes well enough that no other is tried.
func fits(t Text, b []byte, name string) bool {
	switch name {
	case asciiName:
		return false
	case "windows-1252":
		// Every byte is allowed, so that errors say nothing. Senders label UTF-8 and ISO-2022-JP so.
		return !utf8.Valid(b) && !escapes(b)
	case jisName:
		if escapes(b) {
			return true // nothing else has them
		}
	case utf8Name:
		if t.Errors == 0 {
			return !escapes(b)
		}
		// Text of another set has next to no valid sequences of UTF-8.
		if t.Errors > 0 && t.Errors <= beyondASCII(t.Text)-t.Errors {
			return true
		}
	}
	// One error in twenty characters: a cut or broken character here and there. Text in another set has them everywhere.
	return t.Errors == 0 || t.Errors*20 <= utf8.RuneCountInString(t.Text)
}

// Guess decodes text of which nothing is known.
func Guess(b []byte) Text {
	if escapes(b) {
		if t := decode(b, jisName); t.Errors*20 <= len(t.Text) {
			return t
		}
	}
	if name := wide(b); name != "" {
		return decode(b, name)
	}
	if utf8.Valid(b) {
		return Text{Text: string(b), Charset: utf8Name}
	}
	if name := alphabet(b[:min(len(b), 64<<10)]); name != "" {
		return decode(b, name)
	}
	sample := b
	const enough = 64 << 10
	if len(sample) > enough {
		sample = sample[:enough]
	}
	best, least := "windows-1252", -1
	for _, name := range []string{utf8Name, "shift_jis", "euc-jp", "gbk", "big5", "euc-kr", "windows-1252"} {
		t := decode(sample, name)
		if c := cost(t.Text, name); least < 0 || c < least {
			best, least = name, c
		}
	}
	if _, east := frequent[best]; east {
		most := familiar(sample, best)
		for _, name := range [...]string{"shift_jis", "euc-jp", "gbk", "big5", "euc-kr"} {
			if f := familiar(sample, name); f > most {
				best, most = name, f
			}
		}
	}
	return decode(b, best)
}

// alphabet recognises text of an alphabet of single bytes by how its bytes beyond ASCII stand: accented letters one or two
// together among many of ASCII, Cyrillic ones in whole words. Nearly all are in the upper quarter, where those sets have their
// letters; of two bytes that make a character of the East, one is below it as often as not. "" for neither.
func alphabet(b []byte) string {
	high, upper, ascii, run, longest, runs, c0, e0 := 0, 0, 0, 0, 0, 0, 0, 0
	up, down := 0, 0 // from C0 to DF on to E0 and above, and back
	before := byte(0)
	for _, c := range b {
		if before >= 0xc0 && c >= 0xc0 && (before >= 0xe0) != (c >= 0xe0) {
			if c >= 0xe0 {
				up++
			} else {
				down++
			}
		}
		before = c
		switch {
		case c < 0x80:
			run = 0
			if c|0x20 >= 'a' && c|0x20 <= 'z' {
				ascii++
			}
			continue
		case c >= 0xe0:
			e0++
			upper++
		case c >= 0xc0:
			c0++
			upper++
		}
		if high++; run == 0 {
			runs++
		}
		run++
		longest = max(longest, run)
	}
	switch {
	case high == 0:
	case longest <= 2 && upper*10 >= high*8 && ascii >= 4*high, longest == 1 && upper*10 >= high*8 && ascii >= 2*high:
		return "windows-1252"
	case high >= 16 && upper*100 >= high*88 && runs >= 2 && longest <= 24 && high >= 3*runs:
		// Inside a word no capital follows a small letter; in pairs of bytes they come as they like.
		if c0 > e0 && up*20 <= high {
			return "koi8-u" // small letters come first in it
		}
		if c0 <= e0 && down*20 <= high {
			return "windows-1251"
		}
	}
	return ""
}

func beyondASCII(s string) int {
	n := 0
	for _, r := range s {
		if r >= utf8.RuneSelf {
			n++
		}
	}
	return n
}

// cost rates a trial: errors weigh most, then characters that text of the set rarely has. The sets overlap so much
// that errors alone do not decide: half-width kana and rare kanji are what other sets look like when read as Shift_JIS,
// and an accented letter with the one behind it makes a single kanji among Latin letters.
func cost(s, name string) int {
	errs, odd, wide, kana, alone, west := 0, 0, 0, 0, 0, 0
	var before, at rune // the two characters before r
	for _, r := range s + " " {
		if at >= 0x2e80 && latin(before) && latin(r) {
			alone++
		}
		switch {
		case r < utf8.RuneSelf:
			if r < 0x20 && r != '\n' && r != '\r' && r != '\t' && r != esc {
				odd++
			}
		case r == utf8.RuneError:
			errs++
		case r >= 0xff61 && r <= 0xff9f, r >= 0xe000 && r <= 0xf8ff, r < 0xa0:
			odd++
		case r >= 0x3040 && r <= 0x30ff:
			kana++
			wide++
		case r >= 0x2e80:
			wide++
		default:
			west++
		}
		before, at = at, r
	}
	c := errs*40 + odd*10 + wide*4 + alone*30
	switch name {
	case utf8Name:
		c -= wide // a valid sequence of UTF-8 is no accident
	case "windows-1252":
		c += west * 15
	default:
		c -= kana * 3
	}
	return c
}

func latin(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }

// byteOrderMark cuts a mark off and names its encoding.
func byteOrderMark(b []byte) ([]byte, string) {
	switch {
	case bytes.HasPrefix(b, []byte{0xef, 0xbb, 0xbf}):
		return b[3:], utf8Name
	case bytes.HasPrefix(b, []byte{0xff, 0xfe}) && len(b)%2 == 0:
		return b[2:], "utf-16le"
	case bytes.HasPrefix(b, []byte{0xfe, 0xff}) && len(b)%2 == 0:
		return b[2:], "utf-16be"
	}
	return b, ""
}

// wide recognises UTF-16 without a mark by the zero bytes of its ASCII characters.
func wide(b []byte) string {
	n := min(len(b)&^1, 256)
	even, odd := 0, 0
	for i := 0; i < n; i += 2 {
		if b[i] == 0 {
			even++
		}
		if b[i+1] == 0 {
			odd++
		}
	}
	switch {
	case n >= 4 && odd > n/8 && even == 0:
		return "utf-16le"
	case n >= 4 && even > n/8 && odd == 0:
		return "utf-16be"
	}
	return ""
}

func decode(b []byte, name string) Text {
	switch name {
	case utf8Name, asciiName:
		return valid(b, name)
	case jisName:
		return decodeJIS(b)
	case utf7Name:
		return decodeUTF7(b)
	}
	e := multibyte[name]
	if e == nil {
		var err error
		if e, err = htmlindex.Get(name); err != nil {
			if e, err = ianaindex.MIME.Encoding(name); err != nil || e == nil {
				return valid(b, utf8Name)
			}
		}
	}
	out, err := e.NewDecoder().Bytes(b)
	if err != nil { // decoders replace instead of failing; a failure would lose text
		return valid(b, utf8Name)
	}
	t := Text{Text: string(out), Charset: name}
	t.Errors = strings.Count(t.Text, "\ufffd")
	return t
}

// valid reads b as UTF-8; each run of invalid bytes is one error.
func valid(b []byte, name string) Text {
	if utf8.Valid(b) {
		return Text{Text: string(b), Charset: name}
	}
	var s strings.Builder
	s.Grow(len(b) + 16)
	errs := 0
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			errs++
			s.WriteRune(utf8.RuneError)
			b = b[1:]
			for len(b) > 0 && b[0]&0xc0 == 0x80 {
				b = b[1:] // the rest of a cut character
			}
			continue
		}
		s.Write(b[:n])
		b = b[n:]
	}
	return Text{Text: s.String(), Charset: name, Errors: errs}
}
