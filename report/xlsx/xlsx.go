// Package xlsx writes the workbook: one sheet for each question, made from the record stream.
//
// Long sheets are streamed, so that memory does not grow with the mailbox: by excelize's StreamWriter, and the rows of the
// lists of messages, which are nearly all there is, beside it on all cores (rows.go), to be put in where its own end.
// Text from mail is only ever a text cell: never a formula, never a link, in a number format ("@") that keeps it text when
// somebody edits the cell. Times are real dates in the report's zone. Document properties are fixed by the stream, so that
// the same stream gives the same bytes.
package xlsx

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/report/view"
)

// Limits of the format (ECMA-376 and Excel's own).
const (
	maxRows = 1_048_576
	// rowLimit keeps the rows of one sheet below what Excel opens; what is beyond goes to a further sheet.
	rowLimit = maxRows - 16
)

// Write writes the workbook of f.
func Write(ctx context.Context, f *finding.File, w io.Writer, opt view.Options) error {
	r, err := view.Build(ctx, f, opt)
	if err != nil {
		return err
	}
	b := &book{Report: r, ctx: ctx, rowLimit: rowLimit, scratch: opt.Scratch}
	if err := b.writeTo(w); err != nil {
		return fmt.Errorf("write xlsx: %w", err)
	}
	return nil
}

type book struct {
	*view.Report
	ctx      context.Context
	file     *excelize.File
	style    styles
	names    map[string]string // sheet name by section id
	jumps    map[string]string // where the rows of an incident or a series begin: "incident ID", "series ID"
	rowLimit int
	tables   int
	scratch  string // folder of temporary files; first the one that it is made in

	spool  *spool
	insets map[string]*stretch // rows on the spool, by the part of the package they belong to
}

// writeTo makes the sheets and writes the package.
func (b *book) writeTo(w io.Writer) (err error) {
	if b.scratch, err = os.MkdirTemp(b.scratch, ".mailaudit-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, evidence.RemoveScratch(b.scratch)) }()
	if b.spool, err = newSpool(b.scratch); err != nil {
		return err
	}
	defer b.spool.close()
	b.file, b.insets, b.jumps = excelize.NewFile(excelize.Options{TmpDir: b.scratch}), map[string]*stretch{}, map[string]string{}
	defer b.file.Close()
	if err := b.write(); err != nil {
		return err
	}
	return b.save(w)
}

// sections are the sheets in their order. The one of Amazon's records is there only with some.
func (b *book) sections() []string {
	list := []string{"summary", "timeline", "months", "unnoticed", "impersonations", "incidents", "statements", "hosts", "messages", "evidence", "problems", "about"}
	if len(b.Ledger()) > 0 {
		list = slices.Insert(list, 7, "ledger")
	}
	return list
}

// sheetName is the name of a section's sheet: where the page has one section for what the workbook has two, it is the
// workbook's own.
func (b *book) sheetName(id string) string {
	if own := "book.sheet." + id; b.Has(own) {
		return b.Say(own)
	}
	return b.Say("section." + id)
}

func (b *book) write() error {
	if err := b.makeStyles(); err != nil {
		return err
	}
	b.names = map[string]string{}
	for i, id := range b.sections() {
		name := b.sheetName(id)
		b.names[id] = name
		if i == 0 {
			if err := b.file.SetSheetName("Sheet1", name); err != nil {
				return err
			}
			continue
		}
		if _, err := b.file.NewSheet(name); err != nil {
			return err
		}
	}
	steps := []func() error{
		b.messages, b.months, b.incidents, b.statements, b.ledger, b.hosts, b.problems, b.about, b.summary, b.properties,
	}
	for _, step := range steps {
		if err := b.ctx.Err(); err != nil {
			return err
		}
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// properties sets what Excel shows about the document. Its times are those the stream was judged for: a clock would make
// every file different.
func (b *book) properties() error {
	made := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	if at := b.Config().AsOf; at != nil {
		made = at.UTC()
	}
	stamp := made.Format(time.RFC3339)
	if err := b.file.SetDocProps(&excelize.DocProperties{
		Title: b.Say("title"), Subject: b.Say("book.subject"), Creator: "mailaudit", LastModifiedBy: "mailaudit", Keywords: b.Say("book.keywords"),
		Created: stamp, Modified: stamp, Language: string(b.Lang),
	}); err != nil {
		return err
	}
	if err := b.file.SetAppProps(&excelize.AppProperties{Application: "mailaudit"}); err != nil {
		return err
	}
	b.file.SetActiveSheet(0)
	return nil
}
