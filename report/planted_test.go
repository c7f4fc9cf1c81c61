package report_test

import (
	"bytes"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/report"
	"github.com/mailaudit/mailaudit/report/reporttest"
	"github.com/mailaudit/mailaudit/report/view"
)

// planted are the secrets that masking must find wherever a record can hold text: what is written, and the part of it that no
// report may show. Of nobody among them is anything else known.
var planted = []struct{ text, gone string }{
	{"小鳥遊 剛志様", "小鳥遊"},
	{"小鳥遊 剛志様へのお知らせ", "剛志"},
	{"TAKANASHI TSUYOSHI 様", "TSUYOSHI"},
	{"TAKANASHI TSUYOSHI 様", "TAKANASHI"},
	{"Takanashi様", "akanashi"},
	{"剛志くんへ", "剛志"},
	{"すみれちゃんから", "すみれ"},
	{"ﾀｶﾅｼ ﾂﾖｼ様", "ﾂﾖｼ"},
	{"Dear Bartholomew Quillfeather,", "Quillfeather"},
	{"Frau Wagenknecht-Öhler", "Öhler"},
	{"09087654321", "0908765"},
	{"０９０－８７６５－４３２１", "８７６５"},
	{"+81 90-8765-4321", "8765"},
	{"4980 1234 5678 9017", "5678"},
	{"4980123456789017", "498012"},
	{"〒982-0036", "982-0036"},
	{"宮城県仙台市太白区富沢9-8-7 欅荘203号室", "富沢"},
	{"4711 Sycamore Hollow Road, Apt 9", "Sycamore"},
	{"Birkenstieg Straße 47b, 20095 Hamburg", "Birkenstieg"},
	{"12, rue des Tournesols", "Tournesols"},
	{"monjiro@kogarashi-ke.example", "monjiro"},
	{"ｍｏｎｊｉｒｏ＠ｋｏｇａｒａｓｈｉ．ｅｘａｍｐｌｅ", "ｍｏｎｊｉｒｏ"},
	{"monjiro [at] kogarashi-ke [dot] example", "monjiro"},
	{"https://kogarashi-ke.example/monjiro?e=monjiro", "monjiro"},
	{"kogarashi-ke.example", "kogarashi"},
	{"https://kogarashi-ke.example/", "kogarashi"},
	{"monjiro.kogarashi", "monjiro"},
}

// words are the fields that hold words out of the analyzer's own tables, digests, ids and results, and never text of a mail.
var words = strings.Fields(`ID Brand Marketplace Language Verdict Rule ContentRisk Event Severity TimeSource ClockDoubt StartDoubt Incidents
	Auth.DMARC Auth.SPF Auth.ARC Auth.DKIM.Result Auth.Checked.Result Signals.ID Signals.For Signals.Strength Links.From Read.Folder Read.From`)

// kept reports whether a field shows a text by design, as --help lists it: the brand's own address, and the hosts, domains and
// claims of impersonations, which are the evidence.
func kept(v finding.Verdict, field, text string) bool {
	plain := !strings.ContainsAny(text, " ＠／０") && strings.IndexFunc(text, func(r rune) bool { return r > 0x7f }) < 0
	switch {
	case v.FromAmazon():
		// A genuine notice has one sender, whose address is the brand's, and codes of servers.
		return field == "From.Address" || plain && (field == "Auth.DKIM.Selector" || field == "Auth.Checked.Selector" || field == "Auth.Signatures.Selector" || field == "Auth.Client" || field == "MessageID" || field == "From.Name")
	case v != finding.Impersonation || !plain:
		return false
	case strings.Contains(text, "kogarashi") && !strings.Contains(text, "monjiro"):
		return true // a host
	case strings.HasPrefix(field, "Auth.") || field == "Links.Host" || field == "Links.Chain":
		return strings.Contains(text, ".") || strings.HasSuffix(field, "Selector") || field == "Auth.Client"
	case strings.Contains(text, ".") && !strings.Contains(text, "/") && !strings.Contains(text, "@"):
		return field == "Links.Shown" || field == "Signals.Shown" || field == "From.Address" || field == "ReturnPath" || field == "Subject"
	}
	return false
}

// leaves lists the text fields of a message, by name and by the way to set them.
func leaves(v reflect.Value, name string, visit func(name string, set func(string))) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.Type() == reflect.TypeFor[*time.Time]() || v.Type().Elem().Kind() == reflect.Bool {
			return
		}
		leaves(v.Elem(), name, visit)
	case reflect.Struct:
		for i := range v.NumField() {
			leaves(v.Field(i), strings.TrimPrefix(name+"."+v.Type().Field(i).Name, "."), visit)
		}
	case reflect.Slice:
		for i := range v.Len() {
			leaves(v.Index(i), name, visit)
		}
	case reflect.String:
		visit(name, v.SetString)
	}
}

// fullMessage has every text field that a record can have.
func fullMessage(v finding.Verdict, n int) *finding.Message {
	at := time.Date(2026, 2, 3, 4, 5, n, 0, time.UTC)
	dkim := func() []finding.DKIM {
		return []finding.DKIM{{Domain: "amazon.co.jp", Selector: "s1", Result: "pass", Reason: "r"}}
	}
	m := &finding.Message{
		Time: &at, TimeSource: "received", MessageID: "<1@amazonses.com>", From: &finding.Address{Name: "Amazon", Address: "no-reply@amazon.co.jp"},
		MoreFrom: []finding.Address{{Name: "n", Address: "a@b.example"}}, ReplyTo: []finding.Address{{Name: "n", Address: "a@b.example"}}, To: []finding.Address{{Name: "n", Address: "hanako@example.jp"}},
		ReturnPath: "1@bounces.amazon.co.jp", Subject: "s", Brand: "amazon", Account: "hanako@example.jp/co.jp", Verdict: v, Rule: "A1", ContentRisk: "none",
		Event: finding.EmailChanged, Severity: finding.Critical,
		Details:     &finding.Details{Device: "d", Near: "n", When: "w", OrderID: "250-1234567-1234567", OrderIDs: []string{"250-1234567-1234567"}, Amount: "1", Currency: "JPY", OldEmail: "hanako@example.jp", NewEmail: "a@b.example", CardEnd: "1234", Card: "c", AWSAccount: "123456789012", NextDate: "2026-02-03", Merchant: "m", Item: "i"},
		Auth:        &finding.Auth{Trusted: "mx.google.com", DMARC: "pass", SPF: "pass", MailFrom: "amazon.co.jp", ARC: "pass", DKIM: dkim(), Checked: dkim(), Boundary: "192.0.2.1 by mx.google.com", Client: "192.0.2.1", Raw: "r", Ignored: []string{"x.example"}, Signatures: []finding.Selector{{Domain: "amazon.co.jp", Selector: "s1"}}},
		Signals:     []finding.Signal{{ID: "link.unofficial_host", For: finding.ForImpersonation, Strength: finding.Strong, Shown: "x"}, {ID: "text.macro", For: finding.ForImpersonation, Strength: finding.Strong, Shown: "x"}},
		Links:       []finding.Link{{Shown: "s", Target: "https://www.amazon.co.jp/x", Final: "https://www.amazon.co.jp/x", Host: "www.amazon.co.jp", Chain: []string{"c.example"}, From: "html"}},
		Attachments: []finding.Attachment{{Name: "n.pdf", Type: "application/pdf"}},
		Read:        &finding.Read{Folder: finding.Inbox, Labels: []string{"INBOX"}, From: []string{"gmail"}},
		Location:    evidence.Location{Path: []string{"all.mbox"}, Offset: int64(n) * 100, Length: 10}, Copies: []evidence.Location{{Path: []string{"all.mbox"}, Offset: 1, Length: 1}},
	}
	m.SHA256 = evidence.Sum(fmt.Appendf(nil, "%d", n))
	m.ID = "m-" + m.SHA256.String()[:16]
	return m
}

// plantedStream has one secret in one field of each message. With all set, every secret stands in every field; else each field
// has one of them, in turn.
func plantedStream(v finding.Verdict, all bool) (s *reporttest.Stream, where map[string]string, secrets map[string]bool) {
	s = reporttest.Empty()
	s.Profile.Owner = []string{"hanako@example.jp"}
	where, secrets = map[string]string{}, map[string]bool{}
	n := 0
	for k := range planted {
		field := 0
		leaves(reflect.ValueOf(fullMessage(v, 0)), "", func(string, func(string)) {
			this := field
			field++
			p := planted[k]
			if !all && (this+k)%len(planted) != 0 {
				return
			}
			m, i := fullMessage(v, n), 0
			leaves(reflect.ValueOf(m), "", func(name string, set func(string)) {
				if i++; i-1 != this {
					return
				}
				for _, w := range words {
					if name == w {
						return
					}
				}
				if name == "SHA256" || kept(v, name, p.text) {
					return
				}
				set(p.text)
				secrets[p.gone] = true
				where[m.ID] = name + " holds " + p.text
			})
			if where[m.ID] != "" {
				s.Messages = append(s.Messages, *m)
			}
			n++
		})
	}
	return s, where, secrets
}

var uuid = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// Whatever text field of a message a secret stands in, and whoever sent it, no masked report shows it, in no format.
func TestPlantedSecretsAreMasked(t *testing.T) {
	for _, v := range []finding.Verdict{finding.Genuine, finding.GenuineRelay, finding.Impersonation, finding.Suspicious, finding.Unverifiable, finding.Mention} {
		for _, format := range []string{"jsonl", "csv", "xlsx", "html", "text", "summary", "timesketch", "misp", "stix", "indicators", "ics"} {
			all := format == "jsonl" && !testing.Short()
			s, where, secrets := plantedStream(v, all)
			if len(where) < 40 {
				t.Fatalf("%s: secrets stand in %d fields only", v, len(where))
			}
			got := contents(t, format, write(t, format, s.File(), report.Options{Lang: view.JA, Redact: true}))
			text := []byte(strings.NewReplacer("[.]", ".", "[@]", "@").Replace(string(got)))
			if format == "misp" || format == "stix" {
				text = uuid.ReplaceAll(text, []byte("id")) // made of digests, it may hold any four digits
			}
			for gone := range secrets {
				i := bytes.Index(text, []byte(gone))
				if i < 0 {
					continue
				}
				line := text[max(0, i-200):min(len(text), i+100)]
				if format == "jsonl" {
					start := bytes.LastIndexByte(text[:i], '\n') + 1
					line = []byte(where[string(text[start:][bytes.Index(text[start:], []byte("m-")):][:18])])
				}
				t.Errorf("%s of %s mail shows %q: %s", format, v, gone, line)
			}
		}
	}
}

// The records beside the messages hold texts of mail too: names of files, labels, accounts, arguments of sentences, notes.
func TestPlantedSecretsInOtherRecords(t *testing.T) {
	for _, p := range planted {
		s := reporttest.Empty()
		s.Profile.Owner = []string{"hanako@example.jp"}
		s.Profile.Labels = map[string]string{p.text: "inbox"}
		place := evidence.Location{Path: []string{strings.ReplaceAll(p.text, "/", "_") + ".mbox", p.text}}
		s.Sources = []finding.Source{{Name: strings.ReplaceAll(p.text, "/", "_"), Skipped: []finding.Skipped{{Path: []string{p.text}, Reason: p.text}}}}
		says := finding.Text{ID: "incident.told.security.signed_in.both", Args: map[string]any{"time": "2026-02-02T16:52:00Z", "device": p.text, "near": []string{p.text}}}
		s.Attention = []finding.Attention{{Rank: 1, ID: "a-1", Severity: finding.High, Kind: "account_takeover", Account: p.text, Why: says, Do: []finding.Text{says}, Acknowledged: &finding.Acknowledged{Why: p.text}}}
		s.Incidents = []finding.Incident{{ID: "i-1", Kind: "account_takeover", Severity: finding.High, Account: p.text, Story: []finding.Text{says}}}
		s.Series = []finding.Series{{ID: "s-1", Issuer: "jcb", Account: p.text, Cadence: "monthly", Periods: []finding.Period{{Period: "2026-01", State: "read"}}}}
		s.Problems = []finding.Problem{{Location: place, Stage: "io", Reason: "open " + p.text + ": permission denied"}}
		for _, format := range report.Formats() {
			got := contents(t, format, write(t, format, s.File(), report.Options{Lang: view.EN, Redact: true}))
			if text := strings.NewReplacer("[.]", ".", "[@]", "@").Replace(string(got)); strings.Contains(text, p.gone) {
				i := strings.Index(text, p.gone)
				t.Errorf("%s shows %q of %q: %s", format, p.gone, p.text, text[max(0, i-120):min(len(text), i+60)])
			}
		}
	}
}
