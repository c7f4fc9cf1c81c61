package mailauth

import (
	"net/netip"
	"strings"
)

//go:generate go test -run ^TestTablesAreGenerated$ -update

// receiver is one row of the fixed table of receivers (data/receivers.toml).
type receiver struct {
	Name       string   `toml:"name"`
	Domain     string   `toml:"domain"` // registrable domain that stands for the receiver
	Hosts      []string `toml:"hosts"`  // all its machines, as patterns
	MX         []string `toml:"mx"`     // those of them that take mail in from outside
	Inner      []string `toml:"inner"`  // those that never do
	IDs        []string `toml:"ids"`    // authserv-ids; "" is the form without one
	Place      string   `toml:"place"`  // "above" or "below"
	Fields     int      `toml:"fields"` // how many fields with one id it writes; 0 for one
	Always     bool     `toml:"always"` // it writes results on every message that it takes in
	Networks   []string `toml:"networks"`
	Confidence string   `toml:"confidence"`
	Source     string   `toml:"source"`
	Date       string   `toml:"date"`
}

// sealer is a service whose ARC seals are believed (data/sealers.toml).
type sealer struct {
	Domain string   `toml:"domain"`
	IDs    []string `toml:"ids"`
	Source string   `toml:"source"`
	Date   string   `toml:"date"`
}

// forwarder is a set of machines that pass on mail of others (data/forwarders.toml).
type forwarder struct {
	Kind   string   `toml:"kind"` // "list", "alias", "forward"
	Names  []string `toml:"names"`
	Source string   `toml:"source"`
	Date   string   `toml:"date"`
}

// corporate is the path of a brand's employees (data/corporate.toml).
type corporate struct {
	Brand     string   `toml:"brand"`
	Selectors []string `toml:"selectors"`
	Hosts     []string `toml:"hosts"`
	Source    string   `toml:"source"`
	Date      string   `toml:"date"`
}

// match reports whether s, in lower case, fits a pattern in which "*" stands for any characters, none included.
func match(pattern, s string) bool {
	if n := len(pattern); n > 0 && pattern[n-1] != '*' && (s == "" || s[len(s)-1] != pattern[n-1]) {
		return false // most end otherwise
	}
	head, rest, star := strings.Cut(pattern, "*")
	if !star {
		return pattern == s
	}
	if !strings.HasPrefix(s, head) {
		return false
	}
	s = s[len(head):]
	for {
		var part string
		part, rest, star = strings.Cut(rest, "*")
		if !star {
			return strings.HasSuffix(s, part)
		}
		i := strings.Index(s, part)
		if i < 0 {
			return false
		}
		s = s[i+len(part):]
	}
}

func matchAny(patterns []string, s string) bool {
	for _, p := range patterns {
		if match(p, s) {
			return true
		}
	}
	return false
}

// receiverOf returns the row of the table that a host belongs to, nil for none.
func receiverOf(host string) *receiver {
	if host == "" {
		return nil
	}
	for i := range receivers {
		if matchAny(receivers[i].Hosts, host) || matchAny(receivers[i].MX, host) {
			return &receivers[i]
		}
	}
	return nil
}

// contains reports whether an address lies in the receiver's own networks.
func (r *receiver) contains(a netip.Addr) bool {
	for _, n := range r.Networks {
		if p, err := netip.ParsePrefix(n); err == nil && p.Contains(a) {
			return true
		}
	}
	return false
}
