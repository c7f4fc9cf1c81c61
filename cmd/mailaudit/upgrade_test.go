package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// An earlier version of the program told of the taken-over account in testdata/upgrade/inbox.mbox.gz, whose mail bears a
// synchroniser's marker, and kept testdata/upgrade/state-3.
const toldBefore = "a-210a6005bf35ceac"

func upgradeNight(t *testing.T, dir string, args ...string) (out, talk string, code int) {
	t.Helper()
	var o, e bytes.Buffer
	args = append([]string{"scan", "--new", "--fail-on", "medium", "--state", filepath.Join(dir, "state")}, args...)
	code = run(append(args, filepath.Join("testdata", "upgrade", "inbox.mbox.gz")), strings.NewReader(""), &o, &e)
	return o.String(), e.String(), code
}

func before(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	raw, err := os.ReadFile(filepath.Join("testdata", "upgrade", "state-3"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "state"), raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestUpgradeTellsNothingTwice: what an earlier version told is known, though messages have other ids now.
func TestUpgradeTellsNothingTwice(t *testing.T) {
	dir := before(t)
	for range 2 {
		if out, talk, code := upgradeNight(t, dir); code != exitOK || out != "" {
			t.Errorf("exit code %d\n%s%s", code, out, talk)
		}
	}
	// Without the memory all of it is news.
	if out, _, code := upgradeNight(t, t.TempDir()); code != exitAttention || out == "" {
		t.Errorf("nothing to tell in the first place: exit code %d", code)
	}
}

// TestUpgradeKeepsAcknowledgements: what a person said of a finding holds for the finding that tells of the same messages.
func TestUpgradeKeepsAcknowledgements(t *testing.T) {
	dir := before(t)
	acks := filepath.Join(dir, "acknowledged.txt")
	if err := os.WriteFile(acks, []byte(toldBefore+" critical # it was me\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, talk, code := upgradeNight(t, dir); code != exitOK {
		t.Fatalf("exit code %d\n%s%s", code, out, talk)
	}
	raw, err := os.ReadFile(acks)
	if err != nil || strings.Count(string(raw), "# it was me") < 2 {
		t.Errorf("%v\n%s", err, raw)
	}
}
