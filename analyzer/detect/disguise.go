package detect

import (
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/script"
)

// disguise finds the brand in subject and text where it is not written as it is read: letters of other scripts, stray
// marks, separators or junk between its letters. Nobody writes a name so but to hide it from filters.
func disguise(s *scene) {
	names := s.brand.Texts("name")
	for _, piece := range []string{s.m.Subject, s.m.Header.Get("Sender")} {
		s.disguised(piece, script.Fold(piece), names)
	}
	for i, l := range s.lines {
		if i > 400 {
			break
		}
		if len(l.raw) == len(l.folded) && isASCII(l.raw) && i > 60 {
			continue
		}
		s.disguised(l.raw, l.folded, names)
	}
}

func (s *scene) disguised(raw, folded string, names []string) {
	if raw == "" || len(raw) > 20_000 {
		return
	}
	ascii := isASCII(raw)
	for _, w := range names {
		if len(w) < 5 {
			continue
		}
		if !ascii && isASCII(w) {
			if i := strings.Index(folded, w); i >= 0 && bounded(folded, i, i+len(w)) && !strings.Contains(strings.ToLower(raw), w) && hiddenWord(raw, w) && (script.Mixed(raw) || insideWords(raw) > 0 || foreign(raw)) {
				s.add("brand.foreign_letters", raw)
			}
		}
		if !isASCII(w) || strings.Contains(w, " ") {
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

// spacedOut tells whether a spaced name is spaced on purpose: at least two gaps, or one behind the first letter. A line
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

// hiddenWord tells whether raw writes word with at least one letter of another script or with characters in between, and
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
