// Package jsonl writes the record stream itself: one JSON object a line, as package finding describes it.
//
// Unmasked, the output is the stored stream byte for byte. Masked, it is a stream of the same form with the masked values
// in the place of the true ones, from which every other report can be made again.
package jsonl

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

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
	if err := writeRecords(ctx, f, r, w); err != nil {
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

func writeRecords(ctx context.Context, f *finding.File, r finding.Reader, w io.Writer) error {
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
	for _, v := range r.Ledger() {
		head = append(head, finding.Record{Ledger: v})
	}
	for _, v := range r.Rules() {
		head = append(head, finding.Record{Rule: v})
	}
	for _, rec := range head {
		if err := out.Write(rec); err != nil {
			return err
		}
	}
	if err := writeBody(ctx, f, r, out); err != nil {
		return err
	}
	return out.Flush()
}

// writeBody writes messages and problems in the order in which f has them, which is that of the source: its lines are read
// once more for what each of them is.
func writeBody(ctx context.Context, f *finding.File, r finding.Reader, out *finding.Writer) error {
	var failed error
	nextProblem, stop := iter.Pull(func(yield func(*finding.Problem) bool) {
		failed = r.Problems(func(p *finding.Problem) error {
			if !yield(p) {
				return errStopped
			}
			return nil
		})
	})
	defer stop()
	message := 0
	lines := bufio.NewReaderSize(io.NewSectionReader(f.Source(), 0, f.Size()), 1<<16)
	for begins := true; ; {
		line, err := lines.ReadSlice('\n')
		if begins {
			switch {
			case ctx.Err() != nil:
				return ctx.Err()
			case bytes.HasPrefix(line, []byte(`{"message":`)) && message < r.Len():
				m, err := r.Message(message)
				if err == nil {
					err = out.Write(finding.Record{Message: m})
				}
				if err != nil {
					return err
				}
				message++
			case bytes.HasPrefix(line, []byte(`{"problem":`)):
				if p, ok := nextProblem(); ok {
					if err := out.Write(finding.Record{Problem: p}); err != nil {
						return err
					}
				}
			}
		}
		begins = err == nil
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			if !errors.Is(err, io.EOF) {
				return err
			}
			break
		}
	}
	// Lines that another writer began differently.
	for ; message < r.Len(); message++ {
		m, err := r.Message(message)
		if err == nil {
			err = out.Write(finding.Record{Message: m})
		}
		if err != nil {
			return err
		}
	}
	for {
		p, ok := nextProblem()
		if !ok {
			return failed
		}
		if err := out.Write(finding.Record{Problem: p}); err != nil {
			return err
		}
	}
}

// errStopped ends the reading of problems that nobody wants any more.
var errStopped = errors.New("stopped")
