package mboxfile

import (
	"errors"
	"io"
	"maps"
	"time"
)

// Checkpoint is what a Reader knows at the start of a file's last message. Reading can go on from there when something
// was appended: nothing that was decided before depends on what comes behind. All fields are the framer's own; they are
// exported to be stored.
type Checkpoint struct {
	Offset int64     `json:"offset"` // of the last message's first byte
	LineAt int64     `json:"line_at"`
	Line   savedLine `json:"line"`
	Doubt  string    `json:"doubt,omitempty"`
	None   bool      `json:"none,omitempty"`
	CR     bool      `json:"cr,omitempty"`
	MMDF   bool      `json:"mmdf,omitempty"`

	Counted   int64          `json:"counted"`
	Starts    int            `json:"starts"` // in this pass
	Style     Style          `json:"style"`
	First     savedLine      `json:"first"`
	Forms     []savedForm    `json:"forms"`
	Leads     map[string]int `json:"leads,omitempty"`
	All       int            `json:"all"` // starts that the habits know
	Lengths   int            `json:"lengths"`
	Sender    []byte         `json:"sender,omitempty"`
	Alike     int            `json:"alike"`
	Late      int            `json:"late"`
	Author    string         `json:"author,omitempty"`
	Measured  senders        `json:"measured"`
	Quotes    senders        `json:"quotes"`
	Quoted    bool           `json:"quoted,omitempty"`
	Unquoted  bool           `json:"unquoted,omitempty"`
	Last      time.Time      `json:"last,omitzero"`
	Backwards int            `json:"backwards"`
}

type savedLine struct {
	Sender []byte    `json:"sender,omitempty"` // not always UTF-8
	Time   time.Time `json:"time,omitzero"`
	Style  Style     `json:"style"`
	Pad    byte      `json:"pad,omitempty"`
	Zone   byte      `json:"zone,omitempty"`
}

type savedForm struct {
	Line savedLine `json:"line"`
	N    int       `json:"n"`
}

func save(l Line) savedLine { return savedLine{[]byte(l.Sender), l.Time, l.Style, l.pad, l.zone} }

func (l savedLine) line() Line { return Line{string(l.Sender), l.Time, l.Style, l.Pad, l.Zone} }

// ErrCheckpoint is returned for a checkpoint that no Reader has made.
var ErrCheckpoint = errors.New("mboxfile: not a checkpoint")

// Checkpoint is where reading can go on when something is appended, once Next has returned all messages but the last:
// the batch after the one that came with it holds the last message. It is nil before, for files that are so short that
// what is appended belongs to the first bytes, by which a file is judged, and where no message is open.
func (r *Reader) Checkpoint() *Checkpoint { return r.mark }

// conclude frames all that the end of the file decides nothing about, and notes where that ends. It returns true once.
func (r *Reader) conclude() bool {
	if !r.opt.Checkpoint || r.marked || !r.eof || r.err != nil || !r.f.begun {
		return false
	}
	r.marked = true
	if r.base+int64(len(r.buf)) <= int64(r.f.survey) {
		return false
	}
	r.f.step(r.buf, r.base, false)
	f := &r.f
	if !f.open || f.junk {
		return false
	}
	c := &Checkpoint{
		Offset: f.start, LineAt: f.lineAt, Line: save(f.line), Doubt: f.doubt, None: f.none, CR: f.cr, MMDF: f.mmdf, Counted: f.counted, Starts: f.starts,
		Style: f.h.style, First: save(f.h.line), All: f.h.starts, Lengths: f.h.lengths,
		Sender: []byte(f.h.sender), Alike: f.h.alike, Late: f.h.late, Author: f.author, Measured: f.h.measured, Quotes: f.h.quotes,
		Leads: maps.Clone(f.h.leads), Quoted: f.h.quoted, Unquoted: f.h.unquoted, Last: f.h.last, Backwards: f.h.backwards,
	}
	for _, form := range f.h.forms {
		c.Forms = append(c.Forms, savedForm{save(form.line), form.n})
	}
	r.mark = c
	r.out.Framing, r.f.framing = r.f.framing, 0
	return true
}

// Resume returns a Reader that goes on at a checkpoint. src begins at its Offset. The last message, and what follows it,
// is framed as a Reader of the whole file would.
func Resume(src io.Reader, opt Options, c *Checkpoint) (*Reader, error) {
	r := newReader(src, opt)
	if c.Offset < c.LineAt || c.LineAt < 0 || len(c.Forms) != len(r.f.h.forms) || c.All < 0 || c.Starts < 0 {
		return nil, ErrCheckpoint
	}
	r.f = framer{
		fromLine: opt.FromLine, message: opt.Message, survey: r.opt.survey, emit: r.emit,
		counted: c.Counted, cr: c.CR, mmdf: c.MMDF, begun: true, open: true, none: c.None, starts: c.Starts,
		lineAt: c.LineAt, start: c.Offset, scan: c.Offset, line: c.Line.line(), doubt: c.Doubt, head: c.Offset, length: -1, author: c.Author,
	}
	r.f.h = habits{
		style: c.Style, line: c.First.line(), starts: c.All, lengths: c.Lengths,
		sender: string(c.Sender), alike: c.Alike, late: c.Late, measured: c.Measured, quotes: c.Quotes, quoted: c.Quoted, unquoted: c.Unquoted,
		leads: maps.Clone(c.Leads), last: c.Last, backwards: c.Backwards,
	}
	for i, form := range c.Forms {
		r.f.h.forms[i].line, r.f.h.forms[i].n = form.Line.line(), form.N
	}
	r.base = c.Offset
	r.begin(r.opt.Block)
	return r, nil
}
