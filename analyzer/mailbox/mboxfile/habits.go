package mboxfile

import "time"

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
)

// Doubts are all reasons for doubt.
func Doubts() []string {
	return []string{DoubtNoFromLine, DoubtNoBlank, DoubtNoHeader, DoubtLead, DoubtForm, DoubtUnquoted, DoubtWeakForm, DoubtOrder}
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
	leads     map[string]int // first fields of headers, in lower case, and how often; at most mostLeads of them
	starts    int            // messages
	lengths   int            // of these: with a Content-Length that led to the next From_ line
	carried   int            // of these: with any Content-Length
	quoted    bool
	unquoted  bool
	last      time.Time // of the From_ line before
	backwards int       // From_ lines that are more than a day older than the one before
}

// day is how far apart From_ lines of one file may be in the wrong order: writers use local time with and without a zone.
const day = 24 * time.Hour

// mostLeads is how many names of first fields are counted. A file of one writer has one or two.
const mostLeads = 16

// add counts a start with the first field of its header.
func (h *habits) add(l Line, lead string) {
	h.starts++
	if h.leads == nil {
		h.leads = make(map[string]int)
	}
	if _, known := h.leads[lead]; known || len(h.leads) < mostLeads {
		h.leads[lead]++
	}
	if h.style == "" {
		h.style, h.line = l.Style, l
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

// byLength tells whether the writer keeps Content-Length right: most messages have one, more than one lead to the next
// From_ line. One alone proves nothing: whoever sends a mail may put the field into it.
func (h *habits) byLength() bool { return h.lengths >= 2 && 2*h.lengths >= h.starts }

// lengthRare tells whether Content-Length is foreign to the file, so that a sender put it there. Eight messages are
// enough to see it, fewer are not.
func (h *habits) lengthRare() bool { return h.starts >= 8 && 2*h.carried < h.starts }

// usual tells whether the finer form of a From_ line is the first one's, or that of a quarter of the lines.
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

// leadsOtherwise tells whether nearly all headers of the file begin with one field and this one with another: the
// program that delivers, or exports, writes the first field of every header. Eight messages of which seven begin alike
// show that it does.
func (h *habits) leadsOtherwise(lead string) bool {
	if h.starts < 8 {
		return false
	}
	for name, n := range h.leads {
		if name != "" && name != lead && 8*n >= 7*h.starts {
			return true
		}
	}
	return false
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
// for a start where the writer of the file quotes such lines, or says by Content-Length where a message ends. So a
// start is certain when it is the first of the file, or when a writer that keeps Content-Length points at it. Else it
// needs a blank line before it, a header behind it and a From_ line of the file's own form, and the file must not have
// shown an unquoted "From " line that starts no message (then its writer does not quote, and every start is in doubt).
// With those, a file that has shown a quoted line is believed, and so is Google Takeout, which writes mboxrd. A file
// that has shown neither has nothing against it: there the From_ line must also have the usual finer form (zone,
// padding, a date), the header must begin with the field that nearly all of the file begin with, if there is one, and,
// where the file is in order of delivery, the line must stand in order: all of which an attacker has to guess.
func (h *habits) doubt(c candidate) string {
	switch {
	case c.first:
		return ""
	case c.confirmed && h.byLength():
		return ""
	case !c.blank:
		return DoubtNoBlank
	case c.empty:
		return DoubtNoHeader
	case c.line.Style != h.style:
		return DoubtForm
	case h.unquoted:
		return DoubtUnquoted
	case h.quoted || c.line.Style == StyleTakeout:
		return ""
	case c.line.Style == StyleBare || c.line.Style == StyleUndated || c.line.Style == StyleOdd:
		return DoubtWeakForm
	case !h.usual(c.line):
		return DoubtForm
	case h.isBackwards(c.line) && h.starts >= 8 && 8*h.backwards <= h.starts:
		return DoubtOrder
	case h.leadsOtherwise(c.lead):
		return DoubtLead
	}
	return ""
}
