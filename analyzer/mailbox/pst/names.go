package pst

import (
	"slices"

	"github.com/mailaudit/mailaudit/analyzer/mailbox/mapi"
)

// Properties that have a name and not an id have one in each file all the same, from 0x8000 on, which the node of names tells
// ([MS-PST] 2.4.7).
const (
	idNameEntries = 0x0003
	idNameStrings = 0x0004
	firstNamed    = 0x8000
	publicStrings = 2 // the set of names that everybody shares, PS_PUBLIC_STRINGS
	keywords      = "Keywords"
)

// keywordsID is the id of the categories of a message in this file, 0 for none.
func (f *File) keywordsID() uint16 {
	p, err := f.object(nidNames)
	if err != nil {
		return 0
	}
	entries, _ := p.Property(idNameEntries)
	names, _ := p.Property(idNameStrings)
	const size = 8
	for b := entries.Data; len(b) >= size; b = b[size:] {
		at, set, index := le.Uint32(b), le.Uint16(b[4:]), le.Uint16(b[6:])
		if set&1 == 0 || set>>1 != publicStrings || uint64(at)+4 > uint64(len(names.Data)) {
			continue
		}
		n := le.Uint32(names.Data[at:])
		if rest := names.Data[at+4:]; uint64(n) <= uint64(len(rest)) && n == 2*uint32(len(keywords)) && mapi.UTF16(rest[:n]) == keywords {
			return firstNamed + index
		}
	}
	return 0
}

// Categories are the categories that the person gave to a message.
func (f *File) Categories(m *mapi.Message) []string {
	if f.keywords == 0 {
		return nil
	}
	v, ok := m.Property(f.keywords)
	if !ok {
		return nil
	}
	return slices.DeleteFunc(v.Texts(m.Codepage()), func(s string) bool { return s == "" })
}
