package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/event"
	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/verdict"
	"github.com/mailaudit/mailaudit/report/view"
)

func (p *program) rulesCommand() *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "rules",
		Short: p.ui.tr("list, show and test the rules", "ルールの一覧・内容・検査"),
		Long: p.ui.tr(
			`The rules are data: rows of the decision table, notices by which events are known,
and brands with their domains, senders and networks. Own packs can be added with
--rules DIR: DIR/brands/*.toml and DIR/events/*.toml, in the same form.`,
			`ルールはデータです。判定規則の表、出来事を見分ける通知の型、そしてブランド
（ドメイン、送信元アドレス、ネットワーク）からなります。--rules DIR で独自のルール
（DIR/brands/*.toml と DIR/events/*.toml）を同じ書式で追加できます。`),
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return p.unknownCommand(cmd, args[0])
			}
			return p.usage(cmd, p.ui.tr("a subcommand is missing: list, show, test, new or unmatched", "ルールに対する操作が指定されていません"))
		},
	}
	cmd.PersistentFlags().StringVar(&dir, "rules", "", p.ui.tr("add rule packs from `DIR`", "`DIR` のルールを追加する"))
	cmd.AddCommand(
		&cobra.Command{
			Use: "list", Short: p.ui.tr("list all rules", "ルールの一覧を表示する"), Args: cobra.NoArgs,
			RunE: func(*cobra.Command, []string) error { return p.rulesList(dir) },
		},
		&cobra.Command{
			Use: "show ID", Short: p.ui.tr("show one rule", "ルールの内容を表示する"), Args: p.exactly(1, "ID"),
			RunE: func(_ *cobra.Command, args []string) error { return p.rulesShow(dir, args[0]) },
		},
		&cobra.Command{
			Use: "test FILE", Short: p.ui.tr("check a pack and run its samples", "ルールファイルを検査し、付属の例で確かめる"), Args: p.exactly(1, "FILE"),
			RunE: func(_ *cobra.Command, args []string) error { return p.rulesTest(args[0]) },
		},
		&cobra.Command{
			Use: "new NAME", Short: p.ui.tr("print a pack for a new brand, to fill in", "新しいブランドのルールのひな形を表示する"), Args: p.exactly(1, "NAME"),
			Long: p.ui.tr(
				`Prints a commented pack for a brand with the id NAME (lower-case letters, digits and
hyphens). Write it to a file, fill it in, and try it with "mailaudit rules test FILE".`,
				`NAME（半角の小文字・数字・ハイフン）をIDとするブランドのひな形を、説明を付けて表示します。
ファイルに保存して書き換え、「mailaudit rules test FILE」で確かめてください。`),
			RunE: func(cmd *cobra.Command, args []string) error { return p.rulesNew(cmd, args[0]) },
		},
		&cobra.Command{
			Use: "unmatched FINDINGS", Short: p.ui.tr("list genuine notices that no rule knows", "どのルールにも当てはまらない本物の通知を一覧にする"), Args: p.exactly(1, "FINDINGS"),
			RunE: func(_ *cobra.Command, args []string) error { return p.rulesUnmatched(args[0]) },
		},
	)
	return cmd
}

// rulesList prints a line for each rule: kind, id, what it is.
func (p *program) rulesList(dir string) error {
	brands, events, err := p.rules(dir)
	if err != nil {
		return err
	}
	for _, r := range verdict.Rules() {
		p.ui.result("row     %-28s %s", r.ID, p.ui.tr(r.EN, r.JA))
	}
	for _, b := range brands.All() {
		p.ui.result("brand   %-28s %-8s %s  %d domains, %d senders", b.ID, b.Kind, p.ui.tr(b.Name, cmp.Or(b.NameJA, b.Name)), len(b.Domains), len(b.Senders))
	}
	for _, pack := range events.Packs() {
		for i := range pack.Subjects {
			e := &pack.Subjects[i].Entry
			p.ui.result("subject %-28s %s  %s %s", e.ID, string(e.Event), e.Confidence, cmp.Or(e.Language, pack.Language))
		}
		for i := range pack.Bodies {
			e := &pack.Bodies[i].Entry
			p.ui.result("body    %-28s %s  %s %s", e.ID, string(e.Event), e.Confidence, cmp.Or(e.Language, pack.Language))
		}
		for _, s := range pack.Senders {
			p.ui.result("sender  %-28s %s", s.ID, string(s.Event))
		}
	}
	return nil
}

// rulesShow prints one rule with where it comes from.
func (p *program) rulesShow(dir, id string) error {
	brands, events, err := p.rules(dir)
	if err != nil {
		return err
	}
	for _, r := range verdict.Rules() {
		if r.ID == id {
			p.ui.result("%s", p.ui.tr(r.EN, r.JA))
			return nil
		}
	}
	if b := brands.ByID(id); b != nil {
		p.showBrand(b)
		return nil
	}
	for _, pack := range events.Packs() {
		for i := range pack.Subjects {
			if s := &pack.Subjects[i]; s.ID == id {
				p.showEntry(&s.Entry, pack.Name)
				p.showList("pattern", s.Pattern)
				p.showList("unless", s.Unless)
				return nil
			}
		}
		for i := range pack.Bodies {
			if b := &pack.Bodies[i]; b.ID == id {
				p.showEntry(&b.Entry, pack.Name)
				p.showList("refines", b.Refines)
				p.showList("phrase", b.Phrase)
				p.showList("unless", b.Unless)
				return nil
			}
		}
	}
	texts, err := view.Load()
	if err != nil {
		return err
	}
	if pr := view.NewPrinter(texts, p.ui.lang, nil); pr.Has(id) || pr.Has("signal."+id) {
		text, _ := pr.Signal(finding.Signal{ID: id, Shown: "…"})
		p.ui.result("%s", text)
		return nil
	}
	return &failure{
		exitUsage, fmt.Sprintf(p.ui.tr("there is no rule %q", "%q というルールはありません"), id),
		p.ui.tr("mailaudit rules list lists all ids", "mailaudit rules list で一覧を表示できます"), nil,
	}
}

func (p *program) showEntry(e *event.Entry, pack string) {
	p.ui.result("id          %s", e.ID)
	p.ui.result("event       %s", string(e.Event))
	p.ui.result("pack        %s", pack)
	p.ui.result("source      %s", e.Source)
	p.ui.result("date        %s", e.Date)
	p.ui.result("confidence  %s", e.Confidence)
	p.showList("brands", e.Brands)
}

func (p *program) showBrand(b *brand.Brand) {
	p.ui.result("id          %s", b.ID)
	p.ui.result("name        %s %s", b.Name, b.NameJA)
	p.ui.result("kind        %s", b.Kind)
	for _, d := range b.Domains {
		p.ui.result("domain      %-28s %-9s %s  %s", d.Name, string(d.Role), string(d.Confidence), d.Source)
	}
	for _, s := range b.Senders {
		p.ui.result("sender      %-28s %-9s %s  %s", s.Local, s.Kind, string(s.Confidence), s.Source)
	}
	for _, n := range b.Networks {
		p.ui.result("network     %-28s %s  %s", n.Prefix, string(n.Confidence), n.Source)
	}
}

func (p *program) showList(label string, list []string) {
	for _, s := range list {
		p.ui.result("%-11s %s", label, s)
	}
}

// brandPack tells a pack of brands from one of notices.
var brandPack = regexp.MustCompile(`(?m)^\s*\[\[brand\]\]`)

// rulesTest reads a pack beside the built-in ones and runs its samples.
func (p *program) rulesTest(path string) (err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return &failure{exitUsage, err.Error(), p.ui.tr("FILE is a TOML file with [[brand]], [[subject]] or [[body]] tables", "FILE には [[brand]]、[[subject]]、[[body]] のあるTOMLファイルを指定してください"), err}
	}
	// The packs are read from a folder: give it one in which this file stands alone.
	dir, err := os.MkdirTemp("", "mailaudit-rules-")
	if err != nil {
		return fmt.Errorf("making a folder to work in: %w", err)
	}
	defer func() { err = errors.Join(err, evidence.RemoveScratch(dir)) }()
	kind := "events"
	if brandPack.Match(data) {
		kind = "brands"
	}
	if err := os.Mkdir(filepath.Join(dir, kind), 0o700); err != nil {
		return fmt.Errorf("making a folder to work in: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, kind, filepath.Base(path)), data, 0o600); err != nil {
		return fmt.Errorf("making a folder to work in: %w", err)
	}
	if kind == "brands" {
		samples, err := brand.Test(os.DirFS(dir))
		if err != nil {
			return p.badPack(path, err)
		}
		faults := 0
		for _, s := range samples {
			if s.Fault != "" {
				faults++
				p.ui.result("%s: %s", s.Brand, s.Fault)
			}
		}
		switch {
		case faults > 0:
			p.ui.result(p.ui.tr("%s: %d samples, %d of them fail", "%s: 例 %d 件、うち不一致 %d 件"), path, len(samples), faults)
			p.code = exitAttention
		default:
			if err := p.reviewPack(dir); err != nil {
				return err
			}
			p.ui.result(p.ui.tr("%s: the pack is sound, %d samples", "%s: 問題ありません（例 %d 件）"), path, len(samples))
		}
		return nil
	}
	samples, err := event.Test(os.DirFS(filepath.Join(dir, kind)))
	if err != nil {
		return p.badPack(path, err)
	}
	faults := 0
	for _, s := range samples {
		if s.Fault != "" {
			faults++
			p.ui.result("%s: %s: %s", s.Entry, s.Fault, s.Text)
		}
	}
	p.ui.result(p.ui.tr("%s: %d samples, %d of them fail", "%s: 例 %d 件、うち不一致 %d 件"), path, len(samples), faults)
	if faults > 0 {
		p.code = exitAttention
	}
	return nil
}

// reviewPack tells a pack's author what it replaces, repeats, shares or lacks.
func (p *program) reviewPack(dir string) error {
	notes, err := brand.Review(os.DirFS(dir))
	if err != nil {
		return fmt.Errorf("reviewing a pack: %w", err)
	}
	for _, n := range notes {
		switch n.Kind {
		case brand.Replaces:
			p.ui.result(p.ui.tr("%s: note: %s takes the place of the built-in one", "%s: 注意: %s は組み込みの値を置き換えます"), n.Brand, view.Safe(n.What))
		case brand.ThereTwice:
			p.ui.result(p.ui.tr("%s: note: domain %s is built in already; what the pack says of it holds", "%s: 注意: ドメイン %s は組み込み済みです。このルールの記述を優先します"), n.Brand, view.Safe(n.What))
		case brand.SharedWord:
			p.ui.result(p.ui.tr("%s: note: the word %q is also one of %s", "%s: 注意: 語 %q は %s の語でもあります"), n.Brand, view.Safe(n.What), n.Other)
		case brand.NoNames:
			p.ui.result(p.ui.tr("%s: note: it has no word of the kind name, so that no fake of it is found", "%s: 注意: 種類が name の語がないため、なりすましを見つけられません"), n.Brand)
		case brand.NoDomains:
			p.ui.result(p.ui.tr("%s: note: it has no domain of the role retail, so that none of its mail is genuine", "%s: 注意: 役割が retail のドメインがないため、本物と判定されるメールがありません"), n.Brand)
		case brand.Unproven:
			p.ui.result(p.ui.tr("%s: note: none of its domains is of confidence H, so that none of its mail is better than likely genuine", "%s: 注意: 確度 H のドメインがないため、最良でも「おそらく本物」になります"), n.Brand)
		}
	}
	return nil
}

// rulesNew prints the skeleton of a pack.
func (p *program) rulesNew(cmd *cobra.Command, id string) error {
	if id == "" || strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return p.usage(cmd, fmt.Sprintf(p.ui.tr("NAME is lower-case letters, digits and hyphens, not %q", "NAME に使えるのは半角の小文字・数字・ハイフンです（%q は使えません）"), id))
	}
	for line := range strings.Lines(brand.Skeleton(id)) {
		p.ui.result("%s", strings.TrimSuffix(line, "\n"))
	}
	return nil
}

func (p *program) badPack(path string, err error) error {
	return &failure{
		exitUsage, fmt.Sprintf("%s: %v", path, err),
		p.ui.tr("the packs that ship with mailaudit show the form: analyzer/brand/data and analyzer/event/data", "書式は付属のルール（analyzer/brand/data、analyzer/event/data）を参考にしてください"), err,
	}
}

// rulesUnmatched lists the subjects of genuine notices whose event is not known, most frequent first.
func (p *program) rulesUnmatched(path string) error {
	file, done, err := p.openFindings(path)
	if err != nil {
		return err
	}
	defer done()
	type key struct{ from, subject string }
	count := map[key]int{}
	err = file.Messages(func(_ int, m *finding.Message) error {
		if m.Verdict.FromAmazon() && (m.Event == finding.SecurityUnknown || m.Event == finding.AccountUnknown || m.Event == finding.OtherEvent) && m.From != nil {
			count[key{m.From.Address, m.Subject}]++
		}
		return nil
	})
	if err != nil {
		return err
	}
	keys := slices.SortedFunc(maps.Keys(count), func(a, b key) int {
		return cmp.Or(count[b]-count[a], strings.Compare(a.from, b.from), strings.Compare(a.subject, b.subject))
	})
	for _, k := range keys {
		p.ui.result("%6d  %s  %s", count[k], k.from, k.subject)
	}
	return nil
}
