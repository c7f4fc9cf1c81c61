package detect

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/message"
	"github.com/mailaudit/mailaudit/analyzer/script"
)

// The quick ways of looking must find what the plain ones find.

func TestPhoneInFindsWhatTheExpressionFinds(t *testing.T) {
	pieces := []string{
		"0120-123-456", "03-1234-5678", "090-1234-5678", "+81 3 1234 5678", "(800) 555-0199", "800-555-0199", "1-888-555-0199", "+1 (888) 555 0199",
		"249-1234567-1234567", "2024-01-01 12:34", "12,345", "電話", "a", " ", "\n", "é", "\xff", "1", "555.0199", "-", "+", ")", "x800-555-0199", "800-555-0199x", "800-555-01999", "_",
		"0120123456", "01201234567", "120", "0120", "1234", "123", "12", "(0", ". ", "--", "+1",
	}
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 6).Draw(t, "pieces"), rapid.SampledFrom([]string{"", " ", ":"}).Draw(t, "between"))
		if got, want := phoneIn(text), strings.TrimSpace(phone().FindString(text)); got != want {
			t.Fatalf("of %q got %q, want %q", text, got, want)
		}
	})
}

func TestFindLostMarkFindsWhatTheExpressionFinds(t *testing.T) {
	pieces := []string{"?", "あ", "ン", "一", "龠", "a", "é", "€", "𠮷", "\xff", "゛", "ヶ", " "}
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 8).Draw(t, "pieces"), "")
		if got, want := findLostMark(text), lostMark().FindString(text); got != want {
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
		if macro().MatchString(text) && !mayHoldMacro(text) {
			t.Fatalf("%q holds %q", text, macro().FindString(text))
		}
	})
}

func TestOddCharactersAreNotPassedOver(t *testing.T) {
	for r := rune(0x80); r <= utf8.MaxRune; r++ {
		s := "a" + string(r) + "b"
		if (script.Mixed(s) || insideWords(s) > 0 || foreign(s)) && !hasOdd(s) {
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

// parsePlainly is what parseTarget does, by way of the standard library.
func parsePlainly(raw string) (t target, ok bool) {
	raw = strings.TrimSpace(script.Cut(raw, maxURL))
	if strings.ContainsAny(raw, "\n\r\t") || !utf8.ValidString(raw) {
		raw = strings.Map(func(r rune) rune {
			if r == '\n' || r == '\r' || r == '\t' {
				return -1
			}
			return r
		}, raw)
	}
	lower := strings.ToLower(script.Cut(raw, 12))
	rest := raw
	switch {
	case strings.HasPrefix(lower, "https:"):
		rest = raw[6:]
	case strings.HasPrefix(lower, "http:"):
		rest = raw[5:]
	case strings.HasPrefix(lower, "hxxp://"), strings.HasPrefix(lower, "hxxps://"):
		_, rest, _ = strings.Cut(raw, ":")
	case strings.HasPrefix(lower, "//"), strings.HasPrefix(lower, "www."):
	default:
		return t, false
	}
	rest = strings.TrimLeft(rest, `/\`)
	authority, tail := rest, ""
	if end := strings.IndexAny(rest, `/\?#`); end >= 0 {
		authority, tail = rest[:end], rest[end:]
	}
	ok = t.setAuthority(authority)
	tail, _, _ = strings.Cut(tail, "#")
	t.path, t.query, _ = strings.Cut(tail, "?")
	p := strings.ToLower(t.path)
	for _, w := range pathWords {
		if strings.Contains(p, w.word) {
			t.signs |= w.sign
		}
	}
	return t, ok
}

// paramPlainly is what param does, by way of the standard library.
func paramPlainly(query, name string) string {
	for _, pair := range strings.Split(strings.ReplaceAll(query, "&amp;", "&"), "&") {
		if k, v, _ := strings.Cut(pair, "="); k == name {
			if d, err := url.QueryUnescape(v); err == nil {
				return d
			}
			return v
		}
	}
	return ""
}

// linkPieces are pieces of links, whole and broken.
var linkPieces = []string{
	"https://", "HTTP:", "http:", "hxxps://", "//", "www.", "Www.", "\\", "/", "a.example", "amazon.co.jp", "AMAZON.de", ".", "..", "@", ":", ":8080", "]", "[::1]", "%2e", "%3F", "%fF", "%", "%zz", "\u2215", "\uff0e", "а", "\xff", " ", "\n", "\t", "_", "-",
	"?", "#", "&", "&amp;", "amp;", "=", "U=", "url=", "u", "U", "location=http%3A%2F%2Fx", "+", "/gp/r.html", "/GP/Redirect.html", "/x/c/", "/ap/SignIn", "sign-in", "log\u0130n", "login", "/verify", "openid", "unsub", "/Account", "x", "\u212a",
}

func checkLink(t interface{ Fatalf(string, ...any) }, raw string) {
	got, ok := parseTarget(raw)
	want, wok := parsePlainly(raw)
	if ok != wok || got != want {
		t.Fatalf("of %q got %+v, %v, want %+v, %v", raw, got, ok, want, wok)
	}
	_, query, _ := strings.Cut(raw, "?")
	for _, name := range []string{"U", "u", "url", "location"} {
		if got, want := param(query, name), paramPlainly(query, name); got != want {
			t.Fatalf("of %q got %s=%q, want %q", query, name, got, want)
		}
	}
}

func TestLinksAreTakenApartAsPlainly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		checkLink(t, strings.Join(rapid.SliceOfN(rapid.SampledFrom(linkPieces), 0, 9).Draw(t, "pieces"), ""))
	})
}

func FuzzParseTarget(f *testing.F) {
	for _, p := range linkPieces {
		f.Add("https://a.example/" + p + "?" + p)
		f.Add("http:" + p + "a.example?U=" + p)
	}
	f.Fuzz(func(t *testing.T, raw string) { checkLink(t, raw) })
}

// squeezePlainly is what squeeze does, character by character.
func squeezePlainly(folded string) string {
	var b strings.Builder
	space, wide := false, false
	for len(folded) > 0 {
		r, n := utf8.DecodeRuneInString(folded)
		piece := folded[:n]
		folded = folded[n:]
		if r == ' ' || r == '\n' {
			space = true
			continue
		}
		w := r >= 0x2e80 && r < 0xfb00 && r != 0xe000
		if space && b.Len() > 0 && !wide && !w {
			b.WriteByte(' ')
		}
		b.WriteString(piece)
		space, wide = false, w
	}
	return b.String()
}

func checkTexts(t interface{ Fatalf(string, ...any) }, s *scene, text string) {
	if got, want := squeeze(text), squeezePlainly(text); got != want {
		t.Fatalf("squeeze(%q) = %q, want %q", text, got, want)
	}
	if got, want := s.squeezeMarked(text), squeezePlainly(s.markNames(text)); got != want {
		t.Fatalf("squeezeMarked(%q) = %q, want %q", text, got, want)
	}
	if got, want := button(text), buttons[strings.Trim(text, " .!>»›→:")]; got != want {
		t.Fatalf("button(%q) = %v", text, got)
	}
	plain := strings.ToValidUTF8(text, "\ufffd")
	if len(plain) > 4*shownMax {
		plain = script.Cut(plain, 4*shownMax)
	}
	if plain = strings.Join(strings.Fields(plain), " "); len(plain) > shownMax {
		plain = script.Cut(plain, shownMax) + "…"
	}
	if got := quote(text); got != plain {
		t.Fatalf("quote(%q) = %q, want %q", text, got, plain)
	}
	found := script.HasSimplified(text)
	if want := len(script.SimplifiedOnly(text)) > 0; found != want {
		t.Fatalf("HasSimplified(%q) = %v", text, found)
	}
	// Names are marked where they stand bounded, the longest first.
	want, last := "", 0
	for i := 0; i < len(text); {
		n := 0
		for _, name := range s.words.Near {
			if len(name) > n && strings.HasPrefix(text[i:], name) && bounded(text, i, i+len(name)) {
				n = len(name)
			}
		}
		if n == 0 {
			i++
			continue
		}
		want += text[last:i] + mark
		i += n + marketplace(text[i+n:])
		last = i
	}
	if got := s.markNames(text); got != want+text[last:] {
		t.Fatalf("markNames(%q) = %q, want %q", text, got, want+text[last:])
	}
}

// textPieces are pieces of folded text.
var textPieces = []string{
	"amazon", "arnazon", "amazon.co.jp", ".com.", " . co . jp", "アマゾン", "ア", "a", "z", " ", "  ", "\n", "お客様", "漢", "。", "é", "\ue000", "\u3000", "\u00a0", "\u0085", "\xe3", "\xe3\x81", "\xff", "\ufffd",
	"login", "ログイン", "sign in", "»", "→", "›", ":", "!", ">", "账户", "\t", strings.Repeat("長い", 50), "亚马逊",
}

func sceneOfBrand() *scene {
	s := newScene(Input{Message: &message.Message{From: []finding.Address{{Address: "a@amazon.co.jp"}}}, Brands: brand.Builtin()})
	s.sender()
	s.chooseBrand()
	return s
}

func TestTextsAreSqueezedAndMarkedAsPlainly(t *testing.T) {
	s := sceneOfBrand()
	rapid.Check(t, func(t *rapid.T) {
		checkTexts(t, s, strings.Join(rapid.SliceOfN(rapid.SampledFrom(textPieces), 0, 8).Draw(t, "pieces"), ""))
	})
}

func FuzzTexts(f *testing.F) {
	s := sceneOfBrand()
	for _, p := range textPieces {
		f.Add(p + " " + p)
	}
	f.Fuzz(func(t *testing.T, text string) { checkTexts(t, s, text) })
}
