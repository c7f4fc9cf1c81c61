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
	set, err := Library().With(fsys)
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
		poses = poses || standsIn(script.Fold(sample.Name), name)
	}
	if poses != sample.Poses {
		return fmt.Sprintf("name %q: poses is %v", sample.Name, poses)
	}
	return ""
}

// standsIn reports whether a name stands in a text as a word of its own, where it is of letters that words are made of:
// "line account" does not stand in "online account".
func standsIn(text, name string) bool {
	for at := 0; ; {
		i := strings.Index(text[at:], name)
		if i < 0 {
			return false
		}
		i += at
		if !letterAt(text, i-1, name[0]) && !letterAt(text, i+len(name), name[len(name)-1]) {
			return true
		}
		at = i + 1
	}
}

// letterAt reports whether a letter of ASCII stands at i, beside the edge of a name that is one too.
func letterAt(text string, i int, edge byte) bool {
	letter := func(c byte) bool { return c >= 'a' && c <= 'z' }
	return letter(edge) && i >= 0 && i < len(text) && letter(text[i])
}
