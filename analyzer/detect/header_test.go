package detect

import (
	"archive/zip"
	"bytes"
	ctx "context"
	"errors"
	"strings"
	"testing"

	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/message/attachment"
)

func TestHeaders(t *testing.T) {
	official := `"Amazon.co.jp" <account-update@amazon.co.jp>`
	notice := "お客様のAmazonアカウントにログインしてください。Amazonカスタマーサービス"
	check(t, []sample{
		{"replies elsewhere", mail(official, lure, notice, "Reply-To: x@example.top"), []string{"header.reply_to_elsewhere:strong"}, nil},
		{"replies to the brand", mail(official, lure, notice, "Reply-To: no-reply@amazon.co.jp"), nil, []string{"header.reply_to_elsewhere"}},
		{"two senders", mail(official+", x <x@example.top>", lure, notice), []string{"header.many_from"}, nil},
		{"zone of China", mail(official, lure, notice, "Date: Tue, 03 Feb 2026 12:05:06 +0800"), []string{"header.date_zone:medium"}, nil},
		{"zone of three digits", mail(official, lure, notice, "Date: Tue, 03 Feb 2026 12:05:06 +000"), []string{"header.date_zone:medium"}, nil},
		{"zone of Japan is weak", mail(official, lure, notice, "Date: Tue, 03 Feb 2026 12:05:06 +0900"), []string{"header.date_zone:weak"}, nil},
		{"the brand's zone", mail(official, lure, notice), nil, []string{"header.date_zone"}},
		{"mail program of a person", mail(official, lure, notice, "X-Mailer: Microsoft Outlook Express 6.00.2900.5512"), []string{"header.mailer:medium"}, nil},
		{"a word and a number", mail(official, lure, notice, "X-Mailer: Uoqziwuqu 1"), []string{"header.mailer:medium"}, nil},
		{"Message-ID of digits", mail(official, lure, notice, "Message-ID: <20260203040506123456@HELO>"), []string{"header.message_id"}, nil},
		{"Message-ID at the brand", mail(official, lure, notice, "Message-ID: <abc@amazon.co.jp>"), []string{"header.message_id"}, nil},
		{"the brand's Message-ID", mail(official, lure, notice, "Message-ID: <0101019399a9dda1-e9422386-72c7-49ab-9f26-37b8b554130c-000000@us-west-2.amazonses.com>"), nil, []string{"header.message_id"}},
		{"Chinese reply mark", mail("Amazon <x@example.top>", "回复: アカウント", "お客様のAmazonアカウントにログインしてください"), []string{"header.chinese_reply"}, nil},
		{"random letters", mail("Amazon <info-vvhfxjblzphkaylyeqyqjdk@example.cn>", lure, notice), []string{"header.random_local"}, nil},
		{"a long word", mail("Amazon <kundenbenachrichtigung@example.de>", lure, notice), nil, []string{"header.random_local"}},
		{"addressed to the brand", "From: Support <a@example.top>\r\nTo: activity@email.amazon.com\r\nSubject: Unusual activity\r\n\r\nAmazon\nPlease confirm your account within 24 hours.\n", []string{"header.to_brand"}, nil},
		{"a report to the brand", "From: Kenji <a@example.org>\r\nTo: stop-spoofing@amazon.com\r\nSubject: Unusual activity\r\n\r\nAmazon says: Please confirm your account within 24 hours.\n", nil, []string{"header.to_brand"}},
		{"a person who names the brand writes with a program", mail("Kenji <kenji@example.org>", "Lunch", "I bought it at Amazon.", "X-Mailer: Microsoft Outlook 16.0", "Date: Tue, 03 Feb 2026 12:05:06 +0800", "Reply-To: other@example.com"), nil, []string{"header.mailer", "header.date_zone", "header.reply_to_elsewhere"}},
		{"sent from oneself to oneself", "From: Amazon <hanako@example.net>\r\nTo: hanako@example.net\r\nSubject: " + lure + "\r\n\r\n" + notice, []string{"header.to_self"}, nil},
		{"urgent", mail("Amazon <x@example.top>", lure, notice, "X-Priority: 1 (Highest)"), []string{"header.priority"}, nil},
		{"no address", mail("Amazon.co.jp <Amazon>", lure, notice), []string{"header.no_address"}, nil},
		{"Chinese character set", build("Amazon <x@example.top>", lure, "text/plain", "", nil)[:0] + "From: Amazon <x@example.top>\r\nSubject: " + lure + "\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=gb2312\r\n\r\n\xa4\xaa\xbf\xcd\xa4\xb5\xa4\xdeAmazon\r\n", []string{"header.charset"}, nil},
	})
}

func TestKits(t *testing.T) {
	from := "Amazon <x@example.top>"
	check(t, []sample{
		{"Foxmail of the kit", mail(from, lure, calm, "X-Mailer: Foxmail 6, 13, 102, 15 [cn]"), []string{"kit.foxmail_dragon"}, nil},
		{"Foxmail of a person", mail(from, lure, calm, "X-Mailer: Foxmail 7.2.25.320[cn]"), nil, []string{"kit.foxmail_dragon"}},
		{"time as Message-ID, zone of China", mail(from, lure, calm, "Message-ID: <20230215051923646256@service.example.cn>", "Date: Wed, 15 Feb 2023 05:19:10 +0800"), []string{"kit.stamped_id"}, nil},
		{"time as Message-ID alone", mail(from, lure, calm, "Message-ID: <20230215051923646256@service.example.cn>"), nil, []string{"kit.stamped_id"}},
		{"an issuer in Japan makes ids of the time", mail("三井住友カード <statement@vpass.ne.jp>", "ご利用のお知らせ【三井住友カード】", "ご利用のお知らせ", "Message-ID: <20260203040506123456@mta.vpass.ne.jp>", "Date: Tue, 03 Feb 2026 13:05:06 +0900"), nil, []string{"kit.stamped_id", "header.message_id", "header.date_zone"}},
		{"Supmailer", mail(from, lure, calm, "X-Mailer: Supmailer 38.1.1", "Message-ID: <C7C40CABDE840F28E3ACB7E74BB57A0A@nuguamvm>"), []string{"kit.supmailer"}, nil},
		{"a false Outlook Express", mail(from, lure, calm, "X-Mailer: Microsoft Outlook Express 6.00.2900.5512", "Message-ID: <6DF2B6824F1C8C37ADBF40B268599BCD@example.top>"), []string{"kit.hex_id"}, nil},
		{"a true Outlook Express", mail(from, lure, calm, "X-Mailer: Microsoft Outlook Express 6.00.2900.5512", "Message-ID: <000a01c4b2e1$5a2e0b10$0100a8c0@pc>"), nil, []string{"kit.hex_id"}},
		{"a false Outlook", mail(from, lure, calm, "X-Mailer: Microsoft Outlook 16.0", "Message-ID: <00576b62365a$1f95e2db$717b2f8a$@fygsltvwo>"), []string{"kit.dollar_id"}, nil},
		{"a person's mail", mail("Kenji <kenji@example.org>", "Amazon", calm, "X-Mailer: Foxmail 6, 13, 102, 15 [cn]"), nil, []string{"kit.foxmail_dragon"}},
	})
}

func TestTextSignals(t *testing.T) {
	from := "Amazon <x@example.top>"
	check(t, []sample{
		{"place holders", mail(from, lure, "日時 [CURRENT_DATE] [HIDE1] *|MC_PREVIEW_TEXT|*"), []string{"text.macro"}, nil},
		{"an honest bracket", mail(from, lure, "[注文番号] 123 [Amazon]"), nil, []string{"text.macro"}},
		{"simplified characters", mail(from, lure, "プライム月费のお支払い、会员サービスをご确认ください"), []string{"text.simplified"}, nil},
		{"Japanese", mail(from, lure, "お客様のアカウント情報をご確認ください"), nil, []string{"text.simplified"}},
		{"a Chinese name of goods in quotes", mail(from, lure, "ご注文ありがとうございます。「充电器 数据线」を発送しました。"), nil, []string{"text.simplified"}},
		{"Chinese", mail(from, "您的账户", "您的亚马逊账户已被锁定,请验证"), nil, []string{"text.simplified"}},
		{"lost characters", mail(from, lure, "ご確認?更新をお願いします"), []string{"text.question_marks"}, nil},
		{"threat", mail(from, lure, "24時間以内にご確認ください"), []string{"text.threat"}, nil},
		{"invisible characters in words", mail(from, lure, "up\u200bda\u200bte your pay\u200bment"), []string{"text.invisible"}, nil},
		{"padding behind a preview line", mail(from, lure, "Your order\u034f \u200c \u034f \u200c \u034f \u200c"), nil, []string{"text.invisible"}},
		{"soft hyphens", mail(from, lure, "Donau\u00addampf\u00adschiff\u00adfahrt"), nil, []string{"text.invisible"}},
		{"address as name", mail(from, lure, "hanako@example.net 様\nログインしてください"), []string{"text.address_as_name"}, nil},
		{"a friend writes of it", mail("Kenji <kenji@example.org>", "x", "Amazon: [CURRENT_DATE] 24時間以内"), nil, []string{"text.macro", "text.threat"}},
	})
}

func TestHTMLSignals(t *testing.T) {
	from := "Amazon <x@example.top>"
	check(t, []sample{
		{"form", page(from, lure, `<form action="https://evil.example/x"><input name=p></form>`), []string{"html.form:strong"}, nil},
		{"form to the brand", page(from, lure, `<form action="https://www.amazon.co.jp/s"><input name=q></form>`), nil, []string{"html.form"}},
		{"order data for mail programs", page(from, lure, `<script type="application/ld+json">{"@type":"Order"}</script>`), nil, []string{"html.script"}},
		{"script", page(from, lure, `<script>x()</script>`), []string{"html.script"}, nil},
		{"Chinese font", page(from, lure, `<p style="font-family: 微软雅黑">お客様のアカウントを確認してください</p>`), []string{"html.font"}, nil},
		{"the brand's own picture", page(from, lure, `<img src="https://m.media-amazon.com/images/logo.png">`), []string{"brand.picture"}, nil},
		{"a picture of the sender", page(from, lure, `<img src="https://img.example.top/logo.png">`), nil, []string{"brand.picture"}},
		{"deeper than programs nest", page(from, lure, strings.Repeat("<div>", deepHTML+1)+"x"), []string{"html.depth"}, nil},
		{"as deep as newsletters", page(from, lure, strings.Repeat("<div>", 40)+"x"), nil, []string{"html.depth"}},
		{"more hidden than shown", page(from, lure, `<p>確認</p><div style="display:none">`+strings.Repeat("weather report ", 60)+`</div>`), []string{"text.hidden"}, nil},
		{"a hidden preview line", page(from, lure, `<div style="display:none">お客様へ</div><p>確認してください</p>`), nil, []string{"text.hidden"}},
		{"title", page("x <x@example.top>", "x", `<html><head><title>Amazon</title></head><body>Amazon voucher</body></html>`), []string{"brand.title"}, nil},
	})
}

// A structure that programs read in different ways is said to be one, where the message poses.
func TestTwoReadings(t *testing.T) {
	twice := func(from, kind string) string {
		return "From: " + from + "\r\nSubject: " + lure + "\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
			"--b\r\nContent-Type: " + kind + "\r\n\r\nアカウントを確認してください\r\n--b--\r\n"
	}
	check(t, []sample{
		{"a type with a lost semicolon", twice("Amazon <x@example.top>", "text/plain name=a.txt"), []string{"mime.two_readings:weak"}, nil},
		{"one reading", twice("Amazon <x@example.top>", "text/plain; name=a.txt"), nil, []string{"mime.two_readings"}},
	})
}

// TestCodeInAPicture: a picture with a QR code leads somewhere as a link does.
func TestCodeInAPicture(t *testing.T) {
	picture := append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, minPicture)...)
	mail := withFile("Amazon <x@example.top>", lure, "アカウントを確認するには、QRコードを読み取ってください。", "code.png", "image/png", picture)
	for target, want := range map[string]bool{"https://areue.example.cn/login": true, "https://www.amazon.co.jp/ap/signin": false} {
		out := lookWith(t, mail, func(ctx.Context, string, []byte, limit.Limits) ([]attachment.Found, error) {
			return []attachment.Found{{Target: target, From: "qr"}}, nil
		})
		if found(out, "qr.unofficial_host") != want {
			t.Errorf("%s: %s", target, list(out))
		}
	}
}

// A stranger's mail says nothing, and its file speaks as the brand.
func TestAttachedPages(t *testing.T) {
	page := []byte(`<h1>Amazon</h1><p>Your account is locked. Sign in to confirm your payment.</p><form action="https://kz.example/p"><input type=password></form>`)
	archive := func(name string, data []byte) []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write(data)
		}
		if err = errors.Join(err, z.Close()); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	for _, c := range []struct {
		why, raw string
		want     bool
	}{
		{"a page with a form", withFile("Documents <a@kz.example>", "Document", "See the document.", "notice.html", "text/html", page), true},
		{"a page that a script writes", withFile("Office <a@kz.example>", "Voucher", "See the file.", "v.htm", "text/html", []byte(`<script>document.write(atob('eA=='))</script><title>Amazon Sign-In</title>`)), true},
		{"a page in an archive", withFile("Archive <a@kz.example>", "Files", "Open the archive.", "files.zip", "application/zip", archive("notice.html", page)), true},
		{"a program under the brand's name in an archive", withFile("Rechnung <a@kz.example>", "Rechnung", "Anbei.", "r.zip", "application/zip", archive("Amazon-Rechnung.pdf.js", []byte("x"))), true},
		{"a calendar entry", withFile("Calendar <a@kz.example>", "Invitation", "", "i.ics", "text/calendar", []byte("BEGIN:VCALENDAR\r\nSUMMARY:Amazon account suspended\r\nDESCRIPTION:Your Amazon account has been suspended. Verify at https://kz.example/x\r\n")), true},
		{"a shop's invoice", withFile("Shop <mail@lampenladen.example>", "Ihre Rechnung", "Anbei die Rechnung.", "rechnung.html", "text/html", []byte(`<h1>Lampenladen</h1><p>Bezahlt mit Amazon Pay. <a href="https://www.lampenladen.example/k">Kontakt</a>`)), false},
		{"a meeting about the brand", withFile("Team Calendar <c@widgets.example>", "Invite", "", "i.ics", "text/calendar", []byte("BEGIN:VCALENDAR\r\nSUMMARY:Review of our Amazon listing\r\nDESCRIPTION:Join https://meet.widgets.example/5\r\n")), false},
	} {
		if ok, signals := posesFully(t, c.raw); ok != c.want {
			t.Errorf("%s: poses is %v: %v", c.why, ok, signals)
		}
	}
}

func TestAttachments(t *testing.T) {
	from := "Amazon <x@example.top>"
	pdf := []byte("%PDF-1.4\n1 0 obj\n<< /Type /Annot /A << /S /URI /URI (https://evil.example.cn/login) >> >>\nendobj\n")
	check(t, []sample{
		{"the message is a PDF", withFile(from, "[14077] Account 219", "REF 1", "Amazon-alert-TB1.pdf", "application/pdf", pdf), []string{"attachment.only", "brand.attachment", "action.open_attachment", "attachment.unofficial_host"}, []string{"link.text_mismatch"}},
		{"configuration profile", withFile(from, lure, "x", "amazon.mobileconfig", "application/x-apple-aspen-config", []byte("<?xml version=\"1.0\"?><plist></plist>")), []string{"attachment.dangerous"}, nil},
		{"program", withFile(from, lure, "x", "invoice.pdf.exe", "application/octet-stream", []byte("MZ")), []string{"attachment.dangerous"}, nil},
		{"page", withFile(from, lure, "x", "notice.html", "text/html", []byte(`<a href="https://evil.example.cn/">x</a>`)), []string{"attachment.dangerous", "attachment.unofficial_host"}, nil},
		{"a picture", withFile(from, lure, "x", "cat.png", "image/png", []byte("\x89PNG")), nil, []string{"attachment.dangerous", "brand.attachment"}},
	})
}
