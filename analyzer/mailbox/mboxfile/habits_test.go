package mboxfile

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// letter is a message as a mail server delivers it into an mbox without Content-Length. extra are fields of its sender.
func letter(minute int, sender, extra, body string) string {
	return fmt.Sprintf("From %[1]s Mon Jan  5 10:%02[2]d:00 2026\nReturn-Path: <%[1]s>\nDelivered-To: owner@home.example\n"+
		"Received: from mx by home.example; Mon, 5 Jan 2026 10:%02[2]d:00 +0000\nFrom: <%[1]s>\n%[3]sSubject: letter\n\n%[4]s\n\n", sender, minute, extra, body)
}

// made is a start that a sender makes up in the body of his mail: right but for what line and lead say.
func made(line, lead string) string {
	return line + "\n" + lead + "Return-Path: <notice@bank.example>\nReceived: from mx by home.example; Mon, 5 Jan 2026 10:20:00 +0000\nFrom: <notice@bank.example>\nSubject: made up\n\nfake"
}

// ordinary is n letters of independent senders.
func ordinary(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = letter(i, fmt.Sprintf("ann@friend%d.example", i), "", "hello")
	}
	return list
}

// doubtOf is the doubt of the messages whose bytes hold text, of which there must be one.
func doubtOf(t *testing.T, mbox, text string) string {
	t.Helper()
	doubt, n := "", 0
	for _, x := range frame(t, []byte(mbox), Options{Message: 64 << 20, FromLine: 4096}).extents {
		if bytes.Contains(x.Data, []byte(text)) {
			doubt = x.Doubt
			n++
		}
	}
	if n != 1 {
		t.Fatalf("%d messages hold %q", n, text)
	}
	return doubt
}

// TestSenderTeachesNoQuoting: a sender's own ">From" line, in one mail or in several of one domain, does not make a start
// certain that he makes up in another; those of several domains are the writer's.
func TestSenderTeachesNoQuoting(t *testing.T) {
	for _, c := range []struct {
		name    string
		senders []string
		want    string
	}{
		{"one sender", []string{"eve@evil.example"}, DoubtOrder},
		{"three hosts of one domain", []string{"eve@a.evil.example", "eve@b.evil.example", "eve@c.evil.example"}, DoubtOrder},
		{"three domains", []string{"ann@one.example", "bob@two.example", "cid@three.example"}, ""},
	} {
		list := ordinary(12)
		for i, s := range c.senders {
			list = append(list, letter(12+i, s, "", ">From me to you"))
		}
		list = append(list, letter(20, "eve@evil.example", "", "hi\n\n"+made("From notice@bank.example Mon Jan  5 10:20:00 2015", "")))
		if got := doubtOf(t, strings.Join(list, ""), "made up"); got != c.want {
			t.Errorf("%s: doubt %q, want %q", c.name, got, c.want)
		}
	}
}

// TestMadeUpStart: in a file that shows neither quoting nor lengths, a start that is wrong in what a sender cannot see is in
// doubt.
func TestMadeUpStart(t *testing.T) {
	for _, c := range []struct{ name, line, lead, want string }{
		{"another sender than the header's", "From x@home.example Mon Jan  5 10:20:00 2026", "", DoubtSender},
		{"another padding", "From notice@bank.example Mon Jan 05 10:20:00 2026", "", DoubtForm},
		{"out of order, and not when it was received", "From notice@bank.example Mon Jan  5 10:20:00 2015", "", DoubtOrder},
	} {
		list := append(ordinary(12), letter(13, "eve@evil.example", "", "hi\n\n"+made(c.line, c.lead)))
		if got := doubtOf(t, strings.Join(list, ""), "made up"); got != c.want {
			t.Errorf("%s: doubt %q, want %q", c.name, got, c.want)
		}
	}
}

// TestHonestMixedFolder: mail of another receiver, whose headers begin otherwise, and older mail that was moved into the
// folder, is certain where its From_ line says what its header says.
func TestHonestMixedFolder(t *testing.T) {
	other := "From notice@bank.example Mon Jan  5 10:30:00 2026\nDelivered-To: owner@big.example\nReceived: by 2001:db8::1; Mon, 5 Jan 2026 02:30:00 -0800\n" +
		"Return-Path: <notice@bank.example>\nFrom: Bank <notice@bank.example>\nSubject: another receiver\n\nreal\n\n"
	moved := strings.ReplaceAll(letter(31, "notice@shop.example", "", "moved here"), "5 10:31:00 2026", "5 10:31:00 2015")
	moved = strings.ReplaceAll(moved, "5 Jan 2026 10:31", "5 Jan 2015 10:31")
	mbox := strings.Join(ordinary(20), "") + other + moved + letter(40, "zoe@friend.example", "", "last")
	for _, text := range []string{"another receiver", "moved here", "last"} {
		if got := doubtOf(t, mbox, text); got != "" {
			t.Errorf("%s: doubt %q", text, got)
		}
	}
}

// TestWrittenAtOnce: an export gives all lines the time at which it was made, and often one sender; mail of another receiver in
// it is certain, a start that a sender made up with the time of his mail is not, nor is one in a file of delivery times
// whose header claims an older date.
func TestWrittenAtOnce(t *testing.T) {
	exported := func(s string) string {
		_, rest, _ := strings.Cut(s, "\n")
		return "From MAILER-DAEMON Sun Mar  1 09:00:07 2026\n" + rest
	}
	var b strings.Builder
	for _, s := range ordinary(20) {
		b.WriteString(exported(s))
	}
	other := "From x\nDelivered-To: owner@big.example\nReceived: by 2001:db8::1; Mon, 5 Jan 2026 02:30:00 -0800\nFrom: Bank <notice@bank.example>\nSubject: another receiver\n\nreal\n\n"
	b.WriteString(exported(other))
	const lead = "X-Own: 1\n"
	b.WriteString(exported(letter(30, "eve@evil.example", "", "hi\n\n"+made("From MAILER-DAEMON Mon Jan  5 10:30:00 2026", lead))))
	if got := doubtOf(t, b.String(), "another receiver"); got != "" {
		t.Errorf("exported from another receiver's mail: doubt %q", got)
	}
	if got := doubtOf(t, b.String(), "made up"); got == "" {
		t.Error("a made-up start with the time of delivery is certain")
	}
	old := strings.ReplaceAll(made("From MAILER-DAEMON Mon Jan  5 10:20:01 2026", lead), "5 Jan 2026", "1 Jan 2026")
	delivered := strings.Join(ordinary(20), "") + letter(20, "eve@evil.example", "", "hi\n\n"+old)
	if got := doubtOf(t, delivered, "made up"); got == "" {
		t.Error("a made-up start with an older date under it is certain")
	}
}

// TestLengthOfOneSender: a Content-Length that leads exactly behind the next mail, or to the end of the file, hides it only
// where it is the writer's: in a file of few messages and in one of many the message is found, and in doubt.
func TestLengthOfOneSender(t *testing.T) {
	for _, n := range []int{1, 2, 5, 30} {
		for _, last := range []bool{true, false} {
			next := letter(50, "notice@bank.example", "", "the notice")
			body := "a"
			hiding := letter(49, "eve@evil.example", fmt.Sprintf("Content-Length: %d\n", len(body)+2+len(next)-1), body)
			mbox := strings.Join(ordinary(n), "") + hiding + next
			if !last {
				mbox += letter(51, "ann@friend.example", "", "behind it")
			}
			if got := doubtOf(t, mbox, "the notice"); got != DoubtLength {
				t.Errorf("%d letters before, last %v: doubt %q, want %q", n, last, got, DoubtLength)
			}
		}
	}
}

// TestLengthsOfTheWriter: where all messages have their length, a whole message in a body is text, and it is named.
func TestLengthsOfTheWriter(t *testing.T) {
	var b strings.Builder
	for i := range 10 {
		body := "He wrote:\n\n" + strings.TrimRight(letter(i, "old@friend.example", "", "quoted whole"), "\n")
		b.WriteString(letter(i, fmt.Sprintf("ann@friend%d.example", i), fmt.Sprintf("Content-Length: %d\n", len(body)+1), body))
	}
	f := frame(t, []byte(b.String()), Options{Message: 64 << 20, FromLine: 4096})
	if len(f.extents) != 10 || len(f.notes) != 10 {
		t.Fatalf("%d messages, %d notes, want 10 of each", len(f.extents), len(f.notes))
	}
	for i, x := range f.extents {
		if x.Doubt != "" {
			t.Errorf("message %d has doubt %q", i, x.Doubt)
		}
	}
}

// TestDamagedStarts: a line that is no clean From_ line parts two messages where what stands under it is a header, and
// what only looks like one parts nothing.
func TestDamagedStarts(t *testing.T) {
	const header = "From: bob@example.com\nSubject: two\n\nb\n"
	for _, c := range []struct {
		name, between string
		n             int
		doubt         string
	}{
		{"a time that is broken", "\nFrom bob@example.com Fri Jan  2 00: 00:01 2026\n" + header, 2, DoubtForm},
		{"a form that nobody knows", "\nFrom b c d 05/01/2026 16:15\n" + header, 2, DoubtForm},
		{"no date and no blank line", "From bob@example.com\nDate: Fri, 2 Jan 2026 00:00:01 +0000\n" + header, 2, DoubtNoBlank},
		{"a banner before the header", "\n" + from2 + "Microsoft Mail Internet Headers Version 2.0\n" + header, 2, DoubtNoHeader},
		{"verse", "\nFrom Russia with love\nYear: 1963\nSung: yes\n", 1, ""},
		{"a form that nobody knows without a header", "\nFrom here at 16:15\nFrom: me\n", 1, ""},
		{"a patch", "\nFrom 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\n" + header, 1, ""},
		{"quoted mail", "\n> From bob@example.com Fri Jan  2 00:00:01 2026\n> From: bob@example.com\n> Subject: two\n", 1, ""},
	} {
		f := frame(t, []byte(from1+head1+"a\n"+c.between), options(0))
		if len(f.extents) != c.n || c.n == 2 && f.extents[1].Doubt != c.doubt {
			t.Errorf("%s: %d messages, want %d: %+v", c.name, len(f.extents), c.n, f.extents)
		}
	}
	bare := frame(t, []byte("From \n"+head1+"a\nFrom \n"+header), options(0))
	if len(bare.extents) != 2 || bare.extents[1].Doubt != DoubtNoBlank {
		t.Errorf("bare separators without blank lines: %+v", bare.extents)
	}
}

// TestWhatStandsFirst: white space and byte order marks before the first From_ line are framing.
func TestWhatStandsFirst(t *testing.T) {
	for _, before := range []string{" \n", "\t\n\n", "\xef\xbb\xbf\n", "\xef\xbb\xbf \r\n", "\t", "  "} {
		f := frame(t, []byte(before+from1+head1+"a\n\n"+from2+head2+"b\n"), options(0))
		if len(f.extents) != 2 || len(f.gaps) != 0 || f.extents[0].Doubt != "" || f.extents[0].Line.Sender != "ann@example.com" {
			t.Errorf("%q: %+v, gaps %v", before, f.extents, f.gaps)
		}
	}
}

// TestMMDF: lines of four Control-A part the messages, with From_ lines and without.
func TestMMDF(t *testing.T) {
	const sep = "\x01\x01\x01\x01\n"
	for _, c := range []struct {
		name, mbox string
		want       []string
		gaps       int
	}{
		{"as mutt and Python write it", sep + from1 + head1 + "a\n" + sep + sep + from2 + head2 + "b\n" + sep, []string{head1 + "a\n", head2 + "b\n"}, 0},
		{"without From_ lines, CRLF", strings.ReplaceAll(sep+head1+"a\n"+sep+sep+head2+"b\n"+sep, "\n", "\r\n"), []string{strings.ReplaceAll(head1+"a\n", "\n", "\r\n"), strings.ReplaceAll(head2+"b\n", "\n", "\r\n")}, 0},
		{"one line between two messages", sep + from1 + head1 + "a\n" + sep + from2 + head2 + "b\n" + sep, []string{head1 + "a\n", head2 + "b\n"}, 0},
		{"a From_ line in a body is text", sep + from1 + head1 + "a\n\n" + from2 + head2 + "\n" + sep, []string{head1 + "a\n\n" + from2 + head2 + "\n"}, 0},
		{"the last one is cut", sep + from1 + head1 + "a\n" + sep + sep + from2 + head2 + "b", []string{head1 + "a\n", head2 + "b"}, 0},
		{"junk between is named", sep + from1 + head1 + "a\n" + sep + "junk\n" + sep + from2 + head2 + "b\n" + sep, []string{head1 + "a\n", head2 + "b\n"}, 1},
	} {
		for _, block := range []int{1, 7, 1 << 20} {
			f := frame(t, []byte(c.mbox), options(block))
			var got []string
			for _, x := range f.extents {
				got = append(got, string(x.Data))
			}
			if strings.Join(got, "|") != strings.Join(c.want, "|") || len(f.gaps) != c.gaps {
				t.Errorf("%s, block %d: %q, want %q; gaps %v", c.name, block, got, c.want, f.gaps)
			}
		}
	}
}
