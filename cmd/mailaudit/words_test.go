package main

import (
	"testing"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/mailbox/mboxfile"
	"github.com/mailaudit/mailaudit/report/view"
)

// TestDoubtsHaveWords: why the start of a message is in doubt is told in the reader's language.
func TestDoubtsHaveWords(t *testing.T) {
	c, err := view.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, doubt := range mboxfile.Doubts() {
		if got := view.NewPrinter(c, view.JA, time.UTC).Word("doubt", doubt); got == doubt {
			t.Errorf("no Japanese words for %q", doubt)
		}
		if got := view.NewPrinter(c, view.EN, time.UTC).Word("doubt", doubt); got != doubt {
			t.Errorf("%q is told as %q", doubt, got)
		}
	}
}
