package readstate

import (
	"slices"
	"strconv"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// Header is what the fields of a message say.
type Header struct {
	Read *finding.Read // nil where they say nothing
	// Status and XStatus are the fields of that name, for Status.
	Status, XStatus string
}

// Fields are the header fields of a message, in order. Name is as written, Value unfolded: few are asked for theirs.
type Fields interface {
	Len() int
	Name(i int) string
	Value(i int) string
}

// FromHeader reads the fields of a message. decode decodes RFC 2047.
//
// X-Gmail-Labels and X-Mozilla-* are believed only above every field that came with the mail, where Takeout and
// Thunderbird write them; a sender's own stand below the Received field of the receiver. Of the labels only the names are
// given: what they say is known when the roles of all labels of the mailbox are (Labelled).
func FromHeader(fields Fields, decode func(string) string) Header {
	var h Header
	var r finding.Read
	above := true
	mozilla := map[string]string{}
	for i := range fields.Len() {
		name := strings.TrimRight(fields.Name(i), " \t")
		above = above && top(name)
		if name == "" || name[0]|0x20 != 's' && name[0]|0x20 != 'x' {
			continue
		}
		switch name = strings.ToLower(name); name {
		case "status":
			h.Status = first(h.Status, fields.Value(i))
		case "x-status":
			h.XStatus = first(h.XStatus, fields.Value(i))
		case "x-gmail-labels":
			if above && !slices.Contains(r.From, "gmail") {
				r.Labels = SplitLabels(decode(fields.Value(i)))
				r.From = append(r.From, "gmail")
			}
		case "x-mozilla-status", "x-mozilla-keys":
			if _, twice := mozilla[name]; above && !twice {
				mozilla[name] = strings.TrimSpace(fields.Value(i))
			}
		}
	}
	thunderbird(&r, mozilla)
	if !r.IsZero() {
		h.Read = &r
	}
	return h
}

// top knows the fields that exporters and mail programs put above all others.
func top(name string) bool {
	prefix := func(p string) bool { return len(name) >= len(p) && strings.EqualFold(name[:len(p)], p) }
	if prefix("x-gmail-") || prefix("x-mozilla-") || prefix("x-imap") {
		return true
	}
	if name == "" || strings.IndexByte("sxfcl", name[0]|0x20) < 0 {
		return false // nearly every message begins with another
	}
	switch strings.ToLower(name) {
	case "status", "x-status", "x-keywords", "x-uid", "x-uidl", "x-account-key", "x-identity-key", "fcc", "x-gm-thrid", "x-gm-msgid",
		"content-length", "lines":
		return true
	}
	return false
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return strings.TrimSpace(b)
}

// Trailing reports whether the Status field of a message stands where mail programs write it: behind all fields that came
// with the mail, with none but their own behind it. It is false for one with a value that they don't write.
func Trailing(fields Fields) bool {
	found := false
	for i := fields.Len() - 1; i >= 0 && !found; i-- {
		switch strings.ToLower(strings.TrimRight(fields.Name(i), " \t")) {
		case "status":
			value := strings.ToUpper(strings.TrimSpace(fields.Value(i)))
			found = true
			if value == "" || strings.Trim(value, "RONUD") != "" {
				return false
			}
		case "x-status", "x-keywords", "x-uid", "content-length", "lines", "x-label":
		default:
			return false
		}
	}
	return found
}

// Mozilla reports whether a message bears X-Mozilla-Status where Thunderbird writes it, and whether it tells more than that
// it was read: another state, or that it came by POP3, where the state is kept in the messages.
func Mozilla(fields Fields) (told, ok bool) {
	for i := range fields.Len() {
		name := strings.TrimRight(fields.Name(i), " \t")
		if !top(name) {
			break
		}
		switch strings.ToLower(name) {
		case "x-mozilla-status":
			ok = true
			told = told || strings.TrimSpace(fields.Value(i)) != "0001"
		case "x-account-key", "x-uidl":
			told = true
		}
	}
	return told && ok, ok
}

// thunderbird reads the status words of nsMsgMessageFlags: 0x0001 read, 0x0002 replied, 0x0004 marked, 0x0008 expunged
// (deleted, still in the file until it is compacted), 0x1000 forwarded.
func thunderbird(r *finding.Read, fields map[string]string) {
	status, ok := fields["x-mozilla-status"]
	if !ok {
		return
	}
	flags, err := strconv.ParseUint(status, 16, 32)
	if err != nil {
		return
	}
	bit := func(mask uint64) *bool { v := flags&mask != 0; return &v }
	r.Seen, r.Replied, r.Flagged = bit(0x1), bit(0x2), bit(0x4)
	r.Deleted, r.Forwarded = bit(0x8), bit(0x1000)
	for _, key := range strings.Fields(fields["x-mozilla-keys"]) {
		if len(r.Labels) < maxLabels+maxKeys && len(key) <= maxLabel {
			r.Labels = append(r.Labels, key)
		}
	}
	r.From = append(r.From, "mozilla")
}

// Elsewhere is what is left of what X-Mozilla-Status says in a store whose state stands elsewhere: the tags.
func Elsewhere(r *finding.Read) *finding.Read {
	if r == nil || !slices.Contains(r.From, "mozilla") {
		return r
	}
	out := *r
	out.Seen, out.Replied, out.Flagged, out.Deleted, out.Forwarded = nil, nil, nil, nil, nil
	out.From = slices.DeleteFunc(slices.Clone(r.From), func(s string) bool { return s == "mozilla" })
	if out.IsZero() {
		return nil
	}
	return &out
}

// maxKeys bounds the tags that are read of one message.
const maxKeys = 100

// Status reads the Status and X-Status fields that mutt, Dovecot, Pine, Evolution and BSD mail keep in an mbox: R read,
// O old; A answered, F flagged, D deleted, T draft. Senders can write these fields, so it holds only for a mailbox whose
// messages show that a reader wrote them; there, a message without Status is new. Not all of them write X-Status, and those that do
// leave it out where it is empty, so that without it nothing is known of the rest.
func Status(status, xstatus string) *finding.Read {
	status, xstatus = strings.ToUpper(status), strings.ToUpper(xstatus)
	has := func(s, flag string) *bool { v := strings.Contains(s, flag); return &v }
	r := &finding.Read{Seen: has(status, "R"), From: []string{"status"}}
	if xstatus != "" {
		r.Replied, r.Flagged, r.Deleted = has(xstatus, "A"), has(xstatus, "F"), has(xstatus, "D")
		if strings.Contains(xstatus, "T") {
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
