package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/mailaudit/mailaudit/analyzer/mailbox"
	"github.com/mailaudit/mailaudit/analyzer/state"
)

func (p *program) stateCommand() *cobra.Command {
	var typed string
	cmd := &cobra.Command{
		Use:   "state [flags] show|check|reset",
		Short: p.ui.tr("show, check or forget what scan --new keeps", "scan --new の記録を表示・検査・消去する"),
		Long: p.ui.tr(
			`show prints which mail is known and what was told of it; check reads all of the state
and says whether it is sound; reset forgets it. The state is a cache: after a reset the
next run reads all mail, and tells what it finds. Acknowledgements stay.

Of an mbox that grew only what was added is read. The rest is known again by samples of
its bytes, and by the beginnings of the messages in which programs keep read state. What
mail programs do to an mbox shows; bytes that are overwritten in place far from any
sample, in a file that grew as well, do not: reset, or a scan without --new, reads them.`,
			`show は既知のメールとお知らせ済みの内容を表示し、check は記録が壊れていないかを調べ、
reset は記録を消去します。記録は再作成できるもので、消去すると次回はすべてのメールを
読み直してお知らせします。確認済みの一覧は残ります。

追記された mbox は、増えた部分だけを読みます。それまでの部分は、抜き取ったバイトと、
既読の情報が書かれるメールの先頭とで、変わっていないことを確かめます。メールソフトに
よる変更は分かりますが、追記と同時に、抜き取った部分以外が同じ長さで書き換えられた
場合は分かりません。reset するか --new を付けずに scan すると、全体を読み直します。`),
		Args: p.exactly(1, "show|check|reset"), ValidArgs: []string{"show", "check", "reset"},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := p.checkLang(cmd); err != nil {
				return err
			}
			path, err := p.statePath(typed)
			if err != nil {
				return err
			}
			switch args[0] {
			case "show":
				return p.stateShow(path)
			case "check":
				return p.stateCheck(path)
			case "reset":
				return p.stateReset(cmd, path)
			}
			return p.usage(cmd, fmt.Sprintf(p.ui.tr("there are show, check and reset, not %q", "指定できるのは show, check, reset です（%q は使えません）"), args[0]))
		},
	}
	p.addStateFlag(cmd, &typed)
	return cmd
}

// openState opens a state to look at it. ok is false where there is none that can be read, which was said.
func (p *program) openState(path string) (s *state.Store, ok bool, err error) {
	if s, err = state.Open(path, true, p.now()); err != nil {
		return nil, false, err
	}
	for _, note := range s.Notes {
		p.ui.say(p.ui.tr("the state %s cannot be used: %s", "記録 %s は使えません: %s"), path, note.Err)
		p.code = exitAttention
	}
	if s.Fresh() && len(s.Notes) == 0 {
		p.ui.result(p.ui.tr("there is no state yet at %s", "%s に記録はまだありません"), path)
	}
	return s, !s.Fresh(), nil
}

func (p *program) stateShow(path string) error {
	s, ok, err := p.openState(path)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	if !ok {
		return nil
	}
	u := p.ui
	total, used := s.Size()
	u.result(u.tr("%s: %s, %s of it in use", "%s: %s（使用中 %s）"), path, bytesOf(total), bytesOf(used))
	for _, name := range slices.Sorted(maps.Keys(s.Root.Sources)) {
		raw, err := s.Section(s.Root.Sources[name].Table)
		if err != nil {
			return err
		}
		units, err := state.DecodeUnits(raw)
		if err != nil {
			return err
		}
		var count mailbox.Figures
		for _, unit := range units {
			count.Add(unit.Count)
		}
		files := fmt.Sprintf(u.trN(int64(len(units)), "%d file", "%d files", "%d ファイル"), len(units))
		messages := fmt.Sprintf(u.trN(count.Messages, "%d message", "%d messages", "%d 通"), count.Messages)
		u.result(u.tr("source   %s: %s, %s, %s", "ソース   %s: %s、%s、%s"), name, files, messages, bytesOf(count.Size))
	}
	for _, id := range slices.Sorted(maps.Keys(s.Root.Told)) {
		u.result(u.tr("told     %s  %s", "通知済み %s  %s"), id, s.Root.Told[id].At.Format("2006-01-02"))
	}
	for _, id := range s.Root.Unsent {
		u.result(u.tr("unsent   %s: --notify-cmd failed", "未送信   %s: --notify-cmd が失敗しました"), id)
	}
	if t := s.Root.Telling; t != nil {
		u.result(u.tr("a run of %s was ended before it could say what it had told", "%s の実行は、お知らせの記録を終える前に終了しました"), t.At.Format("2006-01-02 15:04"))
	}
	return nil
}

func (p *program) stateCheck(path string) error {
	s, ok, err := p.openState(path)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	if !ok {
		return nil
	}
	n, err := s.Check()
	if err != nil {
		p.code = exitAttention
		p.ui.result(p.ui.tr("damaged: %s; the next run sets aside what it cannot use and reads that mail again", "壊れています: %s。次回の実行で、使えない部分を退避して読み直します"), err)
		return nil
	}
	p.ui.result(p.ui.tr("sound: %d parts were read and their checksums agree", "異常ありません。%d 個の部分を読み、チェックサムが一致しました"), n)
	return nil
}

func (p *program) stateReset(cmd *cobra.Command, path string) error {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		p.ui.result(p.ui.tr("there is no state yet at %s", "%s に記録はまだありません"), path)
		return nil
	}
	lock, err := state.Acquire(cmd.Context(), path, false)
	if errors.Is(err, state.ErrLocked) {
		return &failure{exitInternal, p.ui.tr("another run is using the state", "記録はほかの実行が使用中です"), p.ui.tr("try again when it is done", "終わってからもう一度お試しください"), err}
	}
	if err != nil {
		return fmt.Errorf("locking the state: %w", err)
	}
	if err := errors.Join(os.Remove(path), lock.Release()); err != nil {
		return fmt.Errorf("forgetting the state: %w", err)
	}
	p.ui.result(p.ui.tr("forgotten; acknowledgements are kept", "消去しました。確認済みの一覧は残っています"))
	return nil
}
