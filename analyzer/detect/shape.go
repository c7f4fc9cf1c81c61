package detect

import "regexp"

// orderID is the brand's order number: retail, digital and Amazon Pay (DOMAIN §1.4).
var orderID = regexp.MustCompile(`(?:^|[^0-9-])(\d{3}-\d{7}-\d{7}|[dp]\d{2}-\d{7}-\d{7})(?:$|[^0-9-])`)

// shape finds what the brand's own notices look like. It corroborates and never proves: fakes copy all of it.
func shape(s *scene) {
	if !s.official {
		return
	}
	official, other := 0, 0
	for i := range s.links {
		l := &s.links[i]
		switch {
		case l.rec.From == "image":
		case l.official:
			official++
		case l.acts() && !l.unsubscribe:
			other++
		}
	}
	if official > 0 && other == 0 {
		s.add("shape.official_links", s.links[0].host)
	}
	if s.brand.Kind == "amazon" {
		if m := orderID.FindStringSubmatch(cut(s.text, min(len(s.text), 16<<10))); m != nil {
			s.add("shape.order_id", m[1])
		}
	}
}
