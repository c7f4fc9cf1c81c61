package mailbox

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/limit/growth"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/block"
)

// nowhere is a Sink that keeps nothing.
type nowhere struct{ pool *block.Pool }

func (n nowhere) Take(ctx context.Context, size int) (*block.Block, error) {
	return n.pool.Take(ctx, size)
}
func (nowhere) Mailbox(*Mailbox) error        { return nil }
func (nowhere) Batch(b Batch) error           { b.Release(); return nil }
func (nowhere) Problem(finding.Problem) error { return nil }
func (nowhere) Skipped(finding.Skipped) error { return nil }
func (nowhere) Progress(int64)                {}

// bulk is an mbox of about n bytes in messages of 50 KB, nearly all of it base64 as mail is.
func bulk(n int) string {
	src := rand.New(rand.NewPCG(1, 2))
	raw := make([]byte, 57*650)
	var b strings.Builder
	for day := 0; b.Len() < n; day++ {
		for i := range raw {
			raw[i] = byte(src.UintN(256))
		}
		b.WriteString(line1 + mailA)
		for i := 0; i < len(raw); i += 57 {
			b.WriteString(base64.StdEncoding.EncodeToString(raw[i : i+57]))
			b.WriteByte('\n')
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func walkBench(b *testing.B, path string, size int64) {
	b.SetBytes(size)
	for b.Loop() {
		src, err := Open(path, 0)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := Walk(context.Background(), src, Config{Limits: limit.Default(), NewHash: sha256.New}, nowhere{block.NewPool(96<<20, nil)}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWalk(b *testing.B) {
	box := bulk(32 << 20)
	write := func(b *testing.B, data []byte) string {
		name := filepath.Join(b.TempDir(), "x")
		if err := os.WriteFile(name, data, 0o600); err != nil {
			b.Fatal(err)
		}
		return name
	}
	b.Run("mbox", func(b *testing.B) { walkBench(b, write(b, []byte(box)), int64(len(box))) })
	b.Run("zip", func(b *testing.B) {
		walkBench(b, write(b, zipOf(b, zip.Deflate, entry{"a.mbox", box})), int64(len(box)))
	})
	b.Run("tgz", func(b *testing.B) {
		walkBench(b, write(b, compress(b, gz, tarOf(b, entry{"a.mbox", box}))), int64(len(box)))
	})
	b.Run("zst", func(b *testing.B) { walkBench(b, write(b, compress(b, zst, []byte(box))), int64(len(box))) })
	for kind, name := range map[string]string{"maildir": "cur/%d.a:2,S", "eml": "%d.eml"} {
		b.Run(kind, func(b *testing.B) {
			files := map[string]string{"new/": ""}
			if kind == "eml" {
				files = map[string]string{}
			}
			for i := range 2000 {
				files[fmt.Sprintf(name, i)] = mailA + strings.Repeat("text\n", 1000)
			}
			walkBench(b, writeTree(b, files), 2000*int64(len(mailA)+5000))
			b.ReportMetric(float64(2000*b.N)/b.Elapsed().Seconds(), "messages/s")
		})
	}
}

// TestLargeMaildir: eight times as many messages take about eight times as long; a quadratic walk takes 64 times.
func TestLargeMaildir(t *testing.T) {
	growth.Linear(t, "messages of a Maildir", 250, 2000, func(n int) func() {
		files := make(map[string]string, n)
		for i := range n {
			files[fmt.Sprintf("cur/%d.a:2,S", i)] = mailA
		}
		dir := writeTree(t, files)
		return func() {
			var f found
			walkAll(t, dir, &f, limits())
			if len(f.extents) != n {
				t.Fatalf("%d messages, want %d", len(f.extents), n)
			}
		}
	})
}
