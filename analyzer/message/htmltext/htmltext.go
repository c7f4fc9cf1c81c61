// Package htmltext reads the HTML of mail as its reader sees it: the text that is shown, the text that is there and
// not shown, and where the links lead.
//
// It works on the tokens of x/net/html, never on its tree: the tree builder refuses pages nested deeper than 512
// elements, which mail programs show, so that 512 leading <div> would hide everything from us. A small reader of CSS
// decides what is hidden: inline styles, presentational attributes and the simple selectors of <style> elements.
// Where it cannot decide, text counts as shown.
package htmltext

import (
	"bytes"
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
func Read(src string, lim Limits) *Page {
	r := reader{page: &Page{}, lim: lim, sheet: sheet{}, fonts: map[string]bool{}, open: map[atom.Atom]int{}}
	r.collectStyles(src)
	r.read(src)
	return r.finish()
}

// element is an open element. There can be millions of them: it is kept small.
type element struct {
	tag        atom.Atom
	foreground colour
	background colour
	flags      flags
}

type flags uint8

const (
	gone flags = 1 << iota
	invisible
	tiny
	preformatted
	anchor // an <a> whose link is being collected
)

type reader struct {
	page  *Page
	lim   Limits
	sheet sheet
	fonts map[string]bool
	stack []element
	open  map[atom.Atom]int // how many of each tag are open

	shown, hidden text
	loose         text  // shown text outside of anchors: programs make links of the URLs in it
	link          *Link // the open anchor
	label         text  // its shown text
	labelHidden   text  // text inside that is not shown
	alt           string
	anchorDepth   int
	skip          atom.Atom // raw-text element whose content is passed over
	title         bool
}

// collectStyles reads all <style> elements first: a rule holds for what stands before it too.
func (r *reader) collectStyles(src string) {
	low := []byte(src)
	for at := 0; ; {
		i := indexFold(low[at:], "<style")
		if i < 0 {
			return
		}
		at += i
		gt := bytes.IndexByte(low[at:], '>')
		if gt < 0 {
			return
		}
		at += gt + 1
		end := indexFold(low[at:], "</style")
		if end < 0 {
			end = len(low) - at
		}
		r.sheet.read(src[at : at+end])
		at += end
		if len(r.sheet) >= maxRules {
			return
		}
	}
}

// indexFold is bytes.Index for an ASCII needle that starts with '<', in any case.
func indexFold(b []byte, needle string) int {
	for at := 0; ; {
		i := bytes.IndexByte(b[at:], '<')
		if i < 0 || at+i+len(needle) > len(b) {
			return -1
		}
		at += i
		if strings.EqualFold(string(b[at:at+len(needle)]), needle) {
			return at
		}
		at++
	}
}

func (r *reader) read(src string) {
	r.stack = append(r.stack, element{foreground: 0x000000, background: 0xffffff})
	r.tokens(src)
}

func (r *reader) tokens(src string) {
	z := html.NewTokenizer(strings.NewReader(src))
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return
		}
		r.page.Tokens++
		if r.lim.Tokens > 0 && r.page.Tokens > r.lim.Tokens {
			r.page.Cut = true
			return
		}
		switch kind {
		case html.TextToken:
			r.text(z)
		case html.StartTagToken, html.SelfClosingTagToken:
			r.start(z, kind == html.SelfClosingTagToken)
		case html.EndTagToken:
			name, _ := z.TagName()
			r.end(lookup(name))
		}
	}
}

func (r *reader) top() *element { return &r.stack[len(r.stack)-1] }

// hiddenNow tells whether text at this place is not shown.
func (r *reader) hiddenNow() bool {
	e := r.top()
	return e.flags&(gone|invisible|tiny) != 0 || same(e.foreground, e.background)
}

func (r *reader) text(z *html.Tokenizer) {
	if r.skip != 0 {
		return
	}
	if r.top().tag == atom.Noscript {
		// The tokenizer gives its content as one text. Mail programs run no scripts and show it.
		inner := string(z.Raw())
		r.top().tag = noscriptRead
		r.tokens(inner)
		return
	}
	b := html.UnescapeString(string(z.Raw()))
	if r.rawText() {
		b = string(z.Raw())
	}
	if r.title {
		r.page.Title = strings.Join(strings.Fields(r.page.Title+" "+b), " ")
		return
	}
	e := r.top()
	keep := e.flags&preformatted != 0
	if r.hiddenNow() {
		r.hidden.write(b, keep)
		if r.link != nil {
			r.labelHidden.write(b, keep)
		}
		return
	}
	r.shown.write(b, keep)
	if r.link != nil {
		r.label.write(b, keep)
	} else {
		r.loose.write(b, keep)
	}
}

// rawText tells whether the open element's text has no entities.
func (r *reader) rawText() bool {
	switch r.top().tag {
	case atom.Xmp, atom.Plaintext, atom.Noembed:
		return true
	}
	return false
}

// attributes are those that matter here.
type attributes struct {
	href, src, alt, action, content, httpEquiv, name, style, class, id, color, bgcolor, background, face, lang, typ, value, size string
	hasHref, hidden, hasSize                                                                                                     bool
}

func readAttributes(z *html.Tokenizer) attributes {
	var a attributes
	for {
		k, v, more := z.TagAttr()
		switch string(k) {
		case "href":
			if !a.hasHref {
				a.href, a.hasHref = string(v), true
			}
		case "xlink:href":
			if !a.hasHref {
				a.href, a.hasHref = string(v), true
			}
		case "src":
			a.src = string(v)
		case "alt":
			a.alt = string(v)
		case "action", "formaction":
			a.action = string(v)
		case "content":
			a.content = string(v)
		case "http-equiv":
			a.httpEquiv = string(v)
		case "name":
			a.name = string(v)
		case "style":
			a.style = string(v)
		case "class":
			a.class = string(v)
		case "id":
			a.id = string(v)
		case "color":
			a.color = string(v)
		case "bgcolor":
			a.bgcolor = string(v)
		case "background":
			a.background = string(v)
		case "face":
			a.face = string(v)
		case "lang":
			a.lang = string(v)
		case "type":
			a.typ = string(v)
		case "value":
			a.value = string(v)
		case "size":
			a.size, a.hasSize = string(v), true
		case "hidden":
			a.hidden = true
		}
		if !more {
			return a
		}
	}
}

func (r *reader) start(z *html.Tokenizer, selfClosing bool) {
	name, hasAttr := z.TagName()
	tag := lookup(name)
	tagName := string(name)
	var a attributes
	if hasAttr {
		a = readAttributes(z)
	}
	if r.skip != 0 {
		return
	}
	r.implied(tag)
	s := r.style(tag, tagName, &a)
	r.layout(tag)
	if void(tag) {
		r.voidElement(tag, &a, s)
		return
	}
	if selfClosing && !htmlElement(tag) {
		return // <o:p/>, <v:imagedata/>
	}
	if len(r.stack) > maxStack {
		r.page.Cut = true
		return
	}
	r.stack = append(r.stack, r.inherit(tag, s))
	r.open[tag]++
	r.page.MaxDepth = max(r.page.MaxDepth, len(r.stack)-1)
	r.element(tag, &a)
}

// maxStack bounds the open elements; a part within its size limit can open some million.
const maxStack = 1 << 20

func (r *reader) style(tag atom.Atom, name string, a *attributes) style {
	s := noStyle()
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
	r.sheet.apply(&s, name, a.class, a.id)
	if a.hidden {
		s.gone = true
	}
	if a.style != "" {
		s.declare(a.style)
		r.families(a.style)
	}
	if a.face != "" {
		r.family(a.face)
	}
	return s
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

func switched(f, bit flags, how int8) flags {
	switch {
	case how > 0:
		return f | bit
	case how < 0:
		return f &^ bit
	}
	return f
}

// element does what an element means besides being an element.
func (r *reader) element(tag atom.Atom, a *attributes) {
	switch tag {
	case atom.A:
		if a.hasHref {
			r.closeLink()
			r.loose.write(" ", false)
			r.link = &Link{Target: CleanURL(a.href), Source: "html", Hidden: r.hiddenNow()}
			r.anchorDepth = len(r.stack)
			r.label, r.labelHidden, r.alt = text{}, text{}, ""
		}
	case atom.Form:
		action := CleanURL(a.action)
		r.page.Forms = append(r.page.Forms, action)
		if action != "" {
			r.addLink(Link{Target: action, Source: "form", Hidden: r.hiddenNow()})
		}
	case atom.Button:
		if a.action != "" {
			r.addLink(Link{Target: CleanURL(a.action), Source: "form", Hidden: r.hiddenNow()})
		}
	case atom.Html:
		if r.page.Lang == "" {
			r.page.Lang = strings.TrimSpace(a.lang)
		}
	case atom.Script:
		r.page.Scripts++
		r.skip = tag
	case atom.Style, atom.Template, atom.Noframes:
		r.skip = tag
	case atom.Title:
		r.title = true
	case atom.Iframe, atom.Frame, atom.Object:
		if a.src != "" {
			r.addLink(Link{Target: CleanURL(a.src), Source: "html", Hidden: r.hiddenNow()})
		}
		if tag == atom.Iframe {
			r.skip = tag
		}
	}
}

func (r *reader) voidElement(tag atom.Atom, a *attributes, s style) {
	e := r.inherit(tag, s)
	concealed := e.flags&(gone|invisible) != 0
	switch tag {
	case atom.Img, atom.Image:
		if a.src != "" {
			r.image(CleanURL(a.src))
		}
		if alt := strings.TrimSpace(a.alt); alt != "" && !concealed {
			r.shown.write(" "+alt+" ", false)
			if r.link != nil && r.alt == "" {
				r.alt = strings.Join(strings.Fields(alt), " ")
			}
		}
	case atom.Br:
		r.breakLine()
	case atom.Hr:
		r.breakLine()
	case atom.Area:
		if a.hasHref {
			r.addLink(Link{Shown: strings.Join(strings.Fields(a.alt), " "), Target: CleanURL(a.href), Source: "area", Hidden: concealed})
		}
	case atom.Base:
		if a.hasHref && r.page.Base == "" {
			r.page.Base = CleanURL(a.href)
			r.addLink(Link{Target: r.page.Base, Source: "base"})
		}
	case atom.Meta:
		r.meta(a)
	case atom.Input:
		switch strings.ToLower(a.typ) {
		case "submit", "button", "reset":
			r.shown.write(" "+a.value+" ", false)
		case "image":
			r.image(CleanURL(a.src))
			r.shown.write(" "+a.alt+" ", false)
		}
		if a.action != "" {
			r.addLink(Link{Shown: a.value, Target: CleanURL(a.action), Source: "form", Hidden: concealed})
		}
	case atom.Embed:
		if a.src != "" {
			r.addLink(Link{Target: CleanURL(a.src), Source: "html", Hidden: concealed})
		}
	}
	if a.background != "" && tag != atom.Br {
		r.image(CleanURL(a.background))
	}
}

func (r *reader) meta(a *attributes) {
	switch {
	case strings.EqualFold(a.httpEquiv, "refresh"):
		if target := refreshTarget(a.content); target != "" {
			r.addLink(Link{Target: target, Source: "refresh"})
		}
	case strings.EqualFold(a.name, "generator") && r.page.Generator == "":
		r.page.Generator = strings.TrimSpace(a.content)
	}
}

// refreshTarget is the URL of `5; url='https://…'`.
func refreshTarget(content string) string {
	_, rest, ok := strings.Cut(content, ";")
	if !ok {
		if _, rest, ok = strings.Cut(content, ","); !ok {
			return ""
		}
	}
	rest = strings.TrimSpace(rest)
	if len(rest) > 3 && strings.EqualFold(rest[:3], "url") {
		rest = strings.TrimSpace(rest[3:])
		rest = strings.TrimSpace(strings.TrimPrefix(rest, "="))
	}
	return CleanURL(strings.Trim(rest, "'\""))
}

func (r *reader) image(src string) {
	if r.lim.Links > 0 && len(r.page.Images) >= r.lim.Links {
		r.page.Cut = true
		return
	}
	r.page.Images = append(r.page.Images, src)
}

func (r *reader) addLink(l Link) {
	if r.lim.Links > 0 && len(r.page.Links) >= r.lim.Links {
		r.page.Cut = true
		return
	}
	r.page.Links = append(r.page.Links, l)
}

// closeLink ends the open anchor.
func (r *reader) closeLink() {
	if r.link == nil {
		return
	}
	l := *r.link
	r.link = nil
	l.Shown = strings.Join(strings.Fields(r.label.String()), " ")
	if l.Shown == "" {
		l.Shown = r.alt
	}
	if l.Shown == "" && r.labelHidden.b.Len() > 0 {
		l.Hidden = true
		l.Shown = strings.Join(strings.Fields(r.labelHidden.String()), " ")
	}
	r.addLink(l)
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
	r.layout(tag)
	r.pop(tag)
}

// pop closes the innermost open element with the tag, and what is open inside it. An end tag does not reach out of a
// table cell.
func (r *reader) pop(tag atom.Atom) {
	if r.open[tag] == 0 {
		return
	}
	const reach = 512 // how far up an end tag is matched; bounds the work on nested rubbish
	for i := len(r.stack) - 1; i > 0 && i >= len(r.stack)-reach; i-- {
		t := r.stack[i].tag
		if t == tag {
			r.truncate(i)
			return
		}
		if scope(t) && !scope(tag) && tag != atom.Tr && tag != atom.Tbody && tag != atom.Thead && tag != atom.Tfoot {
			return
		}
	}
}

func (r *reader) truncate(n int) {
	for i := len(r.stack) - 1; i >= n; i-- {
		r.open[r.stack[i].tag]--
		if r.link != nil && i < r.anchorDepth {
			r.closeLink()
		}
	}
	r.stack = r.stack[:n]
}

func scope(t atom.Atom) bool {
	switch t {
	case atom.Table, atom.Td, atom.Th, atom.Caption, atom.Button, atom.Html, atom.Object, atom.Marquee, atom.Applet:
		return true
	}
	return false
}

// implied closes elements whose end tag may be left out (HTML Standard §13.1.2.4).
func (r *reader) implied(tag atom.Atom) {
	var closes []atom.Atom
	switch tag {
	case atom.Td, atom.Th:
		closes = []atom.Atom{atom.Td, atom.Th}
	case atom.Tr:
		closes = []atom.Atom{atom.Tr}
	case atom.Li:
		closes = []atom.Atom{atom.Li}
	case atom.Dt, atom.Dd:
		closes = []atom.Atom{atom.Dt, atom.Dd}
	case atom.Option:
		closes = []atom.Atom{atom.Option}
	case atom.A:
		closes = []atom.Atom{atom.A}
	case atom.Body:
		closes = []atom.Atom{atom.Head}
	default:
		if block(tag) {
			closes = []atom.Atom{atom.P}
		}
	}
	for _, c := range closes {
		if r.open[c] == 0 {
			continue
		}
		const reach = 64
		for i := len(r.stack) - 1; i > 0 && i >= len(r.stack)-reach; i-- {
			t := r.stack[i].tag
			if t == c {
				r.truncate(i)
				break
			}
			if t == atom.Table || scope(t) && c != atom.Tr || (t == atom.Ul || t == atom.Ol || t == atom.Dl) && c != atom.P {
				break
			}
		}
	}
}

// layout puts in the white space that the element's box makes.
func (r *reader) layout(tag atom.Atom) {
	switch {
	case block(tag):
		r.breakLine()
	case tag == atom.Td || tag == atom.Th:
		r.space()
	}
}

func (r *reader) breakLine() {
	if r.hiddenNow() {
		r.hidden.line()
		return
	}
	r.shown.line()
	if r.link != nil {
		r.label.write(" ", false)
	} else {
		r.loose.line()
	}
}

func (r *reader) space() {
	if r.hiddenNow() {
		r.hidden.write(" ", false)
		return
	}
	r.shown.write(" ", false)
}

func (r *reader) finish() *Page {
	r.closeLink()
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

func void(tag atom.Atom) bool {
	switch tag {
	case atom.Area, atom.Base, atom.Br, atom.Col, atom.Embed, atom.Hr, atom.Img, atom.Image, atom.Input, atom.Link, atom.Meta,
		atom.Param, atom.Source, atom.Track, atom.Wbr, atom.Keygen, atom.Frame:
		return true
	}
	return false
}

// noscriptRead is the tag of a <noscript> whose content is being read, so that nothing inside is read twice.
const noscriptRead = atom.Atom(foreign | 1)

// foreign marks the tags of elements HTML does not know (<o:p>, <v:imagedata>, <x-hide>).
const foreign = 1 << 31

// lookup is the element's atom; an unknown element gets a number of its own, so that its end tag finds it.
func lookup(name []byte) atom.Atom {
	if a := atom.Lookup(name); a != 0 {
		return a
	}
	h := uint32(2166136261) // FNV-1a
	for _, c := range name {
		h = (h ^ uint32(c)) * 16777619
	}
	return atom.Atom(h | foreign)
}

// htmlElement tells whether a "/" at the end of a start tag means nothing, as for all elements that HTML knows.
func htmlElement(tag atom.Atom) bool { return tag&foreign == 0 }

func block(tag atom.Atom) bool {
	switch tag {
	case atom.Address, atom.Article, atom.Aside, atom.Blockquote, atom.Center, atom.Dd, atom.Details, atom.Dialog, atom.Dir,
		atom.Div, atom.Dl, atom.Dt, atom.Fieldset, atom.Figcaption, atom.Figure, atom.Footer, atom.Form, atom.H1, atom.H2,
		atom.H3, atom.H4, atom.H5, atom.H6, atom.Header, atom.Hgroup, atom.Hr, atom.Li, atom.Listing, atom.Main, atom.Menu,
		atom.Nav, atom.Ol, atom.P, atom.Pre, atom.Section, atom.Summary, atom.Table, atom.Tbody, atom.Tfoot, atom.Thead,
		atom.Tr, atom.Ul, atom.Caption, atom.Legend, atom.Option, atom.Body, atom.Html, atom.Head, atom.Title, atom.Plaintext, atom.Xmp:
		return true
	}
	return false
}
