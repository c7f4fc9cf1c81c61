package candidate

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"mime/quotedprintable"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/message"
	"github.com/mailaudit/mailaudit/analyzer/message/attachment"
	"github.com/mailaudit/mailaudit/analyzer/script"
)

// speaks reports whether full analysis sees one of the words: the folded text of everything that Parse read.
func speaks(m *message.Message, words []string) (string, bool) {
	var b strings.Builder
	add := func(s string) { b.WriteString(script.Fold(s)); b.WriteByte('\n') }
	for _, list := range [][]string{{m.Subject, m.Text, m.Plain, m.Hidden, m.ListID}} {
		for _, s := range list {
			add(s)
		}
	}
	for _, a := range m.From {
		add(a.Name)
		add(a.Address)
	}
	for _, a := range m.ReplyTo {
		add(a.Name)
		add(a.Address)
	}
	for _, l := range m.Links {
		add(l.Shown)
		add(l.Target)
	}
	for _, a := range m.Attachments {
		add(a.Name)
		if attachment.Kind(a.Type) != attachment.QR && attachment.Kind(a.Type) != attachment.PDF {
			found, _ := attachment.Links(context.Background(), a.File(), limit.Default(), nil)
			for _, f := range found {
				add(f.Target)
				add(f.Shown)
			}
		}
	}
	text := strings.ReplaceAll(b.String(), "amazonses.com", "")
	for _, w := range words {
		if strings.Contains(text, w) {
			return w, true
		}
	}
	for _, in := range m.Inner {
		if w, ok := speaks(in, words); ok {
			return w, true
		}
	}
	return "", false
}

func builtinWords() []string {
	var out []string
	for _, b := range brand.Builtin().All() {
		out = append(out, folded(b.Texts("name", "near"))...)
	}
	return out
}

func base64Lines(s string) string {
	e := base64.StdEncoding.EncodeToString([]byte(s))
	var b strings.Builder
	for len(e) > 76 {
		b.WriteString(e[:76] + "\r\n")
		e = e[76:]
	}
	return b.String() + e + "\r\n"
}

func quoted(s string) string {
	var b bytes.Buffer
	w := quotedprintable.NewWriter(&b)
	w.Write([]byte(s))
	w.Close()
	return b.String()
}

func encoded(e encoding.Encoding, s string) string {
	out, err := encoding.ReplaceUnsupported(e.NewEncoder()).String(s)
	if err != nil {
		panic(err)
	}
	return out
}

func single(headers, body string) string {
	return "From: a@example.net\r\nSubject: hello\r\n" + headers + "\r\n" + body
}

func typed(typ, enc, body string) string {
	return single("Content-Type: "+typ+"\r\nContent-Transfer-Encoding: "+enc+"\r\n", body)
}

// messages wraps a text that names a brand in every way mail can carry it.
func messages(text string) map[string]string {
	page := "<html><body><p>x " + text + " y</p></body></html>"
	href := `<html><body><p><a href="https://` + text + `.example/login">click</a></p></body></html>`
	plain := "Dear " + text + " customer\r\n"
	ja := "日本語の文章です。" + text + "をご利用いただき\r\n"
	inner := "From: b@example.org\r\nSubject: inner\r\n\r\n" + plain
	part := func(headers, body string) string {
		return single("Content-Type: multipart/mixed; boundary=XX\r\n", "--XX\r\nContent-Type: text/plain\r\n\r\nnothing\r\n--XX\r\n"+headers+"\r\n"+body+"\r\n--XX--\r\n")
	}
	return map[string]string{
		"plain":              typed("text/plain; charset=utf-8", "8bit", plain),
		"plain, no header":   single("", plain),
		"base64":             typed("text/plain; charset=utf-8", "base64", base64Lines(plain)),
		"quoted-printable":   typed("text/plain; charset=utf-8", "quoted-printable", quoted(plain)),
		"utf-16":             typed("text/plain; charset=utf-16", "base64", base64Lines(encoded(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), plain))),
		"utf-16be no label":  typed("text/plain", "base64", base64Lines(encoded(unicode.UTF16(unicode.BigEndian, unicode.UseBOM), plain))),
		"iso-2022-jp":        typed("text/plain; charset=iso-2022-jp", "7bit", encoded(japanese.ISO2022JP, ja)),
		"iso-2022-jp raw":    single("", encoded(japanese.ISO2022JP, ja)),
		"shift_jis":          typed("text/plain; charset=shift_jis", "8bit", encoded(japanese.ShiftJIS, ja)),
		"shift_jis no label": single("", encoded(japanese.ShiftJIS, ja)),
		"euc-jp":             typed("text/plain; charset=euc-jp", "base64", base64Lines(encoded(japanese.EUCJP, ja))),
		"gb18030":            typed("text/plain; charset=gb18030", "base64", base64Lines(encoded(simplifiedchinese.GB18030, plain))),
		"html":               typed("text/html; charset=utf-8", "8bit", page),
		"html base64":        typed("text/html; charset=utf-8", "base64", base64Lines(page)),
		"html qp":            typed("text/html; charset=utf-8", "quoted-printable", quoted(page)),
		"html attached":      part("Content-Type: application/octet-stream; name=a.html\r\nContent-Disposition: attachment; filename=a.html\r\nContent-Transfer-Encoding: base64\r\n", base64Lines(href)),
		"href only":          typed("text/html; charset=utf-8", "quoted-printable", quoted(href)),
		"subject":            "From: a@example.net\r\nSubject: =?utf-8?B?" + base64.StdEncoding.EncodeToString([]byte("re "+text)) + "?=\r\n\r\nx\r\n",
		"subject raw":        "From: a@example.net\r\nSubject: re " + text + "\r\n\r\nx\r\n",
		"subject folded":     "From: a@example.net\r\nSubject: re\r\n " + text + "\r\n\r\nx\r\n",
		"from":               "From: =?utf-8?B?" + base64.StdEncoding.EncodeToString([]byte(text)) + "?= <a@example.net>\r\n\r\nx\r\n",
		"from raw":           "From: \"" + text + "\" <a@example.net>\r\n\r\nx\r\n",
		"file name":          part("Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\""+text+".pdf\"\r\nContent-Transfer-Encoding: base64\r\n", "AAAA\r\n"),
		"file name coded":    part("Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename*=utf-8''"+percent(text)+".pdf\r\nContent-Transfer-Encoding: base64\r\n", "AAAA\r\n"),
		"inner":              part("Content-Type: message/rfc822\r\n", inner),
		"inner base64":       part("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n", base64Lines(inner)),
		"attached eml":       part("Content-Type: application/octet-stream; name=x.eml\r\nContent-Disposition: attachment; filename=x.eml\r\nContent-Transfer-Encoding: base64\r\n", base64Lines(inner)),
		"no boundary":        single("Content-Type: multipart/mixed; boundary=nowhere\r\n", plain),
	}
}

func percent(s string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, "%%%02X", s[i])
	}
	return b.String()
}

// disguises are ways fakes write a word so that a search does not find it, in any kind of text.
var disguises = map[string]func(string) string{
	"turned around":       func(s string) string { return "\u202e" + reversedText(s) + "\u202c" },
	"behind an override":  func(s string) string { return "\u202ex\u202c " + strings.Replace(s, "a", "а", 1) },
	"as it is":            func(s string) string { return s },
	"upper case":          strings.ToUpper,
	"mixed case":          func(s string) string { return strings.ToUpper(s[:1]) + s[1:] },
	"Cyrillic a":          func(s string) string { return strings.ReplaceAll(s, "a", "а") },
	"Greek and Armenian":  func(s string) string { return strings.NewReplacer("o", "ο", "n", "ո", "a", "α").Replace(s) },
	"combining marks":     func(s string) string { return between(s, "\u0301") },
	"Syriac mark":         func(s string) string { return between(s, "\u073f") },
	"grapheme joiner":     func(s string) string { return between(s, "\u034f") },
	"zero width space":    func(s string) string { return between(s, "\u200b") },
	"soft hyphen":         func(s string) string { return between(s, "\u00ad") },
	"tag characters":      func(s string) string { return between(s, "\U000e0041") },
	"full width":          func(s string) string { return mapped(s, 0xff41-'a') },
	"mathematical bold":   func(s string) string { return mapped(s, 0x1d41a-'a') },
	"mathematical double": func(s string) string { return mapped(s, 0x1d552-'a') },
	"long run of invisibles": func(s string) string {
		return s[:3] + strings.Repeat("\u200b", 300) + s[3:]
	},
}

// htmlDisguises need HTML.
var htmlDisguises = map[string]func(string) string{
	"decimal entities":     func(s string) string { return each(s, "&#%d;") },
	"hex entities":         func(s string) string { return each(s, "&#x%x;") },
	"entities, no end":     func(s string) string { return each(s, "&#%d") + " " },
	"one entity":           func(s string) string { return s[:2] + fmt.Sprintf("&#%d;", s[2]) + s[3:] },
	"named script letters": func(s string) string { return strings.ReplaceAll(s, "a", "&aopf;") },
	"zero width entity":    func(s string) string { return between(s, "&#8203;") },
	"named zero width":     func(s string) string { return between(s, "&ZeroWidthSpace;") },
	"empty tags":           func(s string) string { return between(s, "<b></b>") },
	"comment":              func(s string) string { return between(s, "<!-- x -->") },
	"odd attribute":        func(s string) string { return between(s, `<i title=">"></i>`) },
	"word break":           func(s string) string { return between(s, "<wbr>") },
	"hidden span":          func(s string) string { return s[:3] + `<span style="display:none">Talk</span>` + s[3:] },
	"hidden font": func(s string) string {
		return s[:2] + `<font style="font-size:0px">qqqqqqqqqqqqqqqqqqqq</font>` + s[2:]
	},
	"hidden by attribute": func(s string) string { return s[:3] + `<span hidden>Talk and walk</span>` + s[3:] },
	"hidden by colour":    func(s string) string { return s[:3] + `<font color=white>Talk</font>` + s[3:] },
	"hidden deep":         func(s string) string { return s[:3] + `<b></b><u><span style="opacity:0">Talk</span></u>` + s[3:] },
	"hidden by sheet":     func(s string) string { return s[:3] + `<style>u{display:none}</style><u>Talk</u>` + s[3:] },
	"script between":      func(s string) string { return s[:3] + `<script>var x = 1;</script>` + s[3:] },
	"hidden twice":        func(s string) string { return hideBetween(s, `<span style="visibility:hidden">x y</span>`) },
}

func hideBetween(s, sep string) string { return between(s, sep) }

func between(s, sep string) string {
	var b strings.Builder
	for i, r := range s {
		if i > 0 {
			b.WriteString(sep)
		}
		b.WriteRune(r)
	}
	return b.String()
}

func mapped(s string, by rune) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r + by
		}
		return r
	}, s)
}

func each(s, format string) string {
	var b strings.Builder
	for _, r := range s {
		fmt.Fprintf(&b, format, r)
	}
	return b.String()
}

func check(t *testing.T, m *Matcher, words []string, name, raw string, want bool) {
	t.Helper()
	parsed := message.Parse([]byte(raw), message.Options{})
	word, speaks := speaks(parsed, words)
	got := m.Match([]byte(raw), limit.Default())
	if speaks && !got {
		t.Errorf("%s: full analysis sees %q, the test does not", name, word)
	}
	if want && !speaks {
		t.Errorf("%s: full analysis does not see the word; text %q, subject %q", name, parsed.Text, parsed.Subject)
	}
}

// TestSound is the differential test: what full analysis sees, the test sees.
func TestSound(t *testing.T) {
	m, words := New(brand.Builtin()), builtinWords()
	for dn, d := range disguises {
		for mn, raw := range messages(d("amazon")) {
			// Old character sets have no room for most disguises.
			want := mn != "html attached" && !strings.ContainsAny(mn, "_") && !strings.HasPrefix(mn, "iso-2022") && !strings.HasPrefix(mn, "euc") || dn == "as it is"
			check(t, m, words, mn+", "+dn, raw, want)
		}
	}
	for dn, d := range htmlDisguises {
		all := messages(d("amazon"))
		for _, mn := range []string{"html", "html base64", "html qp"} {
			check(t, m, words, mn+", "+dn, all[mn], true)
		}
	}
	for _, text := range []string{"アマゾン", "ｱﾏｿﾞﾝ", "アマソ\u3099ン", "あまぞん", "亚马逊", "아마존", "三井住友カード", "ＶＰＡＳＳ"} {
		for mn, raw := range messages(text) {
			check(t, m, words, mn+", "+text, raw, mn == "html base64" || mn == "subject")
		}
	}
	// Entities and line ends inside of a target, which browsers take out.
	for name, href := range map[string]string{
		"line end in target": "https://ama\nzon.example/",
		"tab in target":      "https://ama\tzon.example/",
		"entity in target":   "https://&#97;mazon.example/",
		"named entity":       "https://ama&Tab;zon.example/",
	} {
		check(t, m, words, name, typed("text/html", "base64", base64Lines(`<p><a href="`+href+`">x</a>`)), true)
	}
}

// TestSpread covers what folding alone does not find: letters pulled apart and letters pushed in.
func TestSpread(t *testing.T) {
	m := New(brand.Builtin())
	for _, s := range []string{"A m a z o n", "a-m-a-z-o-n", "a mazon", "ama zon", "AmTalkazon", "amplaywithazon", "Ａ ｍ ａ ｚ ｏ ｎ", "А m а z o n"} {
		if !m.Match([]byte(single("", "Your "+s+" account")), limit.Default()) {
			t.Errorf("%q is not found", s)
		}
	}
	for _, s := range []string{"Hello, are you coming to the zoo?", "the azure zone of man", "pizza, lasagne and more on zones"} {
		if m.Match([]byte(single("", s)), limit.Default()) {
			t.Errorf("%q is found", s)
		}
	}
}

// Names with a slip in them are looked for where a message shows who writes.
func TestSlips(t *testing.T) {
	m := New(brand.Builtin())
	for name, want := range map[string]bool{"Amazorn": true, "Amzaon Support": true, "Amazonn": true, "Armando": false, "Mason": false, "Ramon Azor": false} {
		raw := "From: " + name + " <a@example.net>\r\nSubject: hello\r\n\r\nhello"
		if got := m.Match([]byte(raw), limit.Default()); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}

// TestNoCandidate lists what must not cost a full parse.
func TestNoCandidate(t *testing.T) {
	m := New(brand.Builtin())
	for name, raw := range map[string]string{
		"nothing":       single("", "hello"),
		"relay":         "Received: from a8-30.smtp-out.amazonses.com (a8-30.smtp-out.amazonses.com [192.0.2.1])\r\n" + single("Message-ID: <0101@us-west-2.amazonses.com>\r\nFeedback-ID: 1.us-west-2.abc:AmazonSES\r\n", "x"),
		"signature":     "DKIM-Signature: v=1; a=rsa-sha256; d=amazonses.com; s=abc; h=from:to;\r\n\tb=amazon/amazon\r\n" + single("", "x"),
		"amazonses":     single("Return-Path: <0101-abc@bounces.example.net>\r\nX-Source: amazonses.com\r\n", "Sent with amazonses.com"),
		"ARC":           "ARC-Authentication-Results: i=1; mx.example.com; dkim=pass header.d=amazon.co.jp\r\n" + single("", "x"),
		"binary part":   single("Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n", base64Lines("\x00\x01 amazon \x02")),
		"product":       single("", "Our prime minister"),
		"amazing":       single("", "an amazing day"),
		"Japanese":      single("Content-Type: text/plain; charset=utf-8\r\n", "お世話になっております。明日の会議の件です（詳細は別紙）。１０時〜"),
		"newsletter":    typed("text/html; charset=utf-8", "8bit", `<html><head><style>.a{color:#333}</style></head><body><p>Hello<b>World</b></p><span style="color:red">sale</span></body></html>`),
		"own mark":      single("", "Tom’s café “naïve” – €5"),
		"quoted header": single("X-Mailer: test\r\n", "x"),
	} {
		if m.Match([]byte(raw), limit.Default()) {
			t.Errorf("%s: is a candidate", name)
		}
	}
}

func TestHeads(t *testing.T) {
	m := New(brand.Builtin())
	if !m.Match([]byte("From: Prime <x@example.net>\r\n\r\nx\r\n"), limit.Default()) {
		t.Error("a product in From is no candidate")
	}
}

// TestCorpusSound runs the differential test over real mail.
func TestCorpusSound(t *testing.T) {
	root := "../../../shared/corpus"
	files, _ := filepath.Glob(filepath.Join(root, "mail", "*.eml"))
	more, _ := filepath.Glob(filepath.Join(root, "torture", "mime", "*.raw"))
	if files = append(files, more...); len(files) == 0 {
		t.Skip("no corpus beside the project")
	}
	m, words := New(brand.Builtin()), builtinWords()
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		check(t, m, words, filepath.Base(f), string(raw), false)
	}
}

// TestUndeclaredUTF16OfTwoAlphabets: without zero bytes in half of its letters, such text is valid UTF-8 as it stands, and was
// searched so.
func TestUndeclaredUTF16OfTwoAlphabets(t *testing.T) {
	body := "0\x04m\x000\x04z\x00o\x00n\x00" // "аmаzon", each а a Cyrillic one, little-endian
	raw := "Content-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString([]byte(body)) + "\n"
	if text := message.Parse([]byte(raw), message.Options{}).Text; !strings.Contains(text, "аmаzon") {
		t.Fatalf("full analysis reads %q", text)
	}
	if !New(brand.Builtin()).Match([]byte(raw), limit.Default()) {
		t.Error("is no candidate")
	}
}

// TestOpenEncodedWordBeforeAddress: decoded to the end of the field, an encoded word without its end swallows the address and
// gives other letters than the name that is shown.
func TestOpenEncodedWordBeforeAddress(t *testing.T) {
	for _, field := range []string{"From", "Reply-To", "Sender"} {
		raw := field + ": =?utf-8?B?7729bWF6b24=\n <x@example.net>\nSubject: x\n\nx\n"
		raw = strings.Replace(raw, "7729bWF6b24=", base64.StdEncoding.EncodeToString([]byte("Аmazоn")), 1) // two letters are Cyrillic
		if !New(brand.Builtin()).Match([]byte(raw), limit.Default()) {
			t.Errorf("%s: is no candidate", field)
		}
	}
}

// FuzzSound looks for a message that full analysis sees a word in and the test does not.
func FuzzSound(f *testing.F) {
	for _, d := range disguises {
		for _, raw := range messages(d("amazon")) {
			f.Add([]byte(raw))
		}
	}
	for _, d := range htmlDisguises {
		f.Add([]byte(messages(d("amazon"))["html"]))
	}
	m, words := New(brand.Builtin()), builtinWords()
	f.Fuzz(func(t *testing.T, raw []byte) {
		if word, ok := speaks(message.Parse(raw, message.Options{}), words); ok && !m.Match(raw, limit.Default()) {
			t.Errorf("full analysis sees %q, the test does not", word)
		}
	})
}

// A Matcher serves many goroutines at a time and answers each of them the same.
func TestConcurrentUse(t *testing.T) {
	m := New(brand.Builtin())
	all := messages("Аmazon")
	want := map[string]bool{}
	for name, raw := range all {
		want[name] = m.Match([]byte(raw), limit.Default())
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for name, raw := range all {
				if got := m.Match([]byte(raw), limit.Default()); got != want[name] {
					t.Errorf("%s: %v, alone %v", name, got, want[name])
				}
			}
		})
	}
	wg.Wait()
}

// A host in its ASCII form names a brand in capitals too: host names have no case (RFC 4343).
func TestCapitalPunycodeIsSeen(t *testing.T) {
	m := New(brand.Builtin())
	for _, host := range []string{"xn--mazon-3ve.example", "XN--MAZON-3VE.EXAMPLE", "a--b.Xn--mazon-3ve.example"} {
		if !m.Match([]byte(typed("text/html", "7bit", `<a href="https://`+host+`/">x</a>`)), limit.Default()) {
			t.Errorf("%s is not seen", host)
		}
		if !m.Match([]byte(typed("text/plain", "7bit", "see https://"+host+"/ now\r\n")), limit.Default()) {
			t.Errorf("%s is not seen in plain text", host)
		}
	}
}

func reversedText(s string) string {
	r := []rune(s)
	slices.Reverse(r)
	return string(r)
}

// TestOverrideEndsWithItsLine: a line break of HTML ends an override, and what stands behind it is read in its own order.
func TestOverrideEndsWithItsLine(t *testing.T) {
	raw := typed("text/html; charset=utf-8", "8bit", "<p>\u202exyz<br>\u0430mazon</p>")
	if !New(brand.Builtin()).Match([]byte(raw), limit.Default()) {
		t.Error("is no candidate")
	}
}
