package detect

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/mailaudit/mailaudit/analyzer/script"
)

// The quick ways of looking must find what the plain ones find.

func TestPhoneInFindsWhatTheExpressionFinds(t *testing.T) {
	pieces := []string{
		"0120-123-456", "03-1234-5678", "090-1234-5678", "+81 3 1234 5678", "(800) 555-0199", "800-555-0199", "1-888-555-0199", "+1 (888) 555 0199",
		"249-1234567-1234567", "2024-01-01 12:34", "12,345", "電話", "a", " ", "\n", "é", "\xff", "1", "555.0199", "-", "+", ")", "x800-555-0199", "800-555-0199x", "800-555-01999", "_",
	}
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 6).Draw(t, "pieces"), rapid.SampledFrom([]string{"", " ", ":"}).Draw(t, "between"))
		if got, want := phoneIn(text), strings.TrimSpace(phone.FindString(text)); got != want {
			t.Fatalf("of %q got %q, want %q", text, got, want)
		}
	})
}

func TestFindLostMarkFindsWhatTheExpressionFinds(t *testing.T) {
	pieces := []string{"?", "あ", "ン", "一", "龠", "a", "é", "€", "𠮷", "\xff", "゛", "ヶ", " "}
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 8).Draw(t, "pieces"), "")
		if got, want := findLostMark(text), lostMark.FindString(text); got != want {
			t.Fatalf("of %q got %q, want %q", text, got, want)
		}
	})
}

func TestHeadLinesHaveTheirColonEarly(t *testing.T) {
	for _, line := range []string{"from: x", "*from(差出人)* :* x", "*enviada el* :* x", "*送信日時* : x", "*onderwerp* : x", "件名: x"} {
		if m := headLine.FindString(line); m == "" || strings.IndexByte(line, ':') > longestHead {
			t.Errorf("%q: match %q, colon at %d", line, m, strings.IndexByte(line, ':'))
		}
	}
}

// Kana and ideographs are passed over without asking whether they are invisible: none is.
func TestKanaAndIdeographsAreVisible(t *testing.T) {
	for r := rune(0x3041); r <= 0x9fff; r++ {
		if (r <= 0x30ff || r >= 0x4e00) && script.Invisible(string(r)) > 0 {
			t.Errorf("%U is invisible", r)
		}
	}
}
