package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/mailaudit/mailaudit/analyzer"
	"github.com/mailaudit/mailaudit/analyzer/script"
	"github.com/mailaudit/mailaudit/cmd/mailaudit/window"
	"github.com/mailaudit/mailaudit/report/view"
)

// openFlags are the flags of open as typed.
type openFlags struct{ noBrowser bool }

func (p *program) openCommand() *cobra.Command {
	var f openFlags
	cmd := &cobra.Command{
		Use:   "open [PATH...]",
		Short: p.ui.tr("choose mail and see the report in the browser", "ブラウザーでメールを選び、結果を見る"),
		Long: p.ui.tr(
			`Show the mail on this computer in the browser, look at what is chosen there, and show
the report: the page to read, a sheet to hand over, the page and the workbook to keep.
This is also what happens when mailaudit is started by a double click, or when files
are dropped on its icon.

The page is served on the loopback interface of this computer alone, under an address
that is drawn anew each time, and to one browser. Nothing leaves the computer, the mail
is only read, and what is not saved is deleted at the end.

It ends with Quit, with Ctrl-C, or two minutes after its page was closed.`,
			`このコンピューターにあるメールをブラウザーに表示し、選んだものを調べて、レポートを
見せます。読むためのページ、提出用の1枚、保存用のページとブックがあります。
mailauditをダブルクリックで起動したときや、アイコンにファイルをドロップしたときにも、
この画面が開きます。

ページはこの機器の内部（ループバック）だけで、毎回変わるアドレスを使い、1つの
ブラウザーだけに見せます。データが機器の外に出ることはなく、メールは読むだけです。
保存しなかったものは、終了時に削除されます。

終了するには、画面の「mailauditを終了する」を押すか、Ctrl-C を押します。ページを閉じると
2分後に自動で終了します。`),
		Example: `  mailaudit open
  mailaudit open takeout-20260301-001.zip`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return p.open(cmd, f, args) },
	}
	cmd.Flags().BoolVar(&f.noBrowser, "no-browser", false, p.ui.tr("print the address and start no browser", "ブラウザーを起動せず、アドレスを表示する"))
	return cmd
}

// How long the window stays after its last page was closed, how long it waits for a browser, and how long a folder may take to be
// listed.
const (
	patience    = 5 * time.Second
	idleWindow  = 2 * time.Minute
	firstWindow = 10 * time.Minute
)

// open serves the window until the person ends it.
func (p *program) open(cmd *cobra.Command, f openFlags, paths []string) error {
	if err := p.checkLang(cmd); err != nil {
		return err
	}
	if err := p.checkPaths(paths); err != nil {
		return err
	}
	given := make([]string, len(paths))
	for i, path := range paths {
		abs, err := filepath.Abs(path)
		if err != nil {
			return fmt.Errorf("finding %s: %w", path, err)
		}
		given[i] = abs
	}
	dir, err := os.MkdirTemp("", "mailaudit-open-")
	if err != nil {
		return fmt.Errorf("making a folder for the reports: %w", err)
	}
	defer os.RemoveAll(dir)
	out := filepath.Join(dir, "report")
	w, err := window.Open(window.Config{
		Find: p.foundIn, Given: given, Roots: p.roots(), Dir: out, Visible: script.Visible, Idle: idleWindow, First: firstWindow, Patience: patience,
		Scan: func(ctx context.Context, lang string, paths []string, progress func(window.Progress)) window.Outcome {
			return p.scanInto(ctx, out, lang, paths, progress)
		},
	})
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if f.noBrowser {
		p.ui.result("%s", w.Address())
	} else {
		p.show(w.Address())
		p.ui.say("%s", p.ui.tr("the page is in your browser; Ctrl-C ends it", "ブラウザーにページを開きました。終了するには Ctrl-C を押してください"))
	}
	return w.Serve(ctx)
}

// speaking is the program in another language.
func (p *program) speaking(lang string) *program {
	q := *p
	q.ui = &ui{out: p.ui.out, err: p.ui.err, lang: view.Lang(lang), color: p.ui.color, width: p.ui.width}
	q.children = nil
	return &q
}

// foundIn lists the mail on this computer in the words of a language.
func (p *program) foundIn(ctx context.Context, lang string) []window.Store {
	q := p.speaking(lang)
	found, err := q.find(ctx)
	if err != nil {
		return nil // the list of places is in the program
	}
	var list []window.Store
	for _, st := range found.Stores {
		list = append(list, window.Store{
			Title: script.Visible(q.storeTitle(st)), Extent: q.storeExtent(st), Accounts: script.Visible(q.storeAccounts(st)),
			Path: script.Visible(q.storePath(st)), Trouble: q.storeTrouble(st), Paths: st.Paths,
		})
	}
	return list
}

// roots are where a walk through folders begins: the person's own folder, and where disks are.
func (p *program) roots() (list []string) {
	add := func(path string) {
		if info, err := os.Stat(path); path != "" && err == nil && info.IsDir() && !slices.Contains(list, path) {
			list = append(list, path)
		}
	}
	if runtime.GOOS == "windows" {
		add(p.getenv("USERPROFILE"))
		for c := 'C'; c <= 'Z'; c++ {
			add(string(c) + `:\`)
		}
		return list
	}
	add(p.getenv("HOME"))
	for _, path := range []string{"/Volumes", "/media", "/run/media", "/mnt"} {
		add(path)
	}
	return list
}

// scanInto runs scan as it is on the command line, into a folder, and tells how far it is.
func (p *program) scanInto(ctx context.Context, dir, lang string, paths []string, progress func(window.Progress)) window.Outcome {
	q := p.speaking(lang)
	q.args = append([]string{"scan"}, paths...)
	defer func() {
		if q.children != nil {
			q.children.Close()
		}
	}()
	var total atomic.Int64
	go func() {
		var n int64
		for _, path := range paths {
			n += sizeOf(ctx, path)
		}
		total.Store(n)
	}()
	var last time.Time
	q.watch = func(s analyzer.Progress) {
		if now := time.Now(); s.Read || now.Sub(last) > 100*time.Millisecond {
			last = now
			progress(window.Progress{Bytes: s.Bytes, Total: total.Load(), Messages: s.Messages, Tells: s.Facts, Concluding: s.Read})
		}
	}
	scan := q.root()
	scan.SetOut(q.ui.err)
	scan.SetErr(q.ui.err)
	scan.SetArgs(append([]string{"scan", "--lang", lang, "--quiet", "--output", dir, "--format", "html,xlsx,jsonl,summary", "--"}, paths...))
	err := scan.ExecuteContext(ctx)
	if err == nil {
		return window.Outcome{Interrupted: ctx.Err() != nil}
	}
	out := window.Outcome{Error: script.Visible(err.Error())}
	if f := (*failure)(nil); errors.As(q.explainError(err), &f) {
		out.Error, out.Hint = script.Visible(f.text), script.Visible(f.hint)
	}
	return out
}
