package archive

import (
	"bufio"
	"io"

	"golang.org/x/text/encoding/unicode"
)

// NewUTF16 reads a text of 16-bit characters as UTF-8, as PowerShell's ">" writes it: in the order of bytes that its mark
// says, or where it has none by where the zeros of its first character stand.
func NewUTF16(r *bufio.Reader) io.Reader {
	order := unicode.LittleEndian
	if b, err := r.Peek(2); err == nil && (b[0] == 0 || b[0] == 0xfe) {
		order = unicode.BigEndian
	}
	return unicode.UTF16(order, unicode.UseBOM).NewDecoder().Reader(r)
}
