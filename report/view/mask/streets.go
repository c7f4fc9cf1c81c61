package mask

import (
	"regexp"
	"slices"
	"strings"
)

// streets finds where people live.
type streets struct {
	list []*regexp.Regexp
	// named are those with a name of letters, which is no street's where a word of it is nobody's: "2 Items On The Way".
	named []*regexp.Regexp
}

func newStreets(w *lists) streets {
	words := func(list []string) string {
		list = slices.Clone(list)
		slices.SortFunc(list, func(a, b string) int { return len(b) - len(a) })
		for i, s := range list {
			list[i] = regexp.QuoteMeta(s)
		}
		return strings.Join(list, "|")
	}
	const (
		no    = `[0-9０-９]`
		cjkNo = `[0-9０-９一二三四五六七八九十〇百]+`
		few   = `(?:[0-9０-９]{1,4}|[一二三四五六七八九十〇百]{1,4})`
		dash  = `[-‐‑–—−ー－のノ]`
		place = `[\p{Han}\p{Hiragana}\p{Katakana}々ーヶケ]`
		name  = `[\p{Lu}][\p{L}\p{M}'’.-]*`
		named = `(?:(?:` + name + `|d[aeiou]|del|della|des|van|der|den|la|le|los|las) )`
		house = no + `{1,5} ?[a-zA-Z]?\b`
	)
	flat := `(?:,? (?:(?i:apt|apartment|suite|ste|unit|flat|room|rm|no)\.? ?|#)[\w-]{1,6}\b)?`
	// The town behind: 10115 Berlin; Seattle, WA 98109.
	town := `(?:,? ?` + no + `{4,5} \p{Lu}` + `[\p{L}.-]*(?: \p{Lu}[\p{L}.-]*)?|,? \p{Lu}[\p{L}.-]*(?: \p{Lu}[\p{L}.-]*)?,? (?:[A-Z]{2} ` + no + `{5}(?:-` + no + `{4})?|[A-Z]{1,2}` + no + `[A-Z0-9]? ?` + no + `[A-Z]{2}))?`
	s := streets{}
	for _, p := range []string{
		// 東京都渋谷区神南1-2-3 神南マンション101, 神南一丁目2番3号: from the prefecture or town to the last number, and the house's name.
		`(?:〒[ \x{3000}]?)?` + place + `{1,12}[都道府県市区町村郡]` + place + `{0,20}?[ \x{3000}]?` + cjkNo + `(?:丁目|番地?|号|` + dash + `)(?:[ \x{3000}]?` + cjkNo + `(?:丁目|番地?|号室?|` + dash + `)?)*(?:[ \x{3000}]?[\p{Han}\p{Katakana}ー・A-Za-zＡ-Ｚａ-ｚ]{2,20}(?:[ \x{3000}]?` + no + `{1,5}(?:号室)?)?)?`,
		// 神南1-2-3: a name and three numbers.
		place + `{2,12}` + few + `(?:丁目|` + dash + `)` + few + `(?:番地?|` + dash + `)` + few + `(?:号|\b)`,
		// 〒 and what is behind it.
		`〒[ \x{3000}]?` + no + `{3}` + dash + `?` + no + `{4}`,
		// SW1A 1AA, K1A 0B1, 1012 AB
		`\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b|\b[A-Z]\d[A-Z] \d[A-Z]\d\b|\b\d{4} [A-Z]{2}\b|\b[A-Z]{2} \d{5}(?:-\d{4})?\b|\b(?:D-|F-|I-|E-)?\d{5} \p{Lu}\p{Ll}[\p{L}-]+`,
	} {
		s.list = append(s.list, regexp.MustCompile(p))
	}
	for _, p := range []string{
		// 1234 Old Mill Road, Apt 5
		`\b` + house + ` (?:` + name + ` ){1,4}(?i:` + words(w.StreetBehind) + `)(?:\.|\b)` + flat + town,
		// Lange Straße 12, Hauptstr. 5a
		`(?:` + name + ` ){0,3}(?:` + name + ` (?i:straße|strasse|str\.|weg|allee|platz)|\p{Lu}[\p{L}-]*(?i:` + words(w.StreetEnd) + `)),? ` + house + town,
		// 12 bis, rue de la Paix; 5, avenue Foch
		`\b` + no + `{1,4}(?: (?:bis|ter))?,? (?i:` + words(w.StreetBefore) + `) ` + named + `{0,4}` + name + town,
		// Via Roma, 12; Calle Mayor 3
		`\b(?i:` + words(w.StreetBefore) + `) ` + named + `{0,4}` + name + `,? (?:n[.º°]? ?)?` + house + town,
	} {
		s.named = append(s.named, regexp.MustCompile(p))
	}
	return s
}

func (s *streets) mask(m *Masker, text string) string {
	if !strings.ContainsAny(text, "0123456789０１２３４５６７８９一二三四五六七八九十") {
		return text
	}
	for _, re := range s.list {
		text = re.ReplaceAllLiteralString(text, m.mark)
	}
	for _, re := range s.named {
		text = re.ReplaceAllStringFunc(text, func(found string) string {
			for _, word := range strings.Fields(found) {
				if m.Common(strings.Trim(word, ".,")) {
					return found
				}
			}
			return m.mark
		})
	}
	return text
}
