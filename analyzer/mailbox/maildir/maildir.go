// Package maildir reads what Maildir and Maildir++ say in names.
//
// A Maildir is a folder with the subfolders new, cur and tmp; each message is a file of its own. A name is
// "<unique>:2,<flags>", the part behind the colon only in cur (https://cr.yp.to/proto/maildir.html). File systems and
// tools that cannot write a colon put ";", "!", "_" or "-" in its place. Flags are S seen, R replied, F flagged,
// T trashed, D draft, P passed (forwarded); lower-case letters are keywords that Dovecot names in dovecot-keywords.
// A message in new was never looked at by a mail program. Files in tmp are being delivered and are not mail yet.
//
// Maildir++ (Courier, Dovecot) keeps subfolders beside cur as ".Parent.Child", names in IMAP's modified UTF-7
// (RFC 3501 §5.1.3).
package maildir

import (
	"bytes"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// Name is the name of a message file.
type Name struct {
	// Unique is what stays when the flags change or the message moves from new to cur.
	Unique string
	Flags  string // letters and commas behind "2,"
	Info   bool   // whether there is a "2," part at all
}

// ParseName takes a file name apart.
func ParseName(name string) Name {
	for i := len(name) - 3; i > 0; i-- {
		if name[i+1] != '2' || name[i+2] != ',' || strings.IndexByte(":;!_-", name[i]) < 0 {
			continue
		}
		if flags := name[i+3:]; isFlags(flags) {
			return Name{Unique: name[:i], Flags: flags, Info: true}
		}
		break
	}
	return Name{Unique: name}
}

// isFlags allows letters and the commas that some programs write behind them.
func isFlags(s string) bool {
	for i := range len(s) {
		if c := s[i]; c != ',' && (c|0x20 < 'a' || c|0x20 > 'z') {
			return false
		}
	}
	return true
}

// Read tells what the name says of a message in cur, or in new where isNew is set. A message in cur without flags part
// was put there by a copy or an export: whether it was seen is unknown. Maildir doesn't record whether a
// message was opened.
func (n Name) Read(isNew bool, keywords Keywords) *finding.Read {
	if !n.Info && !isNew {
		return nil
	}
	has := func(c byte) bool { return strings.IndexByte(n.Flags, c) >= 0 }
	seen := has('S')
	r := &finding.Read{Seen: &seen, From: []string{"maildir"}}
	if !n.Info {
		return r
	}
	replied, forwarded, flagged, deleted := has('R'), has('P'), has('F'), has('T')
	r.Replied, r.Forwarded, r.Flagged, r.Deleted = &replied, &forwarded, &flagged, &deleted
	for i := range len(n.Flags) {
		if c := n.Flags[i]; c >= 'a' && c <= 'z' {
			if k := keywords[c-'a']; k != "" {
				r.Labels = append(r.Labels, k)
				if strings.EqualFold(k, "$Forwarded") {
					forwarded = true
				}
			}
		}
	}
	return r
}

// Keywords are Dovecot's names of the flags a to z; "" for a letter without one.
type Keywords [26]string

// ParseKeywords reads a dovecot-keywords file: lines of a number and a name. Other lines are ignored.
func ParseKeywords(b []byte) Keywords {
	var k Keywords
	for line := range bytes.Lines(b) {
		num, name, ok := strings.Cut(strings.TrimRight(string(line), "\r\n"), " ")
		if !ok || len(num) > 2 {
			continue
		}
		n := 0
		for i := range len(num) {
			if num[i] < '0' || num[i] > '9' {
				n = len(k)
				break
			}
			n = n*10 + int(num[i]-'0')
		}
		if n < len(k) && num != "" {
			k[n] = name
		}
	}
	return k
}

// FolderName is the name of a Maildir++ folder, ".Parent.&j,dg0TDhMPww6w-", as a path with slashes. ok is false where dir is no such name.
func FolderName(dir string) (name string, ok bool) {
	if len(dir) < 2 || dir[0] != '.' {
		return "", false
	}
	parts := strings.Split(dir[1:], ".")
	for i, p := range parts {
		parts[i] = DecodeName(p)
	}
	return strings.Join(parts, "/"), true
}
