package main

import (
	"fmt"
	"strings"
	"time"
)

// route is how a message came to the receiver: what the receiver saw, and what it made of it.
type route struct {
	envelope           string // MAIL FROM
	client, rdns, helo string // rdns is empty where the client's address has no name
	signers            []string
	spf                string // "pass", "fail", "softfail" or "none"
	dkim               string // result for each signature; "" is pass
	dmarc              string // "pass", "fail"; "" where the From domain publishes no policy
	policy             string // of the From domain: "QUARANTINE", "NONE"
	took               time.Duration
	below              []string // fields that stand below the receiver's, as the sender sent them
}

// receiver puts the fields of one provider on top of a message.
type receiver func(s *seed, r route, m message, from string, rcpt string, at time.Time) message

// deliver writes a letter and takes it along a route to a receiver.
func deliver(s *seed, to receiver, r route, l letter, rcpt string) message {
	m := l.write()
	arrived := l.at.Add(r.took)
	if r.took == 0 {
		arrived = l.at.Add(2 * time.Second)
	}
	m = m.under(r.below...)
	return to(s, r, m, l.from.domain(), rcpt, arrived)
}

func (r route) result() string {
	if r.dkim == "" {
		return "pass"
	}
	return r.dkim
}

const rfc5322 = "Mon, 2 Jan 2006 15:04:05 -0700"

// pacific is the zone Google stamps, summer time included.
func pacific(t time.Time) (time.Time, string) {
	if summer(t) {
		return t.In(time.FixedZone("", -7*3600)), "(PDT)"
	}
	return t.In(time.FixedZone("", -8*3600)), "(PST)"
}

// summer tells the months in which Pacific time surely is summer time; the samples avoid the days of change.
func summer(t time.Time) bool { return t.Month() >= time.April && t.Month() <= time.October }

// gmail is Google's receiver: results stand below the boundary hop, an internal hop above it.
func gmail(s *seed, r route, m message, from, rcpt string, at time.Time) message {
	local, zone := pacific(at)
	stamp := local.Format(rfc5322) + " " + zone
	rdns := r.rdns
	seen := fmt.Sprintf("[%s]", r.client)
	if rdns != "" {
		seen = fmt.Sprintf("%s. [%s]", rdns, r.client)
	}
	words := map[string]string{
		"pass":     fmt.Sprintf("google.com: domain of %s designates %s as permitted sender", r.envelope, r.client),
		"fail":     fmt.Sprintf("google.com: domain of %s does not designate %s as permitted sender", r.envelope, r.client),
		"softfail": fmt.Sprintf("google.com: domain of transitioning %s does not designate %s as permitted sender", r.envelope, r.client),
		"none":     fmt.Sprintf("google.com: %s does not designate permitted sender hosts", r.envelope),
	}[r.spf]
	signatures := sign(m, at.Unix(), r.signers...)
	var results []string
	for _, g := range signatures {
		results = append(results, fmt.Sprintf("dkim=%s header.i=@%s header.s=%s header.b=%s", r.result(), g.domain, g.selector, g.b))
	}
	results = append(results, fmt.Sprintf("spf=%s (%s) smtp.mailfrom=%s", r.spf, words, quoteMailbox(r.envelope)))
	if r.dmarc != "" {
		dis := "NONE"
		if r.dmarc == "fail" && r.policy == "QUARANTINE" {
			dis = "QUARANTINE"
		}
		results = append(results, fmt.Sprintf("dmarc=%s (p=%s sp=%s dis=%s) header.from=%s", r.dmarc, r.policy, r.policy, dis, from))
	}
	ar := "mx.google.com;\n       " + strings.Join(results, ";\n       ")
	id := s.hex(16) + "-" + s.hex(12) + "si" + s.digits(7) + s.lower(3) + "." + s.digits(2) + "." + local.Format("2006.01.02.15.04.05")
	inner := fmt.Sprintf("2002:a05:%x:%x:b0:%x:%x:%x", 0x6000+s.n(0x7ff), s.n(0xffff), s.n(0xfff), s.n(0xffff), s.n(0xffff))
	top := []string{
		"Delivered-To: " + rcpt,
		"Received: by " + inner + " with SMTP id " + s.lower(3) + s.digits(7) + s.lower(3) + ";\n        " + stamp,
		"X-Received: by " + inner + " with SMTP id " + s.hex(14) + "-" + s.hex(12) + "mr" + s.digits(7) + "." + s.digits(2) + "." + fmt.Sprint(at.UnixMilli()) + ";\n        " + stamp,
		"ARC-Authentication-Results: i=1; " + ar,
		"Return-Path: <" + r.envelope + ">",
		fmt.Sprintf("Received: from %s (%s)\n        by mx.google.com with ESMTPS id %s\n        for <%s>\n        (version=TLS1_3 cipher=TLS_AES_128_GCM_SHA256 bits=128/128);\n        %s",
			r.helo, seen, id, rcpt, stamp),
		fmt.Sprintf("Received-SPF: %s (%s) client-ip=%s;", r.spf, words, r.client),
		"Authentication-Results: " + ar,
	}
	for _, g := range signatures {
		top = append(top, g.field)
	}
	return m.under(top...)
}

// outlook is Microsoft's receiver for consumers: results without an authserv-id, above the hop that took the mail in.
func outlook(s *seed, r route, m message, from, rcpt string, at time.Time) message {
	site := s.pick("namprd02", "namprd05", "namprd11")
	host, front, in := "DM6PR02MB"+s.digits(4), "SJ0PR05CA"+s.digits(4), "SJ5PEPF0000"+strings.ToUpper(s.hex(4))
	stamp := func(d int) string {
		return at.Add(time.Duration(d) * time.Second).Format("Mon, 2 Jan 2006 15:04:05 +0000")
	}
	signatures := sign(m, at.Unix(), r.signers...)
	dkim := "dkim=none (message not signed)\n header.d=none"
	if len(signatures) > 0 {
		words := "(signature was verified)"
		if r.result() != "pass" {
			words = "(body hash did not verify)"
		}
		dkim = fmt.Sprintf("dkim=%s %s\n header.d=%s", r.result(), words, signatures[0].domain)
	}
	dmarc, action, comp := "none", "none", "none"
	switch {
	case r.dmarc == "fail":
		dmarc, action, comp = "fail", strings.ToLower(r.policy), "fail reason=000"
	case r.dmarc == "pass":
		dmarc, comp = "pass", "pass reason=100"
	}
	envelope := r.envelope[strings.LastIndex(r.envelope, "@")+1:]
	top := []string{
		fmt.Sprintf("Received: from %s.%s.prod.outlook.com (::1) by\n IA1PR02MB%s.%s.prod.outlook.com with HTTPS; %s", host, site, s.digits(4), site, stamp(2)),
		fmt.Sprintf("Received: from %s.%s.prod.outlook.com (2603:10b6:a03:33f::14)\n by %s.%s.prod.outlook.com (2603:10b6:5:251::7) with\n Microsoft SMTP Server (version=TLS1_2,\n cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id 15.20.8293.19; %s",
			front, site, host, site, stamp(1)),
		fmt.Sprintf("Received: from %s.%s.prod.outlook.com\n (2603:10b6:a03:33f:cafe::6c) by %s.outlook.office365.com\n (2603:10b6:a03:33f::14) with Microsoft SMTP Server (version=TLS1_3,\n cipher=TLS_AES_256_GCM_SHA384) id 15.20.8314.11 via Frontend Transport; %s",
			in, site, front, stamp(1)),
		fmt.Sprintf("Authentication-Results: spf=%s (sender IP is %s)\n smtp.mailfrom=%s; %s;dmarc=%s action=%s\n header.from=%s;compauth=%s",
			r.spf, r.client, envelope, dkim, dmarc, action, from, comp),
		fmt.Sprintf("Received-SPF: %s (protection.outlook.com: domain of %s\n %s %s as permitted sender)\n receiver=protection.outlook.com; client-ip=%s;\n helo=%s;",
			strings.ToUpper(r.spf[:1])+r.spf[1:], envelope, map[bool]string{true: "designates", false: "does not designate"}[r.spf == "pass"], r.client, r.client, r.helo),
		fmt.Sprintf("Received: from %s (%s) by\n %s.mail.protection.outlook.com (10.167.242.52) with Microsoft\n SMTP Server (version=TLS1_3, cipher=TLS_AES_256_GCM_SHA384) id\n 15.20.8314.11 via Frontend Transport; %s",
			r.helo, r.client, in, stamp(0)),
	}
	for _, g := range signatures {
		top = append(top, g.field)
	}
	m = m.under(top...)
	m.fields = append(m.fields, "Return-Path: "+r.envelope, "X-MS-Exchange-Organization-AuthAs: Anonymous", "X-Sender-IP: "+r.client)
	return m
}

// yahooJapan is the receiver of Yahoo!メール: a result in a form older than RFC 8601, and no DMARC in it.
func yahooJapan(s *seed, r route, m message, from, rcpt string, at time.Time) message {
	host := "mta" + s.digits(3) + ".mail.djm.yahoo.co.jp"
	stamp := at.In(time.FixedZone("", 9*3600)).Format(rfc5322) + " (JST)"
	signatures := sign(m, at.Unix(), r.signers...)
	dkim := "domainkeys=neutral (no sig); dkim=neutral (no sig); header.i=@" + from
	if len(signatures) > 0 {
		dkim = fmt.Sprintf("domainkeys=neutral (no sig); dkim=%s (ok); header.i=@%s", r.result(), signatures[0].domain)
	}
	top := []string{
		"X-Apparently-To: " + rcpt + "; " + stamp,
		"Return-Path: <" + r.envelope + ">",
		fmt.Sprintf("Received-SPF: %s (%s: domain of %s %s %s as permitted sender) receiver=%s; client-ip=%s; envelope-from=%s;",
			r.spf, host, r.envelope, map[bool]string{true: "designates", false: "does not designate"}[r.spf == "pass"], r.client, host, r.client, r.envelope),
		fmt.Sprintf("Authentication-Results: %s  from=%s; %s", host, from, dkim),
		fmt.Sprintf("Received: from %s  (EHLO %s) (%s)\n  by %s with SMTP; %s", r.client, r.helo, r.client, host, stamp),
	}
	for _, g := range signatures {
		top = append(top, g.field)
	}
	return m.under(top...)
}

// ownServer is a family's own mail server, Postfix with a filter that writes results below its Received field. No table
// of providers knows it: it can only be learned.
func ownServer(s *seed, r route, m message, from, rcpt string, at time.Time) message {
	const host = "mx1.hoshizora-net.example"
	stamp := at.In(time.FixedZone("", 9*3600)).Format(rfc5322) + " (JST)"
	rdns := r.rdns
	if rdns == "" {
		rdns = "unknown"
	}
	signatures := sign(m, at.Unix(), r.signers...)
	var results []string
	for _, g := range signatures {
		results = append(results, fmt.Sprintf("dkim=%s header.d=%s header.s=%s header.b=%s", r.result(), g.domain, g.selector, g.b))
	}
	if len(signatures) == 0 {
		results = append(results, "dkim=none")
	}
	results = append(results, fmt.Sprintf("spf=%s (%s: domain of %q) smtp.mailfrom=%s", r.spf, host, r.envelope, quoteMailbox(r.envelope)))
	if r.dmarc != "" {
		results = append(results, fmt.Sprintf("dmarc=%s (policy=%s) header.from=%s", r.dmarc, strings.ToLower(r.policy), from))
	}
	top := []string{
		"Return-Path: <" + r.envelope + ">",
		"Delivered-To: " + rcpt,
		fmt.Sprintf("Received: from %s (%s [%s])\n\tby %s (Postfix) with ESMTPS id %s\n\tfor <%s>; %s",
			r.helo, rdns, r.client, host, strings.ToUpper(s.hex(10)), rcpt, stamp),
		"Authentication-Results: " + host + ";\n\t" + strings.Join(results, ";\n\t"),
	}
	for _, g := range signatures {
		top = append(top, g.field)
	}
	return m.under(top...)
}

// quoteMailbox puts the local part of an address in quotes where RFC 8601 §2.2 wants a quoted string for it.
func quoteMailbox(addr string) string {
	local, domain, ok := strings.Cut(addr, "@")
	if ok && strings.ContainsAny(local, "+=") {
		return fmt.Sprintf("%q@%s", local, domain)
	}
	return addr
}
