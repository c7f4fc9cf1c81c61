package mailauth

import (
	"strconv"
	"strings"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/message"
)

// Bounds of the work on signatures of one message. Genuine mail has two or three; receivers check no more than ten.
const (
	maxSignatures = 20
	maxSigned     = 100      // names in h=
	maxBody       = 64 << 20 // of a longer message only the beginning is held
	maxHashes     = 4        // different hashes over the body
)

// Outcomes of checking a signature, in fact.Signature.
const (
	BodyMatch    = "match"
	BodyMismatch = "mismatch"

	CheckPass    = "pass"
	CheckFail    = "fail"               // the signature does not fit the header under the key
	CheckChanged = "changed_in_transit" // the header is as signed, the body is not
	CheckNoKey   = "no_key"
)

// Signatures reads the DKIM-Signature fields of a message (RFC 6376 §3.5), topmost first, and verifies each with the keys.
// raw is the message as stored; mbox tells that From_ lines in it are quoted. The body is hashed where a signature fits the
// header under one of the keys, and only then: a hash that fits shows nothing where the signature over it was not checked.
//
// Storage changes mail: line ends, quoting, trailing blank lines. What is known to be done is undone, and the body hash
// matches when one of the ways to undo it does. A body that is not there at all, as in excerpts of headers, is no
// mismatch. A mismatch or failure is no evidence against a message: lists, gateways and exports break signatures.
//
// Expiry (x=) is not applied here: whether a signature had expired on delivery is judged later.
func Signatures(h *message.Header, raw []byte, mbox bool, keys Keys) []fact.Signature {
	var out []fact.Signature
	var tags []map[string]string
	for i := range h.Fields {
		f := &h.Fields[i]
		if len(out) == maxSignatures {
			break
		}
		if !f.Is("DKIM-Signature") || len(f.Raw) > maxField {
			continue
		}
		t := parseTags(f.Raw)
		s := signature(t)
		s.Index = i
		out, tags = append(out, s), append(tags, t)
	}
	if len(out) == 0 {
		return nil
	}
	if keys.Empty() {
		return out
	}
	m := signedMessage{body: newBody(raw, h.Size, mbox), header: newHeaderBlock(raw[:min(h.Size, len(raw))])}
	for i := range out {
		m.verify(&out[i], tags[i], i, keys)
	}
	return out
}

// parseTags reads a tag list (RFC 6376 §3.2): white space inside values is dropped, which base64 and lists need and
// nothing else has. A tag that is there twice has no value.
func parseTags(s string) map[string]string {
	tags := make(map[string]string)
	for len(s) > 0 && len(tags) < 50 {
		var part string
		part, s, _ = strings.Cut(s, ";")
		name, value, ok := strings.Cut(part, "=")
		if !ok {
			continue
		}
		name = strings.TrimFunc(name, func(r rune) bool { return r < 0x80 && space(byte(r)) })
		if _, twice := tags[name]; twice {
			tags[name] = ""
			continue
		}
		tags[name] = squeeze(value)
	}
	return tags
}

// squeeze drops white space.
func squeeze(s string) string {
	if !strings.ContainsAny(s, " \t\r\n\x00") {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		if !space(s[i]) {
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// signature takes what a fact keeps from the tags of a signature.
func signature(t map[string]string) fact.Signature {
	s := fact.Signature{
		Domain: bounded(strings.ToLower(t["d"])), Selector: bounded(t["s"]), Identity: bounded(t["i"]),
		Algorithm: bounded(strings.ToLower(t["a"])), Time: unix(t["t"]), Expires: unix(t["x"]),
	}
	_, s.Length = t["l"]
	for name := range strings.SplitSeq(strings.ToLower(t["h"]), ":") {
		if len(s.Signed) == maxSigned {
			break
		}
		if name != "" && len(name) <= 100 {
			s.Signed = append(s.Signed, name)
		}
	}
	return s
}

// unix reads seconds since 1970 (RFC 6376 §3.5); zero where there are none or impossible ones.
func unix(s string) time.Time {
	if s == "" || len(s) > 12 {
		return time.Time{}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n <= 0 {
		return time.Time{}
	}
	t := time.Unix(n, 0).UTC()
	if t.Year() > 9999 {
		return time.Time{}
	}
	return t
}
