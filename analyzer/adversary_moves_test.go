package analyzer_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// attack is a message that is being forged; moves change it.
type attack struct {
	r       *receiver
	rng     *rand.Rand
	a       arrival // what the receiver sees; forged fields pretend another
	missing bool    // the receiver writes no result on it
	top     string  // own hops written where the message was handed in, above the sender's header
	hop     string  // the receiver's hop where it is another than usual
	folder  string  // "" for the inbox
	header  string  // before the usual fields of the sender
	replay  bool    // the signed notice of Amazon's, sent again
	moves   []string
}

// amazons is an arrival as of a real notice.
func amazons(at time.Time, n int) arrival {
	return arrival{at: at, n: n,
		client: client{"a8-50.smtp-out.us-west-2.amazonses.com", "a8-50.smtp-out.us-west-2.amazonses.com", "54.240.8.50", fmt.Sprintf("2026020312%06d@bounces.amazon.co.jp", n)},
		checks: checks{"pass", "pass", "pass", "amazon.co.jp", "amazon.co.jp"}}
}

func (x *attack) forged() string {
	a := amazons(x.a.at, x.a.n)
	return a.fill(x.r.formOf())
}

// formOf is the form of results that an attacker imitates: the receiver's, or the commonest where it has none.
func (r *receiver) formOf() string {
	if r.result == "" {
		return oneField("mx.own.example")
	}
	return r.result
}

// forgedHop is a boundary as if Amazon's machine had called.
func (x *attack) forgedHop() string {
	a := amazons(x.a.at, x.a.n)
	h := a.fill(x.r.hop)
	if x.r.above {
		return x.forged() + h
	}
	return h + x.forged()
}

// move is what an attacker can do. Each may be combined with each.
type move struct {
	name string
	do   func(x *attack)
	own  bool // only where the receiver is the owner's own host: no stranger can do this at a large provider
}

var moves = []move{
	{"result missing, forged one in its place", func(x *attack) { x.missing = true; x.header = x.forged() + x.header }, false},
	{"forged result under the receiver's", func(x *attack) { x.header = x.forged() + x.header }, false},
	{"forged result without spf", func(x *attack) {
		x.header = "Authentication-Results: " + x.r.id + "; dkim=pass header.d=amazon.co.jp; dmarc=pass header.from=amazon.co.jp\n" + x.header
	}, false},
	{"forged result, homoglyph id", func(x *attack) { x.header = strings.Replace(x.forged(), "m", "м", 1) + x.header }, false},
	{"forged boundary below", func(x *attack) { x.header = x.forgedHop() + x.header }, false},
	{"header begins with a tab", func(x *attack) {
		x.missing = x.missing || x.rng.IntN(2) == 0
		x.header = "\tdkim=pass header.d=amazon.co.jp; dmarc=pass header.from=amazon.co.jp\n" + x.header
	}, false},
	{"folded field name", func(x *attack) {
		x.header = "Authentication-Results\n : x; dmarc=pass header.from=amazon.co.jp\n" + x.header
	}, false},
	{"handed in by a local user", func(x *attack) {
		local := "Received: by mx.own.example (Postfix, from userid 33)\n\tid 7{n}; {date}\n"
		if strings.Contains(x.r.hop, "Exim") {
			local = "Received: from www-data by mx.own.example with local (Exim 4.96)\n\t(envelope-from <www-data@own.example>)\n\tid 1xYDh3-{n}-1Y\n\tfor " + owner + ";\n\t{date}\n"
		} else if strings.Contains(x.r.hop, "8.17") {
			local = "Received: (from www-data@localhost)\n\tby mx.own.example (8.17.1/8.17.1/Submit) id 31{n};\n\t{date}\n"
		}
		x.top, x.header = x.a.fill(local), x.forgedHop()+x.header
	}, true},
	{"handed in on loopback", func(x *attack) {
		x.a.client = client{"localhost", "localhost", "127.0.0.1", "www-data@own.example"}
		x.header = x.forgedHop() + x.header
	}, true},
	{"client in a private network", func(x *attack) {
		x.a.client = client{"laptop", "", "192.168.1.7", "x@own.example"}
		x.header = x.forgedHop() + x.header
	}, true},
	{"neighbour at the hosting company", func(x *attack) {
		x.a.helo, x.a.rdns, x.a.ip = "sv5678.own.example", "sv5678.own.example", "198.51.100.78"
		x.header = x.forgedHop() + x.header
	}, false},
	{"quoted envelope sender", func(x *attack) {
		x.a.from = `"x) (fetchmail-6.4"@evil.example`
		x.header = x.forgedHop() + x.header
	}, false},
	{"quoted envelope sender that closes", func(x *attack) {
		x.a.from = `"x>); Thu, 1 Jan 2026 00:00:00 +0000"@evil.example`
		x.header = x.forgedHop() + x.header
	}, false},
	{"HELO a name of Amazon's", func(x *attack) { x.a.helo = "a8-50.smtp-out.us-west-2.amazonses.com" }, false},
	{"HELO an address of Amazon's", func(x *attack) { x.a.helo = "[54.240.8.50]" }, false},
	{"HELO with a by clause", func(x *attack) {
		x.a.helo = "x) by mx.own.example with esmtp (x" // Exim writes it as it came, Postfix not
		if !strings.Contains(x.r.hop, "{exim}") {
			x.a.helo = "x??by?mx.own.example?with?esmtp??x"
		}
		x.header = x.forgedHop() + x.header
	}, true},
	{"ident", func(x *attack) {
		if strings.Contains(x.r.hop, "{exim}") {
			x.a.helo += " ident=[54.240.8.50]"
		}
	}, false},
	{"fetchmail's hop forged", func(x *attack) {
		x.header = "Received: from imap.own.example [198.51.100.40]\n\tby mx.own.example with IMAP (fetchmail-6.4.37)\n\tfor <me@localhost> (single-drop); " + x.a.fill("{date}\n") + x.forgedHop() + x.header
	}, false},
	{"LMTP hop forged", func(x *attack) {
		x.header = "Received: from mx.own.example by mx.own.example with LMTP id x; " + x.a.fill("{date}\n") + x.forgedHop() + x.header
	}, false},
	{"ARC set forged", func(x *attack) {
		x.header = "ARC-Seal: i=1; a=rsa-sha256; t=1770120306; cv=none; d=google.com; s=arc-20240605; b=AAAA\nARC-Message-Signature: i=1; a=rsa-sha256; c=relaxed/relaxed; d=google.com; s=arc-20240605; h=from:to:subject; bh=AAAA=; b=BBBB\n" +
			"ARC-Authentication-Results: i=1; mx.google.com; dkim=pass header.i=@amazon.co.jp; spf=pass smtp.mailfrom=x@bounces.amazon.co.jp; dmarc=pass header.from=amazon.co.jp\n" + x.header
	}, false},
	{"signature copied", func(x *attack) {
		x.header += "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/simple; d=amazon.co.jp; s=sel; h=From:To:Subject:Date; bh=AAAA=; b=BBBB\n"
	}, false},
	{"NUL in a forged result", func(x *attack) { x.header = strings.Replace(x.forged(), "=pass", "=pass\x00", 1) + x.header }, false},
	{"lone CR before a forged result", func(x *attack) { x.header = "X-A: b\r" + x.forged() + x.header }, false},
	{"replay with a second Subject", func(x *attack) { x.replayed("Subject: Amazon: account on hold\n") }, false},
	{"replay with a second From", func(x *attack) { x.replayed("From: \"Amazon\" <a@evil.example>\n") }, false},
	{"replay with a second To", func(x *attack) { x.replayed("To: somebody@else.example\n") }, false},
	{"replay with a second Date", func(x *attack) { x.replayed("Date: Tue, 3 Feb 2026 00:00:00 +0000\n") }, false},
	{"replay with a second Content-Type", func(x *attack) { x.replayed("Content-Type: multipart/mixed; boundary=\"----=_evil\"\n") }, false},
	{"header begins with other white space", func(x *attack) {
		x.missing = x.rng.IntN(2) == 0
		x.header = []string{
			" (x) dkim=pass header.d=amazon.co.jp; dmarc=pass header.from=amazon.co.jp\n",
			"\tdkim=pass header.i=@amazon.co.jp header.d=amazon.co.jp\n",
			"\t;dmarc=pass header.from=amazon.co.jp\n",
			" \t\n dmarc=pass header.from=amazon.co.jp\n",
			"\t;\n\tspf=pass smtp.mailfrom=a@amazon.co.jp; dmarc=pass (p=quarantine) header.from=amazon.co.jp\n",
		}[x.rng.IntN(5)] + x.header
	}, false},
	{"field name in other spellings", func(x *attack) {
		name := []string{"AUTHENTICATION-RESULTS", "Authentication-Results ", "authentication-results\t", "Authentication-Results\n "}[x.rng.IntN(4)]
		x.missing = x.rng.IntN(2) == 0
		x.header = strings.Replace(x.forged(), "Authentication-Results", name, 1) + x.header
	}, false},
	{"octets of 8 bits in a forged result", func(x *attack) {
		x.missing = x.rng.IntN(2) == 0
		x.header = strings.Replace(x.forged(), "=pass", "=pass\xe9\xff", 1) + x.header
	}, false},
	{"id of look-alike letters", func(x *attack) {
		x.missing = x.rng.IntN(2) == 0
		id := x.r.id
		if id == "" {
			id = "mx.own.example"
		}
		like := strings.NewReplacer("o", "\u043e", "e", "\u0435").Replace(id)
		x.header = strings.ReplaceAll(x.forged(), id, like) + x.header
	}, false},
	{"two sets of ARC, the first over another body", func(x *attack) {
		x.arc("AAAA=", "BBBB=")
	}, false},
	{"two sets of ARC with one body hash", func(x *attack) { x.arc("AAAA=", "AAAA=") }, false},
	{"ARC, and a forged result that accepts it", func(x *attack) {
		x.missing = true
		x.arc("AAAA=", "AAAA=")
		x.header = "Authentication-Results: " + x.r.id + "; arc=pass (i=2 dmarc=pass fromdomain=amazon.co.jp); dkim=neutral (body hash did not verify) header.i=@amazon.co.jp; spf=pass smtp.mailfrom=a@evil.example; dmarc=fail header.from=amazon.co.jp\n" + x.header
	}, false},
	{"name in a client's certificate", func(x *attack) {
		x.a.helo = "mail.evil.example"
		note := " (using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))\n\t(Client CN \"a8-50.smtp-out.us-west-2.amazonses.com [54.240.8.50]\", Issuer \"x) (a8-50.smtp-out.us-west-2.amazonses.com [54.240.8.50]\" (not verified))\n"
		x.hop = strings.Replace(x.r.hop, "\n\tby mx.own.example (Postfix)", "\n"+note+"\tby mx.own.example (Postfix)", 1)
		x.header = x.forgedHop() + x.header
	}, true},
	{"handed in by another user of the fetching machine", func(x *attack) {
		x.top = x.a.fill("Received: from guest by home.own.example with local (Exim 4.96)\n\t(envelope-from <guest@home.own.example>)\n\tid 1xYDh5-{n}-3Z\n\tfor me@localhost;\n\t{date}\n")
		x.header = x.forgedHop() + x.header
	}, true},
	{"a Received field of 64 KB", func(x *attack) {
		x.header = "Received: from " + strings.Repeat("a", 64<<10) + " by mx.own.example; " + x.a.fill("{date}\n") + x.forgedHop() + x.header
	}, false},
	{"hundreds of Received fields", func(x *attack) {
		x.header = strings.Repeat("Received: by mx.own.example with LMTP id x; "+x.a.fill("{date}\n"), 300) + x.forgedHop() + x.header
	}, false},
	{"contradictory Received field", func(x *attack) {
		x.header = x.a.fill("Received: from a8-50.smtp-out.us-west-2.amazonses.com (a8-50.smtp-out.us-west-2.amazonses.com [54.240.8.50])\n\tby mx.own.example by mx.google.com with SMTP with ESMTP id 1 id 2 from x (y [203.0.113.9]); {date}\n") + x.forged() + x.header
	}, false},
	{"spam folder", func(x *attack) { x.folder = ".Junk" }, false},
	{"forged hop of a listed forwarder", func(x *attack) {
		x.header = x.a.fill("Received: from forward1.pobox.com (forward1.pobox.com [64.147.108.1])\n\tby mx.own.example (Postfix) with ESMTPS id 1; {date}\n") + x.forged() + x.header
	}, false},
}

// replayed makes the message a signed one with a field put on top: the receiver's results say pass.
func (x *attack) replayed(field string) {
	x.replay, x.missing = true, false
	x.a.checks = checks{"pass", "pass", "pass", "amazon.co.jp", "amazon.co.jp"}
	x.header = field + x.header
}

// arc puts two sets of ARC on the message, of two listed services, with a body hash each.
func (x *attack) arc(first, second string) {
	set := func(i int, hash, id, d, cv string) string {
		return fmt.Sprintf("ARC-Seal: i=%d; a=rsa-sha256; t=1770120306; cv=%s; d=%s; s=arc; b=AAAA\nARC-Message-Signature: i=%d; a=rsa-sha256; c=relaxed/relaxed; d=%s; s=arc; h=from:to:subject; bh=%s; b=BBBB\n"+
			"ARC-Authentication-Results: i=%d; %s; dkim=pass header.i=@amazon.co.jp; spf=pass smtp.mailfrom=x@bounces.amazon.co.jp; dmarc=pass header.from=amazon.co.jp\n", i, cv, d, i, d, hash, i, id)
	}
	x.header = set(2, second, "mx.google.com", "google.com", "pass") + set(1, first, "mx.microsoft.com 1", "microsoft.com", "none") + x.header
}
