package htmltext

import (
	"strconv"
	"strings"
)

// colour is 0xRRGGBB, or one of the values below.
type colour int32

const (
	unset   colour = -1 // not given here: inherited
	unknown colour = -2 // given, but not as a plain colour (a picture, a gradient, a variable)
)

// style is what a set of declarations says about being seen. It holds the properties that hide text and nothing else.
type style struct {
	gone       bool // display:none, opacity:0, off-screen, cut to nothing: children cannot undo it
	invisible  int8 // visibility: 1 hidden, -1 visible, 0 not given; children can undo it
	tiny       int8 // font-size: 1 nothing to see, -1 readable, 0 not given; children can undo it
	foreground colour
	background colour

	absolute, clipped, flat, narrow, away bool // parts of rules that only count together
}

func noStyle() style { return style{foreground: unset, background: unset} }

// declare reads declarations, "name: value; …", onto s. Later ones win.
func (s *style) declare(css string) {
	for len(css) > 0 {
		decl := css
		if i := declarationEnd(css); i >= 0 {
			decl, css = css[:i], css[i+1:]
		} else {
			css = ""
		}
		name, value, ok := strings.Cut(decl, ":")
		if !ok {
			continue
		}
		name = strings.ToLower(strings.TrimSpace(name))
		value = strings.ToLower(strings.TrimSpace(value))
		value = strings.TrimSpace(strings.TrimSuffix(value, "!important"))
		s.property(name, value)
	}
	if s.absolute && s.away || s.clipped && (s.flat || s.narrow) {
		s.gone = true
	}
}

// declarationEnd is the index of the semicolon that ends a declaration, outside of url(…).
func declarationEnd(css string) int {
	i := strings.IndexByte(css, ';')
	if p := strings.IndexByte(css, '('); p >= 0 && p < i {
		if q := strings.IndexByte(css[p:], ')'); q >= 0 && p+q > i {
			if j := strings.IndexByte(css[p+q:], ';'); j >= 0 {
				return p + q + j
			}
			return -1
		}
	}
	return i
}

func (s *style) property(name, value string) {
	switch name {
	case "display":
		// Only none hides; "display:none" of an mso conditional is in a comment and never gets here.
		s.gone = s.gone && value == "" || value == "none"
	case "visibility":
		s.invisible = -1
		if value == "hidden" || value == "collapse" {
			s.invisible = 1
		}
	case "opacity":
		if v, ok := number(value); ok && v < 0.05 {
			s.gone = true
		}
	case "font-size":
		s.fontSize(value)
	case "font":
		for _, word := range strings.Fields(value) {
			if word[0] >= '0' && word[0] <= '9' {
				size, _, _ := strings.Cut(word, "/")
				s.fontSize(size)
				break
			}
		}
	case "color":
		s.foreground = parseColour(value)
	case "background-color":
		s.background = parseColour(value)
	case "background":
		s.background = unknown
		for _, word := range strings.Fields(value) {
			if c := parseColour(word); c >= 0 {
				s.background = c
			}
		}
		if strings.Contains(value, "url(") || strings.Contains(value, "gradient") {
			s.background = unknown
		}
	case "background-image":
		if value != "none" {
			s.background = unknown
		}
	case "overflow", "overflow-y":
		s.clipped = value == "hidden" || value == "clip"
	case "max-height", "height", "line-height":
		if v, ok := number(value); ok && (v == 0 || v <= 1 && strings.HasSuffix(value, "px")) {
			s.flat = true
		}
	case "max-width", "width":
		if v, ok := number(value); ok && (v == 0 || v <= 1 && strings.HasSuffix(value, "px")) {
			s.narrow = true
		}
	case "position":
		s.absolute = value == "absolute" || value == "fixed"
	case "left", "top", "right", "bottom":
		if v, ok := number(value); ok && v <= -500 {
			s.away = true
		}
	case "text-indent", "margin-left":
		if v, ok := number(value); ok && v <= -500 {
			s.gone = true
		}
	case "clip":
		if strings.HasPrefix(value, "rect(0") || strings.HasPrefix(value, "rect(1px") {
			s.away = true
		}
	}
}

// fontSize: a pixel or a point is no letter; 2 px is what some newsletters really use for spacing.
func (s *style) fontSize(value string) {
	v, ok := number(value)
	if !ok {
		if value != "inherit" && value != "" {
			s.tiny = -1 // medium, larger, calc(…)
		}
		return
	}
	s.tiny = -1
	switch {
	case v == 0, v <= 1 && (strings.HasSuffix(value, "px") || strings.HasSuffix(value, "pt") || value == "1"):
		s.tiny = 1
	case v <= 0.1 && strings.HasSuffix(value, "em"), v <= 5 && strings.HasSuffix(value, "%"):
		s.tiny = 1
	}
}

// number reads the number that a value starts with.
func number(value string) (float64, bool) {
	i := 0
	for i < len(value) && i < 16 && (value[i] >= '0' && value[i] <= '9' || value[i] == '.' || i == 0 && (value[i] == '-' || value[i] == '+')) {
		i++
	}
	v, err := strconv.ParseFloat(value[:i], 64)
	return v, err == nil
}

// named are the colours that text is hidden with.
var named = map[string]colour{
	"white": 0xffffff, "black": 0x000000, "snow": 0xfffafa, "ivory": 0xfffff0, "ghostwhite": 0xf8f8ff,
	"whitesmoke": 0xf5f5f5, "floralwhite": 0xfffaf0, "gray": 0x808080, "grey": 0x808080, "silver": 0xc0c0c0,
	"lightgray": 0xd3d3d3, "lightgrey": 0xd3d3d3, "red": 0xff0000, "green": 0x008000, "blue": 0x0000ff,
	"yellow": 0xffff00, "orange": 0xffa500, "navy": 0x000080, "purple": 0x800080, "maroon": 0x800000,
	"teal": 0x008080, "lime": 0x00ff00, "aqua": 0x00ffff, "fuchsia": 0xff00ff, "olive": 0x808000,
}

func parseColour(value string) colour {
	value = strings.ToLower(strings.TrimSpace(value))
	if c, ok := named[value]; ok {
		return c
	}
	switch {
	case value == "" || value == "inherit" || value == "transparent" || value == "initial" || value == "none":
		return unset
	case strings.HasPrefix(value, "rgb"):
		return rgb(value)
	}
	hex := strings.TrimPrefix(value, "#")
	if len(hex) == 3 || len(hex) == 4 {
		hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
	}
	if len(hex) == 8 {
		hex = hex[:6]
	}
	if len(hex) != 6 {
		return unknown
	}
	n, err := strconv.ParseUint(hex, 16, 32)
	if err != nil {
		return unknown
	}
	return colour(n)
}

// rgb reads rgb(1,2,3) and rgba(1 2 3 / 0); a colour that is not opaque enough is unknown.
func rgb(value string) colour {
	_, args, ok := strings.Cut(value, "(")
	if !ok {
		return unknown
	}
	f := strings.FieldsFunc(args, func(r rune) bool { return r == ',' || r == ' ' || r == ')' || r == '/' })
	if len(f) < 3 {
		return unknown
	}
	var c colour
	for _, p := range f[:3] {
		v, ok := number(p)
		if !ok || v < 0 || v > 255 {
			return unknown
		}
		c = c<<8 | colour(v)
	}
	if len(f) > 3 {
		if a, ok := number(f[3]); !ok || a < 0.9 {
			return unknown
		}
	}
	return c
}

// same tells whether text of one colour cannot be seen on the other. Spam writes #fefefe on #ffffff.
func same(a, b colour) bool {
	if a < 0 || b < 0 {
		return false
	}
	for shift := 0; shift <= 16; shift += 8 {
		d := (a>>shift)&0xff - (b>>shift)&0xff
		if d > 10 || d < -10 {
			return false
		}
	}
	return true
}

// sheet is what <style> elements say, for selectors of one element: tag, .class, #id, tag.class. Selectors that look at
// other elements are left out: they cannot be judged without the tree, and reading them loosely would hide text that
// is shown.
type sheet map[string]string

// maxRules bounds a sheet; mail has some hundreds.
const maxRules = 5000

// read adds the rules of a style element.
func (sh sheet) read(css string) {
	css = dropComments(css)
	for len(css) > 0 && len(sh) < maxRules {
		open := strings.IndexByte(css, '{')
		if open < 0 {
			return
		}
		head := strings.TrimSpace(css[:open])
		if i := strings.LastIndexByte(head, ';'); i >= 0 { // @import …;
			head = strings.TrimSpace(head[i+1:])
		}
		css = css[open+1:]
		if strings.HasPrefix(head, "@") {
			inner, rest := braces(css)
			media := strings.TrimSpace(strings.TrimPrefix(strings.ToLower(head), "@media"))
			if media == "all" || media == "screen" || media == "only screen" {
				sh.read(inner)
			}
			css = rest
			continue
		}
		end := strings.IndexByte(css, '}')
		if end < 0 {
			end = len(css)
		}
		body := css[:end]
		css = css[min(end+1, len(css)):]
		for _, sel := range strings.Split(head, ",") {
			sel = strings.ToLower(strings.TrimSpace(sel))
			if sel != "" && !strings.ContainsAny(sel, " >+~:[\t\n\r*") && len(sh[sel]) < longestRule {
				sh[sel] += ";" + body[:min(len(body), longestRule)]
			}
			if len(sh) >= maxRules {
				return
			}
		}
	}
}

// longestRule bounds what is kept for one selector: a list of thousands, or the same one over and over, would multiply
// the work.
const longestRule = 2000

// braces gives what is inside of braces that are already open, and the rest.
func braces(css string) (inner, rest string) {
	depth := 1
	for i := 0; i < len(css); i++ {
		switch css[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return css[:i], css[i+1:]
			}
		}
	}
	return css, ""
}

func dropComments(css string) string {
	css = strings.ReplaceAll(strings.ReplaceAll(css, "<!--", ""), "-->", "")
	if !strings.Contains(css, "/*") {
		return css
	}
	var b strings.Builder
	for {
		i := strings.Index(css, "/*")
		if i < 0 {
			b.WriteString(css)
			return b.String()
		}
		b.WriteString(css[:i])
		css = css[i+2:]
		j := strings.Index(css, "*/")
		if j < 0 {
			return b.String()
		}
		css = css[j+2:]
	}
}

// apply adds the rules for an element to s: by tag, then class, then id, as specificity orders them.
func (sh sheet) apply(s *style, tag, class, id string) {
	if len(sh) == 0 {
		return
	}
	s.declare(sh[tag])
	for _, c := range strings.Fields(strings.ToLower(class)) {
		s.declare(sh["."+c])
		s.declare(sh[tag+"."+c])
	}
	if id != "" {
		id = strings.ToLower(id)
		s.declare(sh["#"+id])
		s.declare(sh[tag+"#"+id])
	}
}
