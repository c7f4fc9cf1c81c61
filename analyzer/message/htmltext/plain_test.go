package htmltext

import (
	"strings"
	"testing"
)

// FuzzWords holds the label of a link to its definition.
func FuzzWords(f *testing.F) {
	for _, s := range []string{"", " ", "a b", "a  b", " a", "a ", "a\tb", "ご注文 の確認", "ご注文　の確認", "a\u2003b", "a\u00a0b", "a\u0085b", "\xe3\x80", "é ê"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got, want := words(s), strings.Join(strings.Fields(s), " "); got != want {
			t.Fatalf("%q: %q, want %q", s, got, want)
		}
	})
}

// plainURL finds where the next URL starts byte by byte.
func plainURL(s string, at int) (int, bool) {
	for ; at < len(s); at++ {
		for _, scheme := range []string{"https", "http", "ftp", "hxxps", "hxxp"} {
			n := at - len(scheme)
			if strings.HasPrefix(s[at:], "://") && n >= 0 && strings.EqualFold(s[n:at], scheme) && !letterBefore(s, n) {
				return n, true
			}
		}
		if len(s) > at+4 && strings.EqualFold(s[at:at+4], "www.") && !letterBefore(s, at) && !strings.HasSuffix(s[:at], "/") && !strings.HasSuffix(s[:at], "@") {
			return at, true
		}
	}
	return 0, false
}

// FuzzFindURL holds the search for URLs to the reading byte by byte, from every place on, in order.
func FuzzFindURL(f *testing.F) {
	for _, s := range []string{"", "http://a", "see www.example.com and HTTPS://b", "wwww.a", "http:/ http:// :: ://", "詳細はhttps://example.com", "@www.a.b //www.c.d xwww.e.f", "hxxp://x WwW.y.z"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		find := urlFinder{s: s, next: [3]int{-1, -1, -1}}
		for at := range len(s) + 1 {
			got, ok := find.from(at)
			want, wantOK := plainURL(s, at)
			if got != want || ok != wantOK {
				t.Fatalf("%q from %d: %d %v, want %d %v", s, at, got, ok, want, wantOK)
			}
		}
	})
}

// TestEndTagBehindNoscript: the content of a <noscript> is read as a page of its own; the count of open elements has to stay
// right, or an end tag behind it would close nothing.
func TestEndTagBehindNoscript(t *testing.T) {
	p := Read(`<table><tr><td><noscript><b>a</b></noscript></td><td style="color:white;background:white">x</td></tr></table><p>c</p>`, Limits{})
	if p.Text != "a\nc" || p.Hidden != "x" {
		t.Errorf("text %q, hidden %q", p.Text, p.Hidden)
	}
}
