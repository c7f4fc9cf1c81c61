package htmltext

import (
	"strings"

	"golang.org/x/net/html/atom"
)

// Memory is what is remembered from page to page of what tags and styles say. Mail is written with templates: the notices
// of one sender have the same style sheet, the same hundred style attributes and, but for links and pictures, the same
// tags. What is remembered changes no page. The zero value is ready; it is not safe for concurrent use.
type Memory struct {
	page       int // pages read
	attributes map[attributeOn]*said
	sheets     map[string]*styles
	none       styles // of a page without any
	room       room
}

// room is memory that is used for one page after the other.
type room struct {
	shown, hidden, loose, label, labelHidden []byte
	stack                                    []element
}

// take lets a page use the room, and opens what all elements are in.
func (r *reader) take(m *room) {
	r.shown.b, r.hidden.b, r.loose.b, r.label.b, r.labelHidden.b = m.shown, m.hidden, m.loose, m.label, m.labelHidden
	r.stack = append(m.stack, element{foreground: 0x000000, background: 0xffffff})
}

// give takes the room back, but for what is large.
func (r *reader) give(m *room) {
	m.shown, m.hidden, m.loose = kept(r.shown.b), kept(r.hidden.b), kept(r.loose.b)
	m.label, m.labelHidden, m.stack = kept(r.label.b), kept(r.labelHidden.b), kept(r.stack)
}

// largestRoom is more than the text of nearly all pages.
const largestRoom = 64 << 10

func kept[T any](list []T) []T {
	if cap(list) > largestRoom {
		return nil
	}
	return list[:0]
}

// Bounds of a Memory: it is emptied when it is full, and what is longer is read anew each time. A hundred style attributes of
// seventy bytes and a sheet of 10 to 25 KB are what an order mail has.
const (
	maxAttributes      = 1000
	longestAttribute   = 500
	maxSheets          = 8
	longestSheet       = 64 << 10
	largestSheet       = 128 << 10 // rules of one: a rule stands there once for each of its selectors
	maxElements        = 300       // of one sheet
	longestElementName = 200
	maxTags            = 1000 // with one sheet
	longestTag         = 300
)

// attributeOn is a style attribute on an element of which other things are known.
type attributeOn struct {
	on  style
	css string
}

// said is what a style attribute says.
type said struct {
	style style
	fonts []string
	page  int // the last page that has its fonts
}

// inline is the style of an element with a style attribute.
func (m *Memory) inline(on style, css string) *said {
	key := attributeOn{on, css}
	known := m.attributes[key]
	if known == nil {
		known = &said{style: on, fonts: families(css)}
		known.style.declare(css)
		known.style.content = "" // elements have none
		if len(css) <= longestAttribute {
			if m.attributes == nil || len(m.attributes) >= maxAttributes {
				m.attributes = make(map[attributeOn]*said)
			}
			m.attributes[attributeOn{on, strings.Clone(css)}] = known // the page is not kept
		}
	}
	return known
}

// styles are the style elements of a page.
type styles struct {
	sheet sheet
	rules *rules // nil where tag, class and id of an element say all
	named census // tags that the sheet names
	known map[elementOn]style
	tags  map[string]*tagRead // by their source
}

// tagRead is a start tag as it was read: what it opens, and what that looks like.
type tagRead struct {
	tag    atom.Atom
	empty  bool // nothing can be in it
	style  style
	inline *said // what its style attribute says, nil where it has none
	node   *node // where the sheet looks at more than the tag
	before string
}

// tagAt is the start tag that stands next in the source, where it is known, and goes behind it; else nil.
func (st *styles) tagAt(z *tokenizer) *tagRead {
	if z.inside != "" || z.at >= len(z.s) || z.s[z.at] != '<' {
		return nil
	}
	end := strings.IndexByte(z.s[z.at:min(len(z.s), z.at+longestTag)], '>')
	if end < 0 {
		return nil
	}
	t := st.tags[z.s[z.at:z.at+end+1]]
	if t != nil {
		z.at += end + 1
	}
	return t
}

// remember keeps a tag, but for one that tagAt would not find: with a ">" inside, or longer.
func (st *styles) remember(src string, t *tagRead) {
	if len(src) > longestTag || strings.IndexByte(src, '>') < len(src)-1 {
		return
	}
	if st.tags == nil || len(st.tags) >= maxTags {
		st.tags = make(map[string]*tagRead)
	}
	st.tags[strings.Clone(src)] = t // the page is not kept
}

// elementOn names an element as selectors know it, and what else is known of it.
type elementOn struct {
	on             style
	tag, class, id string
}

// styles reads the style elements of a page.
func (m *Memory) styles(src string) *styles {
	list := styleElements(src)
	if len(list) == 0 {
		return &m.none
	}
	css := strings.Join(list, elementEnd) // one is not copied
	if known := m.sheets[css]; known != nil {
		return known
	}
	if len(css) <= longestSheet {
		css = strings.Clone(css) // the page is not kept
	}
	st := &styles{sheet: sheet{}, known: map[elementOn]style{}}
	at := 0
	read := sheetReader{simple: st.sheet}
	for _, l := range list {
		read.read(css[at : at+len(l)])
		if at += len(l) + len(elementEnd); len(st.sheet) >= maxRules {
			break
		}
	}
	size := 0
	if read.context {
		st.rules = newRules(read.list)
		for _, r := range read.list {
			size += len(r.selector) + len(r.body)
		}
	}
	for selector, rules := range st.sheet {
		tag, _ := lookup(selector)
		*st.named.of(tag)++
		size += len(selector) + len(rules)
	}
	if len(css) <= longestSheet && size <= largestSheet {
		if m.sheets == nil || len(m.sheets) >= maxSheets {
			m.sheets = make(map[string]*styles)
		}
		m.sheets[css] = st
	}
	return st
}

// elementEnd parts the style elements of a page: in none of them it can stand.
const elementEnd = "</style"

// ruled is the style of an element with what the sheet says of it, and the bytes that were read for it.
func (st *styles) ruled(on style, tag atom.Atom, name, class, id string) (s style, read int) {
	if len(st.sheet) == 0 || class == "" && id == "" && *st.named.of(tag) == 0 {
		return on, 0
	}
	key := elementOn{on, name, class, id}
	if known, ok := st.known[key]; ok {
		return known, 0
	}
	s = on
	read = st.sheet.apply(&s, name, class, id)
	s.content = "" // elements have none
	if len(st.known) < maxElements && len(class)+len(id) <= longestElementName {
		st.known[elementOn{on, strings.Clone(name), strings.Clone(class), strings.Clone(id)}] = s
	}
	return s, read
}
