// Package csv writes the table of messages as comma-separated values (RFC 4180), with the columns of the workbook's sheet
// of messages, newest first.
//
// Spreadsheets run what looks like a formula in a CSV file. Every cell that begins with a character they take for one
// gets an apostrophe before it; so the file shows what the mail said and computes nothing.
package csv

import (
	"bufio"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/report/view"
)

// Write writes the messages of f. opt.BOM puts a byte order mark first, by which Excel knows that the file is UTF-8.
func Write(ctx context.Context, f *finding.File, w io.Writer, opt view.Options) error {
	r, err := view.Build(ctx, f, opt)
	if err != nil {
		return err
	}
	if err := write(ctx, r, w); err != nil {
		return fmt.Errorf("write csv: %w", err)
	}
	return nil
}

func write(ctx context.Context, r *view.Report, w io.Writer) error {
	buf := bufio.NewWriterSize(w, 1<<16)
	if r.Options.BOM {
		buf.WriteString("\uFEFF")
	}
	out := csv.NewWriter(buf)
	out.UseCRLF = true // RFC 4180 §2
	columns := view.Columns()
	row := make([]string, len(columns))
	for i, c := range columns {
		row[i] = r.Say("column." + c.ID)
	}
	if err := out.Write(row); err != nil {
		return err
	}
	for _, n := range r.ByTime {
		if err := ctx.Err(); err != nil {
			return err
		}
		m, err := r.Message(int(n))
		if err != nil {
			return err
		}
		for i, c := range columns {
			v := c.Value(r, m)
			row[i] = v.String()
			if v.Kind == view.TextValue {
				row[i] = Guard(row[i])
			}
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return err
	}
	return buf.Flush()
}

// Guard puts an apostrophe before a cell that a spreadsheet would take for a formula: one whose first character, after
// white space and in full width too, is = + - @, or a tab or carriage return.
func Guard(s string) string {
	trimmed := strings.TrimLeft(s, " \u3000\u00a0'\"")
	if first, _ := utf8.DecodeRuneInString(trimmed); trimmed != "" && strings.ContainsRune("=+-@＝＋－＠\t\r\n|", first) {
		return "'" + s
	}
	return s
}
