package event

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// pack is a user's pack with one subject entry.
const pack = `
language = "en"
[[subject]]
id = "my.locker"
event = "order.delivered"
pattern = ['^parcel in locker']
source = "a test"
date = "2026-01"
confidence = "K"
good = ["Parcel in locker 7"]
bad = ["No parcel"]
`

func folder(text string) fstest.MapFS { return fstest.MapFS{"mine.toml": {Data: []byte(text)}} }

func TestUserPack(t *testing.T) {
	c, err := Builtin().With(folder(pack))
	if err != nil {
		t.Fatal(err)
	}
	if m := c.Match(Input{Subject: "Parcel in locker 7"}); m.Event != finding.OrderDelivered || m.Entry != "my.locker" || !m.Known() {
		t.Errorf("%+v", m)
	}
	if m := Builtin().Match(Input{Subject: "Parcel in locker 7"}); m.Event != finding.OtherEvent || m.Known() {
		t.Errorf("the built-in catalogue knows it too: %+v", m)
	}
	if again := Builtin(); c.Digest() == again.Digest() || again.Digest() != source(t).Digest() {
		t.Error("the digest does not tell the catalogues apart")
	}
}

// A user's entry wins over a built-in one that knows the same subject.
func TestUserPackComesFirst(t *testing.T) {
	own := strings.Replace(pack, "^parcel in locker", "amazon password assistance", 1)
	c, err := Builtin().With(folder(own))
	if err != nil {
		t.Fatal(err)
	}
	if m := c.Match(Input{Subject: "Amazon password assistance"}); m.Entry != "my.locker" {
		t.Errorf("%+v", m)
	}
}

func TestPackFaults(t *testing.T) {
	tests := []struct{ name, old, new, want string }{
		{"an unknown key is a typing error", `event =`, `events =`, "mine.toml"},
		{"an event that does not exist", `order.delivered`, `order.eaten`, "no event"},
		{"a pattern that does not compile", `^parcel in locker`, `(parcel`, "pattern"},
		{"a pattern that can never match", `^parcel in locker`, `パスワード の変更`, "no spaces beside"},
		{"no source", `source = "a test"`, ``, "no source"},
		{"no date", `2026-01`, `soon`, "date"},
		{"no confidence", `"K"`, `"sure"`, "confidence"},
		{"no sample", `good = ["Parcel in locker 7"]`, ``, "no good sample"},
		{"an id that a built-in entry has", `my.locker`, `en.order_placed`, "already"},
		{"an id of the fallbacks", `my.locker`, `fallback.mine`, "id"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Builtin().With(folder(strings.Replace(pack, tt.old, tt.new, 1)))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
}

func TestTestReportsBadSamples(t *testing.T) {
	samples, err := Test(folder(strings.NewReplacer("Parcel in locker 7", "Something else", "No parcel", "Parcel in locker").Replace(pack)))
	if err != nil {
		t.Fatal(err)
	}
	if len(samples) != 2 || samples[0].Fault == "" || samples[1].Fault == "" {
		t.Errorf("%+v", samples)
	}
}

// The words of Prime notices are also those of orders ("cancelled", "renewed"), so Prime comes first in every file.
func TestPrimeBeforeOrders(t *testing.T) {
	for _, p := range source(t).packs {
		class := func(c string) func(Subject) bool {
			return func(s Subject) bool { return s.Event.Class() == c }
		}
		order := slices.IndexFunc(p.Subjects, class("order"))
		for i := range p.Subjects {
			if class("prime")(p.Subjects[i]) && order >= 0 && i > order {
				t.Errorf("%s: %s comes after %s", p.Name, p.Subjects[i].ID, p.Subjects[order].ID)
			}
		}
	}
}

// Every language of the catalogue knows what a person must not miss.
func TestLanguagesAreComplete(t *testing.T) {
	languages := map[string]*Pack{}
	packs := source(t).packs
	for i := range packs {
		languages[packs[i].Language] = &packs[i]
	}
	for _, l := range []string{"ja", "en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "tr", "zh", "ko", "ru", "ar", "hi", "cs"} {
		p := languages[l]
		if p == nil {
			t.Errorf("no pack for %s", l)
			continue
		}
		for _, e := range []finding.Event{
			finding.TakeoverResponse, finding.EmailChanged, finding.PasswordChanged, finding.TwoSVDisabled, finding.PhoneRemoved,
			finding.PhoneChanged, finding.PasskeyAdded, finding.SigninAttempt, finding.PasswordResetRequested, finding.OTP,
		} {
			if !slices.ContainsFunc(p.Bodies, func(b Body) bool { return b.Event == e }) {
				t.Errorf("%s: no body phrase for %s", l, e)
			}
		}
		for _, e := range []finding.Event{
			finding.AccountChanged, finding.SigninAttempt, finding.AccountLocked, finding.PaymentDeclined, finding.PrimeJoined,
			finding.PrimeCancelled, finding.OrderPlaced, finding.OrderCancelled, finding.OrderShipped, finding.GiftcardSent,
		} {
			if !slices.ContainsFunc(p.Subjects, func(s Subject) bool { return s.Event == e }) {
				t.Errorf("%s: no subject for %s", l, e)
			}
		}
	}
}

// The literals worked out from a pattern must let no match slip: a sample that matches holds one of them.
func TestLiteralsAreRequired(t *testing.T) {
	for _, p := range source(t).packs {
		for i := range p.Subjects {
			s := &p.Subjects[i]
			for _, sample := range append(slices.Clone(s.Good), s.Bad...) {
				title := fold(trimSubject(plain(sample)))
				for j, pat := range patterns(s.Pattern) {
					if len(s.Literals[j]) == 0 || !pat.match(title) {
						continue
					}
					if !slices.ContainsFunc(s.Literals[j], func(l string) bool { return strings.Contains(title, l) }) {
						t.Errorf("%s: %q matches %q without any of %q", s.ID, s.Pattern[j], title, s.Literals[j])
					}
				}
			}
		}
	}
}

func TestIndex(t *testing.T) {
	var x index
	a, b, c := x.add("password"), x.add("word reset"), x.add("パスワード")
	for text, want := range map[string][]int{
		"":                    nil,
		"word":                nil,
		"password":            {a},
		"a password reset":    {a, b},
		"新しいパスワード":            {c},
		"passwordpassword":    {a},
		"passwor d word rese": nil,
	} {
		if got := x.find(text); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"Amazon.co.jp　ご注文の 確認":          "amazon.co.jpご注文の確認",
		"ＡＭＡＺＯＮ：ｻｲﾝｲﾝ試行":                "amazon:サインイン試行",
		"Änderung  an\u00a0Ihrem Konto": "anderung an ihrem konto",
		"Заказ":                         fold("Заказ"), // stays one word
		"We’re “here” – now":            "we're \"here\" - now",
		"Pаss\u200bw\u00adord":          "password", // Cyrillic а, zero-width space, soft hyphen
		"がき":                            "がき",       // decomposed kana
		"İPTAL edildi":                  "iptal edildi",
	} {
		if got := fold(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestPhraseGap(t *testing.T) {
	p := pieces("第三者…アクセス")
	for text, want := range map[string]bool{
		"第三者により無断でアクセスされ":                                      true,
		"アクセスした第三者":                                            false,
		"第三者" + strings.Repeat("あ", 100) + "アクセス":              false,
		"第三者" + strings.Repeat("あ", 100) + "第三者がアクセス":          true,
		strings.Repeat("第三者", 1000) + strings.Repeat("x", 300): false,
	} {
		if got := containsPhrase(fold(text), p); got != want {
			t.Errorf("%.40q: %v", text, got)
		}
	}
}
