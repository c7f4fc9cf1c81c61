package detect

import (
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/script"
)

// findOrderID returns the first order number of the brand in a folded text, retail, digital or Amazon Pay (OFFICIAL §4):
// 249-1234567-1234567, d01-1234567-1234567. "" where it has none.
func findOrderID(text string) string {
	const first, length = 3, 3 + 1 + 7 + 1 + 7
	for at := 0; ; at++ {
		dash := strings.IndexByte(text[at:], '-')
		if dash < 0 {
			return ""
		}
		at += dash
		start, end := at-first, at-first+length
		if start < 0 || end > len(text) || text[at+8] != '-' || !digits(text[start+1:at]) || !digits(text[at+1:at+8]) || !digits(text[at+9:end]) {
			continue
		}
		if c := text[start]; !digits(text[start:start+1]) && c != 'd' && c != 'p' {
			continue
		}
		if start > 0 && inNumber(text[start-1]) || end < len(text) && inNumber(text[end]) {
			continue
		}
		return text[start:end]
	}
}

func digits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// inNumber tells for the bytes that an order number is no part of its own beside.
func inNumber(c byte) bool { return c >= '0' && c <= '9' || c == '-' }

// shape finds what the brand's own notices look like. It corroborates and never proves: fakes copy all of it.
func shape(s *scene) {
	if !s.official {
		return
	}
	official, other := 0, 0
	for i := range s.links {
		l := &s.links[i]
		switch {
		case l.rec.From == "image":
		case l.official:
			official++
		case l.acts() && !l.unsubscribe:
			other++
		}
	}
	if official > 0 && other == 0 {
		s.add("shape.official_links", s.links[0].host)
	}
	if s.brand.Can(brand.Orders) {
		if id := findOrderID(script.Cut(s.text, 16<<10)); id != "" {
			s.add("shape.order_id", id)
		}
	}
}
