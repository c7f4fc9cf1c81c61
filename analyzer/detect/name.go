package detect

import (
	"slices"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/hostname"
	"github.com/mailaudit/mailaudit/analyzer/script"
)

// displayName finds the brand in the display name. It is what most mail programs show instead of the address, and names
// the brand in nine of ten Japanese fakes.
func displayName(s *scene) {
	shown := s.from.Name
	name := s.name
	if name == "" && s.host == "" {
		name, shown = s.local, s.from.Address
	}
	if name == "" {
		return
	}
	how := s.nameOf(name)
	if how == "" {
		return
	}
	if script.Mixed(shown) || foreign(shown) || script.Invisible(shown) >= 2 {
		s.add("brand.foreign_letters", shown)
	}
	odd := how
	if s.nameHow == howSpaced || s.nameHow == howNear {
		odd = s.nameHow
	}
	switch odd {
	case "spaced":
		s.add("brand.spaced", shown)
	case "split":
		s.add("brand.split", shown)
	case "near":
		s.add("brand.misspelt", shown)
	}
	strength := finding.Strong
	switch {
	case how == "product":
		strength = finding.Medium
	case s.reports, s.has("context.third_party"), s.has("context.namesake"), s.has("context.own_domain") && how == "name", s.has("context.rival"):
		strength = finding.Weak
	case how == "name" && s.personal(name):
		strength = finding.Weak
	}
	s.addAs("brand.display_name", strength, shown)
}

// nameOf tells how a folded name names the brand: "name", "spaced", "split", "near", "product", or "" for not at all.
func (s *scene) nameOf(name string) string {
	how := ""
	for _, w := range s.brand.Words {
		at := strings.Index(name, w.Text)
		switch {
		case at < 0:
		case w.Kind == "name" && bounded(name, at, at+len(w.Text)):
			return "name"
		case w.Kind == "near" && bounded(name, at, at+len(w.Text)):
			how = "near"
		case w.Kind == "product" && how == "" && bounded(name, at, at+len(w.Text)) && productName(name, w.Text):
			how = "product"
		}
	}
	if how == "near" {
		return how
	}
	for _, w := range s.words.Names {
		if len(w) < 5 {
			continue
		}
		if _, _, ok := script.IndexSpaced(name, w); ok {
			return "spaced"
		}
		if _, _, ok := script.IndexSplit(name, w); ok {
			return "split"
		}
	}
	if how == "" && slipped(name, s.words) {
		return "near"
	}
	return how
}

// slipped reports whether a word of a folded name is the brand's with a slip, and no innocent word.
func slipped(name string, words *brand.Vocabulary) bool {
	for _, token := range strings.FieldsFunc(name, func(r rune) bool { return r < 'a' && (r < '0' || r > '9') || r > 'z' && r < 0x80 }) {
		if slices.Contains(words.Not, token) {
			continue
		}
		for _, w := range words.Letters {
			if len(w) >= brand.Slips && hostname.Slip(token, w) {
				return true
			}
		}
	}
	return false
}

// productName reports whether a name that holds a product's name means the brand's: the product alone, or beside words of
// notices ("Prime Membership", "Prime Support"). "Prime Fitness Club" is a shop.
func productName(name, product string) bool {
	rest := strings.TrimSpace(strings.Replace(name, product, "", 1))
	rest = strings.Trim(rest, " .,!-_・|:®™")
	if rest == "" || bracketed(name, product) {
		return true
	}
	for _, word := range []string{
		"member", "membership", "video", "support", "notification", "subscription", "account", "billing", "payment", "team", "service",
		"renewal", "customer", "center", "centre", "unlimited", "direct publishing", "security", "カード", "会員", "会費", "ビデオ", "サポート", "カスタマー", "お知らせ", "事務局", "センター", "会費", "銀行", "市場", "e-navi", "bank", "card", "alert", "online", "console", "web services", "notifications",
	} {
		if strings.Contains(rest, word) {
			return true
		}
	}
	return false
}

// personal reports whether a display name is that of a person at or about the company: "Jane Doe (Amazon)".
func (s *scene) personal(name string) bool {
	open := strings.LastIndexAny(name, "([（")
	return open > 0 && s.nameOf(name[:open]) == "" && strings.Contains(name[:open], " ") && s.official
}

func isASCII(t string) bool {
	for i := 0; i < len(t); i++ {
		if t[i] >= 0x80 {
			return false
		}
	}
	return true
}

// foreign reports whether a text that folds to Latin letters is written with others: mathematical, circled, small capitals,
// or letters with stray marks.
func foreign(raw string) bool {
	odd, latin := 0, 0
	for _, r := range raw {
		switch {
		case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z':
			latin++
		case r >= 0x1d400 && r <= 0x1d7ff, r >= 0x2460 && r <= 0x24ff, r >= 0x1f110 && r <= 0x1f189, r >= 0x1d00 && r <= 0x1d2b,
			r >= 0x370 && r <= 0x58f, r >= 0x13a0 && r <= 0x13ff, r >= 0xa4d0 && r <= 0xa4ff, r >= 0x700 && r <= 0x74f, r >= 0x300 && r <= 0x36f:
			odd++
		}
	}
	return odd > 0 && (latin > 0 || odd >= 4) && script.Language(raw) == ""
}
