// Package jsonl writes the record stream itself: one JSON object a line, as package finding describes it.
//
// Unmasked, the output is the stored stream byte for byte. Masked, it is a stream of the same form with the masked values
// in the place of the true ones, from which every other report can be made again.
package jsonl

import (
	"context"
	"fmt"
	"io"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/report/view"
)

// Write writes the stream of f. Of opt only Lang and Redact count.
func Write(ctx context.Context, f *finding.File, w io.Writer, opt view.Options) error {
	if !opt.Redact {
		if _, err := io.Copy(w, &reader{ctx, io.NewSectionReader(f.Source(), 0, f.Size())}); err != nil {
			return fmt.Errorf("write jsonl: %w", err)
		}
		return nil
	}
	r, err := view.Build(ctx, f, opt)
	if err != nil {
		return err
	}
	if err := writeRecords(ctx, r, w); err != nil {
		return fmt.Errorf("write jsonl: %w", err)
	}
	return nil
}

// reader ends with the context's error once that is done.
type reader struct {
	ctx context.Context
	io.Reader
}

func (r *reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}

func writeRecords(ctx context.Context, r finding.Reader, w io.Writer) error {
	out := finding.NewWriter(w)
	head := []finding.Record{{Config: r.Config()}, {Summary: r.Summary()}}
	for _, v := range r.Sources() {
		head = append(head, finding.Record{Source: v})
	}
	head = append(head, finding.Record{Profile: r.Profile()})
	for _, v := range r.Attention() {
		head = append(head, finding.Record{Attention: v})
	}
	for _, v := range r.Incidents() {
		head = append(head, finding.Record{Incident: v})
	}
	for _, v := range r.Series() {
		head = append(head, finding.Record{Series: v})
	}
	for _, v := range r.Rules() {
		head = append(head, finding.Record{Rule: v})
	}
	for _, rec := range head {
		if err := out.Write(rec); err != nil {
			return err
		}
	}
	// Messages come first and problems after them: a masked stream keeps the order within each, which is all that readers
	// rely on.
	err := r.Messages(func(i int, m *finding.Message) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return out.Write(finding.Record{Message: m})
	})
	if err != nil {
		return err
	}
	if err := r.Problems(func(p *finding.Problem) error { return out.Write(finding.Record{Problem: p}) }); err != nil {
		return err
	}
	return out.Flush()
}
