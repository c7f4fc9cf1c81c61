package msg_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/mailaudit/mailaudit/analyzer/mailbox/mapi"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/msg"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/msg/msgtest"
)

var lim = msg.Limits{Depth: 4, Entries: 1000}

// sample is a message with a header, a text, a recipient, an attachment that has sectors of its own, and a message in it.
func sample() *msgtest.Message {
	inner := &msgtest.Message{Props: []msgtest.Prop{msgtest.Text(0x001A, "IPM.Note"), msgtest.Text(0x0037, "inner subject"), msgtest.Text(0x1000, "inner text")}}
	return &msgtest.Message{
		Props: []msgtest.Prop{
			msgtest.Text(0x001A, "IPM.Note"), msgtest.Text(0x0037, "お客様のアカウント"), msgtest.Int(0x0E07, 1),
			msgtest.Text(0x007D, "Received: from a.example by b.example; Tue, 3 Feb 2026 04:05:06 +0000\r\nFrom: Amazon <x@amazon.co.jp>\r\nTo: hanako@example.jp\r\nSubject: x\r\nDate: Tue, 3 Feb 2026 04:05:00 +0000\r\nMessage-ID: <1@amazon.co.jp>\r\n\r\n"),
			msgtest.Text(0x1000, "Hello, this is the text."),
		},
		Recipients: [][]msgtest.Prop{{msgtest.Int(0x0C15, 1), msgtest.Text(0x39FE, "hanako@example.jp")}},
		Attachments: []msgtest.Attachment{
			{Props: []msgtest.Prop{msgtest.Int(0x3705, 1), msgtest.Text(0x3707, "a.bin"), msgtest.Binary(0x3701, bytes.Repeat([]byte("data "), 2000))}},
			{Props: []msgtest.Prop{msgtest.Int(0x3705, 5)}, Message: inner},
		},
	}
}

func TestRead(t *testing.T) {
	m, err := msg.Read(sample().Bytes(), lim)
	if err != nil {
		t.Fatal(err)
	}
	if !m.IsMail() || len(m.Recipients) != 1 || len(m.Attachments) != 2 || m.Attachments[0].Size != 10000 || m.Attachments[1].Message == nil {
		t.Fatalf("class %q, %d recipients, attachments %+v", m.Class(), len(m.Recipients), m.Attachments)
	}
	if s := m.State(nil); s.Seen == nil || !*s.Seen {
		t.Errorf("state %+v, want seen", s)
	}
	text := converted(t, m)
	for _, want := range []string{"From: Amazon <x@amazon.co.jp>", "Message-ID: <1@amazon.co.jp>", "Hello, this is the text.", "a.bin", "inner subject", "inner text"} {
		if !strings.Contains(text, want) {
			t.Errorf("the message put together again has no %q:\n%s", want, text[:min(len(text), 1500)])
		}
	}
}

// TestDeepMessages: messages lie in one another as deep as the limit says, and what is deeper is said.
func TestDeepMessages(t *testing.T) {
	m := &msgtest.Message{Props: []msgtest.Prop{msgtest.Text(0x001A, "IPM.Note"), msgtest.Text(0x0037, "innermost")}}
	for range 6 {
		m = &msgtest.Message{Props: []msgtest.Prop{msgtest.Text(0x001A, "IPM.Note")}, Attachments: []msgtest.Attachment{{Props: []msgtest.Prop{msgtest.Int(0x3705, 5)}, Message: m}}}
	}
	got, err := msg.Read(m.Bytes(), lim)
	if err != nil {
		t.Fatal(err)
	}
	depth, at := 1, got
	for len(at.Attachments) == 1 && at.Attachments[0].Message != nil {
		at = at.Attachments[0].Message
		depth++
	}
	if depth != lim.Depth || len(at.Problems) != 1 {
		t.Errorf("%d deep, want %d; problems %q", depth, lim.Depth, at.Problems)
	}
}

// TestDamage: of a file that is cut, or has other bytes somewhere, something is read or an error says that nothing can be.
func TestDamage(t *testing.T) {
	raw := sample().Bytes()
	if _, err := msg.Read([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), lim); !errors.Is(err, msg.ErrFormat) {
		t.Errorf("eight bytes: %v", err)
	}
	if _, err := msg.Read(raw, msg.Limits{Depth: 4, Entries: 5}); !errors.Is(err, msg.ErrLimit) {
		t.Errorf("more entries than allowed: %v", err)
	}
	for at := 0; at < len(raw); at += 101 {
		for _, data := range [][]byte{raw[:at], flipped(raw, at)} {
			m, err := msg.Read(data, lim)
			switch {
			case err == nil:
				converted(t, m)
			case !errors.Is(err, msg.ErrFormat) && !errors.Is(err, msg.ErrLimit):
				t.Fatalf("at %d: %v", at, err)
			}
		}
	}
}

func flipped(raw []byte, at int) []byte {
	data := bytes.Clone(raw)
	data[at] ^= 0xff
	return data
}

func converted(t testing.TB, m *mapi.Message) string {
	t.Helper()
	c := mapi.Convert(m, mapi.Limits{Header: 1 << 20, Text: 1 << 20, Depth: 4, Held: 1 << 20})
	b, err := io.ReadAll(c.Reader())
	if err != nil || int64(len(b)) != c.Size {
		t.Fatalf("converted: %v, %d bytes of %d", err, len(b), c.Size)
	}
	return string(b)
}

// FuzzRead: whatever the bytes, reading ends, does not panic, holds no more than the file has, and what is read can be written.
func FuzzRead(f *testing.F) {
	f.Add(sample().Bytes())
	f.Add((&msgtest.Message{Props: []msgtest.Prop{msgtest.Text(0x001A, "IPM.Note")}}).Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<20 {
			return
		}
		m, err := msg.Read(data, lim)
		if err != nil {
			return
		}
		var held int64
		for _, a := range m.Attachments {
			held += a.Size
		}
		if held > int64(len(data)) {
			t.Errorf("attachments of %d bytes in a file of %d", held, len(data))
		}
		converted(t, m)
	})
}
