// Package readstate reads what containers and header fields say of a message's place and of whether it was read.
//
// Mail programs keep this in many ways. Google Takeout writes labels in the language of the account (X-Gmail-Labels),
// Thunderbird writes X-Mozilla-Status at the top of each message, mbox programs write Status and X-Status, and the name
// of a folder says that it holds spam, in any language. Names are data: roles.toml.
//
// Nothing here defaults: what no field says stays unknown. A sender can put any of these fields into his mail, so
// fields that a program writes at the top of the header are believed only there (FromHeader). What Status and labels
// mean shows only in the mailbox as a whole: whether a reader wrote Status at all, and which role a label has whose name
// is not known. That is learned elsewhere and given to Status and Labelled.
package readstate

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

//go:generate go run ./generate.go

// Roles of labels beside those of folders. Unread says that a message is unread now, Opened that it was opened at least
// once; a message with neither was marked read without being opened, by a filter, in bulk, or by another program.
const (
	Unread    finding.Folder = "unread"
	Opened    finding.Folder = "opened"
	Starred   finding.Folder = "starred"
	Important finding.Folder = "important"
	Chat      finding.Folder = "chat"
	Category  finding.Folder = "category"
)

// Label tells what a label of Gmail means, in any language; ok is false for a label that is none of Gmail's own.
func Label(name string) (role finding.Folder, ok bool) {
	name = fold(name)
	if role, ok = labels[name]; ok {
		return role, true
	}
	for head, role := range labelHeads {
		if strings.HasPrefix(name, head) {
			return role, true
		}
	}
	return "", false
}

// Folder tells what the name of a folder or mailbox file says of the mail in it, "" where it says nothing. name may be a
// path with slashes; the innermost part that says something counts. Extensions (.mbox, .sbd, …) are no part of the name.
func Folder(name string) finding.Folder {
	parts := strings.FieldsFunc(name, func(r rune) bool { return r == '/' || r == '\\' })
	for i := len(parts) - 1; i >= 0; i-- {
		name := fold(trimExtension(parts[i]))
		f, ok := folders[name]
		if !ok {
			// Thunderbird names the second file for a folder INBOX-1.
			f, ok = folders[withoutNumber(name)]
		}
		if ok {
			return f
		}
	}
	return ""
}

// withoutNumber takes "-1" off the end of a name.
func withoutNumber(name string) string {
	base := strings.TrimRight(name, "0123456789")
	if short, ok := strings.CutSuffix(base, "-"); ok && len(base) < len(name) {
		return short
	}
	return name
}

// trimExtension takes off the extensions of mailbox files and folders.
func trimExtension(name string) string {
	for _, ext := range []string{".mbox", ".mbx", ".sbd", ".imapmbox", ".mozmsgs", ".mbs", ".zip", ".gz", ".txt"} {
		if n := len(name) - len(ext); n > 0 && strings.EqualFold(name[n:], ext) {
			name = name[:n]
		}
	}
	return name
}

// fold makes names that differ only in case, width or spacing equal.
func fold(s string) string {
	s = norm.NFKC.String(s)
	return strings.ToLower(strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r)
	}), " "))
}
