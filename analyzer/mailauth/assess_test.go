package mailauth

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/message"
)

// read makes a fact of a header the way extraction does.
func read(header string) *fact.Fact {
	h := message.ParseHeader([]byte(strings.TrimLeft(header, "\n")+"\n\n"), limit.Default())
	f := &fact.Fact{Group: "box"}
	f.Trace, f.Results = Read(&h)
	for _, from := range h.All("From") {
		f.From = append(f.From, message.ParseAddresses(from)...)
		f.FromFields++
	}
	f.To = message.ParseAddresses(h.Get("To"))
	f.ReturnPath = strings.Trim(h.Get("Return-Path"), "<>")
	f.MessageID, f.FeedbackID = h.Get("Message-ID"), h.Get("Feedback-ID")
	if d := message.ParseDate(h.Get("Date")); d.Raw != "" {
		f.Date = &fact.Date{Raw: d.Raw, Time: d.Time, Zone: d.Zone, Doubt: d.Doubt}
	}
	f.Signatures = Signatures(&h, nil, false, Keys{})
	return f
}

// Pieces of headers. The mailbox belongs to owner@gmail.com or owner@isp.example, the fakes come from 192.0.2.66.
const (
	gmailInner = "Delivered-To: owner@gmail.com\nReceived: by 2002:ac4:998a:0:b0:724:a2d2:997f with SMTP id bb10csp;\n        Sun, 22 Jun 2025 23:28:00 -0700 (PDT)\n"
	gmailSES   = "Received: from a1-7.smtp-out.us-west-2.amazonses.com (a1-7.smtp-out.us-west-2.amazonses.com. [54.240.1.7])\n        by mx.google.com with ESMTPS id ffac\n        for <owner@gmail.com>;\n        Sun, 22 Jun 2025 23:27:59 -0700 (PDT)\n"
	gmailEvil  = "Received: from mail.evil.example (mail.evil.example. [192.0.2.66])\n        by mx.google.com with ESMTPS id ffac\n        for <owner@gmail.com>;\n        Sun, 22 Jun 2025 23:27:59 -0700 (PDT)\n"
	gmailPass  = "Authentication-Results: mx.google.com;\n       dkim=pass header.i=@amazon.co.jp header.s=abc header.b=x;\n       dkim=pass header.i=@amazonses.com header.s=def header.b=y;\n       spf=pass (google.com: domain of x@bounces.amazon.co.jp designates 54.240.1.7 as permitted sender) smtp.mailfrom=x@bounces.amazon.co.jp;\n       dmarc=pass (p=QUARANTINE sp=QUARANTINE dis=NONE) header.from=amazon.co.jp\n"
	gmailFail  = "Authentication-Results: mx.google.com;\n       spf=pass (google.com: domain of x@evil.example designates 192.0.2.66 as permitted sender) smtp.mailfrom=x@evil.example;\n       dmarc=fail (p=QUARANTINE sp=QUARANTINE dis=QUARANTINE) header.from=amazon.co.jp\n"
	amazonFrom = "From: \"Amazon.co.jp\" <account-update@amazon.co.jp>\nTo: owner@gmail.com\nSubject: s\nDate: Mon, 23 Jun 2025 06:27:58 +0000\n"
	ispEvil    = "Received: from mail.evil.example (mail.evil.example [192.0.2.66])\n by mx.isp.example (Postfix) with ESMTP id 1 for <owner@isp.example>; Mon, 23 Jun 2025 15:28:00 +0900\n"
	ispSES     = "Received: from a1-7.smtp-out.us-west-2.amazonses.com (a1-7.smtp-out.us-west-2.amazonses.com [54.240.1.7])\n by mx.isp.example (Postfix) with ESMTP id 1 for <owner@isp.example>; Mon, 23 Jun 2025 15:28:00 +0900\n"
	ispPass    = "Authentication-Results: mx.isp.example; dkim=pass header.d=amazon.co.jp; dmarc=pass header.from=amazon.co.jp\n"
	outlookIn  = "Received: from MN6PR10MB7489.namprd10.prod.outlook.com (::1) by\n MW4PR10MB5749.namprd10.prod.outlook.com with HTTPS; Wed, 14 Jan 2026 09:57:46\n +0000\n" +
		"Received: from BN9PR03CA0509.namprd03.prod.outlook.com (2603:10b6:408:130::34)\n by MN6PR10MB7489.namprd10.prod.outlook.com (2603:10b6:208:478::6) with\n Microsoft SMTP Server id 15.20.9520.5; Wed, 14 Jan\n 2026 09:57:44 +0000\n"
	outlookPass = "Authentication-Results: spf=pass (sender IP is 54.240.1.7)\n smtp.mailfrom=bounces.amazon.co.jp; dkim=pass (signature was verified)\n header.d=amazon.co.jp;dmarc=pass action=none\n header.from=amazon.co.jp;compauth=pass reason=100\n"
	outlookFail = "Authentication-Results: spf=fail (sender IP is 192.0.2.66)\n smtp.mailfrom=amazon.co.jp; dkim=none (message not signed)\n header.d=none;dmarc=fail action=quarantine\n header.from=amazon.co.jp;compauth=fail reason=000\n"
	outlookMX   = "by\n BN1PEPF0000468C.mail.protection.outlook.com (10.167.243.137) with Microsoft\n SMTP Server id 15.20.9520.1\n via Frontend Transport; Wed, 14 Jan 2026 09:57:44 +0000\n"
)

// learned is a profile in which one rule was learned.
func learned(domain, id, place string) *fact.Profile {
	return &fact.Profile{Trust: []fact.TrustRule{{Domain: domain, AuthservID: id, Place: place, Messages: 100, Learned: true}}}
}

// signed is a signature of a domain, which nothing here checks.
func signed(domain string) string {
	return "DKIM-Signature: v=1; a=rsa-sha256; d=" + domain + "; s=x; h=From:To:Subject:Date; bh=a; b=b\n"
}

func TestAssess(t *testing.T) {
	none := &fact.Profile{}
	isp := learned("isp.example", "mx.isp.example", Below)
	for _, c := range []struct {
		name    string
		header  string
		profile *fact.Profile
		by      string // AlignedBy
		trusted string // authserv-ids, "-" for the form without
		dmarc   string
		more    func(Assessment) string
	}{
		{"Gmail's own result directly below its boundary hop counts, by the fixed table", gmailInner + gmailSES + gmailPass + amazonFrom, none, "dmarc", "mx.google.com", "pass", nil},
		{"the same when learned", gmailInner + gmailSES + gmailPass + amazonFrom, learned("google.com", "mx.google.com", Below), "dmarc", "mx.google.com", "pass", nil},
		{"Gmail writes on every message that it takes in: other mail without results, as an import brings, says nothing of this one", gmailInner + gmailSES + gmailPass + amazonFrom, learned("google.com", "", Nowhere), "dmarc", "mx.google.com", "pass", nil},
		{"but where it shows none, a stranger may have put one in its place", gmailEvil + gmailPass + amazonFrom, learned("google.com", "", Nowhere), "", "mx.google.com", "pass", nil},
		{
			"a receiver that writes several fields above with one id, the nearest of them without a word of the sender",
			"Authentication-Results: mx.isp.example; dkim=pass header.d=amazon.co.jp\nAuthentication-Results: mx.isp.example; dmarc=pass header.from=amazon.co.jp\nAuthentication-Results: mx.isp.example; arc=none\n" + ispSES + amazonFrom,
			&fact.Profile{Trust: []fact.TrustRule{{Domain: "isp.example", AuthservID: "mx.isp.example", Place: Above, Fields: 4, Learned: true}}}, "dmarc", "mx.isp.example mx.isp.example mx.isp.example", "pass", nil,
		},
		{
			"a second result of the same id further down is the sender's, and is noted", gmailInner + gmailEvil + gmailFail + gmailPass + amazonFrom, none, "", "mx.google.com", "fail",
			func(a Assessment) string {
				if len(a.Injected) != 1 {
					return "the injected result is not noted"
				}
				return ""
			},
		},
		{
			"a fake Gmail hop with result below the real boundary of another receiver counts for nothing",
			ispEvil + gmailSES + gmailPass + amazonFrom, none, "", "", "",
			func(a Assessment) string {
				if a.Client != "192.0.2.66" || a.InRange {
					return "the boundary is not the real topmost hop but " + a.Client
				}
				return ""
			},
		},
		{"a forged result right below the real hop of a receiver that writes none counts for nothing", ispEvil + gmailPass + ispPass + amazonFrom, none, "", "", "", nil},
		{"and neither does it where this receiver was learned to write nothing", ispEvil + ispPass + amazonFrom, learned("isp.example", "", Nowhere), "", "", "", nil},
		{"a receiver that was learned to write above is not believed below", ispEvil + ispPass + amazonFrom, learned("isp.example", "mx.isp.example", Above), "", "", "", nil},
		{"where the receiver wrote no result of its own, one that the sender left in its place denies itself: SPF can't have passed there", gmailInner + gmailEvil + gmailPass + amazonFrom, none, "", "mx.google.com", "pass", nil},
		{
			"a client of the brand's mail service outside the networks that are known is no such contradiction",
			strings.Replace(gmailInner+gmailSES, "54.240.1.7", "192.0.2.77", 1) + gmailPass + amazonFrom, none, "dmarc", "mx.google.com", "pass", nil,
		},
		{"a learned receiver is believed in its place", ispSES + ispPass + amazonFrom, isp, "dmarc", "mx.isp.example", "pass", nil},
		{
			"a receiver that appends its field is believed at the end: the sender's own stands before it",
			ispEvil + ispPass + amazonFrom + "Authentication-Results: mx.isp.example; spf=fail smtp.mailfrom=x@amazon.co.jp\n",
			&fact.Profile{Trust: []fact.TrustRule{{Domain: "isp.example", AuthservID: "mx.isp.example", Place: Below, Last: true, Learned: true}}}, "", "mx.isp.example", "", nil,
		},
		{
			"a message that begins with white space continues the receiver's field: a method that this receiver never writes is not its own",
			ispEvil + "Authentication-Results: mx.isp.example; spf=fail smtp.mailfrom=x@evil.example\n ; dkim=pass header.d=amazon.co.jp\n" + amazonFrom,
			&fact.Profile{Trust: []fact.TrustRule{{Domain: "isp.example", AuthservID: "mx.isp.example", Place: Below, Unwritten: []string{"dkim", "dmarc"}, Learned: true}}}, "", "mx.isp.example", "", nil,
		},
		{"no Received at all: nothing tells who wrote the result", gmailPass + amazonFrom, none, "", "", "", nil},
		{"no Received at all, even with a rule learned for the id", gmailPass + amazonFrom, learned("google.com", "mx.google.com", Below), "", "", "", nil},
		{"no Received at all, even with the id trusted by hand", gmailPass + amazonFrom, &fact.Profile{Trust: given("mx.google.com")}, "", "", "", nil},
		{
			"a re-import through Gmail's interface adds a newer result, which is passed over",
			"Received: from 1073 named unknown by gmailapi.google.com with HTTPREST; Mon, 23 Jun 2025 08:00:00 -0700\nAuthentication-Results: mx.google.com; dkim=fail header.i=@amazon.co.jp; dmarc=fail header.from=amazon.co.jp\n" + gmailInner + gmailSES + gmailPass + amazonFrom,
			none, "dmarc", "mx.google.com", "pass", nil,
		},
		{
			"a newer result above the hop of the re-import is passed over too",
			"Authentication-Results: mx.google.com; dkim=fail header.i=@amazon.co.jp; dmarc=fail header.from=amazon.co.jp\nReceived: from 1073 named unknown by gmailapi.google.com with HTTPREST; Mon, 23 Jun 2025 08:00:00 -0700\n" + gmailInner + gmailSES + gmailPass + amazonFrom,
			none, "dmarc", "mx.google.com", "pass", nil,
		},
		{
			"only the result of a re-import is left: none counts",
			"Authentication-Results: mx.google.com; dmarc=pass header.from=amazon.co.jp\nReceived: from 1073 named unknown by gmailapi.google.com with HTTPREST; Mon, 23 Jun 2025 08:00:00 -0700\n" + ispSES + amazonFrom,
			none, "", "", "", nil,
		},
		{
			"mail fetched by fetchmail from Gmail and handed on by the machine keeps Gmail's boundary where nearly all mail comes so",
			"Received: from localhost (localhost [127.0.0.1]) by box.local (Postfix) with ESMTP id 1; Mon, 23 Jun 2025 15:30:00 +0900\nReceived: from imap.gmail.com [192.0.2.9] by box.local with IMAP (fetchmail-6.4) for <o@localhost> (single-drop); Mon, 23 Jun 2025 15:30:00 +0900\n" + gmailInner + gmailSES + gmailPass + amazonFrom,
			&fact.Profile{Ways: []fact.WayRule{{Way: "loop=localhost>box.local fetch>box.local"}}}, "dmarc", "mx.google.com", "pass", nil,
		},
		{
			"and alone it may have been handed in by anybody on the machine",
			"Received: from localhost (localhost [127.0.0.1]) by box.local (Postfix) with ESMTP id 1; Mon, 23 Jun 2025 15:30:00 +0900\nReceived: from imap.gmail.com [192.0.2.9] by box.local with IMAP (fetchmail-6.4) for <o@localhost> (single-drop); Mon, 23 Jun 2025 15:30:00 +0900\n" + gmailInner + gmailSES + gmailPass + amazonFrom,
			none, "", "", "", nil,
		},
		{
			"a fetch hop forged below a hop from a private address does not make a boundary that may be assumed",
			"Received: from mail.evil.example (unknown [172.17.0.1]) by mail.self.example (Postfix) with ESMTP id 1; Mon, 23 Jun 2025 15:30:00 +0900\nReceived: from imap.gmail.com [192.0.2.9] by localhost with IMAP (fetchmail-6.4); Mon, 23 Jun 2025 15:29:00 +0900\n" + gmailSES + gmailPass + amazonFrom,
			none, "", "", "", nil,
		},
		{
			"nor does a Gmail hop forged below it: the address may be a gateway's, behind which all the world is",
			"Received: from mail.evil.example (unknown [172.17.0.1]) by mail.self.example (Postfix) with ESMTP id 1; Mon, 23 Jun 2025 15:30:00 +0900\n" + gmailSES + gmailPass + amazonFrom,
			none, "", "", "", nil,
		},
		{
			"mail from another Gmail customer: the hop between Google's own machines is the boundary",
			gmailInner + "Received: from mail-sor-f41.google.com (mail-sor-f41.google.com. [209.85.220.41]) by mx.google.com with SMTPS id 1; Sun, 22 Jun 2025 23:27:59 -0700\n" +
				"Authentication-Results: mx.google.com; dkim=pass header.i=@gmail.com; spf=pass smtp.mailfrom=x@gmail.com; dmarc=fail header.from=amazon.co.jp\n" + gmailSES + gmailPass + amazonFrom,
			none, "", "mx.google.com", "fail", nil,
		},
		{"Microsoft's result without id counts above its boundary", outlookIn + outlookPass + "Received: from a1-7.smtp-out.us-west-2.amazonses.com (54.240.1.7) " + outlookMX + amazonFrom, none, "dmarc", "-", "pass", nil},
		{"a result without id below Microsoft's boundary is the sender's", outlookIn + outlookFail + "Received: from mail.evil.example (192.0.2.66) " + outlookMX + outlookPass + amazonFrom, none, "", "-", "fail", nil},
		{"a result without id counts behind no other receiver", ispEvil + outlookPass + amazonFrom, isp, "", "", "", nil},
		{"not even where a rule without id was learned for it", ispEvil + outlookPass + amazonFrom, learned("isp.example", "", Below), "", "", "", nil},
		{
			"another tenant's mail that never left Microsoft starts at its own hand-in: there is no boundary",
			outlookIn + "Received: from SA0PR04MB7370.namprd04.prod.outlook.com ([fe80::6be0]) by SA0PR04MB7370.namprd04.prod.outlook.com ([fe80::6be0%9]) with mapi id 15.20.5986.023; Mon, 16 Jan 2023 17:03:54 +0000\n" +
				outlookPass + "Received: from a1-7.smtp-out.us-west-2.amazonses.com (54.240.1.7) " + outlookMX + amazonFrom,
			none, "", "", "", nil,
		},
		{
			"iCloud writes one field a method",
			"Received: from p00-icloudmta-smtpin-us-central-1k-100-percent-5 by p119-mailgateway-smtp-5bf57b4f4f-tp2sb (mailgateway 2402B70) with SMTP id 7b9e for <o@icloud.com>; Tue, 23 Jan 2024 10:51:18 GMT\n" +
				"Received: from a1-7.smtp-out.us-west-2.amazonses.com (a1-7.smtp-out.us-west-2.amazonses.com [54.240.1.7]) by p00-icloudmta-smtpin-us-central-1k-100-percent-5 (Postfix) with ESMTPS id 2FF for <o@icloud.com>; Tue, 23 Jan 2024 10:51:18 +0000\n" +
				"Authentication-Results: bimi.icloud.com; bimi=none\nAuthentication-Results: dmarc.icloud.com; dmarc=pass header.from=amazon.co.jp\nAuthentication-Results: dkim-verifier.icloud.com; dkim=pass (2048-bit key) header.d=amazon.co.jp header.i=@amazon.co.jp header.b=x\nAuthentication-Results: dkim-verifier.icloud.com; dkim=pass (2048-bit key) header.d=amazonses.com header.i=@amazonses.com header.b=y\nAuthentication-Results: spf.icloud.com; spf=pass smtp.mailfrom=x@bounces.amazon.co.jp\n" + amazonFrom,
			none, "dmarc", "dmarc.icloud.com dkim-verifier.icloud.com spf.icloud.com", "pass",
			func(a Assessment) string {
				if len(a.Injected) != 0 {
					return "the receiver's own fields are taken for injected ones"
				}
				return ""
			},
		},
		{
			"Yahoo! JAPAN writes no DMARC: its DKIM result is aligned by header.i",
			"Authentication-Results: mta706.mail.djm.yahoo.co.jp  from=amazon.co.jp; domainkeys=neutral (no sig); dkim=pass (ok); header.i=@amazon.co.jp\n" +
				"Received: from 54.240.1.7  (EHLO a1-7.smtp-out.us-west-2.amazonses.com) (54.240.1.7)\n  by mta706.mail.djm.yahoo.co.jp with SMTP; Mon, 23 Jun 2025 15:28:00 +0900\n" + amazonFrom,
			none, "dkim", "mta706.mail.djm.yahoo.co.jp", "", nil,
		},
		{"an ISP that checks SPF only aligns by the envelope", ispSES + "Authentication-Results: mx.isp.example; spf=pass smtp.mailfrom=x@bounces.amazon.co.jp; sender-id=pass header.From=x@amazon.co.jp\n" + amazonFrom, isp, "spf", "mx.isp.example", "", nil},
		{"an SPF pass for HELO is for no envelope", ispEvil + "Authentication-Results: mx.isp.example; spf=pass smtp.helo=amazon.co.jp\n" + amazonFrom, isp, "", "mx.isp.example", "", nil},
		{"sender-id alone proves nothing", ispEvil + "Authentication-Results: mx.isp.example; sender-id=pass header.From=x@amazon.co.jp\n" + amazonFrom, isp, "", "mx.isp.example", "", nil},
		{"the mail service's signature alone never aligns", ispSES + "Authentication-Results: mx.isp.example; dkim=pass header.d=amazonses.com; spf=pass smtp.mailfrom=x@amazonses.com\n" + amazonFrom, isp, "", "mx.isp.example", "", nil},
		{"nor does a customer's place on Amazon's machines", ispSES + "Authentication-Results: mx.isp.example; dkim=pass header.d=shop.s3.amazonaws.com\n" + amazonFrom, isp, "", "mx.isp.example", "", nil},
		{"another marketplace of the brand vouches", ispSES + "Authentication-Results: mx.isp.example; dkim=pass header.d=amazon.com\n" + signed("amazon.com") + amazonFrom, isp, "dkim", "mx.isp.example", "", nil},
		{"a domain that only ends in the same letters does not", ispSES + "Authentication-Results: mx.isp.example; dkim=pass header.d=evilamazon.co.jp\n" + amazonFrom, isp, "", "mx.isp.example", "", nil},
		{"com.be is a suffix where everybody can have a name", ispSES + "Authentication-Results: mx.isp.example; dkim=pass header.d=evil.com.be; spf=pass smtp.mailfrom=com.be\n" + strings.Replace(amazonFrom, "amazon.co.jp>", "amazon.com.be>", 1), isp, "", "mx.isp.example", "", nil},
		{"amazon.com.be itself aligns", ispSES + "Authentication-Results: mx.isp.example; dkim=pass header.d=amazon.com.be\n" + signed("amazon.com.be") + strings.Replace(amazonFrom, "amazon.co.jp>", "amazon.com.be>", 1), isp, "dkim", "mx.isp.example", "", nil},
		{"a DMARC pass for another domain than From's is not bound to From", ispEvil + "Authentication-Results: mx.isp.example; dmarc=pass header.from=evil.example\n" + amazonFrom, isp, "", "mx.isp.example", "unbound", nil},
		{"a DMARC pass that names no domain is not bound", ispEvil + "Authentication-Results: mx.isp.example; dmarc=pass\n" + amazonFrom, isp, "", "mx.isp.example", "unbound", nil},
		{"a guess is no pass", ispEvil + "Authentication-Results: mx.isp.example; dmarc=bestguesspass header.from=amazon.co.jp\n" + amazonFrom, isp, "", "mx.isp.example", "bestguesspass", nil},
		{
			"two DMARC results that differ: somebody's text got into the field", ispEvil + "Authentication-Results: mx.isp.example; dmarc=fail header.from=amazon.co.jp; dmarc=pass header.from=amazon.co.jp\n" + amazonFrom, isp, "", "mx.isp.example", "fail",
			func(a Assessment) string {
				if !a.Conflict {
					return "no conflict"
				}
				return ""
			},
		},
		{"a DMARC failure beside an aligned DKIM pass is a conflict", ispEvil + "Authentication-Results: mx.isp.example; dkim=pass header.d=amazon.co.jp; dmarc=fail header.from=amazon.co.jp\n" + amazonFrom, isp, "", "mx.isp.example", "fail", nil},
		{"an envelope with quotes and semicolons may have written part of the field", "Return-Path: <\"x; dkim=pass header.d=amazon.co.jp; x=\"@evil.example>\n" + ispEvil + "Authentication-Results: mx.isp.example; spf=pass smtp.mailfrom=x; dkim=pass header.d=amazon.co.jp; x=@evil.example\n" + amazonFrom, isp, "", "mx.isp.example", "", nil},
		{"two From fields", gmailInner + gmailSES + gmailPass + "From: x@evil.example\n" + amazonFrom, none, "", "mx.google.com", "unbound", nil},
		{"one From field with two addresses", gmailInner + gmailSES + gmailPass + strings.Replace(amazonFrom, "<account-update@amazon.co.jp>", "<account-update@amazon.co.jp>, x@evil.example", 1), none, "", "mx.google.com", "pass", nil},
		{"no From field", gmailInner + gmailSES + gmailPass + "Subject: s\n", none, "", "mx.google.com", "unbound", nil},
		{"From in mathematical letters is not the domain that was checked", gmailInner + gmailSES + gmailPass + "From: x@𝐚𝐦𝐚𝐳𝐨𝐧.co.jp\n", none, "", "mx.google.com", "unbound", nil},
		{"Received-SPF never raises a verdict", ispSES + "Received-SPF: pass client-ip=54.240.1.7; envelope-from=x@bounces.amazon.co.jp; receiver=mx.isp.example\n" + amazonFrom, isp, "", "", "", nil},
		{"compauth never raises a verdict", outlookIn + "Authentication-Results: spf=none (sender IP is 192.0.2.66) smtp.helo=x.example; dmarc=none action=none header.from=amazon.co.jp;compauth=pass reason=109\nReceived: from x.example (192.0.2.66) " + outlookMX + amazonFrom, none, "", "-", "none", nil},
		{"a customer of the receiver who logged in wrote the results himself", "Received: from evil (pc.evil.example [192.0.2.66]) by mx.isp.example (Postfix) with ESMTPSA id 1; Mon, 23 Jun 2025 15:28:00 +0900\n" + ispPass + amazonFrom, isp, "", "", "", nil},
		{"an id trusted by hand for another receiver counts there", ispSES + "Authentication-Results: filter.example; dkim=pass header.d=amazon.co.jp\n" + signed("amazon.co.jp") + amazonFrom, &fact.Profile{Trust: given("filter.example@mx.isp.example")}, "dkim", "filter.example", "", nil},
		{"and nowhere else", ispSES + "Authentication-Results: filter.example; dkim=pass header.d=amazon.co.jp\n" + amazonFrom, &fact.Profile{Trust: given("filter.example@mx.other.example")}, "", "", "", nil},
		{"an id trusted by hand counts behind receivers of its own domain", ispSES + "Authentication-Results: filter.isp.example; dkim=pass header.d=amazon.co.jp\n" + signed("amazon.co.jp") + amazonFrom, &fact.Profile{Trust: given("filter.isp.example")}, "dkim", "filter.isp.example", "", nil},
		{"Gmail's id given by hand does not hold behind another provider", ispEvil + "Authentication-Results: mx.google.com; dkim=pass header.d=amazon.co.jp; dmarc=pass header.from=amazon.co.jp\n" + amazonFrom, &fact.Profile{Trust: given("mx.google.com")}, "", "", "", nil},
		{"a pass below the boundary from a machine that the brand lets to its customers", strings.Replace(ispEvil, "mail.evil.example [192.0.2.66]", "ec2-192-0-2-66.us-west-2.compute.amazonaws.com [192.0.2.66]", 1) + ispPass + amazonFrom, isp, "", "mx.isp.example", "pass", nil},
		{"one from a client that gave its own address the name of the brand's relays, by a program that does not look it up", "Received: from a1-7.smtp-out.us-west-2.amazonses.com (HELO x) (192.0.2.66)\n by mx.isp.example with SMTP; 23 Jun 2025 06:28:00 -0000\n" + ispPass + amazonFrom, isp, "", "mx.isp.example", "pass", nil},
		{"the same by one that does", strings.Replace(ispSES, "54.240.1.7", "192.0.2.66", 1) + ispPass + amazonFrom, isp, "dmarc", "mx.isp.example", "pass", nil},
		{"one from a client whose address the receiver did not write", "Received: from x (x.evil.example)\n by mx.isp.example with ESMTP id 1; Mon, 23 Jun 2025 15:28:00 +0900\n" + ispPass + amazonFrom, isp, "", "mx.isp.example", "pass", nil},
		{"one that an ARC chain in the same field vouches for", ispEvil + strings.TrimSuffix(ispPass, "\n") + "; arc=pass\nARC-Seal: i=1; cv=none; d=google.com; s=x; b=y\nARC-Message-Signature: i=1; d=google.com; bh=h\n" + amazonFrom, isp, "", "mx.isp.example", "pass", nil},
		{"one behind a receiver that the user trusts by hand", ispEvil + ispPass + amazonFrom, &fact.Profile{Trust: given("mx.isp.example")}, "", "mx.isp.example", "pass", nil},
		{"a signature that passed and is not there", ispSES + "Authentication-Results: mx.isp.example; dkim=pass header.d=amazon.co.jp\n" + amazonFrom, isp, "", "mx.isp.example", "", nil},
		{"a HELO of several words with clauses of its own", "Received: from a by box.example with POP3 id x (mail.evil.example [192.0.2.66])\n by mx.isp.example with ESMTP id 1; Mon, 23 Jun 2025 15:28:00 +0900\n" + ispSES + ispPass + amazonFrom, isp, "", "", "", nil},
		{"a hop that is longer than any server writes is nobody's own", "Received: from " + strings.Repeat("x", 64<<10) + " (mail.evil.example [192.0.2.66]) by mx.isp.example with ESMTP id 1; Mon, 23 Jun 2025 15:28:00 +0900\n" + ispSES + ispPass + amazonFrom, isp, "", "", "", nil},
		{"ten thousand hops below are not looked at", gmailInner + gmailEvil + gmailFail + strings.Repeat(gmailSES+gmailPass, 5000) + amazonFrom, none, "", "mx.google.com", "fail", nil},
		{"a field that could not be read whole is not believed", ispEvil + "Authentication-Results: mx.isp.example; dmarc=pass header.from=amazon.co.jp (\n" + amazonFrom, isp, "", "", "", nil},
		{"an ARC set's content under the name of a result is not believed", ispEvil + "Authentication-Results: i=1; mx.isp.example; dmarc=pass header.from=amazon.co.jp\n" + amazonFrom, isp, "", "", "", nil},
	} {
		a := Assess(read(c.header), c.profile, brand.Builtin())
		var ids []string
		for _, r := range a.Trusted {
			id := r.AuthservID
			if id == "" {
				id = "-"
			}
			ids = append(ids, id)
		}
		got := [...]string{a.AlignedBy, strings.Join(ids, " "), a.DMARC}
		if want := [...]string{c.by, c.trusted, c.dmarc}; got != want {
			t.Errorf("%s:\n got aligned by, trusted, dmarc %q\nwant %q", c.name, got, want)
		}
		if a.Aligned != (c.by != "") {
			t.Errorf("%s: Aligned is %v", c.name, a.Aligned)
		}
		if c.more != nil {
			if s := c.more(a); s != "" {
				t.Errorf("%s: %s", c.name, s)
			}
		}
	}
}

// given are the rules for ids that the user named.
func given(ids ...string) (rules []fact.TrustRule) {
	for _, id := range ids {
		r, err := Given(id)
		if err != nil {
			panic(err)
		}
		rules = append(rules, r)
	}
	return rules
}

// A rule learned for a group goes before one for all groups, and holds for its time.
// Each reason for which results in a message are not believed is named, and nothing is aligned then. The last case is believed: it has
// none.
func TestRefusals(t *testing.T) {
	always := learned("isp.example", "mx.isp.example", Below)
	always.Trust[0].Always = []string{"spf", "dkim", "dmarc"}
	at := "; Mon, 23 Jun 2025 15:28:01 +0900\n"
	tests := map[string]struct {
		header  string
		profile *fact.Profile
	}{
		RefusedSubmitted:  {"Received: by mx.isp.example (Postfix, from userid 33) id 1" + at + ispSES + ispPass + amazonFrom, learned("isp.example", "mx.isp.example", Below)},
		RefusedNowhere:    {ispEvil + ispPass + amazonFrom, learned("isp.example", "", Nowhere)},
		RefusedHost:       {"Received: from a1-7.smtp-out.us-west-2.amazonses.com (a1-7.smtp-out.us-west-2.amazonses.com. [54.240.1.7])\n by mail-wr1-f41.google.com with ESMTPS id ffac" + at + gmailPass + amazonFrom, learned("google.com", "mx.google.com", Below)},
		RefusedIncomplete: {ispSES + ispPass + amazonFrom, always},
		RefusedContinued:  {ispSES + strings.Replace(ispPass, "dmarc=pass", "dmarc=fail header.from=amazon.co.jp; dmarc=pass", 1) + amazonFrom, learned("isp.example", "mx.isp.example", Below)},
		RefusedClient:     {ispEvil + ispPass + signed("amazon.co.jp") + amazonFrom, learned("isp.example", "mx.isp.example", Below)},
		"":                {ispSES + ispPass + signed("amazon.co.jp") + amazonFrom, learned("isp.example", "mx.isp.example", Below)},
	}
	for why, c := range tests {
		a := Assess(read(c.header), c.profile, brand.Builtin())
		if got := strings.Join(a.Refused, " "); got != why {
			t.Errorf("refused for %q, want %q: %+v", got, why, a.Trusted)
		}
		if a.Aligned && !a.Conflict != (why == "") {
			t.Errorf("%q: aligned is %v", why, a.Aligned)
		}
	}
}

func TestRulesAreTakenByGroupAndTime(t *testing.T) {
	const june, july = 1748736000, 1751328000 // 2025; the message came in June
	rule := func(group string, from, to int64, place string) fact.TrustRule {
		return fact.TrustRule{Group: group, From: from, To: to, Domain: "isp.example", AuthservID: "mx.isp.example", Place: place, Learned: true}
	}
	for _, c := range []struct {
		name  string
		rules []fact.TrustRule
		want  bool
	}{
		{"all groups, all times", []fact.TrustRule{rule("", 0, 0, Below)}, true},
		{"another group's rule does not hold", []fact.TrustRule{rule("other", 0, 0, Below)}, false},
		{"a rule for later does not hold", []fact.TrustRule{rule("box", july, 0, Below)}, false},
		{"one for earlier neither", []fact.TrustRule{rule("box", 0, june, Below)}, false},
		{"one for the time does", []fact.TrustRule{rule("box", june, july, Below)}, true},
		{"this group writes nothing then", []fact.TrustRule{rule("", 0, 0, Below), rule("box", 0, june, Below), rule("box", june, 0, Nowhere)}, false},
		{"this group writes, others do not", []fact.TrustRule{rule("", 0, 0, Nowhere), rule("box", 0, 0, Below)}, true},
	} {
		a := Assess(read(ispSES+ispPass+amazonFrom), &fact.Profile{Trust: c.rules}, brand.Builtin())
		if a.Aligned != c.want {
			t.Errorf("%s: aligned %v", c.name, a.Aligned)
		}
	}
}

// What a hop is that is not beyond doubt: a way in where nearly all mail takes it, and everywhere else the place where the
// message came in, below which nothing is evidence.
func TestWaysIn(t *testing.T) {
	at := "; Mon, 23 Jun 2025 15:28:01 +0900\n"
	hops := map[string]string{
		"private":   "Received: from mail.evil.example (unknown [10.0.0.1]) by mx.isp.example (Postfix) with ESMTP id 1" + at,
		"login":     "Received: from mail.evil.example (unknown [10.0.0.1]) by mx.isp.example (Postfix) with ESMTPSA id 1" + at,
		"neighbour": "Received: from sv999.isp.example (sv999.isp.example [192.0.2.66]) by mx.isp.example (Postfix) with ESMTP id 1" + at,
		"gateway":   "Received: from sv123.isp.example (sv123.isp.example [192.0.2.5]) by mx.isp.example (Postfix) with ESMTP id 1" + at,
		"loopback":  "Received: from localhost (localhost [127.0.0.1]) by mx.isp.example (Postfix) with ESMTP id 1" + at,
		"filter":    "Received: from mx.isp.example ([127.0.0.1]) by localhost (mx.isp.example [127.0.0.1]) (amavisd-new, port 10024) with ESMTP id 1" + at,
		"userid":    "Received: by mx.isp.example (Postfix, from userid 33) id 1" + at,
		"qmail":     "Received: (qmail 123 invoked by uid 48)" + at,
		"sendmail":  "Received: (from www@localhost) by mx.isp.example (8.17.1/8.17.1/Submit) id 1" + at,
		"exim":      "Received: from www-data by mx.isp.example with local (Exim 4.96) (envelope-from <www@isp.example>) id 1" + at,
		"fetch":     "Received: from pop.isp.example [192.0.2.9] by home.example with POP3 (fetchmail-6.4.37) for <me@localhost> (single-drop)" + at,
		"handed":    "Received: from root by home.example with local (Exim 4.96) (envelope-from <x@y.example>) id 1" + at,
	}
	const filtered = "loop=localhost>mx.isp.example loop=mx.isp.example>localhost"
	for _, c := range []struct {
		name string
		hops []string // from the top
		way  string   // that nearly all mail takes
		want bool
	}{
		{"straight in", nil, "", true},
		{"from a private address, where none comes from there", []string{"private"}, "", false},
		{"from a private address, as all mail", []string{"private"}, "[10.0.0.1]>mx.isp.example", true},
		{"a client in a private network that logged in, though all mail comes from there", []string{"login"}, "[10.0.0.1]>mx.isp.example", false},
		{"through the gateway, as all mail", []string{"gateway"}, "sv123.isp.example[192.0.2.5]>mx.isp.example", true},
		{"from a neighbour whose name differs in digits", []string{"neighbour"}, "sv123.isp.example[192.0.2.5]>mx.isp.example", false},
		{"from a neighbour through the gateway", []string{"gateway", "neighbour"}, "sv123.isp.example[192.0.2.5]>mx.isp.example", false},
		{"through the filter on the machine, as all mail", []string{"loopback", "filter"}, filtered, true},
		{"handed to the machine over loopback, and then through its filter", []string{"loopback", "filter", "loopback"}, filtered, false},
		{"by a user of the machine: Postfix", []string{"userid"}, "", false},
		{"by a user of the machine: qmail", []string{"qmail"}, "", false},
		{"by a user of the machine: Sendmail", []string{"sendmail"}, "", false},
		{"by a user of the machine: Exim", []string{"exim"}, "", false},
		{"by a user of the machine, through its filter", []string{"loopback", "filter", "userid"}, filtered, false},
		{"fetched", []string{"fetch"}, "", true},
		{"fetched and handed on by the user who fetches, as all mail", []string{"handed", "fetch"}, "user=root>home.example fetch>home.example", true},
		{"handed in by another user, with the same below", []string{"exim", "fetch"}, "user=root>home.example fetch>home.example", false},
	} {
		p := learned("isp.example", "mx.isp.example", Below)
		if c.way != "" {
			p.Ways = []fact.WayRule{{Way: c.way}}
		}
		var top strings.Builder
		for _, name := range c.hops {
			top.WriteString(hops[name])
		}
		a := Assess(read(top.String()+ispSES+ispPass+amazonFrom), p, brand.Builtin())
		if a.Aligned != c.want {
			t.Errorf("%s: aligned %v, boundary %d", c.name, a.Aligned, a.Boundary)
		}
		if !c.want && (a.InRange || a.Aligned || len(a.Trusted) > 0) {
			t.Errorf("%s: what stands below counts: in range %v, trusted %v", c.name, a.InRange, a.Trusted)
		}
	}
}

const arcSet = "ARC-Seal: i=1; a=rsa-sha256; t=1; cv=none; d=google.com; s=arc; b=x\nARC-Message-Signature: i=1; d=google.com; bh=aGFzaA==\n"

func TestARC(t *testing.T) {
	hop := "Received: from mail-sor-f41.google.com (mail-sor-f41.google.com [209.85.220.41]) by mx.isp.example (Postfix) with ESMTPS id 1; Mon, 23 Jun 2025 15:28:00 +0900\n"
	result := "Authentication-Results: mx.isp.example; arc=pass (i=1 spf=pass dkim=pass dmarc=pass fromdomain=amazon.co.jp); dkim=fail (signature did not verify) header.d=amazon.co.jp; dmarc=fail header.from=amazon.co.jp\n"
	first := "ARC-Authentication-Results: i=1; mx.google.com; dkim=pass header.i=@amazon.co.jp; dmarc=pass (p=QUARANTINE) header.from=amazon.co.jp\n"
	isp := learned("isp.example", "mx.isp.example", Below)
	for _, c := range []struct {
		name, header string
		pass         bool
		forwarder    string
	}{
		{"a listed sealer's chain that the own receiver found intact", hop + result + arcSet + first, true, "arc google.com"},
		{"the receiver says that the body was changed", hop + strings.Replace(result, "signature did not verify", "body hash did not verify", 1) + arcSet + first, false, "arc google.com"},
		{"a tenant of the sealer changed the body between two sets", hop + strings.Replace(result, "i=1 spf", "i=2 spf", 1) + strings.NewReplacer("i=1", "i=2", "cv=none", "cv=pass", "aGFzaA", "b3RoZXI").Replace(arcSet) + arcSet + first, false, "arc google.com"},
		{"two sets over the same body", hop + strings.Replace(result, "i=1 spf", "i=2 spf", 1) + strings.NewReplacer("i=1", "i=2", "cv=none", "cv=pass").Replace(arcSet) + arcSet + first, true, "arc google.com"},
		{"the receiver says nothing of ARC", hop + "Authentication-Results: mx.isp.example; dmarc=fail header.from=amazon.co.jp\n" + arcSet + first, false, ""},
		{"a sealer that is not listed", hop + result + strings.ReplaceAll(arcSet, "google.com", "evil.example") + strings.ReplaceAll(first, "mx.google.com", "mx.evil.example"), false, ""},
		{"a listed sealer below one that is not: the body is the latter's", hop + result + "ARC-Seal: i=2; cv=pass; d=evil.example; s=x; b=y\n" + arcSet + first, false, ""},
		{"a name that only ends in a sealer's letters", hop + result + strings.ReplaceAll(arcSet, "d=google.com", "d=notgoogle.com") + first, false, ""},
		{"the first set's result is by another than its sealer", hop + result + arcSet + strings.ReplaceAll(first, "mx.google.com", "mx.microsoft.com"), false, "arc google.com"},
		{"the first set's result is a failure", hop + result + arcSet + strings.ReplaceAll(first, "dmarc=pass", "dmarc=fail"), false, "arc google.com"},
		{"the first set's result is for another domain", hop + result + arcSet + strings.ReplaceAll(first, "header.from=amazon.co.jp", "header.from=evil.example"), false, "arc google.com"},
		{"two first sets", hop + result + arcSet + arcSet + first, false, ""},
		{"two results of the first set", hop + result + arcSet + first + first, false, "arc google.com"},
		{"fewer sets than the receiver counted", hop + strings.ReplaceAll(result, "i=1 spf", "i=2 spf") + arcSet + first, false, "arc google.com"},
		{"a set without seal", hop + result + first, false, ""},
		{"below the boundary, from a client that is none of the sealers: the sender can have written it all", strings.NewReplacer("mail-sor-f41.google.com", "mail.evil.example", "209.85.220.41", "203.0.113.9").Replace(hop) + result + arcSet + first, false, "arc google.com"},
	} {
		a := Assess(read(c.header+amazonFrom), isp, brand.Builtin())
		if a.ARCPass != c.pass || a.Forwarder != c.forwarder {
			t.Errorf("%s: pass %v forwarder %q, want %v %q", c.name, a.ARCPass, a.Forwarder, c.pass, c.forwarder)
		}
		if a.Aligned {
			t.Errorf("%s: aligned", c.name)
		}
	}
}

func TestForwarderIsShownByTheBoundaryOnly(t *testing.T) {
	list := "Received: from lists.sourceforge.net (lists.sourceforge.net [192.0.2.38]) by mx.isp.example (Postfix) with ESMTPS id 1; Mon, 23 Jun 2025 15:28:00 +0900\n"
	for _, c := range []struct{ name, header, want string }{
		{"the boundary's client is a list", list, "list lists.sourceforge.net"},
		{"the client only calls itself one", "Received: from lists.sourceforge.net (mail.evil.example [192.0.2.66]) by mx.isp.example (Postfix) with ESMTP id 1; Mon, 23 Jun 2025 15:28:00 +0900\n", ""},
		{"a hop below the boundary says so", ispEvil + list, ""},
		{"a List-Id says so", ispEvil + "List-Id: <x.lists.sourceforge.net>\n", ""},
	} {
		if a := Assess(read(c.header+amazonFrom), &fact.Profile{}, brand.Builtin()); a.Forwarder != c.want {
			t.Errorf("%s: %q", c.name, a.Forwarder)
		}
	}
}

const sesFields = "Return-Path: <202506230627592515266c51a54cba96f0c912ed50p0fe-C5CGKT47C4OV7@bounces.amazon.co.jp>\n"

const sesRest = "DKIM-Signature: v=1; a=rsa-sha256; d=amazon.co.jp; s=x; h=From; bh=a; b=b\nDKIM-Signature: v=1; a=rsa-sha256; d=amazonses.com; s=y; h=From; bh=a; b=b\n" +
	"Message-ID: <0101019399a9dda1-e9422386-72c7-49ab-9f26-37b8b554130c-000000@us-west-2.amazonses.com>\nFeedback-ID: ::1.us-west-2.abcDEF+/=:AmazonSES\n"

func TestFingerprint(t *testing.T) {
	all := []string{FeatureReturnPath, FeatureRelay, FeatureNetwork, FeatureMessageID, FeatureFeedbackID, FeatureDateZone, FeatureSignatures}
	for _, c := range []struct {
		name, header string
		want, contra []string
	}{
		{"all seven", sesFields + ispSES + sesRest + amazonFrom, all, nil},
		{
			"copied by a stranger: the two that the own receiver writes are missing", sesFields + ispEvil + sesRest + amazonFrom,
			[]string{FeatureReturnPath, FeatureMessageID, FeatureFeedbackID, FeatureDateZone, FeatureSignatures}, []string{contraNetwork},
		},
		{
			"Amazon's name and address in HELO change nothing", sesFields + "Received: from [54.240.1.7] (a1-7.smtp-out.us-west-2.amazonses.com.evil.example [192.0.2.66]) by mx.isp.example (Postfix) with ESMTP id 1; Mon, 23 Jun 2025 15:28:00 +0900\n" + amazonFrom,
			[]string{FeatureReturnPath, FeatureDateZone}, []string{contraNetwork},
		},
		{
			"a return path that only looks like the brand's", strings.Replace(sesFields, "bounces.amazon.co.jp", "bounces.amazon.evil.cn", 1) + ispSES + amazonFrom,
			[]string{FeatureRelay, FeatureNetwork, FeatureDateZone}, []string{FeatureReturnPath},
		},
		{
			"Date in the zone of the kits, and a hop below in it", ispSES + "Received: from pc (unknown [192.0.2.66]) by relay.evil.example with SMTP id 1; Mon, 23 Jun 2025 14:27:58 +0800\n" + strings.Replace(amazonFrom, "06:27:58 +0000", "14:27:58 +0800", 1),
			[]string{FeatureRelay, FeatureNetwork}, []string{FeatureDateZone, contraHopZone},
		},
		{
			"Received-SPF at the boundary tells of a failure", ispEvil + "Received-SPF: Softfail (mailfrom) identity=mailfrom; client-ip=192.0.2.66\n" + amazonFrom,
			[]string{FeatureDateZone}, []string{contraNetwork, contraSPF},
		},
		{
			"compauth=fail", outlookIn + outlookFail + "Received: from mail.evil.example (192.0.2.66) " + outlookMX + strings.Replace(amazonFrom, "23 Jun 2025 06:27:58", "14 Jan 2026 09:57:40", 1),
			[]string{FeatureDateZone}, []string{contraNetwork, contraComp},
		},
		{
			"written a week after it arrived", ispSES + strings.Replace(amazonFrom, "23 Jun", "30 Jun", 1),
			[]string{FeatureRelay, FeatureNetwork, FeatureDateZone}, []string{contraClock},
		},
	} {
		a := Assess(read(c.header), &fact.Profile{}, brand.Builtin())
		if !reflect.DeepEqual(a.Fingerprint, c.want) || !reflect.DeepEqual(a.Contradictions, c.contra) {
			t.Errorf("%s:\n got %q %q\nwant %q %q", c.name, a.Fingerprint, a.Contradictions, c.want, c.contra)
		}
	}
}

func TestCorporate(t *testing.T) {
	isp := learned("isp.example", "mx.isp.example", Below)
	for _, c := range []struct {
		name, header string
		shown, hint  bool
	}{
		{"the receiver names the employees' selector", ispSES + "Authentication-Results: mx.isp.example; dkim=pass header.d=amazon.co.jp header.s=amazon201209; dmarc=pass header.from=amazon.co.jp\n", true, true},
		{"the message's own signature bears it and the receiver found it good", ispSES + ispPass + "DKIM-Signature: v=1; a=rsa-sha256; d=amazon.co.jp; s=amazoncorp2; h=From:Subject:Date; bh=a; b=b\n", true, true},
		{"the same without a pass is only a hint", ispEvil + "DKIM-Signature: v=1; a=rsa-sha256; d=amazon.co.jp; s=amazoncorp2; h=From; bh=a; b=b\n", false, true},
		{"the boundary's client is one of the employees' machines", "Received: from smtp-fw-9102.amazon.com (smtp-fw-9102.amazon.com [207.171.184.29]) by mx.isp.example (Postfix) with ESMTPS id 1; Mon, 23 Jun 2025 15:28:00 +0900\n", true, true},
		{"the client only calls itself one", "Received: from smtp-fw-9102.amazon.com (unknown [192.0.2.66]) by mx.isp.example (Postfix) with ESMTP id 1; Mon, 23 Jun 2025 15:28:00 +0900\n", false, true},
		{"a notice", ispSES + ispPass, false, false},
	} {
		a := Assess(read(c.header+amazonFrom), isp, brand.Builtin())
		if a.Corporate != c.shown || a.CorporateHint != c.hint {
			t.Errorf("%s: %v %v", c.name, a.Corporate, a.CorporateHint)
		}
	}
}

func TestReplay(t *testing.T) {
	for owner, want := range map[string]bool{"owner@gmail.com": false, "other@example.com": true} {
		p := &fact.Profile{Owner: map[string]bool{owner: true}}
		if a := Assess(read(gmailInner+gmailSES+gmailPass+amazonFrom), p, brand.Builtin()); a.Replay != want || !a.Aligned {
			t.Errorf("owner %s: replay %v, aligned %v", owner, a.Replay, a.Aligned)
		}
	}
}

func TestVerifiedSignatureNeedsMore(t *testing.T) {
	good := fact.Signature{Domain: "amazon.co.jp", Selector: "s", Algorithm: "rsa-sha256", KeyBits: 1024, Checked: CheckPass, BodyHash: BodyMatch, Signed: []string{"from", "subject", "date", "to"}}
	for _, c := range []struct {
		name   string
		change func(*fact.Signature)
		want   bool
	}{
		{"From, Subject and Date signed by the brand with 1024 bits", func(*fact.Signature) {}, true},
		{"another domain", func(s *fact.Signature) { s.Domain = "amazonses.com" }, false},
		{"a short key", func(s *fact.Signature) { s.KeyBits = 768 }, false},
		{"rsa-sha1", func(s *fact.Signature) { s.Algorithm = "rsa-sha1" }, false},
		{"part of the body unsigned", func(s *fact.Signature) { s.Length = true }, false},
		{"Subject unsigned", func(s *fact.Signature) { s.Signed = []string{"from", "date"} }, false},
		{"more Subject fields than signed", func(s *fact.Signature) { s.Reason = "more subject fields than signed" }, false},
		{"changed in transit", func(s *fact.Signature) { s.Checked = CheckChanged }, false},
		{"expired today but not on delivery", func(s *fact.Signature) { s.Expires = time.Date(2025, 6, 24, 0, 0, 0, 0, time.UTC) }, true},
		{"expired on delivery", func(s *fact.Signature) { s.Expires = time.Date(2025, 6, 22, 0, 0, 0, 0, time.UTC) }, false},
	} {
		f := read(ispSES + amazonFrom)
		s := good
		c.change(&s)
		f.Signatures = []fact.Signature{s}
		if a := Assess(f, &fact.Profile{}, brand.Builtin()); (a.Verified != nil) != c.want {
			t.Errorf("%s: verified %v", c.name, a.Verified != nil)
		}
	}
}

// FuzzAssess puts what a sender can write below the hop of a receiver that writes no results, and checks that it never
// reaches an aligned pass; and that with a receiver that does, no pass comes out that its own field does not hold, and the
// failure that it holds does, unless the sender broke the field.
func FuzzAssess(f *testing.F) {
	f.Add(gmailSES+gmailPass+amazonFrom, "192.0.2.66", "mail.evil.example")
	f.Add(ispPass+amazonFrom, "192.0.2.66", "[54.240.1.7]")
	f.Add("Received: from imap.gmail.com by localhost with IMAP (fetchmail-6.4); Mon, 23 Jun 2025 15:29:00 +0900\n"+gmailInner+gmailSES+gmailPass+amazonFrom, "192.0.2.66", "localhost")
	f.Add(arcSet+"ARC-Authentication-Results: i=1; mx.google.com; dmarc=pass header.from=amazon.co.jp\n"+outlookPass+amazonFrom, "192.0.2.66", "x")
	brands := brand.Builtin()
	f.Fuzz(func(t *testing.T, below, client, helo string) {
		helo = strings.Map(func(r rune) rune {
			if strings.ContainsRune(" <>()\\\";@", r) || r < ' ' || r > '~' {
				return '?'
			}
			return r
		}, helo)
		hop := "Received: from " + helo + " (unknown [192.0.2.66])\n by mx.isp.example (Postfix) with ESMTP id 1 for <owner@isp.example>; Mon, 23 Jun 2025 15:28:00 +0900\n"
		for _, p := range []*fact.Profile{{}, learned("isp.example", "", Nowhere), learned("isp.example", "mx.isp.example", Above), learned("google.com", "mx.google.com", Below)} {
			a := Assess(read(hop+below), p, brands)
			if a.Aligned || a.ARCPass || a.Verified != nil || len(a.Trusted) > 0 || a.Boundary != 0 || a.Client != "192.0.2.66" || a.Forwarder != "" {
				t.Fatalf("what the sender wrote counts: %+v", a)
			}
		}
		judged := read(hop + "Authentication-Results: mx.isp.example; spf=fail smtp.mailfrom=x@amazon.co.jp; dmarc=fail header.from=amazon.co.jp\n" + below)
		a := Assess(judged, learned("isp.example", "mx.isp.example", Below), brands)
		if a.Aligned || a.DMARC == "pass" || a.SPF == "pass" {
			t.Fatalf("the receiver's failure was overruled: %+v", a)
		}
		// A message whose header begins with the rest of a field breaks the receiver's own: then it counts for nothing.
		if broken := judged.Results[0].Defect != ""; broken && len(a.Trusted) > 0 || !broken && (a.DMARC != "fail" || a.SPF != "fail") {
			t.Fatalf("the receiver's failure is lost: %+v", a)
		}
	})
}

// TestResultBelowAnUnknownWayIsNotCalledForged: a filter's hop that is no learned way hides the boundary, not who wrote below it.
func TestResultBelowAnUnknownWayIsNotCalledForged(t *testing.T) {
	filter := "Received: from localhost (localhost [127.0.0.1]) by mx.isp.example (Postfix) with ESMTP id 2; Mon, 23 Jun 2025 15:28:01 +0900\n" +
		"Received: from mx.isp.example ([127.0.0.1]) by localhost (mx.isp.example [127.0.0.1]) (amavisd-new, port 10024) with ESMTP id 3; Mon, 23 Jun 2025 15:28:01 +0900\n"
	a := Assess(read(filter+ispPass+ispSES+amazonFrom), learned("isp.example", "mx.isp.example", Above), brand.Builtin())
	if a.Aligned || len(a.Injected) > 0 {
		t.Errorf("aligned %v, %d injected, want neither belief nor blame", a.Aligned, len(a.Injected))
	}
}
