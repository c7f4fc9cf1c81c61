package mboxfile

import (
	"bytes"
	"net/mail"
	"strings"
	"time"
)

const (
	// topBytes is how much of what stands behind a From_ line is read. Return-Path is among the first fields that delivery
	// writes, but Gmail puts it behind its ARC fields: 3 to 5 KiB, 8 KiB where mail was forwarded.
	topBytes = 12 << 10
	// topLines bounds the lines of it: no header that was met has more than 300.
	topLines = 400
)

// top is what the first bytes behind a From_ line show of a header.
type top struct {
	lead   string // the first field's name in lower case
	header bool   // a header field comes first
	known  bool   // … with a name that mail has
	marks  int    // how many different ones of the fields that nearly every message has
	banner bool   // a line that is no field stands before the header

	returnPath, from, sender []byte // the first value of each; nil for none
	received, date           []byte
}

// mark numbers the fields that nearly every message has.
func mark(name []byte) (n uint, ok bool) {
	for i, f := range [...]string{"received", "return-path", "from", "date", "subject", "message-id"} {
		if len(name) == len(f) && strings.EqualFold(string(name), f) {
			return uint(i), true
		}
	}
	return 0, false
}

// readTop reads the header that b, which may be cut short, begins with.
func readTop(b []byte, cr bool) top {
	var t top
	b = b[:min(len(b), topBytes)]
	t.lead, t.header, t.known = field(b)
	seen := uint(0)
	var open *[]byte // the value that folded lines belong to
	begin := 0       // of that value
	finish := func(at int) {
		if open != nil {
			*open, open = b[begin:at], nil
		}
	}
	at := 0
	for n := 0; n < topLines; n++ {
		end, next := lineEnd(b[at:], cr)
		if end <= 0 {
			if end < 0 && len(b) < topBytes {
				end, next = len(b)-at, len(b)-at // the end of the file
			}
			if end <= 0 {
				break
			}
		}
		line := b[at : at+end]
		if line[0] != ' ' && line[0] != '\t' {
			finish(at)
			i := bytes.IndexByte(line, ':')
			name := bytes.TrimRight(line[:max(i, 0)], " \t")
			switch {
			case i < 0 || len(name) == 0 || bytes.ContainsAny(name, " \t"):
				if n == 0 {
					t.banner = true
				}
			default:
				if m, ok := mark(name); ok {
					seen |= 1 << m
				}
				if v := t.value(name); v != nil && *v == nil {
					open, begin = v, at+i+1
				}
			}
		}
		at += next
	}
	finish(min(at, len(b)))
	for ; seen != 0; seen &= seen - 1 {
		t.marks++
	}
	return t
}

// value is where the value of a field is kept, nil for other fields.
func (t *top) value(name []byte) *[]byte {
	switch strings.ToLower(string(name[:min(len(name), 16)])) {
	case "return-path":
		return &t.returnPath
	case "from":
		return &t.from
	case "sender":
		return &t.sender
	case "received":
		return &t.received
	case "date":
		return &t.date
	}
	return nil
}

// address is the last address of a field's value, without angle brackets and comments; "" for none.
func address(v []byte) string {
	if i := bytes.LastIndexByte(v, '<'); i >= 0 {
		if j := bytes.IndexByte(v[i:], '>'); j > 0 {
			return string(bytes.TrimSpace(v[i+1 : i+j]))
		}
	}
	for _, w := range bytes.Fields(v) {
		if bytes.IndexByte(w, '@') > 0 {
			return string(w)
		}
	}
	return ""
}

// envelope is whose the message is by what delivery wrote: the address of its Return-Path, or of From where it has none.
func (t *top) envelope() string {
	if a := address(t.returnPath); a != "" {
		return a
	}
	return address(t.from)
}

// agrees reports whether the header names the From_ line's sender as the envelope's, or, as exporters write it that have
// no envelope, as the author's: the same domain, or one below the other, as with addresses for bounces.
func (t *top) agrees(sender string) bool {
	_, want, ok := cutLast(strings.ToLower(strings.Trim(sender, "<> .")), '@')
	if !ok {
		return false
	}
	for _, v := range [][]byte{t.returnPath, t.sender, t.from} {
		if _, d, ok := cutLast(strings.ToLower(strings.Trim(address(v), ".")), '@'); ok && (within(d, want) || within(want, d)) {
			return true
		}
	}
	return false
}

// within reports whether a domain is another or lies below it; a domain of one label holds none.
func within(d, above string) bool {
	return d == above || strings.HasSuffix(d, "."+above) && strings.Contains(above, ".")
}

// lag is how long after the time at which the header says that the message was received, or where it does not say so was
// written, a From_ line was.
func (t *top) lag(at time.Time) (lag time.Duration, ok bool) {
	v := t.date
	if i := bytes.LastIndexByte(t.received, ';'); i >= 0 {
		v = t.received[i+1:]
	}
	v = bytes.TrimSpace(v[:min(len(v), 200)])
	when, ok := usualDate(v)
	if !ok {
		var err error
		if when, err = mail.ParseDate(string(v)); err != nil {
			return 0, false
		}
	}
	if at.IsZero() {
		return 0, false
	}
	return at.Sub(when), true
}

// usualDate reads a date in the form in which nearly all programs write it: "Tue, 3 Feb 2026 04:05:06 +0900 (JST)". Of any other
// it tells nothing. mail.ParseDate tries one layout after the other, and makes an error for each that does not fit.
func usualDate(b []byte) (time.Time, bool) {
	const days, months = "SunMonTueWedThuFriSat", "JanFebMarAprMayJunJulAugSepOctNovDec"
	if len(b) > 5 && b[3] == ',' && b[4] == ' ' {
		if strings.Index(days, string(b[:3]))%3 != 0 {
			return time.Time{}, false
		}
		b = b[5:]
	}
	day, n := digit(b), 1
	if len(b) > 1 && b[1] != ' ' {
		day, n = 10*day+digit(b[1:]), 2
	}
	const rest = " Feb 2026 04:05:06 +0900"
	if b = b[min(n, len(b)):]; len(b) < len(rest) || len(b) > len(rest) && !comment(b[len(rest):]) {
		return time.Time{}, false
	}
	for i := range len(rest) {
		switch c := rest[i]; {
		case c >= '0' && c <= '9':
			if b[i] < '0' || b[i] > '9' {
				return time.Time{}, false
			}
		case (c == ' ' || c == ':') && b[i] != c:
			return time.Time{}, false
		}
	}
	two := func(i int) int { return 10*digit(b[i:]) + digit(b[i+1:]) }
	month, east := strings.Index(months, string(b[1:4])), two(20)*60+two(22)
	switch {
	case b[19] == '-':
		east = -east
	case b[19] != '+':
		return time.Time{}, false
	}
	year, hour, minute, second := 100*two(5)+two(7), two(10), two(13), two(16)
	if month < 0 || month%3 != 0 || day < 1 || day > 28 || hour > 23 || minute > 59 || second > 59 || two(20) > 14 || two(22) > 59 {
		return time.Time{}, false
	}
	return time.Date(year, time.Month(month/3+1), day, hour, minute, second, 0, time.UTC).Add(-time.Duration(east) * time.Minute), true
}

// digit is the figure that b begins with; far too much where it begins with none.
func digit(b []byte) int {
	if len(b) == 0 || b[0] < '0' || b[0] > '9' {
		return 1000
	}
	return int(b[0] - '0')
}

// comment reports whether b is the name of a zone in parentheses, as stands behind dates.
func comment(b []byte) bool {
	if len(b) < 4 || b[0] != ' ' || b[1] != '(' || b[len(b)-1] != ')' {
		return false
	}
	for _, c := range b[2 : len(b)-1] {
		if c < 'A' || c > 'Z' {
			return false
		}
	}
	return true
}

// deliveredAt reports whether a From_ line has the time of delivery.
func (t *top) deliveredAt(at time.Time) bool {
	lag, ok := t.lag(at)
	return ok && lag.Abs() <= day
}

// plausible is how many of the fields that nearly every message has make what stands under a line that is no clean From_
// line a message: verse has lines with a colon, and quoted mail one field, or fields behind ">".
const plausible = 2

// organisation is the part of an address's domain that one owner holds, taken too short rather than too long: two labels
// of it. Who sends from many hosts of one domain is one sender.
func organisation(address string) string {
	_, d, ok := cutLast(strings.ToLower(strings.ToValidUTF8(strings.Trim(address, "<> ."), "?")), '@')
	if !ok {
		return ""
	}
	if i := strings.LastIndexByte(d, '.'); i > 0 {
		if j := strings.LastIndexByte(d[:i], '.'); j >= 0 {
			return d[j+1:]
		}
	}
	return d
}

func cutLast(s string, sep byte) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}
