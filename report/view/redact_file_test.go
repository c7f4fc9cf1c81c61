package view

import (
	"reflect"
	"testing"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/report/view/mask"
)

// A folder named after somebody keeps its ending and loses its name, the same everywhere; folders that everybody has stay.
func TestRedactFolders(t *testing.T) {
	r := &redacted{files: map[string]int{}}
	for _, c := range [][2]string{
		{"takeout-20260301-001.zip", "takeout-20260301-001.zip"},
		{"Takeout/メール/すべてのメール.mbox", "Takeout/メール/すべてのメール.mbox"},
		{"Mail/Tanaka Taro.mbox", "Mail/masked-1.mbox"},
		{"田中さんから/cur/1767225600_2.eml", "masked-2/cur/1767225600_2.eml"},
		{"Archive/Tanaka Taro.mbox", "Archive/masked-1.mbox"},
		{"INBOX", "INBOX"},
	} {
		if got := r.file(c[0]); got != c[1] {
			t.Errorf("%q becomes %q, want %q", c[0], got, c[1])
		}
	}
}

// Of what fills the gaps of sentences only that stays which cannot come from a mail; a single plain word of unknown origin
// does not.
func TestRedactArguments(t *testing.T) {
	texts, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	masker, err := mask.New("[masked]")
	if err != nil {
		t.Fatal(err)
	}
	src := &redacted{}
	r := &redacted{
		Reader: src, printer: NewPrinter(texts, EN, nil), mask: "[masked]", masker: masker, people: map[string]int{}, owner: words{"hanako@example.jp": true},
	}
	src.series = []*finding.Series{{Issuer: "my-own-bank"}}
	for _, c := range []struct {
		name, id, key string
		value, want   any
	}{
		{"a time", "incident.takeover", "start", "2026-02-03T04:05:06Z", "2026-02-03T04:05:06Z"},
		{"a month", "attention.x", "first", "2026-02", "2026-02"},
		{"months", "attention.x", "missing", []any{"2026-02", "kenichiro"}, []any{"2026-02", "[masked]"}},
		{"a week", "attention.x", "first", "2026-W05", "2026-W05"},
		{"a number", "attention.x", "n", 3.0, 3.0},
		{"an order number", "attention.x", "order", "249-1234567-1234567", "249-1234567-1234567"},
		{"an event", "attention.x", "event", "security.signed_in", "security.signed_in"},
		{"an issuer of the user's own rules", "attention.x", "issuer", "my-own-bank", "my-own-bank"},
		{"the owner's account", "attention.x", "account", "hanako@example.jp/co.jp", "hanako@example.jp/co.jp"},
		{"somebody else's account", "attention.x", "account", "jiro@example.org (co.jp)", "person1@masked.invalid (co.jp)"},
		{"a word of unknown origin", "attention.x", "device", "kenichiro", "[masked]"},
		{"the same where no gap is known", "attention.x", "who", "kenichiro", "[masked]"},
		{"a host of unknown origin", "attention.x", "host", "kenichiro.example", "[masked]"},
		{"the telephone number of the police", "do.police_jp", "phone", "#9110", "#9110"},
		{"where to report", "do.report_jp", "address", "info@antiphishing.jp", "info@antiphishing.jp"},
		{"another word in an advice", "do.police_jp", "who", "kenichiro", "[masked]"},
		{"a telephone number elsewhere", "attention.x", "phone", "090-1234-5678", "[masked]"},
	} {
		got := r.text(finding.Text{ID: c.id, Args: map[string]any{c.key: c.value}}).Args[c.key]
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v becomes %v, want %v", c.name, c.value, got, c.want)
		}
	}
}
