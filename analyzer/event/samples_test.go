package event

import (
	"os"
	"path/filepath"
	"testing"
)

// source is the catalogue as read from data/, samples included.
func source(t testing.TB) *Catalogue {
	t.Helper()
	packs, err := Read(os.DirFS("data"), ".")
	if err != nil {
		t.Fatal(err)
	}
	return newCatalogue(packs)
}

// Every entry carries samples; each is tried against the whole catalogue, so that order is tested too.
func TestSamples(t *testing.T) {
	all := source(t).Samples()
	if len(all) == 0 {
		t.Fatal("no samples")
	}
	for _, s := range all {
		if s.Fault != "" {
			t.Errorf("%s: good=%v %q: %s", s.Entry, s.Good, s.Text, s.Fault)
		}
	}
	files, _ := filepath.Glob("data/*.toml")
	t.Logf("%d samples in %d packs", len(all), len(files))
}

func TestBuiltinIsUpToDate(t *testing.T) {
	packs, err := Read(os.DirFS("data"), ".")
	if err != nil {
		t.Fatal(err)
	}
	have, err := os.ReadFile("builtin.go")
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != string(Source(packs)) {
		t.Error("builtin.go is not what data/ gives: run go generate ./analyzer/event")
	}
}
