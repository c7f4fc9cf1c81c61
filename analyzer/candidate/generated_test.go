package candidate

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/message"
)

// pieces are what generated bodies are made of: bits of the word, and what can stand between them.
var pieces = []string{
	"amazon", "ama", "zon", "a", "m", "z", "o", "n", "A", "Z", "chase", "bank", "アマゾ", "ン", "ｿﾞ", "ゾ", "ソ",
	" ", "\n", "\t", "\r\n", "-", ".", " \n", "junk", "Talk", "x",
	"\u200b", "\u0301", "\u034f", "\u3099", "а", "ο", "ａ", "ｚ", "\U0001d41a", "\x01", "\x7f", "\u00a0", "é", "。",
	"&#97;", "&#x61;", "&#97", "&aopf;", "&ZeroWidthSpace;", "&nbsp;", "&amp;", "&", "&shy;", "&#8203;",
	"<b>", "</b>", "<i></i>", "<br>", "<p>", "</p>", "<u>", "</u>", "<x-y>", "</x-y>", "<o:p/>", "<span>", "</span>",
	`<span style="display:none">`, `<span style='font-size:0'>`, `<font color=white>`, "</font>", "<div hidden>", "</div>",
	"<style>u{display:none}</style>", "<style>.h{opacity:0}</style>", `<b class=h>`, `<b class="h" title=">">`, `<b title='">'>`,
	"<!-- c -->", "<!-- > -->", "<!-->", "<!--x--!>", "<!DOCTYPE html>", "<?php ?>", "</ >", "< b>", "<", ">", `"`, "'",
	"<table>", "</table>", "<tr>", "<td>", "</td>", "<td bgcolor=#ffffff>", "<pre>", "</pre>", "<noscript>", "</noscript>",
	"<script>", "</script>", "<title>", "</title>", "<textarea>", "</textarea>", "<template>", "</template>", "<iframe>", "</iframe>",
	"<svg>", "</svg>", "<select>", "<option>", "<button>", "</button>", "<xmp>", "</xmp>", "<plaintext>",
	`<a href="https://`, `<a href='`, `<a href=`, `">`, `'>`, "</a>", `<img alt="`, `<img src=x>`, `<input type=submit value="`, `<area href="`,
	"<bdo dir=rtl>", "<bdo dir='&#114;tl'>", "</bdo>", `<i style="direction:rtl;unicode-bidi:bidi-override">`, "</i>", "nozama", "noz", "ma",
	`<div style="display:flex">`, `<i style="order:1">`, `<i style="order : -1">`, `<i style="float:right">`, `<p style="float: right">`,
	`<div style="display:flex;flex-direction:row-reverse">`, "<tr dir=rtl>", `<i style="d\69splay:none">`, `<i style="display/**/:none">`,
	`<style>u:before{content:"ama"}</style>`, `<style>b::after{content:"\7aon"}</style>`, "<style>p>u{display:none}</style>",
	"<style>u:nth-child(2){display:none}</style>", "<style>[class]{display:none} u{content/**/:'x'}</style>",
	"https://", "www.", "/login", "%61", "xn--mazon-3ve", "XN--MAZON-3VE",
}

// TestGeneratedSound makes bodies of pieces; rapid finds the smallest that full analysis and the test disagree on.
func TestGeneratedSound(t *testing.T) {
	m, words := New(brand.Builtin()), builtinWords()
	rapid.Check(t, func(t *rapid.T) { generatedSound(t, m, words) })
}

// FuzzGeneratedSound is the same, steered by coverage.
func FuzzGeneratedSound(f *testing.F) {
	m, words := New(brand.Builtin()), builtinWords()
	f.Fuzz(rapid.MakeFuzz(func(t *rapid.T) { generatedSound(t, m, words) }))
}

func generatedSound(t *rapid.T, m *Matcher, words []string) {
	body := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 24).Draw(t, "body"), "")
	head := rapid.SampledFrom([]string{
		"Content-Type: text/html; charset=utf-8\n", "Content-Type: text/html\n", "Content-Type: text/plain; charset=utf-8\n", "",
		"Content-Type: text/plain; format=flowed; delsp=yes\n", "Content-Type: text/plain; format=flowed\n", "Content-Type: text/enriched\n",
		"Content-Type: text/html; charset=shift_jis\n", "Content-Type: multipart/mixed; boundary=junk\n",
		"Content-Type: application/octet-stream; name=a.html\n", "Content-Type: text/calendar\n", "Content-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n",
	}).Draw(t, "head")
	subject := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 4).Draw(t, "subject"), "")
	raw := []byte("From: a@example.net\nSubject: " + strings.NewReplacer("\r", "", "\n", "").Replace(subject) + "\n" + head + "\n" + body)
	if word, ok := speaks(message.Parse(raw, message.Options{}), words); ok && !m.Match(raw, limit.Default()) {
		t.Fatalf("full analysis sees %q, the test does not, in\n%q", word, raw)
	}
}
