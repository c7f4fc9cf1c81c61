package detect

import "regexp"

// kits finds programs that send fakes by what they leave behind. One feature alone is shared with honest programs, so each
// kit says how many it needs (data/kits.toml).
func kits(s *scene) {
	if !s.posing.any() || s.has("context.discussion") {
		return
	}
	mailer, id, generator := s.m.Header.Get("X-Mailer"), s.m.MessageID, s.m.HTML.Generator
	for i := range s.t.kits {
		k := &s.t.kits[i]
		n, shown := 0, ""
		feature := func(patterns []*regexp.Regexp, value string) {
			if value == "" || len(value) > 500 {
				return
			}
			for _, re := range patterns {
				if re.MatchString(value) {
					n++
					if shown == "" {
						shown = value
					}
					return
				}
			}
		}
		feature(k.mailer, mailer)
		feature(k.messageID, id)
		feature(k.generator, generator)
		before := n
		for _, b := range s.m.Boundaries {
			if n == before {
				feature(k.boundary, b)
			}
		}
		for _, z := range k.zone {
			if n > 0 && z == s.m.Date.Zone {
				n++
				break
			}
		}
		if n >= k.need {
			s.addKit(k.name, shown)
		}
	}
}
