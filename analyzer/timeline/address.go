package timeline

import (
	"slices"
	"strings"
	"unicode"

	"github.com/mailaudit/mailaudit/analyzer/fact"
)

// moved is what a notice of a changed e-mail address says of the new one.
type moved int

const (
	movedUnknown moved = iota // the notice does not say to what
	movedOwn                  // one of the owner's
	movedAlike                // one that looks like the owner's: most likely his, unless somebody took care
	movedUnlike               // one that is unlike any of the owner's
	movedAbroad               // the same, under the domain of a country that is not the account's
)

// movedTo judges the new address that a notice names.
func (f *finder) movedTo(l *ledger, e *fact.Entry) moved {
	d := f.details(e)
	if d == nil || d.NewEmail == "" {
		return movedUnknown
	}
	address := strings.ToLower(d.NewEmail)
	if f.Own[address] || address == l.account.Address || f.served[address] {
		return movedOwn
	}
	ours := make(map[string]bool)
	for _, own := range append([]string{strings.ToLower(d.OldEmail), l.account.Address}, f.owned...) {
		if alike(own, address) {
			return movedAlike
		}
		ours[topLevel(own)] = true
	}
	if tld := topLevel(address); !ours[tld] && countryDomain(tld, l.account.Marketplace) {
		return movedAbroad
	}
	return movedUnlike
}

// maxOwned is how many of the owner's addresses others are compared with: people have a handful.
const maxOwned = 64

// likeness is how many letters in a row two addresses share that belong to one person: people keep their name, or a part
// of it. Three where the whole of the shorter one is shared.
const likeness = 4

// alike reports whether the local parts of two addresses share a name.
func alike(a, b string) bool {
	a, b = letters(a), letters(b)
	if a == "" || b == "" {
		return false
	}
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(a) > 64 {
		a = a[:64] // RFC 5321 §4.5.3.1.1
	}
	for n := range len(a) - likeness + 1 {
		if strings.Contains(b, a[n:n+likeness]) {
			return true
		}
	}
	return len(a) == likeness-1 && strings.Contains(b, a)
}

// letters are the letters of the local part of an address.
func letters(address string) string {
	local, _, _ := strings.Cut(address, "@")
	local, _, _ = strings.Cut(local, "+") // a sub-address (RFC 5233) names the use, not the person
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, local)
}

func topLevel(address string) string { return address[strings.LastIndexByte(address, '.')+1:] }

// sold are domains of countries that are sold to everybody, and used so.
var sold = []string{"io", "me", "co", "tv", "ai", "cc", "eu", "be", "it", "is", "so", "to", "la", "ly", "us", "ch"}

// countryDomain reports whether a top-level domain is that of a country whose people don't shop at the marketplace.
func countryDomain(tld, market string) bool {
	if len(tld) != 2 || market == "" || slices.Contains(sold, tld) {
		return false
	}
	code := strings.ToUpper(tld)
	if tld == "uk" {
		code = "GB"
	}
	for _, c := range countries {
		if c.Code == code {
			return !slices.Contains(c.Marketplaces, market)
		}
	}
	return false
}
