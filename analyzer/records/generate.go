//go:build ignore

// Generate writes formats_gen.go: formats.toml as Go.
package main

import (
	"log"
	"os"

	"github.com/mailaudit/mailaudit/analyzer/records"
)

func main() {
	data, err := os.ReadFile("formats.toml")
	if err != nil {
		log.Fatal(err)
	}
	out, err := records.FormatsSource(data)
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile("formats_gen.go", out, 0o644); err != nil {
		log.Fatal(err)
	}
}
