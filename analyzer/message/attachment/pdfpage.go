package attachment

import (
	"bytes"
	"maps"
	"slices"
	"strconv"
	"strings"
)

func sortedKeys(m map[int][]byte) []int { return slices.Sorted(maps.Keys(m)) }

// pdfOperands is how many operands of one operator are kept: Tm has six.
const pdfOperands = 16

// wideGap is from how far on, in thousandths of the size of the font, a gap in a TJ array is a space: kerning is less, and a
// space of most fonts is 250.
const wideGap = 180

// pdfWriter writes the text of a content stream.
type pdfWriter struct {
	out     *strings.Builder
	fonts   map[string]*pdfFont
	font    *pdfFont
	numbers []float64
	name    string
	shown   []string // of the string or the array that stands before the operator
	y       float64  // of the line
}

// run reads operands and operators (ISO 32000-1 §7.8.2).
func (w *pdfWriter) run(b []byte) {
	array := false
	for i := 0; i < len(b) && w.out.Len() <= longestText; {
		switch c := b[i]; {
		case c == '(':
			s, n := literalString(b[i+1:])
			w.show(s)
			i += 1 + n
		case c == '<' && i+1 < len(b) && b[i+1] == '<', c == '>':
			i++
			if c == '<' {
				i++
			}
		case c == '<':
			end := bytes.IndexByte(b[i:], '>')
			if end < 0 {
				return
			}
			w.show(hexString(b[i+1 : i+end+1]))
			i += end + 1
		case c == '[':
			array = true
			w.shown = w.shown[:0]
			i++
		case c == ']':
			array = false
			i++
		case c == '%':
			end := bytes.IndexAny(b[i:], "\r\n")
			if end < 0 {
				return
			}
			i += end
		case c == '/':
			n := 1 + wordLength(b[i+1:])
			w.name = string(b[i+1 : i+n])
			i += n
		case c <= ' ' || c == '{' || c == '}' || c == ')':
			i++
		default:
			n := max(1, wordLength(b[i:]))
			word := string(b[i : i+n])
			i += n
			if v, err := strconv.ParseFloat(word, 64); err == nil {
				if array && v < -wideGap && len(w.shown) > 0 {
					w.shown = append(w.shown, " ")
				}
				if len(w.numbers) < pdfOperands {
					w.numbers = append(w.numbers, v)
				}
				continue
			}
			if word == "ID" { // the bytes of a picture
				end := bytes.Index(b[i:], []byte("EI"))
				if end < 0 {
					return
				}
				i += end + 2
			}
			w.operator(word)
		}
	}
}

func wordLength(b []byte) int {
	if n := bytes.IndexAny(b, " \t\r\n\f\x00()<>[]{}/%"); n >= 0 {
		return n
	}
	return len(b)
}

func (w *pdfWriter) show(s []byte) { w.shown = append(w.shown, w.font.text(s)) }

func (w *pdfWriter) operator(word string) {
	n := len(w.numbers)
	switch word {
	case "Tf":
		w.font = w.fonts[w.name]
	case "Tj", "TJ":
		w.write()
	case "'", "\"":
		w.line()
		w.write()
	case "T*":
		w.line()
	case "Td", "TD":
		if n >= 2 {
			w.move(w.y + w.numbers[n-1])
		}
	case "Tm":
		if n >= 6 {
			w.move(w.numbers[n-1])
		}
	}
	w.numbers, w.shown = w.numbers[:0], w.shown[:0]
}

func (w *pdfWriter) write() {
	for _, s := range w.shown {
		w.out.WriteString(s)
	}
}

// move goes to a place: another height is another line. On the same line it is not known how far the text before reached, and
// programs set words, and single letters, one by one: what belongs together stays together.
func (w *pdfWriter) move(y float64) {
	if y != w.y {
		w.line()
	}
	w.y = y
}

func (w *pdfWriter) line() {
	if w.out.Len() > 0 {
		w.out.WriteByte('\n')
	}
}
