package detect

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/message"
)

// benchMessages are the first 300 messages of the mailbox that MAILAUDIT_BENCH names, else one notice of 40 links.
func benchMessages(b *testing.B) (all []*message.Message, size int64) {
	raws := [][]byte{benchNotice()}
	if path := os.Getenv("MAILAUDIT_BENCH"); path != "" {
		data, err := os.ReadFile(path)
		if err != nil {
			b.Fatal(err)
		}
		raws = bytes.Split(data[:min(len(data), 16<<20)], []byte("\n\nFrom "))
	}
	for _, raw := range raws[:min(len(raws), 300)] {
		if _, rest, ok := bytes.Cut(raw, []byte("\n")); ok && !bytes.HasPrefix(raw, []byte("From:")) {
			raw = rest // the From_ line
		}
		size += int64(len(raw))
		all = append(all, message.Parse(raw, message.Options{Limits: limit.Default()}))
	}
	return all, size
}

// benchNotice is a message of the shape of a shop's notice: rows of goods with a picture and a long link each.
func benchNotice() []byte {
	var page strings.Builder
	page.WriteString("From: Amazon.co.jp <order-update@amazon.co.jp>\r\nTo: reader@example.com\r\nSubject: Amazon.co.jp ご注文の発送\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><body>")
	for i := range 40 {
		fmt.Fprintf(&page, `<tr><td><a href="https://www.amazon.co.jp/gp/r.html?C=3ABCDEFGHIJK&K=%d&M=urn:rtn:msg:2026&R=%d&T=C&U=https%%3A%%2F%%2Fwww.amazon.co.jp%%2Fdp%%2FB%d%%3Fref_%%3Dpe_%s&H=ABCDEF">商品 %d の説明文</a> ￥%d<br></td></tr>`+"\r\n", i, i, i, strings.Repeat("x", 200), i, 100+i)
	}
	return []byte(page.String())
}

func BenchmarkNotices(b *testing.B) {
	all, size := benchMessages(b)
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		for _, m := range all {
			Run(Input{Message: m, Brands: brand.Builtin(), Limits: limit.Default()})
		}
	}
}
