package htmltext

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Selectors that look at more than one element's tag, class and id (Selectors Level 3): descendants, children and
// neighbours, attributes, places among the children, and the texts that :before and :after put in. They are matched on the
// elements that are open, so that what depends on elements that follow (:last-child, :has) is unknown and matches nothing.

// rule is a parsed selector with what it declares.
type rule struct {
	parts    []compound // from the element that is styled outwards
	combine  []byte     // combine[i] stands between parts[i+1] and parts[i]
	pseudo   string     // "before", "after" or ""
	body     string
	specific int
}

// compound is what a selector says of one element.
type compound struct {
	tag     string // lower case, "" for any
	id      string
	classes []string
	attrs   []attrTest
	places  []place
	not     []compound
}

type attrTest struct {
	name, value string
	how         byte // 0 it is there, '=' equal, '~' a word, '|' beginning, '^' prefix, '$' suffix, '*' inside
}

// place is :nth-child(an+b), or the same of the element's type.
type place struct {
	a, b   int
	ofType bool
}

// node is an open element as selectors see it.
type node struct {
	tag, id, after string
	classes        []string
	attrs          []attribute
	index, ofType  int // place among the children, from 1
	children       int
	types          []typeCount
	before         *node // the element before it under the same parent
	last           *node // its last child so far
}

type typeCount struct {
	tag string
	n   int
}

// Bounds of matching: how many compounds are tried for one element, how far outwards, and how many types of children are
// counted apart.
const (
	maxTests = 20_000
	maxReach = 256
	maxTypes = 32
)

// parseSelector parses a selector; ok is false for one that cannot be judged or never holds while mail is read.
func parseSelector(sel, body string) (r rule, ok bool) {
	r.body = body
	p := selectorParser{s: sel}
	var parts []compound
	var combine []byte
	for {
		c, good := p.compound(0)
		if !good || len(parts) > 20 {
			return r, false
		}
		parts = append(parts, c)
		b := p.combinator()
		if b == 0 {
			break
		}
		if p.pseudo != "" {
			return r, false
		}
		combine = append(combine, b)
	}
	slices.Reverse(parts)
	slices.Reverse(combine)
	r.parts, r.combine, r.pseudo, r.specific = parts, combine, p.pseudo, p.specific
	return r, p.i >= len(p.s)
}

type selectorParser struct {
	s        string
	i        int
	pseudo   string
	specific int // 10,000 an id, 100 a class, 1 a tag
}

// combinator reads what stands between two compounds; 0 at the end.
func (p *selectorParser) combinator() byte {
	b := byte(0)
	for p.i < len(p.s) {
		switch c := p.s[p.i]; {
		case space(c):
			if b == 0 {
				b = ' '
			}
		case c == '>' || c == '+' || c == '~':
			b = c
		default:
			return b
		}
		p.i++
	}
	return 0
}

// compound reads simple selectors that stand together; one is needed.
func (p *selectorParser) compound(depth int) (c compound, ok bool) {
	for p.i < len(p.s) {
		switch b := p.s[p.i]; {
		case b == '*':
			p.i++
		case b == '.':
			p.i++
			name := p.ident()
			c.classes = append(c.classes, strings.ToLower(name))
			p.specific += 100
			if name == "" {
				return c, false
			}
		case b == '#':
			p.i++
			c.id = strings.ToLower(p.ident())
			p.specific += 10_000
			if c.id == "" {
				return c, false
			}
		case b == '[':
			t, good := p.attribute()
			if !good {
				return c, false
			}
			c.attrs = append(c.attrs, t)
			p.specific += 100
		case b == ':':
			if !p.pseudoClass(&c, depth) {
				return c, false
			}
		default:
			name := p.ident()
			if name == "" {
				return c, ok
			}
			c.tag = strings.ToLower(name)
			p.specific++
		}
		ok = true
	}
	return c, ok
}

// ident reads a name with its escapes.
func (p *selectorParser) ident() string {
	from := p.i
	for p.i < len(p.s) {
		c := p.s[p.i]
		if c == '\\' {
			p.i = min(len(p.s), p.i+2)
			for n := 0; n < 5 && p.i < len(p.s); n++ {
				if _, hex := hexDigit(p.s[p.i]); !hex {
					break
				}
				p.i++
			}
			if p.i < len(p.s) && p.s[p.i] == ' ' {
				p.i++
			}
			continue
		}
		if !(letter(c) || c >= '0' && c <= '9' || c == '-' || c == '_' || c >= 0x80) {
			break
		}
		p.i++
	}
	return unescape(p.s[from:p.i])
}

// attribute reads [name], [name=value] and their kind.
func (p *selectorParser) attribute() (t attrTest, ok bool) {
	end := strings.IndexByte(p.s[p.i:], ']')
	if end < 0 {
		return t, false
	}
	s := p.s[p.i+1 : p.i+end]
	p.i += end + 1
	name, value, has := strings.Cut(s, "=")
	if has {
		t.how = '='
		if n := len(name); n > 0 && strings.IndexByte("~|^$*", name[n-1]) >= 0 {
			t.how, name = name[n-1], name[:n-1]
		}
		value = strings.TrimSpace(value)
		if n := len(value); n > 2 && value[n-1]|0x20 == 'i' && value[n-2] == ' ' {
			value = strings.TrimSpace(value[:n-2])
		}
		t.value = strings.ToLower(unescape(strings.Trim(value, "\"'")))
	}
	t.name = strings.ToLower(strings.TrimSpace(unescape(name)))
	return t, t.name != ""
}

// pseudoClass reads what stands behind a colon.
func (p *selectorParser) pseudoClass(c *compound, depth int) bool {
	p.i++
	if p.i < len(p.s) && p.s[p.i] == ':' {
		p.i++
	}
	name, arg := strings.ToLower(p.ident()), ""
	if p.i < len(p.s) && p.s[p.i] == '(' {
		end := strings.IndexByte(p.s[p.i:], ')')
		if end < 0 {
			return false
		}
		arg = p.s[p.i+1 : p.i+end]
		p.i += end + 1
	}
	p.specific += 100
	switch name {
	case "before", "after":
		p.pseudo = name
		return true
	case "link", "any-link", "root", "enabled", "read-only":
		return true // links are links; what a page is in counts little
	case "first-child":
		arg, name = "1", "nth-child"
	case "first-of-type":
		arg, name = "1", "nth-of-type"
	case "not":
		in := selectorParser{s: strings.TrimSpace(arg)}
		if depth > 0 {
			return false
		}
		n, ok := in.compound(depth + 1)
		if !ok || in.i < len(in.s) || in.pseudo != "" {
			return false
		}
		c.not = append(c.not, n)
		return true
	}
	if name != "nth-child" && name != "nth-of-type" {
		return false
	}
	a, b, ok := nth(arg)
	c.places = append(c.places, place{a, b, name == "nth-of-type"})
	return ok
}

// nth reads "2n+1", "odd", "3".
func nth(s string) (a, b int, ok bool) {
	s = strings.ToLower(strings.Join(strings.Fields(s), ""))
	switch s {
	case "odd":
		return 2, 1, true
	case "even":
		return 2, 0, true
	}
	coefficient, offset, has := strings.Cut(s, "n")
	if !has {
		b, err := strconv.Atoi(s)
		return 0, b, err == nil
	}
	switch coefficient {
	case "", "+":
		a = 1
	case "-":
		a = -1
	default:
		var err error
		if a, err = strconv.Atoi(coefficient); err != nil {
			return 0, 0, false
		}
	}
	if offset == "" {
		return a, 0, true
	}
	b, err := strconv.Atoi(offset)
	return a, b, err == nil
}

func (p place) holds(n *node) bool {
	i := n.index
	if p.ofType {
		i = n.ofType
	}
	if p.a == 0 {
		return i == p.b
	}
	return (i-p.b)%p.a == 0 && (i-p.b)/p.a >= 0
}

func (t attrTest) holds(n *node) bool {
	for i := range n.attrs {
		if !strings.EqualFold(n.attrs[i].key, t.name) {
			continue
		}
		if t.how == 0 {
			return true
		}
		v := strings.ToLower(attributeValue(clipped(n.attrs[i].value)))
		switch t.how {
		case '=':
			return v == t.value
		case '~':
			return t.value != "" && slices.Contains(strings.Fields(v), t.value)
		case '|':
			return v == t.value || strings.HasPrefix(v, t.value+"-")
		case '^':
			return t.value != "" && strings.HasPrefix(v, t.value)
		case '$':
			return t.value != "" && strings.HasSuffix(v, t.value)
		}
		return t.value != "" && strings.Contains(v, t.value)
	}
	return false
}

// clipped is as much of an attribute as selectors look at.
func clipped(s string) string { return s[:min(len(s), longestRule)] }

func (c *compound) holds(n *node) bool {
	if c.tag != "" && c.tag != n.tag || c.id != "" && c.id != n.id {
		return false
	}
	for _, class := range c.classes {
		if !slices.Contains(n.classes, class) {
			return false
		}
	}
	for _, p := range c.places {
		if !p.holds(n) {
			return false
		}
	}
	for _, t := range c.attrs {
		if !t.holds(n) {
			return false
		}
	}
	for i := range c.not {
		if c.not[i].holds(n) {
			return false
		}
	}
	return true
}

// rules are the rules of a sheet in the order of their weight, found by what the styled element must have.
type rules struct {
	list  []rule
	keyed map[string][]int // by "#id", ".class" or tag
	any   []int
}

// newRules parses the rules of a sheet.
func newRules(list []rawRule) *rules {
	rs := &rules{keyed: map[string][]int{}}
	for _, raw := range list {
		if r, ok := parseSelector(raw.selector, raw.body); ok {
			rs.list = append(rs.list, r)
		}
	}
	slices.SortStableFunc(rs.list, func(a, b rule) int { return cmp.Compare(a.specific, b.specific) })
	for i := range rs.list {
		switch c := &rs.list[i].parts[0]; {
		case c.id != "":
			rs.keyed["#"+c.id] = append(rs.keyed["#"+c.id], i)
		case len(c.classes) > 0:
			rs.keyed["."+c.classes[0]] = append(rs.keyed["."+c.classes[0]], i)
		case c.tag != "":
			rs.keyed[c.tag] = append(rs.keyed[c.tag], i)
		default:
			rs.any = append(rs.any, i)
		}
	}
	return rs
}

// matching matches the rules against one element.
type matching struct {
	nodes []*node // open elements, outermost first
	tests int
}

// of are the rules that hold for n, lightest first.
func (m *matching) of(rs *rules, n *node) []int {
	var found []int
	try := func(list []int) {
		for _, i := range list {
			if m.tests > maxTests {
				return
			}
			if r := &rs.list[i]; m.holds(r, 0, n, len(m.nodes)) {
				found = append(found, i)
			}
		}
	}
	try(rs.any)
	try(rs.keyed[n.tag])
	for _, c := range n.classes {
		try(rs.keyed["."+c])
	}
	if n.id != "" {
		try(rs.keyed["#"+n.id])
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// holds reports whether the rule's parts from at on hold for n, which has depth open elements around it.
func (m *matching) holds(r *rule, at int, n *node, depth int) bool {
	if m.tests++; m.tests > maxTests || !r.parts[at].holds(n) {
		return false
	}
	if at == len(r.parts)-1 {
		return true
	}
	switch r.combine[at] {
	case '>':
		return depth > 0 && m.holds(r, at+1, m.nodes[depth-1], depth-1)
	case '+':
		return n.before != nil && m.holds(r, at+1, n.before, depth)
	case '~':
		for b, far := n.before, 0; b != nil && far < maxReach; b, far = b.before, far+1 {
			if m.holds(r, at+1, b, depth) {
				return true
			}
		}
	default:
		for d := depth; d > 0 && depth-d < maxReach; d-- {
			if m.holds(r, at+1, m.nodes[d-1], d-1) {
				return true
			}
		}
	}
	return false
}

// contentText is the text that the content property puts in (CSS 2 §12.2).
func contentText(value string, n *node) string {
	var b strings.Builder
	for i := 0; i < len(value); {
		c := value[i]
		switch {
		case c == '"' || c == '\'':
			from := i + 1
			for i++; i < len(value) && value[i] != c; i++ {
				if value[i] == '\\' {
					i++
				}
			}
			b.WriteString(unescape(value[min(from, len(value)):min(i, len(value))]))
			i++
		case len(value)-i > 5 && strings.EqualFold(value[i:i+5], "attr("):
			end := strings.IndexByte(value[i:], ')')
			if end < 0 {
				return b.String()
			}
			for _, a := range n.attrs {
				if strings.EqualFold(a.key, strings.TrimSpace(value[i+5:i+end])) {
					b.WriteString(attributeValue(clipped(a.value)))
					break
				}
			}
			i += end + 1
		default:
			i++
		}
	}
	return b.String()
}
