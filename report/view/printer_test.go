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
	cases := []struct{ name, got, want string }{
		{"a time is shown in the zone", ja.Time(at), "2026年2月3日 13:05"},
		{"the same in English", en.Time(at), "3 Feb 2026, 13:05"},
		{"a date", ja.Date(at), "2026年2月3日"},
		{"a month", en.Month(at), "February 2026"},
		{"a zone with its offset", en.ZoneName(at), "Asia/Tokyo (UTC+09:00)"},
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
	if got, want := NewPrinter(c, EN, honolulu).Text(text), "1 mail 2 Feb 2026, 18:05 3 February 2026 February 2026 "+tail+" Order a, b, c, d, e, f, g, h, and 2 more yes unknown"; got != want {
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
	}
	for _, c := range cases {
		if got := DefangURL(c.in); got != c.want {
			t.Errorf("DefangURL(%q) = %q, want %q", c.in, got, c.want)
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
		for name, out := range map[string]string{"Safe": Safe(s), "DefangURL": DefangURL(s), "DefangHost": DefangHost(s), "DefangAddress": DefangAddress(s)} {
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
	if got := p.Text(story[1]); got != "2026年2月8日 01:12から2026年2月8日 01:12まで" {
		t.Errorf("outside a story: %q", got)
	}
}
