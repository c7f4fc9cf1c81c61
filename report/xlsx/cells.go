package xlsx

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// What stands in sheets that list messages is written here, as excelize.StreamWriter would write it: with some sixty cells
// for each message its way by an interface, a reflection and a file took most of the time that a workbook takes.

// cell is a cell but for its reference. The zero cell is empty.
type cell struct {
	style int
	text  string // its value, where it is a text
	xml   []byte // type and value, as appendCell writes them
}

// appendCell appends to row what follows the style in the XML of a cell (ECMA-376 part 1 §18.3.1.4): type and value.
func appendCell(row []byte, value any) []byte {
	switch v := value.(type) {
	case int64:
		row = append(row, `"><v>`...)
		row = strconv.AppendInt(row, v, 10)
		return append(row, `</v></c>`...)
	case float64:
		row = append(row, `"><v>`...)
		row = strconv.AppendFloat(row, v, 'f', -1, 64)
		return append(row, `</v></c>`...)
	case string:
		row = append(row, `" t="inlineStr"><is><t`...)
		if v != "" && (isSpace(v[0]) || isSpace(v[len(v)-1])) {
			row = append(row, ` xml:space="preserve"`...)
		}
		row = append(row, '>')
		row = appendText(row, v)
		return append(row, `</t></is></c>`...)
	}
	return append(row, `"></c>`...)
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// plainText are the bytes that stand for themselves in the text of an element. An underscore may begin an escape.
var plainText = func() (plain [256]bool) {
	for c := range plain {
		plain[c] = c >= 0x20 && c < 0x80 && !strings.ContainsRune(`<>&_`, rune(c))
	}
	plain['\n'] = true
	return plain
}()

// appendText appends text as the content of an element. What looks like an escape of SpreadsheetML (_x0041_, ECMA-376
// part 1 §22.9.2.19) is escaped, so that a program shows what the mail says and not what it would stand for. What XML cannot
// hold becomes U+FFFD.
func appendText(to []byte, s string) []byte {
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if plainText[c] {
			i++
			continue
		}
		size, instead := 1, ""
		switch {
		case c == '&':
			instead = "&amp;"
		case c == '<':
			instead = "&lt;"
		case c == '>':
			instead = "&gt;"
		case c == '\t':
			instead = "&#x9;"
		case c == '\r':
			instead = "&#xD;"
		case c == '_':
			if escapeLike(s[i:]) {
				instead = "_x005F_"
			}
		case c < 0x20:
			instead = "\uFFFD"
		case c >= 0x80:
			var r rune
			if r, size = utf8.DecodeRuneInString(s[i:]); r == utf8.RuneError && size == 1 || r == 0xfffe || r == 0xffff {
				instead = "\uFFFD"
			}
		}
		if instead != "" {
			to = append(append(to, s[start:i]...), instead...)
			start = i + size
		}
		i += size
	}
	return append(to, s[start:]...)
}

// escapeLike reports whether s begins like _x0041_.
func escapeLike(s string) bool {
	if len(s) < 7 || s[1] != 'x' || s[6] != '_' {
		return false
	}
	for _, c := range []byte(s[2:6]) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
			return false
		}
	}
	return true
}

// columnNames are the letters of the first n columns.
func columnNames(n int) ([]string, error) {
	names := make([]string, n)
	for i := range names {
		var err error
		if names[i], err = excelize.ColumnNumberToName(i + 1); err != nil {
			return nil, err
		}
	}
	return names, nil
}

// rowWriter writes rows of one sheet.
type rowWriter struct {
	columns []string // letters
	out     []byte
	number  []byte // of the row
}

// row writes one row, height points high; 0 leaves that to the program that shows it.
func (w *rowWriter) row(number int, height float64, cells []cell) {
	w.number = strconv.AppendInt(w.number[:0], int64(number), 10)
	w.out = append(append(w.out, `<row r="`...), w.number...)
	if height > 0 {
		w.out = strconv.AppendFloat(append(w.out, `" customHeight="1" ht="`...), height, 'f', -1, 64)
	}
	w.out = append(w.out, `">`...)
	for i, c := range cells {
		if c.xml == nil {
			continue
		}
		w.out = append(append(append(w.out, `<c r="`...), w.columns[i]...), w.number...)
		w.out = strconv.AppendInt(append(w.out, `" s="`...), int64(c.style), 10)
		w.out = append(w.out, c.xml...)
	}
	w.out = append(w.out, `</row>`...)
}
