package mboxfile

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/mailaudit/mailaudit/analyzer/mailbox/block"
)

// corpus reads a file of ../shared/corpus, which lies beside the project, and skips the test where it is absent.
func corpus(t testing.TB, name string) []byte {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
	}
	b, err := os.ReadFile(filepath.Join(dir, "..", "shared", "corpus", name))
	if err != nil {
		t.Skipf("no corpus here: %v", err)
	}
	return b
}

// framed is an mbox as the Reader cut it.
type framed struct {
	extents []Extent
	gaps    []Gap
	notes   []Note
	framing int64
	quoting Quoting
}

// options are the limits of the tests, smaller than those of a scan so that both sides of them are met.
func options(block int) Options {
	return Options{Message: 64 << 10, FromLine: 200, Block: block, survey: 4 << 10}
}

// frame reads data as an mbox, and fails unless extents, gaps and framing cover it exactly, in order, and the budget is
// given back.
func frame(t testing.TB, data []byte, opt Options) framed {
	t.Helper()
	var f framed
	const total = 1 << 40
	pool := block.NewPool(total, nil)
	opt.Take = func(n int) (*block.Block, error) {
		if over := total - pool.Free(); over > opt.Message+4*embedAhead+int64(opt.Block) {
			t.Fatalf("asks for %d bytes while %d are out", n, over)
		}
		return pool.Take(t.Context(), n)
	}
	r := NewReader(bytes.NewReader(data), 0, opt)
	for {
		b, err := r.Next()
		f.framing += b.Framing
		for _, x := range b.Extents {
			x.Data = bytes.Clone(x.Data)
			f.extents = append(f.extents, x)
		}
		for _, m := range b.Blocks {
			m.Release()
		}
		f.gaps = append(f.gaps, b.Gaps...)
		f.notes = append(f.notes, b.Notes...)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	f.quoting = r.Quoting()
	if out := total - pool.Free(); out != 0 {
		t.Fatalf("%d bytes were not released", out)
	}
	covers(t, data, f, opt)
	return f
}

// covers checks that what was found covers data exactly and says what the bytes are.
func covers(t testing.TB, data []byte, f framed, opt Options) {
	t.Helper()
	at, sum := int64(0), f.framing
	gaps := f.gaps
	for _, g := range gaps {
		sum += g.Length
	}
	for i, x := range f.extents {
		for len(gaps) > 0 && gaps[0].Offset < x.Offset {
			if gaps[0].Offset < at {
				t.Fatalf("a gap at %d overlaps what is before %d", gaps[0].Offset, at)
			}
			at, gaps = gaps[0].Offset+gaps[0].Length, gaps[1:]
		}
		if x.Offset < at || x.Length < 0 || x.Offset+x.Length > int64(len(data)) {
			t.Fatalf("extent %d at %d+%d overlaps what is before %d, or the end %d", i, x.Offset, x.Length, at, len(data))
		}
		at = x.Offset + x.Length
		sum += x.Length
		want := data[x.Offset:at]
		if x.Length > opt.Message {
			if x.SHA256.IsZero() {
				t.Fatalf("extent %d is longer than the limit and has no hash", i)
			}
			want = want[:opt.Message]
		}
		if !bytes.Equal(x.Data, want) {
			t.Fatalf("extent %d holds other bytes than the file", i)
		}
	}
	if sum != int64(len(data)) {
		t.Fatalf("%d bytes of %d are accounted for", sum, len(data))
	}
}
