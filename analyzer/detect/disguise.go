package detect

import (
	"slices"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/script"
)

// disguise finds the brand in subject and text where it is not written as it is read: letters of other scripts, stray
// marks, separators or junk between its letters. Nobody writes a name so but to hide it from filters.
func disguise(s *scene) {
	s.disguised(s.m.Subject, s.foldedSubject)
	switch s.subjectHow {
	case howSpaced:
		s.add("brand.spaced", s.m.Subject)
	case howNear:
		s.add("brand.misspelt", s.m.Subject)
	}
	if s.textApart != "" {
		s.add("brand.spaced", s.textApart)
	}
	sender := s.m.Header.Get("Sender")
	s.disguised(sender, script.Fold(sender))
	// What no place in the text can be needs no looking for line by line.
	if !s.odd() && !s.mayBeBroken() {
		return
	}
	for i, l := range s.lines {
		if i > 400 {
			break
		}
		if len(l.raw) == len(l.folded) && isASCII(l.raw) && i > 60 {
			continue
		}
		s.disguised(l.raw, l.folded)
	}
}

// odd reports whether the text has characters that a disguise can be made of, quotations included.
func (s *scene) odd() bool {
	if !s.oddAsked {
		s.oddAsked, s.oddText = true, hasOdd(s.rawText)
	}
	return s.oddText
}

// mayBeBroken reports whether a name may stand spaced or split in a line of the text. Where place holders were taken out of
// lines, what is left is not what was looked at.
func (s *scene) mayBeBroken() bool {
	return len(s.macros) > 0 || slices.ContainsFunc(s.words.Letters, func(name string) bool {
		_, _, spaced := script.IndexSpaced(s.foldedText, name)
		_, _, split := script.IndexSplit(s.foldedText, name)
		return spaced || split
	})
}

func (s *scene) disguised(raw, folded string) {
	if raw == "" || len(raw) > 20_000 {
		return
	}
	odd := hasOdd(raw)
	for _, w := range s.words.Names {
		if len(w) < 5 || !isASCII(w) {
			continue
		}
		if odd {
			if i := strings.Index(folded, w); i >= 0 && bounded(folded, i, i+len(w)) && !strings.Contains(strings.ToLower(raw), w) && hiddenWord(raw, w) && (script.Mixed(raw) || insideWords(raw) > 0 || foreign(raw)) {
				s.add("brand.foreign_letters", raw)
			}
		}
		if strings.Contains(w, " ") {
			continue
		}
		if i, j, ok := script.IndexSpaced(folded, w); ok && spacedOut(folded[i:j]) {
			s.add("brand.spaced", raw)
		}
		if _, _, ok := script.IndexSplit(folded, w); ok {
			s.add("brand.split", raw)
		}
	}
}

// hasOdd reports whether a text may hold letters of scripts that look like Latin or invisible characters: whether it has
// more than Latin letters, kana, ideographs, full-width forms and usual punctuation. Where it has not, script.Mixed,
// insideWords and foreign find nothing.
func hasOdd(raw string) bool {
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		if c < 0xc6 || c >= 0xe4 && c <= 0xe9 {
			continue // U+0080 to U+017F, U+4000 to U+9FFF, the inside of a character
		}
		if i+2 >= len(raw) {
			return true
		}
		switch b := raw[i+1]; c {
		case 0xe2: // dashes, quotation marks, bullets, ellipsis; currency
			if b == 0x80 && raw[i+2] >= 0x90 && raw[i+2] <= 0xa7 || b == 0x82 {
				continue
			}
		case 0xe3: // all but the Hangul letters, of which one is invisible
			if b != 0x84 && b != 0x85 {
				continue
			}
		case 0xef: // full-width forms and signs of currency, half-width kana
			if b == 0xbc || b == 0xbd || b == 0xbf && raw[i+2] >= 0xa0 && raw[i+2] <= 0xa6 {
				continue
			}
		}
		return true
	}
	return false
}

// spacedOut reports whether a spaced name is spaced on purpose: at least two gaps, or one behind the first letter. A line
// break or hyphen may part a name once.
func spacedOut(found string) bool {
	gaps := 0
	in := false
	for i := 0; i < len(found); i++ {
		gap := !letter(found[i])
		if gap && !in {
			gaps++
		}
		in = gap
	}
	return gaps >= 2
}

// hiddenWord reports whether raw writes word with at least one letter of another script or with characters in between, and
// not merely in full-width letters, which are honest Japanese typing.
func hiddenWord(raw, word string) bool {
	narrow := strings.Map(func(r rune) rune {
		if r >= 0xff01 && r <= 0xff5e {
			return r - 0xfee0
		}
		return r
	}, raw)
	return !strings.Contains(strings.ToLower(narrow), word)
}
