// Package hostname reads host names the way a browser or a mail program does, and tells whose they are.
//
// Whom a name belongs to is decided from its end: "amazon.co.jp.example.net" belongs to whoever registered example.net.
// The registrable domain is the public suffix (the Public Suffix List, https://publicsuffix.org) and one label more.
// Names in other scripts are written in ASCII as A-labels ("xn--…", RFC 5890, UTS #46); addresses may be written as one
// number or in octal (WHATWG URL Standard, host parsing). Names in mail are often broken on purpose, so nothing here
// fails: what cannot be mapped is returned lower-cased.
package hostname

import (
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"github.com/mailaudit/mailaudit/analyzer/script"
)

// maxName is the longest name that is mapped, in bytes; a DNS name has at most 253 (RFC 1035 §2.3.4). A longer one,
// which leads nowhere, is cut to its end: that is what decides whose it is.
const maxName = 1024

// lenient maps names for looking up without refusing what DNS would refuse: links in mail hold underscores and worse.
var lenient = idna.New(idna.MapForLookup(), idna.StrictDomainName(false), idna.ValidateLabels(false), idna.VerifyDNSLength(false))

// ASCII returns host in lower case and A-labels, without dots at either end. Odd is set where the name was written with
// characters that vanish or change on the way (zero width space, full-width or mathematical letters, a dot that is no
// dot): a reader or a simple filter sees another name than the browser opens. A plain international name is not odd.
func ASCII(host string) (ascii string, odd bool) {
	if len(host) > maxName {
		host = host[len(host)-maxName:]
	}
	host = strings.Trim(strings.TrimSpace(host), ".")
	if plain(host) {
		return strings.ToLower(host), false
	}
	host = strings.ToValidUTF8(host, "\ufffd")
	odd = script.Invisible(host) > 0 || strings.ContainsAny(host, "。．｡")
	for _, r := range host {
		// Compatibility forms: full-width, mathematical, enclosed letters.
		odd = odd || r >= 0xff01 && r <= 0xff5e || r >= 0x1d400 && r <= 0x1d7ff || r >= 0x2460 && r <= 0x24ff ||
			r >= 0x1f100 && r <= 0x1f1ff || r >= 0x2100 && r <= 0x214f || r <= ' '
	}
	host = strings.Map(func(r rune) rune {
		if r <= ' ' || r == 0x7f {
			return -1
		}
		return r
	}, host)
	ascii, err := lenient.ToASCII(host)
	if err != nil || !plain(ascii) {
		ascii = strings.ToLower(script.Normal(host))
	}
	return strings.Trim(strings.ToLower(ascii), "."), odd
}

func plain(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c <= ' ' || c >= 0x7f {
			return false
		}
	}
	return true
}

// Unicode returns host with its A-labels written in their own script, as browsers may show it.
func Unicode(host string) string {
	if !strings.Contains(host, "xn--") || len(host) > maxName {
		return host
	}
	u, err := idna.Punycode.ToUnicode(host)
	if err != nil || !utf8.ValidString(u) {
		return host
	}
	return u
}

// Registrable returns the registrable domain of an ASCII host (eTLD+1). A host that is a public suffix itself, or an
// address, is returned as it is.
func Registrable(host string) string {
	host = strings.ToLower(strings.Trim(host, "."))
	if IsIP(host) {
		return host
	}
	d, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		return host
	}
	return d
}

// Private reports whether host lies under a suffix of the list's private section: places where anybody can have a name of
// his own (workers.dev, github.io, dynamic DNS, storage buckets), so that the owner of the suffix says nothing.
func Private(host string) bool {
	if IsIP(host) {
		return false
	}
	suffix, icann := publicsuffix.PublicSuffix(strings.ToLower(host))
	return !icann && strings.Contains(suffix, ".")
}

// Suffix reports whether host is nothing but a public suffix: "co.jp", "com".
func Suffix(host string) bool {
	suffix, icann := publicsuffix.PublicSuffix(host)
	return suffix == host && (icann || !strings.Contains(host, "."))
}

// Listed reports whether host ends in a suffix of the list: "readme.pdf" looks like a host and can be none.
func Listed(host string) bool {
	suffix, icann := publicsuffix.PublicSuffix(strings.ToLower(host))
	return icann || strings.Contains(suffix, ".")
}

// Under reports whether host is domain or below it, by whole labels. Both are ASCII in lower case.
func Under(host, domain string) bool {
	if domain == "" || len(host) < len(domain) || !strings.HasSuffix(host, domain) {
		return false
	}
	return len(host) == len(domain) || host[len(host)-len(domain)-1] == '.'
}

// IsIP reports whether a browser takes host for an address: dotted or as one number, in decimal, octal or hexadecimal, or
// IPv6 with or without brackets.
func IsIP(host string) bool {
	_, ok := IP(host)
	return ok
}

// IP returns the address that a browser takes host for.
func IP(host string) (netip.Addr, bool) {
	h := strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if strings.Contains(h, ":") {
		a, err := netip.ParseAddr(h)
		return a, err == nil
	}
	h = strings.TrimSuffix(h, ".")
	parts := strings.Split(h, ".")
	if len(parts) > 4 {
		return netip.Addr{}, false
	}
	// The last part fills all bytes that are left: 127.1 is 127.0.0.1.
	var v uint64
	for i, p := range parts {
		n, ok := number(p)
		if !ok || i < len(parts)-1 && n > 255 {
			return netip.Addr{}, false
		}
		if i == len(parts)-1 {
			if n >= 1<<(8*(5-len(parts))) {
				return netip.Addr{}, false
			}
			v |= n
			break
		}
		v |= n << (8 * (3 - i))
	}
	return netip.AddrFrom4([4]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}), true
}

func number(s string) (uint64, bool) {
	if s == "" || len(s) > 16 {
		return 0, false
	}
	base := 10
	switch {
	case len(s) > 2 && (s[:2] == "0x" || s[:2] == "0X"):
		s, base = s[2:], 16
	case len(s) > 1 && s[0] == '0':
		s, base = s[1:], 8
	}
	if last := s[len(s)-1]; base < 16 && (last < '0' || last > '9') {
		return 0, false // nearly all labels, and a parser that fails makes an error
	}
	n, err := strconv.ParseUint(s, base, 32)
	return n, err == nil
}
