package candidate_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/candidate"
	"github.com/mailaudit/mailaudit/analyzer/detect"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/message"
)

// written are ways to write a name otherwise than it is read, for names of any script.
var written = map[string]func(string) string{
	"as it is":           func(s string) string { return s },
	"blanks":             func(s string) string { return parted(s, " ") },
	"wide blanks":        func(s string) string { return parted(s, "\u3000") },
	"middle dots":        func(s string) string { return parted(s, "・") },
	"full stops":         func(s string) string { return parted(s, ".") },
	"hyphens":            func(s string) string { return parted(s, "-") },
	"low lines":          func(s string) string { return parted(s, "_") },
	"blank and hyphen":   func(s string) string { return parted(s, " -") },
	"one hyphen":         func(s string) string { return once(s, "-") },
	"one low line":       func(s string) string { return once(s, "_") },
	"one wide blank":     func(s string) string { return once(s, "\u3000") },
	"zero width":         func(s string) string { return parted(s, "\u200b") },
	"soft hyphens":       func(s string) string { return parted(s, "\u00ad") },
	"grapheme joiner":    func(s string) string { return parted(s, "\u034f") },
	"turned around":      func(s string) string { return "\u202e" + reversed(s) + "\u202c" },
	"turned to the end":  func(s string) string { return "\u202e" + reversed(s) },
	"half-width, blanks": func(s string) string { return halfWidth.Replace(parted(s, " ")) },
}

// latin are ways for names in Latin letters only.
var latin = map[string]func(string) string{
	"figures":          func(s string) string { return strings.NewReplacer("a", "4", "o", "0").Replace(s) },
	"signs":            func(s string) string { return strings.ReplaceAll(s, "a", "@") },
	"a circle":         func(s string) string { return strings.ReplaceAll(s, "o", "●") },
	"joined, Billing":  func(s string) string { return strings.ToUpper(s[:1]) + s[1:] + "Billing" },
	"joined, helpdesk": func(s string) string { return s + "helpdesk" },
	"joined, my":       func(s string) string { return "my" + s },
	"joined, two":      func(s string) string { return s + "PaySupport" },
	"joined, cojp":     func(s string) string { return s + "cojp" },
	"Cyrillic":         func(s string) string { return strings.NewReplacer("a", "а", "o", "о").Replace(s) },
	"mathematical": func(s string) string {
		return strings.Map(func(r rune) rune { return r - 'a' + 0x1d41a }, s)
	},
}

var halfWidth = strings.NewReplacer("ア", "ｱ", "マ", "ﾏ", "ゾ", "ｿﾞ", "ン", "ﾝ")

func parted(s, by string) string {
	return strings.Join(strings.Split(s, ""), by)
}

func once(s, by string) string {
	r := []rune(s)
	return string(r[:len(r)/2]) + by + string(r[len(r)/2:])
}

func reversed(s string) string {
	r := []rune(s)
	for i, j := 0, len(r)-1; i < j; i, j = i+1, j-1 {
		r[i], r[j] = r[j], r[i]
	}
	return string(r)
}

// TestNameWrittenOtherwiseIsSeen: in a display name and in a subject a name is found however it is written, by the test for
// candidates and by the detectors alike, and the message poses.
func TestNameWrittenOtherwiseIsSeen(t *testing.T) {
	m := candidate.New(brand.Builtin())
	see := func(how, name string) {
		for _, place := range []string{"name", "subject"} {
			from, subject := word(name)+" <m3@kyoku-post.example>", word("設定の件")
			if place == "subject" {
				from, subject = word("自動配信")+" <m3@kyoku-post.example>", word("【"+name+"】お支払い方法のご確認")
			}
			raw := []byte(fmt.Sprintf("From: %s\nTo: aki@owner.example\nSubject: %s\nContent-Type: text/plain; charset=utf-8\n\n登録情報を更新してください。\n", from, subject))
			if !m.Match(raw, limit.Default()) {
				t.Errorf("%s, %s (%q): is no candidate", how, place, name)
				continue
			}
			out, _ := detect.Run(detect.Input{Message: message.Parse(raw, message.Options{}), Brands: brand.Builtin(), Limits: limit.Default()})
			if out.Brand != "amazon" || !poses(out.Signals) {
				t.Errorf("%s, %s (%q): brand %q, signals %v", how, place, name, out.Brand, out.Signals)
			}
		}
	}
	for how, write := range written {
		for _, name := range []string{"amazon", "アマゾン", "亚马逊", "아마존"} {
			see(how, write(name))
		}
	}
	for how, write := range latin {
		see(how, write("amazon"))
	}
}

// TestWordsBesideANameAreNoName: the neighbours of the disguises are innocent.
func TestWordsBesideANameAreNoName(t *testing.T) {
	for _, name := range []string{"Roma Zone", "Amazonas Reisen", "Ama Zonneveld", "ドラマ ゾーン", "Amazonia Verde", "Anna 4 Mason", "Armazon Lopez", "Prime Minister Office", "Supreme Prime Gym"} {
		raw := []byte(fmt.Sprintf("From: %s <hello@kyoku-post.example>\nSubject: news\n\nPlease update your payment method.\n", word(name)))
		out, _ := detect.Run(detect.Input{Message: message.Parse(raw, message.Options{}), Brands: brand.Builtin(), Limits: limit.Default()})
		if poses(out.Signals) {
			t.Errorf("%q poses: %v", name, out.Signals)
		}
	}
}

func poses(signals []finding.Signal) bool {
	for _, g := range signals {
		if g.For == finding.ForPosing && g.Strength != finding.Weak {
			return true
		}
	}
	return false
}

func word(s string) string {
	return "=?utf-8?B?" + base64.StdEncoding.EncodeToString([]byte(s)) + "?="
}
