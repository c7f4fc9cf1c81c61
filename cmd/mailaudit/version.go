package main

import (
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/event"
)

// version is that of the next or current release (see CHANGELOG.md). It stands in the stream's config record.
const version = "0.1.0"

func (p *program) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: p.ui.tr("print version and digests of the rules", "バージョンとルールのハッシュ値を表示する"), Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			p.ui.result("mailaudit %s", version)
			p.ui.result("brands %s", brand.BuiltinDigest())
			p.ui.result("events %s", event.Builtin().Digest())
			if info, ok := debug.ReadBuildInfo(); ok {
				for _, s := range info.Settings {
					if s.Key == "vcs.revision" {
						p.ui.result("commit %s", s.Value)
					}
				}
			}
			p.ui.result("%s %s/%s", runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return nil
		},
	}
}

func (p *program) completionCommand() *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use: "completion SHELL", Short: p.ui.tr("print completions for bash, zsh, fish or powershell", "シェルの補完スクリプトを表示する（bash, zsh, fish, powershell）"),
		Example: `  mailaudit completion bash > ~/.local/share/bash-completion/completions/mailaudit
  mailaudit completion zsh > "${fpath[1]}/_mailaudit"`,
		Args: p.exactly(1, "SHELL"), ValidArgs: shells,
		RunE: func(cmd *cobra.Command, args []string) error {
			root, out := cmd.Root(), p.ui.resultWriter()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(out, true)
			case "zsh":
				return root.GenZshCompletion(out)
			case "fish":
				return root.GenFishCompletion(out, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(out)
			}
			return p.usage(cmd, p.ui.tr("SHELL is bash, zsh, fish or powershell", "SHELL は bash, zsh, fish, powershell のいずれかです"))
		},
	}
}
