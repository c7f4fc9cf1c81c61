package analyzer

import (
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/fact"
)

// accounts numbers the accounts of a scan in the order they are met.
type accounts struct {
	list  []fact.Account
	known map[fact.Account]uint32
}

func newAccounts() *accounts { return &accounts{known: make(map[fact.Account]uint32)} }

// index is the number of an account.
func (a *accounts) index(account fact.Account) uint32 {
	if i, ok := a.known[account]; ok {
		return i
	}
	account.Address, account.Marketplace = strings.Clone(account.Address), strings.Clone(account.Marketplace) // not the whole fact
	i := uint32(len(a.list))
	a.known[account] = i
	a.list = append(a.list, account)
	return i
}

// brandIndex numbers the brands in the order of the set.
func brandIndex(brands []*brand.Brand) map[string]uint16 {
	out := make(map[string]uint16)
	for i, b := range brands {
		out[b.ID] = uint16(i)
	}
	return out
}
