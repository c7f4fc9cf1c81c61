package mask

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// titled masks names by the title behind them: 山田 太郎様, TARO YAMADA 様, さくらちゃん.
func (m *Masker) titled(s string) string {
	var b strings.Builder
	from := 0
	for i := 0; i < len(s); {
		title := ""
		for _, t := range m.words.Titles {
			if len(t) > len(title) && strings.HasPrefix(s[i:], t) {
				title = t
			}
		}
		if title == "" {
			_, size := utf8.DecodeRuneInString(s[i:])
			i += size
			continue
		}
		end := i + len(title)
		if start := m.nameBefore(s[from:i], s[i:end], s[end:]); start >= 0 {
			b.WriteString(s[from : from+start])
			b.WriteString(m.mark)
			from = end
		}
		i = end
	}
	return b.String() + s[from:]
}

// maxWord is how many characters of a run without blanks are looked at before a title.
const maxWord = 40

// nameBefore is where in before the name begins that a title ends; -1 where there is none.
func (m *Masker) nameBefore(before, title, behind string) int {
	word := trimBlanks(before)
	for _, w := range m.words.NotTitled {
		if cut, ok := strings.CutSuffix(w, title); ok && strings.HasSuffix(before, cut) {
			return -1
		}
	}
	// 氏名, 君臨: the title is the start of a word.
	if next, _ := utf8.DecodeRuneInString(behind); (title == "氏" || title == "君" || title == "殿" || title == "様") && strings.ContainsRune("名族神臨主堂式々子相", next) {
		return -1
	}
	last, _ := utf8.DecodeLastRuneInString(word)
	switch {
	case ideographic(last):
		return m.japaneseName(before, word)
	case unicode.IsLetter(last):
		return m.latinName(word, 4)
	}
	return -1
}

func trimBlanks(s string) string {
	t := strings.TrimRightFunc(s, blank)
	if utf8.RuneCountInString(s[len(t):]) > 2 {
		return ""
	}
	return t
}

// japaneseName is where a name in ideographs or kana begins at the end of word. Names are a run of one script before which
// other text may stand without a blank: kanji or katakana, or hiragana where that is all there is. The family name may
// stand before a blank.
func (m *Masker) japaneseName(before, word string) int {
	start := nameRun(word)
	name := word[start:]
	for again := true; again && name != ""; {
		again = false
		for _, p := range m.words.Polite {
			if cut, ok := strings.CutSuffix(name, p); ok {
				name, again = cut, true
			}
		}
	}
	polite := name != word[start:]
	if last, _ := utf8.DecodeLastRuneInString(name); polite && (name == "" || unicode.Is(unicode.Hiragana, last)) {
		return -1
	}
	if word[start:] == "" {
		return -1
	}
	if polite {
		return start
	}
	// The family name: short, with a blank behind it, and of ideographs or kana.
	family := trimBlanks(word[:start])
	if family == word[:start] {
		return start
	}
	at := nameRun(family)
	// Letters before a blank are a name too where the one behind is: 山田 Taro 様 comes by latinName, Yamada 太郎様 here.
	if last, _ := utf8.DecodeLastRuneInString(family); unicode.IsLetter(last) && !ideographic(last) {
		if l := m.latinName(family, 2); l >= 0 {
			return l
		}
		return start
	}
	if n := utf8.RuneCountInString(family[at:]); n > 0 && n <= 8 {
		return at
	}
	return start
}

// nameRun is where the run of a name's characters at the end of s begins.
func nameRun(s string) int {
	at, count := len(s), 0
	back := func(in func(rune) bool) (n int) {
		for at > 0 && count < maxWord {
			r, size := utf8.DecodeLastRuneInString(s[:at])
			if !in(r) {
				break
			}
			at, n, count = at-size, n+1, count+1
		}
		return n
	}
	kanji := func(r rune) bool {
		return ideographic(r) && !unicode.Is(unicode.Hiragana, r) || r == '・' || r == '･' || r == 'ﾞ' || r == 'ﾟ'
	}
	kana := func(r rune) bool { return unicode.Is(unicode.Hiragana, r) || r == 'ー' }
	// One ideograph behind hiragana is the end of a given name: ゆう子, えり奈.
	if n := back(kanji); n < 2 {
		if back(kana) > 0 {
			back(kanji)
		}
	}
	return at
}

// latinName is where a name of up to most words of letters begins at the end of s; -1 where those words are nobody's name.
func (m *Masker) latinName(s string, most int) int {
	at, found := len(s), -1
	for range most {
		word := s[:at]
		start := strings.LastIndexFunc(word, func(r rune) bool {
			return (!unicode.IsLetter(r) || ideographic(r)) && !unicode.IsMark(r) && r != '\'' && r != '’' && r != '-' && r != '.'
		})
		if start >= 0 {
			_, size := utf8.DecodeRuneInString(word[start:])
			start += size
		} else {
			start = 0
		}
		w := strings.Trim(word[start:], ".-'’")
		if w == "" || strings.Contains(w, ".") || m.Common(w) || strings.Contains(fold(w), "amazon") {
			return found
		}
		found = start
		rest := trimBlanks(s[:start])
		if rest == s[:start] {
			// Letters at once behind ideographs: 山田Taro様.
			if last, _ := utf8.DecodeLastRuneInString(rest); ideographic(last) && !unicode.Is(unicode.Hiragana, last) {
				if n := nameRun(rest); utf8.RuneCountInString(rest[n:]) <= 6 {
					return n
				}
			}
			return found
		}
		// A family name in ideographs before the given one in letters: 山田 Taro 様.
		if last, _ := utf8.DecodeLastRuneInString(rest); ideographic(last) {
			if n := nameRun(rest); utf8.RuneCountInString(rest[n:]) <= 6 && !unicode.Is(unicode.Hiragana, last) {
				return n
			}
			return found
		}
		at = len(rest)
	}
	return found
}

// leads finds names by what stands before them.
type leads struct {
	greeting *regexp.Regexp // then a name in any case
	honour   *regexp.Regexp // then a name with a capital
	start    *regexp.Regexp // a name at the start, with a comma behind it
	owner    *regexp.Regexp // a name with 's
}

func newLeads(w *lists) leads {
	quoted := func(list []string) string {
		list = slices.Clone(list)
		slices.SortFunc(list, func(a, b string) int { return len(b) - len(a) })
		for i, s := range list {
			list[i] = regexp.QuoteMeta(s)
		}
		return strings.Join(list, "|")
	}
	const word = `[\p{L}][\p{L}\p{M}'’.-]*`
	const more = `(?:[ \x{a0}]+` + word + `){0,5}`
	return leads{
		greeting: regexp.MustCompile(`(?i)(^|[^\p{L}])(` + quoted(w.Greetings) + `)([ ,!:\x{a0}]+)(` + word + more + `)`),
		honour:   regexp.MustCompile(`(^|[^\p{L}])(` + quoted(w.Honorifics) + `)([ \x{a0}]+)(\p{Lu}[\p{L}\p{M}'’.-]*` + more + `)`),
		start:    regexp.MustCompile(`^()((?:(?:Re|RE|Fwd?|FW|AW|WG|TR|RV|SV): ?)*)()(\p{Lu}[\p{L}\p{M}'’.-]*(?:[ \x{a0}]\p{Lu}[\p{L}\p{M}'’.-]*){0,3}), ?\p{L}`),
		owner:    regexp.MustCompile(`()()()(\p{Lu}[\p{L}\p{M}.-]*(?:[ \x{a0}]\p{Lu}[\p{L}\p{M}.-]*){0,3})['’]s\b`),
	}
}

func (l *leads) mask(m *Masker, s string) string {
	for i, re := range []*regexp.Regexp{l.greeting, l.honour, l.start, l.owner} {
		if re == l.owner && !strings.ContainsAny(s, "'’") || re == l.start && !strings.Contains(s, ",") {
			continue
		}
		var b strings.Builder
		at := 0
		for at < len(s) {
			f := re.FindStringSubmatchIndex(s[at:])
			if f == nil {
				break
			}
			start, end := at+f[8], at+f[9]
			b.WriteString(s[at:start])
			if n := m.nameLength(s[start:end], i == 0, re == l.start || re == l.owner); n > 0 {
				b.WriteString(m.mark)
				at = start + n
			} else {
				// The next word may lead to a name by itself.
				_, size := utf8.DecodeRuneInString(s[start:])
				for start+size < end && s[start+size] != ' ' {
					size++
				}
				b.WriteString(s[start : start+size])
				at = start + size
			}
			if re == l.start {
				break
			}
		}
		s = b.String() + s[at:]
	}
	return s
}

// nameLength is how many bytes of words are a name: those from the start that are nobody's usual words, the later ones with a
// capital or a particle between. Of a whole name each word must be one.
func (m *Masker) nameLength(words string, anyCase, whole bool) int {
	n, pending := 0, 0
	for _, w := range strings.SplitAfter(strings.ReplaceAll(words, "\u00a0", " "), " ") {
		bare := strings.Trim(w, " .-'’")
		first, _ := utf8.DecodeRuneInString(bare)
		switch {
		case bare == "":
			pending += len(w)
			continue
		case n > 0 && m.parts[fold(bare)] && unicode.IsLower(first):
			pending += len(w)
			continue
		case m.Common(bare), strings.Contains(fold(bare), "amazon"), !unicode.IsUpper(first) && !unicode.Is(unicode.Lo, first) && (n > 0 || !anyCase):
			if whole {
				return 0
			}
			return n
		}
		n += pending + len(w)
		pending = 0
		if strings.HasSuffix(w, " ") {
			n, pending = n-1, 1
		}
	}
	return n
}
