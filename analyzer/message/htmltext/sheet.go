package htmltext

import "strings"

// sheet is what <style> elements say, for selectors of one element: tag, .class, #id, tag.class.
type sheet map[string]string

// rawRule is a selector that looks at more than an element's tag, class and id, with what it declares.
type rawRule struct{ selector, body string }

// Bounds of a sheet: mail has some hundreds of rules, and a group or two around them. What is beyond is not read.
const (
	maxRules  = 5000
	maxGroups = 8
)

// sheetReader reads the style elements of a page.
type sheetReader struct {
	simple  sheet
	list    []rawRule // all rules in order
	context bool      // one of them looks at other elements, attributes or places, and shows text otherwise than it stands
}

// read adds the rules of a style element.
func (r *sheetReader) read(css string) {
	css = dropComments(css)
	groups := 0 // conditional groups that are open: their rules count
	for len(css) > 0 && len(r.simple) < maxRules && len(r.list) < maxRules {
		open := strings.IndexByte(css, '{')
		if open < 0 {
			return
		}
		head := css[:open]
		for groups > 0 { // groups that end before it
			i := strings.IndexByte(head, '}')
			if i < 0 {
				break
			}
			head = head[i+1:]
			groups--
		}
		head = strings.TrimSpace(head)
		if i := strings.LastIndexByte(head, ';'); i >= 0 { // @import …;
			head = strings.TrimSpace(head[i+1:])
		}
		css = css[open+1:]
		if strings.HasPrefix(head, "@") {
			if groups < maxGroups && holds(head) {
				groups++
			} else {
				css = behind(css)
			}
			continue
		}
		end := strings.IndexByte(css, '}')
		if end < 0 {
			end = len(css)
		}
		body := css[:end]
		css = css[min(end+1, len(css)):]
		body = body[:min(len(body), longestRule)]
		for sel := range strings.SplitSeq(head, ",") {
			r.add(strings.TrimSpace(sel), body)
			if len(r.simple) >= maxRules || len(r.list) >= maxRules {
				return
			}
		}
	}
}

// holds reports whether the rules of a conditional group hold on the screen of any reader.
func holds(head string) bool {
	name, rest, _ := strings.Cut(strings.ToLower(head), " ")
	switch rest = strings.TrimSpace(rest); name {
	case "@media":
		return rest == "all" || rest == "screen" || rest == "only screen"
	case "@layer":
		return true
	case "@supports":
		return !strings.HasPrefix(rest, "not")
	}
	return false
}

func (r *sheetReader) add(sel, body string) {
	if sel == "" || len(sel) > longestRule {
		return
	}
	r.list = append(r.list, rawRule{sel, body})
	if strings.ContainsAny(sel, " >+~:[\t\n\r*\\") {
		r.context = r.context || rearranges(body)
		return
	}
	sel = strings.ToLower(sel)
	if len(r.simple[sel]) < longestRule {
		r.simple[sel] += ";" + body
	}
}

// rearranges reports whether declarations hide text, move it or put text in. Rules that only colour and size it are not
// worth looking at other elements for.
func rearranges(body string) bool {
	s := noStyle()
	s.declare(body)
	return s.gone || s.invisible > 0 || s.tiny > 0 || s.content != "" || s.moves() || s.foreground >= 0 && same(s.foreground, 0xffffff)
}

// longestRule bounds what is kept for one selector: a list of thousands, or the same one over and over, would multiply
// the work.
const longestRule = 2000

// behind is what follows the group whose brace is open.
func behind(css string) string {
	depth := 1
	for i := 0; i < len(css); i++ {
		switch css[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return css[i+1:]
			}
		}
	}
	return ""
}

func dropComments(css string) string {
	if strings.Contains(css, "<!--") || strings.Contains(css, "-->") {
		css = strings.ReplaceAll(strings.ReplaceAll(css, "<!--", ""), "-->", "")
	}
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

// apply adds the rules for an element to s: by tag, then class, then id, as specificity orders them. It gives the bytes it
// read.
func (sh sheet) apply(s *style, tag, class, id string) (read int) {
	if len(sh) == 0 {
		return 0
	}
	declare := func(selector string) {
		if css := sh[selector]; css != "" {
			s.declare(css)
			read += len(css)
		}
	}
	declare(tag)
	for _, c := range strings.Fields(strings.ToLower(class)) {
		declare("." + c)
		declare(tag + "." + c)
		read += len(c)
	}
	if id != "" {
		id = strings.ToLower(id)
		declare("#" + id)
		declare(tag + "#" + id)
	}
	return read
}
