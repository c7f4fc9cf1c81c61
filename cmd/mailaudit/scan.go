package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/mailaudit/mailaudit/analyzer"
	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/report"
)

// scanFlags are the flags of scan as typed.
type scanFlags struct {
	dir      string
	look     lookFlags
	read     readFlags
	failOn   string
	quiet    bool
	still    bool // --no-progress
	open     bool // show the page in the browser
	caseName string
	examiner string
	records  []string // --amazon-data
	new      newFlags
}

func (p *program) scanCommand() *cobra.Command {
	var f scanFlags
	cmd := &cobra.Command{
		Use:   "scan [flags] PATH...",
		Short: p.ui.tr("read mailboxes and report what they say", "メールボックスを読み、結果をレポートにまとめる"),
		Long: p.ui.tr(
			`Read mailboxes and report: was the account touched, which mails are fakes, which
statements were missed, and what to do now.

PATH is an mbox, a Maildir, a folder of .eml files, a Thunderbird profile, an
Outlook data file (.pst, .ost), or an archive (.zip, .tgz) such as Google Takeout
gives. The file type is detected from its content, not its name. Several paths make
one case.

The result is printed, and reports are written to the output folder. The exit
code is 0 when nothing needs a person, 1 when something does, 3 when mail could
not be read, 4 when there is no mailbox.`,
			`メールボックスを読み、アカウントに異変はなかったか、どのメールが偽物か、
どの利用明細を見落としたか、いま何をすればよいかを報告します。

PATH には mbox、Maildir、.eml のフォルダー、Thunderbirdのプロファイル、
Outlookのデータファイル（.pst、.ost）、Google Takeoutなどのアーカイブ（.zip、.tgz）を指定できます。種類は中身から
判断します。複数のPATHは、まとめて一件として扱います。

結果を表示し、レポートを出力先のフォルダーに書き込みます。終了コードは、対応の
必要がなければ 0、あれば 1、読めなかったメールがあれば 3、メールボックスが
なければ 4 です。`),
		Example: `  mailaudit scan ~/Mail
  mailaudit scan takeout-20260301-001.zip takeout-20260301-002.zip
  mailaudit scan --output ~/audit --lang ja ~/.thunderbird
  mailaudit scan ~/Mail --amazon-data "Your Orders.zip"`,
		Args: p.scanArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.new.on {
				if len(f.records) > 0 {
					return p.usage(cmd, p.ui.tr("--amazon-data does not go with --new: such records are of one day", "--amazon-data は --new と一緒には使えません（取り寄せた日の記録のため）"))
				}
				return p.scanNew(cmd, f, args)
			}
			for _, name := range []string{"json", "wait", "notify-cmd", "notify-timeout"} {
				if cmd.Flags().Changed(name) {
					return p.onlyNew(cmd, name)
				}
			}
			return p.scan(cmd, f, args)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVarP(&f.dir, "output", "o", "mailaudit-report", p.ui.tr("write the reports into folder `DIR`", "レポートをフォルダー `DIR` に書き込む"))
	p.addLookFlags(cmd, &f.look)
	p.addReadFlags(cmd, &f.read)
	flags.StringArrayVar(&f.records, "amazon-data", nil, p.ui.tr("hold the mail against `ARCHIVE`: what Amazon gives on \"Request My Data\", or a card statement (CSV, OFX); repeatable", "Amazonの「データをリクエスト」で届いた `ARCHIVE` や、カードの利用明細（CSV、OFX）をメールと照らし合わせる（複数指定可）"))
	flags.StringVar(&f.failOn, "fail-on", "high", p.ui.tr("exit with 1 from this `LEVEL` on: critical, high, medium, low, info, never", "この重大度 `LEVEL` 以上があれば終了コード 1 とする: critical, high, medium, low, info, never"))
	flags.BoolVarP(&f.quiet, "quiet", "q", false, p.ui.tr("print nothing but errors", "エラーのほかは何も表示しない"))
	flags.BoolVar(&f.still, "no-progress", false, p.ui.tr("show no progress line", "進み具合を表示しない"))
	flags.BoolVar(&f.open, "open", false, p.ui.tr("open the finished page in the browser", "できあがったページをブラウザーで開く"))
	flags.StringVar(&f.caseName, "case", "", p.ui.tr("note `TEXT` in the manifest as the case", "案件名 `TEXT` を manifest.json に記録する"))
	flags.StringVar(&f.examiner, "examiner", "", p.ui.tr("note `TEXT` in the manifest as the examiner", "担当者 `TEXT` を manifest.json に記録する"))
	p.addNewFlags(cmd, &f.new)
	levels := []string{"never"}
	for _, s := range finding.Severities() {
		levels = append(levels, string(s))
	}
	must(cmd.RegisterFlagCompletionFunc("fail-on", cobra.FixedCompletions(levels, cobra.ShellCompDirectiveNoFileComp)))
	return cmd
}

// onlyNew refuses a flag that does nothing without --new.
func (p *program) onlyNew(cmd *cobra.Command, name string) error {
	err := &failure{exitUsage, fmt.Sprintf(p.ui.tr("--%s goes with --new only", "--%s は --new と一緒に指定してください"), name), p.helpHint(cmd), nil}
	if name == "json" {
		err.hint = p.ui.tr("a scan writes JSON into findings.jsonl: --format jsonl", "スキャンの結果は findings.jsonl に JSON で書き込まれます（--format jsonl）")
	}
	return err
}

// scanArgs wants a path. Without one it says which mail is on this computer.
func (p *program) scanArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return nil
	}
	missing := p.usage(cmd, p.ui.tr("PATH is missing", "PATH が指定されていません"))
	if found, err := p.find(cmd.Context()); err == nil && len(found.Stores) > 0 {
		p.ui.say("%s", p.ui.tr("this mail is on this computer:", "このコンピューターには次のメールがあります:"))
		p.listFound(found, p.ui.say)
		missing = &failure{
			exitUsage, missing.Error(),
			fmt.Sprintf(p.ui.tr("for example: mailaudit scan %s", "例: mailaudit scan %s"), quoted(found.Stores[0].Paths[0])), nil,
		}
	}
	return missing
}

// quoted is a path as a shell takes it.
func quoted(path string) string {
	if strings.ContainsAny(path, " \t'\"$&()*;<>?[]`{|}!") {
		return `"` + path + `"`
	}
	return path
}

// scan is the main job: analyse, then write the reports from the record stream.
func (p *program) scan(cmd *cobra.Command, f scanFlags, paths []string) error {
	started := p.now()
	failOn, err := p.failOn(cmd, f.failOn)
	if err != nil {
		return err
	}
	look, err := p.look(cmd, f.look)
	if err != nil {
		return err
	}
	look.caseName, look.examiner = f.caseName, f.examiner
	if f.open && !slices.Contains(look.formats, "html") {
		return p.usage(cmd, p.ui.tr("--open needs the page: add html to --format", "--open にはページが必要です。--format に html を加えてください"))
	}
	cfg, err := p.config(cmd, f.read, look, paths)
	if err != nil {
		return err
	}
	cfg.Records = f.records
	if err := p.checkPaths(f.records); err != nil {
		return err
	}
	out, err := p.openOutput(f.dir, append(slices.Clone(paths), f.records...))
	if err != nil {
		return err
	}
	defer out.close()
	cfg.Dir = out.dir
	cfg.Acknowledged = acknowledged(p.acknowledgements(f.new.state), started)

	defer cores(cfg.Workers)()
	defer tuneMemory(p.getenv)()
	ctx, stop := p.interruptible(cmd.Context())
	defer stop()
	switch {
	case p.watch != nil:
		cfg.Progress = p.watch
	case !f.quiet && !f.still && isTerminal(p.ui.err):
		pr := newProgress(ctx, p.ui, p.now, paths)
		cfg.Progress = pr.step
	}
	stream, err := os.CreateTemp(out.dir, tempPrefix+"*.tmp")
	if err != nil {
		return p.unwritable(f.dir, err)
	}
	defer func() { _ = stream.Close(); _ = os.Remove(stream.Name()) }()
	result, err := analyzer.Scan(ctx, cfg, stream)
	p.ui.endProgress()
	if errors.Is(err, analyzer.ErrRecords) {
		return &failure{
			exitUsage, fmt.Sprintf(p.ui.tr("--amazon-data %s: there is no table of Amazon's in it, and no card statement", "--amazon-data %s には、Amazonの記録の表も、カードの利用明細もありません"), strings.Join(f.records, ", ")),
			p.ui.tr("give the .zip that Amazon sent, the folder it was unpacked to, or a statement as CSV or OFX", "Amazonから届いた .zip か、その展開先のフォルダー、CSVかOFXの利用明細を指定してください"), err,
		}
	}
	if err != nil {
		return err
	}
	p.unusedTrust(&result)
	if err := p.outOfBounds(cmd, f.read, &cfg, &result, look.zone); err != nil {
		return err
	}
	file, err := openStream(stream)
	if err != nil {
		return err
	}
	// Reports of what was read are written after an interrupt too.
	failed := p.writeReports(cmd.Context(), out, file, stream, look)
	m := p.manifest(&result, f, started)
	if err := errors.Join(failed, out.finish(m)); err != nil {
		return err
	}
	if result.Complete && result.Summary.Messages == 0 && result.Summary.Lost > 0 {
		return p.unread(file, paths, outcome(&result, failOn))
	}
	if f.open {
		p.show(fileAddress(filepath.Join(out.dir, report.FileName("html"))))
	}
	if !f.quiet {
		if err := p.printResult(cmd.Context(), file, look, out.paths(f.dir)); err != nil {
			return err
		}
		if err := p.unread(file, paths, 0); err != nil {
			return err
		}
	}
	if !result.Complete {
		p.ui.say(p.ui.trN(result.Summary.Messages, "interrupted: the reports tell of the %d message that was read", "interrupted: the reports tell of the %d messages that were read", "中断しました。レポートは、読み終えた %d 通についてのものです"), result.Summary.Messages)
	}
	p.code = outcome(&result, failOn)
	return nil
}

// outOfBounds refuses --since and --until that leave out all mail: a report on nothing would still answer.
func (p *program) outOfBounds(cmd *cobra.Command, f readFlags, cfg *analyzer.Config, r *analyzer.Result, zone *time.Location) error {
	if len(r.Summary.Span) != 2 || !r.Complete {
		return nil
	}
	oldest, newest := r.Summary.Span[0], r.Summary.Span[1]
	day := func(t time.Time) string { return t.In(zone).Format(time.DateOnly) }
	switch {
	case !cfg.Since.IsZero() && newest.Before(cfg.Since):
		return p.usage(cmd, fmt.Sprintf(p.ui.tr("no message is as new as --since %s: the newest is of %s", "--since %s 以降のメールはありません。最新のメールは %s のものです"), f.since, day(newest)))
	case !cfg.Until.IsZero() && !oldest.Before(cfg.Until):
		return p.usage(cmd, fmt.Sprintf(p.ui.tr("no message is as old as --until %s: the oldest is of %s", "--until %s までのメールはありません。最も古いメールは %s のものです"), f.until, day(oldest)))
	}
	return nil
}

// failOn reads --fail-on; "never" gives the empty severity.
func (p *program) failOn(cmd *cobra.Command, level string) (finding.Severity, error) {
	if level == "never" {
		return "", nil
	}
	if s := finding.Severity(level); s.Level() > 0 {
		return s, nil
	}
	return "", p.usage(cmd, fmt.Sprintf(p.ui.tr("--fail-on is critical, high, medium, low, info or never, not %q", "--fail-on は critical, high, medium, low, info, never のいずれかです（%q は使えません）"), level))
}

// interruptible returns a context that the first Ctrl-C ends: reading stops, and what was read is concluded. The second
// one leaves at once.
func (p *program) interruptible(parent context.Context) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancel(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		for n := 0; ; n++ {
			select {
			case <-done:
				return
			case <-signals:
			}
			if n > 0 {
				p.leave(exitInterrupted)
				return
			}
			p.ui.say(p.ui.tr("stopping; concluding over what was read (Ctrl-C again leaves at once)", "読み込みを止め、読み終えた分の結果をまとめます（もう一度 Ctrl-C を押すと直ちに終了します）"))
			cancel()
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(done)
		cancel()
	}
}

// writeReports writes each format that was asked for. One that fails does not take the others with it. stream is a temporary
// file of the folder that holds the record stream, nil for none: it becomes findings.jsonl as it is, but on Windows, where
// an open file cannot be renamed.
func (p *program) writeReports(ctx context.Context, out *output, file *finding.File, stream *os.File, look look) error {
	var failed []error
	for _, name := range look.formats {
		if name == "jsonl" && !look.redact && stream != nil && runtime.GOOS != "windows" {
			failed = append(failed, out.adopt(report.FileName(name), stream))
			continue
		}
		w, err := report.Open(name)
		if err == nil {
			opt := look.options(p)
			opt.Scratch = out.dir
			err = out.write(report.FileName(name), func(to io.Writer) error { return w.Write(ctx, file, to, opt) })
		}
		failed = append(failed, err)
	}
	return errors.Join(failed...)
}

// printResult prints the short result.
func (p *program) printResult(ctx context.Context, file *finding.File, look look, paths []string) error {
	w, err := report.Open("text")
	if err != nil {
		return err
	}
	opt := look.options(p)
	opt.Paths = paths
	return w.Write(ctx, file, p.ui.resultWriter(), opt)
}

// manifest says what this run read and wrote. With --redact it names no machine and no folder.
func (p *program) manifest(r *analyzer.Result, f scanFlags, started time.Time) *evidence.Manifest {
	m := &evidence.Manifest{
		Tool: evidence.ManifestTool, Form: evidence.ManifestForm, Version: version, RulesDigest: r.Rules,
		Case: f.caseName, Examiner: f.examiner, Started: started.UTC(), Complete: r.Complete, Finished: p.now().UTC(),
	}
	if !r.AsOf.IsZero() {
		t := r.AsOf.UTC()
		m.AsOf = &t
	}
	if zone, err := p.zone(nil, f.look.zone); err == nil {
		m.Zone = zoneName(zone)
	}
	if !f.look.redact {
		m.Command = slices.Clone(p.args)
		if host, err := os.Hostname(); err == nil {
			m.Host = host
		}
	}
	for i := range r.Attention {
		if r.Attention[i].Acknowledged != nil {
			m.Acknowledged = append(m.Acknowledged, r.Attention[i].ID)
		}
	}
	for i := range r.Sources {
		s := &r.Sources[i]
		o := evidence.Original{Name: evidence.EscapeName(s.Name), Size: s.Size, SHA256: s.SHA256}
		if abs, err := filepath.Abs(s.Path); err == nil && !f.look.redact {
			o.Path = evidence.EscapeName(abs)
		}
		if info, err := os.Stat(s.Path); err == nil {
			t := info.ModTime().UTC()
			o.Modified = &t
		}
		m.Sources = append(m.Sources, o)
	}
	for i := range r.Beside {
		s := &r.Beside[i]
		o := evidence.Original{Name: evidence.EscapeName(filepath.Base(s.Path)), Size: s.Size, SHA256: s.SHA256}
		if abs, err := filepath.Abs(s.Path); err == nil && !f.look.redact {
			o.Path = evidence.EscapeName(abs)
		}
		m.Beside = append(m.Beside, o)
	}
	if f.look.redact {
		maskSources(m)
	}
	return m
}

// openStream indexes a stream that was just written.
func openStream(f *os.File) (*finding.File, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("reading findings: %w", err)
	}
	return finding.Open(f, info.Size())
}

// cores keeps the process to n cores while a scan runs: --workers 1 means one core.
func cores(n int) (restore func()) {
	old := runtime.GOMAXPROCS(n)
	return func() { runtime.GOMAXPROCS(old) }
}

// checkPaths refuses what was mistyped before hours are spent on the rest.
func (p *program) checkPaths(paths []string) error {
	for _, path := range paths {
		info, err := os.Stat(path)
		switch {
		case err == nil && !info.IsDir() && !info.Mode().IsRegular():
			return &failure{
				exitUsage, fmt.Sprintf(p.ui.tr("%s is neither a file nor a folder", "%s はファイルでもフォルダーでもありません"), path),
				p.ui.tr("mail that comes through a pipe can be written to a file first", "パイプで受け取るメールは、いったんファイルに保存してください"), nil,
			}
		case err == nil:
		case errors.Is(err, os.ErrNotExist):
			hint := p.ui.tr("check the spelling; put names with spaces in quotes", "つづりをご確認ください。空白を含む名前は引用符で囲んでください")
			if strings.HasPrefix(path, "~") {
				hint = p.ui.tr("the shell expands ~ only outside quotes", "~ は引用符の中では展開されません")
			}
			return &failure{exitUsage, fmt.Sprintf(p.ui.tr("there is no %s", "%s が見つかりません"), path), hint, err}
		default:
			return &failure{exitUsage, err.Error(), p.ui.tr("the mail must be readable by you", "メールを読み取る権限が必要です"), err}
		}
	}
	return nil
}
