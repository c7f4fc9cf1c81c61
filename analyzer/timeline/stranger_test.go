package timeline

import (
	"testing"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

func TestAlike(t *testing.T) {
	for _, c := range []struct {
		says, a, b string
		want       bool
	}{
		{"the same name at another provider", "hanako.yamada@example.jp", "yamada55@example.net", true},
		{"a short name, whole", "aki.21@example.com", "aki1984@example.net", true},
		{"a sub-address is not the name", "kx77+hanako@example.com", "hanako@example.net", false},
		{"another name", "hanako@example.jp", "kx77@mail.example.ru", false},
		{"letters in common, none of them a name", "miki@example.com", "kim2@example.net", false},
		{"nothing but digits", "0901234@example.com", "0901234@example.net", false},
		{"no address", "", "x@example.net", false},
	} {
		if got := alike(c.a, c.b); got != c.want {
			t.Errorf("%s: %v", c.says, got)
		}
	}
}

func TestCountryDomain(t *testing.T) {
	for _, c := range []struct {
		tld, market string
		want        bool
	}{
		{"ru", "co.jp", true},
		{"jp", "co.jp", false},
		{"de", "com", true},
		{"uk", "co.uk", false},
		{"io", "co.jp", false},
		{"com", "co.jp", false},
		{"ru", "", false},
	} {
		if got := countryDomain(c.tld, c.market); got != c.want {
			t.Errorf(".%s at amazon.%s: %v", c.tld, c.market, got)
		}
	}
}

// TestEntry: only a place and a kind of device that are both new are strange.
func TestEntry(t *testing.T) {
	known := func(list ...finding.Details) *usual {
		u := &usual{make(map[string]bool), make(map[string]bool), make(map[string]bool), 0}
		for i := range list {
			u.add(&list[i])
		}
		return u
	}
	home := []finding.Details{{Device: "iPhone", Near: "Osaka, Japan"}, {Device: "Chrome Windows", Near: "Osaka, Japan"}, {Device: "Apple iOS", Near: "Kyoto, Japan"}}
	for _, c := range []struct {
		says string
		u    *usual
		d    finding.Details
		want string
	}{
		{"at home", known(home...), finding.Details{Device: "iPad", Near: "Osaka, Japan"}, ""},
		{"a new device at home", known(home...), finding.Details{Device: "Pixel 9", Near: "Osaka, Japan"}, ""},
		{"a new device in a new town", known(home...), finding.Details{Device: "Pixel 9", Near: "Sendai, Japan"}, "entry.unusual"},
		{"travel", known(home...), finding.Details{Device: "Mobile Safari iOS", Near: "Paris, France"}, ""},
		{"far away on what the owner never had", known(home...), finding.Details{Device: "Firefox Linux", Near: "Lagos, Nigeria"}, "entry.stranger"},
		{"far away, and no device is named", known(home...), finding.Details{Near: "Lagos, Nigeria"}, "entry.abroad"},
		{"far away, and nothing is known of the owner", known(), finding.Details{Device: "Firefox Linux", Near: "Lagos, Nigeria"}, "entry.abroad"},
		{"at home, and nothing is known of the owner", known(), finding.Details{Device: "Firefox Linux", Near: "Osaka, Japan"}, ""},
		{"where the owner was before", known(append(home, finding.Details{Device: "iPhone", Near: "Paris, France"})...), finding.Details{Device: "Firefox Linux", Near: "Lyon, France"}, "entry.unusual"},
		{"the notice says nothing", known(home...), finding.Details{}, ""},
	} {
		if got := c.u.entry(&c.d, "co.jp"); got != c.want {
			t.Errorf("%s: %q, want %q", c.says, got, c.want)
		}
	}
}
