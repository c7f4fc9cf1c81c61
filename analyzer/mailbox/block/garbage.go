package block

import (
	"runtime"
	"sync"
)

// Garbage counts large memory that nobody refers to any more. Go's collector starts in time for an even flow of small
// things; of pieces of 30 MiB, two or three are made while it is still looking, and on a busy machine more. It is safe
// for concurrent use; nil counts nothing.
type Garbage struct {
	mu    sync.Mutex
	bytes int64
}

// Add counts n bytes that were let go.
func (g *Garbage) Add(n int64) {
	if g == nil || n == 0 {
		return
	}
	g.mu.Lock()
	g.bytes += n
	g.mu.Unlock()
}

// Bound returns when no more than most bytes of garbage are there: where there are more, it has them collected.
func (g *Garbage) Bound(most int64) {
	if g == nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.bytes > 0 && g.bytes > most {
		runtime.GC()
		g.bytes = 0
	}
}
