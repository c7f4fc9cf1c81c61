//go:build unix

package main

import (
	"bytes"
	"context"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The first interrupt ends reading and says so; the second one leaves at once with 130.
func TestInterrupt(t *testing.T) {
	var talk bytes.Buffer
	left := make(chan int, 1)
	p := &program{system: system{leave: func(code int) { left <- code }}, ui: &ui{err: &talk}}
	ctx, stop := p.interruptible(context.Background())
	defer stop()
	interrupt := func() {
		if err := syscall.Kill(syscall.Getpid(), syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
	}
	interrupt()
	select {
	case <-ctx.Done():
	case <-time.After(10 * time.Second):
		t.Fatal("the first interrupt did not end reading")
	}
	if !strings.Contains(talk.String(), "concluding over what was read") {
		t.Errorf("talk %q", talk.String())
	}
	interrupt()
	select {
	case code := <-left:
		if code != exitInterrupted {
			t.Errorf("left with %d", code)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the second interrupt did not leave")
	}
}
