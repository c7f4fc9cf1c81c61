//go:build ignore

// Generate writes fields_gen.go: fields.toml as Go.
package main

import (
	"log"
	"os"

	"github.com/mailaudit/mailaudit/analyzer/message/volatile"
)

func main() {
	data, err := os.ReadFile("fields.toml")
	if err != nil {
		log.Fatal(err)
	}
	out, err := volatile.Source(data)
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile("fields_gen.go", out, 0o644); err != nil {
		log.Fatal(err)
	}
}
