package mask

import (
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

var (
	// numberRun finds figures with what stands between those of one number.
	numberRun = regexp.MustCompile(`[+＋]?[(（]?[0-9０-９](?:[ \x{3000}\x{a0}().（）/／\-‐‑‒–—―−ー－ｰ_・．]{0,2}[0-9０-９])*`)
	// orderNumber is the owner's and stays: 250-1234567-7654321, D01-1234567-1234567.
	orderNumber = regexp.MustCompile(`^\d{3}-\d{7}-\d{7}$`)
	digital     = regexp.MustCompile(`^\d{2}-\d{7}-\d{7}$`)
	fullDate    = regexp.MustCompile(`^(?:(?:19|20)\d\d[./-]\d{1,2}[./-]\d{1,2}|\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d\d|(?:19|20)\d\d[/-]\d{1,2}|\d{1,2}/\d{1,2})$`)
	grouped     = regexp.MustCompile(`^\d{1,3}(?:[. ]\d{3})+$|^\d+([.]\d{1,2})?$`)
	unitBehind  = regexp.MustCompile(`^\s?(?:円|元|원|€|\$|£|(?:JPY|USD|EUR|GBP|yen|ポイント|pt)\b)|^,\d{2}\s?€`)
	unitBefore  = regexp.MustCompile(`(?:[¥￥$€£]|JPY|USD|EUR|GBP|RS\.?|R\$)\s?$`)

	// localAddress finds an address of mail in any of the ways it is written.
	localAddress = regexp.MustCompile(`"[^"\n]{1,64}"[@＠﹫][^\s<>"'()\[\],;:@＠/]+` +
		`|[^\s<>"'()（）「」『』【】\[\],;:@＠﹫]+[@＠﹫][^\s<>"'()（）「」『』【】\[\],;:@＠﹫/]+` +
		`|[\w.+-]+(?: ?(?:[@＠]|[\[({（](?i:at|アット|@)[\])}）]|%40) ?)[\w-]+(?:(?: ?(?:\.|[\[({（](?i:dot|ドット|\.)[\])}）]) ?)[\w-]+)+`)
)

// Addresses calls with for each address of mail in s and writes what it gives. The address is handed over as it would be typed.
func Addresses(s string, with func(string) string) string {
	if !strings.ContainsAny(s, "@＠﹫%[({（") {
		return s
	}
	return localAddress.ReplaceAllStringFunc(s, func(a string) string { return with(plainAddress.Replace(a)) })
}

var plainAddress = strings.NewReplacer("＠", "@", "﹫", "@", "%40", "@", "[at]", "@", "(at)", "@", "[dot]", ".", "(dot)", ".", "[.]", ".", "[@]", "@", "．", ".", " ", "")

// Numbers masks numbers by which somebody is called, pays or lives: telephone, card, account and post code, in figures of any
// width and however they are grouped. Dates, amounts and order numbers stay.
func (m *Masker) Numbers(s string) string {
	if !strings.ContainsFunc(s, unicode.IsDigit) {
		return s
	}
	at := 0
	var b strings.Builder
	for _, f := range numberRun.FindAllStringIndex(s, -1) {
		b.WriteString(s[at:f[0]])
		b.WriteString(m.number(s[:f[0]], s[f[0]:f[1]], s[f[1]:]))
		at = f[1]
	}
	b.WriteString(s[at:])
	return b.String()
}

// telling is from how many figures on a number may tell who somebody is: a Japanese post code has seven.
const telling = 7

func (m *Masker) number(before, run, behind string) string {
	plain := plainNumber(run)
	digits := strings.Count(plain, "") - 1 - strings.Count(strings.Map(notDigit, plain), "") + 1
	if digits < telling && !strings.HasSuffix(strings.TrimSpace(before), "〒") {
		return run
	}
	last, _ := utf8.DecodeLastRuneInString(before)
	switch {
	case orderNumber.MatchString(plain) && !latin(last), digital.MatchString(plain) && (last == 'D' || last == 'S' || last == 'P'):
		return run
	case grouped.MatchString(plain) && (unitBehind.MatchString(behind) || unitBefore.MatchString(before)):
		return run
	case len(plain) == 8 && digits == 8:
		if t, err := time.Parse("20060102", plain); err == nil && t.Year() > 1969 && t.Year() < 2100 {
			return run
		}
	}
	// Dates between blanks are none of the number.
	out, left := "", ""
	flush := func() {
		if n := len(left) - len(strings.Map(notFigure, left)); n > 0 && countFigures(left) >= telling {
			left = m.mark
		}
		out, left = out+left, ""
	}
	for _, piece := range strings.SplitAfter(run, " ") {
		if dates(plainNumber(strings.TrimRight(piece, " "))) {
			flush()
			out += piece
			continue
		}
		left += piece
	}
	flush()
	return out
}

// dates reports whether s is a date, or two with a dash between them.
func dates(s string) bool {
	if fullDate.MatchString(s) {
		return true
	}
	for i := range s {
		if s[i] == '-' && fullDate.MatchString(s[:i]) && fullDate.MatchString(s[i+1:]) {
			return true
		}
	}
	return false
}

func notDigit(r rune) rune {
	if r >= '0' && r <= '9' {
		return -1
	}
	return r
}

func notFigure(r rune) rune {
	if unicode.IsDigit(r) {
		return -1
	}
	return r
}

func countFigures(s string) (n int) {
	for _, r := range s {
		if unicode.IsDigit(r) {
			n++
		}
	}
	return n
}

// plainNumber writes a number in ASCII, its dashes as one kind.
func plainNumber(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '‐', '‑', '‒', '–', '—', '―', '−', 'ー', '－', 'ｰ':
			return '-'
		case '／':
			return '/'
		}
		return r
	}, width.Narrow.String(s))
}

func latin(r rune) bool { return unicode.IsLetter(r) && !ideographic(r) }
