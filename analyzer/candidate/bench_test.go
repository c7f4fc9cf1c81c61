package candidate

import (
	"bytes"
	"encoding/base64"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/limit"
)

// prose makes plain text of common words; no brand is in it.
func prose(n int, words ...string) string {
	r := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	line := 0
	for b.Len() < n {
		w := words[r.IntN(len(words))]
		b.WriteString(w)
		if line += len(w) + 1; line > 70 {
			b.WriteByte('\n')
			line = 0
		} else {
			b.WriteByte(' ')
		}
	}
	return b.String()
}

func english(n int) string {
	return prose(n, strings.Fields("the of and to in is you that it he was for on are as with his they I at be this have from or one had by word but not what all were we when your can said there use an each which she do how their if will up other about out many then them these so some her would make like him into time has look two more write go see number no way could people my than first water been call who oil its now find long down day did get come made may part over size prize organization meeting Monday")...)
}

func japanese16(n int) string {
	return prose(n, "いつもお世話になっております。", "明日の会議の件ですが、", "資料を添付いたしました。", "ご確認のほど、よろしくお願いいたします。", "（詳細は別紙をご覧ください）", "１０時から", "東京都千代田区", "株式会社サンプル", "カタログ")
}

func newsletter(n int) string {
	var b strings.Builder
	b.WriteString(`<html><head><style type="text/css">.h{color:#333333;font-size:14px} @media screen{.m{width:100%}}</style></head><body>`)
	text := strings.Fields(english(n / 4))
	for i := 0; b.Len() < n; i++ {
		k := i * 12 % (len(text) - 12)
		b.WriteString(`<table width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td align="left" style="padding:10px 20px;font-family:Arial,sans-serif">` + "\n")
		b.WriteString(`<a href="https://click.example.com/track?id=Zk3x9Qm&amp;u=4711&amp;s=` + text[k] + `" style="color:#0066cc">` + strings.Join(text[k:k+12], " ") + "</a>&nbsp;<br>\n</td></tr></table>\n")
	}
	return b.String()
}

func BenchmarkMatch(b *testing.B) {
	m := New(brand.Builtin())
	header := "Received: from mx.example.com (mx.example.com [192.0.2.1])\r\n\tby mx.example.org with ESMTPS id abc\r\n\tfor <you@example.org>; Tue, 6 Jan 2026 03:04:05 +0000\r\nDKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=s1; h=from:to:subject;\r\n\tb=" + strings.Repeat("abcDEF123", 30) + "\r\nFrom: Somebody <a@example.com>\r\nTo: you@example.org\r\nSubject: Minutes of the meeting\r\nDate: Tue, 6 Jan 2026 03:04:05 +0000\r\nMessage-ID: <1@example.com>\r\nMIME-Version: 1.0\r\n"
	for _, c := range []struct{ name, raw string }{
		{"ascii", header + "Content-Type: text/plain; charset=us-ascii\r\n\r\n" + english(64<<10)},
		{"small", header + "Content-Type: text/plain; charset=us-ascii\r\n\r\n" + english(2<<10)},
		{"base64", header + "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64Lines(english(64<<10))},
		{"quoted", header + "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" + quoted(english(64<<10))},
		{"japanese", header + "Content-Type: text/plain; charset=utf-8\r\n\r\n" + japanese16(64<<10)},
		{"html", header + "Content-Type: text/html; charset=utf-8\r\n\r\n" + newsletter(64<<10)},
		{"html quoted", header + "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" + quoted(newsletter(64<<10))},
		{"attachment", header + "Content-Type: multipart/mixed; boundary=b1\r\n\r\n--b1\r\nContent-Type: text/plain\r\n\r\nSee attachment.\r\n--b1\r\nContent-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("0123456789"), 30000)) + "\r\n--b1--\r\n"},
	} {
		raw := []byte(c.raw)
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				if m.Match(raw, limit.Default()) {
					b.Fatal("is a candidate")
				}
			}
		})
	}
}

func BenchmarkNew(b *testing.B) {
	set := brand.Builtin()
	for b.Loop() {
		New(set)
	}
}
