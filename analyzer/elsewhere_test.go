package analyzer_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mailaudit/mailaudit/analyzer"
	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/event"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/limit"
)

// fromGoogle is a notice of a changed password that Google sent, with what Gmail found out about it.
const fromGoogle = "Received: from mail-sor-f73.google.com (mail-sor-f73.google.com. [209.85.220.73])\n" +
	"        by mx.google.com with SMTPS id cd12si345678pgi.90.2026.02.03.03.05.06\n        for <haruka@example.com>;\n        Tue, 03 Feb 2026 03:05:06 -0800 (PST)\n" +
	"Authentication-Results: mx.google.com;\n       dkim=pass header.i=@accounts.google.com header.s=20230601 header.b=AbCdEfGh;\n" +
	"       spf=pass smtp.mailfrom=x@gaia.bounces.google.com;\n       dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=accounts.google.com\n" +
	"From: Google <no-reply@accounts.google.com>\nTo: haruka@example.com\nSubject: =?UTF-8?B?44K744Kt44Ol44Oq44OG44Kj6YCa55+l?=\n" +
	"Date: Tue, 3 Feb 2026 11:05:04 +0000\nMessage-ID: <AbC1-x2Y@notifications.google.com>\n" +
	"MIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\n\n" +
	"パスワードが変更されました\nharuka@example.com\n\nGoogle アカウント haruka@example.com のパスワードが変更されました。\n"

// TestElsewhere: a change at the mailbox's provider is told in the incident that began with it, though the provider is not
// audited, and nowhere else.
func TestElsewhere(t *testing.T) {
	undone := strings.Replace(notice, "お客様のリクエストに沿って、パスワードを再設定いたしました。", "第三者によって不正にアクセスされた可能性があるため、パスワードを無効にいたしました。", 1)
	fake := strings.NewReplacer("dkim=pass", "dkim=fail", "spf=pass", "spf=fail", "dmarc=pass", "dmarc=fail").Replace(fromGoogle)
	for _, c := range []struct {
		says, google, amazon string
		records              int
		begins               bool
	}{
		{"Google's notice, then Amazon's answer", fromGoogle, gmailHop + gmailPass + undone, 2, true},
		{"Google's notice alone", fromGoogle, "", 0, false},
		{"Google's notice, and a change of Amazon's that is a question", fromGoogle, gmailHop + gmailPass + notice, 1, false},
		{"a fake in Google's name is no beginning", fake, gmailHop + gmailPass + undone, 1, false},
		{"another's notice of Google's is no change", strings.Replace(fromGoogle, "no-reply@", "comments-noreply@", 1), gmailHop + gmailPass + undone, 1, false},
	} {
		dir := t.TempDir()
		for name, text := range map[string]string{"1.eml": c.google, "2.eml": c.amazon} {
			if text == "" {
				continue
			}
			if err := os.WriteFile(filepath.Join(dir, name), []byte("Delivered-To: haruka@example.com\n"+text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		chosen, rest, err := brand.Library().Pick([]string{"amazon"})
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		r, err := analyzer.Scan(context.Background(), analyzer.Config{
			Paths: []string{dir}, Dir: t.TempDir(), Workers: 1, Limits: limit.Default(), Brands: chosen, Others: rest,
			Events: event.Builtin(), Version: "test", Now: time.Now,
		}, &out)
		if err != nil {
			t.Fatal(err)
		}
		f, err := finding.Open(bytes.NewReader(out.Bytes()), int64(out.Len()))
		if err != nil {
			t.Fatal(err)
		}
		if f.Len() != c.records {
			t.Errorf("%s: %d records, want %d", c.says, f.Len(), c.records)
		}
		n := int64(0)
		for _, v := range r.Summary.Verdicts {
			n += v
		}
		if c.amazon != "" && n != 1 || c.amazon == "" && n != 0 {
			t.Errorf("%s: %d verdicts counted of what is audited", c.says, n)
		}
		begins := false
		for _, a := range f.Attention() {
			begins = begins || len(a.Do) > 0 && a.Do[0].ID == "do.elsewhere_first" && a.Do[0].Args["brand"] == "google" && len(a.Messages) == 2
		}
		told := slices.ContainsFunc(f.Incidents(), func(i *finding.Incident) bool {
			return slices.ContainsFunc(i.Story, func(s finding.Text) bool { return s.ID == "incident.elsewhere" && s.Args["brand"] == "google" })
		})
		if begins != c.begins || told != c.begins {
			t.Errorf("%s: the advice begins there: %v, the story tells it: %v", c.says, begins, told)
		}
	}
}
