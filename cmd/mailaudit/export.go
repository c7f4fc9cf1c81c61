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
	arf     string // folder
	show    string // id of a message
	format  string
	output  string // of format: a file, "" for the terminal
	zone    string
	redact  bool
	sources []string
}

func (p *program) exportCommand() *cobra.Command {
	var f exportFlags
	cmd := &cobra.Command{
		Use:   "export [flags] [REPORT_DIR]",
		Short: p.ui.tr("hand on what was found: fakes to report, a message's source, data for other tools", "見つかったものを渡す: 通報用のなりすましメール、メールのソース、ほかのツール用のデータ"),
		Long: p.ui.tr(
			`Hand on what a scan found. REPORT_DIR is the output folder of the scan.

--impersonations reads the mail again and writes the bytes of every impersonation, as
they are stored, into DIR: one .eml file each, and evidence.json with their SHA-256 and
where they were found. Then it says where fakes can be reported, brand by brand.
--arf writes an abuse report (RFC 5965) of each instead, addressed to the brand that it
poses as, or else to those who collect fakes in Japan, the UK and the USA. Nothing is sent.

--show prints the headers and the source of one message so that nothing in them can do
harm: control and invisible characters spelled out, links and addresses written with [.].

--format makes from the records what other tools read: timesketch (a timeline as JSON
lines), misp (an event with an email object for each fake), stix (a STIX 2.1 bundle),
indicators (CSV), ics (days of statements, for a calendar). It goes to FILE, or to the
terminal. Addresses and URLs of fakes stand there as they are.`,
			`スキャンの結果を、ほかの人やほかのツールに渡します。REPORT_DIR はスキャンの出力先フォルダーです。

--impersonations は、メールをもう一度読み、なりすましメールを、保存されているバイト列のまま
1通ずつ .eml として DIR に書き出します。SHA-256 と元の場所は evidence.json に記録し、
ブランドごとの通報先を表示します。--arf は、代わりに1通ずつ通報メール（RFC 5965）を作ります。
宛先は装われたブランドの窓口で、窓口がなければ日本・英国・米国の受付機関です。送信はしません。

--show は、1通のメールのヘッダーとソースを、害のない形で表示します。制御文字や見えない文字は
コードで示し、リンクとアドレスは [.] で区切ります。

--format は、記録からほかのツールが読む形式を作ります。timesketch（JSON行の時系列）、
misp（なりすましメールごとのメールオブジェクト）、stix（STIX 2.1）、indicators（CSV）、
ics（明細と支払いの日のカレンダー）。FILE または端末に出力します。なりすましメールの
アドレスとURLは、そのままの形で入ります。`),
		Example: `  mailaudit export --impersonations fakes mailaudit-report
  mailaudit export --show m-3f2a9c0d11e2b3a4 mailaudit-report
  mailaudit export --format stix --output stix.json mailaudit-report`,
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
	cmd.Flags().StringVar(&f.arf, "arf", "", p.ui.tr("write an abuse report of each impersonation into folder `DIR`", "なりすましメールごとの通報メールをフォルダー `DIR` に書き出す"))
	cmd.Flags().StringVar(&f.show, "show", "", p.ui.tr("show headers and source of the message `ID`, harmlessly", "メール `ID` のヘッダーとソースを安全に表示する"))
	cmd.Flags().StringVar(&f.format, "format", "", p.ui.tr("write `FORMAT`: timesketch, misp, stix, indicators, ics", "`FORMAT`（timesketch, misp, stix, indicators, ics）で書き出す"))
	cmd.Flags().StringVarP(&f.output, "output", "o", "", p.ui.tr("write it to `FILE` (default: the terminal)", "`FILE` に書き込む（省略時は端末に出力）"))
	cmd.Flags().StringVar(&f.zone, "tz", "", p.ui.tr("days are those of `ZONE`, such as Asia/Tokyo", "日付に `ZONE`（Asia/Tokyo など）を使う"))
	cmd.Flags().BoolVar(&f.redact, "redact", false, p.ui.tr("mask other people (with --format)", "本人以外の人物を伏せる（--format のとき）"))
	must(cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(exchangeFormats(), cobra.ShellCompDirectiveNoFileComp)))
	cmd.Flags().StringArrayVar(&f.sources, "source", nil, p.ui.tr("the mail lies at `PATH` now; once for each source, in the order of the scan", "メールの現在の場所 `PATH`。スキャン時の順に、ソースの数だけ指定する"))
	return cmd
}

// checkExport checks that one thing is asked for, and that it can be.
func (p *program) checkExport(cmd *cobra.Command, f exportFlags) error {
	given := 0
	for _, v := range []string{f.fakes, f.arf, f.show, f.format} {
		if v != "" {
			given++
		}
	}
	switch {
	case given == 0:
		return p.usage(cmd, p.ui.tr("say what to export: --impersonations DIR, --arf DIR, --show ID or --format FORMAT", "何を書き出すかを --impersonations DIR、--arf DIR、--show ID、--format FORMAT のいずれかで指定してください"))
	case given > 1:
		return p.usage(cmd, p.ui.tr("only one of --impersonations, --arf, --show and --format at a time", "--impersonations、--arf、--show、--format は一度に1つだけ指定できます"))
	case f.format != "" && !slices.Contains(exchangeFormats(), f.format):
		return p.usage(cmd, fmt.Sprintf(p.ui.tr("--format is one of %s, not %q", "--format に指定できるのは %s です（%q は使えません）"), strings.Join(exchangeFormats(), ", "), f.format))
	case f.output != "" && f.format == "":
		return p.usage(cmd, p.ui.tr("--output belongs to --format", "--output は --format と一緒に指定してください"))
	case f.show != "" && !finding.ValidMessageID(f.show):
		return p.usage(cmd, fmt.Sprintf(p.ui.tr("%q is not the id of a message; the reports show them: m- and 16 digits", "%q はメールのIDではありません。IDはレポートに表示されます（m- と16桁）"), f.show))
	}
	return nil
}

func (p *program) export(cmd *cobra.Command, f exportFlags, from string) error {
	if f.format != "" {
		return p.exportFormat(cmd, f, from)
	}
	r, err := p.reported(cmd, from, f.sources)
	if err != nil {
		return err
	}
	defer r.done()
	switch {
	case f.show != "":
		return p.exportShow(cmd, r, f.show)
	case f.arf != "":
		return p.exportReports(cmd, r, f.arf)
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

	written evidence.Digest // of the file
	message *finding.Message
}

// exportFakes reads the sources of a report again and writes the impersonations.
func (p *program) exportFakes(cmd *cobra.Command, r *reported, dir string) error {
	if err := p.apartFromMail(r, dir); err != nil {
		return err
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

// apartFromMail refuses a folder, or a file, that lies where the mail is.
func (p *program) apartFromMail(r *reported, path string) error {
	abs, err := filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("finding %s: %w", path, err)
	}
	for _, source := range r.paths {
		if inside(abs, source) {
			return &failure{exitUsage, fmt.Sprintf(p.ui.tr("%s is inside a folder of mail", "%s はメールのあるフォルダーの中です"), path), p.ui.tr("nothing is written next to mail; choose another folder", "メールのある場所には何も書き込みません。別のフォルダーを指定してください"), nil}
		}
	}
	return nil
}

// wanted lists the messages of a stream that are asked for, by their place.
func (r *reported) wanted(want func(*finding.Message) bool) (map[string]*exported, error) {
	list := map[string]*exported{}
	err := r.file.Messages(func(_ int, m *finding.Message) error {
		if !want(m) {
			return nil
		}
		e := &exported{ID: m.ID, SHA256: m.SHA256, Location: m.Location, Copies: len(m.Copies), Time: m.Time, From: m.From, Subject: m.Subject, Brand: m.Brand, Rule: m.Rule, message: m}
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
		return &failure{exitUsage, fmt.Sprintf(p.ui.tr("%s is not empty", "%s は空ではありません"), dir), p.ui.tr("name a new folder, so that the fakes are not mixed with anything", "ほかのファイルと混ざらないよう、新しいフォルダーを指定してください"), nil}
	}
	return nil
}

// exporter writes messages as they come by.
type exporter struct {
	p    *program
	dir  string
	list map[string]*exported
	form func(m *exported, stored []byte) ([]byte, error) // what is written of a message; nil: its bytes
}

// write writes one message as stored.
func (x *exporter) write(m *exported, e *mailbox.Extent) error {
	content := e.Data
	if x.form != nil {
		var err error
		if content, err = x.form(m, e.Data); err != nil {
			return err
		}
	}
	m.written = evidence.Sum(content)
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
		_, err = io.Copy(f, bytes.NewReader(content))
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
		if err != nil || got != m.written {
			return fmt.Errorf("%s is not what was written: %w", m.File, err)
		}
		sums.WriteString(m.written.String() + "  " + m.File + "\n")
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
		lines, err := x.p.whereTo(out.Messages)
		if err != nil {
			return err
		}
		for _, line := range lines {
			u.result("%s", line)
		}
	}
	if missing > 0 {
		x.p.code = exitLost
	}
	return nil
}
