package view

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

func printers(t *testing.T) (ja, en *Printer) {
	c := catalogue(t)
	tokyo := time.FixedZone("Asia/Tokyo", 9*3600)
	return NewPrinter(c, JA, tokyo), NewPrinter(c, EN, tokyo)
}

func TestFormats(t *testing.T) {
	ja, en := printers(t)
	at := time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
	paris := time.FixedZone("Europe/Paris", 3600)
	cases := []struct{ name, got, want string }{
		{"a time is shown in the zone", ja.Time(at), "2026年2月3日 13:05"},
		{"the same in English", en.Time(at), "3 Feb 2026, 13:05"},
		{"a date", ja.Date(at), "2026年2月3日"},
		{"a month", en.Month(at), "February 2026"},
		{"a zone with its offset", NewPrinter(catalogue(t), EN, paris).ZoneName(at), "Europe/Paris (UTC+01:00)"},
		{"the same in Japanese", NewPrinter(catalogue(t), JA, paris).ZoneName(at), "Europe/Paris（UTC+01:00）"},
		{"a zone with a name of its own", ja.ZoneName(at), "日本時間（UTC+09:00）"},
		{"an account", en.Account("a@b.example/co.jp"), "a@b.example (amazon.co.jp)"},
		{"an account in Japanese", ja.Account("a@b.example/co.jp"), "a@b.example（amazon.co.jp）"},
		{"an account without a marketplace", ja.Account("a@b.example"), "a@b.example"},
		{"an account nobody is known to have", ja.Say("attention.takeover.one", "start", at), "2026年2月3日 13:05に、アカウント（宛先不明）が第三者に使われた可能性があると、Amazonから知らせが届いています。"},
		{"a time within a sentence", en.Say("attention.takeover.one", "start", at, "account", "a@b.example"), "At 13:05 on 3 Feb 2026 Amazon wrote that someone else may have been in the account a@b.example."},
		{"two times of one year", en.Say("incident.span", "first", at, "last", at.AddDate(0, 0, 2)), "3 Feb 2026, 13:05 to 5 Feb, 13:05"},
		{"thousands are set apart", en.Number(-1234567), "-1,234,567"},
		{"small numbers stay", en.Number(999), "999"},
		{"bytes have a unit", en.Bytes(2_412_553_112), "2.4 GB"},
		{"rounding does not give 1000.0 kB", en.Bytes(999_960), "1.0 MB"},
		{"one byte is singular", en.Bytes(1), "1 byte"},
		{"yen in Japanese", ja.Amount("49800", "JPY"), "49,800円"},
		{"dollars keep their cents", en.Amount("1234.50", "USD"), "$1,234.50"},
		{"a period of a month", ja.Period("2026-01"), "2026年1月"},
		{"a period of a week", en.Period("2026-W05"), "week 5 of 2026"},
		{"a period that is none is shown as it is", en.Period("whenever\x1b"), "whenever‹U+001B›"},
		{"an unknown word is shown as it is", en.Word("verdict", "new\u202eword"), "new‹U+202E›word"},
		{"an unknown sentence says so", en.Say("no.such.text"), "(no text in this version: no.such.text)"},
	}
	for _, c := range cases {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, c.got, c.want)
		}
	}
}

// Arguments come from JSON: numbers are floats, lists are []any, times are strings.
func TestGaps(t *testing.T) {
	c, err := load(fstest.MapFS{"text/a.toml": {Data: []byte(`
["one"]
ja = "{n}通 {at:time} {day:date} {m:month} {who:address} {where:host} {link:url} {e:event} {all:list} {ok} {left}"
en = "{n:plural|mail|mails} {at:time} {day:date} {m:month} {who:address} {where:host} {link:url} {e:event} {all:list} {ok} {left}"
["event.order.placed"]
ja = "注文"
en = "Order"
["words.more"]
ja = "ほか{n}件"
en = "and {n} more"
["value.yes"]
ja = "はい"
en = "yes"
["value.unknown"]
ja = "不明"
en = "unknown"
`)}}, "text")
	if err != nil {
		t.Fatal(err)
	}
	var text finding.Text
	if err := json.Unmarshal([]byte(`{"id":"one","args":{"n":1,"at":"2026-02-03T04:05:06Z","day":"2026-02-03","m":"2026-02","who":"a@b.example","where":"b.example",
		"link":"https://b.example/x.php","e":"order.placed","all":["a","b","c","d","e","f","g","h","i","j"],"ok":true}}`), &text); err != nil {
		t.Fatal(err)
	}
	honolulu := time.FixedZone("HST", -10*3600)
	const tail = "a[@]b[.]example b[.]example hxxps://b[.]example/x[.]php"
	if got, want := NewPrinter(c, EN, honolulu).Text(text), "1 mail 18:05 on 2 Feb 2026 3 February 2026 February 2026 "+tail+" Order a, b, c, d, e, f, g, h, and 2 more yes unknown"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if got, want := NewPrinter(c, JA, honolulu).Text(text), "1通 2026年2月2日 18:05 2026年2月3日 2026年2月 "+tail+" 注文 a、b、c、d、e、f、g、h、ほか2件 はい 不明"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestDefang(t *testing.T) {
	cases := []struct{ in, want string }{
		{"https://evil.example/a.php?x=1", "hxxps://evil[.]example/a[.]php?x=1"},
		{"HTTP://EVIL.example", "hxxp://EVIL[.]example"},
		{"javascript:alert(1)", "javascript-x:alert(1)"},
		{"mailto:a@b.example", "mailto-x:a[@]b[.]example"},
		{"//evil.example/x", "//evil[.]example/x"},
		{"evil.example:443", "evil[.]example:443"},
		{"http://user:pass@evil.example/http://x", "hxxp://user:pass[@]evil[.]example/http://x"},
		{"hxxps://www[.]evil[.]example", "hxxps://www[.]evil[.]example"},
	}
	for _, c := range cases {
		if got := DefangURL(c.in); got != c.want {
			t.Errorf("DefangURL(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

// In a quotation only hosts and addresses are written otherwise.
func TestDefangQuote(t *testing.T) {
	cases := []struct{ name, in, want string }{
		{"a host", "tsuuchi-center.example", "tsuuchi-center[.]example"},
		{"a host that was written so already", "www[.]evil.example", "www[.]evil[.]example"},
		{"an address", "Amazon <amazon.co.jp@evil.example>", "Amazon <amazon[.]co[.]jp[@]evil[.]example>"},
		{"an address on a bare name", "info@localhost", "info[@]localhost"},
		{"a URL", "«Log in» → hxxps://evil.example/sign.php?x=1", "«Log in» → hxxps://evil[.]example/sign.php?x=1"},
		{"a numeric address", "hxxp://198.51.100.77/a", "hxxp://198[.]51[.]100[.]77/a"},
		{"a host in Japanese text", "詳細はevil.exampleへ。", "詳細はevil[.]exampleへ。"},
		{"an internationalised host", "аmаzon.xn--p1ai", "аmаzon[.]xn--p1ai"},
		{"a version stays", "Supmailer 38.1.2", "Supmailer 38.1.2"},
		{"a long version stays", "Microsoft Outlook Express 6.00.2900.5512", "Microsoft Outlook Express 6.00.2900.5512"},
		{"a file name stays", "Amazon-alert-TB143CY.pdf", "Amazon-alert-TB143CY.pdf"},
		{"a file name with two dots stays", "invoice.pdf.exe", "invoice.pdf.exe"},
		{"a date stays", "2026.02.03", "2026.02.03"},
		{"a full stop stays", "Locked. Log in to confirm.", "Locked. Log in to confirm."},
		{"a mark of bulk senders stays", "##mix_normal_10## [PATCH 6.1 6/8]", "##mix_normal_10## [PATCH 6.1 6/8]"},
	}
	for _, c := range cases {
		if got := defangQuote(c.in); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
		if again := defangQuote(defangQuote(c.in)); again != c.want {
			t.Errorf("%s: defanged twice it is %q", c.name, again)
		}
	}
}

func TestSafe(t *testing.T) {
	cases := []struct{ name, in, want string }{
		{"escape sequences are spelled out", "\x1b[31m", "‹U+001B›[31m"},
		{"a URL in a subject is no link", "see https://evil.example now", "see hxxps://evil.example now"},
		{"nor is a www name", "see www.evil.example", "see www[.]evil.example"},
		{"what is long is cut with a mark", strings.Repeat("あ", 301), strings.Repeat("あ", 300) + "…"},
		{"bytes that are no UTF-8 become U+FFFD", "a\xff", "a\uFFFD"},
	}
	for _, c := range cases {
		if got := Safe(c.in); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// What Safe and the defanging functions return is short, valid, and free of control characters and live links.
func FuzzSafe(f *testing.F) {
	for _, s := range []string{"plain", "\x1b]0;t\x07", "hTTps://x.example", "wWw.x", "\xff\xfe", "\u202e", "http://http://", "a:b:c//"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for name, out := range map[string]string{"Safe": Safe(s), "DefangURL": DefangURL(s), "DefangHost": DefangHost(s), "DefangAddress": DefangAddress(s), "defangQuote": defangQuote(Safe(s))} {
			for _, r := range out {
				if unicode.IsControl(r) {
					t.Fatalf("%s(%q) = %q has a control character", name, s, out)
				}
			}
			if n := len([]rune(out)); n > 12*(MaxShown+1) {
				t.Fatalf("%s: %d characters", name, n)
			}
		}
		if out := Safe(s); liveURL.MatchString(out) && !strings.Contains(s, "xxp") {
			t.Fatalf("Safe(%q) = %q is a link", s, out)
		}
		for name, f := range map[string]func(string) string{"DefangHost": DefangHost, "DefangAddress": DefangAddress, "DefangURL": DefangURL, "defangQuote": defangQuote} {
			if len([]rune(s)) > 20 { // what is cut twice ends otherwise
				break
			}
			if once := f(s); f(once) != once || strings.Contains(once, "[[.]]") && !strings.Contains(s, "[") {
				t.Fatalf("%s(%q) = %q, and again %q", name, s, once, f(once))
			}
		}
		if strings.ContainsRune(DefangHost(s), '.') != strings.Contains(DefangHost(s), "[.]") {
			t.Fatalf("DefangHost(%q)", s)
		}
	})
}

// A story tells the year and the day once, and again only where they change.
func TestStory(t *testing.T) {
	texts, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	at := func(s string) Args { return Args{"first": s, "last": s} }
	story := []finding.Text{
		{ID: "incident.span", Args: Args{"first": "2026-02-06T16:12:00Z", "last": "2026-02-06T16:20:00Z"}},
		{ID: "incident.span", Args: at("2026-02-07T16:12:00Z")},
		{ID: "incident.span", Args: at("2027-02-07T16:12:00Z")},
	}
	p := NewPrinter(texts, JA, time.FixedZone("JST", 9*3600))
	want := []string{"2026年2月7日 01:12から01:20まで", "2月8日 01:12から01:12まで", "2027年2月8日 01:12から01:12まで"}
	for i, got := range p.Story(story) {
		if got != want[i] {
			t.Errorf("sentence %d: %q, want %q", i+1, got, want[i])
		}
	}
	if got := p.Text(story[1]); got != "2026年2月8日 01:12から01:12まで" {
		t.Errorf("outside a story: %q", got)
	}
}
