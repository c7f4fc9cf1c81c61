package view

import (
	"context"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// Redact is replaced in a moment.
func Redact(ctx context.Context, src finding.Reader, p *Printer) (finding.Reader, error) {
	return src, nil
}
