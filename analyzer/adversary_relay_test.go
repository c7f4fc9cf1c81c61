package analyzer_test

import (
	"strings"
	"testing"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// TestStrangersWordsThroughTheBrand: whoever rents a place at the brand's platforms writes mail that passes every check. Its
// sender is what it says, and its text is a stranger's.
func TestStrangersWordsThroughTheBrand(t *testing.T) {
	for _, from := range []string{
		"no-reply@sns.amazonaws.com", "no-reply@acme.awsapps.com", "no-reply@verificationemail.com", "abcdefghijklmno@marketplace.amazon.co.jp",
		"xyz@marketplace.amazon.com", "no-reply@acme.email.connect.aws", "support@acme.my.connect.aws", "no-reply@us-east-1.email.amazonconnect.com", "a@amazonses.com",
	} {
		domain := from[strings.IndexByte(from, '@')+1:]
		for _, body := range []string{
			"Your account is locked. Verify your account within 24 hours.\nhttps://login.cousin.example/ap/signin\n",
			"お客様のアカウントはロックされています。24時間以内に確認してください。\nhttps://login.cousin.example/ap/signin\n",
			"Unusual sign-in. Confirm your identity here: https://login.cousin.example/ap/signin\n",
		} {
			text := "Delivered-To: haruka@example.com\n" + gmailHop + strings.ReplaceAll(gmailPass, "=amazon.co.jp", "="+domain) + "From: \"Amazon\" <" + from + ">\nTo: haruka@example.com\nSubject: Amazon account locked\nDate: Tue, 3 Feb 2026 12:05:04 +0000\n" +
				"MIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\n\n" + body
			text = strings.Replace(text, "header.i=@amazon.co.jp", "header.i=@"+domain, 1)
			m := judgeAlone(t, text)
			switch {
			case m == nil:
				t.Errorf("%s: no record", from)
			case believed(m):
				t.Errorf("%s: %s by %s, risk %s: %.40s", from, m.Verdict, m.Rule, m.ContentRisk, body)
			case m.Verdict != finding.GenuineRelay:
				t.Logf("%s: %s by %s", from, m.Verdict, m.Rule)
			}
		}
	}
}
