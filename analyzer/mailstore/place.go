package mailstore

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
)

//go:embed places.toml
var placesFile []byte

// Places are where programs keep mail.
type Places struct {
	Place  []place  `toml:"place"`
	Export []export `toml:"export"`
}

type place struct {
	Program    string   `toml:"program"`
	Kind       string   `toml:"kind"`
	OS         []string `toml:"os"`
	Paths      []string `toml:"paths"`
	Config     string   `toml:"config"`
	Names      []string `toml:"names"`
	Advice     string   `toml:"advice"`
	Source     string   `toml:"source"`
	Confidence string   `toml:"confidence"`
}

// export is what a file in a folder of downloads is, by its name.
type export struct {
	Names      []string `toml:"names"`
	Program    string   `toml:"program"`
	Join       bool     `toml:"join"` // files of one folder are one store
	Open       bool     `toml:"open"` // an archive that counts only where mail is in it
	Advice     string   `toml:"advice"`
	Source     string   `toml:"source"`
	Confidence string   `toml:"confidence"`
}

// kinds are the ways to look at a place.
var kinds = map[string]func(*search, int, place, string){
	"mozilla":   (*search).mozilla,
	"apple":     (*search).apple,
	"evolution": (*search).evolution,
	"claws":     (*search).claws,
	"folder":    (*search).folder,
	"files":     (*search).files,
	"exports":   nil, // needs the table of exports
}

// Load reads the built-in places.
func Load() (*Places, error) { return load(placesFile) }

func load(raw []byte) (*Places, error) {
	var p Places
	if err := toml.NewDecoder(bytes.NewReader(raw)).DisallowUnknownFields().Decode(&p); err != nil {
		return nil, fmt.Errorf("mailstore: places: %w", err)
	}
	for _, pl := range p.Place {
		if _, ok := kinds[pl.Kind]; !ok {
			return nil, fmt.Errorf("mailstore: no kind %q", pl.Kind)
		}
	}
	for _, e := range p.Export {
		for _, n := range e.Names {
			if _, err := path.Match(n, ""); err != nil {
				return nil, fmt.Errorf("mailstore: export %q: %w", n, err)
			}
		}
	}
	return &p, nil
}

// start looks at every place of this system.
func (s *search) start(p *Places) {
	system := s.OS
	if system != "windows" && system != "darwin" {
		system = "linux"
	}
	names := s.folders()
	// One task holds the search open until all places are on their way.
	s.spawn(0, s.Home, nil, func() {
		for i, pl := range p.Place {
			if !slices.Contains(pl.OS, system) {
				continue
			}
			pl.Config, _ = names.expand(pl.Config)
			for _, pattern := range pl.Paths {
				dir, ok := names.expand(pattern)
				if !ok {
					continue
				}
				look := kinds[pl.Kind]
				if pl.Kind == "exports" {
					look = func(s *search, i int, pl place, dir string) { s.exports(i, p.Export, dir) }
				}
				s.spawn(i, dir, nil, func() {
					for _, d := range s.glob(dir) {
						look(s, i, pl, d)
					}
				})
			}
		}
	})
}

// glob gives the folders that a path with * for whole names stands for, at most a hundred.
func (s *search) glob(pattern string) []string {
	before, after, found := strings.Cut(pattern, "*")
	if !found {
		return []string{pattern}
	}
	dir, prefix := filepath.Split(before)
	suffix, rest, _ := strings.Cut(after, string(filepath.Separator))
	var list []string
	_ = s.Disk.ReadDir(dir, func(e fs.DirEntry) bool {
		if strings.HasPrefix(e.Name(), prefix) && strings.HasSuffix(e.Name(), suffix) && !strings.HasPrefix(e.Name(), ".") && e.IsDir() {
			list = append(list, s.glob(filepath.Join(dir, e.Name(), rest))...)
		}
		return len(list) < 100
	})
	slices.Sort(list)
	return list
}

// folders are the person's folders, by the names that places.toml uses.
type folders map[string]string

func (s *search) folders() folders {
	f := folders{"home": s.Home, "user": s.User}
	env := func(name, variable, otherwise string) {
		if v := s.Getenv(variable); filepath.IsAbs(v) {
			otherwise = v
		}
		f[name] = otherwise
	}
	home := func(name string) string {
		if s.Home == "" {
			return ""
		}
		return filepath.Join(s.Home, filepath.FromSlash(name))
	}
	env("config", "XDG_CONFIG_HOME", home(".config"))
	env("data", "XDG_DATA_HOME", home(".local/share"))
	env("cache", "XDG_CACHE_HOME", home(".cache"))
	for name, plain := range map[string]string{"documents": "Documents", "downloads": "Downloads", "desktop": "Desktop"} {
		f[name] = home(plain)
	}
	if s.OS == "windows" {
		env("appdata", "APPDATA", home("AppData/Roaming"))
		env("localappdata", "LOCALAPPDATA", home("AppData/Local"))
		env("onedrive", "OneDrive", "")
	} else if s.OS != "darwin" {
		for name, dir := range userDirs(s.read(filepath.Join(f["config"], "user-dirs.dirs"), 64<<10), s.Home) {
			f[name] = dir
		}
	}
	return f
}

// userDirs reads the file in which desktops of Linux note where a person's folders are: XDG_DOWNLOAD_DIR="$HOME/ダウンロード".
func userDirs(text, home string) map[string]string {
	dirs := map[string]string{}
	for line := range strings.Lines(text) {
		key, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		name := map[string]string{"XDG_DOWNLOAD_DIR": "downloads", "XDG_DESKTOP_DIR": "desktop", "XDG_DOCUMENTS_DIR": "documents"}[key]
		if !ok || name == "" {
			continue
		}
		value = strings.Trim(value, `"`)
		if rest, found := strings.CutPrefix(value, "$HOME"); found {
			value = home + rest
		}
		// The home itself stands for "no such folder": all of it would be looked through.
		if filepath.IsAbs(value) && filepath.Clean(value) != filepath.Clean(home) {
			dirs[name] = filepath.Clean(value)
		}
	}
	return dirs
}

// expand puts folders into a path; ok is false where one of them is not known.
func (f folders) expand(p string) (string, bool) {
	for {
		before, after, found := strings.Cut(p, "{")
		name, rest, closed := strings.Cut(after, "}")
		if !found || !closed {
			return filepath.FromSlash(p), p != ""
		}
		if f[name] == "" {
			return "", false
		}
		p = before + f[name] + rest
	}
}

// folder is a folder, or a file, that is mail as it stands.
func (s *search) folder(i int, pl place, path string) {
	info, err := s.Disk.Stat(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.IsDir() && !info.Mode().IsRegular() {
		return
	}
	st := Store{Program: pl.Program, Kind: pl.Kind, Paths: []string{path}, Advice: pl.Advice}
	if pl.Advice != "" {
		st.State = Other
	}
	s.later(i, st, path)
}

// later measures a store on its own, so that a slow one does not hold up the others of its place.
func (s *search) later(i int, st Store, paths ...string) {
	known := st
	s.spawn(i, st.Paths[0], &known, func() {
		s.measure(&st, paths...)
		if !within(st.Newest) {
			st.Newest = time.Time{}
		}
		s.add(i, st)
	})
}

// files are the files of a folder that have certain names, each a store.
func (s *search) files(i int, pl place, dir string) {
	err := s.Disk.ReadDir(dir, func(e fs.DirEntry) bool {
		if e.Type().IsRegular() && matches(pl.Names, e.Name()) {
			path := filepath.Join(dir, e.Name())
			st := Store{Program: pl.Program, Kind: pl.Kind, Name: e.Name(), Paths: []string{path}, Advice: pl.Advice}
			if pl.Advice != "" {
				st.State = Other
			}
			s.later(i, st, path)
		}
		return s.ctx.Err() == nil
	})
	if st, ok := s.refused(dir, err); ok {
		s.add(i, Store{Program: pl.Program, Kind: pl.Kind, Paths: []string{dir}, State: st})
	}
}

// matches reports whether a name is one of the patterns, in any case.
func matches(patterns []string, name string) bool {
	name = strings.ToLower(name)
	for _, p := range patterns {
		if ok, err := path.Match(p, name); err == nil && ok {
			return true
		}
	}
	return false
}
