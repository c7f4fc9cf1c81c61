package timeline

import (
	"slices"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

const (
	// floodHour is how many mails in an hour are a flood at least: bombing services sign a victim up to some hundred
	// newsletters within hours (NOTICES §4); an hour of them may lie across the hours of the clock. floodTimes is how many times a usual hour with mail that must be.
	floodHour  = 100
	floodTimes = 10
	// floodNear is how far from the flood a notice may be and still be buried by it.
	floodNear = 3 * time.Hour
)

// flood is a run of hours with far more mail than usual.
type flood struct {
	from, to int64 // Unix seconds, to excluded
	mails    int
}

func (b *flood) text() finding.Text {
	return finding.Text{ID: "incident.flood", Args: map[string]any{
		"n": b.mails, "start": stamp(time.Unix(b.from, 0)), "end": stamp(time.Unix(b.to, 0)),
	}}
}

// floods finds the floods of the whole mailbox, in the order of time. The usual hour is the median of the hours in which
// any mail arrived, which a flood of a few hours hardly moves.
func floods(arrivals map[int32]int32) []flood {
	var hours, counts []int32
	for h, n := range arrivals {
		if n <= 0 {
			continue
		}
		counts = append(counts, n)
		// A flood of an hour lies in two of the clock's.
		if n >= floodHour || n >= floodHour/4 && n+max(arrivals[h-1], arrivals[h+1]) >= floodHour {
			hours = append(hours, h)
		}
	}
	if len(hours) == 0 {
		return nil
	}
	slices.Sort(counts)
	slices.Sort(hours)
	usual := int(counts[len(counts)/2])
	var out []flood
	for _, h := range hours {
		n := int(arrivals[h])
		if n < floodTimes*usual {
			continue
		}
		from := int64(h) * 3600
		if k := len(out) - 1; k >= 0 && from-out[k].to <= 3600 {
			out[k].to = from + 3600
			out[k].mails += n
			continue
		}
		out = append(out, flood{from: from, to: from + 3600, mails: n})
	}
	return out
}

// floodNear is the first flood that touches the time between two notices.
func (f *finder) floodNear(from, to int64) *flood {
	for k := range f.bombs {
		if b := &f.bombs[k]; b.from-seconds(floodNear) <= to && from <= b.to+seconds(floodNear) {
			return b
		}
	}
	return nil
}

// bomb asks about orders and gift cards that came within three hours of a flood of mail and that no story tells. A flood
// around a change of who can get in is a sign of its own (signs.toml); around an order it is a question, since a backlog of
// mail that arrives at once looks the same.
func (f *finder) bomb(l *ledger) {
	for k := range f.bombs {
		b := &f.bombs[k]
		var members []uint32
		hidden := false
		for _, i := range f.between(l.notices, b.from-seconds(floodNear), b.to+seconds(floodNear)) {
			if f.claims[i] {
				members = nil
				break // told by the story it belongs to
			}
			if e := &f.Entries[i]; f.event(e) == finding.OrderPlaced || f.role(i)&gift != 0 && !f.given(e) {
				members = append(members, i)
				hidden = hidden || !e.Flags.KnownRead()
			}
		}
		if hidden && len(members) > 0 {
			f.ask(l, Question{Why: "flood", Members: members, Own: true, Weight: f.weightOf("goods.burst")})
		}
	}
}
