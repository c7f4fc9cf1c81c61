package verdict

import (
	"testing"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// TestStrangersTrap has what customers of the brand write into messages that it delivers for them.
func TestStrangersTrap(t *testing.T) {
	signal := func(id, for_ string, strength finding.Strength) finding.Signal {
		return finding.Signal{ID: id, For: for_, Strength: strength}
	}
	threat := signal("text.threat", finding.ForImpersonation, finding.Weak)
	away := signal("risk.unofficial_link", finding.ForRisk, finding.Medium)
	confirm := signal("action.confirm", finding.ForAction, finding.Medium)
	call := signal("action.call", finding.ForAction, finding.Medium)
	claim := signal("brand.subject", finding.ForPosing, finding.Medium)
	alike := signal("link.look_alike", finding.ForImpersonation, finding.Strong)
	for _, c := range []struct {
		name    string
		signals []finding.Signal
		want    bool
	}{
		{"a locked account, to be confirmed on a foreign host", []finding.Signal{threat, away, confirm}, true},
		{"the brand's account in the subject, to be confirmed on a foreign host", []finding.Signal{claim, away, confirm}, true},
		{"a page to confirm on a host that looks like the brand's", []finding.Signal{alike, confirm}, true},
		{"a charge, and a number to call", []finding.Signal{threat, call}, true},
		{"a customer's own service asks to confirm an address on its own host", []finding.Signal{away, confirm}, false},
		{"a seller's link to a carrier", []finding.Signal{away}, false},
		{"a threat that asks for nothing elsewhere", []finding.Signal{threat, confirm}, false},
		{"a seller's telephone number", []finding.Signal{call}, false},
	} {
		if got := (&sender{signals: c.signals}).strangersTrap(); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
