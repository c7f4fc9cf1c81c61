package mailauth

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/hostname"
)

// signedMessage is a message as its signatures see it.
type signedMessage struct {
	header *headerBlock
	body   *body
}

// verify checks the n-th signature of a message with the keys (RFC 6376 §6.1). A selector may have had several keys in
// its time: one that fits is enough.
func (m *signedMessage) verify(s *fact.Signature, tags map[string]string, n int, keys Keys) {
	records := keys.lookup(s.Selector, s.Domain)
	if len(records) == 0 {
		s.Checked = CheckNoKey
		return
	}
	s.Checked = CheckFail
	field := m.header.nth("dkim-signature", n)
	sig, err := base64.StdEncoding.DecodeString(tags["b"])
	switch {
	case field == nil:
		s.Reason = "the field can't be found in the stored bytes"
		return
	case err != nil || len(sig) == 0:
		s.Reason = "b= is not base64"
		return
	case tags["v"] != "1":
		s.Reason = "version is not 1"
		return
	case !signs(s, "from"):
		s.Reason = "From is not signed"
		return
	case len(s.Signed) == maxSigned:
		s.Reason = "too many signed fields"
		return
	}
	if at := strings.LastIndexByte(s.Identity, '@'); at >= 0 && !hostname.Under(strings.ToLower(s.Identity[at+1:]), s.Domain) {
		s.Reason = "i= is not below d="
		return
	}
	header, _, _ := strings.Cut(tags["c"], "/")
	data := m.header.signedData(s.Signed, strings.EqualFold(header, "relaxed"), field)
	for i := range records {
		ok, bits, reason := records[i].check(s, data, sig)
		if s.KeyBits == 0 || ok {
			s.KeyBits, s.Reason = bits, reason
		}
		if ok {
			s.BodyHash = m.body.check(tags)
			outcome(s, m.header)
			return
		}
	}
}

// outcome says what a signature that fits the header is worth.
func outcome(s *fact.Signature, block *headerBlock) {
	switch s.BodyHash {
	case BodyMatch:
		s.Checked = CheckPass
	case BodyMismatch:
		s.Checked, s.Reason = CheckChanged, "the body is not the one that was signed"
		return
	default:
		s.Checked, s.Reason = CheckChanged, "the body is not there in full"
		return
	}
	// RFC 6376 §8.15: a field that is there more often than it is signed may be one that was added.
	for _, name := range []string{"from", "subject", "date", "to", "reply-to"} {
		signed := 0
		for _, n := range s.Signed {
			if n == name {
				signed++
			}
		}
		if have := len(block.byName[name]); signed > 0 && have > signed {
			s.Reason = "more " + name + " fields than signed"
		}
	}
}

// check verifies a signature over data with one key. Bits is the size of the key; reason says why it does not hold.
func (r *record) check(s *fact.Signature, data, sig []byte) (ok bool, bits int, reason string) {
	kind, hash, _ := strings.Cut(s.Algorithm, "-")
	if len(r.hashes) > 0 && !slices.Contains(r.hashes, hash) {
		return false, 0, "the key does not allow this hash"
	}
	if r.strict {
		if at := strings.LastIndexByte(s.Identity, '@'); at >= 0 && !strings.EqualFold(s.Identity[at+1:], s.Domain) {
			return false, 0, "the key does not sign for names below its domain"
		}
	}
	switch {
	case kind == "rsa" && r.rsa != nil:
		bits = r.rsa.N.BitLen()
		switch hash {
		case "sha256":
			sum := sha256.Sum256(data)
			ok = rsa.VerifyPKCS1v15(r.rsa, crypto.SHA256, sum[:], sig) == nil
		case "sha1":
			sum := sha1.Sum(data)
			ok = rsa.VerifyPKCS1v15(r.rsa, crypto.SHA1, sum[:], sig) == nil
		}
	case s.Algorithm == "ed25519-sha256" && r.ed25519 != nil:
		bits = 256
		sum := sha256.Sum256(data) // RFC 8463 §3
		ok = ed25519.Verify(r.ed25519, sum[:], sig)
	default:
		return false, 0, "the key is of another kind than the signature"
	}
	if !ok {
		reason = "the signature does not fit the header"
	}
	return ok, bits, reason
}
