package event

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// All people, numbers and places are invented.
func TestDetails(t *testing.T) {
	tests := []struct {
		name string
		in   Input
		want finding.Details
	}{
		{
			"Japanese sign-in attempt: the date is in English form, as genuine ones have it",
			Input{Subject: "amazon.co.jp: サインイン試行", Text: "日時: Jan 27, 2022 11:44 AM Japan Standard Time\nデバイス: Google Chrome Windows (デスクトップ)\n付近: Tokyo, Japan\n"},
			finding.Details{When: "Jan 27, 2022 11:44 AM Japan Standard Time", Device: "Google Chrome Windows (デスクトップ)", Near: "Tokyo, Japan"},
		},
		{
			"English, date and time on lines of their own",
			Input{Subject: "amazon.com: Sign-in attempt", Text: "Date: Jan 27, 2022\nTime: 11:44 AM Pacific Standard Time\nDevice: Mozilla Firefox\nNear: Springfield, United States"},
			finding.Details{When: "Jan 27, 2022 11:44 AM Pacific Standard Time", Device: "Mozilla Firefox", Near: "Springfield, United States"},
		},
		{
			"a table that became text: labels above their values",
			Input{Subject: "amazon.com: Sign-in attempt", Text: "Device\nMozilla Firefox\nNear\nSpringfield"},
			finding.Details{Device: "Mozilla Firefox", Near: "Springfield"},
		},
		{
			"German",
			Input{Subject: "amazon.de: Anmeldeversuch", Text: "Datum: 27. Januar 2022\nUhrzeit: 11:44\nGerät: Firefox\nIn der Nähe von: Musterstadt, Deutschland"},
			finding.Details{When: "27. Januar 2022 11:44", Device: "Firefox", Near: "Musterstadt, Deutschland"},
		},
		{
			"French, with a space before the colon",
			Input{Subject: "amazon.fr : Tentative de connexion", Text: "Date : 27 janv. 2022\nAppareil : Firefox\nPrès de : Exempleville, France"},
			finding.Details{When: "27 janv. 2022", Device: "Firefox", Near: "Exempleville, France"},
		},
		{
			"Spanish",
			Input{Subject: "amazon.es: Intento de inicio de sesión", Text: "Fecha: 27 ene 2022\nDispositivo: Firefox\nCerca de: Ejemplo, España"},
			finding.Details{When: "27 ene 2022", Device: "Firefox", Near: "Ejemplo, España"},
		},
		{
			"Italian",
			Input{Subject: "amazon.it: Tentativo di accesso", Text: "Data: 27 gen 2022\nDispositivo: Firefox\nVicino a: Esempio, Italia"},
			finding.Details{When: "27 gen 2022", Device: "Firefox", Near: "Esempio, Italia"},
		},
		{
			"old and new address in a Japanese sentence",
			Input{Subject: "Amazon.co.jpのアカウントの修正", Text: "ご登録のEメールアドレスは hanako@example.jp から x1@example.net に変更されました。\nご不明な点は account-update@amazon.co.jp まで"},
			finding.Details{OldEmail: "hanako@example.jp", NewEmail: "x1@example.net"},
		},
		{
			"old and new address in an English sentence",
			Input{Subject: "Revision to Your Amazon.com Account", Text: "we have changed the e-mail address associated with your account from hanako@example.com to x1@example.net."},
			finding.Details{OldEmail: "hanako@example.com", NewEmail: "x1@example.net"},
		},
		{
			"the address that was added",
			Input{Subject: "Revision to Your Amazon.com Account", Text: "we have added an email address to your account: x1@example.net"},
			finding.Details{NewEmail: "x1@example.net"},
		},
		{
			"Japanese order: number, total, not the subtotal",
			Input{Subject: "Amazon.co.jpでのご注文503-1234567-1234567", Text: "注文番号: 503-1234567-1234567\n商品の小計: ￥3,980\nご注文合計：￥4,380\n"},
			finding.Details{OrderID: "503-1234567-1234567", Amount: "4380", Currency: "JPY"},
		},
		{
			"digital order and the product's title in the subject",
			Input{Subject: "注文済み: 「ワイヤレス マウス」他1点", Text: "D01-1234567-1234567 と D01-7654321-7654321\n合計 1,234円"},
			finding.Details{OrderID: "D01-1234567-1234567", OrderIDs: []string{"D01-1234567-1234567", "D01-7654321-7654321"}, Amount: "1234", Currency: "JPY", Item: "ワイヤレス マウス"},
		},
		{
			"a title that the mail cuts off keeps the mark of it",
			Input{Subject: "配達済み: 「キッチンスケール デジタル…」"},
			finding.Details{Item: "キッチンスケール デジタル…"},
		},
		{
			"German total",
			Input{Subject: "Bestellt: „Kabelloses Headset“", Text: "Bestellnummer 305-1234567-1234567\nGesamtbetrag: EUR 1.234,50"},
			finding.Details{OrderID: "305-1234567-1234567", Amount: "1234.50", Currency: "EUR", Item: "Kabelloses Headset"},
		},
		{
			"French total, with narrow spaces between thousands",
			Input{Subject: "Commandé : « Souris sans fil »", Text: "Montant total : 1\u202f234,50 €"},
			finding.Details{Amount: "1234.50", Currency: "EUR", Item: "Souris sans fil"},
		},
		{
			"dollars of Mexico",
			Input{Subject: "Tu pedido de Amazon.com.mx", Text: "Total del pedido: $1,234.50"},
			finding.Details{Amount: "1234.50", Currency: "MXN"},
		},
		{
			"pounds",
			Input{Subject: "Dispatched: \"Wireless Mouse\"", Text: "Order Total: £12.34"},
			finding.Details{Amount: "12.34", Currency: "GBP", Item: "Wireless Mouse"},
		},
		{
			"złoty behind the number",
			Input{Subject: "Zamówiono: „Mysz bezprzewodowa”", Text: "Suma zamówienia: 1 234,50 zł"},
			finding.Details{Amount: "1234.50", Currency: "PLN", Item: "Mysz bezprzewodowa"},
		},
		{
			"Turkish lira",
			Input{Subject: "Sipariş edildi: \"Kablosuz fare\"", Text: "Sipariş Toplamı: 1.234,50 TL"},
			finding.Details{Amount: "1234.50", Currency: "TRY", Item: "Kablosuz fare"},
		},
		{
			"use notice of a Japanese card: half-width kana, star and full-width colon",
			Input{Issuer: true, Brand: "smbc-card", Subject: "ご利用のお知らせ【三井住友カード】", Text: "◇利用日：2026/01/05 12:34\n◇利用先：ｱﾏｿﾞﾝ ｼﾞﾔﾊﾟﾝ\n◇利用取引：買物\n◇利用金額：1,234円"},
			finding.Details{When: "2026/01/05 12:34", Merchant: "アマゾン ジヤパン", Amount: "1234", Currency: "JPY"},
		},
		{
			"statement of a Japanese card",
			Input{Issuer: true, Brand: "smbc-card", Subject: "お支払い金額のお知らせ【三井住友カード】", Text: "お支払い日　2026年2月10日\nお支払い金額　12,345円\n"},
			finding.Details{Amount: "12345", Currency: "JPY", NextDate: "2026-02-10"},
		},
		{
			"statement of an American card",
			Input{Issuer: true, Brand: "chase", Subject: "Your credit card statement is available online", Text: "Your account ending in 1234\nStatement balance: $1,234.50\nPayment due date: February 10, 2026"},
			finding.Details{CardEnd: "1234", Amount: "1234.50", Currency: "USD", NextDate: "2026-02-10"},
		},
		{
			"Prime renewal: the next charge, and the fee is the first amount",
			Input{Subject: "Amazonプライム年会費のお支払いについて", Text: "次回のお支払い日: 2026年3月1日\n年会費 5,900円\nカード: 下4桁 1234"},
			finding.Details{Amount: "5900", Currency: "JPY", NextDate: "2026-03-01", CardEnd: "1234"},
		},
		{
			"German renewal date",
			Input{Subject: "Ihre Prime-Mitgliedschaft wird verlängert", Text: "Nächste Zahlung: 1. März 2026\nBetrag: 89,90 €\nIhre Karte, die auf 1234 endet auf 1234"},
			finding.Details{Amount: "89.90", Currency: "EUR", NextDate: "2026-03-01", CardEnd: "1234"},
		},
		{
			"an order's delivery date and seller are no sign-in and no merchant",
			Input{Subject: "Your Amazon.com order of \"Wireless Mouse\".", Text: "Date: tomorrow\nDevice: Kindle\nSeller: Example Shop"},
			finding.Details{Item: "Wireless Mouse"},
		},
		{
			"absurd amounts are no amounts",
			Input{Subject: "Audible 会費のお支払いについて", Text: "合計: ￥99,999,999,999,999,999"},
			finding.Details{Merchant: "Audible"},
		},
		{
			"the day of the next charge, in a sentence",
			Input{Subject: "Your Prime membership is renewing soon", Text: "Your annual Prime membership will renew on March 20, 2024 for $139."},
			finding.Details{Amount: "139", Currency: "USD", NextDate: "2024-03-20"},
		},
		{
			"the day of the next charge, in a Japanese sentence",
			Input{Subject: "Amazonプライムの会員資格の更新について", Text: "お客様のプライム会員資格は2024年3月20日に自動更新されます。\n年会費 5,900円"},
			finding.Details{Amount: "5900", Currency: "JPY", NextDate: "2024-03-20"},
		},
		{
			"the name of a subscription, by any of its forms",
			Input{Subject: "オーディブル 会費のお支払いについて", Text: "月会費 ￥1,500"},
			finding.Details{Merchant: "Audible", Amount: "1500", Currency: "JPY"},
		},
		{
			"numbers that only look like orders",
			Input{Subject: "Your Amazon.com order has shipped", Text: "0503-1234567-12345678 503-1234567-1234567-1"},
			finding.Details{},
		},
		{
			"escape sequences and bidi characters never get into a detail",
			Input{Subject: "amazon.com: Sign-in attempt", Text: "Device: \x1b[31mFirefox\u202e\u200b"},
			finding.Details{Device: "[31mFirefox"},
		},
	}
	c := Builtin()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := c.Match(tt.in)
			var got finding.Details
			if m.Details != nil {
				got = *m.Details
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s (%s): -want +got\n%s", m.Event, m.Entry, diff)
			}
		})
	}
}

func TestDate(t *testing.T) {
	c := Builtin().set()
	for in, want := range map[string]string{
		"2026年3月1日":          "2026-03-01",
		"2026/03/01":         "2026-03-01",
		"2026-3-1":           "2026-03-01",
		"March 1, 2026":      "2026-03-01",
		"1 March 2026":       "2026-03-01",
		"1. März 2026":       "2026-03-01",
		"1er mars 2026":      "2026-03-01",
		"1 de marzo de 2026": "2026-03-01",
		"1 marca 2026":       "2026-03-01",
		"1 Mart 2026":        "2026-03-01",
		"31.12.2026":         "2026-12-31",
		"12/31/2026":         "2026-12-31",
		"03/04/2026":         "", // March or April: nobody can tell
		"2026年13月1日":         "",
		"1899-12-30":         "", // what broken clocks write
		"soon":               "",
	} {
		got, _ := c.date(in)
		if got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestFirstAmount(t *testing.T) {
	for in, want := range map[string]money{
		"￥1,234":        {"1234", "JPY"},
		"¥ 1,234":       {"1234", "JPY"},
		"1,234円":        {"1234", "JPY"},
		"JPY 1,234":     {"1234", "JPY"},
		"$1,234.50":     {"1234.50", "USD"},
		"USD 12.00":     {"12.00", "USD"},
		"EUR 12,34":     {"12.34", "EUR"},
		"12,34 €":       {"12.34", "EUR"},
		"1.234,56 €":    {"1234.56", "EUR"},
		"1.234 €":       {"1234", "EUR"},
		"R$ 1.234,56":   {"1234.56", "BRL"},
		"1 234,56 kr":   {"1234.56", "SEK"},
		"₹1,23,456.00":  {"123456.00", "INR"},
		"CHF 1'234.50":  {"1234.50", "CHF"},
		"CDN$ 12.34":    {"12.34", "CAD"},
		"12 items":      {},
		"order 12 € 34": {"12", "EUR"},
		"5 treats":      {}, // no lira inside a word
		"no number €":   {},
	} {
		r := &reading{}
		got, _ := r.firstAmount(plain(in))
		if got != want {
			t.Errorf("%q: %v, want %v", in, got, want)
		}
	}
}

// What an order costs is found behind other text on the line, and labels are known without the point they end in.
func TestAmountBehindText(t *testing.T) {
	tests := []struct{ name, subject, text, amount, currency string }{
		{"tax in the label", "Bestellt: „Kabel“", "Endbetrag inkl. USt.: 23,98 €", "23.98", "EUR"},
		{"the order's number first", "Bestellt: „Kabel“", "Bestellung 304-0000000-0000000 Endbetrag inkl. USt. 23,98 €", "23.98", "EUR"},
		{"a quantity first", "Ordered: \"Cable\"", "Quantity: 2  Order Total: $12.34", "12.34", "USD"},
		{"Japanese without spaces", "注文済み: 「ケーブル」", "注文番号 250-0000000-0000000 合計 ￥4,980", "4980", "JPY"},
		{"the last total is the one with tax", "Ordered: \"Cable\"", "1 item, Total: $10.00\n1 item with tax, Total: $10.80", "10.80", "USD"},
		{"a price is no total", "Ordered: \"Cable\"", "Cable, black, price $10.00", "", ""},
		{"a label inside a longer word", "Ordered: \"Cable\"", "Your subtotalled $10.00", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := Builtin().Match(Input{Subject: tt.subject, Text: tt.text})
			got := finding.Details{}
			if m.Details != nil {
				got = *m.Details
			}
			if got.Amount != tt.amount || got.Currency != tt.currency {
				t.Errorf("%q %q, want %q %q (%s)", got.Amount, got.Currency, tt.amount, tt.currency, m.Event)
			}
		})
	}
}

// A short notice whose words two languages share is in that of the marketplace it names.
func TestLanguageOfMarketplace(t *testing.T) {
	for text, want := range map[string]string{
		"Amazon.com.br": "pt", "amazon.com.mx": "es", "Amazon.es.": "es", "amazon.com": "", "amazon.com.tr": "es", "notamazon.ca": "", "amazon.": "",
	} {
		if m := Builtin().Match(Input{Subject: "Reembolso", Text: text}); m.Event != finding.OrderRefunded || want != "" && m.Language != want {
			t.Errorf("%q: %s in %q, want %q", text, m.Event, m.Language, want)
		}
	}
	if m := Builtin().Match(Input{Subject: "Dispatched: \"Cable\"", Text: "Amazon.de"}); m.Language != "en" {
		t.Errorf("an English notice of amazon.de is in %q", m.Language)
	}
}
