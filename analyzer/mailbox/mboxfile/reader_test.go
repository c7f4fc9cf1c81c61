package mboxfile

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/block"
)

const (
	from1 = "From ann@example.com Thu Jan  1 00:00:01 2026\n"
	from2 = "From bob@example.com Fri Jan  2 00:00:01 2026\n"
	head1 = "From: ann@example.com\nSubject: one\n\n"
	head2 = "From: bob@example.com\nSubject: two\n\n"
	tko1  = "From 1545668983435175434@xxx Thu Jan 01 00:00:01 +0000 2026\nX-GM-THRID: 1545668983435175434\n" + head1
	tko2  = "From 1545668983435175435@xxx Fri Jan 02 00:00:01 +0000 2026\nX-GM-THRID: 1545668983435175435\n" + head2
)

// splits are mboxes and how they are cut. want has the first bytes of each message's body or header; doubts the doubt of each.
var splits = []struct {
	name   string
	mbox   string
	want   []string // each message as stored
	doubts []string // of each; nil for none
}{
	{name: "two messages, LF", mbox: from1 + head1 + "a\n\n" + from2 + head2 + "b\n\n", want: []string{head1 + "a\n", head2 + "b\n"}},
	{name: "no newline at the end of the file", mbox: from1 + head1 + "a\n\n" + from2 + head2 + "b", want: []string{head1 + "a\n", head2 + "b"}},
	{
		name: "a byte order mark and blank lines before the first message are framing",
		mbox: "\xef\xbb\xbf\n\r\n" + from1 + head1 + "a\n", want: []string{head1 + "a\n"},
	},
	{
		name: "CRLF", mbox: strings.ReplaceAll(from1+head1+"a\n\n"+from2+head2+"b\n\n", "\n", "\r\n"),
		want: []string{strings.ReplaceAll(head1+"a\n", "\n", "\r\n"), strings.ReplaceAll(head2+"b\n", "\n", "\r\n")},
	},
	{
		name: "lone CR", mbox: strings.ReplaceAll(from1+head1+"a\n\n"+from2+head2+"b\n\n", "\n", "\r"),
		want: []string{strings.ReplaceAll(head1+"a\n", "\n", "\r"), strings.ReplaceAll(head2+"b\n", "\n", "\r")},
	},
	{
		name: "a lone CR ends no line where the file's lines end with LF", mbox: from1 + head1 + "a\r\r" + strings.TrimSuffix(from2, "\n") + "\rX-A: b\n",
		want: []string{head1 + "a\r\r" + strings.TrimSuffix(from2, "\n") + "\rX-A: b\n"},
	},
	{
		name: "LF and CRLF mixed", mbox: from1 + head1 + "a\r\n\r\n" + from2 + head2 + "b\n",
		want: []string{head1 + "a\r\n", head2 + "b\n"},
	},
	{
		name: "no blank line before a From_ line: split, but not certain", mbox: from1 + head1 + "a\n" + from2 + head2 + "b\n",
		want: []string{head1 + "a\n", head2 + "b\n"}, doubts: []string{"", DoubtNoBlank},
	},
	{
		name: "prose that begins with From is no start, first line of the body included",
		mbox: from1 + head1 + "From here on we go\n\nFrom Russia with love\nYear: 1963\n\n" + from2 + head2 + "b\n",
		want: []string{head1 + "From here on we go\n\nFrom Russia with love\nYear: 1963\n", head2 + "b\n"}, doubts: []string{"", DoubtUnquoted},
	},
	{
		name: "a file that has shown a quoted line is believed", mbox: from1 + head1 + ">From here on we go\n\n" + from2 + head2 + "b\n",
		want: []string{head1 + ">From here on we go\n", head2 + "b\n"},
	},
	{
		name: "Takeout: the zone stands before the year", mbox: tko1 + "a\n\n" + tko2 + "b\n\n",
		want: []string{tko1[strings.Index(tko1, "\n")+1:] + "a\n", tko2[strings.Index(tko2, "\n")+1:] + "b\n"},
	},
	{
		name: "a From_ line without @xxx in a Takeout is an attacker's", mbox: tko1 + "a\n\n" + from2 + "Received: from x by mx.google.com\n\nfake\n\n" + tko2 + "b\n",
		want:   []string{tko1[strings.Index(tko1, "\n")+1:] + "a\n", "Received: from x by mx.google.com\n\nfake\n", tko2[strings.Index(tko2, "\n")+1:] + "b\n"},
		doubts: []string{"", DoubtForm, ""},
	},
	{
		name: "From_ lines of Thunderbird with and without date", mbox: "From - Thu Jan 01 00:00:01 2026\nX-Mozilla-Status: 0001\n" + head1 + "a\n\nFrom - \nX-Mozilla-Status: 0001\n" + head2 + "b\n",
		want: []string{"X-Mozilla-Status: 0001\n" + head1 + "a\n", "X-Mozilla-Status: 0001\n" + head2 + "b\n"},
	},
	{
		name: "a bare From_ line needs a header behind it, and proves little", mbox: "From \n" + head1 + "a\n\nFrom \nno header\n\nFrom \n" + head2 + "b\n",
		want: []string{head1 + "a\n\nFrom \nno header\n", head2 + "b\n"}, doubts: []string{"", DoubtUnquoted},
	},
	{
		name: "UUCP", mbox: "From ann Thu Jan  1 00:00:01 2026 remote from host\n" + head1 + "a\n\nFrom bob Fri Jan  2 00:01 26 remote from host\n" + head2 + "b\n",
		want: []string{head1 + "a\n", head2 + "b\n"},
	},
	{
		name: "Google Groups export", mbox: "From -1234567890123456789\nX-Google-Thread: 1\n" + head1 + "a\n\nFrom 876543210987654321\nX-Google-Thread: 2\n" + head2 + "b\n",
		want: []string{"X-Google-Thread: 1\n" + head1 + "a\n", "X-Google-Thread: 2\n" + head2 + "b\n"},
	},
	{
		name: "an odd first From_ line with a header behind it", mbox: "From Ann, den 1. Januar\n" + head1 + "a\n\n",
		want: []string{head1 + "a\n"},
	},
	{
		name: "git format-patch in a body is no start",
		mbox: from1 + head1 + "-- \n2.40\n\nFrom 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\nFrom: x@example.com\n\npatch\n\n",
		want: []string{head1 + "-- \n2.40\n\nFrom 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\nFrom: x@example.com\n\npatch\n"},
	},
	{
		name: "a file made of patches is split at them",
		mbox: "From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\n" + head1 + "a\n\nFrom 1123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\n" + head2 + "b\n",
		want: []string{head1 + "a\n", head2 + "b\n"},
	},
	{
		name: "Content-Length covers an unquoted From_ line with a valid date",
		mbox: from1 + "Content-Length: 60\n" + head1 + "123456\n\n" + from2 + "A: b\n\n" + from2 + "Content-Length: 2\n" + head2 + "b\n",
		want: []string{"Content-Length: 60\n" + head1 + "123456\n\n" + from2 + "A: b\n", "Content-Length: 2\n" + head2 + "b\n"},
	},
	{
		name: "a Content-Length that leads nowhere is ignored", mbox: from1 + "Content-Length: 50\n" + head1 + "a\n\n" + from2 + head2 + "b\n",
		want: []string{"Content-Length: 50\n" + head1 + "a\n", head2 + "b\n"},
	},
	{
		name: "two Content-Lengths that differ are ignored", mbox: from1 + "Content-Length: 2\nContent-Length: 300\n" + head1 + "a\n\n" + from2 + head2 + "b\n",
		want: []string{"Content-Length: 2\nContent-Length: 300\n" + head1 + "a\n", head2 + "b\n"},
	},
	{
		name: "the From_ line inside a message/rfc822 part starts no message",
		mbox: from1 + "Content-Type: multipart/mixed; boundary=b\n" + head1 + "--b\nContent-Type: message/rfc822\n\nFrom x@example.com Thu Jan  1 00:00:01 2026\nSubject: inner\n\ninner\n--b--\n\n" + from2 + head2 + "b\n",
		want: []string{
			"Content-Type: multipart/mixed; boundary=b\n" + head1 + "--b\nContent-Type: message/rfc822\n\nFrom x@example.com Thu Jan  1 00:00:01 2026\nSubject: inner\n\ninner\n--b--\n",
			head2 + "b\n",
		}, doubts: []string{"", DoubtUnquoted},
	},
	{
		name: "a part header left open at the end of a mail doesn't swallow the next one",
		mbox: from1 + head1 + "--b\nContent-Type: message/rfc822\n\n" + from2 + head2 + "b\n\n" + from1 + head1 + "--b\n",
		want: []string{head1 + "--b\nContent-Type: message/rfc822\n", head2 + "b\n", head1 + "--b\n"},
	},
	{
		name: "a file without its first From_ line begins with a message all the same", mbox: head1 + "a\n\n" + from2 + head2 + "b\n",
		want: []string{head1 + "a\n", head2 + "b\n"}, doubts: []string{DoubtNoFromLine, ""},
	},
	{
		name: "a date that doesn't exist is a From_ line all the same", mbox: from1 + head1 + "a\n\nFrom x@example.com Thu Feb 31 25:00:00 2026\n" + head2 + "b\n",
		want: []string{head1 + "a\n", head2 + "b\n"}, doubts: []string{"", DoubtForm},
	},
	{
		name: "another form of line in a file that has shown no quoting", mbox: from1 + head1 + "a\n\n" + from2 + head2 + "b\n\nFrom eve@example.com Sat Jan  3 00:00:01 2026 +0000\nReceived: from x\n\nfake\n",
		want: []string{head1 + "a\n", head2 + "b\n", "Received: from x\n\nfake\n"}, doubts: []string{"", "", DoubtForm},
	},
	{
		name: "a row of NUL in place of lost blocks hides no message behind it", mbox: from1 + head1 + "a\n\n" + strings.Repeat("\x00", 64) + from2 + head2 + "b\n",
		want: []string{head1 + "a\n\n" + strings.Repeat("\x00", 64), head2 + "b\n"}, doubts: []string{"", DoubtNoBlank},
	},
	{name: "a message that is nothing but a blank line", mbox: from1 + "\n" + from2 + head2 + "b\n", want: []string{"", head2 + "b\n"}},
	{
		name: "a From_ line at the very end", mbox: from1 + head1 + "a\n\n" + strings.TrimSuffix(from2, "\n"),
		want: []string{head1 + "a\n", ""}, doubts: []string{"", DoubtNoHeader},
	},
	{
		name: "neomutt#4886: a cut From_ line behind a From_ line", mbox: from1 + "rom bob@example.com\n" + head1 + "a\n",
		want: []string{"rom bob@example.com\n" + head1 + "a\n"},
	},
	{
		name: "a From_ line beyond the limit is text", mbox: from1 + head1 + "a\n\nFrom " + strings.Repeat("x", 250) + "@example.com Thu Jan  1 00:00:01 2026\n" + head2 + "b\n",
		want: []string{head1 + "a\n\nFrom " + strings.Repeat("x", 250) + "@example.com Thu Jan  1 00:00:01 2026\n" + head2 + "b\n"},
	},
	{name: "an empty file", mbox: "", want: nil},
	{name: "nothing but blank lines", mbox: "\n\r\n\n", want: nil},
}

func TestReader(t *testing.T) {
	for _, c := range splits {
		t.Run(c.name, func(t *testing.T) {
			for _, block := range []int{1, 7, 64, 1 << 20} {
				f := frame(t, []byte(c.mbox), options(block))
				if len(f.extents) != len(c.want) {
					t.Fatalf("block %d: %d messages, want %d: %+v", block, len(f.extents), len(c.want), f.extents)
				}
				for i, x := range f.extents {
					if string(x.Data) != c.want[i] {
						t.Errorf("block %d: message %d is %q, want %q", block, i, x.Data, c.want[i])
					}
					doubt := ""
					if c.doubts != nil {
						doubt = c.doubts[i]
					}
					if x.Doubt != doubt {
						t.Errorf("block %d: message %d has doubt %q, want %q", block, i, x.Doubt, doubt)
					}
				}
			}
		})
	}
}

func TestReaderReportsJunk(t *testing.T) {
	junk := "some greeting\nof a program\n\n"
	f := frame(t, []byte(junk+from1+head1+"a\n"), options(0))
	if len(f.gaps) != 1 || f.gaps[0].Offset != 0 || f.gaps[0].Length != int64(len(junk)-1) {
		t.Errorf("gaps %v, want one of the first %d bytes but the blank line", f.gaps, len(junk))
	}
	if len(f.extents) != 1 || f.extents[0].Doubt != "" {
		t.Errorf("extents %v, want one without doubt", f.extents)
	}
}

// TestAttackerCannotHideMail: a Content-Length that leads exactly behind the next mail hides it, where the field is foreign to
// the file it is not believed.
func TestAttackerCannotHideMail(t *testing.T) {
	var b strings.Builder
	for range 20 {
		b.WriteString(from1 + head1 + "ordinary\n\n")
	}
	next := from2 + head2 + "the notice\n\n"
	b.WriteString(from1 + "Content-Length: " + itoa(len("a\n\n"+next)) + "\n" + head1 + "a\n\n" + next + from1 + head1 + "c\n")
	f := frame(t, []byte(b.String()), options(0))
	if len(f.extents) != 23 {
		t.Fatalf("%d messages, want 23: one was hidden", len(f.extents))
	}
}

// TestOldDateInOrderedFile: in a file that stands in order of delivery, a From_ line from before its neighbours is in doubt.
func TestOldDateInOrderedFile(t *testing.T) {
	var b strings.Builder
	for day := 10; day < 30; day++ {
		b.WriteString("From ann@example.com Thu Jan " + itoa(day) + " 00:00:01 2026\n" + head1 + "ordinary\n\n")
		if day == 20 {
			b.WriteString("From no-reply@example.net Thu Jan 10 00:00:01 2025\nReceived: from x\nFrom: no-reply@example.net\n\nfake\n\n")
		}
	}
	for i, x := range frame(t, []byte(b.String()), options(0)).extents {
		if fake := bytes.HasPrefix(x.Data, []byte("Received")); fake != (x.Doubt == DoubtOrder) {
			t.Errorf("message %d has doubt %q", i, x.Doubt)
		}
	}
}

// TestOtherLead: where delivery begins each header with the same field, a start with another one is in doubt, and where
// the file shows no such habit none is.
func TestOtherLead(t *testing.T) {
	for _, habit := range []bool{true, false} {
		var b strings.Builder
		for i := range 20 {
			lead := "Return-Path: <ann@example.com>\n"
			if !habit && i%4 == 0 {
				lead = "Delivered-To: bob@example.com\n"
			}
			b.WriteString(from1 + lead + head1 + "ordinary\n\n")
			if i == 12 {
				b.WriteString(from1 + "Received: from x\n\nfake\n\n")
			}
		}
		for i, x := range frame(t, []byte(b.String()), options(0)).extents {
			if fake := bytes.HasPrefix(x.Data, []byte("Received")); (fake && habit) != (x.Doubt == DoubtLead) {
				t.Errorf("habit %v: message %d has doubt %q", habit, i, x.Doubt)
			}
		}
	}
}

func itoa(n int) string { b, _ := json.Marshal(n); return string(b) }

func TestLongMessage(t *testing.T) {
	opt := options(4 << 10)
	long := head1 + strings.Repeat("0123456789abcde\n", 1<<16) // 1 MiB, the limit is 64 KiB
	mbox := from1 + long + "\n" + from2 + head2 + "b\n\n" + from1 + long
	f := frame(t, []byte(mbox), opt)
	if len(f.extents) != 3 {
		t.Fatalf("%d messages, want 3", len(f.extents))
	}
	for _, i := range []int{0, 2} {
		if x := f.extents[i]; x.SHA256 != evidence.Sum([]byte(long)) || int64(len(x.Data)) != opt.Message {
			t.Errorf("message %d: %d bytes held, hash right: %v", i, len(x.Data), x.SHA256 == evidence.Sum([]byte(long)))
		}
	}
}

// TestReadError: what was read before an error is framed, and the error comes behind it.
func TestReadError(t *testing.T) {
	broken := errors.New("disk on fire")
	r := NewReader(io.MultiReader(strings.NewReader(from1+head1+"a\n"), iotest.ErrReader(broken)), 0, options(0))
	b, err := r.Next()
	if err != nil || len(b.Extents) != 1 {
		t.Fatalf("first batch: %v, %v", b.Extents, err)
	}
	if _, err := r.Next(); !errors.Is(err, broken) {
		t.Errorf("error %v, want %v", err, broken)
	}
}

// TestMimeKitOffsets compares with the offsets that MimeKit's own tests expect, for LF and CRLF.
func TestMimeKitOffsets(t *testing.T) {
	for _, name := range []string{"content-length", "issue1189"} {
		unix := corpus(t, "torture/mbox/"+name+".mbox.txt")
		for form, data := range map[string][]byte{"unix": unix, "dos": bytes.ReplaceAll(unix, []byte("\n"), []byte("\r\n"))} {
			var want []struct{ MboxMarkerOffset, BeginOffset, EndOffset int64 }
			if err := json.Unmarshal(corpus(t, "torture/mbox/"+name+"."+form+"-offsets.json"), &want); err != nil {
				t.Fatal(err)
			}
			f := frame(t, data, Options{Message: 64 << 20, FromLine: 4096})
			if len(f.extents) != len(want) {
				t.Fatalf("%s %s: %d messages, want %d", name, form, len(f.extents), len(want))
			}
			for i, x := range f.extents {
				// MimeKit leaves out the line end before a From_ line that has no blank line before it.
				end := x.Offset + x.Length
				tail := bytes.TrimLeft(data[want[i].EndOffset:end], "\r\n")
				if x.Offset != want[i].BeginOffset || end < want[i].EndOffset || len(tail) > 0 {
					t.Errorf("%s %s: message %d is at %d to %d, want %d to %d", name, form, i, x.Offset, end, want[i].BeginOffset, want[i].EndOffset)
				}
			}
		}
	}
}

// TestMessageBeyondThePool: a message that is longer than all memory that may be in use is read to its end, and so is one of
// which only the beginning is kept while that is held. (The reader waited for memory that it held itself.)
func TestMessageBeyondThePool(t *testing.T) {
	const message = 2 << 20
	var data strings.Builder
	lengths := []int{5 << 20, 100, 3 << 20, 7 << 20, 100, 1 << 20}
	for i, n := range lengths {
		fmt.Fprintf(&data, "From x@example.com Fri Feb  4 17:10:22 2022\nSubject: %d\n\n%s\n\n", i, strings.Repeat("text\n", n/5))
	}
	for _, total := range []int64{block.Size, 2 << 20, 5 << 20} {
		pool := block.NewPool(total, nil)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		r := NewReader(strings.NewReader(data.String()), 0, Options{
			Message: message, FromLine: 4096, Take: func(n int) (*block.Block, error) { return pool.Take(ctx, n) },
		})
		var got []int64
		workers := make(chan Batch, 3) // what was read waits for others, as in a scan
		done := make(chan struct{})
		go func() {
			defer close(done)
			for b := range workers {
				for _, m := range b.Blocks {
					m.Release()
				}
			}
		}()
		for {
			b, err := r.Next()
			for _, x := range b.Extents {
				got = append(got, x.Length)
			}
			workers <- b
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("a pool of %d bytes: %v", total, err)
			}
		}
		close(workers)
		<-done
		cancel()
		if len(got) != len(lengths) {
			t.Errorf("a pool of %d bytes: %d messages of %v bytes, want %d", total, len(got), got, len(lengths))
		}
		if pool.Free() != total {
			t.Errorf("a pool of %d bytes: %d are free in the end", total, pool.Free())
		}
	}
}
