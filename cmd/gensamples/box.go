package main

import (
	"fmt"
	"mime"
	"sort"
	"strings"
	"time"
)

// box is where the owner keeps a message and what the mail program knows of it.
type box struct {
	folder  string // "inbox", "spam", "trash", "archive", "sent"
	seen    bool
	opened  bool // in a Takeout; elsewhere the same as seen
	replied bool
}

var (
	read   = box{folder: "inbox", seen: true, opened: true}
	unread = box{folder: "inbox"}
	// skipped was marked as read without having been opened, as a filter does it.
	skipped = box{folder: "archive", seen: true}
	junk    = box{folder: "spam"}
	sent    = box{folder: "sent", seen: true, opened: true}
)

// stored is a message in a mailbox.
type stored struct {
	at      time.Time
	message message
	box     box
}

// newestFirst orders as Google's export does: the newest message first.
func newestFirst(list []stored) {
	sort.SliceStable(list, func(i, j int) bool { return list[i].at.After(list[j].at) })
}

func oldestFirst(list []stored) {
	sort.SliceStable(list, func(i, j int) bool { return list[i].at.Before(list[j].at) })
}

// takeoutMbox is an mbox as Google Takeout writes it for an account in Japanese: decimal ids in the From_ lines, the zone
// before the year, labels in encoded words.
func takeoutMbox(list []stored) []byte {
	var b strings.Builder
	for _, m := range list {
		s := newSeed("thread " + m.at.String())
		id := "1" + s.digits(18)
		fmt.Fprintf(&b, "From %s@xxx %s\n", id, m.at.UTC().Format("Mon Jan 02 15:04:05 +0000 2006"))
		fmt.Fprintf(&b, "X-GM-THRID: %s\nX-Gmail-Labels: %s\n", id, strings.ReplaceAll(
			mime.QEncoding.Encode("UTF-8", strings.Join(labelsJA(m.box), ",")), "?= =?", "?=\n =?"))
		b.WriteString(quoteFrom(m.message.String()) + "\n")
	}
	return []byte(b.String())
}

// labelsJA are the system labels of Gmail in Japanese.
func labelsJA(b box) []string {
	list := []string{map[string]string{"inbox": "受信トレイ", "spam": "迷惑メール", "trash": "ゴミ箱", "archive": "アーカイブ済み", "sent": "送信済み"}[b.folder]}
	if b.opened {
		list = append(list, "開封済み")
	}
	if !b.seen {
		list = append(list, "未読")
	}
	return list
}

// mozillaMbox is an mbox of Thunderbird: the state stands in X-Mozilla-Status (bit 0 read, bit 1 replied).
func mozillaMbox(list []stored) []byte {
	var b strings.Builder
	for _, m := range list {
		status := 0
		if m.box.seen {
			status |= 1
		}
		if m.box.replied {
			status |= 2
		}
		fmt.Fprintf(&b, "From - %s\n", m.at.UTC().Format("Mon Jan _2 15:04:05 2006"))
		fmt.Fprintf(&b, "X-Mozilla-Status: %04x\nX-Mozilla-Status2: 00000000\nX-Mozilla-Keys:%s\n", status, strings.Repeat(" ", 81))
		b.WriteString(quoteFrom(m.message.String()) + "\n")
	}
	return []byte(b.String())
}

// statusMbox is an mbox of mutt or Dovecot: Status RO is read, O is old and unread; X-Status A is answered.
func statusMbox(list []stored) []byte {
	var b strings.Builder
	for _, m := range list {
		fmt.Fprintf(&b, "From MAILER-DAEMON %s\n", m.at.UTC().Format("Mon Jan _2 15:04:05 2006"))
		status := "O"
		if m.box.seen {
			status = "RO"
		}
		fields := append(append([]string{}, m.message.fields...), "Status: "+status)
		if m.box.replied {
			fields = append(fields, "X-Status: A")
		}
		b.WriteString(quoteFrom(message{fields, m.message.body}.String()) + "\n")
	}
	return []byte(b.String())
}

// quoteFrom quotes From_ lines as mboxrd does and ends the text with a line end.
func quoteFrom(text string) string {
	list := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i, line := range list {
		if strings.HasPrefix(strings.TrimLeft(line, ">"), "From ") {
			list[i] = ">" + line
		}
	}
	return strings.Join(list, "\n") + "\n"
}
