package main

import (
	_ "embed"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
)

//go:embed zones.toml
var zonesFile []byte

// localZone is the machine's time zone by its name. Go calls it "Local" wherever TZ is not set, which tells a reader of a
// report nothing. The name is looked for where systems keep it, and used only if it gives the machine's own time: a file
// that is out of date must not move a report by an hour. Without one the zone stays the machine's, and has no name.
func localZone(getenv func(string) string, now time.Time) *time.Location {
	for _, name := range zoneNames(getenv, "/") {
		if z, err := time.LoadLocation(name); err == nil && sameTime(z, time.Local, now) {
			return z
		}
	}
	return time.Local
}

// zoneNames are the names by which the system may know its zone: TZ, the link /etc/localtime (Linux, BSD, macOS), the text
// /etc/timezone (Debian), the registry (Windows). root is "/" but in tests.
func zoneNames(getenv func(string) string, root string) (list []string) {
	add := func(name string) {
		// LoadLocation takes "" for UTC and "Local" for the machine's.
		if name = strings.TrimSpace(name); name != "" && name != "Local" && len(name) < 100 {
			list = append(list, name)
		}
	}
	tz := strings.TrimPrefix(getenv("TZ"), ":")
	if filepath.IsAbs(tz) {
		tz = zoneOfPath(tz)
	}
	add(tz)
	if target, err := os.Readlink(filepath.Join(root, "etc/localtime")); err == nil {
		add(zoneOfPath(target))
	}
	if f, err := os.Open(filepath.Join(root, "etc/timezone")); err == nil {
		buf := make([]byte, 200)
		n, _ := f.Read(buf)
		_ = f.Close()
		name, _, _ := strings.Cut(string(buf[:n]), "\n")
		add(name)
	}
	add(ianaName(windowsZone()))
	return list
}

// zoneOfPath is the zone whose file lies at a path: /usr/share/zoneinfo/Asia/Tokyo, /var/db/timezone/zoneinfo/Asia/Tokyo.
func zoneOfPath(path string) string {
	_, name, _ := strings.Cut(filepath.ToSlash(path), "/zoneinfo/")
	name = strings.TrimPrefix(name, "posix/")
	return strings.TrimPrefix(name, "right/")
}

// ianaName is the name that the rest of the world has for a zone of Windows; "" for none.
func ianaName(windows string) string {
	if windows == "" {
		return ""
	}
	var names map[string]string
	if err := toml.Unmarshal(zonesFile, &names); err != nil {
		return ""
	}
	return names[windows]
}

// sameTime reports whether two zones give the same time all year. Windows knows only the rules of the present, so that
// years gone by are no help.
func sameTime(a, b *time.Location, now time.Time) bool {
	for day := -183; day <= 183; day += 7 {
		t := now.AddDate(0, 0, day)
		_, x := t.In(a).Zone()
		_, y := t.In(b).Zone()
		if x != y {
			return false
		}
	}
	return true
}
