package main

import (
	"archive/zip"
	"bytes"
	"io"
	"time"

	"github.com/klauspost/compress/flate"
)

// takeout is an archive as Google delivers it to an account in Japanese: member and label names in Japanese, a member for
// each label the owner picked, so that one message lies in it more than once; pictures and settings beside the mail. A
// genuine notice of a changed e-mail address went to spam, and a password reset that nobody asked for was never opened.
func takeout() tree {
	owner := address{"鈴木 大輔", "daisuke.suzuki@example.net"}
	amazon := store{"co.jp", "us-west-2", "p0fe", owner, "A1DAISUKEEXAMPL", gmail}
	s := newSeed("takeout-ja")
	list := ordinary(correspondentsJA(), owner, gmail, jst("2025-03-01 00:00:00"), jst("2025-08-31 00:00:00"))
	no := s.order("250")
	for _, n := range []notice{
		orderPlacedJA(jst("2025-04-06 19:22:10"), read, owner.name, "登山用ザック 30L…", no, 12800),
		orderShippedJA(jst("2025-04-07 15:10:41"), read, owner.name, "登山用ザック 30L…", no),
		primeFeeJA(jst("2025-05-02 09:00:12"), read, owner.name),
		primeFeeJA(jst("2025-06-02 09:00:09"), unread, owner.name),
		primeFeeJA(jst("2025-07-02 09:00:15"), read, owner.name),
		primeFeeJA(jst("2025-08-02 09:00:11"), read, owner.name),
		passwordResetJA(jst("2025-08-10 02:48:33"), unread, owner.name),
		emailChangedJA(jst("2025-08-10 02:57:01"), junk, owner.name, owner.addr, "dsuzuki.8841@mailbox-anon.example"),
	} {
		list = append(list, amazon.mail(s, n))
	}
	v, lures := victim{owner, gmail}, luresJA()
	for i, at := range []string{"2025-07-21 06:12:09", "2025-08-02 23:45:30", "2025-08-09 18:20:44", "2025-08-15 05:05:05"} {
		f := lures[(i*2+1)%len(lures)]
		f.at, f.box = jst(at), junk
		f.link = "https://tetsuzuki-madoguchi.example/ap/signin"
		list = append(list, v.spoof(s, f, "account-update"))
	}
	newestFirst(list)
	return tree{"takeout-20250901T031415Z-001.zip": zipped(takeoutMembers(list))}
}

// member is one file of an archive, in the archive's order.
type member struct {
	name string
	data []byte
}

func takeoutMembers(list []stored) []member {
	const mail = "Takeout/メール/"
	only := func(keep func(stored) bool) []byte {
		var some []stored
		for _, m := range list {
			if keep(m) {
				some = append(some, m)
			}
		}
		return takeoutMbox(some)
	}
	in := func(folder string) func(stored) bool { return func(m stored) bool { return m.box.folder == folder } }
	return []member{
		{"Takeout/アーカイブ_閲覧.html", []byte("<!DOCTYPE html>\n<title>Google データ アーカイブの内容</title>\n<p>メール</p>\n")},
		{mail + "ユーザー設定/メールの設定.json", []byte("{\"language\": \"ja\", \"timezone\": \"Asia/Tokyo\"}\n")},
		{mail + "受信トレイ.mbox", only(in("inbox"))},
		{mail + "迷惑メール.mbox", only(in("spam"))},
		{mail + "送信済み.mbox", only(in("sent"))},
		{mail + "買い物.mbox", only(func(m stored) bool { return m.box.folder == "inbox" && m.at.Month() == time.April })},
		{"Takeout/Google フォト/山.jpg", []byte("\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9")},
	}
}

// zipped makes a zip file. The deflater is the one pinned in go.mod, so that a newer Go toolchain writes the same bytes.
func zipped(members []member) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	w.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) { return flate.NewWriter(out, 9) })
	for _, m := range members {
		f, err := w.CreateHeader(&zip.FileHeader{Name: m.name, Method: zip.Deflate, Modified: clock("2025-09-01 03:14:16", 0)})
		must(err)
		_, err = f.Write(m.data)
		must(err)
	}
	must(w.Close())
	return b.Bytes()
}
