// Package sender is the one reading of an address for judging: whose it is, as written and as a mail program shows it.
//
// Fakes write an official address so that programs disagree about it: full-width letters, a soft hyphen or a zero width
// space inside of the domain, a dot that is no dot. Whoever judges an address asks this package, so that one part never
// takes for the brand's own what another takes for a stranger's. It also holds what it takes to pose as a brand.
package sender

import (
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/hostname"
)

// Address is an address (RFC 5322 §3.4.1) as it is judged.
type Address struct {
	Written string // as it stands in the field
	Local   string // local part as written; the whole where there is no domain
	Host    string // domain in ASCII and lower case (hostname.ASCII); "" for none
	Odd     bool   // the domain is written with characters that vanish or change on the way to Host

	Brand    *brand.Brand // whom the domain belongs to; nil for nobody that is known
	Domain   brand.Domain // its entry
	Official bool         // mail comes from that domain: the brand's own or one of its relays, no asset or customer host
}

// Resolve reads an address. Brands may be nil: then nobody's domains are known.
func Resolve(address string, brands *brand.Set) Address {
	a := Address{Written: address, Local: address}
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return a
	}
	a.Local = address[:at]
	a.Host, a.Odd = hostname.ASCII(address[at+1:])
	if brands == nil {
		return a
	}
	a.Brand, a.Domain, a.Official = Owner(a.Host, brands)
	return a
}

// Owner returns whose host is. Official is false for hosts that bear a brand's files, links or customers, but send no mail
// of its own.
func Owner(host string, brands *brand.Set) (b *brand.Brand, d brand.Domain, official bool) {
	b, d, ok := brands.Lookup(host)
	return b, d, ok && d.Role != brand.Customer && d.Role != brand.Assets && d.Role != brand.Short
}

// Host is the domain of an address in ASCII; "" where it has none.
func Host(address string) string { return Resolve(address, nil).Host }

// Claims reports whether so many claims of each strength amount to posing as a brand: one that is strong, or two that an
// honest message makes one of at a time.
func Claims(strong, medium int) bool { return strong > 0 || medium > 1 }

// Poses is Claims with what speaks against the message: a single medium claim beside a strong sign of a fake is one.
func Poses(strong, medium, strongAgainst int) bool {
	return Claims(strong, medium) || medium > 0 && strongAgainst > 0
}
