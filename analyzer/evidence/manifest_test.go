package evidence

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestManifestComesBack(t *testing.T) {
	at := time.Date(2026, 2, 20, 1, 2, 3, 0, time.UTC)
	want := &Manifest{
		Tool: ManifestTool, Form: ManifestForm, Version: "0.1.0", Command: []string{"scan", "mail <x>"}, Started: at, Finished: at.Add(time.Second),
		Complete: true, Sources: []Original{{Name: "a.mbox", Size: 5, SHA256: Sum([]byte("hello"))}}, Files: []Written{{Name: "report.html", Size: 1, SHA256: Sum([]byte("x"))}},
	}
	var b bytes.Buffer
	if err := want.Write(&b); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), `"mail <x>"`) {
		t.Error("the command line is not readable in the manifest")
	}
	got, err := ReadManifest(&b)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	if f, ok := got.File("report.html"); !ok || f.Size != 1 {
		t.Errorf("File = %+v, %v", f, ok)
	}
	if _, ok := got.File("other"); ok {
		t.Error("a file that was not written is found")
	}
}

// A browser extension and a phone app call their files manifest.json too: such a folder may hold mail and is read.
func TestManifestOfOthers(t *testing.T) {
	for _, text := range []string{``, `{}`, `[]`, `{"manifest_version": 3, "name": "x"}`, `{"tool":"mailaudit","form":"9"}`, `{"tool":"other","form":"1"}`} {
		if _, err := ReadManifest(strings.NewReader(text)); !errors.Is(err, ErrNotManifest) {
			t.Errorf("%q gives %v, want ErrNotManifest", text, err)
		}
	}
}
