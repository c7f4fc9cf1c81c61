package htmltext

import "golang.org/x/net/html/atom"

// pop closes the innermost open element with the tag, and what is open inside it. An end tag does not reach out of a
// table cell.
func (r *reader) pop(tag atom.Atom) {
	if *r.open.of(tag) == 0 {
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
		if len(r.nodes) > i {
			if i < len(r.stack) && r.nodes[i].after != "" {
				r.stack = r.stack[:i+1]
				r.insert(r.nodes[i].after)
			}
			r.nodes = r.nodes[:i]
		}
		if len(r.regions)+len(r.boxes) > 0 {
			r.settle(i)
		}
		*r.open.of(r.stack[i].tag)--
		if r.inLink && i < r.anchorDepth {
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
		if *r.open.of(c) == 0 {
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
	if r.inLink {
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
	if r.inLink {
		r.label.write(" ", false)
	} else {
		r.loose.write(" ", false)
	}
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

// lookup is the element's atom and its name in lower case; an unknown element gets a number of its own, so that its end
// tag finds it.
func lookup(name string) (atom.Atom, string) {
	var low [maxElementName]byte
	if len(name) <= len(low) {
		n := copy(low[:], name)
		for i := range n {
			low[i] = lowerByte(low[i])
		}
		if a := atom.Lookup(low[:n]); a != 0 {
			return a, a.String()
		}
	}
	name = lowerName(name)
	h := uint32(2166136261) // FNV-1a
	for i := range len(name) {
		h = (h ^ uint32(name[i])) * 16777619
	}
	return atom.Atom(h | foreign), name
}

// maxElementName is more than the longest name that HTML knows.
const maxElementName = 32

// htmlElement reports whether a "/" at the end of a start tag means nothing, as for all elements that HTML knows.
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
