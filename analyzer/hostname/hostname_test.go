package hostname

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestASCII(t *testing.T) {
	tests := []struct {
		why, in, want string
		odd           bool
	}{
		{"plain name, final dot", "WWW.Amazon.co.jp.", "www.amazon.co.jp", false},
		{"full-width letters and dots", "ａｍａｚｏｎ．ｃｏ．ｊｐ", "amazon.co.jp", true},
		{"ideographic full stop", "amazon。co。jp", "amazon.co.jp", true},
		{"zero width space", "ama\u200bzon.com", "amazon.com", true},
		{"mathematical letters", "𝐚𝐦𝐚𝐳𝐨𝐧.𝐝𝐞", "amazon.de", true},
		{"an honest international name", "bücher.example", "xn--bcher-kva.example", false},
		{"Cyrillic letter stays another name", "аmazon.com", "xn--mazon-3ve.com", false},
		{"underscore is let pass", "a_b.example.com", "a_b.example.com", false},
		{"line break inside", "ama\nzon.com", "amazon.com", true},
	}
	for _, tt := range tests {
		if got, odd := ASCII(tt.in); got != tt.want || odd != tt.odd {
			t.Errorf("%s: ASCII(%q) = %q, %v", tt.why, tt.in, got, odd)
		}
	}
}

func TestRegistrable(t *testing.T) {
	tests := []struct {
		why, in, want string
		private       bool
	}{
		{"the end decides", "amazon.co.jp.evil-login.example.top", "example.top", false},
		{"two-label suffix", "www.amazon.co.jp", "amazon.co.jp", false},
		{"com.be is no suffix", "www.amazon.com.be", "com.be", false},
		{"free hosting", "signin.someone.workers.dev", "someone.workers.dev", true},
		{"a suffix of its own", "s3.ap-northeast-1.amazonaws.com", "s3.ap-northeast-1.amazonaws.com", true},
		{"address", "192.0.2.7", "192.0.2.7", false},
		{"top-level domain", "com", "com", false},
	}
	for _, tt := range tests {
		if got := Registrable(tt.in); got != tt.want || Private(tt.in) != tt.private {
			t.Errorf("%s: Registrable(%q) = %q, Private %v", tt.why, tt.in, got, Private(tt.in))
		}
	}
}

func TestListed(t *testing.T) {
	for host, want := range map[string]bool{"amazon.co.jp": true, "a.workers.dev": true, "readme.pdf": false, "x.example": false, "3.5": false} {
		if got := Listed(host); got != want {
			t.Errorf("Listed(%q) = %v", host, got)
		}
	}
}

func TestUnder(t *testing.T) {
	tests := []struct {
		host, domain string
		want         bool
	}{
		{"amazon.co.jp", "amazon.co.jp", true},
		{"www.amazon.co.jp", "amazon.co.jp", true},
		{"notamazon.co.jp", "amazon.co.jp", false},
		{"amazon.co.jp.example.net", "amazon.co.jp", false},
		{"x", "", false},
	}
	for _, tt := range tests {
		if got := Under(tt.host, tt.domain); got != tt.want {
			t.Errorf("Under(%q, %q) = %v", tt.host, tt.domain, got)
		}
	}
}

func TestIP(t *testing.T) {
	tests := []struct{ why, in, want string }{
		{"dotted", "192.0.2.7", "192.0.2.7"},
		{"one number", "3221225991", "192.0.2.7"},
		{"hexadecimal", "0xC0.0x00.0x02.0x07", "192.0.2.7"},
		{"octal", "0300.0.02.07", "192.0.2.7"},
		{"short", "127.1", "127.0.0.1"},
		{"IPv6 in brackets", "[2001:db8::1]", "2001:db8::1"},
		{"a name", "192.0.2.7.example.net", ""},
		{"too large a part", "300.1.1.1", ""},
		{"nothing", "", ""},
	}
	for _, tt := range tests {
		got, ok := IP(tt.in)
		if ok != (tt.want != "") || ok && got.String() != tt.want {
			t.Errorf("%s: IP(%q) = %v, %v", tt.why, tt.in, got, ok)
		}
	}
}

func TestLookAlike(t *testing.T) {
	words := []string{"amazon", "jcb"}
	except := []string{"amazing", "aeon", "azon"}
	tests := []struct{ why, host, how string }{
		{"brand as labels that are not the end", "amazon.co.jp.example.net", Token},
		{"between hyphens", "support-amazon.example", Token},
		{"inside a longer label", "amazonsignin.example", Part},
		{"one slip", "amazom.example", Near},
		{"swapped letters", "amzaon.co.example", Near},
		{"digits for letters", "ama20n.example", Near},
		{"rn for m", "arnazon.example", Near},
		{"two slips", "amzone.example.com", Near},
		{"Cyrillic letter in an A-label", "xn--mazon-3ve.com", Token},
		{"short word as a token", "jcb-card.example", Token},
		{"short word inside a longer one", "xjcbx.example", ""},
		{"a region of Spain", "aragon.example", ""},
		{"an island of tales", "avalon.example", ""},
		{"listed as innocent", "amazing.example", ""},
		{"a real brand", "aeon.example", ""},
		{"top-level domain takes no part", "example.amazon", ""},
		{"nothing alike", "www.example.com", ""},
	}
	for _, tt := range tests {
		if _, how, _ := LookAlike(tt.host, words, except...); how != tt.how {
			t.Errorf("%s: LookAlike(%q) = %q, want %q", tt.why, tt.host, how, tt.how)
		}
	}
}

func TestDistance(t *testing.T) {
	tests := []struct {
		a, b string
		want int
	}{{"amazon", "amazon", 0}, {"", "abc", 3}, {"amzaon", "amazon", 1}, {"amazin", "amazon", 1}, {"kitten", "sitting", 3}}
	for _, tt := range tests {
		if got := Distance(tt.a, tt.b); got != tt.want {
			t.Errorf("Distance(%q, %q) = %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}

func FuzzASCII(f *testing.F) {
	for _, s := range []string{"amazon。co.jp", "xn--mazon-3ve.com", "xn--", "0x7f.1", "\xff.com", "a..b", strings.Repeat("a.", 300)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, _ := ASCII(s)
		if again, _ := ASCII(a); again != a && plain(a) {
			t.Errorf("ASCII(%q) = %q, again %q", s, a, again)
		}
		if r := Registrable(a); a != "" && !IsIP(a) && !Under(strings.Trim(a, "."), r) {
			t.Errorf("Registrable(%q) = %q", a, r)
		}
		Private(a)
		LookAlike(a, []string{"amazon"})
	})
}

// What is counted or looked for first must not keep anything from being found.
func TestNearIsRuledOutOnlyWhereItIsFar(t *testing.T) {
	letters := []rune("amzonrv0127-x")
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.StringOfN(rapid.SampledFrom(letters), 0, 20, -1).Draw(t, "a")
		b := rapid.SampledFrom([]string{"amazon", "rakuten", "a"}).Draw(t, "b")
		if n, d := strange(a, b), Distance(a, b); n > d {
			t.Fatalf("%q has %d letters strange to %q and is %d away", a, n, b, d)
		}
		if d, e := Distance(a, b), Distance(b, a); d != e {
			t.Fatalf("from %q to %q it is %d, back %d", a, b, d, e)
		}
		if got, want := Skeleton(a), skeleton.Replace(a); got != want {
			t.Fatalf("Skeleton(%q) = %q, want %q", a, got, want)
		}
	})
}
