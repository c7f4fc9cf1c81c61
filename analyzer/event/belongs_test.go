package event

import (
	"testing"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// TestWhatSeriesBelongTo reads what tells the series of one sender apart, and that one ended.
func TestWhatSeriesBelongTo(t *testing.T) {
	for _, c := range []struct {
		name, brand, subject, text string
		issuer                     bool
		want                       finding.Details
	}{
		{"a card by its name", "smbc-card", "お支払い金額のお知らせ", "カード名称　：　ほしぞらカード ゴールド\nお支払い金額が確定いたしました。", true, finding.Details{Card: "ほしぞらカード ゴールド"}},
		{"an AWS account in the subject", "amazon", "Amazon Web Services Billing Statement Available [Account: 111122223333]", "Greetings from Amazon Web Services", false, finding.Details{AWSAccount: "111122223333"}},
		{"an AWS account in the text, in groups of four", "amazon", "Amazon Web Services Invoice Available", "AWS account ID: 1111-2222-3333. Invoice number 4444555566667777", false, finding.Details{AWSAccount: "111122223333"}},
		{"a number of another length is no account", "amazon", "Amazon Web Services Billing Statement Available", "Account note 11112222333344", false, finding.Details{}},
		{"a subscription that ended", "amazon", "Your Audible membership has been cancelled", "", false, finding.Details{Merchant: "Audible", Ends: true}},
		{"a subscription that began", "amazon", "Welcome to Kindle Unlimited", "", false, finding.Details{Merchant: "Kindle Unlimited"}},
		{"a subscription that ended, in Japanese", "amazon", "Audible会員プランの退会手続きが完了しました", "", false, finding.Details{Merchant: "Audible", Ends: true}},
	} {
		got := Builtin().Match(Input{Issuer: c.issuer, Brand: c.brand, Subject: c.subject, Text: c.text}).Details
		if got == nil {
			got = new(finding.Details)
		}
		if got.Card != c.want.Card || got.AWSAccount != c.want.AWSAccount || got.Ends != c.want.Ends || got.Merchant != c.want.Merchant {
			t.Errorf("%s: %+v, want %+v", c.name, *got, c.want)
		}
	}
}
