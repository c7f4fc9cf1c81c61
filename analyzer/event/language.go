package event

import (
	"strings"
	"unicode"

	"github.com/mailaudit/mailaudit/analyzer/script"
)

// languageWords are the common short words of one language.
type languageWords struct {
	language string
	words    map[string]bool
}

func newLanguageWords(language string, words []string) languageWords {
	w := languageWords{language: language, words: map[string]bool{}}
	for _, word := range words {
		w.words[fold(word)] = true
	}
	return w
}

// wordsExamined is how many bytes of the text are looked at to tell its language.
const wordsExamined = 4 << 10

// language tells the language of a message: by its script, by the entry that matched, by common words.
func (c *compiled) language(title, text, entry string) string {
	sample := title + " " + cut(text, wordsExamined)
	if l := script.Language(sample); l != "" {
		return l
	}
	if entry != "" {
		return entry
	}
	return c.byWords(sample)
}

// byWords tells the language by its short words; "" where no language has two different words more than the next.
func (c *compiled) byWords(s string) string {
	counts := make([]int, len(c.words))
	seen := map[string]bool{}
	for word := range strings.FieldsFuncSeq(s, func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' }) {
		if len(word) > 12 || seen[word] {
			continue
		}
		seen[word] = true
		for i := range c.words {
			if c.words[i].words[word] {
				counts[i]++
			}
		}
	}
	best, second := -1, 0
	for i, n := range counts {
		switch {
		case best < 0 || n > counts[best]:
			if best >= 0 {
				second = max(second, counts[best])
			}
			best = i
		default:
			second = max(second, n)
		}
	}
	if best < 0 || counts[best] < second+2 {
		return ""
	}
	return c.words[best].language
}
