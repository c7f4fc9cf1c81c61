package detect

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/mailaudit/mailaudit/analyzer/script"
)

// kind is a kind of phrases.
type kind uint8

// Kinds of phrases, in the order in which phrases are numbered.
const (
	kindGreeting    kind = iota // greets the reader as a customer of the brand
	kindThanks                  // thanks the reader for using the brand, in the brand's own voice
	kindAccount                 // speaks of the reader's account, order or membership with the brand
	kindPrime                   // speaks of the reader's Prime membership
	kindSign                    // signs as the brand or a department of it
	kindFooter                  // has the brand's legal footer
	kindNotice                  // word of the subjects of notices
	kindLogin                   // calls to log in
	kindPay                     // calls to pay or to give payment data
	kindConfirm                 // calls to confirm, follow a link or change data
	kindCall                    // calls to telephone
	kindOpen                    // calls to open an attachment
	kindClaim                   // calls to claim a prize or gift
	kindScan                    // calls to scan a code
	kindThreat                  // threatens or sets a deadline
	kindPrize                   // announces a prize or gift
	kindCard                    // names a gift card or voucher
	kindReply                   // says that nobody reads replies
	kindUnsubscribe             // offers to end a subscription
	kindRegion                  // speaks of the river and the forest that bear Amazon's name
	kindObject                  // names what of the reader's a notice is about: account, order, parcel
	kindTrouble                 // says that something is wrong with it; no threat by itself
	kindDemand                  // asks for something to be done; no call by itself
	kindCount
)

// kindNames are the names of kinds in the data.
var kindNames = [kindCount]string{
	kindGreeting:    "greeting",
	kindThanks:      "thanks",
	kindAccount:     "account",
	kindPrime:       "prime",
	kindSign:        "sign",
	kindFooter:      "footer",
	kindNotice:      "notice",
	kindLogin:       "login",
	kindPay:         "pay",
	kindConfirm:     "confirm",
	kindCall:        "call",
	kindOpen:        "open",
	kindClaim:       "claim",
	kindScan:        "scan",
	kindThreat:      "threat",
	kindPrize:       "prize",
	kindCard:        "card",
	kindReply:       "reply",
	kindUnsubscribe: "unsubscribe",
	kindRegion:      "region",
	kindObject:      "object",
	kindTrouble:     "trouble",
	kindDemand:      "demand",
}

// kindNamed returns the kind with a name.
func kindNamed(name string) (kind, bool) {
	i := slices.Index(kindNames[:], name)
	return kind(i), i >= 0
}

// kindSet is a set of kinds, a bit for each.
type kindSet uint32

func setOf(kinds ...kind) (s kindSet) {
	for _, k := range kinds {
		s |= 1 << k
	}
	return s
}

// any reports whether two sets have a kind in common.
func (s kindSet) any(of kindSet) bool { return s&of != 0 }

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
	if squeezed(folded) {
		return folded
	}
	s := squeezer{b: make([]byte, 0, len(folded))}
	s.write(folded)
	return string(s.b)
}

// squeezed tells for text that squeeze would leave as it is.
func squeezed(folded string) bool {
	at := strings.IndexByte(folded, ' ')
	if strings.IndexByte(folded, '\n') >= 0 || at < 0 {
		return strings.IndexByte(folded, '\n') < 0
	}
	for ; at < len(folded); at++ {
		if folded[at] != ' ' {
			continue
		}
		// Between two characters of ASCII a space stays as it is; beside others squeezer has to see.
		if at == 0 || at+1 == len(folded) || folded[at-1] >= utf8.RuneSelf || folded[at+1] >= utf8.RuneSelf || folded[at+1] == ' ' {
			return false
		}
	}
	return true
}

// squeezer squeezes text that comes in pieces.
type squeezer struct {
	b     []byte
	space bool // white space is pending
	wide  bool // the last character was East Asian
	// services are the places of marks that stand for what the reader has at the brand, in order.
	services []int
}

func (s *squeezer) write(folded string) {
	for i := 0; i < len(folded); {
		c := folded[i]
		if c == ' ' || c == '\n' {
			s.space = true
			i++
			continue
		}
		end, wide := stretch(folded, i)
		if s.space && !s.wide && !wide && len(s.b) > 0 {
			s.b = append(s.b, ' ')
		}
		s.b = append(s.b, folded[i:end]...)
		s.space, s.wide = false, wide
		i = end
	}
}

// stretch returns the end of the row of characters at i that are all East Asian or all others, without white space, and
// which of the two they are.
func stretch(folded string, i int) (end int, wide bool) {
	end = i
	for end < len(folded) {
		c := folded[end]
		n, w := 1, false
		switch {
		case c == ' ' || c == '\n':
			return end, wide
		case c >= 0xe3 && c <= 0xe9 && end+3 <= len(folded) && folded[end+1]&0xc0 == 0x80 && folded[end+2]&0xc0 == 0x80:
			n, w = 3, true // U+3000 to U+9FFF
		case c >= utf8.RuneSelf:
			var r rune
			r, n = utf8.DecodeRuneInString(folded[end:])
			w = r >= 0x2e80 && r < 0xfb00 && r != 0xe000
		}
		if end == i {
			wide = w
		} else if w != wide {
			return end, wide
		}
		end += n
	}
	return end, wide
}

// says tells which kinds of phrases a squeezed text holds.
func (s *scene) says(squeezed string) (found kindSet) {
	s.t.phrases.Find(squeezed, func(n, at int) bool {
		if wholeWord(squeezed, s.t.phraseText(n), at) {
			found |= 1 << s.t.kind[n]
		}
		return true
	})
	return found
}

// wholeWord keeps short Latin phrases from being found inside words: "regler" in "reglerung".
func wholeWord(text, phrase string, at int) bool {
	return !letter(phrase[0]) || at == 0 || !letter(text[at-1])
}

// letterOrDigit tells for ASCII letters and digits, which bound the names of brands in Latin text.
func letter(c byte) bool { return c >= 'a' && c <= 'z' }

// bounded reports whether text[from:to] does not begin or end inside a Latin word.
func bounded(text string, from, to int) bool {
	if from > 0 && letter(text[from-1]) && letter(text[from]) {
		return false
	}
	return to >= len(text) || !letter(text[to]) || !letter(text[to-1])
}
