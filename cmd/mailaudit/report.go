package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/report/view"
)

func (p *program) reportCommand() *cobra.Command {
	var (
		f     lookFlags
		dir   string
		quiet bool
	)
	cmd := &cobra.Command{
		Use:   "report [flags] FINDINGS",
		Short: p.ui.tr("rebuild the reports from findings.jsonl", "findings.jsonl からレポートを作り直す"),
		Long: p.ui.tr(
			`Make reports from a saved record stream, without reading the mail again: in
another language or time zone, in another format, or redacted for handing over.
With the same options the reports are the same bytes as those of the scan: times are
shown in the scan's zone, as its manifest.json notes it, unless --tz says otherwise.

--redact masks everybody but the owner of the mailbox: names, addresses, telephone,
card and post-code numbers, streets, other people's subjects, quotations, link texts
and paths, private hosts, attachments, own folders and labels. It keeps, by design:
the owner's addresses and name; Amazon's and the card issuers' own addresses; the
domains and hosts of fakes, and the name they posed under; times, verdicts, order
numbers, amounts and the last digits of cards; receivers' servers; ids, digests and
places in the mailbox. A bare name in the subject of a notice can only be masked if
its bearer wrote or got one of the mails, or a title or greeting stands beside it.`,
			`保存された結果（findings.jsonl）からレポートを作り直します。メールは読み直しません。
別の言語やタイムゾーン、別の形式で作ったり、第三者に渡すために個人情報を伏せたりできます。
同じオプションなら、スキャン時とまったく同じ内容になります。--tz がなければ、
manifest.json に記録されたスキャン時のタイムゾーンを使います。

--redact は、メールボックスの持ち主以外の人を伏せます。氏名、アドレス、電話番号、
カード番号、郵便番号、住所、人どうしのメールの件名、本文からの引用、リンクの文字とパス、
個人のホスト、添付ファイル名、独自のフォルダー名とラベルが対象です。
次のものは、証拠として残します。持ち主のアドレスと名前、Amazonとカード会社自身の
アドレス、なりすましメールのドメインとホスト、かたった名前、日時、判定、注文番号、金額、
カードの末尾の数字、受信サーバー、ID、ハッシュ値、メールボックス内の位置。
通知の件名にある名前は、その人がメールのやり取りに現れるか、敬称や挨拶が添えられて
いる場合に伏せられます。`),
		Example: `  mailaudit report --lang en --output report-en mailaudit-report/findings.jsonl
  mailaudit report --redact --output for-the-bank mailaudit-report/findings.jsonl`,
		Args: p.exactly(1, "FINDINGS"),
		RunE: func(cmd *cobra.Command, args []string) error { return p.report(cmd, f, dir, quiet, args[0]) },
	}
	cmd.Flags().SortFlags = false
	cmd.Flags().StringVarP(&dir, "output", "o", "mailaudit-report", p.ui.tr("write the reports into folder `DIR`", "レポートをフォルダー `DIR` に書き込む"))
	p.addLookFlags(cmd, &f)
	cmd.Flags().BoolVarP(&quiet, "quiet", "q", false, p.ui.tr("print nothing but errors", "エラーのほかは何も表示しない"))
	return cmd
}

// report writes reports from a saved stream.
func (p *program) report(cmd *cobra.Command, f lookFlags, dir string, quiet bool, path string) error {
	started := p.now()
	look, err := p.look(cmd, f)
	if err != nil {
		return err
	}
	file, done, err := p.openFindings(path)
	if err != nil {
		return err
	}
	defer done()
	if !look.named {
		look.zone = scannedZone(path, look.zone)
	}
	out, err := p.openOutput(dir, nil)
	if err != nil {
		return err
	}
	defer out.close()
	m := &evidence.Manifest{
		Tool: evidence.ManifestTool, Form: evidence.ManifestForm, Version: version, RulesDigest: file.Config().RulesDigest,
		AsOf: file.Config().AsOf, Zone: zoneName(look.zone), Started: started.UTC(), Complete: file.Summary().Complete,
	}
	// What the scan knew of its sources stands beside the stream.
	if old := manifestBeside(path); old != nil {
		m.Sources, m.Case, m.Examiner = old.Sources, old.Case, old.Examiner
		look.caseName, look.examiner = old.Case, old.Examiner
	}
	if look.redact {
		maskSources(m)
	} else {
		m.Command = p.args
	}
	// The stream itself may lie in the folder: it is read from the open file while its new copy takes its place.
	if err := p.writeReports(cmd.Context(), out, file, nil, look); err != nil {
		return err
	}
	m.Finished = p.now().UTC()
	if out.old != nil && sameFile(path, filepath.Join(out.dir, "findings.jsonl")) {
		keepOthers(out)
	}
	if err := out.finish(m); err != nil {
		return err
	}
	if quiet {
		return nil
	}
	return p.printResult(cmd.Context(), file, look, out.paths(dir))
}

// maskSources takes names of files and folders out of a manifest, as they are taken out of a masked stream.
func maskSources(m *evidence.Manifest) {
	names := make([]string, len(m.Sources))
	for i, s := range m.Sources {
		names[i] = s.Name
	}
	for i, name := range view.MaskNames(names) {
		m.Sources[i].Name, m.Sources[i].Path = name, ""
	}
	for i := range m.Beside {
		m.Beside[i].Name, m.Beside[i].Path = fmt.Sprintf("records-%d", i+1), ""
	}
}

// keepOthers keeps the reports of the same stream that were not made again.
func keepOthers(out *output) {
	for _, f := range out.old.Files {
		kept := false
		for _, w := range out.files {
			kept = kept || w.Name == f.Name
		}
		if got, err := digestOf(filepath.Join(out.dir, f.Name)); !kept && err == nil && got == f.SHA256 {
			out.files = append(out.files, f)
		}
	}
}

func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// openFindings opens a stream, or that of a report folder.
func (p *program) openFindings(path string) (file *finding.File, done func(), err error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, "findings.jsonl")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, &failure{
			exitUsage, fmt.Sprintf(p.ui.tr("there is no %s", "%s が見つかりません"), path),
			p.ui.tr("mailaudit scan writes findings.jsonl into its output folder", "findings.jsonl は、mailaudit scan が出力先のフォルダーに作成します"), err,
		}
	}
	file, err = openStream(f)
	if err == nil {
		return file, func() { _ = f.Close() }, nil
	}
	_ = f.Close()
	if errors.Is(err, finding.ErrNotFindings) || errors.Is(err, finding.ErrProtocol) || errors.Is(err, finding.ErrLine) {
		return nil, nil, &failure{
			exitUsage, fmt.Sprintf(p.ui.tr("%s cannot be read: %v", "%s を読み取れません: %v"), path, err),
			p.ui.tr("it must be a findings.jsonl that this version of mailaudit, or an earlier one, wrote", "このバージョン以前の mailaudit が作成した findings.jsonl を指定してください"), err,
		}
	}
	return nil, nil, err
}

// scannedZone is the zone in which a scan showed its times, as the manifest beside its stream says; otherwise where it does not.
func scannedZone(path string, otherwise *time.Location) *time.Location {
	if m := manifestBeside(path); m != nil && m.Zone != "" && m.Zone != "Local" {
		if z, err := time.LoadLocation(m.Zone); err == nil {
			return z
		}
	}
	return otherwise
}

// zoneName is a zone's name for the manifest, "" for the machine's that has none.
func zoneName(z *time.Location) string {
	if z == time.Local {
		return ""
	}
	return z.String()
}

// manifestBeside reads the manifest beside a stream, or in a report folder; nil where there is none.
func manifestBeside(path string) *evidence.Manifest {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, "findings.jsonl")
	}
	f, err := os.Open(filepath.Join(filepath.Dir(path), evidence.ManifestName))
	if err != nil {
		return nil
	}
	defer func() { _ = f.Close() }()
	m, err := evidence.ReadManifest(f)
	if err != nil {
		return nil
	}
	return m
}

// scanned is the manifest of a report folder, for reading its mail again: where the sources lie now is told by moved, once for
// each or not at all. hint says what to name where dir is no such folder.
func (p *program) scanned(cmd *cobra.Command, dir, hint string, moved []string) (*evidence.Manifest, error) {
	m := manifestBeside(filepath.Join(dir, evidence.ManifestName))
	if m == nil {
		return nil, &failure{
			exitUsage, fmt.Sprintf(p.ui.tr("%s holds no manifest of mailaudit", "%s に mailaudit の manifest.json がありません"), dir), hint, nil,
		}
	}
	if len(moved) > 0 && len(moved) != len(m.Sources) {
		return nil, p.usage(cmd, fmt.Sprintf(p.ui.tr("the scan had %d sources: name each of them with --source, in that order", "スキャンしたソースは %d 個です。--source をその順に、すべて指定してください"), len(m.Sources)))
	}
	return m, nil
}
