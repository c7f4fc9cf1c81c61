package analyzer

import (
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/learn"
	"github.com/mailaudit/mailaudit/analyzer/mailbox"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/readstate"
	"github.com/mailaudit/mailaudit/analyzer/message"
)

// observation is what every message tells the stage Learn.
func (x *extractor) observation(e *mailbox.Extent, h *message.Header) learn.Observation {
	return learn.Observation{Group: e.Mailbox.Group, Folder: e.Mailbox.Folder, Header: h, Envelope: e.Envelope}
}

// readState is what container, folder and the message's own fields say about reading and place, the first that speaks
// counting. What the fields Status and X-Status mean is known only when the whole mailbox has been read, so they are kept as
// they stand: outside an mbox where mutt puts them into the mail it copies.
func readState(e *mailbox.Extent, h *message.Header) (r *finding.Read, status, xstatus string) {
	fields := readstate.FromHeader(h, message.DecodeHeader)
	if e.Mbox || readstate.Trailing(h) {
		status, xstatus = fields.Status, fields.XStatus
	}
	var place *finding.Read
	if e.Mailbox.Folder != "" {
		place = &finding.Read{Folder: e.Mailbox.Folder, From: []string{"folder"}}
	}
	own := fields.Read
	if e.Mailbox.Elsewhere {
		own = readstate.Elsewhere(own)
	}
	return readstate.Join(readstate.Join(e.Read, place), own), status, xstatus
}
