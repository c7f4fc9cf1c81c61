//go:build ignore

// Generate writes roles_gen.go: roles.toml as Go.
package main

import (
	"log"
	"os"

	"github.com/mailaudit/mailaudit/analyzer/mailbox/readstate"
)

func main() {
	data, err := os.ReadFile("roles.toml")
	if err != nil {
		log.Fatal(err)
	}
	out, err := readstate.Source(data)
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile("roles_gen.go", out, 0o644); err != nil {
		log.Fatal(err)
	}
}
