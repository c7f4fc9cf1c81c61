package verdict

import (
	"slices"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/readstate"
)

// Read is the read state of one stored message: what its container and labels say, and the Status fields where this
// file's own messages show that a reader wrote them. It is nil where nothing is known.
func Read(f *fact.Fact, p *fact.Profile) *finding.Read {
	var r finding.Read
	if f.Read != nil {
		r = *f.Read
	}
	if p.MozillaSilent[f.Group] && !slices.Contains(r.From, "summary") {
		if own := readstate.Elsewhere(&r); own != nil {
			r = *own
		} else {
			r = finding.Read{}
		}
	}
	// A message without Status is new in an mbox. In another store it has no flag from there.
	if p.StatusMeans[f.Group] && (f.Status != "" || f.Envelope != nil) {
		r = *readstate.Join(&r, readstate.Status(f.Status, f.XStatus))
	}
	if slices.Contains(r.From, "gmail") {
		r = *readstate.Join(&r, readstate.Labelled(r.Labels, p.Labels))
	}
	// What was answered on another device bears no flag here.
	if (r.Replied == nil || !*r.Replied) && answered(f, p) {
		r.Replied = flag(true)
		r.From = append(r.From, "sent")
	}
	// A Maildir keeps what was thrown away in its folder, with the flag T, until it is expunged.
	if r.Deleted != nil && *r.Deleted && slices.Contains(r.From, "maildir") && r.Folder != finding.Spam {
		r.Folder = finding.Trash
	}
	if r.IsZero() {
		return nil
	}
	return &r
}

// answered reports whether a message among the sent ones answers this one: it names its Message-ID, and the owner wrote to
// the address that answers go to. The id alone would not do, since a fake can bear that of a message that was answered.
func answered(f *fact.Fact, p *fact.Profile) bool {
	if f.MessageID == "" || !p.Answered[fact.HashMessageID(f.MessageID)] {
		return false
	}
	to := f.ReplyTo
	if len(to) == 0 {
		to = f.From
	}
	for _, a := range to {
		if p.Contacts[fact.HashAddress(a.Address)] {
			return true
		}
	}
	return false
}

func flag(v bool) *bool { return &v }

// Merge merges the read state of the copies of one message. It was seen, opened, answered or forwarded if any copy says
// so, and known not to be only if no copy says otherwise. The place is the most visible one: the inbox, then the archive;
// a message is in spam or trash only if every copy with a known place is. Labels are united.
func Merge(copies []*finding.Read) *finding.Read {
	var out finding.Read
	places := make(map[finding.Folder]bool)
	for _, r := range copies {
		if r == nil {
			continue
		}
		or(&out.Seen, r.Seen)
		or(&out.Opened, r.Opened)
		or(&out.Replied, r.Replied)
		or(&out.Forwarded, r.Forwarded)
		or(&out.Flagged, r.Flagged)
		and(&out.Deleted, r.Deleted)
		if r.Folder != "" {
			places[r.Folder] = true
		}
		out.Labels = union(out.Labels, r.Labels)
		out.From = union(out.From, r.From)
	}
	for _, f := range []finding.Folder{finding.Inbox, finding.Archive, finding.Other, finding.Sent, finding.Drafts, finding.Spam, finding.Trash} {
		if places[f] {
			out.Folder = f
			break
		}
	}
	if out.IsZero() {
		return nil
	}
	return &out
}

func or(dst **bool, v *bool) {
	if v != nil && (*dst == nil || *v) {
		*dst = flag(*v)
	}
}

func and(dst **bool, v *bool) {
	if v != nil && (*dst == nil || !*v) {
		*dst = flag(*v)
	}
}

func union(a, b []string) []string {
next:
	for _, s := range b {
		for _, t := range a {
			if s == t {
				continue next
			}
		}
		a = append(a, s)
	}
	return a
}
