package event

import (
	"fmt"
	"io/fs"
)

// Sample is the outcome of one sample of a pack.
type Sample struct {
	Pack  string
	Entry string
	Text  string
	Good  bool   // the sample is one that the entry must match
	Fault string // what is wrong; empty where the sample does as it should
}

// Samples runs the samples of all packs of the catalogue against the whole of it: a good sample must be matched by its own
// entry and by no earlier one. Packs compiled into the program carry none.
func (c *Catalogue) Samples() []Sample {
	set := c.set()
	var out []Sample
	for _, r := range set.subjects {
		in := Input{Issuer: r.pack.Issuer, Brand: firstOr(r.Brands, "amazon")}
		for _, text := range r.Good {
			s := Sample{Pack: r.pack.Name, Entry: r.ID, Text: text, Good: true}
			switch got := set.bySubject(fold(trimSubject(plain(text))), r.Language, &in); {
			case got == nil:
				s.Fault = "no entry matches it"
			case got.ID != r.ID:
				s.Fault = fmt.Sprintf("%s matches it first", got.ID)
			}
			out = append(out, s)
		}
		for _, text := range r.Bad {
			s := Sample{Pack: r.pack.Name, Entry: r.ID, Text: text}
			if r.match(fold(trimSubject(plain(text)))) {
				s.Fault = "the entry matches it"
			}
			out = append(out, s)
		}
	}
	for _, r := range set.bodies {
		in := Input{Issuer: r.pack.Issuer, Brand: firstOr(r.Brands, "amazon")}
		for _, text := range r.Good {
			s := Sample{Pack: r.pack.Name, Entry: r.ID, Text: text, Good: true}
			switch got := set.byBody(fold(text), r.refines[0], r.Language, &in); {
			case got == nil:
				s.Fault = "no entry matches it"
			case got.ID != r.ID:
				s.Fault = fmt.Sprintf("%s matches it first", got.ID)
			}
			out = append(out, s)
		}
		for _, text := range r.Bad {
			s := Sample{Pack: r.pack.Name, Entry: r.ID, Text: text}
			if r.match(fold(text)) {
				s.Fault = "the entry matches it"
			}
			out = append(out, s)
		}
	}
	return out
}

// Test reads the packs at the top of fsys, puts them before the built-in ones and runs their samples.
func Test(fsys fs.FS) ([]Sample, error) {
	c, err := Builtin().With(fsys)
	if err != nil {
		return nil, err
	}
	return c.Samples(), nil
}

func firstOr(list []string, other string) string {
	if len(list) > 0 {
		return list[0]
	}
	return other
}
