package attention

import "github.com/mailaudit/mailaudit/analyzer/brand"

// place is where the steps about an account are taken. The marketplace is the account's own, else the one its recipient shops
// at most.
func (c *conclusion) place(a uint32) place {
	if int(a) >= len(c.Accounts) {
		return place{}
	}
	account := c.Accounts[a]
	if account.Marketplace != "" {
		return place{market: account.Marketplace}
	}
	return place{brand: c.bySite(account.Site), market: c.homes()[account.Address]}
}

// bySite is the brand whose accounts are seen at a site, nil for none.
func (c *conclusion) bySite(site string) *brand.Brand {
	if site == "" || c.Brands == nil {
		return nil
	}
	for _, b := range c.Brands.All() {
		if b.Site() == site {
			return b
		}
	}
	return nil
}

// homes is the marketplace of most genuine notices by recipient, and under "" that of all of them.
func (c *conclusion) homes() map[string]string {
	if c.home != nil {
		return c.home
	}
	counts := make(map[string]map[string]int)
	count := func(address, market string) {
		if counts[address] == nil {
			counts[address] = make(map[string]int)
		}
		counts[address][market]++
	}
	for i := range c.Entries {
		e := &c.Entries[i]
		if int(e.Account) < len(c.Accounts) && c.verdict(e).FromAmazon() {
			if a := c.Accounts[e.Account]; a.Marketplace != "" {
				count(a.Address, a.Marketplace)
				if a.Address != "" {
					count("", a.Marketplace)
				}
			}
		}
	}
	c.home = make(map[string]string)
	for address, markets := range counts {
		best := ""
		for m, n := range markets {
			if best == "" || n > markets[best] || n == markets[best] && m < best {
				best = m
			}
		}
		c.home[address] = best
	}
	for _, a := range c.Accounts {
		if c.home[a.Address] == "" {
			c.home[a.Address] = c.home[""]
		}
	}
	return c.home
}
