package fact_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// counted is a link as Amazon's mails have them.
func counted(token string) finding.Link {
	const final = "https://www.amazon.co.jp/dp/B000000000/ref=pe_1_2_TE_dp_i"
	return finding.Link{
		Shown: "電気ケトル", Target: "https://www.amazon.co.jp/gp/r.html?R=" + token + "&U=https%3A%2F%2Fwww.amazon.co.jp%2Fdp%2FB000000000%2Fref%3Dpe_1_2_TE_dp_i&H=" + token,
		Final: final, Host: "www.amazon.co.jp", Official: true, Chain: []string{"www.amazon.co.jp"}, From: "html",
	}
}

// Links come back as they were, whatever is in them.
func TestLinksComeBack(t *testing.T) {
	for name, list := range map[string][]finding.Link{
		"none":                           nil,
		"an empty one":                   {{}},
		"a counted one":                  {counted("A"), counted("B")},
		"shown as it is":                 {{Shown: "https://example.com/", Target: "https://example.com/", Host: "example.com", From: "text"}},
		"another host than is written":   {{Target: "http://EXAMPLE.com:80/", Host: "example.com"}},
		"user before the host":           {{Target: "https://www.amazon.co.jp@example.com/", Host: "example.com"}},
		"no host":                        {{Target: "tel:090-1234-5678"}, {Target: "mailto:a@example.com"}, {Target: "://"}},
		"final of a changed spelling":    {{Target: "https://r.example/?u=HTTPS%3a%2f%2fExample.com", Final: "https://example.com/"}},
		"final decoded twice":            {{Target: "https://r.example/?u=https%253A%252F%252Fexample.com", Final: "https://example.com"}},
		"final is the target":            {{Target: "https://example.com", Final: "https://example.com"}},
		"final with a percent sign":      {{Target: "https://r.example/?u=https%3A%2F%2Fexample.com%2F100%25", Final: "https://example.com/100%"}},
		"escape that ends with the link": {{Target: "https://r.example/?u=https://a/%4", Final: "https://a/%4"}, {Target: "x%41", Final: "A"}},
		"a final of one letter":          {{Target: "xhhh", Final: "h"}},
		"several in the chain":           {{Target: "https://a.example/?https://b.example/", Final: "https://b.example/", Chain: []string{"a.example", "b.example"}}},
		"a chain of nothing":             {{Target: "x", Chain: []string{""}}},
	} {
		packed := fact.PackLinks(list)
		got, err := packed.List()
		if err != nil || !reflect.DeepEqual(got, list) {
			t.Errorf("%s: %v\n got %+v\nwant %+v", name, err, got, list)
		}
	}
}

// The same with links drawn at random out of pieces that are encoded, cut and mixed.
func TestDrawnLinksComeBack(t *testing.T) {
	piece := rapid.SampledFrom([]string{"http", "https://", "https%3A%2F%2F", "http://a.example", "%", "%4", "%41", "%zz", "A", "a.example", "/", "?u=", "#", "@", ":", "&", "\xff", "日本", ""})
	text := rapid.Custom(func(t *rapid.T) string { return strings.Join(rapid.SliceOfN(piece, 0, 6).Draw(t, "pieces"), "") })
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) finding.Link {
			l := finding.Link{
				Shown: text.Draw(t, "shown"), Target: text.Draw(t, "target"), Final: text.Draw(t, "final"), Host: text.Draw(t, "host"),
				Official: rapid.Bool().Draw(t, "official"), From: rapid.SampledFrom([]string{"", "html", "text"}).Draw(t, "from"),
			}
			if rapid.Bool().Draw(t, "inside") {
				l.Target += "?" + strings.NewReplacer(":", "%3A", "/", "%2F", "%", "%25").Replace(l.Final) + "&x"
			}
			if rapid.Bool().Draw(t, "chain") {
				l.Chain = rapid.SliceOfN(text, 1, 3).Draw(t, "hosts")
			}
			return l
		}), 1, 5).Draw(t, "links")
		got, err := fact.PackLinks(list).List()
		if err != nil || !reflect.DeepEqual(got, list) {
			t.Fatalf("%v\n got %+v\nwant %+v", err, got, list)
		}
	})
}

// What a link says twice is kept once.
func TestLinksAreKeptOnce(t *testing.T) {
	l := counted("TOKEN")
	if n, most := len(fact.PackLinks([]finding.Link{l, l})), 2*(len(l.Target)+len(l.Shown)+16); n > most {
		t.Errorf("%d bytes for two links, want at most %d: target, shown and a little", n, most)
	}
}

// A target made of beginnings of the final address is not searched without end.
func TestHostileLinkIsPackedAtOnce(t *testing.T) {
	long := strings.Repeat("http", 1<<18)
	list := []finding.Link{{Target: long + "y", Final: long + "x"}}
	if got, err := fact.PackLinks(list).List(); err != nil || !reflect.DeepEqual(got, list) {
		t.Errorf("%v: it did not come back", err)
	}
}

// FuzzLinks reads damaged links: what is taken is packed and read back as the same.
func FuzzLinks(f *testing.F) {
	f.Add(string(fact.PackLinks([]finding.Link{counted("A"), {}, {Target: "x", Chain: []string{"a", "b"}}})))
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		list, err := fact.Links(s).List()
		if err != nil || len(list) == 0 {
			return
		}
		again, err := fact.PackLinks(list).List()
		if err != nil || fmt.Sprintf("%+v", again) != fmt.Sprintf("%+v", list) {
			t.Fatalf("%v\nfirst  %+v\nsecond %+v", err, list, again)
		}
	})
}
