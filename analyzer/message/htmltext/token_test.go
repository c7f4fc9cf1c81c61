package htmltext

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"pgregory.net/rapid"
)

// tokensOf is what our tokenizer makes of a source, in words.
func tokensOf(src string) []string {
	var out []string
	z := tokenizer{s: src}
	for {
		kind := z.next()
		switch kind {
		case endOfInput:
			return out
		case textToken:
			out = append(out, "text "+z.raw)
		case otherToken:
			out = append(out, "other")
		case endTag:
			out = append(out, "end "+lowerName(z.name))
		case startTag, selfClosingTag:
			line := fmt.Sprint("start ", kind == selfClosingTag, " ", lowerName(z.name))
			seen := map[string]bool{}
			for _, a := range z.attrs {
				key := lowerName(a.key)
				if a.key == "" || seen[strings.ReplaceAll(key, "\ufffd", "\x00")] {
					continue
				}
				seen[strings.ReplaceAll(key, "\ufffd", "\x00")] = true
				line += fmt.Sprintf(" %q=%q", key, attributeValue(a.value))
			}
			out = append(out, line)
		}
	}
}

// referenceTokens is what x/net/html makes of it.
func referenceTokens(src string) []string {
	var out []string
	z := html.NewTokenizer(strings.NewReader(src))
	for {
		kind := z.Next()
		switch kind {
		case html.ErrorToken:
			return out
		case html.TextToken:
			out = append(out, "text "+string(z.Raw()))
		case html.CommentToken, html.DoctypeToken:
			out = append(out, "other")
		case html.EndTagToken:
			name, _ := z.TagName()
			out = append(out, "end "+string(name))
		default:
			name, more := z.TagName()
			line := fmt.Sprint("start ", kind == html.SelfClosingTagToken, " ", string(name))
			seen := map[string]bool{}
			for more {
				var k, v []byte
				k, v, more = z.TagAttr()
				if key := strings.ReplaceAll(string(k), "\ufffd", "\x00"); !seen[key] {
					seen[key] = true
					line += fmt.Sprintf(" %q=%q", k, v)
				}
			}
			out = append(out, line)
		}
	}
}

func compareTokens(t interface{ Fatalf(string, ...any) }, src string) {
	got, want := tokensOf(src), referenceTokens(src)
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Fatalf("of %q\n got %q\nwant %q", src, got, want)
	}
}

// Pieces of HTML that are cut in odd ways, alone and one behind the other.
var oddHTML = []string{
	"", "text", "<", "</", "<a", "<a>", "<A HREF=x>", "<br/>", "<br />", "<p a=/>", "<p a=b/ >", "<p a=1 a=2/>", "<p a a=/>", "<p / a>",
	"<p =a=b>", "<p a='x\"y' b=\"x'y\">", "<p a=x\"y>", "<p a = b>", "<p\na\r=\tb>", "<p a=>", "<p a", "<p a=", "<p a=\"x", "<p a/b/c>",
	"</a>", "</a b=c>", "</>", "</ a>", "</1>", "<!>", "<!-", "<!-->", "<!--->", "<!---->", "<!-- a -- b -->", "<!-- a --!> b", "<!-- a --!- b -->",
	"<!-- <b> --!", "<!DOCTYPE html>", "<!doc", "<!DOCTYPE", "<![CDATA[x]]>", "<?xml ?>", "<? a", "1 < 2", "<3", "a<!b>c", "<\x00>", "<a\x00B \x00=\x00>",
	"<title>a<b>c</title>", "<TITLE>a</Title >b", "<title>a</titlex>b", "<title>a</title", "<textarea><p></textarea>", "<style>a{}</style>",
	"<style><!-- </style> -->", "<noscript><p></noscript>", "<iframe><p></iframe>", "<xmp><b></xmp>", "<noframes>x</noframes>", "<noembed>x</noembed>",
	"<plaintext></plaintext><b>", "<title/>x</title>", "<script>a</script>b", "<script><!--</script>b", "<script><!-- <script> </script> --> </script>b",
	"<script><!-- <script> </script> </script> x", "<script><!-- <scriptx> </script> x", "<script><!-- a < b </script> x", "<script><!--> </script> x",
	"<script><!---> </script> x", "<script><!-- <script>-- > </script> --></script>", "<script></scrip</script>", "<script></script x>", "<script><!-", "<script><!-- </",
	"<script><!-- <s", "<script><!-- <script", "<script><!-- <script/</script/</script>x",
	"&amp;", "<a href='?a=1&copy=2&amp;b&lt'>", "<a href='&notit;&not;&not&notx&semi;&#65;&#x41&#xZ&#;&#&;&'>", "<a href='&hellip;&nGt;&acE;&#0;&#128;\r\n\r'>",
	"<o:p/>", "<v:imagedata src=x/>", "<td width=150 style='padding:0 12px'>", "<a href=http://example.com/>x</a>",
}

// Our tokens are those of x/net/html.
func TestTokensAreThoseOfTheReference(t *testing.T) {
	for _, a := range oddHTML {
		compareTokens(t, a)
		for _, b := range oddHTML {
			compareTokens(t, a+b)
			compareTokens(t, a+" "+b+"x")
		}
	}
}

// The same with pieces drawn and cut at random.
func TestDrawnTokensAreThoseOfTheReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var src strings.Builder
		for range rapid.IntRange(1, 6).Draw(t, "pieces") {
			p := rapid.SampledFrom(oddHTML).Draw(t, "piece")
			from := rapid.IntRange(0, len(p)).Draw(t, "from")
			src.WriteString(p[from:rapid.IntRange(from, len(p)).Draw(t, "to")])
		}
		compareTokens(t, src.String())
	})
}

// FuzzTokens compares our tokens with those of x/net/html.
func FuzzTokens(f *testing.F) {
	for _, s := range oddHTML {
		f.Add(s)
	}
	f.Add(strings.Join(oddHTML, ""))
	f.Fuzz(func(t *testing.T, src string) { compareTokens(t, src) })
}
