//go:build ignore

// Command generate writes builtin.go from the packs in data/. Samples stay out of it: they are for tests.
package main

import (
	"fmt"
	"os"

	"github.com/mailaudit/mailaudit/analyzer/event"
)

func main() {
	packs, err := event.Read(os.DirFS("data"), ".")
	if err == nil {
		err = os.WriteFile("builtin.go", event.Source(packs), 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}
