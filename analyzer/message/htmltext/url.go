package htmltext

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// CleanURL does to the value of a link what browsers do before they parse it (URL Standard §4.4): white space and
// control characters around it are removed, and tabs and line ends inside it. Everything else, javascript: and data:
// URLs too, stays as written.
func CleanURL(s string) string {
	for len(s) > 0 && s[0] <= ' ' {
		s = s[1:]
	}
	for len(s) > 0 && s[len(s)-1] <= ' ' {
		s = s[:len(s)-1]
	}
	if strings.IndexByte(s, '\t') < 0 && strings.IndexByte(s, '\n') < 0 && strings.IndexByte(s, '\r') < 0 {
		return s
	}
	return strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(s)
}

// families are the font families of a style attribute.
func families(css string) (fonts []string) {
	if !strings.Contains(css, "amily") && !strings.Contains(css, "AMILY") {
		return nil
	}
	low := strings.ToLower(css)
	for {
		i := strings.Index(low, "font-family")
		if i < 0 {
			return fonts
		}
		low = low[i+len("font-family"):]
		_, value, ok := strings.Cut(low, ":")
		if !ok {
			return fonts
		}
		if end := strings.IndexByte(value, ';'); end >= 0 {
			value = value[:end]
		}
		fonts = family(fonts, value)
	}
}

// maxFonts bounds the families kept: a mail names a handful.
const maxFonts = 100

// family appends the names of a list of families.
func family(fonts []string, list string) []string {
	for f := range strings.SplitSeq(list, ",") {
		f = strings.ToLower(strings.Trim(strings.TrimSpace(f), "'\" "))
		if f != "" && len(f) <= 80 && len(fonts) < maxFonts {
			fonts = append(fonts, strings.Clone(f)) // not a piece of the page
		}
	}
	return fonts
}

// useFonts adds families to the page, each once.
func (r *reader) useFonts(fonts []string) {
	for _, f := range fonts {
		if !r.fonts[f] && len(r.page.Fonts) < maxFonts {
			r.fonts[f] = true
			r.page.Fonts = append(r.page.Fonts, f)
		}
	}
}

// PlainLinks finds the URLs that mail programs turn into links in plain text: those with a scheme, and names that start
// with "www.". At most limit are returned (0 for all).
//
// A URL ends at white space, at a quote or bracket that was not opened inside it, at a full-width or CJK character
// (Japanese text sets no space behind a URL), and before the punctuation that ends a sentence. Characters of a host
// name in other scripts belong to it.
func PlainLinks(s string, limit int) []Link {
	var links []Link
	seen := map[string]bool{}
	find := urlFinder{s: s, next: [3]int{-1, -1, -1}}
	for at := 0; at < len(s) && (limit == 0 || len(links) < limit); {
		start, ok := find.from(at)
		if !ok {
			break
		}
		end := urlEnd(s, start)
		if target := s[start:end]; !seen[target] && (len(target) > len("https://") || strings.HasPrefix(target, "www.") && len(target) > 6) {
			seen[target] = true
			links = append(links, Link{Shown: target, Target: target, Source: "text"})
		}
		at = max(end, start+1)
	}
	return links
}

// urlFinder finds where URLs start.
type urlFinder struct {
	s string
	// The places of the next colon, "w" and "W": each is searched for again when it is passed.
	next [3]int
}

// mark is the next place from at on where a URL can be seen to start; -1 for none.
func (f *urlFinder) mark(at int) int {
	first := -1
	for i, c := range [...]byte{':', 'w', 'W'} {
		if f.next[i] < at {
			f.next[i] = len(f.s)
			if n := strings.IndexByte(f.s[at:], c); n >= 0 {
				f.next[i] = at + n
			}
		}
		if n := f.next[i]; n < len(f.s) && (first < 0 || n < first) {
			first = n
		}
	}
	return first
}

// from finds where the next URL starts, from at on.
func (f *urlFinder) from(at int) (int, bool) {
	s := f.s
	for at < len(s) {
		if at = f.mark(at); at < 0 {
			return 0, false
		}
		if s[at] == ':' {
			if strings.HasPrefix(s[at:], "://") {
				for _, scheme := range [...]string{"https", "http", "ftp", "hxxps", "hxxp"} {
					if n := at - len(scheme); n >= 0 && strings.EqualFold(s[n:at], scheme) && !letterBefore(s, n) {
						return n, true
					}
				}
			}
			at++
			continue
		}
		if len(s) > at+4 && strings.EqualFold(s[at:at+4], "www.") && !letterBefore(s, at) && !strings.HasSuffix(s[:at], "/") && !strings.HasSuffix(s[:at], "@") {
			return at, true
		}
		at++
	}
	return 0, false
}

// letterBefore reports whether a Latin letter or digit touches offset i from the left: then no URL starts there. A kana or
// a kanji may: 「詳細はhttps://…」.
func letterBefore(s string, i int) bool {
	if i == 0 {
		return false
	}
	c := s[i-1]
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '-'
}

func urlEnd(s string, start int) int {
	host := start
	if i := strings.Index(s[start:min(len(s), start+10)], "://"); i >= 0 {
		host = start + i + 3
	}
	inHost := true
	open := 0
	i := host
loop:
	for i < len(s) {
		c := s[i]
		if c < utf8.RuneSelf {
			switch {
			case c <= ' ' || c == 0x7f || c == '"' || c == '<' || c == '>' || c == '`' || c == '|' || c == '{' || c == '}' || c == '^':
				break loop
			case c == '(' || c == '[':
				open++
			case c == ')' || c == ']':
				if open == 0 && !(inHost && c == ']') {
					break loop
				}
				open--
			case c == '/' || c == '?' || c == '#':
				inHost = false
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if !urlRune(r, inHost) {
			break
		}
		i += n
	}
	for i > host && strings.IndexByte(".,;:!?'*_~", s[i-1]) >= 0 {
		i--
	}
	return i
}

// urlRune reports whether a character beyond ASCII can belong to a URL in text: letters of a host name that are no part
// of Chinese or Japanese running text, the full-width forms and dots that browsers map to ASCII in a host, and
// invisible characters (which hide what the host is).
func urlRune(r rune, inHost bool) bool {
	if !inHost || r == utf8.RuneError {
		return false
	}
	switch {
	case r >= 0xff10 && r <= 0xff19, r >= 0xff21 && r <= 0xff3a, r >= 0xff41 && r <= 0xff5a, r == 0xff0e, r == 0xff0d:
		return true
	case r == 0x00ad, r >= 0x200b && r <= 0x200f, r >= 0x2060 && r <= 0x2064, r == 0xfeff, r == 0x034f:
		return true
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul):
		return false
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r)
}
