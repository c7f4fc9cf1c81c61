package analyzer_test

import (
	"context"
	"io"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/mailaudit/mailaudit/analyzer"
	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/event"
	"github.com/mailaudit/mailaudit/analyzer/limit"
)

// BenchmarkScan scans the mailbox that MAILAUDIT_BENCH names: `make bench` makes one. The throughput is that of the whole
// pipeline, record stream included.
func BenchmarkScan(b *testing.B) {
	path := os.Getenv("MAILAUDIT_BENCH")
	if path == "" {
		b.Skip("MAILAUDIT_BENCH names no mailbox; make bench makes one")
	}
	for b.Loop() {
		r, err := analyzer.Scan(context.Background(), analyzer.Config{
			Paths: []string{path}, Dir: b.TempDir(), Workers: runtime.GOMAXPROCS(0), Limits: limit.Default(),
			Brands: brand.Builtin(), Events: event.Builtin(), Version: "bench", Now: time.Now,
		}, io.Discard)
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(r.Summary.Bytes)
	}
}
