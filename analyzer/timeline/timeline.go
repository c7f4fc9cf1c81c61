// Package timeline puts the judged messages in order and finds what belongs together.
//
// It works on Entries: a few dozen bytes for each message, so that a million of them fit in memory; what else is needed
// of a message is fetched from the spool by its position.
//
// An incident is a set of genuine notices of one account that together tell more than each of them: changes to an
// account and purchases within 72 hours, with Amazon's own response. Each kind is one rule in one file, with the
// samples that make it and those that look alike and don't. The rules never cross accounts (recipient and marketplace),
// take only what the brand itself sent, and let a fake in as context only. A rule looks at the notices it is made of
// and at nothing else, so that unrelated mail never changes what it finds.
package timeline

import (
	"cmp"
	"slices"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// Entry is one judged message, copies counted once. It must stay below 64 bytes: a million of them are held at once.
type Entry struct {
	Content  uint64 // first eight bytes of the content digest, big endian: the message id
	Time     int64  // Unix seconds; 0 where no clock can be believed
	Order    uint64 // hash of the first order number, 0 where there is none
	Pos      uint32 // ordinal of the fact on the spool
	Account  uint32 // index of the account (recipient and marketplace) among the accounts of the scan
	Line     uint32 // hash of the card's last digits or the subscription's name: tells series of one issuer apart; 0 for none
	Brand    uint16 // index of the brand
	Flags    Flags
	Event    uint8 // index in finding.Events
	Verdict  uint8 // index in finding.Verdicts
	Severity uint8 // finding.Severity.Level
}

// Flags are what is known of an entry.
type Flags uint16

// Flags.
const (
	SeenKnown Flags = 1 << iota
	Seen
	OpenedKnown
	Opened
	InSpam
	InTrash
	InArchive
	Replied
	ClockDoubt
	RiskHigh
	StartDoubt
	Deleted
	MoreOrders // the notice names more than one order
	Digital    // the first order number is of a digital order (D01-…)
)

// Has tells whether all flags of o are set.
func (f Flags) Has(o Flags) bool { return f&o == o }

// Lookup fetches the fact at a position of the spool.
type Lookup func(pos uint32) (*fact.Fact, error)

// Account is one recipient at one marketplace: incidents and series never cross accounts.
type Account struct {
	Address     string // lower case; "" where it is not known who received the message
	Marketplace string // "co.jp"; "" where the brand has none
}

// String names the account as finding.Message.Account does: "address/marketplace", or the address alone, or "" where the
// recipient is not known.
func (a Account) String() string {
	if a.Address == "" || a.Marketplace == "" {
		return a.Address
	}
	return a.Address + "/" + a.Marketplace
}

// Name is the account as people know it: "address (amazon.co.jp)"; "" where nothing is known of it.
func (a Account) Name() string {
	switch {
	case a.Marketplace == "":
		return a.Address
	case a.Address == "":
		return "amazon." + a.Marketplace
	}
	return a.Address + " (amazon." + a.Marketplace + ")"
}

// Same tells whether an entry of account o can be context for account a: the same recipient, and no other marketplace.
// A fake often names none.
func (a Account) Same(o Account) bool {
	return a.Address == o.Address && (a.Marketplace == o.Marketplace || a.Marketplace == "" || o.Marketplace == "")
}

// EventIndex is the index of e in finding.Events, and that of finding.OtherEvent for what is not there.
func EventIndex(e finding.Event) uint8 {
	if i := slices.Index(finding.Events(), e); i >= 0 {
		return uint8(i)
	}
	return uint8(slices.Index(finding.Events(), finding.OtherEvent))
}

// VerdictIndex is the index of v in finding.Verdicts, and that of finding.Mention for what is not there.
func VerdictIndex(v finding.Verdict) uint8 {
	if i := slices.Index(finding.Verdicts(), v); i >= 0 {
		return uint8(i)
	}
	return uint8(slices.Index(finding.Verdicts(), finding.Mention))
}

// words are the lists that the indexes of an Entry point into, fetched once.
type words struct {
	events   []finding.Event
	verdicts []finding.Verdict
}

func newWords() words { return words{events: finding.Events(), verdicts: finding.Verdicts()} }

func (w words) event(e *Entry) finding.Event {
	if int(e.Event) < len(w.events) {
		return w.events[e.Event]
	}
	return finding.OtherEvent
}

func (w words) verdict(e *Entry) finding.Verdict {
	if int(e.Verdict) < len(w.verdicts) {
		return w.verdicts[e.Verdict]
	}
	return finding.Mention
}

// Compare orders entries by time, then by content, so that the order is the same in every run: entries without a
// believable time come first.
func Compare(a, b *Entry) int {
	if c := cmp.Compare(a.Time, b.Time); c != 0 {
		return c
	}
	if c := cmp.Compare(a.Content, b.Content); c != 0 {
		return c
	}
	return cmp.Compare(a.Pos, b.Pos)
}

// ID is the id of the message (finding.Message.ID).
func (e *Entry) ID() string { return MessageID(e.Content) }

// MessageID is the id of the message whose content digest begins with these bytes.
func MessageID(content uint64) string { return "m-" + hex16(content) }

// When is the time of the entry in UTC, zero where it has none.
func (e *Entry) When() time.Time {
	if e.Time == 0 {
		return time.Time{}
	}
	return time.Unix(e.Time, 0).UTC()
}

// KnownRead tells whether the mailbox says that the message was opened, or seen where it keeps no note of opening.
func (f Flags) KnownRead() bool {
	if f.Has(OpenedKnown) {
		return f.Has(Opened)
	}
	return f.Has(SeenKnown | Seen)
}

// KnownUnread tells whether the mailbox says that the message was never seen or never opened. What was opened and
// marked unread again was seen.
func (f Flags) KnownUnread() bool {
	if f.Has(OpenedKnown) {
		return !f.Has(Opened)
	}
	return f.Has(SeenKnown) && !f.Has(Seen)
}

func hex16(v uint64) string {
	const digits = "0123456789abcdef"
	var b [16]byte
	for i := 15; i >= 0; i-- {
		b[i] = digits[v&15]
		v >>= 4
	}
	return string(b[:])
}
