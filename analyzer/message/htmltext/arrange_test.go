package htmltext

import (
	"strings"
	"testing"

	"github.com/mailaudit/mailaudit/analyzer/limit/growth"
)

// TestSeen: what a page shows is what stands in its text, in the order that is seen, whatever its source looks like.
func TestSeen(t *testing.T) {
	for _, c := range []struct{ why, src, shown, hidden string }{
		{"an override turns letters around", `Your <bdo dir="rtl">eros</bdo> account`, "Your sore account", ""},
		{"so do two properties, with elements inside", `<i style="unicode-bidi:bidi-override;direction:rtl">er<b>os</b></i>`, "sore", ""},
		{"the label of a link too", `<a href=x>the <bdo dir=rtl>eros</bdo></a>`, "the sore", ""},
		{"a direction alone turns nothing", `<p dir=rtl>sore</p>`, "sore", ""},
		{"children of a flex container have an order", `<div style="display:flex"><i style="order:2">re</i><i style="order:1">so</i></div>`, "sore", ""},
		{"or stand the other way round", `<div style="display:flex;flex-direction:row-reverse"><div>re</div> <div>so</div></div>`, "sore", ""},
		{"an order without a container is none", `<div><i style="order:2">so</i><i style="order:1">re</i></div>`, "sore", ""},
		{"the first of what floats to the right stands last", `<b style="float:right">re</b><b style="float:right">so</b>`, "sore", ""},
		{"cells of a row that goes from right to left", `<table><tr dir=rtl><td>re</td><td>so</td></tr></table>`, "sore", ""},
		{"letters in cells make a word", `<table><tr><td>s<td>o<td>re</tr></table>`, "sore", ""},
		{"between cells of words", `<table><tr><td>All of it</td><td>s</td><td>o</td><td>re</td><td>to see</td></tr></table>`, "All of it sore to see", ""},
		{"two short words are no word", `<table><tr><td>Qty</td><td>Fee</td></tr></table>`, "Qty Fee", ""},
		{"a style sheet puts text in", `<style>.a:before{content:"so"}.a::after{content:"\72 e"}</style><b class=a></b>`, "sore", ""},
		{"an attribute's text too", `<style>b:before{content:attr(data-t) "!"}</style><b data-t=sore></b>`, "sore!", ""},
		{"comments in a declaration", `so<i style="display/**/:/**/none">x</i>re`, "sore", "x"},
		{"escapes in a declaration", `<style>i{d\69splay:n\6fne}</style>so<i>x</i>re`, "sore", "x"},
		{"children of an element", `<style>p>i{display:none}</style><p>so<i>x</i>re</p><i>y</i>`, "sore\ny", "x"},
		{"descendants", `<style>div i{display:none}</style><div><p>so<i>x</i>re</div>`, "sore", "x"},
		{"neighbours", `<style>b + i{display:none}</style>so<b></b><i>x</i><i>re</i>`, "sore", "x"},
		{"a place among the children", `<style>i:nth-child(2n){display:none}</style><p><i>so</i><i>x</i><i>re</i>`, "sore", "x"},
		{"an attribute", `<style>i[class^="h"]{font-size:0}</style>so<i class=hx>x</i><i class=k>re</i>`, "sore", "x"},
		{"all but some", `<style>i:not(.k){display:none}</style>so<i>x</i><i class=k>re</i>`, "sore", "x"},
		{"the heavier rule wins", `<style>i.k{display:inline} div i{display:none}</style><div>so<i>x</i><i class=k>re</i></div>`, "sore", "x"},
		{"a rule for paper only", `<style>@media screen{@media print{i{display:none}}}</style>so<i>re</i>`, "sore", ""},
	} {
		p := Read(c.src, Limits{})
		if p.Text != c.shown || p.Hidden != c.hidden {
			t.Errorf("%s: shown %q, hidden %q, want %q, %q", c.why, p.Text, p.Hidden, c.shown, c.hidden)
		}
		for _, l := range p.Links {
			if l.Shown != c.shown {
				t.Errorf("%s: link %q, want %q", c.why, l.Shown, c.shown)
			}
		}
	}
}

// TestStylesLinear: style attributes and sheets, which a sender can repeat without end, cost in proportion to their length.
func TestStylesLinear(t *testing.T) {
	for _, c := range []struct {
		why   string
		small int
		page  func(n int) string
	}{
		{"empty declarations", 20_000, func(n int) string { return `<i style="` + strings.Repeat(";", n) + `">x</i>` }},
		{"declarations", 5000, func(n int) string { return `<i style="` + strings.Repeat("color:red;", n) + `">x</i>` }},
		{"parentheses that are not closed", 5000, func(n int) string { return `<i style="` + strings.Repeat("a:(;", n) + `">x</i>` }},
		{"comments that are not closed", 5000, func(n int) string { return `<i style="` + strings.Repeat("/*", n) + `">x</i>` }},
		{"groups in one another", 5000, func(n int) string { return "<style>" + strings.Repeat("@media all{", n) + "</style>x" }},
		{"noscript in noscript", 2000, func(n int) string { return strings.Repeat("<noscript>", n) + "x" }},
		{"boxes in one another", 2000, func(n int) string { return strings.Repeat(`<p style="display:flex"><i style="order:2">a</i>`, n) }},
		{"overrides in one another", 2000, func(n int) string { return strings.Repeat("<bdo dir=rtl>a<bdo dir=ltr>b", n) }},
		{"neighbours", 500, func(n int) string {
			return "<style>b ~ b ~ i{display:none}</style>" + strings.Repeat("<b>a</b><i>x</i>", n)
		}},
	} {
		growth.Linear(t, c.why, c.small, 16*c.small, func(n int) func() {
			src := c.page(n)
			return func() { Read(src, Limits{}) }
		})
	}
}

// TestBounded: a sheet that matches everything with everything ends at the limit of tokens, and says so.
func TestBounded(t *testing.T) {
	for why, src := range map[string]string{
		"rules for any element": "<style>" + strings.Repeat(".q > * > i{display:none}", 4000) + "</style>" + strings.Repeat("<i>x</i>", 20_000),
		"text put in":           `<style>i:before{content:"` + strings.Repeat("A", 1900) + `"}</style>` + strings.Repeat("<i></i>", 20_000),
	} {
		if p := Read(src, Limits{Tokens: 100_000}); !p.Cut || len(p.Text) > 2<<20 {
			t.Errorf("%s: cut %v, %d bytes", why, p.Cut, len(p.Text))
		}
	}
}
