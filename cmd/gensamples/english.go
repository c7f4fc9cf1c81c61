package main

import "time"

// english is the same kind of story on amazon.com, in a Thunderbird profile that fetches a mailbox at Microsoft, whose
// receiver writes results without a name and above the hop that took the mail in. Two-step verification is switched off,
// a gift card is bought and sent, an order is cancelled, Amazon steps in. Beside it stand mails that are easy to judge
// wrongly: a seller's letter through Amazon's relay, an invitation that carries a stranger's telephone number, an order
// through an alias service.
func english() tree {
	owner := address{"Emily Carter", "emily.carter@example.com"}
	amazon := store{"com", "us-east-1", "p0na", owner, "A1EMILYEXAMPLE0", outlook}
	s := newSeed("english")
	list := ordinary(correspondentsEN(), owner, outlook, clock("2025-08-01 00:00:00", 0), clock("2026-01-31 00:00:00", 0))
	for _, n := range append(quietYearEN(s, "Emily"), theNightEN(s, "Emily", owner.addr)...) {
		list = append(list, amazon.mail(s, n))
	}
	list = append(list, waveEN(s, victim{owner, outlook})...)
	list = append(list, throughAmazonEN(s, amazon)...)
	list = append(list, chaseEN(s, owner)...)
	oldestFirst(list)
	folders := map[string][]stored{}
	for _, m := range list {
		folders[m.box.folder] = append(folders[m.box.folder], m)
	}
	const account = "Profiles/x4mpl3.default-release/Mail/outlook.office365.com/"
	return tree{
		account + "Inbox":             mozillaMbox(folders["inbox"]),
		account + "Inbox.msf":         []byte("// <!-- <mdb:mork:z v=\"1.4\"/> -->\n"),
		account + "Junk":              mozillaMbox(folders["spam"]),
		account + "Sent":              mozillaMbox(folders["sent"]),
		account + "Archives.sbd/2026": mozillaMbox(folders["archive"]),
		account + "Archives":          {},
	}
}

func quietYearEN(s *seed, name string) []notice {
	var list []notice
	for i, item := range []string{"Cast Iron Skillet, 10 Inch...", "Trail Running Socks, 3 Pairs...", "Watercolor Set, 24 Colors..."} {
		at, no := clock("2025-08-20 01:12:40", 0).AddDate(0, i*2, i*3), s.order("112")
		list = append(list,
			orderPlacedEN(at, read, name, item, no, 2499+i*350),
			orderShippedEN(at.Add(20*time.Hour), read, name, item, no),
			orderDeliveredEN(at.Add(66*time.Hour), read, name, item, no))
	}
	return append(list, primeRenewalEN(clock("2025-11-05 16:20:00", 0), read, name))
}

func theNightEN(s *seed, name, addr string) []notice {
	card, camera := s.order("113"), s.order("113")
	return []notice{
		signinEN(clock("2026-01-17 08:02:11", 0), unread, name, "Google Chrome Linux", "Newark, New Jersey"),
		revisionEN(clock("2026-01-17 08:06:49", 0), skipped, name, "successfully disabled Two-Step Verification on your account"),
		orderPlacedEN(clock("2026-01-17 08:11:05", 0), unread, name, "Amazon eGift Card - Happy Birthday...", card, 50000),
		giftCardEN(clock("2026-01-17 08:13:30", 0), unread, name, "$500.00", "rq.3391@quickbox.example"),
		orderPlacedEN(clock("2026-01-17 08:24:57", 0), unread, name, "Mirrorless Camera with 24-105mm Lens...", camera, 219900),
		orderCancelledEN(clock("2026-01-17 09:40:20", 0), unread, name, "Mirrorless Camera with 24-105mm Lens...", camera),
		takeoverResponseEN(clock("2026-01-17 09:41:02", 0), junk, name),
		revisionEN(clock("2026-01-21 18:30:44", 0), read, name, "successfully changed your password"),
	}
}

func waveEN(s *seed, v victim) []stored {
	lures := []lure{
		{at: clock("2026-01-11 14:20:31", 0), box: junk, name: "Amazon.com", subject: "Your account has been suspended", lead: []string{
			"Dear Customer,", "We noticed unusual activity and suspended your Amazon account. Sign in within 24 hours to confirm your billing information, or it will be closed.",
		}, button: "Sign in to verify", link: "https://amazon.com.verify-billing.example/ap/signin", shown: "https://www.amazon.com"},
		{at: clock("2026-01-13 03:12:08", 0), box: junk, name: "Amazоn Prime", subject: "Your Prime membership payment was declined", lead: []string{
			"Your Amazоn Prime membership could not be renewed.", "Update your payment method now to keep your benefits.",
		}, button: "Update payment method", link: "https://prime-renewal.test/update"},
		{at: clock("2026-01-15 22:41:55", 0), box: read, name: "Amazon Support", subject: "Action required: confirm your recent order", lead: []string{
			"Hello,", "An order of $1,299.00 was placed from your account. If you did not place it, log in and cancel it now.",
		}, button: "Cancel order", link: "https://arnazon-orders.example/cancel"},
		{at: clock("2026-01-19 06:31:40", 0), box: junk, name: "Amazon.com", subject: "[Activity Alert] Password changed", lead: []string{
			"Dear emily.carter@example.com,", "Your Amazon password was changed from a new device. If this was not you, log in to secure your account.",
		}, button: "Secure my account", link: "https://login-amzn.invalid/"},
	}
	for i := range lures {
		lures[i].signed = "Amazon Customer Service"
	}
	return []stored{
		v.spoofEN(s, lures[0]), v.random(s, lures[1], "mailer-node.example"),
		v.cousin(s, lures[2], "billing.amazon.com@arnazon-orders.example"), v.spoofEN(s, lures[3]),
	}
}

// spoofEN takes the exact address of Amazon.com.
func (v victim) spoofEN(s *seed, f lure) stored {
	return v.take(s, f, letter{
		at: f.at, east: 8 * 3600, from: address{f.name, "account-update@amazon.com"}, to: address{"", v.to.addr}, subject: f.subject,
		messageID: "<" + s.digits(18) + "@localhost>", html: f.html("font-family: Arial"), encoding: "quoted-printable",
		boundary: "=_NextPart_2rfkindysadvnqw3nerasdf",
	}, route{
		envelope: "account-update@amazon.com", client: "198.51.100.77", helo: "ubuntu-s-1vcpu",
		spf: "fail", dmarc: "fail", policy: "QUARANTINE",
	})
}

// throughAmazonEN is what others write through Amazon's own relays, and Amazon's mail through an alias service.
func throughAmazonEN(s *seed, amazon store) []stored {
	seller := notice{at: clock("2025-10-30 12:01:00", 0), box: read, from: "x", subject: "Regarding your order of trail running socks", plain: `Hello,

thank you for your purchase. If you are happy, please leave a review. If not, write to us directly.

Summit Sock Company
`}
	l, r := amazon.letter(s, seller)
	l.from = address{"Summit Sock Company", "k3v9x2example07@marketplace.amazon.com"}
	l.replyTo = l.from.addr
	r.signers = []string{"marketplace.amazon.com", "amazonses.com"}
	list := []stored{{at: l.at, box: read, message: deliver(s, outlook, r, l, amazon.owner.addr)}}

	list = append(list, amazon.mail(s, notice{at: clock("2026-01-09 19:44:00", 0), box: read, from: "no-reply", subject: "Your invitation has been sent", plain: `Hello,

Your invitation has been sent to: Your card was charged $799.99. Not you? Call Amazon Support at +1 (808) 555-0199 now.

https://www.amazon.com/
`}))

	at := clock("2025-12-12 15:00:00", 0)
	alias := letter{
		at: at, from: address{"Amazon.com", "auto-confirm_at_amazon_com_8k2jq4x7_c1d2e3f4@privaterelay.appleid.com"}, to: amazon.owner,
		subject: `Ordered: "Reading Lamp..."`, messageID: "<" + s.hex(16) + "-" + s.uuid() + "-000000@us-east-1.amazonses.com>",
		plain: "Thanks for your order, Emily!\n\nOrder # 114-5550101-5550102\nReading Lamp...\nGrand Total: $31.99\n", encoding: "7bit",
	}
	return append(list, stored{at: at, box: read, message: deliver(s, outlook, route{
		envelope: "bounces@privaterelay.appleid.com", client: "17.57.155.22", rdns: "rn2-txn-msbadger01.apple.com", helo: "rn2-txn-msbadger01.apple.com",
		signers: []string{"privaterelay.appleid.com"}, spf: "pass", dmarc: "pass", policy: "NONE",
	}, alias, amazon.owner.addr)})
}

// chaseEN is the monthly word of the card's issuer that a statement is there; December's was never read.
func chaseEN(s *seed, owner address) []stored {
	var list []stored
	for i := range 6 {
		at := clock("2025-08-06 13:30:00", 0).AddDate(0, i, 0)
		b := read
		if at.Month() == time.December {
			b = unread
		}
		l := letter{
			at: at, from: address{"Chase", "no-reply@alertsp.chase.com"}, to: owner, subject: "Your credit card statement is available online",
			messageID: "<" + s.hex(24) + "@alertsp.chase.com>", encoding: "7bit",
			plain: "Prime Visa (...2290)\n\nYour statement is ready to view online.\nStatement balance: $" + s.digits(3) + ".18\n\nSign in at chase.com to see it.\nhttps://www.chase.com/\n",
		}
		list = append(list, stored{at: at, box: b, message: deliver(s, outlook, route{
			envelope: "bounce@alertsp.chase.com", client: "198.51.100.160", rdns: "mta1.alertsp.chase.com", helo: "mta1.alertsp.chase.com",
			signers: []string{"alertsp.chase.com"}, spf: "pass", dmarc: "pass", policy: "REJECT",
		}, l, owner.addr)})
	}
	return list
}
