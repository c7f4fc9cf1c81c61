package timeline

import (
	"slices"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

const (
	// likely is what signs must weigh together before somebody else is as likely as the owner, and sure what they must weigh
	// for a "yes": see signs.toml.
	likely = 300
	sure   = 350
	// recovery is how long after a story what Amazon and the owner do about it still belongs to it: Amazon voids the old
	// password, and the owner, who may not have seen the mail, has to set a new one before anything else. Two stories of one
	// account that are nearer than this are one.
	recovery = 14 * 24 * time.Hour
)

// takeover finds takeovers, and asks about the changes that are none.
//
// Critical, the "yes" of the report, is
//
//   - Amazon's own word that somebody else was in,
//   - a handover: the e-mail address, the phone or the last factor goes to something that the owner never used, in one
//     chain with a sign-in, or a reset that was used, from a country and on a kind of device that the account never had,
//   - all three: such a sign-in, a change of who can get in, and goods that went to somebody new,
//
// the last two where the signs together weigh enough. High, "possibly", is one of these with one sign less, changes that end
// in silence, or signs that together make somebody else as likely as the owner (signs.toml). Everything else that changed
// the account is a question that only the owner can answer.
func (f *finder) takeover(l *ledger) {
	steps := f.steps(l)
	var list []*story
	for len(steps) > 0 {
		n := f.chain(l, steps)
		list = append(list, f.weigh(l, steps[:n]))
		steps = steps[n:]
	}
	for k := 0; k < len(list); k++ {
		s := list[k]
		severity := f.severity(s)
		if severity == "" && f.answered(s, list[k+1:]) {
			severity = finding.Critical
		}
		if severity == "" {
			continue
		}
		// What comes soon after is the same story: a second hand, Amazon's answer, or the owner's way back.
		to := k + 1
		for to < len(list) && list[to].first-list[to-1].last <= seconds(recovery) && list[to].last-s.first <= seconds(maxChain+recovery) {
			worse := f.severity(list[to])
			if worse == "" && f.ordinary(list[to]) {
				break
			}
			if worse.Level() > severity.Level() {
				severity = worse
			}
			to++
		}
		f.tell(l, list[k:to], severity)
		k = to - 1
	}
	l.stories = list
}

// questions asks about the stories that no incident tells.
func (f *finder) questions(l *ledger) {
	for _, s := range l.stories {
		f.question(l, s)
	}
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// ordinary reports whether a story after another one is only of settings: an address, a card, a device.
func (f *finder) ordinary(s *story) bool { return s.all&(access|response|held) == 0 }

// severity is that of the incident that a story is, "" where it is none.
func (f *finder) severity(s *story) finding.Severity {
	if s.all&response != 0 {
		return finding.Critical
	}
	total := s.signs.total()
	stranger, abroad := s.signs["entry"] != nil && s.signs["entry"].ID == "entry.stranger", len(s.strange) > 0
	handover := s.email || s.alike || s.phone || s.signs.has("hands.factor")
	trio := s.all&access != 0 && s.goods
	switch {
	case s.all&access == 0 && !s.goods && !s.quick && len(s.burst) == 0 && s.charges == nil && s.all&held == 0 && !s.seller:
		return "" // nothing was taken
	case s.onlyLocked():
		return "" // Amazon asks for a new password when it locks an account, rightly or wrongly
	case stranger && (handover || trio) && total >= sure:
		return finding.Critical
	case stranger && (handover || trio),
		abroad && trio && (s.signs.has("goods.gifts") || s.signs["hands"] != nil && s.signs["hands"].ID != "hands.access"),
		s.silent != nil && !s.silent.ended && s.ways > 1 && !s.read,
		total >= likely && len(s.signs) > 1:
		return finding.High
	}
	return ""
}

// onlyLocked reports whether all that a story shows is that Amazon stopped something and that the owner, or somebody, then
// changed what one changes after that; when, and whether it was read, makes no takeover of it.
func (s *story) onlyLocked() bool {
	for group, sign := range s.signs {
		switch group {
		case "amazon", "night":
		case "hands":
			if sign.ID != "hands.access" {
				return false
			}
		case "hidden":
			if sign.ID != "hidden.unread" && sign.ID != "hidden.trash" && sign.ID != "hidden.trash_unknown" {
				return false
			}
		default:
			return false
		}
	}
	return s.all&held != 0
}

// answered reports whether Amazon's word that somebody else was in came soon after a story, in the next one: whatever else
// was changed between them.
func (f *finder) answered(s *story, list []*story) bool {
	if len(list) == 0 || list[0].all&response == 0 || f.ordinary(s) && !s.goods {
		return false
	}
	for _, i := range list[0].steps {
		if f.role(i)&response != 0 {
			return f.Entries[i].Time-s.last <= seconds(slowly)
		}
	}
	return false
}

// tell makes an incident of stories that belong together.
func (f *finder) tell(l *ledger, list []*story, severity finding.Severity) {
	lead := list[0]
	var steps []uint32
	d := draft{kind: KindTakeover, severity: severity, anchor: f.anchor(l, lead)}
	for _, s := range list {
		steps = append(steps, s.steps...)
		d.context = append(d.context, s.fakes...)
	}
	first, last := lead.first, list[len(list)-1].last
	d.members = f.around(l, steps, first, last)
	if keys := f.elsewhere(l, first); len(keys) > 0 {
		d.members = append(keys, d.members...)
		f.sort(d.members)
		for _, i := range keys {
			if b := f.key(i); !slices.Contains(d.elsewhere, b) {
				d.elsewhere = append(d.elsewhere, b)
			}
		}
	}
	start, end := f.Entries[d.members[0]].When(), f.Entries[d.members[len(d.members)-1]].When()
	answered := false
	for _, s := range list {
		answered = answered || s.all&response != 0
	}
	args := map[string]any{"account": l.name(), "start": stamp(start), "end": stamp(end)}
	id := "incident.takeover"
	switch {
	case answered:
	case lead.signs.has("entry.fake"):
		d.kind, id = KindPhish, "incident.phish.opened"
		args["time"], args["start"] = stamp(f.Entries[lead.fakes[len(lead.fakes)-1]].When()), stamp(time.Unix(f.firstAccess(lead), 0))
		if slices.ContainsFunc(lead.fakes, func(i uint32) bool { return f.Entries[i].Flags.Has(fact.Replied) }) {
			id = "incident.phish.answered"
		}
	case lead.signs.has("hidden.flood") && len(lead.strange) == 0:
		d.kind, id = KindBomb, "incident.bomb"
		args["buried"] = len(d.members)
	case lead.silent != nil && len(lead.steps) == 1:
		d.kind, id = KindSilence, "incident.silence"
		args["time"] = stamp(start)
	case lead.all&access == 0 && lead.all&response == 0:
		d.kind, id = KindBurst, "incident.goods"
	}
	if id == "incident.takeover" && len(d.members) == 1 {
		id = "incident.takeover.one"
	}
	d.lead = []finding.Text{{ID: id, Args: args}}
	strange := 0
	for _, s := range list {
		strange += len(s.strange)
	}
	if strange > 0 {
		d.tail = append(d.tail, finding.Text{ID: "incident.stranger", Args: map[string]any{"n": strange}})
	}
	for _, s := range list {
		if s.flood != nil {
			d.tail = append(d.tail, s.flood.text())
			break
		}
	}
	for _, s := range list {
		if s.silent != nil {
			d.tail = append(d.tail, s.silent.text())
			break
		}
	}
	for _, b := range d.elsewhere {
		d.tail = append(d.tail, finding.Text{ID: "incident.elsewhere", Args: map[string]any{"brand": b}})
	}
	switch {
	case answered:
		d.tail = append(d.tail, finding.Text{ID: "incident.takeover.response"})
	case d.kind == KindPhish:
		d.tail = append(d.tail, finding.Text{ID: "incident.phish.owner"})
	case d.kind == KindSilence:
		d.tail = append(d.tail, finding.Text{ID: "incident.silence.owner"})
	}
	for _, s := range list {
		d.hiding = d.hiding || s.signs["hidden"] != nil
	}
	f.emit(l, d)
}

// anchor is the first step of a story that is one whether it was read or not: reading must not give the incident another id.
func (f *finder) anchor(l *ledger, s *story) uint32 {
	for _, i := range s.steps {
		if l.entry[i] != unreadReset {
			return i
		}
	}
	return s.steps[0]
}

// around are the steps of a story and what belongs to them: what came with them and what was bought, and what Amazon and
// the owner did about it in the two weeks after.
func (f *finder) around(l *ledger, steps []uint32, first, last int64) []uint32 {
	in := make(map[uint32]bool, len(steps))
	for _, i := range steps {
		in[i] = true
	}
	out := slices.Clone(steps)
	for _, i := range f.between(l.notices, first-seconds(before), last+seconds(recovery)) {
		e, r := &f.Entries[i], f.role(i)
		switch {
		case in[i] || f.claims[i] || r == 0 || r&gift != 0 && f.given(e):
		case e.Time < first && (r&activity == 0 && r&context == 0 && r&charge == 0 || e.Flags.KnownRead() && e.Time < first-seconds(shortly)):
		case e.Time <= last+seconds(window) || r&(access|response|held|undone) != 0:
			out = append(out, i)
		}
	}
	f.sort(out)
	return out
}

// Question is a change, or something else, of which only the owner knows whether it was his own.
type Question struct {
	AccountIndex uint32
	// Why names what is asked about: "change", "signin", "gifts", "charges", "orders", "reset", "orphan", "flood".
	Why     string
	Members []uint32 // in the order of time
	// Own is set for what is worth a line of its own; what is not is one line a year.
	Own bool
	// Tell is set for what a nightly run tells.
	Tell bool
	// Read is set where every member is known to have been read where it arrived.
	Read   bool
	Weight int // of its signs; see Sign.Weight
}

// asked is the weight from which a question is told at night though it is not one of the changes named there: one sign less
// than likely.
const asked = 200

// question asks about a story that is no incident.
func (f *finder) question(l *ledger, s *story) {
	var members []uint32
	tell := false
	for _, i := range s.steps {
		if f.claims[i] {
			continue
		}
		members = append(members, i)
		switch f.event(&f.Entries[i]) {
		case finding.PasswordChanged, finding.EmailChanged, finding.EmailAdded, finding.TwoSVDisabled, finding.TwoSVChanged:
			tell = tell || f.Entries[i].Flags.KnownUnread() || f.Entries[i].Flags.Has(fact.InSpam)
		}
	}
	if len(members) == 0 {
		return
	}
	q := Question{Why: "change", Weight: s.signs.total(), Own: s.all&(access|held) != 0}
	goods := s.signs["goods"]
	switch {
	case s.charges != nil:
		q.Why, q.Own = "charges", true
		members = append(members, s.charges...)
	case goods != nil && goods.ID == "goods.gifts":
		q.Own = true
		if s.all&(change|held) == 0 {
			q.Why = "gifts"
		}
	case goods != nil && goods.ID == "goods.flood", s.all&held != 0 && s.all&change == 0 && len(s.burst) > 0:
		q.Why, q.Own = "orders", true
		members = append(members, s.burst...)
	case s.all&change == 0 && s.all&gift != 0 && s.all&held == 0:
		return // a gift card or two are no change of the account
	case s.all&(change|held) == 0 && !s.seller:
		q.Why, q.Own = "signin", true
		if s.read {
			return // a journey, and the owner saw what Amazon wrote
		}
	case s.seller:
		q.Own, q.Weight = true, max(q.Weight, asked/2)
	}
	// What led to it is asked about with it: a reset, an attempt, a sign-in within the hour before.
	if s.all&access != 0 {
		for _, i := range f.between(l.notices, s.first-seconds(outOfOrder), s.last) {
			if r := f.role(i); r&context != 0 && r&(held|change) == 0 && !f.claims[i] && f.followed(l, i) {
				members = append(members, i) // twice for a strange sign-in: ask drops one
			}
		}
	}
	q.Members, q.Tell = members, tell || q.Weight >= asked && !s.read
	f.ask(l, q)
}

// ask adds a question.
func (f *finder) ask(l *ledger, q Question) {
	f.sort(q.Members)
	q.Members = slices.Compact(q.Members)
	if n := len(q.Members); n > maxMembers {
		q.Members = q.Members[:maxMembers]
	}
	q.AccountIndex, q.Read = l.index, true
	for _, i := range q.Members {
		e := &f.Entries[i]
		f.claims[i] = true
		q.Read = q.Read && e.Flags.KnownRead() && !e.Flags.Has(fact.InSpam)
	}
	f.found.Questions = append(f.found.Questions, q)
}
