package state

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Told is a finding as it was last told.
type Told struct {
	Level   int       `json:"level"` // of its severity
	Account string    `json:"account,omitempty"`
	At      time.Time `json:"at"`
	N       int       `json:"n,omitempty"` // of a finding that is nothing but a number
	// Parts are what it is made of: of a Finding with the level of each by itself, of what was told with the highest level of
	// the finding that told it.
	Parts map[string]int `json:"parts,omitempty"`
	// Calendar is set for what the calendar alone makes true: a statement that is missing.
	Calendar bool `json:"calendar,omitempty"`
}

// Finding is a finding as the memory of what was told sees it. Everything in it comes from the content of mail, nothing
// from paths or offsets: so mail that is moved, renamed or exported again is nothing new.
type Finding struct {
	ID string
	Told
	// Once is set for what is not told again because more of the same came, only where it became more serious.
	Once bool
	// Newest is the time of the newest message or period in it; zero where it has none.
	Newest time.Time
	// Former are the ids that parts had under an earlier version of the program, where they had others.
	Former map[string]string
}

// News is why a finding is told.
type News string

// Reasons.
const (
	Nothing News = ""
	New     News = "new"
	Worse   News = "worse" // it was told, and has got worse since
	Again   News = "again" // a run that was ended may have told it already
)

// maxTold is how many findings are remembered; the longest unseen are forgotten first. A mailbox has some dozens.
const maxTold = 20_000

// News decides what of the findings is to be told, by id. serious is the level of --fail-on: what happened at or above it
// makes a known finding worse, as does a higher severity of the finding itself. A finding under a new name all of whose
// parts were told at its level, or which continues such a one with nothing serious, is not news: stories get other names
// when what they begin with turns up late.
func (r *Root) News(list []Finding, serious int, now time.Time) map[string]News {
	told := make(map[string]int) // by account and part: the highest level it was told at
	for _, t := range r.Told {
		if t.forgotten(now) {
			continue
		}
		for p, level := range t.Parts {
			key := t.Account + "\x00" + p
			told[key] = max(told[key], level)
		}
	}
	out := make(map[string]News)
	for _, f := range list {
		news := r.news(f, told, serious, now)
		if news != Nothing && r.Telling != nil && slices.Contains(r.Telling.IDs, f.ID) {
			news = Again
		}
		if news != Nothing {
			out[f.ID] = news
		}
	}
	return out
}

func (r *Root) news(f Finding, told map[string]int, serious int, now time.Time) News {
	old, known := r.Told[f.ID]
	if known && old.forgotten(now) {
		known = false
	}
	why := New
	if known {
		why = Worse
		if f.Level > old.Level || f.N > old.N {
			return Worse
		}
	}
	if len(f.Parts) == 0 {
		if known {
			return Nothing
		}
		return New
	}
	toldAt := func(p string) int {
		return max(told[f.Account+"\x00"+p], told[f.Account+"\x00"+f.Former[p]])
	}
	continues := known
	for p := range f.Parts {
		continues = continues || toldAt(p) >= f.Level
	}
	if f.Once && continues {
		return Nothing
	}
	for p, level := range f.Parts {
		if continues && level < min(f.Level, serious) {
			continue
		}
		if toldAt(p) < f.Level {
			return why
		}
	}
	return Nothing
}

// wrongClock is how far in the future a run may lie that told something, before its clock is taken to have been wrong.
const wrongClock = 24 * time.Hour

// forgotten reports whether something was told for a day that has not come: the clock was wrong then, and what is due by
// the calendar is still to be told when it is due.
func (t *Told) forgotten(now time.Time) bool { return t.Calendar && t.At.After(now.Add(wrongClock)) }

// Remember notes findings as told.
func (r *Root) Remember(list []Finding, now time.Time) {
	if r.Told == nil {
		r.Told = make(map[string]*Told)
	}
	for _, f := range list {
		t := f.Told
		t.At = now.UTC()
		t.Parts = make(map[string]int, len(f.Parts))
		for p := range f.Parts {
			t.Parts[p] = f.Level
		}
		if old := r.Told[f.ID]; old != nil && !old.forgotten(now) {
			t.Level, t.N = max(t.Level, old.Level), max(t.N, old.N)
			for p, level := range old.Parts {
				t.Parts[p] = max(t.Parts[p], level)
			}
		}
		r.Told[f.ID] = &t
	}
	if len(r.Told) <= maxTold {
		return
	}
	ids := slices.SortedFunc(maps.Keys(r.Told), func(a, b string) int {
		return cmp.Or(r.Told[b].At.Compare(r.Told[a].At), cmp.Compare(a, b))
	})
	for _, id := range ids[maxTold:] {
		delete(r.Told, id)
	}
}
