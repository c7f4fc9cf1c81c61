package html

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mailaudit/mailaudit/report/reporttest"
	"github.com/mailaudit/mailaudit/report/view"
)

func render(t testing.TB, s *reporttest.Stream, lang view.Lang) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(context.Background(), s.File(), &b, view.Options{Lang: lang, Zone: reporttest.Tokyo}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// The policy names exactly the style sheet and the script that are in the page, as they are in it.
func TestPolicyHashes(t *testing.T) {
	for _, lang := range view.Langs() {
		page := render(t, reporttest.Hostile(), lang)
		policy := regexp.MustCompile(`http-equiv="Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(page)
		if policy == nil {
			t.Fatal("no policy")
		}
		rules := strings.NewReplacer("&#39;", "'", "&#43;", "+").Replace(policy[1])
		for tag, directive := range map[string]string{"style": "style-src", "script": "script-src"} {
			found := regexp.MustCompile(`(?s)<`+tag+`>(.*?)</`+tag+`>`).FindAllStringSubmatch(page, -1)
			if len(found) != 1 {
				t.Fatalf("%d %s elements", len(found), tag)
			}
			sum := sha256.Sum256([]byte(found[0][1]))
			if want := directive + " 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !strings.Contains(rules, want) {
				t.Errorf("the policy %q lacks %q", rules, want)
			}
		}
		if !strings.HasPrefix(rules, "default-src 'none'") {
			t.Errorf("the policy begins %.40q", rules)
		}
	}
}

// Every link leads somewhere in the page, and no id stands twice.
func TestLinksLead(t *testing.T) {
	href, id := regexp.MustCompile(` href="([^"]*)"`), regexp.MustCompile(`\bid="([^"]*)"`)
	for name, s := range map[string]*reporttest.Stream{"takeover": reporttest.Takeover(), "calm": reporttest.Calm(), "empty": reporttest.Empty(), "hostile": reporttest.Hostile(), "large": reporttest.Large(3000)} {
		page := render(t, s, view.EN)
		ids := map[string]bool{}
		for _, m := range id.FindAllStringSubmatch(page, -1) {
			if ids[m[1]] {
				t.Errorf("%s: id %q stands twice", name, m[1])
			}
			ids[m[1]] = true
		}
		for _, m := range href.FindAllStringSubmatch(page, -1) {
			if !strings.HasPrefix(m[1], "#") || !ids[m[1][1:]] {
				t.Errorf("%s: link to %q leads nowhere", name, m[1])
			}
		}
	}
}

// A report of 50,000 messages stays below 30 MB and says what it leaves out and where to find it.
func TestLargeReport(t *testing.T) {
	if testing.Short() {
		t.Skip("a report of 50,000 messages takes seconds")
	}
	page := render(t, reporttest.Large(50_000), view.JA)
	if len(page) > 30_000_000 {
		t.Errorf("%d bytes", len(page))
	}
	if n := strings.Count(page, `<tr id="m`); n != 50_000 {
		t.Errorf("%d rows", n)
	}
	n := strings.Count(page, `<details class="msg`)
	if n < 1000 || n > view.MaxDetailed {
		t.Errorf("%d messages are told in full", n)
	}
	if !strings.Contains(page, "mailaudit explain ID") {
		t.Error("the page does not say where the rest is")
	}
	if strings.Count(page, `<div class="rows r100">`) == 0 {
		t.Error("no block is full")
	}
}

// Geometry of a drawing stays inside it, whatever the span: an hour, a year, fifty years.
func TestDrawing(t *testing.T) {
	r, err := view.Build(context.Background(), reporttest.Takeover().File(), view.Options{Lang: view.JA, Zone: reporttest.Tokyo})
	if err != nil {
		t.Fatal(err)
	}
	p, err := newPage(context.Background(), r, &bytes.Buffer{})
	if err != nil {
		t.Fatal(err)
	}
	night := time.Date(2026, 2, 3, 2, 0, 0, 0, reporttest.Tokyo)
	for _, span := range []time.Duration{time.Hour, 24 * time.Hour, 40 * 24 * time.Hour, 365 * 24 * time.Hour, 50 * 365 * 24 * time.Hour} {
		for _, width := range []int{360, 1120} {
			s := p.draw("t", "wide", width, night.Add(-span/2).Unix(), night.Add(span/2).Unix())
			if n := len(s.Ticks); n == 0 || n > width/20 {
				t.Errorf("%v on %d px has %d ticks", span, width, n)
			}
			for i := 1; i < len(s.Ticks); i++ {
				if s.Ticks[i].Label != "" && s.Ticks[i].X-s.Ticks[i-1].X < 20 {
					t.Errorf("%v on %d px: ticks %q and %q lie over one another", span, width, s.Ticks[i-1].Label, s.Ticks[i].Label)
					break
				}
			}
			for _, b := range s.Bars {
				if b.X < 0 || b.X+b.W > float64(width) || b.Y < 0 || b.Y+b.H > float64(s.H) {
					t.Errorf("%v on %d px: bar %+v outside %d x %d", span, width, b, s.W, s.H)
				}
			}
			for _, m := range s.Marks {
				if m.X < 0 || m.X > float64(width) || m.Y < 0 || m.Y > s.Axis {
					t.Errorf("%v on %d px: mark %+v outside", span, width, m)
				}
			}
		}
	}
}

func BenchmarkPage(b *testing.B) {
	f := reporttest.Large(50_000).File()
	for b.Loop() {
		var n counter
		if err := Write(context.Background(), f, &n, view.Options{Lang: view.JA, Zone: reporttest.Tokyo}); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(n)/1e6, "MB")
	}
}

type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// The sheet to hand over stands first in the page and alone in the summary, with the case, the amounts, the order numbers and
// the digest of each mail; a quiet mailbox has nothing to hand over, and the summary says so.
func TestHandover(t *testing.T) {
	s := reporttest.Takeover()
	opt := view.Options{Lang: view.EN, Zone: reporttest.Tokyo, Case: "2026-17", Examiner: "<b>Mori</b>"}
	var sheet, page bytes.Buffer
	if err := WriteSummary(context.Background(), s.File(), &sheet, opt); err != nil {
		t.Fatal(err)
	}
	if err := Write(context.Background(), s.File(), &page, opt); err != nil {
		t.Fatal(err)
	}
	want := []string{"2026-17", "&lt;b&gt;Mori", "SHA-256 "}
	first := s.Incidents[0].Messages
	for i := range s.Messages {
		m := &s.Messages[i]
		if !slices.Contains(first, m.ID) {
			continue
		}
		want = append(want, m.SHA256.String())
		if m.Details != nil && m.Details.OrderID != "" {
			want = append(want, m.Details.OrderID)
		}
	}
	if len(want) < 8 {
		t.Fatalf("the incident has %d mails: the test tests nothing", len(want)-3)
	}
	paper := page.String()[:strings.Index(page.String(), `<header class="masthead">`)]
	for _, text := range want {
		if !strings.Contains(sheet.String(), text) || !strings.Contains(paper, text) {
			t.Errorf("the sheet lacks %q", text)
		}
	}
	if strings.Contains(sheet.String(), "<script") {
		t.Error("the summary has a script")
	}
	var calm bytes.Buffer
	if err := WriteSummary(context.Background(), reporttest.Calm().File(), &calm, opt); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(calm.String(), "Nothing was found") {
		t.Error("the summary of a quiet mailbox does not say that it is one")
	}
}
