package mboxfile

import (
	"strings"
	"time"
)

// Reasons for doubt, in plain English; Extent.Doubt is one of them.
const (
	DoubtNoFromLine = "the file begins without a From_ line"
	DoubtNoBlank    = "no blank line before its From_ line"
	DoubtNoHeader   = "no header field behind its From_ line"
	DoubtLead       = "its header begins with another field than the file's others"
	DoubtForm       = "its From_ line has another form than the file's others"
	DoubtUnquoted   = "the file does not quote body lines that begin with From_"
	DoubtWeakForm   = "its From_ line has no date and the file shows no quoting"
	DoubtOrder      = "its From_ line is older than the one before it, in a file that is in order"
	DoubtSender     = "its From_ line names another sender than its header"
	DoubtLength     = "it lies within what the Content-Length of the message before it covers"
)

// Doubts are all reasons for doubt.
func Doubts() []string {
	return []string{DoubtNoFromLine, DoubtNoBlank, DoubtNoHeader, DoubtLead, DoubtForm, DoubtUnquoted, DoubtWeakForm, DoubtOrder, DoubtSender, DoubtLength}
}

// habits is what a file has shown of its writer's ways: in its first surveyed bytes, and in all messages before the
// one that is looked at.
type habits struct {
	style Style // of the first From_ line
	line  Line  // the first From_ line, for its finer form
	forms [2]struct {
		line Line
		n    int
	} // the two forms seen first, and how often
	sender    string         // of the first From_ line
	alike     int            // From_ lines with that sender
	late      int            // From_ lines from more than a day after delivery: from when the file was written
	leads     map[string]int // first fields of headers, in lower case, and how often; at most mostLeads of them
	starts    int            // messages
	lengths   int            // of these: with a Content-Length that led to the next From_ line
	measured  senders        // whose messages have a Content-Length that led to the next From_ line
	quotes    senders        // in whose messages a ">" stands before "From "
	quoted    bool           // such a line was seen at all
	unquoted  bool
	last      time.Time // of the From_ line before
	backwards int       // From_ lines that are more than a day older than the one before
}

// several is from how many independent senders on something is a habit of the file's writer: one sender, or two who know
// each other, can put anything into their mail.
const several = 3

// senders are the first few different organisations that something was seen of.
type senders [several]string

func (s *senders) add(organisation string) {
	if organisation == "" {
		return
	}
	for i := range s {
		if s[i] == "" {
			s[i] = organisation
		}
		if s[i] == organisation {
			return
		}
	}
}

func (s *senders) several() bool { return s[several-1] != "" }

// day is how far apart From_ lines of one file may be in the wrong order: writers use local time with and without a zone.
const day = 24 * time.Hour

// mostLeads is how many names of first fields are counted. A file of one writer has one or two.
const mostLeads = 16

// add counts a start with what its header shows.
func (h *habits) add(l Line, t *top) {
	h.starts++
	lead := t.lead
	if h.leads == nil {
		h.leads = make(map[string]int)
	}
	if _, known := h.leads[lead]; known || len(h.leads) < mostLeads {
		h.leads[lead]++
	}
	if h.style == "" {
		h.style, h.line, h.sender = l.Style, l, l.Sender
	}
	if l.Sender == h.sender {
		h.alike++
	}
	if lag, ok := t.lag(l.Time); ok && lag > day {
		h.late++
	}
	for i := range h.forms {
		f := &h.forms[i]
		if f.n == 0 {
			f.line = l
		}
		if sameForm(f.line, l) {
			f.n++
			break
		}
	}
	if h.isBackwards(l) {
		h.backwards++
	}
}

// pass remembers the time of a start for the next one.
func (h *habits) pass(l Line) {
	if !l.Time.IsZero() {
		h.last = l.Time
	}
}

func (h *habits) isBackwards(l Line) bool {
	return !l.Time.IsZero() && !h.last.IsZero() && l.Time.Before(h.last.Add(-day))
}

// nearly is the share of a file's messages, in eighths, from which on something is what its writer does, and the rest is
// mail that came into the file by another way.
const nearly = 7

// follows reports whether the messages of the file have a Content-Length that leads to the next From_ line, so that it is
// worth cutting the file by it.
func (h *habits) follows() bool { return h.lengths >= 2 && 8*h.lengths >= nearly*h.starts }

// byLength reports whether it is the writer that keeps Content-Length, so that it is certain where messages end: several
// independent senders have it. Whoever sends a mail may put the field into it, into ten mails as well as into one.
func (h *habits) byLength() bool { return h.follows() && h.measured.several() }

// usual reports whether the finer form of a From_ line is the first one's, or that of a quarter of the lines.
func (h *habits) usual(l Line) bool {
	if sameForm(h.line, l) {
		return true
	}
	for _, f := range h.forms {
		if f.n > 1 && 4*f.n >= h.starts && sameForm(f.line, l) {
			return true
		}
	}
	return false
}

// fewMessages is from how many messages on a file shows habits: eight of which seven are alike.
const fewMessages = 8

// leadsOtherwise reports whether nearly all headers of the file begin with one field and this one with another: the
// program that delivers, or exports, writes the first field of every header.
func (h *habits) leadsOtherwise(lead string) bool {
	if h.starts < fewMessages {
		return false
	}
	for name, n := range h.leads {
		if name != "" && name != lead && 8*n >= nearly*h.starts {
			return true
		}
	}
	return false
}

// atOnce is how long a program takes at most from one message to the next when it writes a file from mail that it has: it
// may have to fetch it.
const atOnce = 10 * time.Minute

// writtenWith reports whether a From_ line has the time at which the file was written, in a file that was written from mail that
// had been delivered long before: by an export, or by formail, Python and others that put the present time there. That
// time was to come when a sender wrote his mail.
func (h *habits) writtenWith(l Line) bool {
	if h.starts < fewMessages || 8*h.late < nearly*h.starts || l.Time.IsZero() || h.last.IsZero() {
		return false
	}
	apart := l.Time.Sub(h.last)
	return apart >= 0 && apart <= atOnce
}

// contradicts reports whether a From_ line and the header under it name different senders. Delivery writes both from the
// envelope, exporters take the line from the header, and who writes the same sender into every line shows nothing by it.
func (h *habits) contradicts(c *candidate) bool {
	switch {
	case !strings.Contains(c.line.Sender, "@") || c.line.Style == StyleTakeout:
		return false
	case h.starts >= fewMessages && c.line.Sender == h.sender && 8*h.alike >= nearly*h.starts:
		return false
	}
	return !c.agrees(c.line.Sender)
}

// sameForm compares style, zone and the padding of the day where both lines show it. Thunderbird writes its line with
// and without a date into one file.
func sameForm(a, b Line) bool {
	return a.Style == b.Style && a.zone == b.zone && (a.pad == b.pad || a.pad == 0 || b.pad == 0) &&
		(a.Time.IsZero() == b.Time.IsZero() || a.Style == StyleThunderbird)
}

// doubt decides whether it is certain that an accepted candidate starts a message. It is the one rule for it.
//
// A sender can put "From x@y <date>", trace fields and authentication results of his own into a body. That cannot pass
// for a start where the writer of the file quotes such lines, or says by Content-Length where a message ends; and every
// program that is known to write mboxes does one or the other. So a start is certain when it is the first of the file, or
// when a writer that keeps Content-Length points at it. Else it needs a blank line before it, a header behind it and a
// From_ line of a form that the file has, and the file must not have shown an unquoted "From " line that starts no
// message: then its writer does not quote, and every start is in doubt. With those, a file in which several independent
// senders' lines are quoted is believed, and so is Google Takeout, which writes mboxrd.
//
// A file that has shown neither has nothing against it, and there whoever makes up a start must get right what he cannot
// see: the finer form of the line (zone, padding, spaces, a date), its place in the order of delivery, the field that
// delivery begins headers with, and that the line names the sender of the message under it, as the file's writer takes it
// from there; or the time at which the file was written, where that is what its lines say. Honest mail that came by another way, from another receiver or out of another folder, begins otherwise and
// stands out of order as well; but its line says what its header says.
func (h *habits) doubt(c *candidate) string {
	switch {
	case c.first:
		return ""
	case c.confirmed && h.byLength():
		return ""
	case !c.blank:
		return DoubtNoBlank
	case c.empty || !c.header:
		return DoubtNoHeader
	case c.line.Style != h.style && !h.usual(c.line):
		return DoubtForm
	case h.unquoted:
		return DoubtUnquoted
	case c.covered:
		return DoubtLength
	case h.quotes.several() || c.line.Style == StyleTakeout:
		return ""
	case c.line.Style == StyleBare || c.line.Style == StyleUndated || c.line.Style == StyleOdd:
		return DoubtWeakForm
	case !h.usual(c.line):
		return DoubtForm
	case h.writtenWith(c.line):
		return ""
	case h.contradicts(c):
		return DoubtSender
	}
	vouched := c.returnPath != nil && c.agrees(c.line.Sender)
	switch {
	case h.isBackwards(c.line) && h.starts >= fewMessages && 8*h.backwards <= h.starts && !(vouched && c.deliveredAt(c.line.Time)):
		return DoubtOrder
	case h.leadsOtherwise(c.lead) && !vouched:
		return DoubtLead
	}
	return ""
}
