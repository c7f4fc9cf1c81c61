package records

import (
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/width"
)

// layouts are the forms of time that are met: Amazon's of each generation, then those of card statements and OFX.
var layouts = []struct {
	layout string
	day    bool // gives the day alone
}{
	{time.RFC3339Nano, false},
	{"2006-01-02 15:04:05", false},
	{"2006-01-02T15:04:05", false},
	{"01/02/2006 15:04:05 MST", false},
	{"01/02/2006 15:04:05", false},
	{"01/02/2006 15:04", false},
	{"20060102150405", false},
	{"2006-01-02", true},
	{"2006/1/2", true},
	{"06/1/2", true},
	{"2006年1月2日", true},
	{"2006.1.2", true},
	{"01/02/2006", true},
	{"20060102", true},
	{"060102", true},
}

// maxTime is how long a time may be written.
const maxTime = 40

// parseTime reads a time; day tells that only the day is known. Zones that Go does not know by their letters count as UTC.
func parseTime(s string) (t time.Time, day, ok bool) {
	s = strings.TrimSpace(width.Fold.String(clip(s, maxTime)))
	for _, l := range layouts {
		t, err := time.Parse(l.layout, s)
		if err == nil && t.Year() >= 1990 && t.Year() < 2100 {
			return t.UTC(), l.day, true
		}
	}
	return time.Time{}, false, false
}

// parseAmount reads an amount of money in hundredths: "1,234.56", "1.234,56", "¥1,200", "'-14.39'", "1200円".
func parseAmount(s string) (hundredths int64, ok bool) {
	s = width.Fold.String(clip(strings.TrimSpace(s), maxTime))
	negative, digits := false, make([]byte, 0, len(s))
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9' || r == '.' || r == ',':
			digits = append(digits, byte(r))
		case (r == '-' || r == '−' || r == '▲' || r == '△' || r == '(') && len(digits) == 0:
			negative = true
		case strings.ContainsRune(" '\u00a0)¥\\$€£円", r):
		case len(digits) == 0 && (r >= 'A' && r <= 'Z'): // JPY 1200
		default:
			return 0, false
		}
	}
	whole, part := split(string(digits))
	if whole == "" && part == "" || len(whole) > 13 {
		return 0, false
	}
	n, err := strconv.ParseInt("0"+whole, 10, 64)
	if err != nil {
		return 0, false
	}
	part = (part + "00")[:2]
	cents, err := strconv.ParseInt(part, 10, 64)
	if err != nil {
		return 0, false
	}
	if n = n*100 + cents; negative {
		n = -n
	}
	return n, true
}

// split takes digits with points and commas apart into the whole and what is behind the decimal sign: the last of the
// two signs, unless it stands before three digits as the only kind, where it groups thousands.
func split(s string) (whole, part string) {
	strip := strings.NewReplacer(".", "", ",", "").Replace
	i := strings.LastIndexAny(s, ".,")
	if i < 0 {
		return s, ""
	}
	tail := s[i+1:]
	other := strings.ContainsAny(s[:i], map[byte]string{'.': ",", ',': "."}[s[i]])
	again := strings.IndexByte(s[:i], s[i]) >= 0
	if again || s[i] == ',' && len(tail) == 3 && !other {
		return strip(s), ""
	}
	return strip(s[:i]), tail
}

// Amount writes hundredths as finding.Details does: decimal digits and point, without needless zeros.
func Amount(hundredths int64) string {
	sign := ""
	if hundredths < 0 {
		sign, hundredths = "-", -hundredths
	}
	s := sign + strconv.FormatInt(hundredths/100, 10)
	if c := hundredths % 100; c != 0 {
		s += "." + string([]byte{byte('0' + c/10), byte('0' + c%10)})
	}
	return s
}

// clip cuts a string to at most n bytes, between characters.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}
