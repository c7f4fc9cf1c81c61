//go:build darwin || freebsd || netbsd

package mailbox

import "syscall"

// changed is the system's own time of change.
func changed(st *syscall.Stat_t) int64 { return st.Ctimespec.Nano() }
