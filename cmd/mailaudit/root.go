package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mailaudit/mailaudit/analyzer"
	"github.com/mailaudit/mailaudit/analyzer/message/attachment/inspect"
	"github.com/mailaudit/mailaudit/report/view"
)

// run is the whole program: it returns the exit code.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	// A reader that goes away must not end the run with a signal: the reports are still to be written.
	signal.Ignore(syscall.SIGPIPE)
	return runIn(thisSystem(stdin, stdout, stderr), args, stdin, stdout, stderr)
}

// thisSystem is the system that the program runs on.
func thisSystem(stdin io.Reader, stdout, stderr io.Writer) system {
	self, err := os.Executable()
	if err != nil {
		self = "" // pictures and PDF are looked into in this process then
	}
	return system{getenv: os.Getenv, now: time.Now, leave: os.Exit, self: self, person: onTerminal(stdin, stdout, stderr), desk: fromDesktop(os.Getenv, stdin, stdout, stderr), browse: startBrowser}
}

// program is what the subcommands share.
type program struct {
	system
	args  []string
	stdin io.Reader
	ui    *ui
	code  int // of a command that ended without an error

	children *inspect.Pool           // look into pictures and PDF; nil while there is none
	watch    func(analyzer.Progress) // is told how far a scan is, in the place of the terminal; nil for nobody
}

func runIn(sys system, args []string, stdin io.Reader, stdout, stderr io.Writer) (exit int) {
	p := &program{system: sys, args: args, stdin: stdin, ui: newUI(stdout, stderr, language(args, sys.getenv), sys.getenv)}
	defer func() {
		if v := recover(); v != nil {
			p.ui.fail(fmt.Errorf("internal error: %v", v))
			exit = exitInternal
		}
	}()
	defer func() {
		if p.children != nil {
			p.children.Close()
		}
	}()
	root := p.root()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(p.ui.out)
	root.SetErr(p.ui.err)
	if err := root.ExecuteContext(context.Background()); err != nil {
		p.ui.fail(p.explainError(err))
		return code(err)
	}
	return p.code
}

// root is the command mailaudit without a subcommand.
func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use: "mailaudit",
		Long: p.ui.tr(
			`mailaudit reads a mailbox and answers: was my Amazon account touched, which mails
are fakes, which statements did I miss, and what should I do now.

It reads only, and nothing leaves the machine. Begin with:

  mailaudit                  shows the mail on this computer and asks
  mailaudit open             the same in the browser
  mailaudit scan PATH        PATH is an mbox, a Maildir, a folder of mail, a
                             Thunderbird profile, an Outlook data file (.pst, .ost),
                             or a Google Takeout archive`,
			`mailaudit はメールボックスを読み、次の問いに答えます。
Amazonのアカウントに異変はなかったか。どのメールが偽物か。見落とした利用明細はないか。
そして、いま何をすればよいか。

メールは読むだけで変更せず、どこにも送信しません。まずはこちらから:

  mailaudit                  このコンピューターにあるメールを一覧にし、
                             どれを調べるか尋ねます
  mailaudit open             同じことをブラウザーで行います
  mailaudit scan PATH        PATH には mbox、Maildir、メールのフォルダー、
                             Thunderbirdのプロファイル、Outlookのデータ
                             ファイル（.pst、.ost）、Google Takeoutの
                             アーカイブを指定できます`),
		SilenceErrors: true, SilenceUsage: true, SuggestionsMinimumDistance: 2,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if p.desk {
				return p.open(cmd, openFlags{}, args)
			}
			if len(args) > 0 {
				return p.unknownCommand(cmd, args[0])
			}
			if p.person {
				return p.choose(cmd)
			}
			cmd.SetOut(p.ui.err)
			if err := cmd.Help(); err != nil {
				return err
			}
			p.code = exitUsage
			return nil
		},
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	root.PersistentFlags().String("lang", "", p.ui.tr("write texts and reports in `LANG`, ja or en (default: from the locale)", "文章とレポートの言語を `LANG`（ja または en）にする（省略時はロケールに従う）"))
	root.PersistentFlags().BoolP("help", "h", false, p.ui.tr("show this help", "このヘルプを表示する"))
	root.Version = version
	root.Flags().BoolP("version", "v", false, p.ui.tr("print the version", "バージョンを表示する"))
	root.SetVersionTemplate("mailaudit {{.Version}}\n")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return &failure{exitUsage, p.flagError(err), p.helpHint(cmd), err}
	})
	root.AddCommand(p.scanCommand(), p.findCommand(), p.openCommand(), p.reportCommand(), p.explainCommand(), p.verifyCommand(), p.rulesCommand(), p.ackCommand(), p.unackCommand(), p.scheduleCommand(), p.stateCommand(), p.exportCommand(), p.keysCommand(), p.versionCommand(), p.completionCommand(), p.manCommand(), p.inspectCommand())
	root.SetHelpCommand(&cobra.Command{
		Use: "help [COMMAND]", Short: p.ui.tr("help about a command", "コマンドの説明を表示する"),
		RunE: func(cmd *cobra.Command, args []string) error {
			to, rest, err := root.Find(args)
			if err != nil || to == nil || len(rest) > 0 {
				return p.unknownCommand(root, strings.Join(args, " "))
			}
			return to.Help()
		},
	})
	root.SetUsageTemplate(p.usageTemplate())
	root.SetHelpTemplate("{{with (or .Long .Short)}}{{. | trimTrailingWhitespaces}}\n\n{{end}}{{.UsageString}}")
	must(root.RegisterFlagCompletionFunc("lang", cobra.FixedCompletions([]string{"ja", "en"}, cobra.ShellCompDirectiveNoFileComp)))
	return root
}

// usageTemplate is cobra's, with headings in the user's language.
func (p *program) usageTemplate() string {
	return p.ui.tr("Usage:", "使い方:") + `{{if .Runnable}}
  {{.UseLine}}{{end}}{{if .HasAvailableSubCommands}}
  {{.CommandPath}} COMMAND{{end}}{{if .HasExample}}

` + p.ui.tr("Examples:", "例:") + `
{{.Example}}{{end}}{{if .HasAvailableSubCommands}}

` + p.ui.tr("Commands:", "コマンド:") + `{{range .Commands}}{{if (or .IsAvailableCommand (eq .Name "help"))}}
  {{rpad .Name .NamePadding }} {{.Short}}{{end}}{{end}}{{end}}{{if .HasAvailableLocalFlags}}

` + p.ui.tr("Flags:", "オプション:") + `
{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}{{if .HasAvailableInheritedFlags}}

` + p.ui.tr("Flags of all commands:", "共通のオプション:") + `
{{.InheritedFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}
`
}

// explainError turns what cobra and the analyzer return into words with a hint.
func (p *program) explainError(err error) error {
	var f *failure
	switch {
	case errors.As(err, &f):
		return err
	case errors.Is(err, analyzer.ErrNothing):
		return &failure{
			exitNothing, p.ui.tr("no mailbox found", "メールボックスが見つかりません"),
			p.ui.tr("name an mbox file, a Maildir, a folder with .eml files, a Thunderbird profile, an Outlook data file or a Takeout .zip or .tgz",
				"mboxファイル、Maildir、.emlのあるフォルダー、Thunderbirdのプロファイル、Outlookのデータファイル、Takeoutの.zipや.tgzを指定してください"), err,
		}
	}
	return err
}

func (p *program) unknownCommand(cmd *cobra.Command, name string) error {
	hint := p.helpHint(cmd)
	if near := cmd.SuggestionsFor(name); len(near) > 0 {
		hint = fmt.Sprintf(p.ui.tr("did you mean %q?", "%q のことでしょうか"), near[0])
	} else if _, err := os.Stat(name); err == nil {
		hint = fmt.Sprintf(p.ui.tr("to scan it: mailaudit scan %s", "スキャンするには: mailaudit scan %s"), name)
	}
	return &failure{exitUsage, fmt.Sprintf(p.ui.tr("there is no command %q", "%q というコマンドはありません"), name), hint, nil}
}

func (p *program) flagError(err error) string {
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) {
		name := "--" + unknown.GetSpecifiedName()
		if short := unknown.GetSpecifiedShortnames(); short != "" {
			name = "-" + unknown.GetSpecifiedName()
		}
		return fmt.Sprintf(p.ui.tr("there is no flag %s", "%s というオプションはありません"), name)
	}
	var missing *pflag.ValueRequiredError
	if errors.As(err, &missing) {
		return fmt.Sprintf(p.ui.tr("the flag --%s needs a value", "オプション --%s には値が必要です"), missing.GetSpecifiedName())
	}
	var invalid *pflag.InvalidValueError
	if errors.As(err, &invalid) {
		return fmt.Sprintf(p.ui.tr("the flag --%s cannot be %q", "オプション --%s に %q は指定できません"), invalid.GetFlag().Name, invalid.GetValue())
	}
	return err.Error()
}

func (p *program) helpHint(cmd *cobra.Command) string {
	return fmt.Sprintf(p.ui.tr("see %s --help", "%s --help をご覧ください"), cmd.CommandPath())
}

// usage is an error of wrong usage.
func (p *program) usage(cmd *cobra.Command, text string) error {
	return &failure{exitUsage, text, p.helpHint(cmd), nil}
}

// atLeast wants n arguments or more.
func (p *program) atLeast(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < n {
			return p.usage(cmd, fmt.Sprintf(p.ui.tr("%s is missing", "%s が指定されていません"), what))
		}
		return nil
	}
}

// exactly wants n arguments.
func (p *program) exactly(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > n {
			return p.usage(cmd, fmt.Sprintf(p.ui.tr("unexpected %q", "余分な引数があります: %q"), args[n]))
		}
		return p.atLeast(n, what)(cmd, args)
	}
}

// language finds the language before the flags are read, since help and errors need it: --lang, else the locale by the
// precedence of POSIX (LC_ALL, LC_MESSAGES, LANG).
func language(args []string, getenv func(string) string) view.Lang {
	for i, a := range args {
		value, ok := strings.CutPrefix(a, "--lang=")
		if !ok && a == "--lang" && i+1 < len(args) {
			value, ok = args[i+1], true
		}
		if ok && (value == string(view.JA) || value == string(view.EN)) {
			return view.Lang(value)
		}
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := getenv(name); v != "" {
			if strings.HasPrefix(v, "ja") {
				return view.JA
			}
			return view.EN
		}
	}
	return view.EN
}

// checkLang refuses a --lang there are no texts for.
func (p *program) checkLang(cmd *cobra.Command) error {
	v, err := cmd.Flags().GetString("lang")
	if err != nil {
		return err
	}
	if v != "" && v != string(view.JA) && v != string(view.EN) {
		return p.usage(cmd, fmt.Sprintf(p.ui.tr("--lang is ja or en, not %q", "--lang は ja か en です（%q は使えません）"), v))
	}
	return nil
}

// must ends the program on an error that only a mistake in this folder can cause.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
