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
	sorts
)

// mark stands in the Message-ID of every message of a pool and is replaced in each copy.
const mark = "0000bulk0000mark0000"

// poolSize is how many different messages of a sort are made. Their texts differ in length and words; more of them would
// only fill the processor's caches with what a mailbox of real mail fills them with anyway.
const poolSize = 120

// bulkShapes are the shapes of bulk mail that -bulk takes.
var bulkShapes = map[string]func(b *bulk, size int64, out string) error{
	"mixed":   func(b *bulk, size int64, out string) error { return b.file(size, out, (*bulk).mixed) },
	"amazon":  func(b *bulk, size int64, out string) error { return b.file(size, out, (*bulk).amazon) },
	"maildir": (*bulk).maildir,
	"zip":     (*bulk).zip,
	"tgz":     (*bulk).tgz,
}

func newBulk() *bulk {
	b := &bulk{s: newSeed("bulk")}
	owner := address{"山田 遥", "haruka.yamada@example.com"}
	amazon := store{"co.jp", "us-west-2", "p0fe", owner, "A1BULK", gmail}
	start := jst("2019-01-01 09:00:00")
	for i := range poolSize {
		at := start.Add(time.Duration(i) * 7 * time.Hour)
		b.add(amazonMail, deliver(b.s, gmail, b.amazonRoute(amazon, at), b.amazonLetter(amazon, at), owner.addr))
		b.add(ordinaryMail, b.stranger(owner, at, 2+b.s.n(40), false, false, 0))
		b.add(mentionMail, b.stranger(owner, at, 20+b.s.n(60), true, false, 0))
		b.add(sesMail, b.stranger(owner, at, 20+b.s.n(60), false, true, 0))
		b.add(attachedMail, b.stranger(owner, at, 4, false, false, 30_000+b.s.n(200_000)))
	}
	return b
}

func (b *bulk) add(sort int, m message) { b.pool[sort] = append(b.pool[sort], quoteFrom(m.String())) }

// amazonLetter is a notice of about 37 KB of HTML, as Amazon's order mails are.
func (b *bulk) amazonLetter(a store, at time.Time) letter {
	n := orderPlacedJA(at, read, a.owner.name, "キッチンスケール デジタル…", b.s.order("249"), 1000+b.s.n(9000))
	n.html = page(n.plain) + "<div>" + strings.Repeat(`<table role="presentation" cellpadding="0" cellspacing="0" style="font-family:Arial"><tr><td width="150" style="padding:0 12px">お届け予定</td><td>合計</td></tr></table>`+"\n", 150) + "</div>"
	l, _ := a.letter(b.s, n)
	l.messageID = strings.Replace(l.messageID, "-000000@", "-"+mark+"@", 1)
	return l
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
			"今月のおすすめは、春の新作と季節の小物です。", "The meeting has moved to Thursday; the room stays the same.") + " " + b.s.lower(30) + "\n")
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

// zip writes an archive of two mailboxes, as Takeout packs them.
func (b *bulk) zip(size int64, out string) error {
	f, err := os.Create(out)
	if err != nil {
		return err
	}
	z := zip.NewWriter(f)
	for _, name := range []string{"Takeout/メール/すべてのメール.mbox", "Takeout/メール/迷惑メール.mbox"} {
		w, err := z.Create(name)
		if err != nil {
			return err
		}
		if err := b.stream(w, size/2, (*bulk).mixed); err != nil {
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
