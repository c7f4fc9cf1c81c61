package growth

import (
	"fmt"
	"testing"
)

var sink int

// steps does n steps of work, which the compiler does not take away.
func steps(n int) {
	for i := range n {
		sink ^= i * sink
	}
}

// recorder keeps what a test would have failed with.
type recorder struct {
	testing.TB
	failed []string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.failed = append(r.failed, fmt.Sprintf(format, args...))
}

// Linear work passes, quadratic work does not.
func TestLinear(t *testing.T) {
	for _, c := range []struct {
		why  string
		work func(n int) func()
		want int
	}{
		{"as many steps as input", func(n int) func() { return func() { steps(n * 100) } }, 0},
		{"every piece looks at every other", func(n int) func() { return func() { steps(n * n) } }, 1},
	} {
		r := &recorder{TB: t}
		Linear(r, c.why, 250, 4000, c.work)
		if len(r.failed) != c.want {
			t.Errorf("%s: failed with %q, want %d", c.why, r.failed, c.want)
		}
	}
}
