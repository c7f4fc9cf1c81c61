package readstate

import (
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// Header is what the fields of a message say.
type Header struct {
	Read *finding.Read // nil where they say nothing
	// Status and XStatus are the fields of that name, to be read by Status where the mailbox shows that a reader wrote them.
	Status, XStatus string
}

// FromHeader reads the fields of a message, in order, as (name, unfolded value). decode decodes RFC 2047.
//
// X-Gmail-Labels and X-Mozilla-* are believed only above every field that came with the mail, where Takeout and
// Thunderbird write them. With Gmail, Opened is false for a message without the label Opened, which holds only where the
// export knows that label at all: older exports don't.
func FromHeader(fields iter.Seq2[string, string], decode func(string) string) Header {
	var h Header
	var r finding.Read
	top := true
	mozilla := map[string]string{}
	for name, value := range fields {
		name = strings.ToLower(name)
		top = top && exporters(name)
		switch name {
		case "status":
			h.Status = first(h.Status, value)
		case "x-status":
			h.XStatus = first(h.XStatus, value)
		case "x-gmail-labels":
			if top && !slices.Contains(r.From, "gmail") {
				gmail(&r, SplitLabels(decode(value)))
			}
		case "x-mozilla-status", "x-mozilla-status2", "x-mozilla-keys":
			if _, twice := mozilla[name]; top && !twice {
				mozilla[name] = strings.TrimSpace(value)
			}
		case "x-microsoft-antispam-mailbox-delivery":
			// Exchange Online notes where it delivered to: dest:J is the junk folder, dest:I the inbox.
			if r.Folder == "" && strings.Contains(value, "dest:J") {
				r.Folder = finding.Spam
				r.From = append(r.From, "microsoft")
			}
		}
	}
	thunderbird(&r, mozilla)
	if !r.IsZero() {
		h.Read = &r
	}
	return h
}

// exporters knows the fields that exporters and mail programs put above all others.
func exporters(name string) bool {
	switch name {
	case "status", "x-status", "x-keywords", "x-uid", "x-uidl", "x-account-key", "x-gm-thrid", "x-gm-msgid", "content-length", "lines":
		return true
	}
	return strings.HasPrefix(name, "x-gmail-") || strings.HasPrefix(name, "x-mozilla-") || strings.HasPrefix(name, "x-imap")
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return strings.TrimSpace(b)
}

// SplitLabels splits a decoded X-Gmail-Labels value at its commas. A label that holds a comma is in quotes.
func SplitLabels(s string) []string {
	var out []string
	var b strings.Builder
	quoted := false
	flush := func() {
		if l := strings.TrimSpace(b.String()); l != "" {
			out = append(out, l)
		}
		b.Reset()
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && quoted && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case c == '"' && (quoted || strings.TrimSpace(b.String()) == ""):
			quoted = !quoted
		case c == ',' && !quoted:
			flush()
		default:
			b.WriteByte(c)
		}
	}
	flush()
	return out
}

// gmail reads Gmail's labels. Seen and Opened are known only where a label shows that the language is one we know.
func gmail(r *finding.Read, names []string) {
	r.Labels = append(r.Labels, names...)
	r.From = append(r.From, "gmail")
	has := map[Role]bool{}
	for _, n := range names {
		if role, ok := Label(n); ok {
			has[role] = true
		}
	}
	if len(has) == 0 {
		return
	}
	starred := has[RoleStarred]
	r.Flagged = &starred
	switch {
	case has[RoleTrash]:
		r.Folder = finding.Trash
	case has[RoleSpam]:
		r.Folder = finding.Spam
	case has[RoleDrafts]:
		r.Folder = finding.Drafts
	case has[RoleInbox]:
		r.Folder = finding.Inbox
	case has[RoleSent]:
		r.Folder = finding.Sent
	default:
		r.Folder = finding.Archive
	}
	if has[RoleSent] || has[RoleDrafts] || has[RoleChat] {
		return // the owner wrote it: neither label is used
	}
	seen, opened := !has[RoleUnread], has[RoleOpened]
	r.Seen, r.Opened = &seen, &opened
}

// thunderbird reads the status words of nsMsgMessageFlags: 0x0001 read, 0x0002 replied, 0x0004 marked, 0x0008 expunged
// (deleted, still in the file until it is compacted), 0x1000 forwarded.
func thunderbird(r *finding.Read, fields map[string]string) {
	flags, err := strconv.ParseUint(fields["x-mozilla-status"], 16, 32)
	if err != nil {
		return
	}
	bit := func(mask uint64) *bool { v := flags&mask != 0; return &v }
	r.Seen, r.Replied, r.Flagged = bit(0x1), bit(0x2), bit(0x4)
	r.Deleted, r.Forwarded = bit(0x8), bit(0x1000)
	r.Labels = append(r.Labels, strings.Fields(fields["x-mozilla-keys"])...)
	r.From = append(r.From, "mozilla")
}

// Status reads the Status and X-Status fields of mbox programs: R read, O old; A answered, F flagged, D deleted,
// T draft. A message without R is unread. It returns nil where neither field is there. Senders can write these fields: it holds only for a
// mailbox whose messages show that a reader wrote them.
func Status(status, xstatus string) *finding.Read {
	if status == "" && xstatus == "" {
		return nil
	}
	has := func(s, flag string) *bool { v := strings.Contains(strings.ToUpper(s), flag); return &v }
	r := &finding.Read{From: []string{"status"}}
	if status != "" {
		r.Seen = has(status, "R")
	}
	if xstatus != "" {
		r.Replied, r.Flagged, r.Deleted = has(xstatus, "A"), has(xstatus, "F"), has(xstatus, "D")
		if strings.Contains(strings.ToUpper(xstatus), "T") {
			r.Folder = finding.Drafts
		}
	}
	return r
}

// Join adds what b says to what a says. Where both speak, a counts: call it with what the container says before what the
// header says. Neither is changed; nil says nothing.
func Join(a, b *finding.Read) *finding.Read {
	if a == nil || b == nil {
		if a == nil {
			return b
		}
		return a
	}
	out := *a
	or := func(x, y *bool) *bool {
		if x != nil {
			return x
		}
		return y
	}
	out.Seen, out.Opened = or(a.Seen, b.Seen), or(a.Opened, b.Opened)
	out.Replied, out.Forwarded = or(a.Replied, b.Replied), or(a.Forwarded, b.Forwarded)
	out.Deleted, out.Flagged = or(a.Deleted, b.Deleted), or(a.Flagged, b.Flagged)
	if out.Folder == "" {
		out.Folder = b.Folder
	}
	out.Labels = unite(a.Labels, b.Labels)
	out.From = unite(a.From, b.From)
	return &out
}

// unite is a and then what b has besides.
func unite(a, b []string) []string {
	out := slices.Clone(a)
	for _, s := range b {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
