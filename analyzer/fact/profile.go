package fact

import (
	"time"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// Profile is what was learned from all the mail, as the Tally shows it: trust, owner, contacts and label roles.
type Profile struct {
	// Trust says of which receivers what is believed, in a fixed order.
	Trust    []TrustRule
	Owner    map[string]bool // addresses, lower case
	Contacts map[uint64]bool // HashAddress of addresses the owner wrote to
	Answered map[uint64]bool // HashMessageID of messages the owner answered, as the sent mail shows
	// Labels are the roles of labels, "" where a label's role is not known: those of folders, and "unread", "opened" and
	// the like (readstate.Unread and so on).
	Labels map[string]finding.Folder
	// StatusMeans tells for a group whether Status fields in it were written by the owner's reader.
	StatusMeans map[string]bool
	// MozillaSilent tells for a group that X-Mozilla-Status says the same of every message in it, so that it says nothing.
	MozillaSilent map[string]bool
	// Ways are the ways through own hops by which nearly all mail of a machine comes in, in a fixed order.
	Ways []WayRule
	// Arrivals is the number of messages that arrived in an hour, counted from the Unix epoch.
	Arrivals map[int32]int32

	// Offset is the owner's zone in seconds east of UTC, as messages written here show it, where OffsetKnown is set.
	Offset      int
	OffsetKnown bool
	// OwnerUse counts the messages that show each address of Owner to be the owner's.
	OwnerUse map[string]int64
}

// WayRule is a way through own hops by which nearly all mail of a machine comes in.
type WayRule struct {
	Group    string // "" for every group
	Way      string // mailauth.Path.Way
	From, To int64  // when it holds, Unix seconds, To excluded; 0 for open ends
}

// Holds reports whether a span of time, open where an end is 0, holds a time; one that is not known lies in none but the
// one without ends.
func Holds(from, to, at int64) bool {
	if at == 0 {
		return from == 0 && to == 0
	}
	return (from == 0 || at >= from) && (to == 0 || at < to)
}

// TrustRule is one triple of AUTHENTICITY §2 with where it holds.
type TrustRule struct {
	Group      string // "" for every group
	From, To   int64  // when it holds, Unix seconds, To excluded; 0 for open ends
	Domain     string // registrable domain of the boundary's by-host
	AuthservID string // "" for the form without one; a leading "*." or "." matches any host below
	// Place is "above" or "below" the boundary hop, "" for either, or "nowhere": enough was seen of this receiver to know
	// that none of its results can be believed.
	Place    string
	Field    string // "" for Authentication-Results
	Messages int64
	// Fields is how many fields with this id it usually writes (0 for one). Last is set where it appends its field behind
	// the message's own ones, so that the last field counts and not the first. Always are the methods that it gives a
	// result of in every message.
	Always []string
	Fields int
	Last   bool
	// Unwritten are methods that this receiver hardly ever writes results of, so that one in its field is not its own: a
	// message that begins with white space continues the field above it.
	Unwritten []string
	// Years are the years in which it was seen to hold, in order.
	Years   []int
	Learned bool // from this mailbox
	Given   bool // by --trust
}

// Zone is the owner's time zone, nil where nothing shows it.
func (p *Profile) Zone() *time.Location {
	switch {
	case !p.OffsetKnown:
		return nil
	case p.Offset == 0:
		return time.UTC
	}
	return time.FixedZone("", p.Offset)
}
