package main

import (
	"errors"

	"github.com/mailaudit/mailaudit/analyzer"
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// Exit codes. Other programs rely on them.
const (
	exitOK          = 0   // finished; nothing at or above --fail-on
	exitAttention   = 1   // finished; something at or above --fail-on. It wins over exitLost
	exitUsage       = 2   // wrong usage
	exitLost        = 3   // finished, but mail was lost to a problem, and nothing is at or above --fail-on
	exitNothing     = 4   // nothing to scan: no mailbox found
	exitInternal    = 10  // internal error
	exitInterrupted = 130 // interrupted
)

// failure ends a command. Its text is for people, in their language; a hint says what to do.
type failure struct {
	code  int
	text  string
	hint  string
	cause error // for errors.Is; may be nil
}

func (f *failure) Error() string { return f.text }

func (f *failure) Unwrap() error { return f.cause }

// code is the exit code for an error that ended a command.
func code(err error) int {
	var f *failure
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &f):
		return f.code
	case errors.Is(err, analyzer.ErrNothing):
		return exitNothing
	}
	return exitInternal
}

// outcome is the exit code of a scan that finished or was interrupted.
func outcome(r *analyzer.Result, failOn finding.Severity) int {
	switch {
	case !r.Complete:
		return exitInterrupted
	case failOn.Level() > 0 && r.Worst.Level() >= failOn.Level():
		return exitAttention
	case r.Summary.Lost > 0:
		return exitLost
	}
	return exitOK
}
