package learn

import (
	"fmt"
	"testing"

	"github.com/mailaudit/mailaudit/analyzer/fact"
)

// from is a message from a sender of its own, with fields on top and at the end of the header.
func from(n int, top, end string) string {
	return fmt.Sprintf("%sReturn-Path: <a@shop%d.example>\nFrom: a@shop%d.example\nSubject: x\n%s", top, n, n, end)
}

// TestStatusOfAFolderThatIsHardlyRead: mutt, s-nail and Python write Status only into the mail that was looked at.
func TestStatusOfAFolderThatIsHardlyRead(t *testing.T) {
	for _, c := range []struct {
		why  string
		read int // senders whose mail bears the field
		top  string
		end  string
		want bool
	}{
		{"three of fifty were read", 8, "", "Status: RO\n", true},
		{"with the other fields of mail programs behind it", 8, "", "Status: O\nX-Status: F\nX-Keywords: \nX-UID: 7\nContent-Length: 12\nLines: 1\n", true},
		{"one sender wrote it into his own mail", 1, "", "Status: RO\n", false},
		{"on top, where no program writes it", 8, "Status: RO\n", "", false},
		{"with a value that no program writes", 8, "", "Status: delivered\n", false},
		{"with fields of the sender behind it", 8, "", "Status: RO\nX-Campaign: 1\n", false},
	} {
		b := newBox()
		for i := range 50 {
			b.add(1, "g", from(100+i, "", ""))
		}
		for i := range c.read {
			b.add(4, "g", from(i, c.top, c.end))
		}
		if got := Trust(b.t, Options{}).StatusMeans["g"]; got != c.want {
			t.Errorf("%s: %v", c.why, got)
		}
	}
}

// TestMozillaSaysNothing: what says "read" of every message says nothing of any.
func TestMozillaSaysNothing(t *testing.T) {
	for _, c := range []struct {
		why    string
		status []string
		want   bool
	}{
		{"every message says 0001, as in the store of an IMAP account", []string{"X-Mozilla-Status: 0001\n", "X-Mozilla-Status: 0001\n"}, true},
		{"one is unread", []string{"X-Mozilla-Status: 0001\n", "X-Mozilla-Status: 0000\n"}, false},
		{"one was answered", []string{"X-Mozilla-Status: 0001\n", "X-Mozilla-Status: 0003\n"}, false},
		{"the mail came by POP3", []string{"X-Account-Key: account2\nX-UIDL: 7\nX-Mozilla-Status: 0001\n"}, false},
		{"a sender wrote another status below", []string{"X-Mozilla-Status: 0001\n", "X-Mozilla-Status: 0001\nReturn-Path: <a@b.example>\nX-Mozilla-Status: 0000\n"}, true},
		{"no message says anything", []string{""}, false},
	} {
		b := newBox()
		for i, s := range c.status {
			b.add(3, "g", from(i, s, ""))
		}
		if got := Trust(b.t, Options{}).MozillaSilent["g"]; got != c.want {
			t.Errorf("%s: %v", c.why, got)
		}
	}
}

func TestGroupCountsAddUp(t *testing.T) {
	one, two := newBox().add(3, "g", from(1, "X-Mozilla-Status: 0000\n", "Status: RO\n")).t, newBox().add(2, "g", from(2, "X-Mozilla-Status: 0001\n", "Status: O\n")).t
	both := fact.NewTally()
	both.Merge(one)
	both.Merge(two)
	want := newBox().add(3, "g", from(1, "X-Mozilla-Status: 0000\n", "Status: RO\n")).add(2, "g", from(2, "X-Mozilla-Status: 0001\n", "Status: O\n")).t
	if both.Groups["g"] != want.Groups["g"] {
		t.Errorf("%+v is not %+v", both.Groups["g"], want.Groups["g"])
	}
}
