package message

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
)

// Content is the digest of a message that is the same for every copy of it, however it was moved, exported or read
// (DESIGN §6, "id"): line ends are LF, every ">" before "From " at the start of a line is removed, trailing blank
// lines are removed, and so are the header fields that mailboxes and readers write. mbox tells that raw comes from an
// mbox; quoting is undone either way, since a copy may have been through one.
func Content(raw []byte, mbox bool) evidence.Digest {
	c := contentHash{h: sha256.New(), buf: make([]byte, 0, 8192)}
	c.message(raw)
	var d evidence.Digest
	copy(d[:], c.h.Sum(nil))
	return d
}

// ID is the message's id: "m-" and the first 16 hex digits of its content digest.
func ID(d evidence.Digest) string { return "m-" + hex.EncodeToString(d[:8]) }

// volatile are the header fields that change when mail is moved, exported or read, lower case; a "*" at the end stands
// for anything.
var volatile = []string{
	"status", "x-status", "x-keywords", "x-uid", "x-imap*", "x-mozilla-*", "x-gmail-labels", "x-gm-thrid", "content-length", "lines",
}

func isVolatile(name []byte) bool {
	if len(name) < 5 || len(name) > 64 {
		return false
	}
	switch name[0] | 0x20 {
	case 's', 'x', 'c', 'l':
	default:
		return false
	}
	n := strings.ToLower(string(bytes.TrimRight(name, " \t")))
	for _, v := range volatile {
		if prefix, ok := strings.CutSuffix(v, "*"); ok && strings.HasPrefix(n, prefix) || n == v {
			return true
		}
	}
	return false
}

type contentHash struct {
	h     hash.Hash
	buf   []byte
	blank int // line feeds not yet written: they count only when something follows
}

func (c *contentHash) message(raw []byte) {
	header, dropping := true, false
	for at := 0; at < len(raw); {
		next, end := lineAt(raw, at)
		if !header {
			end = bodyLine(raw, at, next)
		}
		line := raw[at:end]
		at = next
		if header {
			switch {
			case len(line) == 0:
				header = false
			case line[0] == ' ' || line[0] == '\t':
				if dropping {
					continue
				}
			default:
				colon := fieldName(line)
				if dropping = colon > 0 && isVolatile(line[:colon]); dropping {
					continue
				}
			}
		}
		c.line(line)
	}
	c.flush()
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
	for ; c.blank > 0; c.blank-- {
		c.write([]byte{'\n'})
	}
	c.write(line)
	c.blank = 1
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
