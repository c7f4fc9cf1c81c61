package mailauth

import (
	"bufio"
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strconv"
	"strings"
)

// body is the body of a message with the hashes taken of it.
type body struct {
	raw    []byte
	quoted bool // holds lines that mbox may have quoted
	long   bool // only the beginning of the message is there
	hashes map[bodyHash]digests
}

// bodyHash is a way of hashing a body: canonicalisation, hash, and how many bytes (-1 for all).
type bodyHash struct {
	relaxed bool
	sha1    bool
	length  int64
}

// digests are the hashes of the ways in which the stored body may be turned back into the one that was signed.
type digests [][]byte

func newBody(raw []byte, header int, mbox bool) *body {
	b := &body{hashes: make(map[bodyHash]digests), long: len(raw) >= maxBody}
	if header < len(raw) {
		b.raw = raw[header:]
	}
	b.quoted = mbox && (bytes.HasPrefix(b.raw, []byte(">From ")) || bytes.Contains(b.raw, []byte("\n>From ")) ||
		bytes.Contains(b.raw, []byte(">>From ")))
	return b
}

// empty reports whether there is no body, as in excerpts that hold headers only.
func (b *body) empty() bool { return len(bytes.Trim(b.raw, "\r\n \t")) == 0 }

// check compares the body with bh=: "match", "mismatch", or "" where nothing can be said.
func (b *body) check(tags map[string]string) string {
	want, err := base64.StdEncoding.DecodeString(tags["bh"])
	if err != nil || len(want) == 0 || b.long {
		return ""
	}
	key := bodyHash{length: -1}
	switch alg := strings.ToLower(tags["a"]); {
	case strings.HasSuffix(alg, "-sha256"):
	case strings.HasSuffix(alg, "-sha1"):
		key.sha1 = true
	default:
		return ""
	}
	if _, canon, ok := strings.Cut(tags["c"], "/"); ok && strings.EqualFold(canon, "relaxed") {
		key.relaxed = true
	}
	if l, ok := tags["l"]; ok {
		n, err := strconv.ParseInt(l, 10, 64)
		if err != nil || n < 0 {
			return ""
		}
		key.length = n
	}
	for _, have := range b.sums(key) {
		if subtle.ConstantTimeCompare(have, want) == 1 {
			return BodyMatch
		}
	}
	if b.empty() || len(b.hashes) > maxHashes {
		return ""
	}
	return BodyMismatch
}

func (b *body) sums(key bodyHash) digests {
	if d, ok := b.hashes[key]; ok {
		return d
	}
	if len(b.hashes) >= maxHashes {
		b.hashes[bodyHash{length: -2}] = nil
		return nil
	}
	d := digests{b.sum(key, 0)}
	if b.quoted {
		// mboxrd quotes every line, mboxo only bare ones, some programs none: what was signed is one of these.
		d = append(d, b.sum(key, 1), b.sum(key, 2))
	}
	b.hashes[key] = d
	return d
}

// sum hashes the canonical body (RFC 6376 §3.4.3, §3.4.4). unquote is 0 to take lines as they are, 1 to take one ">" off
// every ">From " and ">>From ", 2 off ">From " only.
func (b *body) sum(key bodyHash, unquote int) []byte {
	h := sha256.New()
	if key.sha1 {
		h = sha1.New()
	}
	to := bufio.NewWriterSize(h, 8<<10)
	w := limited{w: to, left: key.length}
	blank := 0
	var buf []byte
	for rest := b.raw; len(rest) > 0; {
		var line []byte
		i := bytes.IndexByte(rest, '\n')
		if i < 0 {
			line, rest = rest, nil
		} else {
			line, rest = rest[:i], rest[i+1:]
		}
		line = bytes.TrimSuffix(line, []byte{'\r'})
		if unquote > 0 {
			line = unquoted(line, unquote == 1)
		}
		if key.relaxed {
			buf = relaxLine(buf[:0], line)
			line = buf
		}
		if len(line) == 0 {
			blank++ // written only when something follows
			continue
		}
		for ; blank > 0; blank-- {
			w.write(crlf)
		}
		w.write(line)
		w.write(crlf)
		if w.left == 0 {
			break
		}
	}
	if !w.wrote && !key.relaxed {
		w.write(crlf) // §3.4.3: an empty body is one line end
	}
	_ = to.Flush() // a hash takes everything
	return h.Sum(nil)
}

var crlf = []byte("\r\n")

// limited passes on at most left bytes; all when left is negative.
type limited struct {
	w     *bufio.Writer
	left  int64
	wrote bool
}

func (l *limited) write(b []byte) {
	l.wrote = true
	if l.left >= 0 {
		b = b[:min(int64(len(b)), l.left)]
		l.left -= int64(len(b))
	}
	_, _ = l.w.Write(b) // of a hash: never fails
}

// unquoted takes one ">" off a quoted From_ line; deep says whether off lines with more than one as well.
func unquoted(line []byte, deep bool) []byte {
	n := 0
	for n < len(line) && line[n] == '>' {
		n++
	}
	if n == 0 || n > 1 && !deep || !bytes.HasPrefix(line[n:], []byte("From ")) {
		return line
	}
	return line[1:]
}

// relaxLine folds runs of white space into one space and drops it at the end.
func relaxLine(dst, line []byte) []byte {
	gap := false
	for _, c := range line {
		if c == ' ' || c == '\t' {
			gap = true
			continue
		}
		if gap {
			dst = append(dst, ' ')
			gap = false
		}
		dst = append(dst, c)
	}
	return dst
}

// headerBlock is a header block by fields, with all bytes that a signature covers.
type headerBlock struct {
	fields []headerField
	byName map[string][]int
}

type headerField struct {
	name string // lower case, trimmed
	raw  []byte // whole field with CRLF at the end of each line, the last one too
}

func newHeaderBlock(raw []byte) *headerBlock {
	b := &headerBlock{byName: make(map[string][]int)}
	for len(raw) > 0 {
		var line []byte
		i := bytes.IndexByte(raw, '\n')
		if i < 0 {
			line, raw = raw, nil
		} else {
			line, raw = raw[:i], raw[i+1:]
		}
		line = bytes.TrimSuffix(line, []byte{'\r'})
		if len(line) == 0 {
			continue
		}
		if line[0] == ' ' || line[0] == '\t' {
			if n := len(b.fields); n > 0 {
				b.fields[n-1].raw = append(append(b.fields[n-1].raw, line...), crlf...)
			}
			continue
		}
		name, _, ok := bytes.Cut(line, []byte{':'})
		if !ok {
			continue
		}
		f := headerField{name: strings.ToLower(strings.TrimRight(string(name), " \t")), raw: append(bytes.Clone(line), crlf...)}
		b.byName[f.name] = append(b.byName[f.name], len(b.fields))
		b.fields = append(b.fields, f)
	}
	return b
}

// nth is the n-th field with a name from the top, nil where there is none.
func (b *headerBlock) nth(name string, n int) *headerField {
	at := b.byName[name]
	if n < 0 || n >= len(at) {
		return nil
	}
	return &b.fields[at[n]]
}

// canonical writes a field in canonical form (RFC 6376 §3.4.1, §3.4.2).
func (f *headerField) canonical(relaxed bool) []byte {
	if !relaxed {
		return f.raw
	}
	_, value, _ := bytes.Cut(f.raw, []byte{':'})
	flat := make([]byte, 0, len(value))
	for _, c := range value {
		if c != '\r' && c != '\n' {
			flat = append(flat, c)
		}
	}
	out := append([]byte(f.name), ':')
	out = append(out, bytes.TrimLeft(relaxLine(nil, flat), " ")...)
	return append(out, crlf...)
}

// signedData is what a signature was made over (RFC 6376 §3.7): the fields of h=, each name taken from the bottom up,
// then the signature field itself without its value of b= and without a line end.
func (b *headerBlock) signedData(names []string, relaxed bool, sig *headerField) []byte {
	var out []byte
	taken := make(map[string]int)
	for _, name := range names {
		if f := b.nth(name, len(b.byName[name])-1-taken[name]); f != nil {
			out = append(out, f.canonical(relaxed)...)
			taken[name]++
		}
	}
	bare := headerField{name: sig.name, raw: withoutB(sig.raw)}
	return append(out, bytes.TrimSuffix(bare.canonical(relaxed), crlf)...)
}

// withoutB removes the value of b= and keeps everything else, byte for byte.
func withoutB(raw []byte) []byte {
	at := bytes.IndexByte(raw, ':') + 1
	for at < len(raw) {
		end := bytes.IndexByte(raw[at:], ';')
		if end < 0 {
			end = len(raw)
		} else {
			end += at
		}
		eq := bytes.IndexByte(raw[at:end], '=')
		if eq >= 0 && string(bytes.TrimSpace(raw[at:at+eq])) == "b" {
			tail := raw[end:]
			if end == len(raw) {
				tail = crlf // the line end is not part of the value
			}
			return append(bytes.Clone(raw[:at+eq+1]), tail...)
		}
		at = end + 1
	}
	return raw
}
