// Package view is what all report formats share: the texts in Japanese and English, the words for verdicts, events and
// states, times in the reader's zone, and the rules by which text from mail is made harmless to look at.
//
// A report is made from the record stream alone. The stream holds raw values and text ids; this package turns them into
// what a person reads, and a format only lays it out. So the page, the workbook and the terminal never disagree.
//
// Three rules hold for everything that comes from mail. It is shown, never obeyed: control, bidi and invisible characters
// are spelled out. It is never something to click: addresses of strangers are written with [.] and [@], URLs with hxxp.
// It is never longer than a place can bear: what is cut carries a mark.
package view

import (
	"fmt"
	"time"
)

// Lang is a language reports are written in.
type Lang string

// Languages.
const (
	JA Lang = "ja"
	EN Lang = "en"
)

// Langs lists the languages.
func Langs() []Lang { return []Lang{JA, EN} }

// Options say how a report is to look. The zero value is English in UTC, nothing masked.
type Options struct {
	Lang Lang           // empty: English
	Zone *time.Location // times are shown in it; nil: UTC
	// Redact masks people other than the owner and all that is quoted from bodies, with the same stand-in for the same
	// person all through.
	Redact bool

	// Case and Examiner stand on the sheet to hand over; empty: none.
	Case, Examiner string

	// Width is the width of the terminal in columns; 0: 80. Formats other than text ignore it.
	Width int
	// Color allows SGR colours in text.
	Color bool
	// BOM puts a byte order mark before CSV: Excel reads a file without one in the local code page.
	BOM bool
	// Paths are the files that were written, for the end of the terminal's result.
	Paths []string
	// Scratch is the folder for temporary files, which are gone in the end; empty: the system's.
	Scratch string
}

// Normal returns o with defaults in place. It fails on a language there is no text for.
func (o Options) Normal() (Options, error) {
	if o.Lang == "" {
		o.Lang = EN
	}
	if o.Lang != JA && o.Lang != EN {
		return o, fmt.Errorf("view: no texts in language %q; there are ja and en", o.Lang)
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Width == 0 {
		o.Width = 80
	}
	return o, nil
}
