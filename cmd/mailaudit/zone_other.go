//go:build !windows

package main

// windowsZone is Windows' own.
func windowsZone() string { return "" }
