package timeline_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/mailaudit/mailaudit/analyzer/timeline"
	"github.com/mailaudit/mailaudit/analyzer/timeline/timelinetest"
)

// outcome writes what was found the way the samples expect it.
func outcome(f timeline.Found) []string {
	var out []string
	for _, in := range f.Incidents {
		out = append(out, fmt.Sprintf("%s %s %d", in.Kind, in.Severity, len(in.Messages)))
	}
	for _, q := range f.Questions {
		words := fmt.Sprintf("question %s %d", q.Why, len(q.Members))
		if q.Tell {
			words += " tell"
		}
		out = append(out, words)
	}
	if len(out) == 0 {
		out = append(out, "nothing")
	}
	return out
}

func TestSamples(t *testing.T) {
	for _, s := range timelinetest.Load(t, "samples/*.txt") {
		t.Run(s.Name, func(t *testing.T) {
			found, err := timeline.Find(s.Input())
			if err != nil {
				t.Fatal(err)
			}
			if got := outcome(found); !slices.Equal(got, s.Want) {
				t.Errorf("got %q, want %q", got, s.Want)
			}
			for _, in := range found.Incidents {
				if in.ID == "" || len(in.Story) < 2 || in.Start.After(*in.End) || len(in.Messages) != len(in.Members) {
					t.Errorf("incident is not whole: %+v", in.Incident)
				}
			}
		})
	}
}
