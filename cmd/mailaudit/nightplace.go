package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"github.com/mailaudit/mailaudit/analyzer"
	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/state"
)

// scan runs the analyzer, in the folder of the reports or in one of its own. Where there is no room for what it puts on disk
// while it works, it is tried again where there is: a full disk must not keep from a person what was found. The stream is
// nil where no reports are written, or none can be. done takes away what was left on disk.
func (n *night) scan(ctx context.Context, cfg analyzer.Config, out *output) (stream *os.File, done func(), err error) {
	var left []string
	done = func() {
		if stream != nil {
			_ = stream.Close()
			_ = os.Remove(stream.Name())
		}
		for _, dir := range left {
			_ = evidence.RemoveScratch(dir)
		}
	}
	places := n.places(out)
	for i, place := range places {
		if cfg.Dir, err = place.make(); err != nil {
			continue
		}
		if place.temporary {
			left = append(left, cfg.Dir)
		}
		if out != nil && cfg.Dir == out.dir {
			if stream, err = os.CreateTemp(out.dir, tempPrefix+"*.tmp"); err != nil {
				continue
			}
			n.result, err = analyzer.Scan(ctx, cfg, stream)
		} else {
			n.result, err = analyzer.Scan(ctx, cfg, nil)
		}
		if err == nil || !noRoom(err) || i == len(places)-1 {
			return stream, done, err
		}
		n.p.ui.say(n.p.ui.tr("there is no room to work in %s (%s): working elsewhere", "%s に作業用の空きがありません（%s）。別の場所で作業します"), cfg.Dir, err)
		if stream != nil {
			_ = stream.Close()
			_ = os.Remove(stream.Name())
			stream = nil
		}
		// What was kept of half a run is nothing to go by. What the next attempt tells is remembered where its few bytes find
		// room: the disk that is full may be that of the reports alone.
		if err = n.reopen(err); err != nil {
			return nil, done, err
		}
		cfg.State = n.store
	}
	return nil, done, fmt.Errorf("making a folder to work in: %w", err)
}

// reopen opens the state as the last run left it.
func (n *night) reopen(cause error) error {
	if err := n.store.Close(); err != nil {
		n.p.ui.say("%s", err)
	}
	readOnly := !n.store.Writable()
	var err error
	if n.store, err = state.Open(n.path, readOnly, n.now); err != nil {
		return n.openBare(state.Note{Kind: "readonly", Err: cause})
	}
	if readOnly || n.store.Writable() {
		n.store.Notes = nil // said already
	}
	return nil
}

// place is a folder to work in.
type place struct {
	make      func() (string, error)
	temporary bool // it is gone with the run
}

// places are where a run can work, the best first: the folder of the reports, beside the state, the system's folder for
// temporary files, and memory that is a file system.
func (n *night) places(out *output) (list []place) {
	if out != nil {
		list = append(list, place{func() (string, error) { return out.dir, nil }, false})
	} else if n.store.Writable() {
		list = append(list, place{n.workFolder, true})
	}
	for _, dir := range []string{"", "/dev/shm"} {
		list = append(list, place{func() (string, error) { return os.MkdirTemp(dir, "mailaudit-new-") }, true})
	}
	return list
}

// noRoom reports whether an error comes from a disk that takes nothing more.
func noRoom(err error) bool {
	for _, e := range []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EROFS, syscall.EIO, fs.ErrPermission} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// workFolder makes a folder for what a run without --output puts on disk while it works: beside the state, whose lock
// keeps other runs away, so that what a killed one left is taken away.
func (n *night) workFolder() (string, error) {
	dir := n.path + ".work"
	if err := evidence.RemoveScratch(dir); err != nil {
		return "", err
	}
	return dir, os.Mkdir(dir, 0o700)
}
