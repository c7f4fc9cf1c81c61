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
// the stream repeats them in a seeded order with another mark in each, so that no two are copies of one another. Amazon's
// own are made one by one: every link of such a mail has a token of its own, which is what there is to keep of it.
type bulk struct {
	s      *seed
	pool   [sorts][]string // messages as stored, with the mark in them
	made   int64
	amazon store
	style  string // the style sheet of an order mail
}

// Sorts of mail in bulk.
const (
	ordinaryMail = iota
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
	"amazon":   func(b *bulk, size int64, out string) error { return b.file(size, out, (*bulk).orders) },
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
	owner := address{"山田 遥", "haruka.yamada@example.com"}
	b := &bulk{s: newSeed("bulk"), amazon: store{"co.jp", "us-west-2", "p0fe", owner, "A1BULK", gmail}, style: orderStyle()}
	for i := range poolSize {
		at := b.at(int64(i))
		b.add(noticeMail, b.notice(at, false))
		b.add(ordinaryMail, b.stranger(owner, at, 2+b.s.n(40), false, false, 0))
		b.add(mentionMail, b.stranger(owner, at, 20+b.s.n(60), true, false, 0))
		b.add(sesMail, b.stranger(owner, at, 20+b.s.n(60), false, true, 0))
		b.add(attachedMail, b.stranger(owner, at, 4, false, false, 30_000+b.s.n(200_000)))
	}
	return b
}

// at is when the message of a number was sent: a new one every seven hours, from the beginning again after eight years.
func (b *bulk) at(i int64) time.Time {
	return jst("2019-01-01 09:00:00").Add(time.Duration(i%10_000) * 7 * time.Hour)
}

func (b *bulk) add(sort int, m message) { b.pool[sort] = append(b.pool[sort], quoteFrom(m.String())) }

// notice is a notice of an order as it lies in the mailbox: long as Amazon's are, or with a page of two lines.
func (b *bulk) notice(at time.Time, long bool) message {
	a := b.amazon
	n := orderPlacedJA(at, read, a.owner.name, b.goods(), b.s.order("249"), 1000+b.s.n(9000))
	if n.html = page(b.goods()); long {
		n.html = b.orderPage(at, n.plain)
	}
	l, r := a.letter(b.s, n)
	l.messageID = strings.Replace(l.messageID, "-000000@", "-"+mark+"@", 1)
	return deliver(b.s, gmail, r, l, a.owner.addr)
}

// orderPage is about 36 KB of HTML in the proportions of Amazon's order mails: a quarter style sheet, tables in tables with
// inline styles, 6 tags and 0.7 links in a kilobyte, and links of three hundred characters. (Nine real ones of 11 to 74 KB have
// 3 to 8 tags and 0.1 to 0.8 links in a kilobyte, up to half of it style sheet.)
func (b *bulk) orderPage(at time.Time, text string) string {
	link := b.trackedLinks(at)
	var html strings.Builder
	html.WriteString(`<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">` + "\n" +
		`<html><head><meta http-equiv="Content-Type" content="text/html; charset=UTF-8">` + b.style + `</head>` +
		`<body style="margin:0;padding:0;font-family:Arial,sans-serif"><div style="display:none;max-height:0;overflow:hidden">` + b.goods() + `</div>` + "\n")
	for _, l := range [...][2]string{{"order-history", "注文履歴"}, {"your-account", "アカウントサービス"}, {"buyagain", "もう一度買う"}} {
		fmt.Fprintf(&html, `<span class="nav" style="font-size:12px;padding:0 8px"><a href="%s" style="text-decoration:none;color:#007185">%s</a></span>`+"\n", link("gp%2Fcss%2F"+l[0], "nav"), l[1])
	}
	html.WriteString(page(text))
	for html.Len() < 35_000 {
		goods := "dp%2F" + b.s.upper(10)
		fmt.Fprintf(&html, orderRow, link(goods, "i"), b.s.upper(11), link(goods, "t"), b.goods(), 1+b.s.n(3), 500+b.s.n(9000))
	}
	html.WriteString(`<p style="font-size:11px;color:#767676">© 2019 Amazon.com, Inc. or its affiliates. All rights reserved.</p></body></html>` + "\n")
	return html.String()
}

// orderStyle is the style sheet of an order mail: what mail programs that know no inline styles need, once for each width
// of a screen.
func orderStyle() string {
	var css strings.Builder
	css.WriteString(`<style type="text/css">#outlook a{padding:0}img{border:0;outline:none;text-decoration:none}table{border-collapse:collapse}a:link,a:visited{color:#007185}` + "\n")
	for _, width := range []int{620, 480, 375} {
		fmt.Fprintf(&css, "@media only screen and (max-width: %dpx) {\n", width)
		for i, class := range strings.Fields("rio_headline rio_card rio_total_info_card rio_nav rio_footer deliveryInfo itemImage itemDetails itemPrice orderSummary orderTotals shipTo buttonPrimary buttonSecondary recommendations") {
			fmt.Fprintf(&css, "  table[class=%s], td[class=%s] { width: %dpx !important; padding: %dpx 0 %dpx 0 !important; font-size: %dpx !important; line-height: %dpx !important; }\n", class, class, width-18, i, i+4, 12+i%5, 16+i%7)
		}
		css.WriteString("}\n")
	}
	return css.String() + "</style>"
}

// orderRow is a row of goods: link, picture, link, name, number, price.
const orderRow = `<table role="presentation" cellpadding="0" cellspacing="0" border="0" width="100%%" class="rio_card" style="border-collapse:collapse;background-color:#ffffff;border:1px solid #d5d9d9"><tbody><tr>
<td width="18" height="100%%" class="spacer" style="width:18px;font-size:1px;line-height:1px;mso-line-height-rule:exactly">&nbsp;</td>
<td width="115" valign="top" class="itemImage" style="width:115px;padding:12px 0 12px 18px;border-collapse:collapse;text-align:center;vertical-align:top">
  <a href="%s" title="" style="text-decoration:none;color:#007185;font-family:Arial,sans-serif"><img src="https://m.media-amazon.com/images/I/%s._SCLZZZZZZZ__SY115_.jpg" width="115" height="115" alt="" border="0" style="display:block;margin:0 auto;max-width:115px;height:auto"></a>
</td>
<td valign="top" class="itemDetails" style="padding:12px 18px 12px 18px;font-family:'Amazon Ember',Arial,sans-serif;font-size:14px;line-height:20px;color:#0f1111;vertical-align:top">
  <table role="presentation" cellpadding="0" cellspacing="0" border="0" width="100%%" style="border-collapse:collapse;width:100%%;table-layout:fixed"><tbody><tr>
    <td class="itemDetails" style="padding:0 0 4px 0;font-size:14px;line-height:20px;overflow:hidden;text-overflow:ellipsis"><a href="%s" style="text-decoration:none;color:#007185;font-size:14px;line-height:20px">%s</a></td>
  </tr><tr>
    <td class="itemDetails" style="padding:0 0 4px 0;font-size:12px;line-height:16px"><span style="color:#565959;font-size:12px;line-height:16px">数量: %d</span></td>
  </tr><tr>
    <td class="itemPrice" style="padding:4px 0 0 0;font-size:16px;line-height:24px"><b style="font-size:16px;line-height:24px;color:#0f1111">￥%d</b></td>
  </tr></tbody></table>
</td>
<td width="18" height="100%%" class="spacer" style="width:18px;font-size:1px;line-height:1px;mso-line-height-rule:exactly">&nbsp;</td>
</tr></tbody></table>
`

// goods names something to buy.
func (b *bulk) goods() string {
	return b.s.pick("キッチンスケール デジタル", "ステンレス 水筒", "電気ケトル", "USB充電器 急速", "ノート A5 方眼", "折りたたみ傘 軽量", "モバイルバッテリー", "圧力鍋") + " " +
		b.s.pick("1kg", "500ml", "ブラック", "ホワイト", "5冊パック", "10000mAh", "2個セット") + " " + b.s.upper(6)
}

// trackedLinks makes the links of one message as Amazon's mails have them: through a page that counts, with the target in
// it. Campaign (C), message (M) and template (pe_…) are those of the message, the customer (K) is the same in all; each link
// has its own R and its own hash H, also where two lead to the same goods.
func (b *bulk) trackedLinks(at time.Time) func(target, place string) string {
	campaign, message := b.s.upper(13), at.UTC().Format("20060102150405")+b.s.hex(28)+b.amazon.realm
	template := b.s.pick("pe_1000001_100000002_TE", "pe_2000003_200000004_TE", "pe_300005_300000006_scr", "pe_400000007_4000000008_TLB")
	return func(target, place string) string {
		ref := template + "_dp_" + place
		host := "www.amazon." + b.amazon.tld
		return "https://" + host + "/gp/r.html?C=" + campaign + "&amp;K=1BULKCUSTOMER&amp;M=urn:rtn:msg:" + message + "&amp;R=" + b.s.upper(13) +
			"&amp;T=C&amp;U=https%3A%2F%2F" + host + "%2F" + target + "%2Fref%3D" + ref + "&amp;H=" + b.s.upper(27) + "A&amp;ref_=" + ref
	}
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
		return b.orders()
	case n < 13:
		return b.next(mentionMail)
	case n < 23:
		return b.next(sesMail)
	case n < 38:
		return b.next(attachedMail)
	}
	return b.next(ordinaryMail)
}

// orders makes a notice of an order like no other.
func (b *bulk) orders() string {
	return b.marked(quoteFrom(b.notice(b.at(b.made), true).String()))
}

// notices draws a short notice of Amazon's: many messages in few bytes.
func (b *bulk) notices() string { return b.next(noticeMail) }

func (b *bulk) next(sort int) string {
	return b.marked(b.pool[sort][b.s.n(poolSize)])
}

// marked puts the number of the message in the place of the mark.
func (b *bulk) marked(text string) string {
	b.made++
	return strings.ReplaceAll(text, mark, fmt.Sprintf("%020d", b.made))
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
		text := b.orders()
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
