package timeline

import (
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

const (
	// knownSignins is how many earlier sign-ins must show what is usual before a device or place is called new.
	knownSignins = 3
	// maxSignins is how many sign-ins before a story are looked up to learn what is usual.
	maxSignins = 50
)

// strangers are the sign-ins among signs from a device and place that the account never had before, or from a country
// that is neither its marketplace's nor one that it was used from before: many marketplaces, amazon.com above all, have
// customers abroad. Amazon writes of every sign-in it does not know, so the notice alone says nothing.
func (f *finder) strangers(l *ledger, signs []uint32) []uint32 {
	if len(signs) == 0 {
		return nil
	}
	devices, places, lands := make(map[string]bool), make(map[string]bool), make(map[string]bool)
	known := 0
	for _, i := range f.signinsBefore(l, signs[0]) {
		if d := f.details(&f.Entries[i]); d != nil && d.Device+d.Near != "" {
			devices[fold(d.Device)], places[fold(d.Near)], lands[country(d.Near)] = true, true, true
			known++
		}
	}
	var out []uint32
	for _, i := range signs[:min(len(signs), maxSignins)] {
		d := f.details(&f.Entries[i])
		if d == nil || d.Device+d.Near == "" {
			continue
		}
		unseen := (d.Device == "" || !devices[fold(d.Device)]) && (d.Near == "" || !places[fold(d.Near)])
		if foreign(d.Near, l.account.Marketplace) && !lands[country(d.Near)] || known >= knownSignins && unseen {
			out = append(out, i)
		}
	}
	return out
}

// signinsBefore are the last sign-ins of the account before a notice.
func (f *finder) signinsBefore(l *ledger, first uint32) []uint32 {
	var out []uint32
	before := f.between(l.notices, 0, f.Entries[first].Time-1)
	for k := len(before) - 1; k >= 0 && len(out) < maxSignins; k-- {
		if ev := f.event(&f.Entries[before[k]]); ev == finding.SignedIn || ev == finding.DeviceRegistered {
			out = append(out, before[k])
		}
	}
	return out
}

func fold(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }
