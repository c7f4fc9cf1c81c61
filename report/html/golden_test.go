package html

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailaudit/mailaudit/report/reporttest"
	"github.com/mailaudit/mailaudit/report/view"
)

var update = flag.Bool("update", false, "write the goldens anew")

// goldenRows and goldenDetails are how much a golden shows of the two long lists; the first of each kind is as good as all.
const (
	goldenRows    = 12
	goldenDetails = 4
)

// What the page of a fixed stream says, in both languages, an element a line. The style sheet and the script are left
// out, they are read in their own files, and with them the policy, which holds their hashes.
func TestGoldens(t *testing.T) {
	for _, lang := range view.Langs() {
		path := filepath.Join("testdata", "night."+string(lang)+".html")
		got := readable(render(t, reporttest.Night(), lang))
		if *update {
			if err := os.MkdirAll("testdata", 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatalf("%v (go test -update writes it)", err)
		}
		if d := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); d != "" {
			t.Errorf("%s differs (-want +got; go test -update accepts it):\n%s", path, d)
		}
	}
}

// readable sets a page so that its diffs can be read.
func readable(page string) string {
	for _, tag := range []string{"style", "script"} {
		page = regexp.MustCompile(`(?s)<`+tag+`>.*?</`+tag+`>`).ReplaceAllString(page, "<"+tag+">…</"+tag+">")
	}
	page = regexp.MustCompile(`content="default-src[^"]*"`).ReplaceAllString(page, `content="default-src …"`)
	page = regexp.MustCompile(`<(?:h[1-6]|p|div|section|article|ol|ul|li|dl|dt|dd|table|caption|thead|tbody|tr|details|figure|figcaption|form|label|nav|header|footer|main|script|style|svg|g|rect|path|title|symbol|noscript|body|meta|pre)\b`).ReplaceAllString(page, "\n$0")
	page = regexp.MustCompile(`\n{2,}`).ReplaceAllString(page, "\n")
	page = leaveOut(page, `<tr id="m`, "</tbody>", goldenRows)
	return leaveOut(page, `<details class="msg`, "</details>", goldenDetails)
}

// leaveOut keeps the first n of the elements that begin with start, and says how many it left out; the last of them ends
// before end.
func leaveOut(page, start, end string, n int) string {
	parts := strings.Split(page, start)
	if len(parts) <= n+1 {
		return page
	}
	kept := strings.Join(parts[:n+1], start)
	last := parts[len(parts)-1]
	return kept + "… " + strings.Repeat("·", len(parts)-n-1) + last[strings.Index(last, end):]
}
