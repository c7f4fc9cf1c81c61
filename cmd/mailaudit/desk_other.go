//go:build !windows

package main

import (
	"io"
	"runtime"
)

// fromDesktop reports whether the program was started from a desktop and not from a terminal, a script or cron: nobody reads
// what it prints, and a display is there.
func fromDesktop(getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) bool {
	if !noTerminal(stdin, stdout, stderr) {
		return false
	}
	if runtime.GOOS == "darwin" {
		return getenv("__CFBundleIdentifier") != "" && getenv("TERM") == ""
	}
	return (getenv("DISPLAY") != "" || getenv("WAYLAND_DISPLAY") != "") && getenv("DESKTOP_STARTUP_ID")+getenv("XDG_ACTIVATION_TOKEN")+getenv("GIO_LAUNCHED_DESKTOP_FILE") != ""
}
