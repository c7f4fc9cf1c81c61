package mboxfile

import (
	"bytes"
)

const (
	// survey is how many bytes at the start of a file are framed beforehand, so that the first messages are judged by
	// what the file shows at all: some twenty messages of usual size.
	survey = 1 << 20
	// lookback is how many bytes before a candidate are kept of a message that is too long to be held.
	lookback = 16 << 10
	// embedAhead is how far behind a candidate the boundary is looked for that would make it part of a MIME message.
	embedAhead = 256 << 10
	// headerScan is how far a header is read for Content-Length. Delivery writes it at the top or the bottom of its
	// header; 256 KiB is far beyond any header that is no attack.
	headerScan = 256 << 10
	// quoteDepth is how many ">" before "From " are taken for quoting.
	quoteDepth = 64
)

var byteOrderMark = []byte("\xef\xbb\xbf")

// framer holds where in the file the scan is. Offsets are those of the file.
type framer struct {
	fromLine int
	message  int64
	survey   int
	emit     func(buf []byte, base int64, end int64) // the open message or gap ends at end

	h       habits
	counted int64 // starts up to this offset are in h already, from the survey
	cr      bool  // lone CR ends lines
	mmdf    bool  // lines of four Control-A part the messages
	begun   bool  // preamble was read
	open    bool  // inside a message or a gap
	junk    bool  // what is open is no message
	none    bool  // what is open is a message without a From_ line
	cut     bool  // the end of the file, and nothing else, ended the last message
	starts  int   // starts in this pass

	lineAt int64 // of the open message's From_ line
	start  int64 // of the open message's first byte
	scan   int64 // where to look for the next "From "
	line   Line
	doubt  string

	head    int64  // how far the open message's header was read
	body    int64  // offset of its body, 0 while unknown
	length  int64  // its Content-Length, -1 for none or for one that is not believed
	carried bool   // it has such a field
	covered int    // starts that its Content-Length covers
	coverAt int64  // of the first of them
	author  string // the organisation that it is from
	trial   bool   // the survey: Content-Length is followed, to see whether it can be

	framing int64
}

// step frames what buf, which begins at offset base of the file, holds. It returns false when it needs bytes behind
// buf, and true when eof is set and all is framed.
func (f *framer) step(buf []byte, base int64, eof bool) bool {
	if !f.begun {
		f.preamble(buf[:min(len(buf), f.survey)], eof && len(buf) <= f.survey)
	}
	if f.mmdf {
		return f.stepMMDF(buf, base, eof)
	}
	for {
		i := int(f.scan - base)
		j := indexFrom(buf[i:])
		if j < 0 {
			if !eof {
				f.scan = max(f.scan, base+int64(len(buf)-len(fromMark)+1))
				return false
			}
			f.finish(buf, base)
			return true
		}
		p := i + j
		q := p
		for q > 0 && p-q < quoteDepth && buf[q-1] == '>' && base+int64(q) != f.start {
			q--
		}
		if !f.lineStart(buf, base, q) {
			f.scan = base + int64(p+len(fromMark))
			continue
		}
		if q < p {
			f.quote(buf, base, q)
			f.scan = base + int64(p+len(fromMark))
			continue
		}
		f.scan = base + int64(p)
		if !f.consider(buf, base, p, eof) {
			return false
		}
	}
}

// preamble reads the first bytes of a file: byte order mark and blank lines, then a From_ line, a header without one,
// or junk. buf is the whole file or its first survey bytes.
func (f *framer) preamble(buf []byte, whole bool) {
	f.begun = true
	i := 0
	if bytes.HasPrefix(buf, byteOrderMark) {
		i = len(byteOrderMark)
	}
	f.cr = loneCR(buf[i:])
	blank := Blank(buf[i:])
	if at, _ := FindHole(buf[i : i+blank]); at >= 0 {
		blank = 0 // no padding: mail was there
	}
	i += blank
	f.framing += int64(i)
	f.start, f.scan, f.lineAt, f.head = int64(i), int64(i), int64(i), int64(i)
	f.length = -1
	if f.mmdf = IsMMDF(buf[i:]); f.mmdf {
		return
	}
	if i == len(buf) && whole || bytes.HasPrefix(buf[i:], fromMark) {
		return
	}
	f.open = true
	if _, _, known := field(buf[i:min(len(buf), i+peek)]); known {
		f.none = true
		f.line, f.doubt = Line{Style: StyleNone}, DoubtNoFromLine
		return
	}
	f.junk = true
}

// lineStart reports whether buf[i] begins a line. It does behind a NUL as well: a file system that lost blocks, and NFS
// where two programs deliver at once, leave rows of NUL that end where the next message begins.
func (f *framer) lineStart(buf []byte, base int64, i int) bool {
	if base+int64(i) == f.start {
		return true
	}
	return i > 0 && (buf[i-1] == '\n' || buf[i-1] == 0 || f.cr && buf[i-1] == '\r')
}

// blankBefore is the length of the blank line before buf[p], which begins a line of the open message: 0, 1 or 2.
func (f *framer) blankBefore(buf []byte, base int64, p int) int {
	if !f.open || base+int64(p) <= f.start {
		return 0
	}
	q := p - 1
	if buf[q] != '\n' && !(f.cr && buf[q] == '\r') {
		return 0
	}
	if buf[q] == '\n' && q > 0 && buf[q-1] == '\r' && base+int64(q) > f.start {
		q--
	}
	if f.lineStart(buf, base, q) {
		return p - q
	}
	return 0
}

// consider decides on the line at buf[p:], which begins with "From ". It returns false when buf ends too early.
func (f *framer) consider(buf []byte, base int64, p int, eof bool) bool {
	c, ok, more := look(buf, p, eof, f.fromLine, f.cr)
	if more {
		return false
	}
	if !ok {
		f.notFirst()
		f.pass(buf, base, p)
		return true
	}
	blank := f.blankBefore(buf, base, p)
	c.first = !f.open
	c.blank = blank > 0 || c.first
	if !c.accept(f.h.style) {
		f.notFirst()
		f.pass(buf, base, p)
		return true
	}
	if f.open && !f.junk {
		f.readHeader(buf, base, p)
		to, more := f.byLength(buf, base, p, eof)
		if more {
			return false
		}
		if to > 0 && (f.trial || f.h.follows()) {
			if f.covered++; f.covered == 1 {
				f.coverAt = base + int64(p)
			}
			f.scan = to
			return true
		}
		c.covered = to > 0
		if embedded, more := f.embedded(buf, base, p, eof); more {
			return false
		} else if embedded {
			f.pass(buf, base, p)
			return true
		}
		c.confirmed = f.endsBy(buf, base, p)
	}
	f.begin(buf, base, c, blank)
	return true
}

// notFirst opens a gap where a file's first "From " line turns out to start no message.
func (f *framer) notFirst() {
	if !f.open {
		f.open, f.junk = true, true
	}
}

// quote notes a quoted line at buf[q:]. In a header it is an earlier hop's From_ line.
func (f *framer) quote(buf []byte, base int64, q int) {
	if f.junk || !f.open {
		return
	}
	if f.readHeader(buf, base, q); f.body > 0 {
		f.h.quoted = true
		f.h.quotes.add(f.author)
	}
}

// pass goes on behind a "From " line that starts no message.
func (f *framer) pass(buf []byte, base int64, p int) {
	f.scan = base + int64(p+len(fromMark))
	if f.junk || !f.open {
		return
	}
	// What a Content-Length covers need not be quoted; what stands in the header is none of the writer's lines.
	f.readHeader(buf, base, p)
	if f.body > 0 && (f.length < 0 || base+int64(p) >= f.body+f.length || !f.h.follows()) {
		f.h.unquoted = true
	}
}

// begin ends what is open and opens the message behind the candidate.
func (f *framer) begin(buf []byte, base int64, c candidate, blank int) {
	at := base + int64(c.at)
	if f.open {
		f.end(buf, base, at-int64(blank), c.confirmed)
	}
	f.framing += int64(blank + c.next - c.at)
	if f.starts++; at >= f.counted {
		f.h.add(c.line, &c.top)
		f.counted = at + 1
	}
	f.doubt = f.h.doubt(&c)
	f.h.pass(c.line)
	f.line = c.line
	if f.author = organisation(c.envelope()); f.author == "" {
		f.author = organisation(c.line.Sender)
	}
	f.open, f.junk, f.none = true, false, false
	f.lineAt, f.start, f.scan = at, base+int64(c.next), base+int64(c.next)
	f.head, f.body, f.length, f.carried, f.covered = f.start, 0, -1, false, 0
}

// end closes what is open at offset end.
func (f *framer) end(buf []byte, base, end int64, confirmed bool) {
	if !f.junk && f.lineAt >= f.counted-1 && confirmed && f.length >= 0 {
		f.h.lengths++
		f.h.measured.add(f.author)
	}
	if f.emit != nil {
		f.emit(buf, base, end)
	}
}

// finish closes what is open at the end of the file. The blank line that a writer puts behind the last message is
// framing as between messages.
func (f *framer) finish(buf []byte, base int64) {
	if !f.open {
		return
	}
	end := len(buf)
	blank := 0
	if !f.junk {
		blank = f.blankBefore(buf, base, end)
	}
	f.framing += int64(blank)
	f.readHeader(buf, base, end)
	whole := f.endsBy(buf, base, end)
	f.cut = !f.junk && !whole
	f.end(buf, base, base+int64(end-blank), whole)
	f.open = false
}

// endsBy reports whether the open message's Content-Length ends it before buf[p:], with at most two line ends between.
func (f *framer) endsBy(buf []byte, base int64, p int) bool {
	e := f.body + f.length
	return f.body > 0 && f.length >= 0 && e >= base && e <= base+int64(p) && onlyLineEnds(buf[e-base:p])
}

// onlyLineEnds reports whether b is at most two line ends.
func onlyLineEnds(b []byte) bool {
	n := 0
	for _, c := range b {
		if c != '\r' && c != '\n' {
			return false
		}
		if c == '\n' {
			n++
		}
	}
	return n <= 2 && len(b) <= 4
}
