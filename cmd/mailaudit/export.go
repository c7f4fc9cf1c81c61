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
	"github.com/mailaudit/mailaudit/analyzer/mailbox"
)

// exportFlags say what is exported; one of them is given.
type exportFlags struct {
	fakes   string // folder
	show    string // id of a message
	sources []string
}

func (p *program) exportCommand() *cobra.Command {
	var f exportFlags
	cmd := &cobra.Command{
		Use:   "export [flags] [REPORT_DIR]",
		Short: p.ui.tr("hand on what was found: fakes, a message's source", "見つかったものを渡す: なりすましメール、メールのソース"),
		Long: p.ui.tr(
			`Hand on what a scan found. REPORT_DIR is the output folder of the scan.

--impersonations reads the mail again and writes the bytes of every impersonation, as
they are stored, into DIR: one .eml file each, and evidence.json with their SHA-256 and
where they were found. Then it says where fakes can be reported, brand by brand.

--show prints the headers and the source of one message so that nothing in them can do
harm: control and invisible characters spelled out, links and addresses written with [.].`,
			`スキャンの結果を、ほかの人やほかのツールに渡します。REPORT_DIR はスキャンの出力先フォルダーです。

--impersonations は、メールをもう一度読み、なりすましメールを、保存されているバイト列のまま
1通ずつ .eml として DIR に書き出します。SHA-256 と元の場所は evidence.json に記録し、
ブランドごとの通報先を表示します。

--show は、1通のメールのヘッダーとソースを、害のない形で表示します。制御文字や見えない文字は
コードで示し、リンクとアドレスは [.] で区切ります。`),
		Example: `  mailaudit export --impersonations fakes mailaudit-report
  mailaudit export --show m-3f2a9c0d11e2b3a4 mailaudit-report`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return p.exactly(1, "REPORT_DIR")(cmd, args)
			}
			return p.checkExport(cmd, f)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := p.checkLang(cmd); err != nil {
				return err
			}
			from := "mailaudit-report"
			if len(args) == 1 {
				from = args[0]
			}
			return p.export(cmd, f, from)
		},
	}
	cmd.Flags().SortFlags = false
	cmd.Flags().StringVar(&f.fakes, "impersonations", "", p.ui.tr("write the impersonations into folder `DIR`", "なりすましメールをフォルダー `DIR` に書き出す"))
	cmd.Flags().StringVar(&f.show, "show", "", p.ui.tr("show headers and source of the message `ID`, harmlessly", "メール `ID` のヘッダーとソースを安全に表示する"))
	cmd.Flags().StringArrayVar(&f.sources, "source", nil, p.ui.tr("the mail lies at `PATH` now; once for each source, in the order of the scan", "メールの現在の場所 `PATH`。スキャン時の順に、ソースの数だけ指定する"))
	return cmd
}

// checkExport checks that one thing is asked for, and that it can be.
func (p *program) checkExport(cmd *cobra.Command, f exportFlags) error {
	switch {
	case f.fakes == "" && f.show == "":
		return p.usage(cmd, p.ui.tr("say what to export: --impersonations DIR or --show ID", "何を書き出すかを --impersonations DIR または --show ID で指定してください"))
	case f.fakes != "" && f.show != "":
		return p.usage(cmd, p.ui.tr("only one of --impersonations and --show at a time", "--impersonations と --show は同時に指定できません"))
	case f.show != "" && !finding.ValidMessageID(f.show):
		return p.usage(cmd, fmt.Sprintf(p.ui.tr("%q is not the id of a message; the reports show them: m- and 16 digits", "%q はメールのIDではありません。IDはレポートに表示されます（m- と16桁）"), f.show))
	}
	return nil
}

func (p *program) export(cmd *cobra.Command, f exportFlags, from string) error {
	r, err := p.reported(cmd, from, f.sources)
	if err != nil {
		return err
	}
	defer r.done()
	if f.show != "" {
		return p.exportShow(cmd, r, f.show)
	}
	return p.exportFakes(cmd, r, f.fakes)
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
	Brand    string            `json:"brand,omitempty"`
	Rule     string            `json:"rule"`
	Hosts    []string          `json:"hosts,omitempty"` // that it links to and that are not the brand's
	Missing  string            `json:"missing,omitempty"`
}

// exportFakes reads the sources of a report again and writes the impersonations.
func (p *program) exportFakes(cmd *cobra.Command, r *reported, dir string) error {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return fmt.Errorf("finding %s: %w", dir, err)
	}
	for _, path := range r.paths {
		if inside(abs, path) {
			return &failure{exitUsage, fmt.Sprintf(p.ui.tr("%s is inside a folder of mail", "%s はメールのあるフォルダーの中です"), dir), p.ui.tr("nothing is written next to mail; choose another folder", "メールのある場所には何も書き込みません。別のフォルダーを指定してください"), nil}
		}
	}
	list, err := r.wanted(func(m *finding.Message) bool { return m.Verdict == finding.Impersonation })
	if err != nil {
		return err
	}
	if err := p.makeEmpty(dir); err != nil {
		return err
	}
	x := &exporter{p: p, dir: dir, list: list}
	if err := r.messages(p, cmd, list, x.write); err != nil {
		return err
	}
	return x.finish()
}

// wanted lists the messages of a stream that are asked for, by their place.
func (r *reported) wanted(want func(*finding.Message) bool) (map[string]*exported, error) {
	list := map[string]*exported{}
	err := r.file.Messages(func(_ int, m *finding.Message) error {
		if !want(m) {
			return nil
		}
		e := &exported{ID: m.ID, SHA256: m.SHA256, Location: m.Location, Copies: len(m.Copies), Time: m.Time, From: m.From, Subject: m.Subject, Brand: m.Brand, Rule: m.Rule}
		if i := m.Location.Source; i >= 0 && i < len(r.manifest.Sources) {
			e.Source = r.manifest.Sources[i].Name
		}
		for _, l := range m.Links {
			if !l.Official && l.Host != "" && !slices.Contains(e.Hosts, l.Host) {
				e.Hosts = append(e.Hosts, l.Host)
			}
		}
		list[placeKey(m.Location)] = e
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
}

// write writes one message as stored.
func (x *exporter) write(m *exported, e *mailbox.Extent) error {
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
			u.say(u.tr("%s was not written: %s", "%s は書き出せませんでした: %s"), m.ID, x.p.missing(m.Missing))
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
