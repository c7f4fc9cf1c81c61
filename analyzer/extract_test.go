package analyzer

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/event"
	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/block"
)

// TestKeysOfSingleMessages: the messages of a Maildir and of a folder of files all begin at offset 0; their keys differ and
// grow all the same, in an mbox as anywhere.
func TestKeysOfSingleMessages(t *testing.T) {
	text := func(n int) string {
		return fmt.Sprintf("From: Amazon.co.jp <account-update@amazon.co.jp>\nSubject: Amazon.co.jp password %d\n\nAmazon\n", n)
	}
	dir := t.TempDir()
	write := func(name, data string) {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	line := "From a@example.com Thu Jan  1 00:00:01 2026\n"
	write("box", line+text(1)+"\n"+line+text(2)+"\n")
	for i := range 3 {
		write(fmt.Sprintf("eml/%d.eml", i), text(i))
		write(fmt.Sprintf("Maildir/cur/%d.host:2,", i), text(i))
		write(fmt.Sprintf("Maildir/new/%d.host", 10+i), text(i))
	}
	cfg := Config{
		Paths: []string{dir}, Dir: t.TempDir(), Workers: 1, Limits: limit.Default(), Brands: brand.Builtin(), Events: event.Builtin(),
	}
	s := &scan{cfg: cfg}
	x := newExtractor(&s.cfg, nil)
	var last *fact.Fact
	n := 0
	err := s.walk(t.Context(), block.NewPool(cfg.Limits.InFlight, nil), func(j job) error {
		defer j.batch.Release()
		for i := range j.batch.Extents {
			encoded, _, problems := x.message(&j.batch.Extents[i], fact.NewTally(), new(reading))
			if encoded == nil || len(problems) > 0 {
				return fmt.Errorf("%s: no fact: %v", j.batch.Extents[i].Location, problems)
			}
			f, err := fact.Decode(encoded)
			if err != nil {
				return err
			}
			if last != nil && last.Key.Compare(f.Key) >= 0 {
				t.Errorf("%s has key %+v, behind %s with %+v", f.Location, f.Key, last.Location, last.Key)
			}
			last = f
			n++
		}
		return nil
	})
	if err != nil || n != 11 {
		t.Errorf("%d facts, want 11: %v", n, err)
	}
}
