// Package emlfile reads files that hold one message each.
//
// An .eml file is the message and nothing else. Apple Mail's .emlx is a line with the number of bytes of the message,
// the message, and a property list with what Mail knows of it: flags, when it was received and last viewed. In a
// .partial.emlx the parts that are files lie in a folder of their own. MH keeps messages as files named 1, 2, 3 in a
// folder, with sequences ("unseen: 3 7-9") in .mh_sequences.
package emlfile

import (
	"bytes"
	"errors"
	"strconv"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// ErrNotEmlx is returned for a file that does not begin with a byte count.
var ErrNotEmlx = errors.New("emlx: no byte count in the first line")

// Emlx is an .emlx file taken apart. Offsets are into the file.
type Emlx struct {
	Offset, Length int           // of the message
	Read           *finding.Read // nil where there are no flags
	// Miscounted is set where the count in the first line is wrong; the message then ends where the property list begins.
	Miscounted bool
}

// countLine is the longest first line: a decimal number padded with blanks to ten characters or so.
const countLine = 32

// Count reads the first line of an .emlx file. start is the offset behind it.
func Count(b []byte) (start, n int, ok bool) {
	i := bytes.IndexByte(b[:min(len(b), countLine)], '\n')
	if i < 1 {
		return 0, 0, false
	}
	n, err := strconv.Atoi(strings.TrimRight(string(b[:i]), " \t\r"))
	return i + 1, n, err == nil && n >= 0 && b[0] != '+' && b[0] != '-'
}

// ParseEmlx takes an .emlx file apart. Where the count is wrong the last property list marks the message's end.
func ParseEmlx(b []byte) (Emlx, error) {
	start, n, ok := Count(b)
	if !ok {
		return Emlx{}, ErrNotEmlx
	}
	e := Emlx{Offset: start, Length: n}
	end := start + n
	if n > len(b)-start || !isPlist(b[end:]) && len(bytes.TrimSpace(b[end:])) > 0 {
		e.Miscounted = true
		end = len(b)
		if i := bytes.LastIndex(b, []byte("<?xml")); i > start && isPlist(b[i:]) {
			end = i
		}
		e.Length = end - start
	}
	if flags, ok := plistInteger(b[end:], "flags"); ok {
		e.Read = emlxFlags(flags)
	}
	return e, nil
}

// isPlist reports whether b begins with an XML property list.
func isPlist(b []byte) bool {
	b = bytes.TrimLeft(b, " \t\r\n")
	return bytes.HasPrefix(b, []byte("<?xml")) && bytes.Contains(b, []byte("<plist"))
}

// plistInteger finds <key>name</key><integer>n</integer>.
func plistInteger(b []byte, name string) (uint64, bool) {
	_, b, ok := bytes.Cut(b, []byte("<key>"+name+"</key>"))
	if !ok {
		return 0, false
	}
	b, ok = bytes.CutPrefix(bytes.TrimLeft(b, " \t\r\n"), []byte("<integer>"))
	if !ok {
		return 0, false
	}
	digits, _, ok := bytes.Cut(b[:min(len(b), 40)], []byte("</integer>"))
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseUint(strings.TrimSpace(string(digits)), 10, 64)
	return n, err == nil
}

// emlxFlags reads the flags: bit 0 read, 1 deleted, 2 answered, 4 flagged, 8 forwarded, 24 junk. Mail sets the read bit
// when a message is shown, or when it is marked as read in bulk: opened stays unknown. Bit 6, draft, stays set on mail
// that was sent, so it says nothing of the place.
func emlxFlags(f uint64) *finding.Read {
	bit := func(n uint) *bool { v := f>>n&1 == 1; return &v }
	r := &finding.Read{
		Seen: bit(0), Deleted: bit(1), Replied: bit(2), Flagged: bit(4), Forwarded: bit(8), From: []string{"emlx"},
	}
	if f>>24&1 == 1 {
		r.Folder = finding.Spam
	}
	return r
}

// Sequence reads one sequence of an .mh_sequences file, "unseen: 3 7-9", as the numbers in it; ok is false where the
// file doesn't name it. Ranges of more than a million messages are cut.
func Sequence(b []byte, name string) (numbers map[int]bool, ok bool) {
	for line := range bytes.Lines(b) {
		key, list, found := strings.Cut(string(line), ":")
		if !found || key != name {
			continue
		}
		numbers = map[int]bool{}
		for _, f := range strings.Fields(list) {
			lo, hi, isRange := strings.Cut(f, "-")
			from, err := strconv.Atoi(lo)
			to := from
			if err == nil && isRange {
				to, err = strconv.Atoi(hi)
			}
			if err != nil {
				continue
			}
			for n := from; n <= to && len(numbers) < 1_000_000; n++ {
				numbers[n] = true
			}
		}
		return numbers, true
	}
	return nil, false
}
