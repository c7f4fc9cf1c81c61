package mailauth

import (
	"bufio"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Keys are DKIM public keys by the name of their TXT record. The zero value holds none.
type Keys struct {
	records map[string][]record
}

// record is one key record (RFC 6376 §3.6.1).
type record struct {
	rsa     *rsa.PublicKey
	ed25519 ed25519.PublicKey
	hashes  []string // h=: hashes it may be used with; empty for all
	strict  bool     // t=s: i= has to be the domain itself
}

// Bounds of a key file. A 4096-bit key takes 800 bytes.
const (
	maxKeyLine = 64 << 10
	maxKeys    = 100_000
	maxKeyBits = 8192
)

// Empty reports whether there are no keys.
func (k Keys) Empty() bool { return len(k.records) == 0 }

// Len is the number of names that there are keys for.
func (k Keys) Len() int { return len(k.records) }

func (k Keys) lookup(selector, domain string) []record {
	if selector == "" || domain == "" {
		return nil
	}
	return k.records[strings.ToLower(selector+"._domainkey."+domain)]
}

// LoadKeys reads a file of DKIM key records. Each line holds one TXT record in one of two forms:
//
//	selector._domainkey.example.com<TAB>v=DKIM1; k=rsa; p=MIGf…
//	selector._domainkey.example.com. 3600 IN TXT "v=DKIM1; k=rsa; " "p=MIGf…"
//
// The first is what "mailaudit keys fetch" writes, the second what dig prints and zone files hold; there TTL and class
// may be left out, and strings in quotes are joined, over several lines when they stand in parentheses. Empty lines and
// lines that start with "#" or ";" are passed over. One name may have several records, for selectors whose key was
// changed. A record without a key (p= empty: revoked) is kept out. Any other line is an error that names its number.
func LoadKeys(r io.Reader) (Keys, error) {
	k := Keys{records: make(map[string][]record)}
	in := bufio.NewScanner(r)
	in.Buffer(make([]byte, 4096), maxKeyLine)
	number, total := 0, 0
	for in.Scan() {
		number++
		line := in.Text()
		start := number
		for open := strings.Count(unquotedText(line), "(") > 0; open && !strings.Contains(unquotedText(line), ")") && len(line) < maxKeyLine && in.Scan(); {
			number++
			line += " " + in.Text()
		}
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' || line[0] == ';' {
			continue
		}
		name, text, err := keyLine(line)
		if err != nil {
			return Keys{}, fmt.Errorf("reading DKIM keys: line %d: %w", start, err)
		}
		rec, ok, err := parseRecord(text)
		if err != nil {
			return Keys{}, fmt.Errorf("reading DKIM keys: line %d: %s: %w", start, name, err)
		}
		if total++; total > maxKeys {
			return Keys{}, fmt.Errorf("reading DKIM keys: more than %d records", maxKeys)
		}
		if ok {
			k.records[name] = append(k.records[name], rec)
		}
	}
	if err := in.Err(); err != nil {
		return Keys{}, fmt.Errorf("reading DKIM keys: line %d: %w", number+1, err)
	}
	return k, nil
}

// unquotedText is a line without what stands in quotes.
func unquotedText(line string) string {
	if strings.IndexByte(line, '"') < 0 {
		return line
	}
	var b strings.Builder
	for i, part := range strings.Split(line, `"`) {
		if i%2 == 0 {
			b.WriteString(part)
		}
	}
	return b.String()
}

var errKeyLine = errors.New("not a key record: want a name, a tab and the record, or a TXT record as in a zone file")

// keyLine divides a line into the record's name, in lower case, and its text.
func keyLine(line string) (name, text string, err error) {
	cut := strings.IndexAny(line, " \t")
	if cut < 0 {
		return "", "", errKeyLine
	}
	name, text = strings.ToLower(strings.TrimSuffix(line[:cut], ".")), strings.TrimSpace(line[cut:])
	if !strings.Contains(name, "._domainkey.") {
		return "", "", fmt.Errorf("%q is no name of a DKIM key", name)
	}
	rest := text
	for {
		w, after, _ := strings.Cut(rest, " ")
		if tabbed, more, ok := strings.Cut(w, "\t"); ok {
			w, after = tabbed, more+" "+after
		}
		_, number := strconv.Atoi(w)
		if w != "" && number != nil && !strings.EqualFold(w, "IN") {
			if strings.EqualFold(w, "TXT") {
				return name, joined(after), nil
			}
			break
		}
		if after == "" {
			break
		}
		rest = after
	}
	return name, joined(text), nil
}

// joined joins the strings of a TXT record; text without quotes is taken as it is.
func joined(s string) string {
	s = strings.TrimSpace(s)
	if strings.IndexByte(s, '"') < 0 {
		return strings.Trim(s, "() ")
	}
	var b strings.Builder
	for i, part := range strings.Split(s, `"`) {
		if i%2 == 1 {
			b.WriteString(part)
		}
	}
	return b.String()
}

// parseRecord reads a key record. Ok is false for one that can't be used for mail and is none by mistake: revoked, or
// for another service.
func parseRecord(s string) (r record, ok bool, err error) {
	tags := parseTags(s)
	if v, has := tags["v"]; has && v != "DKIM1" {
		return r, false, fmt.Errorf("version %q", v)
	}
	p, has := tags["p"]
	if !has {
		return r, false, errors.New("no p= in the record")
	}
	if service := tags["s"]; service != "" && !listed(service, "*") && !listed(service, "email") || p == "" {
		return r, false, nil
	}
	if h := tags["h"]; h != "" {
		r.hashes = strings.Split(strings.ToLower(h), ":")
	}
	r.strict = listed(tags["t"], "s")
	der, err := base64.StdEncoding.DecodeString(p)
	if err != nil {
		return r, false, fmt.Errorf("p= is not base64: %w", err)
	}
	switch kind := tags["k"]; kind {
	case "", "rsa":
		r.rsa, err = rsaKey(der)
		return r, err == nil, err
	case "ed25519":
		if len(der) != ed25519.PublicKeySize {
			return r, false, fmt.Errorf("an ed25519 key of %d bytes", len(der))
		}
		r.ed25519 = ed25519.PublicKey(der)
		return r, true, nil
	default:
		return r, false, nil // a kind that is not known can verify nothing
	}
}

// rsaKey reads a key as SubjectPublicKeyInfo, which everybody publishes, or as RSAPublicKey, which RFC 6376 says.
func rsaKey(der []byte) (*rsa.PublicKey, error) {
	var key *rsa.PublicKey
	if parsed, err := x509.ParsePKIXPublicKey(der); err == nil {
		key, _ = parsed.(*rsa.PublicKey)
	} else if k, err := x509.ParsePKCS1PublicKey(der); err == nil {
		key = k
	}
	switch {
	case key == nil:
		return nil, errors.New("p= holds no RSA key")
	case key.N.BitLen() > maxKeyBits:
		return nil, fmt.Errorf("an RSA key of %d bits", key.N.BitLen())
	}
	return key, nil
}

// listed reports whether a colon-separated list holds a word.
func listed(list, word string) bool {
	for w := range strings.SplitSeq(list, ":") {
		if strings.EqualFold(w, word) {
			return true
		}
	}
	return false
}
