package analyzer

import (
	"context"
	"sync"
)

// budget bounds the bytes between the reader and the collector. The reader takes before it reads, in source order; the
// collector gives back. Something larger than the whole budget passes alone.
type budget struct {
	mu    sync.Mutex
	free  int64
	total int64
	more  chan struct{} // closed and replaced whenever something is given back
}

func newBudget(total int64) *budget {
	return &budget{free: total, total: total, more: make(chan struct{})}
}

// take waits until n bytes, or all where n is more than all, are free. It fails only when ctx ends.
func (b *budget) take(ctx context.Context, n int64) error {
	n = min(n, b.total)
	for {
		b.mu.Lock()
		if b.free >= n {
			b.free -= n
			b.mu.Unlock()
			return nil
		}
		more := b.more
		b.mu.Unlock()
		select {
		case <-more:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// give returns n bytes, as they were taken.
func (b *budget) give(n int64) {
	n = min(n, b.total)
	if n <= 0 {
		return
	}
	b.mu.Lock()
	b.free = min(b.free+n, b.total)
	close(b.more)
	b.more = make(chan struct{})
	b.mu.Unlock()
}
