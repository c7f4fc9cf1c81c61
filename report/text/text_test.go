package text

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/mailaudit/mailaudit/report/reporttest"
	"github.com/mailaudit/mailaudit/report/view"
)

// No line is wider than the terminal, in either language, whatever the mail says.
func TestWidths(t *testing.T) {
	for name, s := range map[string]*reporttest.Stream{"takeover": reporttest.Takeover(), "hostile": reporttest.Hostile(), "large": reporttest.Large(2000)} {
		for _, lang := range view.Langs() {
			for _, width := range []int{40, 60, 80, 140} {
				var b bytes.Buffer
				if err := Write(context.Background(), s.File(), &b, view.Options{Lang: lang, Zone: reporttest.Tokyo, Width: width}); err != nil {
					t.Fatal(err)
				}
				for line := range strings.Lines(b.String()) {
					// A character that must not begin a line may hang over its end by its own width.
					if n := columns(strings.TrimSuffix(line, "\n")); n > width+2 {
						t.Errorf("%s %s at %d: a line of %d columns: %s", name, lang, width, n, line)
					}
				}
			}
		}
	}
}

// Colour is only where it is allowed, and every style is ended.
func TestColor(t *testing.T) {
	for _, color := range []bool{false, true} {
		var b bytes.Buffer
		if err := Write(context.Background(), reporttest.Hostile().File(), &b, view.Options{Color: color}); err != nil {
			t.Fatal(err)
		}
		starts, ends := strings.Count(b.String(), "\x1b["), strings.Count(b.String(), "\x1b[0m")
		if color && (starts == 0 || starts != 2*ends) || !color && starts != 0 {
			t.Errorf("colour %v: %d sequences, %d ends", color, starts, ends)
		}
	}
}

func TestWrap(t *testing.T) {
	cases := []struct {
		name, in string
		width    int
		want     []string
	}{
		{"words stay whole", "one two three", 9, []string{"one two", "three"}},
		{"Japanese breaks anywhere", "一二三四五六", 8, []string{"一二三四", "五六"}},
		{"but not before a full stop", "一二三四。五", 8, []string{"一二三", "四。五"}},
		{"nor after an opening bracket", "一二三「四五」", 8, []string{"一二三", "「四五」"}},
		{"a word longer than a line is cut", "abcdefghijkl", 8, []string{"abcdefgh", "ijkl"}},
		{"nothing is one empty line", "", 8, []string{""}},
	}
	for _, c := range cases {
		if got := strings.Join(wrap(c.in, c.width), "|"); got != strings.Join(c.want, "|") {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// Wrapping loses nothing but the spaces at line ends.
func FuzzWrap(f *testing.F) {
	for _, s := range []string{"one two", "一二、三", "a\u0301bc", "（（（", "  ", "愈愈愈（" + strings.Repeat(" ", 9)} {
		f.Add(s, 9)
	}
	f.Fuzz(func(t *testing.T, s string, width int) {
		if !utf8.ValidString(s) || width < 8 || width > 200 || strings.ContainsAny(s, "\n\r\t") {
			return
		}
		squeeze := func(s string) string { return strings.ReplaceAll(s, " ", "") }
		if got := squeeze(strings.Join(wrap(s, width), "")); got != squeeze(s) {
			t.Errorf("wrap(%q, %d) gives %q", s, width, got)
		}
	})
}
