package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/report"
)

// exchangeFormats are the formats that other tools read.
func exchangeFormats() []string { return []string{"timesketch", "misp", "stix", "indicators", "ics"} }

// exportFormat makes a format from the records of a report folder, or of a stream.
func (p *program) exportFormat(cmd *cobra.Command, f exportFlags, from string) error {
	zone, err := p.zone(cmd, f.zone)
	if err != nil {
		return err
	}
	if f.zone == "" {
		zone = scannedZone(from, zone)
	}
	file, done, err := p.openFindings(from)
	if err != nil {
		return err
	}
	defer done()
	w, err := report.Open(f.format)
	if err != nil {
		return err
	}
	opt := report.Options{Lang: p.ui.lang, Zone: zone, Redact: f.redact}
	if f.output == "" {
		return w.Write(cmd.Context(), file, p.ui.resultWriter(), opt)
	}
	if m := manifestBeside(from); m != nil {
		r := &reported{}
		for _, s := range m.Sources {
			r.paths = append(r.paths, evidence.UnescapeName(s.Path))
		}
		if err := p.apartFromMail(r, filepath.Dir(f.output)); err != nil {
			return err
		}
	}
	return writeNew(f.output, func(b *bufio.Writer) error { return w.Write(cmd.Context(), file, b, opt) })
}

// writeNew writes a file for the owner's eyes only, whole or not at all: to another name first.
func writeNew(path string, write func(*bufio.Writer) error) (err error) {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".mailaudit-*") // 0600
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			_ = tmp.Close()
			_ = os.Remove(tmp.Name())
		}
	}()
	b := bufio.NewWriter(tmp)
	if err := write(b); err != nil {
		return err
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err := tmp.Close(); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return os.Rename(tmp.Name(), path)
}
