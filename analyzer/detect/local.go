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
	if s.domainInLocal() {
		s.add("brand.domain_in_local_part", s.from.Address)
		s.add("brand.local_part", s.from.Address)
		return
	}
	switch named, slip := s.namedInLocal(), s.slipInLocal(); {
	case named && s.t.free[s.host] && s.name != "" && s.nameOf(s.name) == "" && !s.genericName(s.name):
		// A person who likes the brand has it in a free address, under a name of his own.
		s.addAs("brand.local_part", finding.Weak, s.from.Address)
	case named:
		s.add("brand.local_part", s.from.Address)
	case slip:
		s.addAs("brand.local_part", finding.Medium, s.from.Address)
	}
}

// domainInLocal reports whether the local part holds a domain of the brand as a whole.
func (s *scene) domainInLocal() bool {
	return slices.ContainsFunc(s.brand.Domains, func(d brand.Domain) bool {
		if d.Role != brand.Retail && d.Role != brand.Service {
			return false
		}
		i := strings.Index(s.local, d.Name)
		return i >= 0 && wholeDomain(s.local, d.Name) && (i == 0 || !letter(s.local[i-1]))
	})
}

// localWords are the words of the local part.
func (s *scene) localWords() []string {
	return strings.FieldsFunc(s.local, func(r rune) bool { return r < 'a' || r > 'z' && r < 0x80 })
}

// namedInLocal reports whether the local part holds a name of the brand, as a word or, where it is long, inside of one that is no
// innocent word.
func (s *scene) namedInLocal() bool {
	tokens := s.localWords()
	return slices.ContainsFunc(s.words.Near, func(w string) bool {
		w = strings.ReplaceAll(w, " ", "")
		if len(w) < 4 || !strings.Contains(s.local, w) {
			return false
		}
		innocent := func(n string) bool { return len(n) > len(w) && strings.Contains(s.local, n) }
		return slices.Contains(tokens, w) || len(w) >= brand.Slips && !slices.ContainsFunc(s.words.Not, innocent)
	})
}

// slipInLocal reports whether a word of the local part is a name of the brand with a slip in it, or an abbreviation.
func (s *scene) slipInLocal() bool {
	return slices.ContainsFunc(s.localWords(), func(t string) bool {
		if slices.Contains(s.words.Not, t) {
			return false
		}
		slip := func(w string) bool { return len(w) >= brand.Slips && len(t) >= 5 && isASCII(w) && hostname.Slip(t, w) }
		return slices.ContainsFunc(s.words.Names, slip) || slices.Contains(s.words.Short, t)
	})
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
