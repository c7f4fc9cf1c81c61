package event

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

func TestMatch(t *testing.T) {
	tests := []struct {
		name string
		in   Input
		want finding.Event
		lang string
	}{
		{
			"one subject serves many events: the body says that the password changed",
			Input{Subject: "Amazon.co.jpのアカウントの修正", Text: "お客様のリクエストに沿って、パスワードを再設定いたしました。", Local: "account-update", Official: true},
			finding.PasswordChanged, "ja",
		},
		{
			"the same subject, another body",
			Input{Subject: "Amazon.co.jp のアカウントの修正", Text: "ご要望の通り、アカウントに登録されているEメールアドレスを\n変更いたしました。"},
			finding.EmailChanged, "ja",
		},
		{
			"the same subject without a body that is known keeps the event that says no more",
			Input{Subject: "Amazon.co.jpのアカウントの修正", Text: "ご確認ください。"},
			finding.AccountChanged, "ja",
		},
		{
			"the notice of the founding story: Amazon found an intrusion and undid it",
			Input{
				Subject: "お客様のAmazon.co.jpアカウントに対する最近の変更",
				Text:    "お客様のアカウントが第三者により無断でアクセスされた可能性があるため、お客様のアカウントのパスワードを無効にいたしました。発送前の注文はすべてキャンセルいたしました。",
			},
			finding.TakeoverResponse, "ja",
		},
		{
			"English revision, two-step verification off",
			Input{Subject: "Revision to Your Amazon.com Account", Text: "You have successfully disabled Two-Step Verification on your account."},
			finding.TwoSVDisabled, "en",
		},
		{
			"text wrapped by the mail program inside a phrase",
			Input{Subject: "Revision to Your Amazon.com Account", Text: "we have successfully\n changed your\n password"},
			finding.PasswordChanged, "en",
		},
		{
			"an unknown subject from the security sender is never dropped",
			Input{Subject: "Qwertz", Local: "account-update", Official: true},
			finding.SecurityUnknown, "",
		},
		{
			"the security sender's name at another domain says nothing",
			Input{Subject: "Qwertz", Local: "account-update"},
			finding.OtherEvent, "",
		},
		{
			"an unknown subject from a payments sender",
			Input{Subject: "Qwertz", Local: "payments-update", Official: true},
			finding.AccountUnknown, "",
		},
		{
			"a sender that package brand lists as one for security",
			Input{Subject: "Qwertz", Local: "x", SenderKind: "security", Official: true},
			finding.SecurityUnknown, "",
		},
		{
			"the shape of newer security notices with a tail nobody knows",
			Input{Subject: "amazon.co.jp：未知のお知らせ"},
			finding.SecurityUnknown, "ja",
		},
		{
			"advertisements speak of gift cards without one having been sent",
			Input{Subject: "Amazonギフト券が届いています", Local: "store-news", Official: true},
			finding.Marketing, "ja",
		},
		{
			"the warning about fakes comes from the advertising address",
			Input{Subject: "Amazonを装った不審なメール等にご注意ください", Local: "store-news", Official: true, SenderKind: "marketing"},
			finding.Awareness, "ja",
		},
		{
			"an impersonation gets the event it claims",
			Input{Subject: "[緊急の通知] Amazonプライムの自動更新設定を解除いたしました!"},
			finding.PrimeCancelled, "ja",
		},
		{
			"zero-width characters in the subject",
			Input{Subject: "プライム\u200b会費のお支払い\u200b方法に問題があります"},
			finding.PaymentDeclined, "ja",
		},
		{
			"a one-time code inside the mail of a sign-in attempt stays a sign-in attempt",
			Input{Subject: "amazon.co.jp: サインイン試行", Text: "パスワードを知っているユーザーがあなたのアカウントにサインインしようとしています。確認コード: 000000"},
			finding.SigninAttempt, "ja",
		},
		{
			"the subject of a sign-in attempt over a mere code",
			Input{Subject: "amazon.co.jp: アクションが必要です: サインイン", Text: "次のコードを入力してください。"},
			finding.OTP, "ja",
		},
		{
			"Prime comes before orders",
			Input{Subject: "お客様のAmazonプライム会員登録はキャンセルされました"},
			finding.PrimeCancelled, "ja",
		},
		{
			"a Japanese subject over a text of nothing but links",
			Input{Subject: "ポイント2倍の週末", Text: strings.Repeat("https://www.example.com/shop/the/offer-of-the-day?for=you&with=this\n", 40)},
			finding.OtherEvent, "ja",
		},
		{"nothing known", Input{Subject: "Hello"}, finding.OtherEvent, ""},
		{"nothing at all", Input{}, finding.OtherEvent, ""},
	}
	c := Builtin()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := c.Match(tt.in)
			if m.Event != tt.want || tt.lang != "" && m.Language != tt.lang {
				t.Errorf("event %q (%s), language %q; want %q, %q", m.Event, m.Entry, m.Language, tt.want, tt.lang)
			}
			if m.Severity != Severity(m.Event) {
				t.Errorf("severity %q", m.Severity)
			}
		})
	}
}

func TestEveryEventHasASeverity(t *testing.T) {
	for _, e := range finding.Events() {
		found := false
		for i := range builtin {
			for _, s := range builtin[i].Severities {
				found = found || s.Event == e
			}
		}
		if !found {
			t.Errorf("%s has no severity", e)
		}
	}
}

// checkMatch is what holds for every match, whatever the mail.
func checkMatch(t *testing.T, c *Catalogue, in Input) {
	t.Helper()
	m := c.Match(in)
	known := false
	for _, e := range finding.Events() {
		known = known || e == m.Event
	}
	if !known || m.Severity.Level() == 0 {
		t.Fatalf("event %q, severity %q", m.Event, m.Severity)
	}
	if again := c.Match(in); again.Event != m.Event || again.Entry != m.Entry || again.Language != m.Language {
		t.Fatalf("%+v, then %+v", m, again)
	}
	if m.Details == nil {
		return
	}
	d := m.Details
	if d.IsZero() {
		t.Fatal("empty details")
	}
	if len(d.OrderIDs) > ordersMax {
		t.Fatalf("%d orders", len(d.OrderIDs))
	}
	for _, v := range append([]string{
		d.Device, d.Near, d.When, d.OrderID, d.Amount, d.Currency, d.OldEmail, d.NewEmail, d.CardEnd, d.NextDate, d.Merchant, d.Item,
	}, d.OrderIDs...) {
		if len(v) > valueMax || !utf8.ValidString(v) || strings.ContainsFunc(v, unicode.IsControl) {
			t.Fatalf("detail %q", v)
		}
	}
}

func FuzzMatch(f *testing.F) {
	packs, err := source(f).packs, error(nil)
	if err != nil {
		f.Fatal(err)
	}
	for i := range packs {
		for _, s := range packs[i].Subjects {
			f.Add(s.Good[0], "Order Total: $12.34\nDevice: x", "auto-confirm", true, false)
		}
		for _, b := range packs[i].Bodies {
			f.Add("Revision to Your Amazon.com Account", b.Good[0], "account-update", true, packs[i].Issuer)
		}
	}
	f.Add("「\xff", "日時: \x1b[31m\nデバイス:\u202e", "", false, true)
	c := Builtin()
	f.Fuzz(func(t *testing.T, subject, text, local string, official, issuer bool) {
		checkMatch(t, c, Input{Brand: "amazon", Subject: subject, Text: text, Local: local, Official: official, Issuer: issuer})
	})
}

// BenchmarkMatch takes an order confirmation of usual length, and a text of the greatest length that is looked at.
func BenchmarkMatch(b *testing.B) {
	c := Builtin()
	body := "山田 様\nAmazon.co.jpをご利用いただき、ありがとうございます。ご注文いただいた商品は次のとおりです。\n注文番号: 503-1234567-1234567\n商品の小計: ￥3,980\nご注文合計：￥4,380\n"
	for _, bb := range []struct {
		name string
		in   Input
	}{
		{"usual", Input{Subject: "Amazon.co.jpでのご注文503-1234567-1234567", Text: strings.Repeat(body, 10)}},
		{"longest", Input{Subject: "Amazon.co.jpでのご注文503-1234567-1234567", Text: strings.Repeat(body, 200)}},
		{"unknown", Input{Subject: "Re: lunch", Text: strings.Repeat("We meet at noon as always and talk of the house. ", 60)}},
	} {
		b.Run(bb.name, func(b *testing.B) {
			c.Match(bb.in)
			b.ReportAllocs()
			for b.Loop() {
				c.Match(bb.in)
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	for b.Loop() {
		Builtin().set()
	}
}
