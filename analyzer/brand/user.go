package brand

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"
)

// With returns the set with user packs added: every brands/*.toml of fsys. A brand with the id of one there is adds to it; with
// replace it stands in its place, with disable it takes it out. A domain that another brand has already is an error, unless the
// pack claims it.
func (s *Set) With(fsys fs.FS) (*Set, error) {
	added, err := Decode(fsys, "brands")
	if err != nil {
		return nil, err
	}
	brands := slices.Clone(s.brands)
	for _, a := range added {
		a.User = true
		i := slices.IndexFunc(brands, func(b *Brand) bool { return b.ID == a.ID })
		switch {
		case a.Disable && i < 0:
			return nil, fmt.Errorf("brand %q: can't be disabled: there is none", a.ID)
		case a.Disable:
			brands = slices.Delete(brands, i, i+1)
			continue
		}
		switch {
		case i < 0:
			i = len(brands)
			brands = append(brands, a)
		case a.Replace:
			brands[i] = a
		default:
			brands[i] = extended(brands[i], a)
		}
		expand(brands[i])
	}
	return newSet(brands)
}

// extended is a brand with what a pack adds to it. What both say once, the pack's holds.
func extended(b, a *Brand) *Brand {
	out := *b
	out.User = true
	out.Name, out.NameJA = cmp.Or(a.Name, b.Name), cmp.Or(a.NameJA, b.NameJA)
	out.Kind, out.Cadence = cmp.Or(a.Kind, b.Kind), cmp.Or(a.Cadence, b.Cadence)
	out.Also, out.Claims = slices.Concat(b.Also, a.Also), slices.Concat(b.Claims, a.Claims)
	out.Group = cmp.Or(a.Group, b.Group)
	out.Below = slices.Concat(b.Below, a.Below)
	// A domain that both have means what the pack says.
	out.Domains = slices.Concat(slices.DeleteFunc(slices.Clone(b.Domains), func(d Domain) bool {
		return slices.ContainsFunc(a.Domains, func(o Domain) bool { return o.Name == d.Name })
	}), a.Domains)
	out.Registries = slices.Concat(b.Registries, a.Registries)
	out.Senders = slices.Concat(a.Senders, b.Senders) // the first that fits holds
	out.Networks = slices.Concat(b.Networks, a.Networks)
	out.Words = slices.Concat(b.Words, a.Words)
	out.Samples = slices.Concat(b.Samples, a.Samples)
	out.Fingerprint = b.Fingerprint.with(a.Fingerprint)
	if a.Contact != (Contact{}) {
		out.Contact = a.Contact
	}
	return &out
}

// with is the fingerprint with what another one says in its place.
func (f Fingerprint) with(o Fingerprint) Fingerprint {
	f.ReturnPath, f.MessageID = cmp.Or(o.ReturnPath, f.ReturnPath), cmp.Or(o.MessageID, f.MessageID)
	f.ReceivedFrom, f.FeedbackID = cmp.Or(o.ReceivedFrom, f.ReceivedFrom), cmp.Or(o.FeedbackID, f.FeedbackID)
	f.DateZone = cmp.Or(o.DateZone, f.DateZone)
	if len(o.ForeignZones) > 0 {
		f.ForeignZones = o.ForeignZones
	}
	if len(o.XHeaders) > 0 {
		f.XHeaders = o.XHeaders
	}
	if len(o.DKIMDomains) > 0 {
		f.DKIMDomains = o.DKIMDomains
	}
	f.Source, f.Date = cmp.Or(o.Source, f.Source), cmp.Or(o.Date, f.Date)
	return f
}
