package main

import (
	"fmt"
	"time"
)

// statements is fourteen months of 利用明細 in a mailbox of Yahoo!メール, kept by a program that writes Status fields. The
// card's statement of May never came, that of September was never read, that of November lies in the spam folder. In
// August a fake one came beside the true one; it must fill no month. The Prime fee is charged on the second of each month.
func statements() tree {
	owner := address{"高橋 直樹", "naoki-takahashi@yahoo.example"}
	amazon := store{"co.jp", "us-west-2", "p0fe", owner, "A1NAOKIEXAMPLE0", yahooJapan}
	c := card{owner, owner.name, "7306", yahooJapan}
	s := newSeed("statements")
	list := ordinary(correspondentsJA()[2:6], owner, yahooJapan, jst("2024-12-01 00:00:00"), jst("2026-01-31 00:00:00"))
	for i := range 14 {
		month := time.Date(2024, time.December, 1, 0, 0, 0, 0, time.UTC).AddDate(0, i, 0)
		name := month.Format("2006-01")
		b := read
		switch name {
		case "2025-09":
			b = unread
		case "2025-11":
			b = junk
		}
		if name != "2025-05" {
			// The issuer sends on the tenth, or the next working day.
			day := 10 + []int{0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 1, 0, 0, 3}[i]
			list = append(list, c.statement(s, jst(fmt.Sprintf("%s-%02d 10:%02d:20", name, day, 10+i)), b, 9480+i*911))
		}
		list = append(list, amazon.mail(s, primeFeeJA(jst(fmt.Sprintf("%s-02 09:00:%02d", name, 10+i)), read, owner.name)))
	}
	list = append(list, fakeStatement(s, victim{owner, yahooJapan}))
	oldestFirst(list)
	var inbox, spam []stored
	for _, m := range list {
		if m.box.folder == "spam" {
			spam = append(spam, m)
		} else {
			inbox = append(inbox, m)
		}
	}
	return tree{"mail/受信箱": statusMbox(inbox), "mail/迷惑メール": statusMbox(spam)}
}

// fakeStatement poses as the card issuer.
func fakeStatement(s *seed, v victim) stored {
	f := lure{
		at: jst("2025-08-21 06:40:12"), name: "三井住友カード", subject: "【三井住友カード】お支払い金額のお知らせ", box: junk,
		lead: []string{
			"三井住友カード会員の皆様", "今月のお支払い金額が確定しました。ご利用確認のため、Vpassにログインしてください。",
			"24時間以内にご確認いただけない場合、カードのご利用を停止いたします。",
		}, button: "ご利用明細を確認する", link: "https://vpass-meisai.example/login.php", signed: "三井住友カード株式会社",
	}
	return v.random(s, f, "meisai-tsuuchi.example")
}
