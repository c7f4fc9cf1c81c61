package message

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mailaudit/mailaudit/analyzer/limit"
)

// notice is a message of the size and shape of a shop's HTML mail.
func notice() []byte {
	var page strings.Builder
	page.WriteString("<html><head><style>.a{color:#333}</style></head><body>")
	for i := range 150 {
		fmt.Fprintf(&page, `<table width=3D"100%%"><tr><td style=3D"padding:10px;font-family:Arial"><a href=3D"https://a.example/gp/%d?x=3D1">Item %d</a> and what is said of it, in one line.</td></tr></table>`+"=\r\n", i, i)
	}
	return []byte(multipart("alternative", part("text/plain; charset=utf-8", strings.Repeat("A line of plain text.\n", 100)),
		"Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n"+page.String()))
}

func BenchmarkParse(b *testing.B) {
	raw := notice()
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		Parse(raw, Options{})
	}
}

func BenchmarkParseHeader(b *testing.B) {
	raw := []byte(crlf("Received: from a.example (a.example [192.0.2.1])\n\tby b.example with ESMTPS id abc;\n\tTue, 3 Feb 2026 04:05:06 +0000\n" +
		"DKIM-Signature: v=1; a=rsa-sha256; d=example.com; b=" + strings.Repeat("abcd", 60) + "\nFrom: A <a@example.net>\nTo: b@example.org\nSubject: hi\nDate: Tue, 3 Feb 2026 04:05:06 +0000\nMessage-ID: <1@a.example>\n\nbody"))
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		ParseHeader(raw, limit.Default())
	}
}
