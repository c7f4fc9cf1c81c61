package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestManPages: each command that is shown has a page in both languages, which says how it is called and names all its options.
func TestManPages(t *testing.T) {
	for _, lang := range []string{"en", "ja"} {
		dir := t.TempDir()
		var out, errs bytes.Buffer
		sys := thisSystem(strings.NewReader(""), &out, &errs)
		if code := runIn(sys, []string{"--lang", lang, "man", dir}, strings.NewReader(""), &out, &errs); code != 0 {
			t.Fatalf("man ended with %d: %s", code, errs.String())
		}
		pages, err := filepath.Glob(filepath.Join(dir, "*.1"))
		if err != nil || len(pages) < 20 {
			t.Fatalf("%s: %d pages: %v", lang, len(pages), err)
		}
		for _, page := range pages {
			raw, err := os.ReadFile(page)
			if err != nil {
				t.Fatal(err)
			}
			for i, line := range strings.Split(string(raw), "\n") {
				if strings.HasPrefix(line, "'") {
					t.Errorf("%s: line %d is a request: %q", page, i+1, line)
				}
			}
		}
		scan, err := os.ReadFile(filepath.Join(dir, "mailaudit-scan.1"))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{".TH \"MAILAUDIT-SCAN\" 1", `\-\-brand`, `\-\-trust`, `\fB\-o\fR, `, "takeout"} {
			if !strings.Contains(string(scan), want) {
				t.Errorf("%s: the page of scan has no %q", lang, want)
			}
		}
	}
}
