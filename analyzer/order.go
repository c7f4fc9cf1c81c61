package analyzer

import (
	"context"

	"golang.org/x/sync/errgroup"
)

// ahead is how far the stages of a pipeline may be ahead of each other, in jobs.
type ahead struct {
	waiting int // that no worker has begun
	begun   int // and those that are not consumed
}

// inOrder runs work on the jobs that produce emits, on several goroutines, and gives the results to consume in the order
// of the jobs. produce and consume each run on one goroutine of their own. work is told which worker runs it, from 0. The
// first error ends everything; emit returns an error then.
func inOrder[J, R any](ctx context.Context, workers int, most ahead, produce func(ctx context.Context, emit func(J) error) error,
	work func(worker int, j J) R, consume func(R) error,
) error {
	type slot struct {
		job  J
		done chan R
	}
	g, ctx := errgroup.WithContext(ctx)
	todo := make(chan *slot, most.waiting)
	order := make(chan *slot, most.begun)
	g.Go(func() error {
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
			return nil
		})
	})
	for w := range workers {
		g.Go(func() error {
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
