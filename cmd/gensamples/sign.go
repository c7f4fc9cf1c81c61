package main

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"math/big"
	"strings"
	"sync"
)

// signature is one DKIM signature as the receiver sees it.
type signature struct {
	domain, selector string
	field            string // the whole DKIM-Signature field
	b                string // first eight letters of b=, which receivers quote (RFC 6008)
}

// signers are the domains that sign a message, top first.
func sign(m message, at int64, domains ...string) []signature {
	list := make([]signature, 0, len(domains))
	for _, d := range domains {
		list = append(list, signOne(m, at, d))
	}
	return list
}

// signOne signs a message for a domain with the samples' key, c=relaxed/simple as SES does (RFC 6376 §3.4).
func signOne(m message, at int64, domain string) signature {
	signed := []string{"Date", "From", "Reply-To", "To", "Message-ID", "Subject", "MIME-Version", "Content-Type"}
	if domain == "amazonses.com" {
		signed = append(signed, "Feedback-ID") // only the relay's own signature covers it
	}
	var present []string
	var canonical strings.Builder
	for _, name := range signed {
		for _, f := range m.fields {
			if n, value, _ := strings.Cut(f, ":"); strings.EqualFold(n, name) {
				present = append(present, name)
				canonical.WriteString(relaxed(n, value) + "\r\n")
			}
		}
	}
	hash := sha256.Sum256([]byte(simpleBody(m.body)))
	s := signature{domain: domain, selector: selector(domain)}
	value := fmt.Sprintf(" v=1; a=rsa-sha256; q=dns/txt; c=relaxed/simple;\n\ts=%s; d=%s; t=%d;\n\th=%s;\n\tbh=%s;\n\tb=",
		s.selector, domain, at, strings.Join(present, ":"), base64.StdEncoding.EncodeToString(hash[:]))
	digest := sha256.Sum256([]byte(canonical.String() + relaxed("DKIM-Signature", value)))
	raw, err := rsa.SignPKCS1v15(nil, sampleKey(), crypto.SHA256, digest[:])
	must(err)
	b := base64.StdEncoding.EncodeToString(raw)
	s.b = b[:8]
	s.field = "DKIM-Signature:" + value + strings.TrimSuffix(strings.ReplaceAll(lines(b, 72), "\n", "\n\t "), "\n\t ")
	return s
}

// relaxed is the relaxed form of a field (RFC 6376 §3.4.2), without its line end.
func relaxed(name, value string) string {
	return strings.ToLower(name) + ":" + strings.Join(strings.Fields(value), " ")
}

// simpleBody is the simple form of a body (RFC 6376 §3.4.3): CRLF, and exactly one line end at the end.
func simpleBody(body string) string {
	return strings.ReplaceAll(strings.TrimRight(body, "\n")+"\n", "\n", "\r\n")
}

// sampleKey is the one RSA key of the samples, 2048 bits, derived from a fixed seed. It is no secret and signs for
// nobody: its public half is published nowhere.
var sampleKey = sync.OnceValue(func() *rsa.PrivateKey {
	s := newSeed("mailaudit sample key")
	e := big.NewInt(65537)
	p, q := prime(s, e), prime(s, e)
	one := big.NewInt(1)
	phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	key := &rsa.PrivateKey{
		PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: 65537},
		D:         new(big.Int).ModInverse(e, phi),
		Primes:    []*big.Int{p, q},
	}
	key.Precompute()
	must(key.Validate())
	return key
})

// keyFile holds the key records by which the signatures of the genuine mail in the samples verify: a name and its TXT
// record on each line. The names are Amazon's and the issuers', the key is not: it is worth nothing outside the samples.
func keyFile() []byte {
	der, err := x509.MarshalPKIXPublicKey(&sampleKey().PublicKey)
	must(err)
	var b strings.Builder
	b.WriteString("# Keys of the samples, for --dkim-keys. They verify nothing but the samples.\n")
	for _, domain := range []string{"amazon.co.jp", "amazon.com", "amazonses.com", "marketplace.amazon.com", "vpass.ne.jp", "alertsp.chase.com"} {
		fmt.Fprintf(&b, "%s._domainkey.%s\tv=DKIM1; k=rsa; p=%s\n", selector(domain), domain, base64.StdEncoding.EncodeToString(der))
	}
	return []byte(b.String())
}

// prime draws a prime of 1024 bits with its two top bits set, so that the product of two has 2048.
func prime(s *seed, e *big.Int) *big.Int {
	for p := new(big.Int); ; {
		raw := s.bytes(128)
		raw[0] |= 0xc0
		raw[127] |= 1
		p.SetBytes(raw)
		less := new(big.Int).Sub(p, big.NewInt(1))
		if p.ProbablyPrime(20) && new(big.Int).GCD(nil, nil, less, e).Cmp(big.NewInt(1)) == 0 {
			return p
		}
	}
}
