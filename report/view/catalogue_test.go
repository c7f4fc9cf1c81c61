package view

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/pelletier/go-toml/v2"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

func catalogue(t *testing.T) *Catalogue {
	t.Helper()
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Every text is there in both languages and has the same gaps in both: a translation neither drops a fact nor adds one.
func TestTextsAgree(t *testing.T) {
	for id, text := range catalogue(t).texts {
		ja, en := text[JA].gaps(), text[EN].gaps()
		if !slices.Equal(ja, en) {
			t.Errorf("%s: gaps in ja %v, in en %v", id, ja, en)
		}
	}
}

// Every word of the record stream has a word in both languages.
func TestWordsAreComplete(t *testing.T) {
	c := catalogue(t)
	var want []string
	add := func(kind string, words ...string) {
		for _, w := range words {
			want = append(want, kind+"."+w)
		}
	}
	for _, v := range finding.Verdicts() {
		add("verdict", string(v))
		add("verdict.long", string(v))
	}
	for _, s := range finding.Severities() {
		add("severity", string(s))
	}
	for _, e := range finding.Events() {
		add("event", string(e))
		add("class", e.Class())
	}
	for _, f := range []finding.Folder{finding.Inbox, finding.Archive, finding.Spam, finding.Trash, finding.Sent, finding.Drafts, finding.Other} {
		add("folder", string(f))
	}
	add("state", finding.PeriodStates...)
	add("ledger.kind", finding.LedgerKinds...)
	add("ledger.state", finding.LedgerStates...)
	add("for", finding.ForGenuine, finding.ForImpersonation, finding.ForPosing, finding.ForAction, finding.ForMention, finding.ForRisk)
	add("strength", string(finding.Weak), string(finding.Medium), string(finding.Strong))
	add("stage", "mbox", "maildir", "archive", "mime", "header", "charset", "limit", "io", "internal")
	add("cadence", "weekly", "monthly", "quarterly", "half_yearly", "yearly", "irregular")
	add("danger", "none", "low", "high")
	add("place", "above", "below")
	add("time_source", "received", "header", "envelope")
	for _, col := range Columns() {
		add("column", col.ID)
	}
	for _, id := range want {
		if !c.Has(id) {
			t.Errorf("no text %s", id)
		}
	}
}

// Every issuer the analyzer knows has its name: the brand packs and the texts are written by different hands.
func TestIssuersAreNamed(t *testing.T) {
	c := catalogue(t)
	packs, err := filepath.Glob("../../analyzer/brand/data/*.toml")
	if err != nil || len(packs) == 0 {
		t.Fatalf("no brand packs found: %v", err)
	}
	for _, pack := range packs {
		b, err := os.ReadFile(pack)
		if err != nil {
			t.Fatal(err)
		}
		var doc struct {
			Brand []struct{ ID string }
		}
		if err := toml.Unmarshal(b, &doc); err != nil {
			t.Fatal(err)
		}
		for _, brand := range doc.Brand {
			if !c.Has("issuer." + brand.ID) {
				t.Errorf("%s: no text issuer.%s", pack, brand.ID)
			}
		}
	}
}

// Every text the report packages ask for by name is there.
func TestTextsAskedForExist(t *testing.T) {
	c := catalogue(t)
	asked := regexp.MustCompile(`(?:Say\(|say )"([a-z_.]+[a-z_])"`)
	n := 0
	err := filepath.WalkDir("..", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") || !strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, ".html") {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range asked.FindAllStringSubmatch(string(b), -1) {
			n++
			if !c.Has(m[1]) {
				t.Errorf("%s asks for %s", path, m[1])
			}
		}
		return nil
	})
	if err != nil || n < 100 {
		t.Fatalf("%d texts asked for, %v", n, err)
	}
}

var (
	latinInJapanese = regexp.MustCompile(`[\p{Han}\p{Hiragana}\p{Katakana}、。」）][ (:]|[ )][\p{Han}\p{Hiragana}\p{Katakana}「（]|ゴミ箱|ギフト券|だれか`)
	// An email can be counted, mail cannot; the other words have one spelling in all texts.
	unEnglish = regexp.MustCompile(`(?i)\b(mails|a mail|e-mails?|telephone|somebody|anybody|can't|don't)\b|"`)
)

// Texts are set by hand: no white space at the ends, no doubled spaces, Japanese punctuation in Japanese.
func TestTextsAreClean(t *testing.T) {
	c := catalogue(t)
	for id, text := range c.texts {
		for lang, s := range text {
			plain := ""
			for _, g := range s {
				if g.name == "" {
					plain += g.text
				} else {
					plain += "x"
				}
			}
			if plain != strings.TrimSpace(plain) && id != "value.separator" && id != "why.auth.of" || strings.Contains(plain, "  ") {
				t.Errorf("%s.%s has stray spaces: %q", id, lang, plain)
			}
			if lang == JA && (strings.Contains(plain, ". ") || strings.HasSuffix(plain, ", ")) {
				t.Errorf("%s.ja uses Latin punctuation: %q", id, plain)
			}
			if found := latinInJapanese.FindString(plain); lang == JA && found != "" && id != "issuer.aupay-card" && !strings.HasPrefix(id, "terminal.") {
				t.Errorf("%s.ja has %q: brackets and colons are full-width, and no space stands between Japanese and Latin: %q", id, found, plain)
			}
			if found := unEnglish.FindString(plain); lang == EN && found != "" {
				t.Errorf("%s.en says %q: %q", id, found, plain)
			}
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	cases := []struct{ name, in, want string }{
		{"a text without its translation", `["a"]` + "\nja = \"あ\"", "no text"},
		{"a key nobody reads", `["a"]` + "\nja = \"あ\"\nen = \"a\"\nde = \"a\"", "strict"},
		{"a gap of no kind", `["a"]` + "\nja = \"{x:nothing}\"\nen = \"a\"", "no such kind"},
		{"a gap that never ends", `["a"]` + "\nja = \"{x\"\nen = \"a\"", "without its }"},
		{"an end without a gap", `["a"]` + "\nja = \"x}\"\nen = \"a\"", "without its {"},
		{"a plural with one word", `["a"]` + "\nja = \"{n:plural|mail}\"\nen = \"a\"", "plural|one|many"},
	}
	for _, c := range cases {
		_, err := load(fstest.MapFS{"text/a.toml": {Data: []byte(c.in)}}, "text")
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	two := fstest.MapFS{"text/a.toml": {Data: []byte("[\"a\"]\nja = \"あ\"\nen = \"a\"")}, "text/b.toml": {Data: []byte("[\"a\"]\nja = \"あ\"\nen = \"a\"")}}
	if _, err := load(two, "text"); err == nil || !strings.Contains(err.Error(), "twice") {
		t.Errorf("a text that stands twice: %v", err)
	}
}

func FuzzParseSentence(f *testing.F) {
	for _, s := range []string{"plain", "{n:plural|mail|mails} {{x}}", "{a:time}と{b}", "{", "}", "{:x}", "{a:plural|b}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		parsed, err := parseSentence(s)
		if err != nil {
			return
		}
		// Printed again it parses to the same.
		var b strings.Builder
		for _, g := range parsed {
			switch {
			case g.name == "":
				b.WriteString(strings.NewReplacer("{", "{{", "}", "}}").Replace(g.text))
			case g.kind == "plural":
				fmt.Fprintf(&b, "{%s:plural|%s|%s}", g.name, g.one, g.many)
			case g.kind == "":
				fmt.Fprintf(&b, "{%s}", g.name)
			default:
				fmt.Fprintf(&b, "{%s:%s}", g.name, g.kind)
			}
		}
		again, err := parseSentence(b.String())
		if err != nil || fmt.Sprint(again) != fmt.Sprint(parsed) {
			t.Errorf("%q parses to %v, printed as %q to %v, %v", s, parsed, b.String(), again, err)
		}
	})
}
