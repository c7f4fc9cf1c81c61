package detect

import (
	"strings"
	"testing"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

func TestRewrite(t *testing.T) {
	list := []string{"List-Id: <users.example.org>", "Reply-To: Amazon.co.jp <store-news@amazon.co.jp>"}
	check(t, []sample{
		{"a fake through a list that rewrote From", page(`"Amazon.co.jp via Users" <users@example.org>`, "[Users] 【Amazon】更新", a("https://amzano.example.cn/", "更新する"), list...), []string{"context.list_rewrite", "brand.display_name:strong", "link.unofficial_host"}, nil},
		{"the list took the links away: wording carries the call", mail(`"Amazon.co.jp via Users" <users@example.org>`, "[Users] 【Amazon】お支払い方法を更新", "Amazonプライムをご利用いただきありがとうございます。お支払い方法を更新してください。", list...), []string{"brand.display_name:strong", "action.pay"}, nil},
		{"the brand's own notice through a group", page(`"'AWS Notifications' via Team" <team@example.org>`, "Your AWS verification", a("https://console.aws.amazon.com/billing", "Sign in to your account"), "List-Id: <team.example.org>", "X-Original-From: AWS Notifications <no-reply-aws@amazon.com>"), []string{"context.list_rewrite", "action.login"}, []string{"brand.display_name:strong", "brand.subject:medium", "link.unofficial_host"}},
		{"an employee's patch", mail(`"Jane Doe via Linux-fs-devel" <linux-fs-devel@lists.example.org>`, "[fs-dev] [PATCH 1/2] fs: add a helper", "Signed-off-by: Jane Doe <jdoe@amazon.de>\n\ndiff --git a/x b/x", "List-Id: <linux-fs-devel.lists.example.org>", "Reply-To: Jane Doe <jdoe@amazon.de>", "X-Mailer: git-send-email 2.47.3"), []string{"context.list", "context.discussion"}, []string{"brand.display_name", "brand.body:medium", "header.mailer", "header.date_zone"}},
	})
}

func TestAlias(t *testing.T) {
	tests := []struct{ why, name, address, want string }{
		{"Hide My Email", "Amazon.de", "bestellbestaetigung_at_amazon_de_0abc12_3def45@privaterelay.appleid.com", "bestellbestaetigung@amazon.de"},
		{"Hide My Email, Japanese marketplace", "Amazon.co.jp", "auto-confirm_at_amazon_co_jp_x1_y2@privaterelay.appleid.com", "auto-confirm@amazon.co.jp"},
		{"DuckDuckGo", "", "auto-confirm_at_amazon.com_hanako@duck.com", "auto-confirm@amazon.com"},
		{"SimpleLogin", "Amazon - auto-confirm at amazon.com", "ra+x.y@simplelogin.co", "auto-confirm@amazon.com"},
		{"Firefox Relay", "auto-confirm@amazon.com [via Relay]", "replies@mozmail.com", "auto-confirm@amazon.com"},
		{"addy.io", "Amazon", "shop+auto-confirm=amazon.com@anonaddy.me", "auto-confirm@amazon.com"},
		{"an address of one's own at the service", "Hanako", "hanako@duck.com", ""},
		{"elsewhere", "", "bestellbestaetigung_at_amazon_de_0abc12_3def45@example.com", ""},
	}
	for _, tt := range tests {
		if got := ParseAlias(finding.Address{Name: tt.name, Address: tt.address}); got != tt.want {
			t.Errorf("%s: ParseAlias(%q) = %q, want %q", tt.why, tt.address, got, tt.want)
		}
	}
	genuine := look(t, page(`"Amazon.de" <bestellbestaetigung_at_amazon_de_0abc12_3def45@privaterelay.appleid.com>`, "Bestellt: Buch", a("https://www.amazon.de/orders", "Ihr Konto anmelden")))
	if genuine.Alias != "bestellbestaetigung@amazon.de" || found(genuine, "brand.display_name:strong") || found(genuine, "brand.local_part") {
		t.Errorf("the brand's mail behind an alias: %s", list(genuine))
	}
	fake := look(t, page(`"Amazon.de" <amazon_at_evil_example_0abc12_3def45@privaterelay.appleid.com>`, "Ihr Amazon-Konto", a("https://evil.example/", "Anmelden")))
	if p, acts := poses(fake); fake.Alias != "" || !p || !acts {
		t.Errorf("a fake behind an alias: %s", list(fake))
	}
}

func FuzzParseAlias(f *testing.F) {
	f.Add("Amazon", "a_at_b_c_d_e@privaterelay.appleid.com")
	f.Add("x at y.z", "a@simplelogin.co")
	f.Fuzz(func(t *testing.T, name, address string) {
		if got := ParseAlias(finding.Address{Name: name, Address: address}); got != "" && strings.Count(got, "@") < 1 {
			t.Errorf("ParseAlias(%q, %q) = %q", name, address, got)
		}
	})
}

const forwardedOrder = "FYI\r\n\r\n---------- Forwarded message ---------\r\nFrom: Amazon.com <auto-confirm@amazon.com>\r\nDate: Tue, Feb 3, 2026\r\nSubject: Your Amazon.com order of a book\r\nTo: <kenji@example.org>\r\n\r\nHello Kenji, thank you for shopping with Amazon. View your account: https://www.amazon.com/orders\r\n"

// TestForwardByTheBrand: whoever bears the brand's name and forwards the brand's mail has dressed up a fake.
func TestForwardByTheBrand(t *testing.T) {
	out := look(t, page("Amazon <x@kz.example>", "Fwd: Your Amazon account has been suspended", "<p>---------- Forwarded message ----------<br>From: Amazon &lt;account-update@amazon.com&gt;<br>Subject: Your Amazon account has been suspended<br></p><p>Log in within 24 hours.</p>"+a("https://kz.example/z", "Log in")))
	if p, acts := poses(out); out.Forward != "" || !p || !acts {
		t.Errorf("forward %q: %s", out.Forward, list(out))
	}
}

// TestForwardThatReports: who passes a fake on with a warning does not pose.
func TestForwardThatReports(t *testing.T) {
	out := look(t, mail("Hanako <hanako@example.net>", "Fwd: Amazon", "フィッシングメールを報告します。\r\n\r\n---------- Forwarded message ---------\r\nFrom: Amazon.co.jp <account-update@amazon.co.jp>\r\nSubject: 【重要】Amazonアカウント\r\nTo: <hanako@example.net>\r\n\r\nお客様のAmazonアカウントを停止しました。ログインしてください https://kz.example/z"))
	if p, _ := poses(out); p {
		t.Error(list(out))
	}
}

func TestForward(t *testing.T) {
	out := look(t, mail("Kenji Sato <kenji@example.org>", "Fwd: Your Amazon.com order", forwardedOrder))
	if p, _ := poses(out); out.Forward != "inline" || !out.ForwardOnly || p {
		t.Errorf("an order forwarded in line: %s", list(out))
	}
	out = look(t, mail("Kenji Sato <kenji@example.org>", "Fwd: look at this", strings.Repeat("I wanted to tell you about this thing at length. ", 8)+"\r\n"+forwardedOrder))
	if out.Forward != "inline" || out.ForwardOnly {
		t.Errorf("a forward with much text of its own: %s", list(out))
	}
	fake := strings.NewReplacer("auto-confirm@amazon.com", "support@jordan.example", "https://www.amazon.com/orders", "https://evil.example.cn/login and log in to your account").Replace(forwardedOrder)
	out = look(t, mail("Kenji Sato <kenji@example.org>", "Fwd: Your Amazon.com order", fake))
	if p, acts := poses(out); out.Forward != "inline" || !p || !acts {
		t.Errorf("a fake forwarded in line: %s", list(out))
	}
	japanese := "転送します。\r\n\r\n-------- 転送メッセージ --------\r\n件名: 【Amazon】更新\r\n差出人: Amazon <info@evil.example>\r\n日付: 2026年2月3日\r\n宛先: kenji@example.org\r\n件名: 【Amazon】更新\r\n\r\nログインしてください https://evil.example/\r\n"
	out = look(t, mail("佐藤 <sato@example.jp>", "Fwd: 【Amazon】更新", japanese))
	if p, _ := poses(out); out.Forward != "inline" || !p {
		t.Errorf("a Japanese forward of a fake: %s", list(out))
	}
	out = look(t, mail("Amazon <info@evil.example>", "Your Amazon account", "Dear Amazon customer, log in to your account. From: the Amazon team\r\nhttps://evil.example/"))
	if out.Forward != "" {
		t.Errorf("no forward at all: %s", list(out))
	}
}

func TestAttachedForward(t *testing.T) {
	inner := page(`"Amazon.co.jp" <info@evil.example>`, "【Amazon】更新", a("https://evil.example.cn/", "ログイン"))
	raw := "From: Kenji <kenji@example.org>\r\nTo: hanako@example.net\r\nSubject: Fwd: strange\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nIs this real?\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n" + inner + "\r\n--b--\r\n"
	out := look(t, raw)
	if p, acts := poses(out); !out.Inner || out.Forward != "attached" || !out.ForwardOnly || out.Brand != "amazon" || !p || !acts {
		t.Errorf("a fake forwarded as an attachment: inner %v %s", out.Inner, list(out))
	}
}

func TestRisk(t *testing.T) {
	tests := []struct{ why, raw, want, risk string }{
		{"an invitation with a number", mail("Amazon Business <no-reply@amazon.com>", "Your invitation has been sent", "John has invited you. Your card was charged $499. Call +1 (805) 555-0147 to cancel."), "risk.phone_in_invitation", "high"},
		{"an invitation without one", mail("Amazon Business <no-reply@amazon.com>", "Your invitation has been sent", "Your colleague will get a mail."), "", "none"},
		{"a gift card whose giver bills the reader", mail("Amazon.com <gc-orders@gc.email.amazon.com>", "Haruka, someone sent you an Amazon Gift Card!", "Your renewal of $399 is processed. To cancel call 1-877-555-0188."), "risk.phone_in_invitation", "high"},
		{"a gift card whose giver says where to reach him", mail("Amazon.com <gc-orders@gc.email.amazon.com>", "Haruka, someone sent you an Amazon Gift Card!", "Happy birthday! My new number is 415-555-0188."), "", "none"},
		{"an order number is no telephone number", mail("Amazon Business <no-reply@amazon.com>", "Invitation to share an order", "Order 113-1234567-1234567"), "", "none"},
		{"a callback through the notification service", mail("Notice <no-reply@sns.amazonaws.com>", "Invoice", "Your payment of $399 was accepted. To cancel call 1-805-555-0147."), "risk.sns_callback", "high"},
		{"an alarm through it", mail("AWS Notifications <no-reply@sns.amazonaws.com>", "ALARM: cpu", "CPU is above 80 percent."), "", "none"},
		{"a seller leads outside", mail("Shop <abc123def456ghi@marketplace.amazon.co.jp>", "Amazon注文のご連絡", "返金しますのでWeChatでご連絡ください"), "risk.seller_contact", "high"},
		{"a seller's ordinary answer", mail("Shop <abc123def456ghi@marketplace.amazon.co.jp>", "Amazon注文のご連絡", "ご注文ありがとうございます。明日発送します。"), "", "none"},
		{"a seller's link off the brand", page("Shop <abc123def456ghi@marketplace.amazon.co.jp>", "Amazon注文のご連絡", `返金の手続きは<a href="https://refund.example.cn/login">こちら</a>`), "risk.unofficial_link", "low"},
		{"a tenant's invitation", mail("IT <no-reply@login.awsapps.com>", "Amazon WorkSpaces", "Your workspace is ready."), "risk.tenant", "low"},
	}
	for _, tt := range tests {
		out := look(t, tt.raw)
		if tt.want != "" && !found(out, tt.want) || out.ContentRisk != tt.risk {
			t.Errorf("%s: %s", tt.why, list(out))
		}
	}
}

func TestPhoneIn(t *testing.T) {
	for text, want := range map[string]bool{
		"call +1 (805) 555-0147": true, "805-555-0147": true, "0120-000-000": true, "03-0000-0000": true, "+81 3 0000 0000": true, "+49 30 123 4567 89": true,
		"order 113-1234567-1234567": false, "2026-02-03": false, "192.0.2.7": false, "": false, "12345": false,
	} {
		if got := phoneIn(text); (got != "") != want {
			t.Errorf("phoneIn(%q) = %q", text, got)
		}
	}
}

// TestNotPosing is the catalogue of false positives of IMPERSONATIONS §8 and OFFICIAL §3: mail that speaks of the brand, or copies its
// kits, and does not pose as it.
func TestNotPosing(t *testing.T) {
	tests := []struct{ why, raw string }{
		{"family forwards an order", mail("Kenji <kenji@example.org>", "Fwd: Your Amazon.com order", forwardedOrder)},
		{"price tracker", page("Keepa <info@keepa.com>", "Amazon price alert: camera", "The price on Amazon dropped. Log in to your account to change alerts. "+a("https://keepa.com/#!manage", "Manage")+a("https://www.amazon.com/dp/B000000000", "Buy on Amazon"), "List-Unsubscribe: <https://keepa.com/u>")},
		{"affiliate newsletter", page("Dealhunter Daily <deals@dealhunter.example>", "Best Amazon deals today", "Amazon Prime members save 20 %. "+a("https://www.dealhunter.example/1", "Get it now")+a("https://amzn.to/3x", "See on Amazon"), "List-Unsubscribe: <https://www.dealhunter.example/u>")},
		{"shop newsletter through a mail service", page("Deals Daily <news@mailer.example>", "Amazon Prime Day: order now and save", "Amazon Prime members save. Click here for all offers. "+a("https://dealsdaily.example/offers", "Click here"), "List-Unsubscribe: <https://mailer.example/u>")},
		{"newsletter with the reader's address in its links", page("Weekly Reads <w@mailer.example>", "Your Amazon order of the week: three books", "Amazon has new books. Log in to your account at our shop. "+a("https://weeklyreads.example/?e=hanako@example.net", "Read"), "List-Unsubscribe: <https://mailer.example/u>", "X-Mailer: Foxmail 7", "Message-ID: <12345678901234567@x>")},
		{"points programme offers gift cards", page("楽天ポイント <info@mail.point.example>", "Amazonギフト券が当たるキャンペーン", "抽選で100名様にAmazonギフト券をプレゼント。"+a("https://mail.point.example/c", "応募はこちら"))},
		{"shop with Amazon Pay", page("Flower Shop <order@flowershop.example>", "ご注文ありがとうございます", "お支払い方法: Amazon Pay。ご注文内容をご確認ください。"+a("https://www.flowershop.example/mypage", "マイページ"))},
		{"card issuer's usage notice names a merchant", mail("三井住友カード <statement@vpass.ne.jp>", "ご利用のお知らせ【三井住友カード】", "ご利用先:AMAZON.CO.JP 1,980円")},
		{"Synchrony", page("Amazon Store Card <no-reply@synchronybank.com>", "Your Amazon Store Card statement is ready", "Your statement is ready. Log in to your account. "+a("https://www.synchronybank.com/login", "Log in"))},
		{"an issuer's own domain that the list lacks", page("Barclays <info@barclays.de>", "Your Barclays account statement", "Dear Barclays customer, log in to your account. "+a("https://www.barclays.de/login", "Log in"))},
		{"bank statement with a charge", mail("Paper Bank <info@paperbank.example>", "Card alert", "A charge of $12.99 at AMZN Mktp US was made. Log in to review.")},
		{"antiphishing discussion", mail("Kenji <kenji@example.org>", "Re: fake amazon mail", "They wrote:\n> Dear Amazon customer, verify your account at https://evil.example/\nDon't click.", "In-Reply-To: <1@example.org>")},
		{"an employer's awareness mail", page("IT Security <it@corp.example>", "Security awareness: fake Amazon mails", "Criminals write: Dear Amazon customer, your Amazon account has been locked, log in to your account within 24 hours. Click here for the training. "+a("https://learn.corp.example/", "Training"))},
		{"a consumer office warns", mail("消費者センター <info@shohisha.example>", "Amazonを装ったメールにご注意ください", "「お客様のAmazonアカウントを停止しました。24時間以内にログインしてください」というメールが出回っています。リンクをクリックしてください、と書かれていても開かないでください。")},
		{"question of a friend", mail("Kenji <kenji@example.org>", "amazon", "My Amazon account has been locked, did you get that too? Please call me.")},
		{"quarantine digest", page("Proofpoint Essentials <noreply@proofpointessentials.com>", "Quarantine digest", "Amazon.co.jp: Your account has been locked. "+a("https://us1.proofpointessentials.com/q", "Release"))},
		{"another company's fake that recycles an Amazon page", page("ETC利用照会サービス <admin@ml.etc.example>", "ETCサービスは無効になりました", "ＥＴＣサービスをご利用いただきありがとうございます。ETCサービスは無効になりました。ログインしてください。<div style=\"display:none\">Amazonプライムをご利用いただきありがとうございます</div>"+a("https://etc.example.cn/", "確認"))},
		{"a sentence of Amazon's fake left in another's", page("えきねっと <info@eki.example>", "【重要】えきねっとアカウントの自動退会処理", "えきねっとをご利用いただきありがとうございます。えきねっとのログインをお願いします。お客様のAmazonプライム会員資格は更新を迎えます。えきねっと"+a("https://eki.example.cn/", "ログイン"))},
		{"lottery of another brand with a hidden line", page("Temu Gewinnspiel <temu@win.example>", "Ihre Chance: Temu-Palette", "<span style=\"display:none\">Win £ 500 voucher and spend it with Amazon.</span>Gewinnen Sie eine TEMU-Palette! "+a("https://win.example.top/", "Jetzt gewinnen"))},
		{"a tonic from the Amazon", page("Dr Steven <s@tonic.example>", "Drink this Amazonian tonic", "Click here. "+a("https://tonic.example/", "Click here"))},
		{"job mail", page("Jobs <jobs@recruit.example>", "Amazon is hiring in Tokyo", "Apply now. "+a("https://www.recruit.example/1", "Apply"))},
		{"an employee's post", mail("Jane Doe <jdoe@amazon.com>", "RE: [users] many vs one", "I think one is better.\n> why?\n> because", "In-Reply-To: <1@example.org>", "List-Id: <users.example.org>")},
		{"the brand's own warning about fakes", page(`"Amazon.co.jp" <store-news@amazon.co.jp>`, "Amazonを装った不審なメール等にご注意ください", "Amazonを装ったメールにご注意ください。"+a("https://www.amazon.co.jp/help", "ヘルプ"))},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			out := look(t, tt.raw)
			p, acts := poses(out)
			if strings.Contains(tt.raw, "@amazon.co") || strings.Contains(tt.raw, "@vpass.ne.jp") {
				// From an official address posing is the address's own claim; what must not be there is a sign of a fake.
				for _, s := range out.Signals {
					if s.For == finding.ForImpersonation && s.Strength != finding.Weak && out.Forward == "" {
						t.Errorf("%s:%s %q", s.ID, s.Strength, s.Shown)
					}
				}
				if out.Forward == "" {
					return
				}
			}
			if p && acts {
				t.Errorf("poses and calls to act: %s", list(out))
			}
			if p {
				t.Errorf("poses: %s", list(out))
			}
		})
	}
}
