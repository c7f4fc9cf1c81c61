package mailbox

import (
	"bytes"
	"errors"
	"io"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/content"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/mapi"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/msg"
)

// msgEntries is how many storages and streams of a .msg file are looked at. A message has some fifty, and fifteen an attachment
// and a recipient.
const msgEntries = 100_000

// outlookMessage reads a .msg file: one message, which is put together again as it travelled. What is accounted for are the
// bytes of that message; a file that gives none is lost.
func (w *walk) outlookMessage(s *stream) error {
	data, err := io.ReadAll(io.LimitReader(s.r, w.cfg.Limits.Message+1))
	size := max(s.size, int64(len(data)))
	if stop := w.stop(err); stop != nil {
		return sinkError{stop}
	}
	lost := func(stage, reason string) error {
		w.count.Bytes += size
		w.count.Problem += size
		return w.problem(w.location(s.path, 0, size), stage, reason, true)
	}
	switch {
	case err != nil:
		return lost("io", plain(err))
	case int64(len(data)) > w.cfg.Limits.Message:
		return lost("limit", "an Outlook message larger than is read (limit "+limit.NameMessage+")")
	}
	m, err := msg.Read(data, msg.Limits{Depth: w.cfg.Limits.Depth, Entries: msgEntries})
	if errors.Is(err, msg.ErrLimit) {
		return lost("limit", err.Error()+" (limit "+limit.NameParts+")")
	}
	if err != nil {
		return lost(outlookStage, "the Outlook message (.msg) can't be read: "+plain(err))
	}
	if !m.IsMail() {
		w.count.Bytes += size
		w.count.Skipped += size
		return w.skipped(s.path, size, "outlook_item")
	}
	c := mapi.Convert(m, mapi.Limits{Header: w.cfg.Limits.Header, Text: w.cfg.Limits.Text, Depth: w.cfg.Limits.Depth, Held: int64(w.cfg.Limits.Attachment)})
	var out bytes.Buffer
	if _, err := io.Copy(&out, c.Reader()); err != nil {
		return lost(outlookStage, plain(err))
	}
	b := w.bundle(s.path, s.path, string(content.MSG))
	b.rebuilt = true
	one := &stream{path: s.path, name: s.name, size: int64(out.Len()), r: bytes.NewReader(out.Bytes())}
	if err := w.oneMessage(b, one, content.Eml, messageState(m)); err != nil {
		return err
	}
	for _, reason := range c.Problems {
		if err := w.problem(w.location(s.path, 0, c.Size), outlookStage, reason, false); err != nil {
			return err
		}
	}
	return b.flush()
}

// messageState is what a .msg file keeps of reading and answering its message, as it was when the message was saved.
func messageState(m *mapi.Message) *finding.Read {
	s := m.State(nil)
	r := &finding.Read{Seen: s.Seen, Replied: s.Replied, Forwarded: s.Forwarded, Flagged: s.Flagged, From: []string{outlookStage}}
	if r.IsZero() {
		return nil
	}
	return r
}
