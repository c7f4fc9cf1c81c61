package main

import (
	"io"
	"unsafe"

	"golang.org/x/sys/windows"
)

// fromDesktop reports whether the program was started from Explorer: it has a console of its own then, in which no other
// program is (GetConsoleProcessList).
func fromDesktop(_ func(string) string, _ io.Reader, _, _ io.Writer) bool {
	list := windows.NewLazySystemDLL("kernel32.dll").NewProc("GetConsoleProcessList")
	if list.Find() != nil {
		return false
	}
	var ids [2]uint32
	n, _, _ := list.Call(uintptr(unsafe.Pointer(&ids[0])), uintptr(len(ids)))
	return n == 1
}
