package mboxfile

import (
	"bytes"
)

var contentLength = []byte("content-length")

// readHeader reads the open message's header up to buf[p:] for Content-Length, going on where it stopped before.
func (f *framer) readHeader(buf []byte, base int64, p int) {
	for f.body == 0 {
		i := int(f.head - base)
		if i < 0 || f.head-f.start > headerScan {
			f.body, f.length = f.start+headerScan, -1
			return
		}
		end, next := lineEnd(buf[i:p], f.cr)
		if end < 0 {
			return
		}
		if end == 0 {
			f.body = f.head + int64(next)
			return
		}
		if n, ok := lengthField(buf[i : i+end]); ok {
			switch {
			case n < 0, f.carried && f.length != n:
				f.length = -1 // two that differ: one of them was put there to deceive
			case !f.carried:
				f.length = n
			}
			f.carried = true
		}
		f.head += int64(next)
	}
}

// lengthField reads a Content-Length line; n is -1 where its value is no number.
func lengthField(line []byte) (n int64, ok bool) {
	if len(line) <= len(contentLength) || line[0]|0x20 != 'c' || !bytes.EqualFold(line[:len(contentLength)], contentLength) {
		return 0, false
	}
	rest := bytes.TrimLeft(line[len(contentLength):], " \t")
	if len(rest) == 0 || rest[0] != ':' {
		return 0, false
	}
	return int64(number(string(bytes.TrimSpace(rest[1:])), 15)), true
}

// byLength returns where the open message ends by its Content-Length, when the candidate at buf[p:] lies before that and
// the length leads anywhere: the offset of the next From_ line or of the end of the file, else 0. It leads somewhere only
// if exactly to a From_ line with a header behind it, or to the end of the file, and where the message can be held. Whether
// the file is cut there is for its habits to say: a sender who guesses the sizes of mails to come could otherwise hide them
// inside his own.
func (f *framer) byLength(buf []byte, base int64, p int, eof bool) (to int64, more bool) {
	e := f.body + f.length
	if f.body == 0 || f.length < 0 || base+int64(p) >= e {
		return 0, false
	}
	if e-f.start > f.message {
		f.length = -1
		return 0, false
	}
	if !eof && base+int64(len(buf)) < e+4+int64(f.fromLine)+2+topBytes {
		return 0, true
	}
	i := int(e - base)
	for n := 0; n <= 2 && i <= len(buf); n++ {
		if i == len(buf) {
			if eof {
				return base + int64(i), false
			}
			break
		}
		if f.lineStart(buf, base, i) && bytes.HasPrefix(buf[i:], fromMark) {
			if c, ok, _ := look(buf, i, eof, f.fromLine, f.cr); ok && (c.parsed && c.line.dated() || f.h.style == c.line.Style) && c.header {
				return base + int64(i), false
			}
			break
		}
		end, next := lineEnd(buf[i:min(len(buf), i+2)], f.cr)
		if end != 0 {
			break
		}
		i += next
	}
	f.length = -1
	return 0, false
}

// embedded reports whether the candidate at buf[p:] is the first line of a message/rfc822 part, as written by programs
// that attach a message together with its From_ line. That is so where the lines before it are the header of such a
// part and its boundary comes again before anything else that could start a message; a header left open at the end of
// a mail doesn't swallow the next mail.
func (f *framer) embedded(buf []byte, base int64, p int, eof bool) (yes, more bool) {
	boundary := f.partBoundary(buf, base, p)
	if boundary == nil {
		return false, false
	}
	if !eof && len(buf)-p < embedAhead {
		return false, true
	}
	ahead := buf[p:min(len(buf), p+embedAhead)]
	for i := 0; ; {
		end, next := lineEnd(ahead[i:], f.cr)
		if end < 0 {
			return false, false
		}
		i += next
		if bytes.HasPrefix(ahead[i:], boundary) {
			return true, false
		}
		if bytes.HasPrefix(ahead[i:], fromMark) {
			if c, ok, _ := look(ahead, i, true, f.fromLine, f.cr); ok && (c.parsed || f.h.style == StyleOdd) {
				return false, false
			}
		}
	}
}

// partLines is how many lines a part's header may have to be taken for one.
const partLines = 32

// partBoundary returns the boundary line above buf[p:] when the lines between them are the header of a message/rfc822
// part, else nil.
func (f *framer) partBoundary(buf []byte, base int64, p int) []byte {
	low := max(0, p-lookback/4, int(f.start-base))
	end := p - f.blankBefore(buf, base, p)
	if end == p {
		return nil
	}
	rfc822 := false
	for range partLines {
		switch {
		case end-low >= 2 && buf[end-1] == '\n' && buf[end-2] == '\r':
			end -= 2
		case end > low && (buf[end-1] == '\n' || f.cr && buf[end-1] == '\r'):
			end--
		default:
			return nil
		}
		start := low + bytes.LastIndexByte(buf[low:end], '\n') + 1
		if f.cr {
			start += bytes.LastIndexByte(buf[start:end], '\r') + 1
		}
		line := bytes.TrimRight(buf[start:end], " \t")
		switch {
		case len(line) == 0:
			return nil // the header began behind a blank line, without a boundary
		case bytes.HasPrefix(line, []byte("--")) && len(line) > 2:
			if rfc822 {
				return line
			}
			return nil
		case bytes.Contains(bytes.ToLower(line), []byte("message/rfc822")):
			rfc822 = true
		}
		end = start
	}
	return nil
}
