package script

import "strings"

// figures are figures and signs with the letters that they are read as between letters: "4m@z0n".
var figures = [256]byte{'@': 'a', '4': 'a', '0': 'o', '2': 'z', '3': 'e', '1': 'i', '5': 's', '$': 's', '7': 't'}

// circle is read as an "o".
const circle = "●"

// Figures returns folded text with figures and signs replaced by the letters that they stand for in a word. It says what a
// word may be read as: whether it is one has to be asked of the word.
func Figures(folded string) string { return string(AppendFigures(nil, folded)) }

// AppendFigures appends Figures of folded text to dst.
func AppendFigures(dst []byte, folded string) []byte {
	for i := 0; i < len(folded); i++ {
		switch c := folded[i]; {
		case figures[c] != 0:
			dst = append(dst, figures[c])
		case c == circle[0] && strings.HasPrefix(folded[i:], circle):
			dst = append(dst, 'o')
			i += len(circle) - 1
		default:
			dst = append(dst, c)
		}
	}
	return dst
}
