package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/mailbox"
)

func (p *program) exportCommand() *cobra.Command {
	var (
		dir     string
		sources []string
	)
	cmd := &cobra.Command{
		Use:   "export [flags] --impersonations DIR [REPORT_DIR]",
		Short: p.ui.tr("write the fakes as mail files, to report them", "なりすましメールを通報用のファイルに書き出す"),
		Long: p.ui.tr(
			`Read the mail of a scan again and write the bytes of every impersonation, as they are
stored, into DIR: one .eml file each, and evidence.json with their SHA-256 and where
they were found. Then it says where fakes can be reported. REPORT_DIR is the output
folder of the scan.`,
			`スキャンしたメールをもう一度読み、なりすましメールを、保存されているバイト列のまま
1通ずつ .eml として DIR に書き出します。SHA-256 と元の場所は evidence.json に記録し、
通報先を表示します。REPORT_DIR はスキャンの出力先フォルダです。`),
		Example: `  mailaudit export --impersonations fakes mailaudit-report`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return p.exactly(1, "REPORT_DIR")(cmd, args)
			}
			if dir == "" {
				return p.usage(cmd, p.ui.tr("--impersonations DIR is missing", "--impersonations DIR が指定されていません"))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := p.checkLang(cmd); err != nil {
				return err
			}
			from := "mailaudit-report"
			if len(args) == 1 {
				from = args[0]
			}
			return p.export(cmd, dir, from, sources)
		},
	}
	cmd.Flags().SortFlags = false
	cmd.Flags().StringVar(&dir, "impersonations", "", p.ui.tr("write the impersonations into folder `DIR`", "なりすましメールをフォルダ `DIR` に書き出す"))
	cmd.Flags().StringArrayVar(&sources, "source", nil, p.ui.tr("the mail lies at `PATH` now; once for each source, in the order of the scan", "メールの現在の場所 `PATH`。スキャン時の順に、ソースの数だけ指定する"))
	return cmd
}

// evidenceFile is evidence.json.
type evidenceFile struct {
	Tool     string     `json:"tool"`
	Version  string     `json:"version"`
	Written  time.Time  `json:"written"`
	Messages []exported `json:"messages"`
}

// exported is one file that was written, or could not be.
type exported struct {
	File     string            `json:"file,omitempty"`
	ID       string            `json:"id"`
	SHA256   evidence.Digest   `json:"sha256"` // of the message as stored: that of the file too
	Source   string            `json:"source"`
	Location evidence.Location `json:"location"`
	Copies   int               `json:"copies,omitempty"`
	Time     *time.Time        `json:"time,omitempty"`
	From     *finding.Address  `json:"from,omitempty"`
	Subject  string            `json:"subject,omitempty"`
	Rule     string            `json:"rule"`
	Hosts    []string          `json:"hosts,omitempty"` // that it links to and that are not the brand's
	Missing  string            `json:"missing,omitempty"`
}

// export reads the sources of a report again and writes the impersonations.
func (p *program) export(cmd *cobra.Command, dir, from string, moved []string) error {
	m, err := p.scanned(cmd, from, p.ui.tr("scan first, and name the output folder of the scan", "先にスキャンし、その出力先フォルダを指定してください"), moved)
	if err != nil {
		return err
	}
	file, done, err := p.openFindings(from)
	if err != nil {
		return err
	}
	defer done()
	var paths []string
	for i, s := range m.Sources {
		path := evidence.UnescapeName(s.Path)
		if len(moved) > 0 {
			path = moved[i]
		}
		if path == "" {
			return p.usage(cmd, p.ui.tr("the manifest does not say where the mail is; name it with --source", "manifest.json に場所の記録がありません。--source で指定してください"))
		}
		paths = append(paths, path)
	}
	if err := p.checkPaths(paths); err != nil {
		return err
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return fmt.Errorf("finding %s: %w", dir, err)
	}
	for _, path := range paths {
		if inside(abs, path) {
			return &failure{exitUsage, fmt.Sprintf(p.ui.tr("%s lies where the mail is", "%s はメールのある場所です"), dir), p.ui.tr("nothing is written beside mail: name another folder", "メールのある場所には何も書き込みません。別のフォルダを指定してください"), nil}
		}
	}
	list, err := wanted(file, m)
	if err != nil {
		return err
	}
	if err := p.makeEmpty(dir); err != nil {
		return err
	}
	x := &exporter{p: p, dir: dir, list: list}
	for i, path := range paths {
		if err := x.source(cmd, from, i, path, m.Sources[i]); err != nil {
			return err
		}
	}
	return x.finish()
}

// wanted lists the impersonations of a stream by their place.
func wanted(file *finding.File, m *evidence.Manifest) (map[string]*exported, error) {
	list := map[string]*exported{}
	err := file.Messages(func(_ int, r *finding.Message) error {
		if r.Verdict != finding.Impersonation {
			return nil
		}
		e := &exported{ID: r.ID, SHA256: r.SHA256, Location: r.Location, Copies: len(r.Copies), Time: r.Time, From: r.From, Subject: r.Subject, Rule: r.Rule}
		if i := r.Location.Source; i < len(m.Sources) {
			e.Source = m.Sources[i].Name
		}
		for _, l := range r.Links {
			if !l.Official && l.Host != "" && !slices.Contains(e.Hosts, l.Host) {
				e.Hosts = append(e.Hosts, l.Host)
			}
		}
		list[placeKey(r.Location)] = e
		return nil
	})
	return list, err
}

// makeEmpty makes a folder, or takes one that is empty: evidence is not mixed with anything.
func (p *program) makeEmpty(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making %s: %w", dir, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("reading %s: %w", dir, err)
	}
	if len(entries) > 0 {
		return &failure{exitUsage, fmt.Sprintf(p.ui.tr("%s is not empty", "%s は空ではありません"), dir), p.ui.tr("name a new folder, so that the fakes are not mixed with anything", "ほかのファイルと混ざらないよう、新しいフォルダを指定してください"), nil}
	}
	return nil
}

// exporter writes messages as they come by.
type exporter struct {
	p    *program
	dir  string
	list map[string]*exported
	name string // of a source that is a file, as the scan knew it
}

func (x *exporter) source(cmd *cobra.Command, from string, index int, path string, s evidence.Original) error {
	src, err := mailbox.Open(path, index)
	if err != nil {
		return err
	}
	x.name = ""
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		x.name = s.Name
	}
	abs, err := filepath.Abs(from)
	if err != nil {
		return fmt.Errorf("finding the report folder: %w", err)
	}
	_, err = mailbox.Walk(cmd.Context(), src, mailbox.Config{Limits: limit.Default(), Exclude: []string{abs}, Now: x.p.now}, exportSink{rereader{}, x})
	if err != nil {
		return fmt.Errorf("reading %s again: %w", s.Name, err)
	}
	return nil
}

// exportSink passes over all but the messages that are wanted.
type exportSink struct {
	rereader
	x *exporter
}

// Batch implements mailbox.Sink.
func (s exportSink) Batch(b mailbox.Batch) error {
	for i := range b.Extents {
		e := &b.Extents[i]
		at := e.Location
		if s.x.name != "" && len(at.Path) > 0 {
			at.Path = append([]string{s.x.name}, at.Path[1:]...)
		}
		if m := s.x.list[placeKey(at)]; m != nil {
			if err := s.x.write(m, e); err != nil {
				return err
			}
		}
	}
	return nil
}

// write writes one message as stored, if it is still the one that was reported.
func (x *exporter) write(m *exported, e *mailbox.Extent) error {
	switch {
	case int64(len(e.Data)) < e.Location.Length:
		m.Missing = "longer than what is held in memory"
		return nil
	case evidence.Sum(e.Data) != m.SHA256:
		m.Missing = "no longer as it was reported"
		return nil
	case !finding.ValidMessageID(m.ID):
		// It would be the name of a file, and the stream may come from anybody.
		m.Missing = "its id is none"
		return nil
	}
	name := m.ID + ".eml"
	for n := 2; ; n++ {
		f, err := os.OpenFile(filepath.Join(x.dir, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if os.IsExist(err) {
			name = fmt.Sprintf("%s-%d.eml", m.ID, n) // two messages with one id: the digests differ
			continue
		}
		if err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
		_, err = io.Copy(f, bytes.NewReader(e.Data))
		if cerr := f.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
		m.File = name
		return nil
	}
}

// finish writes evidence.json and SHA256SUMS, reads the files again, and says where to send them.
func (x *exporter) finish() error {
	u := x.p.ui
	out := evidenceFile{Tool: evidence.ManifestTool, Version: version, Written: x.p.now().UTC(), Messages: []exported{}}
	var sums strings.Builder
	missing := 0
	for _, m := range x.list {
		if m.File == "" && m.Missing == "" {
			m.Missing = "no longer at its place"
		}
		out.Messages = append(out.Messages, *m)
	}
	slices.SortFunc(out.Messages, func(a, b exported) int { return a.Location.Compare(b.Location) })
	for _, m := range out.Messages {
		if m.File == "" {
			missing++
			u.say(u.tr("%s was not written: %s", "%s は書き出せませんでした: %s"), m.ID, m.Missing)
			continue
		}
		got, err := digestOf(filepath.Join(x.dir, m.File))
		if err != nil || got != m.SHA256 {
			return fmt.Errorf("%s is not what was written: %w", m.File, err)
		}
		sums.WriteString(m.SHA256.String() + "  " + m.File + "\n")
	}
	raw, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return err
	}
	for name, content := range map[string][]byte{"evidence.json": append(raw, '\n'), "SHA256SUMS": []byte(sums.String())} {
		if err := os.WriteFile(filepath.Join(x.dir, name), content, 0o600); err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
	}
	sum := sha256.Sum256(append(raw, '\n'))
	u.result(u.trN(int64(len(out.Messages)-missing), "%d impersonation written to %s; SHA-256 of evidence.json: %s", "%d impersonations written to %s; SHA-256 of evidence.json: %s", "なりすましメール %d 通を %s に書き出しました。evidence.json の SHA-256: %s"), len(out.Messages)-missing, x.dir, fmt.Sprintf("%x", sum))
	if len(out.Messages) > missing {
		for _, line := range x.whereTo() {
			u.result("%s", line)
		}
	}
	if missing > 0 {
		x.p.code = exitLost
	}
	return nil
}

// whereTo says where fakes can be reported. The places are those of analyzer/attention/steps.toml, with their sources.
func (x *exporter) whereTo() []string {
	u := x.p.ui
	return []string{
		u.tr("Attach the files to a mail of your own; do not forward their text, and do not open their links. Report them to:",
			"ファイルは新しいメールに添付して送ってください。本文を転送したり、中のリンクを開いたりしないでください。通報先:"),
		u.tr("  Amazon: stop-spoofing@amazon.com", "  Amazon: stop-spoofing@amazon.com"),
		u.tr("  Japan: Council of Anti-Phishing Japan, info@antiphishing.jp; where money or data was lost, the police (#9110)",
			"  日本: フィッシング対策協議会 info@antiphishing.jp。被害があったときは警察（#9110）"),
		u.tr("  UK: report@phishing.gov.uk", "  英国: report@phishing.gov.uk"),
		u.tr("  USA and elsewhere: Anti-Phishing Working Group, reportphishing@apwg.org", "  米国・その他: Anti-Phishing Working Group reportphishing@apwg.org"),
	}
}
