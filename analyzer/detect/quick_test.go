package detect

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

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

// headLine is a line of the little header over a forwarded message.
var headLine = regexp.MustCompile(`^\*?(from|von|de|da|van|od|差出人|送信者|发件人|寄件者|from\(差出人\)|subject|betreff|objet|asunto|oggetto|assunto|onderwerp|件名|主题|主旨|date|datum|sent|gesendet|envoye|enviado|enviada el|inviato|data|verzonden|送信日時|日時|日付|to|an|a|para|宛先)\*? ?:\*? ?(.*)$`)

func TestHeadFieldFindsWhatTheExpressionFinds(t *testing.T) {
	for word := range headWords {
		for _, line := range []string{word + ":", "*" + word + "* :* x", word + " :x", word + "*:"} {
			if headField(line) != headWords[word] || headLine.FindString(line) == "" {
				t.Errorf("%q: field %q, match %q", line, headField(line), headLine.FindString(line))
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		line := strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"from", "an", "a", "to", "件名", "enviada el", "*", " ", ":", "x", "(差出人)", "\xff"}), 0, 6).Draw(t, "pieces"), "")
		want := ""
		if m := headLine.FindStringSubmatch(line); m != nil {
			want = headWords[m[1]]
		}
		if got := headField(line); got != want {
			t.Fatalf("of %q got %q, want %q", line, got, want)
		}
	})
}

func TestFindOrderIDFindsWhatTheExpressionFinds(t *testing.T) {
	orderID := regexp.MustCompile(`(?:^|[^0-9-])(\d{3}-\d{7}-\d{7}|[dp]\d{2}-\d{7}-\d{7})(?:$|[^0-9-])`)
	pieces := []string{"249-1234567-1234567", "d01-1234567-7654321", "p12-0000000-0000000", "x99-1234567-1234567", "1", "-", " ", "注文", "249-1234567", "-1234567", "\xff", "dd01-1234567-7654321"}
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 6).Draw(t, "pieces"), "")
		want := ""
		if m := orderID.FindStringSubmatch(text); m != nil {
			want = m[1]
		}
		if got := findOrderID(text); got != want {
			t.Fatalf("of %q got %q, want %q", text, got, want)
		}
	})
}

func TestPlaceHoldersMayBeThereWhereTheyAre(t *testing.T) {
	pieces := []string{"##", "mix_1", "%{", "rand_5", "}", "*|", "|*", "[", "]", "/", "hide1", "{", "{{", "name", "[[", "abc", "]]", "a", "1", " ", "名"}
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 8).Draw(t, "pieces"), "")
		if macro.MatchString(text) && !mayHoldMacro(text) {
			t.Fatalf("%q holds %q", text, macro.FindString(text))
		}
	})
}

func TestInvisibleCharactersBeginAsExpected(t *testing.T) {
	for r := rune(0x80); r <= utf8.MaxRune; r++ {
		if (script.Hidden(r) || r >= 0x700 && r <= 0x74f || r == 0x34f) && !mayHide("a"+string(r)) {
			t.Errorf("%U is passed over", r)
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
