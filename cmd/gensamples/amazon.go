package main

import (
	"fmt"
	"strings"
	"time"
)

// notice is a mail of Amazon's own, of which only the words differ.
type notice struct {
	at      time.Time
	from    string // local part
	subject string
	plain   string
	html    string // "" makes one from plain
	tld     string // "co.jp" where empty
	box     box    // where the owner keeps it
}

// store is Amazon as one owner sees it: the sending account and the relays of one marketplace.
type store struct {
	tld     string // "co.jp", "com"
	region  string // of SES, as it stands in Message-ID and relay names
	realm   string // of the envelope: "p0fe", "p0na"
	owner   address
	account string // CU in X-AMAZON-METADATA
	to      receiver
}

// letter makes the letter and its route.
func (a store) letter(s *seed, n notice) (letter, route) {
	domain := "amazon." + a.tld
	stamp := n.at.UTC().Format("20060102150405")
	campaign := "C" + s.upper(13)
	bounce := stamp + s.hex(28) + a.realm + "-" + campaign + "@bounces." + domain
	client := fmt.Sprintf("54.240.%d.%d", 1+s.n(60), 1+s.n(254))
	octets := strings.Split(client, ".")
	relay := fmt.Sprintf("a%s-%s.smtp-out.%s.amazonses.com", octets[2], octets[3], a.region)
	plain := n.plain
	html := n.html
	if html == "" {
		html = page(plain)
	}
	l := letter{
		at:        n.at,
		from:      address{"Amazon." + a.tld, n.from + "@" + domain},
		to:        a.owner,
		replyTo:   "no-reply@" + domain,
		subject:   n.subject,
		messageID: "<" + s.hex(16) + "-" + s.uuid() + "-000000@" + a.region + ".amazonses.com>",
		plain:     plain,
		html:      html,
		boundary:  "----=_Part_" + s.digits(7) + "_" + s.digits(9) + "." + fmt.Sprint(n.at.UnixMilli()),
		encoding:  s.pick("base64", "quoted-printable"),
		fields: []string{
			"X-AMAZON-MAIL-RELAY-TYPE: notification",
			"Bounces-to: " + bounce,
			"X-AMAZON-METADATA: CA=" + campaign + "-CU=" + a.account,
			"X-Original-MessageID: <urn.rtn.msg." + stamp + s.hex(28) + a.realm + "@" + fmt.Sprint(n.at.UnixMilli()) + ".>",
			"Feedback-ID: " + fmt.Sprintf("::1.%s.%s:AmazonSES", a.region, newSeed("ses "+a.tld).base64(32)),
			"X-SES-Outgoing: " + n.at.UTC().Format("2006.01.02") + "-" + client,
		},
	}
	return l, route{
		envelope: bounce, client: client, rdns: relay, helo: relay,
		signers: []string{domain, "amazonses.com"}, spf: "pass", dmarc: "pass", policy: "QUARANTINE",
	}
}

// mail is the notice as it lies in the owner's mailbox.
func (a store) mail(s *seed, n notice) stored {
	l, r := a.letter(s, n)
	return stored{at: n.at, message: deliver(s, a.to, r, l, a.owner.addr), box: n.box}
}

// page makes a plain HTML page of text: each line a paragraph, each https address a link.
func page(text string) string {
	var b strings.Builder
	b.WriteString(`<html><head><meta http-equiv="Content-Type" content="text/html; charset=UTF-8"></head><body style="font-family:Arial,sans-serif">` + "\n")
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		b.WriteString("<p>" + linked(line) + "</p>\n")
	}
	b.WriteString("</body></html>\n")
	return b.String()
}

func linked(line string) string {
	i := strings.Index(line, "https://")
	if i < 0 {
		return escape(line)
	}
	url, rest := line[i:], ""
	if j := strings.IndexAny(url, " 　、。)"); j >= 0 {
		url, rest = url[:j], url[j:]
	}
	return escape(line[:i]) + fmt.Sprintf(`<a href="%s">%s</a>`, escape(url), escape(url)) + linked(rest)
}

func escape(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace(text)
}
