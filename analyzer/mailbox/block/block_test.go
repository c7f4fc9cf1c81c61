package block

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"
	"weak"
)

func take(t *testing.T, p *Pool, n int) *Block {
	t.Helper()
	b, err := p.Take(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	if len(b.Data) != 0 || cap(b.Data) != n {
		t.Fatalf("a block of %d bytes has length %d and capacity %d", n, len(b.Data), cap(b.Data))
	}
	return b
}

// kept is how many bytes of large memory wait for their next use.
func (p *Pool) kept() (n int) {
	for _, mem := range p.large {
		n += cap(mem)
	}
	return n
}

// TestYield: a hold that has yielded counts for nothing, and keeps the memory; that of others counts, until it ends.
func TestYield(t *testing.T) {
	p := NewPool(3*Size, nil)
	free := func(want int64, when string) {
		t.Helper()
		if p.Free() != want {
			t.Errorf("%d bytes are free %s, want %d", p.Free(), when, want)
		}
	}
	a := take(t, p, Size)
	a.Yield()
	free(3*Size, "beside a block that yields")
	b := take(t, p, Size)
	if &a.Data[:1][0] == &b.Data[:1][0] {
		t.Error("memory that is held was handed out again")
	}
	a.Hold()
	free(Size, "when somebody else holds it too")
	a.Release()
	free(2*Size, "when nobody else holds it any more")
	a.Hold()
	a.ReleaseYielded()
	free(Size, "when only somebody else holds it")
	a.Release()
	b.Yield()
	c := take(t, p, 3*Size)
	b.Recall()
	free(-Size, "when a block is recalled that there is no room for")
	b.Release()
	c.Release()
	free(3*Size, "in the end")
}

// TestPool: bytes are in use until the last hold ends, whoever has it.
func TestPool(t *testing.T) {
	p := NewPool(3*Size, nil)
	a := take(t, p, Size)
	a.Hold()
	a.Release()
	if p.Free() != 2*Size {
		t.Fatalf("%d bytes are free while a block is held", p.Free())
	}
	b := take(t, p, Size)
	first := &a.Data[:1][0]
	if first == &b.Data[:1][0] {
		t.Fatal("memory that is held was handed out again")
	}
	a.Release()
	if again := take(t, p, Size); first != &again.Data[:1][0] {
		t.Error("memory that nobody holds was not used again")
	} else {
		again.Release()
	}
	small := take(t, p, 100)
	if p.Free() != 2*Size-100 {
		t.Errorf("%d bytes are free beside blocks of %d and 100", p.Free(), Size)
	}
	small.Release()
	b.Release()
	if p.Free() != 3*Size {
		t.Errorf("%d bytes are free in the end", p.Free())
	}
}

// TestLargeMemory: memory for long messages is used again for one of about its size, and given up when there are none.
func TestLargeMemory(t *testing.T) {
	p := NewPool(100<<20, nil)
	a := take(t, p, 30<<20)
	first := &a.Data[:1][0]
	a.Release()
	if b := take(t, p, 8<<20); first == &b.Data[:1][0] {
		t.Error("30 MiB were used for 8")
	}
	b := take(t, p, 20<<20)
	if first != &b.Data[:1][0] {
		t.Error("30 MiB were not used for 20")
	}
	b.Release()
	if b = take(t, p, 30<<20); first != &b.Data[:1][0] {
		t.Error("30 MiB were lost when they were used for 20")
	}
	b.Release()
	take(t, p, 60<<20).Release()
	if kept := p.kept(); kept != 0 {
		t.Errorf("%d bytes are kept behind a message of 60 MiB", kept)
	}
	take(t, p, 30<<20).Release()
	b, c := take(t, p, 20<<20), take(t, p, 15<<20)
	b.Release()
	c.Release()
	if kept := p.kept(); kept != 15<<20 {
		t.Errorf("%d bytes of large memory are kept, the last in is to stay", kept)
	}
	for range largeIdle {
		take(t, p, Size).Release()
	}
	if len(p.large) > 0 {
		t.Errorf("%d large pieces of memory are kept for nobody", len(p.large))
	}
}

// TestPoolWaits: who asks for more than is free gets it when it is; what is larger than all passes alone.
func TestPoolWaits(t *testing.T) {
	p := NewPool(100, nil)
	a := take(t, p, 60)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := p.Take(ctx, 60); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("60 of 40 bytes: %v", err)
	}
	go a.Release()
	large := take(t, p, 1000)
	if p.Free() != 0 {
		t.Errorf("%d bytes are free beside a block of more than all", p.Free())
	}
	large.Release()
	if p.Free() != 100 {
		t.Errorf("%d bytes are free in the end", p.Free())
	}
}

// TestPoolIsShared: blocks that are taken and released by several goroutines are never in two hands.
func TestPoolIsShared(t *testing.T) {
	p := NewPool(4*Size, nil)
	var g sync.WaitGroup
	for i := range 4 {
		g.Go(func() {
			for range 200 {
				b, err := p.Take(t.Context(), Size)
				if err != nil {
					t.Error(err)
					return
				}
				b.Data = append(b.Data, byte(i))
				b.Hold()
				b.Release()
				if b.Data[0] != byte(i) {
					t.Error("a block that is held was written by somebody else")
				}
				b.Release()
			}
		})
	}
	g.Wait()
	if p.Free() != 4*Size || len(p.spare) > 4 {
		t.Errorf("%d bytes are free in the end, %d blocks are kept", p.Free(), len(p.spare))
	}
}

// TestAllMemoryIsBounded: whatever is taken and given back, what is held, kept and let go is at most twice what may be in
// use, and a little for the blocks of usual size that wait.
func TestAllMemoryIsBounded(t *testing.T) {
	const total = 48 << 20
	random := rand.New(rand.NewPCG(1, 2))
	waste := new(Garbage)
	p := NewPool(total, waste)
	var held []*Block
	for range 5_000 {
		n := Size
		if random.IntN(3) == 0 {
			n = Size + random.IntN(40<<20)
		}
		if int64(n) <= p.Free() {
			held = append(held, take(t, p, n))
		} else if len(held) > 0 {
			i := random.IntN(len(held))
			held[i].Release()
			held = slices.Delete(held, i, i+1)
		}
		sum := 0
		for _, b := range held {
			sum += cap(b.mem)
		}
		sum += p.kept() + len(p.spare)*Size
		if int64(sum) != p.there {
			t.Fatalf("%d bytes are there, %d were counted", sum, p.there)
		}
		if most := int64(2*total + spares*Size); p.there > most {
			t.Fatalf("%d bytes are there, want at most %d", p.there, most)
		}
	}
	if len(held) == 0 || waste.bytes > 2*total {
		t.Errorf("%d blocks are held, %d bytes of garbage lie about", len(held), waste.bytes)
	}
}

// TestGarbageIsCollected: what was let go is gone when somebody needs the room.
func TestGarbageIsCollected(t *testing.T) {
	p := NewPool(40<<20, new(Garbage))
	b := take(t, p, 30<<20)
	old := weak.Make(&b.Data[:1][0])
	b.Release()
	if old.Value() == nil {
		t.Fatal("memory was not kept for its next use")
	}
	take(t, p, 10<<20).Release() // another size: both are kept
	if old.Value() == nil {
		t.Fatal("memory was not kept beside smaller memory")
	}
	take(t, p, 60<<20)
	if old.Value() != nil {
		t.Error("memory that was let go is still there beside more than all")
	}
	var none *Garbage
	none.Add(1)
	none.Bound(0)
}
