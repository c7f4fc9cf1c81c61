package learn

import (
	"reflect"
	"testing"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

func TestBearing(t *testing.T) {
	base := func() *fact.Profile {
		return &fact.Profile{
			Trust: []fact.TrustRule{{Domain: "isp.example", Messages: 20}, {Group: "a", Domain: "isp.example"}}, Owner: map[string]bool{"me@isp.example": true},
			Labels: map[string]finding.Folder{"Spam": finding.Spam, "family": ""}, StatusMeans: map[string]bool{"b": true}, MozillaSilent: map[string]bool{"a": true},
		}
	}
	for _, c := range []struct {
		says   string
		change func(*fact.Profile)
		groups []string // for which something else holds
	}{
		{"more messages bear out the same rule", func(p *fact.Profile) { p.Trust[0].Messages, p.Trust[0].Years = 21, []int{2026} }, nil},
		{"a label of which nothing is known", func(p *fact.Profile) { p.Labels["x"] = "" }, nil},
		{"contacts and answers bear on single messages", func(p *fact.Profile) { p.Contacts = map[uint64]bool{1: true} }, nil},
		{"another rule for every group", func(p *fact.Profile) { p.Trust[0].Place = "above" }, []string{""}},
		{"another rule for one group", func(p *fact.Profile) { p.Trust[1].Place = "above" }, []string{"a"}},
		{"no rule for it any more", func(p *fact.Profile) { p.Trust = p.Trust[:1] }, []string{"a"}},
		{"Status means nothing in one group", func(p *fact.Profile) { p.StatusMeans = nil }, []string{"b"}},
		{"X-Mozilla-Status means something in one group", func(p *fact.Profile) { p.MozillaSilent = nil }, []string{"a"}},
		{"another address of the owner", func(p *fact.Profile) { p.Owner["you@isp.example"] = true }, []string{""}},
		{"the role of a label", func(p *fact.Profile) { p.Labels["family"] = finding.Other }, []string{""}},
	} {
		p := base()
		c.change(p)
		was, now := Bearing(base()), Bearing(p)
		var got []string
		for _, g := range []string{"", "a", "b"} {
			if was[g] != now[g] {
				got = append(got, g)
			}
		}
		if !reflect.DeepEqual(got, c.groups) {
			t.Errorf("%s: %q, want %q", c.says, got, c.groups)
		}
	}
}
