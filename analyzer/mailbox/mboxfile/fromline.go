package mboxfile

import (
	"bytes"
	"time"
)

// Style is the family of a From_ line. A file's writer keeps to one.
type Style string

// Styles.
const (
	StyleNone        Style = "none"        // no From_ line: the first message of a file that lacks its first line
	StyleAsctime     Style = "asctime"     // From x@y Thu Jan  1 00:00:00 1970, with or without a zone (RFC 4155, most Unix programs)
	StyleTakeout     Style = "takeout"     // From 1545668983435175434@xxx Fri Sep 16 22:26:51 +0000 2016 (Google Takeout)
	StyleThunderbird Style = "thunderbird" // From - Thu Jan  1 00:00:00 1970, also "From - " alone
	StyleUUCP        Style = "uucp"        // From x Thu Jan  1 00:00:00 1970 remote from host
	StyleRFC2822     Style = "rfc2822"     // From x@y Thu, 1 Jan 1970 00:00:00 +0000 (scripts)
	StyleISO         Style = "iso"         // From x@y 1970-01-01T00:00:00Z (scripts)
	StyleGit         Style = "git"         // From <40 hex digits> Mon Sep 17 00:00:00 2001 (git format-patch)
	StyleGroups      Style = "groups"      // From -1234567890123456789 (Google Groups exports, Usenet archives)
	StyleUndated     Style = "undated"     // From x@y
	StyleBare        Style = "bare"        // From_ and nothing behind it (some Thunderbird and Got Your Back files)
	StyleOdd         Style = "odd"         // any other first line "From …" of a file that is followed by a header
)

// Line is a From_ line.
type Line struct {
	Sender string
	Time   time.Time // UTC; zero where it has none or an impossible one; without a zone it is taken as UTC
	Style  Style

	pad  byte // how a one-digit day is padded: ' ', '0', 'n' for not at all, 0 where the line doesn't show it
	zone byte // place and kind of the zone: 0 none, '<' number before the year, '>' number behind it, 'a' name before, 'z' name behind
}

// gitDate is the date of every line that git format-patch writes, so that the line is a valid From_ line.
const gitDate = "Mon Sep 17 00:00:00 2001"

// ParseLine reads a From_ line, with or without its line end. ok is false where it is none: "From here on we go".
func ParseLine(line []byte) (l Line, ok bool) {
	if !bytes.HasPrefix(line, fromMark) {
		return Line{}, false
	}
	rest := bytes.TrimRight(line[len(fromMark):], " \t\r\n")
	tok := tokens(rest)
	if len(tok) == 0 {
		return Line{Style: StyleBare}, true
	}
	for i := range tok {
		at := tok[i].start
		tail, shape := parseDate(rest, tok[i:])
		if shape == 0 {
			continue
		}
		l = tail
		l.Sender = string(bytes.TrimSpace(rest[:at]))
		l.Style = datedStyle(l.Sender, string(rest[at:]), shape, l.Style)
		return l, true
	}
	if len(tok) != 1 {
		return Line{}, false
	}
	s := string(rest[tok[0].start:])
	switch {
	case s == "-":
		return Line{Sender: s, Style: StyleThunderbird}, true
	case isTakeoutID(s):
		return Line{Sender: s, Style: StyleTakeout}, true
	case isGroupsID(s):
		return Line{Sender: s, Style: StyleGroups}, true
	case bytes.IndexByte(rest, '@') > 0:
		return Line{Sender: s, Style: StyleUndated}, true
	}
	return Line{}, false
}

// dated reports whether lines of the style carry a date, which body text rarely imitates by chance.
func (l Line) dated() bool {
	switch l.Style {
	case StyleAsctime, StyleUUCP, StyleRFC2822, StyleISO, StyleGit:
		return true
	case StyleTakeout, StyleThunderbird:
		return true // "@xxx" and "-" are as telling as a date
	}
	return false
}

func datedStyle(sender, date string, shape byte, trailer Style) Style {
	switch {
	case trailer != "":
		return trailer
	case isTakeoutID(sender):
		return StyleTakeout
	case sender == "-":
		return StyleThunderbird
	case date == gitDate && isCommit(sender):
		return StyleGit
	case shape == 'r':
		return StyleRFC2822
	case shape == 'i':
		return StyleISO
	}
	return StyleAsctime
}

type token struct{ start, end int }

// tokens splits at blanks and tabs; a From_ line that is worth reading has no more than 16 words.
func tokens(s []byte) []token {
	var out []token
	for i := 0; i < len(s) && len(out) < 16; {
		for i < len(s) && (s[i] == ' ' || s[i] == '\t') {
			i++
		}
		j := i
		for j < len(s) && s[j] != ' ' && s[j] != '\t' {
			j++
		}
		if j > i {
			out = append(out, token{i, j})
		}
		i = j
	}
	return out
}

// parseDate reads a date that begins at tok[0] and reaches to the end of s. shape is 'a' for asctime, 'r' for RFC 2822,
// 'i' for ISO 8601, 0 for no date. The line's Style is set where a "remote from" trailer decides it.
func parseDate(s []byte, tok []token) (l Line, shape byte) {
	w := func(i int) string {
		if i >= len(tok) {
			return ""
		}
		return string(s[tok[i].start:tok[i].end])
	}
	if day := w(0); len(day) >= 10 && day[4] == '-' {
		if t, err := time.Parse(time.RFC3339, day); err == nil && len(tok) == 1 {
			if !possible(t.Year()) {
				return Line{}, 'i'
			}
			return Line{Time: t.UTC()}, 'i'
		}
		return Line{}, 0
	}
	if !isWeekday(w(0)) {
		return Line{}, 0
	}
	d := date{}
	var i int
	if m := month(w(1)); m > 0 {
		shape = 'a'
		d.month = m
		if d.day = number(w(2), 2); d.day < 0 {
			return Line{}, 0
		}
		l.pad = padding(s, tok[2])
		i = 3
		if !d.clock(w(i)) {
			return Line{}, 0
		}
		i++
		if i, l.zone = d.zoneAt(w, i, '<', 'a'); d.yearAt(w(i)) {
			i++
		} else {
			return Line{}, 0
		}
		if l.zone == 0 {
			i, l.zone = d.zoneAt(w, i, '>', 'z')
		}
	} else {
		shape = 'r'
		if d.day = number(w(1), 2); d.day < 0 {
			return Line{}, 0
		}
		if d.month = month(w(2)); d.month == 0 || !d.yearAt(w(3)) || !d.clock(w(4)) {
			return Line{}, 0
		}
		i, l.zone = d.zoneAt(w, 5, '>', 'z')
	}
	if w(i) == "remote" && w(i+1) == "from" && i+2 < len(tok) {
		l.Style = StyleUUCP
		i += 3
	}
	if i < len(tok) {
		return Line{}, 0
	}
	l.Time = d.time()
	return l, shape
}

func isWeekday(s string) bool {
	if len(s) == 4 && s[3] == ',' {
		s = s[:3]
	}
	switch s {
	case "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun":
		return true
	}
	return false
}

func month(s string) time.Month {
	switch s {
	case "Jan":
		return time.January
	case "Feb":
		return time.February
	case "Mar":
		return time.March
	case "Apr":
		return time.April
	case "May":
		return time.May
	case "Jun":
		return time.June
	case "Jul":
		return time.July
	case "Aug":
		return time.August
	case "Sep":
		return time.September
	case "Oct":
		return time.October
	case "Nov":
		return time.November
	case "Dec":
		return time.December
	}
	return 0
}

// padding tells how a one-digit day is written: "Jan  1", "Jan 01" or "Jan 1".
func padding(s []byte, t token) byte {
	switch {
	case s[t.start] == '0':
		return '0'
	case t.end-t.start == 2:
		return 0
	case t.start >= 2 && s[t.start-1] == ' ' && s[t.start-2] == ' ':
		return ' '
	}
	return 'n'
}

func isTakeoutID(s string) bool {
	const mark = "@xxx"
	return len(s) > len(mark) && s[len(s)-len(mark):] == mark && number(s[:len(s)-len(mark)], 20) >= 0
}

func isGroupsID(s string) bool {
	if s[0] == '-' {
		s = s[1:]
	}
	return len(s) >= 8 && number(s, 20) >= 0
}

func isCommit(s string) bool {
	if len(s) != 40 && len(s) != 64 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// number reads one to most decimal digits; -1 where s is anything else. Values beyond an int wrap and stay non-negative.
func number(s string, most int) int {
	if s == "" || len(s) > most {
		return -1
	}
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return -1
		}
		n = n*10 + int(s[i]-'0')
	}
	return n & (1<<62 - 1)
}
