package fact

import (
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// Profile is what was learned from all the mail, in two steps: trust, owner, contacts and label roles from the Tally;
// then, under that trust, confirmed selectors, sending accounts and copies from the Facts.
type Profile struct {
	// Trust lists the receivers whose results are believed.
	Trust []TrustRule
	// Own are the registrable domains of the owner's receivers, by group and year: see TrustRule for the wildcards.
	Owner    map[string]bool // addresses, lower case
	Contacts map[uint64]bool // HashAddress of addresses the owner wrote to
	Labels   map[string]finding.Folder
	// StatusMeans tells for a group whether Status fields in it were written by the owner's reader.
	StatusMeans map[string]bool
	// Arrivals is the number of messages that arrived in an hour, counted from the Unix epoch.
	Arrivals map[int32]int32

	// Selectors are "selector._domainkey.domain" that a trusted result passed, with the number of messages.
	Selectors map[string]int
	// Accounts are sending accounts (the account part of a Feedback-ID) seen on messages with an aligned trusted pass.
	Accounts map[string]int
}

// TrustRule is one triple of DOMAIN §5.2 with where it holds.
type TrustRule struct {
	Group      string // "" for every group
	FromYear   int    // 0 for every year
	ToYear     int
	Domain     string // registrable domain of the boundary's by-host
	AuthservID string // "" for the form without one; a leading "*." or "." matches any host below
	Place      string // "above" or "below" the boundary hop, or "" for either
	Field      string // "" for Authentication-Results
	Messages   int64
	Learned    bool // from this mailbox
	Given      bool // by --trust
}
