package mboxfile

import "bytes"

// Hole is how many zeros in a row are no content of mail: a sector of a disk. File systems leave them where data was not
// written before the power went, and copying programs where they could not read.
const Hole = 512

// Zeros is how many zeros b begins with.
func Zeros(b []byte) int {
	if n := len(bytes.TrimLeft(b, "\x00")); n < len(b) {
		return len(b) - n
	}
	return 0
}

// FindHole returns where b holds its first hole and how many bytes all of its holes have, and at -1 where it has none.
func FindHole(b []byte) (at int, total int64) {
	at = -1
	for i := 0; ; {
		j := bytes.IndexByte(b[i:], 0)
		if j < 0 {
			return at, total
		}
		i += j
		n := Zeros(b[i:])
		if n >= Hole {
			if at < 0 {
				at = i
			}
			total += int64(n)
		}
		i += n
	}
}
