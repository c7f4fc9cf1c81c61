package analyzer

import (
	"slices"
	"strconv"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/learn"
	"github.com/mailaudit/mailaudit/analyzer/mailbox"
	"github.com/mailaudit/mailaudit/analyzer/message"
)

// observation is what every message tells the stage Learn.
func (x *extractor) observation(e *mailbox.Extent, h *message.Header) learn.Observation {
	return learn.Observation{Group: e.Mailbox.Group, Folder: e.Mailbox.Folder, Header: h, Envelope: e.Envelope}
}

// readState is what the container and the message's own fields say about reading and place. What the fields Status and
// X-Status mean is known only when the whole file has been read, so they are kept as they stand.
func readState(e *mailbox.Extent, h *message.Header) (r *finding.Read, status, xstatus string) {
	var out finding.Read
	if e.Read != nil {
		out = *e.Read
		out.From = slices.Clone(out.From)
	}
	if out.Folder == "" && e.Mailbox.Folder != "" {
		out.Folder = e.Mailbox.Folder
		out.From = append(out.From, "folder")
	}
	if labels := learn.Labels(h); labels != nil {
		out.Labels = labels
		out.From = append(out.From, "gmail")
	}
	if e.Mbox {
		mozilla(&out, h)
		status, xstatus = h.Get("Status"), h.Get("X-Status")
	}
	if out.IsZero() {
		return nil, status, xstatus
	}
	return &out, status, xstatus
}

// Flags of X-Mozilla-Status (Mozilla's nsMsgMessageFlags).
const (
	mozillaRead      = 0x0001
	mozillaReplied   = 0x0002
	mozillaMarked    = 0x0004
	mozillaExpunged  = 0x0008 // deleted, but still in the file until it is compacted
	mozillaForwarded = 0x1000
)

// mozilla reads the state that Thunderbird keeps in its own mbox files. It writes the field above all others, so only one
// that stands above the first Received field counts: one below came with the message.
func mozilla(out *finding.Read, h *message.Header) {
	at := h.Index("X-Mozilla-Status")
	if received := h.Index("Received"); at < 0 || received >= 0 && at > received {
		return
	}
	v, err := strconv.ParseUint(strings.TrimSpace(h.Fields[at].Value()), 16, 32)
	if err != nil {
		return
	}
	is := func(bit uint64) *bool {
		b := v&bit != 0
		return &b
	}
	out.Seen, out.Replied, out.Forwarded = is(mozillaRead), is(mozillaReplied), is(mozillaForwarded)
	out.Flagged, out.Deleted = is(mozillaMarked), is(mozillaExpunged)
	out.From = append(out.From, "mozilla")
}
