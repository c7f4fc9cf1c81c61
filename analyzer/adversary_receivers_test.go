package analyzer_test

import (
	"fmt"
	"strings"
	"time"
)

// client is who handed a message to a receiver, as far as the receiver sees it.
type client struct{ helo, rdns, ip, from string }

// checks are what a receiver's filters find in a message.
type checks struct{ dkim, spf, dmarc, signer, author string }

// arrival is one delivery.
type arrival struct {
	client
	checks
	at time.Time
	n  int // counts messages: makes queue ids
}

// receiver models what a provider or a mail program puts on top of a message. The forms are those of real headers and of
// recordings in mailauth/testdata/received, with invented hosts. They are not made from the parser under test.
type receiver struct {
	name, like string // like says what header was copied
	id         string // authserv-id, "" for none
	above      bool   // results stand above the receiver's own Received field
	silent     bool   // writes no results
	hop        string // template, see fill
	result     string // template, may be several fields
	over       string // hops above: fetching programs, filters, delivery
}

const owner = "owner@own.example"

// fill puts the facts of an arrival into a template.
func (a *arrival) fill(s string) string {
	rdns := a.rdns
	if rdns == "" {
		rdns = "unknown"
	}
	exim := fmt.Sprintf("from %s\n\t([%s] helo=%s)", a.rdns, a.ip, a.helo)
	if a.rdns == "" {
		exim = fmt.Sprintf("from [%s] (helo=%s)", a.ip, a.helo)
	}
	return strings.NewReplacer("{helo}", a.helo, "{rdns}", rdns, "{ip}", a.ip, "{from}", a.from, "{n}", fmt.Sprintf("%06X", a.n),
		"{date}", a.at.Format("Mon, 02 Jan 2006 15:04:05 -0700"), "{dkim}", a.dkim, "{spf}", a.spf, "{dmarc}", a.dmarc,
		"{signer}", a.signer, "{author}", a.author, "{exim}", exim, "{fromdomain}", a.from[strings.LastIndexByte(a.from, '@')+1:]).Replace(s)
}

const (
	postfixHop = "Received: from {helo} ({rdns} [{ip}])\n\tby mx.own.example (Postfix) with ESMTPS id 4{n}Z1x\n\tfor <" + owner + ">; {date}\n"
	eximHop    = "Received: {exim}\n\tby mx.own.example with esmtps (Exim 4.96)\n\t(envelope-from <{from}>)\n\tid 1xYDh2-{n}-04\n\tfor " + owner + ";\n\t{date}\n"
	gmailTop   = "Received: from {helo} ({rdns}. [{ip}])\n        by mx.google.com with ESMTPS id ab12si{n}pgi.90\n        for <" + owner + ">;\n        {date}\n"
	gmailField = "Authentication-Results: mx.google.com;\n       dkim={dkim} header.i=@{signer} header.s=sel header.b=AbCdEfGh;\n" +
		"       spf={spf} (google.com: domain of {from} designates {ip} as permitted sender) smtp.mailfrom={from};\n       dmarc={dmarc} (p=QUARANTINE sp=QUARANTINE dis=NONE) header.from={author}\n"
	localHop = "Received: from localhost (localhost [127.0.0.1])\n\tby mx.own.example (Postfix) with ESMTP id 5{n}\n\tfor <" + owner + ">; {date}\n"
)

func oneField(id string) string {
	return "Authentication-Results: " + id + ";\n\tdkim={dkim} header.d={signer} header.s=sel;\n\tspf={spf} smtp.mailfrom={from};\n\tdmarc={dmarc} header.from={author}\n"
}

var adversaryReceivers = []receiver{
	{name: "gmail", like: "public header, 2025", id: "mx.google.com", hop: gmailTop, result: gmailField},
	{name: "outlook", like: "public header, 2024", above: true,
		hop:    "Received: from {helo} ({ip}) by\n BN8NAM11FT022.mail.protection.outlook.com (10.13.176.112) with Microsoft SMTP Server\n (version=TLS1_2, cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id\n 15.20.6178.{n} via Frontend Transport; {date}\n",
		result: "Authentication-Results: spf={spf} (sender IP is {ip})\n smtp.mailfrom={fromdomain}; dkim={dkim} (signature was verified)\n header.d={signer};dmarc={dmarc} action=none header.from={author};compauth=pass reason=100\n"},
	{name: "yahoo-japan", like: "public header, 2021", id: "mta706.mail.djm.yahoo.co.jp", above: true,
		hop:    "Received: from {ip}  (EHLO {helo}) ({ip})\n  by mta706.mail.djm.yahoo.co.jp with SMTP; {date}\n",
		result: "Authentication-Results: mta706.mail.djm.yahoo.co.jp  from={author}; domainkeys=neutral (no sig);  from={author}; dkim={dkim} (ok); header.i=@{signer};  dmarc={dmarc} header.from={author}\n"},
	{name: "yahoo", like: "public header, 2023", id: "atlas-production.v2-mail-prod1-gq1.omega.yahoo.com", above: true,
		hop:    "Received: from {ip} (EHLO {helo})\n by 10.217.151.75 with SMTPs\n (version=TLS1_2 cipher=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256);\n {date}\n",
		result: "Authentication-Results: atlas-production.v2-mail-prod1-gq1.omega.yahoo.com;\n dkim={dkim} header.i=@{signer} header.s=sel;\n spf={spf} smtp.mailfrom={fromdomain};\n dmarc={dmarc}(p=QUARANTINE) header.from={author};\n"},
	{name: "icloud", like: "public header, 2024", id: "dmarc.icloud.com",
		hop:    "Received: from {helo} ({rdns} [{ip}])\n\tby p00-icloudmta-smtpin-us-west-3a-100-percent-4 (Postfix) with ESMTPS id 3{n}\n\tfor <" + owner + ">; {date}\n",
		result: "Authentication-Results: bimi.icloud.com; bimi=none\nAuthentication-Results: dmarc.icloud.com; dmarc={dmarc} header.from={author}\nAuthentication-Results: dkim-verifier.icloud.com;\n\tdkim={dkim} header.d={signer} header.i=@{signer}\nAuthentication-Results: spf.icloud.com; spf={spf} (spf.icloud.com: domain of {from} designates {ip} as permitted sender) smtp.mailfrom={from}\n"},
	{name: "fastmail", like: "public header, 2024", id: "mx6.messagingengine.com", above: true,
		hop:    "Received: from {helo} ({rdns} [{ip}])\n\tby mx6.messagingengine.com (Postfix) with ESMTPS id 9{n}\n\tfor <" + owner + ">; {date}\n",
		result: "Authentication-Results: mx6.messagingengine.com;\n    dkim={dkim} (2048-bit rsa key sha256) header.d={signer} header.s=sel;\n    dmarc={dmarc} policy.published-domain-policy=quarantine header.from={author};\n    spf={spf} smtp.mailfrom={from} smtp.helo={helo}\n"},
	{name: "nifty", like: "public header, 2024", id: "nifty.com",
		hop:    "Received: from {helo}([{ip}]) by mta-fe.mail.nifty.com\n          with ESMTP id <20260203120506.{n}@mta-fe.mail.nifty.com>\n          for <" + owner + ">; {date}\n",
		result: "Authentication-Results: nifty.com; spf={spf} smtp.mailfrom={from}; sender-id={spf} header.From=a@{author}; dkim={dkim} header.i=@{signer}; dmarc={dmarc} header.from={author}\n"},
	{name: "gmx", like: "public header, 2023", id: "gmx.net", above: true,
		hop:    "Received: from {rdns} (EHLO {helo}) [{ip}] by mx-ha.gmx.net (mxgmx015\n [212.227.15.9]) with ESMTPS (Nemesis) id 1{n} for\n <" + owner + ">; {date}\n",
		result: oneField("gmx.net")},
	{name: "proton", like: "public header, 2023", id: "mail0.protonmail.ch",
		hop:    "Received: from {helo} ({rdns} [{ip}]) (using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)) (No client certificate requested) by mailin0.protonmail.ch (Postfix) with ESMTPS id 4{n} for <" + owner + ">; {date}\n",
		result: "Authentication-Results: mail0.protonmail.ch; dmarc={dmarc} (p=quarantine dis=none)\n header.from={author}\nAuthentication-Results: mail0.protonmail.ch; spf={spf} smtp.mailfrom={fromdomain}\nAuthentication-Results: mail0.protonmail.ch; dkim={dkim} header.d={signer}\n"},
	{name: "postfix-rspamd", like: "rspamd's milter, 2023", id: "mx.own.example", above: true, hop: postfixHop, result: oneField("mx.own.example")},
	{name: "postfix-opendmarc", like: "OpenDKIM and OpenDMARC as milters, 2022", id: "mx.own.example", above: true, hop: postfixHop,
		result: "Authentication-Results: mx.own.example; dmarc={dmarc} (p=quarantine dis=none) header.from={author}\nAuthentication-Results: mx.own.example; spf={spf} smtp.mailfrom={from}\nAuthentication-Results: mx.own.example;\n\tdkim={dkim} (1024-bit key; unprotected) header.d={signer} header.i=@{signer}\n"},
	{name: "postfix-below", like: "milter that appends, 2021", id: "mx.own.example", hop: postfixHop, result: oneField("mx.own.example")},
	{name: "exim-authresults", like: "Exim's authresults in add_header, 2024", id: "mx.own.example", above: true, hop: eximHop, result: oneField("mx.own.example")},
	{name: "exim-below", like: "Exim, add_header :after_received:, 2024", id: "mx.own.example", hop: eximHop, result: oneField("mx.own.example")},
	{name: "sendmail", like: "sendmail 8.17 with milters, 2023", id: "mx.own.example", above: true,
		hop:    "Received: from {helo} ({rdns} [{ip}])\n\tby mx.own.example (8.17.1/8.17.1) with ESMTPS id 31{n}\n\tfor <" + owner + ">; {date}\n",
		result: oneField("mx.own.example")},
	{name: "opensmtpd", like: "OpenSMTPD with a filter, 2023", id: "mx.own.example", above: true,
		hop:    "Received: from {helo} ({rdns} [{ip}])\n\tby mx.own.example (OpenSMTPD) with ESMTPS id {n} (TLSv1.3:TLS_AES_256_GCM_SHA384:256:NO)\n\tfor <" + owner + ">;\n\t{date}\n",
		result: oneField("mx.own.example")},
	{name: "zoho", like: "public header, 2023", id: "mx.zohomail.com", above: true,
		hop: "Received: from {helo} ({rdns} [{ip}]) by mx.zohomail.com\n\twith SMTPS id 17{n}; {date}\n", result: oneField("mx.zohomail.com")},
	{name: "amavis", like: "Postfix with amavis, 2022", id: "mx.own.example", above: true, hop: postfixHop, result: oneField("mx.own.example"),
		over: localHop + "Received: from mx.own.example ([127.0.0.1])\n\tby localhost (mx.own.example [127.0.0.1]) (amavisd-new, port 10024)\n\twith ESMTP id x{n}; {date}\n"},
	{name: "gmail-by-fetchmail", like: "fetchmail 6.4, 2024", id: "mx.google.com", hop: gmailTop, result: gmailField,
		over: "Received: from imap.gmail.com [198.51.100.40]\n\tby home.own.example with IMAP (fetchmail-6.4.37)\n\tfor <me@localhost> (single-drop); {date}\n"},
	{name: "gmx-by-getmail", like: "getmail6, 2024", id: "gmx.net", above: true,
		hop:    "Received: from {rdns} (EHLO {helo}) [{ip}] by mx-ha.gmx.net (mxgmx015\n [212.227.15.9]) with ESMTPS (Nemesis) id 1{n} for\n <" + owner + ">; {date}\n",
		result: oneField("gmx.net"), over: "Received: from unknown by home.own.example with POP3 (getmail6 6.18.13)\n\tid {n}; {date}\n"},
	{name: "postfix-silent", like: "Postfix 3.7, recorded", silent: true, hop: postfixHop},
	{name: "exim-silent", like: "Exim 4.96, recorded", silent: true, hop: eximHop},
	{name: "qmail-silent", like: "public header, 2002", silent: true, hop: "Received: from {rdns} (HELO {helo}) ({ip})\n  by mx.own.example with SMTP; {date}\n"},
}

// deliver puts what the receiver writes above a message.
func (r *receiver) deliver(a *arrival, missing bool, text string) string {
	result := r.result
	if missing || r.silent {
		result = ""
	}
	top := a.fill(r.hop) + a.fill(result)
	if r.above {
		top = a.fill(result) + a.fill(r.hop)
	}
	return "Delivered-To: " + owner + "\n" + a.fill(r.over) + top + text
}
