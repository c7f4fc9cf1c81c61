package detect

import (
	"encoding/base64"
	"net/url"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/script"
)

// maxChain is how many wrappings are taken off a link.
const maxChain = 10

// unwrapped is where a link leads as far as can be read off it.
type unwrapped struct {
	target
	at    *place   // its host
	final string   // the target behind all wrappings; "" where nothing was taken off
	chain []string // hosts passed through
	kinds []string // what they were
	last  string   // kind of the place where it ends: "tracker", "short", "cloud", "benign" or ""
}

// unwrap follows a link through rewriters and redirectors that carry their target.
func (s *scene) unwrap(raw string) (u unwrapped, ok bool) {
	ok = s.unwrapInto(&u, raw)
	return u, ok
}

// unwrapInto is unwrap into what is zero yet.
func (s *scene) unwrapInto(u *unwrapped, raw string) bool {
	if !u.target.parse(raw) {
		return false
	}
	u.at = s.place(u.host)
	for range maxChain {
		next, kinds := follow(&u.target, u.at)
		if next == "" {
			break
		}
		var t target
		if !t.parse(next) {
			break
		}
		if u.chain == nil {
			u.chain, u.kinds = u.at.alone[:1:1], kinds
		} else {
			u.chain, u.kinds = append(u.chain, u.host), append(u.kinds, kinds[0])
		}
		u.final, u.target, u.at = next, t, s.place(t.host)
	}
	if e := u.at.entry(u.path); e != nil {
		u.last = e.Kind
	}
	return true
}

// What a link was taken out of, as lists of one: nearly all links are wrapped once or not at all.
var (
	throughRewriter = []string{"rewriter"}
	throughOpen     = []string{"open"}
	throughBrand    = []string{"brand"}
)

// follow returns the target that a link carries and what carries it; "" where it carries none.
func follow(t *target, at *place) (next string, kinds []string) {
	e := at.entry(t.path)
	switch {
	case e != nil && e.Kind == "rewriter":
		return carriedTarget(e, t), throughRewriter[:1:1]
	case e != nil && e.Kind == "open":
		return carriedTarget(e, t), throughOpen[:1:1]
	case at.official && t.signs.have(redirects):
		return brandRedirect(t.query), throughBrand[:1:1]
	}
	return "", nil
}

// brandRedirect reads the target out of the query of the brand's own redirectors (/gp/r.html?…&U=): what they lead to is
// judged.
func brandRedirect(query string) string {
	names := [...]string{"U", "location", "url", "u"}
	var first [len(names)]string // the first value of each
	var seen [len(names)]bool
	for query != "" {
		var name, value string
		name, value, query = cutParam(query)
		for i := range names {
			if name == names[i] && !seen[i] {
				first[i], seen[i] = value, true
			}
		}
	}
	for _, v := range first {
		if v = unescape(v); startsFold(v, "http") {
			return v
		}
	}
	return ""
}

// param returns the first query parameter of a name, decoded. Names are compared as written. "&amp;" separates as "&"
// does: links were escaped once too often.
func param(query, name string) string {
	for query != "" {
		var n, value string
		if n, value, query = cutParam(query); n == name {
			return unescape(value)
		}
	}
	return ""
}

// cutParam cuts the first parameter off a query, as written.
func cutParam(query string) (name, value, rest string) {
	pair, rest, _ := strings.Cut(query, "&")
	name, value, _ = strings.Cut(pair, "=")
	return name, value, strings.TrimPrefix(rest, "amp;")
}

// unescape decodes the value of a parameter as url.QueryUnescape does; what is no valid coding stays.
func unescape(v string) string {
	if strings.IndexByte(v, '%') < 0 && strings.IndexByte(v, '+') < 0 {
		return v
	}
	var b strings.Builder
	b.Grow(len(v))
	for i := 0; i < len(v); i++ {
		c := v[i]
		switch c {
		case '+':
			c = ' '
		case '%':
			if i+2 >= len(v) || hexDigits[v[i+1]] == 0 || hexDigits[v[i+2]] == 0 {
				return v
			}
			c = (hexDigits[v[i+1]]-1)<<4 | (hexDigits[v[i+2]] - 1)
			i += 2
		}
		b.WriteByte(c)
	}
	return b.String()
}

// hexDigits holds one more than the value of each hexadecimal digit, 0 for all other bytes.
var hexDigits = func() (t [256]byte) {
	for i, c := range []byte("0123456789abcdef") {
		t[c], t[strings.ToUpper(string(c))[0]] = byte(i+1), byte(i+1)
	}
	return t
}()

// carriedTarget reads the target that a rewriter's or redirector's link carries; "" where it can't be read.
func carriedTarget(h *LinkHost, t *target) string {
	if f := decoders[h.Coding]; f != nil {
		return f(h, t)
	}
	for _, p := range h.Param {
		v := param(t.query, p)
		for range 3 { // some are encoded more than once
			if strings.Contains(strings.ToLower(script.Cut(v, 12)), "%3a") || strings.Contains(strings.ToLower(v), "%2f") {
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
	return startsFold(v, "http:") || startsFold(v, "https:") || startsFold(v, "//") || startsFold(v, "www.")
}

// decoders read targets that do not stand in a parameter as they are.
var decoders = map[string]func(*LinkHost, *target) string{
	// v2: "%" is written "-" and "/" is "_" in u=.
	"proofpoint2": func(h *LinkHost, t *target) string {
		v := param(t.query, "u")
		v = strings.NewReplacer("-", "%", "_", "/").Replace(v)
		if d, err := url.QueryUnescape(v); err == nil && looksLikeURL(d) {
			return d
		}
		return ""
	},
	// v3: /v3/__https://host/path__;…, with "*" for characters that are listed behind.
	"proofpoint3": func(h *LinkHost, t *target) string {
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
	"path": func(h *LinkHost, t *target) string {
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
	"query": func(h *LinkHost, t *target) string {
		if d, err := url.QueryUnescape(t.query); err == nil && looksLikeURL(d) {
			return d
		}
		return ""
	},
	"base64": func(h *LinkHost, t *target) string {
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
	"bing": func(h *LinkHost, t *target) string {
		if d := unbase64(strings.TrimPrefix(param(t.query, "u"), "a1")); looksLikeURL(d) {
			return d
		}
		return ""
	},
	// www-example-com.translate.goog: dots are written "-", hyphens "--".
	"translate": func(h *LinkHost, t *target) string {
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
