package timeline

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// Kinds of incidents.
const (
	KindTakeover = "account_takeover"       // changes and purchases together, with signs of somebody else's hand
	KindPhish    = "phish_then_change"      // the same, after a fake was opened or answered
	KindBurst    = "purchase_burst"         // the same, where nothing but goods was taken
	KindBomb     = "mail_bomb"              // a flood of mail in which a change was buried
	KindSilence  = "silence"                // no mail any more after the e-mail address was changed
	KindReset    = "password_reset_unasked" // a flood of password resets
)

// window is how near in time events must be to belong together (NOTICES §4: in the reports of victims everything from
// the first change to Amazon's response lies within three days).
const window = 72 * time.Hour

// maxMembers is how many messages one incident holds at most. The stories of victims have between 4 and 40.
const maxMembers = 500

// maxContext is how many fakes an incident names at most, the latest ones.
const maxContext = 20

// Input is what the rules look at.
type Input struct {
	Entries  []fact.Entry
	Accounts []fact.Account
	// Audited reports by index of the brand whether its notices are about an account (statement issuers' are not).
	Audited []bool
	// Keys are the ids, by index of the brand, of those that hold the mailbox or the sign-in with which passwords elsewhere are
	// reset; "" for the others.
	Keys   []string
	Lookup fact.Lookup
	// Span is the time of the oldest and the newest message of the whole mailbox; both zero where it has none.
	Span [2]time.Time
	// Months counts all mail by month, "2006-01". Nil means not counted: no month is then taken to be silent.
	Months map[string]int64
	// Arrivals counts all mail by hour since the Unix epoch.
	Arrivals map[int32]int32
	// Own are the owner's addresses, lower case.
	Own map[string]bool
	// Location is the owner's zone, for night hours; nil where it is not known: then nothing came at night.
	Location *time.Location
}

// Incident is one incident with what the stages after this one need.
type Incident struct {
	finding.Incident
	AccountIndex uint32
	Members      []uint32 // indexes into Input.Entries, in the order of time
	// Hiding is set where something of it was hidden from the owner: what was read and thrown away counts as hidden then.
	Hiding bool
	// Elsewhere are the brands, by id, at which the way in began: see Input.Keys.
	Elsewhere []string
}

// Found is what the rules found.
type Found struct {
	Incidents []Incident // by start, then id
	Questions []Question // by time of the first member, then account
	Problems  []finding.Problem
}

// ledger is one account's genuine notices.
type ledger struct {
	index   uint32
	account fact.Account
	// notices are indexes into Input.Entries of what the brand itself surely or likely sent, with a believable time
	// and a certain start, in the order of time.
	notices []uint32

	// What learn found out of it.
	entry   map[uint32]string // signs of sign-ins and resets
	access  []uint32          // changes of who can get in, in the order of time
	gifts   []uint32          // gift cards that were sent, in the order of time
	orders  []uint32          // orders, each once, in the order of time
	peak    []int             // by order: how many are placed in the day that begins with it; nil where no day has many
	days    days
	habits  habits
	stories []*story
}

// name is the account as a gap of a text is filled with it: nil, which is said as "unknown", where nothing is known of it.
func (l *ledger) name() any {
	if n := l.account.Name(); n != "" {
		return n
	}
	return nil
}

// finder runs the rules.
type finder struct {
	Input
	words
	roles  []role
	fakes  map[string][]uint32 // by recipient: impersonations known to be opened or answered, in the order of time
	placed map[uint64]bool     // hashes of orders of which there is a confirmation
	served map[string]bool     // recipients of genuine notices: their addresses are read in this mailbox
	owned  []string            // Input.Own, sorted, at most maxOwned
	claims map[uint32]bool     // entries that an incident already tells
	bombs  []flood
	found  Found
	keys   []uint32 // what those of Input.Keys wrote of who can get in, in the order of time
	failed error    // the first failed lookup
}

// Find runs all rules over all accounts. The result does not depend on the order of Input.Entries. The error is that of
// a failed lookup.
func Find(in Input) (Found, error) {
	f := &finder{Input: in, words: newWords(), claims: make(map[uint32]bool)}
	f.roles = f.eventRoles()
	ledgers := f.ledgers()
	f.served = make(map[string]bool)
	for i := range ledgers {
		f.served[ledgers[i].account.Address] = true
	}
	f.owned = slices.Sorted(maps.Keys(in.Own))
	f.owned = f.owned[:min(len(f.owned), maxOwned)]
	f.bombs = floods(in.Arrivals)
	// Accounts whose keys are elsewhere go first: what led to their incidents is not told again by itself.
	slices.SortStableFunc(ledgers, func(a, b ledger) int {
		return cmp.Compare(boolInt(f.key(a.notices[0]) != ""), boolInt(f.key(b.notices[0]) != ""))
	})
	for i := range ledgers {
		l := &ledgers[i]
		f.learn(l)
		// The takeover rule goes first: what it tells is not told again by itself.
		for _, rule := range []func(*ledger){f.takeover, f.reset, f.questions, f.burst, f.bomb, f.orphan} {
			rule(l)
		}
	}
	if f.failed != nil {
		return Found{}, f.failed
	}
	slices.SortFunc(f.found.Incidents, func(a, b Incident) int {
		if c := a.Start.Compare(*b.Start); c != 0 {
			return c
		}
		return cmp.Compare(a.ID, b.ID)
	})
	slices.SortStableFunc(f.found.Questions, func(a, b Question) int {
		return cmp.Or(f.Entries[a.Members[0]].Compare(&f.Entries[b.Members[0]]), cmp.Compare(a.AccountIndex, b.AccountIndex))
	})
	return f.found, nil
}

// ledgers sorts the entries into accounts, and gathers the fakes that were opened and the orders that were confirmed.
func (f *finder) ledgers() []ledger {
	f.fakes = make(map[string][]uint32)
	f.placed = make(map[uint64]bool)
	placed := fact.EventIndex(finding.OrderPlaced)
	// Advertising says nothing of an account: it neither breaks a silence nor shows a habit.
	marketing, awareness, other := fact.EventIndex(finding.Marketing), fact.EventIndex(finding.Awareness), fact.EventIndex(finding.OtherEvent)
	var order []uint32
	for i := range f.Entries {
		e := &f.Entries[i]
		v := f.verdict(e)
		if e.Event == placed && v != finding.Impersonation && v != finding.Suspicious {
			f.confirm(e)
		}
		if e.Time == 0 || e.Flags.Has(fact.StartDoubt) || int(e.Account) >= len(f.Accounts) {
			continue
		}
		if !f.audited(e) {
			if f.key(uint32(i)) != "" && v.FromAmazon() && Key(f.event(e)) {
				f.keys = append(f.keys, uint32(i))
			}
			continue
		}
		switch {
		case v.FromAmazon() && e.Event != marketing && e.Event != awareness && e.Event != other:
			order = append(order, uint32(i))
			if f.key(uint32(i)) != "" && f.role(uint32(i))&(access|sign|reset) != 0 {
				f.keys = append(f.keys, uint32(i))
			}
		case v == finding.Impersonation && (e.Flags.Has(fact.Replied) || e.Flags.KnownRead()):
			a := f.Accounts[e.Account].Address
			f.fakes[a] = append(f.fakes[a], uint32(i))
		}
	}
	slices.SortFunc(order, func(i, j uint32) int {
		a, b := &f.Entries[i], &f.Entries[j]
		if c := cmp.Compare(a.Account, b.Account); c != 0 {
			return c
		}
		return a.Compare(b)
	})
	f.sort(f.keys)
	for _, list := range f.fakes {
		f.sort(list)
	}
	var out []ledger
	for _, i := range order {
		a := f.Entries[i].Account
		if len(out) == 0 || out[len(out)-1].index != a {
			out = append(out, ledger{index: a, account: f.Accounts[a]})
		}
		l := &out[len(out)-1]
		l.notices = append(l.notices, i)
	}
	return out
}

// confirm notes the orders that a confirmation names.
func (f *finder) confirm(e *fact.Entry) {
	if e.Order != 0 {
		f.placed[e.Order] = true
	}
	for _, id := range f.moreOrders(e) {
		f.placed[fact.OrderHash(id)] = true
	}
}

// moreOrders are the orders that a notice names beside the first.
func (f *finder) moreOrders(e *fact.Entry) []string {
	if !e.Flags.Has(fact.MoreOrders) {
		return nil
	}
	if d := f.details(e); d != nil {
		return d.OrderIDs
	}
	return nil
}

// details are what a message says of its event; nil where it says nothing. A lookup that fails ends the search.
func (f *finder) details(e *fact.Entry) *finding.Details {
	if fact := f.fact(e); fact != nil {
		return fact.Details
	}
	return nil
}

func (f *finder) fact(e *fact.Entry) *fact.Fact {
	if f.Lookup == nil || f.failed != nil {
		return nil
	}
	fact, err := f.Lookup(e.Pos)
	if err != nil {
		f.failed = fmt.Errorf("looking up message %s: %w", e.ID(), err)
		return nil
	}
	return fact
}

func (f *finder) audited(e *fact.Entry) bool {
	return int(e.Brand) >= len(f.Audited) || f.Audited[e.Brand]
}

// sort puts indexes in the order of time.
func (f *finder) sort(list []uint32) {
	slices.SortFunc(list, func(i, j uint32) int { return f.Entries[i].Compare(&f.Entries[j]) })
}

// between returns the part of list, which is in the order of time, from the time from to the time to, both included.
func (f *finder) between(list []uint32, from, to int64) []uint32 {
	lo, _ := slices.BinarySearchFunc(list, from, func(i uint32, t int64) int { return cmp.Compare(f.Entries[i].Time, t) })
	hi, _ := slices.BinarySearchFunc(list, to+1, func(i uint32, t int64) int { return cmp.Compare(f.Entries[i].Time, t) })
	return list[lo:max(lo, hi)]
}

// draft is an incident in the making.
type draft struct {
	kind      string
	severity  finding.Severity
	anchor    uint32   // the notice that the id is made of: the first one that the rule can't do without
	members   []uint32 // genuine notices
	context   []uint32 // fakes that belong to the story
	lead      []finding.Text
	tail      []finding.Text
	elsewhere []string // brands at which the way in began
	hiding    bool     // something of it was hidden: then what was read and thrown away was hidden too
}

// emit makes an incident of a draft and claims its notices.
func (f *finder) emit(l *ledger, d draft) {
	members, left := f.cut(d.members, d.anchor)
	if left > 0 {
		f.problem(fmt.Sprintf("an incident of kind %s has more than %d notices: %d of them are left out of it", d.kind, maxMembers, left), d.anchor)
	}
	all := slices.Concat(members, d.context[max(0, len(d.context)-maxContext):])
	f.sort(all)
	all = slices.Compact(all)
	first, last := f.Entries[all[0]].When(), f.Entries[all[len(all)-1]].When()
	in := Incident{
		Incident: finding.Incident{
			ID:       fact.StableID("i", d.kind, l.account.Address, l.account.Shop(), f.Entries[d.anchor].ID()),
			Kind:     d.kind,
			Severity: d.severity,
			Account:  l.account.String(),
			Start:    &first,
			End:      &last,
		},
		AccountIndex: l.index,
		Members:      all,
		Hiding:       d.hiding,
		Elsewhere:    d.elsewhere,
	}
	for _, i := range members {
		e := &f.Entries[i]
		in.Hiding = in.Hiding || e.Flags.KnownUnread() || e.Flags.Has(fact.InSpam)
	}
	unnoticed := 0
	for _, i := range all {
		in.Messages = append(in.Messages, f.Entries[i].ID())
		f.claims[i] = true
	}
	for _, i := range members {
		// Every notice of the list below is counted, also of events that are never unnoticed by themselves.
		if e := &f.Entries[i]; unseen(e.Flags, in.Hiding) {
			unnoticed++
		}
	}
	in.Story = append(in.Story, d.lead...)
	in.Story = append(in.Story, f.told(f.key(l.notices[0]), all)...)
	in.Story = append(in.Story, d.tail...)
	if unnoticed > 0 {
		id := "incident.unnoticed"
		switch {
		case len(members) == 1:
			id += ".one"
		case unnoticed == len(members):
			id += ".all"
		}
		in.Story = append(in.Story, finding.Text{ID: id, Args: map[string]any{"n": unnoticed, "of": len(members)}})
	}
	f.found.Incidents = append(f.found.Incidents, in)
}

// cut keeps at most maxMembers notices: the anchor, then the most severe, then the earliest.
func (f *finder) cut(members []uint32, anchor uint32) (kept []uint32, left int) {
	members = slices.Clone(members)
	f.sort(members)
	members = slices.Compact(members)
	if len(members) <= maxMembers {
		return members, 0
	}
	left = len(members) - maxMembers
	slices.SortStableFunc(members, func(i, j uint32) int {
		if i == anchor || j == anchor {
			return cmp.Compare(boolInt(j == anchor), boolInt(i == anchor))
		}
		return cmp.Compare(f.Entries[j].Severity, f.Entries[i].Severity)
	})
	members = members[:maxMembers]
	f.sort(members)
	return members, left
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// problem reports something that had to be left out, at the place of the entry.
func (f *finder) problem(reason string, at uint32) {
	p := finding.Problem{Stage: "limit", Reason: reason}
	if fact := f.fact(&f.Entries[at]); fact != nil {
		p.Location = fact.Location
	}
	f.found.Problems = append(f.found.Problems, p)
}
