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
	if h.Scripts > 0 {
		s.add("html.script", "<script>")
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
		s.add("text.hidden", s.m.Hidden)
	}
	for _, src := range h.Images {
		if t, ok := parseTarget(src); ok && s.brandHost(t.host) && !s.official {
			s.add("brand.picture", src)
			break
		}
	}
}
