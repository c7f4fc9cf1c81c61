package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/state"
)

func (p *program) ackCommand() *cobra.Command {
	var f struct {
		state, why, until string
		list              bool
	}
	cmd := &cobra.Command{
		Use:   "ack [flags] ID",
		Short: p.ui.tr("acknowledge a finding", "結果を確認済みにする"),
		Long: p.ui.tr(
			`Say that you have looked at a finding and that it is all right. It stays in reports,
marked, and makes no run fail, neither of scan nor of scan --new. Should it get more
severe than it is now, it counts again.

Acknowledgements are kept in a text file beside the state, acknowledged.txt, which
you can edit and put under version control.`,
			`結果を確認し、問題がないことを記録します。レポートには「確認済み」として残り、
scan でも scan --new でも終了コードには影響しません。いまより重大になった場合は、あらためてお知らせします。

記録は、状態ファイルと同じ場所のテキストファイル acknowledged.txt に保存します。
編集やバージョン管理ができます。`),
		Example: `  mailaudit ack a-3f2a9c0d11e2b3a4 --why "I changed the password myself"
  mailaudit ack a-3f2a9c0d11e2b3a4 --until 2026-12-31
  mailaudit ack --list`,
		Args: func(cmd *cobra.Command, args []string) error {
			if f.list {
				return p.none(cmd, args)
			}
			return p.exactly(1, "ID")(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := p.checkLang(cmd); err != nil {
				return err
			}
			path, err := p.statePath(f.state)
			if err != nil {
				return err
			}
			if f.list {
				return p.listAcks(path)
			}
			if f.until != "" {
				if _, err := time.Parse(time.DateOnly, f.until); err != nil {
					return p.usage(cmd, fmt.Sprintf(p.ui.tr("--until is a day such as 2026-12-31, not %q", "--until は 2026-12-31 のように指定してください（%q は使えません）"), f.until))
				}
			}
			if !finding.ValidAttentionID(args[0]) {
				return p.usage(cmd, fmt.Sprintf(p.ui.tr("%q is no id of a finding; scan --new prints them", "%q は結果の番号ではありません。番号は scan --new が表示します"), args[0]))
			}
			return p.ack(cmd.Context(), path, state.Ack{ID: args[0], Until: f.until, Why: f.why, Added: p.now()})
		},
	}
	cmd.Flags().SortFlags = false
	cmd.Flags().StringVar(&f.why, "why", "", p.ui.tr("`TEXT`: the reason", "理由 `TEXT`"))
	cmd.Flags().StringVar(&f.until, "until", "", p.ui.tr("up to and including `DATE`, such as 2026-02-28", "`DATE`（2026-02-28 など）まで"))
	cmd.Flags().BoolVar(&f.list, "list", false, p.ui.tr("list what is acknowledged", "確認済みの一覧を表示する"))
	p.addStateFlag(cmd, &f.state)
	return cmd
}

func (p *program) unackCommand() *cobra.Command {
	var typed string
	cmd := &cobra.Command{
		Use:   "unack [flags] ID",
		Short: p.ui.tr("take an acknowledgement back", "確認済みを取り消す"),
		Args:  p.exactly(1, "ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := p.checkLang(cmd); err != nil {
				return err
			}
			path, err := p.statePath(typed)
			if err != nil {
				return err
			}
			return p.withAcks(cmd.Context(), path, func(acks *state.Acks) error {
				if !acks.Remove(args[0]) {
					return &failure{
						exitUsage, fmt.Sprintf(p.ui.tr("%s is not acknowledged", "%s は確認済みになっていません"), args[0]),
						p.ui.tr("mailaudit ack --list shows what is", "一覧は mailaudit ack --list で表示できます"), nil,
					}
				}
				return nil
			})
		},
	}
	p.addStateFlag(cmd, &typed)
	return cmd
}

// none wants no arguments.
func (p *program) none(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return p.usage(cmd, fmt.Sprintf(p.ui.tr("unexpected %q", "余分な引数があります: %q"), args[0]))
	}
	return nil
}

// withAcks changes the file of acknowledgements under the lock of the state.
func (p *program) withAcks(ctx context.Context, path string, do func(*state.Acks) error) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("making the folder of the acknowledgements: %w", err)
	}
	lock, err := state.Acquire(ctx, path, true)
	if err != nil {
		return fmt.Errorf("waiting for another run: %w", err)
	}
	acks, err := state.LoadAcks(ackPath(path))
	if err == nil {
		err = do(acks)
	}
	if err == nil {
		err = acks.Save()
	}
	return errors.Join(err, lock.Release())
}

// ack notes an acknowledgement, up to the severity that the finding had in the last run.
func (p *program) ack(ctx context.Context, path string, a state.Ack) error {
	known := false
	if found := p.listed(path); found != nil {
		if l, ok := found[a.ID]; ok {
			a.Level, known = l.Severity, true
		}
	}
	if err := p.withAcks(ctx, path, func(acks *state.Acks) error { acks.Add(a); return nil }); err != nil {
		return err
	}
	if !known {
		p.ui.say(p.ui.tr("%s is none of the findings of the last run; it is acknowledged all the same, at any severity", "%s は前回の結果にありませんが、重大度を問わず確認済みとして記録しました"), a.ID)
	}
	return nil
}

// listed are the findings of the last runs by id; nil where no state can be read.
func (p *program) listed(path string) map[string]state.Listed {
	store, err := state.Open(path, true, p.now())
	if err != nil {
		return nil
	}
	defer func() { _ = store.Close() }()
	out := make(map[string]state.Listed)
	for _, audit := range store.Root.Audits {
		for _, l := range audit.Findings {
			out[l.ID] = l
		}
	}
	return out
}

// listAcks prints what is acknowledged.
func (p *program) listAcks(path string) error {
	acks, err := state.LoadAcks(ackPath(path))
	if err != nil {
		return err
	}
	p.badAcks(acks, path)
	list := acks.List()
	if len(list) == 0 {
		p.ui.say(p.ui.tr("nothing is acknowledged", "確認済みのものはありません"))
	}
	slices.SortStableFunc(list, func(a, b state.Ack) int { return cmp.Compare(a.ID, b.ID) })
	for i := range list {
		if list[i].Until != "" && p.now().Format(time.DateOnly) > list[i].Until {
			p.ui.result("%s  %s", list[i].String(), p.ui.tr("(expired)", "（期限切れ）"))
			continue
		}
		p.ui.result("%s", list[i].String())
	}
	return nil
}

// acknowledgements are those beside a state, for a scan that does without the state; nil where there are none.
func (p *program) acknowledgements(typed string) *state.Acks {
	path, err := p.statePath(typed)
	if err != nil {
		return nil // nobody can have kept any
	}
	acks, err := state.LoadAcks(ackPath(path))
	if err != nil {
		p.ui.say(p.ui.tr("%s; no finding is marked as acknowledged", "%s。確認済みの印は付けません"), err)
		return nil
	}
	p.badAcks(acks, path)
	return acks
}

// acknowledged tells what a person said of an item, as of a time.
func acknowledged(acks *state.Acks, now time.Time) func(*finding.Attention, func(string) string) *finding.Acknowledged {
	if acks == nil {
		return nil
	}
	return func(a *finding.Attention, _ func(string) string) *finding.Acknowledged {
		ack := acks.Of(a.ID)
		if ack == nil || !ack.Holds(a.Severity.Level(), func(s string) int { return finding.Severity(s).Level() }, now) {
			return nil
		}
		return &finding.Acknowledged{Why: ack.Why, Until: ack.Until}
	}
}
