package exchange

import (
	"bytes"
	_ "embed" // the places are data beside the code
	"fmt"

	"github.com/pelletier/go-toml/v2"

	"github.com/mailaudit/mailaudit/report/view"
)

//go:embed places.toml
var placesFile []byte

// Place is where fakes are reported.
type Place struct {
	Brand      string            `toml:"brand,omitempty"`   // whose fakes it takes
	Country    string            `toml:"country,omitempty"` // or of which country it is; it takes those of all brands
	Name       map[string]string `toml:"name,omitempty"`    // by language; a brand's is its own
	Address    string            `toml:"address"`
	Source     string            `toml:"source"`
	Date       string            `toml:"date"`
	Confidence string            `toml:"confidence"`
}

// Places are all places that are known.
func Places() ([]Place, error) {
	var doc struct {
		Place []Place `toml:"place"`
	}
	if err := toml.NewDecoder(bytes.NewReader(placesFile)).DisallowUnknownFields().Decode(&doc); err != nil {
		return nil, fmt.Errorf("exchange: places: %w", err)
	}
	for _, p := range doc.Place {
		if _, ok := address(p.Address); !ok || p.Source == "" || p.Date == "" || (p.Brand == "") == (p.Country == "") {
			return nil, fmt.Errorf("exchange: place %q lacks its address, source, date, or brand or country", p.Address)
		}
	}
	return doc.Place, nil
}

// In is the name of a country's place in a language.
func (p Place) In(lang view.Lang) string { return p.Name[string(lang)] }
