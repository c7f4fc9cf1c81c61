package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mailaudit/mailaudit/analyzer"
	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/report"
	"github.com/mailaudit/mailaudit/report/view"
)

func (p *program) explainCommand() *cobra.Command {
	var (
		f    readFlags
		dir  string
		zone string
	)
	cmd := &cobra.Command{
		Use:   "explain [flags] PATH | ID",
		Short: p.ui.tr("explain the verdict on one message, step by step", "1通のメールについて、そう判定した理由を順に説明する"),
		Long: p.ui.tr(
			`Tell why a message is judged as it is: where its bytes are, whom its receiver
trusted, what the authentication says, each signal with what was seen, and the row
of the decision table that applied.

ID is that of a reported message, m- and 16 digits; it is looked up in the report
folder. PATH is a message of its own, such as an .eml file, or a mailbox, then
PATH@OFFSET picks one message of it.`,
			`メールがそう判定された理由を説明します。元データの場所、受信サーバーの認証結果、
見つかった手がかりとその根拠、当てはまった判定規則を順に示します。

ID は報告されたメールの番号（m- と16桁）で、レポートのフォルダーから探します。
PATH は .eml などのメールファイルです。メールボックスの場合は、PATH@OFFSET で
その中の1通を指定します。`),
		Example: `  mailaudit explain m-3f2a9c0d11e2b3a4
  mailaudit explain suspicious.eml`,
		Args: p.exactly(1, "PATH | ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := p.checkLang(cmd); err != nil {
				return err
			}
			loc, err := p.zone(cmd, zone)
			if err != nil {
				return err
			}
			opt := report.Options{Lang: p.ui.lang, Zone: loc, Width: p.ui.width}
			if isMessageID(args[0]) {
				if zone == "" {
					opt.Zone = scannedZone(filepath.Join(dir, "findings.jsonl"), loc)
				}
				return p.explainID(cmd, dir, args[0], opt)
			}
			return p.explainPath(cmd, f, args[0], zone != "", opt)
		},
	}
	cmd.Flags().SortFlags = false
	cmd.Flags().StringVarP(&dir, "output", "o", "mailaudit-report", p.ui.tr("look ID up in the report folder `DIR`", "ID をレポートのフォルダー `DIR` から探す"))
	cmd.Flags().StringVar(&zone, "tz", "", p.ui.tr("show times in `ZONE`", "時刻を `ZONE` で表示する"))
	p.addReadFlags(cmd, &f)
	return cmd
}

// checkID tells what is wrong with an id that is none: the ids of messages and of findings look alike.
func (p *program) checkID(cmd *cobra.Command, text string) error {
	kind, digits, ok := strings.Cut(text, "-")
	if _, err := os.Lstat(text); err == nil || !ok || kind != "m" && kind != "a" || strings.ContainsAny(digits, `/\.`) {
		return nil
	}
	if kind == "a" {
		return p.usage(cmd, fmt.Sprintf(p.ui.tr("%s is the id of a finding; explain takes the id of a message, m- and 16 digits or letters from a to f", "%s は結果の番号です。explain にはメールの番号（m- に続けて16桁の数字か a～f）を指定してください"), text))
	}
	return p.usage(cmd, fmt.Sprintf(p.ui.tr("%s is no id of a message: that is m- and 16 digits or letters from a to f", "%s はメールの番号ではありません。メールの番号は、m- に続けて16桁の数字か a～f です"), text))
}

// isMessageID tells an id, "m-" and 16 hex digits, from a path.
func isMessageID(s string) bool {
	digits, ok := strings.CutPrefix(s, "m-")
	if !ok || len(digits) != 16 {
		return false
	}
	_, err := strconv.ParseUint(digits, 16, 64)
	return err == nil
}

// explainID tells of a message of a saved stream.
func (p *program) explainID(cmd *cobra.Command, dir, id string, opt report.Options) error {
	file, done, err := p.openFindings(dir)
	if err != nil {
		return err
	}
	defer done()
	i, ok := file.Index(id)
	if !ok {
		return &failure{
			exitUsage, fmt.Sprintf(p.ui.tr("there is no message %s in %s", "%s は %s にありません"), id, dir),
			p.ui.tr("name the report folder it stands in with --output DIR", "そのメールが載っているレポートのフォルダーを --output で指定してください"), nil,
		}
	}
	m, err := file.Message(i)
	if err != nil {
		return err
	}
	r, err := view.Build(cmd.Context(), file, opt)
	if err != nil {
		return err
	}
	p.explainMessage(r, m)
	return nil
}

// explainPath scans a file into a folder of its own that is removed, and tells of the messages in it.
func (p *program) explainPath(cmd *cobra.Command, f readFlags, path string, named bool, opt report.Options) (err error) {
	path, offset := splitOffset(path)
	if err := p.checkID(cmd, path); err != nil {
		return err
	}
	cfg, err := p.config(cmd, f, look{zone: opt.Zone, named: named}, []string{path})
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "mailaudit-explain-")
	if err != nil {
		return fmt.Errorf("making a folder to work in: %w", err)
	}
	defer func() { err = errors.Join(err, evidence.RemoveScratch(dir)) }()
	cfg.Dir = dir
	stream, err := os.Create(filepath.Join(dir, "findings.jsonl"))
	if err != nil {
		return fmt.Errorf("making a folder to work in: %w", err)
	}
	defer func() { _ = stream.Close() }()
	defer cores(cfg.Workers)()
	ctx, stop := p.interruptible(cmd.Context())
	defer stop()
	if _, err := analyzer.Scan(ctx, cfg, stream); err != nil {
		return err
	}
	file, err := openStream(stream)
	if err != nil {
		return err
	}
	return p.explainAll(cmd.Context(), file, path, offset, opt)
}

// explainAll tells of every message of a stream, or of the one at an offset.
func (p *program) explainAll(ctx context.Context, file *finding.File, path string, offset int64, opt report.Options) error {
	r, err := view.Build(ctx, file, opt)
	if err != nil {
		return err
	}
	told := 0
	err = file.Messages(func(_ int, m *finding.Message) error {
		if offset >= 0 && m.Location.Offset != offset {
			return nil
		}
		if told > 0 {
			p.ui.result("")
		}
		told++
		p.explainMessage(r, m)
		return nil
	})
	if err != nil {
		return err
	}
	if told == 0 {
		p.ui.result(p.ui.trN(file.Summary().Messages, "%s: %d message was read; it does not speak of Amazon and is no statement", "%s: %d messages were read; none speaks of Amazon or is a statement", "%s: %d 通を読みましたが、Amazonに関するメールや利用明細はありません"), path, file.Summary().Messages)
	}
	return file.Problems(func(q *finding.Problem) error {
		p.ui.say(p.ui.tr("problem at %s: %s", "問題 (%s): %s"), q.Location.String(), q.Reason)
		return nil
	})
}

// splitOffset takes PATH@OFFSET apart where there is no file of the whole name; -1 is no offset.
func splitOffset(path string) (string, int64) {
	if _, err := os.Stat(path); err == nil {
		return path, -1
	}
	i := strings.LastIndexByte(path, '@')
	if i < 0 {
		return path, -1
	}
	n, err := strconv.ParseInt(path[i+1:], 10, 64)
	if err != nil || n < 0 {
		return path, -1
	}
	return path[:i], n
}

// explainMessage tells of one message in the order of the stages of a scan.
func (p *program) explainMessage(r *view.Report, m *finding.Message) {
	u := p.ui
	head := func(en, ja string) { u.result("%s", u.tr(en, ja)) }
	line := func(en, ja, value string) {
		if value != "" {
			u.result("  %s%s", pad(u.tr(en, ja), 16), value)
		}
	}
	u.result("%s  %s", m.ID, view.Safe(m.Subject))

	head("1 read", "1 読み込み")
	line("place", "場所", fmt.Sprintf("%s (%s)", m.Location.String(), bytesOf(m.Location.Length)))
	for _, c := range m.Copies {
		line("copy", "写し", c.String())
	}
	line("SHA-256", "SHA-256", m.SHA256.String())
	line("read state", "既読・場所", r.Place(m))
	if m.StartDoubt != "" {
		line("doubt", "注意", u.tr("it is not certain that the message begins here: ", "メールの先頭かどうか確かではありません：")+r.Word("doubt", m.StartDoubt))
	}

	head("2 extract", "2 抽出")
	if m.Time != nil {
		line("time", "時刻", r.Time(*m.Time)+"  ("+r.Word("time_source", m.TimeSource)+")")
	}
	line("clock", "時計", r.Word("clock", m.ClockDoubt))
	if m.From != nil {
		line("from", "差出人", strings.TrimSpace(view.Safe(m.From.Name)+" <"+view.Address(m, m.From.Address)+">"))
	}
	for _, a := range m.ReplyTo {
		line("reply to", "返信先", view.Address(m, a.Address))
	}
	line("return path", "Return-Path", view.Address(m, m.ReturnPath))
	for _, d := range r.Details(m) {
		line(d.Label, d.Label, d.Value)
	}

	head("3 learn", "3 学習")
	p.explainTrust(r, m, line)

	head("4 judge", "4 判定")
	p.explainSignals(r, m.Signals)
	for i, l := range m.Links {
		if i == 10 {
			line("links", "リンク", fmt.Sprintf(u.tr("and %d more", "ほか %d 件"), len(m.Links)-i))
			break
		}
		text := view.LinkTarget(m, l)
		if l.Shown != "" && l.Shown != l.Target {
			text = view.LinkShown(l) + " → " + text
		}
		line("link", "リンク", text)
	}
	line("rule", "規則", strings.TrimSpace(m.Rule+"  "+r.RuleText(m.Rule)))
	line("verdict", "結論", r.Verdict(m.Verdict))
	if m.ContentRisk != "none" {
		line("content risk", "内容の危険", r.Word("danger", m.ContentRisk))
	}

	head("5 conclude", "5 まとめ")
	line("event", "出来事", r.Event(m.Event))
	line("severity", "重大度", r.Severity(m.Severity))
	if m.Unnoticed {
		line("unnoticed", "見落とし", u.tr("yes: a genuine notice that was not seen", "はい。本物の通知ですが、見られていません"))
	}
	line("incidents", "一連の出来事", strings.Join(m.Incidents, " "))
}

// explainTrust tells what the receiver said and whether it is believed.
func (p *program) explainTrust(r *view.Report, m *finding.Message, line func(en, ja, value string)) {
	u, a := p.ui, m.Auth
	if a == nil {
		line("receiver", "受信サーバー", u.tr("no result of a receiver that is trusted", "信頼できる受信サーバーの認証結果がありません"))
		return
	}
	line("boundary", "境界", a.Boundary)
	trusted := a.Trusted
	if trusted == "-" {
		trusted = "Microsoft"
	}
	if trusted == "" {
		trusted = u.tr("no result of a receiver that is trusted", "信頼できる受信サーバーの認証結果がありません")
	} else if a.Assumed {
		trusted += u.tr(" (trust assumed from the table of providers, not learned)", "（既知の事業者として信頼。このメールボックスからの学習ではありません）")
	}
	line("receiver", "受信サーバー", trusted)
	line("DMARC", "DMARC", a.DMARC)
	line("SPF", "SPF", strings.TrimSpace(a.SPF+"  "+a.MailFrom))
	for _, d := range a.DKIM {
		line("DKIM", "DKIM", strings.TrimSpace(d.Result+"  "+d.Domain+"  "+d.Reason))
	}
	for _, d := range a.Checked {
		line("own DKIM check", "DKIMの再検証", strings.TrimSpace(d.Result+"  "+d.Domain+"  "+d.Reason))
	}
	line("ARC", "ARC", a.ARC)
	line("aligned", "From との一致", map[bool]string{true: u.tr("yes", "はい"), false: u.tr("no", "いいえ")}[a.Aligned])
	line("not believed", "信頼しない結果", strings.Join(a.Ignored, ", "))
	for _, t := range r.Profile().Trust {
		if t.Learned && t.AuthservID == a.Trusted {
			line("learned from", "学習の根拠", fmt.Sprintf(u.trN(int64(t.Messages), "%d message, %s", "%d messages, %s", "%d 通、%s年"), t.Messages, t.Years))
			break
		}
	}
}

// explainSignals tells of the signals: what speaks for what, strong before weak, each with what was seen.
func (p *program) explainSignals(r *view.Report, list []finding.Signal) {
	kinds := []string{finding.ForGenuine, finding.ForImpersonation, finding.ForPosing, finding.ForAction, finding.ForMention, finding.ForRisk}
	for _, kind := range kinds {
		first := true
		for _, strength := range []finding.Strength{finding.Strong, finding.Medium, finding.Weak} {
			for _, s := range list {
				if s.For != kind || s.Strength != strength {
					continue
				}
				if first {
					p.ui.result("  %s", r.Word("for", kind))
					first = false
				}
				text, quotes := r.Signal(s)
				if !quotes && s.Shown != "" {
					text += "  «" + view.SafeN(s.Shown, 120) + "»"
				}
				p.ui.result("    %s%s", pad(r.Word("strength", string(strength)), 12), text)
			}
		}
	}
}

// pad fills a label up to n columns.
func pad(label string, n int) string {
	return label + strings.Repeat(" ", max(1, n-columns(label)))
}
