package mailauth

import (
	"strconv"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/fact"
)

// Bounds of one result field. Real ones stay far below: the longest field seen, of a message with nine signatures, has
// 2,300 bytes.
const (
	maxField   = 64 << 10 // longer fields are not read at all
	maxMethods = 64
	maxProps   = 32
	maxValue   = 512  // longer values are dropped, not cut: the cut end could look like another domain
	maxRaw     = 2000 // as fact.Result.Raw says
	maxComment = 500
)

// Defects of a result field, in fact.Result.Defect.
const (
	defectLong = "long" // the field, or something in it, is longer than any receiver writes
	defectOpen = "open" // a comment or quoted string is not closed
	// defectContinued is a field that the header of the message itself continues.
	defectContinued = "continued"
)

// methods are the names of methods that a field without authserv-id may start with: those of the IANA registry "Email
// Authentication Methods", and those that receivers invented.
var methods = map[string]bool{
	"auth": true, "dkim": true, "dkim-adsp": true, "dkim-atps": true, "dmarc": true, "domainkeys": true, "dnswl": true,
	"iprev": true, "rrvs": true, "sender-id": true, "smime": true, "spf": true, "vbr": true, "arc": true, "bimi": true,
	"compauth": true, "x-tls": true, "x-arc": true,
}

// ParseResults reads the body of an Authentication-Results or ARC-Authentication-Results field (RFC 8601 §2.2, RFC 8617
// §4.1.1). It never fails: what it can't read it leaves out, and everything else is kept in order. Beyond the standard
// it reads
//
//   - the field without authserv-id that Microsoft writes ("spf=pass (sender IP is …) smtp.mailfrom=…;dkim=…"): a first
//     word with an equals sign in it is never taken for an id;
//   - Yahoo! JAPAN's "mta706.… from=example.jp; dkim=pass (ok); header.i=@example.jp", where properties stand behind
//     the id and in segments of their own;
//   - "dmarc=pass(p=reject)" without a space, and semicolons at the end, as Yahoo writes them;
//   - the second authserv-id that Exchange puts between methods, which it passes over.
//
// Method names, results and authserv-id are in lower case, values as written.
func ParseResults(body string) fact.Result {
	var r fact.Result
	if len(body) > maxField {
		r.Defect = defectLong
		return r
	}
	p := resultParser{lex: lexer{s: body}, r: &r}
	p.run()
	if names(body) {
		r.Defect = defectContinued
		return r
	}
	if p.lex.open {
		r.Defect = defectOpen
	} else if p.long {
		r.Defect = defectLong
	}
	return r
}

// names reports whether a field holds the name of another one and its colon at the start of a line: a message whose header
// begins with white space continues the field that the receiver wrote above it.
func names(body string) bool {
	for rest := body; ; {
		i := strings.IndexByte(rest, '\n')
		if i < 0 {
			return false
		}
		rest = strings.TrimLeft(rest[i+1:], " \t")
		name, _, ok := strings.Cut(rest, ":")
		if ok && len(name) > 3 && len(name) <= 40 && name[0]&0x20 == 0 && strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-") == "" {
			return true
		}
	}
}

type resultParser struct {
	lex     lexer
	r       *fact.Result
	long    bool
	started bool    // the place of the authserv-id is behind
	first   bool    // the next word is the first of its segment
	pending *string // value of a property whose value has not come yet ("header.from= example.jp")
}

func (p *resultParser) run() {
	p.first = true
	for {
		t, ok := p.lex.next()
		if !ok {
			return
		}
		switch t.kind {
		case semicolon:
			p.first, p.pending = true, nil
			// Behind the instance of an ARC field comes the id.
			p.started = p.started || p.r.Instance == 0 || p.r.AuthservID != "" || len(p.r.Methods) > 0
		case comment:
			p.comment(t.text)
		case word:
			p.word(t)
			p.first = false
		}
	}
}

// current is the method that properties and comments belong to; nil before the first.
func (p *resultParser) current() *fact.Method {
	if n := len(p.r.Methods); n > 0 {
		return &p.r.Methods[n-1]
	}
	return nil
}

func (p *resultParser) comment(text string) {
	m := p.current()
	if m == nil || p.first {
		return
	}
	if len(text) > maxComment {
		text = text[:maxComment]
	}
	if m.Comment == "" {
		m.Comment = text
	}
}

func (p *resultParser) word(t token) {
	key, value, eq := p.lex.cut(t)
	if !eq {
		switch {
		case p.first && !p.started:
			p.id(t.text)
		case p.pending != nil:
			*p.pending = p.value(t.text)
		}
		// Anything else is the version behind the id, or a word that means nothing (Exchange repeats the id between
		// methods).
		p.pending = nil
		return
	}
	p.pending = nil
	key = lower(key)
	switch {
	case p.first && !p.started && key == "i":
		// ARC: the instance takes the place of the id, which follows it.
		if n, err := strconv.Atoi(value); err == nil && n > 0 && n <= 50 {
			p.r.Instance = n
		}
	case p.first && isMethod(key):
		p.method(key, value)
	default:
		p.property(key, value)
	}
}

// cut divides key=value. What has something else than a name before the equals sign ("a@b=c", a quoted string) is none.
func (l *lexer) cut(t token) (key, value string, ok bool) {
	s := t.text
	i := strings.IndexByte(s, '=')
	if raw := l.s[t.start:t.end]; i > 0 && strings.IndexByte(raw, '"') >= 0 && strings.IndexByte(raw, '"') < i {
		return "", "", false
	}
	if i <= 0 {
		return "", "", false
	}
	for j := 0; j < i; j++ {
		c := s[j]
		if c <= ' ' || c >= 0x7f || c == '@' || c == '<' || c == '>' || c == '"' {
			return "", "", false
		}
	}
	return s[:i], s[i+1:], true
}

// isMethod reports whether the key at the start of a segment names a method: any name but those of properties, which
// have a dot (ptype.property) or are known.
func isMethod(key string) bool {
	name, _, _ := strings.Cut(key, "/")
	if methods[name] {
		return true
	}
	switch name {
	case "", "reason", "action", "policy", "from", "i":
		return false
	}
	return !strings.Contains(name, ".")
}

func (p *resultParser) id(s string) {
	if len(s) > 255 {
		p.long = true
		return
	}
	p.r.AuthservID = lower(strings.TrimRight(s, "."))
}

func (p *resultParser) method(key, value string) {
	if len(p.r.Methods) >= maxMethods {
		p.long = true
		return
	}
	name, _, _ := strings.Cut(key, "/") // the version of the method: there is none but 1
	p.r.Methods = append(p.r.Methods, fact.Method{Method: name, Result: lower(p.value(value))})
}

func (p *resultParser) property(key, value string) {
	typ, name, dotted := strings.Cut(key, ".")
	switch {
	case !dotted:
		typ, name = "", key
	case typ == "" || name == "":
		return // no propspec (RFC 8601 §2.2): the name of a property has two parts
	}
	m := p.current()
	if m == nil {
		p.r.Methods = append(p.r.Methods, fact.Method{})
		m = p.current()
	}
	if key == "reason" && m.Reason == "" && m.Method != "" && value != "" {
		m.Reason = p.value(value)
		return
	}
	if len(m.Props) >= maxProps {
		p.long = true
		return
	}
	m.Props = append(m.Props, fact.Property{Type: typ, Name: name, Value: p.value(value)})
	if value == "" {
		p.pending = &m.Props[len(m.Props)-1].Value
	}
}

// lower maps ASCII letters only: everything else is kept byte for byte, invalid UTF-8 included.
func lower(s string) string {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= 'A' && c <= 'Z' {
			b := []byte(s)
			for ; i < len(b); i++ {
				if b[i] >= 'A' && b[i] <= 'Z' {
					b[i] += 'a' - 'A'
				}
			}
			return string(b)
		}
	}
	return s
}

func (p *resultParser) value(s string) string {
	if len(s) > maxValue {
		p.long = true
		return ""
	}
	return s
}

// ParseReceivedSPF reads the body of a Received-SPF field (RFC 7208 §9.1): the result, a comment, and key=value pairs.
// AuthservID is the receiver it names. It is kept because a failure in it counts; a pass never does.
func ParseReceivedSPF(body string) fact.Result {
	var r fact.Result
	if len(body) > maxField {
		r.Defect = defectLong
		return r
	}
	p := resultParser{lex: lexer{s: body}, r: &r, started: true}
	for {
		t, ok := p.lex.next()
		if !ok {
			break
		}
		key, value, eq := p.lex.cut(t)
		switch {
		case t.kind == comment && len(r.Methods) > 0:
			p.comment(t.text)
		case t.kind != word:
		case len(r.Methods) == 0 && !eq:
			r.Methods = append(r.Methods, fact.Method{Method: "spf", Result: lower(p.value(t.text))})
		case eq && len(r.Methods) > 0:
			p.property(lower(key), value)
			if strings.EqualFold(key, "receiver") && len(value) <= 255 {
				r.AuthservID = lower(value)
			}
		}
	}
	if p.lex.open {
		r.Defect = defectOpen
	} else if p.long {
		r.Defect = defectLong
	}
	return r
}

// parseSeal reads an ARC-Seal field (RFC 8617 §4.1.3) as a result: the sealer is property d, the state of the chain
// that it found is the method's result.
func parseSeal(body string) fact.Result {
	var r fact.Result
	if len(body) > maxField {
		r.Defect = defectLong
		return r
	}
	tags := parseTags(body)
	if n, err := strconv.Atoi(tags["i"]); err == nil && n > 0 && n <= 50 {
		r.Instance = n
	}
	m := fact.Method{Method: "arc-seal", Result: lower(tags["cv"])}
	for _, name := range []string{"d", "s", "bh"} {
		if v := tags[name]; v != "" && len(v) <= maxValue {
			if name != "bh" { // base64 has two cases
				v = lower(v)
			}
			m.Props = append(m.Props, fact.Property{Name: name, Value: v})
		}
	}
	r.Methods = []fact.Method{m}
	return r
}

// Print writes a result as an Authentication-Results body that ParseResults reads as the same result.
func Print(r fact.Result) string {
	var b strings.Builder
	if r.Instance > 0 {
		b.WriteString("i=" + strconv.Itoa(r.Instance) + "; ")
	}
	b.WriteString(quote(r.AuthservID))
	for i, m := range r.Methods {
		if i > 0 || r.AuthservID != "" {
			b.WriteString("; ")
		}
		gap := ""
		if m.Method != "" {
			b.WriteString(m.Method + "=" + quote(m.Result))
			gap = " "
		}
		if m.Comment != "" {
			b.WriteString(" (" + m.Comment + ")")
		}
		if m.Reason != "" {
			b.WriteString(gap + "reason=" + quote(m.Reason))
			gap = " "
		}
		for _, p := range m.Props {
			name := p.Name
			if p.Type != "" {
				name = p.Type + "." + name
			}
			b.WriteString(gap + name + "=" + quote(p.Value))
			gap = " "
		}
	}
	return b.String()
}

// quote puts a value in quotes where it holds what would end it.
func quote(s string) string {
	plain := s != ""
	for i := 0; i < len(s); i++ {
		if c := s[i]; space(c) || c == ';' || c == '(' || c == '"' || c == '\\' {
			plain = false
		}
	}
	if plain || s == "" {
		return s
	}
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(s); i++ {
		if s[i] == '"' || s[i] == '\\' {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	b.WriteByte('"')
	return b.String()
}
