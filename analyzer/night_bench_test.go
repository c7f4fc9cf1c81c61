package analyzer_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/mailaudit/mailaudit/analyzer"
	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/event"
	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/state"
)

// BenchmarkNight measures what a nightly run costs over the mail that MAILAUDIT_NIGHT names: an mbox, to which the
// benchmark appends, and which it cuts back, or a Maildir. Ten gigabytes and a hundred thousand messages are the aims. Time
// by the clock means little on a machine that others use as well; cpu-s/op is the time of the processor:
//
//	gensamples -bulk mixed -size 10000000000 -out ten.mbox
//	MAILAUDIT_NIGHT=ten.mbox go test ./analyzer -run '^$' -bench Night -benchtime 5x
//
// `make bench-night` does both.
func BenchmarkNight(b *testing.B) {
	path := os.Getenv("MAILAUDIT_NIGHT")
	if path == "" {
		b.Skip("MAILAUDIT_NIGHT names no mail")
	}
	where := filepath.Join(b.TempDir(), "state")
	var result analyzer.Result
	night := func() {
		s, err := state.Open(where, false, time.Now())
		if err != nil {
			b.Fatal(err)
		}
		result, err = analyzer.Scan(context.Background(), analyzer.Config{
			Paths: []string{path}, Dir: b.TempDir(), Workers: 2, Limits: limit.Default(), Brands: brand.Builtin(), Events: event.Builtin(),
			Version: "bench", Now: time.Now, AsOf: time.Now(), State: s,
		}, nil)
		if err != nil {
			b.Fatal(err)
		}
		if result.Changed {
			if err := s.Commit(); err != nil {
				b.Fatal(err)
			}
			if err := s.Compact(); err != nil {
				b.Fatal(err)
			}
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
	began := time.Now()
	night()
	var size int64
	for i := range result.Sources {
		size += result.Sources[i].Size
	}
	if info, err := os.Stat(where); err == nil {
		b.Logf("the first night took %s; %d messages, %d candidates, state %.2f %% of the mail", time.Since(began).Round(time.Millisecond), result.Summary.Messages, result.Summary.Candidates, 100*float64(info.Size())/float64(size))
	}
	b.Run("unchanged", func(b *testing.B) {
		began := processorTime()
		for b.Loop() {
			night()
		}
		b.ReportMetric((processorTime()-began).Seconds()/float64(b.N), "cpu-s/op")
	})
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	if info.IsDir() {
		return
	}
	more := tenMegabytes(b, path)
	defer func() {
		if err := os.Truncate(path, info.Size()); err != nil {
			b.Error(err)
		}
	}()
	b.Run("10 MB appended", func(b *testing.B) {
		i := 0
		var spent time.Duration
		for b.Loop() {
			b.StopTimer()
			i++
			f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := f.Write(bytes.ReplaceAll(more, []byte("\nMessage-ID: <"), fmt.Appendf(nil, "\nMessage-ID: <n%d.", i))); err != nil {
				b.Fatal(err)
			}
			if err := f.Close(); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
			began := processorTime()
			night()
			spent += processorTime() - began
		}
		b.ReportMetric(spent.Seconds()/float64(b.N), "cpu-s/op")
		b.ReportMetric(float64(result.Judged), "judged/op")
	})
}

// tenMegabytes are the first messages of an mbox.
func tenMegabytes(b *testing.B, path string) []byte {
	f, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	buf := make([]byte, 10<<20)
	n, err := f.ReadAt(buf, 0)
	if err != nil && n == 0 {
		b.Fatal(err)
	}
	if i := bytes.LastIndex(buf[:n], []byte("\n\nFrom ")); i > 0 {
		return buf[:i+2]
	}
	return buf[:n]
}
