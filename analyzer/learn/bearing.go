package learn

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"maps"
	"slices"

	"github.com/mailaudit/mailaudit/analyzer/fact"
)

// Bearing are digests of what of a profile verdicts, times and read states can depend on, by group; under "" stands what
// bears on the mail of every group. Contacts and answers are left out: they bear on single messages. Where two profiles
// have the same digests, contacts and answers, every fact is judged alike under both.
func Bearing(p *fact.Profile) map[string]string {
	sums := make(map[string]hash.Hash)
	of := func(group string) hash.Hash {
		if sums[group] == nil {
			sums[group] = sha256.New()
		}
		return sums[group]
	}
	for _, r := range p.Trust {
		r.Messages, r.Years = 0, nil // only reported
		fmt.Fprintf(of(r.Group), "trust %#v\n", r)
	}
	for _, w := range p.Ways {
		fmt.Fprintf(of(w.Group), "way %#v\n", w)
	}
	for _, g := range slices.Sorted(maps.Keys(p.StatusMeans)) {
		fmt.Fprintf(of(g), "status %q %v\n", g, p.StatusMeans[g])
	}
	for _, g := range slices.Sorted(maps.Keys(p.MozillaSilent)) {
		fmt.Fprintf(of(g), "mozilla %q %v\n", g, p.MozillaSilent[g])
	}
	for _, a := range slices.Sorted(maps.Keys(p.Owner)) {
		fmt.Fprintf(of(""), "owner %q\n", a)
	}
	for _, l := range slices.Sorted(maps.Keys(p.Labels)) {
		if role := p.Labels[l]; role != "" {
			fmt.Fprintf(of(""), "label %q %q\n", l, role)
		}
	}
	out := make(map[string]string, len(sums))
	for g, h := range sums {
		out[g] = hex.EncodeToString(h.Sum(nil)[:16])
	}
	return out
}
