package detect

import (
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/hostname"
)

// place is a host that links lead to or pass through, with all that is the same for every link there. The links of a
// message lead to few hosts, so it is worked out once for each.
type place struct {
	host     string
	alone    []string     // the host as a list of one
	brand    *brand.Brand // whose it is; nil for nobody's that is known
	domain   brand.Domain
	official bool        // a link there is that brand's own
	entries  []*LinkHost // what links.toml says of it and of what it lies below, the longest name first
	own      bool        // below the sender's own domain
	list     bool        // of the mailing list that carried the message

	alike string // how it was made to look like the brand's, once asked
	asked bool
}

// place returns what is known of a host.
func (s *scene) place(host string) *place {
	if s.lastPlace != nil && s.lastPlace.host == host {
		return s.lastPlace
	}
	if p, ok := s.places[host]; ok {
		s.lastPlace = p
		return p
	}
	p := &place{host: host, alone: []string{host}, entries: s.t.entries(host)}
	if s.in.Brands != nil {
		p.brand, p.domain, _ = s.in.Brands.Lookup(host)
		p.official = p.brand != nil && (p.domain.Role == brand.Retail || p.domain.Role == brand.Service)
	}
	p.own = s.host != "" && (hostname.Under(host, s.registrable(s.host)) || s.fromSelf != "" && hostname.Under(host, s.registrable(s.fromSelf))) && !hostname.Private(host)
	p.list = s.listHost(host)
	if s.places == nil {
		s.places = map[string]*place{}
	}
	s.places[host], s.lastPlace = p, p
	return p
}

// registrable is hostname.Registrable of one of the sender's domains.
func (s *scene) registrable(host string) string {
	if host != s.ownHost || s.ownRegistrable == "" {
		s.ownHost, s.ownRegistrable = host, hostname.Registrable(host)
	}
	return s.ownRegistrable
}

// entries are the entries for a host and the domains above it that count wherever in the path.
func (t *tables) entries(host string) (found []*LinkHost) {
	for h := host; h != ""; _, h, _ = strings.Cut(h, ".") {
		list := t.links[h]
		for i := range list {
			if e := &list[i]; e.Path != "" || len(list) == 1 || e.Kind == "benign" {
				found = append(found, e)
			}
		}
	}
	return found
}

// entry returns the entry that counts for a path; nil for none.
func (p *place) entry(path string) *LinkHost {
	for _, e := range p.entries {
		if strings.HasPrefix(path, e.Path) {
			return e
		}
	}
	return nil
}

// lookAlike tells how a host that is not the brand's was made to look as if it were: one of hostname's ways, "suffix", or
// "" for not at all.
func (s *scene) lookAlike(p *place) string {
	if p.asked {
		return p.alike
	}
	p.asked = true
	_, how, ok := hostname.LookAlike(p.host, s.hostWords(), s.words.Not...)
	switch {
	case ok && !s.thirdParty(p.host) && !(p.own && !s.has("brand.from_domain") && how == hostname.Near):
		p.alike = how
	case s.falseSuffix(p.host):
		p.alike = "suffix"
	}
	return p.alike
}

// listHost reports whether a host lies in a domain of the mailing list which carried the message.
func (s *scene) listHost(host string) bool {
	post := s.m.Header.Get("List-Post")
	if s.m.ListID == "" && !s.via && post == "" {
		return false
	}
	registrable := hostname.Registrable(host)
	return s.via && registrable == hostname.Registrable(s.fromSelf) ||
		strings.Contains(strings.ToLower(s.m.ListID), "."+registrable+">") || strings.Contains(strings.ToLower(post), registrable)
}

// falseSuffix reports whether a host has a marketplace's suffix inside, as labels that are not its end:
// www.co.jp.example.cn, co-jp.example.top.
func (s *scene) falseSuffix(host string) bool {
	registrable := hostname.Registrable(host)
	rest := strings.TrimSuffix(host, registrable)
	for _, fake := range []string{"co.jp.", "jp.co.", "co.ip.", "co-jp.", "co-jp-", "com-jp.", ".com-", "www.com."} {
		if strings.HasPrefix(rest, fake) || strings.Contains(rest, "."+strings.TrimPrefix(fake, ".")) {
			return true
		}
	}
	label, _, _ := strings.Cut(registrable, ".")
	return strings.Contains(label, "co-jp") && s.language == "ja"
}
