package mboxfile

import (
	"bytes"
	"strings"
)

var fromMark = []byte("From ")

// stretch is how much of a mailbox is looked over at once: long enough to be passed at the speed of memory, short beside an
// attachment.
const stretch = 4 << 10

// indexFrom is bytes.Index of fromMark. Most of a mailbox is base64, which has every letter of the word and no space: an
// F in every line would be looked at, and a stretch without a space cannot end the word.
func indexFrom(b []byte) int {
	for at := 0; at < len(b); {
		end := min(at+stretch, len(b))
		if bytes.IndexByte(b[at:end], ' ') >= 0 {
			begin := max(0, at-len(fromMark)+1)
			if i := bytes.Index(b[begin:end], fromMark); i >= 0 {
				return begin + i
			}
		}
		at = end
	}
	return -1
}

// candidate is a line that begins with "From " and may start a message.
type candidate struct {
	at, next  int // in the buffer: of the line and of what follows it
	line      Line
	parsed    bool // ParseLine knows its form
	lineLike  bool // … and if not, the line still looks like one
	first     bool // first of the file, nothing but blank lines and a byte order mark before it
	blank     bool // behind a blank line
	empty     bool // a blank line or the end of the file follows
	confirmed bool // the message before it has a Content-Length that ends here
	covered   bool // … that leads beyond it, to another start
	top            // of the header that follows
}

// accept decides whether a candidate starts a message. style is that of the file's first From_ line, "" before it.
//
// A line with a date, a Takeout id or Thunderbird's dash needs a header field behind it. Body text rarely has both, and
// where it does, quoting or Content-Length decides, or the start is marked as doubtful. Weaker forms need a blank line
// before them and a field that mail is known to have behind them, "From Russia with love" and "From here on we go" never
// qualify. A line that is broken, or of a form that nobody knows, and one that a program's banner parts from its header,
// need fields behind them that only a message has: a message less is worse than one with a doubt. What git format-patch
// writes is a start only in a file that begins so.
func (c *candidate) accept(style Style) bool {
	switch {
	case c.first:
		return c.parsed && (c.header || c.line.dated()) || c.known
	case c.parsed && c.line.Style == StyleGit:
		return style == StyleGit && c.header
	case !c.parsed:
		return c.blank && (style == StyleOdd && c.known || c.marks >= plausible && c.lineLike)
	case c.line.Time.IsZero():
		switch {
		case c.blank:
			return c.known || c.banner && c.marks >= plausible
		case c.line.Style == style:
			return c.known && c.line.dated() || c.header && c.marks >= plausible
		}
		return c.header && c.marks > plausible
	default:
		return c.header || c.blank && (c.empty || c.marks >= plausible)
	}
}

// lineLike reports whether a line that is no From_ line of a known form has something of one: an address, a time of day or
// a year.
func lineLike(line []byte) bool {
	digits := 0
	for i, c := range line {
		switch {
		case c == '@' && i > len(fromMark):
			return true
		case c >= '0' && c <= '9':
			if digits++; digits == 4 {
				return true
			}
			continue
		case c == ':' && digits > 0:
			return true
		}
		digits = 0
	}
	return false
}

// peek is how many bytes at the start of a file are looked at for a header field: RFC 5322 §2.1.1 allows lines of 998.
const peek = 1024

// look reads the candidate at buf[p:], which begins with "From ". ok is false when the line is longer than most bytes,
// more when buf ends too early to tell.
func look(buf []byte, p int, eof bool, most int, cr bool) (c candidate, ok, more bool) {
	window := buf[p:min(len(buf), p+most+2)]
	end, next := lineEnd(window, cr)
	switch {
	case end < 0 && len(window) > most:
		return c, false, false
	case end < 0 && !eof:
		return c, false, true
	case end < 0:
		end, next = len(window), len(window)
	case end > most:
		return c, false, false
	}
	c.at, c.next = p, p+next
	if !eof && len(buf)-c.next < topBytes {
		return c, false, true
	}
	c.line, c.parsed = ParseLine(window[:end])
	if !c.parsed {
		c.line, c.lineLike = Line{Style: StyleOdd}, lineLike(window[:end])
	}
	after := buf[c.next:min(len(buf), c.next+topBytes)]
	e, _ := lineEnd(after, cr)
	c.empty = e == 0 || len(after) == 0
	c.top = readTop(after, cr)
	return c, true, false
}

// lineEnd finds the first line end: end is where the line's text stops, next where the next line begins; -1 for none. A
// lone CR ends a line only in files that end their first line so.
func lineEnd(b []byte, cr bool) (end, next int) {
	lf := bytes.IndexByte(b, '\n')
	if cr {
		if i := bytes.IndexByte(b, '\r'); i >= 0 && (lf < 0 || i < lf) {
			if i+1 == lf {
				return i, i + 2
			}
			return i, i + 1
		}
	}
	if lf < 0 {
		return -1, -1
	}
	if lf > 0 && b[lf-1] == '\r' {
		return lf - 1, lf + 1
	}
	return lf, lf + 1
}

// field reports whether b begins with a header field (RFC 5322 §2.2; blanks before the colon are obsolete syntax, §4.5),
// its name in lower case, and whether it is one that mail is known to begin with. ">From " is the From_ line of an
// earlier hop that old transfer programs left at the top of a header.
func field(b []byte) (name string, ok, known bool) {
	if bytes.HasPrefix(b, []byte(">From ")) {
		return ">from", true, true
	}
	i := 0
	for i < len(b) && b[i] > ' ' && b[i] < 0x7f && b[i] != ':' {
		i++
	}
	end := i
	for i < len(b) && (b[i] == ' ' || b[i] == '\t') {
		i++
	}
	if end == 0 || i == len(b) || b[i] != ':' {
		return "", false, false
	}
	name = strings.ToLower(string(b[:end]))
	return name, true, knownField(name)
}

// knownField lists the fields that messages begin with, in lower case: what delivery, exporters and senders write first.
func knownField(name string) bool {
	for _, p := range []string{"x-", "arc-", "list-", "resent-", "content-", "dkim-", "delivered-", "envelope-", "original-"} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	switch name {
	case "return-path", "received", "received-spf", "authentication-results", "domainkey-signature", "from", "sender",
		"reply-to", "to", "cc", "bcc", "subject", "date", "message-id", "in-reply-to", "references", "mime-version",
		"status", "lines", "path", "newsgroups", "organization", "precedence", "mailing-list", "user-agent",
		"delivery-date", "errors-to", "importance", "priority", "thread-topic", "thread-index", "comments", "keywords",
		"approved", "xref", "message-context", "bounces-to", "feedback-id", "auto-submitted", "disposition-notification-to":
		return true
	}
	return false
}

// Begins reports whether b, which may be cut short, begins with a From_ line that starts a message.
func Begins(b []byte) bool {
	if !bytes.HasPrefix(b, fromMark) {
		return false
	}
	c, ok, _ := look(b, 0, true, 4096, loneCR(b))
	c.first = true
	if !ok || !c.accept("") {
		return false
	}
	if c.parsed {
		return true
	}
	if c.lineLike && c.marks >= plausible {
		return true
	}
	// A form that is not known needs two fields behind it: "From here on we go" may have one.
	_, next := lineEnd(b[c.next:], loneCR(b))
	if next < 0 {
		return false
	}
	_, _, known := field(b[c.next+next:])
	return known
}

// FromLine is the length of the From_ line that b begins with, its end included; 0 where it begins with none that a header
// follows. Some programs put one before a message that has a file of its own.
func FromLine(b []byte) int {
	if !Begins(b) {
		return 0
	}
	c, ok, _ := look(b, 0, true, 4096, loneCR(b))
	if !ok || !c.known {
		return 0
	}
	return c.next
}

// Holds reports whether b, which may be cut short, holds a dated From_ line with a header behind it.
func Holds(b []byte) bool {
	return holds(b, func(_ int, c *candidate) bool { return c.parsed && c.line.dated() && !c.line.Time.IsZero() && c.known })
}

// Joined reports whether b, a part of a file that begins with a header, holds another message behind a From_ line: a dated
// one behind a blank line, with fields under it that only a message has. What git format-patch writes is none.
func Joined(b []byte) bool {
	f := framer{cr: loneCR(b), open: true}
	return holds(b, func(i int, c *candidate) bool {
		return c.parsed && c.line.dated() && c.line.Style != StyleGit && !c.line.Time.IsZero() && c.header && c.marks >= plausible &&
			f.blankBefore(b, 0, i) > 0
	})
}

func holds(b []byte, want func(i int, c *candidate) bool) bool {
	cr := loneCR(b)
	for i := 0; ; i += len(fromMark) {
		j := indexFrom(b[i:])
		if j < 0 {
			return false
		}
		i += j
		if i > 0 && b[i-1] != '\n' && !(cr && b[i-1] == '\r') {
			continue
		}
		if c, ok, _ := look(b, i, true, 4096, cr); ok && want(i, &c) {
			return true
		}
	}
}

// loneCR reports whether the first line of b ends with a CR that no LF follows.
func loneCR(b []byte) bool {
	i := bytes.IndexAny(b, "\r\n")
	return i >= 0 && b[i] == '\r' && (i+1 == len(b) || b[i+1] != '\n') && !bytes.HasPrefix(b[i:], []byte("\r\r\n"))
}

// Blank is how many bytes of b stand before its first line with text: blank lines, lines of white space only, and byte order
// marks that programs leave between files that they join. White space before a dated From_ line counts too.
func Blank(b []byte) int {
	n := 0
	for i := 0; i < len(b); {
		switch c := b[i]; {
		case c == '\n' || c == '\r':
			i++
			n = i
		case c == ' ' || c == '\t' || c == 0:
			i++
		case bytes.HasPrefix(b[i:], byteOrderMark):
			i += len(byteOrderMark)
			n = i
		default:
			if i > n && bytes.HasPrefix(b[i:], fromMark) {
				if c, ok, _ := look(b, i, true, 4096, loneCR(b)); ok && c.parsed && c.line.dated() && c.known {
					return i
				}
			}
			return n
		}
	}
	return n
}
