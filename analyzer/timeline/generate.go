//go:build ignore

// Generate writes countries_gen.go and signs_gen.go: places.toml and signs.toml as Go.
package main

import (
	"log"
	"os"

	"github.com/mailaudit/mailaudit/analyzer/timeline"
)

func main() {
	for _, f := range []struct {
		from, to string
		source   func([]byte) ([]byte, error)
	}{
		{"places.toml", "countries_gen.go", timeline.CountriesSource},
		{"signs.toml", "signs_gen.go", timeline.SignsSource},
	} {
		data, err := os.ReadFile(f.from)
		if err != nil {
			log.Fatal(err)
		}
		out, err := f.source(data)
		if err != nil {
			log.Fatal(err)
		}
		if err := os.WriteFile(f.to, out, 0o644); err != nil {
			log.Fatal(err)
		}
	}
}
