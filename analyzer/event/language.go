package event

import (
	mathbits "math/bits"
	"strings"
	"unicode"

	"github.com/mailaudit/mailaudit/analyzer/script"
)

// languageWords tells languages that share an alphabet apart by their common short words.
type languageWords struct {
	languages []string
	words     map[string]uint32 // bit i: the word is one of languages[i]
}

// maxLanguages is how many languages fit into the bits of languageWords.
const maxLanguages = 32

func (w *languageWords) add(language string, words []string) {
	if len(w.languages) == maxLanguages || language == "" {
		return
	}
	bit := uint32(1) << len(w.languages)
	w.languages = append(w.languages, language)
	for _, word := range words {
		w.words[fold(word)] |= bit
	}
}

// wordsExamined is how many bytes of the text are looked at to tell its language: some 300 words.
const wordsExamined = 2 << 10

// language tells the language of a message from its folded subject and text: by script, else by common words; "" where
// neither tells.
func (c *compiled) language(title, text string) string {
	sample := script.Cut(text, wordsExamined)
	if l := script.Language(title, sample); l != "" {
		return l
	}
	// A text full of addresses of links looks Latin; its subject tells.
	if l := script.Language(title); l != "" {
		return l
	}
	return c.words.of(title + " " + sample)
}

// ofMarket is the language of the first marketplace that a folded text names, "" where it names none or one that writes
// in several.
func (c *compiled) ofMarket(s string) string {
	const start = "amazon."
	for {
		at := strings.Index(s, start)
		if at < 0 {
			return ""
		}
		s = s[at+len(start):]
		end := 0
		for end < len(s) && end < len("com.xx") && ('a' <= s[end] && s[end] <= 'z' || s[end] == '.') {
			end++
		}
		market := strings.TrimSuffix(s[:end], ".")
		if l := c.markets[market]; l != "" {
			return l
		}
		// "amazon.de. Danke": the sentence ends where the name does.
		if tld, _, _ := strings.Cut(market, "."); tld != "com" && c.markets[tld] != "" {
			return c.markets[tld]
		}
	}
}

// of returns the language with the most different words in s; "" where it has less than two more than the next.
func (w *languageWords) of(s string) string {
	var counts [maxLanguages]int
	seen := make(map[string]bool, 64)
	for word := range strings.FieldsFuncSeq(s, func(r rune) bool { return !unicode.IsLetter(r) }) {
		bits := w.words[word]
		if bits == 0 || seen[word] {
			continue
		}
		seen[word] = true
		for ; bits != 0; bits &= bits - 1 {
			counts[mathbits.TrailingZeros32(bits)]++
		}
	}
	best, second := 0, 0
	for i, n := range counts[1:] {
		if n > counts[best] {
			best, second = i+1, counts[best]
		} else {
			second = max(second, n)
		}
	}
	if counts[best] < second+2 {
		return ""
	}
	return w.languages[best]
}
