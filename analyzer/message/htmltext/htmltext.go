// Package htmltext reads the HTML of mail as its reader sees it: the text that is shown, the text that is there and
// not shown, and where the links lead.
//
// It works on tokens, never on a tree: the tree builder of x/net/html refuses pages nested deeper than 512 elements, which
// mail programs show, so that 512 leading <div> would hide everything from us. A small reader of CSS
// decides what is hidden: inline styles, presentational attributes and the simple selectors of <style> elements.
// Where it cannot decide, text counts as shown.
package htmltext

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Limits of one reading.
type Limits struct {
	Tokens int // tokens read; 0 for no limit
	Links  int // links kept; 0 for no limit
}

// Link is a link as written.
type Link struct {
	Shown  string // visible text of the anchor, alt text of a linked picture, or the URL in plain text
	Target string // as written, entities decoded, white space inside removed as browsers do
	Source string // "html", "text", "area", "form", "refresh", "base"
	Hidden bool   // the anchor is not shown
}

// Page is what was read.
type Page struct {
	Text   string // shown; lines end with \n
	Hidden string // there, but not shown
	Title  string
	Links  []Link
	Base   string // href of the first <base>

	Forms     []string // action of each form, "" where it has none
	Images    []string // src of pictures, as written
	Fonts     []string // font families named, lower case, each once
	Generator string
	Lang      string
	Scripts   int
	MaxDepth  int

	Tokens int  // tokens read
	Cut    bool // a limit was reached: text or links are missing
}

// Read reads the source of an HTML part, in UTF-8.
func Read(src string, lim Limits) *Page { return new(Memory).Read(src, lim) }

// Read is the function of that name.
func (m *Memory) Read(src string, lim Limits) *Page {
	m.page++
	r := reader{page: &Page{}, lim: lim, memory: m, styles: m.styles(src), fonts: map[string]bool{}}
	r.row.at = -1
	r.nodes = append(r.nodes, &r.root)
	r.take(&m.room)
	r.tokens(src)
	page := r.finish()
	r.give(&m.room)
	return page
}

// element is an open element. There can be millions of them: it is kept small.
type element struct {
	tag        atom.Atom
	foreground colour
	background colour
	flags      flags
}

// census counts the open elements of each tag, so that none is looked for where none is. Tags share places: a count says
// that there may be one, none that there is none.
type census [256]int32

func (c *census) of(tag atom.Atom) *int32 { return &c[byte(tag^tag>>8^tag>>16)] }

type flags uint8

const (
	gone flags = 1 << iota
	invisible
	tiny
	preformatted
	anchor // an <a> whose link is being collected
	rightToLeft
)

type reader struct {
	page   *Page
	lim    Limits
	memory *Memory
	styles *styles // what the <style> elements say
	fonts  map[string]bool
	stack  []element
	open   census

	shown, hidden text
	loose         text // shown text outside of anchors: programs make links of the URLs in it
	inLink        bool // an anchor is open:
	link          Link // its link,
	label         text // its shown text
	labelHidden   text // and text inside that is not shown
	alt           string
	anchorDepth   int
	regions       []region
	boxes         []box
	row           cells
	root          node // above all elements
	nodes         []*node
	inserted      int       // bytes that :before and :after put in
	skip          atom.Atom // raw-text element whose content is passed over
	title         bool
}

// styleElements are the contents of all <style> elements: a rule holds for what stands before it too.
func styleElements(src string) (list []string) {
	for at := 0; len(list) < maxRules; {
		i := indexFold(src[at:], "<style")
		if i < 0 {
			break
		}
		at += i
		gt := strings.IndexByte(src[at:], '>')
		if gt < 0 {
			break
		}
		at += gt + 1
		end := indexFold(src[at:], elementEnd)
		if end < 0 {
			end = len(src) - at
		}
		list = append(list, src[at:at+end])
		at += end
	}
	return list
}

// indexFold is strings.Index for an ASCII needle that starts with '<', in any case.
func indexFold(s, needle string) int {
	for at := 0; ; {
		i := strings.IndexByte(s[at:], '<')
		if i < 0 || at+i+len(needle) > len(s) {
			return -1
		}
		at += i
		if equalFold(s[at:at+len(needle)], needle) {
			return at
		}
		at++
	}
}

func (r *reader) tokens(src string) { r.read(tokenizer{s: src}) }

func (r *reader) read(z tokenizer) {
	for {
		known := r.styles.tagAt(&z)
		kind := startTag
		if known == nil {
			kind = z.next()
		}
		if kind == endOfInput {
			return
		}
		r.page.Tokens++
		if r.lim.Tokens > 0 && r.page.Tokens > r.lim.Tokens {
			r.page.Cut = true
			return
		}
		switch {
		case known != nil:
			r.begin(known)
		case kind == textToken:
			r.text(z.raw)
		case kind == startTag || kind == selfClosingTag:
			r.start(&z, kind == selfClosingTag)
		case kind == endTag:
			tag, _ := lookup(z.name)
			r.end(tag)
		}
	}
}

func (r *reader) top() *element { return &r.stack[len(r.stack)-1] }

// hiddenNow reports whether text at this place is not shown.
func (r *reader) hiddenNow() bool {
	e := r.top()
	return e.flags&(gone|invisible|tiny) != 0 || same(e.foreground, e.background)
}

func (r *reader) text(raw string) {
	if r.skip != 0 {
		return
	}
	if r.top().tag == atom.Noscript {
		// The tokenizer gives its content as one text. Mail programs run no scripts and show it.
		*r.open.of(atom.Noscript)--
		*r.open.of(noscriptRead)++
		r.top().tag = noscriptRead
		r.read(tokenizer{s: raw, noscript: true})
		return
	}
	b := raw
	if !r.rawText() {
		b = html.UnescapeString(raw)
	}
	if r.title {
		r.page.Title = strings.Join(strings.Fields(r.page.Title+" "+b), " ")
		return
	}
	r.put(b, r.top().flags&preformatted != 0)
}

// put adds text at this place.
func (r *reader) put(b string, keep bool) {
	if r.hiddenNow() {
		r.hidden.write(b, keep)
		if r.inLink {
			r.labelHidden.write(b, keep)
		}
		return
	}
	r.shown.write(b, keep)
	if r.inLink {
		r.label.write(b, keep)
	} else {
		r.loose.write(b, keep)
	}
}

// rawText reports whether the open element's text has no entities.
func (r *reader) rawText() bool {
	switch r.top().tag {
	case atom.Xmp, atom.Plaintext, atom.Noembed:
		return true
	}
	return false
}

// start reads a start tag.
func (r *reader) start(z *tokenizer, selfClosing bool) {
	if r.skip != 0 {
		return
	}
	tag, name := lookup(z.name)
	var a attributes
	a.read(z.attrs)
	isVoid := void(tag)
	t := &tagRead{tag: tag, empty: isVoid || selfClosing && !htmlElement(tag)}
	if r.styles.rules != nil {
		r.implied(tag) // what it closes is no parent of it
		t.node = r.node(name, &a, z.attrs)
	}
	t.style, t.inline = r.style(t, name, &a)
	opened, means := r.begin(t), true
	switch {
	case isVoid:
		r.voidElement(tag, &a, t.style)
	case opened:
		means = r.element(tag, &a)
	}
	if a.face != "" {
		r.useFonts(family(nil, a.face))
	} else if !means && z.inside == "" && t.node == nil && tag != atom.Noscript {
		r.styles.remember(z.s[z.open:z.at], t)
	}
}

// begin opens the element of a start tag, where there can be something in it; it reports whether it did.
func (r *reader) begin(t *tagRead) (opened bool) {
	if r.skip != 0 {
		return false
	}
	r.implied(t.tag)
	r.layout(t.tag)
	switch t.tag {
	case atom.Td, atom.Th:
		r.cell()
		r.openCell()
	case atom.Tr, atom.Table:
		r.endRow()
	}
	if s := t.inline; s != nil && s.page != r.memory.page {
		s.page = r.memory.page
		r.useFonts(s.fonts)
	}
	if t.empty {
		return false
	}
	if len(r.stack) > maxStack {
		r.page.Cut = true
		return false
	}
	if len(r.stack) == cap(r.stack) {
		r.stack = slices.Grow(r.stack, len(r.stack)) // append alone adds a quarter: millions of them are moved too often
	}
	r.stack = append(r.stack, r.inherit(t.tag, t.style))
	*r.open.of(t.tag)++
	r.page.MaxDepth = max(r.page.MaxDepth, len(r.stack)-1)
	if t.style.moves() {
		r.arrange(&t.style)
	} else {
		if len(r.boxes) > 0 {
			r.segment(len(r.stack)-1, &t.style)
		}
		if t.tag == atom.Tr && r.top().flags&rightToLeft != 0 {
			r.box(box{depth: len(r.stack) - 1, reversed: true})
		}
	}
	if t.node != nil {
		r.nodes = append(r.nodes, t.node)
		r.insert(t.before)
	}
	return true
}

// maxStack bounds the open elements; a part within its size limit can open some million.
const maxStack = 1 << 20

// style is what a tag says about being seen; inline is what its style attribute says, nil where it has none.
func (r *reader) style(t *tagRead, name string, a *attributes) (s style, inline *said) {
	tag := t.tag
	s = noStyle()
	if a.dir != "" {
		s.direction = directionOf(a.dir)
	}
	s.override = tag == atom.Bdo
	if a.color != "" {
		s.foreground = parseColour(a.color)
	}
	if a.bgcolor != "" {
		s.background = parseColour(a.bgcolor)
	}
	if a.background != "" {
		s.background = unknown
	}
	if tag == atom.Font && a.hasSize && strings.TrimSpace(a.size) == "0" {
		s.tiny = 1
	}
	if t.node != nil {
		s = r.cascade(s, t)
	} else {
		var read int
		s, read = r.styles.ruled(s, tag, name, a.class, a.id)
		r.page.Tokens += read / tokenBytes
	}
	if a.hidden {
		s.gone = true
	}
	if a.style != "" {
		inline = r.memory.inline(s, a.style)
		s = inline.style
		r.page.Tokens += len(a.style) / tokenBytes
	}
	return s, inline
}

func (r *reader) inherit(tag atom.Atom, s style) element {
	e := *r.top()
	e.tag = tag
	e.flags &^= anchor
	if s.gone {
		e.flags |= gone
	}
	e.flags = switched(e.flags, invisible, s.invisible)
	e.flags = switched(e.flags, tiny, s.tiny)
	if s.foreground != unset {
		e.foreground = s.foreground
	} else if tag == atom.A {
		e.foreground = 0x0000ee // links have their own colour
	}
	if s.background != unset {
		e.background = s.background
	}
	switch tag {
	case atom.Pre, atom.Textarea, atom.Listing, atom.Xmp, atom.Plaintext:
		e.flags |= preformatted
	}
	return e
}

// tokenBytes is how many bytes of style sheets, style attributes and inserted text count as a token.
const tokenBytes = 64

// node is the element of a start tag as selectors see it.
func (r *reader) node(name string, a *attributes, list []attribute) *node {
	parent := r.nodes[len(r.nodes)-1]
	n := &node{tag: name, id: strings.ToLower(a.id), attrs: slices.Clone(list)}
	if a.class != "" {
		n.classes = strings.Fields(strings.ToLower(a.class))
	}
	parent.children++
	n.index, n.ofType = parent.children, 1
	i := slices.IndexFunc(parent.types, func(t typeCount) bool { return t.tag == name })
	switch {
	case i >= 0:
		parent.types[i].n++
		n.ofType = parent.types[i].n
	case len(parent.types) < maxTypes:
		parent.types = append(parent.types, typeCount{name, 1})
	}
	if n.before = parent.last; n.before != nil && n.index%maxReach == 0 {
		n.before.before = nil // those far back are let go
	}
	parent.last = n
	return n
}

// cascade is the style of an element with what the sheet says of it and of what stands around it.
func (r *reader) cascade(s style, t *tagRead) style {
	m := matching{nodes: r.nodes}
	n, work := t.node, 0
	for _, i := range m.of(r.styles.rules, n) {
		rule := &r.styles.rules.list[i]
		work += len(rule.body)
		switch rule.pseudo {
		case "":
			s.declare(rule.body)
		default:
			p := noStyle()
			p.declare(rule.body)
			if p.content == "" || p.gone || p.invisible > 0 || p.tiny > 0 {
				break
			}
			if text := contentText(p.content, n); rule.pseudo == "before" {
				t.before = text
			} else {
				n.after = text
			}
		}
	}
	s.content = ""
	r.page.Tokens += m.tests/16 + work/tokenBytes
	return s
}

// maxInserted bounds what :before and :after put into a page.
const maxInserted = 1 << 20

// insert shows text that a style sheet puts in.
func (r *reader) insert(text string) {
	if text == "" {
		return
	}
	if r.inserted += len(text); r.inserted > maxInserted {
		r.page.Cut = true
		return
	}
	r.put(text, r.top().flags&preformatted != 0)
}

func switched(f, bit flags, how int8) flags {
	switch {
	case how > 0:
		return f | bit
	case how < 0:
		return f &^ bit
	}
	return f
}

func (r *reader) end(tag atom.Atom) {
	if r.skip != 0 {
		if tag == r.skip {
			r.skip = 0
			r.pop(tag)
		}
		return
	}
	if tag == atom.Title {
		r.title = false
	}
	switch tag {
	case atom.Br:
		r.breakLine() // </br> is a line break in every browser
		return
	case atom.P:
		r.breakLine()
	}
	switch tag {
	case atom.Td, atom.Th:
		r.cell()
	case atom.Tr, atom.Table:
		r.endRow()
	}
	r.layout(tag)
	r.pop(tag)
}

func (r *reader) finish() *Page {
	r.truncate(1)
	r.settle(0)
	r.closeLink()
	r.endRow()
	p := r.page
	if r.lim.Links == 0 || len(p.Links) < r.lim.Links {
		for _, l := range PlainLinks(r.loose.String(), r.lim.Links) {
			r.addLink(l)
		}
	}
	p.Text = r.shown.String()
	p.Hidden = r.hidden.String()
	return p
}
