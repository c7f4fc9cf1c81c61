package state

import (
	"context"
	"errors"
	"os"
	"time"
)

// Lock keeps other runs away from a state file. It is a file of its own beside it, since the state file itself may be
// renamed; what is in it means nothing, and it is left where it is.
type Lock struct{ f *os.File }

// ErrLocked is returned where another run is at work on the state.
var ErrLocked = errors.New("state: another run is at work")

// pollEvery is how often a run that waits looks again.
const pollEvery = 200 * time.Millisecond

// Acquire takes the lock of a state file. With wait it waits until the other run is done or ctx ends, else it returns
// ErrLocked. The lock ends with the process at the latest.
func Acquire(ctx context.Context, path string, wait bool) (*Lock, error) {
	if err := plain(path); err != nil {
		return nil, err
	}
	for {
		f, err := tryLock(path + ".lock")
		if err != nil {
			return nil, err
		}
		if f != nil {
			return &Lock{f}, nil
		}
		if !wait {
			return nil, ErrLocked
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(pollEvery):
		}
	}
}

// Release gives the lock back.
func (l *Lock) Release() error { return l.f.Close() }
