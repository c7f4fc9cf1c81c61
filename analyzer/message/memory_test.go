package message

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// What is remembered changes no message: drawn messages whose boundaries are alike, begin with one another, are declared
// twice, named in other fields or not there at all.
func TestMemoryChangesNoMessage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var m Memory
		for range rapid.IntRange(1, 6).Draw(t, "messages") {
			raw := drawStructure(t)
			got, want := Parse([]byte(raw), Options{Memory: &m}), Parse([]byte(raw), Options{})
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("%q\n got %+v\nwant %+v", raw, got, want)
			}
		}
	})
}

// The same with real mail, read twice.
func TestMemoryChangesNoRealMessage(t *testing.T) {
	files, err := filepath.Glob("../../../shared/corpus/mail/*.eml")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("no corpus beside the project")
	}
	var m Memory
	for range 2 {
		for _, f := range files {
			raw, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := Parse(raw, Options{Memory: &m}), Parse(raw, Options{}); !reflect.DeepEqual(got, want) {
				t.Errorf("%s is read otherwise", filepath.Base(f))
			}
		}
	}
}
