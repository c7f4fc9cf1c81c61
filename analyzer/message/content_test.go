package message

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/message/volatile"
)

const contentSample = "From: a@example.net\nSubject: hi\n folded\nTo: b@example.org\n\nHello\nFrom here on\n> quoted\n>>From there\n\nbye\n"

func TestContent(t *testing.T) {
	same := map[string]string{
		"CRLF":                      strings.ReplaceAll(contentSample, "\n", "\r\n"),
		"quoted once":               strings.ReplaceAll(contentSample, "\nFrom here", "\n>From here"),
		"quoted deeper":             strings.ReplaceAll(contentSample, ">>From there", ">>>>From there"),
		"trailing blank lines":      contentSample + "\n\r\n\n",
		"no final line end":         strings.TrimSuffix(contentSample, "\n"),
		"status":                    "Status: RO\nX-Status: A\n" + contentSample,
		"mozilla":                   "X-Mozilla-Status: 0001\nX-Mozilla-Keys:   \n  $label1\n" + contentSample,
		"gmail":                     "X-GM-THRID: 1\nX-Gmail-Labels: =?utf-8?Q?a?=,\n b\n" + contentSample,
		"IMAP server":               "X-IMAPbase: 1 2\nX-UID: 7\nX-Keywords: x\nContent-Length: 5\nLines: 3\n" + contentSample,
		"a synchroniser's marker":   "X-TUID: abcdefghijkl\nX-OfflineIMAP-1-2: 3\n" + contentSample,
		"a label, folded":           strings.Replace(contentSample, "Subject", "X-Label: work,\n later\nSubject", 1),
		"fetched by POP3":           "X-Account-Key: account1\nX-UIDL: 00001\n" + contentSample,
		"lower case, white space":   strings.Replace(contentSample, "Subject", "status : RO\nSubject", 1),
		"field in front of the end": strings.Replace(contentSample, "\n\nHello", "\nStatus: O\n\nHello", 1),
	}
	want := Content([]byte(contentSample), false)
	for name, raw := range same {
		if Content([]byte(raw), strings.Contains(name, "quoted")) != want {
			t.Errorf("%s: another digest", name)
		}
	}
	for name, raw := range map[string]string{
		"body":                  strings.Replace(contentSample, "bye", "Bye", 1),
		"subject":               strings.Replace(contentSample, "hi", "ho", 1),
		"status in the body":    strings.Replace(contentSample, "Hello", "Status: RO\nHello", 1),
		"blank line in between": strings.Replace(contentSample, "Hello\n", "Hello\n\n", 1),
		"x-status of another":   "X-Status-Code: 1\n" + contentSample,
	} {
		if Content([]byte(raw), false) == want {
			t.Errorf("%s: the same digest", name)
		}
	}
	if id := fact.MessageID(fact.ContentID(want)); len(id) != 18 || !strings.HasPrefix(id, "m-") || !strings.HasPrefix(want.String(), id[2:]) {
		t.Errorf("id %q", id)
	}
}

// TestContentInvariant: however a message is quoted, its lines ended and its status written, the digest is the same.
func TestContentInvariant(t *testing.T) {
	lines := []string{"From here", ">From there", ">>From", "text", "", " x", "Status: RO", "From: x@example.net", ">", "a\rb", "\x00", "From"}
	rapid.Check(t, func(t *rapid.T) {
		head := rapid.SliceOfN(rapid.SampledFrom([]string{"Subject: hi", "X-A: 1", " folded", "To: a@example.net", "junk"}), 1, 5).Draw(t, "head")
		body := rapid.SliceOfN(rapid.SampledFrom(lines), 0, 8).Draw(t, "body")
		raw := "From: a@example.net\n" + strings.Join(head, "\n") + "\n\n" + strings.Join(body, "\n")
		want := Content([]byte(raw), false)

		other := raw
		if rapid.Bool().Draw(t, "quote") {
			other = quoteFrom(other)
		}
		if rapid.Bool().Draw(t, "status") {
			other = "Status: RO\nX-Mozilla-Status2: 0\n 1\n" + other
		}
		if rapid.Bool().Draw(t, "crlf") {
			other = strings.ReplaceAll(other, "\n", "\r\n")
		}
		other += strings.Repeat("\n", rapid.IntRange(0, 3).Draw(t, "blank"))
		if Content([]byte(other), true) != want {
			t.Fatalf("digests of %q and %q differ", raw, other)
		}
	})
}

func quoteFrom(s string) string {
	head, body, _ := strings.Cut(s, "\n\n")
	lines := strings.Split(body, "\n")
	for i, l := range lines {
		if strings.HasPrefix(strings.TrimLeft(l, ">"), "From ") {
			lines[i] = ">" + l
		}
	}
	return head + "\n\n" + strings.Join(lines, "\n")
}

func BenchmarkContent(b *testing.B) {
	raw := bytes.Repeat([]byte(contentSample), 500)
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		Content(raw, false)
	}
}

// plainContent is what Content hashes, line by line.
func plainContent(raw []byte) []byte {
	var out []byte
	header, dropping, blank := true, false, 0
	for at := 0; at < len(raw); {
		next, end := lineAt(raw, at)
		if !header {
			end = bodyLine(raw, at, next)
		}
		line := raw[at:end]
		began := at
		at = next
		if header && len(line) > 0 {
			if line[0] != ' ' && line[0] != '\t' {
				dropping = leftOut(raw, began, volatile.Version)
			}
			if dropping {
				continue
			}
		}
		header = header && len(line) > 0
		if t := bytes.TrimLeft(line, ">"); bytes.HasPrefix(t, []byte("From ")) {
			line = t
		}
		if len(line) == 0 {
			blank++
			continue
		}
		out = append(append(out, bytes.Repeat([]byte{'\n'}, blank)...), line...)
		blank = 1
	}
	return out
}

// FuzzContentPlain holds Content to the reading line by line.
func FuzzContentPlain(f *testing.F) {
	for _, s := range []string{
		"", "A: b", "A: b\n\n", "A: b\r\n\r\nx\r\n\r\n", "A: b\n\n\n\nx\n\n\n", "A: b\n\n>From x\n>>From y\n> z\n", "A: b\n\n>From x", "Status: R\n x\nA: b\n\nx\r", "A: b\n\nx\r\r\n\r\n",
		"A: b\n\nx\n>From y\r\nz\r\n\n", "A: b\r\n\r\n\r\r\n", "A: b\n\n" + strings.Repeat("line\r\n", 3000), "A: b\n\n" + strings.Repeat("line\n", 3000), "\n\nx\n", "A: b\n Lines: 1\n\nx",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if got, want := Content(raw, false), evidence.Sum(plainContent(raw)); got != want {
			t.Fatalf("%q: other than line by line", raw)
		}
		if sum, content := Digests(raw); sum != evidence.Sum(raw) || content != Content(raw, false) {
			t.Fatalf("%q: in one pass other than in two", raw)
		}
	})
}

// TestFetchedCopies: what getmail and fetchmail put before a message that they fetched does not make it another one, and the
// content that it had by the lists before is known.
func TestFetchedCopies(t *testing.T) {
	const served = "Return-Path: <a@example.com>\nDelivered-To: me@example.org\nReceived: from mail.example.com (mail.example.com [192.0.2.7])\n\tby mx.example.org with ESMTPS id x; Mon, 5 Jan 2026 04:05:06 +0000\n" +
		"From: a@example.com\nSubject: hi\n\nhello\n"
	rest := strings.TrimPrefix(served, "Return-Path: <a@example.com>\n")
	want := Content([]byte(served), false)
	for name, copied := range map[string]string{
		"getmail6":  "Return-Path: <a@example.com>\nDelivered-To: me\nReceived: from imap.example.org by home with IMAP4-SSL getmail6 msgid:9/1;\n  05 Jan 2026 04:06:00 -0000\nX-getmail-retrieved-from-mailbox: INBOX\nX-GMAIL-THRID: 1\n" + rest,
		"getmail 5": "Return-Path: <a@example.com>\nReceived: from pop.example.org by home with POP3;\n  05 Jan 2026 04:06:00 -0000\n" + rest,
		"fetchmail": strings.Replace(served, "Received:", "Received: from imap.example.org [192.0.2.9]\n\tby localhost with IMAP (fetchmail-6.4.37)\n\tfor <me@localhost> (single-drop); Mon, 05 Jan 2026 04:06:00 +0000 (GMT)\nReceived:", 1),
	} {
		if Content([]byte(copied), false) != want {
			t.Errorf("%s: another content", name)
		}
		if _, content := Digests([]byte(copied)); content != want {
			t.Errorf("%s: another content beside the digest", name)
		}
		if former, ok := FormerContent([]byte(copied)); !ok || former != digest([]byte(copied), 2) {
			t.Errorf("%s: the former content is not that of the list before", name)
		}
	}
	// Other Received fields, and a Delivered-To before them, belong to the message.
	for _, text := range []string{"Delivered-To: other\n" + served, "Received: by mx.example.org with SMTP; Mon, 5 Jan 2026 04:05:07 +0000\n" + served} {
		if Content([]byte(text), false) == want {
			t.Errorf("%q has the same content", text[:20])
		}
	}
	if _, ok := FormerContent([]byte(served)); ok {
		t.Error("a message without such fields has a former content")
	}
	if former, ok := FormerContent([]byte("X-TUID: 1\n" + served)); !ok || former != digest([]byte("X-TUID: 1\n"+served), 1) {
		t.Error("the former content of a message of the list before is not found")
	}
}
