package candidate

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/mailaudit/mailaudit/analyzer/message"
)

// TestUsualMailbox says which forms are taken for usual.
func TestUsualMailbox(t *testing.T) {
	for _, c := range []struct {
		field string
		want  bool
	}{
		{" =?UTF-8?B?44Ki44Oe44K+44Oz?= <a@example.org>", true},
		{" \"=?UTF-8?B?44Ki44Oe44K+44Oz?=\" <a@example.org>\r\n", true},
		{" =?UTF-8?Q?=E3=82=A2=E3=83=9E?=\r\n =?UTF-8?Q?=E3=82=BE=E3=83=B3?= <a@example.org>", true},
		{" =?UTF-8?B?44Ki44Oe<a@example.org>", false},                             // left open
		{" =?UTF-8?B?44Ki44Oe44K+44Oz?= <a@example.org> (x)", false},              // a comment
		{" \"=?UTF-8?B?44Ki44Oe44K+44Oz?= <a@example.org>", false},                // a quote that is left open
		{" ama=?UTF-8?B?44Ki44Oe44K+44Oz?= <a@example.org>", false},               // a word before it
		{" =?UTF-8?B?44Ki44Oe44K+44Oz?= <a@example.org>, <b@example.org>", false}, // two
		{" =?UTF-8?B?44Ki44Oe44K+44Oz?= <=?utf-8?q?amazon?=@example.org>", false},
		{" <a@example.org>", false},
		{"", false},
	} {
		if got := usualMailbox([]byte(c.field)); got != c.want {
			t.Errorf("%q: %v", c.field, got)
		}
	}
}

// TestUsualMailboxHidesNothing says that names and address of a usual mailbox stand in the decoded field as they are.
func TestUsualMailboxHidesNothing(t *testing.T) {
	piece := rapid.SampledFrom([]string{
		"=?UTF-8?B?YW1h?=", "=?utf-8?q?zon?=", "=?UTF-8?Q?=E3=82=A2?=", "=?iso-2022-jp?B?GyRCJSIbKEI=?=", "=?UTF-8?B?44K?=", "=?UTF-8?B?++/?=",
		"=?x?q??=", "=?utf-8?q?a_b?=", "=?utf-8?q?=22a=3Cb=2C?=", "=?utf-8*ja?q?a?=", "=?utf-8?x?a?=", "=?", "?=", " ", "\r\n ", "\"", "ama", "zon", "(", ")", "\\", ",", "ア",
	})
	address := rapid.SampledFrom([]string{"<a@example.org>", "<ama-zon@x>", " <a@b>", "<a@b>, c", "<a@b> ", "a@b", "<<a@b>", "<@b>", "<>", "<.a@b.>", "<mailto:a@b>"})
	usual := 0
	rapid.Check(t, func(t *rapid.T) {
		field := strings.Join(rapid.SliceOfN(piece, 0, 4).Draw(t, "name"), "") + address.Draw(t, "address")
		if rapid.Bool().Draw(t, "whole") {
			// Pieces alone seldom make a usual mailbox: twenty draws can pass without one.
			field = " " + piece.Draw(t, "word") + " <a@example.org>"
		}
		if !usualMailbox([]byte(field)) {
			return
		}
		usual++
		decoded := message.DecodeHeader(field)
		for _, a := range message.ParseAddresses(field) {
			if !strings.Contains(decoded, a.Name) || !strings.Contains(decoded, a.Address) {
				t.Fatalf("%q is decoded as %q, and read as %q", field, decoded, a)
			}
		}
	})
	if usual == 0 {
		t.Error("nothing was usual")
	}
}
