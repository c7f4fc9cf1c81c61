package mapi

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

const (
	codepageUTF16 = 1200
	codepageUTF8  = 65001
)

// codepage is a code page of Windows: the name it has in mail, and how it is decoded.
func codepage(n int) (charset string, enc encoding.Encoding) {
	switch n {
	case 874:
		return "windows-874", charmap.Windows874
	case 932:
		return "shift_jis", japanese.ShiftJIS
	case 936, 20936:
		return "gbk", simplifiedchinese.GBK
	case 949, 51949:
		return "euc-kr", korean.EUCKR
	case 950:
		return "big5", traditionalchinese.Big5
	case 1250:
		return "windows-1250", charmap.Windows1250
	case 1251:
		return "windows-1251", charmap.Windows1251
	case 1252:
		return "windows-1252", charmap.Windows1252
	case 1253:
		return "windows-1253", charmap.Windows1253
	case 1254:
		return "windows-1254", charmap.Windows1254
	case 1255:
		return "windows-1255", charmap.Windows1255
	case 1256:
		return "windows-1256", charmap.Windows1256
	case 1257:
		return "windows-1257", charmap.Windows1257
	case 1258:
		return "windows-1258", charmap.Windows1258
	case 437:
		return "ibm437", charmap.CodePage437
	case 850:
		return "ibm850", charmap.CodePage850
	case 852:
		return "ibm852", charmap.CodePage852
	case 866:
		return "ibm866", charmap.CodePage866
	case 10000:
		return "macintosh", charmap.Macintosh
	case 20866:
		return "koi8-r", charmap.KOI8R
	case 21866:
		return "koi8-u", charmap.KOI8U
	case 28591:
		return "iso-8859-1", charmap.ISO8859_1
	case 28592:
		return "iso-8859-2", charmap.ISO8859_2
	case 28593:
		return "iso-8859-3", charmap.ISO8859_3
	case 28594:
		return "iso-8859-4", charmap.ISO8859_4
	case 28595:
		return "iso-8859-5", charmap.ISO8859_5
	case 28596:
		return "iso-8859-6", charmap.ISO8859_6
	case 28597:
		return "iso-8859-7", charmap.ISO8859_7
	case 28598, 38598:
		return "iso-8859-8", charmap.ISO8859_8
	case 28599:
		return "iso-8859-9", charmap.Windows1254
	case 28603:
		return "iso-8859-13", charmap.ISO8859_13
	case 28605:
		return "iso-8859-15", charmap.ISO8859_15
	case 50220, 50221, 50222:
		return "iso-2022-jp", japanese.ISO2022JP
	case 51932, 20932:
		return "euc-jp", japanese.EUCJP
	case 50225:
		return "euc-kr", korean.EUCKR
	case 52936:
		return "hz-gb-2312", simplifiedchinese.HZGB2312
	case 54936:
		return "gb18030", simplifiedchinese.GB18030
	case 20127:
		return "us-ascii", charmap.Windows1252
	case codepageUTF8:
		return "utf-8", encoding.Nop
	}
	return "", nil
}

// Decode decodes bytes of a code page. Where the code page is not known, or the bytes can't be of it, they are UTF-8 where
// they are valid, else Japanese where all of it is, else Western.
func Decode(number int, b []byte) string {
	if ascii(b) && number != 50220 && number != 50221 && number != 50222 && number != 52936 {
		return string(b)
	}
	if number == codepageUTF16 {
		return UTF16(b)
	}
	if _, enc := codepage(number); enc != nil && number != codepageUTF8 {
		if out, err := enc.NewDecoder().Bytes(b); err == nil && (number == 1252 || !bytes.ContainsRune(out, utf8.RuneError)) {
			return string(out)
		}
	}
	if utf8.Valid(b) {
		return string(b)
	}
	if out, err := japanese.ShiftJIS.NewDecoder().Bytes(b); err == nil && japaneseText(out) {
		return string(out)
	}
	if _, enc := codepage(number); enc != nil && number != codepageUTF8 {
		if out, err := enc.NewDecoder().Bytes(b); err == nil {
			return string(out)
		}
	}
	out, err := charmap.Windows1252.NewDecoder().Bytes(b)
	if err != nil {
		return string(bytes.ToValidUTF8(b, []byte("\uFFFD")))
	}
	return string(out)
}

func ascii(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// japaneseText reports whether decoded text has no errors, and of what is not ASCII no half-width katakana alone, as which
// nearly any Western text can be read.
func japaneseText(b []byte) bool {
	full := false
	for _, r := range string(b) {
		switch {
		case r == utf8.RuneError || r >= 0x80 && r < 0xA0:
			return false
		case r >= 0x3040 && r < 0x3100 || r >= 0x4E00 && r < 0xA000:
			full = true
		}
	}
	return full
}

// localeCodepage is the ANSI code page of a language of Windows, by the primary language of its locale id; where none is known
// it is 1252 ([MS-LCID]).
func localeCodepage(lcid int64) int {
	switch lcid {
	case 0x0404, 0x0C04, 0x1404:
		return 950
	case 0x0804, 0x1004:
		return 936
	}
	switch lcid & 0x3FF {
	case 0x11:
		return 932
	case 0x12:
		return 949
	case 0x05, 0x0E, 0x15, 0x18, 0x1A, 0x1B, 0x1C, 0x24:
		return 1250
	case 0x02, 0x19, 0x22, 0x23, 0x2F:
		return 1251
	case 0x08:
		return 1253
	case 0x1F:
		return 1254
	case 0x0D:
		return 1255
	case 0x01, 0x20, 0x29:
		return 1256
	case 0x25, 0x26, 0x27:
		return 1257
	case 0x2A:
		return 1258
	case 0x1E:
		return 874
	}
	return 1252
}

// Codepage is the code page of the 8-bit strings of a message, 0 where nothing tells it.
func (m *Message) Codepage() int {
	if n, ok := integer(m, idMessageCodepage); ok && n > 0 {
		return int(n)
	}
	if n, ok := integer(m, idMessageLocale); ok && n > 0 {
		return localeCodepage(n)
	}
	if n, ok := integer(m, idInternetCodepage); ok && n > 0 && n < 50000 {
		return int(n)
	}
	return 0
}
