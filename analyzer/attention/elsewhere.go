package attention

import (
	"slices"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// brands are all brands that an entry can be of.
func (c *conclusion) brands() []*brand.Brand {
	if c.Brands == nil {
		return nil
	}
	out := c.Brands.All()
	if c.Others != nil {
		out = slices.Concat(out, c.Others.All())
	}
	return out
}

// keys are the ids of the brands that hold keys to other accounts, by index; "" for the rest.
func (c *conclusion) keys() []string {
	all := c.brands()
	out := make([]string, len(all))
	for i, b := range all {
		if b.Can(brand.Keys) {
			out[i] = b.ID
		}
	}
	return out
}

// only lengthens what is audited by the brands that are not.
func (c *conclusion) only(audited []bool) []bool {
	return append(audited, make([]bool, len(c.brands())-len(audited))...)
}

// foreign reports whether an entry is of a brand that is not audited.
func (c *conclusion) foreign(e *fact.Entry) bool {
	return c.Others != nil && c.Brands != nil && int(e.Brand) >= len(c.Brands.All())
}

// doElsewhere are the steps at the brands where a way in began: before those, nothing that is done at the account itself lasts.
func (c *conclusion) doElsewhere(ids []string) (out []finding.Text) {
	for _, b := range c.brands() {
		if slices.Contains(ids, b.ID) {
			out = append(out, do("elsewhere", place{brand: b})...)
		}
	}
	return out
}
