package timeline

import "testing"

func TestForeign(t *testing.T) {
	for _, c := range []struct {
		place, marketplace string
		want               bool
	}{
		{"Osaka, Japan", "co.jp", false},
		{"大阪府, 日本", "co.jp", false},
		{"Sofia, Bulgaria", "co.jp", true},
		{"ブルガリア", "co.jp", true},
		{"New Mexico, United States", "com", false},
		{"Mexico City, Mexico", "com", false}, // people in Mexico shop at amazon.com too
		{"Moscow, Russia", "com", true},
		{"Indiana", "com", false},         // names no country
		{"Tokyo", "com", false},           // names no country
		{"Wien, Österreich", "de", false}, // Austrians shop at amazon.de
		{"Kyiv, Ukraine", "co.uk", true},  // "uk" is not in "ukraine"
		{"中国地方, 日本", "co.jp", false},      // a region of Japan
		{"Lagos, Nigeria", "", false},     // whose account is not known
		{"Osaka, JP", "co.jp", false},
		{"Sofia, BG", "co.jp", true},
		{"Wilmington, DE", "com", false}, // Delaware
		{"", "co.jp", false},
		{"Lagos, Nigeria", "example", false}, // no such marketplace
	} {
		if got := foreign(c.place, c.marketplace); got != c.want {
			t.Errorf("foreign(%q, %q) = %v", c.place, c.marketplace, got)
		}
	}
}
