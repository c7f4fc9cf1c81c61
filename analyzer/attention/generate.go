//go:build ignore

// Generate writes steps_gen.go: steps.toml as Go.
package main

import (
	"log"
	"os"

	"github.com/mailaudit/mailaudit/analyzer/attention"
)

func main() {
	data, err := os.ReadFile("steps.toml")
	if err != nil {
		log.Fatal(err)
	}
	out, err := attention.StepsSource(data)
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile("steps_gen.go", out, 0o644); err != nil {
		log.Fatal(err)
	}
}
