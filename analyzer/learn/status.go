package learn

import (
	"hash/fnv"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/hostname"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/readstate"
	"github.com/mailaudit/mailaudit/analyzer/message"
)

// Thresholds of whether the Status fields of a file were written by its owner's mail program (READSTATE §1).
const (
	// statusSenders is from how many senders there has to be mail with a Status field at the end of its header. A sender
	// can write the field into his own mail, and one is one however much he sends; a mail program writes it into
	// whatever was looked at. Three are what a person has read in a folder that is hardly read.
	statusSenders = 3
	// toldShare is how many of the messages with X-Mozilla-Status have to say more than "read" before it means something.
	// In a store of an IMAP account none does; in one that keeps state, unread, answered and flagged mail come by.
	toldShare = 0.001
)

// statusMeans learns of which groups Status, and of which X-Mozilla-Status, says what was read.
func statusMeans(t *fact.Tally, p *fact.Profile) {
	for name, g := range t.Groups {
		senders := 0
		for _, n := range g.Statuses {
			if n > 0 {
				senders++
			}
		}
		if 2*g.Status > g.Messages || senders >= statusSenders {
			p.StatusMeans[name] = true
		}
		if g.Mozilla > 0 && float64(g.Told) < toldShare*float64(g.Mozilla) {
			p.MozillaSilent[name] = true
		}
	}
}

// status counts what the fields of a message show of the program that keeps the mailbox.
func (v *view) status(g *fact.GroupCount) {
	h := v.Header
	if h.Index("Status") >= 0 {
		g.Status++
		if readstate.Trailing(h) {
			g.Statuses[v.senderPlace()%uint64(len(g.Statuses))]++
		}
	}
	if told, ok := readstate.Mozilla(h); ok {
		g.Mozilla++
		if told {
			g.Told++
		}
	}
}

// senderPlace is a hash of the registrable domain of the sender: of the envelope where it is known, or else of From.
func (v *view) senderPlace() uint64 {
	from := v.Header.Get("Return-Path")
	if clean(from) == "" {
		if all := message.ParseAddresses(v.Header.Get("From")); len(all) > 0 {
			from = all[0].Address
		}
	}
	h := fnv.New64a()
	host := from[strings.LastIndexByte(from, '@')+1:]
	h.Write([]byte(hostname.Registrable(strings.ToLower(strings.Trim(host, "<> \t")))))
	return h.Sum64()
}
