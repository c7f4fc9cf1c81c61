package view

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

//go:embed text/*.toml
var textFiles embed.FS

// Catalogue holds every sentence and word of the reports in all languages. Loading it takes a few milliseconds and happens
// when a report is made, not at start-up.
type Catalogue struct {
	texts map[string]map[Lang]sentence
}

// entry is one table of a text file.
type entry struct {
	JA string `toml:"ja"`
	EN string `toml:"en"`
}

// Load reads the built-in texts.
func Load() (*Catalogue, error) { return load(textFiles, "text") }

func load(fsys fs.FS, dir string) (*Catalogue, error) {
	files, err := fs.Glob(fsys, path.Join(dir, "*.toml"))
	if err != nil {
		return nil, fmt.Errorf("view: texts: %w", err)
	}
	c := &Catalogue{texts: make(map[string]map[Lang]sentence, 1024)}
	for _, name := range files {
		f, err := fsys.Open(name)
		if err != nil {
			return nil, fmt.Errorf("view: texts: %w", err)
		}
		var entries map[string]entry
		err = toml.NewDecoder(f).DisallowUnknownFields().Decode(&entries)
		f.Close()
		if err != nil {
			return nil, fmt.Errorf("view: texts in %s: %w", name, err)
		}
		for id, e := range entries {
			if c.texts[id] != nil {
				return nil, fmt.Errorf("view: text %s stands twice, again in %s", id, name)
			}
			ja, err := parseSentence(e.JA)
			if err != nil {
				return nil, fmt.Errorf("view: %s, text %s, ja: %w", name, id, err)
			}
			en, err := parseSentence(e.EN)
			if err != nil {
				return nil, fmt.Errorf("view: %s, text %s, en: %w", name, id, err)
			}
			c.texts[id] = map[Lang]sentence{JA: ja, EN: en}
		}
	}
	return c, nil
}

// Has reports whether there is a text.
func (c *Catalogue) Has(id string) bool { return c.texts[id] != nil }

// IDs lists the ids of all texts that start with prefix, sorted.
func (c *Catalogue) IDs(prefix string) []string {
	var ids []string
	for id := range c.texts {
		if strings.HasPrefix(id, prefix) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// sentence is a text cut at its gaps.
type sentence []segment

// segment is literal text, or a gap where name is set.
type segment struct {
	text string
	name string
	kind string
	// one and many are the words of the plural kind.
	one, many string
}

// kinds of gaps. "" shows the value as it is.
var gapKinds = []string{
	"", "time", "when", "date", "month", "event", "verdict", "severity", "folder", "issuer", "state", "kind", "list", "host",
	"account", "address", "url", "plural", "bytes", "amount", "brand", "asked",
}

// parseSentence reads `Text with {gaps}` as the package's texts write them: {name}, {name:kind} and
// {name:plural|one|many}. A doubled brace stands for itself.
func parseSentence(text string) (sentence, error) {
	if text == "" {
		return nil, fmt.Errorf("no text")
	}
	var s sentence
	var lit strings.Builder
	flush := func() {
		if lit.Len() > 0 {
			s = append(s, segment{text: lit.String()})
			lit.Reset()
		}
	}
	for i := 0; i < len(text); i++ {
		c := text[i]
		doubled := i+1 < len(text) && text[i+1] == c
		switch {
		case (c == '{' || c == '}') && doubled:
			lit.WriteByte(c)
			i++
		case c == '}':
			return nil, fmt.Errorf("a } without its {")
		case c == '{':
			end := strings.IndexByte(text[i:], '}')
			if end < 0 {
				return nil, fmt.Errorf("a { without its }")
			}
			flush()
			g, err := parseGap(text[i+1 : i+end])
			if err != nil {
				return nil, err
			}
			s = append(s, g)
			i += end
		default:
			lit.WriteByte(c)
		}
	}
	flush()
	return s, nil
}

func parseGap(text string) (segment, error) {
	name, kind, _ := strings.Cut(text, ":")
	g := segment{name: name, kind: kind}
	if words := strings.Split(kind, "|"); words[0] == "plural" {
		if len(words) != 3 {
			return g, fmt.Errorf("gap {%s}: want plural|one|many", text)
		}
		g.kind, g.one, g.many = words[0], words[1], words[2]
	}
	if name == "" || !slices.Contains(gapKinds, g.kind) {
		return g, fmt.Errorf("gap {%s}: no such kind", text)
	}
	return g, nil
}

// gaps lists the names of a sentence's gaps, sorted, each once.
func (s sentence) gaps() []string {
	var names []string
	for _, g := range s {
		if g.name != "" && !slices.Contains(names, g.name) {
			names = append(names, g.name)
		}
	}
	slices.Sort(names)
	return names
}
