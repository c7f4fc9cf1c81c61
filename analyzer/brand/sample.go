package brand

import (
	"fmt"
	"io/fs"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/script"
)

// Checked is a sample and what is wrong with it, "" for nothing.
type Checked struct {
	Brand  string // id
	Sample Sample
	Fault  string
}

// Test runs the samples of the brands in the folder "brands" of fsys, added to the built-in ones. The error is that of
// a pack that can't be read.
func Test(fsys fs.FS) ([]Checked, error) {
	set, err := Builtin().With(fsys)
	if err != nil {
		return nil, err
	}
	brands, err := Decode(fsys, "brands")
	if err != nil {
		return nil, err
	}
	var out []Checked
	for _, b := range brands {
		for _, s := range b.Samples {
			out = append(out, Checked{b.ID, s, set.fault(b, s)})
		}
	}
	return out, nil
}

func (s *Set) fault(b *Brand, sample Sample) string {
	if sample.Host != "" {
		found, _, ok := s.Lookup(sample.Host)
		if official := ok && found.ID == b.ID && s.Official(sample.Host); official != sample.Official {
			return fmt.Sprintf("host %q: official is %v", sample.Host, official)
		}
		return ""
	}
	poses := false
	for _, name := range b.Texts("name") {
		poses = poses || strings.Contains(script.Fold(sample.Name), name)
	}
	if poses != sample.Poses {
		return fmt.Sprintf("name %q: poses is %v", sample.Name, poses)
	}
	return ""
}
