package reporttest

import (
	"fmt"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

const (
	owner   = "hanako@example.jp"
	account = "hanako@example.jp (amazon.co.jp)"
)

// jst is a time in Tokyo.
func jst(y, m, d, h, minute int) time.Time {
	return time.Date(y, time.Month(m), d, h, minute, 0, 0, Tokyo)
}

func passed(domain string) *finding.Auth {
	return &finding.Auth{
		Trusted: "mx.google.com", DMARC: "pass", SPF: "pass", MailFrom: "bounces." + domain, Aligned: true, Client: "203.0.113.25",
		DKIM:     []finding.DKIM{{Domain: domain, Selector: "rte3e6yn", Result: "pass"}, {Domain: "amazonses.com", Selector: "224i4y", Result: "pass"}},
		Boundary: "203.0.113.25 by mx.google.com",
		Raw:      "mx.google.com; dkim=pass header.i=@" + domain + " header.s=rte3e6yn; spf=pass smtp.mailfrom=bounces." + domain + "; dmarc=pass (p=QUARANTINE) header.from=" + domain,
		Checked:  []finding.DKIM{{Domain: domain, Selector: "rte3e6yn", Result: "no_key"}},
	}
}

// notice is a genuine message of Amazon.
func notice(t time.Time, event finding.Event, severity finding.Severity, subject string) finding.Message {
	return finding.Message{
		Time: at(t), MessageID: fmt.Sprintf("<%x@ap-northeast-1.amazonses.com>", t.Unix()),
		From: &finding.Address{Name: "Amazon.co.jp", Address: "account-update@amazon.co.jp"}, ReturnPath: "bounce@bounces.amazon.co.jp",
		To: []finding.Address{{Address: owner}}, Subject: subject, Brand: "amazon", Marketplace: "co.jp", Account: account, Language: "ja",
		Verdict: finding.Genuine, Rule: "A1", Event: event, Severity: severity, Auth: passed("amazon.co.jp"),
		Signals: []finding.Signal{
			{ID: "shape.official_links", For: finding.ForGenuine, Strength: finding.Weak, Shown: "bounces.amazon.co.jp"},
		},
		Links: []finding.Link{{Shown: "アカウントサービス", Target: "https://www.amazon.co.jp/gp/css/homepage.html", Host: "www.amazon.co.jp", Official: true, From: "html"}},
		Read:  &finding.Read{Seen: yes(), Opened: yes(), Folder: finding.Inbox, Labels: []string{"受信トレイ", "開封済み"}, From: []string{"gmail"}},
	}
}

var fakeSubjects = []string{
	"【重要】Amazonプライム会費のお支払いに問題があります",
	"Amazon.co.jp：お支払い方法の更新をお願いします",
	"Αmazon アカウントの異常なアクティビティを検出しました",
	"【緊急】お客様のアカウントは24時間以内に停止されます",
	"アマゾンより大切なお知らせ［番号 48821］",
}

// fake is an impersonation, number n of a wave.
func fake(t time.Time, n int) finding.Message {
	host := fmt.Sprintf("amazon-co-jp.login-%d.example", n%7)
	sender := fmt.Sprintf("mail%02d.invalid", n%5)
	m := finding.Message{
		Time: at(t), From: &finding.Address{Name: "Amazon.co.jp", Address: fmt.Sprintf("amazon-support%d@%s", n, sender)}, ReturnPath: "root@" + sender,
		To: []finding.Address{{Address: owner}}, Subject: fakeSubjects[n%len(fakeSubjects)], Brand: "amazon", Language: "ja",
		Verdict: finding.Impersonation, Rule: "P2", Event: finding.PaymentDeclined,
		Auth: &finding.Auth{Trusted: "mx.google.com", DMARC: "pass", SPF: "pass", MailFrom: sender, Client: "198.51.100.77", Boundary: "198.51.100.77 by mx.google.com"},
		Signals: []finding.Signal{
			{ID: "brand.display_name", For: finding.ForPosing, Strength: finding.Strong, Shown: "Amazon.co.jp"},
			{ID: "link.unofficial_host", For: finding.ForImpersonation, Strength: finding.Strong, Shown: "https://" + host + "/ap/signin"},
			{ID: "link.text_mismatch", For: finding.ForImpersonation, Strength: finding.Strong, Shown: "https://www.amazon.co.jp → " + host},
			{ID: "text.simplified", For: finding.ForImpersonation, Strength: finding.Medium, Shown: "您的账户"},
			{ID: "action.pay", For: finding.ForAction, Strength: finding.Strong, Shown: "お支払い方法を更新する"},
		},
		Links: []finding.Link{
			{Shown: "https://www.amazon.co.jp", Target: "https://" + host + "/ap/signin?e=" + fmt.Sprint(n), Host: host, From: "html"},
			{Shown: "ヘルプ", Target: "https://www.amazon.co.jp/help", Host: "www.amazon.co.jp", Official: true, From: "html"},
		},
		Read: &finding.Read{Seen: no(), Opened: no(), Folder: finding.Spam, Labels: []string{"迷惑メール", "未読"}, From: []string{"gmail"}},
	}
	if n%3 == 0 {
		m.Read = &finding.Read{Seen: yes(), Opened: yes(), Folder: finding.Inbox, From: []string{"gmail"}}
	}
	return m
}

// Takeover is the story this project began with: for two years ordinary mail and fakes, then in one night Prime joined,
// orders placed, Prime cancelled, and the notice of changes that nobody saw; a statement is missing.
func Takeover() *Stream {
	s := takeout()
	s.ordinary()
	s.story()
	return s
}

// Night is the story of Takeover without the two years before it: small enough for a golden of all that a report says.
func Night() *Stream {
	s := takeout()
	s.story()
	return s
}

// takeout is an archive before its messages.
func takeout() *Stream {
	s := start()
	s.Summary.Messages, s.Summary.Bytes, s.Summary.BytesAccounted, s.Summary.Skipped = 18_402, 2_412_553_112, 2_412_553_112, 3
	s.Summary.SilentMonths = []string{"2025-08"}
	s.Sources = []finding.Source{{
		Name: "takeout-001.zip", Size: 1_204_331_224, SHA256: evidence.Sum([]byte("takeout")), Mailboxes: 2, Messages: 18_402,
		Skipped: []finding.Skipped{{Path: []string{"takeout-001.zip", "Takeout/archive_browser.html"}, Size: 88_211, Reason: "not_mail"}},
	}}
	s.Profile = finding.Profile{
		Owner:  []string{owner},
		Trust:  []finding.Trust{{Domain: "google.com", AuthservID: "mx.google.com", Place: "below", Years: "2024-2026", Messages: 17_900, Learned: true}},
		Labels: map[string]string{"受信トレイ": "inbox", "迷惑メール": "spam", "仕事": ""},
	}
	s.Rules = []finding.Rule{
		{ID: "A1", JA: "信頼できる受信サーバーが、差出人のドメインと一致する認証の合格を記録しています。", EN: "A trusted receiver recorded an authentication pass that is aligned with the From domain."},
		{ID: "P2", JA: "公式ではない差出人が名前や件名でAmazonを名乗り、行動を求めています。", EN: "A foreign sender poses as Amazon and calls to act."},
		{ID: "U", JA: "本物とも偽物とも示す記録がありません。", EN: "Nothing shows either way."},
		{ID: "M", JA: "Amazonに触れていますが、Amazonを名乗ってはいません。", EN: "It speaks of Amazon and does not pose as it."},
	}
	return s
}

// story adds the night, the statements, the problems and what is concluded.
func (s *Stream) story() {
	night := s.night()
	s.statements()
	s.Problems = []finding.Problem{
		{Location: evidence.Location{Path: []string{"takeout-001.zip", "Takeout/メール/すべてのメール.mbox"}, Offset: 441_200, Length: 5_242_880}, Stage: "header", Reason: "header: longer than 1048576 bytes; the rest was taken as body"},
		{Location: evidence.Location{Path: []string{"takeout-001.zip", "Takeout/メール/壊れた.mbox"}, Offset: 0, Length: 19_000}, Stage: "archive", Reason: "checksum of the member does not match", Lost: true},
	}
	s.judge(night)
	s.finish()
}

// ordinary adds two years of orders, sign-ins and fakes.
func (s *Stream) ordinary() {
	n := 0
	for m := range 26 {
		y, mo := 2024+m/12, m%12+1
		for k := range 1 + m%3 {
			d := 3 + k*9
			s.add(notice(jst(y, mo, d, 9+k, 12), finding.OrderPlaced, finding.Info, fmt.Sprintf("Amazon.co.jpでのご注文250-%07d-%07d", 1000000+m, 2000000+k)))
			s.add(notice(jst(y, mo, d+1, 18, 40), finding.OrderShipped, finding.Info, "ご注文商品の発送"))
		}
		if m%5 == 2 {
			s.add(notice(jst(y, mo, 14, 21, 5), finding.SignedIn, finding.MediumS, "Amazonセキュリティ警告: サインインが検出されました"))
		}
		if m == 7 {
			s.add(notice(jst(y, mo, 20, 22, 10), finding.PasswordChanged, finding.High, "お客様のパスワードが変更されました"))
		}
		for range m * m / 40 {
			s.add(fake(jst(y, mo, 1+n*5%27, n*7%24, n*13%60), n))
			n++
		}
	}
	s.add(finding.Message{
		Time: at(jst(2025, 3, 9, 10, 0)), From: &finding.Address{Name: "山田太郎", Address: "taro@friend.example"}, To: []finding.Address{{Address: owner}},
		Subject: "Fwd: Amazonからのメール、本物かな", Language: "ja", Verdict: finding.Mention, Rule: "M", Brand: "amazon",
		Signals: []finding.Signal{{ID: "context.forward", For: finding.ForMention, Strength: finding.Medium, Shown: "---------- 転送メッセージ ----------"}},
		Read:    &finding.Read{Seen: yes(), Folder: finding.Inbox},
	})
	old := notice(jst(2024, 2, 11, 3, 15), finding.AccountChanged, finding.High, "お客様のAmazon.co.jpアカウントに対する最近の変更")
	old.Verdict, old.Rule, old.Auth, old.Read = finding.Unverifiable, "U", nil, nil
	old.ClockDoubt, old.TimeSource, old.HeaderDate = "date_skew", "received", at(jst(2024, 2, 19, 3, 15))
	s.add(old)
}

// night adds the takeover and returns the ids of its messages in order.
func (s *Stream) night() []string {
	unread := func(m finding.Message, folder finding.Folder) finding.Message {
		m.Read = &finding.Read{Seen: no(), Opened: no(), Folder: folder, From: []string{"gmail"}}
		m.Unnoticed = true
		return m
	}
	var ids []string
	add := func(m finding.Message) {
		m.Incidents = []string{"i-takeover"}
		ids = append(ids, s.add(m))
	}
	phish := fake(jst(2026, 2, 1, 19, 44), 1000)
	phish.Read = &finding.Read{Seen: yes(), Opened: yes(), Folder: finding.Inbox}
	add(phish)
	in := notice(jst(2026, 2, 3, 1, 52), finding.SignedIn, finding.High, "Amazonセキュリティ警告: サインインが検出されました")
	in.Details = &finding.Details{Device: "Android版Chrome", Near: "大阪府", When: "2026年2月3日 1:51 JST"}
	add(unread(in, finding.Spam))
	add(unread(notice(jst(2026, 2, 3, 1, 58), finding.PrimeJoined, finding.MediumS, "Amazonプライムへようこそ"), finding.Archive))
	for k := range 3 {
		o := notice(jst(2026, 2, 3, 2, 4+k*6), finding.OrderPlaced, finding.Info, fmt.Sprintf("Amazon.co.jpでのご注文249-%07d-4417003", 8812000+k))
		o.Details = &finding.Details{OrderID: fmt.Sprintf("249-%07d-4417003", 8812000+k), Amount: fmt.Sprint(49800 + k*3000), Currency: "JPY", Item: "ゲーム機本体"}
		add(unread(o, finding.Archive))
	}
	add(unread(notice(jst(2026, 2, 3, 2, 31), finding.PrimeCancelled, finding.MediumS, "Amazonプライムの会員資格が終了しました"), finding.Trash))
	add(unread(notice(jst(2026, 2, 3, 3, 2), finding.OrderCancelled, finding.Info, "ご注文がキャンセルされました"), finding.Archive))
	add(unread(notice(jst(2026, 2, 3, 4, 5), finding.TakeoverResponse, finding.Critical, "お客様のAmazon.co.jpアカウントに対する最近の変更"), finding.Spam))
	add(notice(jst(2026, 2, 4, 20, 11), finding.PasswordChanged, finding.High, "お客様のパスワードが変更されました"))
	return ids
}

// statements adds fourteen months of a card's statements: one missing, one unread, one in spam, one only as a fake.
func (s *Stream) statements() {
	series := finding.Series{ID: "s-card", Issuer: "smbc-card", Account: owner, Event: finding.StatementIssued, Cadence: "monthly"}
	prime := finding.Series{ID: "s-prime", Issuer: "amazon", Account: account, Event: finding.PrimeRenewal, Cadence: "monthly"}
	for m := range 14 {
		t := jst(2025, 1+m, 10, 8, 30)
		period := t.Format("2006-01")
		state := map[int]string{5: "missing", 8: "unread", 10: "spam", 11: "impersonated", 12: "late", 13: "not_due"}[m]
		if state == "" {
			state = "read"
		}
		p := finding.Period{Period: period, State: state}
		if state != "missing" && state != "not_due" && state != "impersonated" {
			st := notice(t, finding.StatementIssued, finding.Low, "お支払い金額のお知らせ")
			st.From = &finding.Address{Name: "三井住友カード", Address: "statement@vpass.ne.jp"}
			st.Brand, st.Marketplace, st.Account, st.Auth = "smbc-card", "", owner, passed("vpass.ne.jp")
			st.Links = nil
			switch state {
			case "unread":
				st.Read = &finding.Read{Seen: no(), Folder: finding.Inbox}
			case "spam":
				st.Read = &finding.Read{Seen: no(), Folder: finding.Spam}
			}
			p.Message = s.add(st)
		}
		series.Periods = append(series.Periods, p)
		state = "unknown"
		if m > 9 {
			state = "ended"
		}
		prime.Periods = append(prime.Periods, finding.Period{Period: period, State: state})
	}
	s.Series = []finding.Series{series, prime}
}

// judge adds the incident and what needs attention.
func (s *Stream) judge(night []string) {
	stamp := func(t time.Time) string { return t.UTC().Format(time.RFC3339) }
	start, end := jst(2026, 2, 1, 19, 44), jst(2026, 2, 4, 20, 11)
	told := func(event finding.Event, t time.Time) finding.Text {
		return finding.Text{ID: "incident.told." + string(event), Args: map[string]any{"time": stamp(t)}}
	}
	s.Incidents = []finding.Incident{{
		ID: "i-takeover", Kind: "account_takeover", Severity: finding.Critical, Account: account, Start: &start, End: &end, Messages: night,
		Story: []finding.Text{
			{ID: "incident.takeover", Args: map[string]any{"account": account, "start": stamp(start), "end": stamp(end)}},
			{ID: "incident.told.fake", Args: map[string]any{"time": stamp(start)}},
			{ID: "incident.told.security.signed_in.both", Args: map[string]any{"time": stamp(jst(2026, 2, 3, 1, 52)), "device": "Android版Chrome", "near": "大阪府"}},
			told(finding.PrimeJoined, jst(2026, 2, 3, 1, 58)),
			{ID: "incident.many.order.placed", Args: map[string]any{"start": stamp(jst(2026, 2, 3, 2, 4)), "end": stamp(jst(2026, 2, 3, 2, 16)), "n": 3, "event": "order.placed"}},
			told(finding.PrimeCancelled, jst(2026, 2, 3, 2, 31)),
			told(finding.OrderCancelled, jst(2026, 2, 3, 3, 2)),
			told(finding.TakeoverResponse, jst(2026, 2, 3, 4, 5)),
			told(finding.PasswordChanged, jst(2026, 2, 4, 20, 11)),
			{ID: "incident.unnoticed", Args: map[string]any{"n": 8, "of": 9}},
		},
	}}
	item := func(rank int, severity finding.Severity, kind string, why finding.Text, messages []string, do ...string) finding.Attention {
		a := finding.Attention{Rank: rank, ID: fmt.Sprintf("a-%d", rank), Severity: severity, Kind: kind, Messages: messages, Why: why, Account: account}
		for _, id := range do {
			a.Do = append(a.Do, finding.Text{ID: id})
		}
		return a
	}
	s.Attention = []finding.Attention{
		item(1, finding.Critical, "account_takeover", finding.Text{ID: "attention.takeover", Args: map[string]any{"account": account, "start": stamp(start), "end": stamp(end), "n": 10}}, night,
			"do.mailbox_first", "do.change_password", "do.sign_out_all", "do.check_orders", "do.card_issuer"),
		item(2, finding.High, "unnoticed", finding.Text{ID: "attention.unnoticed_change.night", Args: map[string]any{"event": "security.signed_in", "time": stamp(jst(2026, 2, 3, 1, 52)), "account": account}}, night[1:2], "do.check_settings"),
		item(3, finding.MediumS, "statement", finding.Text{ID: "attention.missing_statement", Args: map[string]any{"issuer": "smbc-card", "account": owner, "event": string(finding.StatementIssued), "missing": []string{"2025-06"}}}, nil, "do.statement_site"),
	}
	s.Attention[0].Incident = "i-takeover"
	s.Attention[2].Series = "s-card"
}
