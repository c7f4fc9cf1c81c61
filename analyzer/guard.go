package analyzer

import (
	"slices"
	"sync/atomic"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/mailbox"
)

// guardTicks is for how many ticks of its clock a message may be in work. Ticks are counted, and not time: a computer that
// slept, or a process that was stopped, has had none meanwhile.
const guardTicks = 10

// reading is one attempt to read a batch. It runs on a goroutine of its own, so that whoever waits for it can go on
// without it: what an abandoned reading still does, it does to what nobody else looks at.
type reading struct {
	skip      []int         // messages that earlier readings of the batch did not come back from
	at        atomic.Int64  // 1 + index of the message in work; 0 while none is, or one waits for room
	abandoned atomic.Bool   // nobody waits for it any more
	room      atomic.Value  // func() that gives back the room of a long message; it may be called more than once
	steps     *atomic.Int64 // of the scan
}

// guarded has a batch read, and read again without a message that the reading does not come back from. The work budget
// bounds what a message costs, the same on every machine; this is only what is left where a fault escapes the budget: it
// costs that message, and not the run. The goroutine that hangs can't be ended: it keeps the bytes it reads until the process
// ends.
func (s *scan) guarded(b *mailbox.Batch, read func(*reading) yield) yield {
	defer b.Release()
	var skip []int
	for {
		r := &reading{skip: skip, steps: &s.steps}
		done := make(chan yield, 1)
		go func() { done <- read(r) }()
		y, stuck := s.await(r, done)
		if stuck < 0 {
			return y
		}
		// The blocks stay as they are for whoever still reads them, and count for nothing: others need the room.
		for _, m := range b.Blocks {
			m.Hold()
			m.Yield()
		}
		if room, ok := r.room.Load().(func()); ok {
			room()
		}
		skip = append(slices.Clone(skip), stuck)
		s.steps.Add(1)
	}
}

// await waits for a reading. Where one message is in work for half of limit.Limits.Stuck, its index is returned and the
// reading is abandoned; else -1. It is half, so that the run is not yet given up as stuck.
func (s *scan) await(r *reading, done <-chan yield) (y yield, stuck int) {
	tick := time.NewTicker(max(s.cfg.Limits.Stuck/(2*guardTicks), time.Millisecond))
	defer tick.Stop()
	last, still := int64(0), 0
	for {
		select {
		case y := <-done:
			return y, -1
		case <-tick.C:
			now := r.at.Load()
			if now == 0 || now != last {
				last, still = now, 0
				continue
			}
			if still++; still >= guardTicks {
				r.abandoned.Store(true)
				return yield{}, int(now - 1)
			}
		}
	}
}

// message reads the message of an index of the batch, or reports that an earlier reading did not come back from it.
func (r *reading) message(i int, e *mailbox.Extent, read func() ([]byte, bool, []finding.Problem)) (encoded []byte, isCandidate bool, problems []finding.Problem) {
	if slices.Contains(r.skip, i) {
		return nil, false, []finding.Problem{{
			Location: e.Location, Stage: "limit", Lost: true,
			Reason: limit.NameStuck + ": reading this message came to no end and was given up",
		}}
	}
	if r.abandoned.Load() { // it did come back, too late
		return nil, false, nil
	}
	r.at.Store(int64(i) + 1)
	defer r.at.Store(0)
	defer r.steps.Add(1)
	return read()
}

// wait runs what waits for other messages: that is no work.
func (r *reading) wait(f func()) {
	at := r.at.Swap(0)
	f()
	r.at.Store(at)
}
