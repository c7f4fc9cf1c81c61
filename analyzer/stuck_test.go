package analyzer_test

import (
	"context"
	"errors"
	"io"
	"os"
	"testing"
	"time"

	"github.com/mailaudit/mailaudit/analyzer"
	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/event"
	"github.com/mailaudit/mailaudit/analyzer/limit"
)

// TestStuck: a scan in which nothing at all is finished any more ends.
func TestStuck(t *testing.T) {
	lim := limit.Default()
	lim.Stuck = 50 * time.Millisecond
	dir := t.TempDir()
	hold, held := make(chan struct{}), make(chan struct{})
	first := true
	_, err := analyzer.Scan(context.Background(), analyzer.Config{
		Paths: []string{"../samples/takeover/input"}, Dir: dir, Workers: 1, Limits: lim, Brands: brand.Builtin(),
		Events: event.Builtin(), Version: "test", Now: time.Now,
		Progress: func(analyzer.Progress) {
			if first {
				first = false
				<-hold
				close(held)
			}
		},
	}, io.Discard)
	if !errors.Is(err, analyzer.ErrStuck) {
		t.Errorf("got %v, want ErrStuck", err)
	}
	close(hold) // lets what hung go on, so that it ends
	<-held
	for range 1000 {
		if left, err := os.ReadDir(dir); err != nil || len(left) == 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("what hung did not end when it could")
}
