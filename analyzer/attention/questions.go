package attention

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/mailaudit/mailaudit/analyzer/event"
	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/timeline"
)

const (
	// ownLines is how many questions of one account and year get a line of their own, in the order of time, beside those that
	// are told at night; the rest is one line. More than a few a year are answered by nobody.
	ownLines = 2
	// day is within what a question names one date, in seconds: half a day, since a story that begins at night is of one night.
	day = 12 * 60 * 60
	// heavy is the weight (timeline.Question.Weight) from which a question is medium though its notices were read.
	heavy = 80
)

// questions makes items of what only the owner knows.
func (c *conclusion) questions() {
	type year struct {
		account uint32
		n       int
	}
	lines := make(map[year]int)
	rest := make(map[year][]timeline.Question)
	var years []year
	for _, q := range c.found.Questions {
		y := year{q.AccountIndex, c.Entries[q.Members[0]].When().Year()}
		own := q.Own && lines[y] < ownLines
		if own {
			lines[y]++
		}
		if own || q.Tell || q.Why == "charges" {
			c.ask(q)
			continue
		}
		if rest[y] == nil {
			years = append(years, y)
		}
		rest[y] = append(rest[y], q)
	}
	for _, y := range years {
		var all timeline.Question
		all.AccountIndex, all.Read = y.account, true
		for _, q := range rest[y] {
			all.Members = append(all.Members, q.Members...)
			all.Read = all.Read && q.Read
			all.Weight = max(all.Weight, q.Weight)
		}
		if list := rest[y]; len(list) == 1 {
			c.ask(list[0])
			continue
		}
		slices.SortFunc(all.Members, func(i, j uint32) int { return c.Entries[i].Compare(&c.Entries[j]) })
		a := c.Accounts[y.account]
		out := c.args(y.account, all.Members)
		out["events"], out["n"] = c.kinds(all.Members), len(rest[y])
		c.addQuestion(all, finding.Attention{
			ID: fact.StableID("a", Question, a.Address, a.Shop(), fmt.Sprint(y.n)), Why: text(Question+".year", out),
		})
	}
}

// ask makes an item of one question.
func (c *conclusion) ask(q timeline.Question) {
	a := c.Accounts[q.AccountIndex]
	id := Question
	out := c.args(q.AccountIndex, q.Members)
	switch q.Why {
	case "change":
		switch {
		case !slices.ContainsFunc(q.Members, func(i uint32) bool { return !stopped(c.event(&c.Entries[i])) }):
			id += ".locked"
		case len(c.kinds(q.Members)) > 1:
			id += ".many"
			out["events"] = c.kinds(q.Members)
			if c.Entries[q.Members[len(q.Members)-1]].Time-c.Entries[q.Members[0]].Time < day {
				id += ".day"
			}
		case !q.Read:
			id += ".unread"
			if !slices.ContainsFunc(q.Members, func(i uint32) bool { return !unread(c.Entries[i].Flags) }) {
				break
			}
			id = Question
		}
	default:
		id += "." + q.Why
		if q.Why == "reset" && len(q.Members) == 1 {
			id += ".one"
		}
	}
	c.addQuestion(q, finding.Attention{
		ID: fact.StableID("a", Question, a.Address, a.Shop(), q.Why, c.Entries[q.Members[0]].ID()), Why: text(id, out), Tell: q.Tell,
	})
}

// unread reports whether a notice is known to be unread, or lies in spam.
func unread(f fact.Flags) bool { return f.KnownUnread() || f.Has(fact.InSpam) }

// stopped reports whether an event is something that Amazon, or a bank, did: "was it you" is no question then.
func stopped(e finding.Event) bool {
	return e == finding.AccountLocked || e == finding.OrderHeld || e == finding.CardReported
}

// situation is the one whose steps fit a question: the gravest that its members show.
func (c *conclusion) situation(list []uint32) string {
	locked, gifts, seller := true, false, false
	for _, i := range list {
		switch ev := c.event(&c.Entries[i]); {
		case ev == finding.SellerChanged:
			seller = true
		case ev == finding.GiftcardSent:
			gifts = true
		case !stopped(ev):
			locked = false
		}
	}
	switch {
	case seller:
		return "question_seller"
	case gifts:
		return "question_gifts"
	case locked:
		return "question_locked"
	}
	return "question"
}

func (c *conclusion) addQuestion(q timeline.Question, a finding.Attention) {
	a.Kind, a.Severity, a.Account = Question, finding.MediumS, c.Accounts[q.AccountIndex].String()
	if q.Read && q.Weight < heavy {
		a.Severity = finding.Low
	}
	a.Do = c.do(c.situation(q.Members), q.AccountIndex, q.Members)
	c.add(a, q.Members)
}

// kinds are the events of messages, each once, the gravest first.
func (c *conclusion) kinds(list []uint32) []string {
	var out []finding.Event
	grave := make(map[finding.Event]uint8)
	for _, i := range list {
		e := &c.Entries[i]
		ev := c.event(e)
		if _, ok := grave[ev]; !ok {
			out = append(out, ev)
		}
		grave[ev] = max(grave[ev], e.Severity)
	}
	slices.SortStableFunc(out, func(a, b finding.Event) int { return cmp.Compare(grave[b], grave[a]) })
	names := make([]string, 0, len(out))
	for _, ev := range out {
		names = append(names, string(ev))
	}
	return names
}

// keyOpen is for how long an exposed key is grave though its notice was read: what runs on a stolen key shows on the next
// bill, after a month.
const keyOpen = 30 * 24 * 60 * 60

// exposed makes items of what Amazon says of keys that are in other hands, one for notices near one another.
func (c *conclusion) exposed(a uint32, list []uint32) {
	slices.SortFunc(list, func(i, j uint32) int { return c.Entries[i].Compare(&c.Entries[j]) })
	for len(list) > 0 {
		n := 1
		for n < len(list) && c.Entries[list[n]].Time-c.Entries[list[n-1]].Time <= together {
			n++
		}
		run := list[:n]
		list = list[n:]
		severity := finding.High
		old := !c.AsOf.IsZero() && c.AsOf.Unix()-c.Entries[run[n-1]].Time > keyOpen
		if old && !slices.ContainsFunc(run, func(i uint32) bool { return !c.Entries[i].Flags.KnownRead() }) {
			severity = finding.MediumS
		}
		id := ExposedKey
		if c.Entries[run[0]].Time == 0 {
			id += ".undated"
		}
		c.add(finding.Attention{
			ID: fact.StableID("a", ExposedKey, c.Accounts[a].Address, c.Entries[run[0]].ID()), Severity: severity, Kind: ExposedKey,
			Account: c.Accounts[a].String(), Why: text(id, c.args(a, run)), Do: c.do("key", a, nil),
		}, run)
	}
}

// keyExposed reports whether a notice is of an access key in other hands.
func (c *conclusion) keyExposed(e *fact.Entry) bool {
	if c.event(e) != finding.AWSSecurity || c.Lookup == nil {
		return false
	}
	f, err := c.Lookup(e.Pos)
	if err != nil {
		c.failed = cmp.Or(c.failed, fmt.Errorf("looking up message %s: %w", e.ID(), err))
		return false
	}
	return event.KeyExposed(f.Entry)
}

// neither makes items of the critical notices of one recipient that can be shown to be neither genuine nor fake for lack of
// records, with nothing against them: one a month, which a nightly run tells once.
func (c *conclusion) neither(address string, list []uint32) {
	months := make(map[string][]uint32)
	for _, i := range list {
		m := ""
		if e := &c.Entries[i]; e.Time != 0 {
			m = e.When().Format("2006-01")
		}
		months[m] = append(months[m], i)
	}
	for _, m := range sorted(months) {
		run := months[m]
		slices.SortFunc(run, func(i, j uint32) int { return c.Entries[i].Compare(&c.Entries[j]) })
		id := Unverifiable + ".month"
		if m == "" {
			id = Unverifiable
		}
		a := c.Entries[run[0]].Account
		out := c.args(a, run)
		out["account"] = nil
		if address != "" {
			out["account"] = address
		}
		c.add(finding.Attention{
			ID: fact.StableID("a", Unverifiable, address, m), Severity: finding.MediumS, Kind: Unverifiable, Tell: true,
			Account: address, Why: text(id, out), Do: do("unverifiable", c.place(a)),
		}, run)
	}
}
