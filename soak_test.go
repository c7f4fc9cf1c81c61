package mailaudit_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestSoakFailsOnAFuzzTestThatStandsStill runs the recipe of soak with a go command that only prints what a fuzz test would.
func TestSoakFailsOnAFuzzTestThatStandsStill(t *testing.T) {
	for _, tool := range []string{"make", "sh", "awk"} {
		if _, err := exec.LookPath(tool); err != nil || runtime.GOOS == "windows" {
			t.Skipf("soak needs %s, which is not here: left out", tool)
		}
	}
	// log is what go test -fuzz prints when the executions are these, a line every three seconds.
	log := func(execs ...int) string {
		var b strings.Builder
		b.WriteString("fuzz: elapsed: 0s, gathering baseline coverage: 4/4 completed, now fuzzing with 2 workers\n")
		for i, n := range execs {
			fmt.Fprintf(&b, "fuzz: elapsed: %ds, execs: %d (%d/sec), new interesting: 7 (total: 11)\n", 3*(i+1), n, n/3)
		}
		return b.String() + "PASS\n"
	}
	for _, c := range []struct {
		name, log string
		code      int // of go test
		fails     bool
		says      string
	}{
		{"it moves to its end", log(900, 1800, 2700, 3600, 4500, 5400, 6300, 7200, 7200), 0, false, "7200 executions"},
		{"it is slow, and moves", log(20, 20, 40, 60, 60, 80, 100, 120, 140), 0, false, "140 executions"},
		{"it stands still from the start", log(300, 300, 300, 300, 300, 300, 300, 300, 300), 0, true, "stands still"},
		{"it stands still in the end", log(900, 1800, 2700, 3600, 4500, 5400, 6300, 6300, 6300, 6300), 0, true, "stands still"},
		{"it stands still most of the time", log(100, 100, 100, 200, 200, 200, 300, 300, 300, 400), 0, true, "stands still"},
		{"it makes a few executions", log(1, 2, 3, 4, 5, 6, 7, 8, 9), 0, true, "stands still"},
		{"it counts none", "PASS\n", 0, true, "stands still"},
		{"it moves and fails", log(900, 1800, 2700), 1, true, "execs: 2700"},
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "log"), []byte(c.log), 0o600); err != nil {
			t.Fatal(err)
		}
		fake := fmt.Sprintf(`#!/bin/sh
case "$*" in
"list -f"*) ;;
"list ./...") echo example.org/parser ;;
"test -list"*) echo FuzzParse; echo ok ;;
*-fuzz*) cat '%s/log'; exit %d ;;
"env CC") echo no-such-compiler ;;
esac
`, dir, c.code)
		program := filepath.Join(dir, "go")
		if err := os.WriteFile(program, []byte(fake), 0o700); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("make", "soak", "GO="+program, "FUZZTIME=27s")
		for _, v := range os.Environ() {
			if !strings.HasPrefix(v, "MAKE") && !strings.HasPrefix(v, "MFLAGS") {
				cmd.Env = append(cmd.Env, v)
			}
		}
		out, err := cmd.CombinedOutput()
		if (err != nil) != c.fails || !strings.Contains(string(out), c.says) {
			t.Errorf("%s: %v, want a failure: %v, and %q in\n%s", c.name, err, c.fails, c.says, out)
		}
	}
}
