package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // --tz and the reports' zone must work on Windows too

	"github.com/spf13/cobra"

	"github.com/mailaudit/mailaudit/analyzer"
	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/event"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/mailauth"
	"github.com/mailaudit/mailaudit/report"
)

// lookFlags say how reports look; scan and report share them.
type lookFlags struct {
	formats []string
	zone    string
	redact  bool
	bom     bool
}

// look is lookFlags, checked.
type look struct {
	formats []string
	zone    *time.Location
	named   bool // the zone was given by name, not found
	redact  bool
	bom     bool

	caseName, examiner string
}

func (p *program) addLookFlags(cmd *cobra.Command, f *lookFlags) {
	flags := cmd.Flags()
	flags.StringSliceVar(&f.formats, "format", []string{"html", "xlsx", "jsonl"}, p.ui.tr("write `FORMATS`, any of "+formatList(), "`FORMATS`（"+formatList()+"）の形式で出力する"))
	flags.StringVar(&f.zone, "tz", "", p.ui.tr("show times, and count months of statements, in `ZONE`, such as Asia/Tokyo (default: the machine's for times, the mail's for months)", "時刻の表示と明細の月に `ZONE`（Asia/Tokyo など）を使う（省略時は、時刻はこの機器の設定、月はメールから学習）"))
	flags.BoolVar(&f.redact, "redact", false, p.ui.tr("mask other people and everything quoted from bodies (what is kept: mailaudit report --help)", "本人以外の人物と本文からの引用を伏せる（残すものは mailaudit report --help）"))
	flags.BoolVar(&f.bom, "bom", false, p.ui.tr("begin CSV with a byte order mark, for Excel", "CSVの先頭にBOMを付ける（Excel用）"))
	must(cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(fileFormats(), cobra.ShellCompDirectiveNoFileComp)))
}

// fileFormats are the formats that are written to a file.
func fileFormats() []string {
	return slices.DeleteFunc(report.Formats(), func(name string) bool { return report.FileName(name) == "" })
}

func formatList() string { return strings.Join(fileFormats(), ", ") }

// look checks lookFlags.
func (p *program) look(cmd *cobra.Command, f lookFlags) (look, error) {
	l := look{redact: f.redact, bom: f.bom}
	if err := p.checkLang(cmd); err != nil {
		return l, err
	}
	zone, err := p.zone(cmd, f.zone)
	if err != nil {
		return l, err
	}
	l.zone, l.named = zone, f.zone != ""
	for _, name := range f.formats {
		if report.FileName(name) == "" {
			return l, p.usage(cmd, fmt.Sprintf(p.ui.tr("--format is any of %s, not %q", "--format に指定できるのは %s です（%q は使えません）"), formatList(), name))
		}
		if !slices.Contains(l.formats, name) {
			l.formats = append(l.formats, name)
		}
	}
	return l, nil
}

func (l look) options(p *program) report.Options {
	return report.Options{Lang: p.ui.lang, Zone: l.zone, Redact: l.redact, BOM: l.bom, Case: l.caseName, Examiner: l.examiner, Width: p.ui.width, Color: p.ui.color}
}

// zone loads a time zone by its name. The machine's zone is used where none is named.
func (p *program) zone(cmd *cobra.Command, name string) (*time.Location, error) {
	if name == "" {
		return localZone(p.getenv, p.now()), nil
	}
	z, err := time.LoadLocation(name)
	if err != nil {
		return nil, p.usage(cmd, fmt.Sprintf(p.ui.tr("there is no time zone %q; names are such as Asia/Tokyo and UTC", "%q というタイムゾーンはありません。Asia/Tokyo や UTC のように指定してください"), name))
	}
	return z, nil
}

// readFlags say how mail is read; scan and explain share them.
type readFlags struct {
	workers int
	trust   []string
	owner   []string
	labels  []string
	since   string
	until   string
	asOf    string
	rules   string
	brands  []string
	keys    string
}

func (p *program) addReadFlags(cmd *cobra.Command, f *readFlags) {
	flags := cmd.Flags()
	flags.StringSliceVar(&f.owner, "owner", nil, p.ui.tr("`ADDRESS` is the owner's (default: learned from the mail)", "`ADDRESS` を本人のアドレスとする（省略時はメールから学習）"))
	flags.StringSliceVar(&f.trust, "trust", nil, p.ui.tr("believe authentication results of `ID` on mail that its own domain received, or ID@RECEIVER (default: learned); outlook for Microsoft's form", "認証結果を信頼する `ID`（省略時は学習）。そのドメインの受信サーバーが受け取ったメールだけに適用し、ほかの場合は ID@受信サーバー と指定する。Microsoftの形式は outlook"))
	flags.StringVar(&f.since, "since", "", p.ui.tr("report only messages from `DATE` on, such as 2026-02-28", "`DATE`（2026-02-28 など）以降のメールだけを報告する"))
	flags.StringVar(&f.until, "until", "", p.ui.tr("report only messages up to and including `DATE`", "`DATE` までのメールだけを報告する"))
	flags.StringVar(&f.asOf, "as-of", "", p.ui.tr("judge what depends on the calendar as of `DATE` (default: the newest message)", "期日の判定に使う日 `DATE`（省略時は最新のメールの日時）"))
	flags.StringArrayVar(&f.labels, "label", nil, p.ui.tr("`LABEL=ROLE` says what a label of the mailbox means: inbox, spam, trash, …", "`LABEL=ROLE` の形で、ラベルの意味（inbox, spam, trash など）を指定する"))
	flags.StringVar(&f.rules, "rules", "", p.ui.tr("add rule packs from `DIR` (brands/*.toml, events/*.toml)", "`DIR` のルール（brands/*.toml、events/*.toml）を追加する"))
	flags.StringSliceVar(&f.brands, "brand", []string{"amazon"}, p.ui.tr("audit the brands of `LIST`, or all; mailaudit rules list shows them. Card statements are always read", "`LIST` のブランド、または all（すべて）を調べる。一覧は mailaudit rules list。カードの明細は常に調べる"))
	flags.StringVar(&f.keys, "dkim-keys", "", p.ui.tr("verify DKIM signatures with the keys in `FILE`", "`FILE` の鍵でDKIM署名を検証する"))
	flags.IntVar(&f.workers, "workers", runtime.GOMAXPROCS(0), p.ui.tr("use `N` cores", "コアを `N` 個使う"))
	must(cmd.MarkFlagDirname("rules"))
	must(cmd.MarkFlagFilename("dkim-keys"))
}

// unusedTrust says of ids given with --trust that none of the mail came in through their receivers.
func (p *program) unusedTrust(r *analyzer.Result) {
	for _, t := range r.Profile.Trust {
		if t.Given && t.Messages == 0 {
			p.ui.say(p.ui.tr("--trust %s changes nothing: no mail came in through %s; the receivers of this mail are %s", "--trust %s は何にも当てはまりません。%s が受け取ったメールはなく、このメールの受信サーバーは %s です"),
				t.AuthservID, t.Domain, strings.Join(r.Receivers, ", "))
		}
	}
}

// config is readFlags, checked, as the analyzer wants it. Dir is left to the caller.
func (p *program) config(cmd *cobra.Command, f readFlags, look look, paths []string) (analyzer.Config, error) {
	zone := look.zone
	cfg := analyzer.Config{
		Paths: paths, Workers: f.workers, Limits: limit.Default(), Version: version, Trust: f.trust, Owner: f.owner, Now: p.now,
		Inspect: p.inspector(),
	}
	if look.named { // reports of the same mail don't depend on the machine's zone
		cfg.Zone = zone
	}
	if f.workers < 1 {
		return cfg, p.usage(cmd, p.ui.tr("--workers is at least 1", "--workers は 1 以上です"))
	}
	if err := p.checkPaths(paths); err != nil {
		return cfg, err
	}
	var err error
	for _, d := range []struct {
		flag, value string
		end         bool // the whole day is meant
		to          *time.Time
	}{{"since", f.since, false, &cfg.Since}, {"until", f.until, true, &cfg.Until}, {"as-of", f.asOf, true, &cfg.AsOf}} {
		if *d.to, err = p.date(cmd, d.flag, d.value, zone, d.end); err != nil {
			return cfg, err
		}
	}
	if !cfg.Since.IsZero() && !cfg.Until.IsZero() && !cfg.Since.Before(cfg.Until) {
		return cfg, p.usage(cmd, fmt.Sprintf(p.ui.tr("--since %s is after --until %s: no message can lie between them", "--since %s が --until %s より後のため、該当するメールがありません"), f.since, f.until))
	}
	for _, a := range f.owner {
		if !isAddress(a) {
			return cfg, p.usage(cmd, fmt.Sprintf(p.ui.tr("--owner is a mail address such as haruka@example.com, not %q", "--owner には haruka@example.com のようなメールアドレスを指定してください（%q は使えません）"), a))
		}
	}
	for _, id := range f.trust {
		if _, err := mailauth.Given(id); err != nil {
			return cfg, p.usage(cmd, fmt.Sprintf(p.ui.tr("--trust is the name that a receiver writes into its results, such as mx.example.org, or that and its receiver, mx.example.org@example.net; not %q", "--trust には、受信サーバーが認証結果に書く名前（mx.example.org など）か、それと受信サーバーの組（mx.example.org@example.net）を指定してください（%q は使えません）"), id))
		}
	}
	if cfg.Labels, err = p.labels(cmd, f.labels); err != nil {
		return cfg, err
	}
	if cfg.Brands, cfg.Events, err = p.rules(f.rules); err != nil {
		return cfg, err
	}
	if cfg.Brands, cfg.Others, err = cfg.Brands.Pick(f.brands); err != nil {
		return cfg, p.noBrand(cmd, err)
	}
	if !slices.Equal(f.brands, []string{"amazon"}) {
		cfg.Asked = f.brands
	}
	if f.keys != "" {
		if cfg.Keys, err = p.loadKeys(f.keys); err != nil {
			return cfg, err
		}
	}
	return cfg, nil
}

// date reads a day or a moment. Of a day whose end is meant it is the first moment of the next.
func (p *program) date(cmd *cobra.Command, flag, value string, zone *time.Location, end bool) (time.Time, error) {
	if value == "" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.RFC3339, value); err == nil {
		return t, nil
	}
	t, err := time.ParseInLocation("2006-01-02", value, zone)
	if err != nil {
		return t, p.usage(cmd, fmt.Sprintf(p.ui.tr("--%s wants a day such as 2026-02-28, not %q", "--%s は 2026-02-28 のように指定してください（%q は使えません）"), flag, value))
	}
	if end {
		t = t.AddDate(0, 0, 1)
	}
	return t, nil
}

// isAddress reports whether text is one bare mail address.
func isAddress(text string) bool {
	local, domain, ok := strings.Cut(text, "@")
	return ok && local != "" && domain != "" && !strings.ContainsAny(text, " \t<>,;\"") && !strings.Contains(domain, "@") &&
		!strings.HasPrefix(domain, ".") && !strings.HasSuffix(domain, ".")
}

// labels reads LABEL=ROLE.
func (p *program) labels(cmd *cobra.Command, list []string) (map[string]finding.Folder, error) {
	if len(list) == 0 {
		return nil, nil
	}
	folders := []finding.Folder{finding.Inbox, finding.Archive, finding.Spam, finding.Trash, finding.Sent, finding.Drafts, finding.Other}
	roles := make(map[string]finding.Folder, len(list))
	for _, item := range list {
		i := strings.LastIndex(item, "=")
		if i < 1 || !slices.Contains(folders, finding.Folder(item[i+1:])) {
			return nil, p.usage(cmd, fmt.Sprintf(p.ui.tr("--label wants LABEL=ROLE with a role of %v, not %q", "--label は LABEL=ROLE の形で、ROLE は %v のいずれかです（%q は使えません）"), folders, item))
		}
		roles[item[:i]] = finding.Folder(item[i+1:])
	}
	return roles, nil
}

// rules are the built-in rules and the user's packs.
func (p *program) rules(dir string) (*brand.Set, *event.Catalogue, error) {
	brands, events := brand.Library(), event.Builtin()
	if dir == "" {
		return brands, events, nil
	}
	bad := func(err error) error {
		return &failure{
			exitUsage, fmt.Sprintf(p.ui.tr("the rules in %s cannot be used: %v", "%s のルールを使用できません: %v"), dir, err),
			p.ui.tr("packs are TOML files in brands/ and events/; mailaudit rules test FILE tells what is wrong", "ルールは brands/ と events/ にあるTOMLファイルです。mailaudit rules test FILE で確認できます"), err,
		}
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, nil, bad(fmt.Errorf("%s is not a folder", dir))
	}
	root := os.DirFS(dir)
	brands, err := brands.With(root)
	if err != nil {
		return nil, nil, bad(err)
	}
	packs, err := fs.Sub(root, "events")
	if err != nil {
		return nil, nil, bad(err)
	}
	events, err = events.With(packs)
	if err != nil {
		return nil, nil, bad(err)
	}
	return brands, events, nil
}

// noBrand says that a brand of --brand is none, and which there are.
func (p *program) noBrand(cmd *cobra.Command, err error) error {
	var unknown *brand.UnknownError
	if !errors.As(err, &unknown) {
		return fmt.Errorf("choosing brands: %w", err)
	}
	return p.usage(cmd, fmt.Sprintf(p.ui.tr("--brand: there is no brand %q; \"mailaudit rules list\" shows their ids", "--brand: %q というブランドはありません。IDは「mailaudit rules list」で確認できます"), unknown.ID))
}

// loadKeys reads DKIM keys.
func (p *program) loadKeys(path string) (keys mailauth.Keys, err error) {
	f, err := os.Open(path)
	if err == nil {
		keys, err = mailauth.LoadKeys(f)
		if cerr := f.Close(); err == nil {
			err = cerr
		}
	}
	if err != nil {
		return keys, &failure{
			exitUsage, fmt.Sprintf(p.ui.tr("the keys in %s cannot be used: %v", "%s の鍵を使用できません: %v"), filepath.Base(path), err),
			p.ui.tr("a line for each key: selector._domainkey.domain and the TXT record, divided by blanks", "1行に1つ、selector._domainkey.domain とTXTレコードを空白で区切って書きます"), err,
		}
	}
	return keys, nil
}
