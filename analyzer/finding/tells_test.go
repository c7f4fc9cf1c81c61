package finding_test

import (
	"testing"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// TestTells: a sentence for what a nightly run prints, and what it keeps for the report.
func TestTells(t *testing.T) {
	for _, c := range []struct {
		why      string
		severity finding.Severity
		tell     bool
		failOn   finding.Severity
		want     bool
	}{
		{"a takeover", finding.Critical, true, finding.High, true},
		{"a change that the owner has read", finding.MediumS, false, finding.High, false},
		{"a statement that did not come", finding.MediumS, true, finding.High, true},
		{"a statement that did not come, and the owner wants the gravest only", finding.Low, true, finding.Critical, true},
		{"a grave item, and the owner wants the gravest only", finding.High, true, finding.Critical, false},
		{"a change that the owner has read, and all is wanted", finding.MediumS, false, finding.Low, true},
		{"the owner wants nothing", finding.Critical, true, "", false},
	} {
		a := finding.Attention{Severity: c.severity, Tell: c.tell}
		if got := a.Tells(c.failOn); got != c.want {
			t.Errorf("%s: %v, want %v", c.why, got, c.want)
		}
	}
}
