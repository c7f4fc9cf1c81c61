package event

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/mailaudit/mailaudit/analyzer/script"
)

// date reads the first calendar day in s and returns it as 2006-01-02. Known forms: 2026年3月1日, 2026/03/01, 2026-03-01,
// 1. März 2026, March 1, 2026, 1 de marzo de 2026, 01.03.2026. A form as 03/04/2026 is read only where one of the numbers
// can't be a month: the order of the two differs between countries of one language.
func (c *compiled) date(s string) (string, bool) {
	tokens := dateTokens(fold(script.Cut(s, valueMax)))
	for i := range tokens {
		if y, m, d, ok := c.dateAt(tokens[i:]); ok && y >= 1995 && y < 2100 && m >= 1 && m <= 12 && d >= 1 && d <= 31 {
			return fmt.Sprintf("%04d-%02d-%02d", y, m, d), true
		}
	}
	return "", false
}

// dateAt reads a day from the first tokens.
func (c *compiled) dateAt(t []string) (y, m, d int, ok bool) {
	if len(t) >= 3 && number(t[0]) && number(t[1]) && number(t[2]) {
		a, b, e := atoi(t[0]), atoi(t[1]), atoi(t[2])
		switch {
		case len(t[0]) == 4:
			return a, b, e, true
		case len(t[2]) == 4 && a > 12:
			return e, b, a, true
		case len(t[2]) == 4 && b > 12:
			return e, a, b, true
		case len(t[2]) == 4 && a == b:
			return e, a, b, true
		}
		return 0, 0, 0, false
	}
	if len(t) >= 3 && number(t[0]) && c.months[t[1]] > 0 && number(t[2]) && len(t[2]) == 4 {
		return atoi(t[2]), c.months[t[1]], atoi(t[0]), true
	}
	if len(t) >= 3 && c.months[t[0]] > 0 && number(t[1]) && number(t[2]) && len(t[2]) == 4 {
		return atoi(t[2]), c.months[t[0]], atoi(t[1]), true
	}
	return 0, 0, 0, false
}

// dateTokens cuts folded text into words and numbers; the small words of dates ("de", "of", "1st") are dropped.
func dateTokens(s string) []string {
	var tokens []string
	start, kind := 0, 0
	flush := func(end int) {
		if kind != 0 && end > start {
			switch t := s[start:end]; t {
			case "de", "del", "of", "the", "st", "nd", "rd", "th", "年", "月", "日", "den", "er":
			default:
				tokens = append(tokens, t)
			}
		}
	}
	for i, r := range s {
		k := 0
		switch {
		case r >= '0' && r <= '9':
			k = 1
		case isCJK(r):
			k = 3
		case unicode.IsLetter(r):
			k = 2
		}
		if k != kind || k == 3 {
			flush(i)
			start, kind = i, k
		}
		if len(tokens) > 40 {
			return tokens
		}
	}
	flush(len(s))
	return tokens
}

func number(s string) bool { return len(s) <= 4 && strings.Trim(s, "0123456789") == "" }

func atoi(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}
