package reporttest

import (
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// Secrets are the texts in the stream of Private that masking must not let through, in no format and no language.
func Secrets() []string {
	return []string{
		"佐久間", "次郎吉", "sakuma.jirokichi", "friend.example", "Wilhelmina", "Fairweather", "wfairweather", "warehouse-person",
		"QUOTED-BODY", "SECRET-SUBJECT", "SECRET-ITEM", "SECRET-DEVICE", "SECRET-NEAR", "SECRET-WHEN", "SECRET-MERCHANT", "SECRET-LINKTEXT",
		"SECRET-PATH", "SECRET-QUERY", "SECRET-LABEL", "SECRET-FILE", "SECRET-REASON", "SECRET-RAW", "attacker-inbox", "090-1234-5678", "桜井",
		"SECRET-MSGID", "hijacked.person", "kenichiro", "quotedlocal", "SECRET-NOTE",
	}
}

// Private is a stream with other people in every place people can be.
func Private() *Stream {
	s := start()
	s.Summary.Messages, s.Summary.Bytes, s.Summary.BytesAccounted = 40, 1000, 1000
	s.Profile = finding.Profile{Owner: []string{owner}, Labels: map[string]string{"受信トレイ": "inbox", "SECRET-LABEL": ""}}
	friend := finding.Address{Name: "佐久間 次郎吉", Address: "sakuma.jirokichi@friend.example"}
	other := finding.Address{Name: "Wilhelmina Fairweather", Address: "WFairweather@Friend.example"}
	place := func(n int64) evidence.Location {
		return evidence.Location{Path: []string{"佐久間 次郎吉.mbox", "wfairweather@friend.example"}, Offset: n, Length: 10}
	}
	s.Sources = []finding.Source{{Name: "佐久間 次郎吉.mbox", Skipped: []finding.Skipped{{Path: []string{"sakuma.jirokichi@friend.example.png"}, Reason: "picture"}}}}

	g := notice(jst(2026, 2, 3, 1, 52), finding.EmailChanged, finding.Critical, "お客様へ: 桜井さんからのギフト券 佐久間 次郎吉")
	g.To = []finding.Address{{Name: "花子", Address: owner}, friend, other}
	g.Location, g.Copies = place(1), []evidence.Location{place(2)}
	g.Details = &finding.Details{Device: "SECRET-DEVICE phone", Near: "SECRET-NEAR town", When: "SECRET-WHEN", OrderID: "250-1234567-7654321", Merchant: "SECRET-MERCHANT", Item: "SECRET-ITEM", OldEmail: owner, NewEmail: "attacker-inbox@mail.example"}
	g.Auth.Raw += " SECRET-RAW smtp.rcpt=sakuma.jirokichi@friend.example"
	g.Auth.Checked[0].Reason = "SECRET-REASON"
	g.Signals = []finding.Signal{{ID: "brand.body", For: finding.ForPosing, Strength: finding.Medium, Shown: "QUOTED-BODY 佐久間 次郎吉様"}}
	g.Links = []finding.Link{{Shown: "SECRET-LINKTEXT", Target: "https://www.amazon.co.jp/SECRET-PATH?SECRET-QUERY=1", Host: "www.amazon.co.jp", Official: true}, {Target: "mailto:sakuma.jirokichi@friend.example"}, {Target: "tel:090-1234-5678"}}
	g.Read.Labels = []string{"受信トレイ", "SECRET-LABEL"}
	g.Attachments = []finding.Attachment{{Name: "SECRET-FILE.pdf", Type: "application/pdf", Size: 3}}
	g.Unnoticed = true
	first := s.add(g)

	f := fake(jst(2026, 2, 4, 3, 0), 1)
	f.From.Address, f.ReturnPath = "hijacked.person@fake.example", "hijacked.person@fake.example"
	f.ReplyTo = []finding.Address{{Name: "Amazon", Address: "warehouse-person@fake.example"}}
	f.Subject = "お支払い 090-1234-5678 wfairweather@friend.example 桜井様 https://login.fake.example/SECRET-PATH"
	f.MessageID = "<SECRET-MSGID@fake.example>"
	f.Signals = append(f.Signals, finding.Signal{ID: "link.recipient_in_query", For: finding.ForImpersonation, Strength: finding.Medium, Shown: "https://login.fake.example/?e=sakuma.jirokichi@friend.example SECRET-LINKTEXT"}, finding.Signal{ID: "text.macro", For: finding.ForImpersonation, Strength: finding.Medium, Shown: "QUOTED-BODY"})
	f.Links[0] = finding.Link{Shown: "https://www.amazon.co.jp/SECRET-PATH", Target: "https://login.fake.example/SECRET-PATH?e=SECRET-QUERY#SECRET-QUERY", Final: "https://SECRET-QUERY@login.fake.example/SECRET-PATH", Host: "login.fake.example"}
	f.Location = place(3)
	second := s.add(f)

	for i, v := range []finding.Verdict{finding.Mention, finding.GenuineRelay, finding.Unverifiable, finding.Suspicious} {
		m := finding.Message{
			Time: at(jst(2026, 2, 5+i, 9, 0)), From: &friend, MoreFrom: []finding.Address{other}, ReplyTo: []finding.Address{friend}, To: []finding.Address{other, {Address: owner}},
			ReturnPath: friend.Address, Subject: "SECRET-SUBJECT from Wilhelmina", MessageID: "<SECRET-MSGID>", Verdict: v, Rule: "M", Location: place(int64(10 + i)),
			Account: "wfairweather@friend.example (co.jp)",
			Auth:    &finding.Auth{Trusted: "mx.google.com", SPF: "pass", MailFrom: "friend.example", DKIM: []finding.DKIM{{Domain: "friend.example", Result: "pass", Reason: "SECRET-REASON"}}, Raw: "SECRET-RAW"},
			Signals: []finding.Signal{{ID: "context.forward", For: finding.ForMention, Strength: finding.Medium, Shown: "QUOTED-BODY"}},
			Links:   []finding.Link{{Shown: "SECRET-LINKTEXT", Target: "https://example.com/SECRET-PATH", Host: "example.com"}},
		}
		s.add(m)
	}
	quote := finding.Text{ID: "incident.told.security.signed_in.both", Args: map[string]any{"time": "2026-02-02T16:52:00Z", "device": "SECRET-DEVICE phone", "near": "SECRET-NEAR town"}}
	changed := finding.Text{ID: "incident.told.security.email_changed.to", Args: map[string]any{"time": "2026-02-02T16:52:00Z", "new_email": "attacker-inbox@mail.example"}}
	named := finding.Text{ID: "attention.takeover", Args: map[string]any{"account": "wfairweather@friend.example (co.jp)", "start": "2026-02-02T16:52:00Z", "end": "2026-02-02T16:52:00Z", "n": 1, "quote": []string{"QUOTED-BODY 桜井"}, "deep": map[string]any{"x": "QUOTED-BODY"}, "who": "kenichiro", "all": []string{"kenichiro"}, "login": `"quotedlocal"@friend.example`}}
	s.Attention = []finding.Attention{{Rank: 1, ID: "a-1", Severity: finding.Critical, Kind: "account_takeover", Account: "wfairweather@friend.example (co.jp)", Messages: []string{first, second}, Why: named, Do: []finding.Text{quote, {ID: "do.police_jp", Args: map[string]any{"phone": "#9110", "site": "amazon.co.jp", "who": "kenichiro"}}}}}
	s.Attention = append(s.Attention, finding.Attention{Rank: 2, ID: "a-2", Severity: finding.High, Kind: "unnoticed", Messages: []string{first}, Why: changed, Acknowledged: &finding.Acknowledged{Why: "SECRET-NOTE: Wilhelmina did it", Until: "2026-12-31"}})
	s.Incidents = []finding.Incident{{ID: "i-1", Kind: "account_takeover", Severity: finding.Critical, Account: "sakuma.jirokichi@friend.example (co.jp)", Start: at(jst(2026, 2, 3, 1, 0)), End: at(jst(2026, 2, 3, 9, 0)), Messages: []string{first, second}, Story: []finding.Text{named, quote, changed}}}
	s.Series = []finding.Series{{ID: "s-1", Issuer: "jcb", Account: "sakuma.jirokichi@friend.example", Cadence: "monthly", Periods: []finding.Period{{Period: "2026-01", State: "read"}}}}
	s.Ledger = []finding.Ledger{{ID: "l-1", Kind: "order", State: "no_mail", Time: at(jst(2026, 2, 3, 1, 0)), OrderID: "250-1111111-1111111", Site: "co.jp", Amount: "1980", Currency: "JPY", Item: "SECRET-DEVICE phone", Status: "Closed", Payment: "SECRET-DEVICE phone", Messages: []string{first}, Path: []string{"kenichiro.zip", "Retail.OrderHistory.3/kenichiro.csv"}, Row: 3}}
	s.Problems = []finding.Problem{{Location: place(99), Stage: "mime", Reason: "bad part in mail of sakuma.jirokichi@friend.example"}}
	s.Problems = append(s.Problems, finding.Problem{Location: evidence.Location{Path: []string{"Mail/kenichiro.mbox"}}, Stage: "io", Reason: "open kenichiro.mbox: permission denied", Lost: true})
	s.finish()
	return s
}

// Contains tells which of the secrets a report still shows, also where it writes them defanged.
func Contains(report []byte, secrets []string) []string {
	text := strings.NewReplacer("[.]", ".", "[@]", "@").Replace(string(report))
	text = strings.ToLower(text)
	var found []string
	for _, s := range secrets {
		if strings.Contains(text, strings.ToLower(s)) {
			found = append(found, s)
		}
	}
	return found
}
