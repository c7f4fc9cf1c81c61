package detect

import (
	"encoding/base64"
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/pelletier/go-toml/v2"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/message"
	"github.com/mailaudit/mailaudit/analyzer/message/attachment"
)

// sample is a message with what detectors must and must not find: signal ids, with ":strong" and the like where the
// strength matters.
type sample struct {
	why  string
	raw  string
	want []string
	not  []string
}

// mail builds a plain message. Extra are further header lines.
func mail(from, subject, body string, extra ...string) string {
	return build(from, subject, "text/plain", body, extra)
}

// page builds an HTML message.
func page(from, subject, body string, extra ...string) string {
	return build(from, subject, "text/html", body, extra)
}

func build(from, subject, mediaType, body string, extra []string) string {
	h := "From: " + from + "\r\nTo: Hanako <hanako@example.net>\r\nSubject: " + subject + "\r\n"
	for _, name := range []string{"Date: Tue, 03 Feb 2026 04:05:06 +0000", "Message-ID: <0100019c-1@mail.example>"} {
		field, _, _ := strings.Cut(name, ":")
		given := false
		for _, e := range extra {
			given = given || strings.HasPrefix(e, field+":")
		}
		if !given {
			h += name + "\r\n"
		}
	}
	for _, e := range extra {
		h += e + "\r\n"
	}
	return h + "MIME-Version: 1.0\r\nContent-Type: " + mediaType + "; charset=utf-8\r\n\r\n" + body + "\r\n"
}

// withFile builds a message with an attachment.
func withFile(from, subject, body, name, mediaType string, data []byte) string {
	return "From: " + from + "\r\nTo: hanako@example.net\r\nSubject: " + subject + "\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
		"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + body + "\r\n--b\r\nContent-Type: " + mediaType + "\r\nContent-Disposition: attachment; filename=\"" + name +
		"\"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString(data) + "\r\n--b--\r\n"
}

func look(t *testing.T, raw string) Output {
	t.Helper()
	return lookWith(t, raw, nil)
}

// lookWith looks with an inspector of pictures and PDF.
func lookWith(t *testing.T, raw string, inspect attachment.Inspector) Output {
	t.Helper()
	m := message.Parse([]byte(raw), message.Options{Limits: limit.Default()})
	out, problems := Run(Input{Message: m, Brands: brand.Builtin(), Limits: limit.Default(), Inspect: inspect})
	for _, p := range problems {
		if p.Stage == "internal" {
			t.Errorf("problem: %s", p.Reason)
		}
	}
	for _, s := range out.Signals {
		given.Store(s.ID, true)
	}
	return out
}

// given are the signals that the samples of all tests gave.
var given sync.Map

// TestMain fails where a signal is listed that no sample gives: its detector is not in the table, or never gives it.
func TestMain(m *testing.M) {
	code := m.Run()
	if all := flag.Lookup("test.run").Value.String() == ""; code == 0 && all {
		for _, s := range Signals() {
			if _, ok := given.Load(s.ID); !ok {
				fmt.Printf("no sample gives %s: is its detector in the table of run.go, with a sample of its own?\n", s.ID)
				code = 1
			}
		}
	}
	os.Exit(code)
}

func found(out Output, want string) bool {
	id, strength, _ := strings.Cut(want, ":")
	for _, s := range out.Signals {
		if s.ID == id && (strength == "" || string(s.Strength) == strength) {
			return true
		}
	}
	return false
}

func list(out Output) string {
	var b strings.Builder
	fmt.Fprintf(&b, "brand %q forward %q alias %q risk %q", out.Brand, out.Forward, out.Alias, out.ContentRisk)
	for _, s := range out.Signals {
		fmt.Fprintf(&b, "\n\t%s:%s %q", s.ID, s.Strength, s.Shown)
	}
	return b.String()
}

func check(t *testing.T, samples []sample) {
	t.Helper()
	for _, tt := range samples {
		t.Run(tt.why, func(t *testing.T) {
			out := look(t, tt.raw)
			for _, w := range tt.want {
				if !found(out, w) {
					t.Errorf("%s is missing; found %s", w, list(out))
				}
			}
			for _, n := range tt.not {
				if found(out, n) {
					t.Errorf("%s was found; found %s", n, list(out))
				}
			}
		})
	}
}

// poses reports whether package verdict would say that the message poses as the brand, and acts whether it calls to act.
func poses(out Output) (poses, acts bool) {
	strong, medium, against := 0, 0, 0
	for _, s := range out.Signals {
		switch {
		case s.For == finding.ForPosing && s.Strength == finding.Strong:
			strong++
		case s.For == finding.ForPosing && s.Strength == finding.Medium:
			medium++
		case s.For == finding.ForImpersonation && s.Strength == finding.Strong:
			against++
		case s.For == finding.ForAction && s.Strength != finding.Weak:
			acts = true
		}
	}
	return strong > 0 || medium > 1 || medium > 0 && against > 0, acts
}

func TestBuiltinIsUpToDate(t *testing.T) {
	want, err := Decode(os.DirFS("."), "data")
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(&builtin, want) {
		t.Error("builtin_gen.go differs from data/*.toml; run go generate")
	}
}

func TestEverySignalHasASentence(t *testing.T) {
	data, err := os.ReadFile("../../report/view/text/signals.toml")
	if err != nil {
		t.Fatal(err)
	}
	var texts map[string]struct{ JA, EN string }
	if err := toml.Unmarshal(data, &texts); err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for _, s := range Signals() {
		if ids[s.ID] {
			t.Errorf("%s is listed twice", s.ID)
		}
		ids[s.ID] = true
		if texts[s.ID].JA == "" || texts[s.ID].EN == "" {
			t.Errorf("%s has no sentence in signals.toml", s.ID)
		}
	}
	for _, k := range builtin.Kits.Kits {
		if texts["kit."+k.Name].JA == "" {
			t.Errorf("kit.%s has no sentence in signals.toml", k.Name)
		}
	}
}

func TestEverySignalIsListed(t *testing.T) {
	// addAs takes purpose and strength from the list: an id that is missing there would speak for nothing.
	for _, dir := range []string{"."} {
		files, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
				continue
			}
			src, err := os.ReadFile(f.Name())
			if err != nil {
				t.Fatal(err)
			}
			for _, call := range []string{`s.add("`, `s.addAs("`} {
				for _, piece := range strings.Split(string(src), call)[1:] {
					id, _, _ := strings.Cut(piece, `"`)
					if usual[id].For == "" {
						t.Errorf("%s: signal %q is not listed in Signals", f.Name(), id)
					}
				}
			}
		}
	}
}

func TestNoBrandNoRecord(t *testing.T) {
	out := look(t, mail("Kenji <kenji@example.org>", "Lunch", "Shall we meet at noon?"))
	if out.Brand != "" || len(out.Signals) != 0 {
		t.Errorf("a message about lunch: %s", list(out))
	}
}

func TestSameMessageSameOutput(t *testing.T) {
	raw := page("Amazon.co.jp <amazon-update@shop.example.top>", "【Amazon】お支払い方法の更新", strings.Repeat(`<a href="https://a.example.top/ap/signin">ログイン</a> <a href="https://b.example.top/">x</a>`, 100))
	first := look(t, raw)
	for range 20 {
		if got := look(t, raw); !reflect.DeepEqual(got, first) {
			t.Fatalf("output differs:\n%s\n%s", list(got), list(first))
		}
	}
}

func TestLinksAreCapped(t *testing.T) {
	var b strings.Builder
	for i := range 200 {
		fmt.Fprintf(&b, `<a href="https://www.amazon.co.jp/dp/%d">x</a>`, i)
	}
	b.WriteString(`<a href="https://login.example.top/ap/signin">ログイン</a>`)
	out := look(t, page("Amazon <info@example.top>", "Amazon アカウント", b.String()))
	if len(out.Links) != maxLinks {
		t.Fatalf("%d links", len(out.Links))
	}
	if last := out.Links[maxLinks-1]; last.Host != "login.example.top" || last.Official {
		t.Errorf("the link that matters was dropped; last is %+v", last)
	}
}

func FuzzRun(f *testing.F) {
	f.Add(mail("Amazon.co.jp <a@example.top>", "【Amazon】", "お客様のAmazonアカウント [HIDE1] ##x_1## 24時間以内にログインしてください https://a.example/"))
	f.Add(page("=?utf-8?B?0JBtYXpvbg==?= via L <l@example.org>", "Fwd: x", "<a href='http://amazon.co.jp\u2215x@1.2.3.4:80/?u=http%3A//x'>http://amazon.com</a>"))
	f.Add("From: \r\n\r\n> amazon\r\nFrom: Amazon <x>\r\nSubject: y\r\n")
	b := brand.Builtin()
	f.Fuzz(func(t *testing.T, raw string) {
		m := message.Parse([]byte(raw), message.Options{Limits: limit.Default()})
		out, problems := Run(Input{Message: m, Brands: b, Limits: limit.Default()})
		for _, p := range problems {
			if p.Stage == "internal" {
				t.Errorf("%s", p.Reason)
			}
		}
		for _, s := range out.Signals {
			if len(s.Shown) > 300 || s.For == "" || s.Strength == "" {
				t.Errorf("signal %+v", s)
			}
		}
		if len(out.Signals) > 0 && out.Brand == "" && out.Forward == "" {
			for _, s := range out.Signals {
				if s.For != finding.ForMention {
					t.Errorf("signal %s without a brand", s.ID)
				}
			}
		}
		if len(out.Links) > maxLinks {
			t.Errorf("%d links", len(out.Links))
		}
	})
}

func BenchmarkRun(b *testing.B) {
	raw := page("Amazon.co.jp <amazon-update@shop.example.top>", "【Amazon】お支払い方法の更新",
		strings.Repeat(`<p>平素はAmazonをご利用いただき、誠にありがとうございます。お客様のAmazonアカウントを確認してください。</p><a href="https://www.amazon.co.jp/gp/help">ヘルプ</a>`, 80))
	m := message.Parse([]byte(raw), message.Options{Limits: limit.Default()})
	set := brand.Builtin()
	for b.Loop() {
		Run(Input{Message: m, Brands: set, Limits: limit.Default()})
	}
}
