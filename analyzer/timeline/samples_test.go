package timeline_test

import (
	"fmt"
	"os"
	"path/filepath"
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
	for _, n := range f.Notes {
		out = append(out, fmt.Sprintf("note %d", len(n.Members)))
	}
	if len(out) == 0 {
		out = append(out, "nothing")
	}
	return out
}

func scenes(t testing.TB) []*timelinetest.Scene {
	t.Helper()
	files, err := filepath.Glob("samples/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	var out []*timelinetest.Scene
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		list, err := timelinetest.Parse(string(data))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out = append(out, list...)
	}
	return out
}

func TestSamples(t *testing.T) {
	for _, s := range scenes(t) {
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
