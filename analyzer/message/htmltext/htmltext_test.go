package htmltext

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

var textTests = []struct{ name, in, text, hidden string }{
	{"plain", "Hello", "Hello", ""},
	{"white space collapses", "<p>a \n\t b</p>", "a b", ""},
	{"blocks make lines", "<div>a</div><div>b<br>c</div>", "a\nb\nc", ""},
	{"inline elements do not part words", "Am<b>a</b><i></i>zon", "Amazon", ""},
	{"cells are apart", "<table><tr><td>a<td>b<tr><td>c</table>", "a b\nc", ""},
	{"entities", "a&amp;b &#97;&#x62; &lt;c&gt; caf&eacute; &notin;", "a&b ab <c> café ∉", ""},
	{"no-break space", "a&nbsp;b", "a b", ""},
	{"pre keeps its lines", "<pre>a\n  b</pre>", "a\n  b", ""},
	{"script, style, title, comment", "<title>t</title><style>p{}</style><script>x()</script><!-- c -->a", "a", ""},
	{"noscript is shown", "<noscript><p>a <b>b</b></p></noscript>c", "a b\nc", ""},
	{"alt text is read", `a<img src=x alt="logo of us">b`, "a logo of us b", ""},
	{"button", `<input type=submit value="Sign in"><input type=hidden value=x>`, "Sign in", ""},
	{"conditional comment of Outlook", "a<!--[if mso]>b<![endif]-->c", "ac", ""},

	{"display:none", `a<span style="display:none">b</span>c`, "ac", "b"},
	{"display: none in upper case and !important", `a<span style="DISPLAY : NONE !important">b</span>c`, "ac", "b"},
	{"children of a hidden element stay hidden", `<div style="display:none"><p style="display:block">b</div>c`, "c", "b"},
	{"visibility:hidden", `a<span style="visibility:hidden">b</span>c`, "ac", "b"},
	{"a child can be visible again", `<p style="visibility:hidden">a<b style="visibility:visible">b</b></p>`, "b", "a"},
	{"opacity:0", `a<span style="opacity:0.0">b</span>c`, "ac", "b"},
	{"opacity:0.5 is seen", `a<span style="opacity:0.5">b</span>c`, "abc", ""},
	{"font-size:0", `a<span style="font-size:0px">b</span>c`, "ac", "b"},
	{"font-size:1px", `a<span style="font-size:1px">b</span>c`, "ac", "b"},
	{"font-size:0 on a cell, text set again: what newsletters do", `<td style="font-size:0">x<span style="font-size:14px">b</span></td>`, "b", "x"},
	{"font shorthand", `a<span style="font:0/0 a">b</span>c`, "ac", "b"},
	{"white on white", `<p style="color:#fff">b</p>c`, "c", "b"},
	{"nearly white on white", `<p style="color:#fdfdfd">b</p>c`, "c", "b"},
	{"white on blue is a button", `<p style="background:#0000ff;color:white">b</p>`, "b", ""},
	{"colour of the cell", `<table bgcolor="#222222"><tr><td><font color="#222222">b</font><font color="#eeeeee">c</font>`, "c", "b"},
	{"white on a picture is seen", `<td background="x.png"><font color=white>b</font>`, "b", ""},
	{"white on a gradient is seen", `<p style="color:#fff;background:linear-gradient(red,blue)">b`, "b", ""},
	{"rgb()", `<p style="color:rgb(255, 255, 255)">b</p>c`, "c", "b"},
	{"off-screen", `a<div style="position:absolute;left:-9999px">b</div>c`, "a\nc", "b"},
	{"negative offset without a position is seen", `a<span style="left:-9999px">b</span>c`, "abc", ""},
	{"text-indent", `<p style="text-indent:-9999px">b</p>c`, "c", "b"},
	{"max-height:0", `<div style="max-height:0;overflow:hidden">b</div>c`, "c", "b"},
	{"max-height:0 without overflow is seen", `<div style="max-height:0">b</div>c`, "b\nc", ""},
	{"hidden attribute", `<div hidden>b</div>c`, "c", "b"},
	{"mso-hide alone hides in one program only", `<span style="mso-hide:all">b</span>c`, "bc", ""},
	{"pre-header", `<div style="display:none;max-height:0">Preview &zwnj;&nbsp;&zwnj;</div>Hello`, "Hello", "Preview \u200c \u200c"},
	{"class rule", `<style>.x{display:none}</style>a<b class="y x">b</b>c`, "ac", "b"},
	{"id rule", `<style>#x{display:none}</style>a<b id=x>b</b>c`, "ac", "b"},
	{"tag rule", `<style>u{font-size:0}</style>a<u>b</u>c`, "ac", "b"},
	{"rule behind the element", `a<b class=x>b</b>c<style>.x{display:none}</style>`, "ac", "b"},
	{"rule with a list", `<style>p, .x , i {opacity:0}</style>a<b class=x>b</b>c`, "ac", "b"},
	{"rule for small screens does not count", `<style>@media (max-width:600px){.x{display:none}}</style>a<b class=x>b</b>c`, "abc", ""},
	{"rule for all screens counts", `<style>@media screen{.x{display:none}}</style>a<b class=x>b</b>c`, "ac", "b"},
	{"selector that looks at others does not count", `<style>.y .x{display:none}</style>a<b class=x>b</b>c`, "abc", ""},
	{"inline wins over the sheet", `<style>.x{display:none}</style>a<b class=x style="display:inline">b</b>c`, "abc", ""},
	{"comment in the sheet", `<style>/* } */.x{display:none}</style>a<b class=x>b</b>c`, "ac", "b"},

	{"paragraph without an end hides no more than itself", `<p style="display:none">a<div>b</div>`, "b", "a"},
	{"end tag does not reach out of a cell", `<div style="display:none">a<table><tr><td></div>b</td></tr></table></div>c`, "c", "a\nb"},
	{"unknown elements have ends of their own", `<o:p style="display:none">a<v:x></o:p>b`, "b", "a"},
	{"stray end tags", "</div></p>a</b>", "a", ""},
	{"attribute with > inside", `<b title="a>b">c</b>`, "c", ""},
	{"less than is text", "a < b", "a < b", ""},
	{"cut tag", "a<b style=", "a", ""},
}

func TestText(t *testing.T) {
	for _, c := range textTests {
		p := Read(c.in, Limits{})
		if p.Text != c.text || p.Hidden != c.hidden {
			t.Errorf("%s: %q hidden %q, want %q hidden %q", c.name, p.Text, p.Hidden, c.text, c.hidden)
		}
	}
}

// Mail programs show pages nested deeper than the tree builder of x/net/html accepts.
func TestDeepNesting(t *testing.T) {
	p := Read(strings.Repeat("<div>", 600)+`<a href="https://a.example/">words</a>`, Limits{})
	if p.Text != "words" || len(p.Links) != 1 || p.MaxDepth < 600 {
		t.Errorf("%q %v %d", p.Text, p.Links, p.MaxDepth)
	}
}

func TestLinks(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     []Link
	}{
		{"anchor", `<a href="https://a.example/x?a=1&amp;b=2">Click <b>here</b></a>`, []Link{{"Click here", "https://a.example/x?a=1&b=2", "html", false}}},
		{"line end inside the target", "<a href=\" https://a.exa\n\tmple/ \">x</a>", []Link{{"x", "https://a.example/", "html", false}}},
		{"entity inside the target", `<a href="https&#58;//&#97;.example">x</a>`, []Link{{"x", "https://a.example", "html", false}}},
		{"javascript stays", `<a href="javascript:alert(1)">x</a>`, []Link{{"x", "javascript:alert(1)", "html", false}}},
		{"picture", `<a href="https://a.example/"><img src=x alt="Our shop"></a>`, []Link{{"Our shop", "https://a.example/", "html", false}}},
		{"shown text is a URL", `<a href="https://b.example/">https://a.example/</a>`, []Link{{"https://a.example/", "https://b.example/", "html", false}}},
		{"area", `<map><area href="https://a.example/" alt="x"></map>`, []Link{{"x", "https://a.example/", "area", false}}},
		{"form", `<form action="https://a.example/login">`, []Link{{"", "https://a.example/login", "form", false}}},
		{"button of a form", `<button formaction="https://a.example/">go</button>`, []Link{{"", "https://a.example/", "form", false}}},
		{"refresh", `<meta http-equiv=refresh content="0; url='https://a.example/'">`, []Link{{"", "https://a.example/", "refresh", false}}},
		{"base", `<base href="https://a.example/"><a href="x">y</a>`, []Link{{"", "https://a.example/", "base", false}, {"y", "x", "html", false}}},
		{"hidden anchor", `<div style="display:none"><a href="https://a.example/">x</a></div>`, []Link{{"x", "https://a.example/", "html", true}}},
		{"anchor that is not closed", `<a href="https://a.example/">x <a href="https://b.example/">y`, []Link{{"x", "https://a.example/", "html", false}, {"y", "https://b.example/", "html", false}}},
		{"URL in text", `<p>go to https://a.example/x.</p>`, []Link{{"https://a.example/x", "https://a.example/x", "text", false}}},
		{"anchor across cells", `<a href="https://a.example/"><table><tr><td>x</td></tr></table></a>`, []Link{{"x", "https://a.example/", "html", false}}},
	} {
		if got := Read(c.in, Limits{}).Links; !slices.Equal(got, c.want) {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

func TestPage(t *testing.T) {
	p := Read(`<html lang="ja"><head><meta name=Generator content="Kit 1"><title> a  b </title></head><body style="font-family:'Microsoft YaHei', Arial"><font face="SimSun">x</font><script></script><img src="cid:1"><form></form></body>`, Limits{})
	if p.Lang != "ja" || p.Generator != "Kit 1" || p.Title != "a b" || !slices.Equal(p.Fonts, []string{"microsoft yahei", "arial", "simsun"}) ||
		p.Scripts != 1 || !slices.Equal(p.Images, []string{"cid:1"}) || !slices.Equal(p.Forms, []string{""}) {
		t.Errorf("%+v", p)
	}
}

func TestPlainLinks(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     []string
	}{
		{"end of a sentence", "See https://a.example/x. Bye", []string{"https://a.example/x"}},
		{"in brackets", "(https://a.example/x)", []string{"https://a.example/x"}},
		{"brackets inside", "https://a.example/x_(y) z", []string{"https://a.example/x_(y)"}},
		{"angle brackets", "<https://a.example/>", []string{"https://a.example/"}},
		{"Japanese text touches it", "詳細はhttps://a.example/x?a=1をご覧ください", []string{"https://a.example/x?a=1"}},
		{"full-width bracket", "（https://a.example/）", []string{"https://a.example/"}},
		{"www", "go to www.a.example/x, please", []string{"www.a.example/x"}},
		{"no scheme, no www", "a.example", nil},
		{"upper case", "HTTPS://A.EXAMPLE", []string{"HTTPS://A.EXAMPLE"}},
		{"foreign letters in the host", "https://аmazon.example/", []string{"https://аmazon.example/"}},
		{"full-width host", "https://ａｍａｚｏｎ．example/", []string{"https://ａｍａｚｏｎ．example/"}},
		{"scheme inside a word", "xhttps://a.example", nil},
		{"twice", "https://a.example https://a.example", []string{"https://a.example"}},
		{"quoted", `"https://a.example/"`, []string{"https://a.example/"}},
		{"target inside a target", "https://a.example/?u=https://b.example/", []string{"https://a.example/?u=https://b.example/"}},
		{"nothing behind the scheme", "https:// a", nil},
	} {
		var got []string
		for _, l := range PlainLinks(c.in, 0) {
			got = append(got, l.Target)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// FuzzRead: texts are UTF-8, nothing shown is made up, limits hold, and shown and hidden text together hold what the
// page holds.
func FuzzRead(f *testing.F) {
	for _, c := range textTests {
		f.Add(c.in)
	}
	f.Fuzz(func(t *testing.T, src string) {
		src = strings.ToValidUTF8(src, "?")
		p := Read(src, Limits{Tokens: 500, Links: 5})
		if !utf8.ValidString(p.Text) || !utf8.ValidString(p.Hidden) || strings.Contains(p.Text, "\r\n") {
			t.Fatalf("%q: text %q", src, p.Text)
		}
		if len(p.Links) > 5 || p.Tokens > 501 {
			t.Fatalf("%d links, %d tokens", len(p.Links), p.Tokens)
		}
		for _, l := range p.Links {
			if strings.ContainsAny(l.Target, "\r\n\t") {
				t.Fatalf("target %q", l.Target)
			}
		}
		if !strings.ContainsAny(src, "<&") && strings.Join(strings.Fields(p.Text), " ") != strings.Join(strings.Fields(strings.ReplaceAll(src, "\u00a0", " ")), " ") && !strings.ContainsAny(src, "\x00\x0b\u0085\u2028\u2029") {
			t.Fatalf("%q is shown as %q", src, p.Text)
		}
	})
}

// FuzzPlainLinks: each URL stands in the text as it is, without white space.
func FuzzPlainLinks(f *testing.F) {
	f.Add("詳細はhttps://a.example/x?a=1を www.b.example.")
	f.Fuzz(func(t *testing.T, s string) {
		for _, l := range PlainLinks(s, 0) {
			if !strings.Contains(s, l.Target) || strings.ContainsAny(l.Target, " \t\r\n<>\"") {
				t.Fatalf("%q in %q", l.Target, s)
			}
		}
	})
}

func BenchmarkRead(b *testing.B) {
	src := "<html><head><style>.a{color:red}</style></head><body>" + strings.Repeat(`<table width="100%"><tr><td style="padding:10px;color:#333333;font-family:Arial"><a href="https://a.example/x?u=1&amp;v=2">Some words for the reader</a> and some more text outside of it.</td></tr></table>`, 200) + "</body></html>"
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		Read(src, Limits{})
	}
}
