package message

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mailaudit/mailaudit/analyzer/limit"
)

// mail puts a header in front of a body, with CRLF line ends.
func mail(headers, body string) string {
	return crlf("From: a@example.net\nSubject: hi\nDate: Tue, 3 Feb 2026 04:05:06 +0000\n" + headers + "\n" + body)
}

func crlf(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

func multipart(typ string, parts ...string) string {
	s := "preamble\n"
	for _, p := range parts {
		s += "--BB\n" + p + "\n"
	}
	return mail("MIME-Version: 1.0\nContent-Type: multipart/"+typ+"; boundary=BB\n", s+"--BB--\nepilogue\n")
}

func part(typ, body string) string { return "Content-Type: " + typ + "\n\n" + body }

func coded(typ string, body []byte, more string) string {
	return "Content-Type: " + typ + "\nContent-Transfer-Encoding: base64\n" + more + "\n" + base64.StdEncoding.EncodeToString(body)
}

var parseTests = []struct{ name, raw, text, defects string }{
	{"text", mail("", "Hello\n"), "Hello", ""},
	{"HTML", mail("Content-Type: text/html\n", "<p>Hello<p>there &amp; you"), "Hello\nthere & you", ""},
	{"alternative: HTML is shown", multipart("alternative", part("text/plain", "plain"), part("text/html", "<b>rich</b>")), "rich", ""},
	{"alternative in the wrong order", multipart("alternative", part("text/html", "<b>rich</b>"), part("text/plain", "plain")), "rich", ""},
	{"alternative of two texts: the last", multipart("alternative", part("text/plain", "one"), part("text/plain", "two")), "two", ""},
	{"mixed: all inline text", multipart("mixed", part("text/plain", "one"), part("text/html", "<p>two"), part("text/plain", "three")), "one\ntwo\nthree", ""},
	{"attached text is no text", multipart("mixed", part("text/plain", "one"), "Content-Type: text/plain\nContent-Disposition: attachment; filename=a.txt\n\ntwo"), "one", ""},
	{"part without header", multipart("mixed", "\nbare"), "bare", ""},
	{"boundary never appears: flat text", mail("Content-Type: multipart/mixed; boundary=ZZ\n", "Hello\n--BB\n\nthere"), "Hello\n--BB\n\nthere", BoundaryMissing},
	{"no boundary", mail("Content-Type: multipart/mixed\n", "Hello"), "Hello", BoundaryAbsent},
	{"not closed", mail("Content-Type: multipart/mixed; boundary=BB\n", "--BB\n\none\n--BB\n\ntwo\n"), "one\ntwo", BoundaryUnclosed},
	{"longer boundary of an inner part", multipart("mixed", "Content-Type: multipart/alternative; boundary=BBinner\n\n--BBinner\n\none\n--BBinner--", part("text/plain", "two")), "one\ntwo", ""},
	{"inner part closed by the outer boundary", multipart("mixed", "Content-Type: multipart/mixed; boundary=CC\n\n--CC\n\none", part("text/plain", "two")), "one\ntwo", BoundaryUnclosed},
	{"base64", mail("Content-Transfer-Encoding: base64\n", "SGVs\nbG8=\n"), "Hello", ""},
	{"base64 cut in a group", mail("Content-Transfer-Encoding: base64\n", "SGVsbG8sIHRoZXJ"), "Hello, ther", Base64Truncated},
	{"base64 with junk", mail("Content-Transfer-Encoding: base64\n", "SG*Vs\nbG8=\n"), "Hello", Base64Junk},
	{"quoted-printable", mail("Content-Transfer-Encoding: quoted-printable\n", "a=3Db=\n c=E3=81=82\n"), "a=b cあ", ""},
	{"quoted-printable, broken", mail("Content-Transfer-Encoding: quoted-printable\n", "a=ZZ b=\n"), "a=ZZ b", QuotedJunk},
	{"unknown encoding", mail("Content-Transfer-Encoding: rot13\n", "text"), "text", EncodingUnknown},
	{"ISO-2022-JP", mail("Content-Type: text/plain; charset=iso-2022-jp\n", jis("ご確認ください")), "ご確認ください", ""},
	{"Shift_JIS without a label", mail("", sjis("ご確認ください")), "ご確認ください", ""},
	{"Shift_JIS labelled UTF-8", mail("Content-Type: text/plain; charset=utf-8\n", sjis("ご確認ください。お客様のお支払い")), "ご確認ください。お客様のお支払い", CharsetWrong},
	{"UTF-8 labelled Latin 1", mail("Content-Type: text/plain; charset=iso-8859-1\n", "ご確認"), "ご確認", CharsetWrong},
	{"UTF-8 with a broken byte", mail("Content-Type: text/plain; charset=utf-8\n", "ご確\xff認ください"), "ご確\ufffd認ください", CharsetErrors},
	{"label that is none", mail("Content-Type: text/plain; charset=y\n", "ご確認"), "ご確認", CharsetUnknown},
	{"character set of the page itself", mail("Content-Type: text/html\n", `<meta http-equiv="Content-Type" content="text/html; charset=Shift_JIS">`+sjis("確認")), "確認", ""},
	{"UTF-7", mail("Content-Type: text/plain; charset=utf-7\n", "+MEI-!"), "あ!", ""},
	{"flowed", mail("Content-Type: text/plain; format=flowed\n", "one \ntwo\nthree"), "one two\nthree", ""},
	{"flowed, Japanese", mail("Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes\n", "ご確 \n認"), "ご確認", ""},
	{"enriched", mail("Content-Type: text/enriched\n", "<bold>Hi</bold> <<there"), "Hi <there", ""},
	{"multipart with a transfer encoding", mail("Content-Type: multipart/mixed; boundary=BB\nContent-Transfer-Encoding: base64\n", "--BB\n\none\n--BB--\n"), "one", ""},
	{"delimiter with white space behind it", mail("Content-Type: multipart/mixed; boundary=BB\n", "--BB \t\n\none\n--BB-- \n"), "one", ""},
	{"no header", "just text\n\nmore", "just text\n\nmore", HeaderJunk},
	{"empty", "", "", ""},
	{"body is missing", "From: a@example.net\nSubject: hi\n", "", ""},
	{"text of a part type nobody knows", mail("Content-Type: text/x-odd\n", "odd"), "odd", ""},
	{"type without a subtype", mail("Content-Type: text\n", "odd"), "odd", ""},
	{"HTML marked as attachment, alone", mail("Content-Type: text/html\nContent-Disposition: attachment; filename=a.html\n", "<p>shown"), "shown", ""},
}

func TestParse(t *testing.T) {
	for _, c := range parseTests {
		m := Parse([]byte(c.raw), Options{})
		if m.Text != c.text {
			t.Errorf("%s: text %q, want %q", c.name, m.Text, c.text)
		}
		got := strings.TrimSpace(strings.NewReplacer(StructureBypass, "", StructureDoubt, "").Replace(defects(m.Defects)))
		if got != c.defects {
			t.Errorf("%s: defects %q, want %q", c.name, got, c.defects)
		}
	}
}

func TestParseHeaderFields(t *testing.T) {
	m := Parse([]byte(crlf("Return-Path: <bounce@example.net>\nFrom: A <a@example.net>\nFrom: B <b@example.org>\nSender: s@example.net\n"+
		"Reply-To: r@example.org\nTo: t@example.net\nCc: c@example.net\nSubject: one\nSubject: two\nMessage-ID: <1@example.net>\nList-Id: <l.example.net>\n\nx")), Options{})
	if m.FromFields != 2 || len(m.From) != 2 || m.From[1].Address != "b@example.org" || m.SubjectFields != 2 || m.Subject != "one" ||
		m.Sender.Address != "s@example.net" || m.ReplyTo[0].Address != "r@example.org" || m.To[0].Address != "t@example.net" ||
		m.Cc[0].Address != "c@example.net" || m.ReturnPath != "bounce@example.net" || m.MessageID != "<1@example.net>" || m.ListID != "<l.example.net>" ||
		m.Date.Doubt != DateMissing {
		t.Errorf("%+v", m)
	}
	for in, want := range map[string]string{"<>": "<>", "< >": "<>", "a@example.net (x)": "a@example.net", "<a@example.net>": "a@example.net"} {
		if got := returnPath(in); got != want {
			t.Errorf("Return-Path %q: %q, want %q", in, got, want)
		}
	}
}

func TestParseAttachments(t *testing.T) {
	png := []byte("\x89PNG\r\n\x1a\n0000")
	inner := "From: b@example.org\nSubject: inside\n\ninner text"
	m := Parse([]byte(multipart("mixed",
		part("text/plain", "outer"),
		coded("application/octet-stream; name=x.txt", png, "Content-Disposition: attachment; filename=x.txt\n"),
		coded("image/png", png, "Content-ID: <logo@example.net>\n"),
		coded("application/zip", []byte("PK\x03\x04zzz"), "Content-Disposition: attachment; filename=a.zip\n"),
		part("message/rfc822", inner),
		coded("application/octet-stream", []byte(inner), "Content-Disposition: attachment; filename=forwarded.eml\n"),
		"Content-Type: application/pdf\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=a.pdf\n\nJVBERi0xLjQKJ",
	)), Options{})
	type short struct {
		name, typ string
		size      int64
		data      bool
		inline    bool
		cut       bool
	}
	var got []short
	for _, a := range m.Attachments {
		got = append(got, short{a.Name, a.Type, a.Size, a.Data != nil, a.Inline, a.Truncated})
	}
	want := []short{
		{"x.txt", "image/png", 12, true, false, false},
		{"", "image/png", 12, true, true, false},
		{"a.zip", "application/zip", 7, true, false, false},
		{"", "message/rfc822", int64(len(crlf(inner))), false, true, false},
		{"forwarded.eml", "message/rfc822", int64(len(inner)), true, false, false},
		{"a.pdf", "application/pdf", 9, true, false, true},
	}
	if !slices.Equal(got, want) {
		t.Errorf("attachments\n%+v, want\n%+v", got, want)
	}
	if len(m.Inner) != 2 || m.Inner[0].Subject != "inside" || m.Inner[1].Text != "inner text" {
		t.Errorf("inner messages: %+v", m.Inner)
	}
	if defects(m.Defects) != Base64Truncated {
		t.Errorf("defects %v", m.Defects)
	}
	if m.Text != "outer" {
		t.Errorf("text %q", m.Text)
	}
}

func TestParseLinks(t *testing.T) {
	m := Parse([]byte(multipart("alternative", part("text/plain", "see https://one.example/ and https://two.example/x"),
		part("text/html", `<a href="https://one.example/">https://www.shown.example/</a> or www.loose.example.`))), Options{})
	var got []string
	for _, l := range m.Links {
		got = append(got, l.Source+" "+l.Target)
	}
	slices.Sort(got)
	want := []string{"html https://one.example/", "text https://two.example/x", "text www.loose.example"}
	if !slices.Equal(got, want) {
		t.Errorf("links %q, want %q", got, want)
	}
}

func TestUUEncodedInText(t *testing.T) {
	m := Parse([]byte(mail("", "Hello\n\nbegin 644 a.pdf\n&)5!$1BTQ\n`\nend\n")), Options{})
	if len(m.Attachments) != 1 || m.Attachments[0].Name != "a.pdf" || m.Attachments[0].Type != "application/pdf" {
		t.Errorf("%+v", m.Attachments)
	}
}

func TestMboxQuotingIsUndone(t *testing.T) {
	raw := []byte("From: a@example.net\n\n>From here on\n>>From there\n")
	if got := Parse(raw, Options{Mbox: true}).Text; got != "From here on\n>From there" {
		t.Errorf("text %q", got)
	}
	if got := Parse(raw, Options{}).Text; got != ">From here on\n>>From there" {
		t.Errorf("text of a file of its own %q", got)
	}
}

func manyLinks(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "https://a.example/%d ", i)
	}
	return b.String()
}

// Hostile structure costs little and loses nothing without a word.
func TestLimits(t *testing.T) {
	lim := limit.Default()
	many := mail("Content-Type: multipart/mixed; boundary=BB\n", strings.Repeat("--BB\n\nx\n", 50_000)+"--BB\n\nlast words\n--BB--\n")
	var deep strings.Builder
	deep.WriteString("From: a@example.net\nContent-Type: multipart/mixed; boundary=b0\n\n")
	for i := range 1000 {
		fmt.Fprintf(&deep, "--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n", i, i+1)
	}
	deep.WriteString("--b1000\n\ndeep words\n")
	var nested strings.Builder
	for range 1000 {
		nested.WriteString("From: a@example.net\nContent-Type: message/rfc822\n\n")
	}
	nested.WriteString("Subject: x\n\nnested words\n")
	for name, c := range map[string]struct{ raw, defect, text string }{
		"50,000 parts":                   {many, LimitParts, "last words"},
		"1,000 levels":                   {deep.String(), LimitDepth, "deep words"},
		"1,000 messages in one another":  {nested.String(), LimitDepth, ""},
		"header line of 20 MB":           {"Subject: " + strings.Repeat("x", 20<<20) + "\n\nbody", HeaderLimit, ""},
		"boundary line after line":       {mail("Content-Type: multipart/mixed; boundary=\""+strings.Repeat("-", 70)+"\"\n", strings.Repeat("-", 4<<20)+"\nx"), BoundaryMissing, ""},
		"unfinished encoded-words":       {"Subject: " + strings.Repeat("=?utf-8?q?", 90_000) + "\n\nx", "", ""},
		"addresses":                      {"From: " + strings.Repeat("\"(<:;,", 150_000) + "\n\nx", "", ""},
		"parameters":                     {"Content-Type: text/plain" + strings.Repeat(";a*0=\"", 150_000) + "\n\nx", "", ""},
		"a million nested elements":      {mail("Content-Type: text/html\n", strings.Repeat("<div>", 1_000_000)+"words"), "", "words"},
		"unclosed tables and stray ends": {mail("Content-Type: text/html\n", strings.Repeat("<div><table><td><i>", 100_000)+strings.Repeat("</div>", 100_000)+"words"), "", "words"},
		"style sheet":                    {mail("Content-Type: text/html\n", "<style>"+strings.Repeat("a,", 100_000)+"{x:y}"+strings.Repeat("@media x{", 10_000)+"</style>words"), "", "words"},
		"text larger than its limit":     {mail("", "words "+strings.Repeat("x", lim.Text)), LimitText, "words"},
		"links":                          {mail("", manyLinks(50_000)), LimitLinks, ""},
	} {
		m := Parse([]byte(c.raw), Options{})
		if c.defect != "" && !strings.Contains(defects(m.Defects), c.defect) {
			t.Errorf("%s: defects %v, want %s", name, m.Defects, c.defect)
		}
		if !strings.Contains(m.Text, c.text) {
			t.Errorf("%s: %q is not in the text", name, c.text)
		}
	}
}

func TestWorkIsBounded(t *testing.T) {
	lim := limit.Default()
	lim.Work = 100_000
	m := Parse([]byte(mail("Content-Type: text/html\n", strings.Repeat("<b>x</b>", 10_000))), Options{Limits: lim})
	if defects(m.Defects) != LimitWork {
		t.Errorf("defects %v", m.Defects)
	}
}

// TestOversizeText: of a message that is cut at the limit, text is read up to a limit of its own.
func TestOversizeText(t *testing.T) {
	lim := limit.Default()
	lim.OversizeText = 100
	for _, cut := range []bool{false, true} {
		m := Parse([]byte(mail("", strings.Repeat("word ", 1000))), Options{Limits: lim, Truncated: cut})
		if got := len(m.Text) <= 100; got != cut || strings.Contains(defects(m.Defects), LimitText) != cut {
			t.Errorf("cut %v: %d bytes of text, defects %v", cut, len(m.Text), m.Defects)
		}
	}
}

// TestAttachmentLimit: an attachment beyond the limit is looked at as far as it is held, and the limit is named.
func TestAttachmentLimit(t *testing.T) {
	lim := limit.Default()
	lim.Attachment = 1000
	raw := mail("Content-Type: application/pdf; name=a.pdf\nContent-Disposition: attachment\n", "%PDF-1.4\n"+strings.Repeat("0123456789\n", 1000))
	m := Parse([]byte(raw), Options{Limits: lim})
	if len(m.Attachments) != 1 || len(m.Attachments[0].Data) > 1000 || !m.Attachments[0].Truncated || !strings.Contains(defects(m.Defects), LimitHeld) {
		t.Errorf("attachments %d, defects %v", len(m.Attachments), m.Defects)
	}
}

func TestTruncatedMessage(t *testing.T) {
	m := Parse([]byte(mail("", "beginning")), Options{Truncated: true})
	if !strings.Contains(defects(m.Defects), LimitMessage) || m.Text != "beginning" {
		t.Errorf("%v %q", m.Defects, m.Text)
	}
}

// TestAgreesWithEnmime is the differential test of structure: over real mail, damaged mail and the tables of this
// package, enmime finds the same leaves of the same types, with the exceptions listed.
func TestAgreesWithEnmime(t *testing.T) {
	disagree := map[string]string{
		"mime-bad-content-type.raw": "a lost semicolon before name=: mail programs read the type in front of it",
		"mime-blank-media-name.raw": "as above",
		"bad-header-start.raw":      "enmime refuses a header that begins with white space",
		"erroneous.raw":             "enmime refuses a message without a header",
	}
	var files []string
	for _, g := range []string{"mail/*.eml", "torture/mime/*.raw"} {
		f, err := filepath.Glob(filepath.Join("../../../shared/corpus", g))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f...)
	}
	if len(files) == 0 {
		t.Skip("no corpus beside the project")
	}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		_, doubts := secondReading(raw)
		for _, d := range doubts {
			if (d.Kind == StructureDoubt || d.Kind == StructureBypass) && disagree[filepath.Base(f)] == "" {
				t.Errorf("%s: %s", filepath.Base(f), d.Detail)
			}
		}
	}
}

func TestEnmimeAgreesOnTables(t *testing.T) {
	for _, c := range parseTests {
		switch c.name {
		case "no header", "empty", "type without a subtype":
			continue // enmime refuses these
		}
		_, doubts := secondReading([]byte(c.raw))
		for _, d := range doubts {
			if d.Kind == StructureDoubt || d.Kind == StructureBypass {
				t.Errorf("%s: %s: %s", c.name, d.Kind, d.Detail)
			}
		}
	}
}
