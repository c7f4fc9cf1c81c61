// Package growth tells a test whether work grows in step with its input. Mail is hostile: a parser that takes four times
// as long for twice the input is a way to stop a scan. How long a thing takes is no property of the code, since the machine
// and its other users have their part in it; how the time grows is. So two sizes are timed in turn within one run, the
// shortest time of each counts, and their ratio is held against the ratio of the sizes.
package growth

import (
	"math"
	"testing"
	"time"
)

// rounds is how often a bad ratio is measured again before it is believed: another process may take the processor from
// one round, hardly from the quickest of eight.
const rounds = 8

// Linear fails the test when the work on large takes much longer, compared with the work on small, than large is larger.
// The line is drawn between linear and quadratic, nearer to quadratic, since caches and a busy machine make large inputs
// dearer than small ones: with a factor k at k to the power of 1.75.
// Prepare makes an input of a size, untimed, and returns the work on it, which is run up to eight times. Small should take
// about a millisecond or longer, and large be eight times small or more.
func Linear(t testing.TB, name string, small, large int, prepare func(n int) (work func())) {
	t.Helper()
	factor := float64(large) / float64(small)
	allowed := math.Pow(factor, 1.75)
	ratio, few, many := measure(prepare(small), prepare(large), allowed)
	if ratio > allowed {
		t.Errorf("%s: %d take %v and %d take %v: %.1f times as long for %.1f times as much, more than %.1f", name, small, few, large, many, ratio, factor, allowed)
	}
}

// measure times both in turn until their ratio is allowed, or the rounds are over.
func measure(small, large func(), allowed float64) (ratio float64, few, many time.Duration) {
	few, many = math.MaxInt64, math.MaxInt64
	for range rounds {
		few, many = min(few, timed(small)), min(many, timed(large))
		if ratio = float64(many) / float64(max(few, 1)); ratio <= allowed {
			break
		}
	}
	return ratio, few, many
}

func timed(work func()) time.Duration {
	start := time.Now()
	work()
	return time.Since(start)
}
