package learn

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/mailauth"
	"github.com/mailaudit/mailaudit/analyzer/message"
)

// mailOf is a header of a message that came in through a host in a year, with fields directly above and below the hop. box.add
// gives each message a sender of its own.
func mailOf(by string, year int, above, below string) string {
	return above + "Received: from mail.sender.example (mail.sender.example [192.0.2.7])\n by " + by + " (Postfix) with ESMTP id 1 for <owner@isp.example>; Mon, 23 Jun " + fmt.Sprint(year) + " 15:28:00 +0900\n" +
		below + "From: a@sender.example\nTo: owner@isp.example\nSubject: s\n"
}

func result(id string) string {
	return "Authentication-Results: " + id + "; spf=pass smtp.mailfrom=a@sender.example\n"
}

// box counts messages in a group.
type box struct {
	t *fact.Tally
	n *int // messages so far
}

func newBox() box { return box{fact.NewTally(), new(int)} }

// add counts messages of n independent senders, each with a domain and a network of its own.
func (b box) add(n int, group, header string) box {
	for range n {
		*b.n++
		own := strings.NewReplacer("sender.example", fmt.Sprintf("sender%d.example", *b.n), "[192.0.2.7]", fmt.Sprintf("[2%d.%d.2.7]", *b.n/250%10, *b.n%250)).Replace(header)
		b.flood(1, group, own)
	}
	return b
}

// through counts messages of n senders that one gateway handed in.
func (b box) through(gateway string, n int, header string) box {
	return b.add(n, "box", strings.Replace(header, "[192.0.2.7]", "["+gateway+"]", 1))
}

// flood counts n messages of one sender.
func (b box) flood(n int, group, header string) box { return b.in("", n, group, header) }

// in counts n messages of one sender that lie in a folder.
func (b box) in(folder finding.Folder, n int, group, header string) box {
	h := message.ParseHeader([]byte(header+"\n"), limit.Default())
	for range n {
		Observe(b.t, Observation{Group: group, Folder: folder, Header: &h})
	}
	return b
}

// rulesOf writes the rules that hold for a group in June of a year, as "domain id place"; of year 0 those without ends.
func rulesOf(p *fact.Profile, group string, year int) []string {
	at := time.Date(year, 6, 23, 6, 28, 0, 0, time.UTC).Unix()
	if year == 0 {
		at = 0
	}
	var out []string
	for _, r := range p.Trust {
		if r.Group == group && fact.Holds(r.From, r.To, at) {
			s := r.Domain + " " + r.AuthservID + " " + r.Place
			if r.Last {
				s += " last"
			}
			if !r.Learned {
				s += " assumed"
			}
			out = append(out, s)
		}
	}
	return out
}

func TestTrust(t *testing.T) {
	with := result("mx.isp.example")
	for _, c := range []struct {
		name  string
		box   box
		group string
		year  int
		want  []string
	}{
		{"a receiver that writes below its hop", newBox().add(20, "box", mailOf("mx.isp.example", 2024, "", with)), "box", 2024, []string{"isp.example mx.isp.example below"}},
		{"one that writes above", newBox().add(20, "box", mailOf("mx.isp.example", 2024, with, "")), "box", 2024, []string{"isp.example mx.isp.example above"}},
		{
			"what stands above only the own side writes: where one gateway hands in all mail, domains are enough", newBox().through("192.0.2.99", 20, mailOf("mx.isp.example", 2024, with, "")), "box", 2024,
			[]string{"isp.example mx.isp.example above"},
		},
		{"below, where senders write, they are not", newBox().through("192.0.2.99", 20, mailOf("mx.isp.example", 2024, "", with)), "box", 2024, nil},
		{"four senders are too few", newBox().add(4, "box", mailOf("mx.isp.example", 2024, "", with)), "box", 2024, nil},
		{"and so is one, however much he sends", newBox().flood(500, "box", mailOf("mx.isp.example", 2024, "", with)), "box", 2024, nil},
		{"those of the year before count as well", newBox().add(5, "box", mailOf("mx.isp.example", 2024, "", with)).add(5, "box", mailOf("mx.isp.example", 2023, "", with)), "box", 2024, []string{"isp.example mx.isp.example below"}},
		{"and those of another group, for all groups", newBox().add(4, "box", mailOf("mx.isp.example", 2024, "", with)).add(8, "other", mailOf("mx.isp.example", 2024, "", with)), "", 2024, []string{"isp.example mx.isp.example below"}},
		{"a receiver that writes nothing is known to", newBox().add(20, "box", mailOf("mx.isp.example", 2024, "", "")), "box", 2024, []string{"isp.example  nowhere"}},
		{"one sender in twenty that it took in another way", newBox().add(20, "box", mailOf("mx.isp.example", 2024, "", with)).add(1, "box", mailOf("mx.isp.example", 2024, "", "")), "box", 2024, []string{"isp.example mx.isp.example below"}},
		{"a fifth of them is no habit", newBox().add(16, "box", mailOf("mx.isp.example", 2024, "", with)).add(6, "box", mailOf("mx.isp.example", 2024, "", "")), "box", 2024, []string{"isp.example  nowhere"}},
		{
			"where the receiver writes nothing, one who floods the mailbox with forged results teaches nothing",
			newBox().add(30, "box", mailOf("mx.isp.example", 2024, "", "")).flood(500, "box", mailOf("mx.isp.example", 2024, "", with)), "box", 2024, []string{"isp.example  nowhere"},
		},
		{
			"mail in spam teaches nothing",
			newBox().in(finding.Spam, 50, "junk", mailOf("mx.isp.example", 2024, "", with)).add(30, "box", mailOf("mx.isp.example", 2024, "", "")), "", 2024, []string{"isp.example  nowhere"},
		},
		{
			"in the year before the receiver began to write it wrote nothing",
			newBox().add(30, "box", mailOf("mx.isp.example", 2023, "", "")).add(30, "box", mailOf("mx.isp.example", 2024, "", with)), "box", 2023, []string{"isp.example  nowhere"},
		},
		{
			"and in the year after it stopped it writes nothing, whatever a few messages say",
			newBox().add(30, "box", mailOf("mx.isp.example", 2023, "", with)).add(30, "box", mailOf("mx.isp.example", 2024, "", "")).flood(3, "box", mailOf("mx.isp.example", 2024, "", with)), "box", 2024, []string{"isp.example  nowhere"},
		},
		{
			"a fifth of some year's mail makes a receiver the owner's",
			newBox().add(80, "box", mailOf("mx.isp.example", 2024, "", with)).add(20, "box", mailOf("mx.new.example", 2024, "", result("mx.new.example"))), "box", 2024,
			[]string{"isp.example mx.isp.example below", "new.example mx.new.example below"},
		},
		{
			"less than a fifth does not", newBox().add(81, "box", mailOf("mx.isp.example", 2024, "", with)).add(20, "box", mailOf("mx.new.example", 2024, "", result("mx.new.example"))), "box", 2024,
			[]string{"isp.example mx.isp.example below", "new.example  nowhere"},
		},
		{
			"machines with numbers share one form",
			newBox().add(15, "box", mailOf("mx1.isp.example", 2024, "", result("mx1.isp.example"))).add(15, "box", mailOf("mx2.isp.example", 2024, "", result("mx2.isp.example"))), "box", 2024,
			[]string{"isp.example *.isp.example below"},
		},
		{"a receiver that appends its field", newBox().add(20, "box", mailOf("mx.isp.example", 2024, "", "")+with), "box", 2024, []string{"isp.example mx.isp.example below last"}},
		{"a field without id is learned from Microsoft", newBox().add(20, "box", mailOf("x.mail.protection.outlook.com", 2024, "Authentication-Results: spf=pass smtp.mailfrom=x; dmarc=pass header.from=x\n", "")), "box", 2024, []string{"outlook.com  above"}},
		{"and from nobody else", newBox().add(20, "box", mailOf("mx.isp.example", 2024, "Authentication-Results: spf=pass smtp.mailfrom=x; dmarc=pass header.from=x\n", "")), "box", 2024, []string{"isp.example  nowhere"}},
		{
			"iCloud's ids are a rule each",
			newBox().add(20, "box", mailOf("p00-icloudmta-smtpin-us-central-1k-100-percent-5", 2024, "", result("dmarc.icloud.com")+result("dkim-verifier.icloud.com")+result("spf.icloud.com"))), "box", 2024,
			[]string{"icloud.com dkim-verifier.icloud.com below", "icloud.com dmarc.icloud.com below", "icloud.com spf.icloud.com below"},
		},
		{
			"results of servers that the message passed before are none of the receiver's",
			newBox().add(20, "box", mailOf("mx.isp.example", 2024, "", "Received: from x (x.example [192.0.2.8]) by out.sender.example with ESMTP id 2; Mon, 23 Jun 2024 15:27:00 +0900\n"+result("out.sender.example"))), "box", 2024,
			[]string{"isp.example  nowhere"},
		},
		{"of a receiver in the fixed table that was hardly seen the table is asked", newBox().add(3, "box", mailOf("mx.google.com", 2024, "", result("mx.google.com"))), "", 0, []string{"google.com mx.google.com below assumed"}},
		{"mail that a customer handed in teaches nothing", newBox().add(30, "box", strings.Replace(mailOf("mx.isp.example", 2024, "", with), "with ESMTP ", "with ESMTPSA ", 1)), "box", 2024, nil},
	} {
		if got := rulesOf(Trust(c.box.t, Options{}), c.group, c.year); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}

// TestForgedResultsAreNotLearned is the whole way: a mailbox whose receiver writes nothing, a campaign that forges its
// results, and a message of that campaign.
func TestForgedResultsAreNotLearned(t *testing.T) {
	fake := strings.Replace(mailOf("mx.isp.example", 2024, "", "Authentication-Results: mx.isp.example; dkim=pass header.d=amazon.co.jp; dmarc=pass header.from=amazon.co.jp\n"), "a@sender.example", "account-update@amazon.co.jp", 1)
	p := Trust(newBox().add(60, "box", mailOf("mx.isp.example", 2024, "", "")).add(50, "box", fake).t, Options{})
	h := message.ParseHeader([]byte(fake+"\n"), limit.Default())
	f := &fact.Fact{Group: "box", FromFields: 1, From: message.ParseAddresses(h.Get("From"))}
	f.Trace, f.Results = mailauth.Read(&h)
	if a := mailauth.Assess(f, p, brand.Builtin()); a.Aligned || len(a.Trusted) > 0 {
		t.Errorf("the forged result counts: %+v", a)
	}
}

func TestUnwrittenMethods(t *testing.T) {
	forged := mailOf("mx.isp.example", 2024, "", strings.TrimSuffix(result("mx.isp.example"), "\n")+"\n ; dkim=pass header.d=amazon.co.jp\n")
	for _, r := range Trust(newBox().add(97, "box", mailOf("mx.isp.example", 2024, "", result("mx.isp.example"))).add(3, "box", forged).t, Options{}).Trust {
		if want := []string{"dkim", "dmarc"}; !reflect.DeepEqual(r.Unwritten, want) {
			t.Errorf("unwritten %q, want %q", r.Unwritten, want)
		}
	}
}

func TestUsualFields(t *testing.T) {
	one := mailOf("mx.isp.example", 2024, "", result("mx.isp.example"))
	three := mailOf("mx.isp.example", 2024, "", strings.Repeat(result("mx.isp.example"), 3))
	for _, c := range []struct {
		name string
		box  box
		want int
	}{
		{"one field a message", newBox().add(50, "box", one), 1},
		{"one, but for a few messages with forged ones", newBox().add(50, "box", one).add(1, "box", three), 1},
		{"one for each signature", newBox().add(30, "box", one).add(20, "box", three), 3},
		{"one for each of three methods", newBox().add(50, "box", three), 4},
	} {
		for _, r := range Trust(c.box.t, Options{}).Trust {
			if r.Fields != c.want {
				t.Errorf("%s: %d fields, want %d", c.name, r.Fields, c.want)
			}
		}
	}
}

// TestUsualWays: the way by which nearly all mail comes in is the owner's; a neighbour at the same company, whose machine
// differs in a digit, is not.
func TestUsualWays(t *testing.T) {
	gate := func(host string) string {
		return "Received: from " + host + " (" + host + " [192.0.2.5]) by store.isp.example (Postfix) with ESMTP id 2; Mon, 23 Jun 2024 15:28:01 +0900\n" + mailOf("mx.isp.example", 2024, "", result("mx.isp.example"))
	}
	p := Trust(newBox().add(50, "box", gate("gw1.isp.example")).add(3, "box", gate("gw2.isp.example")).t, Options{})
	for _, w := range p.Ways {
		if want := "gw1.isp.example[192.0.2.5]>store.isp.example"; w.Way != want {
			t.Errorf("way %q, want %q", w.Way, want)
		}
	}
	if len(p.Ways) != 2 {
		t.Errorf("%d ways, want one for the group and one for all", len(p.Ways))
	}
	local := "Received: from www-data by store.isp.example with local (Exim 4.96) id 3; Mon, 23 Jun 2024 15:28:01 +0900\n"
	p = Trust(newBox().add(50, "box", mailOf("store.isp.example", 2024, "", "")).add(8, "box", local+mailOf("mx.isp.example", 2024, "", "")).t, Options{})
	if len(p.Ways) > 0 {
		t.Errorf("mail that was handed in on the machine is no way: %v", p.Ways)
	}
}

func TestAlways(t *testing.T) {
	three := "Authentication-Results: mx.isp.example; spf=pass smtp.mailfrom=a@sender.example; dkim=none; dmarc=none header.from=sender.example\n"
	p := Trust(newBox().add(30, "box", mailOf("mx.isp.example", 2024, "", three)).add(10, "box", mailOf("mx.isp.example", 2024, "", strings.Replace(three, " dmarc=none header.from=sender.example", "", 1))).t, Options{})
	for _, r := range p.Trust {
		if want := []string{"dkim", "spf"}; !reflect.DeepEqual(r.Always, want) {
			t.Errorf("always %q, want %q", r.Always, want)
		}
	}
}

func TestGivenTrust(t *testing.T) {
	b := newBox().add(15, "box", mailOf("mx.isp.example", 2024, result("filter.example"), "")).add(15, "box", mailOf("mx.isp.example", 2024, result("filter.isp.example"), ""))
	for id, want := range map[string]fact.TrustRule{
		"Filter.isp.example":         {Domain: "isp.example", AuthservID: "filter.isp.example", Place: mailauth.Above, Messages: 30, Given: true},
		"filter.example@isp.example": {Domain: "isp.example", AuthservID: "filter.example", Place: mailauth.Above, Messages: 30, Given: true},
		"mx.google.com":              {Domain: "google.com", AuthservID: "mx.google.com", Place: mailauth.Below, Given: true},
		"outlook":                    {Domain: "outlook.com", Place: mailauth.Above, Given: true},
		"other.example":              {Domain: "other.example", AuthservID: "other.example", Given: true},
	} {
		p := Trust(b.t, Options{TrustIDs: []string{id}})
		if got := p.Trust[len(p.Trust)-1]; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, want %+v", id, got, want)
		}
	}
	for _, bad := range []string{"", "nonsense", "a b.example", "x@", "@isp.example", "mx..example", "a@b@c.example"} {
		if _, err := mailauth.Given(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestReport(t *testing.T) {
	b := newBox()
	for _, y := range []int{2019, 2020, 2021, 2024} {
		b.add(25, "box", mailOf("mx.isp.example", y, "", result("mx.isp.example")))
	}
	b.add(4, "box", mailOf("mx.google.com", 2024, "", result("mx.google.com")))
	got := Report(Trust(b.t, Options{}))
	want := finding.Profile{
		Owner: []string{"owner@isp.example"},
		Trust: []finding.Trust{
			{Domain: "google.com", AuthservID: "mx.google.com", Place: "below", Messages: 4},
			{Domain: "isp.example", AuthservID: "mx.isp.example", Place: "below", Years: "2019-2021, 2024", Messages: 100, Learned: true},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}
}

func TestOwner(t *testing.T) {
	delivered := func(to string) string {
		return "Delivered-To: " + to + "\n" + mailOf("mx.isp.example", 2024, "", "")
	}
	for _, c := range []struct {
		name  string
		box   box
		given []string
		want  []string
	}{
		{"what the receiver delivers to, most used first", newBox().add(20, "b", delivered("one@isp.example")).add(80, "b", delivered("Two@isp.example")), nil, []string{"two@isp.example", "one@isp.example"}},
		{"an address in less than a tenth is not the owner's", newBox().add(5, "b", delivered("list@isp.example")).add(80, "b", delivered("two@isp.example")), nil, []string{"two@isp.example"}},
		{"a Delivered-To below the boundary is the sender's", newBox().add(10, "b", mailOf("mx.isp.example", 2024, "", "Delivered-To: victim@example.com\n")), nil, []string{"owner@isp.example"}},
		{"where the receiver names nobody, To stands in", newBox().add(10, "b", strings.Replace(mailOf("mx.isp.example", 2024, "", ""), " for <owner@isp.example>", "", 1)), nil, []string{"owner@isp.example"}},
		{"given by hand", newBox().add(80, "b", delivered("two@isp.example")), []string{"Me@Example.com"}, []string{"me@example.com"}},
		{"nothing shows it", newBox(), nil, nil},
	} {
		if got := Report(Trust(c.box.t, Options{Owner: c.given})).Owner; !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestContactsAndZone(t *testing.T) {
	tally := fact.NewTally()
	see := func(folder finding.Folder, header string) {
		h := message.ParseHeader([]byte(header+"\n"), limit.Default())
		Observe(tally, Observation{Group: "b", Folder: folder, Header: &h})
	}
	sent := "From: Owner <owner@isp.example>\nTo: friend@example.com, \"F\" <Family@example.com>\nCc: c@example.com\nDate: Mon, 23 Jun 2024 15:28:00 +0900\n"
	see(finding.Sent, "In-Reply-To: <question@example.com>\n"+sent)
	see(finding.Inbox, "In-Reply-To: <planted@example.com>\n"+sent)
	see("", "X-Gmail-Labels: =?UTF-8?B?6YCB5L+h5riI44G/?=\n"+strings.Replace(sent, "friend@", "labelled@", 1))
	see("", strings.Replace(mailOf("mx.isp.example", 2024, "", ""), "From: a@sender.example\nTo: owner@isp.example", "From: owner@isp.example\nTo: stranger@evil.example", 1))
	see(finding.Inbox, strings.Replace(sent, "friend@", "planted@", 1))
	p := Trust(tally, Options{})
	for address, want := range map[string]bool{
		"friend@example.com": true, "family@example.com": true, "c@example.com": true, "labelled@example.com": true,
		"stranger@evil.example": false, // a fake "from" its recipient
		"planted@example.com":   false, // From alone shows nothing
	} {
		if p.Contacts[fact.HashAddress(address)] != want {
			t.Errorf("%s: contact %v", address, !want)
		}
	}
	if !p.Answered[fact.HashMessageID("<Question@example.com>")] || p.Answered[fact.HashMessageID("<planted@example.com>")] {
		t.Errorf("answered: %v", p.Answered)
	}
	if _, offset := time.Unix(0, 0).In(p.Zone()).Zone(); offset != 9*3600 {
		t.Errorf("zone of %d seconds", offset)
	}
}

func TestStatusMeansSomethingWhereMostMessagesCarryIt(t *testing.T) {
	with, without := "Status: RO\n"+mailOf("mx.isp.example", 2024, "", ""), mailOf("mx.isp.example", 2024, "", "")
	p := Trust(newBox().add(6, "read", with).add(5, "read", without).add(5, "injected", with).add(6, "injected", without).t, Options{})
	if !p.StatusMeans["read"] || p.StatusMeans["injected"] {
		t.Errorf("%v", p.StatusMeans)
	}
}

func TestTimesAreTheReceivers(t *testing.T) {
	b := newBox().add(1, "b", mailOf("mx.isp.example", 2024, "", "")+"Date: Mon, 1 Jan 2090 00:00:00 +0000\n").add(1, "b", mailOf("mx.isp.example", 2023, "", "")).add(1, "b", "From: a@example.com\nDate: Mon, 1 Jan 2091 00:00:00 +0000\n")
	if got := b.t.Newest().Format("2006-01-02"); got != "2024-06-23" {
		t.Errorf("newest %s: a Date that anybody can write moved it", got)
	}
	if got := len(b.t.SilentMonths()); got != 11 {
		t.Errorf("%d silent months", got)
	}
	if b.t.Months["2024-06"] != 1 || b.t.Messages != 3 {
		t.Errorf("%v", b.t.Months)
	}
}
