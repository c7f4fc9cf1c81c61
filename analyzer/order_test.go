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

// TestInOrderLastWorker says that the last of several workers leaves its core to a stage that is slower than the other
// workers, and that all work where jobs wait.
func TestInOrderLastWorker(t *testing.T) {
	for _, tt := range []struct {
		name          string
		produce, work time.Duration
		last          bool // works
	}{
		{"jobs come more slowly than one worker does them", 3 * time.Millisecond, 2 * time.Millisecond, false},
		{"jobs come faster", time.Millisecond, 2 * time.Millisecond, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var by [2]atomic.Int32
				err := inOrder(t.Context(), 2, ahead{waiting: 4, begun: 16}, func(_ context.Context, emit func(int) error) error {
					for i := range 100 {
						time.Sleep(tt.produce)
						if err := emit(i); err != nil {
							return err
						}
					}
					time.Sleep(time.Second) // at the end all work
					return nil
				}, func(w, i int) int {
					time.Sleep(tt.work)
					by[w].Add(1)
					return i
				}, func(int) error { return nil })
				if n := by[1].Load(); err != nil || (n > 20) != tt.last || n+by[0].Load() != 100 {
					t.Errorf("the last worker did %d of 100 jobs, the other one %d; %v", n, by[0].Load(), err)
				}
			})
		})
	}
}

// TestInOrderHurry says that all workers work while the producer waits for what jobs hold: long messages are as much memory
// as it may take before as many of them wait as may.
func TestInOrderHurry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var by [2]atomic.Int32
		room := make(chan struct{}, 3)
		most := ahead{waiting: 8, begun: 32, hurry: newHurry()}
		err := inOrder(t.Context(), 2, most, func(_ context.Context, emit func(int) error) error {
			for i := range 100 {
				select {
				case room <- struct{}{}:
				default:
					most.hurry.while(func() { room <- struct{}{} })
				}
				if err := emit(i); err != nil {
					return err
				}
			}
			return nil
		}, func(w, i int) int {
			time.Sleep(time.Millisecond)
			by[w].Add(1)
			<-room
			return i
		}, func(int) error { return nil })
		if a, b := by[0].Load(), by[1].Load(); err != nil || a+b != 100 || b < 40 {
			t.Errorf("the workers did %d and %d of 100 jobs; %v", a, b, err)
		}
	})
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
