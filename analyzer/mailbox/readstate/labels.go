package readstate

import (
	"slices"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// Bounds of the labels of one message. Gmail allows 225 bytes a label, and nobody puts a hundred on one message.
const (
	maxLabels = 100
	maxLabel  = 225
)

// Labels reads the labels that Google Takeout writes into X-Gmail-Labels: a comma-separated list, in encoded words
// (RFC 2047) where it is not ASCII. decode decodes RFC 2047. The field is believed where FromHeader believes it. It
// returns nil where there is none.
func Labels(fields Fields, decode func(string) string) []string {
	for i := range fields.Len() {
		switch name := fields.Name(i); {
		case !top(name):
			return nil
		case strings.EqualFold(strings.TrimRight(name, " \t"), "X-Gmail-Labels"):
			return SplitLabels(decode(fields.Value(i)))
		}
	}
	return nil
}

// SplitLabels splits a decoded X-Gmail-Labels value at its commas. A label that holds a comma is in quotes. Labels that
// come twice or are longer than Gmail allows are left out, and so is what is beyond the hundredth.
func SplitLabels(s string) []string {
	var out []string
	var b strings.Builder
	quoted := false
	flush := func() {
		l := strings.Join(strings.Fields(b.String()), " ")
		b.Reset()
		if l != "" && len(l) <= maxLabel && len(out) < maxLabels && !slices.Contains(out, l) {
			out = append(out, l)
		}
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

// Labelled is what the labels of a message say (READSTATE §1). roles are those of all labels of the mailbox, "" where a role
// is not known. It is seen unless the label for unread mail is there, opened if the one for opened mail is; each is unknown
// where no label of the mailbox has that role, since older exports know no label for opened mail. What the owner wrote
// has neither. A message without a place is archived where the mailbox has a label for the inbox: an archive without a
// label of its own is what Gmail calls "all mail". It returns nil for a message without labels.
func Labelled(names []string, roles map[string]finding.Folder) *finding.Read {
	if len(names) == 0 {
		return nil
	}
	known, has := make(map[finding.Folder]bool), make(map[finding.Folder]bool)
	for _, role := range roles {
		known[role] = true
	}
	for _, n := range names {
		has[roles[n]] = true
	}
	told := func(role finding.Folder) *bool {
		if !known[role] {
			return nil
		}
		v := has[role]
		return &v
	}
	var r finding.Read
	// Spam and trash win: a message there is hidden whatever else it is labelled with.
	for _, f := range []finding.Folder{finding.Spam, finding.Trash, finding.Drafts, finding.Sent, finding.Inbox, finding.Archive} {
		if has[f] {
			r.Folder = f
			break
		}
	}
	if r.Folder == "" && known[finding.Inbox] && !has[Chat] {
		r.Folder = finding.Archive
	}
	r.Flagged = told(Starred)
	if has[Chat] || (has[finding.Sent] || has[finding.Drafts]) && !has[finding.Inbox] {
		return &r
	}
	r.Opened = told(Opened)
	if unread := told(Unread); unread != nil {
		seen := !*unread
		r.Seen = &seen
	}
	return &r
}
