package detect

import (
	"strings"
	"unicode/utf8"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/script"
)

// Place holders that sending programs fill in, seen where they were not: ##mix_normal_10##, [HIDE1], [CURRENT_DATE],
// %{RAND_LETTER_5}, *|MC_PREVIEW_TEXT|*, {{name}}. Text is folded, so letters are small.
var macro = lazily(`##[a-z0-9_]{3,40}##|%\{[a-z0-9_]{3,40}\}|\*\|[a-z0-9_: ]{2,40}\|\*|\[/?(?:hide\d{0,3}|time|date|email|e-mail|to|name|current_[a-z]+|receiver_address|rand[a-z_0-9]*|random[a-z_0-9]*|[a-z]{2,12}_[a-z_0-9]{2,20})\]|\{\{?(?:name|email|date|rand[a-z_0-9]*|first_?name|link|url)\}?\}|\[\[[a-z_]{3,30}\]\]`)

// mayHoldMacro reports whether a folded text has what each place holder begins with.
func mayHoldMacro(folded string) bool {
	return strings.Contains(folded, "##") || strings.Contains(folded, "%{") || strings.Contains(folded, "*|") || opens(folded, '[') || opens(folded, '{')
}

// opens reports whether a bracket stands in a folded text before a letter, a slash or another one.
func opens(folded string, bracket byte) bool {
	for {
		i := strings.IndexByte(folded, bracket)
		if i < 0 || i+1 >= len(folded) {
			return false
		}
		folded = folded[i+1:]
		if c := folded[0]; letter(c) || c == bracket || c == '/' {
			return true
		}
	}
}

// findMacros returns the place holders of a folded line, each once.
func findMacros(folded string) []string {
	if len(folded) > 1<<20 || !mayHoldMacro(folded) {
		return nil
	}
	var out []string
	seen := map[string]bool{}
	for _, m := range macro().FindAllString(folded, 2000) {
		if !seen[m] {
			seen[m] = true
			out = append(out, m)
		}
	}
	return out
}

// lostMark is a question mark between Japanese characters: where 「・」 or 「※」 stood before a conversion through a
// Chinese character set lost it.
var lostMark = lazily(`[ぁ-んァ-ヶ一-龠]\?[ぁ-んァ-ヶ一-龠]`)

// findLostMark returns the first lost mark with the characters beside it, or "".
func findLostMark(s string) string {
	for at := 0; ; at++ {
		i := strings.IndexByte(s[at:], '?')
		if i < 0 {
			return ""
		}
		if at += i; at < 3 || at+3 >= len(s) || s[at-1] < utf8.RuneSelf || s[at+1] < utf8.RuneSelf {
			continue
		}
		// All these characters take three bytes.
		if m := lostMark().FindString(s[at-3 : at+4]); m != "" {
			return m
		}
	}
}

// title is a quoted name of goods, which a shop abroad may have written.
var title = lazily(`「[^」\n]{1,200}」|『[^』\n]{1,200}』|"[^"\n]{1,200}"`)

// textSignals finds what the writer's tools and habits left in the text.
func textSignals(s *scene) {
	if !s.posing.any() {
		return
	}
	macros := s.macros
	macros = append(macros, findMacros(s.foldedSubject)...)
	for _, a := range s.m.To {
		macros = append(macros, findMacros(script.Fold(a.Address))...)
	}
	if len(macros) > 0 {
		s.add("text.macro", strings.Join(macros[:min(len(macros), 4)], " "))
	}
	if s.language == "ja" {
		s.simplified()
		if m := findLostMark(script.Cut(s.text, 8<<10)); m != "" {
			s.add("text.question_marks", m)
		}
	}
	if hits := s.hits[kindThreat]; len(hits) > 0 {
		s.add("text.threat", s.around(hits[0].at))
	}
	s.invisible()
	s.addressAsName()
}

// simplified looks for simplified Chinese characters in subject, display name and the first part of Japanese text.
// Names of goods further down may come from Chinese shops.
func (s *scene) simplified() {
	// Each piece must be Japanese itself: a line of Chinese in a Japanese message is a quotation.
	for _, piece := range []string{s.m.Subject, s.from.Name, s.head()} {
		if found := simplifiedIn(piece); len(found) > 0 && script.Language(piece) == "ja" {
			strength := finding.Medium
			switch {
			case s.official && len(found) < 3:
				strength = finding.Weak
			case !s.official && len(found) >= 3:
				strength = finding.Strong
			}
			s.addAs("text.simplified", strength, string(found[:min(len(found), 20)]))
			return
		}
	}
}

// head returns the first lines of the text, as they stand; "" where no simplified character is among them.
func (s *scene) head() string {
	n, size, some := 0, 0, false
	for n < len(s.lines) && n <= 20 && size <= 3000 {
		some = some || script.HasSimplified(s.lines[n].raw)
		size += len(s.lines[n].raw) + 1
		n++
	}
	if !some {
		return ""
	}
	var b strings.Builder
	b.Grow(size)
	for _, l := range s.lines[:n] {
		b.WriteString(l.raw)
		b.WriteByte('\n')
	}
	return b.String()
}

// simplifiedIn returns the simplified characters of a text outside quoted names of goods.
func simplifiedIn(piece string) []rune {
	found := script.SimplifiedOnly(piece)
	if len(found) == 0 {
		return nil
	}
	return script.SimplifiedOnly(title().ReplaceAllString(piece, ""))
}

// invisible counts invisible characters inside words of the text. Rows of them at the start are padding that honest bulk
// mail puts behind its preview line, so only those between two letters count, and only several.
func (s *scene) invisible() {
	if !s.odd() {
		return
	}
	n, shown := 0, ""
	for i, l := range s.lines {
		if i > 200 {
			break
		}
		if c := insideWords(l.raw); c > 0 {
			n += c
			if shown == "" {
				shown = l.raw
			}
		}
	}
	if n >= 3 {
		s.add("text.invisible", script.Visible(script.Cut(shown, 120)))
	}
}

// insideWords counts places where invisible characters stand between two letters.
func insideWords(raw string) int {
	n := 0
	before, pending := false, false
	for _, r := range raw {
		switch {
		case r < 0x80:
			isLetter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
			if isLetter && before && pending {
				n++
			}
			before, pending = isLetter, false
		case r >= 0x3041 && r <= 0x30ff || r >= 0x4e00 && r <= 0x9fff: // kana and ideographs, most of Japanese text
			before, pending = true, false
		case script.Hidden(r) || r >= 0x700 && r <= 0x74f || r == 0x34f:
			// Soft hyphens are honest typography.
			pending = pending || r != 0xad
		default:
			before, pending = true, false
		}
	}
	return n
}

// addressAsName finds a greeting by mail address: who sends by the million knows no names.
func (s *scene) addressAsName() {
	for i, a := range s.m.To {
		if i >= 3 || len(a.Address) < 6 {
			continue
		}
		address := strings.ToLower(a.Address)
		for j, l := range s.lines {
			if j > 12 {
				break
			}
			if k := strings.Index(l.folded, address); k >= 0 {
				rest := l.folded[k+len(address):]
				if strings.HasPrefix(strings.TrimSpace(rest), "様") || strings.HasPrefix(strings.TrimSpace(rest), "さま") || strings.Contains(l.folded[:k], "dear") || strings.Contains(l.folded[:k], "hello") || strings.Contains(l.folded[:k], "hallo") {
					s.add("text.address_as_name", l.raw)
					return
				}
			}
		}
	}
}
