package main

import (
	"fmt"
	"strings"
)

// maildir is a family's own mail server with a Maildir++ and a receiver that no table of providers knows, so that trust
// must be learned. An ordinary year of shopping and a few fakes in the spam folder: nothing happened here, and mailaudit
// has to say so.
//
// File names carry their flags behind ";2,", as servers on Windows write them, because a colon cannot be checked out there.
func maildir() tree {
	owner := address{"中村 由紀", "yuki@hoshizora-net.example"}
	amazon := store{"co.jp", "us-west-2", "p0fe", owner, "A1YUKIEXAMPLE00", ownServer}
	s := newSeed("maildir")
	list := ordinary(correspondentsJA(), owner, ownServer, jst("2025-01-10 00:00:00"), jst("2025-07-05 00:00:00"))
	for i, item := range []string{"スケッチブック A4…", "キャンプ用ランタン…", "麦茶ティーバッグ 54袋…", "ビーチサンダル…"} {
		at := jst(fmt.Sprintf("2025-%02d-%02d 20:15:3%d", 2+i, 7+3*i, i))
		no := s.order("249")
		list = append(list,
			amazon.mail(s, orderPlacedJA(at, read, owner.name, item, no, 1180+i*730)),
			amazon.mail(s, orderShippedJA(at.AddDate(0, 0, 1), read, owner.name, item, no)),
			amazon.mail(s, orderDeliveredJA(at.AddDate(0, 0, 2), read, owner.name, item, no)))
	}
	list = append(list, amazon.mail(s, awarenessJA(jst("2025-05-20 15:00:00"), read, owner.name)))
	v, lures := victim{owner, ownServer}, luresJA()
	for i, at := range []string{"2025-03-03 04:11:52", "2025-04-18 07:30:01", "2025-06-09 22:02:17"} {
		f := lures[i+1]
		f.at, f.box = jst(at), junk
		f.link = "https://madoguchi-kaiin.example/ap/signin"
		list = append(list, v.random(s, f, "otoiawase-bin.example"))
	}
	oldestFirst(list)
	return maildirTree(list)
}

// maildirTree lays messages out as Maildir++ does: the inbox on top, other folders beside cur with a leading dot and
// names in the modified UTF-7 of RFC 3501 §5.1.3.
func maildirTree(list []stored) tree {
	folders := map[string]string{"inbox": "", "spam": ".&j,dg0TDhMPww6w-/", "sent": ".&kAFP4W4IMH8-/", "archive": ".Archive/"}
	t := tree{"Maildir/dovecot-keywords": []byte("0 $Forwarded\n1 NonJunk\n")}
	for i, m := range list {
		raw := m.message.String()
		unique := fmt.Sprintf("%d.M%06dP%d.hoshizora,S=%d", m.at.Unix(), i*137%1000000, 4000+i, len(raw))
		name := "new/" + unique
		if m.box.seen {
			flags := "S"
			if m.box.replied {
				flags = "RS"
			}
			name = "cur/" + unique + ";2," + flags
		} else if i%3 == 0 {
			name = "cur/" + unique + ";2,"
		}
		t["Maildir/"+folders[m.box.folder]+name] = []byte(raw)
	}
	t["Maildir/tmp/"+strings.Repeat("1", 10)+".M0P1.hoshizora"] = []byte("Subject: half deliver")
	return t
}
