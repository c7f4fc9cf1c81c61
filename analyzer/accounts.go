package analyzer

import (
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/fact"
)

// numbers numbers things in the order they are met.
type numbers[T comparable] struct {
	list  []T
	known map[T]uint32
}

func newNumbers[T comparable]() *numbers[T] { return &numbers[T]{known: make(map[T]uint32)} }

// number is that of a thing; own makes a copy of one that is met for the first time.
func (n *numbers[T]) number(v T, own func(T) T) uint32 {
	if i, ok := n.known[v]; ok {
		return i
	}
	i := uint32(len(n.list))
	v = own(v)
	n.known[v] = i
	n.list = append(n.list, v)
	return i
}

// accounts numbers the accounts of a scan.
type accounts struct{ numbers[fact.Account] }

func newAccounts() *accounts { return &accounts{*newNumbers[fact.Account]()} }

// index is the number of an account.
func (a *accounts) index(account fact.Account) uint32 {
	return a.number(account, func(v fact.Account) fact.Account {
		return fact.Account{Address: strings.Clone(v.Address), Marketplace: strings.Clone(v.Marketplace), Site: v.Site} // not the whole fact
	})
}

// groups numbers the groups of a scan.
type groups struct{ numbers[string] }

func newGroups() *groups { return &groups{*newNumbers[string]()} }

// index is the number of a group.
func (g *groups) index(name string) uint32 { return g.number(name, strings.Clone) }

// brandIndex numbers the brands in the order of the set.
func brandIndex(set *brand.Set) map[string]uint16 {
	out := make(map[string]uint16)
	for i, b := range set.All() {
		out[b.ID] = uint16(i)
	}
	return out
}
