package message

import (
	"sort"
	"strconv"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/message/charset"
	"github.com/mailaudit/mailaudit/analyzer/message/transfer"
)

// MediaType is a Content-Type or Content-Disposition field (RFC 2045 §5, RFC 2183) as mail programs read it.
type MediaType struct {
	Value  string // "text/html", "attachment"; lower case; "" where the field has none
	params []param
}

type param struct{ name, value string }

// maxParams is far more than any program writes; further ones are not read.
const maxParams = 100

// Bounds on repeated parameters, which count once, and on the field: each is searched to its end for what a program lost.
const (
	maxRepeated = 10 * maxParams
	maxField    = 64 << 10
)

// ParseMediaType reads the body of a Content-Type or Content-Disposition field. It takes what mail programs take:
// missing semicolons before line ends, values with spaces and specials outside of quotes, quotes that are never
// closed, repeated parameters (the first one counts).
func ParseMediaType(s string) MediaType {
	s = unfold(s)
	var m MediaType
	end := strings.IndexByte(s, ';')
	if end < 0 {
		end = len(s)
	}
	head := strings.TrimSpace(s[:end])
	rest := s[end:]
	if eq := strings.IndexByte(head, '='); eq >= 0 {
		// "text/html charset=utf-8" or only "charset=utf-8"
		cut := strings.LastIndexAny(head[:eq], " \t")
		if strings.TrimSpace(head[:eq]) != "" && cut >= 0 {
			rest, head = ";"+head[cut+1:]+rest, head[:cut]
		} else {
			rest, head = ";"+head+rest, ""
		}
	}
	m.Value = cleanType(head)
	m.parseParams(rest)
	return m
}

func cleanType(s string) string {
	if usualType(s) {
		return s
	}
	if i := strings.IndexByte(s, '('); i >= 0 {
		s = s[:i]
	}
	s = strings.ToLower(strings.Trim(s, " \t\"'<>,"))
	s = strings.ReplaceAll(s, " ", "")
	if strings.Count(s, "/") > 1 {
		p := strings.SplitN(s, "/", 3)
		s = p[0] + "/" + p[1]
	}
	switch s {
	case "text", "text/":
		return "text/plain"
	case "html", "text/htm":
		return "text/html"
	case "multipart", "multipart/":
		return "multipart/mixed"
	}
	return s
}

// usualType tells for a type as nearly all mail writes it, in lower case and without anything around it.
func usualType(s string) bool {
	slash := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '-', c == '.', c == '+':
		case c == '/' && i > 0 && i < len(s)-1:
			slash++
		default:
			return false
		}
	}
	return slash == 1 && s != "text/htm"
}

func (m *MediaType) parseParams(s string) {
	s = s[:min(len(s), maxField)]
	for n := 0; len(s) > 0 && len(m.params) < maxParams && n < maxRepeated; n++ {
		for s != "" && (s[0] == ';' || s[0] == ' ' || s[0] == '\t' || s[0] == ',') {
			s = s[1:]
		}
		eq := strings.IndexAny(s, "=;")
		if eq < 0 {
			return
		}
		if s[eq] == ';' {
			s = s[eq:]
			continue
		}
		name := strings.ToLower(strings.TrimSpace(s[:eq]))
		if i := strings.LastIndexAny(name, " \t"); i >= 0 {
			name = name[i+1:]
		}
		var value string
		value, s = paramValue(strings.TrimLeft(s[eq+1:], " \t"))
		if m.index(name) < 0 {
			m.params = append(m.params, param{name, value})
		}
	}
}

// paramValue reads a value and gives the rest.
func paramValue(s string) (value, rest string) {
	if s == "" {
		return "", ""
	}
	if s[0] != '"' {
		end := strings.IndexByte(s, ';')
		if end < 0 {
			end = len(s)
		}
		v := s[:end]
		// `boundary=abc charset=utf-8`: a semicolon was lost.
		if sp := strings.IndexAny(v, " \t"); sp > 0 && strings.Contains(v[sp:], "=") && !strings.Contains(v, "=?") {
			return strings.TrimSpace(v[:sp]), s[sp:]
		}
		return strings.TrimSpace(v), s[end:]
	}
	if end := strings.IndexAny(s[1:], "\"\\"); end >= 0 && s[1+end] == '"' {
		return s[1 : 1+end], s[1+end+1:]
	}
	var b strings.Builder
	i := 1
	for ; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\') {
			i++
		} else if s[i] == '"' {
			i++
			break
		}
		b.WriteByte(s[i])
	}
	return b.String(), s[min(i, len(s)):]
}

func (m *MediaType) index(name string) int {
	for i := range m.params {
		if m.params[i].name == name {
			return i
		}
	}
	return -1
}

// Param is the parameter's value as written, "" where it is absent.
func (m *MediaType) Param(name string) string {
	if i := m.index(name); i >= 0 {
		return m.params[i].value
	}
	return ""
}

// Text is the parameter's value decoded for reading: RFC 2231 continuations and character sets, and the encoded-words
// and raw bytes that programs write instead.
func (m *MediaType) Text(name string) string {
	if v := m.extended(name); v != "" {
		return cleanLine(v)
	}
	return cleanLine(strings.TrimSpace(DecodeHeader(m.Param(name))))
}

// extended reads name*, name*0, name*0* … (RFC 2231 §3, §4).
func (m *MediaType) extended(name string) string {
	type piece struct {
		n       int
		value   string
		encoded bool
	}
	var pieces []piece
	for _, p := range m.params {
		rest, ok := strings.CutPrefix(p.name, name+"*")
		if !ok {
			continue
		}
		enc := rest == "" || strings.HasSuffix(rest, "*")
		rest = strings.TrimSuffix(rest, "*")
		n := 0
		if rest != "" {
			var err error
			if n, err = strconv.Atoi(rest); err != nil || n < 0 {
				continue
			}
		}
		pieces = append(pieces, piece{n, p.value, enc})
	}
	if len(pieces) == 0 {
		return ""
	}
	sort.SliceStable(pieces, func(i, j int) bool { return pieces[i].n < pieces[j].n })
	label := ""
	var raw []byte
	for i, p := range pieces {
		v := p.value
		if i == 0 && p.encoded {
			if a := strings.IndexByte(v, '\''); a >= 0 {
				if b := strings.IndexByte(v[a+1:], '\''); b >= 0 {
					label, v = v[:a], v[a+b+2:]
				}
			}
		}
		if p.encoded {
			raw = append(raw, transfer.Percent(v)...)
		} else {
			raw = append(raw, v...)
		}
	}
	if label == "" && strings.Contains(string(raw), "=?") {
		return DecodeHeader(string(raw))
	}
	return charset.Decode(raw, label).Text
}
