package analyzer_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mailaudit/mailaudit/analyzer"
	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/event"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/limit"
)

// scanPaths scans and returns the stream.
func scanPaths(t *testing.T, workers int, paths ...string) (*finding.File, analyzer.Result, []byte) {
	t.Helper()
	return scanWithin(t, limit.Default(), workers, paths...)
}

// scanWithin scans with limits of the test's.
func scanWithin(t *testing.T, lim limit.Limits, workers int, paths ...string) (*finding.File, analyzer.Result, []byte) {
	t.Helper()
	var out bytes.Buffer
	r, err := analyzer.Scan(context.Background(), analyzer.Config{
		Paths: paths, Dir: t.TempDir(), Workers: workers, Limits: lim,
		Brands: brand.Builtin(), Events: event.Builtin(), Version: "test", Now: time.Now,
	}, &out)
	if err != nil {
		t.Fatalf("Scan: %v", err)
	}
	f, err := finding.Open(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatalf("reading the stream: %v", err)
	}
	return f, r, out.Bytes()
}

// judgeAlone scans one message as a lone .eml and returns its record, nil where it was not taken for Amazon's affair.
func judgeAlone(t *testing.T, text string) *finding.Message {
	t.Helper()
	path := filepath.Join(t.TempDir(), "message.eml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	f, _, _ := scanPaths(t, 2, path)
	if f.Len() == 0 {
		return nil
	}
	m, err := f.Message(0)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Pieces of headers. Receivers and senders are invented but for the names of the services that the cases are about.
const (
	gmailHop = "Received: from a8-50.smtp-out.us-west-2.amazonses.com (a8-50.smtp-out.us-west-2.amazonses.com. [54.240.8.50])\n" +
		"        by mx.google.com with ESMTPS id ab12si345678pgi.90.2026.02.03.04.05.06\n        for <haruka@example.com>;\n        Tue, 03 Feb 2026 04:05:06 -0800 (PST)\n"
	gmailPass = "Authentication-Results: mx.google.com;\n       dkim=pass header.i=@amazon.co.jp header.s=efcs4kiwgez5q6d7nhj6jx2dyn2hqgz5 header.b=AbCdEfGh;\n" +
		"       dkim=pass header.i=@amazonses.com header.s=7v7vs6w47njt4pimodk5mmttbegzsi6n header.b=IjKlMnOp;\n" +
		"       spf=pass (google.com: domain of 20260203120504abcdabcdabcdabcdabcdabcdabcdp0fe@bounces.amazon.co.jp designates 54.240.8.50 as permitted sender) smtp.mailfrom=20260203120504abcdabcdabcdabcdabcdabcdabcdp0fe@bounces.amazon.co.jp;\n" +
		"       dmarc=pass (p=QUARANTINE sp=QUARANTINE dis=NONE) header.from=amazon.co.jp\n"
	attackerHop     = "Received: from srv.cousin.example (unknown [203.0.113.9])\n        by mx.home.example (Postfix) with ESMTP id 4ABCDEF\n        for <haruka@home.example>; Tue,  3 Feb 2026 13:05:06 +0900 (JST)\n"
	gmailForeignHop = "Received: from srv.cousin.example (srv.cousin.example. [203.0.113.9])\n        by mx.google.com with ESMTP id zz12si345678pgi.90.2026.02.03.04.05.06\n        for <haruka@example.com>;\n        Tue, 03 Feb 2026 04:05:06 -0800 (PST)\n"
	notice          = "From: \"Amazon.co.jp\" <account-update@amazon.co.jp>\nTo: haruka@example.com\nSubject: =?UTF-8?B?QW1hem9uLmNvLmpw44Gu44Ki44Kr44Km44Oz44OI44Gu5L+u5q2j?=\n" +
		"Date: Tue, 3 Feb 2026 12:05:04 +0000\nMessage-ID: <0101019c2d3e4f50-11111111-2222-3333-4444-555555555555-000000@us-west-2.amazonses.com>\n" +
		"MIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\n\n" +
		"山田遥\n\nお客様のリクエストに沿って、パスワードを再設定いたしました。\nhttps://www.amazon.co.jp/gp/css/homepage.html\n"
	lureBody = "MIME-Version: 1.0\nContent-Type: text/html; charset=UTF-8\n\n<p>お客様のAmazonアカウントを一時保留いたしました。24時間以内に確認しない場合、アカウントは停止されます。</p>" +
		"<p><a href=\"https://login.cousin.example/ap/signin\">Amazonにログインして確認する</a></p>\n"
)

func TestJudgement(t *testing.T) {
	never := func(verdicts ...finding.Verdict) []finding.Verdict { return verdicts }
	genuineOnes := never(finding.Genuine, finding.GenuineRelay, finding.LikelyGenuine)
	fakes := never(finding.Impersonation, finding.Suspicious)
	tests := []struct {
		name string
		text string
		want finding.Verdict // "" where only never matters
		not  []finding.Verdict
	}{
		{"Amazon's notice as Gmail received it", "Delivered-To: haruka@example.com\n" + gmailHop + gmailPass + notice, finding.Genuine, nil},
		{"the same with the results torn off", notice, "", append(genuineOnes, fakes...)},
		{"the results without any hop: anybody can write them", gmailPass + notice, "", genuineOnes},
		{"a whole Gmail header copied below the hop of a receiver that writes no results",
			attackerHop + gmailHop + gmailPass + notice, "", genuineOnes},
		{"the same with a lure: the forgery is told", attackerHop + gmailHop + gmailPass + "From: \"Amazon.co.jp\" <account-update@amazon.co.jp>\nTo: haruka@home.example\n" +
			"Subject: Amazon account\nDate: Tue, 3 Feb 2026 13:05:04 +0900\nMessage-ID: <20260203130504123456@srv.cousin.example>\n" + lureBody, finding.Impersonation, nil},
		{"Gmail's own failed result above a pass that the sender brought along",
			gmailForeignHop + "Authentication-Results: mx.google.com;\n       spf=softfail (google.com: domain of transitioning x@cousin.example does not designate 203.0.113.9 as permitted sender) smtp.mailfrom=x@cousin.example;\n       dmarc=fail (p=QUARANTINE sp=QUARANTINE dis=QUARANTINE) header.from=amazon.co.jp\n" +
				gmailPass + "From: \"Amazon.co.jp\" <account-update@amazon.co.jp>\nTo: haruka@example.com\nSubject: Amazon\nDate: Tue, 3 Feb 2026 13:05:04 +0900\n" + lureBody, finding.Impersonation, nil},
		{"two From fields, the second one a stranger's",
			gmailHop + gmailPass + "From: help@cousin.example\n" + notice, "", genuineOnes},
		{"two addresses in one From field",
			gmailHop + gmailPass + strings.Replace(notice, "<account-update@amazon.co.jp>", "<account-update@amazon.co.jp>, <x@cousin.example>", 1), "", genuineOnes},
		{"a cousin domain that passes all its own checks",
			gmailForeignHop + "Authentication-Results: mx.google.com;\n       dkim=pass header.i=@cousin.example header.s=mail header.b=AbCdEfGh;\n       spf=pass smtp.mailfrom=x@cousin.example;\n       dmarc=pass (p=NONE) header.from=cousin.example\n" +
				"From: \"Amazon.co.jp\" <amazon-update@cousin.example>\nTo: haruka@example.com\nSubject: =?UTF-8?B?44CQ6YeN6KaB44CR44GK5a6i5qeY44GuQW1hem9u44Ki44Kr44Km44Oz44OI?=\nDate: Tue, 3 Feb 2026 20:05:04 +0800\n" + lureBody, finding.Impersonation, nil},
		{"Amazon's domain with a trailing label is not Amazon's",
			gmailForeignHop + "Authentication-Results: mx.google.com;\n       dkim=pass header.i=@amazon.co.jp.cousin.example header.s=mail header.b=AbCdEfGh;\n       dmarc=pass (p=NONE) header.from=amazon.co.jp.cousin.example\n" +
				"From: \"Amazon.co.jp\" <account-update@amazon.co.jp.cousin.example>\nTo: haruka@example.com\nSubject: Amazon\nDate: Tue, 3 Feb 2026 12:05:04 +0000\n" + lureBody, finding.Impersonation, nil},
		{"com.be is no public suffix: a neighbour under it is not Amazon Belgium",
			gmailForeignHop + "Authentication-Results: mx.google.com;\n       dkim=pass header.i=@cousin.com.be header.s=mail header.b=AbCdEfGh;\n       dmarc=pass (p=NONE) header.from=amazon.com.be\n" +
				strings.ReplaceAll(notice, "amazon.co.jp>", "amazon.com.be>"), "", nil},
		{"a pass for amazonses.com alone is every SES customer's",
			gmailHop + "Authentication-Results: mx.google.com;\n       dkim=pass header.i=@amazonses.com header.s=7v7vs6w47njt4pimodk5mmttbegzsi6n header.b=IjKlMnOp;\n       spf=pass smtp.mailfrom=0101019c@us-west-2.amazonses.com;\n       dmarc=fail (p=QUARANTINE) header.from=amazon.co.jp\n" + notice, finding.Impersonation, nil},
		{"a seller writes through Amazon's relay",
			gmailHop + "Authentication-Results: mx.google.com;\n       dkim=pass header.i=@marketplace.amazon.co.jp header.s=abc header.b=AbCdEfGh;\n       spf=pass smtp.mailfrom=x@bounces.amazon.co.jp;\n       dmarc=pass (p=QUARANTINE) header.from=marketplace.amazon.co.jp\n" +
				"From: \"shop\" <abcdefghijklmno@marketplace.amazon.co.jp>\nTo: haruka@example.com\nSubject: =?UTF-8?B?QW1hem9u44Gu44GU5rOo5paH44Gr44Gk44GE44Gm?=\nDate: Tue, 3 Feb 2026 12:05:04 +0000\n\nご注文ありがとうございます。Amazonの注文 249-1234567-1234567 について。\n", finding.GenuineRelay, nil},
		{"an employee's patch on a mailing list that broke DMARC",
			"Received: from lists.example.org (lists.example.org. [198.51.100.4])\n        by mx.google.com with ESMTPS id ab12si345678pgi.90;\n        Tue, 03 Feb 2026 04:05:06 -0800 (PST)\n" +
				"Authentication-Results: mx.google.com;\n       spf=pass smtp.mailfrom=devel-bounces@lists.example.org;\n       dmarc=fail (p=QUARANTINE) header.from=amazon.com\n" +
				"From: Jo Smith <josmith@amazon.com>\nTo: devel@lists.example.org\nSubject: [PATCH 1/2] mm: fix a leak\nList-Id: <devel.lists.example.org>\nDate: Tue, 3 Feb 2026 12:05:04 +0000\n\nFree the page on error.\n\nSigned-off-by: Jo Smith <josmith@amazon.com>\n---\n mm/x.c | 2 ++\n",
			"", append(genuineOnes, fakes...)},
		{"Gmail's hop about a foreign client, and directly below it a pass that only the sender can have written",
			gmailForeignHop + gmailPass + notice, "", genuineOnes},
		{"everything about the message passed, but it bears marks that Amazon's mail never has: the evidence conflicts",
			gmailHop + gmailPass + "From: \"Аmazon.co.jp\" <account-update@amazon.co.jp>\nTo: haruka@example.com\nSubject: Amazon account\nDate: Tue, 3 Feb 2026 12:05:04 +0000\n" + lureBody, finding.Unverifiable, nil},
		{"a fake dressed up as a forward of Amazon's mail, by a sender who bears Amazon's name",
			"From: \"Amazon\" <x@cousin.example>\nTo: haruka@example.com\nSubject: Fwd: Your Amazon account has been suspended\nDate: Tue, 3 Feb 2026 12:05:04 +0000\nMIME-Version: 1.0\nContent-Type: text/html; charset=UTF-8\n\n" +
				"<p>---------- Forwarded message ----------<br>From: Amazon &lt;account-update@amazon.com&gt;<br>Subject: Your Amazon account has been suspended<br>To: you</p><p>Log in within 24 hours.</p><a href=\"https://login.cousin.example/z\">Log in</a>\n", finding.Impersonation, nil},
		{"no brand in From or Subject: the text thanks as Amazon and wants a payment, on the sender's own pages",
			"From: info <mem@cousin.example>\nTo: haruka@example.com\nSubject: =?UTF-8?B?44CQ6YeN6KaB44CR44GU56K66KqN44GP44Gg44GV44GE?=\nDate: Tue, 3 Feb 2026 12:05:04 +0000\nMIME-Version: 1.0\nContent-Type: text/html; charset=UTF-8\n\n" +
				"<p>いつもAmazonをご利用いただきありがとうございます。お支払い方法の承認が得られませんでした。</p><a href=\"https://cousin.example/z\">お支払い方法を更新</a>\n", finding.Impersonation, nil},
		{"the only brand is in a host that is one digit off",
			"From: Account <no-reply@amaz0n.example>\nTo: haruka@example.com\nSubject: Important notice\nDate: Tue, 3 Feb 2026 12:05:04 +0000\nMIME-Version: 1.0\nContent-Type: text/html; charset=UTF-8\n\n" +
				"<p>Dear customer, verify your account within 24 hours.</p><a href=\"https://amaz0n.example/z\">Log in</a>\n", finding.Impersonation, nil},
		{"who collects for the forest poses as nobody",
			"From: Save the Amazon <hello@forest.example>\nTo: haruka@example.com\nSubject: The Amazon needs you\nDate: Tue, 3 Feb 2026 12:05:04 +0000\nMIME-Version: 1.0\nContent-Type: text/html; charset=UTF-8\n\n" +
				"<p>The rainforest is burning. Update your payment method to continue your monthly gift.</p><a href=\"https://forest.example/give\">Donate now</a>\n", finding.Mention, nil},
		{"a family member forwards an order, and nothing is known of the family",
			"From: Mother <mother@family.example>\nTo: haruka@example.com\nSubject: Fwd: Your Amazon.com order\nDate: Tue, 3 Feb 2026 12:05:04 +0000\n\nlook what I bought\n\n---------- Forwarded message ---------\nFrom: Amazon.com <auto-confirm@amazon.com>\n" +
				"Date: Tue, 3 Feb 2026\nSubject: Your Amazon.com order of \"Mug\"\nTo: <mother@family.example>\n\nThank you for shopping with us. Order #111-1234567-1234567 https://www.amazon.com/gp/css/order-details\n", "", fakes},
		{"a regional bank tells of a purchase at Amazon and gives its number",
			"From: =?UTF-8?B?5riv5L+h55So6YeR5bqr?= <debit@minato-bank.example>\nTo: haruka@example.com\nSubject: =?UTF-8?B?44Kr44O844OJ44GU5Yip55So44Gu44GK55+l44KJ44Gb?=\nDate: Tue, 3 Feb 2026 12:05:04 +0900\nMIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n\n" +
				"ＡＭＡＺＯＮ．ＣＯ．ＪＰで3,980円のご利用がありました。お心当たりのない場合は、0120-555-123までお電話ください。\n", "", append(genuineOnes, fakes...)},
		{"a shop that gives away gift cards",
			"From: \"Point Club\" <mag@points.example>\nTo: haruka@example.com\nSubject: =?UTF-8?B?QW1hem9u44Ku44OV44OI5Yi444GM5b2T44Gf44KL?=\nList-Unsubscribe: <https://points.example/u>\nDate: Tue, 3 Feb 2026 12:05:04 +0900\n" +
				"MIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n\nアンケートに答えると、抽選でAmazonギフト券が当たります。\nhttps://points.example/q/1\n\n配信停止 https://points.example/u\n", finding.Mention, nil},
		{"Hide My Email in front of Amazon.de",
			"From: \"Amazon.de\" <bestellbestaetigung_at_amazon_de_abc123_def456@privaterelay.appleid.com>\nTo: haruka@example.com\nSubject: Ihre Amazon.de Bestellung von \"Tasse\"\nDate: Tue, 3 Feb 2026 12:05:04 +0000\n\nVielen Dank. Bestellnummer 305-1234567-1234567\nhttps://www.amazon.de/gp/css/order-history\n", finding.Unverifiable, nil},
		{"DMARC fails at Microsoft, which writes no authserv-id",
			"Received: from SJ0PR01MB0001.prod.outlook.com (2603:10b6::1) by BN0PR01MB0002.prod.outlook.com with HTTPS; Tue, 3 Feb 2026 12:05:09 +0000\n" +
				"Authentication-Results: spf=fail (sender IP is 203.0.113.9)\n smtp.mailfrom=amazon.co.jp; dkim=none (message not signed)\n header.d=none;dmarc=fail action=quarantine\n header.from=amazon.co.jp;compauth=fail reason=000\n" +
				"Received: from srv.cousin.example (203.0.113.9) by\n BN1NAM02FT001.mail.protection.outlook.com (10.13.2.1) with Microsoft SMTP Server id\n 15.20.1.1 via Frontend Transport; Tue, 3 Feb 2026 12:05:07 +0000\n" +
				"From: \"Amazon.co.jp\" <account-update@amazon.co.jp>\nTo: haruka@outlook.example\nSubject: Amazon\nDate: Tue, 3 Feb 2026 20:05:04 +0800\n" + lureBody, finding.Impersonation, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := judgeAlone(t, test.text)
			if m == nil {
				if test.want != "" {
					t.Fatalf("not taken for Amazon's affair, want %s", test.want)
				}
				return
			}
			why := fmt.Sprintf("%s by %s", m.Verdict, m.Rule)
			for _, s := range m.Signals {
				why += fmt.Sprintf("\n  %s %s %s: %s", s.For, s.Strength, s.ID, s.Shown)
			}
			if test.want != "" && m.Verdict != test.want {
				t.Errorf("want %s, got %s", test.want, why)
			}
			for _, v := range test.not {
				if m.Verdict == v {
					t.Errorf("must not be %s: got %s", v, why)
				}
			}
		})
	}
}
