package analyzer

import (
	"context"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// ahead is how far the stages of a pipeline may be ahead of each other, in jobs.
type ahead struct {
	waiting int    // that no worker has begun
	begun   int    // and those that are not consumed
	hurry   *hurry // nil where the producer waits for nothing that jobs hold
}

// hurry is how a producer tells that it waits for what jobs give back when they are done: memory.
type hurry struct {
	waits atomic.Bool
	call  chan struct{} // wakes the last worker
}

func newHurry() *hurry { return &hurry{call: make(chan struct{}, 1)} }

func (h *hurry) wake() {
	select {
	case h.call <- struct{}{}:
	default:
	}
}

// while runs what waits.
func (h *hurry) while(wait func()) {
	h.waits.Store(true)
	h.wake()
	wait()
	h.waits.Store(false)
}

// inOrder runs work on the jobs that produce emits, on several goroutines, and gives the results to consume in the order
// of the jobs. produce and consume each run on one goroutine of their own. work is told which worker runs it, from 0. The
// first error ends everything; emit returns an error then.
//
// There are as many workers as cores, and produce can need a core of its own: it inflates. Go gives every goroutine the
// same share, so that the workers would take its time until nothing is left to do, and then wait for it, with a core idle.
// So the last worker of several works only in turns: from when as many jobs wait as may until fewer than half of them do, and
// while the producer waits itself.
func inOrder[J, R any](ctx context.Context, workers int, most ahead, produce func(ctx context.Context, emit func(J) error) error,
	work func(worker int, j J) R, consume func(R) error,
) error {
	type slot struct {
		job  J
		done chan R
	}
	g, ctx := errgroup.WithContext(ctx)
	hurry := most.hurry
	if hurry == nil {
		hurry = newHurry()
	}
	todo := make(chan *slot, most.waiting)
	ended := make(chan struct{}) // closed when all are emitted
	order := make(chan *slot, most.begun)
	g.Go(func() error {
		defer close(ended)
		defer close(todo)
		defer close(order)
		return produce(ctx, func(j J) error {
			s := &slot{job: j, done: make(chan R, 1)}
			select {
			case order <- s:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
			select {
			case todo <- s:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
			if len(todo) == cap(todo) {
				hurry.wake()
			}
			return nil
		})
	})
	for w := range workers {
		g.Go(func() error {
			for last := w > 0 && w == workers-1; last; {
				select {
				case <-hurry.call:
					for len(todo) >= cap(todo)/2 || hurry.waits.Load() {
						s, ok := <-todo
						if !ok {
							return nil
						}
						s.done <- work(w, s.job)
					}
				case <-ended:
					last = false
				}
			}
			for s := range todo {
				s.done <- work(w, s.job)
			}
			return nil
		})
	}
	g.Go(func() error {
		for s := range order {
			select {
			case r := <-s.done:
				if err := consume(r); err != nil {
					return err
				}
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		return nil
	})
	return g.Wait()
}
