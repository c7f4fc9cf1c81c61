package timeline

import (
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

const (
	// knownSignins is how many earlier sign-ins must show what is usual before a device or place is called new.
	knownSignins = 3
	// maxSignins is how many sign-ins and resets of an account are looked up, the latest ones: some three for every day of ten
	// years.
	maxSignins = 10_000
)

// usual is what the sign-ins before a story show of the owner's devices and places.
type usual struct {
	devices, places, lands map[string]bool
	known                  int
}

// add learns from a sign-in.
func (u *usual) add(d *finding.Details) {
	if d == nil || d.Device+d.Near == "" {
		return
	}
	for _, kind := range deviceKinds(d.Device) {
		u.devices[kind] = true
	}
	u.places[fold(d.Near)], u.lands[country(d.Near)] = true, true
	u.known++
}

// entry is the sign that a sign-in or a reset makes, "" for none. Amazon writes of every sign-in it does not know, so the
// notice alone says nothing. A new place on a known kind of device is travel, and a new device where the owner is at home
// is a new device: only both together are strange.
func (u *usual) entry(d *finding.Details, market string) string {
	if d == nil || d.Device+d.Near == "" {
		return ""
	}
	device := false // the kind of device is known to be new
	if kinds := deviceKinds(d.Device); len(kinds) > 0 && u.known >= knownSignins {
		device = true
		for _, k := range kinds {
			device = device && !u.devices[k]
		}
	}
	abroad := foreign(d.Near, market) && !u.lands[country(d.Near)]
	switch {
	case abroad && device:
		return "entry.stranger"
	case abroad && (u.known < knownSignins || d.Device == ""):
		return "entry.abroad"
	case device && d.Near != "" && !u.places[fold(d.Near)]:
		return "entry.unusual"
	}
	return ""
}

// systems are the words for kinds of devices in what Amazon says of a device; the first that is found counts.
var systems = []struct{ kind, words string }{
	{"ios", "iphone|ipad|ipod|ios"},
	{"android", "android|pixel|galaxy|xperia|aquos"},
	{"windows", "windows"},
	{"mac", "mac os|macos|macintosh|macbook|mac"},
	{"chromeos", "chrome os|chromebook|cros"},
	{"linux", "linux|ubuntu|fedora"},
}

// deviceKinds are the names under which a device is known: its kind of system where one is named, else the whole.
func deviceKinds(device string) []string {
	device = fold(device)
	if device == "" {
		return nil
	}
	for _, s := range systems {
		for _, w := range strings.Split(s.words, "|") {
			if strings.Contains(device, w) {
				return []string{s.kind}
			}
		}
	}
	return []string{device}
}

func fold(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }
