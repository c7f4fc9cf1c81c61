package emlfile

import (
	"encoding/binary"
	"testing"
)

func markFile(words ...uint32) (b []byte) {
	for _, w := range words {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	return b
}

// TestMarks: number and flags of each message, the last word counts, a torn end costs what it held, and another version is none.
func TestMarks(t *testing.T) {
	marks, ok := Marks(append(markFile(2, 1, 0, 2, 1|2, 3, 4|0x10|0x20, 1, 2|8), 9, 9, 9))
	if !ok || len(marks) != 3 {
		t.Fatalf("%v, %v", marks, ok)
	}
	for n, want := range map[int]Mark{1: {Unread: true, Deleted: true}, 2: {Unread: true}, 3: {Flagged: true, Replied: true, Forwarded: true}} {
		if marks[n] != want {
			t.Errorf("%d: %+v, want %+v", n, marks[n], want)
		}
	}
	for _, b := range [][]byte{nil, {2}, markFile(3, 1, 0), {0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2}} {
		if marks, ok := Marks(b); ok {
			t.Errorf("%v: %v", b, marks)
		}
	}
}
