package learn

import (
	"cmp"
	"slices"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/mailauth"
)

// Thresholds of what is learned from independent senders (AUTHENTICITY §2).
const (
	// nearSenders is how many independent senders on each side in time decide what a receiver did at a time: about a
	// dozen, and no forger can be more than one of them.
	nearSenders = 12
	// leastSenders is how many there have to be at all, by domain and by network.
	leastSenders = 5
	// nearWeeks is how far they may lie away.
	nearWeeks = 104
	// leastWeeks is over how many weeks with mail they have to be spread: one who hires a dozen networks for a day fills no
	// more than that.
	leastWeeks = 3
	// habitShare of their mail has to show it. Receivers pass some mail by, large messages or those of listed senders; what a
	// forger teaches stays far below.
	habitShare = 0.75
	// weekShare is the same for the week itself, where enough senders wrote in it: in the week of a change it decides.
	weekShare = 0.60
	// alwaysShare is how many senders' results have a method for it to be one that the receiver always writes.
	alwaysShare = 0.95
)

// places are counts of messages by the places that their senders fall into.
type places [2][fact.SenderPlaces]int32

// week is what came in in one week: all of it, and that which shows each habit.
type week struct {
	number int16
	all    places
	habits map[string]*places
}

// history is the mail of one receiver or machine, week by week.
type history struct {
	weeks  []*week
	habits []string // those that enough senders show, in order
}

// histories divides the senders of a tally: by group, then by domain; under the group "" stand all together. all and habit
// say what of fact.SenderKey.What is counted.
func histories(t *fact.Tally, all, habit string, of func(what string) string) map[string]map[string]*history {
	out := make(map[string]map[string]*history)
	index := make(map[*history]map[int16]*week)
	enter := func(group string, k fact.SenderKey, n int32) {
		if out[group] == nil {
			out[group] = make(map[string]*history)
		}
		h := out[group][k.Domain]
		if h == nil {
			h = &history{}
			out[group][k.Domain], index[h] = h, make(map[int16]*week)
		}
		w := index[h][k.Week]
		if w == nil {
			w = &week{number: k.Week, habits: make(map[string]*places)}
			index[h][k.Week] = w
			h.weeks = append(h.weeks, w)
		}
		side := 0
		if k.Net {
			side = 1
		}
		to := &w.all
		if k.What != all {
			name := of(k.What)
			to = w.habits[name]
			if to == nil {
				to = new(places)
				w.habits[name] = to
			}
		}
		to[side][k.Place%fact.SenderPlaces] += n
	}
	for k, n := range t.Senders {
		if k.Week == 0 || k.What != all && (habit == "" || !strings.HasPrefix(k.What, habit)) {
			continue
		}
		enter("", k, n)
		if k.Group != "" {
			enter(k.Group, k, n)
		}
	}
	for _, domains := range out {
		for _, h := range domains {
			slices.SortFunc(h.weeks, func(a, b *week) int { return cmp.Compare(a.number, b.number) })
			seen := make(map[string]bool)
			for _, w := range h.weeks {
				for name := range w.habits {
					seen[name] = true
				}
			}
			for _, name := range keys(seen) {
				if h.common(name) {
					h.habits = append(h.habits, name)
				}
			}
		}
	}
	return out
}

// common reports whether enough senders show a habit at all for it to be looked at: what one sender makes up, and be it a
// thousand forms, costs nothing.
func (h *history) common(habit string) bool {
	w := witnessOf(habit)
	for _, wk := range h.weeks {
		if p := wk.habits[habit]; p != nil {
			w.add(p, p)
		}
	}
	return w.senders() >= leastSenders
}

// witness is mail by the places of its senders, all of it and that which shows a habit. Every place has the same weight,
// however much mail fell into it.
//
// What stands above the boundary only the own side writes, so there domains alone count: where one gateway or forwarder hands
// in all mail, there is but one network.
type witness struct {
	all, with places
	domains   bool // networks don't count
}

// witnessOf is an empty witness of a habit.
func witnessOf(habit string) witness {
	return witness{domains: strings.HasPrefix(habit, mailauth.Above+" ")}
}

// sides are how many of the two kinds of places count.
func (w *witness) sides() int {
	if w.domains {
		return 1
	}
	return len(w.all)
}

func (w *witness) add(all, with *places) {
	for side := range all {
		for i, n := range all[side] {
			w.all[side][i] += n
			if with != nil {
				w.with[side][i] += min(with[side][i], n)
			}
		}
	}
}

// senders is how many independent senders there are at least: the places that are filled, by domain or by network,
// whichever are fewer.
func (w *witness) senders() int {
	least := fact.SenderPlaces
	for side := range w.sides() {
		n := 0
		for _, c := range w.all[side] {
			if c > 0 {
				n++
			}
		}
		least = min(least, n)
	}
	return least
}

// share is how much of the senders' mail shows the habit, by domain or by network, whichever is less.
func (w *witness) share() float64 {
	least := 1.0
	for side := range w.sides() {
		sum, n := 0.0, 0
		for i, c := range w.all[side] {
			if c > 0 {
				sum += float64(w.with[side][i]) / float64(c)
				n++
			}
		}
		if n > 0 {
			least = min(least, sum/float64(n))
		}
	}
	return least
}

// near gathers the nearest senders of a week on one side, the week itself among them.
func (h *history) near(i, step int, habit string) (w witness) {
	w = witnessOf(habit)
	for j, n := i, 1; j >= 0 && j < len(h.weeks); j, n = j+step, n+1 {
		wk := h.weeks[j]
		if d := int(wk.number) - int(h.weeks[i].number); d > nearWeeks || d < -nearWeeks {
			break
		}
		w.add(&wk.all, wk.habits[habit])
		if n >= leastWeeks && w.senders() >= nearSenders {
			break
		}
	}
	return w
}

// decided is what the senders around a week say of a habit.
type decided uint8

const (
	unknown decided = iota // too few senders
	shown
	denied
)

// decide asks the senders nearest to a week: those before it or those behind it have to show the habit, and, where enough
// of them wrote in the week itself, these too. So a habit holds up to the week in which it ends, and from the one in which
// it begins.
func (h *history) decide(i int, habit string) decided {
	before, after := h.near(i, -1, habit), h.near(i, 1, habit)
	both := before
	both.add(&after.all, &after.with)
	if both.senders() < leastSenders {
		return unknown
	}
	own := witnessOf(habit)
	own.add(&h.weeks[i].all, h.weeks[i].habits[habit])
	if own.senders() >= leastSenders && own.share() < weekShare {
		return denied
	}
	sides := []witness{before, after}
	if before.senders() < leastSenders || after.senders() < leastSenders {
		sides = []witness{both}
	}
	for i := range sides {
		if sides[i].share() >= habitShare {
			return shown
		}
	}
	return denied
}

// Thresholds of ways (AUTHENTICITY §3). Below a way stands what its user wrote, so that he who hands mail in makes up as many
// senders as he likes. Only time and the mail that comes in without it bear witness against him.
const (
	// wayWeeks is how many weeks with mail on each side decide, each with one vote, however much came in in it. A side that has
	// fewer does not decide alone: a flood of some weeks at the end of a mailbox makes no way.
	wayWeeks = 8
	// directSenders independent ones, with directShare of the mail, that reach the machine otherwise show that it takes mail in
	// itself. Filters pass some mail by, mostly large messages.
	directSenders = 3
	directShare   = 0.05
)

// carries reports whether nearly all mail of a machine came in by a way around a week.
func (h *history) carries(i int, way string) bool {
	before, after := h.passage(i, -1, way), h.passage(i, 1, way)
	both := before.with(&after)
	if both.all.senders() < leastSenders {
		return false
	}
	if before.weeks < wayWeeks || after.weeks < wayWeeks {
		switch {
		case before.weeks >= wayWeeks:
			return before.clear() || both.clear()
		case after.weeks >= wayWeeks:
			return after.clear() || both.clear()
		}
		return both.clear()
	}
	return before.clear() || after.clear()
}

// passage is what some weeks say of a way.
type passage struct {
	weeks         int
	votes         float64
	all, direct   witness
	mails, strays int64
}

// passage gathers the weeks on one side, the week itself among them.
func (h *history) passage(i, step int, way string) (p passage) {
	for j := i; j >= 0 && j < len(h.weeks) && p.weeks < wayWeeks; j += step {
		wk := h.weeks[j]
		if d := int(wk.number) - int(h.weeks[i].number); d > nearWeeks || d < -nearWeeks {
			break
		}
		var own witness
		own.add(&wk.all, wk.habits[way])
		p.weeks++
		p.votes += own.share()
		p.all.add(&wk.all, nil)
		direct := wk.direct()
		p.direct.add(&direct, nil)
		for place := range wk.all[0] {
			p.mails += int64(wk.all[0][place])
			p.strays += int64(direct[0][place])
		}
	}
	return p
}

// direct is the mail of a week that came in by no way.
func (w *week) direct() places {
	p := w.all
	for _, habit := range w.habits {
		for side := range p {
			for i := range p[side] {
				p[side][i] = max(p[side][i]-habit[side][i], 0)
			}
		}
	}
	return p
}

func (p passage) with(o *passage) passage {
	p.weeks += o.weeks
	p.votes += o.votes
	p.mails += o.mails
	p.strays += o.strays
	p.all.add(&o.all.all, nil)
	p.direct.add(&o.direct.all, nil)
	return p
}

// clear reports whether the weeks show the way, and that hardly any mail comes in without it.
func (p *passage) clear() bool {
	if p.direct.senders() >= directSenders && float64(p.strays) >= directShare*float64(p.mails) {
		return false
	}
	return p.weeks > 0 && p.votes >= habitShare*float64(p.weeks)
}

// interval is a span of time in Unix seconds, To excluded; 0 for open ends.
type interval struct{ From, To int64 }

// intervals are the spans in which want is what decides, week by week. Between two weeks that say the same it holds too,
// and before the first and behind the last.
func (h *history) intervals(want func(i int) bool) (out []interval) {
	open := false
	for i, w := range h.weeks {
		if !want(i) {
			if open {
				out[len(out)-1].To = int64(h.weeks[i-1].number+1) * fact.WeekSeconds
				open = false
			}
			continue
		}
		if !open {
			from := int64(w.number) * fact.WeekSeconds
			if i == 0 {
				from = 0
			}
			out = append(out, interval{From: from})
			open = true
		}
	}
	return out
}

// years are the years of the weeks for which want holds.
func (h *history) years(want func(i int) bool) (out []int) {
	for i, w := range h.weeks {
		if !want(i) {
			continue
		}
		y := unixYear(int64(w.number) * fact.WeekSeconds)
		if len(out) == 0 || out[len(out)-1] != y {
			out = append(out, y)
		}
	}
	return out
}
