package mailaudit_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// knowledge names the pages beside the packages that comments and data cite, as "PAGE §2", "PAGE §2 and §3".
var knowledge = map[string]string{
	"OFFICIAL":       "analyzer/brand/OFFICIAL.md",
	"NOTICES":        "analyzer/event/NOTICES.md",
	"IMPERSONATIONS": "analyzer/detect/IMPERSONATIONS.md",
	"AUTHENTICITY":   "analyzer/mailauth/AUTHENTICITY.md",
	"READSTATE":      "analyzer/mailbox/readstate/READSTATE.md",
	"STREAM":         "analyzer/finding/STREAM.md",
}

const sources = "analyzer/brand/SOURCES.md"

var (
	section  = regexp.MustCompile(`(?m)^## §(\d+) `)
	cites    = regexp.MustCompile(`\b([A-Z]{5,}) §\d|\b(DOMAIN|DESIGN)(?:'s)? \d`)
	citation = regexp.MustCompile(`\b(OFFICIAL|NOTICES|IMPERSONATIONS|AUTHENTICITY|READSTATE|STREAM) §(\d+)((?:(?:, | and )§\d+)*)`)
	further  = regexp.MustCompile(`§(\d+)`)
	source   = regexp.MustCompile(`\bS(\d+)b?\b`)
)

// textFiles calls f with each file of the project that holds words: code, data, pages.
func textFiles(t *testing.T, f func(path, text string)) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "dist" || path == "samples"):
			return fs.SkipDir
		case d.IsDir() || !slices.Contains([]string{".go", ".toml", ".md"}, filepath.Ext(path)):
			return nil
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		f(filepath.ToSlash(path), string(raw))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Every section that a comment, a rule or a page cites stands in the page that it names.
func TestCitedSectionsExist(t *testing.T) {
	sections := map[string]bool{}
	for page, path := range knowledge {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range section.FindAllStringSubmatch(string(raw), -1) {
			sections[page+" §"+m[1]] = true
		}
	}
	cited := 0
	textFiles(t, func(path, text string) {
		for _, m := range cites.FindAllStringSubmatch(text, -1) {
			if knowledge[m[1]] == "" {
				t.Errorf("%s cites %q, a page that is not in the project", path, m[0])
			}
		}
		for _, m := range citation.FindAllStringSubmatch(text, -1) {
			for _, n := range append([][]string{{"", m[2]}}, further.FindAllStringSubmatch(m[3], -1)...) {
				cited++
				if c := m[1] + " §" + n[1]; !sections[c] {
					t.Errorf("%s cites %s, which is not in %s", path, c, knowledge[m[1]])
				}
			}
		}
	})
	if cited == 0 {
		t.Error("nothing is cited: the pattern of citations is out of date")
	}
}

// A source that a page of knowledge or a rule names as S7 is in the list of sources.
func TestCitedSourcesExist(t *testing.T) {
	raw, err := os.ReadFile(sources)
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, m := range source.FindAllStringSubmatch(string(raw), -1) {
		known[m[1]] = true
	}
	pages := []string{}
	for _, path := range knowledge {
		pages = append(pages, path)
	}
	label := regexp.MustCompile(`(?m)^source = .*`)
	textFiles(t, func(path, text string) {
		switch {
		case slices.Contains(pages, path):
		case strings.HasSuffix(path, ".toml"):
			text = strings.Join(label.FindAllString(text, -1), "\n")
		default:
			return
		}
		for _, m := range source.FindAllStringSubmatch(text, -1) {
			if !known[m[1]] {
				t.Errorf("%s cites %s, which is not in %s", path, m[0], sources)
			}
		}
	})
}

// The map that ARCHITECTURE.md draws is the one that map_test.go holds the code to: the same packages, the same layers,
// in the same order.
func TestArchitectureDrawsTheTestedMap(t *testing.T) {
	raw, err := os.ReadFile("ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(raw), "## Packages")
	_, after, _ = strings.Cut(after, "```\n")
	drawing, _, ok := strings.Cut(after, "```")
	if !ok {
		t.Fatal("ARCHITECTURE.md draws no map")
	}
	lines := strings.Split(strings.TrimSpace(drawing), "\n")
	at := 0
	for _, layer := range layers[1:] {
		for at < len(lines) && !drawn(lines[at], layer) {
			at++
		}
		if at == len(lines) {
			t.Fatalf("ARCHITECTURE.md does not draw %v below the layers before it", layer)
		}
	}
}

// drawn reports whether a line of the map names every package of a layer.
func drawn(line string, layer []string) bool {
	words := regexp.MustCompile(`[a-z]+`).FindAllString(line, -1)
	for _, p := range layer {
		if !slices.Contains(words, filepath.Base(p)) {
			return false
		}
	}
	return true
}

// Every file and folder that ARCHITECTURE.md and CONTRIBUTING.md name between backquotes exists, as written or below
// one of the places that the pages leave out.
func TestNamedFilesExist(t *testing.T) {
	name := regexp.MustCompile("`([a-z_]+(?:/[a-z_*]+)*(?:/|\\.go|\\.toml|\\.md|/\\*\\.toml))`")
	for _, page := range []string{"ARCHITECTURE.md", "CONTRIBUTING.md"} {
		raw, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range name.FindAllStringSubmatch(string(raw), -1) {
			found := false
			for _, below := range []string{"", "analyzer/", "report/", "cmd/mailaudit/", "analyzer/*/", "report/*/", "analyzer/*/*/"} {
				if list, err := filepath.Glob(below + m[1]); err == nil && len(list) > 0 {
					found = true
				}
			}
			if !found {
				t.Errorf("%s names %s, which is not there", page, m[1])
			}
		}
	}
}
