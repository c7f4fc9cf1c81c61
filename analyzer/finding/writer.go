package finding

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"time"
)

// Kind is what a line of the stream holds: its one key.
type Kind string

// Kinds, in the order in which they stand in the stream; message and problem mix, in source order.
const (
	KindConfig    Kind = "config"
	KindSummary   Kind = "summary"
	KindSource    Kind = "source"
	KindProfile   Kind = "profile"
	KindAttention Kind = "attention"
	KindIncident  Kind = "incident"
	KindSeries    Kind = "series"
	KindLedger    Kind = "ledger"
	KindRule      Kind = "rule"
	KindMessage   Kind = "message"
	KindProblem   Kind = "problem"
)

// order is the place of a kind in the stream.
var order = map[Kind]int{
	KindConfig: 1, KindSummary: 2, KindSource: 3, KindProfile: 4, KindAttention: 5, KindIncident: 6, KindSeries: 7,
	KindLedger: 8, KindRule: 9, KindMessage: 10, KindProblem: 10,
}

// ErrOrder is returned for a record that stands in the wrong place, or that holds no kind or more than one.
var ErrOrder = errors.New("finding: record out of place")

// Kind tells which field of r is set; "" where none is or more than one.
func (r *Record) Kind() Kind {
	found, n := Kind(""), 0
	set := func(k Kind, is bool) {
		if is {
			found, n = k, n+1
		}
	}
	set(KindConfig, r.Config != nil)
	set(KindSummary, r.Summary != nil)
	set(KindSource, r.Source != nil)
	set(KindProfile, r.Profile != nil)
	set(KindAttention, r.Attention != nil)
	set(KindIncident, r.Incident != nil)
	set(KindSeries, r.Series != nil)
	set(KindLedger, r.Ledger != nil)
	set(KindRule, r.Rule != nil)
	set(KindMessage, r.Message != nil)
	set(KindProblem, r.Problem != nil)
	if n != 1 {
		return ""
	}
	return found
}

// Writer writes a stream. The same records give the same bytes: maps are sorted, times are UTC, and `<`, `>` and `&`
// stand as they are, for the stream is read by people with grep as well.
type Writer struct {
	buf  *bufio.Writer
	last int
}

// NewWriter returns a Writer to w. It buffers: call Flush at the end.
func NewWriter(w io.Writer) *Writer { return &Writer{buf: bufio.NewWriterSize(w, 1<<16)} }

// Line is a record as it stands in the stream, made by Encode.
type Line struct {
	kind Kind
	text []byte
}

// Encode makes the line of a record, which it does not change. Unlike a Writer it can be used by many goroutines.
func Encode(r Record) (Line, error) {
	kind := r.Kind()
	if kind == "" {
		return Line{}, fmt.Errorf("%w: a record has exactly one kind", ErrOrder)
	}
	r.toUTC()
	text, err := encode(&r)
	if err != nil {
		return Line{}, fmt.Errorf("write %s record: %w", kind, err)
	}
	return Line{kind, text}, nil
}

// Write writes one record. It returns ErrOrder where the record does not follow the one before, and it does not change r.
func (w *Writer) Write(r Record) error {
	l, err := Encode(r)
	if err != nil {
		return err
	}
	return w.WriteLine(l)
}

// WriteLine writes one record as Write does.
func (w *Writer) WriteLine(l Line) error {
	place := order[l.kind]
	if place < w.last || w.last == 0 && l.kind != KindConfig || place == w.last && (l.kind == KindConfig || l.kind == KindSummary || l.kind == KindProfile) {
		return fmt.Errorf("%w: %s", ErrOrder, l.kind)
	}
	w.last = place
	if _, err := w.buf.Write(l.text); err != nil {
		return fmt.Errorf("write %s record: %w", l.kind, err)
	}
	return nil
}

// Flush writes what is buffered.
func (w *Writer) Flush() error {
	if err := w.buf.Flush(); err != nil {
		return fmt.Errorf("write findings: %w", err)
	}
	return nil
}

// toUTC puts copies with UTC times in the place of records whose times are in another zone.
func (r *Record) toUTC() {
	switch {
	case r.Config != nil:
		c := *r.Config
		c.AsOf, c.Since, c.Until = utc(c.AsOf), utc(c.Since), utc(c.Until)
		r.Config = &c
	case r.Summary != nil:
		s := *r.Summary
		s.Span = nil
		for _, t := range r.Summary.Span {
			s.Span = append(s.Span, t.UTC())
		}
		r.Summary = &s
	case r.Attention != nil:
		a := *r.Attention
		a.Why, a.Do = a.Why.toUTC(), textsToUTC(a.Do)
		r.Attention = &a
	case r.Incident != nil:
		i := *r.Incident
		i.Start, i.End, i.Story = utc(i.Start), utc(i.End), textsToUTC(i.Story)
		r.Incident = &i
	case r.Message != nil:
		m := *r.Message
		m.Time, m.HeaderDate = utc(m.Time), utc(m.HeaderDate)
		r.Message = &m
	}
}

// toUTC returns t with the times among its arguments as RFC 3339 in UTC.
func (t Text) toUTC() Text {
	var args map[string]any
	for k, v := range t.Args {
		at, ok := v.(time.Time)
		if !ok {
			continue
		}
		if args == nil {
			args = make(map[string]any, len(t.Args))
			for k, v := range t.Args {
				args[k] = v
			}
		}
		args[k] = at.UTC().Format(time.RFC3339)
	}
	if args != nil {
		t.Args = args
	}
	return t
}

func textsToUTC(ts []Text) []Text {
	if ts == nil {
		return nil
	}
	out := make([]Text, len(ts))
	for i, t := range ts {
		out[i] = t.toUTC()
	}
	return out
}

func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := t.UTC()
	return &u
}
