package mboxfile

import "bytes"

// mmdfMark is the line that stands before and behind each message of an MMDF mailbox (mmdf(5); Python's mailbox.MMDF).
// Most writers put a From_ line behind the first.
var mmdfMark = []byte("\x01\x01\x01\x01")

// IsMMDF reports whether b begins as an MMDF mailbox does.
func IsMMDF(b []byte) bool {
	rest, ok := bytes.CutPrefix(b, mmdfMark)
	return ok && (bytes.HasPrefix(rest, []byte("\n")) || bytes.HasPrefix(rest, []byte("\r\n")))
}

// indexMMDF finds the next line of four Control-A at or behind buf[i:]; next is where the line behind it begins. p is -1
// where there is none, and more is set when buf ends too early to see its end.
func (f *framer) indexMMDF(buf []byte, base int64, i int, eof bool) (p, next int, more bool) {
	for {
		j := bytes.Index(buf[i:], mmdfMark)
		if j < 0 {
			return -1, 0, false
		}
		p = i + j
		i = p + len(mmdfMark)
		if !f.lineStart(buf, base, p) {
			i = p + 1
			continue
		}
		rest := buf[i:min(len(buf), i+2)]
		if len(rest) < 2 && !eof {
			return p, 0, true
		}
		switch end, n := lineEnd(rest, false); {
		case end == 0:
			return p, i + n, false
		case len(rest) == 0:
			return p, i, false
		}
		i = p + 1
	}
}

// stepMMDF is step for an MMDF mailbox.
func (f *framer) stepMMDF(buf []byte, base int64, eof bool) bool {
	for {
		p, next, more := f.indexMMDF(buf, base, int(f.scan-base), eof)
		switch {
		case more:
			f.scan = base + int64(p)
			return false
		case p < 0 && !eof:
			f.scan = max(f.scan, base+int64(len(buf)-len(mmdfMark)+1))
			return false
		case p < 0:
			f.between(buf, base, len(buf))
			f.finish(buf, base)
			return true
		}
		// What a line says depends on what stands behind it.
		if !eof && len(buf)-next < f.fromLine+2+topBytes {
			f.scan = base + int64(p)
			return false
		}
		f.between(buf, base, p)
		closes := f.open
		c := f.behindMMDF(buf, base, next, eof)
		if closes && !(c.parsed || c.known) {
			f.readHeader(buf, base, p)
			f.end(buf, base, base+int64(p), false)
			f.framing += int64(next - p)
			f.open, f.start, f.scan = false, base+int64(next), base+int64(next)
			continue
		}
		c.at, c.first, c.blank = p, f.starts == 0, !closes
		f.begin(buf, base, c, 0)
	}
}

// between accounts for what stands between two messages, up to buf[p:], where nothing should.
func (f *framer) between(buf []byte, base int64, p int) {
	if f.open || base+int64(p) <= f.start {
		return
	}
	if gap := buf[f.start-base : p]; len(bytes.Trim(gap, " \t\r\n")) == 0 {
		f.framing += int64(len(gap))
		f.start = base + int64(p)
		return
	}
	f.open, f.junk = true, true
	f.end(buf, base, base+int64(p), false)
	f.open, f.junk, f.start = false, false, base+int64(p)
}

// behindMMDF reads what stands behind a line of four Control-A: a From_ line or a header.
func (f *framer) behindMMDF(buf []byte, base int64, p int, eof bool) candidate {
	if bytes.HasPrefix(buf[p:], fromMark) {
		if c, ok, more := look(buf, p, eof, f.fromLine, f.cr); ok && !more {
			return c
		}
	}
	c := candidate{at: p, next: p, line: Line{Style: StyleNone}}
	c.top = readTop(buf[p:], f.cr)
	c.empty = len(buf) == p
	return c
}
