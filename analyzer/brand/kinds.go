package brand

import (
	"bytes"
	"fmt"
	"io/fs"
	"slices"

	"github.com/pelletier/go-toml/v2"
)

// Capability is something a brand does for its customers that decides what is made of its mail. No rule asks for a brand by
// name or by kind: it asks what the brand can do.
type Capability string

// Capabilities.
const (
	// Account: customers sign in to an account that others can take over, and are written to about its security. Incidents
	// and questions are made of these notices.
	Account Capability = "account"
	// Disguises: fakes write its names in every disguise and its products in its place, so that these are looked for too.
	Disguises Capability = "disguises"
	// Apart: its names are looked for written apart in the text as well, which costs as much as all other names together.
	Apart Capability = "apart"
	// Statements: it sends statements and notices of charges, in an issuer's words.
	Statements Capability = "statements"
	// Orders: it confirms orders, each with a number of its own form.
	Orders Capability = "orders"
	// Products: names of its products are its own, so that a sender or a subject that bears one poses as the brand (Prime Video).
	Products Capability = "products"
	// Shops: it has a shop of its own in each country, each with its own domain.
	Shops Capability = "shops"
	// Messages: it keeps what it wrote in a message centre behind its sign-in.
	Messages Capability = "messages"
	// Hosts: all hosts that links in its own mail lead to are known.
	Hosts Capability = "hosts"
	// Namesake: its name is also that of a river and a forest, of which others write.
	Namesake Capability = "namesake"
	// Parcels: it brings what was ordered elsewhere, and writes of parcels to people who have no account with it.
	Parcels Capability = "parcels"
	// Keys: it holds the mailbox, or the sign-in, with which passwords of accounts elsewhere are reset.
	Keys Capability = "keys"
)

func capabilities() []Capability {
	return []Capability{Account, Disguises, Apart, Statements, Orders, Products, Shops, Messages, Hosts, Namesake, Parcels, Keys}
}

// Kind is a set of capabilities that many brands share (data/kinds.toml).
type Kind struct {
	ID   string       `toml:"id"`
	Says string       `toml:"says"` // for the authors of packs
	Can  []Capability `toml:"can"`
}

// DecodeKinds reads the kinds of a file, strictly.
func DecodeKinds(fsys fs.FS, name string) ([]Kind, error) {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("reading kinds of brands: %w", err)
	}
	var file struct {
		Kinds []Kind `toml:"kind"`
	}
	if err := toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields().Decode(&file); err != nil {
		return nil, fmt.Errorf("decoding kinds of brands %s: %w", name, err)
	}
	for _, k := range file.Kinds {
		if k.ID == "" || k.Says == "" {
			return nil, fmt.Errorf("kinds of brands %s: %q needs an id and what it says", name, k.ID)
		}
		if c, ok := unknownCapability(k.Can); ok {
			return nil, fmt.Errorf("kinds of brands %s: %s: no such capability %q", name, k.ID, c)
		}
	}
	return file.Kinds, nil
}

func unknownCapability(list []Capability) (Capability, bool) {
	i := slices.IndexFunc(list, func(c Capability) bool { return !slices.Contains(capabilities(), c) })
	if i < 0 {
		return "", false
	}
	return list[i], true
}

// Kinds are all kinds there are.
func Kinds() []Kind { return slices.Clone(kinds) }

func kindNamed(id string) (Kind, bool) {
	i := slices.IndexFunc(kinds, func(k Kind) bool { return k.ID == id })
	if i < 0 {
		return Kind{}, false
	}
	return kinds[i], true
}

// Site is what one types into the browser to see an account at the brand: "apple.com". It is empty for a brand that has no
// account, or one of each marketplace.
func (b *Brand) Site() string {
	if b.Can(Account) && !b.Can(Shops) {
		return b.Contact.Site
	}
	return ""
}

// Can reports whether the brand has a capability: of its kind, or one of its own.
func (b *Brand) Can(c Capability) bool {
	if slices.Contains(b.Also, c) {
		return true
	}
	k, _ := kindNamed(b.Kind)
	return slices.Contains(k.Can, c)
}
