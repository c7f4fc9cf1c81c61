package timeline

import (
	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// IsUnnoticed is the rule of the word "unnoticed": a security or account event of severity medium or higher that the
// brand surely or likely sent, and that is known to be never seen or never opened, or that lies in spam or trash.
// Inside an incident this holds for Prime, orders placed and gift cards too, whatever their severity. An unknown read
// state is neither noticed nor unnoticed; a one-time code never counts: it is used up before anybody looks for it.
//
// What was read and thrown away is how tidy people live and how somebody hides what he did: it counts only where something
// else was hidden too.
//
// A message whose start in its mbox is in doubt is never counted: it may be text of another one.
func IsUnnoticed(event finding.Event, severity finding.Severity, verdict finding.Verdict, f fact.Flags, inIncident, hiding bool) bool {
	if !verdict.FromAmazon() || f.Has(fact.StartDoubt) || event == finding.OTP {
		return false
	}
	switch event.Class() {
	case "security", "account":
		if severity.Level() < finding.MediumS.Level() {
			return false
		}
	case "prime", "giftcard":
		if !inIncident {
			return false
		}
	default:
		if !inIncident || event != finding.OrderPlaced {
			return false
		}
	}
	return unseen(f, hiding)
}

// unseen reports whether a notice is known to be unread, or lies where its owner does not see it.
func unseen(f fact.Flags, hiding bool) bool {
	return f.KnownUnread() || f.Has(fact.InSpam) || thrown(f) && (hiding || !f.KnownRead())
}
