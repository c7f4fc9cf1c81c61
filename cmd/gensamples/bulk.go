package main

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// bulk makes mail by the gigabyte, to measure speed and memory with. A few hundred messages of each sort are made once;
// the stream repeats them in a seeded order with another mark in each, so that no two are copies of one another.
type bulk struct {
	s    *seed
	pool [sorts][]string // messages as stored, with the mark in them
	made int64
}

// Sorts of mail in bulk.
const (
	ordinaryMail = iota
	amazonMail   // Amazon's own notices
	mentionMail  // newsletters that speak of Amazon
	sesMail      // sent through amazonses.com by others, without a word of Amazon
	attachedMail // with an attachment
	noticeMail   // Amazon's own, short and without HTML tables
	sorts
)

// mark stands in the Message-ID of every message of a pool and is replaced in each copy.
const mark = "0000bulk0000mark0000"

// poolSize is how many different messages of a sort are made. Their texts differ in length and words; more of them would
// only fill the processor's caches with what a mailbox of real mail fills them with anyway.
const poolSize = 300

// bulkShapes are the shapes of bulk mail that -bulk takes.
var bulkShapes = map[string]func(b *bulk, size int64, out string) error{
	"mixed":    func(b *bulk, size int64, out string) error { return b.file(size, out, (*bulk).mixed) },
	"amazon":   func(b *bulk, size int64, out string) error { return b.file(size, out, (*bulk).amazon) },
	"notices":  func(b *bulk, size int64, out string) error { return b.file(size, out, (*bulk).notices) },
	"maildir":  (*bulk).maildir,
	"mixeddir": (*bulk).mixeddir,
	"zip":      (*bulk).zip,
	"tgz":      (*bulk).tgz,
	"zip1":     (*bulk).zipOfOne,
	"files":    (*bulk).files,
	"giant":    (*bulk).giant,
}

func newBulk() *bulk {
	b := &bulk{s: newSeed("bulk")}
	owner := address{"山田 遥", "haruka.yamada@example.com"}
	amazon := store{"co.jp", "us-west-2", "p0fe", owner, "A1BULK", gmail}
	start := jst("2019-01-01 09:00:00")
	for i := range poolSize {
		at := start.Add(time.Duration(i) * 7 * time.Hour)
		b.add(amazonMail, deliver(b.s, gmail, b.amazonRoute(amazon, at), b.amazonLetter(amazon, at), owner.addr))
		b.add(noticeMail, deliver(b.s, gmail, b.amazonRoute(amazon, at), b.shortLetter(amazon, at), owner.addr))
		b.add(ordinaryMail, b.stranger(owner, at, 2+b.s.n(40), false, false, 0))
		b.add(mentionMail, b.stranger(owner, at, 20+b.s.n(60), true, false, 0))
		b.add(sesMail, b.stranger(owner, at, 20+b.s.n(60), false, true, 0))
		b.add(attachedMail, b.stranger(owner, at, 4, false, false, 30_000+b.s.n(200_000)))
	}
	return b
}

func (b *bulk) add(sort int, m message) { b.pool[sort] = append(b.pool[sort], quoteFrom(m.String())) }

// amazonLetter is a notice of about 37 KB of HTML, as Amazon's order mails are: tables in tables with inline styles, rows
// of goods with pictures, and links of three hundred characters.
func (b *bulk) amazonLetter(a store, at time.Time) letter {
	n := orderPlacedJA(at, read, a.owner.name, b.goods(), b.s.order("249"), 1000+b.s.n(9000))
	var html strings.Builder
	html.WriteString(`<html><head><meta http-equiv="Content-Type" content="text/html; charset=UTF-8"><style>a{color:#007185}.h{font-size:18px}@media only screen{.m{width:100%}}</style></head>` +
		`<body style="margin:0;padding:0;font-family:Arial,sans-serif"><div style="display:none;max-height:0;overflow:hidden">` + b.goods() + `</div>` + "\n")
	html.WriteString(page(n.plain))
	for html.Len() < 36_000 {
		link := b.trackedLink(a.tld)
		fmt.Fprintf(&html, `<table role="presentation" cellpadding="0" cellspacing="0" border="0" width="100%%" style="border-collapse:collapse;background-color:#ffffff"><tr>`+
			`<td width="115" valign="top" style="padding:12px 0 12px 18px"><a href="%s"><img src="https://m.media-amazon.com/images/I/%s._SCLZZZZZZZ__SY115_.jpg" width="115" alt="" border="0"></a></td>`+
			`<td class="m" valign="top" style="padding:12px 18px;font-size:14px;line-height:20px;color:#0f1111"><a href="%s" style="text-decoration:none;color:#007185">%s</a><br>`+
			`<span style="color:#565959">数量: %d</span><br><b style="font-size:16px">￥%d</b></td></tr></table>`+"\n", link, b.s.upper(11), link, b.goods(), 1+b.s.n(3), 500+b.s.n(9000))
	}
	html.WriteString(`<p style="font-size:11px;color:#767676">© 2019 Amazon.com, Inc. or its affiliates. All rights reserved.</p></body></html>` + "\n")
	n.html = html.String()
	l, _ := a.letter(b.s, n)
	l.messageID = strings.Replace(l.messageID, "-000000@", "-"+mark+"@", 1)
	return l
}

// shortLetter is a notice of an order with a page of two lines.
func (b *bulk) shortLetter(a store, at time.Time) letter {
	n := orderPlacedJA(at, read, a.owner.name, b.goods(), b.s.order("249"), 1000+b.s.n(9000))
	n.html = page(b.goods())
	l, _ := a.letter(b.s, n)
	l.messageID = strings.Replace(l.messageID, "-000000@", "-"+mark+"@", 1)
	return l
}

// goods names something to buy.
func (b *bulk) goods() string {
	return b.s.pick("キッチンスケール デジタル", "ステンレス 水筒", "電気ケトル", "USB充電器 急速", "ノート A5 方眼", "折りたたみ傘 軽量", "モバイルバッテリー", "圧力鍋") + " " +
		b.s.pick("1kg", "500ml", "ブラック", "ホワイト", "5冊パック", "10000mAh", "2個セット") + " " + b.s.upper(6)
}

// trackedLink is a link as Amazon's mails have it: through a page that counts, with the target in it.
func (b *bulk) trackedLink(tld string) string {
	return "https://www.amazon." + tld + "/gp/r.html?C=" + b.s.upper(13) + "&amp;K=" + b.s.upper(14) + "&amp;M=urn:rtn:msg:" + b.s.hex(38) + "&amp;R=" + b.s.upper(13) +
		"&amp;T=C&amp;U=https%3A%2F%2Fwww.amazon." + tld + "%2Fdp%2F" + b.s.upper(10) + "%2Fref%3Dpe_" + b.s.digits(9) + "_" + b.s.digits(9) + "_TE_dp_1&amp;H=" + b.s.upper(36) + "&amp;ref_=pe_" + b.s.digits(9)
}

func (b *bulk) amazonRoute(a store, at time.Time) route {
	_, r := a.letter(b.s, notice{at: at, from: "auto-confirm", plain: "x"})
	return r
}

// stranger is mail of somebody else with a text of so many lines.
func (b *bulk) stranger(owner address, at time.Time, lines int, amazon, ses bool, attach int) message {
	var text strings.Builder
	for range lines {
		text.WriteString(b.s.pick("来週の打ち合わせの資料を送ります。ご確認ください。", "Please find the figures of the last quarter below.",
			"今月のおすすめは、春の新作と季節の小物です。", "The meeting has moved to Thursday; the room stays the same.",
			"先日はお時間をいただき、ありがとうございました。", "I will be on the train until noon and read mail after that.",
			"会場は駅の北口を出て徒歩五分です。雨の場合は中止します。", "The build is green again, thanks for looking into it.") + b.s.pick(" ", " — ", "、") + b.words() + "\n")
	}
	if amazon {
		text.WriteString("抽選で10名様に Amazonギフト券を差し上げます。\n")
	}
	host := "mail" + fmt.Sprint(b.s.n(50)) + ".letters.example"
	l := letter{
		at: at, east: 9 * 3600, from: address{"お便り", "info@letters.example"}, to: owner, subject: "お知らせ " + b.s.lower(8),
		messageID: "<" + mark + "@" + host + ">", plain: text.String(),
	}
	if lines > 10 {
		l.html, l.boundary, l.encoding = page(text.String()), "b_"+b.s.hex(12), "quoted-printable"
	}
	r := route{envelope: "bounce@letters.example", client: "198.51.100.7", rdns: host, helo: host, spf: "pass"}
	if ses {
		l.messageID = "<" + mark + "@us-west-2.amazonses.com>"
		l.fields = []string{"Feedback-ID: ::1.us-west-2.bulk=:AmazonSES"}
		r.signers = []string{"amazonses.com"}
		r.rdns = "a8-50.smtp-out.us-west-2.amazonses.com"
	}
	if attach > 0 {
		l.attach = []attachment{{"資料.pdf", "application/pdf", b.s.bytes(attach)}}
	}
	return deliver(b.s, gmail, r, l, owner.addr)
}

// words are a few invented ones.
func (b *bulk) words() string {
	var w strings.Builder
	for range 2 + b.s.n(6) {
		w.WriteString(b.s.lower(2+b.s.n(8)) + " ")
	}
	return strings.TrimSpace(w.String())
}

// mixed draws a message of an ordinary mailbox: 3 % Amazon's, 10 % that mention it, 10 % through its mail service, 15 %
// with attachments.
func (b *bulk) mixed() string {
	switch n := b.s.n(100); {
	case n < 3:
		return b.next(amazonMail)
	case n < 13:
		return b.next(mentionMail)
	case n < 23:
		return b.next(sesMail)
	case n < 38:
		return b.next(attachedMail)
	}
	return b.next(ordinaryMail)
}

func (b *bulk) amazon() string { return b.next(amazonMail) }

// notices draws a short notice of Amazon's: many messages in few bytes.
func (b *bulk) notices() string { return b.next(noticeMail) }

func (b *bulk) next(sort int) string {
	b.made++
	return strings.ReplaceAll(b.pool[sort][b.s.n(poolSize)], mark, fmt.Sprintf("%020d", b.made))
}

// stream writes an mbox of about size bytes.
func (b *bulk) stream(w io.Writer, size int64, draw func(*bulk) string) error {
	for n := int64(0); n < size; {
		text := draw(b)
		k, err := fmt.Fprintf(w, "From 1%018d@xxx Fri Feb 04 17:10:22 +0000 2022\n%s\n", b.made, text)
		if err != nil {
			return err
		}
		n += int64(k)
	}
	return nil
}

// file writes an mbox file.
func (b *bulk) file(size int64, out string, draw func(*bulk) string) error {
	f, err := os.Create(out)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	if err := b.stream(w, size, draw); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Close()
}

// files writes 200 small mailboxes.
func (b *bulk) files(size int64, out string) error {
	const many = 200
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	for i := range many {
		if err := b.file(size/many, filepath.Join(out, fmt.Sprintf("%03d.mbox", i)), (*bulk).mixed); err != nil {
			return err
		}
	}
	return nil
}

// giant writes a mailbox whose first message is as long as all the others, but no longer than 60 MB: one of Amazon's with
// a text that does not end.
func (b *bulk) giant(size int64, out string) error {
	long := min(size/2, 60_000_000)
	first := true
	return b.file(size-long, out, func(b *bulk) string {
		if !first {
			return b.mixed()
		}
		first = false
		text := b.amazon()
		line := "<p>今月のご注文について、Amazon.co.jp からのお知らせです。</p>\n"
		return text + strings.Repeat(line, int(long)/len(line))
	})
}

// maildir writes files of about 8 KB each, size bytes in all.
func (b *bulk) maildir(size int64, out string) error {
	for _, d := range []string{"cur", "new", "tmp"} {
		if err := os.MkdirAll(filepath.Join(out, d), 0o755); err != nil {
			return err
		}
	}
	padding := strings.Repeat("今月のおすすめは、春の新作と季節の小物です。\n", 100)
	for n := int64(0); n < size; {
		text := b.next(ordinaryMail)
		if len(text) < 8000 {
			text += padding[:min(len(padding), (8000-len(text))/66*66)]
		}
		name := filepath.Join(out, "cur", fmt.Sprintf("1640000000.M%dP1.host,S=%d;2,S", b.made, len(text)))
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			return err
		}
		n += int64(len(text))
	}
	return nil
}

// mixeddir writes the messages of the shape mixed as a Maildir, for programs that read no mbox.
func (b *bulk) mixeddir(size int64, out string) error {
	for _, d := range []string{"cur", "new", "tmp"} {
		if err := os.MkdirAll(filepath.Join(out, d), 0o755); err != nil {
			return err
		}
	}
	for n := int64(0); n < size; {
		text := b.mixed()
		name := filepath.Join(out, "cur", fmt.Sprintf("1640000000.M%dP1.host,S=%d:2,S", b.made, len(text)))
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			return err
		}
		n += int64(len(text)) + 64 // the From_ line that an mbox would have
	}
	return nil
}

// zip writes an archive of two mailboxes, as Takeout packs them.
func (b *bulk) zip(size int64, out string) error {
	return b.zipOf(size, out, "Takeout/メール/すべてのメール.mbox", "Takeout/メール/迷惑メール.mbox")
}

// zipOfOne writes an archive of one mailbox.
func (b *bulk) zipOfOne(size int64, out string) error {
	return b.zipOf(size, out, "Takeout/メール/すべてのメール.mbox")
}

func (b *bulk) zipOf(size int64, out string, members ...string) error {
	f, err := os.Create(out)
	if err != nil {
		return err
	}
	z := zip.NewWriter(f)
	for _, name := range members {
		w, err := z.Create(name)
		if err != nil {
			return err
		}
		if err := b.stream(w, size/int64(len(members)), (*bulk).mixed); err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return err
	}
	return f.Close()
}

// tgz writes the same as a compressed tar.
func (b *bulk) tgz(size int64, out string) error {
	f, err := os.Create(out)
	if err != nil {
		return err
	}
	g := gzip.NewWriter(f)
	t := tar.NewWriter(g)
	var box bytes.Buffer
	if err := b.stream(&box, size, (*bulk).mixed); err != nil {
		return err
	}
	if err := t.WriteHeader(&tar.Header{Name: "Takeout/メール/すべてのメール.mbox", Mode: 0o644, Size: int64(box.Len()), ModTime: time.Unix(1_700_000_000, 0)}); err != nil {
		return err
	}
	if _, err := t.Write(box.Bytes()); err != nil {
		return err
	}
	for _, c := range []io.Closer{t, g, f} {
		if err := c.Close(); err != nil {
			return err
		}
	}
	return nil
}
