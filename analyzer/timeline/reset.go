package timeline

import (
	"slices"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

const (
	// resetSpan is how soon a reset that the owner asked for is followed by a changed password: the links that Amazon
	// sends are good for less than a day.
	resetSpan = 24 * time.Hour
	// resetFlood is how many resets within a day are nobody's forgetfulness. Who forgets asks two or three times: the mail
	// is slow, or lies in spam.
	resetFlood = 6
	// resetMany is how many within a day are worth a question.
	resetMany = 3
)

// reset finds password resets that somebody asked for. Six or more within a day are an incident of medium severity,
// whatever the owner did then, and whoever read them. Less than that is a question where nothing followed and either none
// of them was opened (who asks for a reset waits for the mail) or there were three.
func (f *finder) reset(l *ledger) {
	asked := fact.EventIndex(finding.PasswordResetRequested)
	var run []uint32
	flush := func() {
		defer func() { run = nil }()
		if len(run) == 0 {
			return
		}
		first, last := f.Entries[run[0]].Time, f.Entries[run[len(run)-1]].Time
		near := f.between(l.notices, first-seconds(outOfOrder), last+seconds(resetSpan))
		most := f.most(run)
		if most >= resetFlood {
			members := slices.Clone(run)
			for _, i := range near {
				// The owner's answer to it, and what came with it.
				if ev := f.event(&f.Entries[i]); !f.claims[i] && (f.role(i)&(access|held) != 0 || ev == finding.SigninAttempt || ev == finding.DataAccessAttempt) {
					members = append(members, i)
				}
			}
			f.emit(l, draft{
				kind: KindReset, severity: finding.MediumS, anchor: run[0], members: members,
				lead: []finding.Text{{ID: "incident.reset", Args: map[string]any{"account": l.name(), "n": len(run)}}},
			})
			return
		}
		if slices.ContainsFunc(near, func(i uint32) bool { return f.role(i)&access != 0 }) {
			return // it was followed up, by whoever: the change is the story
		}
		unopened := !slices.ContainsFunc(run, func(i uint32) bool { return !f.Entries[i].Flags.KnownUnread() })
		if unopened || most >= resetMany {
			f.ask(l, Question{Why: "reset", Members: run, Own: most >= resetMany})
		}
	}
	for _, i := range l.notices {
		if f.Entries[i].Event != asked || f.claims[i] {
			continue
		}
		if len(run) > 0 && f.Entries[i].Time-f.Entries[run[len(run)-1]].Time > seconds(resetSpan) {
			flush()
		}
		run = append(run, i)
	}
	flush()
}
