package main

import "runtime/debug"

// How the collector of garbage works while mail is read. A scan keeps little for long and makes much garbage (parsed
// messages), so with Go's default (GOGC=100) it would mark the same few megabytes again and again: some tenth of the
// processor's time.
const (
	// garbagePercent lets garbage grow to five times of what is in use before it is collected.
	garbagePercent = 400
	// memoryLimit is how many bytes the process may hold before it collects more often, whatever garbagePercent says.
	// limit.Limits.InFlight bounds the mail in memory to less than half of it. With the program itself and what the
	// kernel counts besides, the process stays below 256 MiB.
	memoryLimit = 192 << 20
)

// tuneMemory sets these for the time of a scan. GOGC and GOMEMLIMIT in the environment win: Go has read them.
func tuneMemory(getenv func(string) string) (restore func()) {
	percent, limit := -2, int64(-1)
	if getenv("GOGC") == "" {
		percent = debug.SetGCPercent(garbagePercent)
	}
	if getenv("GOMEMLIMIT") == "" {
		limit = debug.SetMemoryLimit(memoryLimit)
	}
	return func() {
		if percent != -2 {
			debug.SetGCPercent(percent)
		}
		if limit >= 0 {
			debug.SetMemoryLimit(limit)
		}
	}
}
