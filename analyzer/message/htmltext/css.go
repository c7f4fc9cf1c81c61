package htmltext

import (
	"strconv"
	"strings"
	"unicode/utf8"
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

	// What shows text in another order than the source has it:
	direction int8   // 1 right to left, -1 left to right, 0 not given; children inherit it
	override  bool   // unicode-bidi: every letter goes in the direction
	flex      bool   // the element's children are laid out one after the other, and may have an order
	reverse   bool   // from the last to the first
	floats    bool   // to the right: the first of several stands last
	order     int16  // place among the children of a flex container
	content   string // of :before and :after, as written
}

// moves reports whether the style shows text elsewhere than its place in the source.
func (s *style) moves() bool {
	return s.override || s.flex || s.reverse || s.floats || s.order != 0 || s.direction != 0
}

func noStyle() style { return style{foreground: unset, background: unset} }

// declare reads declarations, "name: value; …", onto s. Later ones win.
func (s *style) declare(css string) {
	css = dropComments(css)
	for len(css) > 0 {
		var decl string
		decl, css = declaration(css)
		name, value, ok := strings.Cut(decl, ":")
		if !ok {
			continue
		}
		name = strings.ToLower(strings.TrimSpace(unescape(name)))
		value = strings.TrimSpace(value)
		if name == "content" {
			s.content = value // its letters are what is shown
			continue
		}
		value = strings.ToLower(unescape(value[:min(len(value), longestValue)]))
		if i := strings.LastIndexByte(value, '!'); i >= 0 && strings.TrimSpace(value[i+1:]) == "important" {
			value = strings.TrimSpace(value[:i])
		}
		s.property(name, value)
	}
	if s.absolute && s.away || s.clipped && (s.flat || s.narrow) {
		s.gone = true
	}
}

// longestValue bounds what is read of a value; longer ones are pictures in data URLs.
const longestValue = 4096

// declaration cuts the first declaration off, which a semicolon outside of strings and parentheses ends (CSS Syntax §5.4.4).
// A parenthesis that is never closed holds all that follows, a string that is never closed ends with its line.
func declaration(css string) (decl, rest string) {
	depth := 0
	for i := 0; i < len(css); i++ {
		switch c := css[i]; c {
		case '\\':
			i++
		case '"', '\'':
			for i++; i < len(css) && css[i] != c && css[i] != '\n'; i++ {
				if css[i] == '\\' {
					i++
				}
			}
		case '(':
			depth++
		case ')':
			depth = max(0, depth-1)
		case ';':
			if depth == 0 {
				return css[:i], css[i+1:]
			}
		}
	}
	return css, ""
}

// unescape undoes the escapes of CSS (Syntax §4.3.7): "d\69splay" is display.
func unescape(s string) string {
	i := strings.IndexByte(s, '\\')
	if i < 0 {
		return s
	}
	b := append(make([]byte, 0, len(s)), s[:i]...)
	for i < len(s) {
		if s[i] != '\\' {
			b = append(b, s[i])
			i++
			continue
		}
		i++
		n, r := 0, rune(0)
		for ; n < 6 && i+n < len(s); n++ {
			v, ok := hexDigit(s[i+n])
			if !ok {
				break
			}
			r = r<<4 | rune(v)
		}
		switch {
		case n > 0:
			if i += n; i < len(s) && space(s[i]) {
				i++
			}
			if r == 0 {
				r = utf8.RuneError
			}
			b = utf8.AppendRune(b, r)
		case i < len(s):
			if s[i] != '\n' { // a line end behind a backslash in a string is nothing
				b = append(b, s[i])
			}
			i++
		}
	}
	return string(b)
}

func hexDigit(c byte) (v byte, ok bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10, true
	}
	return 0, false
}

// property takes a property of an element that can matter to what its reader sees.
func (s *style) property(name, value string) {
	if set := properties[name]; set != nil {
		set(s, value)
	}
}

// properties are what each property does to a style.
var properties = map[string]func(s *style, value string){
	"display": func(s *style, value string) {
		// Only none hides; "display:none" of an mso conditional is in a comment and never gets here.
		s.gone = s.gone && value == "" || value == "none"
		s.flex = value == "flex" || value == "inline-flex" || value == "grid" || value == "inline-grid"
	},
	"direction": func(s *style, value string) { s.direction = directionOf(value) },
	"unicode-bidi": func(s *style, value string) {
		s.override = value == "bidi-override" || value == "isolate-override"
	},
	"flex-direction": (*style).flow,
	"flex-flow":      (*style).flow,
	"float":          func(s *style, value string) { s.floats = value == "right" },
	"order":          (*style).place,
	"-webkit-order":  (*style).place,
	"-ms-flex-order": (*style).place,
	"visibility": func(s *style, value string) {
		s.invisible = -1
		if value == "hidden" || value == "collapse" {
			s.invisible = 1
		}
	},
	"opacity": func(s *style, value string) {
		if v, ok := number(value); ok && v < 0.05 {
			s.gone = true
		}
	},
	"font-size": (*style).fontSize,
	"font": func(s *style, value string) {
		for _, word := range strings.Fields(value) {
			if word[0] >= '0' && word[0] <= '9' {
				size, _, _ := strings.Cut(word, "/")
				s.fontSize(size)
				break
			}
		}
	},
	"color":            func(s *style, value string) { s.foreground = parseColour(value) },
	"background-color": func(s *style, value string) { s.background = parseColour(value) },
	"background":       (*style).backgrounds,
	"background-image": func(s *style, value string) {
		if value != "none" {
			s.background = unknown
		}
	},
	"overflow":    (*style).overflow,
	"overflow-y":  (*style).overflow,
	"max-height":  (*style).height,
	"height":      (*style).height,
	"line-height": (*style).height,
	"max-width":   (*style).width,
	"width":       (*style).width,
	"position":    func(s *style, value string) { s.absolute = value == "absolute" || value == "fixed" },
	"left":        (*style).offset,
	"top":         (*style).offset,
	"right":       (*style).offset,
	"bottom":      (*style).offset,
	"text-indent": (*style).indent,
	"margin-left": (*style).indent,
	"clip-path": func(s *style, value string) {
		s.gone = s.gone || strings.HasPrefix(value, "inset(50%") || strings.HasPrefix(value, "inset(100%") || strings.HasPrefix(value, "circle(0")
	},
	"transform": func(s *style, value string) {
		s.gone = s.gone || strings.HasPrefix(value, "scale(0)") || strings.HasPrefix(value, "scale(0,")
	},
	"clip": func(s *style, value string) {
		s.away = s.away || strings.HasPrefix(value, "rect(0") || strings.HasPrefix(value, "rect(1px")
	},
}

func (s *style) flow(value string) { s.reverse = strings.Contains(value, "-reverse") }

func (s *style) place(value string) {
	if v, ok := number(value); ok {
		s.order = int16(max(-1000, min(1000, v)))
	}
}

func (s *style) backgrounds(value string) {
	s.background = unknown
	for _, word := range strings.Fields(value) {
		if c := parseColour(word); c >= 0 {
			s.background = c
		}
	}
	if strings.Contains(value, "url(") || strings.Contains(value, "gradient") {
		s.background = unknown
	}
}

func (s *style) overflow(value string) { s.clipped = value == "hidden" || value == "clip" }

func (s *style) height(value string) { s.flat = s.flat || nothing(value) }

func (s *style) width(value string) { s.narrow = s.narrow || nothing(value) }

// nothing reports whether a length is none that can be seen.
func nothing(value string) bool {
	v, ok := number(value)
	return ok && (v == 0 || v <= 1 && strings.HasSuffix(value, "px"))
}

func (s *style) offset(value string) { s.away = s.away || farOut(value) }

func (s *style) indent(value string) { s.gone = s.gone || farOut(value) }

// farOut reports whether a length moves what it moves off the page.
func farOut(value string) bool {
	v, ok := number(value)
	return ok && v <= -500
}

func directionOf(value string) int8 {
	switch strings.ToLower(strings.TrimSpace(value)) {
	case "rtl":
		return 1
	case "ltr":
		return -1
	}
	return 0
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

// same reports whether text of one colour cannot be seen on the other. Spam writes #fefefe on #ffffff.
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
