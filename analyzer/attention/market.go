package attention

// market is the marketplace that decides which steps fit: the account's own, else the one its recipient shops at most.
func (c *conclusion) market(a uint32) string {
	if int(a) >= len(c.Accounts) {
		return ""
	}
	if m := c.Accounts[a].Marketplace; m != "" {
		return m
	}
	return c.homes()[c.Accounts[a].Address]
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
