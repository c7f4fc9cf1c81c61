package mailauth

import (
	"net/netip"
	"strings"
	"testing"
	"time"
)

var receivedCases = []struct {
	name, body                            string
	helo, rdns, client, by, with, to, utc string
}{
	{
		"Postfix", "from mail.example.com (out.example.com [192.0.2.7])\n\tby mx.example.net (Postfix) with ESMTPS id F419F4BFFD8\n\tfor <owner@example.net>; Tue, 22 Feb 2022 18:11:53 +0100 (CET)",
		"mail.example.com", "out.example.com", "192.0.2.7", "mx.example.net", "ESMTPS", "owner@example.net", "2022-02-22T17:11:53Z",
	},
	{
		"Postfix without a reverse name, the client calling itself an address of Amazon's", "from [54.240.25.2] (unknown [192.0.2.7]) by mx.example.net (Postfix) with SMTP id 1; Tue, 22 Feb 2022 18:11:53 +0100",
		"[54.240.25.2]", "", "192.0.2.7", "mx.example.net", "SMTP", "", "2022-02-22T17:11:53Z",
	},
	{
		"Postfix tells of TLS between from and by", "from a.example (a.example [IPv6:2001:db8::7]) (using TLSv1.2 with cipher X (256/256 bits)) (No client certificate requested) by mx.example.net (Postfix) with ESMTPS id 1; Tue, 22 Feb 2022 18:11:53 +0100",
		"a.example", "a.example", "2001:db8::7", "mx.example.net", "ESMTPS", "", "2022-02-22T17:11:53Z",
	},
	{
		"Sendmail, with an ident answer in the form of an address", "from a.example (IDENT:[54.240.25.2]@host.example.com [192.0.2.7]) by mx.example.net (8.15.2/8.15.2) with ESMTP id 087G for <o@example.net>; Mon, 7 Sep 2020 18:26:41 +0200",
		"a.example", "host.example.com", "192.0.2.7", "mx.example.net", "ESMTP", "o@example.net", "2020-09-07T16:26:41Z",
	},
	{
		"Sendmail says that the reverse name may be forged", "from a.example (smtp-out.amazonses.com [192.0.2.7] (may be forged)) by mx.example.net (8.15.2/8.15.2) with ESMTP id 1; Mon, 7 Sep 2020 18:26:41 +0200",
		"a.example", "", "192.0.2.7", "mx.example.net", "ESMTP", "", "2020-09-07T16:26:41Z",
	},
	{
		"Exim knows the reverse name", "from out.example.com ([192.0.2.7] helo=mail.example.com)\n by mx.example.net with esmtps\n (TLSv1.2:ECDHE-RSA-AES256-GCM-SHA384:256) (Exim 4.92.3)\n id 1msBoh-0007Te-Vm; Tue, 30 Nov 2021 22:41:40 +0000",
		"mail.example.com", "out.example.com", "192.0.2.7", "mx.example.net", "esmtps", "", "2021-11-30T22:41:40Z",
	},
	{
		"Exim does not know it", "from [192.0.2.7] (helo=[54.240.25.2]) by mx.example.net with esmtp (Exim 4.94.2) (envelope-from <a@example.com>) id 1nMYhc-0006hH-RZ; Tue, 22 Feb 2022 17:11:51 +0000",
		"[54.240.25.2]", "", "192.0.2.7", "mx.example.net", "esmtp", "", "2022-02-22T17:11:51Z",
	},
	{
		"Exim, HELO equal to the address", "from [192.0.2.7] by mx.example.net with esmtp (Exim 4.94.2) id 1; Tue, 22 Feb 2022 17:11:51 +0000",
		"[192.0.2.7]", "", "192.0.2.7", "mx.example.net", "esmtp", "", "2022-02-22T17:11:51Z",
	},
	{
		"an address literal in HELO is not the client's address where the server wrote none", "from [54.240.25.2] by mx.example.net with SMTP; Tue, 22 Feb 2022 17:11:51 +0000",
		"[54.240.25.2]", "", "", "mx.example.net", "SMTP", "", "2022-02-22T17:11:51Z",
	},
	{
		"qmail", "from unknown (HELO sas-mail.example.com) (192.0.2.7)\n  by mail0.example.net with SMTP; 14 Jun 2002 19:55:17 -0000",
		"sas-mail.example.com", "", "192.0.2.7", "mail0.example.net", "SMTP", "", "2002-06-14T19:55:17Z",
	},
	{
		"qmail, HELO in the form of an address of Amazon's", "from host.example.com (HELO [54.240.25.2]) (192.0.2.7) by mail0.example.net with SMTP; 14 Jun 2002 19:55:17 -0000",
		"[54.240.25.2]", "host.example.com", "192.0.2.7", "mail0.example.net", "SMTP", "", "2002-06-14T19:55:17Z",
	},
	{
		"Yahoo! JAPAN", "from 192.0.2.7  (EHLO out.example.com) (192.0.2.7)\n  by mta706.mail.djm.yahoo.co.jp with SMTP; Thu, 08 Apr 2021 14:29:41 +0900",
		"out.example.com", "", "192.0.2.7", "mta706.mail.djm.yahoo.co.jp", "SMTP", "", "2021-04-08T05:29:41Z",
	},
	{
		"Yahoo", "from 192.0.2.7 (EHLO out.example.com)\n by 10.217.151.75 with SMTPs\n (version=TLS1_2 cipher=X); Thu, 08 Apr 2021 05:29:41 +0000",
		"out.example.com", "", "192.0.2.7", "10.217.151.75", "SMTPs", "", "2021-04-08T05:29:41Z",
	},
	{
		"Gmail", "from out.example.com (rev.example.com. [192.0.2.7])\r\n        by mx.google.com with ESMTPS id ffacd0b85a97d-3a6d0f1d26esi\r\n        for <owner@gmail.com>\r\n        (version=TLS1_3 cipher=TLS_AES_128_GCM_SHA256 bits=128/128);\r\n        Sun, 22 Jun 2025 23:27:59 -0700 (PDT)",
		"out.example.com", "rev.example.com", "192.0.2.7", "mx.google.com", "ESMTPS", "owner@gmail.com", "2025-06-23T06:27:59Z",
	},
	{
		"Gmail inside", "by 2002:ac4:998a:0:b0:724:a2d2:997f with SMTP id bb10csp2334104pib;\r\n        Sun, 22 Jun 2025 23:28:00 -0700 (PDT)",
		"", "", "", "2002:ac4:998a:0:b0:724:a2d2:997f", "SMTP", "", "2025-06-23T06:28:00Z",
	},
	{
		"Microsoft writes HELO and the address", "from mail-yw1-f173.google.com (209.85.128.173) by\n DM6NAM12FT005.mail.protection.outlook.com (10.13.178.111) with Microsoft SMTP\n Server (version=TLS1_3, cipher=X) id 15.20.7495.12 via\n Frontend Transport; Thu, 11 Apr 2024 09:56:08 +0000",
		"mail-yw1-f173.google.com", "", "209.85.128.173", "dm6nam12ft005.mail.protection.outlook.com", "Microsoft SMTP Server", "", "2024-04-11T09:56:08Z",
	},
	{
		"Microsoft inside", "from BN9PR03CA0509.namprd03.prod.outlook.com (2603:10b6:408:130::34)\n by MN6PR10MB7489.namprd10.prod.outlook.com (2603:10b6:208:478::6) with\n Microsoft SMTP Server (version=TLS1_2) id 15.20.9520.5; Wed, 14 Jan\n 2026 09:57:44 +0000",
		"BN9PR03CA0509.namprd03.prod.outlook.com", "", "2603:10b6:408:130::34", "mn6pr10mb7489.namprd10.prod.outlook.com", "Microsoft SMTP Server", "", "2026-01-14T09:57:44Z",
	},
	{
		"Exchange hands in", "from SA0PR04MB7370.namprd04.prod.outlook.com\n ([fe80::6be0:2de4:9316:c0fb]) by SA0PR04MB7370.namprd04.prod.outlook.com\n ([fe80::6be0:2de4:9316:c0fb%9]) with mapi id 15.20.5986.023; Mon, 16 Jan 2023\n 17:03:54 +0000",
		"SA0PR04MB7370.namprd04.prod.outlook.com", "", "fe80::6be0:2de4:9316:c0fb", "sa0pr04mb7370.namprd04.prod.outlook.com", "mapi", "", "2023-01-16T17:03:54Z",
	},
	{
		"nifty's software puts the address next to HELO", "from e242-10.smtp-out.example.com([192.0.2.10])\n    by ifmta666-pr.im.example.ne.jp with ESMTP\n    id <20241206015107391.RGLW@imta666.example.ne.jp>\n    for <o@example.ne.jp>; Fri, 6 Dec 2024 10:51:07 +0900",
		"e242-10.smtp-out.example.com", "", "192.0.2.10", "ifmta666-pr.im.example.ne.jp", "ESMTP", "o@example.ne.jp", "2024-12-06T01:51:07Z",
	},
	{
		"old GMX puts the address outside the comment", "from host.example.com (EHLO box.local) [192.0.2.7]\n  by mail.gmx.net (mp006) with SMTP; 27 Jun 2008 14:26:45 +0200",
		"box.local", "host.example.com", "192.0.2.7", "mail.gmx.net", "SMTP", "", "2008-06-27T12:26:45Z",
	},
	{
		"Zmailer quotes HELO behind the address", `from mail.example.com ([192.0.2.7]:40876 "HELO [54.240.25.2]" rhost-flags-OK-OK-OK-OK) by vger.example.org with SMTP id S1; Tue, 20 Oct 2009 23:06:09 -0400`,
		"mail.example.com", "", "192.0.2.7", "vger.example.org", "SMTP", "", "2009-10-21T03:06:09Z",
	},
	{
		"Amazon's own Farcaster", "from EX19.ant.amazon.com [54.240.197.226:2712]\n by smtpin.farcaster.email.amazon.dev [10.0.15.203:2525]\n with esmtp (Farcaster)\n id 3b019c0e; Tue, 21 Oct 2025 07:09:31 +0000 (UTC)",
		"EX19.ant.amazon.com", "", "54.240.197.226", "smtpin.farcaster.email.amazon.dev", "esmtp", "", "2025-10-21T07:09:31Z",
	},
	{
		"fetchmail", "from mail.example.com [192.0.2.7]\n        by localhost with POP3 (fetchmail-5.9.0)\n        for o@localhost (single-drop); Fri, 14 Jun 2002 15:55:42 -0400 (EDT)",
		"mail.example.com", "", "192.0.2.7", "localhost", "POP3 (fetchmail-5.9.0)", "o@localhost", "2002-06-14T19:55:42Z",
	},
	{
		"Gmail's interface", "from 1073 named unknown by gmailapi.google.com with HTTPREST; Sun, 22 Jun 2025 23:28:00 -0700",
		"1073", "", "", "gmailapi.google.com", "HTTPREST", "", "2025-06-23T06:28:00Z",
	},
	{
		"an envelope sender whose quoted local part ends the comment, has a date and clauses: it is text", "from vps.evil.example ([192.0.2.66] helo=x)\n by mx.example.net with esmtps (TLS1.3) tls TLS_AES_256_GCM_SHA384\n (Exim 4.97)\n (envelope-from <\"x) ; Mon, 1 Jan 2024 00:00:00 +0000 (fetchmail-6.4) for me@example.net with POP3 (y\"@evil.example>)\n id 1 for o@example.net; Sun, 22 Jun 2025 23:28:00 -0700",
		"x", "vps.evil.example", "192.0.2.66", "mx.example.net", "esmtps tls TLS_AES_256_GCM_SHA384", "o@example.net", "2025-06-23T06:28:00Z",
	},
	{
		"Exim names no HELO that is the host's own name", "from a1-7.smtp-out.example ([192.0.2.7])\n by mx.example.net with esmtps (TLS1.3) tls TLS_AES_256_GCM_SHA384\n (Exim 4.97)\n (envelope-from <a@example.com>)\n id 1 for o@example.net; Sun, 22 Jun 2025 23:28:00 -0700",
		"a1-7.smtp-out.example", "a1-7.smtp-out.example", "192.0.2.7", "mx.example.net", "esmtps tls TLS_AES_256_GCM_SHA384", "o@example.net", "2025-06-23T06:28:00Z",
	},
	{
		"a name in a certificate that looks like an address", "from x (mail.evil.example [192.0.2.66])\n (using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))\n (Client CN \"a [54.240.1.7]\", Issuer \"b [54.240.1.7]\" (not verified))\n by mx.example.net (Postfix) with ESMTPS id 1; Sun, 22 Jun 2025 23:28:00 -0700",
		"x", "mail.evil.example", "192.0.2.66", "mx.example.net", "ESMTPS", "", "2025-06-23T06:28:00Z",
	},
	{
		"two by-clauses: no server wrote this whole", "from a.example by mx.google.com by mx.example.net with SMTP; Sun, 22 Jun 2025 23:28:00 -0700",
		"a.example", "", "", "", "", "", "2025-06-23T06:28:00Z",
	},
	{
		"a by-clause inside a comment is none, and of two addresses nobody knows which is the server's", "from a.example (by mx.google.com [54.240.25.2]; x) (b.example [192.0.2.7]) by mx.example.net with SMTP; Sun, 22 Jun 2025 23:28:00 -0700",
		"a.example", "", "", "mx.example.net", "SMTP", "", "2025-06-23T06:28:00Z",
	},
	{
		"an ident answer that looks like an address", "from [203.0.113.77] (ident=[54.240.27.11] helo=x) by mx.example.net with smtp (Exim 4.80) id 1; Sun, 22 Jun 2025 23:28:00 -0700",
		"[203.0.113.77]", "", "203.0.113.77", "mx.example.net", "smtp", "", "2025-06-23T06:28:00Z",
	},
	{
		"the name in a client's certificate", "from x (unknown [203.0.113.77]) (using TLSv1.3) (Client CN \"y\") (amazonses.com [54.240.27.11]) by mx.example.net (Postfix) with ESMTPS; Sun, 22 Jun 2025 23:28:00 -0700",
		"x", "", "", "mx.example.net", "ESMTPS", "", "2025-06-23T06:28:00Z",
	},
	{
		"an envelope sender that looks like a comment of fetchmail", "from x ([203.0.113.77]) by mx.example.net with esmtp (Exim 4.96) (envelope-from <\"x) (fetchmail-6.4\"@evil.example>) id 1; Sun, 22 Jun 2025 23:28:00 -0700",
		"x", "", "203.0.113.77", "mx.example.net", "esmtp", "", "2025-06-23T06:28:00Z",
	},
	{
		"a message that begins with white space continues the field: what it says of protocols counts for nothing", "from a.example (b.example [192.0.2.7]) by mx.example.net with SMTP id 1; Sun, 22 Jun 2025 23:28:00 -0700\n by localhost with POP3 (fetchmail-6.4) for <x@example.org>; Sun, 22 Jun 2025 23:28:00 -0700",
		"a.example", "b.example", "192.0.2.7", "mx.example.net", "SMTP", "", "2025-06-23T06:28:00Z",
	},
	{"qmail inside", "(qmail 32249 invoked by uid 1002); 14 Jun 2002 19:55:17 -0000", "", "", "", "", "", "", "2002-06-14T19:55:17Z"},
	{"nothing", "", "", "", "", "", "", "", "0001-01-01T00:00:00Z"},
}

func TestParseReceived(t *testing.T) {
	for _, c := range receivedCases {
		h := ParseReceived(c.body)
		got := [...]string{h.Helo, h.RDNS, h.Client, h.By, h.With, h.For, h.Time.UTC().Format(time.RFC3339)}
		want := [...]string{c.helo, c.rdns, c.client, c.by, c.with, c.to, c.utc}
		if got != want {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, want)
		}
	}
}

// FuzzParseReceived checks that what a hop claims is in the field, and that HELO is never taken for the client: the
// address literal that the fuzzer's server was greeted with never comes out as the client's address.
func FuzzParseReceived(f *testing.F) {
	for _, c := range receivedCases {
		f.Add(c.body, "x")
	}
	f.Add("from H (r.example [192.0.2.7]) by mx.example.net (Postfix) with SMTP id 1; Tue, 22 Feb 2022 18:11:53 +0100", "[54.240.25.2]")
	f.Fuzz(func(t *testing.T, body, helo string) {
		h := ParseReceived(body)
		if h.Client != "" {
			if _, err := netip.ParseAddr(h.Client); err != nil {
				t.Fatalf("client %q is no address", h.Client)
			}
		}
		if h.RDNS != "" && !strings.Contains(strings.ToLower(body), h.RDNS) {
			t.Fatalf("reverse name %q is not in the field", h.RDNS)
		}
		if len(h.Raw) > maxTraceRaw || len(h.By) > maxValue {
			t.Fatal("bounds are not kept")
		}
		// Postfix writes a HELO without the characters that mean something (smtpd.c, neuter).
		helo = strings.Map(func(r rune) rune {
			if strings.ContainsRune(" <>()\\\";@", r) || r < ' ' || r > '~' {
				return '?'
			}
			return r
		}, helo)
		if helo == "" || len(helo) > 255 {
			return
		}
		h = ParseReceived("from " + helo + " (unknown [192.0.2.7]) by mx.example.net (Postfix) with ESMTP id 1; Tue, 22 Feb 2022 18:11:53 +0100")
		if h.Client != "192.0.2.7" || h.RDNS != "" {
			t.Fatalf("HELO %q: client %q, reverse name %q", helo, h.Client, h.RDNS)
		}
	})
}
