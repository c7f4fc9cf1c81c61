// Package timeline puts the judged messages in order and finds what belongs together.
//
// It works on Entries: a few dozen bytes for each message, so that a million of them fit in memory; what else is needed
// of a message is fetched from the spool by its position.
package timeline

import "github.com/mailaudit/mailaudit/analyzer/fact"

// Entry is one judged message.
type Entry struct {
	Content  uint64 // first eight bytes of the content digest, big endian: the message id
	Time     int64  // Unix seconds; 0 where no clock can be believed
	Order    uint64 // hash of the first order number, 0 where there is none
	Pos      uint32 // ordinal of the fact on the spool
	Account  uint32 // index of the account (recipient and marketplace) among the accounts of the scan
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
	Unnoticed
	Deleted
)

// Has tells whether all flags of o are set.
func (f Flags) Has(o Flags) bool { return f&o == o }

// Lookup fetches the fact at a position of the spool.
type Lookup func(pos uint32) (*fact.Fact, error)
