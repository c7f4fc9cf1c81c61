package mailbox

import (
	"strings"
	"testing"
)

// sizes is a Sink that notes how many messages it is handed at a time, and which problems stand among them.
type sizes struct {
	found
	most   int
	before []int // messages handed out before each problem
}

func (s *sizes) Batch(b Batch) error {
	s.most = max(s.most, len(b.Extents))
	for _, p := range b.Problems {
		s.before = append(s.before, len(s.extents)+p.Before)
	}
	return s.found.Batch(b)
}

// TestBatchesAreSmall: a block of an mbox can hold tens of thousands of messages; they are handed out a few at a time,
// problems in their places.
func TestBatchesAreSmall(t *testing.T) {
	var b strings.Builder
	b.WriteString("junk\n\n")
	for range 10_000 {
		b.WriteString(line1 + "From: a\n\n")
	}
	long := 10_000
	b.WriteString(line1 + mailA + strings.Repeat("0123456789abcde\n", 1<<17) + "\n" + line2 + mailB)
	name := writeTree(t, map[string]string{"x": b.String()}) + "/x"
	var s sizes
	src, err := Open(name, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Walk(t.Context(), src, Config{Limits: limits()}, &s); err != nil {
		t.Fatal(err)
	}
	if len(s.extents) != long+2 || s.most > batchMost || s.out() != 0 {
		t.Errorf("%d messages, %d at a time, %d bytes not given back", len(s.extents), s.most, s.out())
	}
	if len(s.before) != 2 || s.before[0] != 0 || s.before[1] != long {
		t.Errorf("problems before messages %v, want 0 and %d", s.before, long)
	}
}
