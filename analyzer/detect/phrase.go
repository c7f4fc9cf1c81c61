package detect

import (
	"strings"
	"unicode/utf8"

	"github.com/mailaudit/mailaudit/analyzer/script"
)

// kinds are the kinds of phrases and what finding one of them means.
var kinds = map[string]string{
	"greeting":    "greets the reader as a customer of the brand",
	"thanks":      "thanks the reader for using the brand, in the brand's own voice",
	"account":     "speaks of the reader's account, order or membership with the brand",
	"prime":       "speaks of the reader's Prime membership",
	"sign":        "signs as the brand or a department of it",
	"footer":      "has the brand's legal footer",
	"notice":      "word of the subjects of notices",
	"login":       "calls to log in",
	"pay":         "calls to pay or to give payment data",
	"confirm":     "calls to confirm, follow a link or change data",
	"call":        "calls to telephone",
	"open":        "calls to open an attachment",
	"claim":       "calls to claim a prize or gift",
	"scan":        "calls to scan a code",
	"threat":      "threatens or sets a deadline",
	"prize":       "announces a prize or gift",
	"card":        "names a gift card or voucher",
	"reply":       "says that nobody reads replies",
	"region":      "speaks of the river and the forest that bear Amazon's name",
	"unsubscribe": "offers to end a subscription",
}

// kindOrder is the order in which phrases are numbered.
var kindOrder = []string{
	"greeting", "thanks", "account", "prime", "sign", "footer", "notice", "login", "pay", "confirm", "call", "open", "claim",
	"scan", "threat", "prize", "card", "reply", "unsubscribe", "region",
}

// mark stands for the brand's name in prepared text. It is a private-use character, so no mail says it of itself: fold
// drops it.
const mark = "\ue000"

// fold is script.Fold, in which "{b}" of phrases becomes the mark.
func fold(s string) string {
	s = strings.ReplaceAll(s, mark, "")
	return strings.ReplaceAll(script.Fold(s), "{b}", mark)
}

// squeeze makes one line of folded text: white space beside East Asian characters and the mark goes, other runs become
// one space. So phrases are found whatever way the text was broken into lines.
func squeeze(folded string) string {
	var b strings.Builder
	b.Grow(len(folded))
	var s squeezer
	s.write(&b, folded)
	return b.String()
}

// squeezer squeezes text that comes in pieces.
type squeezer struct {
	space bool // white space is pending
	wide  bool // the last character was East Asian
	some  bool // something was written
}

func (s *squeezer) write(b *strings.Builder, folded string) {
	for i := 0; i < len(folded); {
		c := folded[i]
		if c < utf8.RuneSelf {
			if c == ' ' || c == '\n' {
				s.space = true
				i++
				continue
			}
			if s.space && !s.wide && s.some {
				b.WriteByte(' ')
			}
			j := i + 1
			for j < len(folded) && folded[j] < utf8.RuneSelf && folded[j] != ' ' && folded[j] != '\n' {
				j++
			}
			b.WriteString(folded[i:j])
			s.space, s.wide, s.some = false, false, true
			i = j
			continue
		}
		r, n := utf8.DecodeRuneInString(folded[i:])
		wide := r >= 0x2e80 && r < 0xfb00 && r != 0xe000
		if s.space && s.some && !s.wide && !wide {
			b.WriteByte(' ')
		}
		b.WriteString(folded[i : i+n])
		s.space, s.wide, s.some = false, wide, true
		i += n
	}
}

// letterOrDigit tells for ASCII letters and digits, which bound the names of brands in Latin text.
func letter(c byte) bool { return c >= 'a' && c <= 'z' }

// bounded tells whether text[from:to] does not begin or end inside a Latin word.
func bounded(text string, from, to int) bool {
	if from > 0 && letter(text[from-1]) && letter(text[from]) {
		return false
	}
	return to >= len(text) || !letter(text[to]) || !letter(text[to-1])
}
