package message

import (
	"bytes"
	"strings"
	"testing"
)

// plainDelimiter is findDelimiter line by line.
func plainDelimiter(body []byte, at int, boundary string) (start, after int, closed bool) {
	for at < len(body) {
		if ok, n, closed := delimiter(body[at:], boundary); ok {
			return at, at + n, closed
		}
		i := bytes.IndexByte(body[at:], '\n')
		if i < 0 {
			break
		}
		at += i + 1
	}
	return -1, len(body), false
}

// FuzzFindDelimiter holds the search to the reading line by line.
func FuzzFindDelimiter(f *testing.F) {
	for _, s := range []string{"", "--b", "x\n--b\ny", "--\n--b--\n", "---b\n--b \t\r\n", "a--b\n-\n--b--x\n----\n--b--", "\n\n--b\n--b--\n", "-----\n-----b\n--b"} {
		f.Add(s, "b", 0)
		f.Add(s, "-b", 1)
		f.Add(s, "", 0)
	}
	f.Fuzz(func(t *testing.T, body, boundary string, line int) {
		at := 0
		for i := 0; i < line&7; i++ { // the search starts at a line's start
			if n := strings.IndexByte(body[at:], '\n'); n >= 0 {
				at += n + 1
			}
		}
		s, a, c := findDelimiter([]byte(body), at, boundary)
		ws, wa, wc := plainDelimiter([]byte(body), at, boundary)
		if s != ws || a != wa || c != wc {
			t.Fatalf("%q in %q from %d: %d %d %v, want %d %d %v", boundary, body, at, s, a, c, ws, wa, wc)
		}
	})
}
