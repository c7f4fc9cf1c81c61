package htmltext

import (
	"strings"

	"golang.org/x/net/html/atom"
)

// attributes are those that matter here.
type attributes struct {
	href, src, alt, action, content, httpEquiv, name, style, class, id, color, bgcolor, background, face, lang, typ, value, size, dir string
	hasHref, hidden, hasSize                                                                                                          bool
}

// read takes what matters out of the attributes of a tag. Of several with one name the first counts.
func (a *attributes) read(list []attribute) {
	var seen uint32
	for i := range list {
		bit, to := a.field(list[i].key)
		if bit == 0 || seen&bit != 0 {
			continue
		}
		seen |= bit
		if to != nil {
			*to = attributeValue(list[i].value)
		}
	}
}

// field is where an attribute's value belongs, with a bit that stands for its name; 0 for one that does not matter here.
func (a *attributes) field(key string) (bit uint32, to *string) {
	var low [len("http-equiv")]byte // none is longer
	if len(key) > len(low) {
		return 0, nil
	}
	n := copy(low[:], key)
	for i := range n {
		low[i] = lowerByte(low[i])
	}
	switch string(low[:n]) {
	case "href":
		if a.hasHref {
			return 0, nil
		}
		a.hasHref = true
		return 1 << 0, &a.href
	case "xlink:href":
		if a.hasHref {
			return 0, nil
		}
		a.hasHref = true
		return 1 << 1, &a.href
	case "src":
		return 1 << 2, &a.src
	case "alt":
		return 1 << 3, &a.alt
	case "action":
		return 1 << 4, &a.action
	case "formaction":
		return 1 << 5, &a.action
	case "content":
		return 1 << 6, &a.content
	case "http-equiv":
		return 1 << 7, &a.httpEquiv
	case "name":
		return 1 << 8, &a.name
	case "style":
		return 1 << 9, &a.style
	case "class":
		return 1 << 10, &a.class
	case "id":
		return 1 << 11, &a.id
	case "color":
		return 1 << 12, &a.color
	case "bgcolor":
		return 1 << 13, &a.bgcolor
	case "background":
		return 1 << 14, &a.background
	case "face":
		return 1 << 15, &a.face
	case "lang":
		return 1 << 16, &a.lang
	case "type":
		return 1 << 17, &a.typ
	case "value":
		return 1 << 18, &a.value
	case "size":
		a.hasSize = true
		return 1 << 19, &a.size
	case "dir":
		return 1 << 21, &a.dir
	case "hidden":
		a.hidden = true
		return 1 << 20, nil
	}
	return 0, nil
}

// element does what an element means besides being an element, and reports whether that may be anything.
func (r *reader) element(tag atom.Atom, a *attributes) (means bool) {
	switch tag {
	case atom.A:
		if a.hasHref {
			r.closeLink()
			r.loose.write(" ", false)
			r.inLink, r.link = true, Link{Target: CleanURL(a.href), Source: "html", Hidden: r.hiddenNow()}
			r.anchorDepth = len(r.stack)
			r.label.reset()
			r.labelHidden.reset()
			r.alt = ""
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
	default:
		return false
	}
	return true
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
			if r.inLink && r.alt == "" {
				r.alt = words(alt)
			}
		}
	case atom.Br:
		r.breakLine()
	case atom.Hr:
		r.breakLine()
	case atom.Area:
		if a.hasHref {
			r.addLink(Link{Shown: words(a.alt), Target: CleanURL(a.href), Source: "area", Hidden: concealed})
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
	if !r.inLink {
		return
	}
	l := r.link
	r.inLink = false
	l.Shown = words(r.label.String())
	if l.Shown == "" {
		l.Shown = r.alt
	}
	if l.Shown == "" && len(r.labelHidden.b) > 0 {
		l.Hidden = true
		l.Shown = words(r.labelHidden.String())
	}
	r.addLink(l)
}
