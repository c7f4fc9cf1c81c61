package main

import (
	"fmt"
	"strings"
	"time"
)

// correspondent is somebody who writes to the owner now and then, and what about.
type correspondent struct {
	from     address
	host     string // last relay
	client   string
	signed   bool
	policy   string // of its DMARC record; "" where it has none
	charset  string
	encoding string
	html     bool
	every    int // days between letters
	hour     int // of the day it writes at, in Japan
	subjects []string
	answer   string // what the owner writes back; "" where nothing
	text     string // {subject}, {owner} and {given} stand for what they say
}

func correspondentsJA() []correspondent {
	return []correspondent{
		{
			from: address{"佐藤 美咲", "misaki.sato@example.org"}, host: "mail.example.org", client: "192.0.2.25", signed: true, policy: "NONE",
			every: 9, hour: 21, subjects: []string{"週末の予定", "写真ありがとう", "このあいだの本", "お茶しませんか", "旅行のこと"}, answer: "ありがとう。それでお願いします。\n\n{given}\n",
			text: "{given}さん\n\n{subject}の件、連絡ありがとう。こちらは相変わらずです。\nまた近いうちに会いましょう。\n\n美咲\n",
		},
		{
			from: address{"みどり小学校PTA", "pta@midori-es.example"}, host: "mx.midori-es.example", client: "198.51.100.40", charset: "iso-2022-jp", encoding: "7bit",
			every: 16, hour: 17, subjects: []string{"学校だよりのお知らせ", "役員会のご案内", "給食試食会について", "見守り当番表"},
			text: "保護者の皆様\n\n{subject}をお送りします。ご確認をお願いいたします。\n\nみどり小学校PTA\n",
		},
		{
			from: address{"みどり書店", "news@midori-books.example"}, host: "out3.mailer.example.net", client: "198.51.100.71", signed: true, policy: "QUARANTINE", html: true, encoding: "quoted-printable",
			every: 7, hour: 11, subjects: []string{"今週の新刊", "店長が選ぶ一冊", "ポイント2倍の週末", "冬の文庫フェア"},
			text: "{subject}\n\n新しい本が入荷しました。\nhttps://www.midori-books.example/shinkan\n\nFrom the shop with love\nFrom here on, all books are ten per cent off.\n",
		},
		{
			from: address{"おひさまでんき", "kenshin@ohisama-denki.example"}, host: "mta.ohisama-denki.example", client: "203.0.113.9", signed: true, policy: "REJECT",
			every: 30, hour: 9, subjects: []string{"今月のご使用量のお知らせ", "電気料金確定のお知らせ"},
			text: "いつもおひさまでんきをご利用いただき、ありがとうございます。\n{subject}です。マイページでご覧ください。\nhttps://my.ohisama-denki.example/\n",
		},
		{
			from: address{"ならべる雑貨店", "order@naraberu.example"}, host: "smtp.naraberu.example", client: "198.51.100.12", signed: true,
			every: 23, hour: 14, subjects: []string{"ご注文ありがとうございます", "商品を発送しました", "レビューのお願い"},
			text: "{owner} 様\n\n{subject}。\nお届けまで今しばらくお待ちください。\n\nならべる雑貨店\n",
		},
		{
			from: address{"ポイント山", "mag@pointyama.example"}, host: "m12.pointyama.example", client: "203.0.113.77", signed: true, policy: "NONE", html: true,
			every: 12, hour: 18, subjects: []string{"Amazonギフト券が当たるアンケート", "今月のポイント明細", "ゲームで10ポイント"},
			text: "ポイント山メールマガジン\n\n{subject}\n\n貯めたポイントはAmazonギフト券などに交換できます。\nhttps://pointyama.example/mypage\n",
		},
		{
			from: address{"田中 健", "ken.tanaka@kaisha.example"}, host: "mx2.kaisha.example", client: "192.0.2.140", signed: true, charset: "iso-2022-jp", encoding: "7bit",
			every: 5, hour: 10, subjects: []string{"会議の資料", "来週の出張について", "Re: 見積書", "議事録の共有", "お休みの件"},
			text: "{owner}さん\n\nお疲れさまです。{subject}について、ご確認ください。\nよろしくお願いします。\n\n田中\n",
		},
		{
			from: address{"さくら歯科", "yoyaku@sakura-shika.example"}, host: "mail.sakura-shika.example", client: "198.51.100.200",
			every: 34, hour: 12, subjects: []string{"ご予約の確認", "定期検診のご案内"},
			text: "{owner} 様\n\n{subject}です。ご都合が悪い場合は、お電話でご連絡ください。\n\nさくら歯科\n",
		},
	}
}

// ordinary is everybody's mail between two days, and what the owner wrote back.
func ordinary(who []correspondent, owner address, to receiver, from, until time.Time) []stored {
	var list []stored
	for _, c := range who {
		s := newSeed("ordinary " + c.from.addr + owner.addr)
		day := from.AddDate(0, 0, s.n(c.every))
		for i := 0; day.Before(until); i++ {
			at := day.Truncate(24 * time.Hour).Add(time.Duration(c.hour-9)*time.Hour + time.Duration(s.n(3000))*time.Second)
			subject := c.subjects[i%len(c.subjects)]
			m := stored{at: at, message: deliver(s, to, c.route(), c.letter(s, owner, subject, at), owner.addr), box: read}
			if s.n(7) == 0 && c.html {
				m.box = unread
			}
			list = append(list, m)
			if c.answer != "" {
				list = append(list, answer(s, owner, c.from, subject, c.answer, at.Add(47*time.Minute)))
			}
			day = day.AddDate(0, 0, c.every)
		}
	}
	return list
}

func (c correspondent) letter(s *seed, owner address, subject string, at time.Time) letter {
	l := letter{
		at: at, east: 9 * 3600, from: c.from, to: owner, subject: subject,
		messageID: fmt.Sprintf("<%s.%s@%s>", at.Format("20060102150405"), s.lower(8), c.from.domain()),
		plain:     fill(c.text, owner, subject), charset: c.charset, encoding: c.encoding,
	}
	if c.html {
		l.html = page(l.plain)
		l.boundary = "b_" + s.hex(12)
		l.fields = []string{"List-Unsubscribe: <https://" + c.from.domain() + "/u/" + s.hex(8) + ">"}
	}
	return l
}

func (c correspondent) route() route {
	r := route{envelope: c.from.addr, client: c.client, rdns: c.host, helo: c.host, spf: "pass", policy: c.policy}
	if c.html {
		r.envelope = "bounce@" + c.from.domain()
	}
	if c.signed {
		r.signers = []string{c.from.domain()}
	}
	if c.policy != "" {
		r.dmarc = "pass"
	}
	return r
}

// fill puts the owner's name and the subject into a text. A Japanese name ends with the given name, an English one begins
// with it.
func fill(text string, owner address, subject string) string {
	given, _, _ := strings.Cut(owner.name, " ")
	if !isASCII(owner.name) {
		_, given, _ = strings.Cut(owner.name, " ")
	}
	return strings.NewReplacer("{subject}", subject, "{owner}", owner.name, "{given}", given).Replace(text)
}

// answer is a reply of the owner, as it lies in the folder of sent mail: without any trace.
func answer(s *seed, owner, to address, subject, text string, at time.Time) stored {
	return stored{at: at, box: sent, message: letter{
		at: at, east: 9 * 3600, from: owner, to: to, subject: "Re: " + strings.TrimPrefix(subject, "Re: "),
		messageID: "<" + s.letters("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 48) + "@mail." + owner.domain() + ">",
		plain:     fill(text, owner, subject),
	}.write()}
}
