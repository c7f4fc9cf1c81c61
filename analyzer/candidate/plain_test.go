package candidate

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/limit"
)

// FuzzPrefix holds the search for the first character that needs folding to the reading character by character.
func FuzzPrefix(f *testing.F) {
	for _, s := range []string{
		"", "plain\r\n", "お世話になります。１０時", "a\x01b", "\x1b$B", "caf\u00e9", "e\u0301", "\xe3\x81", "\xe3\x81\x82\xe3", "\xed\xa0\x80", "\xe0\x80\x80",
		"\ufffd", "ア", "ｱ", "\U0001f600", strings.Repeat("x", 70) + "\u200b",
	} {
		f.Add([]byte(s))
	}
	p := New(brand.Builtin()).plain
	f.Fuzz(func(t *testing.T, b []byte) {
		want := 0
		for want < len(b) {
			r, n := utf8.DecodeRune(b[want:])
			if r < utf8.RuneSelf && dropped(byte(r)) || r == utf8.RuneError || r >= utf8.RuneSelf && !p.has(r) {
				break
			}
			want += n
		}
		if got := p.prefix(b); got != want {
			t.Fatalf("%q: %d, want %d", b, got, want)
		}
	})
}

// FuzzIn holds the search for words to the search for each of them.
func FuzzIn(f *testing.F) {
	m := New(brand.Builtin())
	for _, s := range []string{"", "Amazon", "an AMAZ0N x", "amazonses.com", "AmazonSES.com amazo", "jcb\tcard", "アマゾン", "aws", "xprimex", strings.Repeat("ama zon ", 200)} {
		f.Add([]byte(s))
		f.Add([]byte(strings.Repeat("filler. ", 80) + s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		low := make([]byte, len(b))
		for i, c := range b {
			low[i] = canonical(c)
		}
		low = bytes.ReplaceAll(low, []byte(relayHost), []byte(strings.Repeat("\x00", len(relayHost))))
		for _, p := range []*patterns{m.names, m.heads} {
			want := false
			for _, w := range p.words {
				want = want || bytes.Contains(low, w)
			}
			if got := p.in(b); got != want {
				t.Fatalf("%q: %v, want %v", b, got, want)
			}
		}
	})
}

// TestSheetWherever: full analysis reads a style sheet wherever "<style" stands, in any case; what it hides between the letters
// of a word is not shown.
func TestSheetWherever(t *testing.T) {
	m, words := New(brand.Builtin()), builtinWords()
	for _, sheet := range []string{
		"<style>u{display:none}</style>", "<sTYLe>u{display:none}</sTYLe>", "<!-- <style>u{display:none}</style> -->",
		`<p title="<style>u{display:none}</style>">`, "<b <style>u{display:none}</style>",
	} {
		for _, page := range []string{sheet + "<p>Ama<u>1 2 3 4 5</u>zon</p>", "<p>Ama<u>1 2 3 4 5</u>zon</p>" + sheet} {
			check(t, m, words, page, typed("text/html; charset=utf-8", "8bit", page), true)
		}
	}
	if m.Match([]byte(typed("text/html; charset=utf-8", "8bit", "<p>Ama<u>1 2 3 4 5</u>zon</p>")), limit.Default()) {
		t.Error("without a sheet nothing is hidden")
	}
}
