package attention

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/timeline"
)

const (
	// together is how near in time notices are one story.
	together = int64(72 * time.Hour / time.Second)
	// maxMessages is how many message ids an item lists.
	maxMessages = 200
)

// list makes all items. Order matters: what an earlier one tells a later one leaves out.
func (c *conclusion) list() {
	c.incidents()
	c.questions()
	c.sweep()
	c.statements()
	c.ledger()
	if c.Lost > 0 {
		c.add(finding.Attention{
			ID: fact.StableID("a", MailLost), Severity: finding.MediumS, Kind: MailLost,
			Why: text(MailLost, args{"n": c.Lost}), Do: do("lost", place{}),
		}, nil)
	}
	if c.Incomplete {
		c.add(finding.Attention{
			ID: fact.StableID("a", Incomplete), Severity: finding.MediumS, Kind: Incomplete,
			Why: text(Incomplete, nil), Do: do("incomplete", place{}),
		}, nil)
	}
	if !slices.ContainsFunc(c.items, func(i item) bool { return i.Severity.Level() >= finding.MediumS.Level() }) {
		c.allClear()
	}
}

type args = map[string]any

func text(kind string, a args) finding.Text { return finding.Text{ID: "attention." + kind, Args: a} }

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// do are the steps for a situation of an account; genuine mail in spam adds one more.
func (c *conclusion) do(situation string, a uint32, list []uint32) []finding.Text {
	out := do(situation, c.place(a))
	if slices.ContainsFunc(c.genuine(list), func(i uint32) bool { return c.Entries[i].Flags.Has(fact.InSpam) }) {
		out = append(out, do("in_spam", c.place(a))...)
	}
	return out
}

// add adds an item that tells of messages, given by index.
func (c *conclusion) add(a finding.Attention, members []uint32) {
	it := item{Attention: a}
	members = slices.Clone(members)
	slices.SortFunc(members, func(i, j uint32) int { return c.Entries[i].Compare(&c.Entries[j]) })
	for _, i := range members {
		c.told[i] = true
		e := &c.Entries[i]
		it.score = max(it.score, c.score(e))
		it.latest = max(it.latest, e.Time)
	}
	// The newest are the ones a person wants first when there are too many.
	for _, i := range members[max(0, len(members)-maxMessages):] {
		it.Messages = append(it.Messages, c.Entries[i].ID())
	}
	c.items = append(c.items, it)
}

// score is how well a notice was hidden (READSTATE §1): never opened 3, unread 3, spam 4, trash 3, archived unread 2, at
// night 1, buried among twenty other mails within an hour 2.
func (c *conclusion) score(e *fact.Entry) int {
	n := 0
	f := e.Flags
	if f.Has(fact.SeenKnown) && !f.Has(fact.Seen) {
		n += 3
	}
	if f.Has(fact.OpenedKnown) && !f.Has(fact.Opened) {
		n += 3
	}
	if f.Has(fact.InSpam) {
		n += 4
	}
	if f.Has(fact.InTrash) {
		n += 3
	}
	if f.Has(fact.InArchive) && f.KnownUnread() {
		n += 2
	}
	if c.night(e) {
		n++
	}
	if c.buried(e) {
		n += 2
	}
	return n
}

// night reports whether a notice came between 0 and 5 o'clock in the owner's zone; false where the zone is not known.
func (c *conclusion) night(e *fact.Entry) bool {
	return e.Time != 0 && c.Location != nil && e.When().In(c.Location).Hour() < 5
}

// buried reports whether twenty or more other mails came within the hour before or after. Arrivals are counted by whole
// hours: the three hours around the notice, times two thirds, stand for the two.
func (c *conclusion) buried(e *fact.Entry) bool {
	if e.Time == 0 {
		return false
	}
	h := int32(e.Time / 3600)
	n := int64(c.Arrivals[h-1]) + int64(c.Arrivals[h]) + int64(c.Arrivals[h+1]) - 1
	return 2*n >= 3*20
}

// incidents makes one item of each incident.
func (c *conclusion) incidents() {
	kinds := map[string]string{timeline.KindTakeover: Takeover}
	situations := map[string]string{
		timeline.KindTakeover: "account", timeline.KindPhish: "account", timeline.KindSilence: "account",
		timeline.KindBomb: "account", timeline.KindBurst: "orders", timeline.KindReset: "reset",
	}
	for k := range c.found.Incidents {
		in := &c.found.Incidents[k]
		kind := cmp.Or(kinds[in.Kind], in.Kind)
		notices, id := c.genuine(in.Members), kind
		if kind == Phish && slices.ContainsFunc(in.Members, c.answered) {
			id += ".answered"
		}
		if len(notices) == 1 && kind != Silence {
			id += ".one"
		}
		if kind == Takeover && in.Severity == finding.Critical {
			id = Takeover + ".sure"
			if len(notices) == 1 {
				id = Takeover + ".one"
			}
		} else if kind == Takeover {
			id = Takeover
		}
		c.add(finding.Attention{
			ID: fact.StableID("a", in.ID), Severity: in.Severity, Kind: kind, Tell: true, Incident: in.ID, Account: in.Account,
			Why: text(id, c.args(in.AccountIndex, notices)),
			Do:  append(c.doElsewhere(in.Elsewhere), do(situations[in.Kind], c.place(in.AccountIndex))...),
		}, in.Members)
	}
}

// answered reports whether a message is a fake that was answered.
func (c *conclusion) answered(i uint32) bool {
	return c.verdict(&c.Entries[i]) == finding.Impersonation && c.Entries[i].Flags.Has(fact.Replied)
}

// genuine leaves out the fakes that are in a story as context.
func (c *conclusion) genuine(list []uint32) []uint32 {
	return slices.DeleteFunc(slices.Clone(list), func(i uint32) bool { return !c.verdict(&c.Entries[i]).FromAmazon() })
}

// sweep goes over all entries once and sorts what needs a person into items.
func (c *conclusion) sweep() {
	unnoticed, unknown, risky := make(map[uint32][]uint32), make(map[uint32][]uint32), make(map[uint32][]uint32)
	answered, opened := make(map[pose][]uint32), make(map[pose][]uint32)
	spam, neither := make(map[uint32][]uint32), make(map[uint32][]uint32)
	keys, unproven := make(map[uint32][]uint32), make(map[string][]uint32)
	for i := range c.Entries {
		e, k := &c.Entries[i], uint32(i)
		v := c.verdict(e)
		if int(e.Account) >= len(c.Accounts) || c.foreign(e) {
			continue
		}
		address := c.Accounts[e.Account].Address
		if v == finding.Impersonation || v == finding.Suspicious {
			switch {
			case c.told[k]: // it is part of an incident
			case e.Flags.Has(fact.Replied) && v == finding.Impersonation:
				p := c.pose(e)
				answered[p] = append(answered[p], k)
			case v == finding.Impersonation && e.Flags.KnownRead() && !e.Flags.Has(fact.InSpam):
				p := c.pose(e)
				opened[p] = append(opened[p], k)
			}
			continue
		}
		if c.told[k] {
			continue
		}
		if e.Flags.Has(fact.RiskHigh) && v != finding.Mention {
			risky[e.Account] = append(risky[e.Account], k)
			continue
		}
		switch ev := c.event(e); {
		case v.FromAmazon() && !e.Flags.Has(fact.StartDoubt) && c.keyExposed(e):
			keys[e.Account] = append(keys[e.Account], k)
		case c.out.unnoticed[e.Pos] || ev == finding.AWSSecurity && v.FromAmazon() && unread(e.Flags):
			unnoticed[e.Account] = append(unnoticed[e.Account], k)
		case v.FromAmazon() && !e.Flags.Has(fact.StartDoubt) && account(ev) && e.Severity >= uint8(finding.High.Level()) &&
			!e.Flags.KnownRead() && !e.Flags.KnownUnread():
			unknown[e.Account] = append(unknown[e.Account], k)
		case v == finding.Unverifiable && account(ev) && e.Severity >= uint8(finding.Critical.Level()) && e.Flags.Has(fact.NoRecords):
			unproven[address] = append(unproven[address], k)
		case v == finding.Unverifiable && account(ev) && e.Severity >= uint8(finding.High.Level()) && !e.Flags.KnownRead():
			neither[e.Account] = append(neither[e.Account], k)
		case v.FromAmazon() && e.Flags.Has(fact.InSpam) && ev != finding.Marketing && ev != finding.OTP && ev.Class() != "statement":
			spam[e.Account] = append(spam[e.Account], k)
		}
	}
	for _, a := range sorted(keys) {
		c.exposed(a, keys[a])
	}
	for _, address := range sorted(unproven) {
		c.neither(address, unproven[address])
	}
	for _, a := range sorted(unnoticed) {
		c.unnoticed(a, unnoticed[a])
	}
	for _, a := range sorted(unknown) {
		c.unknown(a, unknown[a])
	}
	for _, a := range sorted(spam) {
		c.group(GenuineInSpam+".other", GenuineInSpam, finding.Low, "notice", a, spam[a])
	}
	for _, a := range sorted(neither) {
		c.group(Unverifiable, Unverifiable, finding.Low, "notice", a, neither[a])
	}
	for _, a := range sorted(risky) {
		c.group(RiskContent, RiskContent, finding.MediumS, "risk", a, risky[a])
	}
	for _, p := range poses(answered) {
		c.fakes(RepliedToFake, finding.High, "answered", p, answered[p])
	}
	for _, p := range poses(opened) {
		c.fakes(OpenedFake, finding.Low, "fake", p, opened[p])
	}
}

// account reports whether an event is one of the account itself; a one-time code is not.
func account(e finding.Event) bool {
	return e != finding.OTP && (e.Class() == "security" || e.Class() == "account")
}

func sorted[K cmp.Ordered](m map[K][]uint32) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// worst is the most serious severity of notices.
func (c *conclusion) worst(list []uint32) finding.Severity {
	level := 0
	for _, i := range list {
		level = max(level, int(c.Entries[i].Severity))
	}
	return severityOf(level)
}

// lead is the most serious notice of a list, the earliest of equals.
func (c *conclusion) lead(list []uint32) *fact.Entry {
	best := &c.Entries[list[0]]
	for _, i := range list {
		e := &c.Entries[i]
		if e.Severity > best.Severity || e.Severity == best.Severity && e.Compare(best) < 0 {
			best = e
		}
	}
	return best
}

// unnoticed makes one item of the notices of an account that nobody noticed and that neither an incident nor a question
// tells: sign-ins, attempts, payments that were declined.
func (c *conclusion) unnoticed(a uint32, list []uint32) {
	slices.SortFunc(list, func(i, j uint32) int { return c.Entries[i].Compare(&c.Entries[j]) })
	kind, id := UnnoticedChange, UnnoticedChange
	if !slices.ContainsFunc(list, func(i uint32) bool { return !c.Entries[i].Flags.Has(fact.InSpam) }) {
		kind, id = GenuineInSpam, GenuineInSpam
	}
	e := c.lead(list)
	switch {
	case len(list) > 1:
		id += ".many"
	case e.Time == 0:
		id += ".undated"
	case kind == UnnoticedChange && (e.Flags.Has(fact.InTrash) || e.Flags.Has(fact.Deleted)):
		id += ".trash"
	case kind == UnnoticedChange && c.buried(e):
		id += ".buried"
	case kind == UnnoticedChange && c.night(e):
		id += ".night"
	}
	severity, tell := finding.Low, false
	for _, i := range list {
		switch e := &c.Entries[i]; c.event(e) {
		case finding.SecurityUnknown, finding.SigninAttempt, finding.DataAccessAttempt, finding.NewAccount:
			severity = finding.MediumS
		default:
			if e.Severity >= uint8(finding.High.Level()) { // a change without a believable time: it is in no story
				severity, tell = finding.MediumS, true
			}
		}
	}
	c.add(finding.Attention{
		ID: fact.StableID("a", UnnoticedChange, c.Accounts[a].Address, c.Accounts[a].Shop(), "rest"), Severity: severity, Kind: kind, Tell: tell,
		Account: c.Accounts[a].String(), Why: text(id, c.args(a, list)), Do: c.do("notice", a, list),
	}, list)
	c.items[len(c.items)-1].rest = true
}

// unknown makes one item of the serious notices of which it is not known whether they were read: one step below them, and
// medium at most. What of them has a time is a question.
func (c *conclusion) unknown(a uint32, list []uint32) {
	slices.SortFunc(list, func(i, j uint32) int { return c.Entries[i].Compare(&c.Entries[j]) })
	id := UnknownRead
	if len(list) > 1 {
		id += ".many"
	} else if c.Entries[list[0]].Time == 0 {
		id += ".undated"
	}
	c.group(id, UnknownRead, severityOf(min(c.worst(list).Level()-1, finding.MediumS.Level())), "notice", a, list)
}

// group makes one item of notices of one account.
func (c *conclusion) group(id, kind string, severity finding.Severity, situation string, a uint32, list []uint32) {
	c.add(finding.Attention{
		ID: fact.StableID("a", kind, c.Accounts[a].Address, c.Accounts[a].Shop()), Severity: severity, Kind: kind,
		Account: c.Accounts[a].String(), Why: text(id, c.args(a, list)), Do: c.do(situation, a, list),
	}, list)
}

// name is the account as a gap of a text is filled with it; nil where nothing is known of it.
func (c *conclusion) name(a uint32) any {
	if int(a) < len(c.Accounts) && c.Accounts[a].Name() != "" {
		return c.Accounts[a].Name()
	}
	return nil
}

// args are the gaps of the texts about notices.
func (c *conclusion) args(a uint32, list []uint32) args {
	e := c.lead(list)
	out := args{"account": c.name(a), "n": len(list), "event": string(c.event(e))}
	if b := c.place(a).brand; b != nil {
		out["brand"] = b.ID
	}
	if e.Time != 0 {
		out["time"] = stamp(e.When())
	}
	var first, last *fact.Entry
	for _, i := range list {
		e := &c.Entries[i]
		if e.Time == 0 {
			continue
		}
		if first == nil || e.Time < first.Time {
			first = e
		}
		if last == nil || e.Time > last.Time {
			last = e
		}
	}
	if first != nil {
		out["start"], out["end"] = stamp(first.When()), stamp(last.When())
	}
	return out
}

// pose is whom fakes were sent to, and the issuer that they pose as; "" for Amazon.
type pose struct{ address, issuer string }

func (c *conclusion) pose(e *fact.Entry) pose {
	p := pose{address: c.Accounts[e.Account].Address}
	if c.Brands != nil {
		if all := c.Brands.All(); int(e.Brand) < len(all) && !all[e.Brand].Can(brand.Shops) {
			p.issuer = all[e.Brand].ID
		}
	}
	return p
}

func poses(m map[pose][]uint32) []pose {
	return slices.SortedFunc(maps.Keys(m), func(a, b pose) int {
		return cmp.Or(cmp.Compare(a.address, b.address), cmp.Compare(a.issuer, b.issuer))
	})
}

// fakes makes one item of the fakes of one issuer that a recipient opened or answered, whatever marketplace they claim.
func (c *conclusion) fakes(kind string, severity finding.Severity, situation string, p pose, list []uint32) {
	address := p.address
	slices.SortFunc(list, func(i, j uint32) int { return c.Entries[i].Compare(&c.Entries[j]) })
	id := kind
	if len(list) > 1 {
		id += ".many"
	}
	a := c.Entries[list[0]].Account
	out := c.args(a, list)
	delete(out, "event") // what a fake claims is not what happened
	out["account"] = nil
	if address != "" {
		out["account"] = address
	}
	if out["time"] == nil {
		id = kind + ".undated"
	}
	named, steps := []string{kind, address}, do(situation, c.place(a))
	if p.issuer != "" {
		at := place{brand: c.Brands.ByID(p.issuer), market: c.place(a).market}
		named, steps = append(named, p.issuer), withIssuer(do(situation+"_issuer", at), p.issuer)
	}
	c.add(finding.Attention{
		ID: fact.StableID("a", named...), Severity: severity, Kind: kind, Account: address,
		Why: text(id, out), Do: steps,
	}, list)
}
