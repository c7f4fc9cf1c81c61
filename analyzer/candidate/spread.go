package candidate

import (
	"bytes"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/script"
)

// spreadWord is a name whose letters are looked for pulled apart or with others between them. It is found by its rarest
// letter.
type spreadWord struct {
	word string
	rare [2]byte // lower and upper case
	at   int     // index of the rare letter
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
	c := w[s.at]
	s.rare = [2]byte{c, c &^ 0x20}
	return s
}

// spreadReach is how far around the rare letter a spread word can reach: three separators or twelve foreign letters a
// gap (script.IndexSpaced, script.IndexSplit).
const spreadReach = 48

// spreadIn tells whether a name is in b with separators or foreign letters between its letters.
func (s *search) spreadIn(b []byte) bool {
	for i := range s.m.spread {
		w := &s.m.spread[i]
		for _, c := range w.rare {
			for at := 0; at < len(b); at++ {
				n := bytes.IndexByte(b[at:], c)
				if n < 0 {
					break
				}
				at += n
				if w.near(b, at) && w.confirm(b[max(0, at-spreadReach):min(len(b), at+spreadReach)]) {
					return true
				}
			}
		}
	}
	return false
}

// near tells whether the letters beside the rare one are near enough that a closer look is worth it: the one before and
// the one after it within what a gap can hold.
func (w *spreadWord) near(b []byte, at int) bool {
	const gap = 16
	if w.at > 0 && !hasLetter(b[max(0, at-gap):at], w.word[w.at-1]) {
		return false
	}
	return w.at == len(w.word)-1 || hasLetter(b[at+1:min(len(b), at+1+gap)], w.word[w.at+1])
}

func hasLetter(b []byte, c byte) bool {
	return bytes.IndexByte(b, c) >= 0 || bytes.IndexByte(b, c&^0x20) >= 0
}

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
