//go:build ignore

// Generate writes countries_gen.go: places.toml as Go.
package main

import (
	"log"
	"os"

	"github.com/mailaudit/mailaudit/analyzer/timeline"
)

func main() {
	data, err := os.ReadFile("places.toml")
	if err != nil {
		log.Fatal(err)
	}
	out, err := timeline.CountriesSource(data)
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile("countries_gen.go", out, 0o644); err != nil {
		log.Fatal(err)
	}
}
