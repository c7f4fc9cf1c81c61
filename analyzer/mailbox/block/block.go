// Package block hands out the memory that mail is read into.
//
// Reading is faster than what becomes of the mail, so what lies between them has to be bounded: a Pool lets only so many
// bytes be in use at a time. And it is used over and over: memory that is new for each megabyte has to be cleared by Go
// and by the operating system, and collected as garbage.
//
// Several goroutines read the same block, the hash of the file among them. Each holds it, and what was written into it
// does not change until the last of them has released it.
//
// Memory for long messages is let go in pieces of many mebibytes, and a collector that is busy elsewhere leaves them lying
// while the next ones are made. So Garbage counts what was let go, and has it collected before there is too much of it.
package block

import (
	"context"
	"slices"
	"sync"
)

// Size is the size of the blocks that are used again: a mebibyte, and a little more so that a file of just this size is
// known to end.
const Size = 1<<20 + 8<<10

// How much memory that nobody holds is kept for its next use: blocks of Size, and larger ones, which a mailbox of long
// messages needs again and again, of so many bytes together, until so many blocks of Size were taken without one of them.
// All that there is, held, kept and let go, stays below twice what a Pool lets be in use; only what is larger by itself
// exceeds that.
const (
	spares    = 16
	largeMost = 40 << 20
	largeIdle = 32
)

// Block is memory for a piece of a mailbox. It begins with one hold, that of whoever took it.
type Block struct {
	// Data is empty; its capacity is what was asked for.
	Data []byte
	mem  []byte // all of it
	pool *Pool
	cost int64 // what it counts for

	mu      sync.Mutex
	holds   int
	yields  int // holds that ask for more and so don't count
	charged bool
}

// New makes a block of n bytes that belongs to no Pool.
func New(n int) *Block { return &Block{Data: make([]byte, 0, n), holds: 1} }

// Hold lets one more goroutine read the block. The caller must hold it already.
func (b *Block) Hold() { b.change(1, 0) }

// Release ends a hold. With the last one the block's bytes are free for others: nothing of it may be used any more.
func (b *Block) Release() { b.change(-1, 0) }

// Yield says that whoever has a hold keeps it while asking for other blocks, so that the block must not count for that
// hold: it would wait for itself. As long as anybody else holds the block, it counts all the same.
func (b *Block) Yield() { b.change(0, 1) }

// Recall ends a Yield: from now on the block counts again, if need be above what the Pool has.
func (b *Block) Recall() { b.change(0, -1) }

// ReleaseYielded ends a hold that has yielded.
func (b *Block) ReleaseYielded() { b.change(-1, -1) }

func (b *Block) change(holds, yields int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.holds += holds
	b.yields += yields
	if b.pool == nil {
		return
	}
	if counts := b.holds > b.yields; counts != b.charged {
		b.charged = counts
		b.pool.charge(b.cost, counts)
	}
	if b.holds == 0 {
		b.pool.give(b)
	}
}

// Pool bounds the bytes of the blocks that are held. It is safe for concurrent use.
type Pool struct {
	mu    sync.Mutex
	free  int64
	total int64
	more  chan struct{} // closed and replaced when something is given back
	spare [][]byte      // of Size bytes
	large [][]byte      // of more
	idle  int           // blocks of Size taken since a larger one
	there int64         // bytes of all memory that is held or kept, whether it counts or not
	waste *Garbage
}

// NewPool returns a Pool of total bytes. What it lets go is counted by waste, which may have other memory to count.
func NewPool(total int64, waste *Garbage) *Pool {
	return &Pool{free: total, total: total, more: make(chan struct{}), waste: waste}
}

// Take waits until n bytes, or all where n is more than all, are free: something larger than the whole Pool passes alone.
// It fails only when ctx ends.
func (p *Pool) Take(ctx context.Context, n int) (*Block, error) {
	cost := min(int64(n), p.total)
	for {
		p.mu.Lock()
		if p.free >= cost {
			p.free -= cost
			mem, dropped, room := p.memory(n)
			p.mu.Unlock()
			p.waste.Add(dropped)
			if mem == nil {
				if n > Size {
					p.waste.Bound(room)
				}
				mem = make([]byte, 0, n)
			}
			return &Block{Data: mem[:0:n], mem: mem, pool: p, cost: cost, holds: 1, charged: true}, nil
		}
		more := p.more
		p.mu.Unlock()
		select {
		case <-more:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// memory is memory that was used before, nil for none; with how much was let go for it, and how much garbage there is room
// for beside new memory. The lock is held.
func (p *Pool) memory(n int) (mem []byte, dropped, room int64) {
	if n <= Size {
		if p.idle++; p.idle == largeIdle {
			dropped = p.drop(len(p.large))
		}
		if last := len(p.spare) - 1; n == Size && last >= 0 {
			mem, p.spare = p.spare[last], p.spare[:last]
			return mem, dropped, 0
		}
		p.there += int64(n)
		return nil, dropped, 0
	}
	p.idle = 0
	for i, mem := range p.large {
		if n <= cap(mem) && cap(mem) <= 2*n {
			p.large = slices.Delete(p.large, i, i+1)
			return mem, 0, 0
		}
	}
	// What is smaller was a step on the way to a message that is longer than those before.
	p.large = slices.DeleteFunc(p.large, func(mem []byte) bool {
		if cap(mem) >= n {
			return false
		}
		dropped += int64(cap(mem))
		return true
	})
	p.there += int64(n) - dropped
	for len(p.large) > 0 && p.there > 2*p.total {
		dropped += p.drop(1)
	}
	return nil, dropped, 2*p.total - p.there
}

// drop lets go of the large memory that was kept longest, n pieces of it. The lock is held.
func (p *Pool) drop(n int) (bytes int64) {
	for _, mem := range p.large[:n] {
		bytes += int64(cap(mem))
	}
	p.large = slices.Delete(p.large, 0, n)
	p.there -= bytes
	return bytes
}

// charge takes what a block counts for, or gives it back. What is taken may be more than is free.
func (p *Pool) charge(cost int64, counts bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if counts {
		p.free -= cost
		return
	}
	p.free += cost
	close(p.more)
	p.more = make(chan struct{})
}

func (p *Pool) give(b *Block) {
	p.mu.Lock()
	var dropped int64
	switch size := cap(b.mem); {
	case size == Size && len(p.spare) < spares:
		p.spare = append(p.spare, b.mem)
	case size > Size && size <= largeMost && p.idle < largeIdle && p.there <= 2*p.total:
		p.large = append(p.large, b.mem)
		kept := 0
		for i, mem := range slices.Backward(p.large) {
			if kept += cap(mem); kept > largeMost {
				dropped = p.drop(i + 1)
				break
			}
		}
	default:
		p.there -= int64(size)
		if size > Size {
			dropped = int64(size)
		}
	}
	b.Data, b.mem = nil, nil // who uses it all the same is found out
	p.mu.Unlock()
	p.waste.Add(dropped)
}

// Free is how many bytes may be taken; it is negative while blocks were recalled that there was no room for.
func (p *Pool) Free() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.free
}
