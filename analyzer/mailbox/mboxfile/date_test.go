package mboxfile

import (
	"net/mail"
	"strings"
	"testing"
)

var dates = []string{
	"Tue, 3 Feb 2026 04:05:06 +0900 (JST)", "Tue, 03 Feb 2026 04:05:06 +0900", "3 Feb 2026 23:59:59 -0500", "Sat, 28 Feb 2026 04:05:06 +0000 (UTC)",
	"Sun, 29 Feb 2026 04:05:06 +0000", "Tue, 31 Feb 2026 04:05:06 +0000", "Xyz, 3 Feb 2026 04:05:06 +0900", "unM, 3 Feb 2026 04:05:06 +0900",
	"Tue, 3 anF 2026 04:05:06 +0900", "Tue, 3 Feb 2026 04:05:60 +0900", "Tue, 3 Feb 2026 24:05:06 +0900", "Tue, 3 Feb 2026 04:05:06 GMT",
	"Tue, 3 Feb 2026 04:05 +0900", "Tue, 3 Feb 26 04:05:06 +0900", "Tue,  3 Feb 2026 04:05:06 +0900", "Tue, 3 Feb 2026 04:05:06 +9999",
	"Tue, 3 Feb 2026 04:05:06 +0900 (Tokyo Standard Time)", "Tue, 3 Feb 2026 04:05:06 +0900 x", "Tue, 3 Feb 2026 04:05:06 +0900 ()", "", "3", "Tue, ", "a Feb 2026 04:05:06 +0900",
	"Tue, 0 Feb 2026 04:05:06 +0900", "Tue, 3 Feb 0000 04:05:06 -0000", "Tue, 3 feb 2026 04:05:06 +0900",
}

// TestUsualDate: the form that nearly all dates have is read here, and what is read here is what the library reads.
func TestUsualDate(t *testing.T) {
	read := 0
	for _, s := range dates {
		if sameDate(t, s) {
			read++
		}
	}
	if read != 5 {
		t.Errorf("%d of these dates are read, want 5", read)
	}
}

func sameDate(t *testing.T, s string) bool {
	got, ok := usualDate([]byte(s))
	if want, err := mail.ParseDate(s); ok && (err != nil || !got.Equal(want)) {
		t.Errorf("%q: %v, want %v (%v)", s, got, want, err)
	}
	return ok
}

func FuzzUsualDate(f *testing.F) {
	for _, s := range dates {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { sameDate(t, strings.TrimSpace(s)) })
}
