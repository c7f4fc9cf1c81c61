package main

import (
	"fmt"
	"time"
)

// card is a Japanese card issuer's mail about one card, in ISO-2022-JP as such issuers send it.
type card struct {
	owner address
	name  string
	end   string // last digits
	to    receiver
}

func (c card) mail(s *seed, at time.Time, b box, subject, plain string) stored {
	l := letter{
		at: at, east: 9 * 3600, from: address{"三井住友カード", "statement@vpass.ne.jp"}, to: c.owner, subject: subject,
		messageID: "<" + s.digits(10) + "." + s.digits(13) + "@vpass.ne.jp>", plain: plain, charset: "iso-2022-jp", encoding: "7bit",
	}
	return stored{at: at, box: b, message: deliver(s, c.to, route{
		envelope: "bounce-" + s.digits(8) + "@vpass.ne.jp", client: "198.51.100.150", rdns: "mta05.vpass.ne.jp", helo: "mta05.vpass.ne.jp",
		signers: []string{"vpass.ne.jp"}, spf: "pass", dmarc: "pass", policy: "NONE",
	}, l, c.owner.addr)}
}

// statement is the monthly 利用明細.
func (c card) statement(s *seed, at time.Time, b box, yen int) stored {
	local := at.In(time.FixedZone("", 9*3600))
	return c.mail(s, at, b, "お支払い金額のお知らせ", fmt.Sprintf(`%s 様

いつも三井住友カードをご利用いただき、ありがとうございます。
%sのお支払い金額が確定しました。

カード名称　Amazon Mastercard
カード番号　下4桁 %s
お支払い日　%s
お支払い金額　%s円

ご利用明細は、Vpassにログインしてご確認ください。
https://www.smbc-card.com/mem/index.jsp

三井住友カード株式会社
`, c.name, local.Format("2006年1月"), c.end, local.AddDate(0, 0, 12).Format("2006/01/02"), thousands(yen)))
}

// usage tells of one purchase.
func (c card) usage(s *seed, at time.Time, b box, merchant string, yen int) stored {
	return c.mail(s, at, b, "ご利用のお知らせ【三井住友カード】", fmt.Sprintf(`%s 様

いつも三井住友カードをご利用いただき、ありがとうございます。
お客様のカードのご利用がありましたので、お知らせします。

◇ご利用日時：%s
◇ご利用先：%s
◇ご利用取引：買物
◇ご利用金額：%s円

ご利用明細は、Vpassにログインしてご確認ください。
https://www.smbc-card.com/mem/index.jsp
`, c.name, at.In(time.FixedZone("", 9*3600)).Format("2006/01/02 15:04"), merchant, thousands(yen)))
}
