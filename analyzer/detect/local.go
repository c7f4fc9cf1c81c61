package detect

import (
	"slices"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/hostname"
)

// localPart finds the brand in the local part of a foreign address: amazon-update@…, support-amazon.jp@…. Many mail
// programs on telephones show it for want of a display name.
func localPart(s *scene) {
	if s.official || s.local == "" || s.out.Alias != "" || s.via || s.has("context.namesake") {
		return
	}
	address := s.from.Address
	for _, d := range s.brand.Domains {
		if d.Role != brand.Retail && d.Role != brand.Service {
			continue
		}
		if i := strings.Index(s.local, d.Name); i >= 0 && wholeDomain(s.local, d.Name) && (i == 0 || !letter(s.local[i-1])) {
			s.add("brand.domain_in_local_part", address)
			s.add("brand.local_part", address)
			return
		}
	}
	words := s.words.Near
	tokens := strings.FieldsFunc(s.local, func(r rune) bool { return r < 'a' || r > 'z' && r < 0x80 })
	for _, w := range words {
		w = strings.ReplaceAll(w, " ", "")
		if len(w) < 4 || !strings.Contains(s.local, w) {
			continue
		}
		// A person who likes the brand has it in a free address, under a name of his own.
		if s.t.free[s.host] && s.name != "" && s.nameOf(s.name) == "" && !s.genericName(s.name) {
			s.addAs("brand.local_part", finding.Weak, address)
			return
		}
		if slices.Contains(tokens, w) || len(w) >= 6 && !slices.ContainsFunc(s.words.Not, func(n string) bool { return len(n) > len(w) && strings.Contains(s.local, n) }) {
			s.add("brand.local_part", address)
			return
		}
	}
	for _, t := range tokens {
		if slices.Contains(s.words.Not, t) {
			continue
		}
		for _, w := range s.words.Names {
			if len(w) >= 6 && len(t) >= 5 && isASCII(w) && hostname.Slip(t, w) {
				s.addAs("brand.local_part", finding.Medium, address)
				return
			}
		}
		if slices.Contains(s.words.Short, t) {
			s.addAs("brand.local_part", finding.Medium, address)
			return
		}
	}
}

// fromDomain finds a sender's domain that is made to look like the brand's.
func fromDomain(s *scene) {
	if s.official || s.host == "" || s.via || s.brandHost(s.host) || s.has("context.own_domain") || s.has("context.namesake") {
		return
	}
	if _, how, ok := hostname.LookAlike(s.host, s.hostWords(), s.words.Not...); ok && !s.thirdParty(s.host) {
		if how == hostname.Part {
			s.addAs("brand.from_domain", finding.Medium, s.host)
			return
		}
		s.add("brand.from_domain", s.host)
	}
}

// hostWords are the words of the brand that can stand in a host name.
func (s *scene) hostWords() []string {
	if s.wordsOfHosts == nil {
		s.wordsOfHosts = []string{}
		for _, w := range s.words.Near {
			if isASCII(w) && !strings.ContainsAny(w, ". '") {
				s.wordsOfHosts = append(s.wordsOfHosts, w)
			}
		}
	}
	return s.wordsOfHosts
}

// thirdParty reports whether host belongs to a company that is known to speak of brands in its own name.
func (s *scene) thirdParty(host string) bool {
	return slices.ContainsFunc(s.t.third, func(d string) bool { return hostname.Under(host, d) })
}
