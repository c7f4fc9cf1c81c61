package detect

import (
	"strings"
	"unicode/utf8"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/script"
)

// The ways in which a name is written otherwise than it is read, as asSeen reports them.
const (
	howSpaced   = "spaced"   // separators stand between its letters
	howNear     = "near"     // figures or signs stand for letters
	howCompound = "compound" // other words are joined to it: not odd, but no word of its own
)

// seenMost is the longest name or subject that is looked at for names written otherwise, in bytes.
const seenMost = 2000

// asSeen returns the folded text of a display name or subject as a reader takes it: names written apart ("ア・マゾン"), with
// figures for letters ("4m@z0n") or joined to other words ("AmazonSecurity") become the plain name, so that all that looks for
// names finds them. How tells the oddest way that was met, "" for none.
func (s *scene) asSeen(folded string) (text, how string) {
	if folded == "" || len(folded) > seenMost || s.in.Brands == nil {
		return folded, ""
	}
	text = folded
	have := bytesOf(text) // joining takes none away and adds none
	apart := func(name string, gaps int) {
		if bytesOf(name)&^have != 0 {
			return
		}
		if t, ok := joined(text, name, gaps); ok {
			text, how = t, howSpaced
		}
	}
	for _, b := range s.in.Brands.All() {
		v := s.in.Brands.Vocabulary(b)
		for _, name := range v.Names {
			apart(name, 1)
		}
		if !b.Can(brand.Disguises) {
			continue
		}
		for _, name := range v.Products {
			apart(name, 2)
		}
		for _, name := range v.Letters {
			if t, ok := s.figures(text, name); ok {
				text, how, have = t, howNear, have|bytesOf(t)
			}
			if t, ok := s.compound(text, name); ok {
				text, have = t, have|bytesOf(t)
				if how == "" {
					how = howCompound
				}
			}
		}
	}
	return text, how
}

// bytesOf tells which bytes a text has, several by the same bit: a text that lacks one of a name can't hold the name.
func bytesOf(text string) (set uint64) {
	for i := range len(text) {
		set |= 1 << (text[i] & 63)
	}
	return set
}

// joined takes the separators out of a name that is written apart. A name in Latin letters needs gaps of them; one in kana,
// ideographs or Hangul, which are written without blanks, needs one.
func joined(text, name string, gaps int) (string, bool) {
	latin := isASCII(name)
	if strings.Contains(name, " ") || latin && len(name) < 5 || !latin && utf8.RuneCountInString(name) < 3 {
		return text, false
	}
	i, j, ok := script.IndexSpaced(text, name)
	if !ok || latin && gaps > 1 && !spacedOut(text[i:j]) || strings.ContainsAny(text[i:j], ":/") {
		return text, false
	}
	return text[:i] + name + text[j:], true
}

// figures reads a word with figures or signs between its letters as the name.
func (s *scene) figures(text, name string) (string, bool) {
	if len(name) < 6 || !strings.ContainsAny(text, "@402●") || strings.Contains(text, name) {
		return text, false
	}
	words := strings.FieldsFunc(text, func(r rune) bool { return separates(r) })
	for _, w := range words {
		if read := script.Figures(w); read != w && strings.HasPrefix(read, name) && strings.ContainsFunc(w[:min(len(w), len(name))], func(r rune) bool { return r >= 'a' && r <= 'z' }) {
			return strings.Replace(text, w, name+" "+read[len(name):], 1), true
		}
	}
	return text, false
}

// separates tells for characters that end a word, among which no sign is that stands for a letter.
func separates(r rune) bool {
	return r <= ' ' || strings.ContainsRune("()[]<>{}:;,.!?/|\"'_-+*&#=~", r) || r >= 0x2e80
}

// tails are words that senders of notices join to a name of the brand without a blank, beside those that anybody may use.
var tails = []string{"cojp", "cojapan", "jp", "japan", "usa", "us", "uk", "de", "fr", "com", "co", "inc", "pay", "prime", "primevideo", "music", "card", "mastercard", "visa", "refund", "fraud", "help", "helpdesk", "care", "protection", "verification", "rewards", "membership", "konto", "kundenservice", "compte", "cuenta", "conto", "conta"}

// compound parts a name from a word that is joined to it.
func (s *scene) compound(text, name string) (string, bool) {
	out, done := text, false
	for from := 0; ; {
		i := strings.Index(out[from:], name)
		if i < 0 {
			return out, done
		}
		i += from
		start, end := i, i+len(name)
		for start > 0 && letter(out[start-1]) {
			start--
		}
		for end < len(out) && letter(out[end]) {
			end++
		}
		head, tail := out[start:i], out[i+len(name):end]
		if (head != "" || tail != "") && (head == "" || s.joins(head) || head == "my" || head == "the") && (tail == "" || s.joins(tail)) {
			put := strings.TrimSpace(head + " " + name + " " + tail)
			out, done = out[:start]+put+out[end:], true
			from = start + len(put)
			continue
		}
		from = end
	}
}

// joins reports whether word is made of one or two words that are joined to names of brands.
func (s *scene) joins(word string) bool {
	if s.tail(word) {
		return true
	}
	for i := 2; i <= len(word)-2; i++ {
		if s.tail(word[:i]) && s.tail(word[i:]) {
			return true
		}
	}
	return false
}

func (s *scene) tail(word string) bool {
	if len(word) >= 4 && s.t.generic[word] { // "as" behind a name makes another word of it: Amazonas
		return true
	}
	for _, t := range tails {
		if t == word {
			return true
		}
	}
	return false
}

// seenInText puts names together that lines of the text have apart. The text is looked through once; only where it has
// such a name, its lines are.
func (s *scene) seenInText() {
	for _, b := range s.in.Brands.All() {
		if !b.Can(brand.Apart) {
			continue
		}
		for _, name := range s.in.Brands.Vocabulary(b).Names {
			if isASCII(name) {
				continue // what is made of these is found by the disguise detector
			}
			if _, ok := joined(s.foldedText, name, 1); !ok {
				continue
			}
			for i := range s.lines {
				for range 20 {
					t, ok := joined(s.lines[i].folded, name, 1)
					if !ok {
						break
					}
					s.lines[i].folded, s.textApart = t, s.lines[i].raw
				}
			}
		}
	}
}
