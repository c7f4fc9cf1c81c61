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

// receiver models what a provider or a mail program puts on top of a message, with invented hosts. Where like says
// "recorded" or "published" the form was compared with such a header, field by field; where it says "from memory" it is how we
// remember one, and a hole in it may be a hole in the model.
type receiver struct {
	name, like string
	id         string // authserv-id, "" for none
	above      bool   // results stand above the receiver's own Received field
	silent     bool   // writes no results
	last       bool   // results stand at the end of the header
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
	gmxHop       = "Received: from {helo} ([{ip}]) by mx-ha.gmx.net (mxgmx114\n [212.227.17.5]) with ESMTPS (Nemesis) id 1{n} for\n <" + owner + ">; {date}\n"
	gmxField     = "Authentication-Results: gmx.net; dkim={dkim} header.i=@{signer}\n"
	fetchmailHop = "Received: from imap.gmail.com [198.51.100.40]\n\tby home.own.example with IMAP (fetchmail-6.4.37)\n\tfor <me@localhost> (single-drop); {date}\n"
	localHop     = "Received: from localhost (localhost [127.0.0.1])\n\tby mx.own.example (Postfix) with ESMTP id 5{n}\n\tfor <" + owner + ">; {date}\n"
)

func oneField(id string) string {
	return "Authentication-Results: " + id + ";\n\tdkim={dkim} header.d={signer} header.s=sel;\n\tspf={spf} smtp.mailfrom={from};\n\tdmarc={dmarc} header.from={author}\n"
}

var adversaryReceivers = []receiver{
	{name: "gmail", like: "published header, 2021", id: "mx.google.com", hop: gmailTop, result: "Received-SPF: {spf} (google.com: domain of {from} designates {ip} as permitted sender) client-ip={ip};\n" + gmailField,
		over: "Received: by 2002:ac2:5293:0:0:0:0:0 with SMTP id q19csp{n}lfm;\n        {date}\nReturn-Path: <{from}>\n"},
	{name: "outlook", like: "published header, 2026", above: true,
		over:   "Received: from MN6PR10MB7489.namprd10.prod.outlook.com (::1) by\n MW4PR10MB5749.namprd10.prod.outlook.com with HTTPS; {date}\nReceived: from BN9PR03CA0509.namprd03.prod.outlook.com (2603:10b6:408:130::34)\n by MN6PR10MB7489.namprd10.prod.outlook.com (2603:10b6:208:478::6) with\n Microsoft SMTP Server (version=TLS1_2,\n cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id 15.20.9520.5; {date}\nReceived: from BN1PEPF0000468C.namprd05.prod.outlook.com\n (2603:10b6:408:130:cafe::80) by BN9PR03CA0509.outlook.office365.com\n (2603:10b6:408:130::34) with Microsoft SMTP Server (version=TLS1_3,\n cipher=TLS_AES_256_GCM_SHA384) id 15.20.9520.4 via Frontend Transport; {date}\n",
		hop:    "Received-SPF: {spf} (protection.outlook.com: domain of {fromdomain} designates\n {ip} as permitted sender) receiver=protection.outlook.com;\n client-ip={ip}; helo={helo};\n pr=C\nReceived: from {helo} ({ip}) by\n BN1PEPF0000468C.mail.protection.outlook.com (10.167.243.137) with Microsoft\n SMTP Server (version=TLS1_3, cipher=TLS_AES_256_GCM_SHA384) id 15.20.9520.1\n via Frontend Transport; {date}\n",
		result: "Authentication-Results: spf={spf} (sender IP is {ip})\n smtp.mailfrom={fromdomain}; dkim={dkim} (signature was verified)\n header.d={signer};dmarc={dmarc} action=none\n header.from={author};compauth=pass reason=100\n"},
	{name: "yahoo-japan", like: "published results, hop from memory", id: "mta706.mail.djm.yahoo.co.jp", above: true,
		hop:    "Received: from {ip}  (EHLO {helo}) ({ip})\n  by mta706.mail.djm.yahoo.co.jp with SMTP; {date}\n",
		result: "Authentication-Results: mta706.mail.djm.yahoo.co.jp  from={author}; domainkeys=neutral (no sig);  from={author}; dkim={dkim} (ok); header.i=@{signer};  dmarc={dmarc} header.from={author}\n"},
	{name: "yahoo", like: "from memory", id: "atlas-production.v2-mail-prod1-gq1.omega.yahoo.com", above: true,
		hop:    "Received: from {ip} (EHLO {helo})\n by 10.217.151.75 with SMTPs\n (version=TLS1_2 cipher=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256);\n {date}\n",
		result: "Authentication-Results: atlas-production.v2-mail-prod1-gq1.omega.yahoo.com;\n dkim={dkim} header.i=@{signer} header.s=sel;\n spf={spf} smtp.mailfrom={fromdomain};\n dmarc={dmarc}(p=QUARANTINE) header.from={author};\n"},
	{name: "icloud", like: "published header, 2023", id: "dmarc.icloud.com",
		hop:    "Received: from {helo} ({rdns} [{ip}])\n\tby st43p00im-qukt05021701.me.com (Postfix) with ESMTPS id EC{n}\n\tfor <" + owner + ">; {date} (UTC)\n",
		result: "Authentication-Results: bimi.icloud.com; bimi=none\nX-ARC-Info: policy=fail; arc=none\nAuthentication-Results: arc.icloud.com; arc=none\nAuthentication-Results: dmarc.icloud.com; dmarc={dmarc} header.from={author}\nX-DMARC-Info: pass=pass; dmarc-policy=quarantine\nAuthentication-Results: dkim-verifier.icloud.com;\n\tdkim={dkim} (1024-bit key) header.d={signer} header.i=@{signer} header.b=SB8S0d6H\nAuthentication-Results: spf.icloud.com; spf={spf} (spf.icloud.com: domain of {from} designates {ip} as permitted sender) smtp.mailfrom={from}\n"},
	{name: "fastmail", like: "published results, place and hop from memory", id: "mx6.messagingengine.com", above: true,
		hop:    "Received: from {helo} ({rdns} [{ip}])\n\tby mx6.messagingengine.com (Postfix) with ESMTPS id 9{n}\n\tfor <" + owner + ">; {date}\n",
		result: "Authentication-Results: mx6.messagingengine.com;\n    x-csa=none;\n    x-me-sender=none;\n    x-ptr=pass smtp.helo={helo}\n      policy.ptr={helo}\nAuthentication-Results: mx6.messagingengine.com;\n    arc=none (no signatures found)\nAuthentication-Results: mx6.messagingengine.com;\n    dkim={dkim} (2048-bit rsa key sha256) header.d={signer}\n      header.i=@{signer} header.b=hr44hXYS header.a=rsa-sha256\n      header.s=sel x-bits=2048;\n    dmarc={dmarc} policy.published-domain-policy=quarantine\n      (p=quarantine,d=none,d.eval=none) policy.policy-from=p\n      header.from={author};\n    iprev=pass smtp.remote-ip={ip} ({helo});\n    spf={spf} smtp.mailfrom={from}\n      smtp.helo={helo}\n"},
	{name: "nifty", like: "published header, 2024", id: "nifty.com",
		hop:    "Received: from {helo}([{ip}]) by mta-fe.mail.nifty.com\n          with ESMTP id <20260203120506.{n}@mta-fe.mail.nifty.com>\n          for <" + owner + ">; {date}\n",
		result: "Authentication-Results: nifty.com; spf={spf}\n\t smtp.mailfrom={from}; sender-id={spf}\n\t header.From=a@{author}; dkim={dkim} header.i=@{signer};\n\t dmarc={dmarc} header.from={author}\n"},
	{name: "provider-last", like: "published header of a Japanese provider, 2024", id: "mx.own.example", last: true,
		hop:    "Received: from {helo}([{ip}])\n    by ifmta666-pr.im.own.example with ESMTP\n    id <2026020312.RGLW.{n}.{helo}@imta666.own.example>\n    for <" + owner + ">; {date}\n",
		result: "Authentication-Results: mx.own.example; spf={spf}\n    smtp.mailfrom={from};\n    sender-id={spf} header.From=a@{author}; dkim={dkim} header.i=@{signer}; dmarc={dmarc} header.from={author}\n"},
	{name: "gmx", like: "published header, 2022; GMX writes of DKIM alone", id: "gmx.net", above: true, hop: gmxHop, result: gmxField},
	{name: "proton-2017", like: "published header, 2017", id: "mail5i.protonmail.ch",
		hop:    "Received: from {helo} ({rdns}\n [{ip}]) (using TLSv1 with cipher ECDHE-RSA-AES128-SHA (128/128 bits)) (No\n client certificate requested) by mail5i.protonmail.ch (Postfix) with ESMTPS id 8{n}\n for <" + owner + ">; {date} (EDT)\n",
		result: "Authentication-Results: mail5i.protonmail.ch; dmarc={dmarc} (p=quarantine dis=none)\n header.from={author}\nAuthentication-Results: mail5i.protonmail.ch; spf={spf}\n smtp.mailfrom={from}\nAuthentication-Results: mail5i.protonmail.ch; dkim={dkim} (1024-bit key)\n header.d={signer} header.i=@{signer} header.b=\"eVI5Ulpc\"\n"},
	{name: "proton-2023", like: "published header, 2023", id: "mailin022.protonmail.ch", above: true,
		hop:    "Received: from {helo} ({rdns} [{ip}]) (using TLSv1.3 with\n cipher TLS_AES_256_GCM_SHA384 (256/256 bits)\n  key-exchange X25519 server-signature RSA-PSS (4096 bits)) (No client certificate\n requested) by mailin022.protonmail.ch (Postfix) with ESMTPS id 4{n} for\n <" + owner + ">; {date} (UTC)\n",
		result: "Authentication-Results: mailin022.protonmail.ch; dkim={dkim} (Good 2048\n    bit rsa-sha256 signature) header.d={signer} header.a=rsa-sha256\nAuthentication-Results: mailin022.protonmail.ch; dmarc={dmarc} (p=none dis=none)\n header.from={author}\nAuthentication-Results: mailin022.protonmail.ch; spf={spf} smtp.mailfrom={fromdomain}\nAuthentication-Results: mailin022.protonmail.ch; arc=none smtp.remote-ip={ip}\n"},
	{name: "postfix-rspamd", like: "hop recorded (Postfix 3.7), results from memory", id: "mx.own.example", above: true, hop: postfixHop, result: oneField("mx.own.example")},
	{name: "postfix-opendmarc", like: "hop recorded (Postfix 3.7), results of OpenDKIM and OpenDMARC from memory", id: "mx.own.example", above: true, hop: postfixHop,
		result: "Authentication-Results: mx.own.example; dmarc={dmarc} (p=quarantine dis=none) header.from={author}\nAuthentication-Results: mx.own.example; spf={spf} smtp.mailfrom={from}\nAuthentication-Results: mx.own.example;\n\tdkim={dkim} (1024-bit key; unprotected) header.d={signer} header.i=@{signer}\n"},
	{name: "postfix-below", like: "hop recorded (Postfix 3.7), a milter that appends from memory", id: "mx.own.example", hop: postfixHop, result: oneField("mx.own.example")},
	{name: "exim-authresults", like: "hop recorded (Exim 4.96), results from memory", id: "mx.own.example", above: true, hop: eximHop, result: oneField("mx.own.example")},
	{name: "exim-below", like: "hop recorded (Exim 4.96), add_header = :after_received: from memory", id: "mx.own.example", hop: eximHop, result: oneField("mx.own.example")},
	{name: "sendmail", like: "from memory", id: "mx.own.example", above: true,
		hop:    "Received: from {helo} ({rdns} [{ip}])\n\tby mx.own.example (8.17.1/8.17.1) with ESMTPS id 31{n}\n\tfor <" + owner + ">; {date}\n",
		result: oneField("mx.own.example")},
	{name: "opensmtpd", like: "from memory", id: "mx.own.example", above: true,
		hop:    "Received: from {helo} ({rdns} [{ip}])\n\tby mx.own.example (OpenSMTPD) with ESMTPS id {n} (TLSv1.3:TLS_AES_256_GCM_SHA384:256:NO)\n\tfor <" + owner + ">;\n\t{date}\n",
		result: oneField("mx.own.example")},
	{name: "zoho", like: "published header, 2018 and 2026; Zoho names no signer", id: "mx.zohomail.com", above: true,
		hop:    "Received: from {helo} ({rdns} [{ip}]) by mx.zohomail.com\n\twith SMTPS id 17{n}; {date} (PST)\n",
		result: "Received-SPF: {spf} (zohomail.com: domain of {fromdomain} designates {ip} as permitted sender) client-ip={ip}; envelope-from={from}; helo={helo};\nAuthentication-Results: mx.zohomail.com;\n\tdkim={dkim};\n\tspf={spf} (zohomail.com: domain of {fromdomain} designates {ip} as permitted sender)  smtp.mailfrom={from};\n\tdmarc={dmarc}(p=reject dis=none)  header.from={author}\n"},
	{name: "amavis", like: "hop recorded (Postfix 3.7), amavis from memory", id: "mx.own.example", above: true, hop: postfixHop, result: oneField("mx.own.example"),
		over: localHop + "Received: from mx.own.example ([127.0.0.1])\n\tby localhost (mx.own.example [127.0.0.1]) (amavisd-new, port 10024)\n\twith ESMTP id x{n}; {date}\n"},
	{name: "gmail-by-fetchmail", like: "fetchmail 6.4 from memory", id: "mx.google.com", hop: gmailTop, result: gmailField, over: fetchmailHop},
	{name: "gmail-by-fetchmail-exim", like: "fetchmail from memory, local hop recorded (Exim 4.96)", id: "mx.google.com", hop: gmailTop, result: gmailField,
		over: "Received: from root by home.own.example with local (Exim 4.96)\n\t(envelope-from <{from}>)\n\tid 1xYDh4-{n}-2Q\n\tfor me@localhost;\n\t{date}\n" + fetchmailHop},
	{name: "gmail-by-fetchmail-postfix", like: "fetchmail from memory, local hop recorded (Postfix 3.7)", id: "mx.google.com", hop: gmailTop, result: gmailField,
		over: "Received: from localhost (localhost [127.0.0.1])\n\tby home.own.example (Postfix) with ESMTP id 5{n}\n\tfor <me@localhost>; {date}\n" + fetchmailHop},
	{name: "gmx-by-getmail", like: "getmail6 from memory", id: "gmx.net", above: true, hop: gmxHop, result: gmxField,
		over: "Received: from unknown by home.own.example with POP3 (getmail6 6.18.13)\n\tid {n}; {date}\n"},
	{name: "postfix-silent", like: "recorded (Postfix 3.7)", silent: true, hop: postfixHop},
	{name: "exim-silent", like: "recorded (Exim 4.96)", silent: true, hop: eximHop},
	{name: "qmail-silent", like: "from memory", silent: true, hop: "Received: from {rdns} (HELO {helo}) ({ip})\n  by mx.own.example with SMTP; {date}\n"},
	{name: "carrier-silent", like: "from memory, of a Japanese mobile carrier", silent: true,
		hop: "Received: from {helo} ({helo} [{ip}])\n\tby mfsmax.carrier.example (DOCOMO Mail Server Ver2.0) with ESMTP id <{n}@{helo}>\n\tfor <" + owner + ">; {date}\n"},
}

// deliver puts what the receiver writes above a message.
func (r *receiver) deliver(a *arrival, missing bool, text string) string {
	result := r.result
	if missing || r.silent {
		result = ""
	}
	if r.last {
		head, body, _ := strings.Cut(text, "\n\n")
		return "Return-Path: <" + a.from + ">\n" + a.fill(r.over) + a.fill(r.hop) + head + "\n" + a.fill(result) + "\n" + body
	}
	top := a.fill(r.hop) + a.fill(result)
	if r.above {
		top = a.fill(result) + a.fill(r.hop)
	}
	return "Delivered-To: " + owner + "\n" + a.fill(r.over) + top + text
}
