package timelinetest

import (
	"os"
	"path/filepath"
	"testing"
)

// Load reads the scenes of all files that match the patterns, and fails the test where a pattern matches none.
func Load(t testing.TB, patterns ...string) []*Scene {
	t.Helper()
	var out []*Scene
	for _, pattern := range patterns {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("no samples at %s: %v", pattern, err)
		}
		for _, name := range files {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			list, err := Parse(string(data))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			out = append(out, list...)
		}
	}
	return out
}
