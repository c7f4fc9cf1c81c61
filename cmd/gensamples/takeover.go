package main

import "time"

// takeover is the story mailaudit was written for. Haruka reads her mail on and off. In the first week of February a wave
// of fakes comes in; she opens one of them. The night after the next somebody is in her Amazon account: joins Prime, orders,
// cancels Prime. Amazon notices, cancels the orders and writes to her, and most of that she never sees, because she
// took it for more of the same.
func takeover() tree {
	owner := address{"山田 遥", "haruka.yamada@example.com"}
	amazon := store{"co.jp", "us-west-2", "p0fe", owner, "A1HARUKAEXAMPLE", gmail}
	s := newSeed("takeover")
	list := ordinary(correspondentsJA(), owner, gmail, jst("2025-09-01 00:00:00"), jst("2026-02-20 00:00:00"))
	for _, n := range append(quietYearJA(s, "山田 遥"), theNightJA(s, "山田 遥")...) {
		list = append(list, amazon.mail(s, n))
	}
	list = append(list, waveJA(s, victim{owner, gmail})...)
	list = append(list, cardJA(s, owner)...)
	list = append(list, aroundAmazonJA(s, owner)...)
	newestFirst(list)
	return tree{"haruka.mbox": takeoutMbox(list)}
}

// quietYearJA is what an ordinary customer gets.
func quietYearJA(s *seed, name string) []notice {
	var list []notice
	buy := func(at, item string, yen int, b box) {
		t, no := jst(at), s.order("249")
		list = append(list,
			orderPlacedJA(t, b, name, item, no, yen),
			orderShippedJA(t.Add(19*time.Hour), b, name, item, no),
			orderDeliveredJA(t.Add(46*time.Hour), b, name, item, no))
	}
	buy("2025-09-14 20:31:08", "キッチンスケール デジタル…", 1980, read)
	buy("2025-10-25 12:03:44", "こども用レインコート 120cm…", 2480, read)
	buy("2025-12-07 21:47:12", "冬用ブランケット…", 3280, read)
	list = append(list,
		signinJA(jst("2025-12-07 21:40:02"), read, name, "Google Chrome Android", "Kanagawa, JP"),
		awarenessJA(jst("2025-11-04 15:00:00"), read, name))
	for i, day := range []string{"2025-09-19", "2025-10-17", "2025-11-21", "2025-12-19", "2026-01-16"} {
		list = append(list, storeNewsJA(jst(day+" 08:10:00"), unread, name,
			[]string{"この秋のおすすめ", "キッチン用品のセール", "ブラックフライデーのご案内", "年末年始のご案内", "新生活の準備に"}[i]))
	}
	return list
}

// theNightJA is the night of the 6th to the 7th of February and what followed.
func theNightJA(s *seed, name string) []notice {
	laptop, watch := s.order("503"), s.order("503")
	return []notice{
		signinJA(jst("2026-02-07 01:12:26"), unread, name, "Mozilla Firefox Windows", "Osaka, JP"),
		primeJoinedJA(jst("2026-02-07 01:38:51"), unread, name),
		orderPlacedJA(jst("2026-02-07 01:44:09"), unread, name, "ノートパソコン 14インチ 1TB…", laptop, 248000),
		orderPlacedJA(jst("2026-02-07 01:52:33"), unread, name, "スマートウォッチ チタニウム…", watch, 128800),
		primeCancelledJA(jst("2026-02-07 02:26:40"), unread, name),
		orderCancelledJA(jst("2026-02-07 03:05:17"), unread, name, "ノートパソコン 14インチ 1TB…", laptop),
		orderCancelledJA(jst("2026-02-07 03:05:58"), unread, name, "スマートウォッチ チタニウム…", watch),
		accountChangedJA(jst("2026-02-07 03:21:30"), junk, name),
		takeoverResponseJA(jst("2026-02-07 09:48:05"), skipped, name),
		passwordChangedJA(jst("2026-02-12 20:11:45"), read, name),
	}
}

// waveJA is the wave of fakes before and after that night. One of them was opened.
func waveJA(s *seed, v victim) []stored {
	lures := luresJA()
	at := func(i int, when string, b box) lure {
		f := lures[i]
		f.at, f.box = jst(when), b
		return f
	}
	return []stored{
		v.dragon(s, at(0, "2026-01-29 07:15:20", junk), "account-update"),
		v.spoof(s, at(1, "2026-02-01 13:02:41", junk), "account-update"),
		v.random(s, at(2, "2026-02-02 05:31:09", junk), "toukou-soushin.example"),
		v.dragon(s, at(3, "2026-02-02 22:47:55", junk), "prime"),
		v.cousin(s, at(6, "2026-02-05 20:55:31", read), "amazon-information@amazom-kaiin.example"),
		v.spoof(s, at(4, "2026-02-04 03:11:38", junk), "no-reply"),
		v.cousin(s, at(5, "2026-02-04 11:36:02", junk), "support-amazon.jp@login-check.test"),
		v.dragon(s, at(1, "2026-02-05 06:08:47", junk), "account-update"),
		v.random(s, at(0, "2026-02-03 19:20:13", unread), "kaiin-koushin.example"),
		v.spoof(s, at(5, "2026-02-08 09:14:26", junk), "account-update"),
		v.dragon(s, at(0, "2026-02-10 04:42:19", junk), "account-update"),
		v.cousin(s, at(4, "2026-02-14 16:30:08", junk), "amazon.co.jp@prime-jp-service.example"),
	}
}

// cardJA are the card issuer's letters: a statement each month, and the charges of the night.
func cardJA(s *seed, owner address) []stored {
	c := card{owner, "山田 遥", "4821", gmail}
	var list []stored
	for i, day := range []string{"2025-09-11", "2025-10-10", "2025-11-11", "2025-12-11", "2026-01-13", "2026-02-12"} {
		b := read
		if day == "2026-01-13" {
			b = unread
		}
		list = append(list, c.statement(s, jst(day+" 10:20:00"), b, 18240+i*1377))
	}
	return append(list,
		c.usage(s, jst("2026-02-07 01:39:40"), unread, "AMAZON PRIME", 600),
		c.usage(s, jst("2025-12-08 16:40:12"), read, "AMAZON.CO.JP", 3280))
}

// aroundAmazonJA is mail that speaks of Amazon without posing as it: a friend forwards an order, a seller writes.
func aroundAmazonJA(s *seed, owner address) []stored {
	friend := correspondentsJA()[0]
	at := jst("2025-12-20 21:14:00")
	forward := friend.letter(s, owner, "Fwd: 注文済み: 「木製パズル…」", at)
	forward.plain = `これ、言っていたパズルです。Amazonで買えました。

---------- Forwarded message ---------
From: Amazon.co.jp <auto-confirm@amazon.co.jp>
Date: 2025年12月20日(土) 20:58
Subject: 注文済み: 「木製パズル…」

佐藤 美咲様
ご注文を承りました。
注文番号 250-5550123-5550199
合計 ￥1,650
`
	return []stored{{at: at, message: deliver(s, gmail, friend.route(), forward, owner.addr), box: read}}
}
