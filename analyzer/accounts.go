package analyzer

import (
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/attention"
	"github.com/mailaudit/mailaudit/analyzer/brand"
)

// accounts numbers the accounts of a scan in the order they are met.
type accounts struct {
	list  []attention.Account
	known map[string]uint32
}

func newAccounts() *accounts { return &accounts{known: make(map[string]uint32)} }

// index is the number of an account. name is "address/marketplace", or the address alone, or "".
func (a *accounts) index(name, marketplace string) uint32 {
	if i, ok := a.known[name]; ok {
		return i
	}
	i := uint32(len(a.list))
	a.known[name] = i
	a.list = append(a.list, attention.Account{Address: strings.TrimSuffix(name, "/"+marketplace), Marketplace: marketplace})
	return i
}

// brandIndex numbers the brands in the order of the set.
func brandIndex(set *brand.Set) map[string]uint16 {
	out := make(map[string]uint16)
	for i, b := range set.All() {
		out[b.ID] = uint16(i)
	}
	return out
}
