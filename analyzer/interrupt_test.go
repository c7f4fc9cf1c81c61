package analyzer_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/mailaudit/mailaudit/analyzer"
	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/event"
	"github.com/mailaudit/mailaudit/analyzer/limit"
)

// firstByte is a writer that notes when the first byte came.
type firstByte struct{ at time.Time }

func (w *firstByte) Write(p []byte) (int, error) {
	if w.at.IsZero() {
		w.at = time.Now()
	}
	return len(p), nil
}

// TestInterruptedReading: when the context ends, reading ends at once, whatever is read, and what was read is concluded.
func TestInterruptedReading(t *testing.T) {
	one, err := os.ReadFile("../samples/takeover/input/haruka.mbox")
	if err != nil {
		t.Fatal(err)
	}
	box := bytes.Repeat(one, max(1, 24<<20/len(one)))
	dir := t.TempDir()
	write := func(name string, data []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("x.mbox", box)
	var z, g bytes.Buffer
	zw := zip.NewWriter(&z)
	zw.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	for _, name := range []string{"a.mbox", "b.mbox"} {
		w, err := zw.Create(name)
		if err == nil {
			_, err = w.Write(box)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	gw, _ := gzip.NewWriterLevel(&g, gzip.BestSpeed)
	tw := tar.NewWriter(gw)
	for _, err := range []error{
		zw.Close(), tw.WriteHeader(&tar.Header{Name: "a.mbox", Mode: 0o600, Size: int64(len(box))}), second(tw.Write(box)), tw.Close(), gw.Close(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	write("x.zip", z.Bytes())
	write("x.tgz", g.Bytes())
	for _, name := range []string{"x.mbox", "x.zip", "x.tgz"} {
		path := filepath.Join(dir, name)
		st, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var ended time.Time
		var out firstByte
		r, err := analyzer.Scan(ctx, analyzer.Config{
			Paths: []string{path}, Dir: t.TempDir(), Workers: 2, Limits: limit.Default(), Brands: brand.Builtin(), Events: event.Builtin(),
			Version: "test", Now: time.Now,
			Progress: func(p analyzer.Progress) {
				if p.Bytes > st.Size()/4 && ended.IsZero() {
					ended = time.Now()
					cancel()
				}
			},
		}, &out)
		cancel()
		if err != nil {
			t.Fatal(err)
		}
		took := out.at.Sub(ended)
		t.Logf("%s: %d messages read, concluded %s after the end", name, r.Summary.Messages, took.Round(time.Millisecond))
		// A second is promised; the rest is for a machine that does other things as well, and for the race detector.
		bound := 5 * time.Second
		if raceDetector {
			bound = time.Minute
		}
		if r.Complete || r.Summary.Messages == 0 || took > bound {
			t.Errorf("%s: complete %v, %d messages, concluded %s after the end", name, r.Complete, r.Summary.Messages, took)
		}
		if r.Summary.Bytes != r.Summary.BytesAccounted {
			t.Errorf("%s: %d bytes read, %d accounted for", name, r.Summary.Bytes, r.Summary.BytesAccounted)
		}
	}
}

func second(_ int, err error) error { return err }
