package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/mailbox"
)

// reported is what a scan left behind, for reading some of its mail again.
type reported struct {
	dir      string // of the reports
	manifest *evidence.Manifest
	file     *finding.File
	paths    []string // where the sources lie now
	done     func()
}

// reported opens a report folder and finds its sources; moved names where they lie now, once for each or not at all.
func (p *program) reported(cmd *cobra.Command, dir string, moved []string) (*reported, error) {
	m, err := p.scanned(cmd, dir, p.ui.tr("scan first, and name the output folder of the scan", "先にスキャンし、その出力先フォルダーを指定してください"), moved)
	if err != nil {
		return nil, err
	}
	r := &reported{dir: dir, manifest: m}
	for i, s := range m.Sources {
		path := evidence.UnescapeName(s.Path)
		if len(moved) > 0 {
			path = moved[i]
		}
		if path == "" {
			return nil, p.usage(cmd, p.ui.tr("the manifest does not say where the mail is; name it with --source", "manifest.json に場所の記録がありません。--source で指定してください"))
		}
		r.paths = append(r.paths, path)
	}
	if err := p.checkPaths(r.paths); err != nil {
		return nil, err
	}
	r.file, r.done, err = p.openFindings(dir)
	return r, err
}

// messages reads the sources again and hands the messages of list, by their place, to take as they come by.
func (r *reported) messages(p *program, cmd *cobra.Command, list map[string]*exported, take func(*exported, *mailbox.Extent) error) error {
	abs, err := filepath.Abs(r.dir)
	if err != nil {
		return fmt.Errorf("finding the report folder: %w", err)
	}
	for i, path := range r.paths {
		src, err := mailbox.Open(path, i)
		if err != nil {
			return err
		}
		s := exportSink{list: list, take: take}
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			s.name = r.manifest.Sources[i].Name
		}
		_, err = mailbox.Walk(cmd.Context(), src, mailbox.Config{Limits: limit.Default(), Exclude: []string{abs}, Now: p.now}, s)
		if err != nil {
			return fmt.Errorf("reading %s again: %w", r.manifest.Sources[i].Name, err)
		}
	}
	return nil
}

// exportSink passes over all but the messages that are wanted.
type exportSink struct {
	rereader
	list map[string]*exported
	take func(*exported, *mailbox.Extent) error
	name string // of a source that is a file, as the scan knew it
}

// Batch implements mailbox.Sink.
func (s exportSink) Batch(b mailbox.Batch) error {
	for i := range b.Extents {
		e := &b.Extents[i]
		at := e.Location
		if s.name != "" && len(at.Path) > 0 {
			at.Path = append([]string{s.name}, at.Path[1:]...)
		}
		m := s.list[placeKey(at)]
		if m == nil {
			continue
		}
		if m.Missing = changed(m, e); m.Missing != "" {
			continue
		}
		if err := s.take(m, e); err != nil {
			return err
		}
	}
	return nil
}

// changed says why a message is not the one that was reported; "" if it is.
func changed(m *exported, e *mailbox.Extent) string {
	switch {
	case int64(len(e.Data)) < e.Location.Length:
		return "longer than what is held in memory"
	case evidence.Sum(e.Data) != m.SHA256:
		return "no longer as it was reported"
	case !finding.ValidMessageID(m.ID):
		// It would be the name of a file, and the stream may come from anybody.
		return "its id is none"
	}
	return ""
}
