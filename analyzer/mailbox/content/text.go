package content

import (
	"bytes"
	"path"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/mailbox/emlfile"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/mboxfile"
)

// text tells mboxes and messages from other text.
func text(head []byte, name string) Kind {
	body := head[mboxfile.Blank(head):]
	if len(body) == 0 {
		return NotMail
	}
	if mboxfile.Begins(body) || mboxfile.IsMMDF(body) {
		return Mbox
	}
	if start, _, ok := emlfile.Count(head); ok && (Message(head[start:], 1) || strings.EqualFold(path.Ext(name), ".emlx")) {
		return Emlx
	}
	least := 2
	if ext := strings.ToLower(path.Ext(name)); ext == ".eml" || ext == ".emlx" || ext == ".mht" || ext == ".mhtml" {
		least = 1
	}
	if Message(body, least) || least == 1 && len(head) == Window && longField(body) {
		if !OneMessage(name) && mboxfile.Joined(body) {
			return Mbox // whose first line is missing
		}
		return Eml
	}
	// Junk, then a mailbox: a program's greeting, a line left over from a cut.
	if mboxfile.Holds(head) {
		return Mbox
	}
	return NotMail
}

// OneMessage reports whether a file is by its name one message, whatever its body holds: an .eml, a file of MH or Cyrus ("12",
// "12."), one out of a Maildir.
func OneMessage(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".eml", ".emlx", ".mht", ".mhtml":
		return true
	}
	return Numbered(name) || strings.Trim(name, "0123456789") == "." || strings.Contains(name, ":2,") || strings.Contains(name, ",S=")
}

// Numbered reports whether a file has a number for its name, as MH gives them.
func Numbered(name string) bool { return strings.Trim(name, "0123456789") == "" }

// Message reports whether b begins like a message: a header field in the first line and, before the first blank line,
// at least least different fields that every mail has. A line that is no field doesn't end the header: damaged mail has such.
func Message(b []byte, least int) bool {
	seen := map[string]bool{}
	for n, line := range lines(b) {
		if len(line) == 0 || n > 400 {
			break
		}
		if line[0] == ' ' || line[0] == '\t' || bytes.HasPrefix(line, []byte(">From ")) {
			if n == 0 && line[0] != '>' {
				least = max(least, 3) // damage of some mail, and the look of any indented text
			}
			continue
		}
		name, _, ok := bytes.Cut(line, []byte(":"))
		name = bytes.TrimRight(name, " \t")
		if !ok || len(name) == 0 || bytes.ContainsAny(name, " \t") {
			switch {
			case n > 0, bytes.HasPrefix(line, []byte("Microsoft Mail Internet Headers")):
			case least == 1:
				least = 2 // a program's line above what its name says is a message
			default:
				return false
			}
			continue
		}
		switch f := strings.ToLower(string(name)); f {
		case "from", "to", "cc", "subject", "date", "message-id", "received", "return-path", "delivered-to", "mime-version",
			"content-type", "reply-to", "sender", "x-mailer", "dkim-signature", "authentication-results", "in-reply-to",
			"references", "x-gm-thrid", "x-gmail-labels", "arc-seal", "list-id", "envelope-to", "content-transfer-encoding":
			seen[f] = true
		}
	}
	return len(seen) >= least
}

// longField reports whether b begins with a field of a header that is longer than b: one of 20 MB can stand before all others.
func longField(b []byte) bool {
	for n, line := range lines(b) {
		name, _, ok := bytes.Cut(line, []byte(":"))
		name = bytes.TrimRight(name, " \t")
		switch {
		case len(line) == 0, n == 0 && (!ok || len(name) == 0 || bytes.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' })):
			return false
		}
	}
	return true
}

// lines yields the lines of b without their ends, by LF, CRLF or lone CR.
func lines(b []byte) func(func(int, []byte) bool) {
	return func(yield func(int, []byte) bool) {
		for n := 0; len(b) > 0; n++ {
			i := bytes.IndexAny(b, "\r\n")
			if i < 0 {
				yield(n, b)
				return
			}
			if !yield(n, b[:i]) {
				return
			}
			switch {
			case bytes.HasPrefix(b[i:], []byte("\r\r\n")): // CRLF that went through a conversion of line ends
				i += 2
			case b[i] == '\r' && i+1 < len(b) && b[i+1] == '\n':
				i++
			}
			b = b[i+1:]
		}
	}
}
