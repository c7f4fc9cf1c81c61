package learn

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/mailauth"
)

// Report is what was learned, for the record stream, in a fixed order.
func Report(p *fact.Profile) finding.Profile {
	var out finding.Profile
	for a := range p.Owner {
		out.Owner = append(out.Owner, a)
	}
	slices.SortFunc(out.Owner, func(a, b string) int {
		return cmp.Or(cmp.Compare(p.OwnerUse[b], p.OwnerUse[a]), strings.Compare(a, b))
	})
	out.Trust = trusted(p.Trust)
	if len(p.Labels) > 0 {
		out.Labels = make(map[string]string, len(p.Labels))
		for l, role := range p.Labels {
			out.Labels[l] = string(role)
		}
	}
	return out
}

// line is what rules are listed under: groups and years are merged.
type line struct {
	domain, id, place string
	learned, given    bool
}

// trusted lists what is believed of which receiver. Years in a row are written as one span. Rules for groups go before
// those for all groups, whose messages are the same.
func trusted(rules []fact.TrustRule) []finding.Trust {
	type sum struct {
		years        map[int]bool
		groups       map[string]bool
		inGroups, in int64 // messages by rules for groups, and for all
	}
	sums := make(map[line]*sum)
	var order []line
	for _, r := range rules {
		if r.Place == mailauth.Nowhere {
			continue
		}
		k := line{r.Domain, r.AuthservID, r.Place, r.Learned, r.Given}
		s := sums[k]
		if s == nil {
			s = &sum{years: make(map[int]bool), groups: make(map[string]bool)}
			sums[k] = s
			order = append(order, k)
		}
		switch {
		case r.Group != "":
			for _, y := range r.Years {
				s.years[y] = true
			}
			if !s.groups[r.Group] {
				s.inGroups += r.Messages // several spans of time are of the same messages
			}
			s.groups[r.Group] = true
		default:
			for _, y := range r.Years {
				s.years[y] = true
			}
			s.in = r.Messages
		}
	}
	slices.SortFunc(order, func(a, b line) int {
		return cmp.Or(strings.Compare(a.domain, b.domain), strings.Compare(a.id, b.id), strings.Compare(a.place, b.place),
			strings.Compare(fmt.Sprint(a.learned, a.given), fmt.Sprint(b.learned, b.given)))
	})
	var out []finding.Trust
	for _, k := range order {
		s := sums[k]
		out = append(out, finding.Trust{
			Domain: k.domain, AuthservID: k.id, Place: k.place, Learned: k.learned, Given: k.given,
			Years: spans(s.years), Messages: cmp.Or(s.in, s.inGroups),
		})
	}
	return out
}

// spans writes years as spans: "2019-2022, 2024".
func spans(years map[int]bool) string {
	all := make([]int, 0, len(years))
	for y := range years {
		all = append(all, y)
	}
	slices.Sort(all)
	var out []string
	for i := 0; i < len(all); {
		j := i
		for j+1 < len(all) && all[j+1] == all[j]+1 {
			j++
		}
		if i == j {
			out = append(out, fmt.Sprint(all[i]))
		} else {
			out = append(out, fmt.Sprintf("%d-%d", all[i], all[j]))
		}
		i = j + 1
	}
	return strings.Join(out, ", ")
}
