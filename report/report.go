// Package report writes what a scan found in the form people asked for.
//
// A report is made from the record stream and from nothing else, so one saved findings.jsonl gives the same report at any
// later time, in another language or zone too. Each format is a package of its own beneath this one; what they share,
// texts and masking first of all, is in report/view. To add a format, add a package with a Write function and a line to
// the table here.
package report

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/report/csv"
	"github.com/mailaudit/mailaudit/report/exchange"
	"github.com/mailaudit/mailaudit/report/html"
	"github.com/mailaudit/mailaudit/report/jsonl"
	"github.com/mailaudit/mailaudit/report/text"
	"github.com/mailaudit/mailaudit/report/view"
	"github.com/mailaudit/mailaudit/report/xlsx"
)

// Options say how a report is to look.
type Options = view.Options

// Writer writes one format. It reads the stream as often as it needs, in bounded memory, and writes the same bytes for
// the same stream and options. On an error or a cancelled context what was written is of no use.
type Writer interface {
	Write(ctx context.Context, f *finding.File, w io.Writer, opt Options) error
}

type writerFunc func(ctx context.Context, f *finding.File, w io.Writer, opt Options) error

func (fn writerFunc) Write(ctx context.Context, f *finding.File, w io.Writer, opt Options) error {
	return fn(ctx, f, w, opt)
}

// format is one row of the table of formats.
type format struct {
	name  string
	file  string // in the report folder; empty for what goes to the terminal
	write writerFunc
}

func formats() []format {
	return []format{
		{"html", "report.html", html.Write},
		{"xlsx", "report.xlsx", xlsx.Write},
		{"jsonl", "findings.jsonl", jsonl.Write},
		{"csv", "report.csv", csv.Write},
		{"summary", "summary.html", html.WriteSummary},
		{"timesketch", "timesketch.jsonl", exchange.WriteTimesketch},
		{"misp", "misp.json", exchange.WriteMISP},
		{"stix", "stix.json", exchange.WriteSTIX},
		{"indicators", "indicators.csv", exchange.WriteIndicators},
		{"ics", "statements.ics", exchange.WriteCalendar},
		{"text", "", text.Write},
	}
}

// Open returns the writer of a format.
func Open(name string) (Writer, error) {
	for _, f := range formats() {
		if f.name == name {
			return f.write, nil
		}
	}
	return nil, fmt.Errorf("report: unknown format %q, there are %s", name, strings.Join(Formats(), ", "))
}

// Formats lists the names of all formats, sorted.
func Formats() []string {
	var names []string
	for _, f := range formats() {
		names = append(names, f.name)
	}
	slices.Sort(names)
	return names
}

// FileName is the name of a format's file in the report folder; "" for a format that is not written to a file.
func FileName(name string) string {
	for _, f := range formats() {
		if f.name == name {
			return f.file
		}
	}
	return ""
}
