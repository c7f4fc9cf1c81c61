package analyzer

import (
	"time"

	"github.com/mailaudit/mailaudit/analyzer/attention"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/state"
)

// findings are the attention items as the memory of what was told sees them.
func (s *scan) findings(j *judged, scope string) []state.Finding {
	level, at := make(map[string]int), make(map[string]time.Time)
	for i := range j.entries {
		e := &j.entries[i]
		level[e.ID()], at[e.ID()] = int(e.Severity), e.When()
	}
	var out []state.Finding
	for i := range j.out.Attention {
		a := &j.out.Attention[i]
		if a.Kind == attention.AllClear || a.Kind == attention.Incomplete {
			continue
		}
		f := state.Finding{ID: a.ID, Told: state.Told{Level: a.Severity.Level(), Account: a.Account, Parts: make(map[string]int)}}
		for _, id := range a.Messages {
			f.Parts[id] = level[id]
			f.Newest = later(f.Newest, at[id])
			if old := j.former[id]; old != "" {
				if f.Former == nil {
					f.Former = make(map[string]string)
				}
				f.Former[id] = old
			}
			if a.Kind == attention.RepliedToFake || a.Kind == attention.OpenedFake {
				f.Parts[id] = f.Level // what a fake claims says nothing; that another one was answered does
			}
		}
		for _, name := range []string{"missing", "unread"} {
			periods, _ := a.Why.Args[name].([]string)
			for _, p := range periods {
				f.Parts[a.Series+" "+p+" "+name] = f.Level
				f.Newest = later(f.Newest, periodEnd(p))
			}
			f.Calendar = f.Calendar || name == "missing" && len(periods) > 0
		}
		// These grow with every notice, and one word about them is enough.
		f.Once = a.Kind == attention.Question || a.Kind == attention.Unverifiable
		if len(f.Parts) == 0 {
			// Nothing but a number, which is that of these sources.
			f.ID += "@" + scope
			f.N = number(a.Why)
		}
		out = append(out, f)
	}
	return out
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// periodEnd is the end of a period such as "2026-03" or "2026"; zero for another.
func periodEnd(period string) time.Time {
	if t, err := time.Parse("2006-01", period); err == nil {
		return t.AddDate(0, 1, 0)
	}
	if t, err := time.Parse("2006", period); err == nil {
		return t.AddDate(1, 0, 0)
	}
	return time.Time{}
}

// number is how many things an item tells of.
func number(t finding.Text) int {
	switch n := t.Args["n"].(type) {
	case int:
		return n
	case int64:
		return int(n)
	}
	return 0
}
