package mboxfile

import "time"

// date gathers the fields of a From_ line's date, which may be impossible ones.
type date struct {
	year, day         int
	month             time.Month
	hour, minute, sec int
	offset            int // seconds east of UTC
}

// clock reads HH:MM or HH:MM:SS; RFC 4155 has seconds, UUCP lines have not.
func (d *date) clock(s string) bool {
	if len(s) > 1 && s[1] == ':' {
		s = "0" + s
	}
	if len(s) != 5 && len(s) != 8 || s[2] != ':' || len(s) == 8 && s[5] != ':' {
		return false
	}
	d.hour, d.minute = number(s[:2], 2), number(s[3:5], 2)
	if len(s) == 8 {
		d.sec = number(s[6:], 2)
	}
	return d.hour >= 0 && d.minute >= 0 && d.sec >= 0
}

// possible reports whether mail can have been stored in a year: not before there was Unix time.
func possible(year int) bool { return year >= 1970 && year <= 2199 }

// yearAt reads a year of four digits, or of two as UUCP programs wrote it.
func (d *date) yearAt(s string) bool {
	if len(s) != 4 && len(s) != 2 {
		return false
	}
	d.year = number(s, 4)
	if len(s) == 2 && d.year >= 0 {
		d.year += 1900
		if d.year < 1970 {
			d.year += 100
		}
	}
	return d.year >= 0
}

// zoneAt reads a zone at word i, "+0900", "JST" or "MET DST", and returns the index behind it. kind is num for a number,
// name for a name, 0 where there is no zone.
func (d *date) zoneAt(w func(int) string, i int, num, name byte) (next int, kind byte) {
	s := w(i)
	if len(s) == 5 && (s[0] == '+' || s[0] == '-') {
		if n := number(s[1:], 4); n >= 0 {
			d.offset = (n/100)*3600 + (n%100)*60
			if s[0] == '-' {
				d.offset = -d.offset
			}
			return i + 1, num
		}
		return i, 0
	}
	if len(s) < 1 || len(s) > 5 || s == "remot" {
		return i, 0
	}
	for j := range len(s) {
		if s[j] < 'A' || s[j] > 'Z' {
			return i, 0
		}
	}
	d.offset = zoneOffset(s)
	if w(i+1) == "DST" {
		d.offset += 3600
		i++
	}
	return i + 1, name
}

// zoneOffset knows the names of RFC 5322 §4.3 and JST; other names count as UTC.
func zoneOffset(name string) int {
	hours := 0
	switch name {
	case "EDT":
		hours = -4
	case "EST", "CDT":
		hours = -5
	case "CST", "MDT":
		hours = -6
	case "MST", "PDT":
		hours = -7
	case "PST":
		hours = -8
	case "MET", "CET", "BST":
		hours = 1
	case "MEST", "CEST":
		hours = 2
	case "JST":
		hours = 9
	}
	return hours * 3600
}

// time is the moment in UTC, or the zero time for a date that doesn't exist or lies outside 1970 to 2199.
func (d *date) time() time.Time {
	if !possible(d.year) || d.day < 1 || d.hour > 23 || d.minute > 59 || d.sec > 60 {
		return time.Time{}
	}
	t := time.Date(d.year, d.month, d.day, d.hour, d.minute, d.sec, 0, time.UTC)
	if t.Day() != d.day && d.sec < 60 {
		return time.Time{}
	}
	return t.Add(-time.Duration(d.offset) * time.Second)
}
