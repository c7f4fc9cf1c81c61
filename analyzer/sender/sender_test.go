package sender

import (
	"testing"

	"github.com/mailaudit/mailaudit/analyzer/brand"
)

// TestResolve: an official domain is that, however it is written; written oddly it is marked.
func TestResolve(t *testing.T) {
	for _, c := range []struct {
		address, host string
		official, odd bool
	}{
		{"order-update@amazon.de", "amazon.de", true, false},
		{"order-update@Amazon.DE", "amazon.de", true, false},
		{"x@ama\u200bzon.de", "amazon.de", true, true},
		{"x@ama\u00adzon.de", "amazon.de", true, true},
		{"x@ａｍａｚｏｎ.de", "amazon.de", true, true},
		{"x@𝐚𝐦𝐚𝐳𝐨𝐧.𝐝𝐞", "amazon.de", true, true},
		{"x@amazon．de", "amazon.de", true, true},
		{"x@amazon.de@kyoku.example", "kyoku.example", false, false},
		{"x@amazon.de.kyoku.example", "amazon.de.kyoku.example", false, false},
		{"x@а\u006dazon.de", "xn--mazon-3ve.de", false, false},
		{"amazon", "", false, false},
	} {
		got := Resolve(c.address, brand.Builtin())
		if got.Host != c.host || got.Official != c.official || got.Odd != c.odd {
			t.Errorf("Resolve(%q) = host %q, official %v, odd %v", c.address, got.Host, got.Official, got.Odd)
		}
	}
}
