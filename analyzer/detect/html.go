package detect

import (
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// Thresholds of hidden text, in bytes: a preview line with its padding has some hundred bytes, a word salad thousands.
const (
	hiddenMin   = 600
	hiddenTimes = 2 // times the shown text
	// deepHTML is a nesting that no program needs; parsers that build trees give up at 512.
	deepHTML = 256
)

// chineseFonts are font families of Chinese systems.
var chineseFonts = []string{"微软雅黑", "microsoft yahei", "simsun", "宋体", "simhei", "黑体", "nsimsun", "dengxian", "fangsong"}

// htmlSignals judges what the HTML does besides showing text.
func htmlSignals(s *scene) {
	h := &s.m.HTML
	if !h.Present || !s.posing.any() {
		return
	}
	for _, action := range h.Forms {
		if u, ok := s.unwrap(action); ok && !s.in.Brands.Official(u.host) {
			s.add("html.form", action)
		} else if action == "" {
			s.addAs("html.form", finding.Medium, "<form>")
		}
	}
	if h.Scripts > 0 && h.Scripts > s.markup() {
		strength := finding.Medium
		if s.official && s.onlyOfficial() {
			strength = finding.Weak // the brand's own pages bear programs of its own
		}
		s.addAs("html.script", strength, "<script>")
	}
	if h.MaxDepth > deepHTML {
		s.add("html.depth", "")
	}
	if s.language == "ja" {
		for _, f := range h.Fonts {
			for _, c := range chineseFonts {
				if strings.Contains(f, c) {
					s.add("html.font", f)
					break
				}
			}
		}
	}
	if h.HiddenLen > hiddenMin && h.HiddenLen > hiddenTimes*h.ShownLen {
		strength := finding.Medium
		if s.official {
			strength = finding.Weak // the brand's own mail hides preview lines and parts for telephones
		}
		s.addAs("text.hidden", strength, s.m.Hidden)
	}
	if s.official {
		return
	}
	for _, src := range h.Images {
		if t, ok := parseTarget(src); ok && s.brandHost(t.host) {
			s.add("brand.picture", src)
			break
		}
	}
}

// markup counts scripts that are none: order data for mail programs to read (schema.org in JSON-LD), which shops and the
// brand put into their mail.
func (s *scene) markup() int {
	n := 0
	for _, b := range s.m.Bodies {
		if b.Type == "text/html" {
			n += strings.Count(b.Text, "application/ld+json")
		}
	}
	return n
}

// onlyOfficial reports whether the message has links to act, and all lead to the brand.
func (s *scene) onlyOfficial() bool {
	official := 0
	for i := range s.links {
		switch l := &s.links[i]; {
		case l.rec.From == "image" || l.benign || l.unsubscribe:
		case l.official || s.brandHost(l.host):
			official++
		default:
			return false
		}
	}
	return official > 0
}
