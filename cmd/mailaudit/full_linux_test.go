package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestFullDisk: while the disk of the reports, or that of the state, is full, a night tells what it found, and where what was
// told is remembered it is told once; when there is room again all is as ever.
func TestFullDisk(t *testing.T) {
	full := t.TempDir()
	mount := func(flags uintptr, options string) error {
		return syscall.Mount("tmpfs", full, "tmpfs", flags, options)
	}
	if err := mount(0, "size=100k"); err != nil {
		t.Skip("no small disk can be made here, so that a full one is not tested:", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(full, syscall.MNT_DETACH) })
	night := func(t *testing.T, state string) (out, talk string, code int) {
		var o, e bytes.Buffer
		code = run([]string{"scan", "--new", "--lang", "en", "--state", state, "--output", filepath.Join(full, "reports"), filepath.Join("..", "..", "samples", "takeover", "input")}, strings.NewReader(""), &o, &e)
		return o.String(), e.String(), code
	}
	roomy := filepath.Join(t.TempDir(), "state")
	if out, talk, code := night(t, roomy); code != exitAttention || out == "" || !strings.Contains(talk, "no room") {
		t.Errorf("full reports, first night: exit code %d\n%s%s", code, out, talk)
	}
	if out, talk, code := night(t, roomy); code != exitInternal || out != "" || !strings.Contains(talk, "the reports were not written") {
		t.Errorf("full reports, second night: exit code %d\n%s%s", code, out, talk)
	}
	if err := os.WriteFile(filepath.Join(full, "filler"), make([]byte, 64<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	beside := filepath.Join(full, "state", "state")
	if out, talk, code := night(t, beside); code != exitAttention || out == "" || !strings.Contains(talk, "no room") {
		t.Errorf("full state: exit code %d\n%s%s", code, out, talk)
	}
	if err := mount(syscall.MS_REMOUNT, "size=20m"); err != nil {
		t.Fatal(err)
	}
	for _, state := range []string{roomy, beside} {
		if out, talk, code := night(t, state); code == exitInternal || talk != "" {
			t.Errorf("with room again: exit code %d\n%s%s", code, out, talk)
		}
		if out, talk, code := night(t, state); code != exitOK || out+talk != "" {
			t.Errorf("the night after: exit code %d\n%s%s", code, out, talk)
		}
	}
	left, err := filepath.Glob(filepath.Join(full, "*", ".mailaudit-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("%v is left, %v", left, err)
	}
}
