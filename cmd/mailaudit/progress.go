package main

import (
	"context"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/mailaudit/mailaudit/analyzer"
)

// progress shows how far reading is: bytes done, rate and time left, four times a second, on a terminal only. It asks for
// the time with each mebibyte or message file that is read, which takes less than a ten-thousandth of reading it.
type progress struct {
	ui    *ui
	now   func() time.Time
	start time.Time
	last  time.Time
	total atomic.Int64 // bytes of all sources; 0 until they are counted
}

func newProgress(ctx context.Context, u *ui, now func() time.Time, sources []string) *progress {
	p := &progress{ui: u, now: now, start: now()}
	go func() {
		var n int64
		for _, s := range sources {
			n += sizeOf(ctx, s)
		}
		if ctx.Err() == nil {
			p.total.Store(n)
		}
	}()
	return p
}

// sizeOf adds up the regular files below a path. What can't be read is left out: it is only a guess of the time left.
func sizeOf(ctx context.Context, path string) (n int64) {
	if resolved, err := filepath.EvalSymlinks(path); err == nil {
		path = resolved
	}
	_ = filepath.WalkDir(path, func(_ string, d fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return fs.SkipAll
		}
		if err != nil || !d.Type().IsRegular() {
			return nil
		}
		if info, err := d.Info(); err == nil {
			n += info.Size()
		}
		return nil
	})
	return n
}

// step is called now and then with how far reading is.
func (p *progress) step(s analyzer.Progress) {
	if s.Read {
		p.ui.showProgress(p.ui.tr("all is read; putting together what it says", "読み込みが終わりました。結果をまとめています"))
		return
	}
	now := p.now()
	if now.Sub(p.last) < 250*time.Millisecond {
		return
	}
	p.last = now
	p.ui.showProgress(p.line(s.Bytes, now.Sub(p.start)))
}

func (p *progress) line(done int64, took time.Duration) string {
	rate := float64(done) / max(took.Seconds(), 0.001)
	parts := []string{bytesOf(done)}
	total := p.total.Load()
	if total > 0 {
		parts[0] = fmt.Sprintf("%s / %s", bytesOf(done), bytesOf(total))
	}
	parts = append(parts, bytesOf(int64(rate))+"/s")
	// The first second says nothing about the rate.
	if left := total - done; left > 0 && rate > 0 && took >= time.Second {
		d := time.Duration(float64(left) / rate * float64(time.Second)).Round(time.Second)
		parts = append(parts, fmt.Sprintf(p.ui.tr("%s left", "残り %s"), d))
	}
	return p.ui.tr("reading  ", "読み込み中  ") + strings.Join(parts, "  ")
}

// bytesOf writes a size with three digits, in powers of 1000 as disks are sold.
func bytesOf(n int64) string {
	const units = "kMGTPE"
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	v, i := float64(n)/1000, 0
	for v >= 999.5 && i < len(units)-1 {
		v, i = v/1000, i+1
	}
	if v < 99.95 {
		return fmt.Sprintf("%.1f %cB", v, units[i])
	}
	return fmt.Sprintf("%.0f %cB", v, units[i])
}
