package learn

import (
	"fmt"
	"testing"
	"time"
)

// TestFloodsMakeNoWay: what stands below a hop of one's own was written by whoever handed the mail in, senders and all.
func TestFloodsMakeNoWay(t *testing.T) {
	start := time.Date(2025, 1, 6, 12, 0, 0, 0, time.UTC)
	dated := func(text string, week int) string {
		return fmt.Sprintf(text, start.AddDate(0, 0, 7*week).Format(time.RFC1123Z))
	}
	direct := "Received: from mail.sender.example (mail.sender.example [192.0.2.7])\n by store.isp.example (Postfix) with ESMTP id 1; %[1]s\nFrom: a@sender.example\n"
	neighbour := "Received: from sv5678.isp.example (sv5678.isp.example [198.51.100.78])\n by store.isp.example (Postfix) with ESMTP id 2; %[1]s\n" + direct
	filtered := "Received: from localhost (localhost [127.0.0.1])\n by store.isp.example (Postfix) with ESMTP id 2; %[1]s\n" + direct
	fill := func(b box, from, to, each int, text string) box {
		for week := from; week < to; week++ {
			b.add(each, "box", dated(text, week))
		}
		return b
	}
	for _, c := range []struct {
		name string
		b    box
		want string // a way that holds at the end, "" for none
	}{
		{"a neighbour floods the last weeks of the mailbox", fill(fill(newBox(), 0, 40, 2, direct), 37, 40, 30, neighbour), ""},
		{"for two months, while other mail goes on coming in without him", fill(fill(newBox(), 0, 40, 2, direct), 32, 40, 30, neighbour), ""},
		{"a filter through which all mail goes", fill(newBox(), 0, 40, 2, filtered), "loop=localhost>store.isp.example"},
		{"a filter that lets one message in fifty pass by", fill(fill(newBox(), 0, 40, 50, filtered), 0, 40, 1, direct), "loop=localhost>store.isp.example"},
		{"a filter since three months", fill(fill(newBox(), 0, 28, 3, direct), 28, 40, 3, filtered), "loop=localhost>store.isp.example"},
		{"a neighbour floods a mailbox with a filter for a fortnight", fill(fill(newBox(), 0, 40, 2, filtered), 38, 40, 30, neighbour), "loop=localhost>store.isp.example"},
		{"a short mailbox with a filter", fill(newBox(), 0, 4, 4, filtered), "loop=localhost>store.isp.example"},
	} {
		got := ""
		for _, w := range Trust(c.b.t, Options{}).Ways {
			if w.Group == "box" && w.To == 0 {
				got += w.Way
			}
		}
		if got != c.want {
			t.Errorf("%s: way %q, want %q", c.name, got, c.want)
		}
	}
}

// TestResultsThatMovedAboveAreBelievedBelowBefore: a receiver's new software writes elsewhere.
func TestResultsThatMovedAboveAreBelievedBelowBefore(t *testing.T) {
	b := newBox()
	for year, place := range map[int]string{2020: "below", 2024: "above"} {
		r := result("mx.isp.example")
		if place == "above" {
			b.add(60, "", mailOf("mx.isp.example", year, r, ""))
		} else {
			b.add(60, "", mailOf("mx.isp.example", year, "", r))
		}
	}
	p := Trust(b.t, Options{})
	for year, want := range map[int]string{2020: "[isp.example mx.isp.example below]", 2024: "[isp.example mx.isp.example above]"} {
		if got := fmt.Sprint(rulesOf(p, "", year)); got != want {
			t.Errorf("%d: %s, want %s", year, got, want)
		}
	}
}
