package message

import (
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/japanese"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/limit"
)

func jis(s string) string  { return must(japanese.ISO2022JP.NewEncoder().String(s)) }
func sjis(s string) string { return must(japanese.ShiftJIS.NewEncoder().String(s)) }
func eucj(s string) string { return must(japanese.EUCJP.NewEncoder().String(s)) }

func must(s string, err error) string {
	if err != nil {
		panic(err)
	}
	return s
}

func defects(list []Defect) string {
	var out []string
	for _, d := range list {
		if !slices.Contains(out, d.Kind) {
			out = append(out, d.Kind)
		}
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

var headerTests = []struct{ name, raw, subject, from, defects, body string }{
	{"plain LF", "From: a@example.net\nSubject: hi\n\nbody\n", "hi", "a@example.net", "", "body\n"},
	{"plain CRLF", "From: a@example.net\r\nSubject: hi\r\n\r\nbody\r\n", "hi", "a@example.net", "", "body\r\n"},
	{"mixed line ends", "From: a@example.net\r\nSubject: hi\n\r\nbody\n", "hi", "a@example.net", "", "body\n"},
	{"lone CR, as old Macintosh programs write", "From: a@example.net\rSubject: hi\r\rbody\r", "hi", "a@example.net", "", "body\r"},
	{"a lone CR inside a field ends no line", "From: a@example.net\nSubject: hi\rFrom: b@example.org\n\nbody", "hi From: b@example.org", "a@example.net", "header_bare_cr", "body"},
	{"folded", "Subject: hi\n there\n\twe go\nFrom: a@example.net\n\n", "hi there\twe go", "a@example.net", "", ""},
	{"folded with an empty continuation", "Subject: hi\n \n there\nFrom: a@example.net\n\n", "hi  there", "a@example.net", "", ""},
	{"continuation lost its white space", "Subject: hi\nthere\nFrom: a@example.net\n\nbody", "hi there", "a@example.net", "header_fold", "body"},
	{"body without an empty line", "From: a@example.net\nSubject: hi\nHello there,\nhttp://example.net/ is it.\n\nSecond\n", "hi", "a@example.net", "header_no_end", "Hello there,\nhttp://example.net/ is it.\n\nSecond\n"},
	{"junk before the first field", "junk of a gateway\nFrom: a@example.net\nSubject: hi\n\nbody", "hi", "a@example.net", "header_junk", "body"},
	{"white space before the first field", " From: a@example.net\nSubject: hi\n\nbody", "hi", "a@example.net", "header_junk", "body"},
	{"empty lines before the first field", "\n\r\nFrom: a@example.net\nSubject: hi\n\nbody", "hi", "a@example.net", "header_junk", "body"},
	{"byte order mark", "\ufeffFrom: a@example.net\nSubject: hi\n\nbody", "hi", "a@example.net", "", "body"},
	{"mbox separator left in front", "From x@example.net Mon Jan  1 00:00:00 2024\nFrom: a@example.net\nSubject: hi\n\nbody", "hi", "a@example.net", "header_from_line", "body"},
	{"quoted separator between fields", "From: a@example.net\n>From x@example.net Mon Jan  1 00:00:00 2024\nSubject: hi\n\nbody", "hi", "a@example.net", "header_from_line", "body"},
	{"NUL", "From: a@example.net\nSubject: h\x00i\n\nbody", "hi", "a@example.net", "header_nul", "body"},
	{"white space before the colon", "From : a@example.net\nSubject\t: hi\n\nbody", "hi", "a@example.net", "", "body"},
	{"two subjects: the first is shown", "From: a@example.net\nSubject: hi\nSubject: ho\n\nbody", "hi", "a@example.net", "", "body"},
	{"no header at all", "Hello,\n\nthis is text\n", "", "", "header_junk", "Hello,\n\nthis is text\n"},
	{"header only, cut", "From: a@example.net\nSubject: hi", "hi", "a@example.net", "", ""},
	{"empty", "", "", "", "", ""},
}

func TestParseHeader(t *testing.T) {
	for _, c := range headerTests {
		h := ParseHeader([]byte(c.raw), limit.Default())
		if got := DecodeHeader(h.Get("subject")); got != c.subject {
			t.Errorf("%s: subject %q, want %q", c.name, got, c.subject)
		}
		if got := h.Get("From"); got != c.from {
			t.Errorf("%s: from %q, want %q", c.name, got, c.from)
		}
		if got := defects(h.Defects); got != c.defects {
			t.Errorf("%s: defects %q, want %q", c.name, got, c.defects)
		}
		if got := c.raw[h.Size:]; got != c.body {
			t.Errorf("%s: body %q, want %q", c.name, got, c.body)
		}
	}
}

func TestHeaderKeepsOrderAndBytes(t *testing.T) {
	h := ParseHeader([]byte("Received: one\r\n\tfolded\r\nX-A: 1\r\nreceived:two\r\n\r\n"), limit.Default())
	if got := h.All("Received"); !slices.Equal(got, []string{"one\tfolded", "two"}) {
		t.Errorf("All = %q", got)
	}
	if h.Fields[0].Raw != "one\r\n\tfolded" || h.Fields[2].Name != "received" || h.Fields[2].Raw != "two" {
		t.Errorf("fields %q", h.Fields)
	}
	if h.Index("x-a") != 1 || h.Index("x-b") != -1 {
		t.Error("Index")
	}
}

func TestHeaderLimits(t *testing.T) {
	lim := limit.Default()
	long := "Subject: hi\nX-Long: " + strings.Repeat("a", 20<<20)
	h := ParseHeader([]byte(long), lim)
	if h.Size > lim.Header || defects(h.Defects) != HeaderLimit || h.Get("Subject") != "hi" {
		t.Errorf("a header line of 20 MB: size %d, defects %v", h.Size, h.Defects)
	}
	many := strings.Repeat("X: y\n", lim.HeaderFields+5) + "\nbody"
	h = ParseHeader([]byte(many), lim)
	if len(h.Fields) != lim.HeaderFields || many[h.Size:] != "body" || defects(h.Defects) != HeaderFields {
		t.Errorf("%d fields, rest %q, defects %v", len(h.Fields), many[h.Size:], h.Defects)
	}
}

var wordTests = []struct{ name, in, want string }{
	{"plain", "Hello", "Hello"},
	{"base64", "=?utf-8?B?44GT44KT44Gr44Gh44Gv?=", "こんにちは"},
	{"quoted", "=?UTF-8?q?caf=C3=A9_noir?=", "café noir"},
	{"white space between words is dropped", "=?utf-8?Q?a?= \r\n =?utf-8?Q?b?=", "ab"},
	{"white space beside text is kept", "x =?utf-8?Q?a?= y", "x a y"},
	{"a character cut at the border of two words", "=?utf-8?B?44GT44KT4w==?= =?utf-8?B?gas=?=", "こんに"},
	{"a character cut in the Q form", "=?utf-8?Q?=E3=81?= =?utf-8?Q?=93?=", "こ"},
	{"ISO-2022-JP state across words", "=?iso-2022-jp?Q?=1B$B%\"%+?= =?iso-2022-jp?Q?%&%s%H=1B(B?=", "アカウント"},
	{"ISO-2022-JP", "=?ISO-2022-JP?B?GyRCJSIlKyUmJXMlSBsoQg==?=", "アカウント"},
	{"iso-2022-jp-ms", "=?iso-2022-jp-ms?B?GyRCJSIlKyUmJXMlSBsoQg==?=", "アカウント"},
	{"kana of JIS X 0201", "=?cp50221?Q?=1B(I=31=32=33=1B(B?=", "ｱｲｳ"},
	{"cp932", "=?cp932?Q?=83A=83J=83E=83=93=83g?=", "アカウント"},
	{"ms932 with NEC row 13", "=?MS932?Q?=87=40?=", "①"},
	{"eucJP-ms", "=?eucJP-ms?Q?=A5=A2=A5=AB?=", "アカ"},
	{"label in quotes", "=?'utf-8'?Q?=E3=81=82?=", "あ"},
	{"label with a language", "=?utf-8*ja?Q?=E3=81=82?=", "あ"},
	{"label that is none", "=?y?Q?=E3=81=82?=", "あ"},
	{"label with lost line end", "=?utf-8x-priority: 1 (highest)?Q?=E3=81=82?=", "あ"},
	{"UTF-7", "=?utf-7?Q?+MEI-?=", "あ"},
	{"raw UTF-8", "アカウント", "アカウント"},
	{"raw Shift_JIS", sjis("お客様のアカウント"), "お客様のアカウント"},
	{"raw EUC-JP", eucj("お客様のアカウントについて"), "お客様のアカウントについて"},
	{"raw windows-1252", "Actualizaci\xf3n", "Actualización"},
	{"raw windows-1252 of several words", "Su env\xedo llegar\xe1 ma\xf1ana", "Su envío llegará mañana"},
	{"raw KOI8-R", "\xf7\xc1\xdb \xda\xc1\xcb\xc1\xda \xcf\xd4\xd0\xd2\xc1\xd7\xcc\xc5\xce", "Ваш заказ отправлен"},
	{"raw EUC-KR", "\xb0\xed\xb0\xb4\xb4\xd4\xc0\xc7 \xb0\xe8\xc1\xa4 \xba\xf1\xb9\xd0\xb9\xf8\xc8\xa3", "고객님의 계정 비밀번호"},
	{"raw GBK", "\xc4\xfa\xb5\xc4\xd5\xcb\xbb\xa7\xc3\xdc\xc2\xeb\xd2\xd1\xb1\xbb\xb8\xfc\xb8\xc4", "您的账户密码已被更改"},
	{"raw ISO-2022-JP", jis("お客様のアカウント"), "お客様のアカウント"},
	{"raw and encoded mixed", sjis("重要") + " =?shift_jis?Q?=83A=83J?= x", "重要 アカ x"},
	{"encoded words touch", "=?utf-8?Q?a?==?utf-8?Q?b?=", "ab"},
	{"spaces inside a word", "=?utf-8?Q?a b c?=", "a b c"},
	{"no end", "=?utf-8?B?44GT44KT", "こん"},
	{"a group of base64 cut at the border, one digit over", "=?utf-8?B?44GT44KT4?= =?utf-8?B?4Gr44Gh44Gv?=", "こんにちは"},
	{"a group of base64 cut at the border, two digits over", "=?utf-8?B?44GT44KT44?= =?utf-8?B?Gr44Gh44Gv?=", "こんにちは"},
	{"a group of base64 cut at the border, three digits over", "=?utf-8?B?44GT44KT44G?= =?utf-8?B?r44Gh44Gv?=", "こんにちは"},
	{"groups cut at every border", "=?utf-8?B?44GT4?= =?utf-8?B?4KT44Gr?=\r\n =?utf-8?B?44Gh4?= =?utf-8?B?4Gv?=", "こんにちは"},
	{"a group cut where no bit is left over", "=?utf-8?B?44GT44KT4w?= =?utf-8?B?A?= =?utf-8?Q?B?=", "こん\ufffdB"},
	{"whole words without padding", "=?utf-8?B?44GT44KTYQ?= =?utf-8?B?YWI?= =?utf-8?B?44Gr?=", "こんaabに"},
	{"a group cut in ISO-2022-JP", "=?iso-2022-jp?B?GyRCJSIlKyU?= =?iso-2022-jp?B?mJXMlSBsoQg==?=", "アカウント"},
	{"a group that is padded is whole", "=?utf-8?B?YQ==?= =?utf-8?B?Yg==?=", "ab"},
	{"no padding", "=?utf-8?B?44GT44KT44Gr44E?=", "こんに\ufffd"},
	{"invalid bytes in base64 UTF-8", "=?utf-8?B?QW1h/3pvbg==?=", "Ama\ufffdzon"},
	{"line ends inside a word", "=?utf-8?Q?a=0D=0Ab?=", "a b"},
	{"no word", "a =? b ?= c", "a =? b ?= c"},
	{"unknown encoding letter", "=?utf-8?X?abc?=", "=?utf-8?X?abc?="},
}

func TestDecodeHeader(t *testing.T) {
	for _, c := range wordTests {
		if got := DecodeHeader(c.in); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func addr(pairs ...string) []finding.Address {
	var out []finding.Address
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, finding.Address{Name: pairs[i], Address: pairs[i+1]})
	}
	return out
}

var addressTests = []struct {
	name, in string
	want     []finding.Address
}{
	{"address alone", "a@example.net", addr("", "a@example.net")},
	{"name and address", "Some One <a@example.net>", addr("Some One", "a@example.net")},
	{"quoted name", `"One, Some" <a@example.net>`, addr("One, Some", "a@example.net")},
	{"unquoted comma in the name", "Amazon.co.jp, カスタマー <a@example.net>", addr("Amazon.co.jp, カスタマー", "a@example.net")},
	{"comma inside an encoded-word", "=?utf-8?Q?One=2C_Some?= <a@example.net>", addr("One, Some", "a@example.net")},
	{"encoded-word in quotes", `"=?utf-8?B?44GT44KT?=" <a@example.net>`, addr("こん", "a@example.net")},
	{"raw ISO-2022-JP name", jis("アマゾン、ほか") + " <a@example.net>", addr("アマゾン、ほか", "a@example.net")},
	{"raw Shift_JIS name", sjis("表示名テスト") + " <a@example.net>", addr("表示名テスト", "a@example.net")},
	{"two", "a@example.net, B <b@example.org>", addr("", "a@example.net", "B", "b@example.org")},
	{"missing comma", "A <a@example.net> B <b@example.org>", addr("A", "a@example.net", "B", "b@example.org")},
	{"two without anything between", "<a@example.net><b@example.org>", addr("", "a@example.net", "", "b@example.org")},
	{"missing closing bracket", "A <a@example.net", addr("A", "a@example.net")},
	{"missing brackets", "Some One a@example.net", addr("Some One", "a@example.net")},
	{"doubled brackets", "A <<a@example.net>>", addr("A", "a@example.net")},
	{"comma at the end", "A <a@example.net>,", addr("A", "a@example.net")},
	{"comment as name", "a@example.net (Some One)", addr("Some One", "a@example.net")},
	{"address only in a comment", "Temp,(<a@example.net>)", addr("Temp", "a@example.net")},
	{"name behind the address", "<a@example.net> Some One", addr("Some One", "a@example.net")},
	{"address as name", `"account@amazon.example" <x@example.net>`, addr("account@amazon.example", "x@example.net")},
	{"address as unquoted name", "account@amazon.example <x@example.net>", addr("account@amazon.example", "x@example.net")},
	{"mathematical letters stay", "A <x@𝐚𝐦𝐚𝐳𝐨𝐧.𝐝𝐞>", addr("A", "x@𝐚𝐦𝐚𝐳𝐨𝐧.𝐝𝐞")},
	{"group", "undisclosed-recipients:;", nil},
	{"group with members", "team: a@example.net, B <b@example.org>;", addr("", "a@example.net", "B", "b@example.org")},
	{"only a name", "Amazon", addr("Amazon", "")},
	{"empty address", "Amazon <>", addr("Amazon", "")},
	{"source route", "<@one,@two:a@example.net>", addr("", "a@example.net")},
	{"quote that is never closed", `"Some One <a@example.net>`, addr("Some One", "a@example.net")},
	{"escaped quote", `"Some \"One\"" <a@example.net>`, addr(`Some "One"`, "a@example.net")},
	{"white space inside brackets", "A < a@example.net >", addr("A", "a@example.net")},
	{"folded", "Some\r\n One\r\n <a@example.net>", addr("Some One", "a@example.net")},
	{"comment before the at sign", "a(comment)@example.jp", addr("comment", "a@example.jp")},
	{"comment behind the at sign", "a@(comment)example.jp", addr("comment", "a@example.jp")},
	{"comments around a full stop of the domain", "a@example(x).(y)jp", addr("x", "a@example.jp")},
	{"comment before a full stop of the local part", "a(x).b@example.jp", addr("x", "a.b@example.jp")},
	{"several comments", "a(x)(y)@(z)(w)example.jp, b@example.org", addr("x", "a@example.jp", "", "b@example.org")},
	{"comment in brackets", "<a@(x)example.jp>", addr("x", "a@example.jp")},
	{"comment in brackets beside a name", "Some One <a(x (y))@example.jp>", addr("Some One", "a@example.jp")},
	{"parenthesis in a quoted local part", `<"a(b)c"@example.jp>`, addr("", `"a(b)c"@example.jp`)},
	{"parenthesis in brackets that is never closed", "<a@(x.example.jp>", addr("", "a@(x.example.jp")},
	{"white space around the at sign", "Some One a @ example.jp", addr("Some One", "a@example.jp")},
	{"comment between words of a name", "Some(x)One <a@example.jp>", addr("Some One", "a@example.jp")},
	{"comment glued to an address", "a@example.jp(Some One)", addr("Some One", "a@example.jp")},
	{"empty", "", nil},
}

func TestParseAddresses(t *testing.T) {
	for _, c := range addressTests {
		if got := ParseAddresses(c.in); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestParseDate(t *testing.T) {
	at := time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
	for _, c := range []struct {
		name, in string
		want     time.Time
		zone     string
		doubt    string
	}{
		{"RFC 5322", "Tue, 3 Feb 2026 13:05:06 +0900", at, "+0900", ""},
		{"comment", "Tue, 03 Feb 2026 04:05:06 +0000 (UTC)", at, "+0000", ""},
		{"no day name", "3 Feb 2026 04:05:06 GMT", at, "GMT", ""},
		{"zone name", "Tue, 3 Feb 2026 13:05:06 JST", at, "JST", ""},
		{"two-digit year", "3 Feb 26 04:05:06 +0000", at, "+0000", ""},
		{"asctime", "Tue Feb  3 04:05:06 2026", at, "", DateBadZone},
		{"zone before year", "Tue Feb 03 04:05:06 +0000 2026", at, "+0000", ""},
		{"ISO 8601", "2026-02-03T04:05:06Z", at, "Z", ""},
		{"ISO 8601 with offset", "2026-02-03T13:05:06+09:00", at, "+09:00", ""},
		{"three-digit zone", "Tue, 3 Feb 2026 04:05:06 +000", at, "+000", DateBadZone},
		{"three-digit zone with its hour", "Mon, 2 Feb 2026 22:05:06 -600", at, "-600", DateBadZone},
		{"three-digit zone east", "Tue, 3 Feb 2026 09:35:06 +530", at, "+530", DateBadZone},
		{"hours alone", "Tue, 3 Feb 2026 13:05:06 +9", at, "+9", DateBadZone},
		{"hours of two digits", "Tue, 3 Feb 2026 13:05:06 +09", at, "+09", DateBadZone},
		{"zone with a colon", "Tue, 3 Feb 2026 13:05:06 +09:00", at, "+09:00", ""},
		{"name and offset in one", "Tue, 3 Feb 2026 13:05:06 GMT+0900", at, "GMT+0900", DateBadZone},
		{"name and offset with a colon", "Tue, 3 Feb 2026 13:05:06 UTC+09:00", at, "UTC+09:00", DateBadZone},
		{"name and hours", "Tue Feb  3 13:05:06 GMT+9 2026", at, "GMT+9", DateBadZone},
		{"offset of too many digits", "Tue, 3 Feb 2026 04:05:06 +00900", at, "+00900", DateBadZone},
		{"offset beyond the earth", "Tue, 3 Feb 2026 04:05:06 +990", at, "+990", DateBadZone},
		{"signs in an offset", "Tue, 3 Feb 2026 04:05:06 +-60", at, "+-60", DateBadZone},
		{"unknown zone", "Tue, 3 Feb 2026 04:05:06 XYZ", at, "XYZ", DateBadZone},
		{"no zone", "Tue, 3 Feb 2026 04:05:06", at, "", DateBadZone},
		{"no seconds", "3 Feb 2026 04:05 +0000", at.Add(-6 * time.Second), "+0000", ""},
		{"wrong day name", "Mon, 3 Feb 2026 04:05:06 +0000", at, "+0000", ""},
		{"spreadsheet epoch", "Sat, 30 Dec 1899 00:00:00 +0000", time.Time{}, "+0000", DateImpossible},
		{"no such day", "30 Feb 2026 04:05:06 +0000", time.Time{}, "+0000", DateImpossible},
		{"no such hour", "3 Feb 2026 25:05:06 +0000", time.Time{}, "+0000", DateImpossible},
		{"no date", "yesterday", time.Time{}, "", DateUnreadable},
		{"empty", "", time.Time{}, "", DateMissing},
		{"negative zone", "Mon, 2 Feb 2026 20:05:06 -0800", at, "-0800", ""},
	} {
		d := ParseDate(c.in)
		if !d.Time.Equal(c.want) || d.Zone != c.zone || d.Doubt != c.doubt {
			t.Errorf("%s: %v %q %q, want %v %q %q", c.name, d.Time, d.Zone, d.Doubt, c.want, c.zone, c.doubt)
		}
	}
}

func TestParseMediaType(t *testing.T) {
	for _, c := range []struct{ name, in, value, param, want string }{
		{"plain", "text/plain; charset=utf-8", "text/plain", "charset", "utf-8"},
		{"quoted", `multipart/mixed; boundary="a;b=c"`, "multipart/mixed", "boundary", "a;b=c"},
		{"folded", "text/html;\r\n\tcharset=utf-8", "text/html", "charset", "utf-8"},
		{"lost semicolon", "application/pdf name=\"x.pdf\"", "application/pdf", "name", "x.pdf"},
		{"lost semicolon between parameters", "text/plain; boundary=abc charset=utf-8", "text/plain", "charset", "utf-8"},
		{"specials outside of quotes", "application/pdf; name=a (1).pdf", "application/pdf", "name", "a (1).pdf"},
		{"repeated: the first counts", "text/plain; name=a; name=b", "text/plain", "name", "a"},
		{"upper case", "TEXT/HTML; CHARSET=UTF-8", "text/html", "charset", "UTF-8"},
		{"only a parameter", "charset=utf-8", "", "charset", "utf-8"},
		{"not closed", `text/plain; name="abc`, "text/plain", "name", "abc"},
		{"escapes", `text/plain; name="a\"b"`, "text/plain", "name", `a"b`},
	} {
		m := ParseMediaType(c.in)
		if m.Value != c.value || m.Param(c.param) != c.want {
			t.Errorf("%s: %q %q, want %q %q", c.name, m.Value, m.Param(c.param), c.value, c.want)
		}
	}
}

func TestFileName(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"plain", "attachment; filename=a.pdf", "a.pdf"},
		{"encoded-word", `attachment; filename="=?utf-8?B?6KuL5rGC5pu4LnBkZg==?="`, "請求書.pdf"},
		{"RFC 2231", "attachment; filename*=utf-8''%E8%AB%8B%E6%B1%82%E6%9B%B8.pdf", "請求書.pdf"},
		{"RFC 2231 in pieces", "attachment; filename*0*=utf-8''%E8%AB%8B; filename*1*=%E6%B1%82; filename*2=\".pdf\"", "請求.pdf"},
		{"pieces out of order", "attachment; filename*1=b.pdf; filename*0=a", "ab.pdf"},
		{"raw Shift_JIS", "attachment; filename=\"" + sjis("請求書のご案内") + ".pdf\"", "請求書のご案内.pdf"},
	} {
		m := ParseMediaType(c.in)
		if got := m.Text("filename"); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// FuzzUsualDate holds the fast reading of dates to the slow one.
func FuzzUsualDate(f *testing.F) {
	for _, s := range []string{
		"Tue, 6 Jan 2026 03:04:05 +0000 (UTC)", "6 Jan 2026 03:04:05 +0900", "Mon, 18 Feb 2019 02:00:02 -0800 (PST)", "Fri, 29 Feb 2019 02:00:02 -0800",
		"Mon, 01 FEB 1999 23:59:60 +0000", "Mon, 1 Feb 1971 23:59:59 +1500", "Mon, 1 Feb 2019 02:00:02 +0960", "Mon, 1 Feb 2019 02:00:02 +0900 (a (b))",
		"Mon, 1 Feb 2019 02:00:02 +0900 ()", "Mon, 1 Feb 2019 02:00:02 +9:00", "Mon, 1 Feb 2019 02:00:02 -00:1 (x)", "Mon, 00 Feb 2019 02:00:02 +0000", "1 Feb 2019 02:00:02 +0000x",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := usualDate(s)
		if !ok {
			return
		}
		c := calendar{day: -1, month: -1, year: -1, hour: -1}
		for _, tok := range dateTokens(s) {
			c.take(tok)
		}
		if want := plausible(c.date(Date{Raw: s})); got != want {
			t.Fatalf("%q: %+v, want %+v", s, got, want)
		}
		if _, iso := parseISO(s); iso {
			t.Fatalf("%q is of another form too", s)
		}
	})
}

// TestHeaderInDeclaredCharset: a program that writes raw bytes in its header writes them in the set it declares for the body.
func TestHeaderInDeclaredCharset(t *testing.T) {
	for _, c := range []struct{ label, head, bytes, want string }{
		{"iso-8859-2", "Content-Type: text/plain; charset=iso-8859-2\n", "P\xf8\xedli\xb9 \xbelu\xbb", "Příliš žluť"},
		{"windows-1254", "Content-Type: text/plain; charset=windows-1254\n", "Sipari\xfeiniz \xe7\xfdkt\xfd", "Siparişiniz çıktı"},
		{"of the first part", "Content-Type: multipart/mixed; boundary=B\n", "P\xf8\xedli\xb9 \xbelu\xbb", "Příliš žluť"},
	} {
		raw := "From: " + c.bytes + " <a@example.net>\nSubject: " + c.bytes + "\n" + c.head + "\n--B\nContent-Type: text/plain; charset=\"iso-8859-2\"\n\nx\n--B--\n"
		m := Parse([]byte(raw), Options{})
		if m.Subject != c.want || len(m.From) != 1 || m.From[0].Name != c.want {
			t.Errorf("%s: subject %q, from %v, want %q", c.label, m.Subject, m.From, c.want)
		}
	}
}
