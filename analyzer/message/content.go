package message

import (
	"bytes"
	"crypto/sha256"
	"hash"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/message/volatile"
)

// Content is the digest of a message that is the same for every copy of it, however it was moved, exported or read
// (STREAM §5, "id"): line ends are LF, every ">" before "From " at the start of a line is removed, trailing blank
// lines are removed, and so are the header fields that mailboxes and readers write. mbox tells that raw comes from an
// mbox; quoting is undone either way, since a copy may have been through one.
func Content(raw []byte, mbox bool) evidence.Digest {
	return digest(raw, volatile.Version)
}

func digest(raw []byte, version int) (d evidence.Digest) {
	c := contentHash{h: sha256.New(), buf: make([]byte, 0, 8192), version: version}
	c.message(raw)
	copy(d[:], c.h.Sum(nil))
	return d
}

// FormerContent is the Content that a message had by the last version of the list of fields that are left out by which it had
// another, so that what was said of it then is found again. ok is false where it was always the same.
func FormerContent(raw []byte) (d evidence.Digest, ok bool) {
	former := 0
	for at := 0; at < len(raw); {
		next, end := lineAt(raw, at)
		if end == at {
			break
		}
		for v := volatile.Version - 1; v >= volatile.First && v > former && leftOut(raw, at, volatile.Version); v-- {
			if !leftOut(raw, at, v) {
				former = v
			}
		}
		at = next
	}
	if former == 0 {
		return d, false
	}
	return digest(raw, former), true
}

// receivedMost is how much of a Received field is looked at.
const receivedMost = 4 << 10

// leftOut reports whether the field that begins at raw[at] is left out by the list of a version.
func leftOut(raw []byte, at, version int) bool {
	next, end := lineAt(raw, at)
	colon := fieldName(raw[at:end])
	if colon <= 0 {
		return false
	}
	name := bytes.TrimRight(raw[at:at+colon], " \t")
	switch {
	case volatile.Is(name, version):
		return true
	case bytes.EqualFold(name, receivedName):
		return volatile.Fetched(raw[at:fieldEnd(raw, next)], version)
	case bytes.EqualFold(name, deliveredName):
		// A program that fetched it may have put it there, with a Received field behind it.
		at = fieldEnd(raw, next)
		next, end = lineAt(raw, at)
		if colon = fieldName(raw[at:end]); colon <= 0 || !bytes.EqualFold(bytes.TrimRight(raw[at:at+colon], " \t"), receivedName) {
			return false
		}
		return volatile.BeforeFetched(name, raw[at:fieldEnd(raw, next)], version)
	}
	return false
}

var receivedName, deliveredName = []byte("Received"), []byte("Delivered-To")

// fieldEnd is where a field ends whose first line ends at next, as far as receivedMost bytes.
func fieldEnd(raw []byte, next int) int {
	for most := next + receivedMost; next < len(raw) && next < most && (raw[next] == ' ' || raw[next] == '\t'); {
		next, _ = lineAt(raw, next)
	}
	return next
}

// Digests gives the SHA-256 of a message's bytes and its Content. Where the one is taken of the beginning of what the other
// is taken of, as in a message with LF line ends and none of the fields that readers write, the bytes are hashed once.
func Digests(raw []byte) (sum, content evidence.Digest) {
	n := len(bytes.TrimRight(raw, "\n"))
	if !verbatim(raw[:n]) {
		return evidence.Sum(raw), Content(raw, false)
	}
	h := sha256.New()
	h.Write(raw[:n])
	h.Sum(content[:0])
	h.Write(raw[n:])
	h.Sum(sum[:0])
	return sum, content
}

// verbatim reports whether Content takes a message without blank lines at its end as it stands.
func verbatim(raw []byte) bool {
	if bytes.IndexByte(raw, '\r') >= 0 || quotes(raw) {
		return false
	}
	for at := 0; at < len(raw); {
		next, end := lineAt(raw, at)
		line := raw[at:end]
		if len(line) == 0 {
			break
		}
		if leftOut(raw, at, volatile.Version) {
			return false
		}
		at = next
	}
	return true
}

type contentHash struct {
	h       hash.Hash
	buf     []byte
	version int // of the list of fields that are left out
	blank   int // line feeds not yet written: they count only when something follows
}

func (c *contentHash) message(raw []byte) {
	dropping := false
	for at := 0; at < len(raw); {
		next, end := lineAt(raw, at)
		line := raw[at:end]
		if len(line) > 0 && line[0] != ' ' && line[0] != '\t' {
			dropping = leftOut(raw, at, c.version)
		}
		at = next
		if len(line) == 0 {
			c.line(line)
			c.body(raw[at:])
			break
		}
		if !dropping {
			c.line(line)
		}
	}
	c.flush()
}

// body takes the lines behind the header.
func (c *contentHash) body(b []byte) {
	if b = trimBlank(b); len(b) == 0 {
		return // blank lines count only when something follows
	}
	if !quotes(b) {
		c.newlines()
		c.unquoted(b)
		return
	}
	for at := 0; at < len(b); {
		next := len(b)
		if i := bytes.IndexByte(b[at:], '\n'); i >= 0 {
			next = at + i + 1
		}
		c.line(b[at:bodyLine(b, at, next)])
		at = next
	}
}

// trimBlank takes off the empty lines at the end and the last line's end.
func trimBlank(b []byte) []byte {
	for len(b) > 0 && b[len(b)-1] == '\n' {
		b = bytes.TrimSuffix(b[:len(b)-1], []byte{'\r'})
	}
	return b
}

// quotes reports whether a line is a quoted From_ line.
func quotes(b []byte) bool {
	for {
		if t := bytes.TrimLeft(b, ">"); len(t) < len(b) && bytes.HasPrefix(t, []byte("From ")) {
			return true
		}
		i := bytes.Index(b, []byte("\n>"))
		if i < 0 {
			return false
		}
		b = b[i+1:]
	}
}

// unquoted takes lines that quote nothing. Where they end in LF they are hashed as they stand.
func (c *contentHash) unquoted(b []byte) {
	if bytes.IndexByte(b, '\r') < 0 {
		c.flush()
		c.h.Write(b)
		return
	}
	for {
		i := bytes.IndexByte(b, '\n')
		if i < 0 {
			c.write(b)
			return
		}
		c.write(bytes.TrimSuffix(b[:i], []byte{'\r'}))
		c.write([]byte{'\n'})
		b = b[i+1:]
	}
}

// bodyLine is the end of a line without LF or CRLF.
func bodyLine(raw []byte, at, next int) int {
	end := next
	if end > at && raw[end-1] == '\n' {
		end--
		if end > at && raw[end-1] == '\r' {
			end--
		}
	}
	return end
}

func (c *contentHash) line(line []byte) {
	if len(line) > 0 && line[0] == '>' {
		if t := bytes.TrimLeft(line, ">"); bytes.HasPrefix(t, []byte("From ")) {
			line = t
		}
	}
	if len(line) == 0 {
		c.blank++
		return
	}
	c.newlines()
	c.write(line)
	c.blank = 1
}

// newlines writes the line ends before the line that follows.
func (c *contentHash) newlines() {
	for ; c.blank > 0; c.blank-- {
		c.write([]byte{'\n'})
	}
}

func (c *contentHash) write(b []byte) {
	if len(c.buf)+len(b) > cap(c.buf) {
		c.flush()
	}
	if len(b) > cap(c.buf) {
		c.h.Write(b)
		return
	}
	c.buf = append(c.buf, b...)
}

func (c *contentHash) flush() {
	c.h.Write(c.buf)
	c.buf = c.buf[:0]
}
