package timeline

import (
	"time"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

const (
	// resetSpan is how soon a reset that the owner asked for is followed by a changed password: the links that Amazon
	// sends are good for less than a day.
	resetSpan = 24 * time.Hour
	// outOfOrder is how much later than the next one a notice may come: greylisting holds back single mails.
	outOfOrder = time.Hour
	// resetMany is how many resets within a day, none of them followed up, are not the owner's forgetfulness.
	resetMany = 3
)

// reset finds password resets that somebody asked for and nobody followed up: nothing of the account's security was changed within 24 hours, and
// either the notice is known to be unread, or lies in spam or trash unread (who asks for a reset waits for the mail and
// opens it), or there were three within a day. Where the read state is unknown, one reset says nothing. It is medium.
func (f *finder) reset(l *ledger) {
	asked := fact.EventIndex(finding.PasswordResetRequested)
	var run []uint32
	flush := func() {
		defer func() { run = nil }()
		if len(run) == 0 {
			return
		}
		end := f.Entries[run[len(run)-1]].Time + seconds(resetSpan)
		for _, i := range f.between(l.notices, f.Entries[run[0]].Time-seconds(outOfOrder), end) {
			if f.role(i)&secure != 0 {
				return // it was followed up, by whoever: the change is the story
			}
		}
		odd := false
		for k, i := range run {
			odd = odd || f.Entries[i].Flags.KnownUnread() ||
				k+1 >= resetMany && f.Entries[i].Time-f.Entries[run[k+1-resetMany]].Time <= seconds(resetSpan)
		}
		if !odd {
			return
		}
		f.emit(l, draft{
			kind: KindReset, severity: finding.MediumS, anchor: run[0], members: run,
			lead: []finding.Text{{ID: "incident.reset", Args: map[string]any{"account": l.name(), "n": len(run)}}},
			tail: []finding.Text{{ID: "incident.reset.nothing"}},
		})
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
