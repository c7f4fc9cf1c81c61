package candidate

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/mailaudit/mailaudit/analyzer/hostname"
	"github.com/mailaudit/mailaudit/analyzer/script"
)

// spreadWord is a name whose letters are looked for pulled apart or with others between them. It is found by its rarest
// letter.
type spreadWord struct {
	word string
	at   int // index of the rare letter
}

// byRarity orders letters by how seldom they are in European text.
const byRarity = "zqjxkvbpygwfmucldrhsnioate"

func newSpreadWord(w string) spreadWord {
	s := spreadWord{word: w}
	best := len(byRarity)
	for i := range len(w) {
		if r := strings.IndexByte(byRarity, w[i]); r >= 0 && r < best {
			best, s.at = r, i
		}
	}
	return s
}

// spread sorts names by their rarest letters.
func spread(names []string) []spreadWords {
	var out []spreadWords
	for _, n := range names {
		w := newSpreadWord(n)
		i := slices.IndexFunc(out, func(s spreadWords) bool { return s.rare == n[w.at] })
		if i < 0 {
			i, out = len(out), append(out, spreadWords{rare: n[w.at]})
		}
		out[i].words = append(out[i].words, w)
	}
	return out
}

// spreadReach is how far around the rare letter a spread word can reach: three separators or twelve foreign letters a
// gap (script.IndexSpaced, script.IndexSplit).
const spreadReach = 48

// apartIn reports whether a name in another script is in folded text with separators between its letters.
func (s *search) apartIn(b []byte) bool {
	for i := range s.m.apart {
		if s.m.apart[i].in(b) {
			return true
		}
	}
	return false
}

// spreadIn reports whether an ASCII name is in b with separators or foreign letters between its letters.
func (s *search) spreadIn(b []byte) bool {
	for i := range s.m.spread {
		if s.m.spread[i].in(b) {
			return true
		}
	}
	return false
}

// spreadWords are names that have their rarest letter in common.
type spreadWords struct {
	rare  byte // lower case
	words []spreadWord
}

func (w *spreadWords) in(b []byte) bool {
	for _, c := range [...]byte{w.rare, w.rare &^ 0x20} {
		for at := 0; at < len(b); at++ {
			n := bytes.IndexByte(b[at:], c)
			if n < 0 {
				break
			}
			at += n
			for i := range w.words {
				if w.words[i].near(b, at) && w.words[i].confirm(b[max(0, at-spreadReach):min(len(b), at+spreadReach)]) {
					return true
				}
			}
		}
	}
	return false
}

// near is the cheap test around a rare letter: either the letters of the word follow one another in both directions
// with nothing but separators between them, or the run of letters begins and ends as the word does.
func (w *spreadWord) near(b []byte, at int) bool { return w.apart(b, at) || w.filled(b, at) }

// gapBytes is more than three separators take.
const gapBytes = 12

func (w *spreadWord) apart(b []byte, at int) bool {
	i := at
	for k := w.at - 1; k >= 0; k-- {
		i--
		for gap := 0; i >= 0 && !letter(b[i]) && gap < gapBytes; gap++ {
			i--
		}
		if i < 0 || b[i]|0x20 != w.word[k] {
			return false
		}
	}
	i = at
	for k := w.at + 1; k < len(w.word); k++ {
		i++
		for gap := 0; i < len(b) && !letter(b[i]) && gap < gapBytes; gap++ {
			i++
		}
		if i >= len(b) || b[i]|0x20 != w.word[k] {
			return false
		}
	}
	return true
}

func (w *spreadWord) filled(b []byte, at int) bool {
	start, end := at, at+1
	for start > 0 && letter(b[start-1]) && at-start < spreadReach {
		start--
	}
	for end < len(b) && letter(b[end]) && end-at < spreadReach {
		end++
	}
	n := len(w.word)
	if end-start < n+2 {
		return false
	}
	return b[start]|0x20 == w.word[0] && b[start+1]|0x20 == w.word[1] &&
		b[end-1]|0x20 == w.word[n-1] && b[end-2]|0x20 == w.word[n-2] && b[end-3]|0x20 == w.word[n-3]
}

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func (w *spreadWord) confirm(b []byte) bool {
	f := strings.ReplaceAll(script.Fold(string(b)), relayHost, "")
	if _, _, ok := script.IndexSpaced(f, w.word); ok {
		return true
	}
	if _, _, ok := script.IndexSplit(f, w.word); ok {
		return true
	}
	return strings.Contains(script.FoldSpaced(f), w.word)
}

// apartWord is a name in a script without capitals, looked for with separators between its letters: ア マ ゾ ン. It is found
// by its rarest letter, which no text with that letter is plain for: so only what is folded is searched for it.
type apartWord struct {
	word string
	rare []byte
}

// common are the letters that stand everywhere in Japanese and Korean text, the commonest last.
const common = "ゾぞ존プムあアマまマムドカフラリイルスンんー아마"

func newApartWord(w string) apartWord {
	rarest, rank := "", len(common)+1
	for _, r := range w {
		if at := strings.IndexRune(common, r); at < rank {
			rarest, rank = string(r), at
		}
	}
	return apartWord{word: w, rare: []byte(rarest)}
}

// apartReach is how far around its rare letter such a word can reach: letters of three bytes, three separators a gap.
const apartReach = 2 * spreadReach

func (w *apartWord) in(b []byte) bool {
	for at := 0; ; at += len(w.rare) {
		n := bytes.Index(b[at:], w.rare)
		if n < 0 {
			return false
		}
		at += n
		if around := b[max(0, at-apartReach):min(len(b), at+apartReach)]; w.spaced(around) {
			return true
		}
	}
}

func (w *apartWord) spaced(b []byte) bool {
	_, _, ok := script.IndexSpaced(script.Fold(strings.ToValidUTF8(string(b), "")), w.word)
	return ok
}

// headIn reports whether the text of a field that says who writes, or about what, holds a word when its separators are
// taken out and figures are read as the letters they look like.
func (s *search) headIn(t string) bool {
	f, bufs := script.Fold(t), s.buffers()
	bufs.compact = script.AppendCompact(bufs.compact[:0], f)
	if s.m.compact.in(bufs.compact) || s.m.slipIn(f) {
		return true
	}
	if !figured(f) {
		return false
	}
	bufs.figures = script.AppendFigures(bufs.figures[:0], f)
	bufs.compact = script.AppendCompact(bufs.compact[:0], string(bufs.figures))
	return s.m.compact.in(bufs.compact)
}

// slipIn reports whether a word of a folded text is a name with a slip in it.
func (m *Matcher) slipIn(f string) bool {
	if len(m.slips) == 0 {
		return false
	}
	for from := 0; from < len(f); {
		to := from
		for to < len(f) && (f[to] >= 'a' && f[to] <= 'z' || f[to] >= '0' && f[to] <= '9' || f[to] >= utf8.RuneSelf) {
			to++
		}
		for _, n := range m.slips {
			if hostname.Slip(f[from:to], n) {
				return true
			}
		}
		from = to + 1
	}
	return false
}

// figured reports whether text has a figure or sign that stands for a letter of Amazon's name.
func figured(f string) bool {
	for i := range len(f) {
		if c := f[i]; c == '@' || c == '4' || c == '0' || c == '2' {
			return true
		}
	}
	return strings.Contains(f, "●")
}
