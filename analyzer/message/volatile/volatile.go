// Package volatile knows the header fields that change when mail is kept, moved, exported or read.
//
// Every mail program notes things in the mail it keeps: that it was read, a label, a marker of its own for the next
// synchronisation. The same message in another program's mailbox has other notes or none. A digest that is to be the same
// for every copy leaves these fields out (message.Content). Which they are is data, fields.toml; the list has a version,
// because a longer list gives some messages another digest and so another id.
package volatile

import (
	"bytes"
	"fmt"
	"go/format"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

//go:generate go run ./generate.go

// First is the version of the list that mailaudit began with.
const First = 1

// field is an entry of the list.
type field struct {
	name   string // lower case
	prefix bool   // all names that begin so
	since  uint8
}

// nameMost is longer than any name of the list.
const nameMost = 64

// Is reports whether a field changes when mail is kept or moved, by the list of a version.
func Is(name []byte, version int) bool {
	name = bytes.TrimRight(name, " \t")
	if len(name) < shortest || len(name) > nameMost || initials[name[0]|0x20] == 0 {
		return false
	}
	var buf [nameMost]byte
	lower := buf[:len(name)]
	for i, c := range name {
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		lower[i] = c
	}
	// The entry itself or, for a prefix, one of those before it in order: names of one program share their beginnings, and
	// no entry begins another (see Source), so the entry before decides.
	i, found := slices.BinarySearchFunc(fields, lower, func(f field, b []byte) int { return bytes.Compare([]byte(f.name), b) })
	if found {
		return int(fields[i].since) <= version
	}
	if i == 0 {
		return false
	}
	f := &fields[i-1]
	return f.prefix && int(f.since) <= version && bytes.HasPrefix(lower, []byte(f.name))
}

// fetcher is a program that adds a Received field of its own to mail that it fetches.
type fetcher struct {
	mark   string // in the text of that field
	before string // the name, in lower case, of a field that it adds right before; "" for none
	since  uint8
}

// Fetched reports whether a Received field, given with its continuations, is that of a program that fetched the message from a
// server, by the list of a version.
func Fetched(received []byte, version int) bool {
	for i := range fetchers {
		if f := &fetchers[i]; int(f.since) <= version && bytes.Contains(received, []byte(f.mark)) {
			return true
		}
	}
	return false
}

// BeforeFetched reports whether a field of that name right before such a Received field came with it.
func BeforeFetched(name, received []byte, version int) bool {
	for i := range fetchers {
		f := &fetchers[i]
		if f.before != "" && int(f.since) <= version && bytes.EqualFold(name, []byte(f.before)) && bytes.Contains(received, []byte(f.mark)) {
			return true
		}
	}
	return false
}

// pack is fields.toml.
type pack struct {
	Program []struct {
		Name                     string
		Fields                   []string
		Since                    uint8
		Source, Date, Confidence string
	}
	Fetcher []struct {
		Name                     string
		Received, Before         []string
		Since                    uint8
		Source, Date, Confidence string
	}
}

// fetchers are the programs that fetch, one entry for each mark and field.
func (p *pack) fetchers() (list []fetcher, err error) {
	for _, f := range p.Fetcher {
		if f.Name == "" || f.Source == "" || f.Date == "" || f.Confidence == "" || f.Since < First || len(f.Received) == 0 {
			return nil, fmt.Errorf("volatile fields: %q lacks its marks, source, date, confidence or since", f.Name)
		}
		before := f.Before
		if len(before) == 0 {
			before = []string{""}
		}
		for _, mark := range f.Received {
			if len(mark) < shortestMark {
				return nil, fmt.Errorf("volatile fields: %q is too short a mark", mark)
			}
			for _, name := range before {
				list = append(list, fetcher{mark, strings.ToLower(name), f.Since})
			}
		}
	}
	return list, nil
}

// shortestMark is how long the mark of a fetcher has to be at least: what is shorter stands in other fields too.
const shortestMark = 8

// Source compiles fields.toml to Go, for go generate. Unknown keys, missing sources, names that come twice and an entry
// that a prefix covers are errors.
func Source(data []byte) ([]byte, error) {
	var p pack
	dec := toml.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&p); err != nil {
		return nil, fmt.Errorf("volatile fields: %w", err)
	}
	var list []field
	version, short := uint8(0), nameMost
	for _, prog := range p.Program {
		if prog.Name == "" || prog.Source == "" || prog.Date == "" || prog.Confidence == "" || prog.Since < First {
			return nil, fmt.Errorf("volatile fields: %q lacks its source, date, confidence or since", prog.Name)
		}
		version = max(version, prog.Since)
		for _, n := range prog.Fields {
			name, prefix := strings.CutSuffix(strings.ToLower(n), "*")
			if name == "" || len(name) > nameMost || strings.ContainsAny(name, "* \t:") {
				return nil, fmt.Errorf("volatile fields: %q is no name of a field", n)
			}
			short = min(short, len(name))
			list = append(list, field{name, prefix, prog.Since})
		}
	}
	slices.SortFunc(list, func(a, b field) int { return strings.Compare(a.name, b.name) })
	for i := 1; i < len(list); i++ {
		a, b := list[i-1], list[i]
		if a.name == b.name || a.prefix && strings.HasPrefix(b.name, a.name) {
			return nil, fmt.Errorf("volatile fields: %q stands twice", b.name)
		}
	}
	for _, f := range p.Fetcher {
		version = max(version, f.Since)
	}
	var out strings.Builder
	out.WriteString("// Code generated from fields.toml by generate.go; DO NOT EDIT.\n\npackage volatile\n\n")
	fmt.Fprintf(&out, "// Version is the version of the list.\nconst Version = %d\n\n", version)
	fmt.Fprintf(&out, "// shortest is the length of its shortest name.\nconst shortest = %d\n\n", short)
	out.WriteString("// fields is the list, in order.\nvar fields = []field{\n")
	initial := map[byte]bool{}
	for _, f := range list {
		fmt.Fprintf(&out, "{%q, %v, %d},\n", f.name, f.prefix, f.since)
		initial[f.name[0]] = true
	}
	fetch, err := p.fetchers()
	if err != nil {
		return nil, err
	}
	out.WriteString("}\n\n// fetchers are the programs that fetch mail.\nvar fetchers = []fetcher{\n")
	for _, f := range fetch {
		fmt.Fprintf(&out, "{%q, %q, %d},\n", f.mark, f.before, f.since)
	}
	out.WriteString("}\n\n// initials are the letters that its names begin with.\nvar initials = [256]uint8{")
	for c := range 256 {
		if initial[byte(c)] {
			fmt.Fprintf(&out, "%q: 1, ", byte(c))
		}
	}
	out.WriteString("}\n")
	src, err := format.Source([]byte(out.String()))
	if err != nil {
		return nil, fmt.Errorf("volatile fields: %w", err)
	}
	return src, nil
}
