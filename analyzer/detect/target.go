package detect

import (
	"math/bits"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/mailaudit/mailaudit/analyzer/hostname"
	"github.com/mailaudit/mailaudit/analyzer/script"
)

// target is a link's target taken apart the way browsers do, without ever failing (WHATWG URL Standard): broken links
// are links too.
type target struct {
	userinfo string
	host     string // ASCII, lower case
	rawHost  string // as written
	port     string
	path     string
	query    string
	odd      bool  // the host was written with characters that change on the way
	slash    bool  // the authority holds a character that only looks like a slash
	signs    signs // what the path tells
}

// maxURL is the longest link that is read, in bytes. Browsers take longer ones; no mail needs them.
const maxURL = 8 << 10

// parseTarget takes a link apart; ok is false for what leads nowhere on the web (mailto:, cid:, #, javascript:).
func parseTarget(raw string) (t target, ok bool) {
	ok = t.parse(raw)
	return t, ok
}

// parse is parseTarget into what is zero yet.
func (t *target) parse(raw string) (ok bool) {
	raw = strings.TrimSpace(script.Cut(raw, maxURL))
	if strings.IndexByte(raw, '\n') >= 0 || strings.IndexByte(raw, '\r') >= 0 || strings.IndexByte(raw, '\t') >= 0 || !utf8.ValidString(raw) {
		raw = strings.Map(func(r rune) rune {
			if r == '\n' || r == '\r' || r == '\t' {
				return -1
			}
			return r
		}, raw)
	}
	rest := raw
	switch {
	case startsFold(raw, "https:"), startsFold(raw, "http:"), startsFold(raw, "hxxp://"), startsFold(raw, "hxxps://"):
		_, rest, _ = strings.Cut(raw, ":")
	case strings.HasPrefix(raw, "//"), startsFold(raw, "www."):
	default:
		return false
	}
	for rest != "" && (rest[0] == '/' || rest[0] == '\\') {
		rest = rest[1:]
	}
	end, plain := authorityEnd(rest)
	if t.rawHost = rest[:end]; plain {
		t.host, ok = t.rawHost, true
	} else {
		ok = t.setAuthority(rest[:end])
	}
	tail, _, _ := strings.Cut(rest[end:], "#")
	t.path, t.query, _ = strings.Cut(tail, "?")
	t.signs = signsOf(t.path)
	return ok
}

// authorityEnd returns where the path, query or fragment begins in what stands behind the slashes of a link. Plain is set
// where nothing stands before but a host as hostname.ASCII would give it.
func authorityEnd(rest string) (end int, plain bool) {
	plain = true
	for end < len(rest) {
		switch c := rest[end]; {
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '.' || c == '-' || c == '_':
		case c == '/' || c == '\\' || c == '?' || c == '#':
			return end, plain && plainHost(rest[:end])
		default:
			plain = false
		}
		end++
	}
	return end, plain && plainHost(rest)
}

// plainHost reports whether a host of plain characters needs no trimming.
func plainHost(host string) bool {
	return host != "" && len(host) <= 253 && host[0] != '.' && host[len(host)-1] != '.'
}

// setAuthority reads user, host and port; it returns false where the host can't be one.
func (t *target) setAuthority(authority string) bool {
	// Division slash, fraction slash, big solidus and the full-width solidus: drawn as a slash, read as part of a name.
	t.slash = strings.ContainsAny(authority, "\u2215\u2044\u29f8\uff0f\u1735")
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		t.userinfo, authority = authority[:at], authority[at+1:]
	}
	if c := strings.LastIndexByte(authority, ':'); c >= 0 && c > strings.LastIndexByte(authority, ']') {
		t.port, authority = authority[c+1:], authority[:c]
	}
	if strings.Contains(authority, "%") {
		if un, err := url.PathUnescape(authority); err == nil {
			authority = un
		}
	}
	t.rawHost = authority
	t.host, t.odd = hostname.ASCII(authority)
	return t.host != "" && !strings.ContainsAny(t.host, " <>\"")
}

// startsFold reports whether s starts with a prefix of lower-case ASCII, in whatever case s has it.
func startsFold(s, prefix string) bool {
	if len(s) < len(prefix) {
		return false
	}
	for i := 0; i < len(prefix); i++ {
		c := s[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != prefix[i] {
			return false
		}
	}
	return true
}

// signs are what words in a path tell of where a link leads.
type signs uint8

const (
	redirects    signs = 1 << iota // one of the brand's own redirectors
	actsByPath                     // a page to log in, pay or confirm
	unsubscribes                   // the end of a subscription
)

func (s signs) have(one signs) bool { return s&one != 0 }

// pathWords are these words, in lower case.
var pathWords = []struct {
	word string
	sign signs
}{
	{"/gp/r.html", redirects},
	{"/gp/redirect.html", redirects},
	{"/gp/f.html", redirects},
	{"/x/c/", redirects},
	{"signin", actsByPath},
	{"sign-in", actsByPath},
	{"login", actsByPath},
	{"/verify", actsByPath},
	{"/update", actsByPath},
	{"/account", actsByPath},
	{"/confirm", actsByPath},
	{"/payment", actsByPath},
	{"openid", actsByPath},
	{"unsub", unsubscribes},
}

// pathStarts holds, for each byte, which of these words have it first or second, in either case, a bit for each.
var pathStarts = func() (t [2][256]uint16) {
	for i, w := range pathWords {
		for at := range t {
			for _, c := range []byte(w.word[at:at+1] + strings.ToUpper(w.word[at:at+1])) {
				t[at][c] |= 1 << i
			}
		}
	}
	return t
}()

// signsOf looks for these words in a path, in whatever case it has them.
func signsOf(path string) (found signs) {
	if !isASCII(path) {
		path = strings.ToLower(path) // a dotted capital I is an i as well
	}
	for i := 0; i+1 < len(path); i++ {
		for words := pathStarts[0][path[i]] & pathStarts[1][path[i+1]]; words != 0; words &= words - 1 {
			if w := &pathWords[bits.TrailingZeros16(words)]; startsFold(path[i:], w.word) {
				found |= w.sign
			}
		}
	}
	return found
}
