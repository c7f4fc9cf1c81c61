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
		Labels                         map[Role][]string
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
	label, folder := map[string]Role{}, map[string]finding.Folder{}
	for _, l := range p.Language {
		if l.Code == "" || l.Source == "" || l.Date == "" || l.Confidence == "" {
			return nil, fmt.Errorf("roles: language %q lacks its source, date or confidence", l.Code)
		}
		for role, names := range l.Labels {
			if !known(role) {
				return nil, fmt.Errorf("roles: %s: unknown role %q", l.Code, role)
			}
			if err := enter(label, names, role, l.Code); err != nil {
				return nil, err
			}
		}
		for place, names := range l.Folders {
			switch place {
			case finding.Inbox, finding.Archive, finding.Spam, finding.Trash, finding.Sent, finding.Drafts:
			default:
				return nil, fmt.Errorf("roles: %s: unknown folder %q", l.Code, place)
			}
			if err := enter(folder, names, place, l.Code); err != nil {
				return nil, err
			}
		}
	}
	var b strings.Builder
	b.WriteString("// Code generated from roles.toml by generate.go; DO NOT EDIT.\n\npackage readstate\n\n")
	b.WriteString("import \"github.com/mailaudit/mailaudit/analyzer/finding\"\n\n")
	b.WriteString("// labels are Gmail's own labels, folded.\nvar labels = map[string]Role{\n")
	for _, k := range slices.Sorted(maps.Keys(label)) {
		fmt.Fprintf(&b, "%q: %q,\n", k, label[k])
	}
	b.WriteString("}\n\n// folders are names of folders, folded.\nvar folders = map[string]finding.Folder{\n")
	for _, k := range slices.Sorted(maps.Keys(folder)) {
		fmt.Fprintf(&b, "%q: %q,\n", k, folder[k])
	}
	b.WriteString("}\n")
	out, err := format.Source([]byte(b.String()))
	if err != nil {
		return nil, fmt.Errorf("roles: %w", err)
	}
	return out, nil
}

func enter[T ~string](to map[string]T, names []string, what T, code string) error {
	for _, n := range names {
		k := fold(n)
		if k == "" {
			return fmt.Errorf("roles: %s: empty name for %q", code, what)
		}
		if old, ok := to[k]; ok && old != what {
			return fmt.Errorf("roles: %s: %q is %q here and %q elsewhere", code, n, what, old)
		}
		to[k] = what
	}
	return nil
}

func known(r Role) bool {
	switch r {
	case RoleInbox, RoleUnread, RoleOpened, RoleSent, RoleSpam, RoleTrash, RoleDrafts, RoleArchived, RoleStarred,
		RoleImportant, RoleChat, RoleCategory:
		return true
	}
	return false
}
