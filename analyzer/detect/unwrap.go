package detect

import (
	"encoding/base64"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/mailaudit/mailaudit/analyzer/hostname"
	"github.com/mailaudit/mailaudit/analyzer/script"
)

// target is a link's target taken apart the way browsers do, without ever failing (WHATWG URL Standard): broken links
// are links too.
type target struct {
	scheme   string
	userinfo string
	host     string // ASCII, lower case
	rawHost  string // as written
	port     string
	path     string
	query    string
	odd      bool // the host was written with characters that change on the way
	slash    bool // the authority holds a character that only looks like a slash
}

// maxURL is the longest link that is read, in bytes. Browsers take longer ones; no mail needs them.
const maxURL = 8 << 10

// parseTarget takes a link apart; ok is false for what leads nowhere on the web (mailto:, cid:, #, javascript:).
func parseTarget(raw string) (t target, ok bool) {
	raw = strings.TrimSpace(cut(raw, min(len(raw), maxURL)))
	if strings.ContainsAny(raw, "\n\r\t") || !utf8.ValidString(raw) {
		raw = strings.Map(func(r rune) rune {
			if r == '\n' || r == '\r' || r == '\t' {
				return -1
			}
			return r
		}, raw)
	}
	lower := strings.ToLower(cut(raw, min(len(raw), 12)))
	rest := raw
	switch {
	case strings.HasPrefix(lower, "https:"):
		t.scheme, rest = "https", raw[6:]
	case strings.HasPrefix(lower, "http:"):
		t.scheme, rest = "http", raw[5:]
	case strings.HasPrefix(lower, "hxxp://"), strings.HasPrefix(lower, "hxxps://"):
		_, rest, _ = strings.Cut(raw, ":")
		t.scheme = "http"
	case strings.HasPrefix(lower, "//"):
		t.scheme = "https"
	case strings.HasPrefix(lower, "www."):
		t.scheme, rest = "http", "//"+raw
	default:
		return t, false
	}
	rest = strings.TrimLeft(rest, `/\`)
	end := strings.IndexAny(rest, `/\?#`)
	authority, tail := rest, ""
	if end >= 0 {
		authority, tail = rest[:end], rest[end:]
	}
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
	tail, _, _ = strings.Cut(tail, "#")
	t.path, t.query, _ = strings.Cut(tail, "?")
	return t, t.host != "" && !strings.ContainsAny(t.host, " <>\"")
}

// maxChain is how many wrappings are taken off a link.
const maxChain = 10

// unwrapped is where a link leads as far as can be read off it.
type unwrapped struct {
	target
	final string   // the target behind all wrappings; "" where nothing was taken off
	chain []string // hosts passed through
	kinds []string // what they were
	last  string   // kind of the place where it ends: "tracker", "short", "cloud", "benign" or ""
}

// unwrap follows a link through rewriters and redirectors that carry their target.
func (s *scene) unwrap(raw string) (u unwrapped, ok bool) {
	t, ok := parseTarget(raw)
	if !ok {
		return u, false
	}
	for range maxChain {
		h, found := s.t.linkHost(t)
		next, kind := "", ""
		switch {
		case found && (h.Kind == "rewriter" || h.Kind == "open"):
			next, kind = carriedTarget(h, t), h.Kind
		default:
			next, kind = s.brandRedirect(t), "brand"
		}
		if next == "" {
			break
		}
		nt, ok := parseTarget(next)
		if !ok || nt.host == "" {
			break
		}
		u.chain = append(u.chain, t.host)
		u.kinds = append(u.kinds, kind)
		u.final, t = next, nt
	}
	u.target = t
	if h, found := s.t.linkHost(t); found {
		u.last = h.Kind
	}
	return u, true
}

// linkHost returns the entry of the longest name that a target lies under.
func (t *tables) linkHost(to target) (LinkHost, bool) {
	for h := to.host; h != ""; {
		for _, e := range t.links[h] {
			if strings.HasPrefix(to.path, e.Path) && (e.Path != "" || len(t.links[h]) == 1 || e.Kind == "benign") {
				return e, true
			}
		}
		_, h, _ = strings.Cut(h, ".")
	}
	return LinkHost{}, false
}

// brandRedirect reads the target out of the brand's own redirectors (/gp/r.html?…&U=): what they lead to is judged.
func (s *scene) brandRedirect(t target) string {
	if s.in.Brands == nil || !s.in.Brands.Official(t.host) {
		return ""
	}
	path := strings.ToLower(t.path)
	if !strings.Contains(path, "/gp/r.html") && !strings.Contains(path, "/gp/redirect.html") && !strings.Contains(path, "/gp/f.html") && !strings.Contains(path, "/x/c/") {
		return ""
	}
	for _, p := range []string{"U", "location", "url", "u"} {
		if v := param(t.query, p); strings.HasPrefix(strings.ToLower(v), "http") {
			return v
		}
	}
	return ""
}

// param returns a query parameter, decoded. Names are compared as written.
func param(query, name string) string {
	for pair := range strings.SplitSeq(strings.ReplaceAll(query, "&amp;", "&"), "&") {
		k, v, _ := strings.Cut(pair, "=")
		if k == name {
			if d, err := url.QueryUnescape(v); err == nil {
				return d
			}
			return v
		}
	}
	return ""
}

// carriedTarget reads the target that a rewriter's or redirector's link carries; "" where it can't be read.
func carriedTarget(h LinkHost, t target) string {
	if f := decoders[h.Coding]; f != nil {
		return f(h, t)
	}
	for _, p := range h.Param {
		v := param(t.query, p)
		for range 3 { // some are encoded more than once
			if strings.Contains(strings.ToLower(cut(v, min(len(v), 12))), "%3a") || strings.Contains(strings.ToLower(v), "%2f") {
				if d, err := url.QueryUnescape(v); err == nil {
					v = d
				}
			}
		}
		if looksLikeURL(v) {
			return v
		}
	}
	return ""
}

func looksLikeURL(v string) bool {
	l := strings.ToLower(cut(v, min(len(v), 10)))
	return strings.HasPrefix(l, "http:") || strings.HasPrefix(l, "https:") || strings.HasPrefix(l, "//") || strings.HasPrefix(l, "www.")
}

// decoders read targets that do not stand in a parameter as they are.
var decoders = map[string]func(LinkHost, target) string{
	// v2: "%" is written "-" and "/" is "_" in u=.
	"proofpoint2": func(h LinkHost, t target) string {
		v := param(t.query, "u")
		v = strings.NewReplacer("-", "%", "_", "/").Replace(v)
		if d, err := url.QueryUnescape(v); err == nil && looksLikeURL(d) {
			return d
		}
		return ""
	},
	// v3: /v3/__https://host/path__;…, with "*" for characters that are listed behind.
	"proofpoint3": func(h LinkHost, t target) string {
		_, v, ok := strings.Cut(t.path, "__")
		if !ok {
			return ""
		}
		if t.query != "" {
			v += "?" + t.query
		}
		v, _, _ = strings.Cut(v, "__;")
		v = strings.Replace(strings.Replace(v, "https:/", "https://", 1), ":///", "://", 1)
		if looksLikeURL(v) {
			return v
		}
		return ""
	},
	// The target is the rest of the path, encoded or not, perhaps with an "s" before it (google's AMP).
	"path": func(h LinkHost, t target) string {
		p := strings.TrimPrefix(t.path, h.Path)
		if i := strings.Index(strings.ToLower(p), "http"); i >= 0 {
			if d, err := url.PathUnescape(p[i:]); err == nil && looksLikeURL(d) {
				return d
			}
		}
		p = strings.TrimPrefix(strings.TrimPrefix(p, "/"), "s/")
		if host, _, _ := strings.Cut(p, "/"); strings.Contains(host, ".") && !strings.ContainsAny(host, " %") && h.Path != "" {
			return "https://" + p
		}
		return ""
	},
	// The target is the whole query.
	"query": func(h LinkHost, t target) string {
		if d, err := url.QueryUnescape(t.query); err == nil && looksLikeURL(d) {
			return d
		}
		return ""
	},
	"base64": func(h LinkHost, t target) string {
		for _, p := range h.Param {
			if d := unbase64(param(t.query, p)); looksLikeURL(d) {
				return d
			}
		}
		if d := param(t.query, "d"); strings.Contains(d, ".") && !strings.Contains(d, "/") {
			return "https://" + d
		}
		return ""
	},
	// u=a1 and base64.
	"bing": func(h LinkHost, t target) string {
		if d := unbase64(strings.TrimPrefix(param(t.query, "u"), "a1")); looksLikeURL(d) {
			return d
		}
		return ""
	},
	// www-example-com.translate.goog: dots are written "-", hyphens "--".
	"translate": func(h LinkHost, t target) string {
		label := strings.TrimSuffix(t.host, ".translate.goog")
		if label == t.host {
			return ""
		}
		host := strings.NewReplacer("--", "-", "-", ".").Replace(label)
		return "https://" + host + t.path
	},
}

func unbase64(v string) string {
	v = strings.TrimRight(strings.NewReplacer("-", "+", "_", "/", " ", "+").Replace(v), "=")
	d, err := base64.RawStdEncoding.DecodeString(v)
	if err != nil {
		return ""
	}
	return script.Visible(string(d))
}
