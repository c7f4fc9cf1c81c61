package charset

import (
	"bytes"
	"strings"

	"golang.org/x/text/encoding/japanese"
)

const esc = 0x1b

// escapes reports whether b holds an escape sequence of ISO-2022-JP.
func escapes(b []byte) bool {
	for {
		i := bytes.IndexByte(b, esc)
		if i < 0 || i+2 >= len(b) {
			return false
		}
		if c := b[i+1]; (c == '$' || c == '(') && b[i+2] > ' ' {
			return true
		}
		b = b[i+1:]
	}
}

// mode is the set that ISO-2022-JP is switched to.
type mode byte

const (
	modeASCII mode = iota
	modeKana       // JIS X 0201 half-width katakana, ESC ( I
	mode0208       // JIS X 0208 and its vendor extensions, two bytes a character
	mode0212       // JIS X 0212, two bytes a character
	modeOther      // a set that is designated but not known: its characters are errors
)

// decodeJIS reads ISO-2022-JP and the dialects mail has of it (RFC 1468, RFC 2237, cp50220 to cp50222, JIS7).
//
// x/text's decoder gives up the whole state at an odd byte and knows no other designation than the common ones; text
// cut in the middle then turns into punctuation. Here the pairs are mapped onto EUC-JP, which has the same tables,
// a line end switches back to ASCII, and bytes with the high bit are read as the half-width katakana that JIS8 and
// the Japanese carriers' gateways write.
func decodeJIS(b []byte) Text {
	euc := make([]byte, 0, len(b)+len(b)/8)
	m, errs := modeASCII, 0
	shifted := false // SO: katakana in seven bits
	for i := 0; i < len(b); i++ {
		c := b[i]
		switch {
		case c == esc:
			next, n := designation(b[i:])
			if n == 0 {
				continue // a lone escape is dropped
			}
			m, shifted = next, false
			i += n - 1
		case c == 0x0e:
			shifted = true
		case c == 0x0f:
			shifted = false
		case c == '\n' || c == '\r':
			m, shifted = modeASCII, false
			euc = append(euc, c)
		case c >= 0xa1 && c <= 0xdf:
			euc = append(euc, 0x8e, c)
		case c >= 0x80:
			errs++
			euc = append(euc, '?')
		case c <= ' ' || c == 0x7f:
			euc = append(euc, c)
		case shifted || m == modeKana:
			if c > 0x5f {
				errs++
				euc = append(euc, '?')
				continue
			}
			euc = append(euc, 0x8e, c|0x80)
		case m == modeASCII:
			euc = append(euc, c)
		case m == modeOther:
			errs++
			i++
		default:
			if i+1 >= len(b) || b[i+1] <= ' ' || b[i+1] >= 0x7f {
				errs++ // half of a character
				continue
			}
			if m == mode0212 {
				euc = append(euc, 0x8f)
			}
			euc = append(euc, c|0x80, b[i+1]|0x80)
			i++
		}
	}
	out, err := japanese.EUCJP.NewDecoder().Bytes(euc)
	if err != nil {
		return valid(b, jisName)
	}
	s := string(out)
	return Text{Text: s, Charset: jisName, Errors: errs + strings.Count(s, "\ufffd")}
}

// designation reads the escape sequence that b starts with (ISO/IEC 2022 §14). Length 0: none that is known.
func designation(b []byte) (mode, int) {
	if len(b) < 3 {
		return modeASCII, 0
	}
	switch {
	case b[1] == '(' || b[1] == ')':
		switch b[2] {
		case 'I':
			return modeKana, 3
		case 'B', 'J', 'H':
			return modeASCII, 3
		}
		return modeASCII, 3
	case b[1] == '$' && (b[2] == '@' || b[2] == 'B'):
		return mode0208, 3
	case b[1] == '$' && b[2] == 'A': // GB 2312, of ISO-2022-JP-2
		return modeOther, 3
	case b[1] == '$' && (b[2] == '(' || b[2] == ')') && len(b) > 3:
		switch b[3] {
		case '@', 'B', 'O', 'Q': // O and Q: JIS X 0213 plane 1, the same as 0208 where that has the character
			return mode0208, 4
		case 'D', 'P':
			return mode0212, 4
		}
		return modeOther, 4
	case b[1] == '&' && b[2] == '@': // announces the 1990 edition
		return mode0208, 3
	case b[1] == 'K': // NEC's old designations
		return mode0208, 2
	case b[1] == 'H':
		return modeASCII, 2
	}
	return modeASCII, 0
}
