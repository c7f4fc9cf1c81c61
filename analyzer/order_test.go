package analyzer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestInOrder says that every job is worked on once and consumed in its order, however many workers there are and
// whichever stage is the slowest.
func TestInOrder(t *testing.T) {
	for _, workers := range []int{1, 2, 3, 8} {
		for _, slow := range []string{"produce", "work", "consume"} {
			t.Run(fmt.Sprintf("%d workers, slow to %s", workers, slow), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					nap := func(stage string) {
						if stage == slow {
							time.Sleep(time.Millisecond)
						}
					}
					const jobs = 100
					var got, want []int
					begun := make([]atomic.Int32, jobs)
					err := inOrder(t.Context(), workers, ahead{waiting: 4, begun: 16}, func(_ context.Context, emit func(int) error) error {
						for i := range jobs {
							want = append(want, -i)
							nap("produce")
							if err := emit(i); err != nil {
								return err
							}
						}
						return nil
					}, func(_, i int) int {
						nap("work")
						begun[i].Add(1)
						return -i
					}, func(r int) error {
						nap("consume")
						got = append(got, r)
						return nil
					})
					if err != nil || !slices.Equal(got, want) {
						t.Errorf("consumed %v, %v", got, err)
					}
					for i := range begun {
						if n := begun[i].Load(); n != 1 {
							t.Errorf("job %d was worked on %d times", i, n)
						}
					}
				})
			})
		}
	}
}

// TestInOrderError says that an error of the producer or the consumer ends everything, and is returned.
func TestInOrderError(t *testing.T) {
	broken := errors.New("broken")
	for _, stage := range []string{"produce", "consume"} {
		t.Run(stage, func(t *testing.T) {
			fail := func(at string, i int) error {
				if at == stage && i == 50 {
					return broken
				}
				return nil
			}
			err := inOrder(t.Context(), 3, ahead{waiting: 4, begun: 16}, func(_ context.Context, emit func(int) error) error {
				for i := 0; stage == "consume" || i < 100; i++ {
					if err := errors.Join(fail("produce", i), emit(i)); err != nil {
						return err
					}
				}
				return nil
			}, func(_, i int) int { return i }, func(i int) error { return fail("consume", i) })
			if !errors.Is(err, broken) {
				t.Errorf("got %v", err)
			}
		})
	}
}
