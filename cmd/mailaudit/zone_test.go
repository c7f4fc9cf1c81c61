package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/pelletier/go-toml/v2"
)

func TestZoneNames(t *testing.T) {
	for _, c := range []struct {
		why, tz, link, text string
		want                []string
	}{
		{"nothing says anything", "", "", "", nil},
		{"TZ goes first", "Europe/Paris", "/usr/share/zoneinfo/Asia/Tokyo", "Asia/Seoul\n", []string{"Europe/Paris", "Asia/Tokyo", "Asia/Seoul"}},
		{"TZ with a colon, and as a path", ":/usr/share/zoneinfo/Asia/Tokyo", "", "", []string{"Asia/Tokyo"}},
		{"macOS", "", "/var/db/timezone/zoneinfo/Asia/Tokyo", "", []string{"Asia/Tokyo"}},
		{"a link within the system", "", "../usr/share/zoneinfo/right/America/New_York", "", []string{"America/New_York"}},
		{"a text with a note behind the name", "", "", "Asia/Tokyo\n# set by hand\n", []string{"Asia/Tokyo"}},
	} {
		root := t.TempDir()
		if err := os.Mkdir(filepath.Join(root, "etc"), 0o700); err != nil {
			t.Fatal(err)
		}
		if c.link != "" {
			if err := os.Symlink(c.link, filepath.Join(root, "etc/localtime")); err != nil {
				t.Skipf("no links here: %v", err)
			}
		}
		if c.text != "" {
			if err := os.WriteFile(filepath.Join(root, "etc/timezone"), []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		got := zoneNames(env("TZ", c.tz), root)
		if windowsZone() != "" {
			got = got[:min(len(got), len(c.want))]
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.why, got, c.want)
		}
	}
}

// A name that is out of date must not move a report by an hour.
func TestSameTime(t *testing.T) {
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	zone := func(name string) *time.Location {
		z, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		return z
	}
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"Asia/Tokyo", "Asia/Seoul", true},
		{"Europe/Paris", "Africa/Algiers", false}, // the same in winter
		{"America/New_York", "Europe/Paris", false},
	} {
		if got := sameTime(zone(c.a), zone(c.b), at); got != c.want {
			t.Errorf("%s and %s: %v", c.a, c.b, got)
		}
	}
}

// Every zone of Windows has a name that this program can load.
func TestWindowsZones(t *testing.T) {
	var names map[string]string
	if err := toml.Unmarshal(zonesFile, &names); err != nil {
		t.Fatal(err)
	}
	if len(names) < 130 || ianaName("Tokyo Standard Time") != "Asia/Tokyo" || ianaName("No Such Time") != "" {
		t.Errorf("%d zones", len(names))
	}
	for windows, name := range names {
		if _, err := time.LoadLocation(name); err != nil {
			t.Errorf("%s: %v", windows, err)
		}
	}
}
