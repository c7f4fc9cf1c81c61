package main

import (
	"bytes"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "write expected.jsonl and the transcripts again")

func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) != "mailaudit" { // else this is the command, run by a test
		// What whoever runs the tests has acknowledged must not show in them.
		if err := os.Setenv("XDG_STATE_HOME", filepath.Join(os.TempDir(), "mailaudit-test-has-no-state")); err != nil {
			panic(err)
		}
	}
	testscript.Main(m, map[string]func(){"mailaudit": later})
}

// later is the command some minutes after now: mail that a test has just written came to rest.
func later() {
	signal.Ignore(syscall.SIGPIPE)
	sys := thisSystem(os.Stdin, os.Stdout, os.Stderr)
	sys.now = func() time.Time { return time.Now().Add(settled) }
	os.Exit(runIn(sys, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// TestScripts plays the transcripts of testdata/script: a file for each topic, each line a command as a person types it.
func TestScripts(t *testing.T) {
	samples, err := filepath.Abs("../../samples")
	if err != nil {
		t.Fatal(err)
	}
	params := testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: *update,
		Setup: func(env *testscript.Env) error {
			env.Setenv("SAMPLES", samples)
			env.Setenv("LANG", "C")
			env.Setenv("TZ", "UTC")
			return nil
		},
		Condition: func(name string) (bool, error) {
			if name == "root" { // who may write everywhere
				return os.Getuid() == 0, nil
			}
			return false, fmt.Errorf("unknown condition %q", name)
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits": exits, "mode": mode, "clean": clean, "flip": flip, "overwrite": overwrite, "cut": cut, "swell": swell, "bytes": writeBytes,
		},
	}
	if testing.Short() {
		params.Dir, params.Files = "", []string{"testdata/script/workers.txtar", "testdata/script/faults.txtar"}
		t.Logf("with -short only %v: what concerns concurrency", params.Files)
	}
	testscript.Run(t, params)
}

// exits runs a command and wants an exit code: exits 2 mailaudit scan.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	err = ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		got = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d\n%s%s", got, want, ts.ReadFile("stdout"), ts.ReadFile("stderr"))
	}
}

// mode wants the permissions of files: mode 600 dir/report.html. Windows keeps none.
func mode(ts *testscript.TestScript, neg bool, args []string) {
	if filepath.Separator == '\\' {
		return
	}
	for _, name := range args[1:] {
		info, err := os.Stat(ts.MkAbs(name))
		ts.Check(err)
		if got := fmt.Sprintf("%o", info.Mode().Perm()); got != args[0] != neg {
			ts.Fatalf("%s has mode %s", name, got)
		}
	}
}

// clean wants files, or stdout and stderr, without control, escape, bidi and invisible characters.
func clean(ts *testscript.TestScript, neg bool, args []string) {
	for _, name := range args {
		for _, r := range ts.ReadFile(name) {
			switch {
			case r == '\n':
			case r < 0x20, r >= 0x7f && r < 0xa0, r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2060 && r <= 0x206f, r >= 0xe0000 && r <= 0xe007f:
				ts.Fatalf("%s holds U+%04X", name, r)
			}
		}
	}
}

// swell writes a message with a header field of so many bytes: swell mail/big.eml 5000000.
func swell(ts *testscript.TestScript, neg bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	text := "From: Amazon <info@tsuuchi.example>\nSubject: Your Amazon account is locked\nX-Filler: " + strings.Repeat("x", n) + "\nTo: owner@example.com\n\nLog in to confirm.\n"
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

// writeBytes writes a file of bytes that no text holds: bytes archive.7z 377abcaf271c.
func writeBytes(ts *testscript.TestScript, neg bool, args []string) {
	raw, err := hex.DecodeString(args[1])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), append(raw, make([]byte, 2000)...), 0o600))
}

// flip changes one byte of a file: flip mail.mbox 1000.
func flip(ts *testscript.TestScript, neg bool, args []string) {
	path := ts.MkAbs(args[0])
	at, err := strconv.Atoi(args[1])
	ts.Check(err)
	raw, err := os.ReadFile(path)
	ts.Check(err)
	raw[at] ^= 1
	ts.Check(os.WriteFile(path, raw, 0o600))
}

// overwrite makes bytes of a file others: overwrite state 512 700 changes those from 512 up to 700.
func overwrite(ts *testscript.TestScript, neg bool, args []string) {
	path := ts.MkAbs(args[0])
	from, err := strconv.Atoi(args[1])
	ts.Check(err)
	to, err := strconv.Atoi(args[2])
	ts.Check(err)
	raw, err := os.ReadFile(path)
	ts.Check(err)
	for i := from; i < min(to, len(raw)); i++ {
		raw[i] ^= 0x5a
	}
	ts.Check(os.WriteFile(path, raw, 0o600))
}

// cut cuts a file off behind so many bytes: cut state 3000.
func cut(ts *testscript.TestScript, neg bool, args []string) {
	n, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	ts.Check(os.Truncate(ts.MkAbs(args[0]), n))
}

// TestSamples scans every sample with one worker and with four and compares the record stream, all records but config,
// with expected.jsonl.
func TestSamples(t *testing.T) {
	folders, err := os.ReadDir("../../samples")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range folders {
		if !f.IsDir() {
			continue
		}
		t.Run(f.Name(), func(t *testing.T) {
			want := filepath.Join("../../samples", f.Name(), "expected.jsonl")
			for _, workers := range []string{"1", "4"} {
				got := scanned(t, filepath.Join("../../samples", f.Name(), "input"), workers)
				if *update {
					if err := os.WriteFile(want, got, 0o644); err != nil {
						t.Fatal(err)
					}
				}
				expected, err := os.ReadFile(want)
				if err != nil {
					t.Fatal(err)
				}
				if line, a, b := firstDifference(got, expected); line > 0 {
					t.Fatalf("with %s workers line %d differs from expected.jsonl:\ngot  %.600s\nwant %.600s", workers, line, a, b)
				}
			}
		})
	}
}

// scanned is the record stream of a scan without its config record.
func scanned(t *testing.T, input, workers string) []byte {
	t.Helper()
	dir := t.TempDir()
	var out, talk bytes.Buffer
	code := run([]string{"scan", "--quiet", "--format", "jsonl", "--workers", workers, "--output", dir, input}, strings.NewReader(""), &out, &talk)
	if code != exitOK && code != exitAttention && code != exitLost {
		t.Fatalf("exit code %d\n%s", code, talk.String())
	}
	raw, err := os.ReadFile(filepath.Join(dir, "findings.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := bytes.Cut(raw, []byte("\n"))
	if !ok || !bytes.HasPrefix(head, []byte(`{"config":`)) {
		t.Fatalf("the stream begins with %.100q", head)
	}
	return rest
}

// firstDifference is the number of the first line that differs, from 1; 0 for none.
func firstDifference(a, b []byte) (line int, inA, inB string) {
	if bytes.Equal(a, b) {
		return 0, "", ""
	}
	x, y := strings.Split(string(a), "\n"), strings.Split(string(b), "\n")
	for i := range max(len(x), len(y)) {
		if i >= len(x) {
			return i + 1, "", y[i]
		}
		if i >= len(y) {
			return i + 1, x[i], ""
		}
		if x[i] != y[i] {
			return i + 1, x[i], y[i]
		}
	}
	return 0, "", ""
}

// A message that lost everything its receiver wrote is unverifiable, and genuine again by its own signature where the
// keys are given.
func TestOwnSignatureCheck(t *testing.T) {
	sample := ""
	err := filepath.WalkDir("../../samples/maildir/input", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || sample != "" {
			return err
		}
		raw, err := os.ReadFile(path)
		if i := bytes.Index(raw, []byte("DKIM-Signature:")); i > 0 && bytes.Contains(raw, []byte("@amazon.co.jp>")) && bytes.Contains(raw, []byte("d=amazon.co.jp")) {
			sample = string(raw[i:])
		}
		return err
	})
	if err != nil || sample == "" {
		t.Fatalf("no sample: %v", err)
	}
	path := filepath.Join(t.TempDir(), "stripped.eml")
	if err := os.WriteFile(path, []byte(sample), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		why  string
		args []string
		want string
	}{
		{"nothing shows either way", nil, "Unverifiable"},
		{"the signature verifies", []string{"--dkim-keys", "../../samples/dkim-keys.txt"}, "A4"},
	} {
		var out, talk bytes.Buffer
		args := append(append([]string{"explain", "--lang", "en"}, c.args...), path)
		if code := run(args, strings.NewReader(""), &out, &talk); code != exitOK || !strings.Contains(out.String(), c.want) {
			t.Errorf("%s: exit code %d, want %s in\n%s%s", c.why, code, c.want, out.String(), talk.String())
		}
	}
}

// Nothing is written beside the mail, and nothing of it is changed: files, times and folders are the same after a scan.
func TestScanLeavesTheMailAlone(t *testing.T) {
	root := t.TempDir()
	if err := os.CopyFS(root, os.DirFS("../../samples/maildir/input")); err != nil {
		t.Fatal(err)
	}
	before := listing(t, root)
	scanned(t, root, "2")
	if after := listing(t, root); after != before {
		t.Errorf("the mail folder changed:\nbefore %s\nafter %s", before, after)
	}
}

func listing(t *testing.T, root string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		fmt.Fprintln(&b, path, info.Mode(), info.Size(), info.ModTime().UnixNano())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}
