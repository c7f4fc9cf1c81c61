package mask

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// names finds many texts at once: a tree of their folded characters.
type names struct {
	next    map[step]int32
	standIn []string // by node; "" where no text ends
	size    int32
}

type step struct {
	at int32
	r  rune
}

// longestName is how many folded characters of a name count: one that is longer is found by its start.
const longestName = 120

// Learn makes a text known, with what is written in its place. Very short ones would mask half of every word: a word of
// letters has three or more, one of ideographs or kana two. The first stand-in of a text is the one that counts.
func (m *Masker) Learn(s, standIn string) {
	s = strings.TrimSpace(s)
	n := utf8.RuneCountInString(s)
	first, _ := utf8.DecodeRuneInString(s)
	if n < 2 || n < 3 && !ideographic(first) || standIn == "" {
		return
	}
	k := &m.known
	if k.next == nil {
		k.next, k.standIn = map[step]int32{}, []string{""}
	}
	at, count := int32(0), 0
	for _, r := range s {
		foldRune(r, func(r rune) {
			if count == longestName || blank(r) && count > 0 {
				return
			}
			count++
			to, ok := k.next[step{at, r}]
			if !ok {
				k.size++
				to = k.size
				k.next[step{at, r}] = to
				k.standIn = append(k.standIn, "")
			}
			at = to
		})
	}
	if at != 0 && k.standIn[at] == "" {
		k.standIn[at] = standIn
	}
}

func blank(r rune) bool { return r == ' ' || r == '\u3000' || r == '\u00a0' || r == '\t' }

// Known masks the texts that were learned, the longest where several begin. A text of letters must not be the middle of a
// longer word; blanks within count for nothing, so that 山田太郎 is 山田 太郎.
func (m *Masker) Known(s string) string {
	k := &m.known
	if k.next == nil || s == "" {
		return s
	}
	var b strings.Builder
	done, before := 0, rune(' ')
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if end, with := k.longest(s[i:], before); end > 0 {
			b.WriteString(s[done:i])
			b.WriteString(with)
			i += end
			done = i
			before, _ = utf8.DecodeLastRuneInString(s[:i])
			continue
		}
		before = r
		i += size
	}
	if done == 0 {
		return s
	}
	b.WriteString(s[done:])
	return b.String()
}

// longest is the end of the longest known text at the start of s, and its stand-in; 0 for none.
func (k *names) longest(s string, before rune) (end int, with string) {
	at, gap := int32(0), 0
	var last rune
	for i, r := range s {
		if blank(r) {
			if at == 0 || gap == 2 {
				return end, with
			}
			gap++
			continue
		}
		gap = 0
		if at == 0 && inWord(before, r) {
			return 0, ""
		}
		to, ok := at, true
		foldRune(r, func(f rune) {
			if ok {
				to, ok = k.next[step{to, f}]
			}
		})
		if !ok {
			return end, with
		}
		at, last = to, r
		if w := k.standIn[at]; w != "" {
			n := i + utf8.RuneLen(r)
			if r == utf8.RuneError {
				n = i + 1
			}
			for n < len(s) { // accents that stand apart
				mark, size := utf8.DecodeRuneInString(s[n:])
				if !unicode.Is(unicode.Mn, mark) {
					break
				}
				n += size
			}
			if after, _ := utf8.DecodeRuneInString(s[n:]); n == len(s) || !inWord(last, after) {
				end, with = n, w
			}
		}
	}
	return end, with
}

// inWord reports whether two neighbours are letters of one word in a script that sets blanks between words.
func inWord(a, b rune) bool {
	letter := func(r rune) bool { return (unicode.IsLetter(r) || unicode.IsMark(r)) && !ideographic(r) }
	return letter(a) && letter(b)
}
