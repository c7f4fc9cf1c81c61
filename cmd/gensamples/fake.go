package main

import (
	"fmt"
	"strings"
	"time"
)

// lure is the text of a fake; the kits below send it, each with its own marks.
type lure struct {
	at      time.Time
	name    string // display name
	subject string
	lead    []string // what it says, a paragraph each
	button  string
	link    string // where the button leads
	shown   string // text of the link where it pretends to be an address; "" shows the button
	signed  string // who signs; "" is Amazon.co.jp カスタマーサービス
	box     box
}

func (f lure) signature() string {
	if f.signed == "" {
		return "Amazon.co.jp カスタマーサービス"
	}
	return f.signed
}

func (f lure) html(style string) string {
	shown := f.shown
	if shown == "" {
		shown = f.button
	}
	return fmt.Sprintf(`<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.0 Transitional//EN">
<HTML><HEAD><META content="text/html; charset=utf-8" http-equiv=Content-Type>
<META name=GENERATOR content="MSHTML 11.00.9600.17037"></HEAD>
<BODY style="%s">
<P>%s</P>
<P><A href="%s">%s</A></P>
<P>%s</P>
</BODY></HTML>
`, style, strings.Join(f.lead, "</P>\n<P>"), f.link, shown, f.signature())
}

func (f lure) text() string {
	return strings.Join(f.lead, "\n\n") + "\n\n" + f.button + "\n" + f.link + "\n\n" + f.signature() + "\n"
}

// victim is whom the fakes are sent to.
type victim struct {
	to   address
	recv receiver
}

func (v victim) take(s *seed, f lure, l letter, r route) stored {
	return stored{at: f.at, message: deliver(s, v.recv, r, l, v.to.addr), box: f.box}
}

// dragon is the kit that sends with an old Foxmail: the exact address of Amazon, no signature, a Chinese clock.
func (v victim) dragon(s *seed, f lure, local string) stored {
	stamp := f.at.In(time.FixedZone("", 8*3600)).Format("20060102150405")
	helo := "amazon.server.example"
	return v.take(s, f, letter{
		at: f.at, east: 8 * 3600,
		from: address{f.name, local + "@amazon.co.jp"}, to: address{"", v.to.addr},
		subject:   f.subject,
		messageID: "<" + stamp + s.digits(6) + "@" + helo + ">",
		plain:     f.text(), html: f.html("FONT-SIZE: 10.5pt; FONT-FAMILY: SimSun"),
		boundary: "=====00" + s.pick("1", "2", "3") + "_Dragon" + s.digits(12) + "_=====",
		fields:   []string{"X-Priority: 1 (Highest)", "X-mailer: Foxmail 6, 13, 102, 15 [cn]"},
	}, route{
		envelope: s.lower(6) + "@" + helo, client: fmt.Sprintf("203.0.113.%d", 1+s.n(250)), helo: helo,
		spf: "none", dmarc: "fail", policy: "QUARANTINE",
	})
}

// spoof is a plain script that takes Amazon's address in the envelope too, so that SPF fails as well.
func (v victim) spoof(s *seed, f lure, local string) stored {
	return v.take(s, f, letter{
		at: f.at, east: 8 * 3600,
		from: address{f.name, local + "@amazon.co.jp"}, to: address{"", v.to.addr},
		subject:   f.subject,
		messageID: "<" + s.digits(18) + "@localhost>",
		html:      f.html("font-family: 'Microsoft YaHei'"), encoding: "quoted-printable",
		fields: []string{"X-Mailer: " + s.pick("Zmkbvt 2", "Qrtplw 5")},
	}, route{
		envelope: local + "@amazon.co.jp", client: fmt.Sprintf("198.51.100.%d", 1+s.n(250)), helo: "WIN-" + s.upper(11),
		spf: "fail", dmarc: "fail", policy: "QUARANTINE",
	})
}

// cousin is the kit Supmailer: a domain of its own that passes every check, sent from a PC on a Chinese clock.
func (v victim) cousin(s *seed, f lure, from string) stored {
	domain := from[strings.LastIndex(from, "@")+1:]
	inner := f.at.Add(-3 * time.Second).In(time.FixedZone("", 8*3600)).Format(rfc5322)
	return v.take(s, f, letter{
		at: f.at, east: 9 * 3600,
		from: address{f.name, from}, to: address{"", v.to.addr},
		subject:   f.subject,
		messageID: "<" + strings.ToUpper(s.hex(32)) + "@" + s.lower(9) + ">",
		plain:     f.text(), html: f.html("FONT-FAMILY: 微软雅黑"),
		boundary: "----=_001_" + s.hex(16) + "_=----",
		fields:   []string{"X-Priority: 3", "X-Mailer: Supmailer 38.1.2"},
	}, route{
		envelope: from, client: fmt.Sprintf("192.0.2.%d", 1+s.n(250)), rdns: "mail." + domain, helo: "mail." + domain,
		signers: []string{domain}, spf: "pass", dmarc: "pass", policy: "NONE",
		below: []string{fmt.Sprintf("Received: from %s (unknown [203.0.113.%d])\n\tby mail.%s (Postfix) with ESMTPA id %s\n\tfor <%s>; %s (CST)",
			s.lower(9), 1+s.n(250), domain, strings.ToUpper(s.hex(10)), v.to.addr, inner)},
	})
}

// random comes from a bulk sender with a random local part.
func (v victim) random(s *seed, f lure, domain string) stored {
	from := "info-" + s.lower(22) + "@" + domain
	return v.take(s, f, letter{
		at: f.at, east: 8 * 3600,
		from: address{f.name, from}, to: address{"", v.to.addr},
		subject:   f.subject,
		messageID: "<" + s.digits(19) + "@" + domain + ">",
		html:      f.html("font-family: Arial"),
		fields:    []string{"X-Mailer: Microsoft Outlook Express 6.00.2900.5512"},
	}, route{
		envelope: from, client: fmt.Sprintf("203.0.113.%d", 1+s.n(250)), helo: domain,
		spf: "softfail", dmarc: "",
	})
}

// luresJA are the fakes of a wave in Japanese, as one family after the other sends them.
func luresJA() []lure {
	const soon = "24時間以内にご確認いただけない場合、アカウントのご利用を停止いたします。"
	return []lure{
		{name: "Amazon.co.jp", subject: "Amazonプライム会費のお支払い方法に問題があります", lead: []string{
			"お客様", "Amazonプライムの会費をお支払いいただけませんでした。お支払い方法を更新してください。", soon,
		}, button: "お支払い方法を更新する", link: "https://amazon.co.jp.kaiin-koushin.example/ap/signin", shown: "https://www.amazon.co.jp"},
		{name: "Amazon.co.jp", subject: "【重要】お客様のAmazonアカウントに利用制限がかかっています", lead: []string{
			"お客様のアカウントで異常なログインを確認したため、ご利用を制限しています。", "下のボタンからログインし、ご本人の情報を確認してください。", soon,
		}, button: "ログインして確認する", link: "https://kakunin-tetsuzuki.example/pc/index.php"},
		{name: "Аmazon", subject: "【重要】Аmazon Pay ご請求内容のお知らせ", lead: []string{
			"Аmazon Pay をご利用いただきありがとうございます。", "98,000円のお支払いを承りました。お心当たりのない場合は、至急ログインしてキャンセルしてください。",
		}, button: "注文をキャンセルする", link: "https://amaz0n-pay.test/signin"},
		{name: "Amazon.co.jp", subject: "プライムの自動更新設定を解除いたしました！", lead: []string{
			"お客様", "プライム 月费 600円の決済に失敗しました。Prime 会员服务を続けるには、お支払い情報を確認?更新をお願いいたします。",
		}, button: "支払い情報を更新する", link: "https://mx-renewal.invalid/mobile/?key=haruka.yamada%40example.com"},
		{name: "A mazon . co . jp", subject: "お支払い方法の更新のお願い - Amazonプライム", lead: []string{
			"ご登録のクレジットカードの利用承認が得られませんでした。", "会員資格を継続するには、カード情報をご登録ください。", soon,
		}, button: "カード情報を登録する", link: "https://prime-jp-service.example/my-amz/"},
		{name: "Amazon.co.jp", subject: "ご利用の Amazon アカウントを一時保留いたしました", lead: []string{
			"第三者による不正アクセスの疑いがあるため、アカウントを一時保留いたしました。", "ログインして、ご注文とお支払い方法をご確認ください。", soon,
		}, button: "アカウントを確認する", link: "https://www.amazon.co.jp@login-check.test/", shown: "https://www.amazon.co.jp/ap/signin"},
		{name: "Amazon", subject: "Amazonプライム会費のお支払いができませんでした", lead: []string{
			"お客様のプライム会費のお支払いができませんでした。", "会員特典を引き続きご利用いただくため、お支払い方法をご確認ください。",
		}, button: "お支払い方法を確認する", link: "https://amazom-kaiin.example/ap/signin?key=1"},
	}
}
