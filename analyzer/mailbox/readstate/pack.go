package readstate

import (
	"bytes"
	"fmt"
	"go/format"
	"maps"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// pack is roles.toml.
type pack struct {
	Language []struct {
		Code, Source, Date, Confidence string
		Labels                         map[finding.Folder][]string
		Folders                        map[finding.Folder][]string
	}
}

// Source compiles roles.toml to Go, for go generate. It is strict: unknown keys and roles and names that mean different
// things in different languages are errors.
func Source(data []byte) ([]byte, error) {
	var p pack
	dec := toml.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&p); err != nil {
		return nil, fmt.Errorf("roles: %w", err)
	}
	label, heads, folder := map[string]finding.Folder{}, map[string]finding.Folder{}, map[string]finding.Folder{}
	for _, l := range p.Language {
		if l.Code == "" || l.Source == "" || l.Date == "" || l.Confidence == "" {
			return nil, fmt.Errorf("roles: language %q lacks its source, date or confidence", l.Code)
		}
		for role, names := range l.Labels {
			if !known(role) {
				return nil, fmt.Errorf("roles: %s: unknown role %q", l.Code, role)
			}
			for _, n := range names {
				to := label
				if head, all := strings.CutSuffix(n, "*"); all {
					n, to = head, heads
				}
				if err := enter(to, n, role, l.Code); err != nil {
					return nil, err
				}
			}
		}
		for place, names := range l.Folders {
			switch place {
			case finding.Inbox, finding.Archive, finding.Spam, finding.Trash, finding.Sent, finding.Drafts:
			default:
				return nil, fmt.Errorf("roles: %s: unknown folder %q", l.Code, place)
			}
			for _, n := range names {
				if err := enter(folder, n, place, l.Code); err != nil {
					return nil, err
				}
			}
		}
	}
	var b strings.Builder
	b.WriteString("// Code generated from roles.toml by generate.go; DO NOT EDIT.\n\npackage readstate\n\n")
	b.WriteString("import \"github.com/mailaudit/mailaudit/analyzer/finding\"\n\n")
	for _, table := range []struct {
		doc, name string
		of        map[string]finding.Folder
	}{
		{"labels are Gmail's own labels, folded.", "labels", label},
		{"labelHeads are what some of Gmail's own labels begin with, folded.", "labelHeads", heads},
		{"folders are names of folders, folded.", "folders", folder},
	} {
		fmt.Fprintf(&b, "// %s\nvar %s = map[string]finding.Folder{\n", table.doc, table.name)
		for _, k := range slices.Sorted(maps.Keys(table.of)) {
			fmt.Fprintf(&b, "%q: %q,\n", k, table.of[k])
		}
		b.WriteString("}\n\n")
	}
	out, err := format.Source([]byte(b.String()))
	if err != nil {
		return nil, fmt.Errorf("roles: %w", err)
	}
	return out, nil
}

func enter(to map[string]finding.Folder, name string, what finding.Folder, code string) error {
	k := fold(name)
	if k == "" {
		return fmt.Errorf("roles: %s: empty name for %q", code, what)
	}
	if strings.HasSuffix(name, " ") {
		k += " " // the beginning of names, at the end of a word
	}
	if old, ok := to[k]; ok && old != what {
		return fmt.Errorf("roles: %s: %q is %q here and %q elsewhere", code, name, what, old)
	}
	to[k] = what
	return nil
}

func known(r finding.Folder) bool {
	switch r {
	case finding.Inbox, finding.Archive, finding.Spam, finding.Trash, finding.Sent, finding.Drafts,
		Unread, Opened, Starred, Important, Chat, Category:
		return true
	}
	return false
}
