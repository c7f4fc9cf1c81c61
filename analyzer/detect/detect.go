// Package detect finds signals: single observations in one message that speak for or against a claim about who sent it.
//
// A detector looks at one thing (the display name, the links, the mailer, …), knows nothing of the mailbox and decides
// nothing. Each detector is a file of its own, beside its good and bad samples. What a signal is worth is said by what
// it speaks for and its strength; what follows from all of them is the business of package verdict.
package detect

import (
	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/message"
	"github.com/mailaudit/mailaudit/analyzer/message/attachment"
)

// Input is what detectors look at.
type Input struct {
	Message *message.Message
	Brands  *brand.Set
	Limits  limit.Limits
	// Inspect looks into pictures and PDF; nil does it in this process (see package attachment).
	Inspect attachment.Inspector
}

// Output is what all detectors together found.
type Output struct {
	Brand       string // the brand the message is about; "" where it speaks of none
	Marketplace string
	Signals     []finding.Signal
	Links       []finding.Link
	Attachments []finding.Attachment
	ContentRisk string // "none", "low", "high"
	Forward     string // "", "inline", "attached"
	ForwardOnly bool
	Alias       string
	Inner       bool // Brand and Signals come from an enclosed message
}
