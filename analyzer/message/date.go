package message

import (
	"strconv"
	"strings"
	"time"
)

// Doubts about a Date.
const (
	DateMissing    = "missing"
	DateUnreadable = "unreadable"
	DateBadZone    = "bad_zone"   // the zone is none: "+000", "-600", "JTS", nothing
	DateImpossible = "impossible" // no such day or hour, or a year before there was mail or after 2199
)

// zones are the names that mail uses instead of an offset, in seconds east of UTC. RFC 5322 §4.3 knows the American
// ones and GMT; the others are written by clients in those countries. A name with more than one meaning (CST, IST, BST)
// has the one of RFC 5322 or none.
var zones = map[string]int{
	"UT": 0, "UTC": 0, "GMT": 0, "Z": 0, "WET": 0,
	"EST": -5 * 3600, "EDT": -4 * 3600, "CST": -6 * 3600, "CDT": -5 * 3600,
	"MST": -7 * 3600, "MDT": -6 * 3600, "PST": -8 * 3600, "PDT": -7 * 3600,
	"JST": 9 * 3600, "KST": 9 * 3600, "CET": 3600, "CEST": 2 * 3600, "MET": 3600, "MEST": 2 * 3600, "EET": 2 * 3600,
	"EEST": 3 * 3600, "MSK": 3 * 3600, "HKT": 8 * 3600, "SGT": 8 * 3600, "AEST": 10 * 3600, "AEDT": 11 * 3600,
}

var months = [...]string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}

// ParseDate reads a Date field (RFC 5322 §3.3) and the forms that programs write instead: asctime, asctime with the
// zone before the year (Google Takeout), ISO 8601, two-digit years, a month before the day, full month names. Comments
// and the name of the day are passed over. Time is zero where the date can't be read or is impossible; a zone
// that can't be read is taken for UTC.
func ParseDate(s string) Date {
	raw := strings.TrimSpace(unfold(strings.TrimSpace(s))) // the line end before it is no reason to copy
	d := Date{Raw: raw}
	if raw == "" {
		d.Doubt = DateMissing
		return d
	}
	const longest = 200
	if len(raw) > longest {
		d.Doubt = DateUnreadable
		return d
	}
	if usual, ok := usualDate(raw); ok {
		return usual
	}
	if t, ok := parseISO(raw); ok {
		d.Time = t.UTC()
		d.Zone = raw[len(raw)-1:]
		if i := strings.LastIndexAny(raw, "+-"); i > 10 {
			d.Zone = raw[i:]
		}
		return plausible(d)
	}
	c := calendar{day: -1, month: -1, year: -1, hour: -1}
	for _, tok := range dateTokens(raw) {
		c.take(tok)
	}
	return plausible(c.date(d))
}

// usualDate reads the form of RFC 5322 that nearly all mail has, "Tue, 6 Jan 2026 03:04:05 +0000 (UTC)", name of the day
// and comment or not, and only where nothing about it is in doubt. A mailbox has some ten dates a message.
func usualDate(raw string) (Date, bool) {
	s := raw
	if len(s) > 5 && s[3] == ',' && s[4] == ' ' {
		if !weekday(s[:3]) {
			return Date{}, false
		}
		s = s[5:]
	}
	day, s, ok := digits(s, 1, 2, ' ')
	if !ok || len(s) < len("Jan 2026 03:04:05 +0000") || s[3] != ' ' {
		return Date{}, false
	}
	month := 0
	for i, m := range months {
		if s[0]|0x20 == m[0] && s[1]|0x20 == m[1] && s[2]|0x20 == m[2] {
			month = i + 1
		}
	}
	year, s, ok1 := digits(s[4:], 4, 4, ' ')
	hour, s, ok2 := digits(s, 2, 2, ':')
	minute, s, ok3 := digits(s, 2, 2, ':')
	second, s, ok4 := digits(s, 2, 2, ' ')
	if !ok1 || !ok2 || !ok3 || !ok4 || len(s) < 5 || month == 0 || year < 1972 || year > 2198 || hour > 23 || minute > 59 || second > 59 {
		return Date{}, false
	}
	zone, rest := s[:5], s[5:]
	if n := len(rest); n > 0 && (n < 3 || rest[:2] != " (" || rest[n-1] != ')' || strings.ContainsAny(rest[2:n-1], "()")) {
		return Date{}, false
	}
	if zone[0] != '+' && zone[0] != '-' || zone[1] < '0' || zone[1] > '9' {
		return Date{}, false
	}
	offset, ok := zoneOffset(zone)
	t := time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC)
	if !ok || t.Day() != day {
		return Date{}, false
	}
	return Date{Raw: raw, Zone: zone, Time: t.Add(-time.Duration(offset) * time.Second)}, true
}

func weekday(s string) bool {
	switch s {
	case "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun":
		return true
	}
	return false
}

// digits reads a number of so many digits with a byte behind it, and gives what follows that.
func digits(s string, least, most int, behind byte) (n int, rest string, ok bool) {
	i := 0
	for i < len(s) && i < most && s[i] >= '0' && s[i] <= '9' {
		n = n*10 + int(s[i]-'0')
		i++
	}
	if i < least || i >= len(s) || s[i] != behind {
		return 0, "", false
	}
	return n, s[i+1:], true
}

func plausible(d Date) Date {
	if !d.Time.IsZero() && (d.Time.Year() < 1971 || d.Time.Year() > 2199) {
		d.Time, d.Doubt = time.Time{}, DateImpossible
	}
	return d
}

func parseISO(s string) (time.Time, bool) {
	if len(s) < len("2006-01-02") || s[4] != '-' || s[7] != '-' {
		return time.Time{}, false
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04:05-0700"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// dateTokens cuts at white space and commas and leaves comments out.
func dateTokens(s string) []string {
	depth := 0
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '(':
			depth++
			return ' '
		case r == ')':
			depth = max(0, depth-1)
			return ' '
		case depth > 0, r == ',', r == '\t':
			return ' '
		case r == '：', r == '﹕': // full-width colon of a Japanese input method
			return ':'
		}
		return r
	}, s)
	return strings.Fields(s)
}

// calendar collects the tokens of a date.
type calendar struct {
	day, month, year     int
	hour, minute, second int
	yearDigits           int
	zone                 string
	bad, afternoon       bool
}

func (c *calendar) take(tok string) {
	switch {
	case tok[0] == '+' || tok[0] == '-' && c.hour >= 0: // before the clock: "+09:00"
		c.zone = tok
	case c.hour >= 0 && c.zone == "" && (hasPrefixFold(tok, "GMT") || hasPrefixFold(tok, "UTC")): // "GMT+9", "UTC+09:00"
		c.zone = tok
	case strings.Contains(tok, ":"):
		c.clock(tok)
	case tok[0] >= '0' && tok[0] <= '9':
		c.number(tok)
	case c.name(tok):
	case strings.EqualFold(tok, "pm"):
		c.afternoon = true
	case c.hour >= 0 && c.zone == "" && !strings.EqualFold(tok, "am"):
		c.zone = tok
	}
}

func (c *calendar) name(tok string) bool {
	low := strings.ToLower(strings.TrimRight(tok, "."))
	if len(low) < 3 {
		return false
	}
	for i, m := range months {
		if strings.HasPrefix(low, m) {
			c.month = i + 1
			return true
		}
	}
	switch low[:3] {
	case "mon", "tue", "wed", "thu", "fri", "sat", "sun":
		return true
	}
	return false
}

func (c *calendar) number(tok string) {
	if parts := strings.FieldsFunc(tok, func(r rune) bool { return r == '-' || r == '/' || r == '.' }); len(parts) == 3 {
		// 12-Jan-2024, 2024-01-12, 2024/01/12
		if len(parts[0]) == 4 {
			parts[0], parts[2] = parts[2], parts[0]
			if m, err := strconv.Atoi(parts[1]); err == nil {
				c.month = m
			}
		}
		for _, p := range parts {
			if p[0] >= '0' && p[0] <= '9' && !(c.month >= 0 && p == parts[1]) {
				c.number(p)
			} else if p[0] > '9' {
				c.name(p)
			}
		}
		return
	}
	n, err := strconv.Atoi(tok)
	if err != nil {
		c.bad = true
		return
	}
	switch {
	case len(tok) >= 3 || c.day >= 0 && c.year < 0:
		c.year, c.yearDigits = n, len(tok)
	case c.day < 0:
		c.day = n
	}
}

func (c *calendar) clock(tok string) {
	if i := strings.IndexAny(tok, "+-"); i > 0 { // "12:00:00+0900"
		c.zone, tok = tok[i:], tok[:i]
	}
	if strings.HasSuffix(tok, "Z") {
		c.zone, tok = "Z", tok[:len(tok)-1]
	}
	parts := strings.Split(tok, ":")
	v := [3]int{}
	for i, p := range parts {
		if i > 2 {
			break
		}
		if j := strings.IndexByte(p, '.'); j >= 0 && i == 2 {
			p = p[:j]
		}
		n, err := strconv.Atoi(p)
		if err != nil {
			c.bad = true
			return
		}
		v[i] = n
	}
	c.hour, c.minute, c.second = v[0], v[1], v[2]
}

func (c *calendar) date(d Date) Date {
	if c.bad || c.day < 0 || c.month < 0 || c.year < 0 || c.hour < 0 {
		d.Doubt = DateUnreadable
		return d
	}
	if c.yearDigits == 2 { // RFC 5322 §4.3
		if c.year < 50 {
			c.year += 2000
		} else {
			c.year += 1900
		}
	} else if c.yearDigits == 3 {
		c.year += 1900
	}
	if c.afternoon && c.hour < 12 {
		c.hour += 12
	}
	if c.second == 60 {
		c.second = 59 // a leap second
	}
	d.Zone = c.zone
	offset, ok := zoneOffset(c.zone)
	if !ok {
		d.Doubt = DateBadZone
	}
	t := time.Date(c.year, time.Month(c.month), c.day, c.hour, c.minute, c.second, 0, time.UTC)
	if t.Day() != c.day || int(t.Month()) != c.month || c.hour > 23 || c.minute > 59 || c.second > 59 || c.minute < 0 || c.second < 0 {
		d.Doubt = DateImpossible
		return d
	}
	d.Time = t.Add(-time.Duration(offset) * time.Second)
	return d
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// zoneOffset is the offset in seconds east of UTC; not ok where the zone is none. One that is written wrongly and can be
// meant one way only has its offset all the same: programs that print a number without its leading zero write "-600" and
// "+9", others the name before it, "GMT+0900".
func zoneOffset(z string) (int, bool) {
	if z == "" {
		return 0, false
	}
	ok := true
	if z[0] != '+' && z[0] != '-' {
		if n, known := zones[strings.ToUpper(z)]; known {
			return n, true
		}
		if len(z) < 5 || !hasPrefixFold(z, "GMT") && !hasPrefixFold(z, "UTC") || z[3] != '+' && z[3] != '-' {
			return 0, false
		}
		z, ok = z[3:], false
	}
	digits := strings.ReplaceAll(z[1:], ":", "")
	n, err := strconv.Atoi(digits)
	switch {
	case err != nil || n < 0 || digits[0] < '0':
		return 0, false
	case len(digits) == 4:
	case len(digits) == 3:
		ok = false
	case len(digits) <= 2:
		n, ok = n*100, false
	default:
		return 0, false
	}
	if n%100 > 59 || n/100 > 15 {
		return 0, false
	}
	sec := n/100*3600 + n%100*60
	if z[0] == '-' {
		sec = -sec
	}
	return sec, ok
}
